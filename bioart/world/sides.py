"""What the six sides of a box of air do: wall, slip, inflow, open, periodic.

`Sides` says it in plain values; `Rim` keeps the cells and faces about the box such that kernels inside need
not know where they are. Velocity fields are of shape (nx+3, ny+3, nz+3): cells 1 … n, each with its lower
face; the upper side is face n+1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from bioart.errors import BioartError
from bioart.gpu.poisson import End
from bioart.world import rim

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

Kind = Literal["wall", "slip", "inflow", "open", "periodic"]
KINDS: tuple[Kind, ...] = ("wall", "slip", "inflow", "open", "periodic")  # a kernel's number is the index
NAMES = ("west", "east", "floor", "ceiling", "back", "front")  # −x +x −y +y −z +z
Velocity = tuple[float, float, float]


@dataclass(frozen=True)
class Side:
    """One side. kind: what it does. velocity, m/s: of a wall, along it (what points through it is left out);
    of an inflow, that of the air which comes in."""

    kind: Kind
    velocity: Velocity = (0.0, 0.0, 0.0)


def wall(*velocity: float) -> Side:
    """Air sticks to it; it may move along itself, (x, y, z) m/s."""
    return Side("wall", velocity or (0.0, 0.0, 0.0))  # type: ignore[arg-type]


def inflow(*velocity: float) -> Side:
    """Air comes in with this velocity, (x, y, z) m/s; nothing given: with the step's `wind`, straight in."""
    return Side("inflow", velocity or (0.0, 0.0, 0.0))  # type: ignore[arg-type]


SLIP = Side("slip")  # lets nothing through and does not brake: also a plane of symmetry
OPEN = Side("open")  # the pressure beyond is 0: air leaves and comes in as it must
PERIODIC = Side("periodic")  # what leaves here comes in at the opposite side


@dataclass(frozen=True)
class Sides:
    """The six sides of a box. Raises BioartError where only one side of a pair is periodic."""

    west: Side = SLIP
    east: Side = SLIP
    floor: Side = SLIP
    ceiling: Side = SLIP
    back: Side = SLIP
    front: Side = SLIP

    def __post_init__(self) -> None:
        for a, b in zip(NAMES[::2], NAMES[1::2], strict=True):
            one, two = getattr(self, a), getattr(self, b)
            if (one.kind == "periodic") != (two.kind == "periodic"):
                raise BioartError(
                    f"air: {a} is {one.kind}, {b} {two.kind}; allowed: both periodic, or neither"
                )

    def all(self) -> tuple[Side, ...]:
        """In the order of NAMES."""
        return tuple(getattr(self, f.name) for f in fields(self))

    @property
    def ends(self) -> tuple[tuple[End, End], tuple[End, End], tuple[End, End]]:
        """Of each axis, what the pressure sees."""
        seen: list[End] = [
            "periodic" if s.kind == "periodic" else "open" if s.kind == "open" else "closed"
            for s in self.all()
        ]
        return (seen[0], seen[1]), (seen[2], seen[3]), (seen[4], seen[5])

    @property
    def periodic(self) -> tuple[bool, bool, bool]:
        kinds = [s.kind == "periodic" for s in self.all()]
        return kinds[0], kinds[2], kinds[4]


STREET = Sides(west=inflow(), east=OPEN)  # wind in through −x, out through +x, closed and smooth otherwise


@dataclass
class Rim:
    """Keeps the rim of one box of air. wind: m/s, what inflows without a velocity of their own bring."""

    sides: Sides
    shape: tuple[int, int, int]
    memory: Memory
    wind: float = 0.0
    table: Any = field(init=False, repr=False)
    _told: float | None = field(init=False, repr=False, default=None)

    def __post_init__(self) -> None:
        import taichi as ti

        self.table = self.memory.field("air", "sides", ti.f32, (6, 4))
        self._kinds = [KINDS.index(side.kind) for side in self.sides.all()]

    def _rows(self) -> Any:
        rows = np.zeros((6, 4), np.float32)
        for n, side in enumerate(self.sides.all()):
            through = side.velocity[n // 2]
            rows[n, :3] = side.velocity
            if side.kind == "inflow" and not any(side.velocity):
                through = self.wind * (1.0 if n % 2 == 0 else -1.0)
            rows[n, n // 2] = through if side.kind == "inflow" else 0.0
            rows[n, 3] = self._kinds[n]
        return rows

    def velocity(self, faces: Sequence[Any], predicted: bool = True) -> None:
        """The faces on the sides and what lies beyond, of a velocity field of this box. predicted: what an
        open side lets through is not known yet and taken from beside it."""
        if self._told != self.wind:
            rim.take(self.table, self._rows())
            self._told = self.wind
        rim.velocity(*faces, self.table, *self.shape, int(predicted))

    def pressure(self, p: Any) -> None:
        """What lies beyond, of a pressure of this box."""
        rim.pressure(p, self.table, *self.shape)

    def cells(self, c: Any) -> None:
        """What lies beyond, of a cell-centred field: as inside, or what comes round."""
        rim.cells(c, self.table)

    @property
    def lets(self) -> tuple[bool, ...]:
        """Of each side, whether air passes through it to or from outside."""
        return tuple(side.kind in ("inflow", "open") for side in self.sides.all())
