"""A world's build, as frozen values: how large, how fine, what grows in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bioart.clock import RATE
from bioart.spectrum import Emitter

Values = Mapping[str, float]
Place = tuple[float, float, float]

# What shines in a body: which of its lights it is, and the spectrum that it has where a preset says nothing.
EMITTERS: Mapping[str, Emitter] = {
    "skin": Emitter("light0", 474.0, 35.0),  # dinoflagellates: skin and polyps
    "deep": Emitter("light1", 490.0, 80.0),  # Vibrio: the deep tissue
    "veins": Emitter("light2", 530.0, 90.0),  # fungi: the network's veins
    "warm": Emitter("light3", 585.0, 70.0),  # click beetles: what is new, rich or woken; fever
}


@dataclass(frozen=True)
class GrowthPlan:
    """kind: the growth's file; every: it runs each n-th step; values: all its params by short name."""

    kind: str
    values: Values
    every: int = 1


@dataclass(frozen=True)
class WorldPlan:
    """The world's build. extent, box: m. air: cells of the coarse grid (x, y, z); the body's grid is `finer`
    times finer. dt: world s per step; rate: steps per s of show time. max_speed: m/s. age: steps lived
    before the show opens. mouths, vents: in [0, 1]³ of the body's box; empty = where the body has its own.
    emitters: the spectra of light0 to light3."""

    extent: tuple[float, float, float]
    air: tuple[int, int, int]
    box: tuple[float, float, float]
    finer: int
    growths: tuple[GrowthPlan, ...]
    dt: float = 0.1
    rate: int = RATE
    max_speed: float = 4.0
    age: int = 0
    mouths: tuple[Place, ...] = ()
    vents: tuple[Place, ...] = ()
    emitters: tuple[Emitter, ...] = tuple(EMITTERS.values())

    @property
    def cell(self) -> float:
        """Edge of an air cell, m."""
        return min(self.extent) / min(self.air)

    @property
    def corner(self) -> tuple[float, float, float]:
        """Least corner of the body's box, m: it stands in the middle of the ground, the world's origin."""
        return (-self.box[0] / 2, 0.0, -self.box[2] / 2)

    @property
    def centre(self) -> tuple[float, float, float]:
        """Middle of the body's box, m."""
        return (0.0, self.box[1] / 2, 0.0)
