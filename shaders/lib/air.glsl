// FLASH: defined where air flashes; RIM: where a second lamp shines.
//
// What a stretch of air sends to the eye and what it lets through: smog, spill and spores that take light and
// scatter it once, of the body's glow and of the lamps, and what flashes in sheared air by itself.
#include "lib/murk.glsl"
#include "lib/phase.glsl"

uniform sampler3D air_shade;   // r: metres of flesh before the key light, g: of smog; b: spores, a: spill
uniform sampler3D air_rim;     // r: metres of flesh before the second lamp, g: of smog
uniform sampler3D flash;       // what flashes in sheared air
uniform float flashes;         // 0 where nothing does
uniform vec3 flash_colour;
uniform sampler3D clouds;       // lib/tissue.glsl's cloud, alone
uniform float smog;            // 1/m of green light that full smog takes
uniform float haze, fluence, again, wisps;
uniform float key;
uniform vec3 key_from, key_colour;
uniform float rim;
uniform vec3 rim_from, rim_colour;
uniform vec3 forward_lobe;     // of smog's phase function: share, asymmetry forwards, asymmetry of the rest
uniform vec3 drift;            // m that the smog's own grain has gone

const float PI = 3.14159265;
const vec3 OIL = vec3(1.2, 1.0, 1.1);
// Of the light that each takes, the share that goes on elsewhere (single-scattering albedo).
const vec3 SMOG_ALBEDO = vec3(0.95, 0.62, 0.32), OIL_ALBEDO = vec3(0.25, 0.34, 0.38);
const vec3 BLUE = vec3(0.30, 0.55, 1.0);                    // what clean air takes, all of it scattered
const vec3 SPORES = vec3(0.35, 0.9, 0.5);

// What the smog's density is multiplied by, so that it hangs in wisps below the size of its cells: 1 on average.
float wisp(vec3 p) {
    float large = texture(clouds, (p + drift) * vec3(0.19, 0.27, 0.19)).r;
    float finer = texture(clouds, (p.yzx + drift * 2.0) * vec3(0.47, 0.55, 0.47)).r;
    return mix(1.0, 0.10 + 2.2 * smoothstep(0.36, 0.72, 0.68 * large + 0.32 * finer), wisps);
}

float smog_phase(float cosine) {
    return mix(phase(cosine, forward_lobe.z), phase(cosine, forward_lobe.y), forward_lobe.x);
}

// What of a lamp's irradiance a metre of scattering air sends to the eye: once scattered, and more than once.
// turned: the phase function's value; dark: metres of flesh and of smog before the lamp.
vec3 lamp_light(vec3 sun, float turned, vec2 dark) {
    vec3 met = dark.g * smog * MURK;
    return sun * (turned * exp(-7.0 * dark.r - met) + 0.014 * again * exp(-0.3 * met));
}

// From `span.x` to `span.y` metres along a ray. jitter: 0 to 1, where in its stretch each sample lies.
void air_along(vec3 o, vec3 d, vec2 span, int samples, float jitter, out vec3 light, out vec3 left) {
    light = vec3(0.0);
    left = vec3(1.0);
    if (span.x >= span.y) return;
    float stride = (span.y - span.x) / float(samples);
    float s = span.x + stride * jitter;
    vec3 sun = key * key_colour * PI;   // irradiance: a white wall that faces the light shows `key`
    float turned = smog_phase(dot(d, key_from));
#ifdef RIM
    vec3 rim_sun = rim * rim_colour * PI;
    float rim_turned = smog_phase(dot(d, rim_from));
#endif
    for (int i = 0; i < samples; i++) {
        vec3 p = o + d * s;
        vec3 q = in_box(p, air_origin, air_size);
        vec4 glowing = texture(air, q);
        vec4 dark = texture(air_shade, q);
        vec3 r = (p - air_origin) / (0.5 * air_size) - 1.0;
        float torn = wisp(p);
        float dense = glowing.a * smog * torn, oil = dark.a * smog * 0.8;
        float blue = haze * (1.0 - smoothstep(0.5, 1.0, length(r)));
        vec3 takes = dense * MURK + oil * OIL + blue * BLUE;
        vec3 scatters = dense * MURK * SMOG_ALBEDO + oil * OIL * OIL_ALBEDO;
        vec3 glow_here = fluence * glowing.rgb;
        vec3 reaches = glow_here + lamp_light(sun, turned, dark.rg);
#ifdef RIM
        reaches += lamp_light(rim_sun, rim_turned, texture(air_rim, q).rg);
#endif
        vec3 source = (scatters + blue * BLUE) * reaches +
                      dark.b * SPORES * 0.25 * (0.2 + glow_here);
#ifdef FLASH   // thin threads of light in the sheared air, not a cloud of it
        float thread = texture(clouds, (p - drift * 4.0) * vec3(1.1, 2.3, 2.3)).r;
        thread = exp(-220.0 * (thread - 0.5) * (thread - 0.5));
        float lit = texture(flash, q).r;
        source += flashes * 1.1 * lit * lit * (0.03 + thread) * flash_colour;
#endif
        vec3 x = takes * stride, through = exp(-x);
        light += left * source * stride * mix(1.0 - 0.5 * x, (1.0 - through) / max(x, 1e-3), step(0.01, x));
        left *= through;
        s += stride;
    }
}
