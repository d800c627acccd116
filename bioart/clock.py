"""Show time, steps and frames. The one module that reads the wall clock."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction

RATE = 30  # steps per second of show time


@dataclass(frozen=True)
class FrameTimes:
    """The show times of an export's frames.

    start, seconds: show time in s; fps: a Fraction, so that 29.97 is 30000/1001 exactly.
    """

    start: Fraction
    seconds: Fraction
    fps: Fraction

    @property
    def count(self) -> int:
        return max(1, round(self.seconds * self.fps))

    def at(self, frame: int) -> Fraction:
        """Show time of a frame in s: its middle would blur, its start is what editors count from."""
        return self.start + Fraction(frame) / self.fps


def step_at(t: float | Fraction, rate: int = RATE) -> int:
    """The step in which an event at show time t acts: floor(t·rate). Exact for decimal t."""
    exact = t if isinstance(t, Fraction) else Fraction(str(t))
    return (exact * rate).__floor__()


def frame_rate(text: str | float) -> Fraction:
    """24, 29.97 or 30000/1001 as an exact rate; NTSC decimals become n·1000/1001. Raises ValueError."""
    rate = Fraction(str(text))
    ntsc = Fraction(round(rate * Fraction(1001, 1000)) * 1000, 1001)
    return ntsc if rate != ntsc and abs(rate - ntsc) < Fraction(1, 200) and rate.denominator != 1 else rate


def now() -> float:
    """Seconds of a monotonic wall clock: for progress, pacing and benches, never for the world."""
    return time.perf_counter()


def date() -> float:
    """Seconds since 1970: for file names and the moment a recording was made."""
    return time.time()


def local() -> tuple[int, float]:
    """The day of the week, 0 Monday to 6, and the minute of the day, 0 to below 1440, by local time: for
    opening hours."""
    t = time.localtime()
    return t.tm_wday, t.tm_hour * 60 + t.tm_min + min(t.tm_sec, 59) / 60


def stamp() -> str:
    """`20260131-185903`, local time: for the names of files."""
    return time.strftime("%Y%m%d-%H%M%S")
