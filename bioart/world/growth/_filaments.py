"""Kernels of strands that grow by space colonization (A. Runions, B. Lane & P. Prusinkiewicz 2007).

Points of attraction are strewn ahead of each strand, out of the skin and down the wind. Each draws that node
of its strand that is nearest to it (strands do not compete: what somebody gave shall grow); a node that is
drawn grows one segment; a point that a node has reached is gone. One row a strand: its nodes stand in the
order in which they grew, parents first, so that a row can be walked from root to tips and back. Rows are
walked in parallel, each by one thread, so bits do not depend on threads.

Places are metres of the world. `clock`: steps taken, generation, strands made, changes of any tree, all i32.
"""

import taichi as ti

from bioart.world.growth._chance import unit
from bioart.world.growth._places import linear

NONE, GROWING, GROWN, LEAVING = 0, 1, 2, 3  # what a row holds
KILL = 2.0  # segments from a node at which a point of attraction is gone
CLOSE = 0.5  # segments: no two nodes of a strand stand nearer
SEARCH = 10  # cells about the place of a gift in which its strand looks for skin to root in
SOWN = 6  # points of attraction strewn ahead of a strand in one generation
KEEP = 0.5  # how hard a strand keeps its direction, against what draws it
CALM = 0.12  # m/s of air that turns a strand half as far as a storm would
FLUTTER = 22  # steps between two turns of a strand's own unrest
TRAVEL = 4  # steps in which that unrest moves on by a segment

vec3 = ti.types.vector(3, ti.f32)


@ti.func
def _taste(f: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32) -> ti.f32:
    """A cell-centred field at a place in cells of its grid, trilinear, held at the walls."""
    return linear(f, x - 0.5, y - 0.5, z - 0.5)


@ti.func
def _wind(ux: ti.template(), uy: ti.template(), uz: ti.template(), at: vec3, frame: ti.template()) -> vec3:
    """The air at a place, m/s."""
    p = (at - vec3(frame[0], frame[1], frame[2])) / frame[4] + vec3(frame[5], frame[6], frame[7])
    return vec3(_taste(ux, p[0], p[1], p[2]), _taste(uy, p[0], p[1], p[2]), _taste(uz, p[0], p[1], p[2]))


@ti.func
def _unit(v: vec3, other: vec3) -> vec3:
    """v of length 1, or the other where it is nothing."""
    size = v.norm()
    out = other
    if size > 1e-5:
        out = v / size
    return out


@ti.func
def _cell(at: vec3, solid: ti.template(), frame: ti.template()) -> ti.types.vector(3, ti.i32):
    """The cell of the body's grid that holds a place, or the nearest."""
    p = (at - vec3(frame[0], frame[1], frame[2])) / frame[3]
    c = ti.Vector([0, 0, 0])
    for d in ti.static(range(3)):
        c[d] = ti.min(ti.max(ti.floor(p[d], ti.i32), 1), solid.shape[d] - 2)
    return c


@ti.func
def _body(at: vec3, solid: ti.template(), frame: ti.template()) -> ti.f32:
    c = _cell(at, solid, frame)
    return solid[c[0], c[1], c[2]]


@ti.func
def _outward(c: ti.types.vector(3, ti.i32), solid: ti.template()) -> vec3:
    """Out of the skin at a cell, over two cells; up where there is none."""
    nx, ny, nz = ti.static(solid.shape)
    i, j, k = c[0], c[1], c[2]
    g = vec3(
        solid[ti.max(i - 2, 0), j, k] - solid[ti.min(i + 2, nx - 1), j, k],
        solid[i, ti.max(j - 2, 0), k] - solid[i, ti.min(j + 2, ny - 1), k],
        solid[i, j, ti.max(k - 2, 0)] - solid[i, j, ti.min(k + 2, nz - 1)],
    )
    return _unit(g, vec3(0.0, 1.0, 0.0))


@ti.func
def _ball(seed: ti.u32, step: ti.i32, cell: ti.i32, stream: ti.i32) -> vec3:
    """A place in the unit ball: of eight in the cube the first that lies in it."""
    out = vec3(0.0, 0.0, 0.0)
    found = 0
    for n in range(8):
        if found == 0:
            s = stream + 3 * n
            p = vec3(unit(seed, step, cell, s), unit(seed, step, cell, s + 1), unit(seed, step, cell, s + 2))
            p = 2.0 * p - 1.0
            if p.dot(p) <= 1.0:
                out, found = p, 1
    return out


