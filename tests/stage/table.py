"""A window without a screen: a table with a framebuffer on it, and hands that press what they are told to."""

from __future__ import annotations

from typing import Any

import numpy as np

from bioart.gpu.window import Signal

SIZE = (96, 54)


class Table:
    """A window without a screen: what it is told to do it remembers."""

    def __init__(self, ctx: Any) -> None:
        self.ctx = ctx
        self.size = SIZE
        self._signals: list[Signal] = []
        self._texture = self.ctx.texture(SIZE, 4)
        self.framebuffer = self.ctx.framebuffer([self._texture])
        self.flips = 0
        self.refresh = 0.0
        self.full = False

    def poll(self) -> list[Signal]:
        found, self._signals = self._signals, []
        return found

    def flip(self) -> None:
        self.flips += 1

    def fill(self, on: bool) -> None:
        self.full = on

    def keep(self) -> bool:
        return True

    def press(self, *names: str, held: tuple[str, ...] = ()) -> None:
        for name in names:
            self._signals += [Signal("key", name, 1.0, held=held), Signal("key", name, 0.0, held=held)]

    def send(self, *signals: Signal) -> None:
        self._signals += signals

    @property
    def light(self) -> float:
        codes = np.frombuffer(self.framebuffer.read(components=3), np.uint8)
        return float(codes.mean())
