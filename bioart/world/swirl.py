"""Kernels of vorticity, and of what holds eddies together on a grid that smears them."""

import taichi as ti

from bioart.gpu import compute


@ti.func
def _curl(
    u: ti.template(), v: ti.template(), w: ti.template(),
    ox: ti.template(), oy: ti.template(), oz: ti.template(), size: ti.template(), r: ti.f32,
    i: ti.i32, j: ti.i32, k: ti.i32, kb: ti.i32, kf: ti.i32,
):  # fmt: skip
    nx, ny = ti.static(size.shape[0], size.shape[1])
    iw, ie = ti.max(i - 1, 0), ti.min(i + 1, nx - 1)
    js, jn = ti.max(j - 1, 0), ti.min(j + 1, ny - 1)
    dwdy = w[i, jn, k] + w[i, jn, k + 1] - w[i, js, k] - w[i, js, k + 1]
    dvdz = v[i, j, kf] + v[i, j + 1, kf] - v[i, j, kb] - v[i, j + 1, kb]
    dudz = u[i, j, kf] + u[i + 1, j, kf] - u[i, j, kb] - u[i + 1, j, kb]
    dwdx = w[ie, j, k] + w[ie, j, k + 1] - w[iw, j, k] - w[iw, j, k + 1]
    dvdx = v[ie, j, k] + v[ie, j + 1, k] - v[iw, j, k] - v[iw, j + 1, k]
    dudy = u[i, jn, k] + u[i + 1, jn, k] - u[i, js, k] - u[i + 1, js, k]
    x, y, z = r * (dwdy - dvdz), r * (dudz - dwdx), r * (dvdx - dudy)
    ox[i, j, k], oy[i, j, k], oz[i, j, k] = x, y, z
    size[i, j, k] = ti.sqrt(x * x + y * y + z * z)


@ti.kernel
def spin(
    u: ti.template(), v: ti.template(), w: ti.template(),
    ox: ti.template(), oy: ti.template(), oz: ti.template(), size: ti.template(), h: ti.f32,
):  # fmt: skip
    """Vorticity and its size at cells' middles, 1/s."""
    nx, ny, nz = ti.static(size.shape[0], size.shape[1], size.shape[2])
    r = 0.25 / h
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            _curl(u, v, w, ox, oy, oz, size, r, i, j, 0, 0, 1)
            for k in range(1, nz - 1):
                _curl(u, v, w, ox, oy, oz, size, r, i, j, k, k - 1, k + 1)
            _curl(u, v, w, ox, oy, oz, size, r, i, j, nz - 1, nz - 2, nz - 1)
    else:
        for i, j, k in size:
            _curl(u, v, w, ox, oy, oz, size, r, i, j, k, ti.max(k - 1, 0), ti.min(k + 1, nz - 1))


@ti.func
def _confine(
    ox: ti.template(), oy: ti.template(), oz: ti.template(), size: ti.template(),
    fx: ti.template(), fy: ti.template(), fz: ti.template(), strength: ti.f32,
    i: ti.i32, j: ti.i32, k: ti.i32, kb: ti.i32, kf: ti.i32,
):  # fmt: skip
    nx, ny = ti.static(size.shape[0], size.shape[1])
    x = size[ti.min(i + 1, nx - 1), j, k] - size[ti.max(i - 1, 0), j, k]
    y = size[i, ti.min(j + 1, ny - 1), k] - size[i, ti.max(j - 1, 0), k]
    z = size[i, j, kf] - size[i, j, kb]
    # 1e-3 /s over two cells: where the spin is even, there is no core to hold together
    s = strength / (ti.sqrt(x * x + y * y + z * z) + 1e-3)
    fx[i, j, k] += s * (y * oz[i, j, k] - z * oy[i, j, k])
    fy[i, j, k] += s * (z * ox[i, j, k] - x * oz[i, j, k])
    fz[i, j, k] += s * (x * oy[i, j, k] - y * ox[i, j, k])


@ti.kernel
def confine(
    ox: ti.template(), oy: ti.template(), oz: ti.template(), size: ti.template(),
    fx: ti.template(), fy: ti.template(), fz: ti.template(), strength: ti.f32,
):  # fmt: skip
    """Vorticity confinement (Fedkiw, Stam & Jensen 2001): gives eddies back what the grid has smeared.
    strength: its coefficient times the cell, m."""
    nx, ny, nz = ti.static(size.shape[0], size.shape[1], size.shape[2])
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            _confine(ox, oy, oz, size, fx, fy, fz, strength, i, j, 0, 0, 1)
            for k in range(1, nz - 1):
                _confine(ox, oy, oz, size, fx, fy, fz, strength, i, j, k, k - 1, k + 1)
            _confine(ox, oy, oz, size, fx, fy, fz, strength, i, j, nz - 1, nz - 2, nz - 1)
    else:
        for i, j, k in size:
            _confine(ox, oy, oz, size, fx, fy, fz, strength, i, j, k, ti.max(k - 1, 0), ti.min(k + 1, nz - 1))
