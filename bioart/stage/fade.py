"""Fades: light that comes and goes over at least half a second, and never in a rhythm that flashes.

It lies behind the guard, so it keeps the rule itself: a fade that has begun is finished before it turns, and
falls begin at least CYCLE apart. Whoever sends it where and when, there is one dark phase in so long.
"""

from __future__ import annotations

import math

SHORTEST = 0.5  # s from full to black
CYCLE = 2.0  # s between the beginnings of two falls: at most one dark phase in so long


class Fade:
    """A share of light 0–1 that moves to where it was last sent, once it has come to where it is going."""

    def __init__(self, seconds: float = 0.8, dark: bool = True) -> None:
        """seconds: from black to full, at least SHORTEST. dark: where it begins."""
        self._seconds = max(seconds, SHORTEST)
        self._light = 0.0 if dark else 1.0
        self._goal = self._light  # of the fade that has begun
        self._wanted = self._light
        self._was: float | None = None
        self._fell = -math.inf  # when it last began to fall

    def to(self, light: float) -> None:
        """Send it: 1 full, 0 black."""
        self._wanted = min(max(light, 0.0), 1.0)

    @property
    def dark(self) -> bool:
        return self._light <= 0.0

    def at(self, now: float) -> float:
        """The share at wall time now (s, never falling)."""
        elapsed = 0.0 if self._was is None else max(0.0, now - self._was)
        self._was = now
        move = min(elapsed, 0.1) / self._seconds  # a late frame is no jump
        if self._goal < self._light:
            self._goal = min(self._goal, self._wanted)  # further the same way is no turn
        elif self._goal > self._light:
            self._goal = max(self._goal, self._wanted)
        elif move > 0.0 and (self._wanted > self._light or now - self._fell >= CYCLE):
            self._goal = self._wanted
            if self._goal < self._light:
                self._fell = now
        if self._goal < self._light:
            self._light = max(self._goal, self._light - move)
        else:
            self._light = min(self._goal, self._light + move)
        return self._light * self._light * (3.0 - 2.0 * self._light)
