"""What the body emits: skin and polyps, deep tissue, veins, and the warmth of what is new or woken.

Slow state lives at half the body's resolution and is read trilinearly; the body itself, its network and two
still textures (filigree and polyps) give the detail. Nothing here is state: emission is a function of it.
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.growth._chance import unit, wave
from bioart.world.pulses import LAG, ONE, pulse_of, smooth

RIPPLES = 64  # rings of light at a time
RING_RISE = 0.6  # s until a passing ring is at its brightest
RING_FALL = 1.8  # s until it has passed
ALIVE = 0.02  # share of a cell below which it shines no light
POLYP = 5  # cells on the side of a block that holds one polyp or none


@ti.kernel
def weave(filigree: ti.template(), polyps: ti.template(), seed: ti.u32):
    """The two still textures, 0–1: fine bright lines, and tiny bright points, at most one to a block."""
    nx, ny, nz = ti.static(filigree.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            x, y, z = float(i), float(j), float(k)
            fold = wave(seed, 0, x * 0.05, y * 0.05, z * 0.05, 31)
            a = wave(seed, 0, x * 0.17 + fold, y * 0.13, z * 0.17 - fold, 32)
            b = wave(seed, 0, x * 0.34, y * 0.34 + fold, z * 0.34, 33)
            line = 1.0 - ti.abs(a + 0.45 * b) * 1.6
            line = ti.max(line, 0.0)
            dust = unit(seed, 0, (i * ny + j) * nz + k, 34)
            filigree[i, j, k] = ti.min(line * line * line * (0.8 + 0.4 * dust) + 0.06 * dust, 1.0)
            best = 0.0
            for u, v, w in ti.ndrange(3, 3, 3):  # not unrolled: it runs once, and would take long to compile
                bi, bj, bk = i // POLYP + u - 1, j // POLYP + v - 1, k // POLYP + w - 1
                block = ((bi + 1) * (ny // POLYP + 3) + bj + 1) * (nz // POLYP + 3) + bk + 1
                size = unit(seed, 0, block, 38)
                px = (bi + 0.15 + 0.7 * unit(seed, 0, block, 35)) * POLYP - 0.5
                py = (bj + 0.15 + 0.7 * unit(seed, 0, block, 36)) * POLYP - 0.5
                pz = (bk + 0.15 + 0.7 * unit(seed, 0, block, 37)) * POLYP - 0.5
                d2 = (x - px) ** 2 + (y - py) ** 2 + (z - pz) ** 2
                near = ti.max(1.0 - d2 / (1.6 + 3.0 * size * size), 0.0)
                best = ti.max(best, near * near * (0.35 + 0.65 * size))
            polyps[i, j, k] = best * (0.4 + 0.6 * smooth(0.5 + fold))  # thick in some places, thin in others


@ti.kernel
def take_ripples(rows: ti.types.ndarray(), ripples: ti.template()):
    for n, c in ripples:
        ripples[n, c] = rows[n, c]


@ti.func
def _stir(
    mass: ti.template(), first: ti.template(), second: ti.template(), ripples: ti.template(),
    i: ti.i32, j: ti.i32, k: ti.i32, count: ti.i32, speed: ti.f32, share: ti.f32,
):  # fmt: skip
    if mass[i, j, k] > 0.0:
        drive = 0.0
        for n in range(count):
            dx, dy, dz = i + 0.5 - ripples[n, 0], j + 0.5 - ripples[n, 1], k + 0.5 - ripples[n, 2]
            d2 = dx * dx + dy * dy + dz * dz
            reach = ripples[n, 4]
            if d2 < reach * reach:
                d = ti.sqrt(d2)
                since = ripples[n, 3] - d / speed
                if 0.0 < since < RING_RISE + RING_FALL:
                    ring = smooth(since / RING_RISE) * (1.0 - smooth((since - RING_RISE) / RING_FALL))
                    drive += ripples[n, 5] * ring * (1.0 - smooth(d / reach))
        a = first[i, j, k]
        b = second[i, j, k]
        first[i, j, k] = a + share * (ti.min(drive, 1.0) - a)
        second[i, j, k] = b + share * (a - b)
    elif second[i, j, k] > 0.0:
        first[i, j, k] = 0.0
        second[i, j, k] = 0.0


@ti.kernel
def stir(
    mass: ti.template(), first: ti.template(), second: ti.template(), ripples: ti.template(),
    count: ti.i32, speed: ti.f32, share: ti.f32,
):  # fmt: skip
    """Rings of light pass; `second`, 0–1, is what is seen of them, twice delayed so that however many meet,
    light rises softly. ripples: rows of x, y, z (half cells), age (s), reach (half cells), strength.
    speed: half cells/s. share: step over the time constant of one delay."""
    nx, ny, nz = ti.static(mass.shape)
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            for k in range(nz):
                _stir(mass, first, second, ripples, i, j, k, count, speed, share)
    else:
        for i, j, k in mass:
            _stir(mass, first, second, ripples, i, j, k, count, speed, share)


@ti.kernel
def flash(phase: ti.template(), early: ti.template(), late: ti.template()):
    """early, late ← two waves 0–1 of each phase, LAG turns apart."""
    nx, ny, nz = ti.static(phase.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            early[i, j, k] = pulse_of(phase[i, j, k])
            late[i, j, k] = pulse_of(phase[i, j, k] - LAG)


@ti.func
def _bounded(x: ti.f32) -> ti.f32:
    """A soft shoulder: 0 → 0, ½ → ½, 2 → 1. A hard clip would shorten the rise of what it cuts."""
    return 1.5 * x / (1.0 + x)


@ti.func
def _shine(
    solid: ti.template(), age: ti.template(), network: ti.template(), tip: ti.template(),
    filigree: ti.template(), polyps: ti.template(), early: ti.template(), late: ti.template(),
    lux: ti.template(), woken: ti.template(), bulk: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32,
    swing: ti.f32, skin: ti.f32, spots: ti.f32, deep: ti.f32, veins: ti.f32, warm: ti.f32, fever: ti.f32,
    wealth: ti.f32,
) -> ti.types.vector(4, ti.f32):  # fmt: skip
    """Emission of one living cell of the body's grid, by channel."""
    nx, ny, nz = ti.static(early.shape)
    u = ti.min(ti.max(i * 0.5 - 0.25, 0.0), nx - 1.001)
    v = ti.min(ti.max(j * 0.5 - 0.25, 0.0), ny - 1.001)
    w = ti.min(ti.max(k * 0.5 - 0.25, 0.0), nz - 1.001)
    a, b, c = int(u), int(v), int(w)
    fx, fy, fz = u - a, v - b, w - c
    p, q, quorum, wake, thick = 0.0, 0.0, 0.0, 0.0, 0.0
    for d, e, g in ti.static(ti.ndrange(2, 2, 2)):
        share = (fx if d else 1.0 - fx) * (fy if e else 1.0 - fy) * (fz if g else 1.0 - fz)
        p += share * early[a + d, b + e, c + g]
        q += share * late[a + d, b + e, c + g]
        quorum += share * lux[a + d, b + e, c + g]
        wake += share * woken[a + d, b + e, c + g]
        thick += share * bulk[a + d, b + e, c + g]
    s = solid[i, j, k]
    line = filigree[i, j, k]
    spot = polyps[i, j, k]
    # Each cell is a little late in its own way: what a wave of light passes over is not one lamp.
    own = p + (q - p) * line
    beat = 1.0 - swing + swing * own * ti.sqrt(own)
    echo = 1.0 - swing + swing * q * ti.sqrt(q)
    inside = smooth(s)
    edge = ti.min(4.0 * s * (1.0 - s), 1.0)
    thin = smooth((0.62 - thick) / 0.40)  # 1 in tips and limbs, 0 in the trunk
    film = edge * (0.25 + 0.75 * thin) + 0.10 * thin * inside
    point = spot * (0.3 * inside + 0.9 * edge) * (0.2 + 0.8 * thin)
    net = 0.0
    if ti.static(network.shape == solid.shape):
        net = network[i, j, k]
        net *= ti.min(net * 1.6, 1.0)  # veins are lines: their haze stays dark
    young = 0.0
    if ti.static(tip.shape == solid.shape):
        young = smooth((tip[i, j, k] - 0.12) / 0.75) * inside
    else:
        fresh = 1.0 / (1.0 + age[i, j, k])
        young = fresh * fresh * thin * smooth(2.0 * s - 1.0)
    sick = 1.0 - fever
    well = 0.2 + 0.8 * sick
    spark = spots * point * (0.2 + 1.6 * echo)
    blue = skin * film * (0.06 + 0.94 * line * line) * (0.06 + 1.5 * beat) * (1.0 - 0.7 * young) + spark
    blue = blue * well + wake * (film * (0.25 + 0.75 * line) + 0.9 * point)
    core = deep * quorum * inside * (0.15 + 0.85 * line) * (0.55 + 0.45 * echo) * 1.4
    vein = veins * net * (0.2 + 1.2 * beat) * 1.3 + 0.7 * spark + 0.3 * wake * point
    amber = warm * wealth * young * (0.2 + 0.8 * line + 0.8 * spot) * (0.5 + 0.5 * echo) * 1.4
    amber += 0.25 * spark * well + warm * wake * (0.7 * point + 0.3 * line * film)
    # A sick body smoulders: dull, deep, slow, and no longer blue.
    amber += fever * inside * (0.04 + 0.30 * line * (0.3 + 0.7 * film)) * (0.35 + 0.65 * echo)
    return ti.Vector([blue, core * (0.15 + 0.85 * sick), vein * (0.3 + 0.7 * sick), amber])


