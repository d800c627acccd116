"""Kernels that carry velocity on a staggered grid: MacCormack, held to its donors (Selle et al. 2007).

u, v, w: velocity on the lower faces of cells, m/s, all of shape (nx+3, ny+3, nz+3): cells are 1 … n, the rim
about them (0 and n+1) is kept by `rim`, the upper side of the box is face n+1.

Nothing moves further than a cell at a time, so the eight donors of a place are among its 27 neighbours and are
chosen, not sought. Eight cells of a row are loaded and worked on together and then stored together: LLVM
makes vectors of that, and of nothing else.
"""

import taichi as ti

from bioart.gpu import compute

LANES = 8  # cells of a row that are worked on together on a CPU

# A comparison and a choice compile to one instruction; ti.min and ti.max of floats, which mind NaN, to four.


@ti.func
def least(a: ti.f32, b: ti.f32):
    return ti.select(a < b, a, b)


@ti.func
def most(a: ti.f32, b: ti.f32):
    return ti.select(a > b, a, b)


@ti.func
def _mixed(a: ti.f32, b: ti.f32, s: ti.f32):
    return a + (b - a) * s


@ti.func
def _z(f: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, z: ti.f32):
    return _mixed(f[i, j, k], ti.select(z > 0.0, f[i, j, k - 1], f[i, j, k + 1]), ti.abs(z))


@ti.func
def _yz(f: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, y: ti.f32, z: ti.f32):
    beside = ti.select(y > 0.0, _z(f, i, j - 1, k, z), _z(f, i, j + 1, k, z))
    return _mixed(_z(f, i, j, k, z), beside, ti.abs(y))


@ti.func
def near(f: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, x: ti.f32, y: ti.f32, z: ti.f32):
    """f at (i − x, j − y, k − z), trilinear; x, y, z: cells, each less than 1 in size."""
    beside = ti.select(x > 0.0, _yz(f, i - 1, j, k, y, z), _yz(f, i + 1, j, k, y, z))
    return _mixed(_yz(f, i, j, k, y, z), beside, ti.abs(x))


@ti.func
def _range_z(f: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, z: ti.f32):
    a, b = f[i, j, k], ti.select(z > 0.0, f[i, j, k - 1], f[i, j, k + 1])
    return least(a, b), most(a, b)


@ti.func
def _range_yz(f: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, y: ti.f32, z: ti.f32):
    low, high = _range_z(f, i, j, k, z)
    la, ha = _range_z(f, i, j - 1, k, z)
    lb, hb = _range_z(f, i, j + 1, k, z)
    return least(low, ti.select(y > 0.0, la, lb)), most(high, ti.select(y > 0.0, ha, hb))


@ti.func
def _held(new: ti.f32, f: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, x: ti.f32, y: ti.f32, z: ti.f32):
    """new, held to the range of the eight donors of (i − x, j − y, k − z)."""
    low, high = _range_yz(f, i, j, k, y, z)
    la, ha = _range_yz(f, i - 1, j, k, y, z)
    lb, hb = _range_yz(f, i + 1, j, k, y, z)
    low = least(low, ti.select(x > 0.0, la, lb))
    high = most(high, ti.select(x > 0.0, ha, hb))
    return least(most(new, low), high)


