"""Kernels of a front that grows where food reaches it: the body's grid is fine, food's is twice as coarse.

Lengths are cells of the body's grid, times are runs of the growth, food is a share of the far value's unit.
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.advection import LANES, most
from bioart.world.growth._chance import unit, wave
from bioart.world.growth._places import linear

BITE = 1 << 20  # fixed-point units of one body cell's worth of growth
EDGE = 4.0  # cells that the front keeps away from a wall of the box
FADE = 10.0  # cells over which it slows before that
DEEP = 4.0  # cells: distances from the skin are kept within ± this
NEAR = 1.2  # cells about the skin that move with it; beyond, distances are told anew
INNER = 0.5  # cells under the skin from which on depths are told anew as well
FASTEST = 0.6  # cells that the skin moves in a run at most
HALF = 0.06  # food at which a tip's appetite is half met
BLUNT = 0.25  # crowding above which nothing grows, between a limb's side (0.28) and its tip (0.19)
SOFT = 0.06  # crowding over which that sets in
FOOT = 0.09  # share of the height, up to which no limb leaves the foot
BEND = 0.8  # how much the currents bend the way up
MATURE = 3.0  # s of age at which a limb thickens most
FADING = 0.75  # 1/s, at which a tip's freshness goes
REACH = 2.5  # cells outside the front at which it tastes the food


@ti.func
def _taste(food: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32) -> ti.f32:
    """Food at a place of the body's grid (cell-centred, in cells), trilinear on the coarse grid."""
    return linear(food, (x + 0.5) * 0.5 - 0.5, (y + 0.5) * 0.5 - 0.5, (z + 0.5) * 0.5 - 0.5)


@ti.func
def _bite(bite: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32, much: ti.i32):
    """Lay a bite where _taste would have tasted, in the same shares; not a unit is lost."""
    nx, ny, nz = ti.static(bite.shape)
    u = ti.min(ti.max((x + 0.5) * 0.5 - 0.5, 0.0), nx - 1.001)
    v = ti.min(ti.max((y + 0.5) * 0.5 - 0.5, 0.0), ny - 1.001)
    w = ti.min(ti.max((z + 0.5) * 0.5 - 0.5, 0.0), nz - 1.001)
    i, j, k = int(u), int(v), int(w)
    fx, fy, fz = u - i, v - j, w - k
    left = much
    for a, b, c in ti.static(ti.ndrange(2, 2, 2)):
        part = left
        if ti.static(a + b + c < 3):
            share = (fx if a else 1.0 - fx) * (fy if b else 1.0 - fy) * (fz if c else 1.0 - fz)
            part = ti.min(ti.cast(much * share, ti.i32), left)
        left -= part
        ti.atomic_add(bite[i + a, j + b, k + c], part)


@ti.func
def _eikonal(a: ti.f32, b: ti.f32, c: ti.f32) -> ti.f32:
    """Distance of a cell whose nearest neighbours along the three axes lie at a, b, c (upwind)."""
    low, high = ti.min(a, b, c), ti.max(a, b, c)
    mid = a + b + c - low - high
    d = low + 1.0
    if d > mid:
        d = 0.5 * (low + mid + ti.sqrt(ti.max(2.0 - (low - mid) ** 2, 0.0)))
        if d > high:
            t = low + mid + high
            q = low * low + mid * mid + high * high
            d = (t + ti.sqrt(ti.max(t * t - 3.0 * (q - 1.0), 0.0))) / 3.0
    return d


@ti.func
def _ramp(away: ti.f32) -> ti.f32:
    """The share of body at a distance in cells from its skin: 1 inside, 0 outside, smooth between."""
    t = ti.min(ti.max(0.5 - away / 3.2, 0.0), 1.0)
    return t * t * (3.0 - 2.0 * t)


