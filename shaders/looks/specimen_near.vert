// The blocks that hold the body's skin, as cubes: a ray need not start before the nearest.
in vec3 block;             // least corner, m
out vec3 place;
uniform mat4 view, projection;
uniform float block_size, margin;   // m

void main() {
    // one strip of 14 corners wraps a cube; a bit for each says whether it is on the far side of an axis
    int corner = 1 << gl_VertexID;
    vec3 o = vec3((0x287a & corner) != 0, (0x02af & corner) != 0, (0x31e3 & corner) != 0);
    place = block + o * (block_size + 2.0 * margin) - margin;
    gl_Position = projection * view * vec4(place, 1.0);
}
