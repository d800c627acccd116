"""Matter: what is laid down, thrown away or has fallen lies about in soft lumps, rots, and feeds what lives.

m' = −k·Q10^((T − 20)/10)·f(moisture)·m, k by material. The rates are those of the world outside, per year;
what is scaled is time alone: `pace` days of it pass in a second of show, for every material alike. So what a
kitchen leaves is gone within a minute, a shirt within half an hour, and a bottle outlives the exhibition.

Rates: RothC's plant litter 10 and 0.3 a year (Coleman and Jenkinson 1996) for what a kitchen leaves and for
cloth, leaf litter's 1 for paper; the rest is of the right order and no more: metal 50 years, plastic 500,
glass a million. What rots is partly breathed out, partly left as compost, in RothC's shares; glass, metal and
plastic leave dust. What other growths add to the tissue's `matter` rots as wood does.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bioart.clock import RATE
from bioart.forms import Channel
from bioart.param import Param
from bioart.steering import Material, Placement
from bioart.world.growth import Growth, Tissue

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

EVERY = 3  # steps to a run
STREW = 10  # steps from one thing that the street leaves to the next
LOOK = 4  # runs between two looks at the whole box, where no lump is swelling up or giving way
SLOTS = 64  # lumps at a time
LIVING = 56  # beyond so many the oldest give way, within a second
RISE = RATE  # steps in which a new lump swells up
LOOSE = 25.0  # kg/m³, as dry leaves lie
HEAVIEST = 20.0  # kg, of a lump
MG = 1_000_000
YEAR = 365.25  # days
WOOD = 0.3  # 1/year: what has fallen off a body
Q10 = 2.0
MATERIALS = ("glass", "paper", "plastic", "metal", "organic", "textile")
ALIVE_ONCE = ("paper", "organic", "textile")
LEFT: tuple[Material, ...] = ("paper", "textile")  # what a street leaves lying
R2 = (0.7548776662466927, 0.5698402909980532)
# RothC's share of what rots that stays as living and dead soil matter: 1/(x + 1), x = 1.67·(1.85 +
# 1.60·e^(−0.0786·clay)), at Rothamsted's 23.4 % of clay. The rest is breathed out.
COMPOST = 0.2215


def warmer(celsius: float) -> float:
    """Q10^((T − 20)/10) by square roots alone: the same bits on every machine."""
    tens = (celsius - 20.0) / 10.0
    whole = int(tens // 1.0)
    found = 1.0
    for _ in range(abs(whole)):
        found = found * Q10 if whole > 0 else found / Q10
    part, root = tens - whole, Q10
    for _ in range(30):
        part, root = 2.0 * part, math.sqrt(root)
        if part >= 1.0:
            part, found = part - 1.0, found * root
    return found


def wetter(moisture: float) -> float:
    """RothC's b: from 0.2 in dry matter evenly to 1 where 0.444 of what it could hold is missing."""
    return 0.2 + 0.8 * min(max(moisture, 0.0) / (1.0 - 0.444), 1.0)


def gone(x: float) -> float:
    """1 − e^(−x) for x ≥ 0, to 1 in 10⁵ up to x = 0.5, from + − × ÷ alone."""
    return 1.0 - 1.0 / (1.0 + x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0)))))


