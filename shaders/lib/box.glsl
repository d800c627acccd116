// Where a ray enters and leaves a box, in units of d; enters > leaves where it misses.
vec2 box_span(vec3 o, vec3 d, vec3 origin, vec3 size) {
    vec3 slow = vec3(lessThan(abs(d), vec3(1e-9)));
    vec3 inverse = 1.0 / mix(d, vec3(1e-9), slow);
    vec3 a = (origin - o) * inverse;
    vec3 b = (origin + size - o) * inverse;
    vec3 low = min(a, b), high = max(a, b);
    return vec2(max(max(low.x, low.y), low.z), min(min(high.x, high.y), high.z));
}
