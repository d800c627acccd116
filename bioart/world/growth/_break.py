"""Kernels of a body that a storm breaks and that heals: a front that recedes from tips, and comes back.

For any growth that keeps its body as distances from the skin, in cells, less than 0 inside. What stands thin
and out in the wind bears u² (models 7); where that is more than the tissue stands, the front recedes from
tips towards their limbs. A cell leaves the body only if its neighbours in it still hang together without it
(a simple point; Bertrand and Malandain 1994), one of eight interleaved sets of cells a run: so no order of
threads, and no storm, can cut a piece loose. `scar` keeps how deep each broken cell lay, so that what was
lost can be healed.
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.growth._front import BITE, BLUNT, DEEP, NEAR, SOFT, _eikonal, _ramp, _taste

BEHIND = 6.0  # cells inwards from the skin: there a tip has its limb, and a limb's side has air
OUT = 0.75  # air cells outwards from the skin, where the wind is felt
FIRM = 30.0  # s of age at which tissue is half as firm as it can be
YOUNG, OLD, HELPED = 0.9, 0.25, 0.6  # of `strength`: youngest tissue's, what age adds, what care adds
TOLD, SLOPE = 0.6, 0.4  # cells: so far from the skin, distances that are so far off are told anew
ROUND = 1.5  # how much faster than the wind the air may be that goes round a limb
CLASSES = 8  # sets of cells that may leave the body, each its run
REGROWN = 0.05  # cells short of where the skin was: healed
FASTEST = 0.5  # cells that the skin moves in a run at most
TENDER = 3.0  # how many times faster tissue heals where people helped, on top
UP_Y, DOWN_Y, UP_Z, DOWN_Z = 0x7E3F1F8, 0x0FC7E3F, 0x6DB6DB6, 0x36DB6DB  # cells that have one on that side
LAND = 0.5  # share of a cell that is body, upon which what falls comes to rest


@ti.func
def _at(field: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32) -> ti.f32:
    """A field at a place in cells of its own grid, trilinear."""
    nx, ny, nz = ti.static(field.shape)
    u = ti.min(ti.max(x, 0.0), nx - 1.001)
    v = ti.min(ti.max(y, 0.0), ny - 1.001)
    w = ti.min(ti.max(z, 0.0), nz - 1.001)
    i, j, k = int(u), int(v), int(w)
    fx, fy, fz = u - i, v - j, w - k
    total = 0.0
    for a in range(2):
        for b in range(2):
            part = field[i + a, j + b, k] * (1.0 - fz) + field[i + a, j + b, k + 1] * fz
            total += part * (fx if a == 1 else 1.0 - fx) * (fy if b == 1 else 1.0 - fy)
    return total


@ti.func
def _load(ax: ti.template(), ay: ti.template(), az: ti.template(), corner: ti.template(), finer: ti.f32,
          x: ti.f32, y: ti.f32, z: ti.f32) -> ti.f32:  # fmt: skip
    """u² at a place of the body's grid, (m/s)²."""
    i = corner[0] + (x + 0.5) / finer - 0.5
    j = corner[1] + (y + 0.5) / finer - 0.5
    k = corner[2] + (z + 0.5) / finer - 0.5
    u, v, w = _at(ax, i, j, k), _at(ay, i, j, k), _at(az, i, j, k)
    return u * u + v * v + w * w


@ti.func
def _stands(age: ti.template(), care: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32, ox: ti.f32, oy: ti.f32,
            oz: ti.f32, strength: ti.f32, cared: ti.f32) -> ti.f32:  # fmt: skip
    """The wind that the tissue under a place of the skin stands, m/s."""
    nx, ny, nz = ti.static(age.shape)
    i = ti.min(ti.max(int(x - 2.0 * ox + 0.5), 0), nx - 1)
    j = ti.min(ti.max(int(y - 2.0 * oy + 0.5), 0), ny - 1)
    k = ti.min(ti.max(int(z - 2.0 * oz + 0.5), 0), nz - 1)
    old = age[i, j, k] / FIRM
    return strength * (YOUNG + OLD * old / (1.0 + old)) * (1.0 + HELPED * cared * care[i, j, k])


