"""Kernels of a reaction that spreads over any set of cells: the skin of a body, or a flat box in a proof.

The cells stand in a row, each with the places of its six neighbours in that row (`near`, six to a cell);
where a neighbour is missing stands the cell itself, so that nothing flows there. So one kernel serves a
curved skin and a periodic box, and its cost is that of the skin and not of the box around it.

Gray and Scott 1984; Pearson 1993: u_t = D_u∇²u − uv² + F(1−u), v_t = D_v∇²v + uv² − (F+k)v, D_u = 2 D_v,
five and seven points, explicit Euler. Lengths in cells.
"""

import taichi as ti

from bioart.gpu import compute
from bioart.world.growth._chance import unit, wave

OUTER, INNER = 0.04, 0.96  # solid fraction between which a cell is skin
BARE = 0.5  # fuller cells are skin as well where one of their neighbours is emptier than this
BLOCK = 8  # cells on the side of a block that is looked at for life
LANE = 512  # cells that one thread goes through at a stretch
LIVE = 0.1  # v above which a cell is alive
FEW = 24  # cells of skin below which a block is left alone
SPOT = 2.6  # cells, radius of what is sown
FINE = 0.08  # 1/cells, of the slow noise by which the skin's feed varies


@ti.func
def laplacian(c: ti.template(), near: ti.template(), n: ti.i32) -> ti.f32:
    """Σ over the neighbours of (their value − own), cells⁻²."""
    own = c[n]
    total = 0.0
    for d in ti.static(range(6)):
        total += c[near[6 * n + d]] - own
    return total


@ti.func
def _react(
    u: ti.template(), v: ti.template(), u_after: ti.template(), v_after: ti.template(), near: ti.template(),
    uneven: ti.template(), n: ti.i32, feed: ti.f32, removal: ti.f32, variety: ti.f32, du: ti.f32, dv: ti.f32,
    dt: ti.f32,
):  # fmt: skip
    a, b = u[n], v[n]
    fed = feed + variety * uneven[n]
    eaten = a * b * b
    u_after[n] = a + dt * (du * laplacian(u, near, n) - eaten + fed * (1.0 - a))
    v_after[n] = b + dt * (dv * laplacian(v, near, n) + eaten - (fed + removal) * b)


