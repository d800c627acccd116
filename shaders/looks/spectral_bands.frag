// The lights apart, for a grating to throw each wavelength aside by its length.
#include "lib/bands.glsl"

in vec2 at;
layout(location = 0) out vec4 bands;   // radiance of each light
layout(location = 1) out vec4 rest;    // r: of what flashes in the air, g: m ahead of it all on the mean, a: what is hidden of all behind

void main() {
    float flash, ahead;
    float hidden = bands_through(at, bands, flash, ahead);
    rest = vec4(flash, ahead, 0.0, hidden);
}
