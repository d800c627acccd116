// The low-resolution air laid over the view: nine neighbours, those at another depth left out.
#include "lib/camera.glsl"

in vec2 at;
layout(location = 0, index = 0) out vec4 gives;    // what the air adds
layout(location = 0, index = 1) out vec4 leaves;   // and what it lets through of each colour, and of cover

uniform sampler2D scattered;
uniform sampler2D passed;
uniform sampler2D depth;

void main() {
    float here = ahead_of(texture(depth, at).r);
    ivec2 size = textureSize(passed, 0);
    vec2 place = at * vec2(size) - 0.5;
    ivec2 base = ivec2(floor(place + 0.5));
    vec4 given = vec4(0.0), left = vec4(0.0);
    float weights = 0.0;
    for (int y = -1; y <= 1; y++)
        for (int x = -1; x <= 1; x++) {
            ivec2 c = clamp(base + ivec2(x, y), ivec2(0), size - 1);
            vec4 through = texelFetch(passed, c, 0);
            vec2 off = vec2(base + ivec2(x, y)) - place;
            float w = exp(-1.1 * dot(off, off)) / (0.02 + abs(min(here, 60.0) - min(through.a, 60.0)));
            vec4 light = texelFetch(scattered, c, 0);
            given += w * light;
            left += w * vec4(through.rgb, 1.0 - light.a);
            weights += w;
        }
    gives = given / weights;
    leaves = left / weights;
}
