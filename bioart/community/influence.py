"""From what was heard to one bounded number per param: never a person.

Every bind reads one source. A crowd's source counts persons, each at most once, as a share of
Q = max(quorum, people present); a bind may not be steeper than that, so that one person moves a param by at
most its span / Q, however many events they send. Instruments (`sensor.*`) and the count of people are read
by trusted inputs and map as the artist wants.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from bioart.clock import RATE
from bioart.errors import BioartError, nearest
from bioart.events import REACTIONS
from bioart.steering import Influence

CROWD = (
    "activation",
    "covenant",
    "offering",
    "implant",
    "vote",
    "pledge",
    "speech",
    *(f"reaction.{r}" for r in REACTIONS),
)
WHOLE = ("guide", "presence")  # measures that are nobody's


class Bound(Protocol):
    """source: where from; over: its values that count as share 0 and 1; to: a param; smooth: s."""

    @property
    def source(self) -> str: ...
    @property
    def to(self) -> str: ...
    @property
    def over(self) -> tuple[float, float]: ...
    @property
    def smooth(self) -> float: ...


def sources(zones: Sequence[str], sensors: Sequence[str]) -> list[str]:
    """Every name that `from:` of a bind may have."""
    return [*CROWD, *WHOLE, *(f"presence.{z}" for z in zones), *(f"sensor.{s}" for s in sensors)]


def share(value: float, over: tuple[float, float]) -> float:
    """value on `over` as 0–1; `over` may run backwards."""
    low, high = over
    return min(max((value - low) / (high - low), 0.0), 1.0)


class Way:
    """One bind at work: mapped, clamped, smoothed by one pole y ← y + (x − y)·(1 − e^(−dt/smooth)).

    A sensor's first reading is taken at once: there was nothing before it to come from. A crowd starts
    from silence.
    """

    def __init__(self, bind: Bound) -> None:
        name = bind.source
        head = name.split(".")[0]
        if name not in CROWD and name not in WHOLE and head not in ("sensor", "presence"):
            raise BioartError(f"bind to '{bind.to}': no source {name!r}{nearest(name, (*CROWD, *WHOLE))}")
        low, high = bind.over
        if low == high or not (math.isfinite(low) and math.isfinite(high)):
            raise BioartError(
                f"bind to '{bind.to}': over {low:g} to {high:g}; allowed: two different numbers"
            )
        if name in CROWD and abs(high - low) < 1.0:
            raise BioartError(
                f"bind to '{bind.to}': over {low:g} to {high:g} is so narrow that one person would move more "
                f"than their share of {name}; allowed: a width of at least 1"
            )
        self.bind = bind
        self._pull = 1.0 if bind.smooth <= 0 else 1.0 - math.exp(-1.0 / (RATE * bind.smooth))
        self.held: float | None = None if head == "sensor" else share(0.0, bind.over)

    def step(self, x: float | None) -> float | None:
        """x: the share that the source asks for now, None while it says nothing. Returns the share held, None
        before the source has ever said anything."""
        if x is not None:
            self.held = x if self.held is None else self.held + (x - self.held) * self._pull
        return self.held


class Ways:
    """All binds of a piece."""

    def __init__(self, binds: Sequence[Bound]) -> None:
        self.ways = [Way(b) for b in binds]
        seen: set[str] = set()
        for bind in binds:
            if bind.to in seen:
                raise BioartError(f"two binds to '{bind.to}'; allowed: one")
            seen.add(bind.to)

    def step(self, read: Callable[[Bound], float | None]) -> Influence:
        """read: what share 0–1 a bind's source asks for now."""
        shares: dict[str, float] = {}
        for way in self.ways:
            held = way.step(read(way.bind))
            if held is not None:
                shares[way.bind.to] = held
        return Influence(shares)

    @property
    def digest(self) -> list[Any]:
        return [w.held for w in self.ways]

    def state(self) -> dict[str, float | None]:
        return {w.bind.to: w.held for w in self.ways}

    def restore(self, state: Mapping[str, float | None]) -> None:
        for way in self.ways:
            way.held = state[way.bind.to]
