// The picture itself and its first orders on one plate.
#include "lib/camera.glsl"
#include "lib/gamut.glsl"
in vec2 at;
out vec4 radiance;

uniform sampler2D bands, rest, orders;
uniform mat4x3 spectra;     // linear sRGB of the emitters
uniform vec3 flash_colour;
uniform float order;        // of the light that goes into the first orders

void main() {
    vec4 other = texture(rest, at);
    vec3 straight = spectra * texture(bands, at) + flash_colour * other.r;
    vec3 light = (1.0 - order) * straight + order * in_gamut(texture(orders, at).rgb);
    radiance = vec4(light, other.a);
    gl_FragDepth = other.g > reach.x ? depth_of(other.g) : 1.0;
}
