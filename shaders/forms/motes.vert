// Motes and seeds, a square each that faces the camera.
#include "lib/grain.glsl"
in vec3 where;
in float radius;
in vec3 tint;
in float shines;
out vec2 disc;
out vec3 colour;
out float hollow;      // 1 where it is large enough to be a ring with a core

uniform mat4 view, projection;
uniform vec2 pixels;
uniform float sparks;

void main() {
    disc = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * 2.0 - 1.0;
    vec4 seen = view * vec4(where, 1.0);
    float ahead = max(-seen.z, 1e-3), larger;
    vec3 through = dimmed(where, where, ahead, larger);
    float pixel = 2.0 * ahead / (projection[1][1] * pixels.y);       // m
    float wide = 0.6 * radius * larger, drawn = 2.0 * sqrt(wide * wide + 0.56 * pixel * pixel);
    hollow = smoothstep(9.0, 20.0, drawn / pixel);
    colour = tint * shines * sparks * through * (4.0 * wide * wide / (drawn * drawn));
    seen.xy += disc * drawn;
    gl_Position = projection * seen;
}
