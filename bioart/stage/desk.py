"""The desk: where the performer's panel lies.

On the stage's own window, or in one beside it where the display's picture belongs to a device that cuts it
into views: nothing of ours is laid on a hologram.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from bioart.gpu.window import Signal, Window
from bioart.stage.marks import GROUND
from bioart.stage.panel import History, Panel

if TYPE_CHECKING:
    from bioart.stage.performer import Performer

SIZE = (640, 820)  # px, the window beside


class Desk:
    """A panel over the stage, or one beside it: fulfils the performer's `Overlay`."""

    def __init__(self, stage: Window) -> None:
        self._stage = stage
        self._history = History()
        self._over = Panel(stage, self._history)
        self._beside: tuple[Window, Panel] | None = None
        self._closed = False  # the window beside was closed by hand

    def signals(self) -> list[Signal]:
        """What hands did, but for what the panel keeps. The stage's context is current afterwards."""
        found: list[Signal] = []
        if self._beside is not None:
            window, panel = self._beside
            for signal in window.poll():
                kept = panel.feed(signal)
                self._closed |= signal.kind == "close"
                if signal.kind == "key" and not kept:  # the mouse and the size are the stage's
                    found.append(signal)
        return found + [s for s in self._stage.poll() if not self._over.feed(s)]

    def draw(self, performer: Performer) -> None:
        """All that there is to show now."""
        if performer.live.projector.display.bears_words:
            self._put_away()
            self._over.draw(performer, self._stage.size)
            return
        self._over.hide()
        if self._closed:
            performer.panel = performer.help = performer.timing = False
        if not (performer.panel or performer.help or performer.timing or performer.mapping_waits):
            self._put_away()
            return
        if self._beside is None:
            window = Window(f"{performer.preset.title}: panel", *SIZE, beside=self._stage)
            self._beside = (window, Panel(window, self._history, alone=True))
        window, panel = self._beside
        window.use()
        window.framebuffer.use()
        window.framebuffer.clear(*(0.5 * c for c in GROUND), 1.0)
        panel.draw(performer, window.size)
        window.flip()
        self._stage.use()

    def grow(self, title: str, share: float) -> None:
        """Before the first picture: how much of the world has grown, 0–1, on the stage's window."""
        self._stage.framebuffer.use()
        self._stage.framebuffer.clear(0.0, 0.0, 0.0, 1.0)
        self._over.grow(title, share, self._stage.size)
        self._stage.flip()

    def _put_away(self) -> None:
        self._closed = False
        if self._beside is None:
            return
        window, panel = self._beside
        self._beside = None
        window.use()
        panel.close()
        window.close()
        self._stage.use()
        self._stage.take_keys()

    def close(self) -> None:
        """Give windows and GL objects back."""
        self._put_away()
        self._over.close()
