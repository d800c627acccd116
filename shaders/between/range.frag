// The least and the greatest parallax of each block of pixels and of those beside it.
out vec4 range;

uniform sampler2D parallax;
uniform int block;    // px of a block's side
uniform int aside;    // px beside it that may come into it

void main() {
    ivec2 top = textureSize(parallax, 0) - 1, low = ivec2(gl_FragCoord.xy) * block;
    vec2 found = vec2(1e9, -1e9);
    for (int y = 0; y < block; y++)
        for (int x = -aside; x < block + aside; x++) {
            float p = texelFetch(parallax, clamp(low + ivec2(x, y), ivec2(0), top), 0).r;
            found = vec2(min(found.x, p), max(found.y, p));
        }
    range = vec4(found, 0.0, 0.0);
}
