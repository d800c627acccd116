"""What several growths have made, as one body."""

import taichi as ti


@ti.kernel
def over(solid: ti.template(), part: ti.template(), first: ti.i32):
    """solid ← the part, or the fuller of both where it is not the first."""
    nx, ny, nz = ti.static(solid.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            new = part[i, j, k]
            if first == 0:
                new = ti.max(new, solid[i, j, k])
            solid[i, j, k] = new