@ti.func
def _needed(away: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32) -> ti.i32:
    """Whether the body's faces about a cell hang together only through it (or it is the body's last)."""
    nx, ny, nz = ti.static(away.shape)
    body = ti.u32(0)
    for n in range(27):
        x, y, z = i + n // 9 - 1, j + n // 3 % 3 - 1, k + n % 3 - 1
        inside = n != 13 and 0 <= x < nx and 0 <= y < ny and 0 <= z < nz
        x, y, z = ti.min(ti.max(x, 0), nx - 1), ti.min(ti.max(y, 0), ny - 1), ti.min(ti.max(z, 0), nz - 1)
        if inside and away[x, y, z] < 0.0:
            body |= ti.u32(1) << ti.cast(n, ti.u32)
    faces = ti.u32((1 << 4) | (1 << 10) | (1 << 12) | (1 << 14) | (1 << 16) | (1 << 22))
    left = body & faces
    reached = left & (~left + ti.u32(1))  # its lowest face
    for _ in range(12):
        x = (reached << ti.u32(9)) | (reached >> ti.u32(9))
        y = ((reached << ti.u32(3)) & ti.u32(UP_Y)) | ((reached >> ti.u32(3)) & ti.u32(DOWN_Y))
        z = ((reached << ti.u32(1)) & ti.u32(UP_Z)) | ((reached >> ti.u32(1)) & ti.u32(DOWN_Z))
        reached |= (x | y | z) & body
    return ti.cast((left == ti.u32(0)) or ((left & ~reached) != ti.u32(0)), ti.i32)


@ti.func
def _recede(
    away: ti.template(), after: ti.template(), solid: ti.template(), mass: ti.template(), age: ti.template(),
    fresh: ti.template(), scar: ti.template(), care: ti.template(), ax: ti.template(), ay: ti.template(),
    az: ti.template(), corner: ti.template(), finer: ti.f32, i: ti.i32, j: ti.i32, k: ti.i32,
    turn: ti.i32, strength: ti.f32, cared: ti.f32, pace: ti.f32,
) -> ti.i64:  # fmt: skip
    """One cell. What broke off, in units of BITE."""
    c = away[i, j, k]
    new, lost = c, 0
    if ti.abs(c) <= NEAR:
        x0, x1 = away[i - 1, j, k], away[i + 1, j, k]
        y0, y1 = away[i, ti.max(j - 1, 0), k], away[i, j + 1, k]
        z0, z1 = away[i, j, k - 1], away[i, j, k + 1]
        gx, gy, gz = x1 - x0, y1 - y0, z1 - z0
        inv = 1.0 / (ti.sqrt(gx * gx + gy * gy + gz * gz) + 1e-4)
        ox, oy, oz = gx * inv, gy * inv, gz * inv
        sx, sy, sz = i - c * ox, j - c * oy, k - c * oz
        tip = ti.min((BLUNT - _taste(mass, sx, sy, sz)) / SOFT, 1.0)
        if tip > 0.0:
            limb = -_at(away, sx - BEHIND * ox, sy - BEHIND * oy, sz - BEHIND * oz)
            tip *= ti.min(ti.max(limb / 1.5, 0.0), 1.0)
        if tip > 0.0:
            far = OUT * finer
            load = _load(ax, ay, az, corner, finer, sx + far * ox, sy + far * oy, sz + far * oz)
            stands = _stands(age, care, sx, sy, sz, ox, oy, oz, strength, cared)
            over = ti.min(load / (stands * stands) - 1.0, 1.0)
            if over > 0.0:
                ux = ti.max(x0 - c, x1 - c, 0.0)
                uy = ti.max(y0 - c, y1 - c, 0.0)
                uz = ti.max(z0 - c, z1 - c, 0.0)
                back = ti.min(pace * over * tip, FASTEST)
                new = ti.max(new, c + back * ti.sqrt(ux * ux + uy * uy + uz * uz))
        if c >= 0.0 and new > c:  # outside, no farther than what stays of the body lets it
            new = ti.min(new, ti.max(c, _eikonal(ti.min(x0, x1), ti.min(y0, y1), ti.min(z0, z1))))
        if c < 0.0 and new >= 0.0:
            mine = (i & 1) * 4 + (j & 1) * 2 + (k & 1)
            if mine != turn or _needed(away, i, j, k) == 1:
                new = -0.01
        if new > c:
            lost = ti.cast(ti.max(_ramp(c) - _ramp(new), 0.0) * BITE, ti.i32)
            scar[i, j, k] = ti.min(scar[i, j, k], c)
            fresh[i, j, k] *= 0.5
            solid[i, j, k] = _ramp(new)
    after[i, j, k] = new
    return ti.cast(lost, ti.i64)


