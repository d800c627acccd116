"""PhiFlow on JAX: its own mac_cormack and make_incompressible, one jitted step.

Its pressure is solved by conjugate gradient from the last step's pressure, stopped where the divergence
asks for it (it has no cosine transform). Its walls hold all velocity at 0, ours only what crosses them, so
cells beside a wall differ from the reference. PhiFlow: MIT.
"""

from __future__ import annotations

import importlib
import importlib.metadata
from typing import Any

import numpy as np

from peers import work

flow = importlib.import_module("phi.jax.flow")
fluid = importlib.import_module("phi.physics.fluid")
# As a matrix its Laplacian overflows 32-bit indices from 36³ cells on (phiml 1.16): applied as a function
fluid.masked_laplace = fluid.masked_laplace.f


class Peer:
    notes = "mac_cormack, make_incompressible with CG from the last pressure, jit on jax, f32"

    def __init__(self, cells: int, threads: int) -> None:
        n = cells
        self.n = n
        box = flow.Box(x=work.SIDE, y=work.SIDE, z=work.SIDE)
        self.size = {"x": n, "y": n, "z": n, "bounds": box}
        fastest = work.COURANT * work.cell(n) / work.DT
        # CG watches the norm over all cells; the greatest is about 5 times the root mean square
        tolerance = 0.15 * work.LEAST * fastest / work.cell(n) * float(n) ** 1.5

        def advance(velocity: Any, c: Any, pressure: Any) -> Any:
            c = flow.advect.mac_cormack(c, velocity, work.DT)
            velocity = flow.advect.mac_cormack(velocity, velocity, work.DT)
            solve = flow.Solve(
                "CG", 0.0, tolerance, x0=pressure, max_iterations=4000, rank_deficiency=0
            )  # deficiency 0: CG leaves the mean of the pressure as it is
            velocity, pressure = flow.fluid.make_incompressible(velocity, (), solve)
            return velocity, c, pressure

        self.run = flow.math.jit_compile(advance)

    def load(self, *arrays: Any) -> None:
        u, v, w, c = arrays
        space = flow.spatial("x,y,z")
        inside = (u[1:-1], v[:, 1:-1], w[:, :, 1:-1])
        parts = [flow.math.tensor(np.asarray(a), space) for a in inside]
        values = flow.math.stack(parts, flow.dual(vector="x,y,z"))
        self.velocity = flow.StaggeredGrid(values, flow.extrapolation.ZERO, **self.size)
        self.c = flow.CenteredGrid(flow.math.tensor(c, space), flow.extrapolation.ZERO_GRADIENT, **self.size)
        self.pressure = flow.CenteredGrid(0.0, flow.extrapolation.ZERO_GRADIENT, **self.size)

    def read(self) -> tuple[Any, ...]:
        out = []
        for axis, name in enumerate("xyz"):
            a = self.velocity.vector[name].values.numpy("x,y,z")
            out.append(np.pad(a, [(1, 1) if b == axis else (0, 0) for b in range(3)]))
        return (*out, self.c.values.numpy("x,y,z"))

    def step(self) -> None:
        self.velocity, self.c, self.pressure = self.run(self.velocity, self.c, self.pressure)
        self.velocity.vector["x"].values.numpy("x,y,z")  # waits: JAX returns before it is done

    def versions(self) -> str:
        return ", ".join(f"{p} {importlib.metadata.version(p)}" for p in ("phiflow", "phiml", "jax"))
