"""Blue noise by void-and-cluster (Ulichney 1993), the same everywhere: ranks in integers, no random state."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

SIDE = 64


@cache
def ranks() -> NDArray[np.int64]:
    """(64, 64) ranks 0–4095, each once, periodic: every threshold of it is a set of well-spaced points.

    Energies are sums of a Gaussian (sigma 1.5 px) in units of 2⁻²⁴, so that ties and order do not depend on
    the machine.
    """
    n = SIDE * SIDE
    axis = [min(i, SIDE - i) for i in range(SIDE)]
    kernel = np.array(
        [[round(math.exp(-(x * x + y * y) / 4.5) * (1 << 24)) for x in axis] for y in axis], np.int64
    )

    def around(cell: int) -> NDArray[np.int64]:
        return np.roll(kernel, (cell // SIDE, cell % SIDE), (0, 1)).ravel()

    def tightest() -> int:
        return int(np.argmax(np.where(lit, energy, -1)))

    def emptiest() -> int:
        return int(np.argmin(np.where(lit, np.int64(1) << 60, energy)))

    lit = np.zeros(n, bool)
    energy = np.zeros(n, np.int64)
    place, first = 0, n // 10
    for _ in range(first):  # a full-period congruential walk scatters the seed points
        place = (place * 1597 + 1031) % n
        lit[place] = True
        energy += around(place)
    while True:
        cluster = tightest()
        lit[cluster] = False
        energy -= around(cluster)
        void = emptiest()
        lit[void] = True
        energy += around(void)
        if void == cluster:
            break
    rank = np.zeros(n, np.int64)
    kept, kept_energy = lit.copy(), energy.copy()
    for order in range(first - 1, -1, -1):
        cluster = tightest()
        lit[cluster] = False
        energy -= around(cluster)
        rank[cluster] = order
    lit, energy = kept, kept_energy
    for order in range(first, n):
        void = emptiest()
        lit[void] = True
        energy += around(void)
        rank[void] = order
    return rank.reshape(SIDE, SIDE)
