// The least and the greatest parallax of each block.
out vec4 range;

uniform sampler2D found;   // parallax.frag's, four pixels to a texel

#ifndef BLOCK
#define BLOCK ivec2(16, 8)   // px of a block
#endif

void main() {
    ivec2 top = textureSize(found, 0) - 1, first = ivec2(gl_FragCoord.xy) * BLOCK / ivec2(4, 1);
    vec2 most = vec2(1e9, -1e9);
    for (int y = 0; y < BLOCK.y; y++)
        for (int x = 0; x < BLOCK.x / 4; x++) {
            vec4 four = texelFetch(found, min(first + ivec2(x, y), top), 0);
            four = mix(four, four.xxxx, greaterThan(four, vec4(1.0)));   // what lies outside
            most.x = min(most.x, min(min(four.x, four.y), min(four.z, four.w)));
            most.y = max(most.y, max(max(four.x, four.y), max(four.z, four.w)));
        }
    range = vec4(most, 0.0, 0.0);
}
