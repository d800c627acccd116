"""Care: where people helped the body. There its tissue stands storms better, and heals faster (`FIELDS`).

Seeds and banners lay care about them, implants that steady hold it; without them it fades, slowly.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from bioart.clock import RATE
from bioart.forms import Grid
from bioart.param import Param
from bioart.steering import Placement
from bioart.world import caring
from bioart.world.boost import load

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory
    from bioart.world.growth import Tissue

EVERY = 10  # steps between two fadings
SLOTS = 64  # steadiers that count
LAYS = {"seed": 1.0, "banner": 0.7}  # what one lays, times its amount


class Care:
    """Writes the tissue's `care`, 0–1. Its part's name is `care`."""

    reach = Param(0.8, 0.2, 4.0, "m", "how far care reaches about what gives it", "log")
    lasting = Param(60.0, 5.0, 600.0, "s", "show time in which care fades to a third", "log")

    def __init__(self, memory: "Memory", grid: Grid, tissue: "Tissue") -> None:
        """grid: the body's."""
        import taichi as ti

        self.grid, self._care = grid, tissue["care"]
        self._table = memory.field("care", "table", ti.f32, (SLOTS, 4))
        self._any = False  # whether there is any

    def step(
        self, k: int, p: dict[str, float], placed: Sequence[Placement], steadiers: Sequence[tuple[float, ...]]
    ) -> None:
        """Step k. placed: of which seeds and banners count; steadiers: place in m, and strength 0–1."""
        reach = max(p["reach"] / self.grid.cell, 1.0)
        for thing in placed:
            if thing.kind in LAYS:
                amount = LAYS[thing.kind] * min(max(thing.amount, 0.0), 1.0)
                x, y, z = (
                    min(max(a, 0.0), 1.0) * n - 0.5 for a, n in zip(thing.at, self.grid.shape, strict=True)
                )
                caring.lay(self._care, x, y, z, amount, reach)
                self._any = True
        if k % EVERY == 0 and (self._any or steadiers):
            self._any = True
            rows = np.zeros((SLOTS, 4), np.float32)
            for n, (*at, strength) in enumerate(steadiers[:SLOTS]):
                rows[n, :3] = [
                    (a - o) / self.grid.cell - 0.5 for a, o in zip(at, self.grid.origin, strict=True)
                ]
                rows[n, 3] = strength
            load(self._table, rows)
            keep = 1.0 / (1.0 + EVERY / RATE / p["lasting"])
            caring.fade(self._care, self._table, min(len(steadiers), SLOTS), reach, keep)

    def state(self) -> dict[str, Any]:
        """Every field that decides the future."""
        return {"care": self._care}

    def scalars(self) -> dict[str, float]:
        return {"any": float(self._any)}

    def restore(self, scalars: dict[str, float]) -> None:
        self._any = bool(scalars["any"])
