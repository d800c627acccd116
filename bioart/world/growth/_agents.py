"""Kernels of a physarum that lives on the skin of a body: agents, their trail, and its spreading.

After J. Jones (Artificial Life 16, 2010) on a curved skin, with probes scattered in reach as in MCPM
(O. Elek et al. 2022), the chance of a counter, and deposits in integers. Agents are rows of scalar fields:
place in cells, heading a unit vector.
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.growth._chance import unit

DEPOSIT = 1 << 12  # fixed-point units of one agent's deposit
ENOUGH = 0.8  # trail beyond which a vein draws no more agents
RESTLESS = 0.005  # share of agents that start anew elsewhere in a run
SKIN = 0.62  # solid fraction at which agents like to live: just inside


@ti.func
def _cell(x: ti.f32, n: ti.i32) -> ti.i32:
    return ti.min(ti.max(int(x + 0.5), 1), n - 2)


@ti.func
def _straight(h: ti.types.vector(3, ti.f32)) -> ti.types.vector(3, ti.f32):
    """A unit vector along h; up where h is nothing."""
    size = ti.sqrt(h.dot(h))
    straight = ti.Vector([0.0, 1.0, 0.0])
    if size > 1e-3:
        straight = h / size
    return straight


@ti.func
def _felt(
    trail: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32, way: ti.types.vector(3, ti.f32), far: ti.f32
) -> ti.f32:
    """The trail at a probe far ahead along a way; what is more than enough is not felt as more."""
    nx, ny, nz = ti.static(trail.shape)
    felt = trail[_cell(x + far * way[0], nx), _cell(y + far * way[1], ny), _cell(z + far * way[2], nz)]
    return ti.min(felt, ENOUGH)


@ti.kernel
def skin(solid: ti.template(), count: ti.template(), where: ti.template()):
    """where[0 … count[0]) ← the skin's cells by x, then y, then z; one thread, so always in that order."""
    nx, ny, nz = ti.static(solid.shape)
    ti.loop_config(serialize=True)
    for column in range(nx * ny):
        i, j = column // ny, column % ny
        if 0 < i < nx - 1 and 0 < j < ny - 1:
            for k in range(1, nz - 1):
                c = solid[i, j, k]
                if 0.4 < c < 0.95 and count[0] < where.shape[0]:
                    where[count[0]] = (i * ny + j) * nz + k
                    count[0] += 1


@ti.kernel
def wander(
    solid: ti.template(), trail: ti.template(), laid: ti.template(),
    where: ti.template(), count: ti.template(),
    px: ti.template(), py: ti.template(), pz: ti.template(),
    hx: ti.template(), hy: ti.template(), hz: ti.template(),
    seed: ti.u32, run: ti.i32, agents: ti.i32, reach: ti.f32, angle: ti.f32, turn: ti.f32, pace: ti.f32,
    cling: ti.f32,
):  # fmt: skip
    """One move of every agent: sense, turn, keep to the skin, go, deposit. Who lost the body is sown anew."""
    nx, ny, nz = ti.static(solid.shape)
    for a in range(agents):
        x, y, z = px[a], py[a], pz[a]
        i, j, k = _cell(x, nx), _cell(y, ny), _cell(z, nz)
        here = solid[i, j, k]
        skins = count[0]
        if (here < 0.08 or unit(seed, run, a, 0) < RESTLESS) and skins > 0:
            cell = where[ti.min(ti.cast(unit(seed, run, a, 1) * skins, ti.i32), skins - 1)]
            x = cell // (ny * nz) + unit(seed, run, a, 2) - 0.5
            y = cell // nz % ny + unit(seed, run, a, 3) - 0.5
            z = cell % nz + unit(seed, run, a, 4) - 0.5
            i, j, k = _cell(x, nx), _cell(y, ny), _cell(z, nz)
            here = solid[i, j, k]
            t = ti.Vector([unit(seed, run, a, 5), unit(seed, run, a, 6), unit(seed, run, a, 7)]) - 0.5
            t = _straight(t)
            hx[a], hy[a], hz[a] = t[0], t[1], t[2]
        # Along the skin: the heading without its part across, then left and right of it about the normal.
        n = ti.Vector(
            [
                solid[i + 1, j, k] - solid[i - 1, j, k],
                solid[i, j + 1, k] - solid[i, j - 1, k],
                solid[i, j, k + 1] - solid[i, j, k - 1],
            ]
        )
        n = n / (ti.sqrt(n.dot(n)) + 1e-3)
        h = _straight(ti.Vector([hx[a], hy[a], hz[a]]) - n.dot(ti.Vector([hx[a], hy[a], hz[a]])) * n)
        across = n.cross(h)
        left, right = h * ti.cos(angle) + across * ti.sin(angle), h * ti.cos(angle) - across * ti.sin(angle)
        far = reach * (0.6 + 0.8 * unit(seed, run, a, 8))
        here_on = _felt(trail, x, y, z, h, far)
        to_left, to_right = _felt(trail, x, y, z, left, far), _felt(trail, x, y, z, right, far)
        if here_on <= to_left or here_on <= to_right:
            side = 1.0
            if to_left < to_right or (to_left == to_right and unit(seed, run, a, 9) < 0.5):
                side = -1.0
            if here_on < to_left and here_on < to_right:
                side = 1.0 if unit(seed, run, a, 9) < 0.5 else -1.0
            h = h * ti.cos(turn) + side * across * ti.sin(turn)
        h = _straight(h + cling * ti.min(ti.max(SKIN - here, -0.4), 0.4) * n)
        if y < 2.0 and h[1] < 0.0:
            h[1] = -h[1]
        x = ti.min(ti.max(x + pace * h[0], 1.0), nx - 2.0)
        y = ti.min(ti.max(y + pace * h[1], 1.0), ny - 2.0)
        z = ti.min(ti.max(z + pace * h[2], 1.0), nz - 2.0)
        px[a], py[a], pz[a] = x, y, z
        hx[a], hy[a], hz[a] = h[0], h[1], h[2]
        if solid[_cell(x, nx), _cell(y, ny), _cell(z, nz)] > 0.08:
            ti.atomic_add(laid[_cell(x, nx), _cell(y, ny), _cell(z, nz)], DEPOSIT)


