// Light 0..inf to display light 0-1, as film does it: a soft toe, a long shoulder, 0.18 stays 0.18, black
// stays exactly black, and light 16 is paper white.
//
// Each channel answers like a photoreceptor, x^c / (x^c + k) (Naka and Rushton 1966), not on the primaries
// themselves but on inset ones, so that a saturated light pales on its way up instead of clipping; part of
// the inset is undone after. Both matrices were fitted so that the Oklab hue of eleven saturated colours
// holds within 5 degrees from -4 EV up to where the colour has gone: bright blue stays blue, not purple.
const mat3 INSET = mat3(0.4385, 0.2955, 0.2805, 0.2990, 0.3765, 0.2825, 0.2625, 0.3280, 0.4370);
const mat3 OUTSET = mat3(5.4475, -2.4880, -1.4579, -4.4813, 8.1468, -3.1078, 0.0338, -4.6588, 5.5657);

vec3 film(vec3 light, float contrast) {
    float grey = pow(0.18, contrast);
    float white = pow(16.0, contrast);
    float k = 0.82 * grey * white / (0.18 * white - grey);   // so that 0.18 stays, with white at 1
    vec3 x = pow(max(INSET * light, vec3(0.0)), vec3(contrast));
    vec3 y = min(x / (x + k) * ((white + k) / white), vec3(1.0));
    return clamp(OUTSET * y, 0.0, 1.0);
}
