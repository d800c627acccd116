// EACH: defined where every ray is lit by itself.
//
// The body's edges: several rays to a pixel, so that silhouettes are smooth and hold their share. They find how
// much of it the near limb and the far one fill; each limb is lit once. What lies behind was drawn before, and
// stays where no ray met anything.
#include "lib/camera.glsl"
#include "lib/box.glsl"
#include "lib/flesh.glsl"
#include "lib/layers.glsl"

in vec2 at;
layout(location = 0) out vec4 radiance;
layout(location = 1) out vec4 cover;      // r: the near limb's share

uniform int rays;

void main() {
    ivec2 c = ivec2(gl_FragCoord.xy);
    vec2 pixel = 1.0 / vec2(textureSize(hits, 0));
    Layers skins = layers(c);
    float parted = skins.far - skins.near > 4.0 * voxel ? 0.5 * (skins.near + skins.far) : reach.y;
    float from = max(skins.near - 2.0 * voxel, reach.x), to = skins.far + 2.0 * voxel;
    float side = ((c.x ^ c.y) & 1) == 0 ? 1.0 : -1.0;      // neighbours' rays lie across each other
    vec2 met = vec2(0.0);                                   // rays that met the near limb, and the far
    vec4 near = vec4(0.0), far = vec4(0.0);                 // of one of each: direction, m
    vec3 sum = vec3(0.0);
    for (int i = 0; i < rays; i++) {
        vec2 o = fract(vec2(0.7548777, 0.5698403) * float(i) + 0.5) - 0.5;
        vec3 d = ray_through(at + o * vec2(1.0, side) * pixel);
        float s = texelFetch(hits, c, 0).r;                 // the first goes through the middle, and is known
        if (i > 0) {
            vec2 span = box_span(eye, d, body_origin, body_size);
            s = strike(eye, d, max(from, span.x), min(span.y, to));
        }
        if (s <= 0.0) continue;
#ifdef EACH
        sum += lit_flesh(eye + d * s, d, s);
#endif
        if (s < parted) { near = vec4(d, s); met.x += 1.0; }
        else { far = vec4(d, s); met.y += 1.0; }
    }
    float all = met.x + met.y;
    // A ray that met none where all its neighbours met some slipped by: it counts for nothing.
    float of = skins.open || all == 0.0 ? float(rays) : all;
#ifndef EACH
    for (int i = 0; i < 2; i++) {
        if (all == 0.0) break;
        vec4 one = met.x > 0.0 ? near : far;
        sum += (met.x > 0.0 ? met.x : met.y) * lit_flesh(eye + one.xyz * one.w, one.xyz, one.w);
        if (met.x == 0.0 || met.y == 0.0) break;
        met.x = 0.0;
    }
#endif
    radiance = vec4(sum, all) / of;
    cover = vec4((all - met.y) / of, 0.0, 0.0, 1.0);
}
