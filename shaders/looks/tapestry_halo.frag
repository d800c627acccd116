// The air about the body: what it scatters of the light that is there, and of the key's between the threads;
// and the ground under it. Before the body's middle and behind it apart, so that threads stand in it.
#include "lib/camera.glsl"
#include "lib/box.glsl"
#include "lib/volume.glsl"
#include "lib/phase.glsl"
in vec2 at;
layout(location = 0) out vec3 before;
layout(location = 1) out vec3 behind;

uniform sampler3D lit, dusk;
uniform vec3 cloth_origin, cloth_size;
uniform int samples;
uniform float halo, floor, key;
uniform vec3 key_from, key_colour;

// In the middle of the grid 1, towards its faces ever less: it has no edge to be seen.
float within(vec3 q) {
    float off = min(length(2.0 * q - 1.0), 1.0);
    return (1.0 - off * off) * (1.0 - off * off);
}

void main() {
    before = behind = vec3(0.0);
    vec3 d = ray_through(at);
    float middle = dot(cloth_origin + 0.5 * cloth_size - eye, forward) / dot(d, forward);
    vec2 span = box_span(eye, d, cloth_origin, cloth_size);
    float ground = d.y < -1e-4 ? -eye.y / d.y : 1e6;
    span = vec2(max(span.x, reach.x), min(span.y, ground));
    vec3 beam = 0.12 * key * key_colour * phase(dot(d, key_from), 0.55);
    float way = (span.y - span.x) / float(samples);
    for (int i = 0; i < samples && way > 0.0; i++) {
        float t = span.x + (float(i) + 0.5) * way;
        vec3 p = eye + t * d, q = in_box(p, cloth_origin, cloth_size);
        float mist = halo * way * (0.35 + 0.65 * exp(-0.7 * max(p.y, 0.0)));
        vec3 light = mist * within(q) * (texture(lit, q).rgb + beam * exp(-texture(dusk, q).r));
        if (t < middle) before += 0.5 * light; else behind += light;
    }
    if (ground < 1e5 && floor > 0.0) {
        vec3 p = eye + ground * d, q = in_box(p + vec3(0.0, 0.12, 0.0), cloth_origin, cloth_size);
        vec3 far = (p - cloth_origin - 0.5 * cloth_size) / (0.5 * cloth_size);
        float edge = exp(-3.0 * dot(far.xz, far.xz)) * clamp(1.2 - length(far.xz), 0.0, 1.0);
        behind += 0.35 * floor * edge * (texture(lit, q).rgb + 0.08 * key * key_colour * max(key_from.y, 0.0) * exp(-texture(dusk, q).r));
    }
}
