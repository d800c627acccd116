"""The whirl of a storm: what draws the air round an axis that leans and sways over the body.

Its speed is Scully's (1975), 2s/(1 + s²) of the greatest, s = r over the core's radius; the core widens
upwards as a funnel does. Low down the air is drawn in, in the core it rises, high up it goes apart. The push
is towards that, so a whirl never runs away, and the pressure solve leaves of it what has no divergence.
"""

import taichi as ti

from bioart.gpu import compute

TAKES = 0.7  # s of the world in which air takes up the whirl
FOOT, HEAD = 0.05, 0.2  # radius of the core, low down and high up, as a share of the narrower side
LEAN = 0.09  # how far the axis strays high up, as such a share
REACH = 0.48  # beyond this share nothing is drawn
IN, UP, OUT = 0.25, 0.9, 0.3  # of the whirl's speed


@ti.func
def _draw(
    u: ti.template(), v: ti.template(), w: ti.template(), fx: ti.template(), fy: ti.template(),
    fz: ti.template(), axis: ti.template(), speed: ti.f32, cell: ti.f32, half: ti.f32,
    i: ti.i32, j: ti.i32, k: ti.i32, nx: ti.i32, ny: ti.i32, nz: ti.i32,
):  # fmt: skip
    high = (j - 0.5) / ny
    x = (i - 0.5 - 0.5 * nx) * cell - axis[j - 1, 0]
    z = (k - 0.5 - 0.5 * nz) * cell - axis[j - 1, 1]
    r = ti.sqrt(x * x + z * z) + 1e-4
    core = 2.0 * half * (FOOT + (HEAD - FOOT) * high)
    s = r / core
    edge = ti.max(1.0 - (r / (2.0 * REACH * half)) ** 2, 0.0)
    pull = edge * ti.min(ti.abs(speed) / 0.2, 1.0) / TAKES
    around = speed * 2.0 * s / (1.0 + s * s)
    size = ti.abs(speed)
    inward = size * (OUT * high * high - IN * (1.0 - high) ** 2) * ti.min(s, 1.0)
    rise = size * UP * ti.exp(-s * s) * 4.0 * high * (1.0 - high)
    fx[i, j, k] += pull * ((inward * x - around * z) / r - 0.5 * (u[i, j, k] + u[i + 1, j, k]))
    fy[i, j, k] += pull * (rise - 0.5 * (v[i, j, k] + v[i, j + 1, k]))
    fz[i, j, k] += pull * ((inward * z + around * x) / r - 0.5 * (w[i, j, k] + w[i, j, k + 1]))


@ti.kernel
def draw(
    u: ti.template(), v: ti.template(), w: ti.template(), fx: ti.template(), fy: ti.template(),
    fz: ti.template(), axis: ti.types.ndarray(), speed: ti.f32, cell: ti.f32, half: ti.f32,
):  # fmt: skip
    """Adds to the forces, m/s², at cells' middles. u, v, w: the velocity by faces. axis: (ny, 2) m, where the
    whirl's middle is at each height, from the world's. speed: m/s at the core's rim, from above to the left
    round where it is above 0. cell, half: of the grid, and half its narrower side, m."""
    nx, ny, nz = ti.static(u.shape[0] - 3, u.shape[1] - 3, u.shape[2] - 3)
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange((1, nx + 1), (1, ny + 1)):
            for k in range(1, nz + 1):
                _draw(u, v, w, fx, fy, fz, axis, speed, cell, half, i, j, k, nx, ny, nz)
    else:
        for i, j, k in ti.ndrange((1, nx + 1), (1, ny + 1), (1, nz + 1)):
            _draw(u, v, w, fx, fy, fz, axis, speed, cell, half, i, j, k, nx, ny, nz)
