"""The mean radiance that a glow keeps up in the air about it: what the air can scatter once.

A source of j (radiance to a metre of ray, the same in every direction) at y sends to x, through air that
takes k of light to a metre, so much of the mean over all directions there:

    J(x) = ∫ j(y) · exp(−k·r) / (4π·r²) dy,   r = |x − y|

With one k for the whole box that is a convolution, done by FFT. (Chandrasekhar, Radiative Transfer, 1960.)
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from bioart.gpu import crew

F32 = NDArray[np.float32]
ROOM = 1.5  # the periodic box is so many times the air's: what comes round is cut off
FINE = 5  # sources to a cell, each way, where the kernel is steep
STEPS = 8  # kernels are kept for so many k to an octave, and mixed between
LEAST = 0.02  # 1/m, of those
OWN = 0.6085  # the mean of 1/(4π·r²) over a unit cube about its middle, by quadrature


class MeanRadiance:
    """J on one grid, from sources of three colours."""

    def __init__(self, shape: tuple[int, int, int], cell: float) -> None:
        """shape: cells; cell: their edge, m."""
        self.shape, self.cell = shape, cell
        self._room = tuple(fft.next_fast_len(max(4, math.ceil(ROOM * n)), real=True) for n in shape)
        self._kernels: dict[int, Any] = {}

    def of(self, light: F32, takes: tuple[float, float, float]) -> F32:
        """J, (x, y, z, 3). light: j, (x, y, z, 3), 1/m times radiance; takes: k of each colour, 1/m."""
        kernels = [self._about(k) for k in takes]
        mean = np.empty((*self.shape, 3), np.float32)
        x, y, z = self.shape

        def one(i: int) -> None:
            low, high, share = kernels[i]
            wave = fft.rfftn(light[..., i], s=self._room)
            wave *= (1 - share) * low + share * high
            back = fft.irfftn(wave, s=self._room, overwrite_x=True)
            np.maximum(back[:x, :y, :z], np.float32(0), out=mean[..., i])

        crew.each(one, range(3))
        return mean

    def _about(self, k: float) -> tuple[Any, Any, np.float32]:
        """The two kept kernels' transforms about k, and the second's share of the one between."""
        place = STEPS * math.log2(max(k, LEAST) / LEAST)
        low = int(place)
        return self._kept(low), self._kept(low + 1), np.float32(place - low)

    def _kept(self, step: int) -> Any:
        if step not in self._kernels:
            while len(self._kernels) >= 16:
                self._kernels.pop(next(iter(self._kernels)))
            self._kernels[step] = fft.rfftn(self._spread(LEAST * 2.0 ** (step / STEPS)))
        return self._kernels[step]

    def _spread(self, k: float) -> F32:
        """What a cell of j = 1 sends to every cell, on the periodic box."""
        offsets = [np.fft.fftfreq(n, 1.0 / n) * self.cell for n in self._room]
        x, y, z = np.meshgrid(*offsets, indexing="ij", sparse=True)
        r2 = x * x + y * y + z * z
        near = np.argwhere(r2 < (3.5 * self.cell) ** 2)
        r2[0, 0, 0] = 1.0
        out = np.exp(-k * np.sqrt(r2)) / (4 * math.pi * r2)
        # close by a cell is no point: the mean over places in it, seen from the middle of the other
        inside = ((np.arange(FINE) + 0.5) / FINE - 0.5) * self.cell
        apart = np.stack(np.meshgrid(inside, inside, inside, indexing="ij"), -1).reshape(-1, 3)
        for cell in near:
            at = np.array([offsets[i][cell[i]] for i in range(3)])
            if not at.any():
                out[0, 0, 0] = OWN / self.cell**2
                continue
            way2 = ((at + apart) ** 2).sum(-1)
            out[tuple(cell)] = (np.exp(-k * np.sqrt(way2)) / (4 * math.pi * way2)).mean()
        reach = 0.5 * min(n * self.cell for n in self._room)
        out *= np.clip((reach - np.sqrt(r2)) / (0.15 * reach), 0.0, 1.0)
        return np.asarray(out * self.cell**3, np.float32)
