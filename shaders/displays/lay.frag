// One view into its box of a picture.
uniform sampler2D view;
uniform ivec2 corner;
uniform ivec2 extent;
out vec4 picture;

void main() {
    picture = textureSize(view, 0) == extent ? texelFetch(view, ivec2(gl_FragCoord.xy) - corner, 0)
                                             : texture(view, (gl_FragCoord.xy - vec2(corner)) / vec2(extent));
}
