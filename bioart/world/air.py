"""The air: incompressible flow on a staggered grid, through a porous body, and the smog that it carries.

One step: what keeps eddies alive, MacCormack velocity, porous drag with the old pressure's gradient in the
predictor, one direct pressure solve, the whole field slowed by one factor where it is faster than
`max_speed`, then smog in as many sub-steps as were fixed when the air was built (models 2, 8).

It stands alone: without wind and sources it is a closed box.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bioart.errors import BioartError
from bioart.forms import Channel, Grid
from bioart.gpu.poisson import Poisson
from bioart.param import Param
from bioart.world import advection, flow, swirl, transport

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

FULL = 900.0  # µg/m³ that a look shows as 1: London's and Beijing's worst days lie above 500


class Air:
    """Velocity (m/s) and smog (µg/m³) in a box; the wind comes in through −x and leaves through +x.

    grid: the cells, at least 4 along each axis. dt: world seconds per step. max_speed: m/s, what no cell
    exceeds. What others write, all f32 on the grid unless said:

    - `drag` 1/s, `friction` 1/m: porous drag σ + c_F|u| (the body)
    - `filter` 1/m: λ_f of the fine hairs in a cell; it keeps |u|·λ_f of the smog per second (the body)
    - `source` 1/m³, of sum·cell³ = 0: where air is given (> 0) and taken (< 0), times `draw` m³/s;
      `intake` 0–1: the share of smog that is kept where air is taken (the body)
    - `returned` µg/m³: smog in the air that is given back (a number, the body)
    - `force_x, force_y, force_z` m/s²: written anew each step (the weather); `lift` m/s² upwards (the body)
    - `inlet` (ny, nz): the pattern of incoming smog, of mean 1 (the weather)

    Raises BioartError for a grid, dt or max_speed that cannot be.
    """

    viscosity = Param(0.0015, 0.0, 0.02, "m²/s", "how thick the air moves: eddies smaller than the grid")
    diffusion = Param(0.001, 0.0, 0.005, "m²/s", "how fast smog spreads without wind")
    confinement = Param(0.06, 0.0, 1.0, "", "how strongly eddies are held together")

    def __init__(self, memory: Memory, grid: Grid, dt: float = 0.1, max_speed: float = 2.0) -> None:
        import taichi as ti

        if min(grid.shape) < 4:
            raise BioartError(f"world.air: {grid.shape} cells; allowed: at least 4 along each axis")
        if not (dt > 0.0 and max_speed > 0.0):
            raise BioartError(f"world.air: dt {dt:g} s, max_speed {max_speed:g} m/s; allowed: both above 0")
        self.grid, self.dt, self.max_speed = grid, dt, max_speed
        # what leaves a cell in a sub-step, by wind through up to three faces and by diffusion, is not more
        # than the cell has
        leaves = math.sqrt(3.0) * max_speed * dt / grid.cell + 6.0 * Air.diffusion.high * dt / grid.cell**2
        self.substeps = math.ceil(leaves)
        nx, ny, nz = grid.shape

        def field(name: str, dtype: Any = ti.f32, shape: tuple[int, ...] = grid.shape) -> Any:
            return memory.field("air", name, dtype, shape)

        sides = {"x": (nx + 1, ny, nz), "y": (nx, ny + 1, nz), "z": (nx, ny, nz + 1)}
        self.velocity = [field(f"velocity_{a}", shape=s) for a, s in sides.items()]
        self._carried = [field(f"carried_{a}", shape=s) for a, s in sides.items()]
        self._predicted = [field(f"predicted_{a}", shape=s) for a, s in sides.items()]
        self._range = [field(f"{end}_{a}", shape=s) for end in ("low", "high") for a, s in sides.items()]
        self._given = [field(f"given_{side}", ti.i32) for side in ("w", "e", "s", "n", "b", "f")]
        self.middle = (field("middle_x"), field("middle_y"), field("middle_z"))
        self.pressure = field("pressure")
        self.smog = field("smog")
        self._mass = field("mass", ti.i32)
        self._ledger = field("ledger", ti.i64, (transport.ENTRIES,))
        self._sum = field("sum", ti.i64, (1,))
        self._top = field("top", ti.f32, (1,))
        self._spin = [field(f"spin_{a}") for a in ("x", "y", "z", "size")]
        self.drag, self.friction, self.filter = field("drag"), field("friction"), field("filter")
        self.source, self.intake, self.lift = field("source"), field("intake"), field("lift")
        self.force_x, self.force_y, self.force_z = field("force_x"), field("force_y"), field("force_z")
        self.inlet = field("inlet", shape=(ny, nz))
        self.inlet.fill(1.0)
        self.draw = 0.0
        self.returned = 0.0
        self.speed = 0.0
        self.slowed = 0
        self.scaled = 1.0  # this step's factor
        self.poisson = Poisson(grid.shape, grid.cell)
        self._right = np.zeros(grid.shape, np.float32)

    def step(self, p: dict[str, float], wind: float = 0.0, inflow: float = 0.0) -> None:
        """Advance by dt. p: viscosity, diffusion, confinement. wind: m/s ≥ 0 in through −x. inflow: µg/m³,
        mean smog of the air that comes in."""
        self.move(p, wind)
        self.carry(p, inflow)

    def move(self, p: dict[str, float], wind: float = 0.0) -> None:
        """The first half of a step: velocity and pressure."""
        u, v, w = self.velocity
        h, dt = self.grid.cell, self.dt
        nu = min(p["viscosity"], h * h / (6.5 * dt))  # an explicit step must not overshoot
        if p["confinement"] > 0.0:
            swirl.spin(u, v, w, *self._spin, h)
            swirl.confine(*self._spin, *self._forces, h * p["confinement"])
        flow.push(u, v, w, *self._predicted, self.pressure, self.drag, self.friction, dt / h, dt)
        advection.carry(u, v, w, *self._predicted, *self._carried, *self._range, dt / h)
        advection.correct(u, v, w, *self._carried, *self._range, *self._predicted, dt / h)
        flow.drive(
            u, v, w, *self._predicted, self.pressure, *self._forces, self.lift, self.drag, self.friction,
            nu * dt / (h * h), dt / h, dt,
        )  # fmt: skip
        flow.open_sides(u, self._predicted[0], self._sum, max(wind, 0.0), dt / h)
        flow.divergence(*self._predicted, self.source, h, self.draw, 1.0 / dt, self._right)
        phi = self.poisson.solve(self._right)
        flow.project(u, v, w, *self._predicted, self.pressure, phi, dt / h)
        flow.fastest(u, v, w, self._top)
        self.speed = math.sqrt(self._top[0])
        self.scaled = 1.0
        if self.speed > self.max_speed:
            self.scaled = self.max_speed / self.speed
            flow.slow(u, v, w, self.scaled)
            self.speed = self.max_speed
            self.slowed += 1

    def carry(self, p: dict[str, float], inflow: float = 0.0) -> None:
        """The second half of a step: smog on the velocity as it stands."""
        u, v, w = self.velocity
        h, dt = self.grid.cell, self.dt / self.substeps
        spread = Air.diffusion.clamp(p["diffusion"]) * dt / (h * h)
        sink = self.draw * self.scaled * dt
        for _ in range(self.substeps):
            transport.give(u, v, w, self.smog, self.source, *self._given, dt / h, spread, sink)
            transport.take(
                u, v, w, self.smog, self._mass, self.source, self.intake, self.filter, self.inlet,
                *self._given, self._ledger, dt / h, inflow, dt, sink, self.returned,
            )  # fmt: skip

    @property
    def _forces(self) -> tuple[Any, Any, Any]:
        return self.force_x, self.force_y, self.force_z

    def fill(self, smog: Any) -> None:
        """Set the smog, µg/m³: a number or an array of the grid's shape. Raises BioartError
        beyond 0–20000."""
        values = np.ascontiguousarray(np.broadcast_to(np.asarray(smog, np.float32), self.grid.shape))
        if not (np.isfinite(values).all() and values.min() >= 0.0 and values.max() <= 20000.0):
            raise BioartError("air: smog outside its range; allowed: 0 to 20000 µg/m³")
        transport.fill(self.smog, self._mass, values)

    @property
    def quantum(self) -> float:
        """µg of smog that one count of the ledger stands for."""
        return self.grid.cell**3 / transport.QUANTA

    def ledger(self) -> dict[str, int]:
        """All smog so far, in quanta, exact: emitted = outflow + filtered + (taken − given) + airborne since
        it was last filled. kept: of what was taken, what stayed in the filter (the rest is in the lungs or
        was given back)."""
        rows = self._ledger.to_numpy()
        names = ("emitted", "outflow", "filtered", "taken", "kept", "given")
        found = {name: int(rows[i]) for i, name in enumerate(names)}
        transport.total(self._mass, self._sum)
        return found | {"airborne": int(self._sum[0])}

    def divergence(self) -> Any:
        """∇·u − sources at each cell, 1/s, f32: round-off after a step."""
        out = np.zeros(self.grid.shape, np.float32)
        flow.divergence(*self.velocity, self.source, self.grid.cell, self.draw * self.scaled, 1.0, out)
        return out

    def middles(self) -> tuple[Any, Any, Any]:
        """`middle` ← velocity at cells' middles as it is now, m/s: three f32 fields, rewritten each time."""
        flow.middles(*self.velocity, *self.middle)
        return self.middle

    def channels(self) -> tuple[Channel, ...]:
        """smog, velocity_x, velocity_y, velocity_z at cells' middles. Velocity is signed, ± its `full`."""
        x, y, z, c = (np.empty(self.grid.shape, np.float32) for _ in range(4))
        flow.centred(*self.velocity, self.smog, x, y, z, c)
        return (
            Channel("smog", self.grid, c, FULL, 1.0),
            Channel("velocity_x", self.grid, x, self.max_speed, 0.25),
            Channel("velocity_y", self.grid, y, self.max_speed, 0.25),
            Channel("velocity_z", self.grid, z, self.max_speed, 0.25),
        )

    def state(self) -> dict[str, Any]:
        """Every field that decides the future."""
        u, v, w = self.velocity
        return {
            "velocity_x": u, "velocity_y": v, "velocity_z": w, "pressure": self.pressure,
            "mass": self._mass, "ledger": self._ledger, "drag": self.drag, "friction": self.friction,
            "filter": self.filter, "intake": self.intake, "lift": self.lift,
        }  # fmt: skip

    def scalars(self) -> dict[str, float]:
        return {"speed": self.speed, "slowed": self.slowed}

    def restore(self, scalars: dict[str, float]) -> None:
        """After every field of `state()` was written back."""
        self.speed, self.slowed = float(scalars["speed"]), int(scalars["slowed"])
        transport.shown(self.smog, self._mass)
