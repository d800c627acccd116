"""How far a ray may step anywhere in a volume: far where its fields are straight, finely where they bend.

Between two samples a march takes its fields as straight (`shaders/lib/segment.glsl`). What that costs is
their second difference: over a step h a field of curvature c is off by c·h²/12 on average (trapezoid rule).
Where it bends little a step may be long; where it does not bend at all, in empty space or deep inside, a step
goes on to the next place that does.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bioart.forms import Grid

F32 = NDArray[np.float32]
Vector = tuple[float, float, float]
BLOCK = 4  # cells of a part's grid to a block, along each axis
DEEPEST = 1.5  # optical depth of a step
LEVELS = 24  # strictness is told apart by half octaves


@dataclass(frozen=True)
class Part:
    """A field that a march reads. values: (x, y, z) on a grid; weight: what a 1 of it adds to a metre of the
    ray, in optical depth or in shares of the brightest; finest: the least step that it may ask for, m; takes:
    whether it is optical depth, of which a step passes through no more than DEEPEST."""

    values: F32
    grid: Grid
    weight: float
    finest: float
    takes: bool = False


def pace(parts: Sequence[Part], origin: Vector, size: Vector, tolerance: float) -> tuple[F32, Grid]:
    """The longest step from anywhere in a box, m: values to be read at the nearest cell, and their grid.

    origin, size: of all that the march goes through, m. tolerance: the error that a metre of the ray may
    have, in the unit of the parts' weights. A step from any place of a cell ends before a cell that asks for
    a shorter one, or is no longer than that one asks for.
    """
    side = min((BLOCK * p.grid.cell for p in parts), default=max(size))
    cells = tuple(max(1, math.ceil(s / side - 1e-4)) for s in size)
    grid = Grid((cells[0], cells[1], cells[2]), origin, side)
    longest = 2.0 * float(np.linalg.norm(size))
    asked = np.full(grid.shape, longest, np.float32)
    for part in parts:
        if part.weight > 0.0:
            _ask(asked, grid, part, tolerance)
    return _unleaped(asked, side), grid


def _ask(asked: F32, grid: Grid, part: Part, tolerance: float) -> None:
    """Shorten what is asked to what a part asks for."""
    bends = _most(_curvature(part.values), BLOCK)
    steps = np.sqrt(12.0 * tolerance / np.maximum(part.weight * bends, 1e-12)) * part.grid.cell
    if part.takes:
        steps = np.minimum(steps, DEEPEST / np.maximum(part.weight * _most(part.values, BLOCK), 1e-9))
    steps = np.maximum(steps, part.finest).astype(np.float32)
    around = np.pad(steps, 1, constant_values=np.inf)  # beyond a part's own grid it asks for nothing
    own = BLOCK * part.grid.cell
    ends = []
    for axis in range(3):
        low = grid.origin[axis] - part.grid.origin[axis] + np.arange(grid.shape[axis]) * grid.cell
        both = np.stack([low + 1e-3 * grid.cell, low + (1 - 1e-3) * grid.cell])  # a cell is no larger than
        block = np.floor(both / own).astype(int)  # a block: where its ends are is all that it touches
        ends.append(np.clip(block + 1, 0, around.shape[axis] - 1))
    for x in ends[0]:
        for y in ends[1]:
            for z in ends[2]:
                np.minimum(asked, around[np.ix_(x, y, z)], out=asked)


def _curvature(values: F32) -> F32:
    """The greatest second difference along an axis at each cell."""
    bends = np.zeros_like(values)
    for axis in range(3):
        if values.shape[axis] < 2:
            np.maximum(bends, 2 * np.abs(values), out=bends)
            continue
        v = np.moveaxis(values, axis, 0)
        c = v[2:] + v[:-2]
        c -= v[1:-1]
        c -= v[1:-1]
        np.abs(c, out=c)
        into = np.moveaxis(bends, axis, 0)
        np.maximum(into[1:-1], c, out=into[1:-1])
        into[0] = np.maximum(into[0], np.abs(v[1] - 2 * v[0]))  # beyond its grid a field is 0
        into[-1] = np.maximum(into[-1], np.abs(v[-2] - 2 * v[-1]))
    return bends


def _most(values: F32, side: int) -> F32:
    """The greatest of every block of side³ cells and of the cells about it."""
    values = ndimage.maximum_filter(values, 3, mode="nearest")
    pad = [(0, -n % side) for n in values.shape]
    if any(after for _, after in pad):
        values = np.pad(values, pad, mode="edge")
    x, y, z = (n // side for n in values.shape)
    return np.asarray(values.reshape(x, side, y, side, z, side).max(axis=(1, 3, 5)), np.float32)


def _unleaped(asked: F32, side: float) -> F32:
    """Steps that leap over no cell that asks for a shorter one."""
    out = asked.copy()
    step = float(asked.min())
    for _ in range(LEVELS):
        strict = asked <= step * 1.0001
        if strict.all():
            break
        away = ndimage.distance_transform_cdt(~strict, "chessboard").astype(np.float32)
        reach = np.maximum((away - 1) * np.float32(side), np.float32(step))
        np.minimum(out, np.where(strict, out, reach), out=out)
        step *= math.sqrt(2.0)
    return out
