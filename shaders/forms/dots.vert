// Grains of light on the skin, a point each: never narrower than three half pixels across, and as much fainter.
#include "lib/grain.glsl"
in vec3 at;
in vec3 along;
in float radius;
in vec3 light;
out vec3 colour;

uniform mat4 view, projection;
uniform vec2 pixels;
uniform float voxel;

void main() {
    gl_Position = vec4(0.0, 0.0, 4.0, 1.0);   // beyond the far plane: not there
    gl_PointSize = 1.0;
    colour = vec3(0.0);
    if (radius <= 0.0) return;
    vec4 seen = view * vec4(at, 1.0);
    float ahead = max(-seen.z, 1e-3), larger;
    vec3 through = dimmed(at, at + 2.0 * voxel * along, ahead, larger);
    float wide = radius * larger * projection[1][1] * pixels.y / (2.0 * ahead);   // px
    float drawn = 2.0 * sqrt(wide * wide + 0.56);       // (1 - r²)³ over `drawn` holds a quarter of its disc
    colour = light * through * (4.0 * wide * wide / (drawn * drawn));
    if (max(colour.r, max(colour.g, colour.b)) < 1e-3) return;
    gl_Position = projection * seen;
    gl_PointSize = 2.0 * drawn;
}
