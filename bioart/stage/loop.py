"""A plain loop: one moment of the piece, S seconds that end where they begin.

Growth and metabolism are held from the start on, the camera sways and comes back in S, or goes once round its
closed path, nobody narrates. What still moves, light, air and motes, has no period of its own, so the last
BLEND seconds are mixed, in the fields, with a second world that runs the seconds just before the start: at S
the second has taken over, and its next state is the first frame's. `check` says what the seam measures.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from bioart import forms as shapes
from bioart.camera import Camera
from bioart.events import Event
from bioart.forms import Forms
from bioart.gpu import crew
from bioart.score import handheld
from bioart.show import Show
from bioart.take import Moment, between

BLEND = Fraction(2)  # s, at most half of the loop


class Loop:
    """S seconds of a show from `start` on, as frames from `start` to `start + S`."""

    def __init__(self, show: Show, start: Fraction, seconds: Fraction) -> None:
        """show: at its beginning. start, seconds: show time, s."""
        self._first, self._start, self._length = show, start, seconds
        self._blend = min(BLEND, seconds / 2)
        self._lap: Callable[[float], Camera] | None = None
        # There is no world before the piece's first: a loop of its beginning lies that much later.
        self._offset = max(start, self._blend)
        show.run_to(((self._offset - self._blend) * show.rate).__floor__())
        show.hold()
        self._second = Show(show.preset, show.seed, opening=show.state())
        self._second.hold()
        # What the first hears from now on the second hears too, or their ways part before the seam.
        self._heard: list[Event] = []
        show.overheard = self._heard.append

    def at(self, t: Fraction) -> tuple[Forms, Moment]:
        """The frame at show time t, start ≤ t < start + S, asked for in order."""
        into = t - self._start
        forms, moment = self._first.at(self._offset + into)
        left = self._length - into
        if left < self._blend:
            self._second.queue(self._heard)
            self._heard.clear()
            share = _ease(float(1 - left / self._blend))
            before, was = self._second.at(self._offset + into - self._length)
            forms = shapes.mix(forms, before, share, crew.each)
            moment = between(moment, was, share)
        if self._lap is None:
            self._lap = self._first.score.lap(self._offset, float(self._length))
        camera = handheld.held(
            self._lap(float(into / self._length)), moment.values.get("camera.hand", 0.0), self._first.seed,
            float(into), float(self._length),
        )  # fmt: skip
        return replace(forms, texts=()), replace(moment, camera=camera)

    def close(self) -> None:
        self._second.close()


def _ease(x: float) -> float:
    """Smooth from 0 to 1, level at both ends, so that the motion has no corner."""
    return x * x * (3 - 2 * x)
