"""The air: incompressible flow on a staggered grid, through a porous body, and what it carries.

One step: what keeps eddies alive, MacCormack velocity, porous drag with the old pressure's gradient in the
predictor, one direct pressure solve, the whole field slowed by one factor where it is faster than
`max_speed`, then each pollutant in as many sub-steps as the flow asks for (models 2, 8).

It stands alone, on any box:

    from bioart.forms import Grid
    from bioart.gpu.compute import Memory
    from bioart.world.air import Air
    from bioart.world.sides import PERIODIC, Sides, wall

    n = 128  # a lid-driven cavity in the y–z plane: Re = 1 m/s · 1 m / viscosity
    still, lid = wall(), wall(0.0, 0.0, 1.0)
    sides = Sides(PERIODIC, PERIODIC, floor=still, ceiling=lid, back=still, front=still)
    air = Air(Memory(), Grid((1, n, n), (0.0, 0.0, 0.0), 1 / n), dt=0.0015, sides=sides, scheme="central")
    for _ in range(10000):
        air.move({"viscosity": 0.01})
    u, v, w = air.faces()
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from bioart.errors import BioartError, nearest, shown
from bioart.forms import Channel, Grid
from bioart.gpu.poisson import Poisson
from bioart.param import Param
from bioart.world import advection, central, flow, swirl
from bioart.world.cargo import Cargo, Load, inside_of, lay
from bioart.world.sides import Rim, Sides

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

FULL = 900.0  # µg/m³ that a look shows as 1: London's and Beijing's worst days lie above 500
Scheme = Literal["maccormack", "central"]
SCHEMES: tuple[Scheme, ...] = ("maccormack", "central")


class Air:
    """Velocity (m/s) and pollutants (µg/m³) in a box.

    grid: the cells, at least 4 along each axis, or any number along one that is periodic. dt: world seconds
    per step. max_speed: m/s, what no cell exceeds. sides: of the box; closed and smooth if none are given.
    scheme: `maccormack` for shows; `central` (Runge–Kutta) for validation: of second order, without drag.
    pollutants: names; all share the flow, `smog` is drawn and filtered by the body.

    What others write, f32. With a rim, (nx+3, ny+3, nz+3), cells 1 … n:

    - `drag` 1/s, `friction` 1/m: porous drag σ + c_F|u| (the body); `resist()` afterwards
    - `force_x, force_y, force_z` m/s²: written anew each step (the weather); `lift` m/s² upwards (the body)

    On the grid:

    - `filter` 1/m: λ_f of the fine hairs in a cell; it keeps |u|·λ_f of what is carried per second; `rest`
      1/s: what settles on the surfaces in a cell (the body)
    - `source` 1/m³ (`give`): where air is given (> 0) and taken (< 0), times `draw` m³/s; `intake` 0–1: the
      share of smog that is kept where air is taken (the body)
    - `returned` µg/m³: smog in the air that is given back (a number, the body)
    - `inlet` (ny, nz): the pattern of what comes in through the west side, of mean 1 (the weather)

    Raises BioartError for a grid, dt, max_speed, scheme or name that cannot be.
    """

    viscosity = Param(0.0015, 0.0, 0.02, "m²/s", "how thick the air moves: eddies smaller than the grid")
    diffusion = Param(0.001, 0.0, 0.005, "m²/s", "how fast smog spreads without wind")
    confinement = Param(0.06, 0.0, 1.0, "", "how strongly eddies are held together")

    def __init__(
        self,
        memory: Memory,
        grid: Grid,
        dt: float = 0.1,
        max_speed: float = 2.0,
        sides: Sides | None = None,
        scheme: Scheme = "maccormack",
        pollutants: Sequence[str] = ("smog",),
    ) -> None:
        import taichi as ti

        self.sides = sides or Sides()
        least = [1 if periodic else 4 for periodic in self.sides.periodic]
        if any(n < m for n, m in zip(grid.shape, least, strict=True)):
            raise BioartError(
                f"world.air: {grid.shape} cells; allowed: at least 4 along each axis that is not periodic"
            )
        if not (dt > 0.0 and max_speed > 0.0):
            raise BioartError(f"world.air: dt {dt:g} s, max_speed {max_speed:g} m/s; allowed: both above 0")
        if scheme not in SCHEMES:
            raise BioartError(f"world.air: scheme {shown(scheme)}{nearest(scheme, SCHEMES)}")
        self.grid, self.dt, self.max_speed, self.scheme = grid, dt, max_speed, scheme
        nx, ny, nz = grid.shape
        wide = (nx + 3, ny + 3, nz + 3)

        def field(name: str, dtype: Any = ti.f32, shape: tuple[int, ...] = grid.shape) -> Any:
            return memory.field("air", name, dtype, shape)

        def three(name: str) -> list[Any]:
            return [field(f"{name}_{a}", shape=wide) for a in "xyz"]

        self.velocity = three("velocity")
        self._pushed, self._carried, self._moved = three("pushed"), three("carried"), three("moved")
        self._spin = [*three("spin"), field("spin_size", shape=wide)]
        self._forced = three("forced")
        self.force_x, self.force_y, self.force_z = three("force")
        self.pressure, self._phi = field("pressure", shape=wide), field("phi", shape=wide)
        self.drag, self.friction, self.lift, self._early = (
            field(name, shape=wide) for name in ("drag", "friction", "lift", "early")
        )
        self.filter, self.rest = field("filter"), field("rest")
        self.source, self.intake = field("source"), field("intake")
        self.inlet = field("inlet", shape=(ny, nz))
        self.inlet.fill(1.0)
        self.middle = (field("middle_x"), field("middle_y"), field("middle_z"))
        self.smog = field("smog")  # as `middles` last saw it
        self._top = field("top", ti.f32, (2,))
        self._where = field("where", ti.i32, (nx * ny * nz,))
        self.rim = Rim(self.sides, grid.shape, memory)
        load = Load(memory, grid.shape)
        self.cargo = {name: Cargo(memory, name, grid, load) for name in pollutants}
        self.draw = 0.0
        self.returned = 0.0
        self.speed, self.leaving = 0.0, 0.0
        self.slowed = 0
        self.scaled = 1.0  # this step's factor
        self.poisson = Poisson(grid.shape, grid.cell, self.sides.ends)
        self._right = np.zeros(grid.shape, np.float32)
        self._porous = False
        self._mouths: tuple[Any, ...] = ()  # indices of the cells where air is given or taken, and how much
        self._count = 0

    # -- a step --------------------------------------------------------------------------------------------

    def step(
        self, p: Mapping[str, float], wind: float = 0.0, inflow: float | Mapping[str, float] = 0.0
    ) -> None:
        """Advance by dt. p: viscosity, diffusion, confinement (0 if left out). wind: m/s through inflows that
        have no velocity of their own. inflow: µg/m³, mean smog of the air that comes in, or by pollutant."""
        self.move(p, wind)
        self.carry(p, inflow)

    def move(self, p: Mapping[str, float], wind: float = 0.0) -> None:
        """The first half of a step: velocity and pressure."""
        # after a jolt the pressure is so high that its last bits let divergence through: it is solved again
        jolt = abs(wind - self.rim.wind) > 0.05 * self.max_speed
        self.rim.wind = wind
        self.rim.velocity(self.velocity, predicted=False)
        if any(self.sides.periodic):
            for told in (self.force_x, self.force_y, self.force_z, self.lift):
                self.rim.cells(told)
        if self.scheme == "central":
            self._central(p)
        else:
            self._maccormack(p)
        if jolt:
            flow.again(*self.velocity, *self._pushed)
            self._project(self._pushed, self.dt, 1.0)
        self._measure()

    def _maccormack(self, p: Mapping[str, float]) -> None:
        h, dt = self.grid.cell, self.dt
        nu = min(p.get("viscosity", 0.0), h * h / (6.5 * dt))  # an explicit step must not overshoot
        confined = p.get("confinement", 0.0)
        forces = [self.force_x, self.force_y, self.force_z]
        if confined > 0.0:
            swirl.spin(*self.velocity, *self._spin, h)
            swirl.confine(*self._spin, *forces, *self._forced, h * confined)
            forces = self._forced
        flow.push(
            *self.velocity, *self._pushed, self.pressure, *forces, self.lift, self._early, self._porous,
            nu * dt / (h * h), dt / h, dt,
        )  # fmt: skip
        self.rim.velocity(self._pushed)
        # nothing may move further than a cell at a time
        times = max(1, math.ceil(self.speed * dt / h))
        for n in range(times):
            if n:
                flow.again(*self._moved, *self._pushed)
            s = dt / h / times
            advection.carry(*self.velocity, *self._pushed, *self._carried, s)
            self.rim.velocity(self._carried)
            advection.correct(*self.velocity, *self._pushed, *self._carried, *self._moved, s)
            self.rim.velocity(self._moved)
        moved = self._moved
        if self._porous:
            flow.brake(
                *self.velocity, *self._moved, *self._pushed, self.pressure, self.drag, self.friction,
                self._early, dt / h, dt,
            )  # fmt: skip
            moved = self._pushed
            self.rim.velocity(moved)
        # in the open the late share of the old pressure need not be taken off before it is solved for anew
        self._project(moved, dt, 1.0 if self._porous else 0.5)

    def _central(self, p: Mapping[str, float]) -> None:
        h, dt = self.grid.cell, self.dt
        if self._porous:
            raise BioartError("world.air: drag with scheme 'central'; allowed: maccormack, or no drag")
        nu = p.get("viscosity", 0.0) * dt / (h * h)
        most = 2.5 / (4.0 * max(sum(n > 1 for n in self.grid.shape), 1))  # where Runge–Kutta begins to grow
        if nu > most:
            raise BioartError(
                f"world.air: viscosity {p['viscosity']:g} m²/s with dt {dt:g} s on cells of {h:g} m; "
                f"allowed with scheme 'central': dt up to {most / nu * dt:.3g} s"
            )
        flow.again(*self.velocity, *self._carried)
        for start, last in central.STAGES:
            central.stage(
                *self._carried, *self.velocity, *self._pushed, self.force_x, self.force_y, self.force_z,
                start, last, dt / h, nu, dt,
            )  # fmt: skip
            self.rim.velocity(self._pushed)
            self._project(self._pushed, last * dt, 0.0)

    def _project(self, moved: list[Any], seconds: float, keep: float) -> None:
        """velocity ← what was moved, less the gradient of a pressure that leaves it no divergence but the
        sources. keep: share of the old pressure that is part of the new one."""
        h = self.grid.cell
        flow.divergence(*moved, 1.0 / (h * seconds), self._right)
        if self._count and self.draw:
            at, strength = self._mouths
            self._right[at] -= strength * np.float32(self.draw / seconds)
        flow.take_pressure(self.poisson.solve(self._right), self._phi, self.pressure, keep)
        self.rim.pressure(self._phi)
        self.rim.pressure(self.pressure)
        flow.project(*moved, self._phi, *self.velocity, seconds / h)
        self.rim.velocity(self.velocity, predicted=False)

    def _measure(self) -> None:
        flow.fastest(*self.velocity, self._top)
        self.speed, self.leaving = math.sqrt(self._top[0]), float(self._top[1])
        self.scaled = 1.0
        if self.speed > self.max_speed:
            self.scaled = self.max_speed / self.speed
            flow.slow(*self.velocity, self.scaled)
            self.speed = self.max_speed
            self.leaving *= self.scaled
            self.slowed += 1

    def carry(self, p: Mapping[str, float], inflow: float | Mapping[str, float] = 0.0) -> None:
        """The second half of a step: what the air carries, on the velocity as it stands."""
        coming = inflow if isinstance(inflow, Mapping) else {"smog": inflow}
        spread = Air.diffusion.clamp(p.get("diffusion", 0.0))
        for name, cargo in self.cargo.items():
            cargo.outside = float(coming.get(name, 0.0))
            if cargo.absent:
                continue
            # of all but smog, nothing that is drawn in comes out again
            returned = self.returned if name == "smog" else 0.0
            drawn = self.draw * self.scaled
            breath = (self._where, self._count, self.source, self.intake, drawn, returned)
            cargo.carry(self.velocity, self.rim, self.inlet, self.dt, spread, self.leaving, breath)
            cargo.keep(self.velocity, self.filter, self.rest, self.dt)

    # -- what others tell it -------------------------------------------------------------------------------

    def resist(self) -> None:
        """Drag or friction has changed: from now on they brake."""
        self._porous = True
        for told in (self.drag, self.friction):
            self.rim.cells(told)
        flow.ease(self._early, self.drag, self.friction, self.max_speed, self.dt)

    def give(self, source: Any) -> None:
        """Where air is given (> 0) and taken (< 0), 1/m³, (nx, ny, nz); in a box without an open side of
        sum·cell³ = 0."""
        values = np.asarray(source, np.float32)
        at = np.flatnonzero(values)
        self.source.from_numpy(values)
        where = np.zeros(self._where.shape[0], np.int32)
        where[: len(at)] = at
        self._where.from_numpy(where)
        self._count = len(at)
        index = np.unravel_index(at, self.grid.shape)
        self._mouths = (index, values[index])

    def lay(self, name: str, values: Any) -> None:
        """Write one of the fields that others write, by name: a number or an array of the grid's shape."""
        lay(getattr(self, name), values, self.grid.shape)
        if name in ("drag", "friction"):
            self.resist()

    def release(self, name: str, at: tuple[float, float, float], radius: float, micrograms: float) -> None:
        """Let a pollutant into the air; see `Cargo.release`. Raises BioartError for one it does not carry."""
        if name not in self.cargo:
            raise BioartError(f"world.air: carries no {shown(name)}{nearest(name, self.cargo)}")
        self.cargo[name].release(at, radius, micrograms)

    def fill(self, smog: Any) -> None:
        """Set the smog, µg/m³: a number or an array of the grid's shape. Raises BioartError beyond
        0–20000."""
        self.cargo["smog"].fill(smog)

    def blow(self, u: Any, v: Any, w: Any) -> None:
        """Set the velocity on faces, m/s, as `faces` tells it: numbers or arrays."""
        nx, ny, nz = self.grid.shape
        shapes = ((nx + 1, ny, nz), (nx, ny + 1, nz), (nx, ny, nz + 1))
        for field, values, shape in zip(self.velocity, (u, v, w), shapes, strict=True):
            flow.copy_in(
                np.ascontiguousarray(np.broadcast_to(np.asarray(values, np.float32), shape)), field, 1
            )
        flow.fastest(*self.velocity, self._top)
        self.speed, self.leaving = math.sqrt(self._top[0]), float(self._top[1])

    # -- what it tells -------------------------------------------------------------------------------------

    @property
    def quantum(self) -> float:
        """µg of smog that one count of the ledger stands for."""
        return self.cargo["smog"].quantum

    def ledger(self) -> dict[str, int]:
        """All smog so far; see `Cargo.ledger`."""
        return self.cargo["smog"].ledger()

    def faces(self) -> tuple[Any, Any, Any]:
        """Velocity through cells' faces, m/s: fresh arrays (nx+1, ny, nz), (nx, ny+1, nz), (nx, ny, nz+1)."""
        found = []
        for axis, field in enumerate(self.velocity):
            ends = [n + (2 if a == axis else 1) for a, n in enumerate(self.grid.shape)]
            found.append(np.ascontiguousarray(field.to_numpy()[tuple(slice(1, e) for e in ends)]))
        return found[0], found[1], found[2]

    def seen(self, name: str) -> Any:
        """A field of the air by name (`pressure`, `drag`, …), a fresh array of the grid's shape."""
        field = getattr(self, name)
        return (
            field.to_numpy() if tuple(field.shape) == self.grid.shape else inside_of(field, self.grid.shape)
        )

    def divergence(self) -> Any:
        """∇·u − sources at each cell, 1/s, f32: round-off after a step."""
        out = np.zeros(self.grid.shape, np.float32)
        flow.divergence(*self.velocity, 1.0 / self.grid.cell, out)
        if self._count:
            at, strength = self._mouths
            out[at] -= strength * np.float32(self.draw * self.scaled)
        return out

    def middles(self) -> tuple[Any, Any, Any]:
        """`middle`, `smog` ← velocity (m/s) and smog at cells' middles as they are now: f32 fields of the
        grid's shape, rewritten each time. Gives the three of velocity."""
        flow.middles(*self.velocity, self.cargo["smog"].density, *self.middle, self.smog)
        return self.middle

    def channels(self) -> tuple[Channel, ...]:
        """Each pollutant, velocity_x, velocity_y, velocity_z at cells' middles. Velocity is signed, ±
        `full`."""
        x, y, z = (np.empty(self.grid.shape, np.float32) for _ in range(3))
        flow.centred(*self.velocity, x, y, z)
        carried = [
            Channel(c.name, self.grid, c.values(), FULL, 1.0) for c in self.cargo.values() if not c.absent
        ]
        return (
            *carried,
            Channel("velocity_x", self.grid, x, self.max_speed, 0.25),
            Channel("velocity_y", self.grid, y, self.max_speed, 0.25),
            Channel("velocity_z", self.grid, z, self.max_speed, 0.25),
        )

    # -- state ---------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Every field that decides the future."""
        u, v, w = self.velocity
        found = {
            "velocity_x": u, "velocity_y": v, "velocity_z": w, "pressure": self.pressure, "drag": self.drag,
            "friction": self.friction, "filter": self.filter, "rest": self.rest, "intake": self.intake,
            "lift": self.lift,
        }  # fmt: skip
        for cargo in self.cargo.values():
            found |= cargo.state()
        return found

    def scalars(self) -> dict[str, float]:
        return {
            "speed": self.speed,
            "leaving": self.leaving,
            "slowed": self.slowed,
            "porous": self._porous,
            "wind": self.rim.wind,
        }

    def restore(self, scalars: dict[str, float]) -> None:
        """After every field of `state()` was written back."""
        self.speed, self.leaving = float(scalars["speed"]), float(scalars["leaving"])
        self.slowed, self.rim.wind = int(scalars["slowed"]), float(scalars["wind"])
        if scalars["porous"]:
            self.resist()
        for cargo in self.cargo.values():
            cargo.restored()
