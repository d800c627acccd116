"""Pulses: a phase per living cell, drawn along by its neighbours, by all within reach and by a guide.

Kuramoto's model with a local term and one over a box around each cell, summed by blocks; where the box holds
the whole body that is the mean field (Y. Kuramoto 1975; S. Strogatz, Physica D 143, 2000).
Phases and rates are in turns and turns per show second. A cell's rate is clamped, whatever pulls at it, and
its pulse is a smooth wave of its phase: no pull, however hard, makes a cell flash faster than that.
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.growth._chance import unit, wave

TURN = 6.283185307179586
ONE = 1 << 20  # fixed point of the sums
FASTEST = 0.8  # Hz, the most that a cell may pulse in show time
SLOWEST = 0.1  # Hz: a pulse never stands still, and never runs backwards
RISE = 0.54  # share of a turn in which a pulse rises: 10 to 90 % of it in 0.37 s at the fastest rate
FALL = 0.42  # share in which it falls; the rest is dark
LAG = 0.13  # turns by which the second of two waves is late
BLOCK = 3  # cells on the side of a block by which the wider coupling is summed
CATCH = 0.04  # turns of lag at which a cell still hurries rather than waits, whatever the guide's rate


@ti.func
def smooth(t: ti.f32) -> ti.f32:
    s = ti.min(ti.max(t, 0.0), 1.0)
    return s * s * (3.0 - 2.0 * s)


@ti.func
def pulse_of(phase: ti.f32) -> ti.f32:
    """Brightness 0–1 at a phase in turns: rises over RISE, falls over FALL, rests."""
    x = phase - ti.floor(phase)
    up = smooth(x / RISE)
    down = smooth((x - RISE) / FALL)
    return up * (1.0 - down)


@ti.func
def pull(lag: ti.f32, turnabout: ti.f32) -> ti.f32:
    """The guide's pull −1 … 1 on a cell that lags by 0–1 turns: forwards up to `turnabout`, else it waits."""
    x = lag - ti.floor(lag)
    rising = x < turnabout
    t = ti.select(rising, x / turnabout, (x - turnabout) / (1.0 - turnabout))
    s = ti.sin(0.5 * TURN * t)
    return ti.select(rising, s, -s)


@ti.kernel
def lay_phases(phase: ti.template(), pace: ti.template(), seed: ti.u32):
    """First phases: bands that climb the body, bent by smooth noise. pace −1 … 1: each cell's own leaning."""
    for i, j, k in phase:
        bend = wave(seed, 0, i * 0.09, j * 0.09, k * 0.09, 21)
        p = -0.045 * j + 0.7 * bend
        phase[i, j, k] = p - ti.floor(p)
        _, ny, nz = ti.static(phase.shape)
        own = 2.0 * unit(seed, 0, (i * ny + j) * nz + k, 22) - 1.0
        pace[i, j, k] = 0.75 * wave(seed, 0, i * 0.16, j * 0.16, k * 0.16, 23) + 0.25 * own


@ti.func
def _show(
    phase: ti.template(), east: ti.template(), north: ti.template(), early: ti.template(),
    late: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32,
):  # fmt: skip
    theta = phase[i, j, k]
    east[i, j, k] = ti.cos(TURN * theta)
    north[i, j, k] = ti.sin(TURN * theta)
    early[i, j, k] = pulse_of(theta)
    late[i, j, k] = pulse_of(theta - LAG)


