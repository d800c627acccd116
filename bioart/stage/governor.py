"""The governor: when frames are late, cost falls in a stated order; when there is time again, it rises.

Order of falling: marching steps, then the views' resolution, then spores; what is late after that runs in
slow show time (`pacing`). It rises in the other order. Thrift moves slowly and evenly, so that no frame
looks different from the one before it.
"""

from __future__ import annotations

from bioart.projector import Cost

LATE = 1.10  # of the time that a frame has: above it cost falls
EARLY = 0.75  # below it cost rises
FALL = 0.5  # rungs a second: two seconds from full marching to the least
RISE = 0.125  # rungs a second: what was too dear is not tried again at once
REST = 3.0  # s in time before cost rises
SMOOTH = 0.5  # s over which frame times are averaged
STEPS = 16  # sizes of a view between full and half: each new size costs new textures


RUNGS = (("marching", 0.5), ("scale", 0.5), ("spores", 0.25))  # in the order of falling; the least of each


class Governor:
    """Watches how long frames take and says what the next may cost."""

    def __init__(self, budget: float) -> None:
        """budget: wall seconds that a frame has."""
        self.budget = budget
        self.thrift = 0.0  # 0: full cost; each whole number: one more rung at its least
        self._mean = budget
        self._early = 0.0

    def note(self, seconds: float, elapsed: float) -> None:
        """The last frame took `seconds` of work, `elapsed` s after the one before."""
        elapsed = min(max(elapsed, 0.0), 0.25)  # a stall is no reason to jump
        self._mean += (seconds - self._mean) * min(1.0, elapsed / SMOOTH)
        if self._mean > LATE * self.budget:
            self._early = 0.0
            self.thrift = min(float(len(RUNGS)), self.thrift + FALL * elapsed)
        elif self._mean < EARLY * self.budget:
            self._early += elapsed
            if self._early >= REST:
                self.thrift = max(0.0, self.thrift - RISE * elapsed)
        else:
            self._early = 0.0

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
