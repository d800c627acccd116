// Light that arithmetic can go on with: no NaN, no infinity, nothing negative. One bad pixel would else
// spread over the whole picture with the bloom.
vec4 clean(vec4 light) {
    vec4 bounded = clamp(light, vec4(0.0), vec4(60000.0));
    return vec4(isnan(light.r) ? 0.0 : bounded.r, isnan(light.g) ? 0.0 : bounded.g,
                isnan(light.b) ? 0.0 : bounded.b, isnan(light.a) ? 0.0 : min(bounded.a, 1.0));
}
