"""A field between its cells."""

import taichi as ti


@ti.func
def linear(f: ti.template(), u: ti.f32, v: ti.f32, w: ti.f32) -> ti.f32:
    """Trilinear, u, v, w in cells from the middle of the first one; held at the walls."""
    nx, ny, nz = ti.static(f.shape)
    u = ti.min(ti.max(u, 0.0), nx - 1.001)
    v = ti.min(ti.max(v, 0.0), ny - 1.001)
    w = ti.min(ti.max(w, 0.0), nz - 1.001)
    i, j, k = int(u), int(v), int(w)
    fx, fy, fz = u - i, v - j, w - k
    low = (f[i, j, k] * (1 - fx) + f[i + 1, j, k] * fx) * (1 - fy) + (
        f[i, j + 1, k] * (1 - fx) + f[i + 1, j + 1, k] * fx
    ) * fy
    high = (f[i, j, k + 1] * (1 - fx) + f[i + 1, j, k + 1] * fx) * (1 - fy) + (
        f[i, j + 1, k + 1] * (1 - fx) + f[i + 1, j + 1, k + 1] * fx
    ) * fy
    return low * (1 - fz) + high * fz
