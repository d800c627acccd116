// Letters of light: sharp at any size, in a halo, on a shade that is seen only where they stand on light.
in vec2 letter;
in vec3 colour;
out vec4 radiance;

uniform sampler2D letters;  // r: distance from the edge, g: halo
uniform float words;

const float REACH = 8.0;  // texels that the field tells to either side: bioart/gpu/distance.py

// How much of a pixel is ink: four samples, each as soft as its quarter of the pixel is wide in texels.
float ink(vec2 right, vec2 up) {
    vec2 size = vec2(textureSize(letters, 0));
    float soft = 0.5 * (length(right * size) + length(up * size));
    float sum = 0.0;
    for (int i = 0; i < 4; i++) {
        vec2 o = vec2(float(i & 1), float(i >> 1)) * 0.5 - 0.25;
        o = mat2(0.894, 0.447, -0.447, 0.894) * o;
        float d = (textureLod(letters, letter + o.x * right + o.y * up, 0.0).r * 255.0 - 128.0) * REACH / 127.0;
        sum += clamp(0.5 + d / (0.75 * soft), 0.0, 1.0);
    }
    return 0.25 * sum;
}

void main() {
    float halo = texture(letters, letter).g;
    float crisp = ink(dFdx(letter), dFdy(letter));
    if (max(crisp, halo) < 0.004) discard;
    float grey = dot(colour, vec3(0.2126, 0.7152, 0.0722));
    vec3 core = mix(colour, vec3(max(grey, 0.6 * max(colour.r, max(colour.g, colour.b)))), 0.5);
    radiance = vec4(words * (core * crisp + 0.12 * colour * halo), max(crisp * 0.85, 0.55 * halo));
}
