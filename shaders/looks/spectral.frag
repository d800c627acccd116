// What of each emitter's light reaches the eye: emission and absorption alone, each at its own wavelength.
#include "lib/camera.glsl"
#include "lib/box.glsl"
#include "lib/pace.glsl"
#include "lib/segment.glsl"

in vec2 at;
layout(location = 0) out vec4 bands;   // radiance of light0..3
layout(location = 1) out vec4 rest;    // r: of what flashes in the air, a: what is hidden of all behind

uniform sampler3D lights;          // light0..3
uniform sampler3D flesh;           // r: solid, g: network
uniform sampler3D air;             // r: spores, g: spill, b: flash, a: smog
uniform vec3 body_origin, body_size, air_origin, air_size;
uniform float glow;                // radiance that a metre of full light adds
uniform float veins;
uniform float flashes;
uniform float tissue, smog;        // 1/m that flesh and full smog take at 550 nm
uniform vec4 at_tissue, at_air;    // their shares of that at the emitters' peaks
uniform vec2 flash_takes;          // and where the air flashes: flesh, air

struct Here { vec4 light; float flash; vec2 thick; };   // thick: 1/m at 550 nm, of flesh, of air

bool inside(vec3 q) {   // a ray's ends lie on a face of the box, give or take rounding
    return q == clamp(q, -1e-4, 1.0001);
}

Here here(vec3 p) {
    Here h = Here(vec4(0.0), 0.0, vec2(0.0));
    vec3 b = in_box(p, body_origin, body_size), a = in_box(p, air_origin, air_size);
    if (inside(b)) {
        vec2 f = texture(flesh, b).rg;
        h.light = glow * texture(lights, b) * (1.0 + veins * f.g);
        h.thick.x = tissue * f.r;
    }
    if (inside(a)) {
        vec4 v = texture(air, a);
        h.thick.y = smog * (v.a + v.g + 0.2 * v.r);
        h.flash = flashes * v.b;
    }
    return h;
}

void main() {
    vec3 d = ray_through(at);
    vec2 span = box_span(eye, d, pace_origin, pace_size);
    float s = max(span.x, reach.x), end = min(span.y, reach.y);
    vec4 light = vec4(0.0), left = vec4(1.0);
    float flash = 0.0, flash_left = 1.0;
    if (s < end) {
        vec3 p = eye + d * s;
        Here a = here(p);
        for (int i = 0; i < 512; i++) {
            float way = min(pace_at(p), end - s) + 1e-5;
            s += way;
            p = eye + d * s;
            Here b = here(p);
            vec2 thick = 0.5 * (a.thick + b.thick);
            vec4 passed;
            light += left * segment(a.light, b.light, thick.x * at_tissue + thick.y * at_air, way, passed);
            left *= passed;
            float flash_passed = exp(-way * dot(thick, flash_takes));
            flash += flash_left * 0.5 * way * (a.flash + b.flash) * sqrt(flash_passed);
            flash_left *= flash_passed;
            a = b;
            if (s >= end || max(max(left.x, left.y), max(left.z, left.w)) < 1e-3) break;
        }
    }
    bands = light;
    rest = vec4(flash, 0.0, 0.0, 1.0 - dot(left, vec4(0.25)));
}