@ti.kernel
def root(
    stage: ti.template(), token: ti.template(), number: ti.template(), nth: ti.template(),
    born: ti.template(), ration: ti.template(), count: ti.template(),
    shown: ti.template(), thin: ti.template(), spent: ti.template(), tint: ti.template(),
    out: ti.template(), rest: ti.template(), drawn: ti.template(), lean: ti.template(),
    parent: ti.template(), made: ti.template(), depth: ti.template(), alive: ti.template(),
    clock: ti.template(), solid: ti.template(),
    frame: ti.template(), seed: ti.u32, giver: ti.i64, wild: ti.i32, x: ti.f32, y: ti.f32, z: ti.f32,
    r: ti.f32, g: ti.f32, b: ti.f32,
):  # fmt: skip
    """A strand begins: a gift's on the skin nearest to where it was given, or on that side of the body, or,
    where there is none, in the air; a wild one's high on the skin. A wild one needs an empty row; a gift
    takes the one that has faded most, then the oldest wild one's, then the oldest."""
    nx, ny, nz = ti.static(solid.shape)
    ti.loop_config(serialize=True)
    for _ in range(1):
        at = vec3(x, y, z)
        away = vec3(0.0, 1.0, 0.0)
        rooted = 1
        found = 0
        if wild == 0:
            c = _cell(at, solid, frame)
            nearest, nc = 1 << 30, c
            for i in range(ti.max(c[0] - SEARCH, 1), ti.min(c[0] + SEARCH + 1, nx - 1)):
                for j in range(ti.max(c[1] - SEARCH, 1), ti.min(c[1] + SEARCH + 1, ny - 1)):
                    for k in range(ti.max(c[2] - SEARCH, 1), ti.min(c[2] + SEARCH + 1, nz - 1)):
                        d = (i - c[0]) ** 2 + (j - c[1]) ** 2 + (k - c[2]) ** 2
                        if d < nearest and 0.3 < solid[i, j, k] < 0.8:
                            nearest, nc = d, ti.Vector([i, j, k])
            if nearest < 1 << 30:
                found = 1
                away = _outward(nc, solid)
                at = vec3(frame[0], frame[1], frame[2]) + (ti.cast(nc, ti.f32) + 0.5) * frame[3]
        if found == 0:
            # Of the skin that chance finds: a gift's the nearest of some, a wild one's the highest of three,
            # where the wind is.
            place, best, tries = at, -1e9, ti.select(wild == 1, 3, 16)
            for n in range(500):
                if found < tries:
                    i = 2 + ti.cast(unit(seed, clock[2], n, 1) * (nx - 4), ti.i32)
                    j = 2 + ti.cast(unit(seed, clock[2], n, 2) * (ny - 4), ti.i32)
                    k = 2 + ti.cast(unit(seed, clock[2], n, 3) * (nz - 4), ti.i32)
                    if 0.3 < solid[i, j, k] < 0.8:
                        found += 1
                        c = ti.Vector([i, j, k])
                        here = vec3(frame[0], frame[1], frame[2]) + (ti.cast(c, ti.f32) + 0.5) * frame[3]
                        good = ti.select(wild == 1, here[1], -(here - place).norm())
                        if good > best:
                            best, at = good, here
                            away = _outward(c, solid)
        if wild == 1 and found == 0:  # no body to live on: the floor
            p = _ball(seed, clock[2], 0, 10)
            at = vec3(
                frame[0] + frame[3] * nx * (0.5 + 0.3 * p[0]),
                frame[1] + 0.5 * frame[3],
                frame[2] + frame[3] * nz * (0.5 + 0.3 * p[2]),
            )
        row, least = -1, 4.0
        for s in range(stage.shape[0]):
            if stage[s] == NONE and row < 0:
                row, least = s, -1.0
        if row < 0 and wild == 0:
            oldest = 1 << 30
            for s in range(stage.shape[0]):
                rank = 3.0
                if stage[s] == LEAVING:
                    rank = shown[s]
                elif token[s] < 0:
                    rank = 2.0
                if rank < least or (rank == least and number[s] < oldest):
                    row, least, oldest = s, rank, number[s]
        if row < 0:
            rooted = 0
        if rooted == 1:
            mine = 0
            for s in range(stage.shape[0]):
                if stage[s] != NONE and giver >= 0 and token[s] == giver and s != row:
                    mine = ti.max(mine, nth[s] + 1)
            stage[row], token[row], number[row], nth[row] = GROWING, giver, clock[2], mine % 512
            born[row], ration[row], count[row] = clock[0], 0, 1
            shown[row], thin[row], spent[row] = 0.0, 1.0, 0.0
            tint[row, 0], tint[row, 1], tint[row, 2] = r, g, b
            for d in ti.static(range(3)):
                out[row, d] = away[d]
                rest[row, 0, d] = at[d]
                drawn[row, 0, d] = at[d]
                lean[row, 0, d] = 0.0
            parent[row, 0], made[row, 0], depth[row, 0] = -1, clock[1], 0
            for a in range(alive.shape[1]):
                alive[row, a] = 0
            clock[2] += 1
            clock[3] += 1


