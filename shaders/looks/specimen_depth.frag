// The skin's depth, for all that is drawn later; and, marking, which pixels it fills (0), leaves alone (0.75) or
// fills in part (1: an edge).
#include "lib/camera.glsl"

in vec2 at;

uniform sampler2D hits;
uniform bool marking;
uniform int rays;      // to an edge's pixel; 1: there are no edges

float metres(ivec2 c) {
    float s = texelFetch(hits, clamp(c, ivec2(0), textureSize(hits, 0) - 1), 0).r;
    return s > 0.0 ? s : reach.y;
}

void main() {
    ivec2 c = ivec2(gl_FragCoord.xy);
    float s = metres(c);
    if (!marking) {
        gl_FragDepth = s < reach.y ? depth_of(s * dot(ray_through(at), forward)) : 1.0;
        return;
    }
    float most = 0.0;
    for (int i = 0; i < 4; i++) {
        float there = metres(c + ivec2((i & 1) * (i - 2), (1 - (i & 1)) * (i - 1)));
        most = max(most, abs(there - s) / min(there, s));
    }
    gl_FragDepth = most > 0.02 && rays > 1 ? 1.0 : s < reach.y ? 0.0 : 0.75;
}
