// A line's own light and what runs along it. Foul air runs in grains, clear air in fine threads.
#include "lib/carried.glsl"
#include "lib/pulse.glsl"
#include "lib/behind_body.glsl"
in float across;
in float coverage;
in float wide;
in float time;
in float ahead;
in vec4 state;
out vec4 radiance;

uniform vec2 pixels;
uniform float lines, pulses, way, focus, flashes;
uniform vec3 flash_colour;

void main() {
    float edge = clamp((1.0 - abs(across)) * wide + 0.5, 0.0, 1.0) * coverage;
    float blurred = fwidth(time);
    float runs = pulse(time, blurred);
    float body_of_it = mix(1.0, 1.4 * dust(time, blurred), 0.7 * smoothstep(0.4, 0.85, state.x));
    float x = clamp(across, -1.0, 1.0), depth = clamp(1.6 - 0.6 * ahead / focus, 0.35, 1.6);
    float shine = lines * state.y * edge * sqrt(1.0 - 0.75 * x * x) * depth;
    shine *= mix(behind_body(gl_FragCoord.xy / pixels, ahead), way, state.z);
    vec3 own = carried(state.x) * body_of_it * (0.10 + 0.25 * pulses * runs);
    radiance = vec4(shine * (own + flash_colour * flashes * 4.0 * state.w * (0.3 + runs)), 0.0);
}
