"""The garden: a low bed, of which some rots and the rest stays, and shoots that come up from it."""

from __future__ import annotations

import numpy as np
import pytest

from bioart.forms import Grid
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.steering import Placement
from bioart.world.growth import Tissue
from bioart.world.growth.garden import BENDS, SHOOTS, TOKEN, Garden

GRID = Grid((72, 60, 60), (-1.5, 0.0, -1.25), 0.5 / 12)


class Bed:
    def __init__(self, rotting: bool = False) -> None:
        compute.start("cpu", 2)
        self.memory, self.k = Memory(), 0
        self.tissue = Tissue(self.memory, GRID)
        if rotting:
            self.tissue["matter"].fill(0.0)
        self.garden = Garden(self.memory, self.tissue, 3)
        self.garden.plant(self.tissue)

    def run(self, steps: int, **values: float) -> Bed:
        for _ in range(steps):
            self.garden.step(self.k, {**defaults_of(Garden), **values}, self.tissue)
            self.k += 1
        return self

    def shoots(self) -> list[np.ndarray]:  # type: ignore[type-arg]
        curves = self.garden.forms(self.k).curves
        return [] if not curves else list(curves[0].at.reshape(-1, BENDS, 3))


@pytest.fixture
def bed():  # type: ignore[no-untyped-def]
    made: list[Bed] = []

    def make(rotting: bool = False) -> Bed:
        made.append(Bed(rotting))
        return made[-1]

    yield make
    for one in made:
        one.memory.close()


def test_the_bed_is_low_and_all_earth(bed) -> None:  # type: ignore[no-untyped-def]
    tissue = bed().tissue
    solid, soil = tissue.solid.to_numpy(), tissue["soil"].to_numpy()
    high = np.nonzero(solid.max(axis=(0, 2)) > 0.5)[0].max() + 1
    assert 3 <= high < 0.3 * GRID.shape[1]
    assert np.array_equal(solid, soil)
    assert solid[:2].max() == solid[:, :, -2:].max() == 0.0


def test_where_something_lets_it_rot_most_lumps_are_matter(bed) -> None:  # type: ignore[no-untyped-def]
    still, rotting = bed(), bed(rotting=True)
    lumps, stays = rotting.tissue["matter"].to_numpy(), rotting.tissue.solid.to_numpy()
    whole = still.tissue.solid.to_numpy()
    assert lumps.sum() > 0.1 * whole.sum()
    assert stays.sum() < whole.sum()
    assert np.allclose(np.maximum(stays, lumps / 0.9), whole, atol=1e-6)


def test_shoots_come_up_one_by_one_and_unroll(bed) -> None:  # type: ignore[no-untyped-def]
    one = bed()
    counts, heights = [], []
    for _ in range(4):
        one.run(75, pace=0.05, shoots=100.0, sway=0.0)
        shoots = one.shoots()
        counts.append(len(shoots))
        heights.append(float(max(s[:, 1].max() - s[0, 1] for s in shoots)))
    assert 0 < counts[0] < counts[1] < counts[3] == 100
    assert heights[3] > 1.5 * heights[0]
    one.run(300, pace=0.2, shoots=100.0, sway=0.0)  # until all have grown: they unroll as they do
    turns = []
    for unrolled in (0.0, 1.0):
        one.run(3, pace=0.1, shoots=100.0, sway=0.0, unrolled=unrolled)
        way = np.diff(np.array(one.shoots()), axis=1)
        way /= np.linalg.norm(way, axis=2, keepdims=True)
        turns.append(float((way[:, 0] * way[:, -1]).sum(axis=1).mean()))
    assert turns[1] > 0.8 > turns[0]


def test_what_somebody_lays_down_comes_up_in_their_colour(bed) -> None:  # type: ignore[no-untyped-def]
    one = bed()
    tint = (0.9, 0.2, 0.4)
    one.garden.place(0, Placement("matter", (0.3, 0.0, 0.6), 0.5, tint, "00000000beef", "organic"))
    one.garden.place(0, Placement("thread", (0.3, 0.0, 0.6), 0.5, tint, "00000000beef", "organic"))
    one.run(120, shoots=0.0, pace=0.2)
    curves = one.garden.forms(one.k).curves[0]
    assert len(curves.starts) == 2
    assert np.allclose(curves.tint[0], tint)
    root = (curves.at[0] - GRID.origin) / GRID.size
    assert root[[0, 2]] == pytest.approx((0.3, 0.6), abs=1e-5)
    assert int(one.garden.state()["givers"].to_numpy()[SHOOTS] - 1) & TOKEN == 0xBEEF


def test_the_wind_bends_them(bed) -> None:  # type: ignore[no-untyped-def]
    calm, blown = bed(), bed()
    blown.tissue.wind = 1.0
    for one in (calm, blown):
        one.run(240, pace=0.2, unrolled=1.0, sway=1.0)
    high = [np.mean([s[:, 1].max() - s[0, 1] for s in one.shoots()]) for one in (calm, blown)]
    assert high[1] < 0.95 * high[0]
