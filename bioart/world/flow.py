"""Kernels of the air's momentum on a staggered grid: pressure, forces, drag, projection, the bound on its
speed.

u, v, w: velocity on the lower faces of cells, m/s, and every field with them of shape (nx+3, ny+3, nz+3):
cells 1 … n and a rim (`rim`). What stands on a side of the box is written here like any other face and set
right by the rim afterwards.
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.advection import LANES, at_x, at_y, at_z, most

# The pressure pushes air along its way, not only where it arrives: half of its gradient is added before the
# air is carried and half after (Strang), else eddies lose energy in proportion to dt. Where drag holds the
# air, there is nothing to carry: the early share, kept by cell, falls to 0.


@ti.func
def spread(f: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    """Sum of the six neighbours less six times the own."""
    return (
        f[i - 1, j, k] + f[i + 1, j, k] + f[i, j - 1, k] + f[i, j + 1, k] + f[i, j, k - 1] + f[i, j, k + 1]
        - 6.0 * f[i, j, k]
    )  # fmt: skip


@ti.func
def _pushed(
    f: ti.template(), p: ti.template(), force: ti.f32, early: ti.template(), porous: ti.template(),
    nu: ti.f32, gradient: ti.f32, i: ti.i32, j: ti.i32, k: ti.i32, a: ti.i32, b: ti.i32, c: ti.i32,
):  # fmt: skip
    share = 0.5
    if ti.static(porous):
        share = ti.select(early[i, j, k] < early[a, b, c], early[i, j, k], early[a, b, c])
    return f[i, j, k] + nu * spread(f, i, j, k) + force - share * gradient * (p[i, j, k] - p[a, b, c])


@ti.kernel
def push(
    u: ti.template(), v: ti.template(), w: ti.template(),
    ub: ti.template(), vb: ti.template(), wb: ti.template(), p: ti.template(),
    fx: ti.template(), fy: ti.template(), fz: ti.template(), lift: ti.template(),
    early: ti.template(), porous: ti.template(), nu: ti.f32, gradient: ti.f32, dt: ti.f32,
):  # fmt: skip
    """ub, vb, wb: the velocity with viscosity, forces and lift (m/s², by cell), and the early share of the
    OLD pressure's push. porous: whether anything brakes. nu: ν·dt/cell²; gradient: dt/cell, s/m."""
    nx, ny, nz = ti.static(u.shape[0] - 3, u.shape[1] - 3, u.shape[2] - 3)
    t = 0.5 * dt
    if ti.static(compute.on_cpu() and nz >= LANES):
        for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
            for b in range(ti.static(-(-nz // LANES))):
                k = ti.min(1 + LANES * b, nz + 1 - LANES)
                x, y, z = ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8)
                for n in range(LANES):
                    m = k + n
                    force_x = t * (fx[i, j, m] + fx[i - 1, j, m])
                    x[n] = _pushed(u, p, force_x, early, porous, nu, gradient, i, j, m, i - 1, j, m)
                    force_y = t * (fy[i, j, m] + fy[i, j - 1, m] + lift[i, j, m] + lift[i, j - 1, m])
                    y[n] = _pushed(v, p, force_y, early, porous, nu, gradient, i, j, m, i, j - 1, m)
                    force_z = t * (fz[i, j, m] + fz[i, j, m - 1])
                    z[n] = _pushed(w, p, force_z, early, porous, nu, gradient, i, j, m, i, j, m - 1)
                for n in range(LANES):
                    ub[i, j, k + n], vb[i, j, k + n], wb[i, j, k + n] = x[n], y[n], z[n]
    else:
        for i, j, k in ti.ndrange((1, nx + 1), (1, ny + 1), (1, nz + 1)):
            force_x = t * (fx[i, j, k] + fx[i - 1, j, k])
            ub[i, j, k] = _pushed(u, p, force_x, early, porous, nu, gradient, i, j, k, i - 1, j, k)
            force_y = t * (fy[i, j, k] + fy[i, j - 1, k] + lift[i, j, k] + lift[i, j - 1, k])
            vb[i, j, k] = _pushed(v, p, force_y, early, porous, nu, gradient, i, j, k, i, j - 1, k)
            force_z = t * (fz[i, j, k] + fz[i, j, k - 1])
            wb[i, j, k] = _pushed(w, p, force_z, early, porous, nu, gradient, i, j, k, i, j, k - 1)


@ti.func
def _braked(
    new: ti.f32, p: ti.template(), drag: ti.template(), friction: ti.template(), early: ti.template(),
    x: ti.f32, y: ti.f32, z: ti.f32, gradient: ti.f32, dt: ti.f32,
    i: ti.i32, j: ti.i32, k: ti.i32, a: ti.i32, b: ti.i32, c: ti.i32,
):  # fmt: skip
    """The late share of the old pressure's push, and the drag σ + c_F|u| implicitly: without that gradient
    the medium would leak (models 2.2)."""
    share = 1.0 - ti.select(early[i, j, k] < early[a, b, c], early[i, j, k], early[a, b, c])
    speed = ti.sqrt(x * x + y * y + z * z)
    brake = 0.5 * (drag[i, j, k] + drag[a, b, c] + (friction[i, j, k] + friction[a, b, c]) * speed)
    return (new - share * gradient * (p[i, j, k] - p[a, b, c])) / (1.0 + dt * brake)


@ti.kernel
def brake(
    u: ti.template(), v: ti.template(), w: ti.template(),
    uc: ti.template(), vc: ti.template(), wc: ti.template(),
    ub: ti.template(), vb: ti.template(), wb: ti.template(),
    p: ti.template(), drag: ti.template(), friction: ti.template(), early: ti.template(),
    gradient: ti.f32, dt: ti.f32,
):  # fmt: skip
    """ub, vb, wb ← uc, vc, wc slowed by the porous body, under the rest of the old pressure. u, v, w: the
    velocity that the air had. gradient: dt/cell."""
    nx, ny, nz = ti.static(u.shape[0] - 3, u.shape[1] - 3, u.shape[2] - 3)
    if ti.static(compute.on_cpu() and nz >= LANES):
        for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
            for b in range(ti.static(-(-nz // LANES))):
                k = ti.min(1 + LANES * b, nz + 1 - LANES)
                x, y, z = ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8)
                for n in range(LANES):
                    m = k + n
                    s, t, r = at_x(u, v, w, i, j, m)
                    x[n] = _braked(
                        uc[i, j, m], p, drag, friction, early, s, t, r, gradient, dt, i, j, m, i - 1, j, m
                    )
                for n in range(LANES):
                    m = k + n
                    s, t, r = at_y(u, v, w, i, j, m)
                    y[n] = _braked(
                        vc[i, j, m], p, drag, friction, early, s, t, r, gradient, dt, i, j, m, i, j - 1, m
                    )
                for n in range(LANES):
                    m = k + n
                    s, t, r = at_z(u, v, w, i, j, m)
                    z[n] = _braked(
                        wc[i, j, m], p, drag, friction, early, s, t, r, gradient, dt, i, j, m, i, j, m - 1
                    )
                for n in range(LANES):
                    ub[i, j, k + n], vb[i, j, k + n], wb[i, j, k + n] = x[n], y[n], z[n]
    else:
        for i, j, k in ti.ndrange((1, nx + 1), (1, ny + 1), (1, nz + 1)):
            s, t, r = at_x(u, v, w, i, j, k)
            ub[i, j, k] = _braked(
                uc[i, j, k], p, drag, friction, early, s, t, r, gradient, dt, i, j, k, i - 1, j, k
            )
            s, t, r = at_y(u, v, w, i, j, k)
            vb[i, j, k] = _braked(
                vc[i, j, k], p, drag, friction, early, s, t, r, gradient, dt, i, j, k, i, j - 1, k
            )
            s, t, r = at_z(u, v, w, i, j, k)
            wb[i, j, k] = _braked(
                wc[i, j, k], p, drag, friction, early, s, t, r, gradient, dt, i, j, k, i, j, k - 1
            )


@ti.kernel
def ease(early: ti.template(), drag: ti.template(), friction: ti.template(), speed: ti.f32, dt: ti.f32):
    """early ← the share of the pressure's push that comes before the air is carried, by cell: ½ in the open.
    speed: m/s, for which friction counts."""
    nx, ny, nz = ti.static(early.shape[0], early.shape[1], early.shape[2])
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            early[i, j, k] = 0.5 / (1.0 + dt * (drag[i, j, k] + friction[i, j, k] * speed))


@ti.func
def _diverge(u: ti.template(), v: ti.template(), w: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    return u[i + 1, j, k] - u[i, j, k] + v[i, j + 1, k] - v[i, j, k] + w[i, j, k + 1] - w[i, j, k]


@ti.kernel
def divergence(
    u: ti.template(), v: ti.template(), w: ti.template(), gain: ti.f32, out: ti.types.ndarray(ndim=3)
):
    """out (nx, ny, nz) = gain·cell·∇·u."""
    nx, ny, nz = ti.static(u.shape[0] - 3, u.shape[1] - 3, u.shape[2] - 3)
    if ti.static(compute.on_cpu() and nz >= LANES):
        for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
            for b in range(ti.static(-(-nz // LANES))):
                k = ti.min(1 + LANES * b, nz + 1 - LANES)
                x = ti.Vector.zero(ti.f32, 8)
                for n in range(LANES):
                    x[n] = gain * _diverge(u, v, w, i, j, k + n)
                for n in range(LANES):
                    out[i - 1, j - 1, k - 1 + n] = x[n]
    else:
        for i, j, k in ti.ndrange((1, nx + 1), (1, ny + 1), (1, nz + 1)):
            out[i - 1, j - 1, k - 1] = gain * _diverge(u, v, w, i, j, k)


@ti.kernel
def take_pressure(phi: ti.types.ndarray(ndim=3), out: ti.template(), p: ti.template(), keep: ti.f32):
    """out ← phi (nx, ny, nz), p ← keep·p + phi, inside."""
    nx, ny, nz = ti.static(out.shape[0] - 3, out.shape[1] - 3, out.shape[2] - 3)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            out[i + 1, j + 1, k + 1] = phi[i, j, k]
            p[i + 1, j + 1, k + 1] = keep * p[i + 1, j + 1, k + 1] + phi[i, j, k]


@ti.kernel
def again(
    u: ti.template(),
    v: ti.template(),
    w: ti.template(),
    ub: ti.template(),
    vb: ti.template(),
    wb: ti.template(),
):
    """ub, vb, wb ← u, v, w, rim and all."""
    nx, ny, nz = ti.static(u.shape[0], u.shape[1], u.shape[2])
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            ub[i, j, k], vb[i, j, k], wb[i, j, k] = u[i, j, k], v[i, j, k], w[i, j, k]


@ti.kernel
def project(
    uc: ti.template(), vc: ti.template(), wc: ti.template(), phi: ti.template(),
    u: ti.template(), v: ti.template(), w: ti.template(), s: ti.f32,
):  # fmt: skip
    """u, v, w ← uc, vc, wc without the gradient of phi. s: seconds/cell. The upper sides too: through an open
    one the pressure has its say."""
    nx, ny, nz = ti.static(u.shape[0] - 3, u.shape[1] - 3, u.shape[2] - 3)
    if ti.static(compute.on_cpu() and nz >= LANES):
        for i, j in ti.ndrange((1, nx + 2), (1, ny + 2)):
            for b in range(ti.static(-(-(nz + 1) // LANES))):
                k = ti.min(1 + LANES * b, nz + 2 - LANES)
                x, y, z = ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8)
                for n in range(LANES):
                    m = k + n
                    x[n] = uc[i, j, m] - s * (phi[i, j, m] - phi[i - 1, j, m])
                    y[n] = vc[i, j, m] - s * (phi[i, j, m] - phi[i, j - 1, m])
                    z[n] = wc[i, j, m] - s * (phi[i, j, m] - phi[i, j, m - 1])
                for n in range(LANES):
                    u[i, j, k + n], v[i, j, k + n], w[i, j, k + n] = x[n], y[n], z[n]
    else:
        for i, j, k in ti.ndrange((1, nx + 2), (1, ny + 2), (1, nz + 2)):
            u[i, j, k] = uc[i, j, k] - s * (phi[i, j, k] - phi[i - 1, j, k])
            v[i, j, k] = vc[i, j, k] - s * (phi[i, j, k] - phi[i, j - 1, k])
            w[i, j, k] = wc[i, j, k] - s * (phi[i, j, k] - phi[i, j, k - 1])


@ti.func
def _square(u: ti.template(), v: ti.template(), w: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    """Speed² of a cell by its faster faces."""
    x = most(ti.abs(u[i, j, k]), ti.abs(u[i + 1, j, k]))
    y = most(ti.abs(v[i, j, k]), ti.abs(v[i, j + 1, k]))
    z = most(ti.abs(w[i, j, k]), ti.abs(w[i, j, k + 1]))
    return x * x + y * y + z * z


@ti.func
def _leaving(u: ti.template(), v: ti.template(), w: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    """Σ of what leaves a cell through its faces, m/s."""
    x = most(-u[i, j, k], 0.0) + most(u[i + 1, j, k], 0.0)
    y = most(-v[i, j, k], 0.0) + most(v[i, j + 1, k], 0.0)
    return x + y + most(-w[i, j, k], 0.0) + most(w[i, j, k + 1], 0.0)


@ti.kernel
def fastest(u: ti.template(), v: ti.template(), w: ti.template(), top: ti.template()):
    """top: the greatest squared speed of any cell, and the most that leaves one, m/s (a maximum has no
    order)."""
    nx, ny, nz = ti.static(u.shape[0] - 3, u.shape[1] - 3, u.shape[2] - 3)
    top[0], top[1] = 0.0, 0.0
    if ti.static(compute.on_cpu() and nz >= LANES):
        for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
            x, y = ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8)
            for b in range(ti.static(-(-nz // LANES))):
                k = ti.min(1 + LANES * b, nz + 1 - LANES)
                for n in range(LANES):
                    x[n] = most(x[n], _square(u, v, w, i, j, k + n))
                    y[n] = most(y[n], _leaving(u, v, w, i, j, k + n))
            ti.atomic_max(top[0], x.max())
            ti.atomic_max(top[1], y.max())
    else:
        for i, j, k in ti.ndrange((1, nx + 1), (1, ny + 1), (1, nz + 1)):
            ti.atomic_max(top[0], _square(u, v, w, i, j, k))
            ti.atomic_max(top[1], _leaving(u, v, w, i, j, k))


@ti.kernel
def slow(u: ti.template(), v: ti.template(), w: ti.template(), factor: ti.f32):
    """The whole field by one factor: its divergence scales with it, so what was 0 stays 0."""
    nx, ny, nz = ti.static(u.shape[0], u.shape[1], u.shape[2])
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            u[i, j, k] *= factor
            v[i, j, k] *= factor
            w[i, j, k] *= factor


@ti.kernel
def centred(
    u: ti.template(), v: ti.template(), w: ti.template(),
    cx: ti.types.ndarray(ndim=3), cy: ti.types.ndarray(ndim=3), cz: ti.types.ndarray(ndim=3),
):  # fmt: skip
    """Velocity at cells' middles, for looks."""
    nx, ny, nz = ti.static(u.shape[0] - 3, u.shape[1] - 3, u.shape[2] - 3)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            a, b, c = i + 1, j + 1, k + 1
            cx[i, j, k] = 0.5 * (u[a, b, c] + u[a + 1, b, c])
            cy[i, j, k] = 0.5 * (v[a, b, c] + v[a, b + 1, c])
            cz[i, j, k] = 0.5 * (w[a, b, c] + w[a, b, c + 1])


@ti.kernel
def middles(
    u: ti.template(), v: ti.template(), w: ti.template(), c: ti.template(),
    x: ti.template(), y: ti.template(), z: ti.template(), shown: ti.template(),
):  # fmt: skip
    """Velocity and what `c` says at cells' middles, as fields of (nx, ny, nz): whoever else feels the air."""
    nx, ny, nz = ti.static(x.shape[0], x.shape[1], x.shape[2])
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            d, e, f = i + 1, j + 1, k + 1
            x[i, j, k] = 0.5 * (u[d, e, f] + u[d + 1, e, f])
            y[i, j, k] = 0.5 * (v[d, e, f] + v[d, e + 1, f])
            z[i, j, k] = 0.5 * (w[d, e, f] + w[d, e, f + 1])
            shown[i, j, k] = c[d, e, f]


@ti.kernel
def copy_in(values: ti.types.ndarray(ndim=3), out: ti.template(), a: ti.i32):
    """out[i + a, j + a, k + a] ← values[i, j, k]."""
    for i, j in ti.ndrange(values.shape[0], values.shape[1]):
        for k in range(values.shape[2]):
            out[i + a, j + a, k + a] = values[i, j, k]