class Matter(Growth):
    """Lumps that rot: what people bring, and what falls."""

    reads = ("solid", "matter")
    takes = ("matter",)
    writes = ("solid", "matter")

    pace = Param(2.0, 0.0, 30.0, "d/s", "days of rotting that pass in a second of show")
    warmth = Param(20.0, -5.0, 45.0, "°C", "how warm it is: ten degrees more, twice as fast")
    moisture = Param(0.6, 0.0, 1.0, "", "how moist it is: in the dry things keep")
    glass = Param(1e-6, 1e-8, 1.0, "1/yr", "how fast glass crumbles", "log")
    paper = Param(1.0, 0.01, 20.0, "1/yr", "how fast paper rots", "log")
    plastic = Param(0.002, 1e-5, 1.0, "1/yr", "how fast plastic crumbles", "log")
    metal = Param(0.02, 1e-4, 2.0, "1/yr", "how fast metal rusts away", "log")
    organic = Param(10.0, 0.1, 50.0, "1/yr", "how fast organic matter rots", "log")
    textile = Param(0.3, 0.01, 20.0, "1/yr", "how fast cloth rots", "log")
    fruiting = Param(0.0, 0.0, 1.0, "", "how far fungi fruit on what rots; what is fresh is then dark")
    strewn = Param(0.0, 0.0, 24.0, "", "things that the street leaves itself: so many lie there at the least")

    def __init__(self, memory: "Memory", tissue: Tissue, seed: int) -> None:
        import taichi as ti

        from bioart.world.growth import _rot

        self.grid, self.seed = tissue.grid, (seed ^ 0x6A09E667) & 0xFFFFFFFF

        def field(name: str, shape: tuple[int, ...] = (SLOTS,), kind: Any = ti.i32) -> Any:
            return memory.field("matter", name, kind, shape)

        self._mass, self._material = field("mass"), field("material")  # mg, index of MATERIALS
        self._number, self._age = field("number"), field("age")  # from 1 on; steps
        self._was, self._ripe = field("was"), field("ripe", kind=ti.f32)
        self._top, self._aside = field("top", kind=ti.f32), field("aside", kind=ti.f32)
        self._fruits = field("fruits", (SLOTS * _rot.FRUITS * _rot.FRUIT,), ti.f32)
        self._bears = field("bears", (len(MATERIALS),), ti.f32)
        self._bears.from_numpy(np.array([m in ALIVE_ONCE for m in MATERIALS], np.float32))
        self._places, self._radius = field("places", (3 * SLOTS,), ti.f32), field("radius", kind=ti.f32)
        self._rates, self._humus = (field(n, (len(MATERIALS),), ti.f32) for n in ("rates", "humus"))
        self._slab, self._many = (
            field("slab", (SLOTS * self.grid.shape[0],)),
            field("many", self.grid.shape[:1]),
        )
        self._count = field("count", (2,))  # lumps so far, steps taken
        self._books = field("books", (5,), ti.i64)  # mg lost, to compost; grains lost, lying; mg laid
        self._laid = field("laid", self.grid.shape, ti.f32)
        self._matter, self._solid = tissue["matter"], tissue.solid
        self._humus.from_numpy(np.array([COMPOST * (m in ALIVE_ONCE) for m in MATERIALS], np.float32))

    def place(self, k: int, thing: Placement) -> None:
        """Lay down what somebody gives, on what is below it. Where all slots are taken the oldest goes."""
        from bioart.world.growth import _rot

        mg = int(min(max(thing.amount, 0.0), HEAVIEST) * MG)
        if thing.kind != "matter" or mg == 0:
            return
        masses, numbers = self._mass.to_numpy(), self._number.to_numpy()
        free = np.flatnonzero(masses == 0)
        n = int(free[0]) if len(free) else int(numbers.argmin())
        self._books[0] += int(masses[n])
        self._books[4] += mg
        self._count[0] += 1
        self._mass[n], self._number[n], self._age[n] = mg, int(self._count[0]), 0
        self._was[n] = mg
        self._material[n] = MATERIALS.index(thing.material or "organic")
        for axis in range(3):
            at = min(max(thing.at[axis], 0.0), 1.0) * self.grid.shape[axis] - 0.5
            self._places[3 * n + axis] = at
        _rot.land(self._solid, self._places, n, self.radius(mg / MG))

    def radius(self, kg: float) -> float:
        """Half the width of a lump of such a mass, in cells."""
        from bioart.world.growth import _rot

        cube = _rot.SQUAT * kg / LOOSE * 0.75 / 3.14159265 / self._cubic_metres()
        r = 1.0
        for _ in range(32):
            r -= (r * r * r - cube) / (3.0 * r * r)
        return r

    def _cubic_metres(self) -> float:
        return self.grid.cell * self.grid.cell * self.grid.cell

    def lying(self) -> dict[str, int]:
        """mg of each material that lie there in lumps."""
        masses, materials = self._mass.to_numpy(), self._material.to_numpy()
        return {m: int(masses[materials == i].sum(dtype=np.int64)) for i, m in enumerate(MATERIALS)}

    def missing(self) -> int:
        """mg that the books do not account for: 0, always."""
        books = self._books.to_numpy()
        return int(books[4] - books[0]) - sum(self.lying().values())

    def state(self) -> dict[str, Any]:
        return {
            "mass": self._mass, "was": self._was, "material": self._material, "number": self._number,
            "lain": self._age, "places": self._places, "count": self._count, "books": self._books,
            "laid": self._laid, "matter": self._matter,
        }  # fmt: skip

    def step(self, k: int, p: dict[str, float], tissue: Tissue) -> None:
        taken = int(self._count[1])
        if taken % STREW == 0:
            self._strew(k, int(p["strewn"]), SLOTS if taken == 0 else 1, tissue)
        if taken % EVERY == 0:
            self._run(taken // EVERY, p, tissue)
        self._count[1] = taken + 1

    def _strew(self, k: int, least: int, most: int, tissue: Tissue) -> None:
        """Where fewer than `least` things lie the street leaves up to `most` of its own, on free ground:
        their places by Roberts' R2 sequence, which covers a square evenly."""
        missing = min(least - int((self._mass.to_numpy() > 0).sum()), most)
        if missing <= 0:
            return
        nx, _, nz = self.grid.shape
        solid = tissue.solid.to_numpy()[:, 0]
        first = 4 * int(self._count[0]) + 1
        for n in range(first, first + 4 * missing):
            x, z = (0.06 + 0.88 * (n * step % 1.0) for step in R2)
            if missing == 0 or solid[int(x * nx), int(z * nz)] > 0.1:
                continue
            kg = 0.12 + 0.5 * (n * R2[1] * 3.0 % 1.0) ** 2
            self.place(k, Placement("matter", (x, 0.02, z), kg, (1.0,) * 3, "0" * 12, LEFT[n % len(LEFT)]))
            missing -= 1

    def _run(self, run: int, p: dict[str, float], tissue: Tissue) -> None:
        from bioart.world.growth import _rot

        years = p["pace"] / YEAR * EVERY / RATE * warmer(p["warmth"]) * wetter(p["moisture"])
        shares = [gone(min(p[m] * years, 1.0)) for m in MATERIALS]
        self._rates.from_numpy(np.array(shares, np.float32))
        before = self._books.to_numpy()
        last = int(self._count[0]) - LIVING
        there = self._mass.to_numpy() > 0
        moving = there & ((self._age.to_numpy() < RISE + EVERY) | (self._number.to_numpy() <= last))
        _rot.rot(
            self._mass, self._age, self._material, self._rates, self._humus, self._number, self._books,
            EVERY, last, self.seed, run,
        )  # fmt: skip
        if run % LOOK == 0 or moving.any():
            share = gone(min(WOOD * LOOK * years, 1.0)) if run % LOOK == 0 else 0.0
            self._lay(run, share, p["fruiting"], tissue)
        done = self._books.to_numpy() - before
        full = LOOSE * self._cubic_metres()  # kg of a full cell
        tissue.returned += int(done[1]) / MG + COMPOST * int(done[2]) / _rot.GRAIN * full

    def _lay(self, run: int, share: float, fruiting: float, tissue: Tissue) -> None:
        from bioart.world.growth import _rot

        per_mg = _rot.SQUAT * 0.75 / 3.14159265 / (LOOSE * MG * self._cubic_metres())
        _rot.size_up(self._mass, self._age, self._radius, per_mg, RISE)
        _rot.ripen(
            self._mass, self._was, self._material, self._number, self._bears, self._ripe, self._top,
            self._aside, self._fruits, per_mg, fruiting, self.seed,
        )  # fmt: skip
        _rot.slabs(self._places, self._radius, self._aside, self._slab, self._many)
        _rot.lay(
            self._matter, self._laid, tissue.part(self), self._places, self._radius, self._ripe,
            self._top, self._aside, self._fruits, self._number, self._slab, self._many, self._books,
            share, self.seed, run, fruiting,
        )  # fmt: skip

    def channels(self, tissue: Tissue) -> tuple[Channel, ...]:
        """matter: 0–1, how full of what rots a cell is."""
        from bioart.gpu.copies import array_of

        return (Channel("matter", self.grid, array_of(self._matter), rate=1.0),)
