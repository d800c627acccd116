"""Playing a recording in a window: its take, or, on the build that made it, its world stepped again.

A recording plays as it was: nothing that is pressed reaches it. Looks, displays, light and time are the
viewer's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from bioart import clock
from bioart.errors import BioartError
from bioart.forms import Forms
from bioart.gpu.window import Signal, Window
from bioart.preset import Preset
from bioart.recording import Recording
from bioart.show import Show
from bioart.stage import opening
from bioart.stage.drawing import Drawing, Picked, following, sized
from bioart.take import Moment, Reader

KEYS = (
    "F freeze · B black · Left/Right 5 s · Home the beginning · L look · D display · F11 full screen · "
    "Ctrl Q leave"
)
LEAP = Fraction(5)  # s of show for an arrow


class Source(Protocol):
    """What is played: forms and moment of any show time from `first` to `last`, s."""

    first: Fraction
    last: Fraction

    def at(self, t: Fraction) -> tuple[Forms, Moment]: ...

    def close(self) -> None: ...


class Taken:
    """A take: any moment at once."""

    def __init__(self, reader: Reader, rate: int) -> None:
        self.first, self.last = Fraction(0), Fraction(reader.steps - 1, rate)
        self._reader = reader

    def at(self, t: Fraction) -> tuple[Forms, Moment]:
        return self._reader.at(float(t))

    def close(self) -> None:
        """A take holds nothing but memory."""


class Stepped:
    """A world that lives its recorded life again; going back begins at the snapshot before."""

    def __init__(self, recording: Recording, preset: Preset) -> None:
        self._recording, self._preset = recording, preset
        self.first = Fraction(recording.first(), preset.world.rate)
        self.last = Fraction(recording.steps(), preset.world.rate)
        self._show = Show(preset, recording.seed, opening=opening.state_before(recording, 0))
        self._show.queue(opening.timeline(recording, self._show.steps))

    def at(self, t: Fraction) -> tuple[Forms, Moment]:
        wanted = (t * self._show.rate).__floor__()
        if wanted < self._show.steps - 1:
            state = opening.state_before(self._recording, max(0, wanted - 1))
            self._show.rewind(state, ())
            self._show.queue(opening.timeline(self._recording, self._show.steps))
        return self._show.at(t)

    def close(self) -> None:
        self._show.close()


class Playback(Drawing):
    """A recording, from its beginning to its end, and again behind a fade."""

    def __init__(self, ctx: Any, source: Source, preset: Preset, picked: Picked) -> None:
        super().__init__(ctx, picked, preset.world.rate, source.first)
        self._source = source

    def seen(self, t: Fraction) -> tuple[Forms, Moment]:
        if t >= self._source.last and not self._behind:
            self.behind_dark(lambda: self.pace.jump(self._source.first))
        return self._source.at(min(t, self._source.last))

    def leap(self, seconds: Fraction) -> None:
        """So many seconds of show on or back, behind a fade."""

        def jump() -> None:
            t = min(max(self.pace.t + seconds, self._source.first), self._source.last)
            self.pace.jump(t)

        self.behind_dark(jump)

    def close(self) -> None:
        self._source.close()
        super().close()


@dataclass(frozen=True)
class Screening:
    """A recording to be played in a window. None: the piece's or the machine's own."""

    path: Path
    display: str | None = None
    size: tuple[int | None, int | None] = (None, None)
    fullscreen: bool = False
    quality: str = "live"
    say: Callable[[str], None] = field(default=lambda line: None)


def source_of(recording: Recording, preset: Preset) -> Source:
    """The take where there is one; else the world, on the build that made the recording, or a BioartError."""
    strange = opening.strange_build(recording)
    if recording.take_names():
        return Taken(opening.take_of(recording, preset, strange), preset.world.rate)
    if strange:
        opening.take_of(recording, preset, strange)  # says what is missing
    return Stepped(recording, preset)


class Viewer:
    """The hands of who watches."""

    def __init__(self, job: Screening, window: Window, playback: Playback) -> None:
        self._job, self._window, self.playback = job, window, playback
        self._full, self._leaving = job.fullscreen, False

    def turn(self, now: float) -> bool:
        """Signals and one frame. False once it has faded out to be left."""
        for signal in self._window.poll():
            self._signal(signal)
        self.playback.frame(now)
        self.playback.present(self._window.framebuffer, self._window.size)
        self._window.flip()
        return not (self._leaving and self.playback.fade.dark)

    def _signal(self, signal: Signal) -> None:
        if signal.kind == "close" or (signal.name == "Q" and "CTRL" in signal.held):
            self._leaving, self.playback.lit = True, False
        elif signal.kind == "resize":
            picked = self.playback.picked
            width, height = sized(picked.display, self._job.size, self._window.size)
            if (width, height) != (picked.width, picked.height):
                self._draw_with(replace(picked, width=width, height=height))
        elif signal.kind == "key" and signal.value > 0:
            act = self._acts().get(signal.name)
            if act is not None:
                act()

    def _acts(self) -> dict[str, Callable[[], None]]:
        p = self.playback
        return {
            "F": lambda: setattr(p.pace, "frozen", not p.pace.frozen),
            "B": lambda: setattr(p, "lit", not p.lit),
            "LEFT": lambda: p.leap(-LEAP),
            "RIGHT": lambda: p.leap(LEAP),
            "HOME": lambda: p.leap(Fraction(-86400)),
            "L": lambda: self._next("look"),
            "D": lambda: self._next("display"),
            "F11": lambda: self._fill(not self._full),
            "ESCAPE": lambda: self._fill(False),
        }

    def _fill(self, on: bool) -> None:
        self._full = on
        self._window.fill(on)

    def _next(self, family: str) -> None:
        picked = following(self.playback.picked, family, self._job.size, self._window.size)
        if family == "look":
            self._draw_with(picked)
        else:
            self.playback.behind_dark(lambda: self._draw_with(picked))

    def _draw_with(self, picked: Picked) -> None:
        try:
            self.playback.draw_with(picked)
        except BioartError as fault:  # the old one goes on
            self._job.say(str(fault))


def screen(job: Screening) -> None:
    """Play until the window is left. BioartError and WorkFailed as they come."""
    recording = Recording(job.path)
    try:
        preset = opening.recorded_preset(recording)
        source = source_of(recording, preset)
        window = Window(preset.title, job.size[0] or 1280, job.size[1] or 720, job.fullscreen)
        try:
            display = job.display or preset.display
            size = sized(display, job.size, window.size)
            picked = Picked(preset.look[0], display, *size, job.quality)
            playback = Playback(window.ctx, source, preset, picked)
            playback.refresh = window.refresh
            job.say(KEYS)
            viewer = Viewer(job, window, playback)
            while viewer.turn(clock.now()):
                pass
            playback.close()
        finally:
            window.close()
    finally:
        recording.close()
