// Metres to the skin along each pixel's ray, 0 where it meets none.
#include "lib/camera.glsl"
#include "lib/box.glsl"
#include "lib/skin.glsl"

in vec2 at;
out float hit;

uniform sampler2D entry;

void main() {
    vec3 d = ray_through(at);
    vec2 span = box_span(eye, d, body_origin, body_size);
    float from = max(max(texelFetch(entry, ivec2(gl_FragCoord.xy), 0).r, span.x), reach.x);
    hit = strike(eye, d, from, span.y);
}
