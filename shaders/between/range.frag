// The least and the greatest parallax of each block of BLOCK px a side; where ASIDE is told, of such bounds, the
// least and the greatest of so many blocks to either side too.
out vec4 range;

uniform sampler2D found;

#ifndef BLOCK
#define BLOCK 16   // px of a block's side, which is divided by and so must be a constant
#endif

void main() {
    ivec2 top = textureSize(found, 0) - 1, here = ivec2(gl_FragCoord.xy);
    vec2 most = vec2(1e9, -1e9);
#ifdef ASIDE
    for (int x = -ASIDE; x <= ASIDE; x++) {
        vec2 one = texelFetch(found, ivec2(clamp(here.x + x, 0, top.x), here.y), 0).rg;
        most = vec2(min(most.x, one.x), max(most.y, one.y));
    }
#else
    for (int y = 0; y < BLOCK; y++)
        for (int x = 0; x < BLOCK; x++) {
            float one = texelFetch(found, min(here * BLOCK + ivec2(x, y), top), 0).r;
            most = vec2(min(most.x, one), max(most.y, one));
        }
#endif
    range = vec4(most, 0.0, 0.0);
}
