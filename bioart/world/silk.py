"""Silk: how a thread of each material is drawn along its path. Fine: what was given dresses the body.

What is drawn here is never state, so NumPy's own sin and cos will do. Threads of one material are spun at
once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bioart.steering import Material

F64 = NDArray[np.floating]


@dataclass(frozen=True)
class Threads:
    """m threads of n points at rest. at: (m, n, 3) m; radius, shine: (m, n) m and ≥ 0; along: (n,) 0–1, how
    far along its path each point lies; twinkle: (m, n) ≥ 0, how strongly a point sparkles; phase: (m, n) 0–1,
    when."""

    at: F64
    radius: F64
    shine: F64
    along: F64
    twinkle: F64
    phase: F64


def spin(material: Material, paths: F64, size: F64, chance: F64) -> Threads:
    """paths: (m, p, 3) m. size: (m,), a scale, as `weight` gives it. chance: (m,) 0–1, their own."""
    return _SPUN[material](paths, size[:, None], chance[:, None])


def weight(mass: float, tall: float) -> float:
    """The size of a thread. mass: kg; tall: of the body's box, m."""
    share: float = 1.9 * tall / 6.0 * min(max((mass / 0.1) ** 0.2, 0.8), 1.5)
    return share


def _on(paths: F64, v: F64) -> F64:
    """(m, n, 3) m: places at shares v of paths, by Catmull and Rom's curve."""
    count = paths.shape[1]
    x = v * (count - 1)
    i = np.minimum(x.astype(int), count - 2)
    u = (x - i)[None, :, None]
    a, b = paths[:, np.maximum(i - 1, 0)], paths[:, i]
    c, d = paths[:, i + 1], paths[:, np.minimum(i + 2, count - 1)]
    curve: F64 = b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)))
    return curve


def _frame(at: F64) -> tuple[F64, F64]:
    """Two unit vectors across a row of points, each (m, n, 3)."""
    along = np.gradient(at, axis=1)
    one = np.cross(along, np.array([0.48, 0.31, -0.82]))
    one /= np.linalg.norm(one, axis=-1, keepdims=True) + 1e-9
    two = np.cross(along, one)
    two /= np.linalg.norm(two, axis=-1, keepdims=True) + 1e-9
    return one, two


def _taper(v: F64) -> F64:
    """Thickness towards the ends, 0.2–1."""
    full: F64 = np.clip(np.minimum(v, 1.0 - v) / 0.18, 0.0, 1.0)
    return 0.2 + 0.8 * full


def _hashed(n: int, chance: F64) -> F64:
    """(m, n) 0–1: a low-discrepancy row that starts at the thread's own number."""
    row: F64 = (chance + np.arange(n) * 0.7548776662466927) % 1.0
    return row


def _glass(paths: F64, size: F64, chance: F64) -> Threads:
    """A hair of light, with drops that sparkle."""
    n = 64
    v = np.linspace(0.0, 1.0, n)
    drops = (_hashed(n, chance) > 0.8).astype(float)
    radius = size * 0.0034 * _taper(v) * (1.0 + 1.1 * drops)
    return Threads(_on(paths, v), radius, 0.85 + 0.3 * drops, v, 1.6 * drops, _hashed(n, chance * 7.0))


