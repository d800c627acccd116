// Words as if stitched: satin stitches across the letters, in the colour of the thread that they came with.
in vec2 letter;
in vec3 colour;
out vec4 radiance;

uniform sampler2D letters;
uniform float words, dye;

void main() {
    vec2 drawn = texture(letters, letter).rg;
    float crisp = smoothstep(0.25, 0.75, drawn.r);
    if (max(crisp, drawn.g) < 0.004) discard;
    float lane = dot(letter * vec2(textureSize(letters, 0)), vec2(0.36, 0.24));
    float stitch = 0.5 + 0.5 * cos(6.2831853 * lane);
    stitch = mix(0.62, 0.35 + 0.75 * stitch, 1.0 - smoothstep(0.25, 0.6, fwidth(lane)));
    float grey = dot(colour, vec3(0.2126, 0.7152, 0.0722));
    vec3 dyed = max(mix(vec3(grey), colour, mix(1.9, 0.8, dye)), 0.0);
    radiance = vec4(dyed * words * (crisp * stitch + 0.08 * drawn.g), crisp * 0.6);
}
