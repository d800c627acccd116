// What surrounds yarn: the shade that sets it off from what is behind it (the dark halos of Everts et al. 2009,
// drawn a little behind the yarn itself), and its nap, fine fibres that stand off it and catch light.
in vec3 place, tangent, sideways, colour;
in vec3 through, sun, about;
in float across, coverage, width, shining, run, whole;
flat in float own;
out vec4 radiance;

uniform vec3 eye, key_from;
uniform float wide, fuzz, shadow, threads;

float hair(float along, float slant) {
    float f = fract(along + slant * abs(across) + own * 17.0 + (across < 0.0 ? 0.37 : 0.0)) - 0.5;
    return exp(-260.0 * f * f);
}

void main() {
    float off = (abs(across) - 1.0) / (wide - 1.0);
    float fade = clamp(1.0 - max(off, 0.0), 0.0, 1.0);
    float dark = shadow * fade * fade * smoothstep(0.0, 0.06, off) * coverage * whole * clamp(width - 0.8, 0.0, 1.0);

    float step_on = 6.2831853 * run;
    float hairs = hair(step_on * 0.6, 0.55) + hair(step_on * 0.37, -0.8) + hair(step_on * 0.21, 1.3);
    float close = clamp(1.0 - 1.8 * off, 0.0, 1.0);
    float there = fuzz * close * close * coverage * smoothstep(-0.25, 0.05, off) * smoothstep(0.8, 1.6, width) * mix(0.25, 0.7 * hairs, smoothstep(2.0, 6.0, width));
    float behind = 0.5 - 0.5 * dot(normalize(eye - place), key_from);
    vec3 light = (0.05 + 0.95 * colour) * (sun * (0.10 + 0.9 * behind * behind) + 0.5 * about);
    float fresh = max(shining - 0.15, 0.0);
    light += through * threads * colour * (0.5 * fresh + 0.3 * (1.0 - whole));
    radiance = vec4(light * there * 0.5, dark);
}
