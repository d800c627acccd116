"""What steers a world in one step: settled values and placements. Never a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Does = Literal["filter", "decompose", "steady"]
Material = Literal["glass", "paper", "plastic", "metal", "organic", "textile"]
PlacementKind = Literal["thread", "implant", "seed", "matter", "banner", "mote"]


@dataclass(frozen=True)
class Zone:
    """A neighbourhood. at: its place on the ground, [0, 1]² of the world's extent (x, z); radius: of the same
    unit; people: who live there; next: the neighbours it exchanges with and spills over to."""

    name: str
    at: tuple[float, float]
    radius: float
    people: int
    next: tuple[str, ...] = ()


@dataclass(frozen=True)
class Influence:
    """What a crowd adds up to: for each bound param a share 0–1 of the artist's `within`."""

    shares: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Placement:
    """A thing that somebody put into the world.

    at: in [0, 1]³ of the body's box. amount: kg, or 0–1 where the kind has no mass. tint: linear sRGB.
    token: the giver's token for this show, 12 hexadecimal digits (a number of its own, no person).
    words: what a banner says. mote: a spark of light that rises and goes out, for what leaves no object.
    """

    kind: PlacementKind
    at: tuple[float, float, float]
    amount: float
    tint: tuple[float, float, float]
    token: str
    material: Material | None = None
    does: Does | None = None
    words: str = ""


@dataclass(frozen=True)
class Steering:
    """One step's orders. values: every param by full name, settled and clamped. treaties: 0–1 for a pair of
    neighbours, how far they have agreed to share; none is told for who has agreed to nothing. held: 0–1 by
    zone, how far its people hold it against encroachment; a zone that is not named is not held."""

    values: dict[str, float]
    placements: tuple[Placement, ...] = ()
    treaties: Mapping[tuple[str, str], float] = field(default_factory=dict)
    held: Mapping[str, float] = field(default_factory=dict)
