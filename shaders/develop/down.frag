// Smaller by the factor along each axis. Halving weighs 1 3 3 1, which hands each texel's light on whole: a
// level's sum times the factors is the sum of the one before, whatever the size. Each level has a margin of one
// texel all around for what leaves the frame; outside is black (the sampler's border). Alpha carries how much
// of a texel's surroundings lies within the frame.
#include "lib/clean.glsl"
uniform sampler2D source;
uniform vec2 factor;   // 2, or 1 along an axis that stays
uniform bool first;    // the source is the picture itself, which has no margin
out vec4 light;

vec4 tap(vec2 at) {
    vec2 size = vec2(textureSize(source, 0));
    vec4 found = clean(texture(source, at / size));
    vec2 within = clamp(at + 0.5, 0.0, 1.0) * clamp(size + 0.5 - at, 0.0, 1.0);
    return first ? vec4(found.rgb, within.x * within.y) : found;
}

void main() {
    vec2 middle = factor * (gl_FragCoord.xy - 1.0) + (first ? 0.0 : 1.0);
    vec2 reach = 0.75 * (factor - 1.0);
    light = 0.25 * (tap(middle - reach) + tap(middle + vec2(reach.x, -reach.y)) +
                    tap(middle + vec2(-reach.x, reach.y)) + tap(middle + reach));
}
