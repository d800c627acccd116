// A home becomes a grain on the skin: moved down the body's slope onto the surface where solid is a half. It
// shines by how near its home is to the skin, in one emitter's colour, as often as that one has a share.
#include "lib/settle.glsl"
in vec3 home;
in float number;
out vec3 at;
out vec3 along;       // the skin's normal
out float radius;     // m
out vec3 light;

uniform sampler3D lights;
uniform sampler3D marks;      // pattern, matter
uniform float spacing, breadth;
uniform mat4x3 spectra;
uniform float glow, scan, tips;

const vec3 COLD = vec3(0.34, 0.62, 1.0);

void main() {
    radius = 0.0;
    light = vec3(0.0);
    float near = settle(home, at, along);
    if (near <= 0.0) return;
    vec3 inside = in_box(at - 1.3 * voxel * along, body_origin, body_size);
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
