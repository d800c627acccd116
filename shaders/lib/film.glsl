// Light 0..inf to display light 0-1, as film does it: a soft toe, a long shoulder, 0.18 stays 0.18, black
// stays exactly black, and light 16 is paper white. Below that no channel reaches 1.
//
// One number for all three channels answers like a photoreceptor, x^c / (x^c + k) (Naka and Rushton 1966), and
// the colour's proportions go with it, so that contrast neither saturates shadows nor turns a hue. A living
// blue is dim on a display even at its brightest: towards the shoulder a colour pales, along a straight line to
// white in Oklab (B. Ottosson 2020), where hue holds. Chosen by number: benchmarks/tone.py.
const mat3 LMS = mat3(0.4122214708, 0.2119034982, 0.0883024619, 0.5363325363, 0.6806995451, 0.2817188376,
                      0.0514459929, 0.1073969566, 0.6299787005);
const mat3 RGB = mat3(4.0767416621, -1.2684380046, -0.0041960863, -3.3077115913, 2.6097574011, -0.7034186147,
                      0.2309699292, -0.3413193965, 1.7076147010);

// contrast: c. knee: k. top: by what the curve is stretched, so that white comes to 1 (bioart/develop.py, curve).
vec3 film(vec3 light, float contrast, float knee, float top) {
    float most = max(light.r, max(light.g, light.b));
    if (most <= 0.0)
        return vec3(0.0);
    // How bright a colour is: a smooth stand-in for the greatest channel, which would leave a crease where two
    // are equal. Grey's is grey; none is more than a seventh below its greatest channel.
    vec3 colour = light / most;
    vec3 cubes = colour * colour * colour;
    float part = dot(cubes, colour) / dot(cubes, vec3(1.0));
    float x = pow(min(most * part, 16.0), contrast);
    float y = x / (x + knee) * top;
    // Half of the way to white at 0.92, four stops and a half above grey: only the core of a lamp is white.
    float fourth = y * y * y * y;
    vec3 shown = mix(pow(LMS * (colour / part), vec3(1.0 / 3.0)), vec3(1.0), fourth * fourth);
    shown = max(RGB * (shown * shown * shown), 0.0);
    // The greatest channel may stand above y by a seventh; at the shoulder it comes back below 1.
    float above = max(shown.r, max(shown.g, shown.b)) - 1.0;
    return min(shown * (y / (1.0 + above * fourth)), 1.0);
}
