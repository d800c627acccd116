// A soft round spot: no edge that sampling could shift, so that its centroid is its place.
uniform float light;
in vec2 spot;
in vec3 shine;
out vec4 radiance;

void main() {
    float soft = max(1.0 - dot(spot, spot), 0.0);
    soft *= soft;
    radiance = vec4(light * soft * shine, soft);
}
