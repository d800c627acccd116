"""Measures of a body, from its solid fraction: volume, surface, and how it fills space.

Sums run in integers, so that they are the same for any number of threads.
"""

from typing import Any

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from bioart.forms import Grid

UNIT = 2.0**24  # of a cell's share in the sums


@ti.kernel
def _volume(solid: ti.template()) -> ti.i64:
    total = ti.cast(0, ti.i64)
    nx, ny, nz = ti.static(solid.shape)
    for i, j in ti.ndrange(nx, ny):
        row = ti.cast(0, ti.i64)
        for k in range(nz):
            row += ti.cast(ti.min(ti.max(solid[i, j, k], 0.0), 1.0) * UNIT, ti.i64)
        ti.atomic_add(total, row)
    return total


@ti.kernel
def _surface(solid: ti.template()) -> ti.i64:
    total = ti.cast(0, ti.i64)
    nx, ny, nz = ti.static(solid.shape)
    for i, j in ti.ndrange((1, nx - 1), (1, ny - 1)):
        row = ti.cast(0, ti.i64)
        for k in range(1, nz - 1):
            x = solid[i + 1, j, k] - solid[i - 1, j, k]
            y = solid[i, j + 1, k] - solid[i, j - 1, k]
            z = solid[i, j, k + 1] - solid[i, j, k - 1]
            row += ti.cast(0.5 * ti.sqrt(x * x + y * y + z * z) * UNIT, ti.i64)
        ti.atomic_add(total, row)
    return total


def volume(solid: Any, grid: Grid) -> float:
    """m³ of body: the sum of the solid fraction."""
    return float(_volume(solid)) / UNIT * grid.cell**3


def surface(solid: Any, grid: Grid) -> float:
    """m² of skin: the integral of |∇solid|, which for a smooth front is the area of its level sets' mean."""
    return float(_surface(solid)) / UNIT * grid.cell**2


def box_dimension(solid: NDArray[np.float32], sizes: tuple[int, ...] = (2, 3, 4, 6, 8, 12)) -> float:
    """Box-counting dimension of the skin: −slope of log N over log size. 2 is a smooth sheet, 3 fills space.

    solid: the fraction on its grid. sizes: edges of the boxes in cells.
    """
    inside = solid > 0.5
    skin = np.zeros_like(inside)
    for axis in range(3):
        change = np.diff(inside, axis=axis)
        low = [slice(None)] * 3
        low[axis] = slice(0, -1)
        skin[tuple(low)] |= change
    counts = []
    for size in sizes:
        padded = np.pad(skin, [(0, -n % size) for n in skin.shape])
        x, y, z = (n // size for n in padded.shape)
        counts.append(padded.reshape(x, size, y, size, z, size).any(axis=(1, 3, 5)).sum())
    slope = np.polyfit(np.log(sizes), np.log(np.maximum(counts, 1)), 1)[0]
    return float(-slope)
