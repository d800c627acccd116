// How a grain of light is seen: nearer ones brighter and larger, far ones bluer; dimmed by the flesh and the
// smog before them.
#include "lib/veiled.glsl"
#include "lib/murk.glsl"
uniform vec3 eye;
uniform float focus;          // m before the camera that are sharp
uniform float depth;          // 1/m

// p: its place; from: where its way to the eye begins, out of the skin it sits on; ahead: m; larger: its
// radius is multiplied by this.
vec3 dimmed(vec3 p, vec3 from, float ahead, out float larger) {
    float nearer = clamp(depth * (focus - ahead), -3.0, 1.0);
    larger = exp(0.4 * nearer);
    vec3 far = min(nearer, 0.0) * vec3(0.6, 0.3, 0.0);
    return exp(nearer + far) * through_flesh(from, eye) * through_murk(p, eye);
}
