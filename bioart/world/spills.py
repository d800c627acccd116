"""What the metabolism shows: pods by their load, motes that well up where one spills, the film on the ground.

Shown only, never read back: the state is in world/metabolism and world/ground.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.clock import RATE
from bioart.forms import Grid, Points
from bioart.spectrum import SPECTRA, emitter_rgb
from bioart.steering import Zone

MOTES = 28  # motes of spill that each pod can show
LIFE = 4 * RATE  # steps that a mote of spill takes from the ground to nothing
BEADS = 5000  # places on the ground where a film is seen
SHOWN = 0.0008  # m, a film so deep shines with half of its greatest light

NEAR, FULL = (0.16, 0.85, 0.42), (1.0, 0.34, 0.08)  # linear sRGB: a pod that copes, a pod that spills
LIQUOR = emitter_rgb(*SPECTRA["millipede"])  # what it spills


def pods(
    zones: Sequence[Zone], loads: Sequence[float], flow: Sequence[float], ground: Grid, k: int
) -> Points:
    """Points `pods`: per zone one core, its size and colour by load, and MOTES that well up as it spills."""
    (ox, oy, oz), (sx, sy, sz) = ground.origin, ground.size
    slot = np.arange(MOTES, dtype=np.int64)
    at, radius, tint, glow, key = [], [], [], [], []
    for i, zone in enumerate(zones):
        load = loads[i]
        warm = np.array(NEAR) + (np.array(FULL) - np.array(NEAR)) * max(load, flow[i])
        x, z = ox + zone.at[0] * sx, oz + zone.at[1] * sz
        reach = zone.radius * min(sx, sz)
        life, moment = np.divmod(k + slot * LIFE // MOTES + LIFE, LIFE)
        chance = scatter(np.int64(i * 4099) + slot * 131 + life * 65537)
        u = moment / LIFE
        angle, r = 2 * np.pi * chance[:, 0], reach * (0.15 + 0.85 * np.sqrt(chance[:, 1])) * (0.35 + 0.65 * u)
        rise = 0.02 * sy + (0.10 + 0.22 * chance[:, 2]) * sy * u
        mote = np.stack([x + r * np.cos(angle + u), oy + rise, z + r * np.sin(angle + u)], axis=1)
        shine = (4 * u * (1 - u)) ** 2 * flow[i] * (0.6 + 0.8 * chance[:, 3])
        at.append(np.concatenate([[[x, oy + 0.02 * sy, z]], mote]))
        radius.append(np.concatenate([[0.008 * sy * (1 + load)], (0.003 + 0.004 * chance[:, 2]) * sy]))
        tint.append(np.concatenate([warm[None], np.broadcast_to(LIQUOR, (MOTES, 3))]))
        glow.append(np.concatenate([[0.25 + 0.75 * load], 1.6 * shine]))
        key.append(np.concatenate([[i], (i + 1) * 1_000_000_007 + life * MOTES + slot]))
    if not at:
        return _none("pods")
    return Points(
        "pods",
        np.concatenate(at).astype(np.float32),
        np.concatenate(radius).astype(np.float32),
        np.concatenate(tint).astype(np.float32),
        np.concatenate(glow).astype(np.float32),
        np.concatenate(key).astype(np.int64),
    )


class Beads:
    """Where a film on the floor is seen: beads, each as bright as the film under it is deep.

    Their places are Roberts' R2 sequence, shaken so that no rows show: any first part of them still covers
    the floor evenly.
    """

    def __init__(self, grid: Grid) -> None:
        """grid: the air's, whose floor it is."""
        n = np.arange(1, BEADS + 1, dtype=np.int64)
        chance, other = scatter(n), scatter(n + BEADS)
        nx, _, nz = grid.shape
        (ox, oy, oz), (sx, _, sz) = grid.origin, grid.size
        apart = np.sqrt(sx * sz / BEADS)  # m, between beads
        u = (n * 0.7548776662466927 + 1.2 * apart / sx * chance[:, 2]) % 1.0
        w = (n * 0.5698402909980532 + 1.2 * apart / sz * chance[:, 3]) % 1.0
        x, z = np.clip(u * nx - 0.5, 0.0, nx - 1.001), np.clip(w * nz - 0.5, 0.0, nz - 1.001)
        self._cell = x.astype(np.int64), z.astype(np.int64)
        self._share = x - self._cell[0], z - self._cell[1]
        large = chance[:, 0] < 0.3  # a few wide and faint, that join the many small ones to a film
        self._size = np.where(large, 1.3, 0.2 + 0.4 * chance[:, 1] ** 2) * apart
        self._light = np.where(large, 0.32, 0.6 + 2.2 * other[:, 2] ** 3)
        self._pace, self._phase = 1.0 / (2.0 + 3.0 * other[:, 0]), other[:, 1]  # of its shimmer: 1/s, turns
        self._at = np.stack([ox + u * sx, np.full(BEADS, oy + 0.01), oz + w * sz], axis=1).astype(np.float32)
        self._tint = np.tile(np.array(LIQUOR, np.float32), (BEADS, 1))
        self._key = n

    def points(self, depth: NDArray[np.float64], k: int) -> Points:
        """Points `film` after k steps, each with a slow shimmer of its own. depth: m by cell (x, z)."""
        (i, j), (a, b) = self._cell, self._share
        h = (depth[i, j] * (1 - a) + depth[i + 1, j] * a) * (1 - b)
        h += (depth[i, j + 1] * (1 - a) + depth[i + 1, j + 1] * a) * b
        deep = h / (h + SHOWN)
        glow = np.zeros(BEADS)
        wet = np.flatnonzero(deep)
        turn = k / RATE * self._pace[wet] + self._phase[wet]
        glow[wet] = self._light[wet] * deep[wet] * (0.7 + 0.3 * np.sin(2 * np.pi * turn))
        return Points(
            "film",
            self._at.copy(),
            (self._size * (0.5 + 0.5 * deep)).astype(np.float32),
            self._tint.copy(),
            glow.astype(np.float32),
            self._key.copy(),
        )


def _none(name: str) -> Points:
    none = np.zeros((0, 3), np.float32)
    return Points(name, none, none[:, 0], none, none[:, 0], np.zeros(0, np.int64))


def scatter(number: NDArray[np.int64]) -> NDArray[np.float64]:
    """Four values in [0, 1) for each integer: (n,) → (n, 4). SplitMix64's finaliser (Steele et al. 2014)."""
    x: Any = number.astype(np.uint64)[:, None] * np.uint64(4) + np.arange(4, dtype=np.uint64)
    x = x * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = (x ^ (x >> np.uint64(31))) >> np.uint64(11)
    share: NDArray[np.float64] = x.astype(np.float64) * 2.0**-53
    return share
