// One drawing's share of a frame that is the mean of many; what it is added to is blended.
out vec4 share_of_it;

uniform sampler2D radiance;
uniform float share;

void main() {
    share_of_it = share * texelFetch(radiance, ivec2(gl_FragCoord.xy), 0);
}
