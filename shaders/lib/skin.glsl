// Where a ray meets the body.
#include "lib/volume.glsl"
#include "lib/tissue.glsl"

uniform vec3 body_origin, body_size;
uniform float voxel;       // m
uniform sampler3D solid;   // how much of a cell is flesh
uniform sampler3D empty;   // metres that a ray may go from here without meeting the body
uniform float marching;    // samples to a voxel

float solid_at(vec3 p) {
    return texture(solid, in_box(p, body_origin, body_size)).r;
}

// The skin is where this passes 0.5: solid, lifted by the relief where there is something to lift.
float skin(vec3 p) {
    float s = solid_at(p);
    return s + relief(p) * smoothstep(0.1, 0.3, s) * 0.3 / voxel;
}

// Metres along the ray to the skin, between `from` and `to`; 0 where it goes by.
float strike(vec3 o, vec3 d, float from, float to) {
    float fine = voxel / marching;
    float s = from, before = from, low = 0.0, f = 0.0;
    for (int i = 0; i < 256; i++) {
        vec3 p = o + d * s;
        float free = texture(empty, in_box(p, body_origin, body_size)).r;
        f = skin(p);
        if (f >= 0.5 || s > to) break;
        before = s;
        low = f;
        s += max(free, fine * clamp(2.2 * (0.62 - f), 0.35, 1.0));
    }
    if (f < 0.5) return 0.0;
    float after = s, high = f;
    for (int k = 0; k < 3; k++) {  // regula falsi, kept off the ends
        float m = mix(before, after, clamp((0.5 - low) / max(high - low, 1e-4), 0.1, 0.9));
        float g = skin(o + d * m);
        if (g >= 0.5) { after = m; high = g; } else { before = m; low = g; }
    }
    return mix(before, after, clamp((0.5 - low) / max(high - low, 1e-4), 0.0, 1.0));
}

// The body's slope, 1/m, without the relief.
vec3 slope(vec3 p, float e) {
    vec2 h = vec2(e, 0.0);
    return vec3(solid_at(p + h.xyy) - solid_at(p - h.xyy), solid_at(p + h.yxy) - solid_at(p - h.yxy),
                solid_at(p + h.yyx) - solid_at(p - h.yyx)) / (2.0 * e);
}

// The relief and, where the footprint e (m) is small enough to see it, a finer one.
float fine_relief(vec3 p, float e) {
    float seen = clamp(0.25 * grain / e - 0.6, 0.0, 1.0);
    return relief(p) + detail * seen * texture(nap, TURN * p.yzx * (4.7 / (8.0 * grain))).r;
}

// A normal bent by the relief, seen at a footprint of e metres.
vec3 bent(vec3 n, vec3 p, float e) {
    const vec2 k = vec2(1.0, -1.0);
    vec3 g = (k.xyy * fine_relief(p + k.xyy * e, e) + k.yyx * fine_relief(p + k.yyx * e, e) +
              k.yxy * fine_relief(p + k.yxy * e, e) + k.xxx * fine_relief(p + k.xxx * e, e)) / (4.0 * e);
    return normalize(n - (g - n * dot(n, g)));
}
