"""Network: a physarum that threads the body and draws veins along its limbs.

Agents live in the skin, sense the trail ahead and aside, turn towards the stronger, and leave more of it.
Where many go, a vein stands; where the body has gone from under one, it is sown anew somewhere on the skin.
"""

from typing import TYPE_CHECKING, Any

import numpy as np

from bioart.clock import RATE
from bioart.forms import Channel
from bioart.param import Param
from bioart.world.growth import Growth, Tissue

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

EVERY = 2  # steps to a run
SKIN_EVERY = 16  # runs between two looks for where the skin is
MANY = 40_000  # agents at most on a grid of 96×144×96; other grids by their area
DENSITY = 0.65  # agents to a cell of skin
FULL = 1.0  # trail that shines half


class Network(Growth):
    """Veins along the limbs."""

    reads = ("solid",)
    writes = ("network",)

    reach = Param(0.15, 0.05, 0.5, "m", "how far an agent senses: more makes the mesh wider")
    angle = Param(0.5, 0.1, 1.5, "rad", "how far aside it senses")
    turn = Param(0.6, 0.1, 1.5, "rad", "how far it turns to the stronger trail")
    pace = Param(0.45, 0.1, 0.9, "m/s", "how fast it goes")
    cling = Param(1.5, 0.3, 3.0, "", "how strongly it keeps to the skin")
    lasting = Param(1.3, 0.3, 4.0, "s", "how long a trail lasts", "log")

    def __init__(self, memory: "Memory", tissue: Tissue, seed: int) -> None:
        import taichi as ti

        self.grid, self.seed = tissue.grid, (seed ^ 0x5F356495) & 0xFFFFFFFF
        grid = self.grid
        nx, ny, nz = grid.shape
        self.agents = max(64, MANY * (nx * ny + ny * nz + nz * nx) // (96 * 144 + 144 * 96 + 96 * 96))

        def field(name: str, shape: tuple[int, ...], kind: Any = ti.f32) -> Any:
            return memory.field("network", name, kind, shape)

        self._trail, self._after = field("trail", grid.shape), field("trail after", grid.shape)
        self._veins, self._covered = tissue["network"], field("covered", (2,), ti.i32)
        self._laid = field("laid", grid.shape, ti.i32)
        self._where, self._count = field("where", (4 * self.agents,), ti.i32), field("count", (2,), ti.i32)
        self._place = tuple(field(f"place {axis}", (self.agents,)) for axis in "xyz")
        self._heading = tuple(field(f"heading {axis}", (self.agents,)) for axis in "xyz")

    def active(self) -> int:
        """How many agents the skin has room for."""
        return min(self.agents, int(DENSITY * int(self._count[0])))

    def state(self) -> dict[str, Any]:
        found = {"trail": self._trail, "where": self._where, "count": self._count}
        for axis, place, heading in zip("xyz", self._place, self._heading, strict=True):
            found[f"place {axis}"], found[f"heading {axis}"] = place, heading
        return found

    def step(self, k: int, p: dict[str, float], tissue: Tissue) -> None:

        taken = int(self._count[1])
        if taken % EVERY == 0:
            self._wander(taken // EVERY, p, tissue)
        self._count[1] = taken + 1
        self.rebuild(tissue)

    def rebuild(self, tissue: Tissue) -> None:
        """The veins that the trail makes, and how much of the skin they cover."""
        from bioart.world.growth import _agents

        _agents.shine(self._trail, tissue.solid, self._veins, self._covered, FULL)

    def _wander(self, run: int, p: dict[str, float], tissue: Tissue) -> None:
        from bioart.world.growth import _agents

        if run % SKIN_EVERY == 0:
            self._count[0] = 0
            _agents.skin(tissue.solid, self._count, self._where)
        cells = 1.0 / self.grid.cell
        seconds = EVERY / RATE
        _agents.wander(
            tissue.solid, self._trail, self._laid, self._where, self._count, *self._place, *self._heading,
            self.seed, run, self.active(),
            p["reach"] * cells, p["angle"], p["turn"], p["pace"] * cells * seconds, p["cling"],
        )  # fmt: skip
        fade = seconds / p["lasting"]
        _agents.settle(self._trail, self._after, self._laid, 1.0 / (1.0 + fade), 0.05, 1.5 * fade)
        self._trail, self._after = self._after, self._trail

    def coverage(self) -> float:
        return int(self._covered[1]) / max(1, int(self._covered[0]))

    def channels(self, tissue: Tissue) -> tuple[Channel, ...]:
        """network: 0–1, the veins' light."""
        from bioart.world.growth import _agents

        veins = np.empty(self.grid.shape, np.float32)
        _agents.copy_out(self._veins, veins)
        return (Channel("network", self.grid, veins, rate=1.0),)
