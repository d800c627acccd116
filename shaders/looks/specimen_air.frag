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
uniform sampler3D mirror;      // rgb: light of the skin thereabouts, a: how much flesh there is
uniform int air_steps;
uniform float reflection;
uniform float ground;          // height of the ground, m
uniform float pixel;           // angle that a pixel of the view sees, rad

// The body as wet ground shows it.
vec3 mirrored(vec3 o, vec3 d, float jitter) {
    vec2 span = box_span(o, d, body_origin, body_size);
    span.x = max(span.x, 0.0);
    vec3 sum = vec3(0.0);
    float left = 1.0;
    const int n = 18;
    float stride = min(span.y - span.x, 7.0) / float(n);
    for (int i = 0; i < n; i++) {
        if (span.x >= span.y) break;
        vec4 here = texture(mirror, in_box(o + d * (span.x + stride * (float(i) + jitter)), body_origin, body_size));
        float a = 1.0 - exp(-stride * 16.0 * here.a);
        sum += left * a * here.rgb;
        left *= 1.0 - a;
    }
    return sum;
}

// A ripple's slope, along x and z, 0 on average: of waves about `scale` to a metre, those finer than a pixel left out.
vec2 ripple(vec2 p, vec2 by, float scale, float footprint) {
    vec2 w = vec2(texture(clouds, vec3(p.x, 0.3, p.y) * scale + by.xyx).r,
                  texture(clouds, vec3(p.y, 0.7, p.x) * scale + by.yxy).r) - 0.5;
    return w * (1.0 - smoothstep(0.03, 0.25, footprint * scale));
}

// Wet ground at p, as a ray along d meets it: still water that a light wind goes over.
vec3 wet(vec3 p, vec3 d, float away, float jitter) {
    vec2 by = 0.6 * drift.xz;
    float footprint = pixel * away / max(-d.y, 0.05);
    vec2 slow = ripple(p.xz, by, 0.10, footprint), quick = ripple(p.zx, -1.7 * by, 0.27, footprint);
    float gust = clamp(0.5 + 1.6 * slow.x, 0.0, 1.0);               // where the wind touches the water
    vec2 onwards = normalize(d.xz + 1e-5);
    float rough = mix(0.006, 0.035, gust);                          // slope of the waves that are not seen singly
    float tilt = rough * (3.0 * jitter - 1.5);                      // they draw a light out towards the eye
    vec2 slope = 0.07 * slow + 0.10 * quick + tilt * onwards;
    vec3 r = reflect(d, normalize(vec3(slope.x, 1.0, slope.y)));
    r = normalize(vec3(r.x, abs(r.y) + 0.01, r.z));
    vec3 seen = mirrored(p, r, fract(4.0 * jitter));
    vec3 pool = texture(air, in_box(p + vec3(0.0, 0.15, 0.0), air_origin, air_size)).rgb;
    return seen * fresnel(-d.y, 0.05) + pool * (0.05 + 0.05 * gust);
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
        vec2 off = (p.xz - air_origin.xz - 0.5 * air_size.xz) / (0.5 * max(air_size.x, air_size.z));   // it is lost in the dark about the air
        float fade = exp(-1.6 * dot(off, off));
        floor_light = reflection * fade * wet(p, d, to_ground, jitter);
        end = to_ground;
    }

    vec2 span = box_span(eye, d, air_origin, air_size);
    span = vec2(max(span.x, reach.x), min(span.y, end));
    vec3 light, left;
    float longest = max(air_size.x, air_size.z);
    int samples = int(ceil(float(air_steps) * clamp((span.y - span.x) / longest, 0.2, 1.0)));
    air_along(eye, d, span, samples, jitter, light, left);
    light += left * floor_light;
    float hidden = 1.0 - (left.r + left.g + left.b) / 3.0;
    scattered = vec4(light, hidden);
    passed = vec4(left, end * cosine);
}
