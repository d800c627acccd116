// The low-resolution air made even: its samples lie apart in any 3×3 pixels, whose mean at one depth is clean.
layout(location = 0) out vec4 gives;     // rgb light, a how much is hidden
layout(location = 1) out vec4 leaves;    // rgb what is let through, a metres before the camera

uniform sampler2D scattered;
uniform sampler2D passed;

void main() {
    ivec2 at = ivec2(gl_FragCoord.xy), top = textureSize(passed, 0) - 1;
    float here = min(texelFetch(passed, at, 0).a, 60.0);
    vec4 given = vec4(0.0);
    vec3 left = vec3(0.0);
    float weights = 0.0;
    for (int y = -1; y <= 1; y++)
        for (int x = -1; x <= 1; x++) {
            ivec2 c = clamp(at + ivec2(x, y), ivec2(0), top);
            vec4 through = texelFetch(passed, c, 0);
            float w = 1.0 / (0.02 + max(abs(here - min(through.a, 60.0)) - 0.08 * here, 0.0));
            given += w * texelFetch(scattered, c, 0);
            left += w * through.rgb;
            weights += w;
        }
    gives = given / weights;
    leaves = vec4(left / weights, here);
}
