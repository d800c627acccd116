// How a view's pixels move as its camera goes aside, four of a row to a texel: 1 − D/d for what is d m ahead, D m
// to the focal plane; 0 where nothing has a depth. An edge's own pixels hold some of what is in front and go with
// it.
#include "lib/camera.glsl"

out vec4 moves;

uniform sampler2D depth;
uniform float apart;   // depth between two surfaces
uniform float focus;   // m to the focal plane

const float OUTSIDE = 1e9;   // parallax of what fills the last texel of a row

void main() {
    ivec2 c = ivec2(gl_FragCoord.xy) * ivec2(4, 1), top = textureSize(depth, 0) - 1;
    float row[6];
    for (int i = 0; i < 6; i++) row[i] = texelFetch(depth, ivec2(clamp(c.x + i - 1, 0, top.x), c.y), 0).r;
    for (int i = 0; i < 4; i++) {
        int x = min(c.x + i, top.x);
        float above = texelFetch(depth, ivec2(x, min(c.y + 1, top.y)), 0).r;
        float below = texelFetch(depth, ivec2(x, max(c.y - 1, 0)), 0).r;
        float here = row[i + 1];
        float nearest = min(min(min(row[i], row[i + 2]), min(above, below)), here);
        if (here < 1.0 && here - nearest < apart) nearest = here;   // one surface, only slanted
        float parallax = 1.0 - focus / ahead_of(nearest);
        if (parallax == 0.0) parallax = 1e-9;   // which is to say that something is there
        moves[i] = c.x + i > top.x ? OUTSIDE : nearest < 1.0 ? parallax : 0.0;
    }
}
