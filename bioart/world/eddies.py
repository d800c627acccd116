"""Kernels of the weather: travelling waves that push the air, and the pattern of the smog that comes in."""

import taichi as ti

from bioart.gpu import compute

EDDIES = 6  # waves per direction of push


@ti.kernel
def tables(
    x: ti.template(), y: ti.template(), z: ti.template(),
    waves: ti.types.ndarray(), turns: ti.types.ndarray(), size: ti.types.ndarray(),
):  # fmt: skip
    """Each wave along each axis; the first carries its strength. waves: per box; turns: where it begins."""
    for line, i in x:
        x[line, i] = size[line] * ti.cos(
            6.2831855 * (waves[line, 0] * (i + 0.5) / x.shape[1] + turns[line, 0])
        )
    for line, i in y:
        y[line, i] = ti.cos(6.2831855 * (waves[line, 1] * (i + 0.5) / y.shape[1] + turns[line, 1]))
    for line, i in z:
        z[line, i] = ti.cos(6.2831855 * (waves[line, 2] * (i + 0.5) / z.shape[1] + turns[line, 2]))


@ti.func
def _strengths(x: ti.template(), y: ti.template(), line: ti.i32, i: ti.i32, j: ti.i32):
    """Of the six waves from `line` on: how strong each is along the row (i, j)."""
    found = ti.Vector.zero(ti.f32, 6)
    for n in ti.static(range(EDDIES)):
        found[n] = x[line + n, i] * y[line + n, j]
    return found


@ti.func
def _wave(strength: ti.template(), z: ti.template(), line: ti.i32, k: ti.i32):
    total = 0.0
    for n in ti.static(range(EDDIES)):
        total += strength[n] * z[line + n, k]
    return total


@ti.kernel
def push(
    x: ti.template(), y: ti.template(), z: ti.template(),
    fx: ti.template(), fy: ti.template(), fz: ti.template(),
):  # fmt: skip
    """The waves' sum as a push at cells' middles, m/s²."""
    nx, ny, nz = ti.static(x.shape[1], y.shape[1], z.shape[1])  # f has a rim of one cell about that
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            a = _strengths(x, y, 0, i, j)
            b = _strengths(x, y, EDDIES, i, j)
            c = _strengths(x, y, 2 * EDDIES, i, j)
            for k in range(nz):
                fx[i + 1, j + 1, k + 1] = _wave(a, z, 0, k)
            for k in range(nz):
                fy[i + 1, j + 1, k + 1] = _wave(b, z, EDDIES, k)
            for k in range(nz):
                fz[i + 1, j + 1, k + 1] = _wave(c, z, 2 * EDDIES, k)
    else:
        for i, j, k in ti.ndrange(nx, ny, nz):
            fx[i + 1, j + 1, k + 1] = _wave(_strengths(x, y, 0, i, j), z, 0, k)
            fy[i + 1, j + 1, k + 1] = _wave(_strengths(x, y, EDDIES, i, j), z, EDDIES, k)
            fz[i + 1, j + 1, k + 1] = _wave(_strengths(x, y, 2 * EDDIES, i, j), z, 2 * EDDIES, k)


@ti.kernel
def pattern(
    inlet: ti.template(), up: ti.types.ndarray(), across: ti.types.ndarray(), size: ti.types.ndarray()
):  # fmt: skip
    """1 and half-waves over the side: up (n, ny), across (n, nz), size (n)."""
    for j, k in inlet:
        total = 1.0
        for n in range(size.shape[0]):
            total += size[n] * up[n, j] * across[n, k]
        inlet[j, k] = total
