// Letters of light, with a dark around them that lines do not cross.
in vec2 letter;
in vec3 colour;
out vec4 radiance;

uniform sampler2D letters;
uniform float words;

void main() {
    vec2 drawn = texture(letters, letter).rg;
    float crisp = smoothstep(0.25, 0.75, drawn.r);
    if (max(crisp, drawn.g) < 0.004) discard;
    float there = clamp(2.0 * words * max(max(colour.r, colour.g), colour.b), 0.0, 1.0);   // what fades uncovers again
    radiance = vec4(colour * words * (1.3 * crisp + 0.08 * drawn.g), there * max(0.95 * crisp, min(3.0 * drawn.g, 0.9)));
}
