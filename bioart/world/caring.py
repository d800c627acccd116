"""Kernels of care: where people helped, on the body's grid."""

import taichi as ti

from bioart.gpu import compute


@ti.func
def _near(x: ti.f32, y: ti.f32, z: ti.f32, inv: ti.f32) -> ti.f32:
    near = ti.max(1.0 - (x * x + y * y + z * z) * inv * inv, 0.0)
    return near * near


@ti.kernel
def lay(care: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32, amount: ti.f32, reach: ti.f32):
    """care += amount·(1 − d²/R²)² about a place, up to 1; all in cells."""
    nx, ny, nz = ti.static(care.shape)
    inv, wide = 1.0 / reach, ti.cast(reach, ti.i32) + 1
    ci, cj, ck = ti.cast(x, ti.i32), ti.cast(y, ti.i32), ti.cast(z, ti.i32)
    for i, j in ti.ndrange(
        (ti.max(ci - wide, 0), ti.min(ci + wide + 1, nx)), (ti.max(cj - wide, 0), ti.min(cj + wide + 1, ny))
    ):
        for k in range(ti.max(ck - wide, 0), ti.min(ck + wide + 1, nz)):
            care[i, j, k] = ti.min(care[i, j, k] + amount * _near(i - x, j - y, k - z, inv), 1.0)


@ti.func
def _fade(care: ti.template(), table: ti.template(), count: ti.i32, inv: ti.f32, keep: ti.f32,
          i: ti.i32, j: ti.i32, k: ti.i32):  # fmt: skip
    most = care[i, j, k] * keep
    for n in range(count):
        near = _near(i - table[n, 0], j - table[n, 1], k - table[n, 2], inv)
        most = ti.max(most, ti.min(table[n, 3], 1.0) * near)
    care[i, j, k] = most


@ti.kernel
def fade(care: ti.template(), table: ti.template(), count: ti.i32, reach: ti.f32, keep: ti.f32):
    """care ← care·keep, and at least what the table's rows (place, strength) hold about them; in cells."""
    nx, ny, nz = ti.static(care.shape)
    inv = 1.0 / reach
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            for k in range(nz):
                _fade(care, table, count, inv, keep, i, j, k)
    else:
        for i, j, k in care:
            _fade(care, table, count, inv, keep, i, j, k)
