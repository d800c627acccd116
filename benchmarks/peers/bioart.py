"""bioart's own air, by its public face: what a world calls each step.

It does more than the work asks: drag, viscosity and sources have their terms (here 0), and the scalar is
carried by flux-form MUSCL in whole quanta, so that none is lost, in as many sub-steps as the flow asks for,
on the velocity after the projection. So its velocity is checked against the reference, and its scalar for
what it promises: the sum, exactly. Apache-2.0.
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

    @property
    def notes(self) -> str:
        steps = self.air.cargo["smog"].substeps
        return f"Air.step, strict: MacCormack velocity, MUSCL scalar in {steps} sub-steps, exact sum"

    def load(self, *arrays: Any) -> None:
        self.air.blow(*arrays[:3])
        self.air.pressure.fill(0)
        self.air.fill(arrays[3])

    def read(self) -> tuple[Any, ...]:
        return (*self.air.faces(), self.air.cargo["smog"].values())

    def step(self) -> None:
        self.air.step(self.p)
        _sync()

    def versions(self) -> str:
        import taichi

        import bioart

        return f"bioart {bioart.__version__}, taichi {'.'.join(map(str, taichi.__version__))}"


def _sync() -> None:
    import taichi as ti

    ti.sync()
