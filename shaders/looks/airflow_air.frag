// LIT: defined where air flashes.
//
// The smog along a ray, before the body and behind it, where the flesh dims it.
#include "lib/camera.glsl"
#include "lib/box.glsl"
#include "lib/volume.glsl"
#include "lib/air.glsl"

in vec2 at;
out vec4 haze_light;   // rgb, a: what of the body's light comes through to the eye

uniform sampler2D body;
uniform int samples;
uniform float glass;

void main() {
    vec3 d = ray_through(at);
    vec2 span = box_span(eye, d, air_origin, air_size);
    span = vec2(max(span.x, reach.x), min(span.y, reach.y));
    haze_light = vec4(0.0, 0.0, 0.0, 1.0);
    if (span.x >= span.y) return;
    vec4 b = texture(body, at);
    float front = clamp(b.b / dot(d, forward), span.x, span.y);
    int before = int(float(samples) * (front - span.x) / (span.y - span.x) + 0.5);
    vec3 near, near_left, beyond, beyond_left;
    air_along(eye, d, vec2(span.x, front), max(before, 1), 0.5, near, near_left);
    air_along(eye, d, vec2(front, span.y), max(samples - before, 1), 0.5, beyond, beyond_left);
#ifdef LIT   // a sheet of light behind the lines
    float sheet = 0.0, stride = (span.y - span.x) / float(samples);
    for (int i = 0; i < samples; i++)
        sheet += texture(flash, in_box(eye + d * (span.x + (float(i) + 0.5) * stride), air_origin, air_size)).r;
    near += 0.05 * flashes * sheet * stride * flash_colour;
#endif
    haze_light = vec4(near + near_left * exp(-glass * b.r) * beyond, dot(near_left, vec3(0.2126, 0.7152, 0.0722)));
}
