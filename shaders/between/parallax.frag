// How a view's pixels move as its camera goes aside: 1 − D/d for what is d m ahead, D m to the focal plane; 0
// where nothing has a depth. An edge's own pixels hold some of what is in front and go with it.
#include "lib/camera.glsl"

out vec4 moves;   // r: parallax, g: what is seen where several come to one place has the least of it

uniform sampler2D depth, light;
uniform bool opaque;   // the nearer hides what is behind it; else the brighter is what is seen
uniform float apart;   // depth between two surfaces
uniform float focus;   // m to the focal plane

void main() {
    ivec2 c = ivec2(gl_FragCoord.xy), top = textureSize(depth, 0) - 1;
    float nearest = 1.0;
    for (int i = 0; i < 4; i++) {
        ivec2 beside = c + ivec2((i & 1) * (i - 2), (1 - (i & 1)) * (i - 1));
        nearest = min(nearest, texelFetch(depth, clamp(beside, ivec2(0), top), 0).r);
    }
    float here = texelFetch(depth, c, 0).r;
    nearest = min(nearest, here);
    if (here < 1.0 && (!opaque || here - nearest < apart)) nearest = here;   // one surface, only slanted
    float bright = dot(texelFetch(light, c, 0).rgb, vec3(1.0));
    float parallax = 1.0 - focus / ahead_of(nearest);
    if (parallax == 0.0) parallax = 1e-9;   // which is to say that something is there
    moves = vec4(nearest < 1.0 ? parallax : 0.0, opaque ? nearest : -bright, 0.0, 0.0);
}
