"""The governor: when frames are late, cost falls in a stated order; when there is time again, it rises.

Order of falling: marching steps, then the views' resolution, then spores; what is late after that runs in
slow show time (`pacing`). It rises in the other order. Thrift moves slowly and evenly, so that no frame
looks different from the one before it.

Late is what the interval between frames says. That there is time again it cannot say: a screen rounds it up
to whole refreshes, so work of 20 ms and of 33 ms look alike. That is what the work itself is measured for.
"""

from __future__ import annotations

import math
from collections import deque

from bioart.projector import Cost

LATE = 1.10  # of the time that a frame has: above it cost falls
EARLY = 0.75  # of that time: work below it lets cost rise
FITS = 0.9  # of the whole refreshes in that time: work above it could miss one
FALL = 0.5  # rungs a second: two seconds from full marching to the least
RISE = 0.125  # rungs a second: what was too dear is not tried again at once
REST, LONGEST = 3.0, 60.0  # s with time to spare before cost rises: at first, and after many rises in vain
SOON = 5.0  # s: cost that falls so soon after it rose has risen in vain
QUIET = 60.0  # s without a fall, other than waiting to rise, after which REST is enough again
SMOOTH = 0.5  # s over which frame times are averaged
STALL = 0.25  # s; a longer frame moves nothing further
SLOWEST = 20.0  # Hz; no screen is slower: a driver that says so does not know
STEPS = 16  # sizes of a view between full and half: each new size costs new textures


RUNGS = (("marching", 0.5), ("scale", 0.5), ("spores", 0.25))  # in the order of falling; the least of each


class Governor:
    """Watches how long frames take and says what the next may cost."""

    def __init__(self, budget: float) -> None:
        """budget: wall seconds that a frame has, or a refresh of the screen where that is longer."""
        self.refresh = 0.0  # of the screen, Hz; 0: not known
        self.thrift = 0.0  # 0: full cost; each whole number: one more rung at its least
        self._wanted = budget
        self._interval, self._work = _Mean(budget), _Mean(budget)
        self._early = self._quiet = 0.0  # s
        self._risen = math.inf  # s since cost rose
        self._rest = REST

    @property
    def budget(self) -> float:
        """Wall seconds that a frame has."""
        return max(self._wanted, self._period)

    @property
    def _period(self) -> float:
        return 1.0 / self.refresh if self.refresh >= SLOWEST else 0.0

    @property
    def _room(self) -> float:
        """Work, s, below which cost may rise: it would be in time with some to spare."""
        if not self._period:
            return EARLY * self.budget
        whole = math.floor(LATE * self.budget / self._period) * self._period
        return min(EARLY * self.budget, FITS * whole)

    def note(self, work: float, interval: float) -> None:
        """The last frame: work, s of stepping and drawing; interval, s since the one before."""
        elapsed = min(max(interval, 0.0), STALL)  # a stall is no reason to jump
        latest = self._interval.note(max(interval, work), elapsed)
        self._work.note(work, elapsed)
        late = LATE * self.budget
        waits = False
        self._risen += elapsed
        if min(self._interval.value, latest) > late:  # once frames are in time again, the mean lags behind
            self._early = self._quiet = 0.0
            if self._risen < SOON:
                self._rest = min(2 * self._rest, LONGEST)
            self._risen = math.inf  # one rise is in vain once
            self.thrift = min(float(len(RUNGS)), self.thrift + FALL * elapsed)
        elif self._work.value < self._room and self._interval.value <= late:
            self._early += elapsed
            waits = self.thrift > 0.0 and self._early < self._rest
            if self.thrift > 0.0 and not waits:
                self.thrift = max(0.0, self.thrift - RISE * elapsed)
                self._risen = 0.0
        else:
            self._early = 0.0
        if not waits:
            self._quiet += elapsed
        if self._quiet >= QUIET:
            self._rest = REST

    @property
    def cost(self) -> Cost:
        shares = {}
        for rung, (name, least) in enumerate(RUNGS):
            spared = min(max(self.thrift - rung, 0.0), 1.0)
            if name == "scale":
                spared = round(spared * STEPS) / STEPS
            shares[name] = 1.0 - (1.0 - least) * spared
        return Cost(**shares)

    def told(self) -> str:
        """What is spared: `marching 62 %`; empty where nothing is."""
        cost = self.cost
        return ", ".join(
            f"{name} {100 * share:.0f} %" for name, _ in RUNGS if (share := getattr(cost, name)) < 0.995
        )


class _Mean:
    """A running mean that a single outlier does not move: of medians of three."""

    def __init__(self, value: float) -> None:
        self.value = value
        self._last = deque([value] * 3, maxlen=3)

    def note(self, seconds: float, elapsed: float) -> float:
        """The median of the last three."""
        self._last.append(seconds)
        median = sorted(self._last)[1]
        self.value += (median - self.value) * min(1.0, elapsed / SMOOTH)
        return median
