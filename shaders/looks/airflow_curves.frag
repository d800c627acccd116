// A strand by its own light, dimmed where it runs behind the body.
#include "lib/behind_body.glsl"
in float across;
in float coverage;
in float shining;
in float width;
in vec3 place;
in vec3 colour;
out vec4 radiance;

uniform vec3 eye, forward;
uniform vec2 pixels;
uniform float threads;

void main() {
    float edge = clamp((1.0 - abs(across)) * width + 0.5, 0.0, 1.0) * coverage;
    float x = clamp(across, -1.0, 1.0);
    float shine = shining * threads * edge * sqrt(1.0 - x * x);
    radiance = vec4(colour * shine * behind_body(gl_FragCoord.xy / pixels, dot(place - eye, forward)), 0.0);
}
