// RIM: defined where a second lamp shines.
//
// Light on the skin, through the flesh and from inside it.
#include "lib/skin.glsl"
#include "lib/polyp.glsl"
#include "lib/fresnel.glsl"

uniform sampler3D shape;      // solid, tip, network, age
uniform sampler3D lights;     // four emitters
uniform mat4x3 spectra;       // linear sRGB of each
uniform sampler3D inner;      // rgb: glow that the flesh has spread, a: openness to the surroundings
uniform sampler3D shade;      // r: metres of flesh between here and the key light, g: flesh here, b: as r, of the second lamp
uniform sampler3D made;       // 0–1, what was made and not grown
uniform float cups;           // 0–1, how far the skin stands in polyps
uniform int depth_steps;      // samples under the skin
uniform float translucency;   // mean free path of red light in the flesh, m
uniform float glow, veins, tips;
uniform float key, fill, sheen;
uniform vec3 key_from;        // unit, towards the key light
uniform vec3 key_colour;
uniform float rim;            // the second lamp, as the key light
uniform vec3 rim_from, rim_colour;
uniform float t;              // s
uniform float pixel;          // angle that a pixel sees, rad

const vec3 SKY = vec3(0.30, 0.52, 1.0);
const float GLAZE = 0.5;   // of the relief is left in smooth skin

struct Skin {
    vec3 n, smooth_n;      // the normal, with the relief and without
    vec3 d;                // of the ray that sees it
    vec3 flesh, absorbs;   // its albedo; 1/m that it takes
};

// A lamp on the skin, past its edge, and through it from behind. before, through: metres of flesh that its light
// passes to a place above the skin, and to one under it.
vec3 lamp(Skin k, vec3 sun, vec3 from, float before, float through) {
    vec3 reaching = sun * exp(-before * vec3(10.0, 13.0, 16.0));
    float wrap = clamp((dot(k.n, from) + 0.15) / 1.15, 0.0, 1.0);
    float behind = 0.5 + 0.5 * dot(k.d, from);
    behind *= behind;
    vec3 seep = sun * exp(-max(through, 0.03) * k.absorbs) * (0.01 + 0.14 * behind);
    float edge = pow(1.0 - clamp(-dot(k.smooth_n, k.d), 0.0, 1.0), 3.0) * (0.08 + 1.9 * behind);
    float straight = clamp(dot(k.n, normalize(from - k.d)), 0.0, 1.0);
    float gloss = sheen * (2.5 * pow(straight, 90.0) + 0.25 * pow(straight, 14.0));
    return reaching * (k.flesh * wrap + gloss + edge) + sqrt(k.flesh) * seep;
}

