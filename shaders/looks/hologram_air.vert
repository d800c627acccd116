// A home in the air becomes a grain that the flow takes along and that dies away and comes again at its own
// time: of smog, spores or spill, as many as there is of them, and sparks where the air flashes.
#include "lib/volume.glsl"
in vec3 home;
in float number;
out vec3 at;
out vec3 along;       // half of its length, m
out float radius;
out vec3 light;

uniform sampler3D air;        // spores, spill, flash, smog
uniform sampler3D velocity;   // x, y, z
uniform vec3 air_origin, air_size;
uniform vec3 fastest;         // m/s that is 1
uniform float spacing;        // m
uniform float grains, flashes, drift;
uniform vec3 flash_colour;
uniform float t, life;        // s, of a grain

const vec3 SMOG = vec3(1.0, 0.55, 0.24), SPORES = vec3(0.3, 1.0, 0.45), SPILL = vec3(0.9, 0.25, 0.75);

vec3 flow(vec3 p) {
    return texture(velocity, in_box(p, air_origin, air_size)).rgb * fastest;
}

void main() {
    at = home;
    along = vec3(0.0);
    radius = 0.0;
    light = vec3(0.0);
    float age = fract(t / life + 5.7 * number);
    vec3 v = flow(home);
    float back = drift * (age - 0.5);
    vec3 p = home + 0.5 * back * v;
    v = flow(p);
    p = home + back * v;
    vec3 q = in_box(p, air_origin, air_size);
    if (q != clamp(q, 0.0, 1.0)) return;
    vec4 here = texture(air, q);
    vec3 walls = smoothstep(0.0, 0.12, q) * smoothstep(0.0, 0.12, 1.0 - q);
    walls.y = 1.0;                                              // of zyx: the ground is no wall
    float alive = sin(3.14159265 * age);
    vec3 seed = fract(number * vec3(1.0, 13.7, 29.3) + vec3(0.0, 0.31, 0.77));
    vec3 dense = vec3(here.a, here.r, here.g) * vec3(0.55, 0.8, 3.0);
    vec3 there = smoothstep(seed * seed - 0.02, seed * seed + 0.1, dense * dense);
    vec3 all = grains * (there.x * SMOG + there.y * SPORES + there.z * SPILL);
    float spark = smoothstep(0.0, 0.3, here.b - 0.35 * fract(41.3 * number));
    all = all * alive * alive + flashes * 9.0 * spark * here.b * flash_colour * pow(fract(17.1 * number), 3.0);
    light = all * walls.x * walls.z;
    if (max(light.r, max(light.g, light.b)) < 1e-3) return;   // radius 0: not there
    at = p;
    along = flow(p) * 0.14 * (0.4 + fract(19.3 * number));
    radius = spacing * (0.018 + 0.034 * pow(fract(11.9 * number), 4.0));
}
