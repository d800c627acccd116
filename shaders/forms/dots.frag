// A grain: brightest in its middle, nothing at its rim.
in vec3 colour;
out vec4 radiance;

void main() {
    vec2 o = 2.0 * gl_PointCoord - 1.0;
    float k = max(1.0 - dot(o, o), 0.0);
    radiance = vec4(colour * k * k * k, 0.0);
}
