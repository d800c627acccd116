// One level of the glare, of several views side by side: its own share of light and, through a tent of weights
// 1/4 3/4, all that is wider.
uniform sampler2D own;
uniform sampler2D wider;
uniform float share;   // of `own` in the sum
uniform float rest;    // of `wider`: 1, or the last level's share where the sum begins
uniform vec2 factor;   // by which `wider` is smaller
uniform vec2 strides;  // texels from one view to the next, here and in `wider`
uniform float width;   // of one view's here
out vec4 light;

void main() {
    float place = floor(gl_FragCoord.x / strides.x);
    vec2 at = gl_FragCoord.xy - vec2(place * strides.x, 0.0);
    vec2 coarse = (at - 1.0) / factor + vec2(1.0 + place * strides.y, 1.0);   // both have margins
    light = share * texelFetch(own, ivec2(gl_FragCoord.xy), 0) + rest * texture(wider, coarse / vec2(textureSize(wider, 0)));
    if (at.x > width) light = vec4(0.0);
}
