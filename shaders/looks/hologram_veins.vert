// A home becomes a stretch of a vein: drawn to the middle of what network is about it (mean shift), and laid
// along it (the longest axis of its covariance). Stretches overlap, so that together they are one line.
#include "lib/volume.glsl"
in vec3 home;
in float number;
out vec3 at;
out vec3 along;       // half of its length, m
out float radius;
out vec3 light;

uniform sampler3D shape;      // solid, tip, network, age
uniform sampler3D lights;
uniform vec3 body_origin, body_size;
uniform float voxel;
uniform float fine;           // radius of a line, m
uniform mat4x3 spectra;
uniform float glow, veins;

float network(vec3 p) {
    return texture(shape, in_box(p, body_origin, body_size)).b;
}

void main() {
    at = home;
    along = vec3(0.0);
    radius = 0.0;
    light = vec3(0.0);
    vec3 p = home;
    mat3 shape_of = mat3(0.0);
    float mass = 0.0;
    for (int k = 0; k < 2; k++) {
        vec3 sum = vec3(0.0);
        mass = 0.0;
        shape_of = mat3(0.0);
        for (int i = 0; i < 27; i++) {
            vec3 o = vec3(i % 3, (i / 3) % 3, i / 9) - 1.0;
            float n = network(p + o * 1.25 * voxel) * exp(-0.35 * dot(o, o));
            sum += n * o;
            mass += n;
            shape_of += n * outerProduct(o, o);
        }
        if (mass < 0.2) return;
        vec3 shift = sum / mass;
        shape_of = shape_of / mass - outerProduct(shift, shift);
        p += clamp(1.25 * shift, -1.0, 1.0) * voxel;
    }
    vec3 t = normalize(vec3(0.3, 0.9, 0.2));
    for (int i = 0; i < 5; i++) t = normalize(shape_of * t + 1e-6);
    float moved = length(cross(p - home, t)) / voxel;
    float near = (1.0 - smoothstep(0.9, 1.7, moved)) * smoothstep(0.1, 0.5, network(p));
    if (near <= 0.0) return;
    at = p;
    along = t * voxel * 1.5;
    radius = fine;
    vec4 met = texture(lights, in_box(p, body_origin, body_size));
    light = near * veins * mix(0.6, 1.4, number) * (glow * 0.5 * (spectra * met) + vec3(0.05, 0.09, 0.12));
}
