// Display light to code values: sRGB, then blue noise below one level. A light that meets a level exactly
// (black, white) keeps it, and the mean over 64x64 px is the light itself.
#include "lib/srgb.glsl"
uniform sampler2D picture;
uniform sampler2D noise;   // ranks of 64x64 px, (0.5 .. 4095.5) / 4096
uniform float levels;      // 255 or 65535
uniform float dither;      // 1, or 0: round to the nearest
uniform int rows;          // height where the top row is read first, 0 where the bottom row is
uniform bool straight;     // alpha kept, colours divided by it
out vec4 code;

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec4 light = texelFetch(picture, rows > 0 ? ivec2(at.x, rows - 1 - at.y) : at, 0);
    vec3 value = srgb(clamp(light.rgb, 0.0, 1.0));
    float cover = 1.0;
    if (straight) {
        // Glare is light without cover: what an editor lays over black must be this very picture.
        cover = max(clamp(light.a, 0.0, 1.0), max(value.r, max(value.g, value.b)));
        value = cover > 0.0 ? value / cover : vec3(0.0);
    }
    vec3 ranks = vec3(texelFetch(noise, at & 63, 0).r, texelFetch(noise, (at + ivec2(23, 41)) & 63, 0).r,
                      texelFetch(noise, (at + ivec2(47, 11)) & 63, 0).r);
    vec3 offset = mix(vec3(0.5), ranks, dither);
    code = vec4(floor(value * levels + offset), floor(cover * levels + 0.5)) / levels;
}
