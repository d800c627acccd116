// The body as an X-ray has it: how much flesh and how much network lie on a ray, where they begin, what shines there.
#include "lib/camera.glsl"
#include "lib/box.glsl"
#include "lib/pace.glsl"

in vec2 at;
layout(location = 0) out vec4 body;    // r: m of flesh, g: of network, dimmed by the flesh before it, b: m ahead where flesh begins
layout(location = 1) out vec4 light;   // of the emitters, dimmed

uniform sampler3D flesh;    // r: solid, g: network
uniform sampler3D lights;   // light0..3
uniform vec3 body_origin, body_size;
uniform mat4x3 spectra;
uniform float glass;

void main() {
    vec3 d = ray_through(at);
    vec2 span = box_span(eye, d, body_origin, body_size);
    float s = max(span.x, reach.x), end = min(span.y, reach.y), begins = reach.y;
    float thick = 0.0, network = 0.0;
    vec4 shines = vec4(0.0);
    vec2 a = vec2(0.0);
    for (int i = 0; i < 512 && s < end; i++) {
        vec3 p = eye + d * s;
        float way = min(pace_at(p), end - s) + 1e-5;
        vec3 q = in_box(p + d * way, body_origin, body_size);
        vec2 b = texture(flesh, q).rg;
        b.r = smoothstep(0.12, 0.5, b.r);    // a skin, where the grid has a slope
        vec2 m = 0.5 * way * (a + b);
        float left = exp(-glass * thick);
        network += m.g * left;
        if (m.r > 0.0) {
            shines += m.r > 1e-3 ? texture(lights, q) * way * left : vec4(0.0);
            if (thick < 0.03 && thick + m.r >= 0.03) begins = s * dot(d, forward);
        }
        thick += m.r;
        a = b;
        s += way;
    }
    body = vec4(thick, network, begins, 0.0);
    light = vec4(spectra * shines, 0.0);
}
