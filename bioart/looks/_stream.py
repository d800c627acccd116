"""Streamlines of a velocity field, and where air is taken from it and given to it.

A line is followed at about equal steps of its length by the classical Runge-Kutta method of fourth order,
with the time that the air takes along it: dx/ds = v/w, dt/ds = 1/w, where w = √(v² + slow²) is the speed, and
never nothing where the air stands still: shape and times are those of the air at this moment. Grids are
(x, y, z) float32, read linearly between the middles of cells and held at their edges; lengths in m.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bioart.forms import Grid

F32 = NDArray[np.float32]
REACH = 2  # cells about the middle of an intake or vent that are its own
GOLDEN = math.pi * (3.0 - math.sqrt(5.0))


class Flow:
    """A velocity field that many places are asked of at once."""

    def __init__(self, velocity: F32, grid: Grid) -> None:
        """velocity: (x, y, z, 3), m/s."""
        self.grid = grid
        self._rows = np.ascontiguousarray(velocity, np.float32).reshape(-1, 3)
        nx, ny, nz = grid.shape
        self._last = np.maximum(np.array([nx - 1, ny - 1, nz - 1], np.float32) - np.float32(1e-4), 0)
        steps = [int(s) if n > 1 else 0 for s, n in zip((ny * nz, nz, 1), grid.shape, strict=True)]
        self._corners = [a + b + c for a in (0, steps[0]) for b in (0, steps[1]) for c in (0, steps[2])]
        self._strides = (ny * nz, nz)
        self._shift = (np.array(grid.origin) / grid.cell + 0.5).astype(np.float32)

    def at(self, places: F32) -> F32:
        """(n, 3) m/s at places (n, 3)."""
        q = places * np.float32(1.0 / self.grid.cell) - self._shift
        np.maximum(q, 0.0, out=q)
        np.minimum(q, self._last, out=q)
        low = q.astype(np.int32)
        q -= low
        first = low[:, 0] * self._strides[0] + low[:, 1] * self._strides[1] + low[:, 2]
        x, y, z = q[:, 0:1], q[:, 1:2], q[:, 2:3]
        c = [self._rows.take(first + corner, axis=0) for corner in self._corners]
        near = _between(_between(c[0], c[1], z), _between(c[2], c[3], z), y)
        return _between(near, _between(_between(c[4], c[5], z), _between(c[6], c[7], z), y), x)


def _between(a: F32, b: F32, share: F32) -> F32:
    """a where the share is 0, b where it is 1; b is overwritten."""
    b -= a
    b *= share
    b += a
    return b


def trace(flow: Flow, seeds: F32, sense: F32, steps: int, step: float, slow: float) -> tuple[F32, F32]:
    """Lines from seeds (n, 3): places (steps + 1, n, 3) and times since the seed (steps + 1, n), s.

    sense: (n,) 1 with the air, -1 against it, where times are negative. step: m. slow: m/s, below which a
    step is shorter than that.
    """
    at = np.empty((steps + 1, *seeds.shape), np.float32)
    times = np.zeros(at.shape[:2], np.float32)
    at[0] = seeds
    h = (np.float32(step) * sense).astype(np.float32)
    least = np.float32(max(slow, 1e-6) ** 2)

    def heading(places: F32) -> tuple[F32, F32]:
        v = flow.at(places)
        rate = h / np.sqrt(np.einsum("ij,ij->i", v, v) + least)  # s of a whole step
        return v * rate[:, None], rate

    for i in range(steps):
        here = at[i]
        k1, r1 = heading(here)
        k2, r2 = heading(here + np.float32(0.5) * k1)
        k3, r3 = heading(here + np.float32(0.5) * k2)
        k4, r4 = heading(here + k3)
        at[i + 1] = here + (k1 + 2 * (k2 + k3) + k4) / np.float32(6)
        times[i + 1] = times[i] + (r1 + 2 * (r2 + r3) + r4) / np.float32(6)
    return at, times


def read(values: F32, grid: Grid, places: F32) -> F32:
    """A channel's values at places (..., 3), in their shape."""
    q = (places.reshape(-1, 3) - np.array(grid.origin, np.float32)) / np.float32(grid.cell) - np.float32(0.5)
    found = ndimage.map_coordinates(values, q.T, order=1, mode="nearest", prefilter=False)
    return np.asarray(found.reshape(places.shape[:-1]), np.float32)


