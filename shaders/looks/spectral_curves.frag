// A strand as an instrument sees it: its own light alone.
#include "lib/murk.glsl"
in vec3 place;
in float across;
in float coverage;
in float shining;
in float width;
in vec3 colour;
out vec4 radiance;

uniform vec3 eye;
uniform float threads;

void main() {
    float edge = clamp((1.0 - abs(across)) * width + 0.5, 0.0, 1.0) * coverage;
    float x = clamp(across, -1.0, 1.0);
    radiance = vec4(colour * shining * threads * edge * sqrt(1.0 - x * x) * through_murk(place, eye), 0.0);
}
