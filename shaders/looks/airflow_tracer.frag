// A mote's light, fading towards where it came from.
#include "lib/behind_body.glsl"
in vec2 disc;
in float length_of_it;
in float ahead;
in vec3 colour;
out vec4 radiance;

uniform vec2 pixels;

void main() {
    float along = clamp(disc.x, 0.0, length_of_it);
    vec2 off = disc - vec2(along, 0.0);
    float r = dot(off, off);
    if (r >= 1.0) discard;
    float share = length_of_it > 1e-3 ? along / length_of_it : 1.0;
    float light = (1.6 * exp(-5.0 * r) + 0.2 * (1.0 - r)) * mix(0.05, 1.0, share * share);
    radiance = vec4(colour * light * behind_body(gl_FragCoord.xy / pixels, ahead), 0.0);
}
