"""Kernels of the air's momentum on a staggered grid: drag, pressure, open sides, and the bound on its speed.

u, v, w: velocity on the cells' faces, m/s, of shapes (nx+1, ny, nz), (nx, ny+1, nz), (nx, ny, nz+1).
The wind crosses the two x sides; the others let nothing through and do not brake (free slip).
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.advection import at_x, at_y, at_z

# The pressure pushes air along its way, not only where it arrives: half of its gradient is added before the
# air is carried and half after (Strang), else eddies lose energy in proportion to dt. Where drag holds the
# air, there is nothing to carry: the early share falls to 0.


@ti.func
def _early(brake: ti.f32, dt: ti.f32):
    return 0.5 / (1.0 + dt * brake)


@ti.func
def _brake(
    drag: ti.template(), friction: ti.template(), speed: ti.f32,
    i: ti.i32, j: ti.i32, k: ti.i32, a: ti.i32, b: ti.i32, c: ti.i32,
):  # fmt: skip
    """σ + c_F|u| on the face between cells (a, b, c) and (i, j, k), 1/s."""
    return 0.5 * (drag[i, j, k] + drag[a, b, c] + (friction[i, j, k] + friction[a, b, c]) * speed)


@ti.func
def _pushed(
    f: ti.template(), out: ti.template(), p: ti.template(), brake: ti.f32, gradient: ti.f32, dt: ti.f32,
    i: ti.i32, j: ti.i32, k: ti.i32, a: ti.i32, b: ti.i32, c: ti.i32,
):  # fmt: skip
    out[i, j, k] = f[i, j, k] - _early(brake, dt) * gradient * (p[i, j, k] - p[a, b, c])


@ti.kernel
def push(
    u: ti.template(), v: ti.template(), w: ti.template(),
    ub: ti.template(), vb: ti.template(), wb: ti.template(),
    p: ti.template(), drag: ti.template(), friction: ti.template(), gradient: ti.f32, dt: ti.f32,
):  # fmt: skip
    """ub, vb, wb: the velocity with the early share of the OLD pressure's push. gradient: dt/cell, s/m."""
    nx, ny, nz = ti.static(p.shape[0], p.shape[1], p.shape[2])
    for j, k in ti.ndrange(ny, nz):
        ub[0, j, k] = u[0, j, k]
        ub[nx, j, k] = u[nx, j, k]
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange((1, nx), ny):
            for k in range(nz):
                brake = _brake(drag, friction, at_x(u, v, w, i, j, k).norm(), i, j, k, i - 1, j, k)
                _pushed(u, ub, p, brake, gradient, dt, i, j, k, i - 1, j, k)
        for i, j in ti.ndrange(nx, (1, ny)):
            for k in range(nz):
                brake = _brake(drag, friction, at_y(u, v, w, i, j, k).norm(), i, j, k, i, j - 1, k)
                _pushed(v, vb, p, brake, gradient, dt, i, j, k, i, j - 1, k)
        for i, j in ti.ndrange(nx, ny):
            for k in range(1, nz):
                brake = _brake(drag, friction, at_z(u, v, w, i, j, k).norm(), i, j, k, i, j, k - 1)
                _pushed(w, wb, p, brake, gradient, dt, i, j, k, i, j, k - 1)
    else:
        for i, j, k in ti.ndrange((1, nx), ny, nz):
            brake = _brake(drag, friction, at_x(u, v, w, i, j, k).norm(), i, j, k, i - 1, j, k)
            _pushed(u, ub, p, brake, gradient, dt, i, j, k, i - 1, j, k)
        for i, j, k in ti.ndrange(nx, (1, ny), nz):
            brake = _brake(drag, friction, at_y(u, v, w, i, j, k).norm(), i, j, k, i, j - 1, k)
            _pushed(v, vb, p, brake, gradient, dt, i, j, k, i, j - 1, k)
        for i, j, k in ti.ndrange(nx, ny, (1, nz)):
            brake = _brake(drag, friction, at_z(u, v, w, i, j, k).norm(), i, j, k, i, j, k - 1)
            _pushed(w, wb, p, brake, gradient, dt, i, j, k, i, j, k - 1)


