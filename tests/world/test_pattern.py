"""The pattern: its reaction against exact solutions and Pearson's and Munafo's classes; its life on a skin.

No postponed annotations here: one kernel is compiled.
"""

import math

import numpy as np
import pytest
import taichi as ti
from scipy import ndimage
from scipy.spatial import Delaunay

from bioart.forms import Grid
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.param import defaults_of, params_of
from bioart.world.growth import Tissue, _turing
from bioart.world.growth.coral import Coral
from bioart.world.growth.pattern import EVERY, FOLLOW, Pattern

GRID = Grid((36, 48, 36), (0.0, 0.0, 0.0), 4.0 / 96.0)


class Dish:
    """A flat box or a chain of cells, run by the very kernel that runs on the skin."""

    def __init__(self, memory, shape, periodic=True):  # type: ignore[no-untyped-def]
        self.shape, n = shape, math.prod(shape)
        place = np.arange(n).reshape(shape)
        near = []
        for axis in range(len(shape)):
            for way in (1, -1):
                there = np.roll(place, way, axis)
                if not periodic:
                    edge = [slice(None)] * len(shape)
                    edge[axis] = 0 if way == 1 else -1
                    there[tuple(edge)] = place[tuple(edge)]
                near.append(there.ravel())
        near += [place.ravel()] * (6 - len(near))

        def field(name, kind=ti.f32, size=n):  # type: ignore[no-untyped-def]
            return memory.field("dish", name, kind, (size,))

        self.near = field("near", ti.i32, 6 * n)
        self.near.from_numpy(np.stack(near, axis=1).ravel().astype(np.int32))
        self.now, self.after = (field("u"), field("v")), (field("u after"), field("v after"))
        self.even, self.n, self.moved = field("even"), n, 0.0

    def fill(self, u, v):  # type: ignore[no-untyped-def]
        for field, values in zip(self.now, (u, v), strict=True):
            field.from_numpy(np.broadcast_to(np.asarray(values, np.float32), self.shape).ravel().copy())

    def run(self, steps, feed, removal, du, dv, dt):  # type: ignore[no-untyped-def]
        for step in range(steps):
            if step == steps - 1:
                before = self.now[0].to_numpy()
            _turing.react(
                *self.now, *self.after, self.near, self.even, self.n, feed, removal, 0.0, du, dv, dt
            )
            self.now, self.after = self.after, self.now
        change = (self.now[0].to_numpy().astype(np.float64) - before) / dt
        self.moved = float(np.sqrt((change**2).mean()))

    @property
    def u(self):  # type: ignore[no-untyped-def]
        return self.now[0].to_numpy().reshape(self.shape)

    @property
    def v(self):  # type: ignore[no-untyped-def]
        return self.now[1].to_numpy().reshape(self.shape)


@pytest.fixture
def memory():  # type: ignore[no-untyped-def]
    compute.start("cpu", 2)
    made = Memory()
    yield made
    made.close()


# -- the reaction against what is known exactly --------------------------------------------------------------


@pytest.mark.parametrize(("feed", "removal"), [(0.04, 0.06), (0.025, 0.05), (0.04, 0.0594), (0.06, 0.058)])
def test_uniform_states_stay(memory, tell, feed, removal):  # type: ignore[no-untyped-def]
    """u = ½(1 ∓ √(1 − 4(F + k)²/F)), v = F(1 − u)/(F + k), and (1, 0): nothing moves there."""
    root = math.sqrt(max(1.0 - 4.0 * (feed + removal) ** 2 / feed, 0.0))
    dish = Dish(memory, (8, 8))
    worst = 0.0
    for u in (0.5 * (1.0 - root), 0.5 * (1.0 + root)):
        v = feed * (1.0 - u) / (feed + removal)
        dish.fill(u, v)
        dish.run(1, feed, removal, 0.16, 0.08, 1.0)
        worst = max(worst, float(np.abs(dish.u - u).max()), float(np.abs(dish.v - v).max()))
    assert worst < 3e-7
    dish.fill(1.0, 0.0)
    dish.run(50, feed, removal, 0.16, 0.08, 1.0)
    assert (dish.u == 1.0).all()
    assert (dish.v == 0.0).all()
    tell(f"F {feed}, k {removal}: the uniform states move {worst:.1e} in a step")


