"""The body in the air: its porosity slows the wind, its mouths draw, its filter keeps, its vents give back.

The body owns the tissue that growths write on the finer grid. Averaged to the air's cells it becomes porous
drag (Kozeny–Carman, Ergun) and a bed of fine hairs that filters what blows through. Behind the mouths lies a
denser bed: it keeps E = 1 − e^(−λ_f·L), and the rest comes out of the vents with the air a step later.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bioart import clock
from bioart.errors import BioartError, shown
from bioart.forms import Channel, Grid
from bioart.gpu.copies import array_of
from bioart.param import Param
from bioart.world import pores
from bioart.world.air import Air
from bioart.world.filter import depth_rate
from bioart.world.growth import Ambient, Tissue
from bioart.world.waves import cosine

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

Place = tuple[float, float, float]
F64 = NDArray[np.float64]

STRUT = 0.02  # m, thickness of the struts
AIR_VISCOSITY = 1.5e-5  # m²/s, what resists in the pores (the eddies' own is `air.viscosity`)
AGED = 60.0  # s of show: what has lived so long is old
FIBRE = 1e-5  # m, thickness of the hairs
HAIRS = 0.002  # share of a full cell that is hair on the skin, where the wind blows by
RAMP = 0.1286 * 3.2  # cells: ∫ s(1 − s) across a skin whose fraction s rises over 3.2 cells (growth/_front)
BED, DEPTH = 0.02, 0.045  # the beds behind the mouths: share that is hair, and thickness in m

# An arc of mouths low on the windward side, where smog comes first and is thickest; vents high, so that clean
# air does not come round.
MOUTHS: tuple[Place, ...] = (
    (0.5, 0.16, 0.92), (0.298, 0.16, 0.868), (0.138, 0.16, 0.714), (0.08, 0.16, 0.5),
    (0.138, 0.16, 0.286), (0.298, 0.16, 0.132), (0.5, 0.16, 0.08),
)  # fmt: skip
VENTS: tuple[Place, ...] = ((0.50, 0.80, 0.50), (0.62, 0.72, 0.36), (0.40, 0.66, 0.64))


@dataclass(frozen=True)
class Breath:
    """What the body did in one step, and how the air stands after it."""

    drawn: float  # µg/s of smog drawn in through the mouths
    captured: float  # µg kept in this step, by the beds and by the hairs of the skin
    delivered: float  # m³/h, clean-air delivery rate
    airborne: float  # µg in the air
    inflow: float  # µg/m³ of the air that blows in
    speed: float  # m/s, fastest air
    slowed: int  # steps so far in which the air was scaled to max_speed
    helped: float = 0.0  # m³/h of `delivered` that implants add


def body_grid(air: Grid, box: tuple[float, float, float], finer: int = 3) -> Grid:
    """The body's grid: `finer` cells per air cell, as near to `box` (m) as whole air cells allow, in the
    middle of the air's floor. Raises BioartError where it does not fit."""
    counts = [max(1, round(size / air.cell)) for size in box]
    if finer < 1 or any(n > have for n, have in zip(counts, air.shape, strict=True)):
        have = " × ".join(f"{s:g}" for s in air.size)
        raise BioartError(
            f"world.body: box {shown(list(box))}, finer {finer}; allowed: up to {have} m, finer ≥ 1"
        )
    sides = (air.shape[0] - counts[0]) // 2, 0, (air.shape[2] - counts[2]) // 2
    origin = tuple(o + air.cell * n for o, n in zip(air.origin, sides, strict=True))
    shape = tuple(finer * n for n in counts)
    return Grid(shape, origin, air.cell / finer)  # type: ignore[arg-type]


