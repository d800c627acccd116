// What of each emitter's light reaches the eye: emission and absorption alone, each at its own wavelength.
#include "lib/camera.glsl"
#include "lib/box.glsl"
#include "lib/volume.glsl"

// FLESH, AIR, FLASH: defined where there is any; a texture of nothing is not read. LIGHTS: how many there are,
// 1 to 4; a ray carries so many lanes.
#if LIGHTS == 1
#define BAND float
#define OF(v) (v).r
#define WIDE(b) vec4(b, 0.0, 0.0, 0.0)
#elif LIGHTS == 2
#define BAND vec2
#define OF(v) (v).rg
#define WIDE(b) vec4(b, 0.0, 0.0)
#elif LIGHTS == 3
#define BAND vec3
#define OF(v) (v).rgb
#define WIDE(b) vec4(b, 0.0)
#else
#define BAND vec4
#define OF(v) (v)
#define WIDE(b) (b)
#endif
#include "lib/segment.glsl"

uniform sampler3D lights, flesh, air;  // what channels of each there are, in an order that the weights know
uniform sampler3D pace;                // how far a ray may step, m (bioart/looks/_pace.py)
uniform vec3 pace_origin, pace_size;
uniform vec4 flesh_takes, air_takes;   // 1/m that a full one takes at 550 nm
uniform vec4 flesh_adds, air_adds;     // how much brighter flesh shines with it; radiance to a metre of air
uniform vec3 body_origin, body_size, air_origin, air_size;
uniform float glow;                // radiance that a metre of full light adds
uniform vec4 at_tissue, at_air;    // their shares of that at the emitters' peaks
uniform vec2 flash_takes;          // and where the air flashes: flesh, air

struct Here { BAND light; float flash; vec2 thick; };   // thick: 1/m at 550 nm, of flesh, of air

// A ray in a box: its place in the box's texture at s metres is from + s·by, between the metres of `span`.
struct Way { vec3 from; vec3 by; vec2 span; };

Way way_through(vec3 d, vec3 origin, vec3 size) {
    return Way(in_box(eye, origin, size), d.zyx / size.zyx, box_span(eye, d, origin, size));
}

bool within(float s, vec2 span) {   // a ray's ends lie on a face, give or take rounding
    return s >= span.x - 1e-4 && s <= span.y + 1e-4;
}

Here here(float s, Way body, Way wind) {
    Here h = Here(BAND(0.0), 0.0, vec2(0.0));
    if (within(s, body.span)) {
        vec3 q = body.from + s * body.by;
        h.light = glow * OF(texture(lights, q));
#ifdef FLESH
        vec4 f = texture(flesh, q);
        h.light *= 1.0 + dot(flesh_adds, f);
        h.thick.x = dot(flesh_takes, f);
#endif
    }
#ifdef AIR
    if (within(s, wind.span)) {
        vec4 v = texture(air, wind.from + s * wind.by);
        h.thick.y = dot(air_takes, v);
        h.flash = dot(air_adds, v);
    }
#endif
    return h;
}

// Along the ray through a place of the picture: radiance of each light in `bands`, of what flashes in the air
// in `flash`, how far ahead all that light is on the mean in `ahead` (m; 0 where there is none); returns what is
// hidden of green light from behind.
float bands_through(vec2 at, out vec4 bands, out float flash, out float ahead) {
    vec3 d = ray_through(at);
    Way all = way_through(d, pace_origin, pace_size);
    float s = max(all.span.x, reach.x), end = min(all.span.y, reach.y);
    BAND light = BAND(0.0), left = BAND(1.0);
    float flash_left = 1.0, depth = 0.0;   // depth: optical, at 550 nm
    bands = vec4(0.0);
    flash = ahead = 0.0;
    if (s >= end) return 0.0;
    Way body = way_through(d, body_origin, body_size), wind = way_through(d, air_origin, air_size);
    Here a = here(s, body, wind);
    for (int i = 0; i < 512; i++) {
        float way = min(texture(pace, all.from + s * all.by).r, end - s) + 1e-5;
        s += way;
        Here b = here(s, body, wind);
        vec2 thick = 0.5 * (a.thick + b.thick);
        BAND passed, takes = thick.x * OF(at_tissue) + thick.y * OF(at_air);
        BAND adds = left * segment(a.light, b.light, takes, way, passed);
        light += adds;
        float sum = dot(WIDE(adds), vec4(1.0));
        left *= passed;
        depth += way * (thick.x + thick.y);
#ifdef FLASH
        float flash_passed = exp(-way * dot(thick, flash_takes));
        float flashed = flash_left * 0.5 * way * (a.flash + b.flash) * sqrt(flash_passed);
        flash += flashed;
        sum += flashed;
        flash_left *= flash_passed;
#endif
        ahead += sum * (s - 0.5 * way);
        a = b;
        if (s >= end || depth > 9.0) break;
    }
    bands = WIDE(light);
    ahead *= dot(d, forward) / max(dot(bands, vec4(1.0)) + flash, 1e-9);
    return 1.0 - exp(-depth);
}