@ti.func
def _grow(
    away: ti.template(),
    after: ti.template(),
    solid: ti.template(),
    food: ti.template(),
    mass: ti.template(),
    tx: ti.template(),
    ty: ti.template(),
    tz: ti.template(),
    far: ti.template(),
    bite: ti.template(),
    age: ti.template(),
    fresh: ti.template(),
    i: ti.i32,
    j: ti.i32,
    k: ti.i32,
    seed: ti.u32,
    run: ti.i32,
    pace: ti.f32,
    tension: ti.f32,
    rise: ti.f32,
    wander: ti.f32,
    girth: ti.f32,
) -> ti.types.vector(2, ti.i64):
    """One cell of the front. What grew from food and from the body's own stores, in units of BITE."""
    nx, ny, nz = ti.static(away.shape)
    c = away[i, j, k]
    new, front, rest = c, 0, 0
    x0, x1 = away[i - 1, j, k], away[i + 1, j, k]
    y0, y1 = away[i, ti.max(j - 1, 0), k], away[i, j + 1, k]
    z0, z1 = away[i, j, k - 1], away[i, j, k + 1]
    if c > NEAR:
        low = ti.min(x0, x1, y0, y1, z0, z1)
        if low < DEEP - 1.0:
            new = ti.min(c, _eikonal(ti.min(x0, x1), ti.min(y0, y1), ti.min(z0, z1)))
    elif c < -INNER and c > -DEEP:
        deep = _eikonal(-ti.max(x0, x1), -ti.max(y0, y1), -ti.max(z0, z1))
        new = ti.max(ti.min(c, -deep), -DEEP)
    if ti.abs(c) <= NEAR or (new < c and new < 1.6 and c > -1.6):
        gx, gy, gz = x1 - x0, y1 - y0, z1 - z0
        inv = 1.0 / (ti.sqrt(gx * gx + gy * gy + gz * gz) + 1e-4)
        ox, oy, oz = gx * inv, gy * inv, gz * inv
        # A cell moves as the nearest place of the skin does, and eats what stands a little outside of that.
        sx, sy, sz = i - c * ox, j - c * oy, k - c * oz
        px, py, pz = sx + REACH * ox, sy + REACH * oy, sz + REACH * oz
        share = 1.0
        if ti.abs(c) <= NEAR:
            crowd = _taste(mass, sx, sy, sz)
            apex = ti.min((BLUNT - crowd) / SOFT, 1.0)
            wall = ti.min(sx, nx - 1 - sx, sz, nz - 1 - sz, ny - 1 - sy) - EDGE
            home = ti.min(_taste(far, sx, sy, sz) * 5.0, 1.0)
            room = ti.min(ti.max(wall / FADE, 0.0), 1.0)
            fed = 0.0
            if apex > 0.0:
                near = ti.max(_taste(food, px, py, pz), 0.0)
                full = near / (near + HALF)
                drift = wave(seed, 0, sx * 0.16, sy * 0.16, sz * 0.16 + run * 0.02, 1)
                ci, cj, ck = i // 2, j // 2, k // 2
                along = ox * tx[ci, cj, ck] + oy * ty[ci, cj, ck] + oz * tz[ci, cj, ck]
                heed = ti.max(1.0 - rise * (1.0 - along), 0.0)
                fed = pace * apex * full * full * heed * (1.0 + wander * drift) * room * home
                fed *= ti.min(ti.max(sy / (FOOT * ny) - 1.0, 0.0), 1.0)
            curve = x0 + x1 + y0 + y1 + z0 + z1 - 6.0 * c
            fed = ti.max(fed - ti.max(tension * curve, -fed), 0.0)
            ai = ti.min(ti.max(int(sx - 2.0 * ox + 0.5), 0), nx - 1)
            aj = ti.min(ti.max(int(sy - 2.0 * oy + 0.5), 0), ny - 1)
            ak = ti.min(ti.max(int(sz - 2.0 * oz + 0.5), 0), nz - 1)
            old = age[ai, aj, ak] / MATURE
            own = girth * room * ti.max(1.5 - 2.0 * sy / ny, 0.3) * old / ((1.0 + old) * (1.0 + old))
            ux, uy, uz = ti.max(c - x0, c - x1, 0.0), ti.max(c - y0, c - y1, 0.0), ti.max(c - z0, c - z1, 0.0)
            new = ti.min(new, c - ti.min(fed + own, FASTEST) * ti.sqrt(ux * ux + uy * uy + uz * uz))
            share = fed / (fed + own + 1e-9)
        grown = _ramp(new) - _ramp(c)
        if grown > 0.0:
            front = ti.cast(grown * share * BITE, ti.i32)
            rest = ti.cast(grown * (1.0 - share) * BITE, ti.i32)
            _bite(bite, px, py, pz, front)
            fresh[i, j, k] = ti.min(fresh[i, j, k] + 2.0 * grown, 1.0)
        solid[i, j, k] = _ramp(new)
    after[i, j, k] = new
    return ti.Vector([ti.cast(front, ti.i64), ti.cast(rest, ti.i64)])


