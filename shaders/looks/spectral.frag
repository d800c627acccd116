// The picture alone: what reaches the eye, in the emitters' colours.
#include "lib/bands.glsl"

in vec2 at;
out vec4 radiance;

uniform mat4x3 spectra;     // linear sRGB of the lights
uniform vec3 flash_colour;

void main() {
    vec4 bands;
    float flash, ahead;
    float hidden = bands_through(at, bands, flash, ahead);
    gl_FragDepth = ahead > reach.x ? depth_of(ahead) : 1.0;
    radiance = vec4(spectra * bands + flash_colour * flash, hidden);
}