@ti.kernel
def react(
    u: ti.template(), v: ti.template(), u_after: ti.template(), v_after: ti.template(), near: ti.template(),
    uneven: ti.template(), count: ti.i32, feed: ti.f32, removal: ti.f32, variety: ti.f32, du: ti.f32,
    dv: ti.f32, dt: ti.f32,
):  # fmt: skip
    """after ← one sub-step of the first `count` cells. uneven: −1–1, times variety added to each cell's feed,
    which stays ≥ 0. With 6·du·dt + feed + v² ≤ 1 nothing falls below 0, so u stays 0–1 and v bounded."""
    if ti.static(compute.on_cpu()):
        for lane in range((count + LANE - 1) // LANE):
            for n in range(lane * LANE, ti.min(lane * LANE + LANE, count)):
                _react(u, v, u_after, v_after, near, uneven, n, feed, removal, variety, du, dv, dt)
    else:
        for n in range(count):
            _react(u, v, u_after, v_after, near, uneven, n, feed, removal, variety, du, dv, dt)


# -- the skin as a row of cells ------------------------------------------------------------------------------


@ti.func
def _is_skin(solid: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32) -> ti.i32:
    nx, ny, nz = ti.static(solid.shape)
    c = solid[i, j, k]
    skin = ti.cast(c > OUTER and c < INNER, ti.i32)
    if c >= INNER:
        least = ti.min(
            solid[ti.max(i - 1, 0), j, k], solid[ti.min(i + 1, nx - 1), j, k],
            solid[i, ti.max(j - 1, 0), k], solid[i, ti.min(j + 1, ny - 1), k],
            solid[i, j, ti.max(k - 1, 0)], solid[i, j, ti.min(k + 1, nz - 1)],
        )  # fmt: skip
        skin = ti.cast(least < BARE, ti.i32)
    return skin


@ti.kernel
def survey(solid: ti.template(), rows: ti.template()):
    """rows[i·ny + j] ← how many cells of that row along z are skin."""
    nx, ny, nz = ti.static(solid.shape)
    for i, j in ti.ndrange(nx, ny):
        found = 0
        for k in range(nz):
            if solid[i, j, k] > OUTER:
                found += _is_skin(solid, i, j, k)
        rows[i * ny + j] = found


@ti.kernel
def sum_up(rows: ti.template(), count: ti.template(), most: ti.i32):
    """rows ← where each row's cells begin; count[0] ← cells in all, at most so many."""
    ti.loop_config(serialize=True)
    for r in range(rows.shape[0] + 1):
        if r == 0:
            count[0] = 0
        else:
            here = rows[r - 1]
            rows[r - 1] = count[0]
            count[0] += here
    count[0] = ti.min(count[0], most)


@ti.kernel
def enlist(solid: ti.template(), rows: ti.template(), cell: ti.template(), most: ti.i32):
    """cell[0 … count) ← the skin's cells by x, then y, then z; what is beyond `most` stays bare."""
    nx, ny, nz = ti.static(solid.shape)
    for i, j in ti.ndrange(nx, ny):
        n = rows[i * ny + j]
        for k in range(nz):
            if solid[i, j, k] > OUTER and n < most and _is_skin(solid, i, j, k) == 1:
                cell[n] = (i * ny + j) * nz + k
                n += 1


@ti.kernel
def number(cell: ti.template(), slot: ti.template(), count: ti.i32):
    """slot ← the place in the row, at each of its cells. Elsewhere it holds anything: `_at` knows."""
    _, ny, nz = ti.static(slot.shape)
    for n in range(count):
        c = cell[n]
        slot[c // (ny * nz), c // nz % ny, c % nz] = n


@ti.func
def _at(cell: ti.template(), slot: ti.template(), count: ti.i32, i: ti.i32, j: ti.i32, k: ti.i32) -> ti.i32:
    """Where a cell stands in the row, −1 where it does not (a sparse set: Briggs and Torczon 1993)."""
    nx, ny, nz = ti.static(slot.shape)
    found = -1
    if 0 <= i < nx and 0 <= j < ny and 0 <= k < nz:
        n = slot[i, j, k]
        if 0 <= n < count and cell[n] == (i * ny + j) * nz + k:
            found = n
    return found


@ti.kernel
def link(cell: ti.template(), slot: ti.template(), near: ti.template(), count: ti.i32):
    """near[6n … 6n + 5] ← the neighbours of each cell in the row, itself for one that is not there."""
    _, ny, nz = ti.static(slot.shape)
    for n in range(count):
        c = cell[n]
        i, j, k = c // (ny * nz), c // nz % ny, c % nz
        for d in ti.static(range(3)):
            for s in ti.static(range(2)):
                m = _at(
                    cell, slot, count,
                    i + (2 * s - 1) * (d == 0), j + (2 * s - 1) * (d == 1), k + (2 * s - 1) * (d == 2),
                )  # fmt: skip
                near[6 * n + 2 * d + s] = n if m < 0 else m


@ti.kernel
def hand_down(
    cell: ti.template(), slot: ti.template(), count: ti.i32, u: ti.template(), v: ti.template(),
    uneven: ti.template(), heirs: ti.template(), heirs_count: ti.i32, u_after: ti.template(),
    v_after: ti.template(), uneven_after: ti.template(), seed: ti.u32,
):  # fmt: skip
    """after ← what each heir was; where it is new the mean of its old neighbours, or blank without any."""
    _, ny, nz = ti.static(slot.shape)
    for n in range(heirs_count):
        c = heirs[n]
        i, j, k = c // (ny * nz), c // nz % ny, c % nz
        m = _at(cell, slot, count, i, j, k)
        if m >= 0:
            u_after[n], v_after[n], uneven_after[n] = u[m], v[m], uneven[m]
        else:
            a, b, kin = 0.0, 0.0, 0
            for x, y, z in ti.ndrange((-1, 2), (-1, 2), (-1, 2)):
                o = _at(cell, slot, count, i + x, j + y, k + z)
                if o >= 0:
                    a += u[o]
                    b += v[o]
                    kin += 1
            u_after[n], v_after[n] = 1.0, 0.0
            if kin > 0:
                u_after[n], v_after[n] = a / kin, b / kin
            uneven_after[n] = wave(seed, 0, i * FINE, j * FINE, k * FINE, 1)


@ti.kernel
def take_over(cell: ti.template(), u: ti.template(), v: ti.template(), uneven: ti.template(),
              heirs: ti.template(), u_new: ti.template(), v_new: ti.template(), uneven_new: ti.template(),
              count: ti.i32):  # fmt: skip
    for n in range(cell.shape[0]):
        if n < count:
            cell[n], u[n], v[n], uneven[n] = heirs[n], u_new[n], v_new[n], uneven_new[n]
        else:
            cell[n], u[n], v[n], uneven[n] = 0, 0.0, 0.0, 0.0


# -- life ----------------------------------------------------------------------------------------------------


@ti.func
def _block(slot: ti.template(), c: ti.i32) -> ti.i32:
    _, ny, nz = ti.static(slot.shape)
    wide, deep = ti.static((ny + BLOCK - 1) // BLOCK, (nz + BLOCK - 1) // BLOCK)
    return (c // (ny * nz) // BLOCK * wide + c // nz % ny // BLOCK) * deep + c % nz // BLOCK


@ti.kernel
def tally(
    cell: ti.template(), slot: ti.template(), v: ti.template(), count: ti.i32,
    skin: ti.template(), life: ti.template(), sums: ti.template(),
):  # fmt: skip
    """skin, life ← cells of each block that are skin, and that are alive; sums[1] ← those alive in all."""
    for b in skin:
        skin[b], life[b] = 0, 0
    sums[1] = 0
    for n in range(count):
        b = _block(slot, cell[n])
        ti.atomic_add(skin[b], 1)
        if v[n] > LIVE:
            ti.atomic_add(life[b], 1)
    for b in skin:
        ti.atomic_add(sums[1], life[b])


@ti.kernel
def sow(
    cell: ti.template(), slot: ti.template(), u: ti.template(), v: ti.template(), count: ti.i32,
    skin: ti.template(), life: ti.template(), seed: ti.u32, run: ti.i32, chance: ti.f32,
):  # fmt: skip
    """A spot somewhere in a block without life, with this chance."""
    _, ny, nz = ti.static(slot.shape)
    for n in range(count):
        c = cell[n]
        b = _block(slot, c)
        if life[b] == 0 and skin[b] >= FEW and unit(seed, run, b, 2) < chance:
            i, j, k = c // (ny * nz), c // nz % ny, c % nz
            x = i % BLOCK + 0.5 - BLOCK * unit(seed, run, b, 3)
            y = j % BLOCK + 0.5 - BLOCK * unit(seed, run, b, 4)
            z = k % BLOCK + 0.5 - BLOCK * unit(seed, run, b, 5)
            if x * x + y * y + z * z < SPOT * SPOT:
                u[n], v[n] = 0.5, 0.25 + 0.05 * unit(seed, run, c, 6)


# -- what is seen --------------------------------------------------------------------------------------------


@ti.kernel
def wipe(cell: ti.template(), pattern: ti.template(), count: ti.i32):
    _, ny, nz = ti.static(pattern.shape)
    for n in range(count):
        c = cell[n]
        pattern[c // (ny * nz), c // nz % ny, c % nz] = 0.0


@ti.kernel
def show(cell: ti.template(), v: ti.template(), pattern: ti.template(), count: ti.i32, full: ti.f32):
    """pattern ← v as 0–1, 1 at `full`, at the row's cells."""
    _, ny, nz = ti.static(pattern.shape)
    for n in range(count):
        c = cell[n]
        pattern[c // (ny * nz), c // nz % ny, c % nz] = ti.min(v[n] * full, 1.0)
