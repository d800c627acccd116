// Letters and shapes over the picture, as code values: straight alpha, mixed by blending.
in vec2 texel;
in vec4 colour;
out vec4 code;

uniform sampler2D atlas;

void main() {
    code = colour * texture(atlas, texel);
}
