"""What the body emits: skin and polyps, deep tissue, veins, and the warmth of what is new or woken. What
decays on it glows as foxfire does, what was made beats like a machine, wet skin that the wind shears flashes.

Slow state lives at half the body's resolution and is read trilinearly; the body itself, its network and two
still textures (filigree and polyps) give the detail. Nothing here is state: emission is a function of it.
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.growth._chance import unit, wave
from bioart.world.pulses import ONE, smooth

RIPPLES = 64  # rings of light at a time
RING_RISE = 0.6  # s until a passing ring is at its brightest
RING_FALL = 1.8  # s until it has passed
FAINT = 1e-6  # a ring's light below which it is gone
ALIVE = 0.02  # share of a cell below which it shines no light
RAMP = 0.26  # turns in which a machine's light rises, or falls: at the fastest rate 10 to 90 % in 0.26 s
LAYERS = 11  # cells of the body from one ring of what was made to the next
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
        c = a + share * (ti.min(drive, 1.0) - a)
        d = b + share * (a - b)
        first[i, j, k] = ti.select(c < FAINT, 0.0, c)
        second[i, j, k] = ti.select(d < FAINT, 0.0, d)
    elif first[i, j, k] + second[i, j, k] > 0.0:
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


@ti.func
def _bounded(x: ti.f32) -> ti.f32:
    """A soft shoulder: 0 → 0, ½ → ½, 2 → 1. A hard clip would shorten the rise of what it cuts."""
    return 1.5 * x / (1.0 + x)


@ti.func
def machine(turns: ti.f32) -> ti.f32:
    """Brightness 0–1 at a phase in turns, as a machine's: straight up in RAMP, held, straight down, dark."""
    x = turns - ti.floor(turns)
    return ti.min(ti.max(ti.min(x, 0.5 + RAMP - x) / RAMP, 0.0), 1.0)


