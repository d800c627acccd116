"""Kernels that carry velocity on a staggered grid: MacCormack, held to its donors (Selle et al. 2007).

u, v, w: velocity on the cells' faces, m/s, of shapes (nx+1, ny, nz), (nx, ny+1, nz), (nx, ny, nz+1).
"""

import taichi as ti

from bioart.gpu import compute

# A comparison and a choice compile to one instruction; ti.min and ti.max of floats, which mind NaN, to four.


@ti.func
def _least(a: ti.f32, b: ti.f32):
    return ti.select(a < b, a, b)


@ti.func
def _most(a: ti.f32, b: ti.f32):
    return ti.select(a > b, a, b)


@ti.func
def _place(f: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32):
    """Cell and share of a point in a field's own index coordinates, held inside."""
    p = ti.Vector(
        [
            _least(_most(x, 0.0), f.shape[0] - 1.0),
            _least(_most(y, 0.0), f.shape[1] - 1.0),
            _least(_most(z, 0.0), f.shape[2] - 1.0),
        ]
    )
    c = ti.Vector(
        [
            ti.min(ti.cast(p[0], ti.i32), f.shape[0] - 2),
            ti.min(ti.cast(p[1], ti.i32), f.shape[1] - 2),
            ti.min(ti.cast(p[2], ti.i32), f.shape[2] - 2),
        ]
    )
    return c, p - ti.cast(c, ti.f32)


@ti.func
def _mixed(a: ti.f32, b: ti.f32, s: ti.f32):
    return a + (b - a) * s


@ti.func
def sample(f: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32):
    """Trilinear, in index coordinates of the field."""
    c, s = _place(f, x, y, z)
    i, j, k = c[0], c[1], c[2]
    near = _mixed(
        _mixed(f[i, j, k], f[i, j, k + 1], s[2]),
        _mixed(f[i, j + 1, k], f[i, j + 1, k + 1], s[2]),
        s[1],
    )
    far = _mixed(
        _mixed(f[i + 1, j, k], f[i + 1, j, k + 1], s[2]),
        _mixed(f[i + 1, j + 1, k], f[i + 1, j + 1, k + 1], s[2]),
        s[1],
    )
    return _mixed(near, far, s[0])


# The whole velocity on a face of each kind (faces inside, so both cells beside them exist).


