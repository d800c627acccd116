// A mote as a square that faces the camera's image plane: in every off-axis view its middle is its place.
uniform mat4 to_clip;
uniform vec3 right;
uniform vec3 up;
in vec3 at;
in float radius;
in vec3 tint;
in float glow;
out vec2 spot;
out vec3 shine;

void main() {
    spot = vec2((gl_VertexID & 1) * 2 - 1, (gl_VertexID & 2) - 1);
    shine = tint * glow;
    gl_Position = to_clip * vec4(at + radius * (spot.x * right + spot.y * up), 1.0);
}
