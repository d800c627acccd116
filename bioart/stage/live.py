"""A show in front of people: what `play` and `kiosk` share. Policy, who may do what and what happens on a
fault, is theirs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from bioart.forms import Forms
from bioart.inputs import Input
from bioart.preset import Preset
from bioart.recording import Recorder, State
from bioart.show import SNAPSHOT, Show
from bioart.stage.drawing import Drawing, Picked
from bioart.take import Moment

KEPT = 4  # states that a rewind may go back to
BACK = 10.0  # s of show: a rewind goes back at least so far
Inputs = Callable[[Preset, int], Sequence[Input]]


class Live(Drawing):
    """One show, alive: a frame takes the steps that are due."""

    def __init__(
        self,
        ctx: Any,
        preset: Preset,
        seed: int,
        inputs: Inputs,
        picked: Picked,
        recorder: Recorder | None = None,
        opening: State | None = None,
    ) -> None:
        """ctx: the window's. inputs: makes them for a preset and seed, anew after a rewind.

        opening: a state to begin from; None: the piece's own beginning.
        """
        super().__init__(ctx, picked, preset.world.rate)
        self._inputs, self._recorder = inputs, recorder
        self.show = Show(preset, seed, inputs(preset, seed), recorder, opening=opening)
        self.pace.jump(Fraction(self.show.steps, self.show.rate))
        self._states: deque[tuple[int, State]] = deque(maxlen=KEPT)
        self._keep()

    def seen(self, t: Fraction) -> tuple[Forms, Moment]:
        return self.show.at(t)

    def frame(self, now: float) -> None:
        """Take the steps that are due, at most two, and draw the picture of wall time now (s)."""
        super().frame(now)
        self._keep()

    # -- what changes under it -----------------------------------------------------------------------------

    def rewind(self) -> bool:
        """Back to the newest state at least BACK old, as a new run; False where there is none."""
        limit = self.show.steps - BACK * self.show.rate
        found = next(((steps, s) for steps, s in reversed(self._states) if steps <= limit), None)
        if found is None:
            return False
        steps, state = found
        self.show.rewind(state, self._inputs(self.show.preset, self.show.seed))
        while self._states and self._states[-1][0] > steps:
            self._states.pop()
        self.pace.jump(Fraction(steps, self.show.rate))
        return True

    def adopt(self, preset: Preset, recorder: Recorder | None) -> Recorder | None:
        """Go on under another text of the piece; returns the recorder that is done with.

        BioartError where it asks for another world.
        """
        done = self._recorder
        self.show.adopt(preset, self._inputs(preset, self.show.seed), recorder)
        self._recorder = recorder
        self._states.clear()
        self._keep()
        return done

    def open(self, preset: Preset, seed: int, recorder: Recorder | None) -> Recorder | None:
        """Another piece: its world takes the fields that this one gives back. Returns the recorder that is
        done with."""
        done = self._recorder
        self.show.close()
        self._recorder = recorder
        self.show = Show(preset, seed, self._inputs(preset, seed), recorder)
        self._states.clear()
        self._keep()
        self.pace.jump(Fraction(0))
        return done

    def _keep(self) -> None:
        """A state every SNAPSHOT of show time, for a rewind."""
        steps = self.show.steps
        if not self._states or steps - self._states[-1][0] >= SNAPSHOT * self.show.rate:
            self._states.append((steps, self.show.state()))

    def close(self) -> None:
        """Give everything back. The recorder stays whoever's it was."""
        self.show.close()
        super().close()