@ti.kernel
def ripen(away: ti.template(), age: ti.template(), fresh: ti.template(), seconds: ti.f32):
    """What is body grows older, what is fresh fades."""
    nx, ny, nz = ti.static(away.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            if away[i, j, k] < 1.6:
                fresh[i, j, k] *= 1.0 - FADING * seconds
                if away[i, j, k] < 0.0:
                    age[i, j, k] += seconds


@ti.kernel
def grow(
    away: ti.template(),
    after: ti.template(),
    solid: ti.template(),
    food: ti.template(),
    mass: ti.template(),
    tx: ti.template(),
    ty: ti.template(),
    tz: ti.template(),
    far: ti.template(),
    bite: ti.template(),
    age: ti.template(),
    fresh: ti.template(),
    grown: ti.template(),
    seed: ti.u32,
    run: ti.i32,
    pace: ti.f32,
    tension: ti.f32,
    rise: ti.f32,
    wander: ti.f32,
    girth: ti.f32,
):
    """after ← solid grown by one run; bites are laid on the coarse grid, sums of growth in `grown`."""
    nx, ny, nz = ti.static(solid.shape)
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange((1, nx - 1), (0, ny - 1)):
            a, b = ti.i64(0), ti.i64(0)
            for k in range(1, nz - 1):
                e = _grow(
                    away, after, solid, food, mass, tx, ty, tz, far, bite, age, fresh, i, j, k,
                    seed, run, pace, tension, rise, wander, girth,
                )  # fmt: skip
                a += e[0]
                b += e[1]
            if a + b > 0:
                ti.atomic_add(grown[0], a)
                ti.atomic_add(grown[1], b)
    else:
        for i, j, k in ti.ndrange((1, nx - 1), (0, ny - 1), (1, nz - 1)):
            e = _grow(
                away, after, solid, food, mass, tx, ty, tz, far, bite, age, fresh, i, j, k,
                seed, run, pace, tension, rise, wander, girth,
            )  # fmt: skip
            if e[0] + e[1] > 0:
                ti.atomic_add(grown[0], e[0])
                ti.atomic_add(grown[1], e[1])


@ti.kernel
def crowd(solid: ti.template(), mass: ti.template()):
    """mass ← the share 0–1 of each coarse cell that is body."""
    nx, ny, nz = ti.static(solid.shape)
    for i, j, k in mass:
        total = 0.0
        for a, b, c in ti.static(ti.ndrange(2, 2, 2)):
            total += solid[ti.min(2 * i + a, nx - 1), ti.min(2 * j + b, ny - 1), ti.min(2 * k + c, nz - 1)]
        mass[i, j, k] = 0.125 * total


@ti.kernel
def eat(food: ti.template(), bite: ti.template(), cost: ti.f32):
    """food −= what was bitten off it, cost a volume of body; the bites are cleared."""
    for i, j, k in food:
        if bite[i, j, k] > 0:
            food[i, j, k] -= cost * (bite[i, j, k] * (0.125 / BITE))
            bite[i, j, k] = 0


@ti.func
def _fed(
    food: ti.template(), mass: ti.template(), far: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32,
    low: ti.i32, high: ti.i32, supply: ti.f32, renew: ti.f32,
):  # fmt: skip
    """One cell of `spread`. low, high: its neighbours along z."""
    nx, ny, _ = ti.static(food.shape)
    west, east = ti.max(i - 1, 0), ti.min(i + 1, nx - 1)
    south, north = ti.max(j - 1, 0), ti.min(j + 1, ny - 1)
    c, m = food[i, j, k], mass[i, j, k]
    flux = (1.0 - most(m, mass[west, j, k])) * (food[west, j, k] - c)
    flux += (1.0 - most(m, mass[east, j, k])) * (food[east, j, k] - c)
    flux += (1.0 - most(m, mass[i, south, k])) * (food[i, south, k] - c)
    flux += (1.0 - most(m, mass[i, north, k])) * (food[i, north, k] - c)
    flux += (1.0 - most(m, mass[i, j, low])) * (food[i, j, low] - c)
    flux += (1.0 - most(m, mass[i, j, high])) * (food[i, j, high] - c)
    return c + 0.16 * flux + renew * (1.0 - m) * most(far[i, j, k] * supply - c, 0.0)


@ti.kernel
def spread(
    food: ti.template(), after: ti.template(), mass: ti.template(), far: ti.template(), supply: ti.f32,
    renew: ti.f32,
):  # fmt: skip
    """after ← food, diffused one sub-step through what is not body and renewed towards far · supply.

    What leaves a cell enters its neighbour: without renewal the sum stays as it is.
    """
    nx, ny, nz = ti.static(food.shape)
    if ti.static(compute.on_cpu() and nz >= LANES + 2):
        for i, j in ti.ndrange(nx, ny):
            after[i, j, 0] = _fed(food, mass, far, i, j, 0, 0, 1, supply, renew)
            after[i, j, nz - 1] = _fed(food, mass, far, i, j, nz - 1, nz - 2, nz - 1, supply, renew)
            for b in range(ti.static(-(-(nz - 2) // LANES))):
                k = ti.min(1 + LANES * b, nz - 1 - LANES)
                x = ti.Vector.zero(ti.f32, 8)
                for n in range(LANES):
                    q = k + n
                    x[n] = _fed(food, mass, far, i, j, q, q - 1, q + 1, supply, renew)
                for n in range(LANES):
                    after[i, j, k + n] = x[n]
    else:
        for i, j, k in ti.ndrange(nx, ny, nz):
            low, high = ti.max(k - 1, 0), ti.min(k + 1, nz - 1)
            after[i, j, k] = _fed(food, mass, far, i, j, k, low, high, supply, renew)


@ti.kernel
def habitat(far: ti.template(), tx: ti.template(), ty: ti.template(), tz: ti.template(), seed: ti.u32):
    """far ← where food comes from, 0–1: a wide, flattened bell of sea over the foot, in uneven currents.
    t ← unit vectors along which limbs like to grow: up and outward, bent by slow currents."""
    nx, ny, nz = ti.static(far.shape)
    for i, j, k in far:
        x, y, z = (i + 0.5) / nx - 0.5, (j + 0.5) / ny, (k + 0.5) / nz - 0.5
        e = (x / 0.44) ** 2 + ((y - 0.5) / 0.46) ** 2 + (z / 0.38) ** 2
        t = ti.min(ti.max((1.1 - e) / 0.6, 0.0), 1.0)
        current = wave(seed, 0, x * 5.0, y * 7.0, z * 5.0, 11)
        far[i, j, k] = t * t * (3.0 - 2.0 * t) * (1.0 + 0.6 * current)
        out = 1.0 - 0.8 * y
        vx = out * x * 6.0 * (1.0 - 7.5 * x * x) + BEND * wave(seed, 0, x * 4.0, y * 6.0, z * 4.0, 13)
        vz = out * z * 6.0 * (1.0 - 7.5 * z * z) + BEND * wave(seed, 0, x * 4.0, y * 6.0, z * 4.0, 14)
        vy = 1.0 + 0.5 * BEND * wave(seed, 0, x * 4.0, y * 6.0, z * 4.0, 15)
        inv = 1.0 / ti.sqrt(vx * vx + vy * vy + vz * vz + 1e-6)
        tx[i, j, k], ty[i, j, k], tz[i, j, k] = vx * inv, vy * inv, vz * inv


@ti.kernel
def scale(field: ti.template(), source: ti.template(), by: ti.f32):
    for i, j, k in field:
        field[i, j, k] = source[i, j, k] * by


@ti.func
def _join(away: ti.template(), solid: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, d: ti.f32):
    """Add a shape whose skin lies d cells from this cell, its seam rounded over two cells."""
    was = away[i, j, k]
    if d < DEEP:
        h = ti.max(2.0 - ti.abs(was - d), 0.0)
        new = ti.max(ti.min(was, d) - 0.125 * h * h, -DEEP)
        if new < was:
            away[i, j, k] = new
            solid[i, j, k] = ti.max(solid[i, j, k], _ramp(new))


@ti.func
def _twig(
    x: ti.f32, y: ti.f32, z: ti.f32, dx: ti.f32, dy: ti.f32, dz: ti.f32, thick: ti.f32, thin: ti.f32
) -> ti.f32:
    """Distance from a round-ended twig that leaves the origin along d and tapers from thick to thin."""
    t = ti.min(ti.max((x * dx + y * dy + z * dz) / (dx * dx + dy * dy + dz * dz + 1e-6), 0.0), 1.0)
    away = ti.sqrt((x - t * dx) ** 2 + (y - t * dy) ** 2 + (z - t * dz) ** 2)
    return away - (thick + (thin - thick) * t)


@ti.kernel
def root(away: ti.template(), solid: ti.template(), after: ti.template(), seed: ti.u32, radius: ti.f32):
    """A flared foot at the middle of the floor, a trunk, three to five limbs off it; radius in cells."""
    nx, ny, nz = ti.static(away.shape)
    stems = 3 + ti.cast(3.0 * unit(seed, 0, 0, 20), ti.i32)
    turn = 6.2831853 * unit(seed, 0, 0, 21)
    for i, j, k in away:
        away[i, j, k] = DEEP
        after[i, j, k] = DEEP
        if 0 < i < nx - 1 and j < ny - 1 and 0 < k < nz - 1:
            x, y, z = i + 0.5 - 0.5 * nx, j + 0.5, k + 0.5 - 0.5 * nz
            lobes = radius * (1.0 + 0.35 * wave(seed, 0, x * 0.15, y * 0.1, z * 0.15, 12))
            trunk = 3.0 * radius
            flare = lobes * (0.7 + 1.3 / ((1.0 + 0.25 * y) * (1.0 + 0.25 * y)))
            _join(away, solid, i, j, k, ti.max(0.85 * (ti.sqrt(x * x + z * z) - flare), y - 0.8 * trunk))
            tx, tz = radius * (unit(seed, 0, 0, 25) - 0.5), radius * (unit(seed, 0, 0, 26) - 0.5)
            _join(away, solid, i, j, k, _twig(x, y, z, tx, trunk, tz, 1.1 * radius, 3.2))
            for s in range(stems):
                angle = turn + 6.2831853 * (s + 0.5 * unit(seed, 0, s, 22)) / stems
                tall = radius * (1.4 + 1.4 * unit(seed, 0, s, 23))
                lean = tall * (0.35 + 0.5 * unit(seed, 0, s, 24))
                low = trunk * (0.5 + 0.35 * unit(seed, 0, s, 27))
                share = low / trunk
                d = _twig(
                    x - share * tx, y - low, z - share * tz,
                    lean * ti.cos(angle), tall, 0.7 * lean * ti.sin(angle), 3.0, 2.4,
                )  # fmt: skip
                _join(away, solid, i, j, k, d)


@ti.kernel
def nearest(away: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32, found: ti.template()):
    """found[0] ← (squared distance in cells << 32 | cell) of the skin's cell nearest to a place in cells."""
    _, ny, nz = ti.static(away.shape)
    found[0] = ti.i64(1) << 62
    for i, j, k in away:
        if -1.0 < away[i, j, k] <= 0.0:
            d = (i - x) ** 2 + (j - y) ** 2 + (k - z) ** 2
            key = (ti.cast(d, ti.i64) << 32) | ti.cast((i * ny + j) * nz + k, ti.i64)
            ti.atomic_min(found[0], key)


@ti.kernel
def bud(away: ti.template(), solid: ti.template(), food: ti.template(), ci: ti.i32, cj: ti.i32, ck: ti.i32,
        amount: ti.f32):  # fmt: skip
    """A twig out of the skin at a cell, longer for a greater amount 0–1, and a meal around its tip."""
    nx, ny, nz = ti.static(away.shape)
    gx = away[ti.min(ci + 1, nx - 1), cj, ck] - away[ti.max(ci - 1, 0), cj, ck]
    gy = away[ci, ti.min(cj + 1, ny - 1), ck] - away[ci, ti.max(cj - 1, 0), ck] + 0.6
    gz = away[ci, cj, ti.min(ck + 1, nz - 1)] - away[ci, cj, ti.max(ck - 1, 0)]
    long = (3.0 + 5.0 * amount) / (ti.sqrt(gx * gx + gy * gy + gz * gz) + 1e-4)
    dx, dy, dz = gx * long, gy * long, gz * long
    for i, j, k in ti.ndrange((1, nx - 1), (0, ny - 1), (1, nz - 1)):
        if ti.abs(i - ci) < 16 and ti.abs(j - cj) < 16 and ti.abs(k - ck) < 16:
            wall = ti.min(i, nx - 1 - i, k, nz - 1 - k, ny - 1 - j) - EDGE
            d = _twig(float(i - ci), float(j - cj), float(k - ck), dx, dy, dz, 2.6, 2.0)
            _join(away, solid, i, j, k, ti.max(d, -wall))
    for i, j, k in food:
        x, y, z = 2 * i - ci - dx, 2 * j - cj - dy, 2 * k - ck - dz
        food[i, j, k] += amount * ti.max(1.0 - (x * x + y * y + z * z) / 144.0, 0.0)


@ti.kernel
def fine(coarse: ti.template(), out: ti.types.ndarray()):
    """out ← a coarse field at the cells of the body's grid, trilinear, not below 0."""
    for i, j in ti.ndrange(out.shape[0], out.shape[1]):
        for k in range(out.shape[2]):
            out[i, j, k] = ti.min(ti.max(_taste(coarse, float(i), float(j), float(k)), 0.0), 1.0)


@ti.kernel
def copy_out(field: ti.template(), out: ti.types.ndarray()):
    nx, ny, nz = ti.static(field.shape)
    for i, j in ti.ndrange(nx, ny):
        for k in range(nz):
            out[i, j, k] = field[i, j, k]


@ti.func
def _soft(mass: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32):
    c, below = mass[i, j, k], mass[i, ti.max(j - 1, 0), k]
    near = mass[i - 1, j, k] + mass[i + 1, j, k] + below + mass[i, j + 1, k]
    return c + 0.16 * (near + mass[i, j, k - 1] + mass[i, j, k + 1] - 6.0 * c)


@ti.kernel
def soften(mass: ti.template(), after: ti.template()):
    """after ← mass, diffused one sub-step; the floor mirrors it."""
    nx, ny, nz = ti.static(mass.shape)
    if ti.static(compute.on_cpu() and nz >= LANES + 2):
        for i, j in ti.ndrange((1, nx - 1), (0, ny - 1)):
            for b in range(ti.static(-(-(nz - 2) // LANES))):
                k = ti.min(1 + LANES * b, nz - 1 - LANES)
                x = ti.Vector.zero(ti.f32, 8)
                for n in range(LANES):
                    x[n] = _soft(mass, i, j, k + n)
                for n in range(LANES):
                    after[i, j, k + n] = x[n]
    else:
        for i, j, k in ti.ndrange((1, nx - 1), (0, ny - 1), (1, nz - 1)):
            after[i, j, k] = _soft(mass, i, j, k)
