// Smaller by the factor along each axis. Halving weighs 1 3 3 1, which hands each texel's light on whole: a
// level's sum times the factors is the sum of the one before, whatever the size. Each level has a margin of one
// texel all around for what leaves the frame; outside is black (the sampler's border, and a gap from one view's
// to the next). Alpha carries how much of a texel's surroundings lies within the frame. FIRST: the source is one
// view's picture, which has no margin; else a level of several views side by side.
#include "lib/clean.glsl"
uniform sampler2D source;
uniform vec2 factor;   // 2, or 1 along an axis that stays
#ifdef FIRST
uniform float corner;   // texels before this view's own
#else
uniform vec2 strides;   // texels from one view to the next, of the source and here
uniform float width;    // of one view's here
#endif
out vec4 light;

vec4 tap(vec2 at, float before) {
    vec2 size = vec2(textureSize(source, 0));
    vec4 found = texture(source, (at + vec2(before, 0.0)) / size);
#ifdef FIRST
    vec2 within = clamp(at + 0.5, 0.0, 1.0) * clamp(size + 0.5 - at, 0.0, 1.0);
    return vec4(clean(found).rgb, within.x * within.y);
#else
    return found;
#endif
}

void main() {
#ifdef FIRST
    vec2 at = gl_FragCoord.xy - vec2(corner, 0.0), middle = factor * (at - 1.0);
    float before = 0.0;
#else
    float place = floor(gl_FragCoord.x / strides.y), before = place * strides.x;
    vec2 at = gl_FragCoord.xy - vec2(place * strides.y, 0.0), middle = factor * (at - 1.0) + 1.0;
#endif
    vec2 reach = 0.75 * (factor - 1.0);
    light = 0.25 * (tap(middle - reach, before) + tap(middle + vec2(reach.x, -reach.y), before) +
                    tap(middle + vec2(-reach.x, reach.y), before) + tap(middle + reach, before));
#ifndef FIRST
    if (at.x > width) light = vec4(0.0);
#endif
}
