// Body and smog on one plate: a glass that is thin in its middle and bright where its skin turns away.
#include "lib/camera.glsl"
in vec2 at;
out vec4 radiance;

uniform sampler2D body, light, haze;
uniform float glass, rim, veins, glow;

const vec3 GLASS = vec3(0.55, 0.72, 1.0), VEIN = vec3(0.62, 0.9, 1.0);

void main() {
    vec2 texel = 1.0 / vec2(textureSize(body, 0));
    vec4 b = texture(body, at), air = texture(haze, at);
    float across = (texture(body, at + vec2(texel.x, 0.0)).r - texture(body, at - vec2(texel.x, 0.0)).r);
    float upward = (texture(body, at + vec2(0.0, texel.y)).r - texture(body, at - vec2(0.0, texel.y)).r);
    float metres = 4.0 * length(focal_up) * texel.y;                  // of those differences, in the focal plane
    float steep = length(vec2(across, upward)) / metres;              // 2 cot of the angle between skin and eye
    float skin = 1.0 - exp(-12.0 * b.r);
    float turned = steep / (2.5 + steep);
    vec3 glassy = GLASS * (0.018 * (1.0 - exp(-1.5 * b.r)) + 0.5 * rim * turned * turned * turned * skin);
    vec3 nerve = VEIN * veins * 1.5 * b.g * b.g / (b.g + 0.12);
    vec3 own = glow * texture(light, at).rgb;
    // drawn to be seen: smog dims it as it dims words
    radiance = vec4((glassy + nerve + own) * sqrt(air.a) + air.rgb, 1.0 - exp(-glass * b.r));
}
