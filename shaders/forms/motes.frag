// A mote: a grain; a large one is a bell: a fine ring of light about a small core.
in vec2 disc;
in vec3 colour;
in float hollow;
out vec4 radiance;

void main() {
    float r = length(disc);
    float k = max(1.0 - r * r, 0.0);
    float fine = max(0.02, 0.8 * fwidth(r));
    float ring = exp(-pow((r - 0.46) / fine, 2.0)) * 0.3 + 0.05 * k * k;
    float core = exp(-160.0 * r * r);
    radiance = vec4(colour * k * mix(k * k, ring + core, hollow), 0.0);
}
