"""Quorum sensing: cells tell their number by a signal, and shine only where enough of it gathers.

    A_t = D∇²A + N(α + β·h(A)) − γA        ℓ_t = k·N·h(A/A_l)·(1 − ℓ) − δℓ        h(A) = Aⁿ/(1 + Aⁿ)

A in units of the signal's threshold A_th, N = the share of a cell that is body, times in show seconds. The
native lux switch is a sharp but graded threshold: hysteresis exists iff α/β < (n−1)²/(4n) (0.225 at n = 2.5),
so α/β stays above unless a preset asks for a switch (E. Haseltine and F. Arnold 2008; Fekete et al. 2010).
"""

import taichi as ti

from bioart.gpu import compute


@ti.func
def hill(a: ti.f32, n: ti.f32) -> ti.f32:
    """Aⁿ/(1 + Aⁿ), 0 at A ≤ 0."""
    p = ti.pow(ti.max(a, 1e-6), n)
    return p / (1.0 + p)


@ti.func
def _sense(
    signal: ti.template(), after: ti.template(), lux: ti.template(), mass: ti.template(),
    i: ti.i32, j: ti.i32, k: ti.i32, share: ti.f32, basal: ti.f32, induced: ti.f32, decay: ti.f32,
    n: ti.f32, threshold: ti.f32, gain: ti.f32, loss: ti.f32, seconds: ti.f32,
):  # fmt: skip
    nx, ny, nz = ti.static(signal.shape)
    c = signal[i, j, k]
    flux = 0.0
    for d in ti.static(range(3)):
        for e in ti.static((-1, 1)):
            a, b, g = i + e * (d == 0), j + e * (d == 1), k + e * (d == 2)
            if 0 <= a < nx and 0 <= b < ny and 0 <= g < nz:
                flux += signal[a, b, g] - c
            elif e == 1 or d != 1:  # the air carries it off at every side but the floor
                flux -= c
    here = mass[i, j, k]
    made = 0.0
    if here > 0.0:
        made = here * (basal + induced * hill(c, n))
        lit = lux[i, j, k]
        lux[i, j, k] = lit + seconds * (gain * here * hill(c / threshold, n) * (1.0 - lit) - loss * lit)
    elif lux[i, j, k] > 0.0:
        lux[i, j, k] = lux[i, j, k] * (1.0 - seconds * loss)
    # Decay is implicit: it stays stable for any rate, and its steady state is exact.
    after[i, j, k] = (c + share * flux + seconds * made) / (1.0 + seconds * decay)


@ti.kernel
def sense(
    signal: ti.template(), after: ti.template(), lux: ti.template(), mass: ti.template(),
    share: ti.f32, basal: ti.f32, induced: ti.f32, decay: ti.f32, n: ti.f32, threshold: ti.f32,
    gain: ti.f32, loss: ti.f32, seconds: ti.f32,
):  # fmt: skip
    """after ← the signal after `seconds`; lux, 0–1, moves in place.

    share: D·seconds/h², at most 1/6. basal, induced, decay, gain, loss: 1/s. n: Hill's exponent.
    threshold: A_l.
    """
    nx, ny, nz = ti.static(signal.shape)
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            for k in range(nz):
                _sense(
                    signal, after, lux, mass, i, j, k, share, basal, induced, decay, n, threshold, gain, loss,
                    seconds,
                )  # fmt: skip
    else:
        for i, j, k in signal:
            _sense(
                signal, after, lux, mass, i, j, k, share, basal, induced, decay, n, threshold, gain, loss,
                seconds,
            )  # fmt: skip


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


@ti.kernel
def soften(mass: ti.template(), after: ti.template()):
    """after ← mass averaged with its six neighbours; the floor mirrors it, elsewhere there is none beyond."""
    nx, ny, nz = ti.static(mass.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            c = mass[i, j, k]
            total = 0.0
            for d in ti.static(range(3)):
                for e in ti.static((-1, 1)):
                    a, b, g = i + e * (d == 0), j + e * (d == 1), k + e * (d == 2)
                    if 0 <= a < nx and 0 <= b < ny and 0 <= g < nz:
                        total += mass[a, b, g]
                    elif e == -1 and d == 1:
                        total += c
            after[i, j, k] = 0.25 * c + 0.125 * total
