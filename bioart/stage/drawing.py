"""Drawing in front of people: one picture after another, what it may cost, how it fades, into whose window.

What a live show and a recording that is played share.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import moderngl

from bioart import clock, registry
from bioart.errors import MALFORMED, BioartError
from bioart.forms import Forms
from bioart.gpu.lay import Lay
from bioart.gpu.view import Picture
from bioart.guard import Guard
from bioart.projector import Projector
from bioart.stage.fade import Fade
from bioart.stage.governor import Governor
from bioart.stage.pacing import Frames, Pace
from bioart.take import Moment

FPS = 30  # frames a second that the governor works for


@dataclass(frozen=True)
class Picked:
    """What a drawing is made with: kinds of look and display, size in px (None: the display's), quality."""

    look: str
    display: str
    width: int | None
    height: int | None
    quality: str = "live"


class Drawing:
    """A projector, a pace and a fade. Whoever inherits says what there is to be seen at a show time."""

    def __init__(self, ctx: Any, picked: Picked, rate: int, start: Fraction = Fraction(0)) -> None:
        """ctx: the window's. rate: steps per second of show. start: show time of the first frame, s."""
        self._ctx = ctx
        self.picked = picked
        self.projector = Projector(
            ctx, picked.look, picked.display, picked.width, picked.height, picked.quality
        )
        self.pace = Pace(rate, start)
        self.governor = Governor(1.0 / FPS)
        self.frames = Frames()
        self.fade = Fade()
        self.refresh = 0.0  # of the screen, Hz; 0: not known
        self.lit = True  # False: black, and the show goes on
        self.stepping = self.drawing = 0.0  # s of wall time that the last frame spent in either
        self._was: float | None = None
        self._behind: deque[Callable[[], None]] = deque()
        self._drawn: tuple[Forms, Moment, Fraction] | None = None
        self._lay = Lay(ctx)
        self._canvas: Picture | None = None

    def seen(self, t: Fraction) -> tuple[Forms, Moment]:
        """What there is to be seen at show time t, s."""
        raise NotImplementedError

    def frame(self, now: float) -> None:
        """Draw the picture of wall time now (s, never falling)."""
        t = self.pace.frame(now)
        self.fade.to(float(self.lit and not self._behind))
        light = self.fade.at(now)
        while self._behind and self.fade.dark:
            self._behind.popleft()()
            t = self.pace.frame(now)
        began = clock.now()
        forms, moment = self.seen(t)
        stepped = clock.now()
        self._drawn = forms, moment, t
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
        self.stepping, self.drawing = stepped - began, clock.now() - stepped
        self.governor.refresh = self.refresh
        if self._was is not None:
            self.governor.note(self.stepping + self.drawing, now - self._was)
        self._was = now
        self.frames.note(now)

    def present(self, framebuffer: Any, size: tuple[int, int]) -> None:
        """The last picture into a window's framebuffer of a size, px: as it is where it fits, else fitted in
        with black beside it."""
        picture = self.projector.picture
        if (picture.width, picture.height) == size:
            self.projector.show(picture.texture, framebuffer)
            return
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
        """Another look, display, size or the same with shaders read anew: made beside, tried on the last
        moment, then swapped.

        BioartError where it cannot be made or fails the trial: the old one stays, and no frame of the show
        meets what a shader got wrong. The guard goes on where views are as many.
        """
        made: Projector | None = None
        try:
            made = Projector(
                self._ctx, picked.look, picked.display, picked.width, picked.height, picked.quality,
                guard=self._guard_for(picked),
            )  # fmt: skip
            if self._drawn is not None:
                forms, moment, t = self._drawn
                made.trial(forms, moment.camera, moment.exposure, moment.values, float(t))
            lay = Lay(self._ctx)
        except (BioartError, moderngl.Error, struct.error, *MALFORMED) as fault:
            self._clean(made)
            raise BioartError(f"look {picked.look}: {_reason(fault)}") from fault
        self.projector.close()
        self._lay.close()
        self.projector, self.picked, self._lay = made, picked, lay

    def _clean(self, made: Projector | None) -> None:
        """After a trial that failed: give its GL objects back, and the state that it left in the middle."""
        ctx = self._ctx
        self.projector.picture.framebuffer.use()  # moderngl would bind again what was bound last
        ctx.disable(ctx.BLEND | ctx.DEPTH_TEST)
        ctx.depth_func = "<="
        if made is not None:
            made.close()

    def _guard_for(self, picked: Picked) -> Guard | None:
        return self.projector.guard if picked.display == self.picked.display else None

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
        """Give every GL object back."""
        self.projector.close()
        self._lay.close()
        if self._canvas is not None:
            self._canvas.close()


def _reason(fault: Exception) -> str:
    """In one line; what is not ours is told by its kind too: a KeyError says no more than a name."""
    said = " ".join(str(fault).split())
    return said if isinstance(fault, BioartError) else f"{type(fault).__name__} {said}"


Size = tuple[int | None, int | None]


def sized(display: str, asked: Size, window: tuple[int, int]) -> Size:
    """Of a picture, px: what was asked for; else a flat one is as large as its window, and every other
    display knows its own."""
    if asked != (None, None):
        return asked
    return window if display.partition(":")[0] == "flat" else (None, None)


def following(picked: Picked, family: str, asked: Size, window: tuple[int, int]) -> Picked:
    """The same with the next look, or the next display at its size."""
    kinds = registry.names(family)
    kind = (picked.look if family == "look" else picked.display).partition(":")[0]
    other = kinds[(kinds.index(kind) + 1) % len(kinds)]
    if family == "look":
        return replace(picked, look=other)
    width, height = sized(other, asked, window)
    return replace(picked, display=other, width=width, height=height)
