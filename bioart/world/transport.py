"""Kernels of the smog: what each cell gives through its faces, in whole quanta, so that nothing is lost.

Concentration is counted in quanta of 2⁻¹⁶ µg/m³ (i32, up to 32 767 µg/m³). Every exchange is rounded once and
taken here what is given there, so the ledger closes exactly and for any order of threads.
"""

import taichi as ti

from bioart.gpu import compute

QUANTA = 65536.0  # per µg/m³
EMITTED, OUTFLOW, FILTERED, TAKEN, KEPT, GIVEN = range(6)  # rows of the ledger, i64, quanta so far
ENTRIES = 6


@ti.func
def _whole(x: ti.f32):
    return ti.cast(ti.floor(x * QUANTA + 0.5), ti.i32)


@ti.func
def _slope(a: ti.f32, b: ti.f32):
    """van Leer's limited difference of a cell whose left and right differences are a and b."""
    both = a * b
    return ti.select(both > 0.0, 2.0 * both / ti.select(both > 0.0, a + b, 1.0), 0.0)


@ti.func
def _above(x: ti.f32):
    return ti.select(x > 0.0, x, 0.0)


@ti.func
def _give(
    u: ti.template(), v: ti.template(), w: ti.template(), c: ti.template(), source: ti.template(),
    gw: ti.template(), ge: ti.template(), gs: ti.template(), gn: ti.template(), gb: ti.template(),
    gf: ti.template(), s: ti.f32, r: ti.f32, sink: ti.f32,
    i: ti.i32, j: ti.i32, k: ti.i32, kb: ti.i32, kf: ti.i32,
):  # fmt: skip
    """What a cell gives through its six faces: MUSCL–Hancock (all slopes, half a sub-step ahead) where its
    air leaves, and its own share of diffusion; all held to what it has. Each giving is ≥ 0, rounded down."""
    nx, ny, _ = ti.static(c.shape[0], c.shape[1], c.shape[2])
    iw, ie = ti.max(i - 1, 0), ti.min(i + 1, nx - 1)
    js, jn = ti.max(j - 1, 0), ti.min(j + 1, ny - 1)
    m = c[i, j, k]
    dx = _slope(m - c[iw, j, k], c[ie, j, k] - m)
    dy = _slope(m - c[i, js, k], c[i, jn, k] - m)
    dz = _slope(m - c[i, j, kb], c[i, j, kf] - m)
    aw, ae = u[i, j, k] * s, u[i + 1, j, k] * s
    bs, bn = v[i, j, k] * s, v[i, j + 1, k] * s
    cb, cf = w[i, j, k] * s, w[i, j, k + 1] * s
    half = m - 0.25 * ((aw + ae) * dx + (bs + bn) * dy + (cb + cf) * dz)
    rm = r * m
    west = _above(-aw) * _above(half - 0.5 * dx) + rm * ti.cast(i > iw, ti.f32)
    east = _above(ae) * _above(half + 0.5 * dx) + rm * ti.cast(ie > i, ti.f32)
    south = _above(-bs) * _above(half - 0.5 * dy) + rm * ti.cast(j > js, ti.f32)
    north = _above(bn) * _above(half + 0.5 * dy) + rm * ti.cast(jn > j, ti.f32)
    back = _above(-cb) * _above(half - 0.5 * dz) + rm * ti.cast(k > kb, ti.f32)
    front = _above(cf) * _above(half + 0.5 * dz) + rm * ti.cast(kf > k, ti.f32)
    asked = west + east + south + north + back + front
    have = m * _above(1.0 - _above(-source[i, j, k] * sink))
    part = QUANTA * ti.select(asked > have, have / (asked + 1e-20), 1.0)
    gw[i, j, k], ge[i, j, k] = ti.cast(west * part, ti.i32), ti.cast(east * part, ti.i32)
    gs[i, j, k], gn[i, j, k] = ti.cast(south * part, ti.i32), ti.cast(north * part, ti.i32)
    gb[i, j, k], gf[i, j, k] = ti.cast(back * part, ti.i32), ti.cast(front * part, ti.i32)


@ti.kernel
def give(
    u: ti.template(), v: ti.template(), w: ti.template(), c: ti.template(), source: ti.template(),
    gw: ti.template(), ge: ti.template(), gs: ti.template(), gn: ti.template(), gb: ti.template(),
    gf: ti.template(), s: ti.f32, r: ti.f32, sink: ti.f32,
):  # fmt: skip
    """What each cell gives in one sub-step. s: dt/cell, s/m; r: D·dt/cell²; sink: draw·dt, m³."""
    nx, ny, nz = ti.static(c.shape[0], c.shape[1], c.shape[2])
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            _give(u, v, w, c, source, gw, ge, gs, gn, gb, gf, s, r, sink, i, j, 0, 0, 1)
            for k in range(1, nz - 1):
                _give(u, v, w, c, source, gw, ge, gs, gn, gb, gf, s, r, sink, i, j, k, k - 1, k + 1)
            _give(u, v, w, c, source, gw, ge, gs, gn, gb, gf, s, r, sink, i, j, nz - 1, nz - 2, nz - 1)
    else:
        for i, j, k in c:
            kb, kf = ti.max(k - 1, 0), ti.min(k + 1, nz - 1)
            _give(u, v, w, c, source, gw, ge, gs, gn, gb, gf, s, r, sink, i, j, k, kb, kf)


