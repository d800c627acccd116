"""Kernels of a soft front that stands, spreads or withdraws, and of the scaffold that it leaves behind.

The flesh is a phase field u, 0–1 (Nagumo's equation; Kobayashi's cubic, Physica D 63, 1993, its drive
m):

    u_t = D ∇²u + r u (1 − u)(u − ½ + m)

whose flat front runs at c = m √(2 r D) exactly, with the profile ½ (1 − tanh(x / 2w)), w = √(2 D / r), and
whose ball of radius R at c − 2 D / R. With m below 0 it withdraws. Unlike Fisher's front it has no tail that
runs ahead, so it is bounded by what is near. u is kept in whole parts of `UNIT`, so that what was eaten and
what has grown agree to the last part. Lengths are cells, times are runs of the growth.
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.growth._chance import wave
from bioart.world.growth._places import linear

UNIT = 1 << 20  # parts of a cell full of flesh
WIDTH = 0.8  # cells: w
STEEP = 0.42  # the greatest |m|
BLUNT = 0.36  # crowding above which a lobe grows no more
SOFT = 0.12  # crowding over which that sets in
SHY = 0.1  # how hard flesh withdraws where it is far too crowded, as a share of how it spreads
EDGE, FADE = 3.0, 8.0  # cells that it keeps off a wall, and over which it slows before
QUARTER = 4  # cells to one of the grid on which crowding is told
PITCH, LOW = 8, 2  # cells from knot to knot of the frame, and of the lowest above the floor
STRUT, ROUND = 1.05, 2.2  # cells: half a strut's thickness, and from full to nothing
HOLD = PITCH // 2 + 4  # cells about the flesh that are looked at: the frame's arms reach so far
CRYSTAL, DISSOLVE = 5.0, 25.0  # show seconds in which a knot grows its arms, and loses them
GLEAM = 4.0  # how fresh a cell is that has filled at once
RIPE = 0.35  # ripeness at which flesh begins to open


@ti.func
def _taste(f: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32) -> ti.f32:
    """A coarse field at a cell of the body's grid, trilinear."""
    return linear(f, (x + 0.5) / QUARTER - 0.5, (y + 0.5) / QUARTER - 0.5, (z + 0.5) / QUARTER - 0.5)


