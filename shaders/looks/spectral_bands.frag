// The lights apart, for a grating to throw each wavelength aside by its length.
#include "lib/bands.glsl"

in vec2 at;
layout(location = 0) out vec4 bands;   // radiance of each light
layout(location = 1) out vec4 rest;    // r: of what flashes in the air, a: what is hidden of all behind

void main() {
    float flash;
    float hidden = bands_through(at, bands, flash);
    rest = vec4(flash, 0.0, 0.0, hidden);
}
