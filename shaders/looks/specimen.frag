// The body where a ray has met it.
#include "lib/camera.glsl"
#include "lib/flesh.glsl"

in vec2 at;
out vec4 radiance;

uniform sampler2D hits;

void main() {
    vec3 d = ray_through(at);
    float s = texelFetch(hits, ivec2(gl_FragCoord.xy), 0).r;
    radiance = vec4(lit_flesh(eye + d * s, d, s), 1.0);
}
