// World metres to the texture of a grid. Grids go over untransposed, (x, y, z) with z fastest, so z is the
// texture's first axis. Every read of a volume passes here.
vec3 in_box(vec3 p, vec3 origin, vec3 size) {
    return ((p - origin) / size).zyx;
}
