"""A storm breaks what stands thin in the wind, in one piece; it heals, faster where people helped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import taichi as ti
from scipy import ndimage

from bioart.forms import Grid
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.steering import Placement
from bioart.world import measure
from bioart.world.care import Care
from bioart.world.growth import Ambient, Tissue
from bioart.world.growth.coral import Coral

GRID = Grid((48, 72, 48), (0.0, 0.0, 0.0), 4.0 / 96.0)
GROWN = 300  # steps: it has limbs by then


class Reef:
    """A coral in wind that blows alike everywhere, and care as it is given."""

    def __init__(self) -> None:
        compute.start("cpu", 2)
        self.memory = Memory()
        cells = tuple(n // 2 for n in GRID.shape)
        self.air = [self.memory.field("test", name, ti.f32, cells) for name in ("x", "y", "z", "smog")]
        self.tissue = Tissue(self.memory, GRID, Ambient(*self.air, (0, 0, 0), 2))
        self.care = Care(self.memory, GRID, self.tissue)
        self.coral = Coral(self.memory, self.tissue, 11)
        self.coral.plant(self.tissue)
        self.tissue.reserve, self.k = 0.6, 0

    def live(self, steps: int, wind: float = 0.4, **values: float) -> Reef:
        self.air[0].fill(wind)
        self.tissue.wind = wind
        for _ in range(steps):
            self.tissue.settle()
            self.coral.step(self.k, {**defaults_of(Coral), **values}, self.tissue)
            self.k += 1
        return self

    @property
    def volume(self) -> float:
        return measure.volume(self.tissue.solid, GRID)

    @property
    def pieces(self) -> tuple[int, int]:
        """By faces, of what is more than half body and of what is any."""
        solid = self.tissue.solid.to_numpy()
        return ndimage.label(solid > 0.5)[1], ndimage.label(solid > 0.05)[1]

    def state(self) -> dict[str, np.ndarray[Any, Any]]:
        shared = {"solid": self.tissue.solid, "age": self.tissue.age}
        return {n: f.to_numpy() for n, f in {**self.coral.state(), **shared}.items()}

    def restore(self, kept: dict[str, np.ndarray[Any, Any]], k: int) -> Reef:
        shared = {"solid": self.tissue.solid, "age": self.tissue.age}
        for name, field in {**self.coral.state(), **shared}.items():
            field.from_numpy(kept[name])
        self.k = k
        return self


@pytest.fixture(scope="module")
def grown() -> Iterator[tuple[Reef, dict[str, np.ndarray[Any, Any]]]]:
    reef = Reef().live(GROWN)
    yield reef, reef.state()
    reef.memory.close()


@pytest.fixture
def reef(grown: tuple[Reef, dict[str, np.ndarray[Any, Any]]]) -> Reef:
    one, kept = grown
    one.tissue["care"].fill(0.0)
    return one.restore(kept, GROWN)


def test_what_wind_it_stands_breaks_nothing(reef: Reef) -> None:
    before = reef.volume
    reef.live(60, wind=0.9)
    assert reef.coral.wounds() == (0.0, 0.0)
    assert reef.volume > before


def test_a_storm_takes_a_share_and_leaves_one_piece(reef: Reef, tell: Callable[[str], None]) -> None:
    before, pieces = reef.volume, 1
    for _ in range(12):
        reef.live(15, wind=1.7, feed=0.0, girth=0.0, healing=0.0)
        pieces = max(pieces, reef.pieces[0])
    broken, mended = reef.coral.wounds()
    tell(f"6 s of 1.7 m/s took {1 - reef.volume / before:.1%}; pieces at most {pieces}")
    assert pieces == 1
    assert 0.05 < 1.0 - reef.volume / before < 0.4
    assert mended == 0.0
    assert before - reef.volume == pytest.approx(broken, rel=0.1), "what is booked is what is gone"
    age, solid = reef.tissue.age.to_numpy(), reef.tissue.solid.to_numpy()
    assert (age[solid < 0.3] == 0.0).all()
    assert reef.tissue.solid.to_numpy()[:, 0].any(), "it stands on the floor"


def test_a_stronger_storm_takes_more_and_care_keeps(reef: Reef, grown: Any) -> None:
    left = []
    for wind, care in ((1.2, 0.0), (1.8, 0.0), (1.8, 1.0)):
        reef.restore(grown[1], GROWN).tissue["care"].fill(care)
        left.append(reef.live(60, wind=wind, healing=0.0).volume)
    assert min(left[0], left[2]) > left[1]


def test_it_heals_and_sooner_where_people_helped(reef: Reef, grown: Any, tell: Callable[[str], None]) -> None:
    before = reef.volume
    hurt = reef.live(180, wind=1.7).state()
    took = []
    for care in (0.0, 1.0):
        reef.restore(hurt, reef.k).tissue["care"].fill(care)
        start, steps = reef.coral.wounds()[1], 0
        while reef.volume < 0.95 * before and steps < 1500:
            reef.live(15, feed=0.0, girth=0.0)
            steps += 15
        took.append(steps)
        assert reef.volume >= 0.95 * before
        assert reef.coral.wounds()[1] > start
        assert reef.pieces == (1, 1)
    tell(f"back within 5 % after {took[0] / 30:.1f} s, where people helped after {took[1] / 30:.1f} s")
    assert took[1] < 0.6 * took[0]


def test_healing_costs_the_reserve_and_an_empty_one_heals_nothing(reef: Reef) -> None:
    hurt = reef.live(120, wind=1.7).state()
    k, mended = reef.k, reef.coral.wounds()[1]
    reef.tissue.reserve = 0.0
    reef.live(20)
    assert reef.coral.wounds()[1] == mended
    reef.restore(hurt, k).tissue.reserve = 0.6
    reef.live(2, feed=0.0, girth=0.0, pace=0.5)
    healed = reef.coral.wounds()[1] - mended
    assert healed > 0.0


def test_what_breaks_off_falls_where_matter_is_kept(reef: Reef) -> None:
    matter = reef.tissue["matter"]  # as a growth that decays would have asked for it
    matter.fill(0.0)
    before = reef.coral.wounds()[0]
    reef.live(60, wind=1.7, healing=0.0)
    fallen = matter.to_numpy()
    broken = (reef.coral.wounds()[0] - before) / GRID.cell**3
    assert fallen.sum(dtype=np.float64) == pytest.approx(broken, rel=0.02)
    assert fallen.max() <= 1.0
    height = (fallen * (np.arange(72)[None, :, None])).sum() / fallen.sum()
    assert height < 30.0, "below where it broke"
    reef.tissue._fields.pop("matter")


def test_care_is_laid_held_and_fades(reef: Reef) -> None:
    care, p = reef.tissue["care"], defaults_of(Care)
    banner = Placement("banner", (0.5, 0.5, 0.5), 1.0, (1.0, 1.0, 1.0), "0" * 12, words="stay")
    reef.care.step(1, p, (banner,), ())
    first = care.to_numpy()
    assert 0.65 < first.max() <= 0.7
    wide = (first > 0.0).any(axis=(1, 2)).sum() * GRID.cell
    assert wide == pytest.approx(2.0 * p["reach"], abs=3 * GRID.cell)
    for k in range(2, 2 + round(30 * p["lasting"])):
        reef.care.step(k, p, (), ((0.5, 0.3, 0.5, 1.0),) if k > 1000 else ())
    later = care.to_numpy()
    i, j, k = np.unravel_index(first.argmax(), first.shape)
    assert later[i, j, k] == pytest.approx(first.max() / np.e, rel=0.02)
    assert later[11, 6, 11] > 0.95, "an implant that steadies holds it"
    assert later.max() <= 1.0
