"""Kernels of what the air carries: what passes through each face, in whole quanta, so that nothing is lost.

Concentration is counted in quanta of 2⁻¹⁶ µg/m³ (i32, up to 32 767 µg/m³). What leaves a cell through a face
is computed alike on both sides of it, in whole quanta, so the ledger closes exactly and for any order of
threads. Fields are of shape (nx+3, ny+3, nz+3), cells 1 … n (`rim`).
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.advection import LANES, most
from bioart.world.rim import INFLOW, OPEN, PERIODIC

QUANTA = 65536.0  # per µg/m³
CROWDED = 1310720000  # quanta that a cell can hold: 20 000 µg/m³
EMITTED, OUTFLOW, FILTERED, TAKEN, KEPT, GIVEN, RELEASED = range(7)  # rows of the ledger, i64, quanta so far
ENTRIES = 7


@ti.func
def whole(x: ti.f32):
    return ti.cast(ti.floor(x * QUANTA + 0.5), ti.i32)


@ti.func
def _slope(a: ti.f32, b: ti.f32):
    """van Leer's limited difference of a cell whose left and right differences are a and b."""
    both = a * b
    return ti.select(both > 0.0, 2.0 * both / ti.select(both > 0.0, a + b, 1.0), 0.0)


@ti.func
def _half(
    u: ti.template(), v: ti.template(), w: ti.template(), m: ti.f32, dx: ti.f32, dy: ti.f32, dz: ti.f32,
    s: ti.f32, r: ti.f32, i: ti.i32, j: ti.i32, k: ti.i32,
):  # fmt: skip
    """A cell's value half a sub-step ahead (MUSCL–Hancock), such that no edge of it holds less than nothing,
    and which part of what its edges would give it can give."""
    west, east = s * u[i, j, k], s * u[i + 1, j, k]
    south, north = s * v[i, j, k], s * v[i, j + 1, k]
    back, front = s * w[i, j, k], s * w[i, j, k + 1]
    half = m - 0.25 * ((west + east) * dx + (south + north) * dy + (back + front) * dz)
    half = most(half, 0.5 * most(ti.abs(dx), most(ti.abs(dy), ti.abs(dz))))
    asked = most(-west, 0.0) * (half - 0.5 * dx) + most(east, 0.0) * (half + 0.5 * dx)
    asked += most(-south, 0.0) * (half - 0.5 * dy) + most(north, 0.0) * (half + 0.5 * dy)
    asked += most(-back, 0.0) * (half - 0.5 * dz) + most(front, 0.0) * (half + 0.5 * dz)
    asked += 6.0 * r * m
    have = 0.99999 * m  # the rest is for what six roundings may take too much
    return half, ti.select(asked > have, have / (asked + 1e-20), 1.0)


