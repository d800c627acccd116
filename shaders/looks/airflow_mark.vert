// An intake or a vent as a disc that faces the camera.
in vec3 where;
in float flow;   // m³/s, less than 0 into it
in float smog;
in float beat;
out vec2 disc;
out float radius;
out float ahead;
flat out vec3 mark;   // flow, foul, beat

uniform mat4 view, projection;
uniform vec3 right, up;

void main() {
    disc = vec2(float(gl_VertexID & 1), float(gl_VertexID >> 1)) * 2.0 - 1.0;
    radius = 0.55 * pow(abs(flow), 1.0 / 3.0);
    ahead = max(-(view * vec4(where, 1.0)).z, 1e-3);
    mark = vec3(flow, smog, beat);
    gl_Position = projection * view * vec4(where + (right * disc.x + up * disc.y) * radius, 1.0);
}
