"""Flashes: what drifts in the air lights up where the air shears, so that moving air shows itself in light.

Dinoflagellates flash when the flow shears them, not when it merely carries them (M. Latz et al. 2004). Each
cell of the air holds a population with a threshold of its own, Gaussian about a mean (as in *P. lunula*);
sheared beyond it, it flashes once and then rests. S = √(2·S_ij·S_ij), S_ij = ½(∂_i u_j + ∂_j u_i).

Two scales are not the sea's. In air, 0.1 Pa would need a shear of some thousand per second: the threshold is
told as a shear rate of this air, as if it were thick enough for that. And time is ten times as slow: 15 ms
until a cell answers are LATENCY, its tenth of a second of light is RISE and FALL, half an hour's rest is
seconds. Nothing strobes: no place flashes more often than once in `rest`, never shorter than a flash.
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.growth._chance import unit
from bioart.world.pulses import smooth

LATENCY = 0.15  # s of show
RISE = 0.45  # s: 10 to 90 % of it in 0.27 s
FALL = 1.5  # s
RESTED = 1000.0  # s since the last flash: as good as never


@ti.kernel
def lay(nerve: ti.template(), seed: ti.u32):
    """nerve ← each cell's own leaning, in standard deviations: the sum of twelve uniforms, within ±6."""
    nx, ny, nz = ti.static(nerve.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            total = 0.0
            for n in range(12):
                total += unit(seed, n, (i * ny + j) * nz + k, 81)
            nerve[i, j, k] = total - 6.0


@ti.func
def light_of(since: ti.f32) -> ti.f32:
    """Brightness 0–1 so many seconds after the stimulus."""
    return smooth((since - LATENCY) / RISE) * (1.0 - smooth((since - LATENCY - RISE) / FALL))


@ti.func
def _feel(
    u: ti.template(), v: ti.template(), w: ti.template(), nerve: ti.template(), since: ti.template(),
    flash: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, per: ti.f32, mean: ti.f32, spread: ti.f32,
    rest: ti.f32, seconds: ti.f32,
):  # fmt: skip
    a, b, c = i + 1, j + 1, k + 1
    d, e, f = i - 1, j - 1, k - 1
    xx, yy, zz = u[a, j, k] - u[d, j, k], v[i, b, k] - v[i, e, k], w[i, j, c] - w[i, j, f]
    xy = u[i, b, k] - u[i, e, k] + v[a, j, k] - v[d, j, k]
    yz = v[i, j, c] - v[i, j, f] + w[i, b, k] - w[i, e, k]
    zx = w[a, j, k] - w[d, j, k] + u[i, j, c] - u[i, j, f]
    sheared = per * per * (2.0 * (xx * xx + yy * yy + zz * zz) + xy * xy + yz * yz + zx * zx)
    own = mean * ti.max(1.0 + spread * nerve[i, j, k], 0.05)
    was = since[i, j, k]
    fires = sheared > own * own and was >= rest
    now = ti.select(fires, 0.0, ti.min(was + seconds, RESTED))
    since[i, j, k] = now
    flash[i, j, k] = light_of(now)


@ti.kernel
def feel(
    u: ti.template(), v: ti.template(), w: ti.template(), nerve: ti.template(), since: ti.template(),
    flash: ti.template(), per: ti.f32, mean: ti.f32, spread: ti.f32, rest: ti.f32, seconds: ti.f32,
):  # fmt: skip
    """since (s) ← 0 where a rested cell is sheared beyond its threshold, else it counts on; flash, 0–1 ← its
    light. u, v, w: m/s at cells' middles. per: 1/(2·cell), 1/m. mean: 1/s; spread: standard deviation of
    thresholds by mean; rest: s from one flash to the next. The outermost cells feel nothing."""
    nx, ny, nz = ti.static(u.shape)
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange((1, nx - 1), (1, ny - 1)):
            for k in range(1, nz - 1):
                _feel(u, v, w, nerve, since, flash, i, j, k, per, mean, spread, rest, seconds)
    else:
        for i, j, k in ti.ndrange((1, nx - 1), (1, ny - 1), (1, nz - 1)):
            _feel(u, v, w, nerve, since, flash, i, j, k, per, mean, spread, rest, seconds)


@ti.kernel
def seen(flash: ti.template(), strength: ti.f32, out: ti.types.ndarray()):
    for i, j, k in flash:
        out[i, j, k] = strength * flash[i, j, k]
