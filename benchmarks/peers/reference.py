"""The work in NumPy, double precision: its definition in code. Slow; run once, for one step."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import fft

from peers import work


def ways(u: Any, v: Any, w: Any) -> tuple[tuple[Any, Any, Any], ...]:
    """The velocity (three components) where each of u, v, w and c lives; walls read their neighbours."""

    def spread(a: Any, own: int, to: int) -> Any:
        """A face component of axis `own`, at the cells' middles or, for `to` ≥ 0, at the faces of `to`."""
        low, high = [slice(None)] * 3, [slice(None)] * 3
        low[own], high[own] = slice(None, -1), slice(1, None)
        a = 0.5 * (a[tuple(low)] + a[tuple(high)])
        if to < 0:
            return a
        width = [(0, 0)] * 3
        width[to] = (1, 1)
        a = np.pad(a, width, mode="edge")
        low, high = [slice(None)] * 3, [slice(None)] * 3
        low[to], high[to] = slice(None, -1), slice(1, None)
        return 0.5 * (a[tuple(low)] + a[tuple(high)])

    fields = (u, v, w)
    return tuple(
        tuple(fields[a] if a == to else spread(fields[a], a, to) for a in range(3)) for to in (0, 1, 2, -1)
    )  # type: ignore[return-value]


def at(f: Any, where: list[Any]) -> tuple[Any, Any, Any]:
    """f at fractional places, with the least and the greatest of the 8 donors."""
    places = [np.clip(p, 0.0, n - 1.0) for p, n in zip(where, f.shape, strict=True)]
    cells = [np.minimum(p.astype(np.int64), n - 2) for p, n in zip(places, f.shape, strict=True)]
    shares = [p - c for p, c in zip(places, cells, strict=True)]
    value, low, high = np.zeros(f.shape), np.full(f.shape, np.inf), np.full(f.shape, -np.inf)
    for corner in np.ndindex(2, 2, 2):
        donor = f[tuple(c + o for c, o in zip(cells, corner, strict=True))]
        weight = 1.0
        for share, o in zip(shares, corner, strict=True):
            weight = weight * (share if o else 1.0 - share)
        value += weight * donor
        low, high = np.minimum(low, donor), np.maximum(high, donor)
    return value, low, high


def carried(f: Any, way: Any, wall: int) -> Any:
    """MacCormack of one field; wall: the axis whose first and last faces are walls, −1 for none."""
    here = list(np.indices(f.shape, dtype=np.float64))
    hat, low, high = at(f, [x - a for x, a in zip(here, way, strict=True)])
    if wall >= 0:
        _shut(hat, wall)
    back, _, _ = at(hat, [x + a for x, a in zip(here, way, strict=True)])
    new = np.clip(hat + 0.5 * (f - back), low, high)
    if wall >= 0:
        _shut(new, wall)
    return new


def _shut(f: Any, axis: int) -> None:
    f.swapaxes(0, axis)[0] = 0.0
    f.swapaxes(0, axis)[-1] = 0.0


def projected(u: Any, v: Any, w: Any) -> tuple[Any, Any, Any]:
    """u − ∇p, in units of h: ∇²p = ∇·u by the cosine transform."""
    n = u.shape[1]
    e = 2.0 - 2.0 * np.cos(np.pi * np.arange(n) / n)
    eigen = e[:, None, None] + e[None, :, None] + e[None, None, :]
    eigen[0, 0, 0] = np.inf
    right = np.diff(u, axis=0) + np.diff(v, axis=1) + np.diff(w, axis=2)
    p = fft.idctn(-fft.dctn(right, norm="ortho") / eigen, norm="ortho")
    u, v, w = u.copy(), v.copy(), w.copy()
    u[1:-1] -= np.diff(p, axis=0)
    v[:, 1:-1] -= np.diff(p, axis=1)
    w[:, :, 1:-1] -= np.diff(p, axis=2)
    return u, v, w


def step(u: Any, v: Any, w: Any, c: Any) -> tuple[Any, Any, Any, Any]:
    """One step, by the letter of peers/__init__.py."""
    u, v, w, c = (np.asarray(a, np.float64) for a in (u, v, w, c))
    s = work.DT / work.cell(c.shape[0])
    scaled = [tuple(a * s for a in way) for way in ways(u, v, w)]
    new = [carried(f, way, wall) for f, way, wall in zip((u, v, w, c), scaled, (0, 1, 2, -1), strict=True)]
    return (*projected(*new[:3]), new[3])
