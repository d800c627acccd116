// Radiance to display light: glare takes its share from the sharp picture, then exposure, balance, film. What
// would leave the frame stays sharp (the glare's alpha says how much does not), so that a picture's light is kept
// to its edges and an even one stays even.
#include "lib/clean.glsl"
#include "lib/film.glsl"
uniform sampler2D radiance;
uniform sampler2D glare;
uniform float bloom;
uniform float exposure;
uniform float contrast, knee, top;
uniform float saturation;
uniform vec3 balance;
uniform vec2 factor;    // by which the glare is smaller than the radiance
uniform float corner;   // its texels before this view's own
uniform ivec2 origin;   // of this view in what it is developed to, px
out vec4 picture;

void main() {
    vec2 at = gl_FragCoord.xy - vec2(origin);
    vec4 sharp = clean(texelFetch(radiance, ivec2(at), 0));
    vec4 wide = texture(glare, (at / factor + vec2(1.0 + corner, 1.0)) / vec2(textureSize(glare, 0)));
    vec3 light = (sharp.rgb * (1.0 - bloom * wide.a) + bloom * wide.rgb) * exposure * balance;
    float grey = dot(light, vec3(0.2126, 0.7152, 0.0722));
    picture = vec4(film(max(mix(vec3(grey), light, saturation), 0.0), contrast, knee, top), sharp.a);
}
