"""Round the nexus: a thread's way from its giver's neighbourhood inward, about the middle, and into a crown.

As ribbons about a maypole: from the place on the ground where it was given inward, up about the body in a
bulb, through the knot above it, and out. Half go round one way and half the other, and in a basket weave each
goes over the others and under them. The path is state, so it is made of +, −, ×, ÷ and √ alone; over and
under are not, they are only drawn.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bioart.forms import Grid
from bioart.world.drape import F64, POINTS, chances, evenly
from bioart.world.waves import cosine

CROSSINGS = 14  # over and under, once round
HIGH = 0.0055  # of the box's height that a thread stands off the others where it goes over or under them
WARP = 0x57415250  # the token of the loom's own threads, which nobody gave
FINE = 61  # places of a way from which its points are read

# The way of a thread by equal parts: share of the foot's distance that is kept, radius besides (of the box's
# width), height (of the box's), share of the turn.
_WAY = np.array(
    [
        (1.00, 0.000, 0.006, 0.00),
        (0.68, 0.040, 0.010, 0.02),
        (0.30, 0.120, 0.032, 0.08),
        (0.00, 0.232, 0.115, 0.20),
        (0.00, 0.226, 0.235, 0.36),
        (0.00, 0.125, 0.370, 0.58),
        (0.00, 0.030, 0.500, 0.84),  # the knot
        (0.00, 0.040, 0.630, 0.95),
        (0.00, 0.130, 0.745, 0.99),
        (0.00, 0.270, 0.800, 1.01),
        (0.00, 0.385, 0.780, 1.03),
        (0.00, 0.450, 0.690, 1.05),
        (0.00, 0.480, 0.560, 1.06),
    ]
)
TIED = 6 / (len(_WAY) - 1)  # where on that way the knot is
KNOT = 0.6  # and about how far along a thread, by its length


def braided(box: Grid, token: int, nth: int, at: tuple[float, ...], turns: float) -> F64:
    """The path (POINTS, 3) m of a giver's nth thread. at: [0, 1]³ of the box, on the side where it was given;
    turns: how often it goes round."""
    c = chances(token, nth, 20)
    (ox, _, oz), (sx, sy, sz) = box.origin, box.size
    wide = min(sx, sz)
    x, z = (at[0] - 0.5) * sx, (at[2] - 0.5) * sz
    away = (x * x + z * z) ** 0.5
    x, z = (x / away, z / away) if away > 1e-6 else (cosine(c[10]), cosine(c[10] - 0.25))
    foot = min(max(2.0 * away, 0.3 * wide), 0.7 * wide)  # a gift is set six tenths of the way to its zone
    keep, radius, height, turn = _through(_WAY, FINE).T
    full, crown = 0.90 + 0.22 * c[11], np.clip((np.arange(FINE) / (FINE - 1) - TIED) / (1.0 - TIED), 0.0, 1.0)
    slim = 0.35 + 1.1 * c[12]  # how far from the knot's heart it passes
    away_now = foot * keep + wide * radius * (full + (slim - full) * _near_knot())
    away_now = away_now * (1.0 + crown * (0.75 * c[13] - 0.55))  # no two fall alike
    up = sy * (height + crown * (0.30 * c[14] - 0.12 - 0.06 * c[13]))
    whole = turns * (0.9 + 0.2 * c[15]) * hand(token, nth)
    round_by = [(cosine(whole * float(t)), cosine(whole * float(t) - 0.25)) for t in turn]
    rows = [
        (ox + sx / 2 + r * (x * a - z * b), y, oz + sz / 2 + r * (x * b + z * a))
        for r, y, (a, b) in zip(away_now.tolist(), up.tolist(), round_by, strict=True)
    ]
    return evenly(np.array(rows))


def over_and_under(box: Grid, paths: F64, hands: F64, count: int) -> F64:
    """(m, count, 3): the paths with each thread over or under those that go the other way. hands: (m,) ±1."""
    at = _through(paths.transpose(1, 0, 2), count).transpose(1, 0, 2)
    middle = np.array(box.origin) + np.array(box.size) / 2
    flat = (at - middle) * np.array([1.0, 0.0, 1.0])
    away = np.linalg.norm(flat, axis=-1)
    over = np.tanh(2.2 * np.cos(CROSSINGS * np.arctan2(flat[..., 2], flat[..., 0])))
    v = np.arange(count) / (count - 1)
    there = np.clip(v / 0.25, 0, 1) * np.clip((1 - v) / 0.2, 0, 1)
    high = HIGH * box.size[1] * there * np.minimum(1.0, away / (0.16 * box.size[0]))
    out: F64 = at + (high * over * hands[:, None] / (away + 1e-6))[..., None] * flat
    return out


def strung(
    box: Grid, count: int, turns: float, places: Sequence[tuple[float, float]] = ()
) -> tuple[F64, F64, NDArray[np.int64]]:
    """The loom's own threads: paths (count, POINTS, 3) m, which way each goes, ±1, and which place's it is.
    places: x, z on the ground, 0–1 of the box, where they begin in turn; none: all round."""
    paths, hands, whose = [], [], []
    for i in range(count):
        c = chances(WARP, i, 13)
        n = i % max(len(places), 1)
        turn = (i + 0.6 * c[10]) / count
        x, z = 0.22 * cosine(turn), 0.22 * cosine(turn - 0.25)
        if places:
            wide = 0.11 * c[12] ** 0.5
            x, z = 0.6 * (places[n][0] - 0.5), 0.6 * (places[n][1] - 0.5)
            x, z = x + wide * cosine(c[10]), z + wide * cosine(c[10] - 0.25)
        paths.append(braided(box, WARP, i, (0.5 + x, 0.0, 0.5 + z), turns))
        hands.append(hand(WARP, i))
        whose.append(n)
    at = np.array(paths).reshape(count, POINTS, 3)
    return at, np.array(hands, np.float64), np.array(whose, np.int64)


def hand(token: int, nth: int) -> float:
    """Which way a giver's nth thread goes round: ±1."""
    return 1.0 if chances(token, nth, 20)[19] < 0.5 else -1.0


def _near_knot() -> F64:
    x = 1.0 - np.minimum(np.abs(np.arange(FINE) / (FINE - 1) - TIED) / 0.2, 1.0)
    out: F64 = x * x * (3.0 - 2.0 * x)
    return out


def _through(rows: F64, count: int) -> F64:
    """So many rows along a smooth curve through some, by Catmull and Rom."""
    x = np.arange(count) * ((len(rows) - 1) / (count - 1))
    i = np.minimum(x.astype(int), len(rows) - 2)
    u = (x - i).reshape(-1, *(1,) * (rows.ndim - 1))
    a, b = rows[np.maximum(i - 1, 0)], rows[i]
    c, d = rows[i + 1], rows[np.minimum(i + 2, len(rows) - 1)]
    out: F64 = b + 0.5 * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)))
    return out
