"""Pacing: how wall time becomes show time, and what frames have cost.

The time rule: a frame takes the steps that are due, at most MOST of them. Behind that, show time runs slow:
no step is ever longer and none is left out.
"""

from __future__ import annotations

import math
from collections import deque
from fractions import Fraction

MOST = 2  # steps a frame
SPAN = 2.0  # s of wall time over which the speed factor is told
FINE = 10**6  # show time counts microseconds


class Pace:
    """Show time as it runs beside a wall clock that only ever goes forward."""

    def __init__(self, rate: int, start: Fraction = Fraction(0)) -> None:
        """rate: steps per second of show time. start: show time of the first frame, s."""
        self._most = Fraction(MOST, rate)
        self._t = start
        self._was: float | None = None
        self._told: deque[tuple[float, Fraction]] = deque()
        self.frozen = False

    def frame(self, now: float) -> Fraction:
        """The show time of the frame that is drawn at wall time now (s)."""
        elapsed = Fraction(0)
        if self._was is not None:
            elapsed = Fraction(max(0, round((now - self._was) * FINE)), FINE)
        self._was = now
        if not self.frozen:
            self._t += min(elapsed, self._most)
        self._told.append((now, self._t))
        while len(self._told) > 2 and now - self._told[1][0] >= SPAN:
            self._told.popleft()
        return self._t

    @property
    def t(self) -> Fraction:
        """Show time of the last frame, s."""
        return self._t

    def jump(self, t: Fraction) -> None:
        """Go on from another show time."""
        self._t = t
        self._told.clear()

    @property
    def factor(self) -> float:
        """Seconds of show per second of wall over the last SPAN: 1 in time, below 1 behind, 0 frozen."""
        if len(self._told) < 2:
            return 1.0
        (before, earlier), (now, later) = self._told[0], self._told[-1]
        return float(later - earlier) / (now - before) if now > before else 1.0


class Frames:
    """What frames have cost: the last `kept` intervals, s."""

    def __init__(self, kept: int = 2000) -> None:
        self._kept: deque[float] = deque(maxlen=kept)
        self._was: float | None = None
        self.count = 0

    def note(self, now: float) -> None:
        """A frame was shown at wall time now."""
        if self._was is not None:
            self._kept.append(now - self._was)
            self.count += 1
        self._was = now

    def quantile(self, share: float) -> float:
        """The interval, s, that `share` of the frames stay below; 0 before there are two frames."""
        ranked = sorted(self._kept)
        return ranked[min(len(ranked) - 1, math.ceil(share * len(ranked)) - 1)] if ranked else 0.0

    @property
    def recent(self) -> float:
        """Mean interval of the last ten frames, s."""
        last = list(self._kept)[-10:]
        return sum(last) / len(last) if last else 0.0

    def told(self) -> str:
        """`24.1 fps, median 41 ms, 1 % low 18 fps` (1000/p99 of the frames that are kept)."""
        if not self._kept:
            return "no frames yet"
        low = 1.0 / max(self.quantile(0.99), 1e-9)
        return (
            f"{1.0 / max(self.recent, 1e-9):.1f} fps, median {1e3 * self.quantile(0.5):.0f} ms, "
            f"1 % low {low:.1f} fps"
        )
