"""The coral: what it eats it becomes, it holds together, it branches, it stays in its box."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from scipy import ndimage

from bioart.forms import Grid
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.steering import Placement
from bioart.world import measure
from bioart.world.growth import Tissue
from bioart.world.growth.coral import CLOSE, FULL, ROOMY, Coral

GRID = Grid((48, 72, 48), (0.0, 0.0, 0.0), 4.0 / 96.0)
NEO = Grid((96, 144, 96), (-2.0, 0.0, -2.0), 4.0 / 96.0)


def seed(at: tuple[float, float, float], amount: float) -> Placement:
    return Placement("seed", at, amount, (1.0, 1.0, 1.0), "0" * 12)


class Reef:
    def __init__(self, grid: Grid = GRID, seed: int = 11, reserve: float = 0.5) -> None:
        compute.start("cpu", 2)
        self.memory, self.grid = Memory(), grid
        self.tissue = Tissue(self.memory, grid)
        self.tissue.reserve = reserve
        self.coral = Coral(self.memory, self.tissue, seed)
        self.coral.plant(self.tissue)
        self.k = 0

    def grow(self, steps: int, **values: float) -> float:
        """Grow; what of the reserve it took."""
        eaten = 0.0
        for _ in range(steps):
            self.tissue.eaten = 0.0
            self.coral.step(self.k, {**defaults_of(Coral), **values}, self.tissue)
            self.k += 1
            eaten += self.tissue.eaten
        return eaten

    @property
    def solid(self) -> np.ndarray:  # type: ignore[type-arg]
        return self.tissue.solid.to_numpy()

    @property
    def food(self) -> float:
        return float(self.coral.state()["food"].to_numpy().sum(dtype=np.float64)) * 8.0


@pytest.fixture
def reef():  # type: ignore[no-untyped-def]
    made: list[Reef] = []

    def make(*a, **k):  # type: ignore[no-untyped-def]
        made.append(Reef(*a, **k))
        return made[-1]

    yield make
    for one in made:
        one.memory.close()


def test_what_is_eaten_is_what_has_grown(reef):  # type: ignore[no-untyped-def]
    one = reef()
    one.grow(10, feed=0.0, girth=0.0)
    food, body = one.food, one.solid.sum(dtype=np.float64)
    eaten = one.grow(60, feed=0.0, girth=0.0, hunger=12.0)
    grown = one.solid.sum(dtype=np.float64) - body
    assert grown > 50.0
    assert food - one.food == pytest.approx(12.0 * grown, rel=2e-3)
    assert eaten == pytest.approx(grown * GRID.cell**3 / FULL, rel=1e-3)


def test_food_that_nobody_eats_stays(reef):  # type: ignore[no-untyped-def]
    one = reef()
    food = one.food
    before = one.coral.state()["food"].to_numpy()
    for _ in range(40):
        one.coral._feed({**defaults_of(Coral), "feed": 0.0}, one.tissue)
    assert one.food == pytest.approx(food, rel=1e-5)
    assert one.coral.state()["food"].to_numpy().std() < before.std()


def test_sea_brings_only_what_the_reserve_sustains(reef):  # type: ignore[no-untyped-def]
    poor, rich = reef(reserve=0.0), reef(reserve=1.0)
    for one in (poor, rich):
        one.coral.state()["food"].fill(0.0)
        one.grow(60, feed=0.3)
    assert poor.food <= 0.0
    assert rich.food > 1000.0


def test_without_food_and_stores_it_stands_still(reef):  # type: ignore[no-untyped-def]
    one = reef(reserve=0.0)
    one.grow(20)
    one.coral.state()["food"].fill(0.0)
    one.grow(8)  # distances settle
    body = one.solid
    eaten = one.grow(40)
    assert eaten < 1e-4
    assert np.abs(one.solid - body).max() < 0.02


def test_one_piece_smooth_away_from_the_walls(reef):  # type: ignore[no-untyped-def]
    one = reef()
    tall = []
    for _ in range(4):
        one.grow(60)
        body = one.solid > 0.5
        assert ndimage.label(body)[1] == 1
        assert ndimage.label(one.solid > 0.05)[1] == 1
        tall.append(np.flatnonzero(body.any(axis=(0, 2))).max())
    assert tall[-1] > tall[0] + 6
    assert body[:, 0].any(), "it stands on the floor"
    shell = np.ones(GRID.shape, bool)
    shell[3:-3, :-3, 3:-3] = False
    assert not body[shell].any()
    # The skin is a ramp of about three cells: its slope there is that of a distance.
    away = one.coral.state()["away"].to_numpy()
    slope = np.sqrt(sum(g**2 for g in np.gradient(away)))[np.abs(away) < 1.0]
    assert 0.85 < np.median(slope) < 1.15
    steps = np.abs(np.diff(one.solid, axis=1))
    assert np.percentile(steps[steps > 0.05], 99) < 0.65


def test_a_short_sea_makes_it_branch(reef):  # type: ignore[no-untyped-def]
    one = reef()
    before = measure.surface(one.tissue.solid, GRID) / measure.volume(one.tissue.solid, GRID)
    one.grow(240)
    body = one.solid > 0.5
    assert max(ndimage.label(body[:, j])[1] for j in range(GRID.shape[1])) >= 5
    after = measure.surface(one.tissue.solid, GRID) / measure.volume(one.tissue.solid, GRID)
    volume = measure.volume(one.tissue.solid, GRID)
    ball = (36.0 * np.pi) ** (1 / 3) * volume ** (-1 / 3)
    assert after > 2.0 * ball
    assert after > 0.75 * before  # as slender as its first twigs, at many times their mass


def test_age_counts_show_seconds_of_what_is_body(reef):  # type: ignore[no-untyped-def]
    one = reef()
    one.grow(90)
    age, body = one.tissue.age.to_numpy(), one.solid > 0.5
    assert age.max() == pytest.approx(3.0, abs=0.07)
    assert (age[one.solid < 0.3] == 0.0).all()
    assert (age[body] > 0.0).mean() > 0.97


@pytest.mark.parametrize("at", [(0.9, 0.2, 0.5), (0.5, 0.05, 0.5), (0.0, 1.0, 1.0)])
def test_a_seed_buds_where_it_meets_the_body(reef, at):  # type: ignore[no-untyped-def]
    sown, bare = reef(), reef()
    for one in (sown, bare):
        one.grow(40)
    skin = np.argwhere((sown.solid > 0.5) & (sown.solid < 0.99))
    place = np.array(at) * GRID.shape - 0.5
    nearest = skin[((skin - place) ** 2).sum(axis=1).argmin()]
    sown.coral.place(0, seed(at, 1.0))
    for one in (sown, bare):
        one.grow(2)
    more = (sown.solid > 0.5) & (bare.solid <= 0.5)
    assert more.sum() > 20
    assert np.linalg.norm(np.argwhere(more) - nearest, axis=1).max() < 22.0  # the twig, and limbs in its meal
    for one in (sown, bare):
        one.grow(60)
        assert ndimage.label(one.solid > 0.5)[1] == 1
    assert sown.solid.sum() > bare.solid.sum() + more.sum()


def test_seeds_beyond_the_bed_are_dropped_not_an_error(reef):  # type: ignore[no-untyped-def]
    one = reef()
    for n in range(40):
        one.coral.place(0, seed((n / 40.0, 0.5, 0.5), 0.3))
    one.grow(20)
    assert ndimage.label(one.solid > 0.5)[1] == 1
    assert int(one.coral.state()["count"][0]) == 0


@pytest.mark.prove
@pytest.mark.parametrize("seed", [1, 7, 11])
def test_grown_at_full_size_it_is_tall_slender_and_goes_on(seed):  # type: ignore[no-untyped-def]
    one = Reef(NEO, seed)
    one.grow(500)
    body = one.solid > 0.5
    assert ndimage.label(body)[1] == 1
    assert 0.62 < np.flatnonzero(body.any(axis=(0, 2))).max() / NEO.shape[1] < 0.92
    assert 0.01 < body.mean() < 0.045
    assert 1.9 < measure.box_dimension(one.solid) < 2.6
    at = [measure.volume(one.tissue.solid, NEO)]
    for reserve in (0.2, 0.5, 0.9):
        one.tissue.reserve = reserve
        one.grow(500)
        at.append(measure.volume(one.tissue.solid, NEO))
    assert all(b > a * 1.01 for a, b in pairwise(at))
    assert (one.solid > 0.5).mean() < 0.09
    one.memory.close()


def test_it_leaves_its_box_room(reef):  # type: ignore[no-untyped-def]
    def grown(filled: float) -> float:
        one = reef()
        one.tissue.filled = filled
        before = measure.volume(one.tissue.solid, GRID)
        one.coral.place(0, seed((0.5, 0.4, 0.5), 1.0))
        one.grow(60)
        return measure.volume(one.tissue.solid, GRID) - before

    free, half, none = grown(ROOMY), grown(0.5 * (ROOMY + CLOSE)), grown(CLOSE)
    assert free == grown(0.0)
    assert 0.2 * free < half < 0.95 * free
    assert abs(none) < 0.01 * free