@ti.func
def _turn(stage: ti.template(), number: ti.template(), s: ti.i32, together: ti.i32) -> ti.i32:
    """1 where a strand is among the first that grow now; the others wait."""
    now = 0
    if stage[s] == GROWING:
        before = 0
        for o in range(stage.shape[0]):
            if stage[o] == GROWING and number[o] < number[s]:
                before += 1
        if before < together:
            now = 1
    return now


@ti.kernel
def strew(
    stage: ti.template(), number: ti.template(), ration: ti.template(), out: ti.template(),
    rest: ti.template(), lure: ti.template(), alive: ti.template(), grows: ti.template(),
    ux: ti.template(), uy: ti.template(), uz: ti.template(), solid: ti.template(), frame: ti.template(),
    seed: ti.u32, airy: ti.i32, together: ti.i32, reach: ti.f32, spread: ti.f32, stream: ti.f32,
):  # fmt: skip
    """grows ← which strands' turn it is. Ahead of each some points of attraction are strewn: out of the skin,
    carried down the wind, and scattered, the more so the farther."""
    for s in stage:
        grows[s] = _turn(stage, number, s, together)
        if grows[s] == 1:
            many = alive.shape[1]
            for a in range(ration[s], ti.min(ration[s] + SOWN, many)):
                far = reach * (a + unit(seed, number[s], a, 20)) / many
                at = vec3(rest[s, 0, 0], rest[s, 0, 1], rest[s, 0, 2])
                away = vec3(out[s, 0], out[s, 1], out[s, 2])
                at += 0.35 * spread * _ball(seed, number[s], a, 30)
                bend = _ball(seed, number[s], a // 8, 60)
                for _ in range(12):
                    u = vec3(0.0, 0.0, 0.0)
                    if airy == 1:
                        u = _wind(ux, uy, uz, at, frame)
                    heed = stream * u.norm() / (u.norm() + CALM)
                    way = (1.0 - heed) * (away + 0.35 * bend) + heed * _unit(u, away)
                    at += _unit(way, away) * (far / 12)
                at += spread * (0.25 + 0.75 * a / many) * _ball(seed, number[s], a, 100)
                inside = 1
                for d in ti.static(range(3)):
                    lure[s, a, d] = at[d]
                    if at[d] < frame[d] or at[d] > frame[d] + frame[3] * solid.shape[d]:
                        inside = 0
                if inside == 1 and _body(at, solid, frame) < 0.2:
                    alive[s, a] = 1
            ration[s] = ti.min(ration[s] + SOWN, many)


@ti.kernel
def draw(
    rest: ti.template(), count: ti.template(), lure: ti.template(), alive: ti.template(),
    grows: ti.template(), near: ti.template(), influence: ti.f32, kill: ti.f32,
):  # fmt: skip
    """near ← which node of its strand is nearest to each point of attraction, the elder where two are
    as near; −1 beyond the influence. What a node has reached is gone."""
    rows, many = ti.static(alive.shape)
    for q in range(rows * many):
        s, a = q // many, q % many
        near[s, a] = -1
        if grows[s] == 1 and alive[s, a] != 0:
            p = vec3(lure[s, a, 0], lure[s, a, 1], lure[s, a, 2])
            closest = influence * influence
            for n in range(count[s]):
                d = p - vec3(rest[s, n, 0], rest[s, n, 1], rest[s, n, 2])
                if d.dot(d) < closest:
                    closest = d.dot(d)
                    near[s, a] = n
            if closest < kill * kill:
                alive[s, a] = 0
            if alive[s, a] != 1:
                near[s, a] = -1


@ti.kernel
def extend(
    stage: ti.template(), ration: ti.template(), count: ti.template(), rest: ti.template(),
    drawn: ti.template(), lean: ti.template(), parent: ti.template(), made: ti.template(),
    depth: ti.template(), lure: ti.template(), alive: ti.template(), grows: ti.template(),
    near: ti.template(), pull: ti.template(), clock: ti.template(),
    ux: ti.template(), uy: ti.template(), uz: ti.template(), frame: ti.template(),
    airy: ti.i32, segment: ti.f32, stream: ti.f32,
):  # fmt: skip
    """Each node that is drawn grows a segment towards what draws it, turned by the air. A point whose node
    could only grow where a node stands already is given up (−1). A strand that has nothing left to reach, or
    no room, is grown."""
    nodes = ti.static(parent.shape[1])
    many = ti.static(alive.shape[1])
    for s in stage:
        if grows[s] == 1:
            had = count[s]
            for n in range(had):
                for d in ti.static(range(4)):
                    pull[s, n, d] = 0.0
            for a in range(many):
                m = near[s, a]
                if m >= 0:
                    v = vec3(lure[s, a, 0], lure[s, a, 1], lure[s, a, 2])
                    v = _unit(v - vec3(rest[s, m, 0], rest[s, m, 1], rest[s, m, 2]), vec3(0.0, 0.0, 0.0))
                    for d in ti.static(range(3)):
                        pull[s, m, d] += v[d]
                    pull[s, m, 3] += 1.0
            for n in range(had):
                if pull[s, n, 3] > 0.0 and count[s] < nodes:
                    at = vec3(rest[s, n, 0], rest[s, n, 1], rest[s, n, 2])
                    way = vec3(pull[s, n, 0], pull[s, n, 1], pull[s, n, 2])
                    way = _unit(way, vec3(0.0, 0.0, 0.0))
                    if n > 0:
                        b = parent[s, n]
                        way += KEEP / segment * (at - vec3(rest[s, b, 0], rest[s, b, 1], rest[s, b, 2]))
                    if airy == 1:
                        u = _wind(ux, uy, uz, at, frame)
                        way += _unit(u, vec3(0.0, 0.0, 0.0)) * (0.6 * stream * u.norm() / (u.norm() + CALM))
                    way = _unit(way, vec3(0.0, 0.0, 0.0))
                    new = at + segment * way
                    free = 1
                    for m in range(count[s]):
                        d = new - vec3(rest[s, m, 0], rest[s, m, 1], rest[s, m, 2])
                        if d.dot(d) < CLOSE * CLOSE * segment * segment:
                            free = 0
                    if free == 1:
                        c = count[s]
                        for d in ti.static(range(3)):
                            rest[s, c, d] = new[d]
                            drawn[s, c, d] = drawn[s, n, d]
                            lean[s, c, d] = lean[s, n, d]
                        parent[s, c], made[s, c], depth[s, c] = n, clock[1] + 1, depth[s, n] + 1
                        count[s] = c + 1
                    else:
                        pull[s, n, 3] = -1.0
            if count[s] > had:
                ti.atomic_add(clock[3], 1)
            elif ration[s] >= many or had == nodes:
                stage[s] = GROWN


@ti.kernel
def give_up(alive: ti.template(), near: ti.template(), grows: ti.template(), pull: ti.template()):
    """Points of attraction whose node could not grow towards them draw no more."""
    for s, a in alive:
        if grows[s] == 1 and alive[s, a] == 1 and near[s, a] >= 0 and pull[s, near[s, a], 3] < 0.0:
            alive[s, a] = -1


@ti.kernel
def tend(
    stage: ti.template(), token: ti.template(), number: ti.template(), shown: ti.template(),
    thin: ti.template(), spent: ti.template(), clock: ti.template(),
    gifts: ti.i32, wild: ti.i32, life: ti.f32, thinning: ti.f32, least: ti.f32, appear: ti.f32, fade: ti.f32,
):  # fmt: skip
    """All grow a step older: they come up, thin towards `least`, and leave. Times are steps. A wild one
    leaves when it has spent its life, or the oldest where there are more than `wild`; the oldest gift leaves
    where there are more than `gifts`."""
    ti.loop_config(serialize=True)
    for kind in range(2):
        living, oldest, row = 0, 1 << 30, -1
        for s in range(stage.shape[0]):
            if (stage[s] == GROWING or stage[s] == GROWN) and (token[s] < 0) == (kind == 1):
                living += 1
                if number[s] < oldest:
                    oldest, row = number[s], s
        if living > ti.select(kind == 1, wild, gifts):
            stage[row] = LEAVING
    ti.loop_config(serialize=True)
    for s in range(stage.shape[0]):
        if stage[s] != NONE:
            spent[s] += 1.0 / life
            thin[s] += (least - thin[s]) / thinning
            if token[s] < 0 and stage[s] == GROWN and spent[s] >= 1.0:
                stage[s] = LEAVING
            if stage[s] == LEAVING:
                shown[s] -= 1.0 / fade
                if shown[s] <= 0.0:
                    stage[s], shown[s] = NONE, 0.0
                    clock[3] += 1
            else:
                shown[s] = ti.min(shown[s] + 1.0 / appear, 1.0)


@ti.func
def _unrest(seed: ti.u32, number: ti.i32, when: ti.i32) -> vec3:
    """A strand's own unrest −1 … 1, smooth over FLUTTER steps."""
    n = when // FLUTTER
    t = (when - n * FLUTTER) * (1.0 / FLUTTER)
    t = t * t * (3.0 - 2.0 * t)
    was = vec3(unit(seed, n, number, 41), unit(seed, n, number, 42), unit(seed, n, number, 43))
    now = vec3(unit(seed, n + 1, number, 41), unit(seed, n + 1, number, 42), unit(seed, n + 1, number, 43))
    return 2.0 * (was + (now - was) * t) - 1.0


@ti.kernel
def sway(
    stage: ti.template(), number: ti.template(), count: ti.template(), rest: ti.template(),
    drawn: ti.template(), lean: ti.template(), weight: ti.template(), parent: ti.template(),
    made: ti.template(), depth: ti.template(), clock: ti.template(),
    ux: ti.template(), uy: ti.template(), uz: ti.template(), frame: ti.template(), seed: ti.u32,
    airy: ti.i32, sways: ti.f32, catches: ti.f32, grown: ti.f32,
):  # fmt: skip
    """drawn ← where each node is now. Segments keep their lengths; each turns with the air at its place, late
    (lean: m/s), the thin ends more than what carries them. The newest are drawn out by the share `grown`.
    weight ← how many segments a node carries, its own included."""
    for s in stage:
        if stage[s] != NONE:
            for n in range(count[s]):
                weight[s, n] = ti.select(made[s, n] == clock[1], grown, 1.0)
            for m in range(1, count[s]):
                n = count[s] - m
                weight[s, parent[s, n]] += weight[s, n]
            for d in ti.static(range(3)):
                drawn[s, 0, d] = rest[s, 0, d]
            for n in range(1, count[s]):
                p = parent[s, n]
                base = vec3(drawn[s, p, 0], drawn[s, p, 1], drawn[s, p, 2])
                along = vec3(rest[s, n, 0], rest[s, n, 1], rest[s, n, 2])
                along -= vec3(rest[s, p, 0], rest[s, p, 1], rest[s, p, 2])
                size = along.norm()
                u = _unrest(seed, number[s], clock[0] - TRAVEL * depth[s, n]) * 0.25
                if airy == 1:
                    air = _wind(ux, uy, uz, base, frame)
                    u = u * (0.3 + air.norm()) + air
                # Only air across a segment turns it, and root segments are stiff.
                way = _unit(along, vec3(0.0, 1.0, 0.0))
                soft = ti.min(0.15 + 0.06 * depth[s, n], 1.0) / ti.sqrt(1.0 + 0.15 * weight[s, n])
                for d in ti.static(range(3)):
                    lean[s, n, d] += catches * (u[d] - lean[s, n, d])
                bent = way + sways * soft * vec3(lean[s, n, 0], lean[s, n, 1], lean[s, n, 2])
                bent = _unit(bent, way)
                drawn_out = ti.select(made[s, n] == clock[1], grown, 1.0)
                for d in ti.static(range(3)):
                    drawn[s, n, d] = base[d] + size * drawn_out * bent[d]


@ti.kernel
def read(
    stage: ti.template(), token: ti.template(), number: ti.template(), nth: ti.template(),
    count: ti.template(), shown: ti.template(), thin: ti.template(), tint: ti.template(),
    drawn: ti.template(), weight: ti.template(), parent: ti.template(), depth: ti.template(),
    whole: ti.types.ndarray(), parts: ti.types.ndarray(), at: ti.types.ndarray(),
    loads: ti.types.ndarray(), parents: ti.types.ndarray(), depths: ti.types.ndarray(),
):  # fmt: skip
    """The rows as arrays. whole: (rows, 5) stage, token, number, nth, count; parts: (rows, 5) shown, thin,
    tint; at: (rows, nodes, 3) m; loads, parents, depths: (rows, nodes)."""
    for s in stage:
        whole[s, 0], whole[s, 1], whole[s, 2] = stage[s], token[s], number[s]
        whole[s, 3], whole[s, 4] = nth[s], count[s]
        parts[s, 0], parts[s, 1] = shown[s], thin[s]
        for d in ti.static(range(3)):
            parts[s, 2 + d] = tint[s, d]
        for n in range(count[s]):
            loads[s, n], parents[s, n], depths[s, n] = weight[s, n], parent[s, n], depth[s, n]
            for d in ti.static(range(3)):
                at[s, n, d] = drawn[s, n, d]