vec3 lit_flesh(vec3 p, vec3 d, float away) {
    vec3 smooth_n = -normalize(slope(p, 1.2 * voxel) + 1e-6);
    vec4 m = tissue(p);
    // What was made, and flesh that is told to, is smooth: it bears no polyps and is as even as glaze.
    float built = texture(made, in_box(p - 0.8 * voxel * smooth_n, body_origin, body_size)).r;
    float cupped = cups * (1.0 - built);
    vec3 n = normalize(mix(smooth_n, bent(smooth_n, p, max(0.07 * grain, 0.6 * pixel * away)), mix(GLAZE, 1.0, cupped)));
    vec4 here = texture(shape, in_box(p - 0.8 * voxel * smooth_n, body_origin, body_size));
    float tip = here.g, age = here.a;
    float facing = clamp(-dot(n, d), 0.0, 1.0);
    float smooth_facing = clamp(-dot(smooth_n, d), 0.0, 1.0);
    float cloud = swell(p);
    Polyp polyp = polyp_at(p, m, smooth_n, pixel * away / grain);
    polyp.mouth *= cupped;
    polyp.crown *= cupped;
    polyp.rim *= cupped;
    float cell = mix(0.4, m.g, cupped), near = mix(1.0, m.r, cupped);

    vec3 absorbs = vec3(1.0, 1.9, 2.7) / translucency;  // red goes farthest, so thin places are warm
    vec3 flesh = mix(vec3(0.46, 0.30, 0.27), vec3(0.62, 0.57, 0.52), age);
    flesh = mix(flesh, vec3(0.85, 0.68, 0.62), tip) * mix(0.5, 1.2, cloud);
    flesh *= mix(0.42, 1.0, smoothstep(0.0, 0.30, cell));  // seams keep their dark
    flesh *= 1.0 - 0.65 * polyp.mouth + 0.5 * polyp.rim + 0.35 * polyp.crown;

    vec4 around = texture(inner, in_box(p + 2.0 * voxel * smooth_n, body_origin, body_size));
    vec3 within = texture(inner, in_box(p - 1.5 * voxel * smooth_n, body_origin, body_size)).rgb;
    float open = around.a * around.a * mix(0.55, 1.0, near);

    vec3 before = texture(shade, in_box(p + 2.5 * voxel * n, body_origin, body_size)).rgb;
    vec3 through = texture(shade, in_box(p - 0.5 * voxel * smooth_n, body_origin, body_size)).rgb;
    Skin skin_here = Skin(n, smooth_n, d, flesh, absorbs);
    vec3 light = lamp(skin_here, key * key_colour, key_from, before.r, through.r);
#ifdef RIM
    light += lamp(skin_here, rim * rim_colour, rim_from, before.b, through.b);
#endif

    vec3 sky = SKY * fill * (0.35 + 0.65 * (0.5 + 0.5 * n.y)) * open;
    vec3 bounce = around.rgb * glow * open;
    light += flesh * (sky + 0.55 * bounce);
    light += fresnel(facing, mix(0.03, 0.12, built)) * sheen * (sky + bounce);

    // The glow: emission along the bent ray, dimmed by the flesh that it has to pass.
    vec3 inward = normalize(mix(d, -smooth_n, 0.55));
    float stride = 3.2 * voxel / float(depth_steps);
    vec4 met = vec4(0.0);
    float passed = 1.0 / float(depth_steps);
    float fibre = 0.0;
    for (int i = 0; i < depth_steps; i++) {
        float s = stride * (float(i) + 0.5);
        vec3 b = in_box(p + inward * s, body_origin, body_size);
        fibre = max(fibre, texture(shape, b).b * exp(-0.4 * s / voxel));
        met += texture(lights, b) * passed;
        passed *= exp(-stride * 0.8 / translucency);
    }
    // Emitters mixed as light would be grey: here each polyp shines with one of them, as often as it has a share.
    float all = dot(met, vec4(1.0));
    vec4 share = met * met;
    share /= max(dot(share, vec4(1.0)), 1e-8);
    vec4 upto = vec4(share.x, share.x + share.y, share.x + share.y + share.z, 2.0);
    vec4 below = vec4(greaterThan(upto, vec4(fract(7.31 * polyp.number))));
    vec3 one = spectra * (all * vec4(below.x, below.yzw - below.xyz));
    vec3 shining = spectra * (all * share);
    float awake = smoothstep(0.15, 0.75, 0.45 * polyp.number + 0.7 * cloud + 0.1 * sin(0.9 * t + 6.2831853 * polyp.number));   // not all polyps are open
    float body_of_it = 0.25 + 0.75 * smooth_facing;           // deep in the middle, thin at the edge
    vec3 own = within * body_of_it * body_of_it * (0.2 + 0.75 * cell);
    own += mix(0.35, 0.15, cupped) * shining + one * awake * (2.6 * polyp.mouth + 2.2 * polyp.crown);
    own *= (1.0 + 2.0 * tips * tip) * (1.0 - 0.6 * built);   // a frame is lit more than it shines
    float lace = smoothstep(0.70, 0.95, m.a) * smoothstep(0.12, 0.5, fibre);
    own += (0.9 * within + shining + vec3(0.012, 0.016, 0.014)) * lace * veins * 2.0;
    return light + own * glow * mix(0.6, 1.0, around.a);
}
