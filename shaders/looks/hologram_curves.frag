// A thread as a line of light: its own glow, seen through flesh and smog.
#include "lib/grain.glsl"
in vec3 place;
in float across;
in float coverage;
in float shining;
in float width;
in vec3 colour;
out vec4 radiance;

uniform float threads;
uniform vec3 forward;

void main() {
    float x = clamp(across, -1.0, 1.0), larger;
    float edge = clamp((1.0 - abs(across)) * width + 0.5, 0.0, 1.0) * coverage;
    vec3 through = dimmed(place, place + 0.12 * normalize(eye - place), dot(place - eye, forward), larger);
    radiance = vec4(colour * (0.1 + shining) * threads * edge * sqrt(1.0 - x * x) * through, 0.0);
}
