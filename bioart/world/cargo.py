"""What the air carries: one pollutant, counted in whole quanta so that none is lost."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bioart.errors import BioartError, shown
from bioart.forms import Grid
from bioart.world import flow, transport

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory
    from bioart.world.sides import Rim

WIDER = 1.5  # times the ball that was too full
LEAST, MOST = 0.0, transport.CROWDED / transport.QUANTA  # µg/m³ that the air can hold
ROWS = ("emitted", "outflow", "filtered", "taken", "kept", "given", "released")


class Load:
    """Fields that all pollutants of one air use in turn, while they are moved."""

    def __init__(self, memory: Memory, shape: tuple[int, int, int]) -> None:
        import taichi as ti

        wide = tuple(n + 3 for n in shape)
        self.half, self.part, *self.leans = (
            memory.field("air", name, ti.f32, wide) for name in ("half", "part", "lean_x", "lean_y", "lean_z")
        )
        self.sum = memory.field("air", "sum", ti.i64, (1,))


class Cargo:
    """One pollutant of an air, µg/m³. It rides on the velocity, spreads, is filtered where the air is, and
    what comes in and goes out is booked.

    name: of the pollutant. Beyond inflows it is as dense as `outside` says, on the west side times `inlet`.
    """

    def __init__(self, memory: Memory, name: str, grid: Grid, load: Load) -> None:
        import taichi as ti

        self.name, self.grid, self.outside = name, grid, 0.0
        wide = tuple(n + 3 for n in grid.shape)
        self.density = memory.field("air", f"{name} density", ti.f32, wide)  # cells 1 … n
        self.mass = memory.field("air", f"{name} mass", ti.i32, grid.shape)
        self._ledger = memory.field("air", f"{name} ledger", ti.i64, (transport.ENTRIES,))
        self._load = load
        self._empty = True
        self._stale = False  # `density` does not say yet what `mass` does

    def carry(
        self,
        velocity: list[Any],
        rim: Rim,
        inlet: Any,
        seconds: float,
        diffusion: float,
        leaving: float,
        breath: tuple[Any, int, Any, Any, float, float],
    ) -> None:
        """Move on for `seconds`, in so many sub-steps that no cell gives more than it has.

        diffusion: m²/s; leaving: m/s, the most that leaves any cell through all of its faces. breath: the
        cells where air is given or taken and their count, how much (1/m³), the share kept, times so much
        (m³/s), and what is given back (µg/m³).
        """
        self._empty = False
        self._refresh()
        self._begin(seconds, diffusion, leaving)
        where, count, source, intake, draw, returned = breath
        volume = draw * seconds / self.substeps
        for _ in range(self.substeps):
            self._move(velocity, rim, inlet)
            if volume and count:
                transport.breathe(
                    self.density, self.mass, where, count, source, intake, self._ledger, volume, returned
                )
            transport.shown(self.density, self.mass)

    def _refresh(self) -> None:
        if self._stale:
            transport.shown(self.density, self.mass)
            self._stale = False

    def _begin(self, seconds: float, diffusion: float, leaving: float) -> None:
        h = self.grid.cell
        self.substeps = max(1, math.ceil(leaving * seconds / h + 6.0 * diffusion * seconds / h**2))
        self._s = seconds / self.substeps / h
        self._r = diffusion * self._s / h

    def _move(self, velocity: list[Any], rim: Rim, inlet: Any) -> None:
        u, v, w = velocity
        load, c, s, r = self._load, self.density, self._s, self._r
        leans = load.leans
        rim.cells(c)
        transport.lean(u, v, w, c, load.half, *leans, load.part, s, r)
        transport.beyond(u, v, w, load.half, *leans, load.part, rim.table, inlet, self.outside)
        transport.settle(u, v, w, c, load.half, *leans, load.part, self.mass, s, r)
        for n, lets in enumerate(rim.lets):
            if lets:
                axis, upper = divmod(n, 2)
                book = (transport.book_x, transport.book_y, transport.book_z)[axis]
                face = self.grid.shape[axis] + 1 if upper else 1
                passed = velocity[axis], c, load.half, leans[axis], load.part
                book(*passed, self._ledger, face, -1 if upper else 1, s, r)

    def keep(self, velocity: list[Any], filt: Any, rest: Any, seconds: float) -> None:
        """What hairs and surfaces keep in `seconds`: filt: λ_f, 1/m; rest: deposition, 1/s."""
        transport.keep(*velocity, self.mass, filt, rest, self._ledger, seconds)
        transport.shown(self.density, self.mass)

    def release(self, at: tuple[float, float, float], radius: float, micrograms: float) -> None:
        """Let so much (µg) into the air in a soft ball about a place (m), wider where it would be denser than
        20000 µg/m³; only what the whole box has no room for stays out. Raises BioartError for what is not
        finite or below 0."""
        if not all(map(math.isfinite, (*at, radius, micrograms))) or radius <= 0.0 or micrograms < 0.0:
            raise BioartError(
                f"air.release {self.name}: {shown([*at, radius, micrograms])}; "
                "allowed: finite, radius > 0 m, µg ≥ 0"
            )
        h = self.grid.cell
        x, y, z = ((a - o) / h for a, o in zip(at, self.grid.origin, strict=True))
        held = [min(max(p, 0.5), n - 0.5) for p, n in zip((x, y, z), self.grid.shape, strict=True)]
        reach, left = max(radius / h, 1.0), int(min(micrograms / self.quantum, float(1 << 62)))
        while left and reach < WIDER * sum(self.grid.shape):
            transport.release(self.mass, self._ledger, self._load.sum, *held, reach, left)
            left, reach = int(self._load.sum[0]), reach * WIDER
        self._stale, self._empty = True, False

    def fill(self, density: Any) -> None:
        """Set it, µg/m³: a number or an array of the grid's shape. Raises BioartError beyond 0–20000."""
        values = np.ascontiguousarray(np.broadcast_to(np.asarray(density, np.float32), self.grid.shape))
        if not (np.isfinite(values).all() and values.min() >= LEAST and values.max() <= MOST):
            raise BioartError(f"air: {self.name} outside its range; allowed: 0 to 20000 µg/m³")
        transport.fill(self.mass, values)
        transport.shown(self.density, self.mass)
        self._empty = False

    @property
    def absent(self) -> bool:
        """Whether there has been none of it at all so far, and none comes in."""
        return self._empty and self.outside <= 0.0

    @property
    def quantum(self) -> float:
        """µg that one count of the ledger stands for."""
        return self.grid.cell**3 / transport.QUANTA

    def ledger(self) -> dict[str, int]:
        """All of it so far, in quanta, exact: emitted + released = outflow + filtered + (taken − given) +
        airborne since it was last filled. kept: of what was taken, what stayed in the filter (the rest is in
        the lungs or was given back)."""
        rows = self._ledger.to_numpy()
        return {name: int(rows[i]) for i, name in enumerate(ROWS)} | {"airborne": self.airborne()}

    def airborne(self) -> int:
        """Quanta in the air."""
        transport.total(self.mass, self._load.sum)
        return int(self._load.sum[0])

    def values(self) -> Any:
        """µg/m³ as a fresh array of the grid's shape."""
        self._refresh()
        inside = tuple(slice(1, n + 1) for n in self.grid.shape)
        return np.ascontiguousarray(self.density.to_numpy()[inside])

    def state(self) -> dict[str, Any]:
        return {f"{self.name} mass": self.mass, f"{self.name} ledger": self._ledger}

    def restored(self) -> None:
        """After `state()` was written back."""
        transport.shown(self.density, self.mass)
        self._empty = self.airborne() == 0


def inside_of(field: Any, shape: tuple[int, int, int]) -> Any:
    """Values of a field with a rim, (nx, ny, nz), fresh."""
    return np.ascontiguousarray(field.to_numpy()[tuple(slice(1, n + 1) for n in shape)])


def lay(field: Any, values: Any, shape: tuple[int, int, int]) -> None:
    """Values (a number or nx, ny, nz) into a field with a rim or without."""
    array = np.ascontiguousarray(np.broadcast_to(np.asarray(values, np.float32), shape))
    flow.copy_in(array, field, 0 if tuple(field.shape) == shape else 1)
