// BAND: float, vec2, vec3 or vec4, a lane for each light, defined before.
//
// Light that a stretch of a ray sends to its near end: emission runs straight from j0 to j1 (per metre) over
// `way` metres while each metre takes `k` of what passes; `left` is what it lets through of light from beyond.
// Simpson's rule on j·exp(-k·s): off by (k·way)⁴/2880 of it, and a pace keeps k·way below 1.5.
BAND segment(BAND j0, BAND j1, BAND k, float way, out BAND left) {
    BAND middle = exp(-0.5 * way * k);
    left = middle * middle;
    return way / 6.0 * (j0 + 2.0 * (j0 + j1) * middle + j1 * left);
}
