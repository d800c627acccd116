"""Hands: what somebody at the desk does, as events: params turned, acts called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bioart.errors import BioartError, shown
from bioart.events import Event
from bioart.inputs import Input, Setting

MOST = 256  # things that may wait for one step: what comes faster than steps is dropped, oldest first


class Hands(Input):
    """Keys, knobs, mouse and sliders of who performs. The stage hands them in; each acts in the next step."""

    of_stage = True
    trusted = True

    def __init__(self, option: str, setting: Setting) -> None:
        if option:
            raise BioartError(f"input 'hands': {shown(option)}; allowed: no option")
        self._waiting: list[tuple[str, dict[str, Any]]] = []
        self._seq = 0

    def turn(self, param: str, to: float) -> None:
        """A param to a value. Of several turns of one param before a step only the last acts."""
        self._waiting = [
            (kind, data) for kind, data in self._waiting if not (kind == "control" and data["param"] == param)
        ]
        self._put("control", {"param": param, "to": to})

    def call(self, cue: str) -> None:
        """A cue: an act's name, the piece's own, next, previous, undo, release."""
        self._put("cue", {"name": cue})

    def _put(self, kind: str, data: dict[str, Any]) -> None:
        self._waiting = [*self._waiting[-(MOST - 1) :], (kind, data)]

    def waiting(self, param: str) -> float | None:
        """What a param was last asked to be, while no step has taken it."""
        found = [data["to"] for kind, data in self._waiting if kind == "control" and data["param"] == param]
        return found[-1] if found else None

    def poll(self, step: int) -> Iterable[Event]:
        due = []
        for kind, data in self._waiting:
            due.append(Event(step, self._seq, "hands", kind, None, None, data))
            self._seq += 1
        self._waiting = []
        return due

    def close(self) -> None:
        """Nothing to let go of: who performs keeps the same hands through a rewind."""
