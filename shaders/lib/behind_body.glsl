// What the body lets through of a light so many metres ahead, at a place of the picture.
uniform sampler2D body;    // r: m of flesh, b: m ahead where it begins
uniform float glass;

float behind_body(vec2 at, float ahead) {
    vec4 b = texture(body, at);
    return mix(1.0, exp(-glass * b.r), smoothstep(0.0, 0.3, ahead - b.b));
}