@ti.func
def _driven(
    f: ti.template(), out: ti.template(), p: ti.template(), force: ti.template(), drag: ti.template(),
    friction: ti.template(), speed: ti.f32, extra: ti.f32, nu: ti.f32, gradient: ti.f32, dt: ti.f32,
    i: ti.i32, j: ti.i32, k: ti.i32, a: ti.i32, b: ti.i32, c: ti.i32, kb: ti.i32, kf: ti.i32,
):  # fmt: skip
    """What acts on the face between cells (a, b, c) and (i, j, k). A side without a neighbour does not pull
    (free slip): kb and kf are the faces behind and before k, or k itself."""
    nx, ny = ti.static(f.shape[0], f.shape[1])
    spread = (
        f[ti.max(i - 1, 0), j, k] + f[ti.min(i + 1, nx - 1), j, k]
        + f[i, ti.max(j - 1, 0), k] + f[i, ti.min(j + 1, ny - 1), k]
        + f[i, j, kb] + f[i, j, kf] - 6.0 * f[i, j, k]
    )  # fmt: skip
    brake = _brake(drag, friction, speed, i, j, k, a, b, c)
    late = (1.0 - _early(brake, dt)) * gradient * (p[i, j, k] - p[a, b, c])
    more = nu * spread + 0.5 * dt * (force[i, j, k] + force[a, b, c]) - late
    out[i, j, k] = (out[i, j, k] + extra + more) / (1.0 + dt * brake)


@ti.kernel
def drive(
    u: ti.template(), v: ti.template(), w: ti.template(),
    ub: ti.template(), vb: ti.template(), wb: ti.template(),
    p: ti.template(), fx: ti.template(), fy: ti.template(), fz: ti.template(), lift: ti.template(),
    drag: ti.template(), friction: ti.template(), nu: ti.f32, gradient: ti.f32, dt: ti.f32,
):  # fmt: skip
    """Velocity before projection: viscosity, forces, the OLD pressure's gradient, and the porous drag
    implicitly: without that gradient the medium would leak (models 2.2). nu: ν·dt/cell²; gradient: dt/cell,
    s/m."""
    nx, ny, nz = ti.static(p.shape[0], p.shape[1], p.shape[2])
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange((1, nx), ny):
            _driven(u, ub, p, fx, drag, friction, at_x(u, v, w, i, j, 0).norm(), 0.0,
                    nu, gradient, dt, i, j, 0, i - 1, j, 0, 0, 1)  # fmt: skip
            for k in range(1, nz - 1):
                _driven(u, ub, p, fx, drag, friction, at_x(u, v, w, i, j, k).norm(), 0.0,
                        nu, gradient, dt, i, j, k, i - 1, j, k, k - 1, k + 1)  # fmt: skip
            _driven(u, ub, p, fx, drag, friction, at_x(u, v, w, i, j, nz - 1).norm(), 0.0,
                    nu, gradient, dt, i, j, nz - 1, i - 1, j, nz - 1, nz - 2, nz - 1)  # fmt: skip
        for i, j in ti.ndrange(nx, (1, ny)):
            for k in range(nz):
                kb, kf = ti.max(k - 1, 0), ti.min(k + 1, nz - 1)
                up = 0.5 * dt * (lift[i, j, k] + lift[i, j - 1, k])
                _driven(v, vb, p, fy, drag, friction, at_y(u, v, w, i, j, k).norm(), up,
                        nu, gradient, dt, i, j, k, i, j - 1, k, kb, kf)  # fmt: skip
        for i, j in ti.ndrange(nx, ny):
            for k in range(1, nz):
                _driven(w, wb, p, fz, drag, friction, at_z(u, v, w, i, j, k).norm(), 0.0,
                        nu, gradient, dt, i, j, k, i, j, k - 1, k - 1, k + 1)  # fmt: skip
    else:
        for i, j, k in ti.ndrange((1, nx), ny, nz):
            kb, kf = ti.max(k - 1, 0), ti.min(k + 1, nz - 1)
            _driven(u, ub, p, fx, drag, friction, at_x(u, v, w, i, j, k).norm(), 0.0,
                    nu, gradient, dt, i, j, k, i - 1, j, k, kb, kf)  # fmt: skip
        for i, j, k in ti.ndrange(nx, (1, ny), nz):
            kb, kf = ti.max(k - 1, 0), ti.min(k + 1, nz - 1)
            up = 0.5 * dt * (lift[i, j, k] + lift[i, j - 1, k])
            _driven(v, vb, p, fy, drag, friction, at_y(u, v, w, i, j, k).norm(), up,
                    nu, gradient, dt, i, j, k, i, j - 1, k, kb, kf)  # fmt: skip
        for i, j, k in ti.ndrange(nx, ny, (1, nz)):
            _driven(w, wb, p, fz, drag, friction, at_z(u, v, w, i, j, k).norm(), 0.0,
                    nu, gradient, dt, i, j, k, i, j, k - 1, k - 1, k + 1)  # fmt: skip


