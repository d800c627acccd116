"""The way of the air inside a body, which no grid of the air resolves: from its intakes to its vents.

Where flesh is, air passes; elsewhere it hardly does: a potential that is fed at the intakes and drained at
the vents, with the body for its conductor (Darcy's law, div(k grad φ) = −q). Its lines of flow are the ways
of least resistance, and they change as smoothly as the body does.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bioart.forms import Grid
from bioart.looks import _lighting
from bioart.looks._stream import Flow, Opening

F32 = NDArray[np.float32]
TIMES = 90  # iterations: on the body of neo-lumen, lines are then 4 mm from where they would end
BESIDE, OUTSIDE = 0.06, 2e-4  # conductance close to flesh and far from it: mouths may stand off the body


def passage(solid: F32, grid: Grid, openings: list[Opening], cell: float = 0.2) -> Flow | None:
    """The direction of flow inside a body, of length about 1 where it is strong; None where it has no intake,
    no vent or no flesh. cell: m, of the grid that it is worked out on."""
    ins = [o for o in openings if o.flow < 0.0]
    outs = [o for o in openings if o.flow > 0.0]
    if not ins or not outs or not solid.any():
        return None
    k = solid
    while grid.cell * 2 <= cell * 1.3 and min(grid.shape) > 8:
        k, grid = _lighting.halved(k), _lighting.halved_grid(grid)
    beside = ndimage.gaussian_filter(k, 0.3 / grid.cell, mode="constant")
    k = np.maximum(k, BESIDE * np.minimum(6.0 * beside, 1.0) + OUTSIDE).astype(np.float32)
    q = np.zeros(grid.shape, np.float32)
    for group, total in ((ins, 1.0), (outs, -1.0)):
        flows = np.array([abs(o.flow) * max(o.sure, 1e-3) for o in group])
        for o, share in zip(group, flows / flows.sum(), strict=True):
            _drop(q, grid, o.at, total * float(share))
    through = [_between(k, axis) for axis in range(3)]
    phi = _solve(through, q)
    flux = np.zeros((*grid.shape, 3), np.float32)
    for axis in range(3):
        f = -np.diff(phi, axis=axis) * through[axis]
        along = np.moveaxis(flux[..., axis], axis, 0)
        half = 0.5 * np.moveaxis(f, axis, 0)
        along[:-1] += half
        along[1:] += half
    strength = np.sqrt((flux**2).sum(-1))
    usual = float(np.percentile(strength, 90))
    return Flow(flux / np.float32(max(usual, 1e-12)), grid)


def _drop(q: F32, grid: Grid, at: tuple[float, float, float], amount: float) -> None:
    """An amount into the eight cells about a place, the nearer the more."""
    low, part = [], []
    for a in range(3):
        x = (at[a] - grid.origin[a]) / grid.cell - 0.5
        x = min(max(x, 0.0), grid.shape[a] - 1.001)
        low.append(int(x))
        part.append(x - int(x))
    for i in range(8):
        bits = [(i >> a) & 1 for a in range(3)]
        weight = np.prod([part[a] if bits[a] else 1.0 - part[a] for a in range(3)])
        q[tuple(min(low[a] + bits[a], grid.shape[a] - 1) for a in range(3))] += amount * weight


def _between(k: F32, axis: int) -> F32:
    """Conductance from each cell to the next: one behind the other, so the harmonic mean."""
    a = np.take(k, range(k.shape[axis] - 1), axis=axis)
    b = np.take(k, range(1, k.shape[axis]), axis=axis)
    return np.asarray(2.0 * a * b / (a + b), np.float32)


def _solve(through: list[F32], q: F32) -> F32:
    """φ of −div(k grad φ) = q with walls all around: conjugate gradients, Jacobi's preconditioner."""
    diagonal = np.zeros_like(q)
    ends = []
    for axis, k in enumerate(through):
        low = tuple(slice(0, -1) if a == axis else slice(None) for a in range(3))
        high = tuple(slice(1, None) if a == axis else slice(None) for a in range(3))
        diagonal[low] += k
        diagonal[high] += k
        ends.append((k, low, high))
    weight = 1.0 / np.maximum(diagonal, 1e-9)
    phi, r = np.zeros_like(q), q.copy()
    z = weight * r
    p = z.copy()
    rz = float(np.vdot(r, z))
    start = rz
    out = np.empty_like(q)
    for _ in range(TIMES):
        if rz <= 1e-8 * start:
            break
        np.multiply(diagonal, p, out=out)
        for k, low, high in ends:
            out[low] -= k * p[high]
            out[high] -= k * p[low]
        alpha = np.float32(rz / max(float(np.vdot(p, out)), 1e-30))
        phi += alpha * p
        r -= alpha * out
        np.multiply(weight, r, out=z)
        rz, before = float(np.vdot(r, z)), rz
        p *= np.float32(rz / before)
        p += z
    return phi
