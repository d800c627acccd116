"""Hands: what somebody at the desk does, as events: params turned, acts called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bioart.errors import BioartError, shown
from bioart.events import Event, Vocabulary, read
from bioart.inputs import Input, Setting, stage_cues

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
        """A cue: an act's name, the piece's own, next, previous, undo, release, or one of the stage's.

        undo takes back the newest thing that waits for a step, where one does.
        """
        deeds = self._deeds()
        if cue == "undo" and deeds:
            del self._waiting[deeds[-1]]
        else:
            self._put("cue", {"name": cue})

    @property
    def undoable(self) -> bool:
        """Whether something waits that undo would take back."""
        return bool(self._deeds())

    def _deeds(self) -> list[int]:
        """Where among what waits the turns and calls are that undo takes back."""
        spared = ("undo", *stage_cues())
        return [i for i, (kind, data) in enumerate(self._waiting)
                if kind == "control" or data["name"] not in spared]  # fmt: skip

    def _put(self, kind: str, data: dict[str, Any]) -> None:
        self._waiting = [*self._waiting[-(MOST - 1) :], (kind, data)]

    def waiting(self, param: str) -> float | None:
        """What a param was last asked to be, while no step has taken it."""
        found = [data["to"] for kind, data in self._waiting if kind == "control" and data["param"] == param]
        return found[-1] if found else None

    def turned(self) -> dict[str, float]:
        """Every param that waits to be turned, with what it was last asked to be."""
        return {data["param"]: data["to"] for kind, data in self._waiting if kind == "control"}

    def called(self, *cues: str) -> str | None:
        """Which of these cues waits, the newest."""
        found = [data["name"] for kind, data in self._waiting if kind == "cue" and data["name"] in cues]
        return found[-1] if found else None

    def keep(self, known: Vocabulary) -> None:
        """Of what waits only what another text of the piece, or another piece, admits."""

        def admitted(kind: str, data: dict[str, Any]) -> bool:
            try:
                read({"kind": kind, **data}, "hands", known)
            except BioartError:
                return False
            return True

        self._waiting = [(kind, data) for kind, data in self._waiting if admitted(kind, data)]

    def poll(self, step: int) -> Iterable[Event]:
        due = []
        for kind, data in self._waiting:
            due.append(Event(step, self._seq, "hands", kind, None, None, data))
            self._seq += 1
        self._waiting = []
        return due

    def close(self) -> None:
        """Nothing to let go of: who performs keeps the same hands through a rewind."""
