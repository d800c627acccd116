// The gain alone: blending multiplies what the picture holds by it.
uniform float gain;
out vec4 factor;

void main() {
    factor = vec4(gain);
}
