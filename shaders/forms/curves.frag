// A strand: a fine round thread lit by the lamps and by the glow of the body under it, with a core that glows.
#include "lib/volume.glsl"
in vec3 place;
in float across;
in float coverage;
in float shining;
in float width;
in vec3 colour;
in vec3 tangent;
out vec4 radiance;

uniform vec3 eye;
uniform vec3 key_from, key_colour;
uniform vec3 rim_from, rim_colour;
uniform float key, rim, fill;
uniform float threads;
uniform vec3 body_origin, body_size;
uniform sampler3D shade, inner;
uniform float glow;

void main() {
    float edge = clamp((1.0 - abs(across)) * width + 0.5, 0.0, 1.0);
    float alpha = edge * coverage;
    if (alpha < 0.01) discard;
    float x = clamp(across, -1.0, 1.0);
    float round_n = sqrt(max(1.0 - x * x, 0.0));
    vec3 q = in_box(place, body_origin, body_size);
    vec3 dark = q == clamp(q, 0.0, 1.0) ? exp(-6.0 * texture(shade, q).rgb) : vec3(1.0);
    vec2 along = vec2(dot(tangent, key_from), dot(tangent, rim_from));
    vec2 hair = 0.35 * sqrt(max(1.0 - along * along, 0.0));
    vec3 light = key * key_colour * hair.x * dark.r + rim * rim_colour * hair.y * dark.b;
    light = colour * (light + fill * vec3(0.42, 0.60, 1.0));
    vec3 under = q == clamp(q, 0.0, 1.0) ? glow * texture(inner, q).rgb : vec3(0.0);  // the light of what it lies on
    light += colour * under * 0.5;
    light *= 0.35 + 0.65 * round_n;
    light += colour * shining * threads * (3.6 + min(20.0 * dot(under, vec3(0.33)), 14.0)) * (0.25 + 0.75 * round_n * round_n);
    alpha *= mix(0.7, 0.95, clamp(shining, 0.0, 1.0));  // a crowd of strands must not hide the body that they dress
    radiance = vec4(light * alpha, alpha);
}
