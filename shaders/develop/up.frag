// One level of the glare: its own share of light and, through a tent of weights 1/4 3/4, all that is wider.
uniform sampler2D own;
uniform sampler2D wider;
uniform float share;   // of `own` in the sum
uniform float rest;    // of `wider`: 1, or the last level's share where the sum begins
uniform vec2 factor;   // by which `wider` is smaller
out vec4 light;

void main() {
    vec2 coarse = ((gl_FragCoord.xy - 1.0) / factor + 1.0) / vec2(textureSize(wider, 0));   // both have margins
    light = share * texelFetch(own, ivec2(gl_FragCoord.xy), 0) + rest * texture(wider, coarse);
}
