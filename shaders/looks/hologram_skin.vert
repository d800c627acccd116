// A home becomes a grain on the skin: moved down the body's slope onto the surface where solid is a half. It
// shines by how near its home is to the skin, in one emitter's colour, as often as that one has a share.
#include "lib/volume.glsl"
in vec3 home;
in float number;
out vec3 at;
out vec3 along;       // the skin's normal
out float radius;     // m
out vec3 light;

uniform sampler3D shape;      // solid, tip, network, age
uniform sampler3D lights;
uniform sampler3D marks;      // pattern, matter
uniform vec3 body_origin, body_size;
uniform float voxel, layer;   // m; layer: how far from the skin a home may be
uniform float spacing, breadth;
uniform mat4x3 spectra;
uniform float glow, scan, tips;

const vec3 COLD = vec3(0.34, 0.62, 1.0);

float solid_at(vec3 p) {
    vec3 q = in_box(p, body_origin, body_size);
    return texture(shape, q).r;
}

vec3 slope(vec3 p) {
    vec2 h = vec2(0.9 * voxel, 0.0);
    return vec3(solid_at(p + h.xyy) - solid_at(p - h.xyy), solid_at(p + h.yxy) - solid_at(p - h.yxy),
                solid_at(p + h.yyx) - solid_at(p - h.yyx)) / (1.8 * voxel);
}

void main() {
    at = home;
    along = vec3(0.0, 1.0, 0.0);
    radius = 0.0;
    light = vec3(0.0);
    vec3 g = slope(home);
    float steep = length(g);
    if (steep * voxel < 0.02 || abs(solid_at(home) - 0.5) > 1.6 * layer * steep + 0.2) return;
    vec3 p = home;
    for (int i = 0; i < 3; i++) {
        float off = (0.5 - solid_at(p)) / max(steep, 0.05 / voxel);
        p += g / steep * clamp(off, -voxel, voxel);
        g = slope(p);
        steep = max(length(g), 1e-4);
    }
    float near = 1.0 - smoothstep(0.3, 1.0, distance(p, home) / layer);
    near *= 1.0 - smoothstep(0.05, 0.2, abs(solid_at(p) - 0.5));
    if (near <= 0.0) return;
    at = p;
    along = -g / steep;
    vec3 inside = in_box(p - 1.3 * voxel * along, body_origin, body_size);
    vec4 here = texture(shape, inside);
    vec4 met = texture(lights, inside);
    vec4 mark = texture(marks, inside);
    float all = dot(met, vec4(1.0));
    vec4 share = met * met;
    share /= max(dot(share, vec4(1.0)), 1e-8);
    vec4 upto = vec4(share.x, share.x + share.y, share.x + share.y + share.z, 1.0);
    float pick = fract(7.31 * number);
    vec4 below = smoothstep(pick - 0.08, pick + 0.08, upto);
    below.w = 1.0;
    vec3 one = spectra * (all * vec4(below.x, max(below.yzw - below.xyz, 0.0)));
    float rare = pow(number, 7.0);                    // few are large, as stars are
    vec3 own = glow * (0.92 * one + 0.08 * (spectra * met)) + scan * COLD * (0.5 + 0.5 * along.y);
    own *= 1.0 + tips * (3.0 * here.g + mark.r);
    light = own * mix(0.7, 1.0, fract(3.7 * number)) * (1.0 + 1.2 * rare);
    radius = breadth * spacing * (0.72 + 0.2 * fract(5.3 * number) + 0.9 * rare) * near;
}