def test_the_known_number_of_a_uniform_state(memory):  # type: ignore[no-untyped-def]
    """At (0.025, 0.05): u 0.341886, v 0.219371. At (0.06, 0.058) a uniform dish comes to rest there."""
    root = math.sqrt(1.0 - 4.0 * 0.075**2 / 0.025)
    assert 0.5 * (1.0 - root) == pytest.approx(0.341886, abs=1e-6)
    assert 0.025 * 0.5 * (1.0 + root) / 0.075 == pytest.approx(0.219371, abs=1e-6)
    feed, removal = 0.06, 0.058
    u = 0.5 * (1.0 - math.sqrt(1.0 - 4.0 * (feed + removal) ** 2 / feed))
    dish = Dish(memory, (4, 4))
    dish.fill(u + 0.02, feed * (1.0 - u) / (feed + removal))
    dish.run(4000, feed, removal, 0.16, 0.08, 1.0)
    assert np.abs(dish.u - u).max() < 1e-5


def crossing(values, level):  # type: ignore[no-untyped-def]
    """Where a front that falls along the chain passes a level, in cells."""
    i = int(np.flatnonzero(values > level)[-1])
    return i + (values[i] - level) / (values[i] - values[i + 1])


@pytest.mark.parametrize("feed", [0.0, 0.05, 0.12])
def test_nagumo_front_runs_at_its_speed(memory, tell, feed):  # type: ignore[no-untyped-def]
    """With k = 0 and D_u = D_v, u + v stays 1 and v_t = Dv″ − v(v − v₁)(v − v₂), v₁,₂ = ½(1 ∓ √(1 − 4F)):
    Nagumo's equation with a = v₁/v₂, whose front runs at √(D/2)(v₂ − 2v₁)."""
    diffusivity, dt, cells = 6.0, 0.04, 500
    root = math.sqrt(1.0 - 4.0 * feed)
    low, high = 0.5 * (1.0 - root), 0.5 * (1.0 + root)
    dish = Dish(memory, (cells,), periodic=False)
    v = np.where(np.arange(cells) < 40, high, 0.0)
    dish.fill(1.0 - v, v)
    dish.run(2500, feed, 0.0, diffusivity, diffusivity, dt)
    first = crossing(dish.v, 0.5 * high)
    dish.run(2500, feed, 0.0, diffusivity, diffusivity, dt)
    speed = (crossing(dish.v, 0.5 * high) - first) / (2500 * dt)
    exact = math.sqrt(diffusivity / 2.0) * (high - 2.0 * low)
    tell(f"F {feed}, a {low / high:.3f}: front at {speed:.4f}, exact {exact:.4f} ({speed / exact - 1:+.2%})")
    assert np.abs(dish.u + dish.v - 1.0).max() < 1e-4
    assert speed == pytest.approx(exact, rel=0.02)


@ti.kernel
def fisher(c: ti.template(), after: ti.template(), near: ti.template(), r: ti.f32, d: ti.f32, dt: ti.f32):
    for n in c:
        after[n] = c[n] + dt * (d * _turing.laplacian(c, near, n) + r * c[n] * (1.0 - c[n]))


def test_fisher_front_runs_at_its_speed(memory, tell):  # type: ignore[no-untyped-def]
    """u_t = Du″ + ru(1 − u), spread by the pattern's own Laplacian: 2√(rD), less 3√(D/r)/(2t) while it is
    still young (Bramson 1983)."""
    r, d, dt, cells = 0.04, 4.0, 0.1, 2400
    dish = Dish(memory, (cells,), periodic=False)
    dish.fill(np.where(np.arange(cells) < 40, 1.0, 0.0), 0.0)
    now, after = dish.now[0], dish.after[0]
    at = []
    for steps in (10000, 10000):
        for _ in range(steps):
            fisher(now, after, dish.near, r, d, dt)
            now, after = after, now
        at.append(crossing(now.to_numpy(), 0.5))
    speed, exact = (at[1] - at[0]) / 1000.0, 2.0 * math.sqrt(r * d)
    young = exact - 1.5 * math.sqrt(d / r) * math.log(2.0) / 1000.0  # its mean from t = 1000 to 2000
    tell(f"front at {speed:.4f}, exact {exact:.4f} ({speed / exact - 1:+.2%}), young {young:.4f}")
    assert speed == pytest.approx(exact, rel=0.02)
    assert speed == pytest.approx(young, rel=0.005)


# -- classes -------------------------------------------------------------------------------------------------


