// Light that a stretch of a ray sends to its near end: emission runs straight from j0 to j1 (per metre) over
// `way` metres while each metre takes `k` of what passes. Exact for that (integrate j(s)·exp(-k·s)); also
// returns in `left` what the stretch lets through of light from beyond.
vec4 segment(vec4 j0, vec4 j1, vec4 k, float way, out vec4 left) {
    vec4 x = k * way;
    left = exp(-x);
    vec4 small = vec4(lessThan(x, vec4(0.02)));
    vec4 safe = max(x, vec4(0.02));
    vec4 all = mix((1.0 - left) / safe, 1.0 - x * (0.5 - x / 6.0), small);
    vec4 far = mix((all - left) / safe, 0.5 - x * (1.0 / 3.0 - x * 0.125), small);
    return way * (j0 * (all - far) + j1 * far);
}
