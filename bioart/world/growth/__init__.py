"""Growths: one file, one way of growing.

To add one, write `world/growth/<name>.py` with one subclass of Growth: declare its params as class
attributes, take fields from `memory`, and fill in `state`, `step` and `channels`. Presets name it by its
file (`body: {growth: [{kind: <name>, ...}]}`), its params are `<name>.<param>`, and the family's contract
tests run over it because it is there. Kernels are module-level functions; what varies is an argument.
"""

from typing import TYPE_CHECKING, Any

from bioart.forms import Channel, Grid

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory


class Tissue:
    """What growths share, on the body grid. The body owns it; growths write it in the preset's order.

    solid: f32 field 0–1, the share of a cell that is body. age: f32 field, show seconds since a cell became
    body (0 outside). reserve: 0–1, what captured smog, offerings and waste have filled; it sustains food far
    from the body. eaten: what growth took from the reserve in this step (0–1), set by growths.
    """

    def __init__(self, memory: "Memory", grid: Grid) -> None:
        import taichi as ti

        self.grid = grid
        self.solid = memory.field("body", "solid", ti.f32, grid.shape)
        self.age = memory.field("body", "age", ti.f32, grid.shape)
        self.reserve = 0.5
        self.eaten = 0.0


class Growth:
    """One way of growing on the body grid."""

    def __init__(self, memory: "Memory", grid: Grid, seed: int) -> None:
        """Take fields from memory and plant the seed. seed: 32-bit, for a counter-based hash."""
        raise NotImplementedError

    def plant(self, tissue: Tissue) -> None:
        """Lay the first cells into a new world's tissue. Called once, before step −age."""

    def state(self) -> dict[str, Any]:
        """Every field that decides the future, by name: digested each step, kept in snapshots."""
        raise NotImplementedError

    def step(self, k: int, p: dict[str, float], tissue: Tissue) -> None:
        """Grow for one step (k may be negative before the show). p: this growth's params by short name."""
        raise NotImplementedError

    def offers(self) -> dict[str, Any]:
        """Fields on the body's grid that light reads: `tip` (0–1, what grows now), `network` (0–1, veins)."""
        return {}

    def sow(self, at: tuple[float, float, float], amount: float) -> None:
        """A seed that somebody placed, in [0, 1]³ of the body's box; a growth may let it be."""

    def coverage(self) -> float:
        """The share of the skin that this growth threads, 0–1."""
        return 0.0

    def channels(self, tissue: Tissue) -> tuple[Channel, ...]:
        """What it declares for looks, beyond solid and age: fresh float32 arrays."""
        return ()


BASE = Growth
