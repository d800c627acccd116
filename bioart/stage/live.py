"""A show in front of people: what `play` and `kiosk` share. Policy, who may do what and what happens on a
fault, is theirs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from bioart.forms import Forms
from bioart.inputs import Input
from bioart.preset import Preset
from bioart.recording import Recorder, State
from bioart.show import SNAPSHOT, Show
from bioart.stage.drawing import Drawing, Picked
from bioart.take import Moment

BACK = 10.0  # s of show: a rewind goes back at least so far
Inputs = Callable[[Preset, int], Sequence[Input]]
Records = Recorder | Callable[[], Recorder | None] | None  # or what makes it, once nothing else is to fail


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
        lived: Callable[[float], None] = lambda share: None,
        kept: int = 0,
    ) -> None:
        """ctx: the window's. inputs: makes them for a preset and seed, anew after a rewind.

        opening: a state to begin from; None: the piece's own beginning. lived: told of each world that has to
        grow first how much of its age, 0–1, it has lived. kept: states that a rewind may go back to; none
        where nobody rewinds, for each is tens of MiB.
        """
        super().__init__(ctx, picked, preset.world.rate)
        self._inputs, self._recorder, self._lived = inputs, recorder, lived
        self.show = Show(preset, seed, inputs(preset, seed), recorder, opening=opening, lived=lived)
        self.pace.jump(Fraction(self.show.steps, self.show.rate))
        self._states: deque[tuple[int, int, State]] = deque(maxlen=kept)  # steps, run, what was then
        self._bare = False
        self._keep()

    def seen(self, t: Fraction) -> tuple[Forms, Moment]:
        forms, moment = self.show.at(t)
        return forms, replace(moment, exposure=self.show.exposure) if self._bare else moment

    def frame(self, now: float) -> None:
        """Take the steps that are due, at most two, and draw the picture of wall time now (s)."""
        super().frame(now)
        self._bare = self._bare and self.show.score.light < 1.0
        self._keep()

    def bare(self) -> None:
        """Where the show stands frozen in its own black: let it be seen until its light is back. Asked for
        while the stage is dark."""
        self._bare = self.pace.frozen

    # -- what changes under it -----------------------------------------------------------------------------

    @property
    def lacks(self) -> float:
        """s of show until there is a state to go back to; 0 where there is one."""
        since = self._states[0][0] if self._states else self.show.steps
        return max(0.0, BACK - (self.show.steps - since) / self.show.rate)

    def rewind(self) -> bool:
        """Back to the newest state at least BACK old, as a new run; False where there is none."""
        limit = self.show.steps - BACK * self.show.rate
        found = next((kept for kept in reversed(self._states) if kept[0] <= limit), None)
        if found is None:
            return False
        _, run, state = found
        inputs = self._inputs(self.show.preset, self.show.seed)
        try:
            self.show.rewind(state, inputs, run)
        finally:  # also where the recorder failed it
            while self._states and self._states[-1][0] > self.show.steps:
                self._states.pop()
            self.pace.jump(Fraction(self.show.steps, self.show.rate))
        return True

    def adopt(self, preset: Preset, recorder: Records) -> Recorder | None:
        """Go on under another text of the piece; returns the recorder that is done with.

        BioartError where it asks for another world or its inputs cannot be made: the old text goes on.
        """
        inputs = self._inputs(preset, self.show.seed)
        made = _made(recorder, inputs)
        try:
            self.show.adopt(preset, inputs, made)
        except BaseException:
            _let_go(inputs, made if callable(recorder) else None)
            raise
        done, self._recorder = self._recorder, made
        self._begin_anew()
        return done

    def open(self, preset: Preset, seed: int, recorder: Records) -> Recorder | None:
        """Another piece: its world takes the fields that this one gives back. Returns the recorder that is
        done with.

        BioartError where it cannot be: the old show goes on from where it is, in its recording.
        """
        old, state = self.show, self.show.state()
        inputs = self._inputs(preset, seed)
        made = _made(recorder, inputs)
        old.release()
        try:
            self.show = Show(preset, seed, inputs, made, lived=self._lived)
        except BaseException:
            _let_go(inputs, made if callable(recorder) else None)
            old.regain(state)
            raise
        _let_go(old.inputs)
        done, self._recorder = self._recorder, made
        self.pace.jump(Fraction(0))
        self._begin_anew()
        return done

    def _begin_anew(self) -> None:
        self._bare = False
        self._states.clear()
        self._keep()

    def _keep(self) -> None:
        """A state every SNAPSHOT of show time, for a rewind."""
        if not self._states.maxlen:
            return
        steps = self.show.steps
        if not self._states or steps - self._states[-1][0] >= SNAPSHOT * self.show.rate:
            run = 0 if self._recorder is None else self._recorder.run
            self._states.append((steps, run, self.show.state()))

    def close(self) -> None:
        """Give everything back. The recorder stays whoever's it was."""
        self.show.close()
        super().close()


def _made(recorder: Records, inputs: Sequence[Input]) -> Recorder | None:
    """The recorder, made now where it is to be. What that fails with leaves no input open."""
    try:
        return recorder() if callable(recorder) else recorder
    except BaseException:
        _let_go(inputs)
        raise


def _let_go(inputs: Iterable[Input], recorder: Recorder | None = None) -> None:
    for source in inputs:
        source.close()
    if recorder is not None:
        recorder.abandon()
