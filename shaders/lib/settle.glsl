// A home moved down the body's slope onto the skin, where solid is a half.
#include "lib/volume.glsl"
uniform sampler3D shape;      // solid, tip, network, age
uniform vec3 body_origin, body_size;
uniform float voxel, layer;   // m; layer: how far from the skin a home may be

float solid_at(vec3 p) {
    return texture(shape, in_box(p, body_origin, body_size)).r;
}

vec3 slope(vec3 p) {
    vec2 h = vec2(0.9 * voxel, 0.0);
    return vec3(solid_at(p + h.xyy) - solid_at(p - h.xyy), solid_at(p + h.yxy) - solid_at(p - h.yxy),
                solid_at(p + h.yyx) - solid_at(p - h.yyx)) / (1.8 * voxel);
}

// How much of a grain is there, 0 to 1, by how near its home is to the skin; its place and the skin's normal.
float settle(vec3 home, out vec3 p, out vec3 normal) {
    p = home;
    normal = vec3(0.0, 1.0, 0.0);
    vec3 g = slope(home);
    float steep = length(g);
    if (steep * voxel < 0.02 || abs(solid_at(home) - 0.5) > 1.6 * layer * steep + 0.2) return 0.0;
    for (int i = 0; i < 3; i++) {
        float off = (0.5 - solid_at(p)) / max(steep, 0.05 / voxel);
        p += g / steep * clamp(off, -voxel, voxel);
        g = slope(p);
        steep = max(length(g), 1e-4);
    }
    normal = -g / steep;
    float near = 1.0 - smoothstep(0.3, 1.0, distance(p, home) / layer);
    return near * (1.0 - smoothstep(0.05, 0.2, abs(solid_at(p) - 0.5)));
}
