"""Values of one grid at the cells of another, and grids of half the fineness. All float32, (x, y, z, …)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bioart.forms import Grid

F32 = NDArray[np.float32]


def halved(values: F32) -> F32:
    """The mean of every 2×2×2 cells; an odd last layer stands twice."""
    for axis in range(3):
        a, b = pairs(values, axis)
        values = (a + b) * np.float32(0.5)
    return values


def pairs(values: F32, axis: int) -> tuple[F32, F32]:
    if values.shape[axis] % 2:
        last = np.take(values, [-1], axis=axis)
        values = np.concatenate([values, last], axis=axis)
    even = [slice(None)] * 3
    odd = [slice(None)] * 3
    even[axis], odd[axis] = slice(0, None, 2), slice(1, None, 2)
    return values[tuple(even)], values[tuple(odd)]


def halved_grid(grid: Grid) -> Grid:
    nx, ny, nz = ((n + 1) // 2 for n in grid.shape)
    return Grid((nx, ny, nz), grid.origin, grid.cell * 2)


def resampled(values: F32, grid: Grid, onto: Grid) -> F32:
    """Values (x, y, z, …) of one grid at the cells of another, linear between, 0 outside; finer ones are
    averaged first."""
    while onto.cell > 1.6 * grid.cell and min(grid.shape) > 1:
        values, grid = halved(values), halved_grid(grid)
    out = values
    for axis in range(3):
        n = grid.shape[axis]
        at = onto.origin[axis] + (np.arange(onto.shape[axis]) + 0.5) * onto.cell - grid.origin[axis]
        at = at / grid.cell - 0.5
        low = np.floor(at).astype(int)
        part = at - low
        shape = [-1 if i == axis else 1 for i in range(out.ndim)]
        total: F32 = np.zeros(1, np.float32)
        for index, weight in ((low, 1 - part), (low + 1, part)):
            weight = np.where((index >= 0) & (index < n), weight, 0).astype(np.float32).reshape(shape)
            total = total + np.take(out, np.clip(index, 0, n - 1), axis=axis) * weight
        out = total
    return np.ascontiguousarray(out, dtype=np.float32)
