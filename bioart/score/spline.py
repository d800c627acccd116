"""Cubic splines through numbers in time: place, speed and change of speed are whole everywhere (C²)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence


class Spline:
    """One number over time. Plain arithmetic: the same bits everywhere."""

    def __init__(
        self, times: Sequence[float], values: Sequence[float], lap: float | None = None, wind: float = 0.0
    ):
        """times: s, rising, the first 0; values: as many, at least two.

        lap: s after which it is round again and goes on, or None: it starts and ends at rest, and stays at
        its last value. wind: what a lap adds to the value (of an angle that goes all the way round).
        """
        self._lap, self._wind = lap, wind
        self._times, self._values = list(times), list(values)
        if lap is not None:
            self._times.append(lap)
            self._values.append(values[0] + wind)
        steps = [b - a for a, b in zip(self._times, self._times[1:], strict=False)]
        rises = [b - a for a, b in zip(self._values, self._values[1:], strict=False)]
        self._speeds = _closed(steps, rises) if lap is not None else _open(steps, rises)

    def at(self, t: float) -> float:
        """The value t s after the beginning."""
        laps = 0.0
        if self._lap is not None:
            laps = t // self._lap
            t -= laps * self._lap
        t = min(max(t, 0.0), self._times[-1])
        i = min(bisect_right(self._times, t), len(self._times) - 1) - 1
        h = self._times[i + 1] - self._times[i]
        x = (t - self._times[i]) / h
        a, b = self._values[i], self._values[i + 1]
        u, v = self._speeds[i] * h, self._speeds[i + 1] * h
        rise = b - a
        return a + x * (u + x * (3.0 * rise - 2.0 * u - v + x * (u + v - 2.0 * rise))) + laps * self._wind


def _open(steps: list[float], rises: list[float]) -> list[float]:
    """Speeds at the places of a spline that is at rest at both ends."""
    n = len(steps) + 1
    rows = [[0.0] * n for _ in range(n)]
    right = [0.0] * n
    rows[0][0] = rows[-1][-1] = 1.0
    for i in range(1, n - 1):
        _smooth(rows[i], right, i, i - 1, i + 1, steps[i - 1], steps[i], rises[i - 1], rises[i])
    return _solved(rows, right)


def _closed(steps: list[float], rises: list[float]) -> list[float]:
    """Speeds at the places of a spline whose last piece meets its first; the first again at the end."""
    n = len(steps)
    rows = [[0.0] * n for _ in range(n)]
    right = [0.0] * n
    for i in range(n):
        _smooth(rows[i], right, i, (i - 1) % n, (i + 1) % n, steps[i - 1], steps[i], rises[i - 1], rises[i])
    speeds = _solved(rows, right)
    return [*speeds, speeds[0]]


def _smooth(
    row: list[float],
    right: list[float],
    i: int,
    before: int,
    after: int,
    h: float,
    k: float,
    p: float,
    q: float,
) -> None:
    """Where two pieces meet the change of speed is one. h, k: their lengths; p, q: their rises."""
    row[before] += 1.0 / h
    row[i] += 2.0 * (1.0 / h + 1.0 / k)
    row[after] += 1.0 / k
    right[i] = 3.0 * (p / (h * h) + q / (k * k))


def _solved(rows: list[list[float]], right: list[float]) -> list[float]:
    """Gaussian elimination; the rows are diagonally dominant, so none need change places."""
    n = len(right)
    for i in range(n):
        for j in range(i + 1, n):
            share = rows[j][i] / rows[i][i]
            if share:
                rows[j] = [b - share * a for a, b in zip(rows[i], rows[j], strict=True)]
                right[j] -= share * right[i]
    found = [0.0] * n
    for i in range(n - 1, -1, -1):
        rest = sum(rows[i][j] * found[j] for j in range(i + 1, n))
        found[i] = (right[i] - rest) / rows[i][i]
    return found
