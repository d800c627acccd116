// A stretch of yarn as a roof that faces the camera, as high as it is round (forms/curves.vert, with how far it has run, the way
// to the nearest end and the thread's own number), and the light that reaches it there.
#include "lib/grain.glsl"
in vec3 a, b, c, d;
in vec2 radii;
in vec2 glows;
in vec3 tint;
in vec2 along, ends;     // girths gone so far; m to the nearest end
in float number;
out vec3 place, tangent, sideways, colour;
out vec3 through, sun, about;     // what is left of light on its way to the eye; the key's light here; all other
out float across, coverage, width, shining, run, whole;
flat out float own;

uniform mat4 view, projection;
uniform vec2 pixels;
uniform int pieces;
uniform float yarn, wide;     // times its radius; half width of the ribbon, in radii
uniform vec2 back;            // how far behind itself it is drawn, in radii: its middle, its rims
uniform float fray;           // m
uniform sampler3D cloth;      // rgb: glow of body and yarn about here, a: openness
uniform sampler3D dusk;       // r: optical depth between here and the key light
uniform vec3 cloth_origin, cloth_size;
uniform float cloth_cell;     // m
uniform float key, fill;
uniform vec3 key_from, key_colour;

const vec3 SKY = vec3(0.50, 0.60, 0.90);

void main() {
    float side = float(gl_VertexID % 3) - 1.0;
    float u = float(gl_VertexID / 3) / float(pieces);
    vec3 k1 = 0.5 * (c - a), k2 = a - 2.5 * b + 2.0 * c - 0.5 * d, k3 = 0.5 * (d - a) + 1.5 * (b - c);
    place = b + u * (k1 + u * (k2 + u * k3));
    tangent = normalize(k1 + u * (2.0 * k2 + 3.0 * u * k3) + 1e-6);
    run = mix(along.x, along.y, u) / yarn;
    whole = fray > 0.0 ? smoothstep(0.0, fray, mix(ends.x, ends.y, u)) : 1.0;
    float radius = yarn * mix(radii.x, radii.y, u) * mix(1.5, 1.0, whole);
    vec3 to_eye = normalize(eye - place);
    sideways = normalize(cross(to_eye, tangent) + 1e-7);
    float ahead = max(-(view * vec4(place, 1.0)).z, 1e-3);
    float pixel = 2.0 * ahead / (projection[1][1] * pixels.y);        // m
    float half_wide = max(radius, 0.5 * pixel);
    coverage = radius / half_wide;
    width = half_wide / pixel;
    float drawn = half_wide * wide + 0.75 * pixel;
    across = side * drawn / half_wide;
    shining = mix(glows.x, glows.y, u);
    colour = tint;
    own = number;

    vec4 here = texture(cloth, in_box(place + radius * to_eye, cloth_origin, cloth_size));
    float before = texture(dusk, in_box(place + 1.3 * cloth_cell * key_from, cloth_origin, cloth_size)).r;
    float larger;
    through = dimmed(place, place + 0.12 * to_eye, ahead, larger);
    sun = through * key * key_colour * exp(-before);
    about = through * (here.rgb + fill * SKY) * here.a;
    gl_Position = projection * view * vec4(place + sideways * side * drawn - to_eye * half_wide * mix(back.x, back.y, abs(side)), 1.0);
}
