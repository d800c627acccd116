"""Pulses: a phase per living cell, drawn along by its neighbours, by the whole and by a guide.

Kuramoto's model with a local and a mean-field term (Y. Kuramoto 1975; S. Strogatz, Physica D 143, 2000).
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


@ti.kernel
def point(phase: ti.template(), east: ti.template(), north: ti.template()):
    """east, north ← cosine and sine of the phases."""
    for i, j, k in phase:
        east[i, j, k] = ti.cos(TURN * phase[i, j, k])
        north[i, j, k] = ti.sin(TURN * phase[i, j, k])


@ti.func
def _turn(
    phase: ti.template(), pace: ti.template(), mass: ti.template(), bulk: ti.template(), east: ti.template(),
    north: ti.template(), east1: ti.template(), north1: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32,
    natural: ti.f32, spread: ti.f32, core: ti.f32, local: ti.f32, mean_x: ti.f32, mean_y: ti.f32,
    guide: ti.f32, guide_pull: ti.f32, turnabout: ti.f32, low: ti.f32, high: ti.f32, seconds: ti.f32,
) -> ti.types.vector(3, ti.i64):  # fmt: skip
    nx, ny, nz = ti.static(phase.shape)
    c, s = east[i, j, k], north[i, j, k]
    total, sx, sy = 0.0, 0.0, 0.0
    for d in ti.static(range(3)):
        for e in ti.static((-1, 1)):
            a, b, g = i + e * (d == 0), j + e * (d == 1), k + e * (d == 2)
            if 0 <= a < nx and 0 <= b < ny and 0 <= g < nz:
                m = mass[a, b, g]
                total += m
                sx += m * east[a, b, g]
                sy += m * north[a, b, g]
    own = mass[i, j, k]
    sums = ti.Vector([ti.i64(0), ti.i64(0), ti.i64(0)])
    if own + total > 0.0:  # living, or beside the living: there the phase is ready before the cell is
        theta = phase[i, j, k]
        rate = natural * (1.0 + spread * pace[i, j, k] + core * (bulk[i, j, k] - 0.5))
        rate += local * (sy * c - sx * s) / ti.max(total, 0.05)
        rate += mean_y * c - mean_x * s
        rate += guide_pull * pull(guide - theta, turnabout)
        theta += ti.min(ti.max(rate, low), high) * seconds
        theta -= ti.floor(theta)
        phase[i, j, k] = theta
        c, s = ti.cos(TURN * theta), ti.sin(TURN * theta)
        weight = own * ONE
        sums = ti.Vector([ti.cast(weight, ti.i64), ti.cast(weight * c, ti.i64), ti.cast(weight * s, ti.i64)])
    east1[i, j, k] = c
    north1[i, j, k] = s
    return sums


@ti.kernel
def turn(
    phase: ti.template(), pace: ti.template(), mass: ti.template(), bulk: ti.template(), east: ti.template(),
    north: ti.template(), east1: ti.template(), north1: ti.template(), sums: ti.template(),
    natural: ti.f32, spread: ti.f32, core: ti.f32, local: ti.f32, mean_x: ti.f32, mean_y: ti.f32,
    guide: ti.f32, guide_pull: ti.f32, turnabout: ti.f32, low: ti.f32, high: ti.f32, seconds: ti.f32,
):  # fmt: skip
    """One step of every phase. sums ← Σ mass, Σ mass·cos, Σ mass·sin over the living, in units of 1/ONE.

    natural, low, high, local, guide_pull: Hz; mean_x, mean_y: the mean-field pull in Hz times the mean of cos
    and sin; guide: turns; spread: share by which natural rates differ; core: how much faster thick parts run.
    """
    nx, ny, nz = ti.static(phase.shape)
    for n in range(3):
        sums[n] = 0
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            row = ti.Vector([ti.i64(0), ti.i64(0), ti.i64(0)])
            for k in range(nz):
                row += _turn(
                    phase, pace, mass, bulk, east, north, east1, north1, i, j, k, natural, spread, core,
                    local, mean_x, mean_y, guide, guide_pull, turnabout, low, high, seconds,
                )  # fmt: skip
            for n in ti.static(range(3)):
                ti.atomic_add(sums[n], row[n])
    else:
        for i, j, k in phase:
            cell = _turn(
                phase, pace, mass, bulk, east, north, east1, north1, i, j, k, natural, spread, core, local,
                mean_x, mean_y, guide, guide_pull, turnabout, low, high, seconds,
            )  # fmt: skip
            for n in ti.static(range(3)):
                ti.atomic_add(sums[n], cell[n])
