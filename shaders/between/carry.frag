// What a camera between two others sees, from what they saw: along its row each pixel looks for the pixels of
// either that their parallax moves onto it, takes the nearest to
// the eye (or the brightest), and mixes the two by closeness.
#include "lib/camera.glsl"

out vec4 radiance;

uniform sampler2D left_light, right_light;
uniform sampler2D left_moves, right_moves;     // parallax.frag's
uniform sampler2D left_range, right_range;
uniform vec2 away;       // px that a parallax of 1 is moved by, from the left and from the right camera
uniform float share;     // of the right one
uniform float focus;   // m to the focal plane
uniform float apart;     // between two surfaces, of what was chosen by; ALL where nothing is opaque

const float NONE = 1e9;
const float TORN = 1.7;  // px between neighbours beyond which they are not one surface

#ifndef BLOCK
#define BLOCK 16   // px of a block's side, which is divided by and so must be a constant
#endif

// The place in a row of `moves` that comes to x, px; by what it was chosen, NONE where none does; its parallax.
vec3 source(sampler2D moves, sampler2D range, float by, int x, int y) {
    int last = textureSize(moves, 0).x - 1;
    vec2 span = texelFetch(range, ivec2(x, y) / BLOCK, 0).rg * by;
    int low = max(x - int(ceil(max(span.x, span.y))) - 1, 0);
    int high = min(x - int(floor(min(span.x, span.y))) + 1, last);
    vec3 best = vec3(float(x), NONE, 0.0);
    vec2 before = texelFetch(moves, ivec2(low, y), 0).rg;
    float at = float(low) + before.r * by;
    for (int j = low + 1; j <= high; j++) {
        vec2 here = texelFetch(moves, ivec2(j, y), 0).rg;
        float to = float(j) + here.r * by;
        float step = to - at;
        if (step > 0.0 && step < TORN && at <= float(x) && float(x) < to) {
            float t = (float(x) - at) / step;
            vec2 between = mix(before, here, t);
            if (between.g < best.y) best = vec3(float(j - 1) + t, between.gr);
        }
        before = here;
        at = to;
    }
    return best;
}

// A row's light between its pixels.
vec4 light_at(sampler2D light, float place, int y) {
    return texture(light, (vec2(place, y) + 0.5) / vec2(textureSize(light, 0)));
}

void main() {
    int x = int(gl_FragCoord.x), y = int(gl_FragCoord.y);
    vec3 l = source(left_moves, left_range, away.x, x, y);
    vec3 r = source(right_moves, right_range, away.y, x, y);
    float mixed = share;
    if (abs(l.y - r.y) > apart) mixed = l.y < r.y ? 0.0 : 1.0;   // one looks past what hides it
    radiance = mix(light_at(left_light, l.x, y), light_at(right_light, r.x, y), mixed);
    float parallax = mixed < 0.5 ? l.z : r.z;
    gl_FragDepth = parallax == 0.0 ? 1.0 : depth_of(focus / (1.0 - parallax));
}
