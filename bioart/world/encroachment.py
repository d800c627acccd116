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


BRAMBLES, BENDS = 14, 40  # canes that creep over a taken zone, points of each
THORNS, PRICK = 9, 3  # of a cane; points of each
EMBER = 5  # points of the glowing end of a cane
SWELL = np.array((1.0, 1.7, 2.2, 1.9, 0.1))  # how thick they are, in thicknesses of the cane
BARK = (0.050, 0.022, 0.030)  # linear sRGB: nearly black, so that it stands before the light as a shape
DUSK = (1.0, 0.035, 0.03)  # a blood red, which nothing that lives here has


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
    """Curves `brambles`: dark canes that arch over a taken zone from its outer rim, towards the body's foot,
    thorned, each an ember at its end; as long and as bright as the share that is taken. ground: the air's
    grid. k: the step, by which they stir."""
    (ox, oy, oz), (sx, _, sz) = ground.origin, ground.size
    u = np.linspace(0.0, 1.0, BENDS)
    cane = np.arange(BRAMBLES, dtype=np.int64)
    at: list[F64] = []
    radius: list[F64] = []
    glow: list[F64] = []
    tint: list[F64] = []
    count: list[NDArray[np.int64]] = []
    key: list[NDArray[np.int64]] = []
    for i, zone in enumerate(zones):
        share = taken.get(zone.name, 0.0)
        if share < 1e-3:
            continue
        chance = scatter(np.int64(i * 7919) + cane)[:, :, None]
        x, z = ox + zone.at[0] * sx, oz + zone.at[1] * sz
        reach = zone.radius * min(sx, sz)
        in_x, in_z = -x, -z  # the way to the world's middle, where the body stands
        far = max(float(np.hypot(in_x, in_z)), 1e-6)
        in_x, in_z = in_x / far, in_z / far
        along = share * (0.35 + 0.65 * chance[:, 0]) * u  # of the whole way that a cane can go
        way = (1.1 * reach + 0.75 * far) * along - 1.1 * reach
        stir = 0.05 * np.sin(6.3 * (chance[:, 1] + 0.05 * k / RATE) + 5.0 * u) * u
        bend = 0.30 * np.sin(5.0 * along + 6.3 * chance[:, 2])
        side = 1.2 * reach * (1.0 - 0.5 * along) * (2.0 * chance[:, 1] - 1.0 + bend + stir)
        arch = np.abs(np.sin((3.5 + 2.5 * chance[:, 3]) * along + 0.25))
        hop = reach * (0.45 + 1.1 * chance[:, 2]) * share * arch + 0.02
        path = np.stack([x + in_x * way - in_z * side, oy + hop, z + in_z * way + in_x * side], axis=2)
        thick = 0.065 * reach * share * (0.5 + 0.5 * chance[:, 3]) * (1.0 - 0.8 * u)
        # a thorn leaves its cane backwards, now to this side, now to that
        nth = np.linspace(3, BENDS - EMBER - 1, THORNS).astype(np.int64)
        foot, ahead = path[:, nth], path[:, nth + 1] - path[:, nth - 1]
        size = np.linalg.norm(ahead, axis=2, keepdims=True)
        ahead = ahead / np.maximum(size, 1e-6)
        about = 2.4 * np.arange(THORNS)[None, :, None] + 6.3 * chance[:, :1]
        aside = np.concatenate([-ahead[..., 2:] * np.sin(about), np.cos(about) + 0.0 * size,
                                ahead[..., :1] * np.sin(about)], axis=2)  # fmt: skip
        long = 3.6 * thick[:, nth, None] * np.minimum(size / (4.0 * thick[:, nth, None] + 1e-9), 1.0)
        tip = foot + long * (aside - 0.5 * ahead)
        tip[..., 1] = np.maximum(tip[..., 1], oy)
        pricks = np.stack([foot, 0.5 * (foot + tip), tip], axis=2)
        blunt = thick[:, nth, None] * np.array([0.7, 0.4, 0.06])
        beat = 0.75 + 0.25 * np.sin(6.3 * (chance[:, 3] + 0.11 * k / RATE))
        ember = share * beat * np.array((0.0, 0.3, 0.8, 1.1, 0.9))
        dark = path[:, : 1 - EMBER]  # the ember goes on where the bark ends
        at += [dark.reshape(-1, 3), pricks.reshape(-1, 3), path[:, -EMBER:].reshape(-1, 3)]
        buds = thick[:, -EMBER:] * SWELL
        radius += [thick[:, : 1 - EMBER].reshape(-1), blunt.reshape(-1), buds.reshape(-1)]
        glow += [np.zeros(dark[..., 0].size), np.zeros(blunt.size), ember.reshape(-1)]
        many = (BRAMBLES, BRAMBLES * THORNS, BRAMBLES)
        count += [np.repeat(np.array((BENDS + 1 - EMBER, PRICK, EMBER)), many)]
        tint += [np.repeat(np.array((BARK, BARK, DUSK)), many, axis=0)]
        key.append(i * sum(many) + np.arange(sum(many), dtype=np.int64))
    none = np.zeros(0)
    return Curves(
        "brambles",
        np.concatenate(at or [np.zeros((0, 3))]).astype(np.float32),
        np.concatenate([np.zeros(1, np.int64), np.cumsum(np.concatenate([none, *count]))]).astype(np.int64),
        np.concatenate(radius or [none]).astype(np.float32),
        np.concatenate(tint or [np.zeros((0, 3))]).astype(np.float32),
        np.concatenate(glow or [none]).astype(np.float32),
        np.concatenate(key or [none.astype(np.int64)]),
    )
