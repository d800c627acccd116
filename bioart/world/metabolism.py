"""Metabolism: what a neighbourhood throws away becomes food, for its neighbours and for the sculpture.

Each zone keeps one pod, a Monod chemostat: S' = arrivals − μX/Y − DS, X' = (μ − D)X, μ = μ_m S/(K_s + S).
Washed-out culture is nutrient; washed-out waste is lost to the river. A pod that is full topples: equal
parcels go to each neighbour and to the street, which is seen as a spill. Toppling is abelian (Dhar 1990), so
order never matters. Nutrient spreads along the links by the graph's Laplacian.

Masses are integers of a milligram, moved from ledger to ledger, so that nothing is ever lost or made;
the rates between are IEEE + − × ÷ only, so that every run has the same bits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.clock import RATE
from bioart.errors import BioartError, nearest, shown
from bioart.forms import Grid, Points
from bioart.param import Param
from bioart.steering import Placement, Zone

KG = 1_000_000  # milligrams
INOCULUM = 1_000  # mg of culture that a pod never loses, so that it can always start again
MOTES = 28  # motes of spill that each pod can show
LIFE = 4 * RATE  # steps that a mote of spill takes from the ground to nothing
MATERIALS = ("glass", "paper", "plastic", "metal", "organic", "textile")

_INTEGERS = ("waste", "culture", "nutrient", "spilled", "spills")
_LEDGER = ("arrived", "respired", "washed", "drunk")

NEAR, FULL = (0.16, 0.85, 0.42), (1.0, 0.34, 0.08)  # linear sRGB: a pod that copes, a pod that spills


def monod(
    waste: int, culture: int, p: Mapping[str, float], faster: float, dt: float
) -> tuple[int, int, int, int]:
    """One step of a pod without arrivals: (converted, grown, harvested, washed), mg.

    converted: waste that the culture took up; grown: the share of it that became culture; harvested: culture
    washed out; washed: waste washed out. Explicit Euler, so its steady state is the chemostat's.
    """
    half = p["half"] * KG
    rate = p["uptake"] * (1.0 + faster) * waste / (half + waste)
    converted = min(int(rate * culture / p["growth_yield"] * dt), waste)
    grown = int(converted * p["growth_yield"])
    harvested = min(int(p["dilution"] * culture * dt), max(culture + grown - INOCULUM, 0))
    washed = min(int(p["dilution"] * waste * dt), waste - converted)
    return converted, grown, harvested, washed


def topple(
    content: list[int], capacity: Sequence[int], parcel: Sequence[int], next_to: Sequence[Sequence[int]]
) -> list[int]:
    """Settle full pods in place, in any order; how often each toppled.

    A pod with content ≥ capacity loses one parcel to each neighbour and one to the street. Ends always,
    because every topple gives the street something. Needs capacity ≥ parcel·(neighbours + 1).
    """
    times = [0] * len(content)
    full = [i for i, h in enumerate(content) if h >= capacity[i]]
    while full:
        i = full.pop()
        loss = parcel[i] * (len(next_to[i]) + 1)
        n = (content[i] - capacity[i]) // loss + 1
        if n <= 0:
            continue
        content[i] -= n * loss
        times[i] += n
        for j in next_to[i]:
            content[j] += n * parcel[i]
            if content[j] >= capacity[j]:
                full.append(j)
    return times


class Metabolism:
    """The pods of all zones and the one reserve of the sculpture. Its part's name is `metabolism`."""

    waste = Param(0.02, 0.0, 1.0, "kg/s", "waste that a thousand people bring, per world second")
    flood = Param(9.0, 0.0, 30.0, "", "how many times that comes on top at the height of a surge of waste")
    uptake = Param(0.12, 0.01, 5.0, "1/s", "greatest growth rate of the pods' culture", "log")
    half = Param(2.0, 0.01, 10.0, "kg", "waste at which the culture grows at half that rate", "log")
    growth_yield = Param(0.5, 0.05, 1.0, "kg/kg", "culture grown from a kilogram of waste")
    dilution = Param(
        0.03, 0.001, 1.0, "1/s", "rate at which culture (as nutrient) and waste leave a pod", "log"
    )
    capacity = Param(3.0, 0.5, 50.0, "kg", "waste that a pod holds before it spills", "log")
    exchange = Param(0.05, 0.0, 0.5, "1/s", "rate at which nutrient evens out between neighbours")
    drink = Param(0.05, 0.0, 1.0, "1/s", "rate at which an empty sculpture drinks the zones' nutrient")
    from_smog = Param(0.03, 0.0, 1.0, "1/mg", "share of the reserve that a milligram of captured smog fills")
    from_offering = Param(0.25, 0.0, 5.0, "1/kg", "share that a kilogram of offerings fills, times its yield")
    from_nutrient = Param(0.05, 0.0, 1.0, "1/kg", "share that a kilogram of nutrient fills")
    glass = Param(0.35, 0.0, 1.0, "", "yield of glass; what is left becomes waste of the nearest pod")
    paper = Param(0.7, 0.0, 1.0, "", "yield of paper")
    plastic = Param(0.3, 0.0, 1.0, "", "yield of plastic")
    metal = Param(0.45, 0.0, 1.0, "", "yield of metal")
    organic = Param(0.95, 0.0, 1.0, "", "yield of organic matter")
    textile = Param(0.6, 0.0, 1.0, "", "yield of textile")

    def __init__(
        self, zones: Mapping[str, Zone], ground: Grid, dt: float = 0.1, reserve: float = 0.5
    ) -> None:
        """ground: the air's grid, on whose floor the pods stand; dt: world seconds per step; reserve: 0–1 at
        the start. Raises BioartError for a neighbour that is no zone."""
        self.zones = tuple(zones.values())
        self.ground, self.dt, self.reserve = ground, float(dt), float(reserve)
        index = {zone.name: i for i, zone in enumerate(self.zones)}
        links: set[tuple[int, int]] = set()
        for zone in self.zones:
            for other in zone.next:
                if other not in index or other == zone.name:
                    raise BioartError(
                        f"zone {zone.name!r}: no neighbour {shown(other)}{nearest(other, index)}"
                    )
                a, b = index[zone.name], index[other]
                links.add((min(a, b), max(a, b)))
        self.links = tuple(
            sorted(links)
        )  # a neighbour of one is a neighbour of both: what flows must balance
        count = len(self.zones)
        self.next_to = tuple(
            tuple(sorted({b if a == i else a for a, b in self.links if i in (a, b)})) for i in range(count)
        )
        self._held = {name: [0] * count for name in _INTEGERS}
        self._held["culture"] = [KG // 5] * count
        self._ledger = dict.fromkeys(_LEDGER, 0)
        self._ledger["arrived"] = sum(self._held["culture"])
        self._flow = [0.0] * count  # what spills now, 0–1, eased
        self._capacity = float(self.capacity.default)
        self._worked = self._faster = 0  # mg decomposed in the last step; of that, what implants added
        self._k = 0

    def step(
        self,
        k: int,
        p: Mapping[str, float],
        captured_ug: float,
        eaten: float,
        offered: Sequence[Placement] = (),
        surge: float = 0.0,
        decomposing: Sequence[float] = (),
        taken: Mapping[str, float] | None = None,
    ) -> float:
        """One step; returns the reserve.

        captured_ug: µg of smog kept in this step; eaten: 0–1, what growth took; offered: placements, of which
        threads and matter count; surge: 0–1, the weather's surge of waste; decomposing: by which share
        implants quicken each zone's pod, in the zones' order (empty: none does); taken: 0–1 by zone, how far
        its pod stands still because the zone is taken.
        The reserve saturates: a gain g fills the share g/(1 + g) of what is empty, so it never exceeds 1.
        """
        self._k, self._capacity = k, p["capacity"]
        held, ledger = self._held, self._ledger
        gain = max(captured_ug, 0.0) * 1e-3 * p["from_smog"]
        for thing in offered:
            if thing.kind in ("thread", "matter"):
                share = p[thing.material or "organic"]
                gain += thing.amount * share * p["from_offering"]
                self._arrive(self.nearest(thing.at), int(thing.amount * (1.0 - share) * KG))
        self._faster = self._worked = 0
        for i, zone in enumerate(self.zones):
            works = 1.0 - (taken or {}).get(zone.name, 0.0)
            helped = works * (1.0 + decomposing[i]) if decomposing else works
            pod = held["waste"][i], held["culture"][i]
            converted, grown, harvested, washed = monod(*pod, p, helped - 1.0, self.dt)
            self._worked += converted
            if helped != works:
                self._faster += converted - monod(*pod, p, works - 1.0, self.dt)[0]
            held["waste"][i] -= converted + washed
            held["culture"][i] += grown - harvested
            held["nutrient"][i] += harvested
            ledger["respired"] += converted - grown
            ledger["washed"] += washed
            fall = p["waste"] * (1.0 + p["flood"] * surge) * zone.people * 1e-3 * self.dt
            self._arrive(i, int(fall * KG))
        self._spill()
        self._exchange(p["exchange"])
        gain += self._drink(p["drink"]) * p["from_nutrient"]
        left = min(max(self.reserve - max(eaten, 0.0), 0.0), 1.0)
        self.reserve = left + (1.0 - left) * gain / (1.0 + gain)
        return self.reserve

    def nearest(self, at: tuple[float, float, float]) -> int:
        """The zone whose middle is nearest to a place of [0, 1]³, seen from above; −1 without zones."""
        best, least = -1, 0.0
        for i, zone in enumerate(self.zones):
            dx, dz = zone.at[0] - at[0], zone.at[1] - at[2]
            if best < 0 or dx * dx + dz * dz < least:
                best, least = i, dx * dx + dz * dz
        return best

    def _arrive(self, zone: int, mg: int) -> None:
        if zone >= 0 and mg > 0:
            self._held["waste"][zone] += mg
            self._ledger["arrived"] += mg

    def _spill(self) -> None:
        """Topple what is full. A parcel is a tenth of what a pod holds, shared among those who get it."""
        capacity = int(self._capacity * KG)
        parcels = [capacity // (10 * (len(next_to) + 1)) for next_to in self.next_to]
        times = topple(self._held["waste"], [capacity] * len(parcels), parcels, self.next_to)
        for i, n in enumerate(times):
            self._held["spilled"][i] += n * parcels[i]
            self._held["spills"][i] += n
            # Rises within a second, and is still to be seen some seconds after the last drop.
            self._flow[i] += (1.0 - self._flow[i]) * 0.1 if n else -self._flow[i] * 0.008

    def _exchange(self, rate: float) -> None:
        n = self._held["nutrient"]
        flows = [(a, b, int(rate * self.dt * (n[a] - n[b]))) for a, b in self.links]
        for a, b, flow in flows:
            n[a] -= flow
            n[b] += flow

    def _drink(self, rate: float) -> float:
        """kg that the sculpture takes from all zones; a full one takes nothing."""
        n = self._held["nutrient"]
        total = 0
        for i, held in enumerate(n):
            sip = int(rate * self.dt * (1.0 - self.reserve) * held)
            n[i] -= sip
            total += sip
        self._ledger["drunk"] += total
        return total / KG

    @property
    def pod_load(self) -> float:
        """Mean load of the pods, 0–1 of what they hold."""
        full = self._capacity * KG
        return sum(min(w / full, 1.0) for w in self._held["waste"]) / max(len(self.zones), 1)

    @property
    def decomposed(self) -> float:
        """kg of waste that the pods took up per world second, in the last step."""
        return self._worked / KG / self.dt

    @property
    def quickened(self) -> float:
        """kg per world second of `decomposed` that the pods would not have done without implants."""
        return self._faster / KG / self.dt

    @property
    def spilled(self) -> dict[str, int]:
        """mg that each zone has lost to the street since the world began."""
        return {zone.name: mg for zone, mg in zip(self.zones, self._held["spilled"], strict=True)}

    @property
    def nutrient(self) -> dict[str, int]:
        """mg of nutrient in each zone."""
        return {zone.name: mg for zone, mg in zip(self.zones, self._held["nutrient"], strict=True)}

    def missing(self) -> int:
        """mg that the books do not account for: 0, always."""
        held = sum(sum(self._held[name]) for name in ("waste", "culture", "nutrient", "spilled"))
        gone = self._ledger["respired"] + self._ledger["washed"] + self._ledger["drunk"]
        return self._ledger["arrived"] - held - gone

    def state(self) -> dict[str, NDArray]:
        """Everything that decides the future: int64 masses per zone and ledger, float64 reserve and flow."""
        found: dict[str, NDArray] = {name: np.array(self._held[name], np.int64) for name in _INTEGERS}
        found["ledger"] = np.array([self._ledger[name] for name in _LEDGER], np.int64)
        found["flow"] = np.array(self._flow, np.float64)
        found["reserve"] = np.array([self.reserve, self._capacity], np.float64)
        found["step"] = np.array([self._k], np.int64)
        return found

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Take over a state() of the same zones."""
        for name in _INTEGERS:
            self._held[name] = [int(v) for v in state[name]]
        self._ledger = {name: int(v) for name, v in zip(_LEDGER, state["ledger"], strict=True)}
        self._flow = [float(v) for v in state["flow"]]
        self.reserve, self._capacity = (float(v) for v in state["reserve"])
        self._k = int(state["step"][0])

    def spill_points(self) -> Points:
        """The pods, one glowing core each, and the motes that rise where a pod spills. See `_motes`."""
        return _motes(self.zones, self._held["waste"], self._flow, self._capacity * KG, self.ground, self._k)


def _motes(
    zones: Sequence[Zone], waste: Sequence[int], flow: Sequence[float], full: float, ground: Grid, k: int
) -> Points:
    """Points `pods`: per zone one core, its size and colour by load, and MOTES that well up as it spills."""
    (ox, oy, oz), (sx, sy, sz) = ground.origin, ground.size
    slot = np.arange(MOTES, dtype=np.int64)
    at, radius, tint, glow, key = [], [], [], [], []
    for i, zone in enumerate(zones):
        load = min(waste[i] / full, 1.0)
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
        tint.append(np.broadcast_to(warm, (MOTES + 1, 3)))
        glow.append(np.concatenate([[0.25 + 0.75 * load], 1.6 * shine]))
        key.append(np.concatenate([[i], (i + 1) * 1_000_000_007 + life * MOTES + slot]))
    if not at:
        none = np.zeros((0, 3), np.float32)
        return Points("pods", none, none[:, 0], none, none[:, 0], np.zeros(0, np.int64))
    return Points(
        "pods",
        np.concatenate(at).astype(np.float32),
        np.concatenate(radius).astype(np.float32),
        np.concatenate(tint).astype(np.float32),
        np.concatenate(glow).astype(np.float32),
        np.concatenate(key).astype(np.int64),
    )


def scatter(number: NDArray[np.int64]) -> NDArray[np.float64]:
    """Four values in [0, 1) for each integer: (n,) → (n, 4). SplitMix64's finaliser (Steele et al. 2014)."""
    x: Any = number.astype(np.uint64)[:, None] * np.uint64(4) + np.arange(4, dtype=np.uint64)
    x = x * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    x = (x ^ (x >> np.uint64(31))) >> np.uint64(11)
    share: NDArray[np.float64] = x.astype(np.float64) * 2.0**-53
    return share