@ti.func
def _settle(trail: ti.template(), after: ti.template(), laid: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32,
            keep: ti.f32, blur: ti.f32, much: ti.f32):  # fmt: skip
    c = trail[i, j, k]
    x0, x1 = trail[i - 1, j, k], trail[i + 1, j, k]
    y0, y1 = trail[i, ti.max(j - 1, 0), k], trail[i, j + 1, k]
    z0, z1 = trail[i, j, k - 1], trail[i, j, k + 1]
    new = 0.0
    got = laid[i, j, k]
    total = x0 + x1 + y0 + y1 + z0 + z1
    if got > 0 or c + total > 0.0:
        new = keep * (c + blur * (total - 6.0 * c)) + much * (got * (1.0 / DEPOSIT))
        if new < 1e-4:
            new = 0.0
        laid[i, j, k] = 0
    after[i, j, k] = new


@ti.kernel
def settle(trail: ti.template(), after: ti.template(), laid: ti.template(),
           keep: ti.f32, blur: ti.f32, much: ti.f32):  # fmt: skip
    """after ← the trail, blurred and faded, and what was laid on it, which is cleared."""
    nx, ny, nz = ti.static(trail.shape)
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange((1, nx - 1), (0, ny - 1)):
            for k in range(1, nz - 1):
                _settle(trail, after, laid, i, j, k, keep, blur, much)
    else:
        for i, j, k in ti.ndrange((1, nx - 1), (0, ny - 1), (1, nz - 1)):
            _settle(trail, after, laid, i, j, k, keep, blur, much)


@ti.kernel
def shine(
    trail: ti.template(), solid: ti.template(), veins: ti.template(), covered: ti.template(), full: ti.f32
):
    """veins ← the trail as light 0–1 (half at `full`), where there is body to carry it.

    covered ← cells of skin, and how many of them a vein runs through.
    """
    nx, ny, nz = ti.static(trail.shape)
    covered[0], covered[1] = 0, 0
    for i, j in ti.ndrange(nx, ny):
        skin, threaded = 0, 0
        for k in range(nz):
            c = solid[i, j, k]
            light = 0.0
            if c > 0.0 and trail[i, j, k] > 0.0:
                t = trail[i, j, k] / full
                t = t * t
                light = ti.min(c * 4.0, 1.0) * t * t / (1.0 + t * t)
            veins[i, j, k] = light
            if 0.3 < c < 0.95:
                skin += 1
                threaded += ti.cast(light > 0.1, ti.i32)
        if skin > 0:
            ti.atomic_add(covered[0], skin)
            ti.atomic_add(covered[1], threaded)


@ti.kernel
def copy_out(field: ti.template(), out: ti.types.ndarray()):
    nx, ny, nz = ti.static(field.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            out[i, j, k] = field[i, j, k]
