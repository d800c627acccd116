"""Fades: light that comes and goes over at least half a second, and never in a rhythm that flashes."""

from __future__ import annotations

SHORTEST = 0.5  # s from full to black
CYCLE = 2.0  # s between the beginnings of two fades the same way: at most one dark phase in so long


class Fade:
    """A share of light 0–1 that moves to where it was last sent."""

    def __init__(self, seconds: float = 0.8, dark: bool = True) -> None:
        """seconds: from black to full, at least SHORTEST. dark: where it begins."""
        self._seconds = max(seconds, SHORTEST)
        self._light = 0.0 if dark else 1.0
        self._wanted = self._light
        self._was: float | None = None
        self._left = -CYCLE  # when it last turned dark

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
        if self._wanted < self._light:
            if self._light >= 1.0 and move > 0.0:
                if now - self._left < CYCLE:
                    return 1.0
                self._left = now
            self._light = max(self._wanted, self._light - move)
        elif self._wanted > self._light:
            self._light = min(self._wanted, self._light + move)
        return self._light * self._light * (3.0 - 2.0 * self._light)
