// Motes as soft discs that face the camera, never smaller than a pixel; what lies off the focal plane is wider
// and fainter, what stands behind murk is dimmed by it.
#include "lib/murk.glsl"
in vec3 where;
in float radius;
in vec3 tint;
in float shines;
out vec2 disc;
out vec3 colour;

uniform mat4 view, projection;
uniform vec2 pixels;       // of the picture
uniform float focus;       // m before the camera that are sharp
uniform float blur;        // disc of a point at twice the focus, as a share of the picture's height
uniform float sparks;
uniform vec3 eye;

void main() {
    disc = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * 2.0 - 1.0;
    vec4 seen = view * vec4(where, 1.0);
    float ahead = max(-seen.z, 1e-3);
    float size = radius * projection[1][1] / ahead;                  // as a share of half the height
    float soft = 2.0 * blur * abs(1.0 - focus / ahead);
    float least = 1.3 / pixels.y * 2.0;
    float drawn = max(sqrt(size * size + soft * soft), least);
    float share = (size * size) / (drawn * drawn);
    colour = tint * shines * sparks * max(share, 0.02) * through_murk(where, eye);
    vec4 clip = projection * seen;
    float aspect = pixels.x / pixels.y;
    gl_Position = clip + vec4(disc * drawn * 1.6 * vec2(1.0 / aspect, 1.0) * clip.w, 0.0, 0.0);
}
