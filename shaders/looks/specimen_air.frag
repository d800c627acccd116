// The air at a low resolution: smog lit by the body's glow and the key light, and wet ground that mirrors it.
#include "lib/camera.glsl"
#include "lib/box.glsl"
#include "lib/air.glsl"
#include "lib/fresnel.glsl"
#include "lib/gradient_noise.glsl"

in vec2 at;
layout(location = 0) out vec4 scattered;  // rgb light, a how much is hidden
layout(location = 1) out vec4 passed;     // rgb what is let through, a metres before the camera

uniform sampler2D depth;
uniform vec3 body_origin, body_size;
uniform sampler3D inner, shade;
uniform float glow;
uniform int air_steps;
uniform float reflection;
uniform float ground;          // height of the ground, m

// The body as a mirror below shows it: coarse, as wet ground is.
vec3 mirrored(vec3 o, vec3 d, float jitter) {
    vec2 span = box_span(o, d, body_origin, body_size);
    span.x = max(span.x, 0.0);
    if (span.x >= span.y) return vec3(0.0);
    vec3 sum = vec3(0.0);
    float left = 1.0;
    const int n = 32;
    float stride = min(span.y - span.x, 6.0) / float(n);
    for (int i = 0; i < n; i++) {
        vec3 q = in_box(o + d * (span.x + stride * (float(i) + jitter)), body_origin, body_size);
        vec4 spread = texture(inner, q);
        vec2 dark = texture(shade, q).rg;
        float a = 1.0 - exp(-stride * 14.0 * dark.g);
        sum += left * a * (spread.rgb * glow * 0.7 + 0.25 * key * key_colour * exp(-9.0 * dark.r));
        left *= 1.0 - a;
    }
    return sum;
}

void main() {
    float ahead = ahead_of(texture(depth, at).r);
    vec3 d = ray_through(at);
    float cosine = dot(d, forward);
    float end = ahead / cosine;

    vec3 floor_light = vec3(0.0);
    float jitter = gradient_noise(gl_FragCoord.xy);
    float to_ground = d.y < -1e-4 ? (ground - eye.y) / d.y : -1.0;
    if (reflection > 0.0 && to_ground > 0.0 && to_ground < end) {
        vec3 p = eye + d * to_ground;
        vec3 middle = air_origin + 0.5 * air_size;
        float fade = exp(-1.6 * dot(p.xz - middle.xz, p.xz - middle.xz) / (0.25 * air_size.x * air_size.x));
        vec3 waves = vec3(drift.x, drift.z, drift.y) * 0.6;
        float slow = texture(matter, vec3(p.x * 0.5, 0.3, p.z) * 0.22 + waves).b - 0.5;
        float quick = texture(matter, vec3(p.x, 0.7, p.z * 1.6) * 0.9 + waves.zxy).b - 0.5;
        vec3 n = normalize(vec3(0.05 * slow + 0.03 * quick, 1.0, 0.10 * slow + 0.07 * quick));
        vec3 pool = texture(air, in_box(p + vec3(0.0, 0.15, 0.0), air_origin, air_size)).rgb;
        vec3 seen = mirrored(p, reflect(d, n), jitter) * fresnel(-dot(d, n), 0.06);
        floor_light = reflection * fade * (seen + 0.10 * pool * (0.6 + 0.8 * quick));
        end = to_ground;
    }

    vec2 span = box_span(eye, d, air_origin, air_size);
    span = vec2(max(span.x, reach.x), min(span.y, end));
    vec3 light, left;
    air_along(eye, d, span, air_steps, jitter, light, left);
    light += left * floor_light;
    float hidden = 1.0 - (left.r + left.g + left.b) / 3.0;
    scattered = vec4(light, hidden);
    passed = vec4(left, end * cosine);
}
