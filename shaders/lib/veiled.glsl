// How much of a light at p comes through the body before it. The field is coarse and the samples lie closer
// where the ray begins, so that a branch's own other side is told from a branch far off.
#include "lib/volume.glsl"
#include "lib/box.glsl"
uniform sampler3D veil;               // r: solid fraction
uniform vec3 veil_origin, veil_size;
uniform float flesh;                  // 1/m that solid flesh takes

float through_flesh(vec3 p, vec3 eye) {
    vec3 d = normalize(eye - p);
    vec2 span = box_span(p, d, veil_origin, veil_size);
    float way = span.y;
    if (flesh <= 0.0 || span.x >= span.y || way <= 0.0) return 1.0;
    float sum = 0.0;
    const int n = 12;
    for (int i = 0; i < n; i++) {
        float u = (float(i) + 0.5) / float(n);
        sum += u * texture(veil, in_box(p + d * way * u * u, veil_origin, veil_size)).r;
    }
    return exp(-flesh * sum * way * 2.0 / float(n));
}
