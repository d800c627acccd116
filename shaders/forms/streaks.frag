// A stretch: brightest in its middle, nothing at its rim.
in vec2 disc;
in vec3 colour;
out vec4 radiance;

void main() {
    float k = max(1.0 - dot(disc, disc), 0.0);
    radiance = vec4(colour * k * k * k, 0.0);
}
