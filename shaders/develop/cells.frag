// The mean light of each cell of a picture: every texel counts once, whatever the picture's size. The fourth
// is red's excess over green and blue where it is saturated (R at least 0.8 of R+G+B), for the guard: a cell's
// mean hides red pixels among others.
uniform sampler2D picture;
uniform ivec4 box;   // of the texture, px: lower left corner, size
uniform ivec2 cells;
uniform int first;   // row of the texture where this picture's cells begin
out vec4 mean_light;
void main() {
    ivec2 cell = ivec2(gl_FragCoord.xy) - ivec2(0, first);
    ivec2 size = box.zw;
    ivec2 low = cell * size / cells;
    ivec2 high = max((cell + 1) * size / cells, low + 1);
    vec4 sum = vec4(0.0);
    for (int y = low.y; y < high.y; y++)
        for (int x = low.x; x < high.x; x++) {
            vec3 light = texelFetch(picture, box.xy + min(ivec2(x, y), size - 1), 0).rgb;
            float others = light.g + light.b;
            sum += vec4(light, light.r >= 4.0 * others ? max(light.r - others, 0.0) : 0.0);
        }
    mean_light = sum / float((high.x - low.x) * (high.y - low.y));
}
