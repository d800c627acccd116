"""Pods that stand: their level is their load, what runs over is outside, what lies on the ground is seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import taichi as ti

from bioart.clock import RATE
from bioart.forms import Grid
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.world.growth import Ambient, Pod, Tissue
from bioart.world.growth.pods import Pods

CELL = 0.04
GRID = Grid((48, 40, 48), (-24 * CELL, 0.0, -24 * CELL), CELL)
POD = Pod((0.0, 0.0), 0.5, 3.0, 0.0, 0.0)


class Yard:
    """One growth `pods`, told each step what stands there."""

    def __init__(self) -> None:
        compute.start("cpu", 2)
        self.memory = Memory()
        shape = (16, 14, 16)
        air = {name: self.memory.field("yard", name, ti.f32, shape) for name in ("x", "y", "z", "smog")}
        self.tissue = Tissue(self.memory, GRID, Ambient(**air, corner=(0, 0, 0), finer=3))
        self.tissue.film = np.zeros((16, 16))
        self.life = Pods(self.memory, self.tissue, 3)
        self.k = 0

    def run(self, *pods: Pod, seconds: float = 5.0, **values: float) -> tuple[np.ndarray, np.ndarray]:
        """Solid and tip once the pods have stood so for some seconds."""
        self.tissue.pods = pods
        for _ in range(int(seconds * RATE)):
            self.life.step(self.k, defaults_of(Pods) | values, self.tissue)
            self.k += 1
        return self.tissue.solid.to_numpy(), self.tissue["tip"].to_numpy()


@pytest.fixture
def yard():  # type: ignore[no-untyped-def]
    made = Yard()
    yield made
    made.memory.close()


def test_the_level_stands_where_the_load_is(yard: Yard) -> None:
    """Cells that shine inside reach so high, of the vessel's height."""
    solid, _ = yard.run(POD, lean=0.0)
    tall = int(np.flatnonzero((solid > 0.5).any(axis=(0, 2)))[-1])
    for load in (0.3, 0.6, 0.9):
        _, tip = yard.run(replace(POD, load=load), lean=0.0)
        level = int(np.flatnonzero((tip > 0.3).any(axis=(0, 2)))[-1])
        assert level / tall == pytest.approx(load, abs=0.1)


def test_an_empty_pod_is_a_hollow_lattice(yard: Yard) -> None:
    solid, tip = yard.run(POD, lean=0.0)
    middle = solid.shape[1] // 4
    assert solid[24, middle, 24] == 0.0  # nothing in its middle
    ring = solid[:, middle] > 0.5
    assert ring.any()
    assert tip[:, middle:].max() < 0.05
    sides = [(solid[24 + i * s, 8:24, 24].max(axis=0) > 0.5).any() for s in (1, -1) for i in range(6, 14)]
    assert any(sides)
    assert not all(sides)


def test_what_runs_over_comes_down_outside(yard: Yard) -> None:
    full, _ = yard.run(replace(POD, load=1.0), lean=0.0)
    over, tip = yard.run(replace(POD, load=1.0, running=1.0), lean=0.0)
    more = (over > 0.5) & (full < 0.1)
    assert more.sum() > 40
    assert more[:, : GRID.shape[1] // 2].any()  # as far as its lower half
    assert tip[more].mean() > 0.3


def test_a_pod_that_is_built_on_rises(yard: Yard) -> None:
    def height(solid: np.ndarray) -> int:
        return int(np.flatnonzero((solid > 0.5).any(axis=(0, 2)))[-1])

    low = height(yard.run(POD)[0])
    assert height(yard.run(replace(POD, room=7.0))[0]) > low + 2


def test_what_lies_on_the_ground_is_body_that_shines(yard: Yard) -> None:
    film = np.zeros((16, 16))
    film[2:5, 2:5] = 0.004
    yard.tissue.film = film
    solid, tip = yard.run(seconds=1.0)
    assert (solid[8:13, 0, 8:13] > 0.5).all()
    assert solid[:, 3:].max() == 0.0
    assert solid[24:].max() == 0.0
    assert tip[8:13, 0, 8:13].min() > 0.15  # the least of a film that is deep


def test_without_pods_and_film_there_is_nothing(yard: Yard) -> None:
    yard.tissue.film = None
    solid, tip = yard.run(seconds=0.5)
    assert solid.max() == tip.max() == 0.0
