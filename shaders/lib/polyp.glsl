// One polyp as it stands on the skin: mouth, rim of its cup, and eight tentacles around (an octocoral's number).
#include "lib/tissue.glsl"
uniform sampler3D polyps;   // rgb: the way to the middle of the nearest, in spacings; a: its own number

struct Polyp {
    float mouth;      // 1 in the mouth
    float crown;      // 1 on a tentacle
    float rim;        // 1 on the edge of the cup
    float number;     // 0 to 1, the same over one polyp
};

// m: tissue at p; n: the smooth normal there; width: of a pixel, in spacings, so that what is finer fades.
Polyp polyp_at(vec3 p, vec4 m, vec3 n, float width) {
    vec4 w = texture(polyps, TURN * p / (8.0 * grain));
    vec3 way = w.xyz * TURN;                      // back to the world's axes
    vec3 flat_way = way - n * dot(way, n);
    float r = length(flat_way);
    vec3 x = normalize(cross(n, vec3(0.31, 0.84, 0.45)));
    float turn = atan(dot(flat_way, cross(n, x)), dot(flat_way, x)) + 6.2831853 * w.a;
    float inside = smoothstep(0.07, 0.2, m.g);   // where two ways meet, their mix points nowhere
    float petals = mix(0.35, pow(0.5 + 0.5 * cos(8.0 * turn), 2.0), clamp(0.09 / max(width, 1e-3) - 0.3, 0.0, 1.0));
    float soft = 0.03 + width;
    Polyp o;
    o.mouth = inside * (1.0 - smoothstep(0.10 - soft, 0.10 + soft, r));
    o.crown = inside * petals * smoothstep(0.10, 0.17, r) * (1.0 - smoothstep(0.26, 0.40 + width, r));
    o.rim = inside * exp(-pow((r - 0.17) / (0.05 + width), 2.0));
    o.number = w.a;
    return o;
}
