"""The covenant: pledges that neighbours share join their zones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from bioart.community.memory import Memory

_SPLIT = "\t"


class HasNeighbours(Protocol):
    @property
    def next(self) -> Sequence[str]: ...


class Covenant:
    """Who stands by which pledge, in which zone; the last pledge of a person counts.

    A border between two zones carries, for each pledge, as many persons as stand on its thinner side, each
    zone's people shared out evenly over its borders. So nobody carries more than themselves, and `carried`
    moves by at most one person with each person.
    """

    def __init__(self, zones: Mapping[str, HasNeighbours], pledges: Sequence[str]) -> None:
        self.borders = tuple(
            sorted({(min(a, b), max(a, b)) for a in zones for b in zones[a].next if b in zones})
        )
        self._degree = {z: sum(z in border for border in self.borders) for z in zones}
        self._pledges = tuple(pledges)
        self.standing = Memory("pledge")
        self._count: dict[str, int] = {}  # zone and pledge → persons

    def pledge(self, token: str, zone: str | None, pledge: str) -> None:
        was = self.standing.get(token)
        if was is not None:
            self._add(was, -1)
        value = f"{zone or ''}{_SPLIT}{pledge}"
        gone = self.standing.put(token, value)
        if gone is not None:
            self._add(gone[1], -1)
        self._add(value, 1)

    def _add(self, value: str, by: int) -> None:
        self._count[value] = self._count.get(value, 0) + by
        if not self._count[value]:
            del self._count[value]

    def border(self, a: str, b: str) -> float:
        """Persons that the border between two zones carries."""
        carried = 0.0
        for pledge in self._pledges:
            n = self._count.get(f"{a}{_SPLIT}{pledge}", 0) / self._degree[a]
            m = self._count.get(f"{b}{_SPLIT}{pledge}", 0) / self._degree[b]
            carried += min(n, m)
        return carried

    def carried(self) -> float:
        """Persons that all borders carry together: at most half of those who pledged."""
        return sum(self.border(a, b) for a, b in self.borders) if self._count else 0.0

    def agreed(self, many: float) -> dict[tuple[str, str], float]:
        """0–1 for each border that carries anybody. many: persons who together make it 1."""
        if not self._count:
            return {}
        found = {(a, b): min(1.0, self.border(a, b) / many) for a, b in self.borders}
        return {pair: share for pair, share in found.items() if share > 0.0}

    def joined(self, zone: str) -> list[str]:
        """The neighbours to which a zone's pledges have found their answer."""
        return [b if a == zone else a for a, b in self.borders if zone in (a, b) and self.border(a, b) > 0.0]

    @property
    def digest(self) -> int:
        return self.standing.digest

    def state(self) -> list[list[str]]:
        return self.standing.state()

    def restore(self, state: Sequence[Sequence[str]]) -> None:
        self.standing.restore(state)
        self._count = {}
        for _, value in self.standing.items():
            self._add(value, 1)
