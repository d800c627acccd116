// The first orders of a grating before the lens: each wavelength's own picture, thrown aside by its length.
in vec2 at;
out vec4 radiance;

const int TAPS = 24;
uniform sampler2D bands;        // radiance of each light
uniform sampler2D rest;         // r: of what flashes in the air
uniform vec4 powers[TAPS];      // each emitter's power at a wavelength
uniform vec4 colours[TAPS];     // rgb of that wavelength, a: the flash's power there
uniform float throws[TAPS];     // how far it is thrown, in picture widths
uniform float other_side;       // of the light that goes to the left
uniform float step_wide;        // from a wavelength's throw to the next, in picture widths

float within(float x) {
    return step(0.0, x) * step(x, 1.0);
}

void main() {
    float lod = max(log2(step_wide * float(textureSize(bands, 0).x)), 0.0);   // as soft as steps are wide
    vec3 sum = vec3(0.0);
    for (int i = 0; i < TAPS; i++) {
        vec2 right = at - vec2(throws[i], 0.0), left = at + vec2(throws[i], 0.0);
        float a = within(right.x), b = other_side * within(left.x);
        float one = a * (dot(textureLod(bands, right, lod), powers[i]) + colours[i].a * textureLod(rest, right, lod).r) +
                    b * (dot(textureLod(bands, left, lod), powers[i]) + colours[i].a * textureLod(rest, left, lod).r);
        sum += one * colours[i].rgb;
    }
    radiance = vec4(sum, 0.0);
}
