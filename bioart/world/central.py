"""The `central` scheme: what a computation is checked with. Momentum in flux form by second-order central
differences (Harlow & Welch 1965), in time by the third-order Runge–Kutta of Shu & Osher (1988)."""

import taichi as ti

from bioart.world.flow import spread

STAGES = ((0.0, 1.0), (0.75, 0.25), (1.0 / 3.0, 2.0 / 3.0))  # shares of the start and of the last stage


@ti.func
def _along(
    f: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, a: ti.template(), b: ti.template(), c: ti.template()
):
    """Difference of the squares on both sides of a face, along its own axis (a, b, c)."""
    after = f[i, j, k] + f[i + a, j + b, k + c]
    before = f[i - a, j - b, k - c] + f[i, j, k]
    return 0.25 * (after * after - before * before)


@ti.func
def _across(
    f: ti.template(), g: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32,
    a: ti.template(), b: ti.template(), c: ti.template(),
    d: ti.template(), e: ti.template(), h: ti.template(),
):  # fmt: skip
    """Difference of what g takes of f through a face's two edges along the axis (d, e, h); (a, b, c): the
    face's own."""
    after = (g[i + d, j + e, k + h] + g[i - a + d, j - b + e, k - c + h]) * (
        f[i, j, k] + f[i + d, j + e, k + h]
    )
    before = (g[i, j, k] + g[i - a, j - b, k - c]) * (f[i - d, j - e, k - h] + f[i, j, k])
    return 0.25 * (after - before)


@ti.kernel
def stage(
    u: ti.template(), v: ti.template(), w: ti.template(),
    us: ti.template(), vs: ti.template(), ws: ti.template(),
    ub: ti.template(), vb: ti.template(), wb: ti.template(),
    fx: ti.template(), fy: ti.template(), fz: ti.template(),
    start: ti.f32, last: ti.f32, s: ti.f32, nu: ti.f32, dt: ti.f32,
):  # fmt: skip
    """ub ← start·u + last·(us + dt·(what acts on us)). s: dt/cell; nu: ν·dt/cell²; f: m/s², by cell."""
    nx, ny, nz = ti.static(u.shape[0] - 3, u.shape[1] - 3, u.shape[2] - 3)
    t = 0.5 * dt
    for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
        for k in range(1, nz + 1):
            x = _along(us, i, j, k, 1, 0, 0) + _across(us, vs, i, j, k, 1, 0, 0, 0, 1, 0)
            x += _across(us, ws, i, j, k, 1, 0, 0, 0, 0, 1)
            y = _along(vs, i, j, k, 0, 1, 0) + _across(vs, us, i, j, k, 0, 1, 0, 1, 0, 0)
            y += _across(vs, ws, i, j, k, 0, 1, 0, 0, 0, 1)
            z = _along(ws, i, j, k, 0, 0, 1) + _across(ws, us, i, j, k, 0, 0, 1, 1, 0, 0)
            z += _across(ws, vs, i, j, k, 0, 0, 1, 0, 1, 0)
            x = us[i, j, k] - s * x + nu * spread(us, i, j, k) + t * (fx[i, j, k] + fx[i - 1, j, k])
            y = vs[i, j, k] - s * y + nu * spread(vs, i, j, k) + t * (fy[i, j, k] + fy[i, j - 1, k])
            z = ws[i, j, k] - s * z + nu * spread(ws, i, j, k) + t * (fz[i, j, k] + fz[i, j, k - 1])
            ub[i, j, k] = start * u[i, j, k] + last * x
            vb[i, j, k] = start * v[i, j, k] + last * y
            wb[i, j, k] = start * w[i, j, k] + last * z
