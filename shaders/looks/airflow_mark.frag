// Light that gathers at an intake and goes out from a vent: a core as bright as its flow, and rings that run as air
// would that is taken or given in one point, 4/3 πr³ = flow · time.
#include "lib/carried.glsl"
#include "lib/pulse.glsl"
#include "lib/behind_body.glsl"
in vec2 disc;
in float radius;
in float ahead;
flat in vec3 mark;
out vec4 radiance;

uniform vec2 pixels;
uniform float mouths;

void main() {
    float r = length(disc);
    if (r >= 1.0 || mark.x == 0.0) discard;
    float far = r * radius, time = mark.z + sign(mark.x) * 4.18879 * far * far * far / abs(mark.x);
    float runs = pulse(time, max(fwidth(time), 0.2 * period));   // a front as soft as air's
    float fades = (1.0 - r) * (1.0 - r);
    float core = exp(-r * r * 40.0) * 2.2 + 0.22 * fades * fades;
    float ring = 0.9 * runs * fades * smoothstep(0.06, 0.22, r);
    float strength = mouths * min(sqrt(abs(mark.x)) * 1.6, 1.5);
    radiance = vec4(carried(mark.y) * strength * (core + ring) * behind_body(gl_FragCoord.xy / pixels, ahead), 0.0);
}
