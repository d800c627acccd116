// Linear 0-1 to the sRGB code value 0-1 (IEC 61966-2-1).
vec3 srgb(vec3 light) {
    vec3 high = 1.055 * pow(max(light, vec3(1e-6)), vec3(1.0 / 2.4)) - 0.055;
    vec3 value = mix(12.92 * light, high, step(vec3(0.0031308), light));
    return mix(value, vec3(1.0), step(vec3(1.0), light));   // a power of 1 may fall short of it
}
