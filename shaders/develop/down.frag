// Smaller by the factor along each axis. Halving weighs 1 3 3 1, which hands each texel's light on whole: a
// level's sum times the factors is the sum of the one before, whatever the size. Outside the picture is black
// (the sampler's border).
#include "lib/clean.glsl"
uniform sampler2D source;
uniform vec2 factor;   // 2, or 1 along an axis that stays
out vec4 light;

void main() {
    vec2 texel = 1.0 / vec2(textureSize(source, 0));
    vec2 middle = factor * gl_FragCoord.xy;
    vec2 reach = 0.75 * (factor - 1.0);
    light = 0.25 * (clean(texture(source, (middle - reach) * texel)) +
                    clean(texture(source, (middle + vec2(reach.x, -reach.y)) * texel)) +
                    clean(texture(source, (middle + vec2(-reach.x, reach.y)) * texel)) +
                    clean(texture(source, (middle + reach) * texel)));
}
