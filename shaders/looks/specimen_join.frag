// The low-resolution air laid over the view: nine neighbours, those at another depth left out.
#include "lib/camera.glsl"

in vec2 at;
out vec4 radiance;

uniform sampler2D scattered;
uniform sampler2D passed;
uniform sampler2D depth;
uniform bool dimming;   // first what the air takes (multiplied), then what it gives (added)

void main() {
    float here = ahead_of(texture(depth, at).r);
    ivec2 size = textureSize(passed, 0);
    vec2 place = at * vec2(size) - 0.5;
    ivec2 base = ivec2(floor(place + 0.5));
    vec4 sum = vec4(0.0);
    float weights = 0.0;
    for (int y = -1; y <= 1; y++)
        for (int x = -1; x <= 1; x++) {
            ivec2 c = clamp(base + ivec2(x, y), ivec2(0), size - 1);
            vec4 through = texelFetch(passed, c, 0);
            vec2 off = vec2(base + ivec2(x, y)) - place;
            float w = exp(-1.1 * dot(off, off)) / (0.02 + abs(min(here, 60.0) - min(through.a, 60.0)));
            sum += w * (dimming ? vec4(through.rgb, 1.0 - texelFetch(scattered, c, 0).a) : texelFetch(scattered, c, 0));
            weights += w;
        }
    radiance = sum / weights;
}
