"""Kernels of matter that lies about and rots: lumps in rows of numbers, and whatever others let fall.

Lumps are counted in whole milligrams (i32), what others let fall in whole shares 1/GRAIN of a full cell, so
that the books balance to the last grain. A loss that is no whole number is rounded up or down by chance, in
proportion: its mean is exact however small it is.
"""

import taichi as ti

from bioart.world.growth._chance import unit, wave

GRAIN = 1 << 20  # shares of a full cell: exact in an f32 between 0 and 1
EDGE = 1.6  # cells, half the width of a lump's edge
SQUAT = 1.6  # how many times wider than high a lump is
ROUGH = 0.3  # how uneven it is, in shares of its radius
GIVING_WAY, CRUMB = 0.2, 1000  # share, and mg at least, that an old lump loses in a run once it is in the way
SINK = 0.3  # share of its half height by which a lump sinks into what it lies on
FRUITS = 6  # that come up from a lump at most
FRUIT = 5  # numbers to a fruit
STALK = 3.2  # cells by which a fruit is taller than its lump's size says


@ti.func
def _whole(x: ti.f32, chance: ti.f32) -> ti.i32:
    """x ≥ 0 as a whole number, up or down by a chance in [0, 1): right in the mean."""
    low = ti.floor(x)
    return ti.cast(low, ti.i32) + ti.cast(chance < x - low, ti.i32)


@ti.func
def _cube_root(x: ti.f32) -> ti.f32:
    """∛x for 10⁻⁶ < x < 10⁶ by Newton's steps, from + − × ÷ alone: the same bits everywhere."""
    r = 1.0
    for _ in range(32):
        r = r - (r * r * r - x) / (3.0 * r * r + 1e-12)
    return ti.max(r, 0.0)


@ti.kernel
def land(solid: ti.template(), places: ti.template(), n: ti.i32, radius: ti.f32):
    """Lay lump n, whose place (cells) is where it was let go, on what is below; in the body: on what is above
    it. Between the walls by its radius in cells. Its place becomes that of the ground it lies on."""
    nx, ny, nz = ti.static(solid.shape)
    ti.loop_config(serialize=True)
    for _ in range(1):
        x = ti.min(ti.max(places[3 * n], ti.min(radius, nx * 0.5)), ti.max(nx - 1.0 - radius, nx * 0.5))
        y = ti.min(ti.max(places[3 * n + 1], 0.0), ny - 1.0)
        z = ti.min(ti.max(places[3 * n + 2], ti.min(radius, nz * 0.5)), ti.max(nz - 1.0 - radius, nz * 0.5))
        i = ti.min(ti.max(int(x + 0.5), 0), nx - 1)
        j = int(y + 0.5)
        k = ti.min(ti.max(int(z + 0.5), 0), nz - 1)
        for _up in range(ny):
            if j < ny - 1 and solid[i, j, k] > 0.5:
                j += 1
        for _down in range(ny):
            if j > 0 and solid[i, j - 1, k] <= 0.5:
                j -= 1
        places[3 * n] = x
        places[3 * n + 1] = j - 0.5
        places[3 * n + 2] = z


@ti.kernel
def rot(
    mass: ti.template(), age: ti.template(), material: ti.template(), rates: ti.template(),
    humus: ti.template(), number: ti.template(), books: ti.template(), steps: ti.i32, last: ti.i32,
    seed: ti.u32, run: ti.i32,
):  # fmt: skip
    """Every lump loses what it loses in a run. rates: share lost in a run, by material; humus: the share of
    that which becomes compost. Lumps up to number `last` give way to newer ones. books ← mg lost and mg of it
    that became compost, added to what stands there.
    """
    ti.loop_config(serialize=True)
    for n in range(mass.shape[0]):
        if mass[n] > 0:
            kind = material[n]
            share = rates[kind]
            if number[n] <= last:
                share = ti.max(share, GIVING_WAY)
            lost = _whole(share * ti.cast(mass[n], ti.f32), unit(seed, run, n, 0))
            if number[n] <= last:
                lost = ti.max(lost, CRUMB)
            lost = ti.min(lost, mass[n])
            kept = ti.min(_whole(humus[kind] * ti.cast(lost, ti.f32), unit(seed, run, n, 1)), lost)
            mass[n] -= lost
            age[n] += steps
            books[0] += ti.cast(lost, ti.i64)
            books[1] += ti.cast(kept, ti.i64)


