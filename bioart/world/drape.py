"""How a thread lies: along a limb of the body, wound round it, or hung from one limb to the next.

The path is state (a body grows, what lies on it stays), so it is made of +, −, ×, ÷ and √ alone.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bioart.forms import Grid
from bioart.world.skin import LONGEST, TAIL, Skin
from bioart.world.waves import cosine

F64 = NDArray[np.float64]
POINTS = 48  # of every path
HUNG = 0.24  # share of threads that hang between limbs, where two are near enough

_GOLDEN = 0x9E3779B97F4A7C15
_MASK = (1 << 64) - 1


def chances(token: int, nth: int, count: int) -> list[float]:
    """Numbers in [0, 1) that belong to a giver's nth thread: SplitMix64 (Steele, Lea & Flood 2014)."""
    state = (token * 0xD1342543DE82EF95 + nth * 0x2545F4914F6CDD1D + 1) & _MASK
    found = []
    for _ in range(count):
        state = (state + _GOLDEN) & _MASK
        x = state
        x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
        found.append(((x ^ (x >> 31)) >> 11) * 2.0**-53)
    return found


def drape(box: Grid, skin: Skin | None, token: int, nth: int, at: tuple[float, ...]) -> F64:
    """The path (POINTS, 3) m of a giver's nth thread, evenly spaced. at: [0, 1]³ of the box, where it was
    given: it lies near there. Where no body stands yet it winds up about the middle of the box."""
    c = chances(token, nth, 24)
    shell = skin.cells() if skin is not None else np.zeros((0, 3))
    if skin is None or len(shell) < 8:
        return _spindle(box, c)
    near = np.array(box.origin) + np.array(at) * np.array(box.size)
    path = _hung(box, skin, shell, near, c) if c[8] < HUNG else None
    return evenly(path if path is not None else _climbing(box, skin, shell, near, c))


def evenly(path: F64, count: int = POINTS) -> F64:
    """A path of so many points at equal distances along the given one."""
    lengths = np.sqrt((np.diff(path, axis=0) ** 2).sum(axis=1))
    gone = np.concatenate([[0.0], np.cumsum(np.maximum(lengths, 1e-6))])
    wanted = np.arange(count) * (gone[-1] / (count - 1))
    return np.stack([np.interp(wanted, gone, path[:, d]) for d in range(3)], axis=1)


def _climbing(box: Grid, skin: Skin, shell: F64, near: F64, c: list[float]) -> F64:
    top = shell[:, 1].max()
    low = shell[shell[:, 1] <= max(0.72 * top, shell[:, 1].min())]
    starts = np.stack([_drawn(low, c[i], near, 2) for i in (0, 1, 2)])
    wind = (0.35 + 0.75 * c[3]) * (-0.7 if c[4] < 0.12 else 1.0)  # most go one way round, as in a cloth
    points = int(34 + (LONGEST - 34) * c[5])
    found = skin.climb(starts, [wind] * 3, [points] * 3, 0.0075 * box.size[1])
    return next((path for path in found if len(path) > 20), max(found, key=len))


def _hung(box: Grid, skin: Skin, shell: F64, near: F64, c: list[float]) -> F64 | None:
    """Round one limb, across in a slack bow, and round another; None where no limb is near enough."""
    tall = box.size[1]
    high = shell[shell[:, 1] > 0.42 * shell[:, 1].max()]
    first = _drawn(high, c[0], near, 3)
    apart = high - first
    flat = np.sqrt(apart[:, 0] ** 2 + apart[:, 2] ** 2)
    reach = high[(flat > 0.055 * tall) & (flat < 0.19 * tall) & (np.abs(apart[:, 1]) < 0.07 * tall)]
    u = (np.arange(22) / 21.0)[:, None]
    for i in range(10 if len(reach) else 0):
        second = reach[int((c[1] + 0.6180339887 * i) % 1.0 * len(reach))]
        far = float(np.sqrt(((second - first) ** 2).sum()))
        bow = first + (second - first) * u
        bow[:, 1] -= ((0.14 + 0.24 * c[2]) * far * 4.0 * u * (1.0 - u))[:, 0]
        if (skin.fullness(bow[4:-4]) < 0.12).mean() < 0.8:
            continue
        turns = [-2.6, 2.6]
        rings = skin.climb(np.stack([first, second]), turns, [11 + TAIL + int(12 * c[5])] * 2, 0.0075 * tall)
        one, two = (ring[: max(len(ring) - TAIL, 2)] for ring in rings)
        return np.concatenate([one[::-1], bow[2:-2], two])
    return None


def _drawn(shell: F64, chance: float, near: F64, tries: int) -> F64:
    """Of some places on the skin, the one that is nearest to where it was given."""
    rows = [shell[int((chance + 0.7548776662 * i) % 1.0 * len(shell))] for i in range(tries)]
    found: F64 = min(rows, key=lambda row: float(((row - near) ** 2).sum()))
    return found


def _spindle(box: Grid, c: list[float]) -> F64:
    (ox, oy, oz), (sx, sy, sz) = box.origin, box.size
    turns, low, climb = 0.4 + 0.6 * c[0], 0.08 + 0.3 * c[1], 0.3 + 0.25 * c[2]
    rows = []
    for i in range(POINTS):
        v = i / (POINTS - 1)
        angle = c[3] + (turns if c[4] < 0.5 else -turns) * v
        r = min(sx, sz) * (0.1 + 0.12 * c[5]) * (1.0 - 0.4 * v)
        rows.append(
            (
                ox + sx / 2 + r * cosine(angle),
                oy + sy * (low + climb * v),
                oz + sz / 2 + r * cosine(angle - 0.25),
            )
        )
    return np.array(rows)
