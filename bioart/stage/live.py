"""A show in front of people: show time beside the wall clock, one frame after another.

What `play` and `kiosk` share. Policy, who may do what and what happens on a fault, is theirs.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from bioart import clock
from bioart.forms import Forms
from bioart.gpu.lay import Lay
from bioart.gpu.view import Picture
from bioart.guard import Guard
from bioart.inputs import Input
from bioart.preset import Preset
from bioart.projector import Projector
from bioart.recording import Recorder, State
from bioart.show import SNAPSHOT, Show
from bioart.stage.fade import Fade
from bioart.stage.governor import Governor
from bioart.stage.pacing import Frames, Pace

FPS = 30  # frames a second that the governor works for
KEPT = 3  # states that a rewind may go back to
BACK = 10.0  # s of show: a rewind goes back at least so far
Inputs = Callable[[Preset, int], Sequence[Input]]


@dataclass(frozen=True)
class Picked:
    """What a drawing is made with: kinds of look and display, size in px (None: the display's), quality."""

    look: str
    display: str
    width: int | None
    height: int | None
    quality: str = "live"


class Live:
    """One show, one projector, one pace."""

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
        self._ctx, self._inputs = ctx, inputs
        self.picked = picked
        self.projector = Projector(
            ctx, picked.look, picked.display, picked.width, picked.height, picked.quality
        )
        self._recorder = recorder
        self.show = Show(preset, seed, inputs(preset, seed), recorder, opening=opening)
        self.pace = Pace(self.show.rate, Fraction(self.show.steps, self.show.rate))
        self.governor = Governor(1.0 / FPS)
        self.frames = Frames()
        self.fade = Fade()
        self.lit = True  # False: black, and the show goes on
        self.stepping = self.drawing = 0.0  # s of wall time that the last frame spent in either
        self._states: deque[tuple[int, State]] = deque(maxlen=KEPT)
        self._keep()
        self._was: float | None = None
        self._behind: deque[Callable[[], None]] = deque()
        self._lay: Lay | None = None
        self._canvas: Picture | None = None

    # -- one frame -----------------------------------------------------------------------------------------

    def frame(self, now: float) -> None:
        """Take the steps that are due and draw the picture of wall time now (s, never falling)."""
        t = self.pace.frame(now)
        self.fade.to(float(self.lit and not self._behind))
        light = self.fade.at(now)
        while self._behind and self.fade.dark:
            self._behind.popleft()()
            t = self.pace.frame(now)
        began = clock.now()
        forms, moment = self._forms(t)
        stepped = clock.now()
        self.projector.draw(
            forms,
            moment.camera,
            moment.exposure,
            moment.values,
            float(t),
            now=now,
            cost=self.governor.cost,
            light=light,
        )
        self._keep()
        self.stepping, self.drawing = stepped - began, clock.now() - stepped
        if self._was is not None:
            self.governor.note(max(now - self._was, self.stepping + self.drawing), now - self._was)
        self._was = now
        self.frames.note(now)

    def _forms(self, t: Fraction) -> tuple[Forms, Any]:
        return self.show.at(t)

    def present(self, framebuffer: Any, size: tuple[int, int]) -> None:
        """The last picture into a window's framebuffer of a size, px: as it is where it fits, else fitted in
        with black beside it."""
        picture = self.projector.picture
        if (picture.width, picture.height) == size:
            self.projector.show(picture.texture, framebuffer)
            return
        if self._lay is None:
            self._lay = Lay(self._ctx)
        if self._canvas is None or (self._canvas.width, self._canvas.height) != size:
            if self._canvas is not None:
                self._canvas.close()
            self._canvas = Picture(self._ctx, *size)
        scale = min(size[0] / picture.width, size[1] / picture.height)
        width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
        self._canvas.framebuffer.use()
        self._canvas.framebuffer.clear(0.0, 0.0, 0.0, 1.0)
        box = ((size[0] - width) // 2, (size[1] - height) // 2, width, height)
        self._lay.put(picture.texture, self._canvas, box)
        self.projector.show(self._canvas.texture, framebuffer)

    # -- what changes under it -----------------------------------------------------------------------------

    def behind_dark(self, act: Callable[[], None]) -> None:
        """Do something that would make the picture jump: fade out, do it, fade in."""
        self._behind.append(act)

    def draw_with(self, picked: Picked) -> None:
        """Another look, display, size or the same with shaders read anew: made beside, then swapped.

        BioartError where it cannot be made: the old one stays. The guard goes on where views are as many.
        """
        made = Projector(
            self._ctx, picked.look, picked.display, picked.width, picked.height, picked.quality,
            guard=self._guard_for(picked),
        )  # fmt: skip
        self.projector.close()
        self.projector, self.picked = made, picked

    def _guard_for(self, picked: Picked) -> Guard | None:
        return self.projector.guard if picked.display == self.picked.display else None

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

    # -- what there is to tell -----------------------------------------------------------------------------

    @property
    def late(self) -> bool:
        """Whether show time runs slow."""
        return not self.pace.frozen and self.pace.factor < 0.97

    def told(self) -> str:
        """Pacing in one line, for who performs."""
        spared = self.governor.told()
        words = [
            self.frames.told(),
            f"step {1e3 * self.stepping:.0f} ms, picture {1e3 * self.drawing:.0f} ms",
            f"show runs at ×{self.pace.factor:.2f}",
            f"spared: {spared}" if spared else "nothing spared",
            f"guard ×{self.projector.gain:.2f}",
        ]
        return " · ".join(words)

    def close(self) -> None:
        """Give everything back. The recorder stays whoever's it was."""
        self.show.close()
        self.projector.close()
        for held in (self._lay, self._canvas):
            if held is not None:
                held.close()
