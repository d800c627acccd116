"""Quorum sensing: cells tell their number by a signal, and shine only where enough of it gathers.

    A_t + ∇·(wA) = D∇²A + N(α + β·h(A)) − γA    ℓ_t = k·N·h(A/A_l)·(1 − ℓ) − δℓ    h(A) = Aⁿ/(1 + Aⁿ)

A in units of the signal's threshold A_th, N = the share of a cell that is body, times in show seconds; w, the
air's velocity, slowed by the share of the signal that wet tissue holds back (retardation, as in a column of
chromatography). It is carried upwind, from donor to neighbour, and not by a rate of loss: so nothing is lost
on the way, the lee is fed by the luff, and a pocket activates because the air stands still in it, without
anybody having to say what a pocket is (R. Redfield 2002; J. Jung and C. Meile 2020). No cell gives more than
half of what it has in a run: where the air is faster than that, the signal still leaves the body at once.

The native lux switch is a sharp but graded threshold: hysteresis exists iff α/β < (n−1)²/(4n) (0.225 at
n = 2.5), so α/β stays above unless a preset asks for a switch (E. Haseltine and F. Arnold 2008; Fekete et al.
2010).
"""

import taichi as ti

from bioart.gpu import compute


@ti.func
def hill(a: ti.f32, n: ti.f32) -> ti.f32:
    """Aⁿ/(1 + Aⁿ), 0 at A ≤ 0."""
    p = ti.pow(ti.max(a, 1e-6), n)
    return p / (1.0 + p)


@ti.kernel
def stream(
    x: ti.template(), y: ti.template(), z: ti.template(), east: ti.template(), up: ti.template(),
    south: ti.template(), ci: ti.i32, cj: ti.i32, ck: ti.i32, finer: ti.i32, courant: ti.f32,
):  # fmt: skip
    """east, up, south ← along +x, +y, +z, the share of a cell's signal that a run carries on, signed.

    x, y, z: m/s on the air's grid, at the air cell in which a cell's middle lies. ci, cj, ck: the body's
    least corner in air cells; finer: cells of the body to an air cell; courant: run in world s × the share of
    the air's speed / edge of a cell in m. The three together carry at most half.
    """
    nx, ny, nz = ti.static(east.shape)
    mx, my, mz = ti.static(x.shape)
    fine = 1.0 / finer  # times a number is quicker than by it
    for i, j in ti.ndrange(nx, ny):
        a = ti.min(ci + int((2 * i + 1.01) * fine), mx - 1)
        b = ti.min(cj + int((2 * j + 1.01) * fine), my - 1)
        for k in range(nz):
            c = ti.min(ck + int((2 * k + 1.01) * fine), mz - 1)
            u, v, w = courant * x[a, b, c], courant * y[a, b, c], courant * z[a, b, c]
            slower = 1.0 / ti.max(1.0, 2.0 * (ti.abs(u) + ti.abs(v) + ti.abs(w)))
            east[i, j, k] = slower * u
            up[i, j, k] = slower * v
            south[i, j, k] = slower * w


@ti.func
def _move(
    signal: ti.template(), after: ti.template(), east: ti.template(), up: ti.template(), south: ti.template(),
    i: ti.i32, j: ti.i32, k: ti.i32, share: ti.f32, keep: ti.f32,
):  # fmt: skip
    """Diffusion, flow and decay of one cell. The air carries the signal off at every side but the floor,
    which gives back what it gets."""
    nx, ny, nz = ti.static(signal.shape)
    a, b, c, d = ti.max(i - 1, 0), ti.min(i + 1, nx - 1), ti.max(j - 1, 0), ti.min(j + 1, ny - 1)
    e, f = ti.max(k - 1, 0), ti.min(k + 1, nz - 1)
    floor = ti.cast(j > 0, ti.f32)
    west, right = ti.cast(i > 0, ti.f32) * signal[a, j, k], ti.cast(i < nx - 1, ti.f32) * signal[b, j, k]
    under, over = floor * signal[i, c, k], ti.cast(j < ny - 1, ti.f32) * signal[i, d, k]
    back, front = ti.cast(k > 0, ti.f32) * signal[i, j, e], ti.cast(k < nz - 1, ti.f32) * signal[i, j, f]
    own = signal[i, j, k]
    flux = west + right + under + over + back + front - (5.0 + floor) * own
    rise = up[i, j, k]
    given = ti.abs(east[i, j, k]) + ti.abs(south[i, j, k]) + ti.max(rise, 0.0) - floor * ti.min(rise, 0.0)
    got = west * ti.max(east[a, j, k], 0.0) - right * ti.min(east[b, j, k], 0.0)
    got += under * ti.max(up[i, c, k], 0.0) - over * ti.min(up[i, d, k], 0.0)
    got += back * ti.max(south[i, j, e], 0.0) - front * ti.min(south[i, j, f], 0.0)
    after[i, j, k] = (own + share * flux + got - given * own) * keep


