// One view into its box of a picture: texel for texel (EXACT), else as the sampler does.
uniform sampler2D view;
uniform ivec2 corner;
uniform ivec2 extent;
out vec4 picture;

void main() {
#ifdef EXACT
    picture = texelFetch(view, ivec2(gl_FragCoord.xy) - corner, 0);
#else
    picture = texture(view, (gl_FragCoord.xy - vec2(corner)) / vec2(extent));
#endif
}
