// A corner of what lies over the picture: px from the upper left to clip space.
in vec2 corner;
in vec2 place;
in vec4 tint;
out vec2 texel;
out vec4 colour;

uniform vec2 extent;   // of the framebuffer, px

void main() {
    texel = place;
    colour = tint;
    gl_Position = vec4(2.0 * corner.x / extent.x - 1.0, 1.0 - 2.0 * corner.y / extent.y, 0.0, 1.0);
}