@ti.func
def _shine(
    solid: ti.template(), age: ti.template(), network: ti.template(), tip: ti.template(),
    pattern: ti.template(), matter: ti.template(), synthetic: ti.template(),
    soil: ti.template(),
    filigree: ti.template(), polyps: ti.template(), phase: ti.template(), early: ti.template(),
    late: ti.template(), lux: ti.template(), woken: ti.template(), bulk: ti.template(),
    noon: ti.template(), dusk: ti.template(), flash: ti.template(),
    i: ti.i32, j: ti.i32, k: ti.i32, ci: ti.i32, cj: ti.i32, ck: ti.i32, finer: ti.i32,
    swing: ti.f32, skin: ti.f32, spots: ti.f32, deep: ti.f32, veins: ti.f32, warm: ti.f32, fever: ti.f32,
    wealth: ti.f32, tide: ti.f32, foxfire: ti.f32, made: ti.f32, stirred: ti.f32,
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
    s = ti.select(solid[i, j, k] > ALIVE, solid[i, j, k], 0.0)
    line = filigree[i, j, k]
    spot = polyps[i, j, k]
    # The tide: ½·(1 − cos) of the clock, each kind of tissue a little later than the one before. The clock is
    # smooth from cell to cell: the one this lies in will do.
    x, y = noon[i // 2, j // 2, k // 2], dusk[i // 2, j // 2, k // 2]
    blues = 1.0 - tide * (0.5 + 0.5 * x)
    greens = 1.0 - tide * (0.5 - 0.5 * y)
    cores = 1.0 - tide * (0.5 - 0.4755283 * x - 0.1545085 * y)
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
    cells = 1.0
    if ti.static(synthetic.shape == solid.shape):
        cells = 1.0 - ti.min(ti.max(synthetic[i, j, k], 0.0), 1.0)  # what was made has no cells that glow
    veil = 1.0
    spark = cells * spots * blues * point * (0.2 + 1.6 * echo)
    grain = 0.06 + 0.94 * line * line
    if ti.static(pattern.shape == solid.shape):
        # Bright skin and dark, and what shines beneath is seen through it. Softly: what is dark keeps a
        # little, so that stripes never are black and white.
        drawn = smooth(pattern[i, j, k])
        veil = 1.0 - edge * (0.9 - 0.9 * drawn)
        grain = 0.02 + 2.6 * drawn * (0.6 + 0.4 * grain)
        film = ti.max(film, 0.8 * edge)  # on the trunk too
        spark *= veil
    blue = cells * skin * blues * film * grain * (0.06 + 1.5 * beat) * (1.0 - 0.7 * young) + spark
    blue = blue * well + wake * (film * (0.25 + 0.75 * line) + 0.9 * point)
    core = cells * deep * cores * quorum * inside * (0.15 + 0.85 * line) * (0.55 + 0.45 * echo) * 1.4
    vein = veins * greens * net * (0.2 + 1.2 * beat) * 1.3 + 0.7 * spark + 0.3 * wake * point
    amber = warm * wealth * young * (0.2 + 0.8 * line + 0.8 * spot) * (0.5 + 0.5 * echo) * 1.4
    amber += 0.25 * spark * well + warm * wake * (0.7 * point + 0.3 * line * film)
    # A sick body smoulders: dull, deep, slow, and no longer blue.
    amber += fever * inside * (0.04 + 0.30 * line * (0.3 + 0.7 * film)) * (0.35 + 0.65 * echo)
    vein *= veil * (0.3 + 0.7 * sick)
    core *= veil * (0.15 + 0.85 * sick)
    if ti.static(soil.shape == solid.shape):
        # Earth and what lies on it have no cells of their own: a few threads are seen, and what rots there.
        earth = ti.min(ti.max(soil[i, j, k], 0.0), 1.0)
        if ti.static(matter.shape == solid.shape):
            earth = ti.max(earth, ti.min(1.2 * matter[i, j, k], 1.0))
        blue *= 1.0 - earth
        core *= 1.0 - earth
        amber *= 1.0 - earth
        vein *= 1.0 - earth
        vein += foxfire * greens * earth * edge * line * line * 0.25
    if ti.static(matter.shape == solid.shape):
        # Foxfire: steady, in threads, brightest while there is much left to eat, by night above all.
        rot = ti.min(ti.max(matter[i, j, k], 0.0), 1.0)
        vein += foxfire * greens * rot * (0.05 + 0.5 * line + 0.3 * spot) * (0.85 + 0.15 * q)
    if ti.static(synthetic.shape == solid.shape):
        # What was made keeps the beat of its place, with a machine's edges, in rings as even as a print's.
        layer = ti.cast(j % LAYERS, ti.f32) - 0.5 * (LAYERS - 1)
        ring = ti.max(1.0 - layer * layer * (9.0 / (LAYERS * LAYERS)), 0.0)
        lamp = 0.08 + 0.92 * machine(phase[i // 2, j // 2, k // 2])
        amber *= cells
        amber += made * (1.0 - cells) * (0.1 * inside + 0.9 * edge) * (0.02 + ring) * lamp * 1.2
    if ti.static(flash.shape[0] > 1):  # noqa: SIM102 (one is settled as it compiles)
        if stirred * edge > 0.0:  # wet skin flashes with the air that shears it
            f = _about(flash, i, j, k, ci, cj, ck, finer)
            blue += stirred * f * edge * (0.15 + 0.85 * line + 1.2 * spot)
    return ti.Vector([blue, core, vein, amber])


@ti.func
def _about(
    f: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, ci: ti.i32, cj: ti.i32, ck: ti.i32, finer: ti.i32
) -> ti.f32:
    """A field of the air at the middle of a cell of the body, trilinear."""
    nx, ny, nz = ti.static(f.shape)
    fine = 1.0 / finer
    u = ti.min(ti.max(ci + (i + 0.5) * fine - 0.5, 0.0), nx - 1.001)
    v = ti.min(ti.max(cj + (j + 0.5) * fine - 0.5, 0.0), ny - 1.001)
    w = ti.min(ti.max(ck + (k + 0.5) * fine - 0.5, 0.0), nz - 1.001)
    a, b, c = int(u), int(v), int(w)
    fx, fy, fz = u - a, v - b, w - c
    total = 0.0
    for n in range(8):
        d, e, g = n >> 2, (n >> 1) & 1, n & 1
        share = ti.select(d == 1, fx, 1.0 - fx) * ti.select(e == 1, fy, 1.0 - fy)
        total += share * ti.select(g == 1, fz, 1.0 - fz) * f[a + d, b + e, c + g]
    return total


@ti.func
def _glows(solid: ti.template(), matter: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32) -> ti.i32:
    """Whether a cell has any light: alive, or decaying beside the living."""
    found = solid[i, j, k] > ALIVE
    if ti.static(matter.shape == solid.shape):
        found = found or matter[i, j, k] > ALIVE
    return found


@ti.kernel
def shine(
    solid: ti.template(), age: ti.template(), network: ti.template(), tip: ti.template(),
    pattern: ti.template(), matter: ti.template(), synthetic: ti.template(),
    soil: ti.template(),
    filigree: ti.template(), polyps: ti.template(), phase: ti.template(), early: ti.template(),
    late: ti.template(), lux: ti.template(), woken: ti.template(), bulk: ti.template(),
    noon: ti.template(), dusk: ti.template(), flash: ti.template(),
    out0: ti.types.ndarray(), out1: ti.types.ndarray(), out2: ti.types.ndarray(), out3: ti.types.ndarray(),
    ci: ti.i32, cj: ti.i32, ck: ti.i32, finer: ti.i32, glow: ti.f32, swing: ti.f32, skin: ti.f32,
    spots: ti.f32, deep: ti.f32, veins: ti.f32, warm: ti.f32, fever: ti.f32, wealth: ti.f32, tide: ti.f32,
    foxfire: ti.f32, made: ti.f32, stirred: ti.f32,
):  # fmt: skip
    """The four channels where the body is; the arrays come zeroed, and dead cells are not touched."""
    nx, ny, nz = ti.static(solid.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            if _glows(solid, matter, i, j, k):
                e = _shine(
                    solid, age, network, tip, pattern, matter, synthetic, soil, filigree, polyps, phase,
                    early, late, lux, woken, bulk, noon, dusk, flash, i, j, k, ci, cj, ck, finer,
                    swing, skin, spots, deep, veins, warm, fever, wealth, tide, foxfire, made, stirred,
                )  # fmt: skip
                out0[i, j, k] = _bounded(glow * e[0])
                out1[i, j, k] = _bounded(glow * e[1])
                out2[i, j, k] = _bounded(glow * e[2])
                out3[i, j, k] = _bounded(glow * e[3])


@ti.kernel
def gauge(
    solid: ti.template(), age: ti.template(), network: ti.template(), tip: ti.template(),
    pattern: ti.template(), matter: ti.template(), synthetic: ti.template(),
    soil: ti.template(),
    filigree: ti.template(), polyps: ti.template(), phase: ti.template(), early: ti.template(),
    late: ti.template(), lux: ti.template(), woken: ti.template(), bulk: ti.template(),
    noon: ti.template(), dusk: ti.template(), flash: ti.template(),
    first: ti.template(), last: ti.template(), sums: ti.template(),
    ci: ti.i32, cj: ti.i32, ck: ti.i32, finer: ti.i32, glow: ti.f32, swing: ti.f32, skin: ti.f32,
    spots: ti.f32, deep: ti.f32, veins: ti.f32, warm: ti.f32, fever: ti.f32, wealth: ti.f32, tide: ti.f32,
    foxfire: ti.f32, made: ti.f32, stirred: ti.f32,
):  # fmt: skip
    """sums[3], sums[4] ← Σ solid, Σ solid·light (all channels) over every eighth cell, in units of 1/ONE."""
    nx, ny, nz = ti.static(solid.shape)
    sums[3] = 0
    sums[4] = 0
    for i, j in ti.ndrange(nx // 2, ny // 2):
        body, light = ti.i64(0), ti.i64(0)
        for k in range(first[i, j], ti.min(last[i, j], nz // 2)):
            x, y, z = 2 * i + (k & 1), 2 * j + (i & 1), 2 * k + (j & 1)
            s = solid[x, y, z]
            if s > ALIVE:
                e = _shine(
                    solid, age, network, tip, pattern, matter, synthetic, soil, filigree, polyps, phase,
                    early, late, lux, woken, bulk, noon, dusk, flash, x, y, z, ci, cj, ck, finer,
                    swing, skin, spots, deep, veins, warm, fever, wealth, tide, foxfire, made, stirred,
                )  # fmt: skip
                total = 0.0
                for n in ti.static(range(4)):
                    total += _bounded(glow * e[n])
                body += ti.cast(s * ONE, ti.i64)
                light += ti.cast(s * total * ONE, ti.i64)
        if body > 0:
            ti.atomic_add(sums[3], body)
            ti.atomic_add(sums[4], light)