@ti.kernel
def recede(
    away: ti.template(), after: ti.template(), solid: ti.template(), mass: ti.template(), age: ti.template(),
    fresh: ti.template(), scar: ti.template(), care: ti.template(), ax: ti.template(), ay: ti.template(),
    az: ti.template(), a: ti.i32, b: ti.i32, c: ti.i32, finer: ti.f32,
    turn: ti.i32, strength: ti.f32, cared: ti.f32, pace: ti.f32, sums: ti.template(),
):  # fmt: skip
    """after ← the body less what the wind breaks off it in one run; sums[0] += that, in units of BITE.

    ax, ay, az: m/s on the air's grid, of which the body's least corner is cell (a, b, c). turn: 0–7, whose
    run it is. strength: m/s. cared: 0 where there is no care, else 1. pace: cells a run, under twice the load
    that the tissue stands.
    """
    nx, ny, nz = ti.static(away.shape)
    corner = ti.Vector([a, b, c])
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange((1, nx - 1), (0, ny - 1)):
            row = ti.i64(0)
            for k in range(1, nz - 1):
                row += _recede(
                    away, after, solid, mass, age, fresh, scar, care, ax, ay, az, corner, finer, i, j, k,
                    turn, strength, cared, pace,
                )  # fmt: skip
            if row > 0:
                ti.atomic_add(sums[0], row)
    else:
        for i, j, k in ti.ndrange((1, nx - 1), (0, ny - 1), (1, nz - 1)):
            row = _recede(
                away, after, solid, mass, age, fresh, scar, care, ax, ay, az, corner, finer, i, j, k,
                turn, strength, cared, pace,
            )  # fmt: skip
            if row > 0:
                ti.atomic_add(sums[0], row)


@ti.func
def _settle(
    after: ti.template(), away: ti.template(), solid: ti.template(), age: ti.template(), scar: ti.template(),
    i: ti.i32, j: ti.i32, k: ti.i32,
) -> ti.i64:  # fmt: skip
    """One cell. What goes from it, in units of BITE."""
    c = after[i, j, k]
    new, lost = c, 0
    if c >= 0.0 and away[i, j, k] < 0.0:
        age[i, j, k] = 0.0  # here and not in `recede`, where neighbours ask for it
    if ti.abs(c) > TOLD and ti.abs(c) < DEEP + 0.5:
        below = ti.max(j - 1, 0)
        broken = ti.min(
            scar[i - 1, j, k], scar[i + 1, j, k], scar[i, below, k], scar[i, j + 1, k], scar[i, j, k - 1],
            scar[i, j, k + 1], scar[i, j, k],
        )  # fmt: skip
        if broken < DEEP:
            x0, x1 = after[i - 1, j, k], after[i + 1, j, k]
            y0, y1 = after[i, below, k], after[i, j + 1, k]
            z0, z1 = after[i, j, k - 1], after[i, j, k + 1]
            if c > 0.0:
                out = _eikonal(ti.min(x0, x1), ti.min(y0, y1), ti.min(z0, z1))
                if out > c + SLOPE:
                    new = ti.min(out, DEEP)
            else:
                deep = _eikonal(-ti.max(x0, x1), -ti.max(y0, y1), -ti.max(z0, z1))
                if -deep > c + SLOPE:
                    new = ti.min(-deep, -0.05)
            if new > c:
                lost = ti.cast(ti.max(_ramp(c) - _ramp(new), 0.0) * BITE, ti.i32)
                solid[i, j, k] = _ramp(new)
    away[i, j, k] = new
    return ti.cast(lost, ti.i64)


@ti.kernel
def settle(after: ti.template(), away: ti.template(), solid: ti.template(), age: ti.template(),
           scar: ti.template(), sums: ti.template()):  # fmt: skip
    """away ← after, its distances told anew about what broke; no cell changes sides. sums[0] += what goes."""
    nx, ny, nz = ti.static(away.shape)
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange((1, nx - 1), (0, ny - 1)):
            row = ti.i64(0)
            for k in range(1, nz - 1):
                row += _settle(after, away, solid, age, scar, i, j, k)
            if row > 0:
                ti.atomic_add(sums[0], row)
    else:
        for i, j, k in ti.ndrange((1, nx - 1), (0, ny - 1), (1, nz - 1)):
            row = _settle(after, away, solid, age, scar, i, j, k)
            if row > 0:
                ti.atomic_add(sums[0], row)


