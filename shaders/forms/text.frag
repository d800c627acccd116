// Letters of light: sharp at any size, in a halo, on a shade that is seen only where they stand on light.
in vec2 letter;
in vec3 colour;
out vec4 radiance;

uniform sampler2D letters;  // r: distance from the edge, g: halo
uniform float words;

const float REACH = 8.0;  // texels that the field tells to either side: bioart/gpu/distance.py

// Four places in a pixel, each in a row and a column of its own: with a softness of quarters they make up
// a whole pixel for edges that stand or lie, so that a letter's light does not change as it drifts.
const vec2 SAMPLES[4] =
    vec2[](vec2(-0.125, -0.375), vec2(0.375, -0.125), vec2(0.125, 0.375), vec2(-0.375, 0.125));
const float SOFT = 0.5;

const float THIN = 0.35;   // texels that large letters lose to either side, as the glare gives them as much
const float CORE = 1.6;   // letters a little brighter than what they say they are: the film bends there
const float AIR = 0.06;    // their own light on the air about them; the glare of the picture does the rest
const float WHITE = 0.5;   // a light's core has less colour than its halo, so that blue words can be read
const float SHADE = 0.97;  // what of the light behind them is taken away about the letters, at most
const float WIDE = 14.0;    // how far from the letters it is

// How much of a pixel is ink.
float ink(vec2 right, vec2 up) {
    vec2 size = vec2(textureSize(letters, 0));
    float wide = 0.5 * (length(right * size) + length(up * size));
    float sum = 0.0, thin = THIN * (1.0 - smoothstep(1.5, 4.0, wide));
    for (int i = 0; i < 4; i++) {
        vec2 o = SAMPLES[i].x * right + SAMPLES[i].y * up;
        float d = (textureLod(letters, letter + o, 0.0).r * 255.0 - 128.0) * REACH / 127.0;
        sum += clamp(0.5 + (d - thin) / (SOFT * wide), 0.0, 1.0);
    }
    return 0.25 * sum;
}

void main() {
    float halo = texture(letters, letter).g;
    float crisp = ink(dFdx(letter), dFdy(letter));
    if (max(crisp, halo) < 0.004) discard;
    float grey = dot(colour, vec3(0.2126, 0.7152, 0.0722)), most = max(colour.r, max(colour.g, colour.b));
    vec3 core = mix(colour, vec3(max(grey, 0.6 * most)), WHITE);
    float there = clamp(2.0 * words * most, 0.0, 1.0);  // what fades uncovers again
    float shade = there * max(crisp, SHADE * (1.0 - exp(-WIDE * halo)));
    radiance = vec4(words * (CORE * core * crisp + AIR * colour * halo), shade);
}
