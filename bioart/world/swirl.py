"""Kernels of vorticity, and of what holds eddies together on a grid that smears them.

u, v, w and all else of shape (nx+3, ny+3, nz+3), cells 1 … n (`flow`).
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.advection import LANES


@ti.func
def _curl(u: ti.template(), v: ti.template(), w: ti.template(), r: ti.f32, i: ti.i32, j: ti.i32, k: ti.i32):
    """Vorticity at a cell's middle, 1/s; r: ¼/cell."""
    dwdy = w[i, j + 1, k] + w[i, j + 1, k + 1] - w[i, j - 1, k] - w[i, j - 1, k + 1]
    dvdz = v[i, j, k + 1] + v[i, j + 1, k + 1] - v[i, j, k - 1] - v[i, j + 1, k - 1]
    dudz = u[i, j, k + 1] + u[i + 1, j, k + 1] - u[i, j, k - 1] - u[i + 1, j, k - 1]
    dwdx = w[i + 1, j, k] + w[i + 1, j, k + 1] - w[i - 1, j, k] - w[i - 1, j, k + 1]
    dvdx = v[i + 1, j, k] + v[i + 1, j + 1, k] - v[i - 1, j, k] - v[i - 1, j + 1, k]
    dudy = u[i, j + 1, k] + u[i + 1, j + 1, k] - u[i, j - 1, k] - u[i + 1, j - 1, k]
    return r * (dwdy - dvdz), r * (dudz - dwdx), r * (dvdx - dudy)


@ti.kernel
def spin(
    u: ti.template(), v: ti.template(), w: ti.template(),
    ox: ti.template(), oy: ti.template(), oz: ti.template(), size: ti.template(), h: ti.f32,
):  # fmt: skip
    """Vorticity and its size at cells' middles, 1/s."""
    nx, ny, nz = ti.static(u.shape[0] - 3, u.shape[1] - 3, u.shape[2] - 3)
    r = 0.25 / h
    if ti.static(compute.on_cpu() and nz >= LANES):
        for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
            for b in range(ti.static(-(-nz // LANES))):
                k = ti.min(1 + LANES * b, nz + 1 - LANES)
                x, y, z = ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8)
                q = ti.Vector.zero(ti.f32, 8)
                for n in range(LANES):
                    x[n], y[n], z[n] = _curl(u, v, w, r, i, j, k + n)
                    q[n] = ti.sqrt(x[n] * x[n] + y[n] * y[n] + z[n] * z[n])
                for n in range(LANES):
                    ox[i, j, k + n], oy[i, j, k + n], oz[i, j, k + n] = x[n], y[n], z[n]
                    size[i, j, k + n] = q[n]
    else:
        for i, j, k in ti.ndrange((1, nx + 1), (1, ny + 1), (1, nz + 1)):
            x, y, z = _curl(u, v, w, r, i, j, k)
            ox[i, j, k], oy[i, j, k], oz[i, j, k] = x, y, z
            size[i, j, k] = ti.sqrt(x * x + y * y + z * z)


@ti.func
def _confine(
    ox: ti.template(), oy: ti.template(), oz: ti.template(), size: ti.template(), strength: ti.f32,
    i: ti.i32, j: ti.i32, k: ti.i32, nx: ti.i32, ny: ti.i32, nz: ti.i32,
):  # fmt: skip
    x = size[ti.min(i + 1, nx), j, k] - size[ti.max(i - 1, 1), j, k]
    y = size[i, ti.min(j + 1, ny), k] - size[i, ti.max(j - 1, 1), k]
    z = size[i, j, k + 1] - size[i, j, k - 1]
    # 1e-3 /s over two cells: where the spin is even, there is no core to hold together
    s = strength / (ti.sqrt(x * x + y * y + z * z) + 1e-3)
    a, b, c = ox[i, j, k], oy[i, j, k], oz[i, j, k]
    return s * (y * c - z * b), s * (z * a - x * c), s * (x * b - y * a)


@ti.kernel
def confine(
    ox: ti.template(), oy: ti.template(), oz: ti.template(), size: ti.template(),
    ax: ti.template(), ay: ti.template(), az: ti.template(),
    fx: ti.template(), fy: ti.template(), fz: ti.template(), strength: ti.f32,
):  # fmt: skip
    """Vorticity confinement (Fedkiw, Stam & Jensen 2001): gives eddies back what the grid has smeared.
    f ← the forces a (m/s²) and its own. strength: its coefficient times the cell, m."""
    nx, ny, nz = ti.static(size.shape[0] - 3, size.shape[1] - 3, size.shape[2] - 3)
    for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
        size[i, j, 0], size[i, j, nz + 1] = size[i, j, 1], size[i, j, nz]
    if ti.static(compute.on_cpu() and nz >= LANES):
        for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
            for b in range(ti.static(-(-nz // LANES))):
                k = ti.min(1 + LANES * b, nz + 1 - LANES)
                x, y, z = ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8)
                for n in range(LANES):
                    p, q, r = _confine(ox, oy, oz, size, strength, i, j, k + n, nx, ny, nz)
                    x[n], y[n], z[n] = ax[i, j, k + n] + p, ay[i, j, k + n] + q, az[i, j, k + n] + r
                for n in range(LANES):
                    fx[i, j, k + n], fy[i, j, k + n], fz[i, j, k + n] = x[n], y[n], z[n]
    else:
        for i, j, k in ti.ndrange((1, nx + 1), (1, ny + 1), (1, nz + 1)):
            p, q, r = _confine(ox, oy, oz, size, strength, i, j, k, nx, ny, nz)
            fx[i, j, k], fy[i, j, k], fz[i, j, k] = ax[i, j, k] + p, ay[i, j, k] + q, az[i, j, k] + r