@ti.kernel
def show_all(
    phase: ti.template(), east: ti.template(), north: ti.template(), early: ti.template(), late: ti.template()
):
    """`show` for every cell, alive or not: once, when phases were laid or restored."""
    nx, ny, nz = ti.static(phase.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            _show(phase, east, north, early, late, i, j, k)


@ti.func
def _weighed(
    mass: ti.template(), east: ti.template(), north: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32
) -> ti.types.vector(3, ti.i64):
    weight = mass[i, j, k] * ONE
    x, y = weight * east[i, j, k], weight * north[i, j, k]
    return ti.Vector([ti.cast(weight, ti.i64), ti.cast(x, ti.i64), ti.cast(y, ti.i64)])


@ti.kernel
def show(
    phase: ti.template(), mass: ti.template(), awake: ti.template(), first: ti.template(),
    last: ti.template(), east: ti.template(), north: ti.template(), early: ti.template(),
    late: ti.template(), sums: ti.template(),
):  # fmt: skip
    """east, north ← cosine and sine of the phases; early, late ← two waves 0–1 of them, LAG turns apart.
    sums ← Σ mass, Σ mass·cos, Σ mass·sin over the living, in units of 1/ONE. Elsewhere no phase moves."""
    nx, ny = ti.static(phase.shape[0], phase.shape[1])
    for n in range(3):
        sums[n] = 0
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            row = ti.Vector([ti.i64(0), ti.i64(0), ti.i64(0)])
            for k in range(first[i, j], last[i, j]):
                if awake[i, j, k] == 1:
                    _show(phase, east, north, early, late, i, j, k)
                    row += _weighed(mass, east, north, i, j, k)
            if row[0] > 0:
                for n in ti.static(range(3)):
                    ti.atomic_add(sums[n], row[n])
    else:
        for i, j, k in phase:
            if awake[i, j, k] == 1:
                _show(phase, east, north, early, late, i, j, k)
                cell = _weighed(mass, east, north, i, j, k)
                for n in ti.static(range(3)):
                    ti.atomic_add(sums[n], cell[n])


@ti.kernel
def bundle(
    mass: ti.template(), east: ti.template(), north: ti.template(), within: ti.template(), size: ti.i32
):
    """within (3, blocks) ← Σ mass, Σ mass·cos, Σ mass·sin of each block of size³ cells: BLOCK, handed in so
    that what is compiled stays a loop."""
    nx, ny, nz = ti.static(mass.shape)
    _, bx, by, bz = ti.static(within.shape)
    for i, j in ti.ndrange(bx, by):
        for k in range(bz):
            for q in range(3):
                within[q, i, j, k] = 0.0
        for a in range(size * i, ti.min(size * i + size, nx)):
            for b in range(size * j, ti.min(size * j + size, ny)):
                for g in range(nz):
                    own = mass[a, b, g]
                    if own > 0.0:
                        k = g // size
                        within[0, i, j, k] += own
                        within[1, i, j, k] += own * east[a, b, g]
                        within[2, i, j, k] += own * north[a, b, g]


@ti.func
def _at(f: ti.template(), axis: ti.template(), q: ti.i32, a: ti.i32, b: ti.i32, n: ti.i32) -> ti.f32:
    """f at place n along an axis, in the line (a, b) across it; 0 beyond its ends."""
    size = ti.static(f.shape[1 + axis])
    m = ti.min(ti.max(n, 0), size - 1)
    value = 0.0
    if ti.static(axis == 0):
        value = f[q, m, a, b]
    elif ti.static(axis == 1):
        value = f[q, a, m, b]
    else:
        value = f[q, a, b, m]
    return ti.select(m == n, value, 0.0)


@ti.func
def _slide(
    f: ti.template(), out: ti.template(), axis: ti.template(), a: ti.i32, b: ti.i32, whole: ti.i32,
    part: ti.f32,
):  # fmt: skip
    size = ti.static(f.shape[1 + axis])
    for q in range(3):
        total = 0.0
        for n in range(ti.min(whole, size)):
            total += _at(f, axis, q, a, b, n)
        for n in range(size):
            gone = _at(f, axis, q, a, b, n - whole - 1)
            total += _at(f, axis, q, a, b, n + whole) - gone
            value = total + part * (_at(f, axis, q, a, b, n + whole + 1) + gone)
            if ti.static(axis == 0):
                out[q, n, a, b] = value
            elif ti.static(axis == 1):
                out[q, a, n, b] = value
            else:
                out[q, a, b, n] = value


@ti.kernel
def reach(within: ti.template(), after: ti.template(), whole: ti.i32, part: ti.f32):
    """after ← the sums of `bundle` over whole + part (0–1) blocks to each side along each axis, in a fixed
    order; within is used up. From as many blocks as the grid has, every cell gets the sum of all."""
    _, nx, ny, nz = ti.static(within.shape)
    for i, j in ti.ndrange(nx, ny):
        _slide(within, after, 2, i, j, whole, part)
    for i, k in ti.ndrange(nx, nz):
        _slide(after, within, 1, i, k, whole, part)
    for j, k in ti.ndrange(ny, nz):
        _slide(within, after, 0, j, k, whole, part)


@ti.func
def _turn(
    phase: ti.template(), pace: ti.template(), mass: ti.template(), bulk: ti.template(), east: ti.template(),
    north: ti.template(), within: ti.template(), i: ti.i32, j: ti.i32,
    k: ti.i32, natural: ti.f32, spread: ti.f32, core: ti.f32, local: ti.f32, wide: ti.f32, guide: ti.f32,
    guide_pull: ti.f32, turnabout: ti.f32, low: ti.f32, high: ti.f32, seconds: ti.f32,
):  # fmt: skip
    nx, ny, nz = ti.static(phase.shape)
    total, sx, sy = 0.0, 0.0, 0.0
    for d in ti.static(range(3)):
        for e in ti.static((-1, 1)):
            a, b, g = i + e * (d == 0), j + e * (d == 1), k + e * (d == 2)
            if 0 <= a < nx and 0 <= b < ny and 0 <= g < nz:
                m = mass[a, b, g]
                total += m
                sx += m * east[a, b, g]
                sy += m * north[a, b, g]
    c, s = east[i, j, k], north[i, j, k]
    theta = phase[i, j, k]
    rate = natural * (1.0 + spread * pace[i, j, k] + core * (bulk[i, j, k] - 0.5))
    rate += local * (sy * c - sx * s) / ti.max(total, 0.05)
    u, v, w = i // BLOCK, j // BLOCK, k // BLOCK
    rate += wide * (within[2, u, v, w] * c - within[1, u, v, w] * s) / ti.max(within[0, u, v, w], 1e-6)
    rate += guide_pull * pull(guide - theta, turnabout)
    theta += ti.min(ti.max(rate, low), high) * seconds
    phase[i, j, k] = theta - ti.floor(theta)


@ti.kernel
def turn(
    phase: ti.template(), pace: ti.template(), mass: ti.template(), bulk: ti.template(),
    awake: ti.template(), first: ti.template(), last: ti.template(), east: ti.template(),
    north: ti.template(), within: ti.template(),
    natural: ti.f32, spread: ti.f32, core: ti.f32, local: ti.f32, wide: ti.f32,
    guide: ti.f32, guide_pull: ti.f32, turnabout: ti.f32, low: ti.f32, high: ti.f32, seconds: ti.f32,
):  # fmt: skip
    """One step of every living phase; `show` follows. within: what `reach` gave.

    natural, low, high, guide_pull: Hz; local, wide: Hz, pull of the six neighbours and of all within reach;
    guide: turns; spread: share by which natural rates differ; core: how much faster thick parts run.
    """
    nx, ny = ti.static(phase.shape[0], phase.shape[1])
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            for k in range(first[i, j], last[i, j]):
                if awake[i, j, k] == 1:
                    _turn(
                        phase, pace, mass, bulk, east, north, within, i, j, k, natural, spread, core,
                        local, wide, guide, guide_pull, turnabout, low, high, seconds,
                    )  # fmt: skip
    else:
        for i, j, k in phase:
            if awake[i, j, k] == 1:
                _turn(
                    phase, pace, mass, bulk, east, north, within, i, j, k, natural, spread, core, local,
                    wide, guide, guide_pull, turnabout, low, high, seconds,
                )  # fmt: skip