@ti.func
def _make(
    signal: ti.template(), after: ti.template(), lux: ti.template(), mass: ti.template(),
    i: ti.i32, j: ti.i32, k: ti.i32, basal: ti.f32, induced: ti.f32, n: ti.f32, threshold: ti.f32,
    gain: ti.f32, loss: ti.f32, seconds: ti.f32, keep: ti.f32,
):  # fmt: skip
    here = mass[i, j, k]
    lit = lux[i, j, k]
    if here > 0.0:
        own = signal[i, j, k]
        after[i, j, k] += seconds * here * (basal + induced * hill(own, n)) * keep
        lux[i, j, k] = lit + seconds * (gain * here * hill(own / threshold, n) * (1.0 - lit) - loss * lit)
    elif lit > 0.0:
        lux[i, j, k] = lit * (1.0 - seconds * loss)


@ti.kernel
def sense(
    signal: ti.template(), after: ti.template(), lux: ti.template(), mass: ti.template(),
    east: ti.template(), up: ti.template(), south: ti.template(),
    share: ti.f32, basal: ti.f32, induced: ti.f32, decay: ti.f32, n: ti.f32, threshold: ti.f32,
    gain: ti.f32, loss: ti.f32, seconds: ti.f32,
):  # fmt: skip
    """after ← the signal after a run of `seconds`; lux, 0–1, moves in place.

    share: D·seconds/h², at most 1/12. east, up, south: what `stream` laid out, for this run. basal, induced,
    decay, gain, loss: 1/s. n: Hill's exponent. threshold: A_l.
    """
    nx, ny, nz = ti.static(signal.shape)
    keep = 1.0 / (1.0 + seconds * decay)  # implicit: stable for any rate, and its steady state is exact
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            _move(signal, after, east, up, south, i, j, 0, share, keep)
            for k in range(1, nz - 1):  # here no index is held at a wall: eight cells at a time
                _move(signal, after, east, up, south, i, j, k, share, keep)
            _move(signal, after, east, up, south, i, j, nz - 1, share, keep)
            for k in range(nz):
                _make(
                    signal, after, lux, mass, i, j, k, basal, induced, n, threshold, gain, loss, seconds, keep
                )
    else:
        for i, j, k in signal:
            _move(signal, after, east, up, south, i, j, k, share, keep)
            _make(signal, after, lux, mass, i, j, k, basal, induced, n, threshold, gain, loss, seconds, keep)


@ti.kernel
def gather(solid: ti.template(), mass: ti.template()):
    """mass ← the share 0–1 of each half-resolution cell that is body; under 1 % counts as none."""
    nx, ny, nz = ti.static(solid.shape)
    mx, my, mz = ti.static(mass.shape)
    for i, j in ti.ndrange(mx, my):
        for k in range(mz):
            total = 0.0
            for a, b, c in ti.static(ti.ndrange(2, 2, 2)):
                x, y, z = ti.min(2 * i + a, nx - 1), ti.min(2 * j + b, ny - 1), ti.min(2 * k + c, nz - 1)
                total += solid[x, y, z]
            mass[i, j, k] = ti.select(total > 0.08, 0.125 * total, 0.0)


@ti.func
def _soften(mass: ti.template(), after: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    nx, ny, nz = ti.static(mass.shape)
    total = mass[i, ti.max(j - 1, 0), k] + ti.cast(j < ny - 1, ti.f32) * mass[i, ti.min(j + 1, ny - 1), k]
    total += ti.cast(i > 0, ti.f32) * mass[ti.max(i - 1, 0), j, k]
    total += ti.cast(i < nx - 1, ti.f32) * mass[ti.min(i + 1, nx - 1), j, k]
    total += ti.cast(k > 0, ti.f32) * mass[i, j, ti.max(k - 1, 0)]
    total += ti.cast(k < nz - 1, ti.f32) * mass[i, j, ti.min(k + 1, nz - 1)]
    after[i, j, k] = 0.25 * mass[i, j, k] + 0.125 * total


@ti.kernel
def soften(mass: ti.template(), after: ti.template()):
    """after ← mass averaged with its six neighbours; the floor mirrors it, elsewhere there is none beyond."""
    nx, ny, nz = ti.static(mass.shape)
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            _soften(mass, after, i, j, 0)
            for k in range(1, nz - 1):
                _soften(mass, after, i, j, k)
            _soften(mass, after, i, j, nz - 1)
    else:
        for i, j, k in mass:
            _soften(mass, after, i, j, k)


@ti.kernel
def spans(mass: ti.template(), awake: ti.template(), first: ti.template(), last: ti.template()):
    """awake ← 1 where a cell lives, or lies beside the living: there all is ready before a cell is. first,
    last ← for each row along z, from which cell to before which one there is any (last 0: none)."""
    nx, ny, nz = ti.static(mass.shape)
    for i, j in ti.ndrange(nx, ny):
        a, b, c, d = ti.max(i - 1, 0), ti.min(i + 1, nx - 1), ti.max(j - 1, 0), ti.min(j + 1, ny - 1)
        low, high = nz, 0
        for k in range(nz):
            around = mass[i, j, k] + mass[a, j, k] + mass[b, j, k] + mass[i, c, k] + mass[i, d, k]
            around += mass[i, j, ti.max(k - 1, 0)] + mass[i, j, ti.min(k + 1, nz - 1)]
            wakes = around > 0.0
            awake[i, j, k] = ti.cast(wakes, ti.i8)
            if wakes:
                low, high = ti.min(low, k), k + 1
        first[i, j] = low
        last[i, j] = high
