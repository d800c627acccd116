// Henyey-Greenstein: how much of the light that meets a mote leaves at an angle; integrates to 1 over the sphere.
float phase(float cosine, float g) {
    float k = 1.0 + g * g - 2.0 * g * cosine;
    return (1.0 - g * g) / (12.566371 * k * sqrt(k));
}
