// Interleaved gradient noise (Jimenez 2014): any 3x3 pixels hold nearly even ranks, so a 3x3 filter clears it.
float gradient_noise(vec2 pixel) {
    return fract(52.9829189 * fract(dot(pixel, vec2(0.06711056, 0.00583715))));
}