@ti.kernel
def size_up(mass: ti.template(), age: ti.template(), radius: ti.template(), per_mg: ti.f32, rise: ti.f32):
    """radius ← half the width of each lump in cells, as its mass needs; it swells up over its first `rise`
    steps. per_mg: cells³ of lump to a milligram, times SQUAT, over 4π/3."""
    for n in mass:
        up = ti.min(ti.cast(age[n], ti.f32) / rise, 1.0)
        radius[n] = 0.0
        if mass[n] > 0:
            radius[n] = _cube_root(ti.cast(mass[n], ti.f32) * per_mg) * up * (2.0 - up)


@ti.kernel
def ripen(
    mass: ti.template(), laid: ti.template(), material: ti.template(), number: ti.template(),
    bears: ti.template(), ripe: ti.template(), top: ti.template(), aside: ti.template(),
    fruits: ti.template(), per_mg: ti.f32, fruiting: ti.f32, seed: ti.u32,
):  # fmt: skip
    """ripe[n] ← how much of lump n is eaten, 0–1. Its fruits come up one by one as it is eaten and sink in
    again with the last of it: fruits ← where each strives (x, z), its height, half its cap's width and how
    far the cap is a bell, in cells; top, aside ← how far they all reach up and out, 0 where there are none.

    laid: mg that it was; bears: 1 for a material that feeds fungi."""
    for n in mass:
        ripe[n], top[n], aside[n] = 0.0, 0.0, 0.0
        for m in range(FRUITS):
            fruits[(n * FRUITS + m) * FRUIT + 3] = 0.0
        if mass[n] > 0 and fruiting > 0.0 and laid[n] > 0:
            eaten = 1.0 - ti.cast(mass[n], ti.f32) / ti.cast(laid[n], ti.f32)
            ripe[n] = ti.min(ti.max(eaten, 0.0), 1.0)
            if bears[material[n]] > 0.0:
                r, own = _cube_root(ti.cast(laid[n], ti.f32) * per_mg) * fruiting, number[n]
                for m in range(FRUITS):
                    late = 0.06 + 0.38 * unit(seed, own, m, 300)
                    up = ti.min(ti.max((ripe[n] - late) / 0.3, 0.0), 1.0) * ti.min(
                        (1.0 - ripe[n]) / 0.08, 1.0
                    )
                    if up > 0.02:
                        up = up * (2.0 - up)
                        o = (n * FRUITS + m) * FRUIT
                        fruits[o] = (2.0 * unit(seed, own, m, 301) - 1.0) * r
                        fruits[o + 1] = (2.0 * unit(seed, own, m, 302) - 1.0) * r
                        fruits[o + 2] = (r * (0.7 + 1.3 * unit(seed, own, m, 303)) + STALK) * up
                        fruits[o + 3] = (0.24 + 0.40 * unit(seed, own, m, 304)) * r * up + 1.3
                        fruits[o + 4] = 1.0 + 0.9 * (1.0 - up)
                        top[n] = ti.max(top[n], fruits[o + 2] + fruits[o + 3] + 2.0)
                        out = ti.max(ti.abs(fruits[o]), ti.abs(fruits[o + 1]))
                        aside[n] = ti.max(aside[n], 0.87 * out + fruits[o + 3] + 2.0)


