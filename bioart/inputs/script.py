"""Events from a file: `--events FILE.jsonl`, which is `--input script:FILE.jsonl`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from bioart.clock import step_at
from bioart.errors import BioartError, shown, why
from bioart.events import LONGEST_LINE, Event, read_lines
from bioart.inputs import Input, Setting

MOST = 500_000  # events in one file


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Lines, none longer than what is refused anyway: a file without line ends fills no memory."""
    while line := file.readline(LONGEST_LINE + 2):
        yield line


class Script(Input):
    """A JSON-lines file of timed events, read and checked whole before the show."""

    trusted = True  # the operator named the file
    repeats = True

    def __init__(self, option: str, setting: Setting) -> None:
        if not option:
            raise BioartError("input 'script': no file; allowed: script:FILE.jsonl")
        path = Path(option)
        self._events: list[Event] = []
        self._next = 0
        try:
            with path.open("rb") as file:
                for reading in read_lines(_lines(file), path.name, setting.vocabulary()):
                    if len(self._events) >= MOST:
                        raise BioartError(f"{path.name}: too many events; allowed: at most {MOST}")
                    step = step_at(reading.t, setting.rate)
                    self._events.append(reading.event(step, len(self._events), "script"))
        except (OSError, ValueError) as fault:
            raise BioartError(
                f"{shown(option, 300)[1:-1]}: {why(fault)}; allowed: a file of JSON lines"
            ) from None

    def all(self) -> tuple[Event, ...]:
        """Every event of the file, in order: for whoever checks a file without a show."""
        return tuple(self._events)

    def poll(self, step: int) -> Iterable[Event]:
        events, due = self._events, []
        while self._next < len(events) and events[self._next].step <= step:
            if events[self._next].step == step:
                due.append(events[self._next])
            self._next += 1
        return due

    def close(self) -> None:
        self._events = []