@dataclass(frozen=True)
class Opening:
    """An intake (flow < 0) or a vent (flow > 0). at: its middle, m; flow: m³/s; sure: 0–1, how far it stands
    out of what the grid itself makes of air that is neither taken nor given."""

    at: tuple[float, float, float]
    flow: float
    sure: float


def openings(velocity: F32, grid: Grid, speed: float, most: int = 16) -> list[Opening]:
    """Where air leaves the field and enters it: where it converges on nothing or comes from nowhere.

    Air keeps its volume, so the divergence of its velocity is what is taken and given there, 1/s; summed over
    the cells about a place it is a flow. speed: the air's, m/s, of which an error is thought. At most so many
    of each, the strongest first, none beside a stronger one; a place is the middle of what flows there.
    """
    if min(grid.shape) < 2 * REACH + 3:
        return []
    spread = np.zeros(grid.shape, np.float32)  # beyond a side is nothing known
    spread[1:-1, 1:-1, 1:-1] = _divergence(velocity, grid.cell)
    side = 2 * REACH + 1
    around = ndimage.uniform_filter(spread, side, mode="constant")
    around *= np.float32((side * grid.cell) ** 3)  # m³/s
    least = 3.0 * speed * grid.cell**2
    found: list[Opening] = []
    for sign in (-1.0, 1.0):
        flows = np.float32(sign) * around
        enough = max(least, 0.15 * float(flows.max()))
        for _ in range(most):
            i = tuple(int(n) for n in np.unravel_index(int(flows.argmax()), grid.shape))
            if flows[i] <= enough:
                break
            found.append(_opening(sign * spread, sign, float(flows[i]), enough, i, grid))
            flows[tuple(slice(max(c - side, 0), c + side + 1) for c in i)] = 0.0
    return found


def _divergence(velocity: F32, cell: float) -> F32:
    """1/s at all cells but the outermost. In the middle of a cell stands the mean of what passes its two
    faces (the air's `channels`): eased across as that is along, the three parts are of the same cells, and
    their sum is 0 to rounding wherever the faces' own is."""
    total = np.zeros([n - 2 for n in velocity.shape[:3]], np.float32)
    for axis in range(3):
        v = np.ascontiguousarray(velocity[..., axis])
        for other in range(3):
            at = np.moveaxis(v, other, 0)
            at = at[2:] - at[:-2] if other == axis else at[2:] + 2 * at[1:-1] + at[:-2]
            v = np.moveaxis(at, 0, other)
        total += v
    total *= np.float32(1 / (32 * cell))
    return total


def _opening(spread: F32, sign: float, flow: float, enough: float, i: tuple[int, ...], grid: Grid) -> Opening:
    """The one whose flow is greatest about cell i."""
    part = tuple(slice(max(c - REACH - 1, 0), c + REACH + 2) for c in i)
    middle = ndimage.center_of_mass(np.maximum(spread[part], 0) ** 2)
    x, y, z = (grid.origin[a] + grid.cell * (part[a].start + middle[a] + 0.5) for a in range(3))
    return Opening((x, y, z), sign * flow, min(1.0, 2.0 * (flow / enough - 1.0)))


def sphere(n: int) -> F32:
    """(n, 3) unit vectors, evenly spread (the golden spiral)."""
    k = np.arange(n) + 0.5
    y = 1.0 - 2.0 * k / n
    r = np.sqrt(np.maximum(1.0 - y * y, 0.0))
    return np.stack([r * np.cos(GOLDEN * k), y, r * np.sin(GOLDEN * k)], axis=1).astype(np.float32)


def evenly(n: int, dimensions: int = 3) -> F32:
    """(n, dimensions) in 0–1, always the same and the first of them as evenly spread as all: the additive
    sequence of the generalised golden ratio (Roberts 2018)."""
    ratio = 2.0
    for _ in range(40):
        ratio = (1.0 + ratio) ** (1.0 / (dimensions + 1))
    steps = np.array([ratio ** -(i + 1) for i in range(dimensions)])
    return np.asarray((0.5 + np.arange(1, n + 1)[:, None] * steps) % 1.0, np.float32)