@ti.kernel
def slabs(
    places: ti.template(), radius: ti.template(), aside: ti.template(), slab: ti.template(),
    many: ti.template(),
):  # fmt: skip
    """slab[i·slots …] ← the many[i] lumps that may reach into the cells of that x, by their slots."""
    slots = ti.static(radius.shape[0])
    for i in many:
        found = 0
        for n in range(slots):
            reach = ti.max((radius[n] + EDGE) * (1.0 + ROUGH), aside[n])
            if radius[n] > 0.0 and ti.abs(i - places[3 * n]) < reach:
                slab[i * slots + found] = n
                found += 1
        many[i] = found


@ti.func
def _lump(x: ti.f32, y: ti.f32, z: ti.f32, r: ti.f32, seed: ti.u32, n: ti.i32) -> ti.f32:
    """How full of a lump a place is, from its middle: 0–1; it is flat and uneven. r: half its width."""
    full = 0.0
    reach, core = (r + EDGE) * (1.0 + ROUGH), ti.max(r * (1.0 - ROUGH) - EDGE, 0.0)
    d2 = x * x + SQUAT * SQUAT * y * y + z * z
    if d2 < core * core:
        full = 1.0
    elif r > 0.0 and d2 < reach * reach:
        uneven = wave(seed, 0, x / (0.55 * r), y / (0.55 * r), z / (0.55 * r), 100 + n)
        t = ti.min(ti.max(0.5 - (ti.sqrt(d2) - r * (1.0 + ROUGH * uneven)) / (2.0 * EDGE), 0.0), 1.0)
        full = t * t * (3.0 - 2.0 * t) * ti.min(r / EDGE, 1.0)
    return full