def scattered(shape, seed):  # type: ignore[no-untyped-def]
    """Blank, but for a round spot on every 30 × 30 cells somewhere."""
    chance = np.random.default_rng(seed)
    u, v = np.ones(shape), np.zeros(shape)
    x, y = np.indices(shape)
    for _ in range(shape[0] * shape[1] // 900):
        cx, cy = chance.integers(0, shape[0]), chance.integers(0, shape[1])
        dx = (x - cx + shape[0] // 2) % shape[0] - shape[0] // 2
        dy = (y - cy + shape[1] // 2) % shape[1] - shape[1] // 2
        spot = dx**2 + dy**2 < chance.integers(3, 8) ** 2
        u[spot], v[spot] = 0.5, 0.25 + 0.05 * chance.random(spot.sum())
    return u, v


def pieces(mask):  # type: ignore[no-untyped-def]
    """Connected pieces in a periodic box: (labels from 1 on, how many)."""
    found, n = ndimage.label(mask)
    parent = np.arange(n + 1)
    for _ in range(4):
        for a, b in ((found[0], found[-1]), (found[:, 0], found[:, -1])):
            for p, q in zip(a, b, strict=True):
                if p and q:
                    low = min(parent[p], parent[q])
                    parent[parent == parent[p]] = low
                    parent[parent == parent[q]] = low
    kept, found = np.unique(parent[found], return_inverse=True)
    found = found.reshape(mask.shape)
    return found, len(kept) - 1


def euler(mask):  # type: ignore[no-untyped-def]
    """Pieces less holes, exact for cells as squares that meet edge to edge, in a periodic box."""
    right, down = np.roll(mask, 1, 0), np.roll(mask, 1, 1)
    corner = np.roll(right, 1, 1)
    return (
        int(mask.sum())
        - int((mask & right).sum() + (mask & down).sum())
        + int((mask & right & down & corner).sum())
    )


def six(labels, n):  # type: ignore[no-untyped-def]
    """The share of pieces that have six neighbours (Delaunay, of their middles, periodic)."""
    if n < 8:
        return 0.0
    size = np.array(labels.shape)
    middles = []
    for i in range(1, n + 1):
        at = np.argwhere(labels == i) / size
        middles.append(np.angle(np.exp(2j * np.pi * at).mean(axis=0)) / (2 * np.pi) % 1.0)
    around = [np.array(middles) + np.array([a, b]) for a in (0, -1, 1) for b in (0, -1, 1)]
    starts, _ = Delaunay(np.concatenate(around)).vertex_neighbor_vertices
    return float((np.diff(starts)[:n] == 6).mean())


def told(dish):  # type: ignore[no-untyped-def]
    """What class a dish shows, and its statistics: the share with v > 0.2, the Euler number of that, its
    pieces, the median of their areas, the largest one's share, holes, neighbours, RMS of u_t."""
    bright = dish.v > 0.2
    labels, n = pieces(bright)
    _, dark = pieces(~bright)
    area = np.bincount(labels.ravel(), minlength=n + 1)[1:]
    stats = {
        "bright": float(bright.mean()), "euler": euler(bright), "pieces": n,
        "area": float(np.median(area)) if n else 0.0,
        "largest": float(area.max() / bright.sum()) if n else 0.0,
        "dark": dark, "six": six(labels, n), "moved": dish.moved,
    }  # fmt: skip
    s = stats
    if s["moved"] > 1e-4:  # never at rest
        if s["bright"] > 0.55:
            return "smoke", s
        if s["largest"] > 0.25:
            return "zebra", s
        return ("cells" if s["pieces"] > 0.002 * bright.size else "waves"), s
    if s["euler"] < -10:
        return ("pores" if s["bright"] > 0.82 else "holes"), s
    if s["bright"] < 0.08:
        return "stars", s
    if s["area"] < 80:
        return "dots", s
    return ("brain" if s["dark"] > 4 else "worms"), s


def grown(memory, name, side, time, seed):  # type: ignore[no-untyped-def]
    dish = Dish(memory, (side, side))
    dish.fill(*scattered((side, side), seed))
    feed, removal = Pattern.named[name]["feed"], Pattern.named[name]["removal"]
    dish.run(time, feed, removal, 0.16, 0.08, 1.0)
    return dish


def test_two_classes_are_told_apart(memory, tell):  # type: ignore[no-untyped-def]
    """Dark spots in a bright skin, and bright ones in a dark skin: by the sign of the Euler number."""
    for name, sign in (("holes", -1), ("dots", 1)):
        _, stats = told(grown(memory, name, 80, 5000, 4))
        tell(f"{name}: {stats}")
        assert sign * stats["euler"] > 10
        assert (stats["bright"] > 0.5) == (name == "holes")


@pytest.mark.prove
@pytest.mark.parametrize(
    "name", ["smoke", "zebra", "cells", "dots", "holes", "pores", "stars", "brain", "worms"]
)
def test_each_class_looks_as_pearson_and_munafo_say(memory, tell, name):  # type: ignore[no-untyped-def]
    """At t = 2·10⁴ in a periodic box of 144²: β and ε and γ never rest; λ is at rest, hexagonal; ν keeps its
    count; δ and ι are dark spots; κ has closed loops and μ none."""
    dish = grown(memory, name, 144, 20000, 7)
    found, stats = told(dish)
    tell(f"{name}: {', '.join(f'{n} {v:.3g}' for n, v in stats.items())}")
    assert found == name
    if name == "dots":
        assert stats["six"] > 0.5
    if name == "stars":
        dish.run(5000, *Pattern.named[name].values(), 0.16, 0.08, 1.0)
        assert told(dish)[1]["pieces"] == stats["pieces"]


# -- on a skin -----------------------------------------------------------------------------------------------


def ball(radius, middle=(18.0, 24.0, 18.0)):  # type: ignore[no-untyped-def]
    x, y, z = np.indices(GRID.shape)
    d = np.sqrt((x - middle[0]) ** 2 + (y - middle[1]) ** 2 + (z - middle[2]) ** 2) - radius
    return np.clip(0.5 - d / 3.0, 0.0, 1.0).astype(np.float32)


@pytest.fixture
def pond(memory):  # type: ignore[no-untyped-def]
    tissue = Tissue(memory, GRID)
    tissue.solid.from_numpy(ball(12.0))
    return Pattern(memory, tissue, 3), tissue


def run(pattern, tissue, steps, **values):  # type: ignore[no-untyped-def]
    for k in range(steps):
        pattern.step(k, {**defaults_of(Pattern), **values}, tissue)


def skin_of(tissue):  # type: ignore[no-untyped-def]
    solid = tissue.solid.to_numpy()
    return (solid > _turing.OUTER) & (solid < _turing.INNER)


def test_it_lives_on_the_skin_and_nowhere_else(pond, tell):  # type: ignore[no-untyped-def]
    pattern, tissue = pond
    run(pattern, tissue, 400)
    shown, skin = tissue["pattern"].to_numpy(), skin_of(tissue)
    assert pattern.cells == skin.sum()
    assert (shown[~skin] == 0.0).all()
    assert shown[skin].std() > 0.15
    before = shown.copy()
    run(pattern, tissue, 120)
    change = np.abs(tissue["pattern"].to_numpy() - before)[skin].mean()
    tell(f"std on the skin {shown[skin].std():.3f}, change in 4 s {change:.4f}")
    assert change > 1e-3


def test_without_reaction_nothing_leaves_the_skin(pond):  # type: ignore[no-untyped-def]
    """What diffuses alone keeps its sum: no flux into the deep or the empty."""
    pattern, tissue = pond
    run(pattern, tissue, EVERY * FOLLOW)
    n, state = pattern.cells, pattern.state()
    u = state["u"].to_numpy()
    chance = np.random.default_rng(1)
    u[:n] = chance.random(n).astype(np.float32)
    state["u"].from_numpy(u)
    state["v"].fill(0.0)
    total = u[:n].astype(np.float64).sum()
    now, after = state["u"], pattern._after[0]
    for _ in range(400):
        _turing.react(
            now, state["v"], after, pattern._after[1], pattern._near, state["uneven"], n,
            0.0, 0.0, 0.0, 0.1, 0.05, 1.0,
        )  # fmt: skip
        now, after = after, now
    left = now.to_numpy()[:n].astype(np.float64)
    assert left.sum() == pytest.approx(total, rel=1e-5)
    assert left.std() < 0.3 * u[:n].std()


def test_new_skin_inherits_from_the_skin_beside_it(pond, tell):  # type: ignore[no-untyped-def]
    pattern, tissue = pond
    run(pattern, tissue, 320)
    before = tissue["pattern"].to_numpy()
    tissue.solid.from_numpy(ball(13.0))
    run(pattern, tissue, EVERY * FOLLOW, pace=0.0)
    after, skin = tissue["pattern"].to_numpy(), skin_of(tissue)
    new = skin & (before == 0.0)
    assert new.sum() > 500
    assert (after[~skin] == 0.0).all()
    beside = ndimage.uniform_filter(before, 3) / np.maximum(
        ndimage.uniform_filter((before > 0) * 1.0, 3), 1e-3
    )
    likeness = np.corrcoef(after[new], beside[new])[0, 1]
    tell(f"{new.sum()} new cells, like the skin beside them by r = {likeness:.3f}")
    assert likeness > 0.9


def test_blank_skin_is_sown_anew_and_what_fades_never_fades_for_good(pond):  # type: ignore[no-untyped-def]
    pattern, tissue = pond
    run(pattern, tissue, 160)
    state = pattern.state()
    state["v"].fill(0.0)
    run(pattern, tissue, 2 * EVERY * FOLLOW)
    assert tissue["pattern"].to_numpy().max() > 0.2
    for _ in range(6):  # a corner of the params in which nothing lives for long
        run(pattern, tissue, 60, feed=0.01, removal=0.07)
        assert tissue["pattern"].to_numpy().max() > 0.05


def test_no_corner_of_its_params_blows_it_out(pond):  # type: ignore[no-untyped-def]
    pattern, tissue = pond
    ends = params_of(Pattern)
    for feed in (ends["feed"].low, ends["feed"].high):
        for removal in (ends["removal"].low, ends["removal"].high):
            for size in (ends["size"].low, ends["size"].high):
                run(
                    pattern, tissue, 60, feed=feed, removal=removal, size=size,
                    pace=ends["pace"].high, variety=ends["variety"].high,
                )  # fmt: skip
                u, v = pattern.state()["u"].to_numpy(), pattern.state()["v"].to_numpy()
                assert u.min() >= 0.0
                assert u.max() <= 1.0
                assert v.min() >= 0.0
                assert v.max() < 1.0


def test_a_body_with_more_skin_than_room_goes_bare_and_no_further(memory):  # type: ignore[no-untyped-def]
    tissue = Tissue(memory, GRID)
    tissue.solid.fill(0.5)
    pattern = Pattern(memory, tissue, 3)
    run(pattern, tissue, 12)
    assert pattern.cells == pattern.room < math.prod(GRID.shape)
    shown = tissue["pattern"].to_numpy().ravel()
    assert (shown[pattern.room :] == 0.0).all()


def test_a_restored_pattern_is_seen_at_once(pond):  # type: ignore[no-untyped-def]
    pattern, tissue = pond
    run(pattern, tissue, 101)
    shown = tissue["pattern"].to_numpy()
    pattern.restore(pattern.scalars())
    assert np.array_equal(tissue["pattern"].to_numpy(), shown)


def test_every_name_stands_within_the_params(pond):  # type: ignore[no-untyped-def]
    params = params_of(Pattern)
    for values in Pattern.named.values():
        for short, value in values.items():
            assert params[short].check(value, short) == value


@pytest.mark.prove
def test_it_follows_a_coral_for_two_thousand_steps(memory, tell):  # type: ignore[no-untyped-def]
    grid = Grid((48, 72, 48), (0.0, 0.0, 0.0), 4.0 / 48.0)
    tissue = Tissue(memory, grid)
    coral, pattern = Coral(memory, tissue, 3), Pattern(memory, tissue, 5)
    coral.plant(tissue)
    cells = []
    for k in range(2000):
        tissue.settle()
        coral.step(k, defaults_of(Coral), tissue)
        pattern.step(k, defaults_of(Pattern) | {"size": 0.6}, tissue)
        cells.append(pattern.cells)
        if k == 1939:
            before = tissue["pattern"].to_numpy()
    shown, solid = tissue["pattern"].to_numpy(), tissue.solid.to_numpy()
    skin = (solid > 0.1) & (solid < 0.9)
    change = np.abs(shown - before)[skin].mean()
    tell(f"skin {cells[0]} → {cells[-1]} cells; std {shown[skin].std():.3f}, change in 2 s {change:.4f}")
    assert cells[-1] > 2 * cells[0]
    assert shown[skin].std() > 0.15
    assert change > 1e-3
    assert (shown[(solid == 0.0) | (solid == 1.0)] == 0.0).mean() > 0.999
