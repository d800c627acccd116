"""Direct elliptic solves on a box of cubic cells, by the transform that suits the ends of each axis.

Closed ends (Neumann) call for cosines, open ones (a value of 0 at the face) for sines, one of each for the
quarter-wave kinds of both, and an axis that closes upon itself for Fourier's (Schumann & Sweet 1988). The one
seam where a solver for a GPU goes: another class with the same two methods.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from bioart.errors import BioartError, shown
from bioart.gpu import compute

F32 = NDArray[np.float32]
End = Literal["closed", "open", "periodic"]
CLOSED: tuple[End, End] = ("closed", "closed")

# ends of an axis → its transform, and by how many half-waves the lowest mode is off a constant
_TRANSFORMS: dict[tuple[End, End], tuple[str, float]] = {
    ("closed", "closed"): ("dct2", 0.0),
    ("open", "open"): ("dst2", 1.0),
    ("closed", "open"): ("dct4", 0.5),
    ("open", "closed"): ("dst4", 0.5),
    ("periodic", "periodic"): ("fourier", 0.0),
}


class Poisson:
    """∇²φ = rhs and (a − d∇²)φ = rhs, second-order 7-point Laplacian, in f32.

    shape: cells (nx, ny, nz), at least 2 along an axis with ends; cell: their edge, m; ends: of each axis,
    the lower and the upper. The same bits for any number of threads. Raises BioartError for a box that
    cannot be.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        cell: float,
        ends: tuple[tuple[End, End], tuple[End, End], tuple[End, End]] = (CLOSED, CLOSED, CLOSED),
    ) -> None:
        for name, pair in zip("xyz", ends, strict=True):
            if pair not in _TRANSFORMS:
                raise BioartError(
                    f"Poisson: ends {shown(list(pair))} along {name}; allowed: closed, open, or both periodic"
                )
        kinds = [_TRANSFORMS[pair] for pair in ends]
        least = [1 if kind == "fourier" else 2 for kind, _ in kinds]
        if len(shape) != 3 or any(n < m for n, m in zip(shape, least, strict=True)) or not cell > 0.0:
            raise BioartError(f"Poisson: {shape} cells of {cell} m; allowed: three counts ≥ 2 and a cell > 0")
        self.shape = shape
        self.singular = all(low == 0.0 for _, low in kinds)
        steps: dict[str, tuple[int, ...]] = {}
        for axis, (kind, _) in enumerate(kinds):
            steps[kind] = (*steps.get(kind, ()), axis)
        self._fourier: tuple[int, ...] = steps.pop("fourier", ())  # last, as what it gives is complex
        self._steps = tuple(steps.items())
        rows = [self._eigen_row(n, kind, low) / cell**2 for n, (kind, low) in zip(shape, kinds, strict=True)]
        if self._fourier:  # of a real field, half of the last axis says all
            half: int = self._fourier[-1]
            rows[half] = rows[half][: shape[half] // 2 + 1]
        x, y, z = rows
        self._eigen = (x[:, None, None] + y[None, :, None] + z[None, None, :]).astype(np.float32)
        inverse = np.zeros(self._eigen.shape, np.float32)
        np.divide(np.float32(-1.0), self._eigen, out=inverse, where=self._eigen > 0)
        self._inverse = inverse

    @staticmethod
    def _eigen_row(n: int, kind: str, low: float) -> NDArray[np.float64]:
        # cos in double by the C library, one axis at a time: no vector extension has a say in its bits
        turn = 2.0 if kind == "fourier" else 1.0
        return np.array([2.0 - 2.0 * math.cos(math.pi * turn * (i + low) / n) for i in range(n)])

    def solve(self, rhs: F32) -> F32:
        """φ with ∇²φ = rhs; without an open end φ of zero mean with ∇²φ = rhs − mean(rhs). rhs: f32 of
        `shape`, cell-centred; left as it is."""
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
        wave: Any = rhs.astype(np.float32, copy=False)
        for kind, axes in self._steps:
            there = fft.dctn if kind[:3] == "dct" else fft.dstn
            wave = there(wave, type=int(kind[3]), axes=axes, norm="ortho", workers=workers)
        if self._fourier:
            wave = fft.rfftn(wave, axes=self._fourier, workers=workers)
        wave *= gain
        if self._fourier:
            sizes = [self.shape[axis] for axis in self._fourier]
            wave = fft.irfftn(wave, s=sizes, axes=self._fourier, workers=workers)
        for kind, axes in reversed(self._steps):
            back = fft.idctn if kind[:3] == "dct" else fft.idstn
            wave = back(wave, type=int(kind[3]), axes=axes, norm="ortho", workers=workers, overwrite_x=True)
        answer: F32 = wave
        return answer
