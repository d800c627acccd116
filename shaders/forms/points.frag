// A mote's light: a bright grain in a soft skirt, added.
in vec2 disc;
in vec3 colour;
out vec4 radiance;

void main() {
    float r = dot(disc, disc);
    if (r >= 1.0) discard;
    float skirt = 1.0 - r;
    float light = 1.6 * exp(-9.0 * r) + 0.35 * skirt * skirt;
    radiance = vec4(colour * light, 0.0);
}
