// A stretch between two control points as a ribbon that faces the eye.
uniform mat4 to_clip;
uniform vec3 eye;
in vec3 start;
in vec3 end;
in vec2 radii;
in vec2 glows;
in vec3 tint;
out float across;
out vec3 shine;

void main() {
    bool far = (gl_VertexID & 2) != 0;
    across = float((gl_VertexID & 1) * 2 - 1);
    vec3 place = far ? end : start;
    vec3 side = cross(end - start, eye - place);
    side *= (far ? radii.y : radii.x) / max(length(side), 1e-9);
    shine = tint * (far ? glows.y : glows.x);
    gl_Position = to_clip * vec4(place + across * side, 1.0);
}
