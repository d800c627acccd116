// How much of a light at p comes through the smog before it: a few samples towards the eye.
#include "lib/volume.glsl"
uniform vec3 air_origin, air_size;
uniform sampler3D air;
uniform vec4 murky;       // 1/m of green light that each of its components takes where it is full

const vec3 MURK = vec3(0.72, 1.0, 1.5);      // smog eats blue first

vec3 through_murk(vec3 p, vec3 eye) {
    if (murky == vec4(0.0)) return vec3(1.0);
    float way = min(distance(p, eye), 5.0), sum = 0.0;
    for (int i = 0; i < 8; i++) {
        vec3 q = in_box(p + normalize(eye - p) * way * (float(i) + 0.5) / 8.0, air_origin, air_size);
        if (q == clamp(q, 0.0, 1.0)) sum += dot(murky, texture(air, q));
    }
    return exp(-sum / 8.0 * way * MURK);
}
