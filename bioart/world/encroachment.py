"""Encroachment: what nobody holds of a neighbourhood is taken, and given back when people come again.

A zone's taken share x follows x' = a·(1 − x) − b·x with a = e·(1 − h)/T and b = (h + (1 − e)/4)/T: e is the
pressure, h how far people hold the zone. Under full pressure 1 − h is taken in the long run; without any a
zone frees itself, slowly, and at once faster where it is held.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bioart.clock import RATE
from bioart.forms import Curves, Grid
from bioart.steering import Zone
from bioart.world.spills import scatter

F64 = NDArray[np.float64]

SIEGE = 15.0  # s of show, T: in which full pressure takes two thirds of what nobody holds
ALONE = 0.25  # pace at which a zone frees itself where there is neither pressure nor anybody


BRAMBLES, BENDS = 9, 40  # strands that creep over a taken zone, points of each
DUSK = (0.5, 0.03, 0.07)  # linear sRGB: a dull blood red, which nothing that lives here has


class Encroachment:
    """The taken share of each zone, 0–1, by name."""

    def __init__(self, zones: Sequence[str] = ()) -> None:
        self.taken = dict.fromkeys(zones, 0.0)

    def step(self, seconds: float, pressure: float, held: Mapping[str, float]) -> dict[str, float]:
        """Go on by some seconds of show; the taken shares. pressure: 0–1. held: 0–1 by zone."""
        for name, taken in self.taken.items():
            hold = min(max(held.get(name, 0.0), 0.0), 1.0)
            gain = seconds * pressure * (1.0 - hold) / SIEGE
            loss = seconds * (hold + ALONE * (1.0 - pressure)) / SIEGE
            self.taken[name] = (taken + gain) / (1.0 + gain + loss)  # implicit: never beyond 0–1
        return dict(self.taken)

    def mean(self, held: Mapping[str, float]) -> float:
        """How far the zones are held on the mean, 0–1."""
        return sum(min(max(held.get(n, 0.0), 0.0), 1.0) for n in self.taken) / max(len(self.taken), 1)


def brambles(zones: Sequence[Zone], taken: Mapping[str, float], ground: Grid, k: int) -> Curves:
    """Curves `brambles`: strands that creep over a taken zone from its outer rim, towards the body's foot,
    each an ember at its tip; as long and as bright as the share that is taken. ground: the air's grid. k: the
    step, by which they stir."""
    (ox, oy, oz), (sx, _, sz) = ground.origin, ground.size
    u = np.linspace(0.0, 1.0, BENDS)
    strand = np.arange(BRAMBLES, dtype=np.int64)
    at: list[F64] = []
    radius: list[F64] = []
    glow: list[F64] = []
    key: list[NDArray[np.int64]] = []
    for i, zone in enumerate(zones):
        share = taken.get(zone.name, 0.0)
        if share < 1e-3:
            continue
        chance = scatter(np.int64(i * 7919) + strand)[:, :, None]
        x, z = ox + zone.at[0] * sx, oz + zone.at[1] * sz
        reach = zone.radius * min(sx, sz)
        in_x, in_z = -x, -z  # the way to the world's middle, where the body stands
        far = max(float(np.hypot(in_x, in_z)), 1e-6)
        in_x, in_z = in_x / far, in_z / far
        along = share * (0.45 + 0.55 * chance[:, 0]) * u  # of the whole way that a strand can go
        way = (0.8 * reach + 0.85 * far) * along - 0.8 * reach
        stir = 0.05 * np.sin(6.3 * (chance[:, 1] + 0.05 * k / RATE) + 5.0 * u) * u
        bend = 0.22 * np.sin(5.0 * along + 6.3 * chance[:, 2])
        side = reach * (1.0 - 0.65 * along) * (2.0 * chance[:, 1] - 1.0 + bend + stir)
        hop = 0.2 * reach * np.abs(np.sin((4.0 + 3.0 * chance[:, 3]) * along + 6.3 * chance[:, 2])) + 0.03
        path = np.stack([x + in_x * way - in_z * side, oy + hop, z + in_z * way + in_x * side], axis=2)
        at.append(path.reshape(-1, 3))
        radius.append((reach * 0.05 * share * (1.0 - 0.8 * u) * np.ones((BRAMBLES, 1))).reshape(-1))
        glow.append((share * (0.03 + 0.3 * u**6) * np.ones((BRAMBLES, 1))).reshape(-1))
        key.append(i * BRAMBLES + strand)
    count = len(at) * BRAMBLES
    none = np.zeros(0)
    return Curves(
        "brambles",
        np.concatenate(at or [np.zeros((0, 3))]).astype(np.float32),
        np.arange(count + 1, dtype=np.int64) * BENDS,
        np.concatenate(radius or [none]).astype(np.float32),
        np.tile(np.array(DUSK, np.float32), (count, 1)),
        np.concatenate(glow or [none]).astype(np.float32),
        np.concatenate(key or [none.astype(np.int64)]),
    )