@ti.kernel
def lean(
    u: ti.template(), v: ti.template(), w: ti.template(), c: ti.template(),
    half: ti.template(), sx: ti.template(), sy: ti.template(), sz: ti.template(), part: ti.template(),
    s: ti.f32, r: ti.f32,
):  # fmt: skip
    """half, sx, sy, sz, part ← each cell's value half a sub-step ahead, how it leans along the axes, and
    which part it can give of what it should."""
    nx, ny, nz = ti.static(c.shape[0] - 3, c.shape[1] - 3, c.shape[2] - 3)
    if ti.static(compute.on_cpu() and nz >= LANES):
        for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
            for b in range(ti.static(-(-nz // LANES))):
                k = ti.min(1 + LANES * b, nz + 1 - LANES)
                x, y, z = ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8)
                h, g = ti.Vector.zero(ti.f32, 8), ti.Vector.zero(ti.f32, 8)
                for n in range(LANES):
                    q = k + n
                    m = c[i, j, q]
                    x[n] = _slope(m - c[i - 1, j, q], c[i + 1, j, q] - m)
                    y[n] = _slope(m - c[i, j - 1, q], c[i, j + 1, q] - m)
                    z[n] = _slope(m - c[i, j, q - 1], c[i, j, q + 1] - m)
                    h[n], g[n] = _half(u, v, w, m, x[n], y[n], z[n], s, r, i, j, q)
                for n in range(LANES):
                    sx[i, j, k + n], sy[i, j, k + n], sz[i, j, k + n] = x[n], y[n], z[n]
                    half[i, j, k + n], part[i, j, k + n] = h[n], g[n]
    else:
        for i, j, k in ti.ndrange((1, nx + 1), (1, ny + 1), (1, nz + 1)):
            m = c[i, j, k]
            dx = _slope(m - c[i - 1, j, k], c[i + 1, j, k] - m)
            dy = _slope(m - c[i, j - 1, k], c[i, j + 1, k] - m)
            dz = _slope(m - c[i, j, k - 1], c[i, j, k + 1] - m)
            sx[i, j, k], sy[i, j, k], sz[i, j, k] = dx, dy, dz
            half[i, j, k], part[i, j, k] = _half(u, v, w, m, dx, dy, dz, s, r, i, j, k)


@ti.func
def passed(
    c: ti.template(), half: ti.template(), lean_: ti.template(), part: ti.template(), speed: ti.f32,
    s: ti.f32, r: ti.f32, i: ti.i32, j: ti.i32, k: ti.i32, a: ti.i32, b: ti.i32, d: ti.i32,
):  # fmt: skip
    """Quanta that pass through the face from cell (a, b, d) to its neighbour (i, j, k): what the air takes
    along, and diffusion. Cut towards 0, so that no cell gives what it has not."""
    e, f = part[a, b, d], part[i, j, k]
    before, after = (half[a, b, d] + 0.5 * lean_[a, b, d]) * e, (half[i, j, k] - 0.5 * lean_[i, j, k]) * f
    edge = ti.select(speed > 0.0, before, after)
    return ti.cast(QUANTA * (speed * s * edge + r * (c[a, b, d] * e - c[i, j, k] * f)), ti.i32)


@ti.func
def _gained(
    u: ti.template(), v: ti.template(), w: ti.template(), c: ti.template(), half: ti.template(),
    sx: ti.template(), sy: ti.template(), sz: ti.template(), part: ti.template(), s: ti.f32, r: ti.f32,
    i: ti.i32, j: ti.i32, k: ti.i32,
):  # fmt: skip
    x = passed(c, half, sx, part, u[i, j, k], s, r, i, j, k, i - 1, j, k)
    x -= passed(c, half, sx, part, u[i + 1, j, k], s, r, i + 1, j, k, i, j, k)
    y = passed(c, half, sy, part, v[i, j, k], s, r, i, j, k, i, j - 1, k)
    y -= passed(c, half, sy, part, v[i, j + 1, k], s, r, i, j + 1, k, i, j, k)
    z = passed(c, half, sz, part, w[i, j, k], s, r, i, j, k, i, j, k - 1)
    z -= passed(c, half, sz, part, w[i, j, k + 1], s, r, i, j, k + 1, i, j, k)
    return x + y + z


@ti.kernel
def settle(
    u: ti.template(), v: ti.template(), w: ti.template(), c: ti.template(), half: ti.template(),
    sx: ti.template(), sy: ti.template(), sz: ti.template(), part: ti.template(), mass: ti.template(),
    s: ti.f32, r: ti.f32,
):  # fmt: skip
    """mass (nx, ny, nz) += what came through each cell's faces in a sub-step. s: seconds/cell; r:
    D·seconds/cell²."""
    nx, ny, nz = ti.static(c.shape[0] - 3, c.shape[1] - 3, c.shape[2] - 3)
    if ti.static(compute.on_cpu() and nz >= LANES):
        for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
            for b in range(ti.static(nz // LANES)):
                k = 1 + LANES * b
                x = ti.Vector.zero(ti.i32, 8)
                for n in range(LANES):
                    x[n] = _gained(u, v, w, c, half, sx, sy, sz, part, s, r, i, j, k + n)
                for n in range(LANES):
                    mass[i - 1, j - 1, k - 1 + n] += x[n]
            for k in range(1 + nz // LANES * LANES, nz + 1):
                mass[i - 1, j - 1, k - 1] += _gained(u, v, w, c, half, sx, sy, sz, part, s, r, i, j, k)
    else:
        for i, j, k in ti.ndrange((1, nx + 1), (1, ny + 1), (1, nz + 1)):
            mass[i - 1, j - 1, k - 1] += _gained(u, v, w, c, half, sx, sy, sz, part, s, r, i, j, k)


@ti.func
def _coming(kind: ti.i32, inwards: ti.f32, outside: ti.f32, inside: ti.f32, opposite: ti.f32):
    """What stands ready beyond a side to be taken in."""
    new = ti.select(kind == INFLOW or (kind == OPEN and inwards > 0.0), outside, inside)
    return ti.select(kind == PERIODIC, opposite, new)


@ti.kernel
def beyond(
    u: ti.template(), v: ti.template(), w: ti.template(),
    half: ti.template(), sx: ti.template(), sy: ti.template(), sz: ti.template(), part: ti.template(),
    table: ti.template(), inlet: ti.template(), outside: ti.f32,
):  # fmt: skip
    """What lies beyond the sides is even, but for what comes round; what comes in is as `outside` says, on
    the west side times the inlet's pattern."""
    nx, ny, nz = ti.static(half.shape[0] - 3, half.shape[1] - 3, half.shape[2] - 3)
    for j, k in ti.ndrange((1, ny + 1), (1, nz + 1)):
        low, high = ti.cast(table[0, 3], ti.i32), ti.cast(table[1, 3], ti.i32)
        first, last, far = half[1, j, k], half[nx, j, k], outside * inlet[j - 1, k - 1]
        half[0, j, k] = _coming(low, u[1, j, k], far, first, last)
        half[nx + 1, j, k] = _coming(high, -u[nx + 1, j, k], outside, last, first)
        sx[0, j, k] = ti.select(low == PERIODIC, sx[nx, j, k], 0.0)
        sx[nx + 1, j, k] = ti.select(low == PERIODIC, sx[1, j, k], 0.0)
        part[0, j, k] = ti.select(low == PERIODIC, part[nx, j, k], 1.0)
        part[nx + 1, j, k] = ti.select(low == PERIODIC, part[1, j, k], 1.0)
    for i, k in ti.ndrange((1, nx + 1), (1, nz + 1)):
        low, high = ti.cast(table[2, 3], ti.i32), ti.cast(table[3, 3], ti.i32)
        first, last = half[i, 1, k], half[i, ny, k]
        half[i, 0, k] = _coming(low, v[i, 1, k], outside, first, last)
        half[i, ny + 1, k] = _coming(high, -v[i, ny + 1, k], outside, last, first)
        sy[i, 0, k] = ti.select(low == PERIODIC, sy[i, ny, k], 0.0)
        sy[i, ny + 1, k] = ti.select(low == PERIODIC, sy[i, 1, k], 0.0)
        part[i, 0, k] = ti.select(low == PERIODIC, part[i, ny, k], 1.0)
        part[i, ny + 1, k] = ti.select(low == PERIODIC, part[i, 1, k], 1.0)
    for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
        low, high = ti.cast(table[4, 3], ti.i32), ti.cast(table[5, 3], ti.i32)
        first, last = half[i, j, 1], half[i, j, nz]
        half[i, j, 0] = _coming(low, w[i, j, 1], outside, first, last)
        half[i, j, nz + 1] = _coming(high, -w[i, j, nz + 1], outside, last, first)
        sz[i, j, 0] = ti.select(low == PERIODIC, sz[i, j, nz], 0.0)
        sz[i, j, nz + 1] = ti.select(low == PERIODIC, sz[i, j, 1], 0.0)
        part[i, j, 0] = ti.select(low == PERIODIC, part[i, j, nz], 1.0)
        part[i, j, nz + 1] = ti.select(low == PERIODIC, part[i, j, 1], 1.0)


@ti.func
def _booked(ledger: ti.template(), came: ti.i64, went: ti.i64):
    if came > 0:
        ti.atomic_add(ledger[EMITTED], came)
    if went > 0:
        ti.atomic_add(ledger[OUTFLOW], went)


@ti.kernel
def book_x(
    u: ti.template(), c: ti.template(), half: ti.template(), sx: ti.template(), part: ti.template(),
    ledger: ti.template(), face: ti.i32, sign: ti.i32, s: ti.f32, r: ti.f32,
):  # fmt: skip
    """Books what passes the side at this x face, row by row; sign: +1 where the box lies above it. Likewise
    book_y, book_z."""
    ny, nz = ti.static(c.shape[1] - 3, c.shape[2] - 3)
    for j in range(1, ny + 1):
        came, went = ti.i64(0), ti.i64(0)
        for k in range(1, nz + 1):
            got = sign * passed(c, half, sx, part, u[face, j, k], s, r, face, j, k, face - 1, j, k)
            came += ti.max(got, 0)
            went += ti.max(-got, 0)
        _booked(ledger, came, went)


@ti.kernel
def book_y(
    v: ti.template(), c: ti.template(), half: ti.template(), sy: ti.template(), part: ti.template(),
    ledger: ti.template(), face: ti.i32, sign: ti.i32, s: ti.f32, r: ti.f32,
):  # fmt: skip
    nx, nz = ti.static(c.shape[0] - 3, c.shape[2] - 3)
    for i in range(1, nx + 1):
        came, went = ti.i64(0), ti.i64(0)
        for k in range(1, nz + 1):
            got = sign * passed(c, half, sy, part, v[i, face, k], s, r, i, face, k, i, face - 1, k)
            came += ti.max(got, 0)
            went += ti.max(-got, 0)
        _booked(ledger, came, went)


@ti.kernel
def book_z(
    w: ti.template(), c: ti.template(), half: ti.template(), sz: ti.template(), part: ti.template(),
    ledger: ti.template(), face: ti.i32, sign: ti.i32, s: ti.f32, r: ti.f32,
):  # fmt: skip
    nx, ny = ti.static(c.shape[0] - 3, c.shape[1] - 3)
    for i in range(1, nx + 1):
        came, went = ti.i64(0), ti.i64(0)
        for j in range(1, ny + 1):
            got = sign * passed(c, half, sz, part, w[i, j, face], s, r, i, j, face, i, j, face - 1)
            came += ti.max(got, 0)
            went += ti.max(-got, 0)
        _booked(ledger, came, went)


@ti.kernel
def breathe(
    c: ti.template(), mass: ti.template(), where: ti.template(), count: ti.i32, source: ti.template(),
    intake: ti.template(), ledger: ti.template(), sink: ti.f32, returned: ti.f32,
):  # fmt: skip
    """Where air is drawn its share of quanta goes, and `intake` of it is kept; where it is given, so much
    `returned` (µg/m³) comes. where: the cells that do; sink: draw·seconds, m³."""
    ny, nz = ti.static(mass.shape[1], mass.shape[2])
    for n in range(count):
        cell = where[n]
        i, j, k = cell // (ny * nz), cell // nz % ny, cell % nz
        q = source[i, j, k] * sink
        if q < 0.0:
            drawn = ti.max(ti.min(whole(-q * c[i + 1, j + 1, k + 1]), mass[i, j, k]), 0)
            mass[i, j, k] -= drawn
            ti.atomic_add(ledger[TAKEN], ti.i64(drawn))
            ti.atomic_add(ledger[KEPT], ti.cast(ti.cast(drawn, ti.f64) * intake[i, j, k], ti.i64))
        else:
            given = whole(q * returned)
            mass[i, j, k] += given
            ti.atomic_add(ledger[GIVEN], ti.i64(given))


@ti.func
def _left(x: ti.f32):
    """e^(−x) for x ≥ 0 by + × ÷ alone, to 2e-5 of it up to x = 1 and never below 0."""
    t = 0.25 * x
    e = 1.0 + t * (1.0 + t * (0.5 + t * (1.0 / 6.0 + t * (1.0 / 24.0 + t * (1.0 / 120.0)))))
    return 1.0 / (e * e * e * e)


@ti.kernel
def keep(
    u: ti.template(), v: ti.template(), w: ti.template(), mass: ti.template(), filt: ti.template(),
    rest: ti.template(), ledger: ti.template(), dt: ti.f32,
):  # fmt: skip
    """What fine hairs keep of the air that passes (λ_f·|u|) and what settles on surfaces (`rest`, 1/s), both
    at once: the share 1 − e^(−(|u|·λ_f + rest)·dt)."""
    nx, ny, nz = ti.static(mass.shape[0], mass.shape[1], mass.shape[2])
    for i, j in ti.ndrange(nx, ny):
        total = ti.i64(0)
        for k in range(nz):
            if filt[i, j, k] > 0.0 or rest[i, j, k] > 0.0:
                a, b, d = i + 1, j + 1, k + 1
                x = 0.5 * (u[a, b, d] + u[a + 1, b, d])
                y = 0.5 * (v[a, b, d] + v[a, b + 1, d])
                z = 0.5 * (w[a, b, d] + w[a, b, d + 1])
                rate = ti.sqrt(x * x + y * y + z * z) * filt[i, j, k] + rest[i, j, k]
                gone = ti.cast(ti.cast(mass[i, j, k], ti.f64) * (1.0 - _left(rate * dt)), ti.i32)
                mass[i, j, k] -= gone
                total += ti.i64(gone)
        if total > 0:
            ti.atomic_add(ledger[FILTERED], total)


@ti.kernel
def release(
    mass: ti.template(), ledger: ti.template(), left: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32,
    reach: ti.f32, much: ti.i64,
):  # fmt: skip
    """Lay `much` quanta into a soft ball about (x, y, z), of radius `reach`, all in cells; not more than
    cells can hold: left[0] ← what found no room."""
    nx, ny, nz = ti.static(mass.shape[0], mass.shape[1], mass.shape[2])
    n = ti.cast(ti.ceil(reach), ti.i32)
    a, b, d = ti.cast(ti.floor(x), ti.i32), ti.cast(ti.floor(y), ti.i32), ti.cast(ti.floor(z), ti.i32)
    for _ in range(1):  # serial: a ball is small, and its shares are summed in one order
        total = 0.0
        for i, j, k in ti.ndrange((a - n, a + n + 1), (b - n, b + n + 1), (d - n, d + n + 1)):
            total += _ball(i, j, k, x, y, z, reach, nx, ny, nz)
        rest = much
        for i, j, k in ti.ndrange((a - n, a + n + 1), (b - n, b + n + 1), (d - n, d + n + 1)):
            share = _ball(i, j, k, x, y, z, reach, nx, ny, nz)
            if share > 0.0:
                wanted = ti.cast(ti.cast(much, ti.f64) * (share / total), ti.i64)
                got = ti.max(ti.min(wanted, rest, ti.i64(CROWDED - mass[i, j, k])), ti.i64(0))
                mass[i, j, k] += ti.cast(got, ti.i32)
                rest -= got
        # what was rounded off, or found its cell full
        for i, j, k in ti.ndrange((a - n, a + n + 1), (b - n, b + n + 1), (d - n, d + n + 1)):
            if rest > 0 and _ball(i, j, k, x, y, z, reach, nx, ny, nz) > 0.0:
                got = ti.max(ti.min(rest, ti.i64(CROWDED - mass[i, j, k])), ti.i64(0))
                mass[i, j, k] += ti.cast(got, ti.i32)
                rest -= got
        ledger[RELEASED] += much - rest
        left[0] = rest


@ti.func
def _ball(
    i: ti.i32, j: ti.i32, k: ti.i32, x: ti.f32, y: ti.f32, z: ti.f32, reach: ti.f32,
    nx: ti.i32, ny: ti.i32, nz: ti.i32,
):  # fmt: skip
    near = 0.0
    if 0 <= i < nx and 0 <= j < ny and 0 <= k < nz:
        dx, dy, dz = i + 0.5 - x, j + 0.5 - y, k + 0.5 - z
        near = most(1.0 - (dx * dx + dy * dy + dz * dz) / (reach * reach), 0.0)
    return near * near


@ti.kernel
def total(mass: ti.template(), out: ti.template()):
    """out[0]: all quanta in the air."""
    nx, ny, nz = ti.static(mass.shape[0], mass.shape[1], mass.shape[2])
    out[0] = ti.cast(0, ti.i64)
    for i, j in ti.ndrange(nx, ny):
        row = ti.i64(0)
        for k in range(nz):
            row += ti.i64(mass[i, j, k])
        ti.atomic_add(out[0], row)


@ti.kernel
def fill(mass: ti.template(), values: ti.types.ndarray(ndim=3)):
    """Content from concentrations, µg/m³."""
    nx, ny, nz = ti.static(mass.shape[0], mass.shape[1], mass.shape[2])
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            mass[i, j, k] = whole(values[i, j, k])


@ti.kernel
def shown(c: ti.template(), mass: ti.template()):
    """The concentrations of what is stored."""
    nx, ny, nz = ti.static(mass.shape[0], mass.shape[1], mass.shape[2])
    if ti.static(compute.on_cpu() and nz >= LANES):
        for i, j in ti.ndrange(nx, ny):
            for b in range(ti.static(-(-nz // LANES))):
                k = ti.min(LANES * b, nz - LANES)
                x = ti.Vector.zero(ti.f32, 8)
                for n in range(LANES):
                    x[n] = ti.cast(mass[i, j, k + n], ti.f32) / QUANTA
                for n in range(LANES):
                    c[i + 1, j + 1, k + 1 + n] = x[n]
    else:
        for i, j, k in ti.ndrange(nx, ny, nz):
            c[i + 1, j + 1, k + 1] = ti.cast(mass[i, j, k], ti.f32) / QUANTA