@ti.func
def _heal(
    away: ti.template(), after: ti.template(), solid: ti.template(), age: ti.template(),
    fresh: ti.template(), scar: ti.template(), care: ti.template(), ax: ti.template(), ay: ti.template(),
    az: ti.template(), corner: ti.template(), finer: ti.f32, i: ti.i32, j: ti.i32, k: ti.i32,
    windy: ti.f32, strength: ti.f32, cared: ti.f32, pace: ti.f32,
) -> ti.types.vector(2, ti.i64):  # fmt: skip
    """One cell. What has healed, in units of BITE, and 1 where it is not whole yet."""
    c, was = away[i, j, k], scar[i, j, k]
    new, grown, open_ = c, 0, 0
    if was < DEEP:
        if c <= NEAR and c > was:
            x0, x1 = away[i - 1, j, k], away[i + 1, j, k]
            y0, y1 = away[i, ti.max(j - 1, 0), k], away[i, j + 1, k]
            z0, z1 = away[i, j, k - 1], away[i, j, k + 1]
            ux, uy, uz = ti.max(c - x0, c - x1, 0.0), ti.max(c - y0, c - y1, 0.0), ti.max(c - z0, c - z1, 0.0)
            move = ti.min(pace * (1.0 + TENDER * cared * care[i, j, k]), FASTEST)
            if windy > 0.0:
                gx, gy, gz = x1 - x0, y1 - y0, z1 - z0
                inv = 1.0 / (ti.sqrt(gx * gx + gy * gy + gz * gz) + 1e-4)
                ox, oy, oz = gx * inv, gy * inv, gz * inv
                sx, sy, sz = i - c * ox, j - c * oy, k - c * oz
                far = OUT * finer
                load = _load(ax, ay, az, corner, finer, sx + far * ox, sy + far * oy, sz + far * oz)
                stands = _stands(age, care, sx, sy, sz, ox, oy, oz, strength, cared)
                move *= ti.max(1.0 - load / (stands * stands), 0.0)
            new = ti.max(c - move * ti.sqrt(ux * ux + uy * uy + uz * uz), was)
            more = ti.max(_ramp(new) - _ramp(c), 0.0)
            grown = ti.cast(more * BITE, ti.i32)
            fresh[i, j, k] = ti.min(fresh[i, j, k] + 2.0 * more, 1.0)
            solid[i, j, k] = _ramp(new)
        if new <= was + REGROWN:
            scar[i, j, k] = DEEP
        else:
            open_ = 1
    after[i, j, k] = new
    return ti.Vector([ti.cast(grown, ti.i64), ti.cast(open_, ti.i64)])


@ti.kernel
def heal(
    away: ti.template(), after: ti.template(), solid: ti.template(), age: ti.template(),
    fresh: ti.template(), scar: ti.template(), care: ti.template(), ax: ti.template(), ay: ti.template(),
    az: ti.template(), a: ti.i32, b: ti.i32, c: ti.i32, finer: ti.f32,
    windy: ti.f32, strength: ti.f32, cared: ti.f32, pace: ti.f32, sums: ti.template(),
):  # fmt: skip
    """after ← the body, its skin come back by one run to where it broke off. sums[1] += what has healed, in
    units of BITE; sums[2] ← cells that are not whole yet. windy: 0 where there is no air; pace: cells a run
    where the air is still and nobody helped; the rest as in `recede`."""
    nx, ny, nz = ti.static(away.shape)
    corner = ti.Vector([a, b, c])
    sums[2] = ti.cast(0, ti.i64)
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange((1, nx - 1), (0, ny - 1)):
            grown, open_ = ti.i64(0), ti.i64(0)
            for k in range(1, nz - 1):
                e = _heal(
                    away, after, solid, age, fresh, scar, care, ax, ay, az, corner, finer, i, j, k,
                    windy, strength, cared, pace,
                )  # fmt: skip
                grown, open_ = grown + e[0], open_ + e[1]
            if grown + open_ > 0:
                ti.atomic_add(sums[1], grown)
                ti.atomic_add(sums[2], open_)
    else:
        for i, j, k in ti.ndrange((1, nx - 1), (0, ny - 1), (1, nz - 1)):
            e = _heal(
                away, after, solid, age, fresh, scar, care, ax, ay, az, corner, finer, i, j, k,
                windy, strength, cared, pace,
            )  # fmt: skip
            if e[0] + e[1] > 0:
                ti.atomic_add(sums[1], e[0])
                ti.atomic_add(sums[2], e[1])


@ti.kernel
def fall(before: ti.template(), after: ti.template(), solid: ti.template(), matter: ti.template()):
    """What broke off falls, each column by itself, onto the body below or the floor, and adds to matter
    there; where that is full, on top of it."""
    nx, ny, nz = ti.static(before.shape)
    for i, k in ti.ndrange((1, nx - 1), (1, nz - 1)):
        falling = 0.0
        for n in range(ny - 1):
            j = ny - 2 - n
            falling += ti.max(_ramp(before[i, j, k]) - _ramp(after[i, j, k]), 0.0)
            if falling > 0.0 and (j == 0 or solid[i, ti.max(j - 1, 0), k] > LAND) and solid[i, j, k] <= LAND:
                on = j
                while falling > 0.0 and on < ny - 1:
                    put = ti.min(falling, 1.0 - matter[i, on, k])
                    matter[i, on, k] += put
                    falling -= put
                    on += 1


@ti.kernel
def unscar(scar: ti.template()):
    """Nothing is broken."""
    for i, j, k in scar:
        scar[i, j, k] = DEEP
