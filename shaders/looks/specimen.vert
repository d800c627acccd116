// Everything before the far plane: drawn with the depth test turned round, it visits only pixels that hold
// something. (A branch saves nothing where lanes run in step; the depth test does.)
out vec2 at;

void main() {
    at = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(at * 2.0 - 1.0, 0.999998, 1.0);
}