@ti.func
def at_x(u: ti.template(), v: ti.template(), w: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    return ti.Vector(
        [
            u[i, j, k],
            0.25 * (v[i - 1, j, k] + v[i, j, k] + v[i - 1, j + 1, k] + v[i, j + 1, k]),
            0.25 * (w[i - 1, j, k] + w[i, j, k] + w[i - 1, j, k + 1] + w[i, j, k + 1]),
        ]
    )


@ti.func
def at_y(u: ti.template(), v: ti.template(), w: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    return ti.Vector(
        [
            0.25 * (u[i, j - 1, k] + u[i, j, k] + u[i + 1, j - 1, k] + u[i + 1, j, k]),
            v[i, j, k],
            0.25 * (w[i, j - 1, k] + w[i, j, k] + w[i, j - 1, k + 1] + w[i, j, k + 1]),
        ]
    )


@ti.func
def at_z(u: ti.template(), v: ti.template(), w: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    return ti.Vector(
        [
            0.25 * (u[i, j, k - 1] + u[i, j, k] + u[i + 1, j, k - 1] + u[i + 1, j, k]),
            0.25 * (v[i, j, k - 1] + v[i, j, k] + v[i, j + 1, k - 1] + v[i, j + 1, k]),
            w[i, j, k],
        ]
    )


@ti.func
def _carried(
    f: ti.template(), out: ti.template(), low: ti.template(), high: ti.template(),
    a: ti.types.vector(3, ti.f32), i: ti.i32, j: ti.i32, k: ti.i32,
):  # fmt: skip
    """The value at a face's origin (a: its way in cells), and the range of the 8 donors there."""
    c, s = _place(f, i - a[0], j - a[1], k - a[2])
    x, y, z = c[0], c[1], c[2]
    d, e, g, h = f[x, y, z], f[x, y, z + 1], f[x, y + 1, z], f[x, y + 1, z + 1]
    m, n, o, q = f[x + 1, y, z], f[x + 1, y, z + 1], f[x + 1, y + 1, z], f[x + 1, y + 1, z + 1]
    near = _mixed(_mixed(d, e, s[2]), _mixed(g, h, s[2]), s[1])
    far = _mixed(_mixed(m, n, s[2]), _mixed(o, q, s[2]), s[1])
    out[i, j, k] = _mixed(near, far, s[0])
    low[i, j, k] = _least(_least(_least(d, e), _least(g, h)), _least(_least(m, n), _least(o, q)))
    high[i, j, k] = _most(_most(_most(d, e), _most(g, h)), _most(_most(m, n), _most(o, q)))


@ti.kernel
def carry(
    u: ti.template(), v: ti.template(), w: ti.template(),
    ub: ti.template(), vb: ti.template(), wb: ti.template(),
    ua: ti.template(), va: ti.template(), wa: ti.template(),
    ul: ti.template(), vl: ti.template(), wl: ti.template(),
    uh: ti.template(), vh: ti.template(), wh: ti.template(), s: ti.f32,
):  # fmt: skip
    """First pass of MacCormack: u, v, w carry ub, vb, wb; each face of ua, va, wa takes the value of where
    its air comes from. s: dt/cell, s/m."""
    nx, ny, nz = ti.static(u.shape[0] - 1, u.shape[1], u.shape[2])
    for j, k in ti.ndrange(ny, nz):
        ua[0, j, k] = ub[0, j, k]
        ua[nx, j, k] = ub[nx, j, k]
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange((1, nx), ny):
            for k in range(nz):
                _carried(ub, ua, ul, uh, at_x(u, v, w, i, j, k) * s, i, j, k)
        for i, j in ti.ndrange(nx, (1, ny)):
            for k in range(nz):
                _carried(vb, va, vl, vh, at_y(u, v, w, i, j, k) * s, i, j, k)
        for i, j in ti.ndrange(nx, ny):
            for k in range(1, nz):
                _carried(wb, wa, wl, wh, at_z(u, v, w, i, j, k) * s, i, j, k)
    else:
        for i, j, k in ti.ndrange((1, nx), ny, nz):
            _carried(ub, ua, ul, uh, at_x(u, v, w, i, j, k) * s, i, j, k)
        for i, j, k in ti.ndrange(nx, (1, ny), nz):
            _carried(vb, va, vl, vh, at_y(u, v, w, i, j, k) * s, i, j, k)
        for i, j, k in ti.ndrange(nx, ny, (1, nz)):
            _carried(wb, wa, wl, wh, at_z(u, v, w, i, j, k) * s, i, j, k)


@ti.func
def _corrected(
    f: ti.template(), fa: ti.template(), low: ti.template(), high: ti.template(),
    a: ti.types.vector(3, ti.f32), i: ti.i32, j: ti.i32, k: ti.i32,
):  # fmt: skip
    """Second pass: half of what going there and back has lost is put back, within the donors' range.
    Paths that leave the box keep the first pass."""
    ex, ey, ez = ti.static(f.shape[0] - 0.5, f.shape[1] - 0.5, f.shape[2] - 0.5)
    x, y, z = ti.abs(a[0]), ti.abs(a[1]), ti.abs(a[2])
    new = fa[i, j, k]
    if (
        _least(i - x, _least(j - y, k - z)) >= -0.5
        and _least(ex - (i + x), _least(ey - (j + y), ez - (k + z))) >= 0.0
    ):
        new += 0.5 * (f[i, j, k] - sample(fa, i + a[0], j + a[1], k + a[2]))
        new = _least(_most(new, low[i, j, k]), high[i, j, k])
    f[i, j, k] = new


@ti.kernel
def correct(
    u: ti.template(), v: ti.template(), w: ti.template(),
    ua: ti.template(), va: ti.template(), wa: ti.template(),
    ul: ti.template(), vl: ti.template(), wl: ti.template(),
    uh: ti.template(), vh: ti.template(), wh: ti.template(),
    ub: ti.template(), vb: ti.template(), wb: ti.template(), s: ti.f32,
):  # fmt: skip
    """Second pass of MacCormack, in place (a face reads no other face of ub, vb, wb)."""
    nx, ny, nz = ti.static(u.shape[0] - 1, u.shape[1], u.shape[2])
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange((1, nx), ny):
            for k in range(nz):
                _corrected(ub, ua, ul, uh, at_x(u, v, w, i, j, k) * s, i, j, k)
        for i, j in ti.ndrange(nx, (1, ny)):
            for k in range(nz):
                _corrected(vb, va, vl, vh, at_y(u, v, w, i, j, k) * s, i, j, k)
        for i, j in ti.ndrange(nx, ny):
            for k in range(1, nz):
                _corrected(wb, wa, wl, wh, at_z(u, v, w, i, j, k) * s, i, j, k)
    else:
        for i, j, k in ti.ndrange((1, nx), ny, nz):
            _corrected(ub, ua, ul, uh, at_x(u, v, w, i, j, k) * s, i, j, k)
        for i, j, k in ti.ndrange(nx, (1, ny), nz):
            _corrected(vb, va, vl, vh, at_y(u, v, w, i, j, k) * s, i, j, k)
        for i, j, k in ti.ndrange(nx, ny, (1, nz)):
            _corrected(wb, wa, wl, wh, at_z(u, v, w, i, j, k) * s, i, j, k)