@ti.func
def _smooth(x: ti.f32) -> ti.f32:
    t = ti.min(ti.max(x, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@ti.func
def _whole(u: ti.f32) -> ti.i32:
    """u in parts, the nearest."""
    return ti.cast(ti.min(ti.max(u, 0.0), 1.0) * UNIT + 0.5, ti.i32)


@ti.func
def _drive(
    gx: ti.f32, gy: ti.f32, gz: ti.f32, crowd: ti.template(), bias: ti.f32, i: ti.i32, j: ti.i32, k: ti.i32,
    nx: ti.i32, ny: ti.i32, nz: ti.i32, m: ti.f32, lobes: ti.f32, rise: ti.f32, wander: ti.f32,
) -> ti.f32:  # fmt: skip
    """m at a cell of the front: as fed (m), less where it is crowded, sideways, or close to a wall."""
    here = m
    if m > 0.0:
        apex = ti.min(ti.max((BLUNT - _taste(crowd, float(i), float(j), float(k))) / SOFT, -SHY), 1.0)
        up = -gy / (ti.sqrt(gx * gx + gy * gy + gz * gz) + 1e-5)
        heed = ti.max(1.0 - 0.5 * rise * (1.0 - up), 0.0)
        share = 1.0 + lobes * (apex - 1.0)
        if share > 0.0:
            share *= heed * ti.max(1.0 + wander * bias, 0.0)
        here = ti.min(m * share, STEEP)
    wall = ti.min(i, nx - 1 - i, ny - 1 - j, k, nz - 1 - k) - EDGE
    room = ti.min(ti.max(wall / FADE, 0.0), 1.0)
    return ti.min(here, (2.0 * room - 1.0) * STEEP)


@ti.func
def _advance(
    u: ti.template(), after: ti.template(), core: ti.template(), crowd: ti.template(), uneven: ti.template(),
    tip: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, D: ti.f32, r: ti.f32, m: ti.f32, lobes: ti.f32,
    rise: ti.f32, wander: ti.f32,
) -> ti.i32:  # fmt: skip
    """after ← u, a run later. By how many parts it changed."""
    nx, ny, nz = ti.static(u.shape)
    c = u[i, j, k]
    x0, x1 = u[i - 1, j, k], u[i + 1, j, k]
    y0, y1 = u[i, ti.max(j - 1, 0), k], u[i, j + 1, k]
    z0, z1 = u[i, j, k - 1], u[i, j, k + 1]
    around = x0 + x1 + y0 + y1 + z0 + z1
    new = c
    change = 0
    if c + around > 0.0 and c + around < 7.0:
        drive = 0.0
        if 0.0005 < c < 0.9995:
            drive = _drive(
                x1 - x0, y1 - y0, z1 - z0, crowd, uneven[i, j, k], i, j, k, nx, ny, nz, m, lobes, rise, wander
            )
        value = c + D * (around - 6.0 * c) + r * c * (1.0 - c) * (c - 0.5 + drive)
        whole = ti.max(_whole(value), _whole(core[i, j, k]))
        change = whole - _whole(c)
        if change > 0:
            tip[i, j, k] = ti.min(tip[i, j, k] + GLEAM / UNIT * change, 1.0)
        new = whole * (1.0 / UNIT)
    after[i, j, k] = new
    return change


@ti.kernel
def roughen(uneven: ti.template(), seed: ti.u32):
    """uneven ← −1.5 … 1.5, smooth over some cells: where it likes to grow, and ripens early."""
    nx, ny, nz = ti.static(uneven.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            value = wave(seed, 0, i * 0.09, j * 0.09, k * 0.09, 1)
            uneven[i, j, k] = value + 0.5 * wave(seed, 0, i * 0.21, j * 0.21, k * 0.21, 2)


@ti.kernel
def advance(
    u: ti.template(), after: ti.template(), core: ti.template(), crowd: ti.template(), uneven: ti.template(),
    tip: ti.template(), bounds: ti.template(), sums: ti.template(), D: ti.f32, r: ti.f32, m: ti.f32,
    lobes: ti.f32, rise: ti.f32, wander: ti.f32,
):  # fmt: skip
    """after ← the flesh a run later, within the bounds. sums ← parts that came, parts that went."""
    sums[0], sums[1] = ti.i64(0), ti.i64(0)
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange((bounds[0], bounds[1]), (bounds[2], bounds[3])):
            came, went = ti.i64(0), ti.i64(0)
            for k in range(bounds[4], bounds[5]):
                d = _advance(u, after, core, crowd, uneven, tip, i, j, k, D, r, m, lobes, rise, wander)
                came += ti.max(d, 0)
                went -= ti.min(d, 0)
            if came > 0:
                ti.atomic_add(sums[0], came)
            if went > 0:
                ti.atomic_add(sums[1], went)
    else:
        for i, j, k in ti.ndrange((bounds[0], bounds[1]), (bounds[2], bounds[3]), (bounds[4], bounds[5])):
            d = _advance(u, after, core, crowd, uneven, tip, i, j, k, D, r, m, lobes, rise, wander)
            if d > 0:
                ti.atomic_add(sums[0], ti.cast(d, ti.i64))
            elif d < 0:
                ti.atomic_add(sums[1], ti.cast(-d, ti.i64))


@ti.kernel
def spare(u: ti.template(), after: ti.template(), bounds: ti.template(), sums: ti.template(), share: ti.f32):
    """Where there is not enough to eat: of what would have come only this share, rounded down."""
    sums[0] = ti.i64(0)
    for i, j in ti.ndrange((bounds[0], bounds[1]), (bounds[2], bounds[3])):
        came = ti.i64(0)
        for k in range(bounds[4], bounds[5]):
            was, now = _whole(u[i, j, k]), _whole(after[i, j, k])
            if now > was:
                d = ti.cast((now - was) * share, ti.i32)
                after[i, j, k] = (was + d) * (1.0 / UNIT)
                came += d
        if came > 0:
            ti.atomic_add(sums[0], came)


@ti.kernel
def widen(u: ti.template(), bounds: ti.template(), low: ti.i32):
    """The bounds, so that they hold all flesh and the arms about it; they never become narrower, so that
    nothing stale stands outside of them in either buffer."""
    nx, ny, nz = ti.static(u.shape)
    for i, j in ti.ndrange((bounds[0], bounds[1]), (bounds[2], bounds[3])):
        first, last = nz, -1
        for k in range(bounds[4], bounds[5]):
            if u[i, j, k] > 0.0:
                first, last = ti.min(first, k), k
        if last >= 0:
            ti.atomic_min(bounds[6], i)
            ti.atomic_max(bounds[7], i + 1)
            ti.atomic_min(bounds[8], j)
            ti.atomic_max(bounds[9], j + 1)
            ti.atomic_min(bounds[10], first)
            ti.atomic_max(bounds[11], last + 1)
    ti.loop_config(serialize=True)
    for d in range(3):
        size = nx
        if d == 1:
            size = ny
        if d == 2:
            size = nz
        least = 1
        if d == 1:
            least = low
        bounds[2 * d] = ti.max(ti.min(bounds[2 * d], bounds[6 + 2 * d] - HOLD), least)
        bounds[2 * d + 1] = ti.min(ti.max(bounds[2 * d + 1], bounds[7 + 2 * d] + HOLD), size - 1)


@ti.kernel
def huddle(u: ti.template(), crowd: ti.template(), bounds: ti.template()):
    """crowd ← the share 0–1 of each coarse cell that is flesh; beyond the bounds nothing is."""
    for i, j, k in crowd:
        total = 0.0
        for x in range(ti.max(QUARTER * i, bounds[0]), ti.min(QUARTER * i + QUARTER, bounds[1])):
            for y in range(ti.max(QUARTER * j, bounds[2]), ti.min(QUARTER * j + QUARTER, bounds[3])):
                for z in range(ti.max(QUARTER * k, bounds[4]), ti.min(QUARTER * k + QUARTER, bounds[5])):
                    total += u[x, y, z]
        crowd[i, j, k] = total / (QUARTER * QUARTER * QUARTER)


@ti.kernel
def soften(crowd: ti.template(), after: ti.template()):
    """after ← crowd, spread one sub-step; the floor mirrors it, beyond the walls is nothing."""
    nx, ny, nz = ti.static(crowd.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            c = crowd[i, j, k]
            near = crowd[i, ti.max(j - 1, 0), k]
            if i > 0:
                near += crowd[i - 1, j, k]
            if i < nx - 1:
                near += crowd[i + 1, j, k]
            if j < ny - 1:
                near += crowd[i, j + 1, k]
            if k > 0:
                near += crowd[i, j, k - 1]
            if k < nz - 1:
                near += crowd[i, j, k + 1]
            after[i, j, k] = c + 0.15 * (near - 6.0 * c)


@ti.func
def _nearest(i: ti.i32, at: ti.i32) -> ti.i32:
    """The knot nearest to a cell along one axis; the first stands PITCH below cell `at`."""
    return ti.floor((i - at + 0.5 * PITCH) / PITCH, ti.i32) + 1


@ti.kernel
def knit(
    u: ti.template(), ripe: ti.template(), knots: ti.template(), seconds: ti.f32, made: ti.f32,
):  # fmt: skip
    """Knots of the frame crystallise where flesh is ripe, and dissolve where no flesh is left."""
    nx, ny, nz = ti.static(u.shape)
    for a, b, c in knots:
        i = (nx // 2) % PITCH + PITCH * (a - 1)
        j = LOW + PITCH * (b - 1)
        k = (nz // 2) % PITCH + PITCH * (c - 1)
        was, wanted = knots[a, b, c], 0.0
        if 0 <= i < nx and 0 <= j < ny and 0 <= k < nz:
            wanted = was
            if u[i, j, k] > 0.5 and ripe[i, j, k] > RIPE:
                wanted = made
            elif u[i, j, k] < 0.3:
                wanted = 0.0
        knots[a, b, c] = ti.min(ti.max(wanted, was - seconds / DISSOLVE), was + seconds / CRYSTAL)


@ti.func
def _struts(knots: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, ox: ti.i32, oz: ti.i32) -> ti.f32:
    """Cells from the frame: six arms out of the nearest knot, square and rounded, as long as it has grown;
    those of neighbours meet half-way."""
    a, b, c = _nearest(i, ox), _nearest(j, LOW), _nearest(k, oz)
    knot = knots[a, b, c]
    away = 8.0
    if knot > 0.0:
        x = ti.abs(ti.cast(i - ox - PITCH * (a - 1), ti.f32))
        y = ti.abs(ti.cast(j - LOW - PITCH * (b - 1), ti.f32))
        z = ti.abs(ti.cast(k - oz - PITCH * (c - 1), ti.f32))
        along = ti.max(x, y, z)
        one = ti.min(x, y, z)
        two = x + y + z - along - one
        one, two = one * one, two * two
        one, two = one * one, two * two
        across = ti.sqrt(ti.sqrt(ti.sqrt(one * one + two * two)))
        # Towards a knot that is there as well the arm goes on to meet its arm; else it ends before half-way.
        dx, dy, dz = 0, 0, 0
        if along == x:
            dx = ti.select(i > ox + PITCH * (a - 1), 1, -1)
        elif along == y:
            dy = ti.select(j > LOW + PITCH * (b - 1), 1, -1)
        else:
            dz = ti.select(k > oz + PITCH * (c - 1), 1, -1)
        other = 0.0
        if 0 <= a + dx < knots.shape[0] and 0 <= b + dy < knots.shape[1] and 0 <= c + dz < knots.shape[2]:
            other = ti.min(knots[a + dx, b + dy, c + dz], knot)
        over = ti.max(along - knot * (0.5 * PITCH - 3.0) - other * 4.0, 0.0)
        away = ti.sqrt(across * across + over * over) - STRUT * ti.min(2.0 * knot, 1.0)
    return away


@ti.func
def _embody(
    u: ti.template(), ripe: ti.template(), knots: ti.template(), body: ti.template(), solid: ti.template(),
    age: ti.template(), tip: ti.template(), synthetic: ti.template(), hairs: ti.template(),
    uneven: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, seconds: ti.f32, ripens: ti.f32, made: ti.f32,
    clean: ti.f32, halves: ti.f32,
):  # fmt: skip
    nx, ny, nz = ti.static(u.shape)
    c, was = u[i, j, k], body[i, j, k]
    away = _struts(knots, i, j, k, (nx // 2) % PITCH, (nz // 2) % PITCH)
    frame = _smooth(0.5 - away / ROUND)
    wall = ti.min(i, nx - 1 - i, ny - 1 - j, k, nz - 1 - k)
    frame *= ti.min(ti.max(0.5 * wall - 0.5, 0.0), 1.0)
    if c > 0.0 or was > 0.0 or frame > 0.0 or tip[i, j, k] > 0.0:
        old = ripe[i, j, k]
        if c > 0.1:  # to its very skin, or a film of it would stay where all else has opened
            # one side sooner than the other
            side = (i + 0.5 + 5.0 * uneven[i, j, k]) / nx * 2.0 - 1.0
            pace = 1.0 - halves * _smooth(0.55 + 1.3 * side)
            old = ti.min(old + ripens * (1.0 + 0.5 * uneven[i, j, k]) * pace, 1.0)
        else:
            old = 0.0
        ripe[i, j, k] = old
        gone = made * _smooth((old - RIPE) / (1.0 - RIPE)) * (0.6 + 0.4 * _smooth((away - 1.0) / 4.0))
        flesh = _smooth((c * (1.0 - gone) - 0.02) / 0.96)
        full = ti.max(flesh, frame)
        body[i, j, k] = full
        synthetic[i, j, k] = ti.select(full > 0.0, frame / ti.max(full, 1e-6), 0.0)
        hairs[i, j, k] = clean * full
        fresh = tip[i, j, k] * (1.0 - 0.6 * seconds)
        tip[i, j, k] = ti.select(fresh < 1e-4, 0.0, fresh)
        if full > 0.5:
            age[i, j, k] += seconds
        elif not solid[i, j, k] > was + 1e-4:  # what others have made there keeps its age
            age[i, j, k] = 0.0


@ti.kernel
def embody(
    u: ti.template(), ripe: ti.template(), knots: ti.template(), body: ti.template(), solid: ti.template(),
    age: ti.template(), tip: ti.template(), synthetic: ti.template(), hairs: ti.template(),
    uneven: ti.template(), bounds: ti.template(), seconds: ti.f32, ripens: ti.f32, made: ti.f32,
    clean: ti.f32, halves: ti.f32,
):  # fmt: skip
    """Flesh ripens, and where it is ripe it opens, last about the frame; the body is whichever is fuller."""
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange((bounds[0], bounds[1]), (bounds[2], bounds[3])):
            for k in range(bounds[4], bounds[5]):
                _embody(u, ripe, knots, body, solid, age, tip, synthetic, hairs, uneven, i, j, k,
                        seconds, ripens, made, clean, halves)  # fmt: skip
    else:
        for i, j, k in ti.ndrange((bounds[0], bounds[1]), (bounds[2], bounds[3]), (bounds[4], bounds[5])):
            _embody(u, ripe, knots, body, solid, age, tip, synthetic, hairs, uneven, i, j, k,
                    seconds, ripens, made, clean, halves)  # fmt: skip


@ti.kernel
def land(solid: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32, place: ti.template(), n: ti.i32):
    """place[n] ← where a seed comes to lie that sinks from a place in cells: on the body, or on the floor."""
    nx, ny, nz = ti.static(solid.shape)
    ti.loop_config(serialize=True)
    for _ in range(1):
        i = ti.min(ti.max(int(x), 8), nx - 9)
        j = ti.min(ti.max(int(y), 2), ny - 12)
        k = ti.min(ti.max(int(z), 8), nz - 9)
        while j > 2 and solid[i, j, k] < 0.5:
            j -= 1
        place[n, 0], place[n, 1], place[n, 2] = float(i), float(j), float(k)


@ti.kernel
def sow(u: ti.template(), ripe: ti.template(), knots: ti.template(), bounds: ti.template(),
        sums: ti.template(), place: ti.template(), n: ti.i32, radius: ti.f32):  # fmt: skip
    """A ball of flesh, round a knot if one may stand there. sums[2] += parts that were sown."""
    nx, ny, nz = ti.static(u.shape)
    x, y, z = place[n, 0], place[n, 1], place[n, 2]
    reach = ti.cast(radius, ti.i32) + HOLD
    lx, hx = ti.max(int(x) - reach, 1), ti.min(int(x) + reach, nx - 1)
    ly, hy = ti.max(int(y) - reach, 0), ti.min(int(y) + reach, ny - 1)
    lz, hz = ti.max(int(z) - reach, 1), ti.min(int(z) + reach, nz - 1)
    for i, j, k in ti.ndrange((lx, hx), (ly, hy), (lz, hz)):
        d = ti.sqrt((i - x) ** 2 + (j - y) ** 2 + (k - z) ** 2)
        whole = ti.max(_whole(0.5 - 0.5 * ti.tanh((d - radius) / (2.0 * WIDTH))), _whole(u[i, j, k]))
        if whole * 500 < UNIT:
            whole = _whole(u[i, j, k])
        ti.atomic_add(sums[2], ti.cast(whole - _whole(u[i, j, k]), ti.i64))
        u[i, j, k] = whole * (1.0 / UNIT)
        ripe[i, j, k] = ti.max(ripe[i, j, k], _smooth(1.3 - 0.5 * d))
    for a, b, c in knots:
        dx = (nx // 2) % PITCH + PITCH * (a - 1) - x
        dy = LOW + PITCH * (b - 1) - y
        dz = (nz // 2) % PITCH + PITCH * (c - 1) - z
        if dx * dx + dy * dy + dz * dz < 2.0:
            knots[a, b, c] = 1.0
    bounds[0], bounds[1] = ti.min(bounds[0], lx), ti.max(bounds[1], hx)
    bounds[2], bounds[3] = ti.min(bounds[2], ly), ti.max(bounds[3], hy)
    bounds[4], bounds[5] = ti.min(bounds[4], lz), ti.max(bounds[5], hz)


@ti.kernel
def keep(core: ti.template(), place: ti.template(), count: ti.i32, radius: ti.f32):
    """core ← the least that is always there: a small ball at each of the seeds that never die."""
    for i, j, k in core:
        least = 0.0
        for n in range(count):
            dx, dy, dz = i - place[n, 0], j - place[n, 1], k - place[n, 2]
            if dx * dx + dy * dy + dz * dz < 100.0:
                d = ti.sqrt(dx * dx + dy * dy + dz * dz)
                ball = 0.5 - 0.5 * ti.tanh((d - radius) / (2.0 * WIDTH))
                least = ti.max(least, ti.select(ball < 0.002, 0.0, ball))
        core[i, j, k] = least
