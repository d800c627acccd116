// A home becomes a stitch of the loom: on the skin, and there on the nearest of its warp or weft lines, which are
// where the skin meets planes `weave` apart. Wefts lie level, warps stand; each goes over one and under the next.
#include "lib/settle.glsl"
in vec3 home;
in float number;
out vec3 at;
out vec3 along;       // half of its length, m
out float radius;
out vec3 light;

uniform sampler3D lights;
uniform mat4x3 spectra;
uniform float grain, weave;
uniform float loom, glow, key;
uniform vec3 key_from;

const float PI = 3.14159265;
const vec3 LINEN = vec3(1.0, 0.60, 0.30);

void main() {
    radius = 0.0;
    light = vec3(0.0);
    along = vec3(0.0);
    vec3 normal, p;
    float near = settle(home, p, normal);
    at = p;
    if (near <= 0.0) return;
    bool weft = fract(5.3 * number) < 0.5;
    vec3 level = vec3(0.0, 1.0, 0.0), one = vec3(0.77, 0.0, 0.64), other = vec3(-0.64, 0.0, 0.77);
    vec3 standing = abs(dot(normal, one)) < abs(dot(normal, other)) ? one : other;
    vec3 m = weft ? level : standing, cross_of = weft ? standing : level;
    vec3 flat_m = m - normal * dot(m, normal);
    float flat_enough = length(flat_m);
    if (flat_enough < 0.3) return;
    float line = floor(dot(p, m) / weave + 0.5);
    for (int i = 0; i < 2; i++) {
        p += flat_m / (flat_enough * flat_enough) * (line * weave - dot(p, m));
        vec3 g = slope(p);
        float steep = max(length(g), 0.05 / voxel);
        p += g / steep * clamp((0.5 - solid_at(p)) / steep, -voxel, voxel);
    }
    near *= 1.0 - smoothstep(0.08, 0.2, abs(solid_at(p) - 0.5));
    float phase = dot(p, cross_of) / weave + line + (weft ? 0.0 : 1.0);
    float over = 0.5 + 0.5 * cos(PI * phase);
    at = p + normal * 0.012 * over;
    along = normalize(cross(normal, m)) * max(3.0 * grain * grain / weave, 0.6 * grain);
    radius = 0.0045;
    vec3 shine = spectra * texture(lights, in_box(p - 1.3 * voxel * normal, body_origin, body_size));
    float lit = 0.5 + 0.7 * key * max(dot(normal, key_from), 0.0);
    vec3 linen = LINEN * (loom * lit + 0.3 * glow * dot(shine, vec3(0.3333)));
    light = near * smoothstep(0.3, 0.6, flat_enough) * mix(0.10, 1.0, over * over) * (linen + 0.25 * glow * shine);
    light *= mix(0.6, 1.3, fract(3.7 * number));
}
