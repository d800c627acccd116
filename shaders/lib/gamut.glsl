// A colour that the primaries cannot mix, moved towards white at its luminance, just as far as it must
// (bioart/spectrum.py, within_gamut).
vec3 in_gamut(vec3 c) {
    float y = dot(c, vec3(0.2126729, 0.7151522, 0.0721750));
    float least = min(c.r, min(c.g, c.b));
    return y <= 0.0 ? vec3(0.0) : least >= 0.0 ? c : max(mix(vec3(y), c, y / (y - least)), 0.0);
}
