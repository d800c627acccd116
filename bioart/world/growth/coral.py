"""Coral: a body that grows at its front from food that diffuses outside it, and branches as food is short.

The body is kept as distances from its skin (a level set: Osher and Sethian 1988), so that no crumb can come
loose and the skin stays smooth below the cell. A tip advances as fast as the food it meets allows and eats
what it grows by; what stands in a limb's shadow starves. Growth is apical, as in staghorn corals: where much
body stands around already (a flat front, the side of a limb, the gap between two) it stops, so limbs stay
slender and apart. Old limbs thicken from the reserve, ever more slowly, so they taper.

A storm breaks what stands thin and young in the wind: there the front recedes from the tips, and what is lost
falls. It heals from the reserve to where it was, faster where people helped (`care`).

It never fills its box: beyond ROOMY of it, it grows the slower the fuller it is, beyond CLOSE not at all.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from bioart.clock import RATE
from bioart.forms import Channel
from bioart.param import Param
from bioart.steering import Placement
from bioart.world.growth import Growth, Tissue

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

EVERY = 2  # steps to a run: the front moves in one, food in the next
SUBSTEPS = 24  # of food's diffusion, a run
CROWD = 6  # sub-steps over which the body is blurred to tell how crowded a place is
SEA = 2.0  # food that the sea holds when a world begins
SOWN = 16  # seeds that may wait for a run
FULL = 6.0  # m³ of body that a full reserve feeds
ROOMY, CLOSE = 0.15, 0.30  # shares of the box that are body: until then it grows freely, from then on not
SNAP = 6.0  # cells a run that a tip would recede under twice the load that it stands, if the front could


class Coral(Growth):
    """A branching coral that stands on the floor of the body's box."""

    reads = ("solid", "care")
    writes = ("solid", "age", "tip")
    adds = ("matter",)

    feed = Param(
        0.012, 0.0, 0.3, "1/s", "how fast the sea brings new food, as far as the reserve sustains it"
    )
    hunger = Param(16.0, 8.0, 40.0, "", "food that a volume of body costs: more makes it sparser")
    pace = Param(2.5, 0.5, 5.0, "m/s", "how fast a tip would run in plenty; short food makes it far slower")
    tension = Param(0.25, 0.1, 0.4, "", "roundness of tips: the front's surface tension")
    rise = Param(0.5, 0.0, 0.95, "", "how strictly limbs heed the current, up and outward")
    wander = Param(0.5, 0.0, 1.0, "", "unevenness of growth")
    girth = Param(0.008, 0.0, 0.03, "m/s", "thickening of old limbs from the reserve")
    strength = Param(1.1, 0.2, 5.0, "m/s", "wind that a tip stands; a young one less, an old one more", "log")
    healing = Param(0.02, 0.0, 0.1, "m/s", "how fast broken limbs grow again where nobody helped")

    def __init__(self, memory: "Memory", tissue: Tissue, seed: int) -> None:
        import taichi as ti

        from bioart.world.growth import _break, _front

        self.grid, self.seed = tissue.grid, seed & 0xFFFFFFFF
        grid = self.grid
        coarse = tuple((n + 1) // 2 for n in grid.shape)

        def field(name: str, shape: tuple[int, ...] = coarse, kind: Any = ti.f32) -> Any:
            return memory.field("coral", name, kind, shape)

        self._away, self._after = field("away", grid.shape), field("after", grid.shape)
        self._fresh = tissue["tip"]
        self._food, self._food_after = field("food"), field("food after")
        self._mass, self._mass_after = field("mass"), field("mass after")
        self._far, self._bite = field("far"), field("bite", kind=ti.i32)
        self._current = field("current x"), field("current y"), field("current z")
        self._grown, self._found = field("grown", (2,), ti.i64), field("found", (1,), ti.i64)
        self._sown, self._count = (
            field("sown", (SOWN, 4)),
            field("count", (2,), ti.i32),
        )  # waiting, steps taken
        self._scar, self._sums = field("scar", grid.shape), field("sums", (3,), ti.i64)
        _break.unscar(self._scar)
        _front.habitat(self._far, *self._current, self.seed)

    def plant(self, tissue: Tissue) -> None:
        from bioart.world.growth import _front

        _front.root(self._away, tissue.part(self), self._after, self.seed, 4.0)
        _front.scale(self._food, self._far, SEA)

    def place(self, k: int, thing: Placement) -> None:
        """A seed that somebody gives: a bud and a meal where it touches the body, or on the nearest skin.

        Buds at the next run; of more than 16 that wait for one run the latest are dropped.
        """
        n = int(self._count[0])
        if thing.kind == "seed" and n < SOWN:
            for axis in range(3):
                self._sown[n, axis] = min(max(thing.at[axis], 0.0), 1.0) * self.grid.shape[axis] - 0.5
            self._sown[n, 3] = min(max(thing.amount, 0.0), 1.0)
            self._count[0] = n + 1

    def state(self) -> dict[str, Any]:
        return {
            "away": self._away,
            "food": self._food,
            "fresh": self._fresh,
            "sown": self._sown,
            "count": self._count,
            "scar": self._scar,
            "sums": self._sums,
        }

    def step(self, k: int, p: dict[str, float], tissue: Tissue) -> None:
        taken = int(self._count[1])
        if taken % EVERY == 0:
            self._advance(taken // EVERY, p, tissue)
        else:
            self._feed(p, tissue)
        self._count[1] = taken + 1

    def _advance(self, run: int, p: dict[str, float], tissue: Tissue) -> None:
        from bioart.world.growth import _break, _front

        self._germinate(tissue)
        _front.crowd(tissue.solid, self._mass)
        for _ in range(CROWD):
            _front.soften(self._mass, self._mass_after)
            self._mass, self._mass_after = self._mass_after, self._mass
        seconds = EVERY / RATE
        stress = _break.ROUND * self._wind(tissue) / (_break.YOUNG * p["strength"])
        calm = min(max(2.0 - stress, 0.0), 1.0)  # in a storm growth rests
        cells = calm * self._room(tissue) * seconds / self.grid.cell
        self._grown.fill(0)
        _front.grow(
            self._away, self._after, tissue.part(self), self._food, self._mass, *self._current, self._far,
            self._bite, tissue.age, self._fresh, self._grown,
            self.seed, run, p["pace"] * cells, p["tension"], p["rise"], p["wander"],
            p["girth"] * cells * tissue.reserve,
        )  # fmt: skip
        self._away, self._after = self._after, self._away
        _front.eat(self._food, self._bite, p["hunger"])
        tissue.eaten += self.grown_volume() / FULL
        self._weather(run, stress > 1.0, p, tissue)

    def _room(self, tissue: Tissue) -> float:
        """0–1: how freely it may grow in what is left of its box."""
        return min(max((CLOSE - tissue.filled) / (CLOSE - ROOMY), 0.0), 1.0)

    def _wind(self, tissue: Tissue) -> float:
        """m/s, the weather's; 0 where there is no air."""
        return 0.0 if tissue.ambient is None else tissue.wind

    def _weather(self, run: int, rough: bool, p: dict[str, float], tissue: Tissue) -> None:
        """Break where the wind is too strong; else heal what was broken."""
        from bioart.world.growth import _break

        care = tissue.find("care")
        cared = 0.0 if care is None else 1.0
        part, care = tissue.part(self), tissue.solid if care is None else care
        air = tissue.ambient
        about: tuple[Any, ...] = (tissue.solid,) * 3 + (0, 0, 0, 1.0)  # never read where there is no air
        if air is not None:
            about = (air.x, air.y, air.z, *air.corner, float(air.finer))
        broken = int(self._sums[0])
        if rough:
            _break.recede(
                self._away, self._after, part, self._mass, tissue.age, self._fresh, self._scar, care, *about,
                run % _break.CLASSES, p["strength"], cared, SNAP, self._sums,
            )  # fmt: skip
            matter = tissue.find("matter")
            if matter is not None:
                _break.fall(self._away, self._after, tissue.solid, matter)
            _break.settle(self._after, self._away, part, tissue.age, self._scar, self._sums)
            if matter is not None:
                _break.fall(self._after, self._away, tissue.solid, matter)
        if int(self._sums[0]) > broken or int(self._sums[2]) > 0:
            mended = int(self._sums[1])
            pace = p["healing"] * tissue.reserve * EVERY / RATE / self.grid.cell
            _break.heal(
                self._away, self._after, part, tissue.age, self._fresh, self._scar, care, *about,
                float(air is not None), p["strength"], cared, pace, self._sums,
            )  # fmt: skip
            self._away, self._after = self._after, self._away
            tissue.eaten += self._cells(int(self._sums[1]) - mended) / FULL

    def wounds(self) -> tuple[float, float]:
        return self._cells(int(self._sums[0])), self._cells(int(self._sums[1]))

    def _cells(self, units: int) -> float:
        """m³ of body that so many units of a sum are."""
        from bioart.world.growth import _front

        return units / _front.BITE * self.grid.cell**3

    def grown_volume(self) -> float:
        """m³ of body that the last run added, from food and from the body's stores."""
        return self._cells(int(self._grown[0]) + int(self._grown[1]))

    def _feed(self, p: dict[str, float], tissue: Tissue) -> None:
        from bioart.world.growth import _front

        _front.ripen(self._away, tissue.age, self._fresh, EVERY / RATE)
        _front.crowd(tissue.solid, self._mass)
        renewed = p["feed"] * EVERY / RATE / SUBSTEPS
        for _ in range(SUBSTEPS):
            _front.spread(self._food, self._food_after, self._mass, self._far, tissue.reserve, renewed)
            self._food, self._food_after = self._food_after, self._food

    def _germinate(self, tissue: Tissue) -> None:
        from bioart.world.growth import _front

        room = self._room(tissue)
        for n in range(int(self._count[0]) if room > 0.0 else 0):  # a full box takes no seed in
            x, y, z, amount = (float(self._sown[n, column]) for column in range(4))
            _front.nearest(self._away, x, y, z, self._found)
            cell = int(self._found[0]) & 0xFFFFFFFF
            _, ny, nz = self.grid.shape
            _front.bud(
                self._away,
                tissue.part(self),
                self._food,
                cell // (ny * nz),
                cell // nz % ny,
                cell % nz,
                amount * room,
            )
        self._count[0] = 0

    def channels(self, tissue: Tissue) -> tuple[Channel, ...]:
        """food: 0–1, what the sea holds. tip: 0–1, where the body has grown lately."""
        from bioart.world.growth import _front

        food, tip = (np.empty(self.grid.shape, np.float32) for _ in range(2))
        _front.fine(self._food, food)
        _front.copy_out(self._fresh, tip)
        return (Channel("food", self.grid, food), Channel("tip", self.grid, tip))
