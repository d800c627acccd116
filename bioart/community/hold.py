"""Hold: how far a zone's people hold it against what would take it (docs/design.md, "Events").

A zone is held by those present in it, and by those whose banner hangs there or who voted there of late; each
person once, in the zone where they were last heard. Its hold is the greater of the two counts as a share of
Q = max(quorum, people present in it): one person moves it by at most 1/Q, whatever they send.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bioart.clock import RATE
from bioart.community.memory import Memory, Recent

LASTS = 60 * RATE  # steps over which a banner's or a vote's hold fades


class Hold:
    """Who was heard in which zone. zones: names, in the preset's order."""

    def __init__(self, zones: Sequence[str]) -> None:
        self._heard = {zone: Recent(f"hold:{zone}") for zone in zones}
        self._where = Memory("hold")

    def note(self, token: str, zone: str | None, step: int) -> None:
        """A banner or a vote of this person from a zone; one that is not there counts nowhere."""
        if zone not in self._heard:
            return
        was = self._where.get(token)
        if was is not None and was != zone:
            self._heard[was].drop(token)
        gone = self._where.put(token, zone)
        if gone is not None:
            self._heard[gone[1]].drop(gone[0])
        self._heard[zone].note(token, step)

    def held(self, step: int, people: Mapping[str, int], quorum: float) -> dict[str, float]:
        """zone → 0–1, those that are held at all. people: present by zone; quorum: persons, ≥ 5."""
        found: dict[str, float] = {}
        for zone, heard in self._heard.items():
            heard.forget(step - LASTS)
            present = float(people.get(zone, 0))
            persons = max(present, heard.felt(step, LASTS))
            if persons > 0.0:
                found[zone] = min(persons / max(quorum, present), 1.0)
        return found

    @property
    def digest(self) -> list[int]:
        return [recent.digest for recent in self._heard.values()]

    def state(self) -> dict[str, Any]:
        return {"where": self._where.state(), "heard": {z: r.state() for z, r in self._heard.items()}}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._where.restore(state["where"])
        for zone, recent in self._heard.items():
            recent.restore(state["heard"][zone])
