"""Metabolism: what a neighbourhood throws away becomes food, for its neighbours and for the sculpture.

Each zone keeps one pod of six materials. In it a culture digests what rots (washed-out culture is nutrient,
washed-out waste is lost to the river), machines sort what can be made into something new, and what it cannot
hold topples over to its neighbours and the street: what rots runs out there as a glowing by-product, over the
ground and into the air; the rest is litter, swept back when there is room. Nutrient evens out between
neighbours at the rates of their treaties. The sculpture takes nutrient and material when it is in want.

Masses are integers of a microgram, moved from ledger to ledger, so that nothing is ever lost or made.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from bioart.forms import Grid, Points
from bioart.param import Param
from bioart.steering import Placement, Zone
from bioart.world import spills, treaties
from bioart.world.pods import KG, MATERIALS, MIX, rot, shared_out, sort, topple

Place = tuple[float, float, float]

_STOCKS = ("waste", "litter", "material")  # µg by zone and material
_HELD = ("culture", "nutrient", "spilled", "spills")  # by zone: µg, µg, µg so far, topples so far
# µg so far: by material, and of what lives
_FLOWS = ("arrived", "digested", "washed", "leached", "built", "devoured")
_LIFE = ("inoculated", "respired", "drunk", "returned", "regained", "poured", "aired")


class Metabolism:
    """The pods of all zones and the one reserve of the sculpture. Its part's name is `metabolism`."""

    waste = Param(0.02, 0.0, 1.0, "kg/s", "waste that a thousand people bring, per world second")
    flood = Param(9.0, 0.0, 30.0, "", "how many times that comes on top at the height of a surge of waste")
    uptake = Param(0.12, 0.01, 5.0, "1/s", "greatest growth rate of the pods' culture", "log")
    half = Param(2.0, 0.01, 10.0, "kg", "waste that rots at which the culture grows at half that rate", "log")
    growth_yield = Param(0.5, 0.05, 1.0, "kg/kg", "culture grown from a kilogram of waste")
    dilution = Param(
        0.03, 0.001, 1.0, "1/s", "rate at which culture (as nutrient) and what rots leave a pod", "log"
    )
    capacity = Param(3.0, 0.5, 50.0, "kg", "waste that a pod holds before it spills, as first built", "log")
    sorting = Param(0.1, 0.0, 1.0, "kg/s", "waste that a pod can sort into material, as first built")
    upgrade = Param(0.0, 0.0, 4.0, "", "how many times that much the pods were built on, in room and sorting")
    sweep = Param(0.02, 0.0, 1.0, "1/s", "rate at which litter is swept back into pods that have room")
    fumes = Param(5.0, 0.0, 50.0, "mg/kg", "how much of a spill's by-product goes straight into the air")
    exchange = Param(0.05, 0.0, 0.5, "1/s", "rate at which nutrient evens out between neighbours")
    treaty = Param(0.3, 0.0, 0.5, "1/s", "that rate between neighbours who have fully agreed")
    drink = Param(
        0.05, 0.0, 1.0, "1/s", "rate at which an empty sculpture takes the zones' nutrient and material"
    )
    from_smog = Param(0.03, 0.0, 1.0, "1/mg", "share of the reserve that a milligram of captured smog fills")
    from_offering = Param(0.25, 0.0, 5.0, "1/kg", "share that a kilogram of offerings fills, times its yield")
    from_nutrient = Param(0.05, 0.0, 1.0, "1/kg", "share that a kilogram of nutrient fills")
    from_material = Param(0.03, 0.0, 1.0, "1/kg", "share that a kilogram of recovered material fills")
    glass = Param(0.35, 0.0, 1.0, "", "yield of glass: what of an offering feeds, what sorting recovers")
    paper = Param(0.7, 0.0, 1.0, "", "yield of paper")
    plastic = Param(0.3, 0.0, 1.0, "", "yield of plastic")
    metal = Param(0.45, 0.0, 1.0, "", "yield of metal")
    organic = Param(0.95, 0.0, 1.0, "", "yield of organic matter, of an offering; pods do not sort it")
    textile = Param(0.6, 0.0, 1.0, "", "yield of textile")
    decay_glass = Param(0.0, 0.0, 1.0, "", "how fast glass rots; organic matter as nature has it is 1")
    decay_paper = Param(0.32, 0.0, 1.0, "", "how fast paper rots")
    decay_plastic = Param(0.01, 0.0, 1.0, "", "how fast plastic rots")
    decay_metal = Param(0.01, 0.0, 1.0, "", "how fast metal rots")
    decay_organic = Param(1.0, 0.0, 1.0, "", "how fast organic matter rots")
    decay_textile = Param(0.32, 0.0, 1.0, "", "how fast textile rots")

    def __init__(
        self, zones: Mapping[str, Zone], ground: Grid, dt: float = 0.1, reserve: float = 0.5
    ) -> None:
        """ground: the air's grid, on whose floor the pods stand; dt: world seconds per step; reserve: 0–1 at
        the start. Raises BioartError for a neighbour that is no zone."""
        self.zones = tuple(zones.values())
        self.ground, self.dt, self.reserve = ground, float(dt), float(reserve)
        self.links = treaties.links_of(self.zones)
        count = len(self.zones)
        self.next_to = tuple(
            tuple(sorted({b if a == i else a for a, b in self.links if i in (a, b)})) for i in range(count)
        )
        self._stocks = {name: [[0] * len(MATERIALS) for _ in range(count)] for name in _STOCKS}
        self._held = {name: [0] * count for name in _HELD}
        self._held["culture"] = [KG // 5] * count
        self._flows = {name: [0] * len(MATERIALS) for name in _FLOWS}
        self._life = dict.fromkeys(_LIFE, 0)
        self._life["inoculated"] = sum(self._held["culture"])
        self._flow = [0.0] * count  # what spills now, 0–1, eased
        self._room = float(self.capacity.default)  # kg, of a pod as it stands
        self._fresh = [(0, 0)] * count  # µg of by-product in this step: onto the ground, into the air
        self.exchanged = [0] * len(self.links)  # µg of nutrient in this step, over each border
        self.drunk = [0] * count  # and out of each zone into the sculpture
        self._worked = self._faster = 0  # µg decomposed in the last step; of that, what implants added
        self._k = 0

    # -- a step --------------------------------------------------------------------------------------------

    def step(
        self,
        k: int,
        p: Mapping[str, float],
        captured_ug: float,
        eaten: float,
        offered: Sequence[Placement] = (),
        surge: float = 0.0,
        decomposing: Sequence[float] = (),
        agreed: Mapping[tuple[str, str], float] | None = None,
        taken: Mapping[str, float] | None = None,
    ) -> float:
        """One step; returns the reserve.

        captured_ug: µg of smog kept in this step; eaten: 0–1, what growth took; offered: placements, of which
        threads and matter count; surge: 0–1, the weather's surge of waste; decomposing: by which share
        implants quicken each zone's pod, in the zones' order (empty: none does); agreed: 0–1 for each pair of
        neighbours, how far their treaty goes; taken: 0–1 by zone, how far its pod stands still because the
        zone is taken.
        The reserve saturates: a gain g fills the share g/(1 + g) of what is empty, so it never exceeds 1.
        """
        self._k, self._room = k, p["capacity"] * (1.0 + p["upgrade"])
        gain = max(captured_ug, 0.0) * 1e-3 * p["from_smog"]
        for thing in offered:
            if thing.kind in ("thread", "matter"):
                material = thing.material or "organic"
                gain += thing.amount * p[material] * p["from_offering"]
                left = [0] * len(MATERIALS)
                left[MATERIALS.index(material)] = int(thing.amount * (1.0 - p[material]) * KG)
                self._arrive(self.nearest(thing.at), left)
        yields = [p[name] for name in MATERIALS]
        decay = [p[f"decay_{name}"] for name in MATERIALS]
        self._faster = self._worked = 0
        for i, zone in enumerate(self.zones):
            works = 1.0 - (taken or {}).get(zone.name, 0.0)
            self._rot(i, decay, p, works, decomposing[i] if decomposing else 0.0)
            self._sort(i, yields, p["sorting"] * (1.0 + p["upgrade"]))
            self._sweep(i, p["sweep"])
            fall = p["waste"] * (1.0 + p["flood"] * surge) * zone.people * 1e-3 * self.dt
            self._arrive(i, _parts(int(fall * KG)))
        self._spill(decay, p["fumes"])
        rate = treaties.rates(self.zones, self.links, p["exchange"], p["treaty"], agreed or {})
        self.exchanged = treaties.even_out(self._held["nutrient"], self.links, rate, self.dt)
        thirst = p["drink"] * self.dt * (1.0 - self.reserve)
        gain += self._drink(thirst) * p["from_nutrient"] + self._build(thirst) * p["from_material"]
        rest = min(max(self.reserve - max(eaten, 0.0), 0.0), 1.0)
        self.reserve = rest + (1.0 - rest) * gain / (1.0 + gain)
        return self.reserve

    def nearest(self, at: Place) -> int:
        """The zone whose middle is nearest to a place of [0, 1]³, seen from above; −1 without zones."""
        best, least = -1, 0.0
        for i, zone in enumerate(self.zones):
            dx, dz = zone.at[0] - at[0], zone.at[1] - at[2]
            if best < 0 or dx * dx + dz * dz < least:
                best, least = i, dx * dx + dz * dz
        return best

    def _move(self, flow: str, i: int, taken: Sequence[int], stock: str = "waste") -> None:
        """Out of a zone's stock, into the book of a flow."""
        held, book = self._stocks[stock][i], self._flows[flow]
        for m, mass in enumerate(taken):
            held[m] -= mass
            book[m] += mass

    def _arrive(self, i: int, masses: Sequence[int]) -> None:
        if i >= 0:
            for m, mass in enumerate(masses):
                self._stocks["waste"][i][m] += mass
                self._flows["arrived"][m] += mass

    def _rot(
        self, i: int, decay: Sequence[float], p: Mapping[str, float], works: float, help_: float
    ) -> None:
        """works: 0–1, how far the pod works at all; help_: by which share implants quicken it."""
        culture = self._held["culture"]
        waste = self._stocks["waste"][i]
        pace = works * (1.0 + help_)
        digested, washed, grown, harvested = rot(waste, culture[i], decay, p, pace - 1.0, self.dt)
        self._worked += sum(digested)
        if help_:
            self._faster += sum(digested) - sum(rot(waste, culture[i], decay, p, works - 1.0, self.dt)[0])
        self._move("digested", i, digested)
        self._move("washed", i, washed)
        culture[i] += grown - harvested
        self._held["nutrient"][i] += harvested
        self._life["respired"] += sum(digested) - grown

    def _sort(self, i: int, yields: Sequence[float], throughput: float) -> None:
        waste, material = self._stocks["waste"][i], self._stocks["material"][i]
        for m, mass in enumerate(sort(waste, yields, throughput, self.dt)):
            waste[m] -= mass
            material[m] += mass

    def _sweep(self, i: int, rate: float) -> None:
        waste, litter = self._stocks["waste"][i], self._stocks["litter"][i]
        room = max(int(self._room * KG) - sum(waste), 0)
        swept = min(int(min(rate * self.dt, 1.0) * min(sum(litter), room)), room)
        for m, mass in enumerate(shared_out(swept, litter)):
            litter[m] -= mass
            waste[m] += mass

    def _spill(self, decay: Sequence[float], fumes: float) -> None:
        """Topple what is full. A parcel is a tenth of what a pod holds, shared among those who get it."""
        capacity = int(self._room * KG)
        parcels = [capacity // (10 * (len(next_to) + 1)) for next_to in self.next_to]
        times, street = topple(self._stocks["waste"], [capacity] * len(parcels), parcels, self.next_to)
        for i, n in enumerate(times):
            for m, fall in enumerate(street[i]):
                self._stocks["litter"][i][m] += fall
            leached = [min(int(d * fall), fall) for d, fall in zip(decay, street[i], strict=True)]
            self._move("leached", i, leached, "litter")
            aired = min(int(sum(leached) * (fumes * 1e-6)), sum(leached))
            self._fresh[i] = (sum(leached) - aired, aired)
            self._life["poured"] += sum(leached) - aired
            self._life["aired"] += aired
            self._held["spilled"][i] += n * parcels[i]
            self._held["spills"][i] += n
            # Rises within a second, and is still to be seen some seconds after the last drop.
            self._flow[i] += (1.0 - self._flow[i]) * 0.1 if n else -self._flow[i] * 0.008

    def _drink(self, share: float) -> float:
        """kg of nutrient that the sculpture takes from all zones; a full one takes nothing."""
        n = self._held["nutrient"]
        total = 0
        for i, held in enumerate(n):
            sip = min(int(share * held), held)
            n[i] -= sip
            self.drunk[i] = sip
            total += sip
        self._life["drunk"] += total
        return total / KG

    def _build(self, share: float) -> float:
        """kg of material that the sculpture takes from all zones."""
        total = 0
        for i, stock in enumerate(self._stocks["material"]):
            taken = [min(int(share * held), held) for held in stock]
            self._move("built", i, taken, "material")
            total += sum(taken)
        return total / KG

    # -- what others take and give -------------------------------------------------------------------------

    def devour(self, kg: float) -> None:
        """What growths ate in the zones leaves the pods, alike of all that is there."""
        stocks = self._stocks["waste"]
        flat = [mass for stock in stocks for mass in stock]
        taken = shared_out(min(max(int(kg * KG), 0), sum(flat)), flat)
        for i in range(len(stocks)):
            self._move("devoured", i, taken[i * len(MATERIALS) : (i + 1) * len(MATERIALS)])

    def give_back(self, kg: float) -> None:
        """Compost that growths gave back is every zone's nutrient in equal parts."""
        if kg > 0.0 and self.zones:
            whole = int(kg * KG)
            self._life["returned"] += whole
            for i, part in enumerate(_even(whole, len(self.zones))):
                self._held["nutrient"][i] += part

    def regain(self, taken: Sequence[int], growth_yield: float) -> None:
        """What each zone's soil took back of the by-product, µg: a share of it becomes nutrient."""
        for i, mass in enumerate(taken):
            grown = int(mass * growth_yield)
            self._held["nutrient"][i] += grown
            self._life["regained"] += mass
            self._life["respired"] += mass - grown

    def poured(self) -> tuple[tuple[float, float, float, int], ...]:
        """By-product that fell on the ground in this step: (x, z, radius in m, µg)."""
        (ox, _, oz), (sx, _, sz) = self.ground.origin, self.ground.size
        return tuple(
            (ox + zone.at[0] * sx, oz + zone.at[1] * sz, 0.5 * zone.radius * min(sx, sz), mass)
            for zone, (mass, _) in zip(self.zones, self._fresh, strict=True)
            if mass
        )

    def released(self) -> tuple[tuple[Place, float, int], ...]:
        """By-product that each pod spilled into the air in this step: (place in m, radius in m, µg)."""
        (ox, oy, oz), (sx, _, sz) = self.ground.origin, self.ground.size
        return tuple(
            (
                (ox + zone.at[0] * sx, oy + self.ground.cell, oz + zone.at[1] * sz),
                max(zone.radius * min(sx, sz), self.ground.cell),
                mass,
            )
            for zone, (_, mass) in zip(self.zones, self._fresh, strict=True)
            if mass
        )

    def standing(self) -> tuple[tuple[tuple[float, float], float, float, float, float], ...]:
        """Each pod: where it stands ((x, z), m), its zone's radius (m), its room (kg), its load and what runs
        over, 0–1."""
        (ox, _, oz), (sx, _, sz) = self.ground.origin, self.ground.size
        return tuple(
            ((ox + zone.at[0] * sx, oz + zone.at[1] * sz), zone.radius * min(sx, sz), self._room, load, flow)
            for zone, load, flow in zip(self.zones, self._loads(), self._flow, strict=True)
        )

    # -- what it says of itself ----------------------------------------------------------------------------

    @property
    def pod_load(self) -> float:
        """Mean load of the pods, 0–1 of what they hold."""
        return sum(self._loads()) / max(len(self.zones), 1)

    def _loads(self) -> list[float]:
        return [min(sum(stock) / (self._room * KG), 1.0) for stock in self._stocks["waste"]]

    @property
    def in_pods(self) -> float:
        """kg of waste in all pods."""
        return sum(map(sum, self._stocks["waste"])) / KG

    @property
    def recovered(self) -> float:
        """kg of recovered material that lies ready in all zones."""
        return sum(map(sum, self._stocks["material"])) / KG

    def stock(self, name: str) -> dict[str, dict[str, int]]:
        """µg by zone and material. name: waste (in the pod), litter (on the street) or material."""
        return {
            zone.name: dict(zip(MATERIALS, stock, strict=True))
            for zone, stock in zip(self.zones, self._stocks[name], strict=True)
        }

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
        """µg that each zone has lost to the street since the world began."""
        return {zone.name: mass for zone, mass in zip(self.zones, self._held["spilled"], strict=True)}

    @property
    def nutrient(self) -> dict[str, int]:
        """µg of nutrient in each zone."""
        return {zone.name: mass for zone, mass in zip(self.zones, self._held["nutrient"], strict=True)}

    def books(self) -> dict[str, Any]:
        """Every flow since the world began, µg: by material, and of what lives."""
        by_material = {n: dict(zip(MATERIALS, flow, strict=True)) for n, flow in self._flows.items()}
        return {**by_material, **self._life}

    def missing(self) -> int:
        """µg that the books do not account for, of any material, life or spill: 0, always."""
        f, b = self._flows, self._life
        lost = 0
        for m in range(len(MATERIALS)):
            held = sum(stock[m] for name in _STOCKS for stock in self._stocks[name])
            gone = sum(f[name][m] for name in ("digested", "washed", "leached", "built", "devoured"))
            lost += abs(f["arrived"][m] - gone - held)
        came = b["inoculated"] + sum(f["digested"]) + b["returned"] + b["regained"]
        lives = sum(self._held["culture"]) + sum(self._held["nutrient"])
        lost += abs(came - b["respired"] - b["drunk"] - lives)
        return lost + abs(sum(f["leached"]) - b["poured"] - b["aired"])

    # -- state ---------------------------------------------------------------------------------------------

    def state(self) -> dict[str, NDArray]:
        """No array: its masses have no end, so they are told as numbers."""
        return {}

    def scalars(self) -> dict[str, Any]:
        """Everything that decides the future: masses in µg, reserve, what spills now."""
        return {
            "stocks": {name: [list(s) for s in stock] for name, stock in self._stocks.items()},
            "held": {name: list(held) for name, held in self._held.items()},
            "flows": {name: list(flow) for name, flow in self._flows.items()},
            "life": dict(self._life),
            "flow": list(self._flow),
            "fresh": [list(pair) for pair in self._fresh],
            "exchanged": list(self.exchanged),
            "drunk": list(self.drunk),
            "reserve": self.reserve,
            "room": self._room,
            "step": self._k,
        }

    def restore(self, scalars: Mapping[str, Any]) -> None:
        """Take over the scalars() of the same zones, which JSON may have carried."""
        self._stocks = {n: [[int(m) for m in s] for s in scalars["stocks"][n]] for n in _STOCKS}
        self._held = {n: [int(m) for m in scalars["held"][n]] for n in _HELD}
        self._flows = {n: [int(m) for m in scalars["flows"][n]] for n in _FLOWS}
        self._life = {n: int(scalars["life"][n]) for n in _LIFE}
        self._flow = [float(v) for v in scalars["flow"]]
        self._fresh = [(int(a), int(b)) for a, b in scalars["fresh"]]
        self.exchanged = [int(m) for m in scalars["exchanged"]]
        self.drunk = [int(m) for m in scalars["drunk"]]
        self.reserve, self._room = float(scalars["reserve"]), float(scalars["room"])
        self._k = int(scalars["step"])

    # -- what it shows -------------------------------------------------------------------------------------

    def points(self) -> tuple[Points, ...]:
        """`pods`: one glowing core each, and the motes that rise where a pod spills."""
        return (spills.pods(self.zones, self._loads(), self._flow, self.ground, self._k),)


def _parts(mass: int) -> list[int]:
    """A mass by the mix of a city's waste."""
    parts = [mass * share // sum(MIX) for share in MIX]
    parts[-1] += mass - sum(parts)
    return parts


def _even(mass: int, count: int) -> list[int]:
    each, rest = divmod(mass, count)
    return [each + (i < rest) for i in range(count)]
