// The blocks that hold the body's skin, as cubes: a ray need not start before the nearest.
in vec3 block;             // least corner, m
out vec3 place;
uniform mat4 view, projection;
uniform float block_size, margin;   // m

void main() {
    // six faces of two triangles each: corners counted along one axis, then turned
    int face = gl_VertexID / 6, corner = gl_VertexID % 6;
    vec2 c = vec2(corner == 1 || corner == 2 || corner == 4, corner == 2 || corner == 4 || corner == 5);
    float side = float(face & 1);
    vec3 o = face < 2 ? vec3(side, c) : face < 4 ? vec3(c.y, side, c.x) : vec3(c, side);
    place = block + o * (block_size + 2.0 * margin) - margin;
    gl_Position = projection * view * vec4(place, 1.0);
}
