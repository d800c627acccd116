uniform float light;
in float across;
in vec3 shine;
out vec4 radiance;

void main() {
    float cover = clamp((1.0 - abs(across)) / max(fwidth(across), 1e-6), 0.0, 1.0);
    radiance = vec4(light * cover * shine, cover);
}