@ti.kernel
def shine(
    solid: ti.template(), age: ti.template(), network: ti.template(), tip: ti.template(),
    filigree: ti.template(), polyps: ti.template(), early: ti.template(), late: ti.template(),
    lux: ti.template(), woken: ti.template(), bulk: ti.template(),
    out0: ti.types.ndarray(), out1: ti.types.ndarray(), out2: ti.types.ndarray(), out3: ti.types.ndarray(),
    glow: ti.f32, swing: ti.f32, skin: ti.f32, spots: ti.f32, deep: ti.f32, veins: ti.f32, warm: ti.f32,
    fever: ti.f32, wealth: ti.f32,
):  # fmt: skip
    """The four channels where the body is; the arrays come zeroed, and dead cells are not touched."""
    nx, ny, nz = ti.static(solid.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            if solid[i, j, k] > ALIVE:
                e = _shine(
                    solid, age, network, tip, filigree, polyps, early, late, lux, woken, bulk, i, j, k,
                    swing, skin, spots, deep, veins, warm, fever, wealth,
                )  # fmt: skip
                out0[i, j, k] = _bounded(glow * e[0])
                out1[i, j, k] = _bounded(glow * e[1])
                out2[i, j, k] = _bounded(glow * e[2])
                out3[i, j, k] = _bounded(glow * e[3])


@ti.kernel
def gauge(
    solid: ti.template(), age: ti.template(), network: ti.template(), tip: ti.template(),
    filigree: ti.template(), polyps: ti.template(), early: ti.template(), late: ti.template(),
    lux: ti.template(), woken: ti.template(), bulk: ti.template(), sums: ti.template(),
    glow: ti.f32, swing: ti.f32, skin: ti.f32, spots: ti.f32, deep: ti.f32, veins: ti.f32, warm: ti.f32,
    fever: ti.f32, wealth: ti.f32,
):  # fmt: skip
    """sums[3], sums[4] ← Σ solid, Σ solid·light (all channels) over every eighth cell, in units of 1/ONE."""
    nx, ny, nz = ti.static(solid.shape)
    sums[3] = 0
    sums[4] = 0
    for i, j in ti.ndrange(nx // 2, ny // 2):
        body, light = ti.i64(0), ti.i64(0)
        for k in range(nz // 2):
            x, y, z = 2 * i + (k & 1), 2 * j + (i & 1), 2 * k + (j & 1)
            s = solid[x, y, z]
            if s > ALIVE:
                e = _shine(
                    solid, age, network, tip, filigree, polyps, early, late, lux, woken, bulk, x, y, z,
                    swing, skin, spots, deep, veins, warm, fever, wealth,
                )  # fmt: skip
                total = 0.0
                for n in ti.static(range(4)):
                    total += _bounded(glow * e[n])
                body += ti.cast(s * ONE, ti.i64)
                light += ti.cast(s * total * ONE, ti.i64)
        ti.atomic_add(sums[3], body)
        ti.atomic_add(sums[4], light)
