"""The body's clock: each cell counts a day of its own, and the light of the real one draws it along.

    φ_t = ω + K_L·L·sin(Φ_L − φ) + C·⟨sin(φ_n − φ)⟩

φ: phase, ω: rate without light, Φ_L and L (0–1): phase and strength of the day's light, n: the neighbours.
With steady L it locks iff |Ω − ω| ≤ K_L·L, else it beats with 2π/√((Ω − ω)² − (K_L·L)²) (R. Adler 1946).
Fungi that glow by night keep such a clock: *Neonothopanus gardneri* runs free at 22 h whatever the
temperature, and is entrained by 12 h of light in 24 (A. Oliveira et al. 2015). Phases in turns, 0 at noon and
½ at midnight.
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.pulses import TURN


@ti.func
def _draw(
    phase: ti.template(), after: ti.template(), pace: ti.template(), mass: ti.template(), i: ti.i32,
    j: ti.i32, k: ti.i32, rate: ti.f32, spread: ti.f32, light: ti.f32, noon: ti.f32, day: ti.f32,
    couple: ti.f32, seconds: ti.f32,
):  # fmt: skip
    nx, ny, nz = ti.static(phase.shape)
    own = phase[i, j, k]
    along, total = 0.0, 0.0
    for d in ti.static(range(3)):
        for e in ti.static((-1, 1)):
            a, b, g = i + e * (d == 0), j + e * (d == 1), k + e * (d == 2)
            if 0 <= a < nx and 0 <= b < ny and 0 <= g < nz:
                m = mass[a, b, g]
                total += m
                along += m * ti.sin(TURN * (phase[a, b, g] - own))
    steady = rate * (1.0 + spread * pace[i, j, k]) + couple * along / ti.max(total, 0.05)
    # The midpoint rule for what the light does: a beat of many days stays true.
    first = steady + light * ti.sin(TURN * (noon - own))
    middle = own + 0.5 * seconds * first
    now = own + seconds * (steady + light * ti.sin(TURN * (noon + 0.5 * seconds * day - middle)))
    after[i, j, k] = now - ti.floor(now)


@ti.kernel
def turn(
    phase: ti.template(), after: ti.template(), pace: ti.template(), mass: ti.template(),
    awake: ti.template(), first: ti.template(), last: ti.template(), rate: ti.f32, spread: ti.f32,
    light: ti.f32, noon: ti.f32,
    day: ti.f32, couple: ti.f32, seconds: ti.f32,
):  # fmt: skip
    """after ← the phases after `seconds`, of the rows' living stretches; `settle` brings them home.

    rate: turns/s of the clock without light; spread: share by which `pace` −1 … 1 changes it; light: K_L·L,
    turns/s; noon: turns, the day's phase when the step begins; day, couple: turns/s, its pace and C.
    """
    nx, ny = ti.static(phase.shape[0], phase.shape[1])
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            for k in range(first[i, j], last[i, j]):
                if awake[i, j, k] == 1:
                    _draw(phase, after, pace, mass, i, j, k, rate, spread, light, noon, day, couple, seconds)
    else:
        for i, j, k in phase:
            if awake[i, j, k] == 1:
                _draw(phase, after, pace, mass, i, j, k, rate, spread, light, noon, day, couple, seconds)


@ti.kernel
def settle(
    after: ti.template(), phase: ti.template(), awake: ti.template(), first: ti.template(),
    last: ti.template(), east: ti.template(), north: ti.template(),
):  # fmt: skip
    """phase ← after, and east, north ← its cosine and sine, where the rows live."""
    nx, ny = ti.static(phase.shape[0], phase.shape[1])
    for i, j in ti.ndrange(nx, ny):
        for k in range(first[i, j], last[i, j]):
            if awake[i, j, k] == 1:
                own = after[i, j, k]
                phase[i, j, k] = own
                east[i, j, k] = ti.cos(TURN * own)
                north[i, j, k] = ti.sin(TURN * own)


@ti.kernel
def point(phase: ti.template(), east: ti.template(), north: ti.template()):
    """east, north ← cosine and sine of every phase: once, when phases were set or restored."""
    for i, j, k in phase:
        east[i, j, k] = ti.cos(TURN * phase[i, j, k])
        north[i, j, k] = ti.sin(TURN * phase[i, j, k])
