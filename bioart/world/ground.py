"""The ground: the glowing by-product of full pods, a thin film over the floor of the air's grid.

It spreads under its own weight as a viscous film does, h' = (g/3ν) ∇·(h³∇(h + b)) over a floor of height
b (Huppert 1982), which keeps an edge; a little of it rises into the air, the soil's decomposers take the rest
back, and what stands deeper than a kerb runs off. Masses are whole micrograms that pass from cell to cell, so
that nothing is lost.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from bioart.forms import Grid, Points
from bioart.param import Param
from bioart.steering import Zone
from bioart.world import spills
from bioart.world.waves import chance

I64 = NDArray[np.int64]
Place = tuple[float, float, float]

GRAVITY = 9.81  # m/s²
DENSITY = 1e12  # µg/m³: a litre weighs a kilogram
KERB = 0.05  # m, what stands deeper runs off
STEEP = 0.125  # a cell gives at most this share of a difference through one side, half of itself in all
LAST = 1000  # µg in a cell that the soil takes at once
BUMPS = 120  # stream of chance
_LEDGER = ("poured", "soaked", "risen", "drained")


class Ground:
    """The film, µg by cell (x, z). Its part's name is `ground`."""

    viscosity = Param(50.0, 1.0, 10000.0, "mm²/s", "how thick the by-product is; water has 1", "log")
    relief = Param(4.0, 0.0, 20.0, "mm", "how uneven the ground is, so that what is spilt finds its way")
    soil = Param(0.03, 0.0, 1.0, "1/s", "rate at which the soil's decomposers take the by-product back")
    vapour = Param(0.1, 0.0, 2.0, "mg/kg/s", "how much of the by-product rises into the air")

    def __init__(self, zones: Mapping[str, Zone], grid: Grid, dt: float = 0.1) -> None:
        """zones: each zone's soil is what lies nearest to its pod; grid: the air's; dt: world s per step."""
        self.zones, self.grid, self.dt = tuple(zones.values()), grid, float(dt)
        nx, _, nz = grid.shape
        self.film: I64 = np.zeros((nx, nz), np.int64)
        self._x = grid.origin[0] + (np.arange(nx) + 0.5) * grid.cell
        self._z = grid.origin[2] + (np.arange(nz) + 0.5) * grid.cell
        away = [
            (self._x[:, None] - x) ** 2 + (self._z[None, :] - z) ** 2
            for x, z in (self.stand(zone) for zone in self.zones)
        ]
        near = np.argmin(away, axis=0) if away else np.full((nx, nz), -1)
        self._soils = [near == i for i in range(len(self.zones))]
        self._bumps = 0.65 * _bumps(self._x, self._z, 0.7, 0) + 0.35 * _bumps(self._x, self._z, 0.3, 1)
        self._beads = spills.Beads(grid)
        self._ledger = dict.fromkeys(_LEDGER, 0)
        self._released: list[tuple[Place, float, int]] = []
        self._k = 0  # steps that it was not held

    def stand(self, zone: Zone) -> tuple[float, float]:
        """Where a zone's pod stands: (x, z), m."""
        (ox, _, oz), (sx, _, sz) = self.grid.origin, self.grid.size
        return (ox + zone.at[0] * sx, oz + zone.at[1] * sz)

    def step(
        self, p: Mapping[str, float], poured: Sequence[tuple[float, float, float, int]], faster: float = 0.0
    ) -> list[int]:
        """One step; µg that each zone's soil took back. poured: (x, z, radius in m, µg) of each spill;
        faster: by which share implants quicken the soil."""
        self._released = []
        self._k += 1
        for x, z, radius, amount in poured:
            self._pour(x, z, radius, amount)
        if not self.film.any():
            return [0] * len(self.zones)
        self._spread(p["viscosity"], p["relief"])
        self._rise(p["vapour"])
        self._run_off()
        return self._soak(p["soil"] * (1.0 + faster))

    def _pour(self, x: float, z: float, radius: float, amount: int) -> None:
        """A heap that is highest in its middle; at least the cell that it falls on."""
        reach = max(radius, 0.75 * self.grid.cell)
        square = (self._x[:, None] - x) ** 2 + (self._z[None, :] - z) ** 2
        weight = (np.maximum(1.0 - square / (reach * reach), 0.0) * 1000.0).astype(np.int64)
        flat = weight.ravel()
        whole = int(flat.sum())
        if whole == 0:  # it stands outside the floor: the nearest cell takes it
            flat[int(np.argmin(square))] = whole = 1
        each, rest = divmod(int(amount), whole)
        upto = rest * np.cumsum(flat) // whole
        self.film += (each * flat + np.diff(upto, prepend=0)).reshape(self.film.shape)
        self._ledger["poured"] += int(amount)

    def _spread(self, viscosity: float, relief: float) -> None:
        """Each pair of cells exchanges once, so that the sum stays; none gives more than it has."""
        cell, film = self.grid.cell, self.film
        h = self.depth()
        ease = h * h * h * (GRAVITY / (6e-6 * viscosity) * self.dt / (cell * cell))  # half of each side's
        head = film + self._bumps * (relief * 1e-3 * cell * cell * DENSITY)  # µg, the level that it stands at
        most = film * STEEP
        x = np.minimum(ease[1:] + ease[:-1], STEEP) * (head[:-1] - head[1:])
        z = np.minimum(ease[:, 1:] + ease[:, :-1], STEEP) * (head[:, :-1] - head[:, 1:])
        across = np.clip(x, -most[1:], most[:-1]).astype(np.int64)
        along = np.clip(z, -most[:, 1:], most[:, :-1]).astype(np.int64)
        film[:-1] -= across
        film[1:] += across
        film[:, :-1] -= along
        film[:, 1:] += along

    def _rise(self, vapour: float) -> None:
        """What rises over each zone's soil, from where the film lies there. Whole numbers as far as can be:
        the place decides what the air becomes."""
        rising = np.minimum((self.film * (vapour * 1e-6 * self.dt)).astype(np.int64), self.film)
        if not rising.any():
            return
        self.film -= rising
        self._ledger["risen"] += int(rising.sum())
        (ox, oy, oz), cell = self.grid.origin, self.grid.cell
        for soil in self._soils:
            i, k = np.nonzero(soil)
            mass = rising[soil]
            whole = int(mass.sum())
            if whole == 0:
                continue
            x, z = int((mass * i).sum()) / whole, int((mass * k).sum()) / whole
            square = int((mass * (i * i + k * k)).sum()) / whole - x * x - z * z
            at = (ox + (x + 0.5) * cell, oy + 0.5 * cell, oz + (z + 0.5) * cell)
            self._released.append((at, max(max(square, 0.0) ** 0.5, 1.0) * cell, whole))

    def _run_off(self) -> None:
        over = np.maximum(self.film - int(KERB * self.grid.cell**2 * DENSITY), 0)
        self.film -= over
        self._ledger["drained"] += int(over.sum())

    def _soak(self, rate: float) -> list[int]:
        film = self.film
        taken = np.minimum((film * min(rate * self.dt, 1.0)).astype(np.int64), film)
        if rate > 0.0:
            taken = np.where(film <= LAST, film, taken)
        film -= taken
        back = [int(taken[soil].sum()) for soil in self._soils]
        self._ledger["soaked"] += sum(back)
        return back

    def released(self) -> tuple[tuple[Place, float, int], ...]:
        """What rose into the air in this step: (place in m, radius in m, µg), at most one for each zone."""
        return tuple(self._released)

    def depth(self) -> NDArray[np.float64]:
        """The film's depth by cell (x, z), m."""
        depth: NDArray[np.float64] = self.film / (self.grid.cell**2 * DENSITY)
        return depth

    @property
    def lies(self) -> int:
        """µg on the ground."""
        return int(self.film.sum())

    def books(self) -> dict[str, int]:
        """µg since the world began: poured, soaked, risen, drained; and what lies now."""
        return self._ledger | {"lies": self.lies}

    def missing(self) -> int:
        """µg that the books do not account for: 0, always."""
        out = self._ledger["soaked"] + self._ledger["risen"] + self._ledger["drained"]
        return self._ledger["poured"] - out - self.lies

    def points(self) -> tuple[Points, ...]:
        """`film`: beads that lie on the floor, bright where it is deep; none where no zone could spill."""
        return (self._beads.points(self.depth(), self._k),) if self.zones else ()

    def state(self) -> dict[str, NDArray]:
        """The film, int64, and steps and ledger as JSON: its numbers have no end."""
        told = json.dumps([self._k, *(self._ledger[name] for name in _LEDGER)]).encode()
        return {"film": self.film.copy(), "ledger": np.frombuffer(told, np.uint8)}

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Take over a state() of the same grid."""
        self.film = state["film"].astype(np.int64)
        self._k, *ledger = json.loads(state["ledger"].tobytes())
        self._ledger = dict(zip(_LEDGER, ledger, strict=True))


def _bumps(x: NDArray, z: NDArray, apart: float, stream: int) -> NDArray[np.float64]:
    """Smooth bumps −1 … 1, `apart` m from each other, always the same: value noise at places x × z, m."""

    def along(at: NDArray) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        u = (at - at[0]) / apart
        whole = u.astype(np.int64)
        u = u - whole
        return whole, u * u * (3.0 - 2.0 * u)

    (i, a), (k, b) = along(x), along(z)
    peaks = [[chance(0, m, n, BUMPS + stream) for n in range(k[-1] + 2)] for m in range(i[-1] + 2)]
    p = 2.0 * np.array(peaks) - 1.0
    rows = p[i] * (1.0 - a)[:, None] + p[i + 1] * a[:, None]
    bumps: NDArray[np.float64] = rows[:, k] * (1.0 - b) + rows[:, k + 1] * b
    return bumps
