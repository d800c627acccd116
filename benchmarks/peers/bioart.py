"""bioart's own air, by its public face: what a world calls each step.

It does more than the work asks: drag, viscosity and sources have their terms (here 0), and the scalar is carried
by flux-form MUSCL in whole quanta, so that none is lost, in the sub-steps that its speed limit asks for, on the
velocity after the projection. So its velocity is checked against the reference, and its scalar for what it promises: the
sum, exactly. Apache-2.0.
"""

from __future__ import annotations

from typing import Any


from bioart.forms import Grid
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.world.air import Air
from peers import work


class Peer:
    def __init__(self, cells: int, threads: int) -> None:
        compute.start("cpu", threads)
        h = work.cell(cells)
        self.memory = Memory()
        self.air = Air(self.memory, Grid((cells,) * 3, (0.0, 0.0, 0.0), h), work.DT, h / work.DT)
        self.p = {"viscosity": 0.0, "diffusion": 0.0, "confinement": 0.0}
        self.notes = f"Air.step: MacCormack velocity, MUSCL scalar in {self.air.substeps} sub-steps, exact sum"

    def load(self, *arrays: Any) -> None:
        for mine, given in zip(self.air.velocity, arrays[:3], strict=True):
            mine.from_numpy(given)
        self.air.pressure.fill(0)
        self.air.fill(arrays[3])

    def read(self) -> tuple[Any, ...]:
        return (*(a.to_numpy() for a in self.air.velocity), self.air.smog.to_numpy())

    def step(self) -> None:
        self.air.step(self.p, 0.0, 0.0)
        _sync()

    def versions(self) -> str:
        import bioart
        import taichi

        return f"bioart {bioart.__version__}, taichi {'.'.join(map(str, taichi.__version__))}"


def _sync() -> None:
    import taichi as ti

    ti.sync()


