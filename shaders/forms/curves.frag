// A strand: a fine round thread lit by the key light and by the glow of the body under it, with a core that glows.
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
uniform float key, fill;
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
    float dark = q == clamp(q, 0.0, 1.0) ? texture(shade, q).r : 0.0;
    float along_key = dot(tangent, key_from);
    float hair = sqrt(max(1.0 - along_key * along_key, 0.0));
    vec3 light = colour * (key * key_colour * 0.35 * hair * exp(-6.0 * dark) + fill * vec3(0.42, 0.60, 1.0));
    vec3 under = q == clamp(q, 0.0, 1.0) ? glow * texture(inner, q).rgb : vec3(0.0);  // the light of what it lies on
    light += colour * under * 0.5;
    light *= 0.35 + 0.65 * round_n;
    light += colour * shining * threads * (3.6 + min(20.0 * dot(under, vec3(0.33)), 14.0)) * (0.25 + 0.75 * round_n * round_n);
    alpha *= mix(0.7, 0.95, clamp(shining, 0.0, 1.0));  // a crowd of strands must not hide the body that they dress
    radiance = vec4(light * alpha, alpha);
}
