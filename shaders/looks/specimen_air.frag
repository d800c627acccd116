// The air at a low resolution: smog lit by the body's glow and the key light, and wet ground that mirrors it.
#include "lib/camera.glsl"
#include "lib/murk.glsl"
#include "lib/box.glsl"
#include "lib/phase.glsl"
#include "lib/fresnel.glsl"
#include "lib/gradient_noise.glsl"

in vec2 at;
layout(location = 0) out vec4 scattered;  // rgb light, a how much is hidden
layout(location = 1) out vec4 passed;     // rgb what is let through, a metres before the camera

uniform sampler2D depth;
uniform sampler3D air_shade;   // r: metres of flesh before the key light, g: of smog; b: spores, a: spill
uniform sampler3D flash;       // what flashes in sheared air
uniform float flashes;         // 0 where nothing does
uniform vec3 flash_colour;
uniform sampler3D matter;
uniform vec3 body_origin, body_size;
uniform sampler3D inner, shade;
uniform float glow;
uniform int air_steps;
uniform float haze, fluence, reflection;
uniform float key;
uniform vec3 key_from, key_colour;
uniform float ground;          // height of the ground, m
uniform vec3 drift;            // m that the smog's own grain has gone

const vec3 AMBER = vec3(0.92, 0.66, 0.36);   // what it throws back
const vec3 PALE = vec3(0.80, 0.62, 0.38);    // and of the body's light, close by
const vec3 OIL = vec3(1.2, 1.0, 1.1);

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
    vec3 light = vec3(0.0), left = vec3(1.0);
    if (span.x < span.y && (smog > 0.0 || haze > 0.0 || flashes > 0.0)) {
        float stride = (span.y - span.x) / float(air_steps);
        float s = span.x + stride * jitter;
        float ahead_phase = 0.35 * phase(dot(d, key_from), 0.72) + 0.65 * phase(dot(d, key_from), -0.1);
        vec3 mid = air_origin + 0.5 * air_size;
        for (int i = 0; i < air_steps; i++) {
            vec3 p = eye + d * s;
            vec3 q = in_box(p, air_origin, air_size);
            vec4 glowing = texture(air, q);
            vec4 dark = texture(air_shade, q);
            vec3 r = (p - mid) / (0.5 * air_size);
            float wisp = texture(matter, (p + drift) * vec3(0.19, 0.27, 0.19)).b;
            float round_off = 1.0 - smoothstep(0.5, 1.1, length(r * vec3(1.0, 0.85, 1.0)) + 0.7 * (wisp - 0.5));
            vec3 wall = smoothstep(1.0, 0.72, abs(r));
            round_off *= wall.x * wall.z * (r.y > 0.0 ? wall.y : 1.0);  // the grid's end never shows
            float finer = texture(matter, (p.yzx + drift * 2.0) * vec3(0.47, 0.55, 0.47)).b;
            wisp = 0.10 + 2.1 * smoothstep(0.36, 0.72, 0.68 * wisp + 0.32 * finer);
            float dense = glowing.a * smog * wisp * round_off;
            float oil = dark.a * smog * 0.8 * round_off;
            float blue = haze * round_off;
            vec3 takes = dense * MURK + oil * OIL + blue * 0.4;
            vec3 sun = key_colour * key * (ahead_phase * exp(-7.0 * dark.r - dark.g * smog * MURK) +
                       0.045 * exp(-0.3 * dark.g * smog * MURK));  // scattered many times: it reaches round corners
            vec3 glow_here = glowing.rgb * fluence / (1.0 + 0.8 * glowing.a * smog);  // thick murk keeps it near
            vec3 source = dense * (PALE * glow_here + 2.0 * AMBER * sun) +
                          oil * vec3(0.30, 0.34, 0.42) * (glow_here + sun) +
                          blue * vec3(0.45, 0.7, 1.0) * (glow_here + 0.4 * dot(sun, vec3(0.3333))) +
                          dark.b * vec3(0.35, 0.9, 0.5) * 0.25 * (0.2 + glow_here) * round_off;
            if (flashes > 0.0) {  // thin threads of light in the sheared air, not a cloud of it
                float thread = texture(matter, (p - drift * 4.0) * vec3(1.1, 2.3, 2.3)).b;
                thread = exp(-220.0 * (thread - 0.5) * (thread - 0.5));
                float lit = texture(flash, q).r;
                source += flashes * 1.1 * lit * lit * (0.03 + thread) * round_off * flash_colour;
            }
            vec3 through = exp(-takes * stride);
            light += left * source * stride * (0.5 + 0.5 * through);
            left *= through;
            s += stride;
        }
    }
    light += left * floor_light;
    float hidden = 1.0 - (left.r + left.g + left.b) / 3.0;
    scattered = vec4(light, hidden);
    passed = vec4(left, end * cosine);
}