@ti.func
def _got(
    gw: ti.template(), ge: ti.template(), gs: ti.template(), gn: ti.template(), gb: ti.template(),
    gf: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32,
):  # fmt: skip
    """What the neighbours gave this cell, less what it gave."""
    nx, ny, nz = ti.static(gw.shape[0], gw.shape[1], gw.shape[2])
    m = -gw[i, j, k] - ge[i, j, k] - gs[i, j, k] - gn[i, j, k] - gb[i, j, k] - gf[i, j, k]
    if i > 0:
        m += ge[i - 1, j, k]
    if i < nx - 1:
        m += gw[i + 1, j, k]
    if j > 0:
        m += gn[i, j - 1, k]
    if j < ny - 1:
        m += gs[i, j + 1, k]
    if k > 0:
        m += gf[i, j, k - 1]
    if k < nz - 1:
        m += gb[i, j, k + 1]
    return m


@ti.func
def _take(
    u: ti.template(), v: ti.template(), w: ti.template(), c: ti.template(), mass: ti.template(),
    source: ti.template(), intake: ti.template(), filt: ti.template(), got: ti.i32,
    dt: ti.f32, sink: ti.f32, returned: ti.f32, i: ti.i32, j: ti.i32, k: ti.i32,
):  # fmt: skip
    """New content of a cell; what its filter kept, what was drawn out, kept of that, and given back."""
    m = mass[i, j, k] + got
    drawn, kept, given, filtered = 0, 0, 0, 0
    q = source[i, j, k] * sink
    if q < 0.0:
        drawn = ti.max(ti.min(_whole(-q * c[i, j, k]), m), 0)
        kept = ti.cast(ti.cast(drawn, ti.f64) * intake[i, j, k], ti.i32)
    elif q > 0.0:
        given = _whole(q * returned)
    m += given - drawn
    if filt[i, j, k] > 0.0:
        x = 0.5 * (u[i, j, k] + u[i + 1, j, k])
        y = 0.5 * (v[i, j, k] + v[i, j + 1, k])
        z = 0.5 * (w[i, j, k] + w[i, j, k + 1])
        gone = 1.0 - ti.exp(-ti.sqrt(x * x + y * y + z * z) * filt[i, j, k] * dt)
        filtered = ti.max(ti.cast(ti.cast(m, ti.f64) * gone, ti.i32), 0)
    m -= filtered
    mass[i, j, k] = m
    c[i, j, k] = ti.cast(m, ti.f32) / QUANTA
    return filtered, drawn, kept, given


@ti.kernel
def take(
    u: ti.template(), v: ti.template(), w: ti.template(), c: ti.template(), mass: ti.template(),
    source: ti.template(), intake: ti.template(), filt: ti.template(), inlet: ti.template(),
    gw: ti.template(), ge: ti.template(), gs: ti.template(), gn: ti.template(), gb: ti.template(),
    gf: ti.template(), ledger: ti.template(),
    s: ti.f32, inflow: ti.f32, dt: ti.f32, sink: ti.f32, returned: ti.f32,
):  # fmt: skip
    """Each cell settles what its faces brought, what mouths drew, vents gave and the body's hairs kept.
    s: dt/cell; inflow: µg/m³ through the −x side; sink: draw·dt; returned: µg/m³ that vents give."""
    nx, ny, nz = ti.static(c.shape[0], c.shape[1], c.shape[2])
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            a, b, d, e = ti.i64(0), ti.i64(0), ti.i64(0), ti.i64(0)
            for k in range(nz):
                got = _got(gw, ge, gs, gn, gb, gf, i, j, k)
                if i == 0:
                    got += _whole(_above(u[0, j, k]) * s * inflow * inlet[j, k])
                filtered, drawn, kept, given = _take(
                    u, v, w, c, mass, source, intake, filt, got, dt, sink, returned, i, j, k
                )
                a, b, d, e = a + filtered, b + drawn, d + kept, e + given
            ti.atomic_add(ledger[FILTERED], a)
            ti.atomic_add(ledger[TAKEN], b)
            ti.atomic_add(ledger[KEPT], d)
            ti.atomic_add(ledger[GIVEN], e)
    else:
        for i, j, k in c:
            got = _got(gw, ge, gs, gn, gb, gf, i, j, k)
            if i == 0:
                got += _whole(_above(u[0, j, k]) * s * inflow * inlet[j, k])
            filtered, drawn, kept, given = _take(
                u, v, w, c, mass, source, intake, filt, got, dt, sink, returned, i, j, k
            )
            ti.atomic_add(ledger[FILTERED], ti.i64(filtered))
            ti.atomic_add(ledger[TAKEN], ti.i64(drawn))
            ti.atomic_add(ledger[KEPT], ti.i64(kept))
            ti.atomic_add(ledger[GIVEN], ti.i64(given))
    for j, k in ti.ndrange(ny, nz):
        came = _whole(_above(u[0, j, k]) * s * inflow * inlet[j, k])
        ti.atomic_add(ledger[EMITTED], ti.i64(came))
        ti.atomic_add(ledger[OUTFLOW], ti.i64(ge[nx - 1, j, k]))


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
def fill(c: ti.template(), mass: ti.template(), values: ti.types.ndarray()):
    """Content from concentrations, µg/m³."""
    nx, ny, nz = ti.static(c.shape[0], c.shape[1], c.shape[2])
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            mass[i, j, k] = _whole(values[i, j, k])
            c[i, j, k] = ti.cast(mass[i, j, k], ti.f32) / QUANTA


@ti.kernel
def shown(c: ti.template(), mass: ti.template()):
    """The concentrations of what is stored: after a restore."""
    nx, ny, nz = ti.static(c.shape[0], c.shape[1], c.shape[2])
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            c[i, j, k] = ti.cast(mass[i, j, k], ti.f32) / QUANTA
