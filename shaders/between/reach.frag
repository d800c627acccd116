// The least and the greatest parallax of what may come into each block: its own, that of those beside it, and that
// of those farther aside whose parallax takes them so far.
out vec4 range;

uniform sampler2D found;   // range.frag's
uniform float away;        // px that a parallax of 1 is moved by, at most
uniform int aside;         // blocks to either side that may come so far

#ifndef BLOCK
#define BLOCK ivec2(16, 8)   // px of a block
#endif

void main() {
    ivec2 top = textureSize(found, 0) - 1, here = ivec2(gl_FragCoord.xy);
    vec2 most = vec2(1e9, -1e9);
    for (int x = -aside; x <= aside; x++) {
        vec2 one = texelFetch(found, ivec2(clamp(here.x + x, 0, top.x), here.y), 0).rg;
        float comes = max(abs(one.x), abs(one.y)) * away + 2.0;
        if (float((abs(x) - 1) * BLOCK.x) < comes) most = vec2(min(most.x, one.x), max(most.y, one.y));
    }
    range = vec4(most, 0.0, 0.0);
}