def _textile(paths: F64, size: F64, chance: F64) -> Threads:
    """Two strands laid round each other: out along one, back along the other."""
    n, twists = 144, 11
    v = 1.0 - np.abs(np.linspace(-1.0, 1.0, n))
    turn = 2 * np.pi * (twists * v + chance) + np.pi * (np.arange(n) >= n // 2)
    middle = _on(paths, v)
    one, two = (axis[:, : n // 2] for axis in _frame(middle))
    one, two = (np.concatenate([axis, axis[:, ::-1]], axis=1) for axis in (one, two))
    wide = (size * 0.009 * _taper(v))[..., None]
    at = middle + wide * (np.cos(turn)[..., None] * one + np.sin(turn)[..., None] * two)
    shine = 0.6 + 0.25 * np.cos(turn)
    return Threads(at, size * 0.0042 * _taper(v), shine, v, np.zeros_like(turn), _hashed(n, chance))


def _metal(paths: F64, size: F64, chance: F64) -> Threads:
    """Wire: straight runs between corners, which glint."""
    corners, each = 15, 4
    v = np.linspace(0.0, 1.0, (corners - 1) * each + 1)
    knots = _on(paths, v[::each])
    share = np.minimum(np.arange(len(v)) / each, corners - 1 - 1e-9)
    i, u = share.astype(int), (share % 1.0)[None, :, None]
    at = knots[:, i] * (1.0 - u) + knots[:, i + 1] * u
    corner = (np.arange(len(v)) % each == 0).astype(float)
    radius = size * 0.0034 * (1.0 + 0.7 * corner) * _taper(v)
    shine = 0.6 + 0.7 * corner + np.zeros_like(chance)
    return Threads(at, radius, shine, v, 0.9 * corner + np.zeros_like(chance), _hashed(len(v), chance))


def _organic(paths: F64, size: F64, chance: F64) -> Threads:
    """A tendril that tapers, with small leaves to either side."""
    joints, between = 8, 7
    leaf = np.array([0.0, 0.55, 1.0, 0.55])
    side = np.array([0.0, 0.34, 0.0, -0.34])
    v, far, off, way = [], [], [], []
    for j in range(joints):
        v.append((j + np.linspace(0.0, 1.0, between, endpoint=False)) / joints)
        far.append(np.zeros(between))
        off.append(np.zeros(between))
        way.append(np.zeros(between))
        if j:
            v.append(np.full(4, (j + 1 - 1 / between) / joints))
            far.append(leaf)
            off.append(side)
            way.append(np.full(4, 2.399963 * j))
    along, out, across, turn = (np.concatenate(part) for part in (v, far, off, way))
    middle = _on(paths, along)
    one, two = _frame(_on(paths, np.linspace(0.0, 1.0, 25)))
    near = np.minimum((along * 24 + 0.5).astype(int), 24)
    turn = turn + 2 * np.pi * chance
    c, s = np.cos(turn)[..., None], np.sin(turn)[..., None]
    first, second = one[:, near], two[:, near]
    large = (size * (0.04 - 0.018 * along))[..., None]
    at = middle + large * (
        out[:, None] * (c * first + s * second) + across[:, None] * (c * second - s * first)
    )
    radius = size * (0.0052 - 0.003 * along) * (1.0 - 0.35 * (out > 0))
    shine = 0.5 + 0.45 * out + np.zeros_like(chance)
    return Threads(at, radius, shine, along, np.zeros_like(shine), _hashed(len(along), chance))


def _paper(paths: F64, size: F64, chance: F64) -> Threads:
    """A narrow strip, folded to and fro."""
    folds, each = 36, 3
    n = folds * each + 1
    v = np.linspace(0.0, 1.0, n)
    saw = np.abs((np.arange(n) / each) % 2.0 - 1.0) * 2.0 - 1.0
    middle = _on(paths, v)
    one, _ = _frame(middle)
    at = middle + (size * 0.009 * _taper(v) * saw)[..., None] * one
    shine = 0.5 + 0.3 * (saw > 0) + np.zeros_like(chance)
    radius = size * 0.0046 * _taper(v)
    return Threads(at, radius + np.zeros_like(shine), shine, v, np.zeros_like(shine), _hashed(n, chance))


def _plastic(paths: F64, size: F64, chance: F64) -> Threads:
    """Beads on a string."""
    beads, each = 26, 4
    n = beads * each + 1
    v = np.linspace(0.0, 1.0, n)
    bead = np.sin(np.pi * np.arange(n) / each) ** 2
    large = 0.55 + 0.45 * _hashed(beads + 1, chance)[:, np.arange(n) // each]
    radius = size * (0.0018 + 0.0105 * large * bead**2 * _taper(v))
    shine = 0.4 + 0.6 * bead + np.zeros_like(radius)
    return Threads(_on(paths, v), radius, shine, v, np.zeros_like(radius), _hashed(n, chance))


_SPUN = {
    "glass": _glass,
    "textile": _textile,
    "metal": _metal,
    "organic": _organic,
    "paper": _paper,
    "plastic": _plastic,
}
