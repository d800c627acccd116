// Yarn: plies with grooves between, sheen along their fibres. Light: the key's, all that is about it, and its
// own, which settles as a gift grows old.
in vec3 place, tangent, sideways, colour;
in vec3 through, sun, about;
in float across, coverage, width, shining, run, whole;
flat in float own;
out vec4 radiance;

uniform vec3 eye, key_from;
uniform float plies, twist, sheen, threads;

const float PI = 3.14159265;

// Kajiya and Kay 1989: what a fibre along t throws towards the eye, h halfway between it and the light.
float gloss(vec3 t, vec3 h, float power) {
    float c = dot(t, h);
    return pow(max(1.0 - c * c, 0.0), 0.5 * power);
}

float random(float i) {
    return fract(sin(i * 12.9898 + own * 78.233) * 43758.547);
}

void main() {
    float edge = clamp((1.0 - abs(across)) * width + 0.5, 0.0, 1.0) * coverage;
    // Of yarn as fine as a pixel the mean over its round side is seen, wherever on it a pixel's middle happens to lie.
    float fine = smoothstep(0.5, 1.6, width);
    float x = fine * clamp(across, -1.0, 1.0), z = mix(0.785, sqrt(1.0 - x * x), fine);
    if (width < 3.0) edge *= mix(0.3, 1.0, whole);   // too thin to see an end part
    else if (whole < 0.999) {   // into fibres, each as long as it happens to be
        float lane = 3.5 * (across + 0.12 * sin(9.0 * whole + 6.0 * own));
        float f = abs(fract(lane) - 0.5);
        float longer = step(0.8 * random(floor(lane)), whole + 0.05);
        if (longer * (0.5 - f) < 0.26 * (1.0 - whole)) discard;
    }
    if (edge < 0.004) discard;
    vec3 out_of = cross(tangent, sideways);
    float angle = asin(x);

    // Plies run about the yarn; what is finer than a pixel is its own mean.
    float turns = plies * (angle / (2.0 * PI) + twist * run + own);
    float seen = whole * smoothstep(1.2, 3.4, 3.2 * width / max(plies, 1.0));
    float w = 2.0 * fract(turns) - 1.0;
    float groove = mix(0.72, 0.10 + 0.95 * sqrt(max(1.0 - w * w, 0.0)), seen);
    float round_angle = clamp(angle + 0.8 * w * seen, -1.5, 1.5);
    vec3 n = sideways * sin(round_angle) + out_of * cos(round_angle);
    vec3 circle = sideways * cos(angle) - out_of * sin(angle);
    float fibres = 0.5 + 0.5 * sin(44.0 * turns / max(plies, 1.0) + 9.0 * w + 23.0 * run);
    groove *= mix(1.0, 0.74 + 0.4 * fibres, whole * smoothstep(4.0, 12.0, width));
    vec3 fibre = normalize(tangent - circle * 0.5 * twist);

    vec3 v = normalize(eye - place), h = normalize(key_from + v);
    float facing = dot(n, key_from);
    float wrap = clamp((facing + 0.2) / 1.2, 0.0, 1.0);
    wrap *= wrap;
    float behind = 0.5 - 0.5 * dot(v, key_from);
    vec3 wool = 0.02 + 0.98 * colour * sqrt(colour);
    vec3 light = wool * sun * (wrap + (0.05 + 1.1 * behind * behind) * (1.0 - z) * (1.0 - z));
    light += sheen * sun * (0.35 * gloss(fibre, h, 90.0) + 0.45 * wool * gloss(tangent, h, 16.0)) * wrap;
    light += wool * about * (0.3 + 0.7 * z);
    light *= groove;
    // Its own light comes from between the plies; fresh gifts and frayed ends are little but light.
    float fresh = max(shining - 0.15, 0.0);
    float inside = mix(0.7, 0.25 + 1.2 * (1.0 - groove), seen);
    float end = (1.0 - whole) * (0.25 + fresh);
    light += through * threads * colour * (0.12 * shining + fresh * (0.6 + 0.9 * fresh) + 1.5 * end) * inside * (0.2 + 0.8 * z);
    radiance = vec4(light * edge, edge);
}
