"""Pattern: markings on the skin, as on a leopard, a zebra or a shell.

Two substances react and spread over the skin (Turing 1952; Gray and Scott 1984): one is fed everywhere, the
other eats it and makes more of itself. Where they settle, if they do, is decided by two numbers, feed and
removal. Only the skin takes part. It follows the body: new skin inherits from the skin beside it, and skin
that lies blank is sown anew, so that the markings never die out.
"""

import math
from typing import TYPE_CHECKING, Any, ClassVar

from bioart.clock import RATE
from bioart.forms import Channel
from bioart.param import Param
from bioart.world.growth import Growth, Tissue

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

EVERY = 2  # steps to a run
FOLLOW = 4  # runs between two looks for where the skin is
ROOM = 4  # one cell of this many may be skin; what is beyond stays bare
WAVE = 29.3  # cells from one marking to the next, over √D_u (measured; 29 to 31 for most classes)
LEAST, MOST = 0.055, 0.3  # D_u, cells² per unit of the reaction's time: below, markings stick to the cells
STABLE = 0.1  # D_u·dt at most
SUBSTEPS = 48  # of a run, at most
PALE = 0.02  # share of the skin alive below which it is sown at once
FULL = 2.5  # 1/v that is shown as 1


class Pattern(Growth):
    """Markings on the skin: spots, stripes, mazes, and such as never come to rest."""

    reads = ("solid",)
    writes = ("pattern",)
    # After Pearson (Science 261, 1993) and Munafo's table (mrob.com/pub/comp/xmorphia), whose class is named.
    named: ClassVar[dict[str, dict[str, float]]] = {
        "waves": {"feed": 0.010, "removal": 0.047},  # α: rings and hooks that chase one another
        "smoke": {"feed": 0.026, "removal": 0.051},  # β: a restless glow with dark rents
        "zebra": {"feed": 0.026, "removal": 0.055},  # γ: stripes that creep and heal
        "cells": {"feed": 0.018, "removal": 0.055},  # ε: spots that divide and die for ever
        "spots": {"feed": 0.034, "removal": 0.063},  # η: close spots, here and there a worm
        "dots": {"feed": 0.034, "removal": 0.065},  # λ: spots that divide until they stand as in a comb
        "maze": {"feed": 0.038, "removal": 0.061},  # θ: stripes that fork
        "holes": {"feed": 0.042, "removal": 0.059},  # δ: dark spots in a bright skin
        "pores": {"feed": 0.046, "removal": 0.0594},  # ι: a few dark spots in a bright skin
        "stars": {"feed": 0.054, "removal": 0.067},  # ν: lone spots that stay where they are
        "brain": {"feed": 0.058, "removal": 0.063},  # κ: bright folds
        "worms": {"feed": 0.058, "removal": 0.065},  # μ: bright worms that lie side by side
        "net": {"feed": 0.062, "removal": 0.0609},  # π: dark lines and spots that glide in a bright skin
    }

    feed = Param(0.038, 0.010, 0.080, "", "how fast the skin is fed; with removal it decides what grows")
    removal = Param(0.061, 0.040, 0.070, "", "how fast the markings fade; with feed it decides what grows")
    size = Param(
        0.34, 0.2, 0.8, "m", "from one marking to the next; never less than 7 nor more than 16 cells", "log"
    )
    pace = Param(
        120.0, 0.0, 300.0, "1/s", "time of the reaction that passes in a second; large markings cost it"
    )
    variety = Param(
        0.003, 0.0, 0.010, "", "how much feed differs from place to place: one skin, many markings"
    )
    sowing = Param(0.05, 0.01, 1.0, "1/s", "how often a blank patch of skin is sown anew", "log")

    def __init__(self, memory: "Memory", tissue: Tissue, seed: int) -> None:
        import taichi as ti

        from bioart.world.growth import _turing

        self.grid, self.seed = tissue.grid, (seed ^ 0x3C6EF372) & 0xFFFFFFFF
        nx, ny, nz = self.grid.shape
        self.room = max(nx * ny * nz // ROOM, 1)
        blocks = math.prod(-(-n // _turing.BLOCK) for n in self.grid.shape)

        def field(name: str, shape: tuple[int, ...] = (self.room,), kind: Any = ti.f32) -> Any:
            return memory.field("pattern", name, kind, shape)

        self._u, self._v, self._uneven = field("u"), field("v"), field("uneven")
        self._after = field("u after"), field("v after"), field("uneven after")
        self._cell, self._heirs = field("cell", kind=ti.i32), field("heirs", kind=ti.i32)
        self._near, self._slot = (
            field("near", (6 * self.room,), ti.i32),
            field("slot", self.grid.shape, ti.i32),
        )
        self._rows = field("rows", (nx * ny,), ti.i32)
        self._blocks = field("skin of blocks", (blocks,), ti.i32), field("life of blocks", (blocks,), ti.i32)
        self._count, self._sums = field("count", (2,), ti.i32), field("sums", (2,), ti.i32)  # cells, taken
        self._pattern = tissue["pattern"]
        self._linked = False  # whether slot and near, which follow from cell, are told

    @property
    def cells(self) -> int:
        """How many cells of skin take part."""
        return int(self._count[0])

    def state(self) -> dict[str, Any]:
        return {
            "cell": self._cell, "u": self._u, "v": self._v, "uneven": self._uneven, "count": self._count,
        }  # fmt: skip

    def scalars(self) -> dict[str, float]:
        """Nothing besides the fields."""
        return {}

    def restore(self, kept: dict[str, float]) -> None:
        """The fields of `state` hold their values again: what follows from them is told anew."""
        self._linked = False
        self._pattern.fill(0.0)
        self._show(self.cells)

    def step(self, k: int, p: dict[str, float], tissue: Tissue) -> None:
        taken = int(self._count[1])
        if taken % EVERY == 0:
            self._run(taken // EVERY, p, tissue)
        self._count[1] = taken + 1

    def _run(self, run: int, p: dict[str, float], tissue: Tissue) -> None:
        from bioart.world.growth import _turing

        if not self._linked:
            _turing.number(self._cell, self._slot, self.cells)
        if run % FOLLOW == 0:
            self._follow(run, p, tissue)
        count = self.cells
        if run % FOLLOW == 0 or not self._linked:
            _turing.link(self._cell, self._slot, self._near, count)
            self._linked = True
        substeps, dt, spread = self.pacing(p)
        u, v = self._u, self._v
        u_after, v_after = self._after[:2]
        variety = min(p["variety"], p["feed"])
        for _ in range(substeps):  # an even number: where it began it ends
            _turing.react(
                u, v, u_after, v_after, self._near, self._uneven, count,
                p["feed"], p["removal"], variety, spread, 0.5 * spread, dt,
            )  # fmt: skip
            u, v, u_after, v_after = u_after, v_after, u, v
        self._show(count)

    def pacing(self, p: dict[str, float]) -> tuple[int, float, float]:
        """(sub-steps of a run, their dt, D_u): dt ≤ 1 and D_u·dt ≤ STABLE."""
        across = p["size"] / self.grid.cell / WAVE
        spread = min(max(across * across, LEAST), MOST)
        longest = min(1.0, STABLE / spread)
        time = min(p["pace"] * EVERY / RATE, SUBSTEPS * longest)
        substeps = 2 * math.ceil(time / longest / 2.0 - 1e-9)
        return substeps, time / max(substeps, 1), spread

    def _follow(self, run: int, p: dict[str, float], tissue: Tissue) -> None:
        """The body has changed: find its skin anew, hand down what was there, sow what is blank."""
        from bioart.world.growth import _turing

        old = self.cells
        _turing.wipe(self._cell, self._pattern, old)
        _turing.survey(tissue.solid, self._rows)
        _turing.sum_up(self._rows, self._count, self.room)
        _turing.enlist(tissue.solid, self._rows, self._heirs, self.room)
        count = self.cells
        _turing.hand_down(
            self._cell, self._slot, old, self._u, self._v, self._uneven, self._heirs, count, *self._after,
            self.seed,
        )  # fmt: skip
        _turing.take_over(
            self._cell, self._u, self._v, self._uneven, self._heirs, *self._after, count
        )  # fmt: skip
        _turing.number(self._cell, self._slot, count)
        _turing.tally(self._cell, self._slot, self._v, count, *self._blocks, self._sums)
        chance = min(p["sowing"] * FOLLOW * EVERY / RATE, 1.0)
        if int(self._sums[1]) < PALE * count:
            chance = max(chance, 0.25)
        _turing.sow(
            self._cell, self._slot, self._u, self._v, count, *self._blocks, self.seed, run, chance
        )  # fmt: skip

    def _show(self, count: int) -> None:
        from bioart.world.growth import _turing

        _turing.show(self._cell, self._v, self._pattern, count, FULL)

    def channels(self, tissue: Tissue) -> tuple[Channel, ...]:
        """pattern: 0–1, the markings, on the skin and nowhere else."""
        from bioart.gpu.copies import array_of

        return (Channel("pattern", self.grid, array_of(self._pattern), rate=2.0),)
