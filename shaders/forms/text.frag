// Letters of light: crisp, with a halo that hides nothing.
in vec2 letter;
in vec3 colour;
out vec4 radiance;

uniform sampler2D letters;
uniform float words;

void main() {
    vec2 drawn = texture(letters, letter).rg;
    float crisp = smoothstep(0.25, 0.75, drawn.r);
    if (max(crisp, drawn.g) < 0.004) discard;
    radiance = vec4(colour * words * (crisp + 0.16 * drawn.g), crisp * 0.6);
}
