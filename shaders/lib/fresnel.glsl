// Schlick's reflectance of a surface that throws back `straight` of what meets it head on.
float fresnel(float cosine, float straight) {
    float k = 1.0 - clamp(cosine, 0.0, 1.0);
    return straight + (1.0 - straight) * k * k * k * k * k;
}