class Body:
    """The body's tissue, and its part in the air.

    memory, air: where it lives. grid: the body's, aligned with the air's (`body_grid`). mouths, vents: places
    in [0, 1]³ of the body's box. `boost`: f32 on the air's grid, 1 where nothing helps the filter; implants
    write it. Raises BioartError for a grid that is not aligned or a place outside the box.
    """

    settling = Param(
        0.004, 0.0, 0.03, "m/s", "speed at which smog settles on the skin (Sun et al. 2014: 0.004 to 0.012)"
    )
    draw = Param(1.2, 0.0, 4.0, "m³/s", "how much air the mouths draw")
    capture = Param(1.0, 0.0, 4.0, "", "how dense the filter is: times the smog that a metre of it keeps")
    drag = Param(1.0, 0.0, 10.0, "", "how much the body resists the wind: times the drag of its pores")
    breath = Param(5.0, 2.5, 20.0, "s", "show time of one breath")
    depth = Param(0.12, 0.0, 0.9, "", "how far the draw swells and sinks with each breath")
    lift = Param(0.15, 0.0, 1.0, "m/s²", "how strongly the vents blow upwards")

    def __init__(
        self,
        memory: Memory,
        air: Air,
        grid: Grid,
        mouths: tuple[Place, ...] = MOUTHS,
        vents: tuple[Place, ...] = VENTS,
    ) -> None:
        import taichi as ti

        self.air, self.grid = air, grid
        self.finer = round(air.grid.cell / grid.cell)
        exact = [(b - a) / air.grid.cell for a, b in zip(air.grid.origin, grid.origin, strict=True)]
        a, b, c = (round(x) for x in exact)
        self._corner = a, b, c
        ends = [c + n // self.finer for c, n in zip(self._corner, grid.shape, strict=True)]
        aligned = (
            abs(self.finer * grid.cell - air.grid.cell) < 1e-6 * air.grid.cell
            and all(abs(x - c) < 1e-3 for x, c in zip(exact, self._corner, strict=True))
            and all(n % self.finer == 0 for n in grid.shape)
            and min(self._corner) >= 0
            and all(e <= n for e, n in zip(ends, air.grid.shape, strict=True))
        )
        if not aligned:
            raise BioartError(
                f"world.body: grid {grid.shape} of {grid.cell:g} m at {grid.origin}; "
                "allowed: whole air cells inside the air, along its cells"
            )
        self.tissue = Tissue(memory, grid, Ambient(*air.middle, air.smog, self._corner, self.finer))
        self.boost = memory.field("body", "boost", ti.f32, air.grid.shape)
        self.boost.fill(1.0)
        self.mouths = self._placed(mouths, "mouths")
        self.vents = self._placed(vents, "vents")
        self._mouth = memory.field("body", "mouth", ti.f32, air.grid.shape)
        self._sum = memory.field("body", "sum", ti.i64, (3,))
        drawing, giving = self._balls(self.mouths), self._balls(self.vents)
        self._mouth.from_numpy(drawing)
        air.give(giving - drawing)
        self._bald = memory.field("body", "bald", ti.f32, (1, 1, 1))
        self._jets = memory.field("body", "jets", ti.f32, air.grid.shape)
        self._jets.from_numpy(giving / giving.max())
        self._hairs, self._bed = depth_rate(HAIRS, FIBRE), depth_rate(BED, FIBRE) * DEPTH
        self._phase = 0.0
        self.efficiency = self.bare = 0.0  # share of the drawn smog that the beds keep; without any boost
        self._before = dict.fromkeys(("taken", "kept", "filtered"), 0)
        self._held = 0

    def couple(self, p: dict[str, float], geometry: bool = True) -> None:
        """Before the air's step: how hard the mouths draw now, and, with `geometry`, what the tissue has
        become: drag, hairs, beds. p: draw, capture, drag, breath, depth, lift, settling."""
        self._phase += 1.0 / (clock.RATE * p["breath"])
        self._phase -= math.floor(self._phase)
        air = self.air
        air.draw = p["draw"] * (1.0 + p["depth"] * cosine(self._phase))
        volume = air.draw * air.dt
        air.returned = min(max(self._held, 0) * air.quantum / volume, 20000.0) if volume > 1e-6 else 0.0
        if geometry:
            hairs = self.tissue.find("hairs")
            pores.porous(
                self.tissue.solid, self._bald if hairs is None else hairs, self.boost, air.drag, air.friction,
                air.filter, air.rest, *self._corner, self.finer,
                180.0 * AIR_VISCOSITY / STRUT**2 * p["drag"], 1.75 * math.sqrt(1.2) / STRUT * p["drag"],
                self._hairs * p["capture"], p["settling"] / (RAMP * self.grid.cell),
            )  # fmt: skip
            pores.mouths(
                self._mouth, self._jets, self.boost, air.intake, air.lift, self._sum,
                self._bed * p["capture"], p["lift"] * min(p["draw"], 1.0), air.grid.cell**3,
            )  # fmt: skip
            air.resist()
            self.efficiency, self.bare = int(self._sum[0]) / pores.UNIT, int(self._sum[1]) / pores.UNIT

    def breathe(self, inflow: float = 0.0, boosted: bool = False) -> Breath:
        """After the air's step and `middles`: what was drawn and kept. inflow: µg/m³, told on. boosted:
        whether anything helps the filter, so that what it adds is measured."""
        air = self.air
        now = air.ledger()
        step = {name: (now[name] - before) * air.quantum for name, before in self._before.items()}
        self._before = {name: now[name] for name in self._before}
        self._held = now["taken"] - now["kept"] - now["given"]
        drawn = step["taken"] / air.dt
        flow = air.draw * air.scaled
        # the skin's hairs count by what they keep of air as smoggy as that before the mouths
        around = max(drawn / flow if flow > 1e-6 else inflow, 1.0)
        delivered = flow * self.efficiency + step["filtered"] / air.dt / around
        helped = self._helped() / air.dt / around + flow * (self.efficiency - self.bare) if boosted else 0.0
        return Breath(
            drawn,
            step["kept"] + step["filtered"],
            3600.0 * delivered,
            now["airborne"] * air.quantum,
            inflow,
            air.speed,
            air.slowed,
            3600.0 * helped,
        )

    def _helped(self) -> float:
        """µg that the skin's hairs kept in the last sub-steps because something helps them."""
        air = self.air
        pores.helped(*air.middle, air.smog, air.filter, self.boost, air.dt, self._sum)
        return int(self._sum[2]) / pores.HELP * air.grid.cell**3

    @property
    def exhaling(self) -> float:
        """0–1: how strongly it breathes out, most while it draws least."""
        return 0.5 * (1.0 - cosine(self._phase))

    def channels(self) -> tuple[Channel, Channel]:
        """solid: 0–1. age: show s since a cell became body, seen up to AGED."""
        tissue = self.tissue
        return (
            Channel("solid", self.grid, array_of(tissue.solid), 1.0, 1.0),
            Channel("age", self.grid, array_of(tissue.age), AGED, 1.0),
        )

    def state(self) -> dict[str, Any]:
        """Every field that decides the future (what it writes into the air stands in the air's state)."""
        return {**self.tissue.state(), "boost": self.boost}

    def scalars(self) -> dict[str, float]:
        before = {f"before_{name}": value for name, value in self._before.items()}
        return before | {
            "phase": self._phase,
            "held": self._held,
            "efficiency": self.efficiency,
            "bare": self.bare,
            "reserve": self.tissue.reserve,
            "eaten": self.tissue.eaten,
        }

    def restore(self, scalars: dict[str, float]) -> None:
        self._before = {name: int(scalars[f"before_{name}"]) for name in self._before}
        self._phase, self._held = float(scalars["phase"]), int(scalars["held"])
        self.efficiency, self.bare = float(scalars["efficiency"]), float(scalars["bare"])
        self.tissue.reserve, self.tissue.eaten = float(scalars["reserve"]), float(scalars["eaten"])

    def _placed(self, places: tuple[Place, ...], name: str) -> F64:
        """Places of the box in metres of the world, (n, 3)."""
        for n, place in enumerate(places):
            if len(place) != 3 or not all(0.0 <= x <= 1.0 for x in place):
                raise BioartError(f"world.body.{name}[{n}]: {shown(place)}; allowed: three numbers 0 to 1")
        if not places:
            raise BioartError(f"world.body.{name}: none; allowed: at least one place")
        found: F64 = np.array(self.grid.origin) + np.array(places) * np.array(self.grid.size)
        return found

    def _balls(self, places: F64) -> NDArray[np.float32]:
        """Smooth little balls, f32 on the air's grid, 1/m³, all together of sum·cell³ = 1."""
        grid = self.air.grid
        radius = max(0.3, 2.0 * grid.cell)
        axes = [o + grid.cell * (np.arange(n) + 0.5) for o, n in zip(grid.origin, grid.shape, strict=True)]
        total = np.zeros(grid.shape)
        for place in places:
            x, y, z = ((a - c) ** 2 for a, c in zip(axes, place, strict=True))
            near = np.maximum(1.0 - (x[:, None, None] + y[:, None] + z) / radius**2, 0.0) ** 2
            total += near / (math.fsum(near[near > 0]) * grid.cell**3 * len(places))
        return total.astype(np.float32)
