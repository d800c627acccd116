// A pinhole that looks through its focal rectangle: off-axis views differ in `eye` alone.
uniform vec3 eye;
uniform vec3 focal;        // middle of the focal rectangle, m
uniform vec3 focal_right;  // from there to its right edge, m
uniform vec3 focal_up;     // and to its upper edge, m
uniform vec3 forward;      // unit
uniform vec2 reach;        // near and far plane, m

// The unit direction through a place of the picture, (0, 0) lower left to (1, 1).
vec3 ray_through(vec2 at) {
    return normalize(focal + (2.0 * at.x - 1.0) * focal_right + (2.0 * at.y - 1.0) * focal_up - eye);
}

// GL's depth, 0 to 1, of a point so many metres before the camera, and back.
float depth_of(float ahead) {
    float n = reach.x, f = reach.y;
    return 0.5 + 0.5 * ((f + n) / (f - n) - 2.0 * f * n / ((f - n) * ahead));
}

float ahead_of(float depth) {
    float n = reach.x, f = reach.y;
    return 2.0 * f * n / (f + n - (2.0 * depth - 1.0) * (f - n));
}
