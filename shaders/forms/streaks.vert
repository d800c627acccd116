// Stretches of light, a rectangle each along their way; as thin as three half pixels, and as much fainter.
#include "lib/grain.glsl"
in vec3 at;
in vec3 along;
in float radius;
in vec3 light;
out vec2 disc;
out vec3 colour;

uniform mat4 view, projection;
uniform vec2 pixels;

void main() {
    gl_Position = vec4(0.0, 0.0, 4.0, 1.0);
    disc = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * 2.0 - 1.0;
    colour = vec3(0.0);
    if (radius <= 0.0) return;
    vec4 seen = view * vec4(at, 1.0);
    float ahead = max(-seen.z, 1e-3), larger;
    vec3 through = dimmed(at, at, ahead, larger);
    float pixel = 2.0 * ahead / (projection[1][1] * pixels.y);       // m
    float wide = radius * larger, drawn = 2.0 * sqrt(wide * wide + 0.56 * pixel * pixel);
    vec2 way = (view * vec4(along, 0.0)).xy;
    float half_long = length(way), drawn_long = max(half_long, drawn);
    way = half_long > 1e-6 ? way / half_long : vec2(1.0, 0.0);
    // Across a line (1 - r²)³ holds 0.457 of the width that it is drawn with; a grain is round and holds a quarter.
    float round_share = clamp(drawn / max(half_long, 1e-6) - 1.0, 0.0, 1.0);
    colour = light * through * mix(2.0 * wide / drawn, 4.0 * wide * wide / (drawn * drawn), round_share);
    if (max(colour.r, max(colour.g, colour.b)) < 1e-3) return;
    seen.xy += way * disc.y * drawn_long + vec2(-way.y, way.x) * disc.x * drawn;
    gl_Position = projection * seen;
}