@ti.func
def at_x(u: ti.template(), v: ti.template(), w: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    """Velocity on the lower x face of a cell, m/s; at_y and at_z likewise."""
    y = 0.25 * (v[i - 1, j, k] + v[i, j, k] + v[i - 1, j + 1, k] + v[i, j + 1, k])
    z = 0.25 * (w[i - 1, j, k] + w[i, j, k] + w[i - 1, j, k + 1] + w[i, j, k + 1])
    return u[i, j, k], y, z


@ti.func
def at_y(u: ti.template(), v: ti.template(), w: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    x = 0.25 * (u[i, j - 1, k] + u[i, j, k] + u[i + 1, j - 1, k] + u[i + 1, j, k])
    z = 0.25 * (w[i, j - 1, k] + w[i, j, k] + w[i, j - 1, k + 1] + w[i, j, k + 1])
    return x, v[i, j, k], z


@ti.func
def at_z(u: ti.template(), v: ti.template(), w: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    x = 0.25 * (u[i, j, k - 1] + u[i, j, k] + u[i + 1, j, k - 1] + u[i + 1, j, k])
    y = 0.25 * (v[i, j, k - 1] + v[i, j, k] + v[i, j + 1, k - 1] + v[i, j + 1, k])
    return x, y, w[i, j, k]


@ti.func
def _first(
    at: ti.template(), u: ti.template(), v: ti.template(), w: ti.template(), f: ti.template(),
    i: ti.i32, j: ti.i32, k: ti.i32, s: ti.f32,
):  # fmt: skip
    x, y, z = at(u, v, w, i, j, k)
    return near(f, i, j, k, x * s, y * s, z * s)


@ti.func
def _second(
    at: ti.template(), u: ti.template(), v: ti.template(), w: ti.template(), f: ti.template(),
    fa: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, s: ti.f32,
):  # fmt: skip
    """Half of what going there and back has lost is put back, within the donors' range."""
    x, y, z = at(u, v, w, i, j, k)
    x, y, z = x * s, y * s, z * s
    new = fa[i, j, k] + 0.5 * (f[i, j, k] - near(fa, i, j, k, -x, -y, -z))
    return _held(new, f, i, j, k, x, y, z)


@ti.kernel
def carry(
    u: ti.template(), v: ti.template(), w: ti.template(),
    ub: ti.template(), vb: ti.template(), wb: ti.template(),
    ua: ti.template(), va: ti.template(), wa: ti.template(), s: ti.f32,
):  # fmt: skip
    """First pass of MacCormack: u, v, w carry ub, vb, wb; each face of ua, va, wa takes the value of where
    its air comes from. s: seconds/cell, s/m."""
    nx, ny, nz = ti.static(u.shape[0] - 3, u.shape[1] - 3, u.shape[2] - 3)
    if ti.static(compute.on_cpu() and nz >= LANES):
        for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
            for b in range(ti.static(-(-nz // LANES))):
                k = ti.min(1 + LANES * b, nz + 1 - LANES)
                x, y, z = ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8)
                for n in range(LANES):
                    x[n] = _first(at_x, u, v, w, ub, i, j, k + n, s)
                for n in range(LANES):
                    y[n] = _first(at_y, u, v, w, vb, i, j, k + n, s)
                for n in range(LANES):
                    z[n] = _first(at_z, u, v, w, wb, i, j, k + n, s)
                for n in range(LANES):
                    ua[i, j, k + n], va[i, j, k + n], wa[i, j, k + n] = x[n], y[n], z[n]
    else:
        for i, j, k in ti.ndrange((1, nx + 1), (1, ny + 1), (1, nz + 1)):
            ua[i, j, k] = _first(at_x, u, v, w, ub, i, j, k, s)
            va[i, j, k] = _first(at_y, u, v, w, vb, i, j, k, s)
            wa[i, j, k] = _first(at_z, u, v, w, wb, i, j, k, s)


@ti.kernel
def correct(
    u: ti.template(), v: ti.template(), w: ti.template(),
    ub: ti.template(), vb: ti.template(), wb: ti.template(),
    ua: ti.template(), va: ti.template(), wa: ti.template(),
    uc: ti.template(), vc: ti.template(), wc: ti.template(), s: ti.f32,
):  # fmt: skip
    """Second pass of MacCormack, into uc, vc, wc."""
    nx, ny, nz = ti.static(u.shape[0] - 3, u.shape[1] - 3, u.shape[2] - 3)
    if ti.static(compute.on_cpu() and nz >= LANES):
        for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
            for b in range(ti.static(-(-nz // LANES))):
                k = ti.min(1 + LANES * b, nz + 1 - LANES)
                x, y, z = ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8)
                for n in range(LANES):
                    x[n] = _second(at_x, u, v, w, ub, ua, i, j, k + n, s)
                for n in range(LANES):
                    y[n] = _second(at_y, u, v, w, vb, va, i, j, k + n, s)
                for n in range(LANES):
                    z[n] = _second(at_z, u, v, w, wb, wa, i, j, k + n, s)
                for n in range(LANES):
                    uc[i, j, k + n], vc[i, j, k + n], wc[i, j, k + n] = x[n], y[n], z[n]
    else:
        for i, j, k in ti.ndrange((1, nx + 1), (1, ny + 1), (1, nz + 1)):
            uc[i, j, k] = _second(at_x, u, v, w, ub, ua, i, j, k, s)
            vc[i, j, k] = _second(at_y, u, v, w, vb, va, i, j, k, s)
            wc[i, j, k] = _second(at_z, u, v, w, wb, wa, i, j, k, s)
