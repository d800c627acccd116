"""Growths: one file, one way of growing.

To add one, write `world/growth/<name>.py` with one subclass of Growth: declare its params as class
attributes, name the shared fields that it `reads` and `writes`, take fields of its own from `memory`, and
fill in `state`, `step` and `channels`. Presets name it by its file (`body: {growth: [{kind: <name>, ...}]}`),
its params are `<name>.<param>`, and the family's contract tests run over it because it is there. Kernels are
module-level functions; what varies is an argument.

Several live together because none knows another: what they have to say to each other, to the light and to
the air stands in named fields of the tissue.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from numpy.typing import NDArray

from bioart.errors import BioartError, nearest, shown
from bioart.forms import Channel, Forms, Grid
from bioart.steering import Placement

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

# What a growth may share, each f32 on the body's grid.
FIELDS = {
    "solid": "0–1, the share of a cell that is body",
    "age": "s of show since a cell became body, 0 outside",
    "tip": "0–1, what grows now",
    "network": "0–1, light of the veins",
    "pattern": "0–1, the skin's pattern",
    "matter": "0–1, what decays: fallen, thrown away, laid down for a while",
    "synthetic": "0–1, the share of the body in a cell that was made and not grown",
    "soil": "0–1, the share of the body in a cell that is earth and refuse: it has no cells that glow",
    "hairs": "≥ 0, hair that filters the air besides the body's own, in shares of a full cell's",
    "care": "0–1, where people helped: there what was broken heals faster",
}


@dataclass(frozen=True)
class Pod:
    """A zone's pod. at: (x, z), m; radius: of its zone, m; room: kg that it holds as it stands; load: 0–1,
    how full it is; running: 0–1, how much runs over now."""

    at: tuple[float, float]
    radius: float
    room: float
    load: float
    running: float


@dataclass(frozen=True)
class Ambient:
    """The air about the body, as it is after the air's step: f32 fields on the air's grid.

    x, y, z: m/s, at cells' middles; smog: µg/m³; corner: the body's least corner, in air cells; finer: cells
    of the body to an air cell, along each axis.
    """

    x: Any
    y: Any
    z: Any
    smog: Any
    corner: tuple[int, int, int]
    finer: int


class Tissue:
    """What growths share, on the body's grid: named fields (`FIELDS`), each made when first asked for.

    What a step exchanges with the rest of the world, besides: reserve: 0–1, what captured smog, offerings and
    waste have filled; it sustains food far from the body. waste: kg in the zones' pods. pods: each of them.
    film: m of by-product that lie on the ground by air cell (x, z), None where there is no ground. wind: m/s,
    the weather's, gusts included. filled: 0–1, the share of its box that is body. Set by growths, and cleared
    before each step: eaten: 0–1, what they took from the reserve; devoured: kg of the zones' waste;
    returned: kg of compost that they gave back. ambient: the air about the body, None where there is none.
    """

    def __init__(self, memory: "Memory", grid: Grid, ambient: Ambient | None = None) -> None:
        self.grid, self.ambient = grid, ambient
        self._memory = memory
        self._fields: dict[str, Any] = {}
        self._parts: dict[int, Any] = {}
        self.solid, self.age = self["solid"], self["age"]
        self.reserve, self.waste, self.wind, self.filled = 0.5, 0.0, 0.0, 0.0
        self.pods: tuple[Pod, ...] = ()
        self.film: NDArray[Any] | None = None
        self.eaten = self.devoured = self.returned = 0.0

    def __getitem__(self, name: str) -> Any:
        """A shared field by name, 0 where nobody asked before. Raises BioartError for a name it has not."""
        import taichi as ti

        if name not in FIELDS:
            raise BioartError(f"tissue: no field {shown(name)}{nearest(name, FIELDS)}")
        if name not in self._fields:
            self._fields[name] = self._memory.field("tissue", name, ti.f32, self.grid.shape)
        return self._fields[name]

    def find(self, name: str) -> Any:
        """A shared field, or None where no growth of this world writes it."""
        return self._fields.get(name)

    def divide(self, makers: Sequence[object]) -> None:
        """Where several growths make body, each gets a part of its own, and solid is what any of them is."""
        import taichi as ti

        if len(makers) > 1:
            for n, maker in enumerate(makers):
                self._parts[id(maker)] = self._memory.field("tissue", f"part {n}", ti.f32, self.grid.shape)

    def part(self, maker: object) -> Any:
        """The field in which this growth writes the body that it makes: `solid` where it is the only one."""
        return self._parts.get(id(maker), self.solid)

    def unite(self) -> None:
        """solid ← the fullest of the parts, cell by cell."""
        from bioart.world.growth import _union

        for n, part in enumerate(self._parts.values()):
            _union.over(self.solid, part, int(n == 0))

    def settle(self) -> None:
        """Before the growths' step: nobody has taken or given anything yet."""
        self.eaten = self.devoured = self.returned = 0.0

    def state(self) -> dict[str, Any]:
        """solid, age and the parts; what else is shared stands in the state of the growth that writes it."""
        parts = {f"part {n}": part for n, part in enumerate(self._parts.values())}
        return {"solid": self.solid, "age": self.age, **parts}


class Growth:
    """One way of growing on the body's grid."""

    reads: ClassVar[tuple[str, ...]] = ()  # names of FIELDS
    writes: ClassVar[tuple[str, ...]] = ()  # it touches no other; `solid` means tissue.part(self)
    # What a preset may call several of its params at once: {kind: pattern, like: maze}.
    named: ClassVar[dict[str, dict[str, float]]] = {}
    takes: ClassVar[tuple[str, ...]] = ()  # kinds of placements that are its own: nobody else feeds on them
    adds: ClassVar[tuple[str, ...]] = ()  # but these, where another growth writes them: it lays more there

    def __init__(self, memory: "Memory", tissue: Tissue, seed: int) -> None:
        """Take fields of its own from memory, shared ones from tissue. seed: 32-bit, for a counter-based
        hash."""
        raise NotImplementedError

    def plant(self, tissue: Tissue) -> None:
        """Lay the first cells into a new world's tissue. Called once, before step −age."""

    def state(self) -> dict[str, Any]:
        """Every field that decides the future, by name: digested each step, kept in snapshots."""
        raise NotImplementedError

    def rebuild(self, tissue: Tissue) -> None:
        """After its state was restored: fill again what follows from it and stands in no state."""

    def step(self, k: int, p: dict[str, float], tissue: Tissue) -> None:
        """Grow for one step (k may be negative before the show). p: this growth's params by short name."""
        raise NotImplementedError

    def place(self, k: int, thing: Placement) -> None:
        """What somebody put into the world in step k, of any kind; a growth may let it be."""

    def wounds(self) -> tuple[float, float]:
        """m³ of body that storms have broken off it so far, and m³ of that which has healed."""
        return 0.0, 0.0

    def coverage(self) -> float:
        """The share of the skin that this growth threads, 0–1."""
        return 0.0

    def channels(self, tissue: Tissue) -> tuple[Channel, ...]:
        """What it declares for looks, beyond solid and age: fresh float32 arrays."""
        return ()

    def forms(self, k: int) -> Forms:
        """What it shows besides as points, curves and words after k steps: fresh arrays."""
        return Forms()


BASE = Growth