@ti.kernel
def open_sides(u: ti.template(), ub: ti.template(), total: ti.template(), wind: ti.f32, s: ti.f32):
    """Inlet: the wind. Outlet: what the flow carries there, never inwards, scaled to let out as much as comes
    in. The sum is in integers, so that its order does not matter."""
    nx, ny, nz = ti.static(u.shape[0] - 1, u.shape[1], u.shape[2])
    total[0] = ti.cast(0, ti.i64)
    for j, k in ti.ndrange(ny, nz):
        ub[0, j, k] = wind
        last = u[nx, j, k]
        raw = ti.max(last + (u[nx - 1, j, k] - last) * ti.min(last * s, 1.0), 0.1 * wind + 1e-4)
        ub[nx, j, k] = raw
        ti.atomic_add(total[0], ti.cast(raw * 16777216.0, ti.i64))
    for j, k in ti.ndrange(ny, nz):
        ub[nx, j, k] *= wind * ti.static(float(ny * nz)) / (ti.cast(total[0], ti.f32) / 16777216.0)


@ti.func
def _diverge(u: ti.template(), v: ti.template(), w: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    return u[i + 1, j, k] - u[i, j, k] + v[i, j + 1, k] - v[i, j, k] + w[i, j, k + 1] - w[i, j, k]


@ti.kernel
def divergence(
    u: ti.template(), v: ti.template(), w: ti.template(), source: ti.template(),
    h: ti.f32, draw: ti.f32, gain: ti.f32, out: ti.types.ndarray(),
):  # fmt: skip
    """out = gain·(∇·u − draw·source), 1/s times gain."""
    nx, ny, nz = ti.static(source.shape[0], source.shape[1], source.shape[2])
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            for k in range(nz):
                out[i, j, k] = gain * (_diverge(u, v, w, i, j, k) / h - draw * source[i, j, k])
    else:
        for i, j, k in ti.ndrange(nx, ny, nz):
            out[i, j, k] = gain * (_diverge(u, v, w, i, j, k) / h - draw * source[i, j, k])


@ti.kernel
def project(
    u: ti.template(), v: ti.template(), w: ti.template(),
    ub: ti.template(), vb: ti.template(), wb: ti.template(),
    p: ti.template(), phi: ti.types.ndarray(), s: ti.f32,
):  # fmt: skip
    """Takes the gradient of phi off the predicted velocity and adds phi to the pressure. s: dt/cell."""
    nx, ny, nz = ti.static(p.shape[0], p.shape[1], p.shape[2])
    for j, k in ti.ndrange(ny, nz):
        u[0, j, k] = ub[0, j, k]
        u[nx, j, k] = ub[nx, j, k]
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            if i > 0:
                for k in range(nz):
                    u[i, j, k] = ub[i, j, k] - s * (phi[i, j, k] - phi[i - 1, j, k])
            if j > 0:
                for k in range(nz):
                    v[i, j, k] = vb[i, j, k] - s * (phi[i, j, k] - phi[i, j - 1, k])
            for k in range(1, nz):
                w[i, j, k] = wb[i, j, k] - s * (phi[i, j, k] - phi[i, j, k - 1])
            for k in range(nz):
                p[i, j, k] += phi[i, j, k]
    else:
        for i, j, k in ti.ndrange(nx, ny, nz):
            if i > 0:
                u[i, j, k] = ub[i, j, k] - s * (phi[i, j, k] - phi[i - 1, j, k])
            if j > 0:
                v[i, j, k] = vb[i, j, k] - s * (phi[i, j, k] - phi[i, j - 1, k])
            if k > 0:
                w[i, j, k] = wb[i, j, k] - s * (phi[i, j, k] - phi[i, j, k - 1])
            p[i, j, k] += phi[i, j, k]


@ti.func
def _square(u: ti.template(), v: ti.template(), w: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    x = ti.max(ti.abs(u[i, j, k]), ti.abs(u[i + 1, j, k]))
    y = ti.max(ti.abs(v[i, j, k]), ti.abs(v[i, j + 1, k]))
    z = ti.max(ti.abs(w[i, j, k]), ti.abs(w[i, j, k + 1]))
    return x * x + y * y + z * z


@ti.kernel
def fastest(u: ti.template(), v: ti.template(), w: ti.template(), top: ti.template()):
    """top[0]: the greatest squared speed of any cell, by its faster faces (a maximum has no order)."""
    nx, ny, nz = ti.static(v.shape[0], u.shape[1], u.shape[2])
    top[0] = 0.0
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            most = 0.0
            for k in range(nz):
                most = ti.max(most, _square(u, v, w, i, j, k))
            ti.atomic_max(top[0], most)
    else:
        for i, j, k in ti.ndrange(nx, ny, nz):
            ti.atomic_max(top[0], _square(u, v, w, i, j, k))


@ti.kernel
def slow(u: ti.template(), v: ti.template(), w: ti.template(), factor: ti.f32):
    """The whole field by one factor: its divergence scales with it, so what was 0 stays 0."""
    for i, j, k in u:
        u[i, j, k] *= factor
    for i, j, k in v:
        v[i, j, k] *= factor
    for i, j, k in w:
        w[i, j, k] *= factor


@ti.kernel
def centred(
    u: ti.template(), v: ti.template(), w: ti.template(), smog: ti.template(),
    cx: ti.types.ndarray(), cy: ti.types.ndarray(), cz: ti.types.ndarray(), c: ti.types.ndarray(),
):  # fmt: skip
    """Velocity and smog at cells' middles, for looks."""
    nx, ny, nz = ti.static(smog.shape[0], smog.shape[1], smog.shape[2])
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            cx[i, j, k] = 0.5 * (u[i, j, k] + u[i + 1, j, k])
            cy[i, j, k] = 0.5 * (v[i, j, k] + v[i, j + 1, k])
            cz[i, j, k] = 0.5 * (w[i, j, k] + w[i, j, k + 1])
            c[i, j, k] = smog[i, j, k]


@ti.kernel
def middles(
    u: ti.template(), v: ti.template(), w: ti.template(), x: ti.template(), y: ti.template(), z: ti.template()
):
    """Velocity at cells' middles, as fields: what drifts reads it there."""
    nx, ny, nz = ti.static(x.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            x[i, j, k] = 0.5 * (u[i, j, k] + u[i + 1, j, k])
            y[i, j, k] = 0.5 * (v[i, j, k] + v[i, j + 1, k])
            z[i, j, k] = 0.5 * (w[i, j, k] + w[i, j, k + 1])
