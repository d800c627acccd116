"""Implants: bounded, each does what it says, is seen, and fades rather than vanishes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import taichi as ti

from bioart.camera import looking
from bioart.forms import Curves, Grid, Points
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.preset.catalogue import catalogue
from bioart.steering import Does, Placement, Steering, Zone
from bioart.world.body import MOUTHS
from bioart.world.implants import FALL, LIVING, RISE, SLOTS, Implants
from bioart.world.metabolism import Metabolism
from bioart.world.plan import GrowthPlan, WorldPlan
from bioart.world.world import World

AIR = Grid((24, 30, 24), (-3.0, 0.0, -3.0), 0.25)
BOX = Grid((48, 72, 48), (-2.0, 0.0, -2.0), 6 / 72)
P = defaults_of(Implants)


@pytest.fixture
def garden() -> Iterator[tuple[Implants, Any]]:
    compute.start("cpu", 2)
    memory = Memory()
    boost = memory.field("body", "boost", ti.f32, AIR.shape)
    boost.fill(1.0)
    yield Implants(memory, AIR, BOX), boost
    memory.close()


def given(does: Does = "filter", at=(0.5, 0.5, 0.5), amount: float = 1.0, token: int = 10) -> Placement:  # type: ignore[no-untyped-def]
    return Placement("implant", at, amount, (1.0, 0.4, 0.1), f"{token:012x}", does=does)


def run(implants: Implants, boost: Any, first: int, last: int, **p: float) -> None:
    for k in range(first, last):
        implants.step(k, P | p, boost)


def test_a_filter_raises_the_capture_round_it_by_a_smooth_kernel(garden: tuple[Implants, Any]) -> None:
    implants, boost = garden
    for token, at in enumerate([(0.5, 0.5, 0.5), (0.6, 0.55, 0.5)]):
        implants.place(0, given(at=at, token=token))
    run(implants, boost, 0, 60)
    got = boost.to_numpy()
    centre = [np.array(AIR.origin)[d] + (np.arange(AIR.shape[d]) + 0.5) * AIR.cell for d in range(3)]
    x, y, z = np.meshgrid(*centre, indexing="ij")
    want = np.ones(AIR.shape)
    for u, v, w in [(0.5, 0.5, 0.5), (0.6, 0.55, 0.5)]:
        d2 = (x - (-2 + 4 * u)) ** 2 + (y - 6 * v) ** 2 + (z - (-2 + 4 * w)) ** 2
        want += P["filter"] * np.maximum(1 - d2 / P["reach"] ** 2, 0) ** 2
    assert got == pytest.approx(want, abs=2e-5)
    assert got.max() > 3
    assert got.min() == 1.0


def test_decomposers_quicken_and_steadiers_calm_within_bounds(garden: tuple[Implants, Any]) -> None:
    implants, boost = garden
    implants.place(0, given("decompose"))
    implants.place(0, given("steady"))
    run(implants, boost, 0, 60)
    assert implants.decomposing == (), "there is no pod"
    assert implants.calm == pytest.approx(P["steady"])
    assert boost.to_numpy().max() == 1.0, "neither of them filters"
    for n in range(30):
        implants.place(60, given("steady", token=n))
    run(implants, boost, 60, 120)
    assert 0.99 < implants.calm <= 1.0


def test_a_decomposer_quickens_the_pods_within_its_reach(garden: tuple[Implants, Any]) -> None:
    _, boost = garden
    zones = [Zone("near", (0.25, 0.5), 0.1, 900), Zone("far", (0.95, 0.5), 0.05, 900)]
    memory = Memory()
    implants = Implants(memory, AIR, BOX, None, zones)
    implants.place(0, given("decompose", at=(0.3, 0.4, 0.5)))
    run(implants, boost, 0, 60)
    # the implant stands at x = −0.8 m, the near pod's middle at −1.5 with a rim of 0.6, the far one's at 2.7
    away = 0.1 / P["ground"]
    assert implants.decomposing == (pytest.approx(P["decompose"] * (1 - away**2) ** 2), 0.0)
    pods = Metabolism({z.name: z for z in zones}, AIR)
    alone = Metabolism({z.name: z for z in zones}, AIR)
    for k in range(200):
        pods.step(k, defaults_of(Metabolism), 0.0, 0.0, decomposing=implants.decomposing)
        alone.step(k, defaults_of(Metabolism), 0.0, 0.0)
        if k == 0:
            first = pods.decomposed - alone.decomposed
            assert pods.quickened == pytest.approx(first), "what is told is what the twin lacks"
    assert 0.0 < pods.quickened < pods.decomposed
    assert alone.quickened == 0.0
    memory.close()


def test_what_filters_add_is_told_as_measured(tell: Callable[[str], None]) -> None:
    """Two worlds that differ in filters alone: what one delivers more is what its implants are told to."""
    values = {n: p.default for n, p in catalogue(["coral"], "specimen").items()}
    plan = WorldPlan(
        (2.4, 3.0, 2.4), (16, 20, 16), (1.8, 2.4, 1.8), 2, (GrowthPlan("coral", {}),), max_speed=2.5
    )
    rows = []
    for filters in (0, 6):
        world = World(plan, {}, 3)
        given_ = [given(at=(0.5, 0.1 + 0.1 * n, 0.5), token=n) for n in range(filters)]
        mouths = [given(at=at, token=50 + n) for n, at in enumerate(MOUTHS[:3])] if filters else []
        lived = [
            world.step(k, Steering(values, tuple(given_ + mouths) if k == 20 else ())) for k in range(170)
        ]
        rows.append(lived[-60:])
        assert all(r.helped == 0.0 for r in lived[:20])
        world.close()
    more = np.mean([b.delivered - a.delivered for a, b in zip(*rows, strict=True)])
    told = np.mean([r.helped for r in rows[1]])
    tell(f"filters deliver {more:.1f} m³/h more than a world without them, and are told to add {told:.1f}")
    assert told > 1.0
    assert told == pytest.approx(more, rel=0.15)


def test_it_comes_up_and_fades_over_time(garden: tuple[Implants, Any]) -> None:
    implants, boost = garden
    implants.place(0, given())
    before, lights = 0.0, []
    for k in range(int(30 * (12 + RISE + FALL))):
        implants.step(k, P | {"life": 10.0}, boost)
        glow = float(implants.points(k).glow.max(initial=0.0))
        assert abs(glow - before) < 0.25, "no jump that a guard would have to catch"
        before = glow
        lights.append(glow)
    assert max(lights) > 1.5
    assert lights[-1] == 0.0
    assert boost.to_numpy().max() == 1.0, "what is gone no longer filters"


def test_beyond_the_bound_the_oldest_fade_away(garden: tuple[Implants, Any]) -> None:
    implants, boost = garden
    for n in range(LIVING + 5):
        implants.place(n, given(token=n))
        implants.step(n, P, boost)
    run(implants, boost, LIVING + 5, LIVING + 5 + int(30 * FALL) + 2)
    kept = implants.state()["implants"]
    assert len(kept) == LIVING
    assert list(kept[:, 0]) == list(range(5, LIVING + 5))
    for n in range(500):
        implants.place(300, given(token=n))
    assert len(implants.state()["implants"]) == SLOTS
    run(implants, boost, 300, 302)
    assert len(implants.points(301).glow) % SLOTS == 0


def test_places_outside_the_box_and_amounts_beyond_one_are_clamped(garden: tuple[Implants, Any]) -> None:
    implants, boost = garden
    implants.place(0, given(at=(-5.0, 2.0, 0.5), amount=50.0))
    run(implants, boost, 0, 60)
    gem = implants.points(60).at[0]
    assert gem == pytest.approx([-2.0, 6.0, 0.0], abs=1e-5)
    assert boost.to_numpy().max() <= 1 + P["filter"]


def test_a_state_restored_goes_on_bit_for_bit(garden: tuple[Implants, Any]) -> None:
    implants, boost = garden
    for n, does in enumerate(("filter", "decompose", "steady", "filter")):
        implants.place(n, given(does, at=(0.2 * n, 0.3, 0.7), token=n * 977))  # type: ignore[arg-type]
    run(implants, boost, 0, 20)
    memory = Memory()
    again = memory.field("body", "boost", ti.f32, AIR.shape)
    other = Implants(memory, AIR, BOX)
    other.restore({name: value.copy() for name, value in implants.state().items()})
    for k in range(20, 50):
        implants.step(k, P, boost)
        other.step(k, P, again)
    assert boost.to_numpy().tobytes() == again.to_numpy().tobytes()
    for name, value in implants.state().items():
        assert value.tobytes() == other.state()[name].tobytes(), name
    assert implants.points(50).glow.tobytes() == other.points(50).glow.tobytes()
    assert implants.curves(50).at.tobytes() == other.curves(50).at.tobytes()
    assert (implants.decomposing, implants.calm) == (other.decomposing, other.calm)
    memory.close()


def test_each_kind_has_its_own_shape_and_the_givers_colour(garden: tuple[Implants, Any]) -> None:
    implants, boost = garden
    for does in ("filter", "decompose", "steady"):
        implants.place(0, given(does))  # type: ignore[arg-type]
    run(implants, boost, 0, 60)
    drawn = implants.curves(60)
    shapes = drawn.at.reshape(3, -1, 3)
    assert len({np.round(s - s.mean(0), 3).tobytes() for s in shapes}) == 3
    assert (drawn.tint[:, 0] > drawn.tint[:, 1]).sum() >= 8, "the giver's orange leads"
    assert len(set(drawn.key.tolist())) == len(drawn.key)
    assert len(set(implants.points(60).key.tolist())) == len(implants.points(60).key)


def test_ten_cover_half_a_percent_of_a_small_picture(garden: tuple[Implants, Any]) -> None:
    implants, boost = garden
    chance = np.random.default_rng(5)
    for n in range(10):
        at = tuple(float(v) for v in chance.uniform(0.05, 0.95, 3))
        implants.place(0, given(("filter", "decompose", "steady")[n % 3], at=at, token=n * 7919))  # type: ignore[arg-type]
    run(implants, boost, 0, 60)
    share = _covered(implants.points(60), implants.curves(60)).mean()
    assert share > 0.005, f"{share:.2%} of the pixels"


def _covered(points: Points, curves: Curves, width: int = 640, height: int = 360) -> np.ndarray:
    """Pixels on which any of it lies (a halo within its radius, where its
    light is still a tenth), the box's height taking 65 % of the picture's."""
    camera = looking((0.0, 3.0, 0.0), 0.4, 0.1, 6 / 0.65 / 2 / math.tan(0.3), 0.6, width / height)
    turn = camera.projection() @ camera.view()
    hit = np.zeros((height, width), bool)
    row, col = np.mgrid[0:height, 0:width]
    at = np.concatenate(
        [
            points.at,
            *(_between(curves.at[a:b]) for a, b in zip(curves.starts, curves.starts[1:], strict=False)),
        ]
    )
    radius = np.concatenate(
        [points.radius, np.full(len(at) - len(points.radius), float(curves.radius.max()))]
    )
    clip = np.c_[at, np.ones(len(at))] @ turn.T
    x = (clip[:, 0] / clip[:, 3] * 0.5 + 0.5) * width
    y = (0.5 - clip[:, 1] / clip[:, 3] * 0.5) * height
    size = np.maximum(radius * height / (6 / 0.65), 0.5)
    for u, v, r in zip(x, y, size, strict=True):
        if r > 0:
            a, b, c, d = int(v - r), int(v + r) + 2, int(u - r), int(u + r) + 2
            near = (row[a:b, c:d] + 0.5 - v) ** 2 + (col[a:b, c:d] + 0.5 - u) ** 2 <= r * r
            hit[a:b, c:d] |= near
    return hit


def _between(at: np.ndarray) -> np.ndarray:
    share = np.linspace(0, 1, 6)[None, :, None]
    return (at[:-1, None] + (at[1:, None] - at[:-1, None]) * share).reshape(-1, 3)
