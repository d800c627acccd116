"""Pods: the zones' pods as things that stand: lattice vessels, filled as they are full, and their spill.

A vessel's wall is living and its windows show what ferments in it; where that stands is the pod's load. What
runs over comes down outside and lies about its foot as the ground's film does, made deep enough to be seen.
It shows the metabolism and the ground and decides nothing: no mass is counted here.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bioart.clock import RATE
from bioart.forms import Channel
from bioart.gpu.copies import array_of
from bioart.param import Param, defaults_of
from bioart.world.growth import Growth, Tissue

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

EVERY = 3  # steps to a run
MOST = 12  # pods
ROOM = 3.0  # kg
LAG = 1.0  # show seconds after which a level is where it belongs


class Pods(Growth):
    """Vessels that fill and run over."""

    reads = ()
    writes = ("solid", "tip")

    height = Param(
        2.5, 1.0, 5.0, "", "height of a pod that holds 3 kg, in its radii; one with more room is taller"
    )
    width = Param(0.75, 0.2, 1.5, "", "radius of a pod, in shares of its zone's")
    lean = Param(0.35, 0.0, 1.0, "", "how far a pod leans, in its radii")

    def __init__(self, memory: "Memory", tissue: Tissue, seed: int) -> None:
        import taichi as ti

        from bioart.world.growth import _vessel

        self.grid, self.seed = tissue.grid, (seed ^ 0x3C6EF372) & 0xFFFFFFFF
        air = tissue.ambient
        floor = (2, 2) if air is None else (air.x.shape[0], air.x.shape[2])
        self._rows = memory.field("pods", "rows", ti.f32, (MOST * _vessel.ROW,))
        self._film = memory.field("pods", "film", ti.f32, floor)
        self._count = memory.field("pods", "count", ti.i32, (2,))  # pods, steps taken
        self._tip = tissue["tip"]

    def plant(self, tissue: Tissue) -> None:
        self._stand(defaults_of(Pods), tissue, first=True)

    def state(self) -> dict[str, Any]:
        return {"rows": self._rows, "film": self._film, "count": self._count, "tip": self._tip}

    def step(self, k: int, p: dict[str, float], tissue: Tissue) -> None:
        taken = int(self._count[1])
        if taken % EVERY == 0:
            self._stand(p, tissue, first=taken == 0)
        self._count[1] = taken + 1

    def _stand(self, p: dict[str, float], tissue: Tissue, first: bool) -> None:
        from bioart.world.growth import _vessel

        rows = self._rows.to_numpy().reshape(MOST, _vessel.ROW)
        pods = tissue.pods[:MOST]
        (ox, _, oz), cell = self.grid.origin, self.grid.cell
        share = 1.0 if first else EVERY / (LAG * RATE)
        for n, pod in enumerate(pods):
            radius = p["width"] * pod.radius / cell
            sides = [((self.seed >> (5 * n + s)) % 17) / 8.0 - 1.0 for s in (0, 3)]
            tall = p["height"] * radius * (0.86 + 0.14 * sides[1])
            tall *= math.sqrt(math.sqrt(pod.room / ROOM))
            goal = tall, pod.load, pod.running
            tall, level, running = (
                was + share * (g - was) for was, g in zip(rows[n, 3:6], goal, strict=True)
            )
            rows[n] = (
                (pod.at[0] - ox) / cell - 0.5, (pod.at[1] - oz) / cell - 0.5, radius, tall, level, running,
                p["lean"] * radius * sides[0], p["lean"] * radius * sides[1], n,
            )  # fmt: skip
        self._rows.from_numpy(rows.reshape(-1))
        self._count[0] = len(pods)
        air = tissue.ambient
        corner, finer = ((0, 0, 0), 1) if air is None else (air.corner, air.finer)
        if tissue.film is not None and tissue.film.shape == self._film.shape:
            self._film.from_numpy(tissue.film.astype(np.float32))
        _vessel.build(
            tissue.part(self), self._tip, self._rows, self._film, len(pods), corner[0], corner[2], finer,
            int(self._count[1]) / RATE, self.seed,
        )  # fmt: skip

    def channels(self, tissue: Tissue) -> tuple[Channel, ...]:
        """tip: 0–1, what fills the pods and runs from them."""
        return (Channel("tip", self.grid, array_of(self._tip)),)
