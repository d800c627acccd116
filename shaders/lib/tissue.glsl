// What flesh is made of below the voxel, from one tile of matter that repeats in space:
// r nearness to a polyp's middle, g the seams between polyps, b soft cloud, a fine ridges. All 0 to 1.
uniform sampler3D matter;
uniform sampler3D clouds;       // matter's cloud, alone
uniform sampler3D bumps, nap;   // height of the skin that has it, in `detail`s; and of what is finer
uniform float grain;   // spacing of polyps, m
uniform float detail;  // how far they rise, m

// Turned off the axes, so that the tile's planes never lie along a branch.
const mat3 TURN = mat3(0.80, 0.36, -0.48, -0.60, 0.48, -0.64, 0.0, 0.80, 0.60);

// Matter at a world place, eight polyps to a tile.
vec4 tissue(vec3 p) {
    return texture(matter, TURN * p / (8.0 * grain));
}

// The slow cloud over many polyps, 0 to 1.
float swell(vec3 p) {
    return texture(clouds, TURN * p.zxy / (37.0 * grain)).r;
}

// Height of the skin over the smooth body, m, about 0: domes with a mouth, ridges between.
float relief(vec3 p) {
    return detail * texture(bumps, TURN * p / (8.0 * grain)).r;
}
