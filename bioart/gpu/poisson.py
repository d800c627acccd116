"""Direct elliptic solves on a box of cubic cells with closed (Neumann) sides, by the cosine transform.

The one seam where a solver for a GPU goes: another class with the same two methods.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from bioart.errors import BioartError
from bioart.gpu import compute

F32 = NDArray[np.float32]


class Poisson:
    """∇²φ = rhs and (a − d∇²)φ = rhs, second-order 7-point Laplacian, DCT-II in f32.

    shape: cells (nx, ny, nz); cell: their edge, m. The same bits for any number of threads.
    """

    def __init__(self, shape: tuple[int, int, int], cell: float) -> None:
        if len(shape) != 3 or min(shape) < 2 or not cell > 0.0:
            raise BioartError(f"Poisson: {shape} cells of {cell} m; allowed: three counts ≥ 2 and a cell > 0")
        self.shape = shape
        # cos in double by the C library, one axis at a time: no vector extension has a say in its bits
        axes = [[2.0 - 2.0 * math.cos(math.pi * i / n) for i in range(n)] for n in shape]
        x, y, z = (np.array(a) / cell**2 for a in axes)
        self._eigen = (x[:, None, None] + y[None, :, None] + z[None, None, :]).astype(np.float32)
        inverse = np.zeros(shape, np.float32)
        np.divide(np.float32(-1.0), self._eigen, out=inverse, where=self._eigen > 0)
        self._inverse = inverse

    def solve(self, rhs: F32) -> F32:
        """φ of zero mean with ∇²φ = rhs − mean(rhs). rhs: f32 of `shape`, cell-centred; left as it is."""
        return self._through(rhs, self._inverse)

    def screened(self, rhs: F32, d: float, a: float) -> F32:
        """φ with (a − d∇²)φ = rhs; a > 0 (rhs's unit per φ's), d ≥ 0 (the same, times m²).

        Raises BioartError where that has no one answer.
        """
        if not (a > 0.0 and d >= 0.0):
            raise BioartError(f"Poisson.screened: a {a:g}, d {d:g}; allowed: a > 0, d ≥ 0")
        return self._through(rhs, np.float32(1.0) / (np.float32(a) + np.float32(d) * self._eigen))

    def _through(self, rhs: F32, gain: F32) -> F32:
        if rhs.shape != self.shape:
            raise BioartError(f"Poisson: right side of shape {rhs.shape}; allowed: {self.shape}")
        workers = int(compute.started().get("threads", 1))
        wave = fft.dctn(rhs.astype(np.float32, copy=False), type=2, norm="ortho", workers=workers)
        wave *= gain
        answer: F32 = fft.idctn(wave, type=2, norm="ortho", workers=workers, overwrite_x=True)
        return answer
