// The body's edges: several rays to a pixel, so that silhouettes are smooth and hold their share.
#include "lib/camera.glsl"
#include "lib/box.glsl"
#include "lib/flesh.glsl"

in vec2 at;
out vec4 radiance;

uniform sampler2D entry, hits;
uniform int rays;

void main() {
    ivec2 c = ivec2(gl_FragCoord.xy), top = textureSize(entry, 0) - 1;
    vec2 pixel = 1.0 / vec2(top + 1);
    float from = reach.y, to = 0.0;
    for (int y = -1; y <= 1; y++)
        for (int x = -1; x <= 1; x++) {
            ivec2 beside = clamp(c + ivec2(x, y), ivec2(0), top);
            float near = texelFetch(entry, beside, 0).r;
            from = min(from, near > 0.0 ? near : reach.y);
            to = max(to, texelFetch(hits, beside, 0).r);
        }
    radiance = vec4(0.0);   // a ray goes no farther than its neighbours met something
    for (int i = 0; i < rays; i++) {
        vec2 o = fract(vec2(0.7548777, 0.5698403) * (float(i) + 0.5)) - 0.5;
        vec3 d = ray_through(at + o * pixel);
        vec2 span = box_span(eye, d, body_origin, body_size);
        float s = strike(eye, d, max(max(from, span.x), reach.x), min(span.y, to + 4.0 * voxel));
        if (s > 0.0) radiance += vec4(lit_flesh(eye + d * s, d, s), 1.0);
    }
    radiance /= float(rays);
}
