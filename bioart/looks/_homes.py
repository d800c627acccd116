"""Homes of grains: fixed places in space, even and in no rows, of which a volume lights the ones it passes.

A grain belongs to its home, not to the field: while a surface stands its grains stand, while it grows through
the homes each comes up, rides along and goes out by its own distance. Nothing swims, nothing is dealt anew.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from bioart.forms import Grid

F32 = NDArray[np.float32]
SIDE = 16  # cells of the tile that repeats
EVEN = 1.06  # cell edges between neighbours that leave each other alone


@lru_cache(maxsize=1)
def tile() -> F32:
    """(SIDE, SIDE, SIDE, 3): one place for each cell, from its least corner, in cell edges. Periodic; drawn
    evenly at first, then pushed apart until none is near another."""
    rng = np.random.Generator(np.random.PCG64(20211))
    corner = np.stack(np.meshgrid(*[np.arange(SIDE)] * 3, indexing="ij"), -1).reshape(-1, 3)
    at = corner + rng.random((SIDE**3, 3))
    for _ in range(12):
        at %= SIDE
        far, who = cKDTree(at, boxsize=SIDE).query(at, 9)
        away = at[:, None] - at[who]
        away -= SIDE * np.round(away / SIDE)
        push = np.clip(EVEN - far, 0, None) / np.maximum(far, 1e-6)
        at = at + 0.3 * (away * push[..., None])[:, 1:].sum(1)
    off = at - corner
    off -= SIDE * np.round(off / SIDE)
    return np.asarray(off, np.float32).reshape(SIDE, SIDE, SIDE, 3)


def homes(near: NDArray[np.bool_], grid: Grid, spacing: float) -> F32:
    """(n, 4): the homes that lie in cells of `near`: x, y, z in m, and a number 0–1 that is the home's own.

    near: (x, y, z) on the grid. spacing: edge of a cell of homes, m; one home to each.
    """
    reach = int(np.ceil(0.7 * spacing / grid.cell))  # a home lies beside its cell's middle
    wide = dilated(near, reach)
    index, taken = [], []
    for axis in range(3):
        there = np.flatnonzero(wide.any(axis=tuple(a for a in range(3) if a != axis)))
        if not len(there):
            return np.zeros((0, 4), np.float32)
        low = grid.origin[axis] + there[0] * grid.cell
        high = grid.origin[axis] + (there[-1] + 1) * grid.cell
        cells = np.arange(np.floor(low / spacing), np.ceil(high / spacing), dtype=np.int64)
        middle = ((cells + 0.5) * spacing - grid.origin[axis]) / grid.cell
        index.append(cells)
        taken.append(np.clip(middle.astype(np.int64), 0, grid.shape[axis] - 1))
    found = np.nonzero(wide[np.ix_(*taken)])
    i, j, k = (cells[f] for cells, f in zip(index, found, strict=True))
    at = np.stack([i, j, k], 1).astype(np.float32)
    at += tile()[i % SIDE, j % SIDE, k % SIDE]
    at *= np.float32(spacing)
    cell = ((at - np.array(grid.origin, np.float32)) * np.float32(1 / grid.cell)).astype(np.int32)
    top = np.array(grid.shape, np.int32) - 1
    x, y, z = np.clip(cell, 0, top, out=cell).T
    kept = near[x, y, z]
    return np.concatenate([at[kept], _number(i[kept], j[kept], k[kept])[:, None]], axis=1)


def layered(grain: float, voxel: float) -> tuple[float, float]:
    """How far from a skin homes may lie, and how far apart they are in space, m, for grains `grain` m apart.

    The field tells distances up to about a voxel. Homes lie within `layer` of the skin, on either side; that
    there is one for every square of `grain` on it, their own cells must be so large.
    """
    layer = min(0.5 * grain, 0.8 * voxel)
    return layer, float((2.0 * layer * grain * grain) ** (1 / 3))


def crossing(solid: F32) -> NDArray[np.bool_]:
    """The cells about where the solid fraction passes a half: those that are neither empty nor full, and both
    sides of where it leaps."""
    out = np.abs(solid - np.float32(0.5)) < 0.46
    over = solid > 0.5
    for axis in range(3):
        o, into = np.moveaxis(over, axis, 0), np.moveaxis(out, axis, 0)
        turns = o[1:] != o[:-1]
        into[1:] |= turns
        into[:-1] |= turns
    return np.asarray(out, bool)


def dilated(mask: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """The mask with all cells within reach of it, along each axis."""
    out = mask.copy()
    for axis in range(3):
        o = np.moveaxis(out, axis, 0)
        left = reach
        while left > 0:
            by = min(left, 1 + (reach - left))  # what is wide already goes farther at once
            by = min(by, max(len(o) - 1, 0))
            if by == 0:
                break
            before = o.copy()
            o[by:] |= before[:-by]
            o[:-by] |= before[by:]
            left -= by
    return out


def _number(*index: Any) -> F32:
    """A number 0–1 of each cell: a hash of its indices (Wellons' lowbias32, one index after the other)."""
    x = np.zeros(len(index[0]), np.uint32)
    for i in index:
        x ^= i.astype(np.uint32)
        for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
            x ^= x >> np.uint32(shift)
            x *= np.uint32(factor)
        x ^= x >> np.uint32(16)
    return np.asarray(x >> np.uint32(8), np.float32) / np.float32(1 << 24)
