// What a camera between two others sees, from what they saw: along its row each pixel looks for the pixels of
// the nearer one that their parallax moves onto it, and takes the foremost. In the farther one it looks about
// where that point must be, and wider for what the nearer one did not see or what may stand before it. The two
// are mixed by closeness.
#include "lib/camera.glsl"

out vec4 radiance;

uniform sampler2D near_light, far_light;
uniform sampler2D near_moves, far_moves;   // parallax.frag's
uniform sampler2D near_range, far_range;   // reach.frag's
uniform vec2 away;     // px that a parallax of 1 is moved by, from the nearer and from the farther camera
uniform float share;   // of the farther one
uniform float focus;   // m to the focal plane
uniform float apart;   // of parallax between two surfaces

const float NOWHERE = 1e9;   // px
const float UNSEEN = 10.0;   // of rank, more than any has
const float TORN = 1.7;  // px between neighbours beyond which they are not one surface

#ifndef BLOCK
#define BLOCK ivec2(16, 8)   // px of a block, which are divided by and so must be constants
#endif

// The place in a row, px, that comes to x; its rank, least in front, UNSEEN more where it is guessed; its parallax.
struct Found {
    float place, rank, parallax;
};

// Whether what lies between two neighbours, the left one at `left`, comes to x and is in front of what did. Where
// they are torn apart, what the one behind shows is taken to go on.
void meet(inout Found best, float x, float left, vec2 to, vec2 rank, vec2 parallax) {
    if (to.x <= x && x < to.y) {
        bool torn = to.y - to.x >= TORN;
        float t = torn ? step(rank.x, rank.y) : (x - to.x) / (to.y - to.x);
        float here = mix(rank.x, rank.y, t) + (torn ? UNSEEN : 0.0);
        if (here < best.rank) best = Found(left + t, here, mix(parallax.x, parallax.y, t));
    }
}

// The foremost of the pixels `within` a row that comes to x.
Found source(sampler2D moves, float by, int x, int y, ivec2 within) {
    Found best = Found(float(x), 2.0 * UNSEEN, 0.0);
    vec3 last = vec3(NOWHERE, 0.0, 0.0);   // of the pixel before: where to, rank, parallax
    for (int q = within.x >> 2; q <= within.y >> 2; q++) {
        vec4 parallax = texelFetch(moves, ivec2(q, y), 0);
        vec4 rank = mix(parallax, vec4(1.0), equal(parallax, vec4(0.0)));   // nothing is infinitely far
        vec4 from = float(4 * q) + vec4(0.0, 1.0, 2.0, 3.0), to = from + parallax * by;
        meet(best, float(x), from.x - 1.0, vec2(last.x, to.x), vec2(last.y, rank.x), vec2(last.z, parallax.x));
        meet(best, float(x), from.x, to.xy, rank.xy, parallax.xy);
        meet(best, float(x), from.y, to.yz, rank.yz, parallax.yz);
        meet(best, float(x), from.z, to.zw, rank.zw, parallax.zw);
        last = vec3(to.w, rank.w, parallax.w);
    }
    return best;
}

// The first and the last pixel of a row that may come to x.
ivec2 bounds(sampler2D range, float by, int x, int y, int last) {
    vec2 span = texelFetch(range, ivec2(x, y) / BLOCK, 0).rg * by;
    ivec2 most = ivec2(ceil(max(span.x, span.y)), floor(min(span.x, span.y)));
    return clamp(x - most + ivec2(-1, 1), 0, last);
}

// A row's light between its pixels.
vec4 light_at(sampler2D light, float place, int y) {
    return texture(light, (vec2(place, y) + 0.5) / vec2(textureSize(light, 0)));
}

void main() {
    int x = int(gl_FragCoord.x), y = int(gl_FragCoord.y), last = textureSize(near_light, 0).x - 1;
    Found near = source(near_moves, away.x, x, y, bounds(near_range, away.x, x, y, last));
    float there = float(x) - near.parallax * away.y;
    // Of what may come here from the farther view, is nothing in front of what the nearer one sees?
    bool clear = texelFetch(far_range, ivec2(x, y) / BLOCK, 0).r >= near.rank - apart;
    ivec2 within = clamp(int(floor(there)) + ivec2(-1, 2), 0, last);
    if (near.rank >= UNSEEN || !clear) within = bounds(far_range, away.y, x, y, last);
    Found far = source(far_moves, away.y, x, y, within);
    if (near.rank < UNSEEN && far.rank > UNSEEN && 0.0 <= there && there <= float(last))
        far = Found(there, near.rank + UNSEEN, near.parallax);   // light seen through light is there all the same
    float mixed = share;
    if (abs(near.rank - far.rank) > apart) mixed = near.rank < far.rank ? 0.0 : 1.0;   // one is hidden there
    radiance = mix(light_at(near_light, near.place, y), light_at(far_light, far.place, y), mixed);
    float parallax = mixed < 0.5 ? near.parallax : far.parallax;
    gl_FragDepth = parallax == 0.0 ? 1.0 : depth_of(focus / (1.0 - parallax));
}