@ti.func
def _edge(cells: ti.f32) -> ti.f32:
    """1 well inside, 0 well outside of what ends where this is 0."""
    t = ti.min(ti.max(0.5 + cells / EDGE, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@ti.func
def _fruit(fruits: ti.template(), n: ti.i32, x: ti.f32, y: ti.f32, z: ti.f32) -> ti.types.vector(2, ti.f32):
    """Fruits of lump n at a place from the middle of its foot, in cells: (how full, how it shines), 0–1."""
    full, light = 0.0, 0.0
    for m in range(FRUITS):
        o = (n * FRUITS + m) * FRUIT
        tall, wide, bell = fruits[o + 2], fruits[o + 3], fruits[o + 4]
        if wide > 0.0 and y < tall + 0.7 * bell * wide + 1.5:
            # It leans out as it rises, the less the nearer to its end.
            t = ti.min(ti.max(y / tall, 0.0), 1.0)
            out = 0.42 + 0.45 * t * (2.0 - t)
            dx, dz = x - fruits[o] * out, z - fruits[o + 1] * out
            d2 = dx * dx + dz * dz
            if d2 < (wide + 1.5) * (wide + 1.5):
                away = ti.sqrt(d2)
                stalk = _edge(1.15 + 0.5 * (1.0 - t) - away) * _edge(tall - y)
                over = (y - tall) * 1.5 / bell  # the cap: a bell that opens, with gills beneath
                gills = y - tall + 0.10 * (wide + away)
                cap = _edge(wide - ti.sqrt(d2 + over * over)) * _edge(gills)
                full = ti.max(full, ti.max(stalk, cap))
                rim = 0.36 + 0.44 * ti.min(away / wide, 1.0)
                beneath = _edge(0.3 * wide - ti.abs(gills))
                light = ti.max(light, ti.max(0.35 * stalk, cap * ti.max(rim, beneath)))
    return ti.Vector([full, light])


@ti.func
def _cell(
    matter: ti.template(), laid: ti.template(), mine: ti.f32, i: ti.i32, j: ti.i32, k: ti.i32,
    share: ti.f32, seed: ti.u32, run: ti.i32,
) -> ti.types.vector(2, ti.i32):  # fmt: skip
    """One cell: (grains that came, grains that were lost)."""
    _, ny, nz = ti.static(matter.shape)
    was = ti.cast(ti.min(ti.max(matter[i, j, k], 0.0), 1.0) * GRAIN, ti.i32)
    old = ti.cast(laid[i, j, k] * GRAIN, ti.i32)
    new = ti.cast(mine * GRAIN, ti.i32)
    fallen = ti.max(was - old, 0)
    lost = 0
    if fallen > 0:
        chance = unit(seed, run, (i * ny + j) * nz + k, 2)
        lost = ti.min(_whole(share * ti.cast(fallen, ti.f32), chance), fallen)
        lost = ti.max(lost, fallen - (GRAIN - new))  # what finds no room beside a lump is gone
    left = fallen - lost
    if was != left + new or old != new:
        matter[i, j, k] = ti.cast(left + new, ti.f32) * (1.0 / GRAIN)
        laid[i, j, k] = ti.cast(new, ti.f32) * (1.0 / GRAIN)
    return ti.Vector([left, lost])


@ti.kernel
def lay(
    matter: ti.template(), laid: ti.template(), part: ti.template(), places: ti.template(),
    radius: ti.template(), ripe: ti.template(), top: ti.template(), aside: ti.template(),
    fruits: ti.template(), number: ti.template(), slab: ti.template(), many: ti.template(),
    books: ti.template(), share: ti.f32, seed: ti.u32,
    run: ti.i32, fruiting: ti.f32,
):  # fmt: skip
    """matter ← the lumps as they are now and what else has fallen, less the share that it loses in a run.

    laid ← the lumps alone; part ← all of it, as body. Where fungi fruit, what is fresh is dark: matter says
    how far rot has got hold of a place. books[2] ← grains lost, added; books[3] ← grains that
    lie there and are no lump's.
    """
    nx, ny, nz = ti.static(matter.shape)
    slots = ti.static(radius.shape[0])
    books[3] = 0
    for i, j in ti.ndrange(nx, ny):
        lying, gone = ti.i64(0), ti.i64(0)
        first, last = nz, -1  # the stretch of this row that lumps may reach
        for m in range(many[i]):
            n = slab[i * slots + m]
            reach = (radius[n] + EDGE) * (1.0 + ROUGH)
            dx, dy = i - places[3 * n], j - places[3 * n + 1] - (1.0 - SINK) / SQUAT * radius[n]
            near = dx * dx + dy * dy < reach * reach
            if top[n] > 0.0:
                reach = ti.max(reach, aside[n])
                dy = j - places[3 * n + 1]
                near = near or (ti.abs(dx) < aside[n] and dy > -2.0 and dy < top[n])
            if near:
                first = ti.min(first, int(places[3 * n + 2] - reach))
                last = ti.max(last, int(places[3 * n + 2] + reach) + 1)
        for k in range(nz):
            mine, shape = 0.0, 0.0
            if first <= k and k <= last:
                for m in range(many[i]):
                    n = slab[i * slots + m]
                    y = j - places[3 * n + 1] - (1.0 - SINK) / SQUAT * radius[n]
                    x, z = i - places[3 * n], k - places[3 * n + 2]
                    lump = _lump(x, y, z, radius[n], seed, number[n])
                    shape = ti.max(shape, lump)
                    mine = ti.max(mine, lump * (1.0 - fruiting * (0.9 - 0.7 * ripe[n])))
                    if j - places[3 * n + 1] < top[n] and ti.max(ti.abs(x), ti.abs(z)) < aside[n]:
                        f = _fruit(fruits, n, x, j - places[3 * n + 1], z)
                        shape = ti.max(shape, f[0])
                        mine = ti.max(mine, f[1])
            if mine > 0.0 or matter[i, j, k] != 0.0 or laid[i, j, k] != 0.0:
                e = _cell(matter, laid, mine, i, j, k, share, seed, run)
                lying += e[0]
                gone += e[1]
                part[i, j, k] = ti.max(matter[i, j, k], shape)
            elif part[i, j, k] != 0.0:
                part[i, j, k] = 0.0
        if lying + gone > 0:
            ti.atomic_add(books[3], lying)
            ti.atomic_add(books[2], gone)
