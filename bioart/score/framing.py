"""Framing: how large the body is, followed slowly as it grows, and from where it has its share of a picture.

The body is measured five times a second and followed by a critically damped spring, stiffer where the body
outgrows what is seen of it. A branch that breaks is let go slowly, so that the camera neither jumps nor pumps
with anything that is faster than growth. What is followed is state of the score: +, −, ×, ÷ and √ on doubles.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.forms import Grid
from bioart.score.easing import between
from bioart.world.plan import WorldPlan

FILL = 0.62  # of the picture's height is the body, where nobody says otherwise
LEAST, MOST = 0.45, 0.75  # of it that a preset may ask for
ROOM = 0.94  # of the picture's width that the body may take
BANDS = 8  # equal parts of the body's height, each with a reach of its own
EVERY = 0.2  # s between two measures
SLOW = 1.0  # s: the spring goes a quarter of a short way in so long, nine tenths in four times that
HASTE = 20.0  # so much stiffer where what it follows is as far off as the body is high
GROWS, SHRINKS = 0.6, 0.15  # of the body's height, 1/s: no faster does what it follows move
_EVEN = 0.08  # of the share: edges that lie so near each other count both, so that no corner comes where one
# overtakes the other; the body then has up to 4 % less than its share, never more
_HALF = math.sqrt(0.5)
_SIDES = (
    (1, 0),
    (_HALF, _HALF),
    (0, 1),
    (-_HALF, _HALF),
    (-1, 0),
    (-_HALF, -_HALF),
    (0, -1),
    (_HALF, -_HALF),
)
_TURNS, _NEAR = 40, 1e-9  # of the solver: at most so many turns, until it moves less than so many m


@dataclass(frozen=True)
class Figure:
    """The body as the camera takes it: a figure of revolution about its own axis, so that no orbit makes it
    breathe. x, z: of the axis, in the middle of all that the body covers, m. low, high: m above the ground.
    reach: m from the axis, farthest. reaches: of BANDS equal parts from low to high, m, the mean of all
    sides."""

    x: float
    z: float
    low: float
    high: float
    reach: float
    reaches: tuple[float, ...]

    def row(self) -> list[float]:
        return [self.x, self.z, self.low, self.high, self.reach, *self.reaches]

    @classmethod
    def of_row(cls, row: list[float]) -> Figure:
        x, z, low, high, reach, *reaches = (float(n) for n in row)
        if len(reaches) != BANDS:
            raise ValueError(f"a figure has {BANDS} reaches, not {len(reaches)}")
        return cls(x, z, low, high, reach, tuple(reaches))

    @classmethod
    def of_plan(cls, world: WorldPlan) -> Figure:
        """The body's whole box, for a world that nobody has measured."""
        x, _, z = world.centre
        side = max(world.box[0], world.box[2]) / 2
        return cls(x, z, 0.0, world.box[1], side, (side,) * BANDS)

    def holding(self, at: NDArray[np.float32]) -> Figure:
        """The figure with what stands about the body, too. at: (n, 3) m, places that it covers."""
        if not len(at):
            return self
        x, y, z = at[:, 0] - self.x, at[:, 1], at[:, 2] - self.z
        low, high = min(self.low, float(y.min())), max(self.high, float(y.max()))
        sides = [a * x + b * z for a, b in _SIDES]
        band = np.clip((y - low) / max(high - low, 1e-6) * BANDS, 0, BANDS - 1).astype(int)
        reaches = []
        for i in range(BANDS):
            there = band == i
            far = (
                sum(max(float(side[there].max()), 0.0) for side in sides) / len(sides) if there.any() else 0.0
            )
            middle = low + (i + 0.5) * (high - low) / BANDS
            own = int((middle - self.low) / max(self.high - self.low, 1e-6) * BANDS)
            reaches.append(max(far, self.reaches[own]) if 0 <= own < BANDS else far)
        reach = max(self.reach, float(np.sqrt(x * x + z * z).max()))
        return Figure(self.x, self.z, low, high, reach, tuple(reaches))

    def edge(self) -> list[tuple[float, float]]:
        """(height, reach) of rings that the figure's outline goes through."""
        part = (self.high - self.low) / BANDS
        rings = [(self.low + (i + 0.5) * part, r) for i, r in enumerate(self.reaches)]
        return [(self.low, self.reaches[0]), *rings, (self.high, self.reaches[-1])]


def measured(solid: NDArray[np.float32], grid: Grid) -> Figure | None:
    """The figure of a body: its cells that are more than half full. None where there are none."""
    inside = solid > 0.5
    x, y, z = (np.flatnonzero(inside.any(axis=others)) for others in ((1, 2), (0, 2), (0, 1)))
    if not len(y):
        return None
    middle = [float(n[0] + n[-1] + 1) / 2 for n in (x, z)]  # in cells
    across, along = (np.arange(n) + 0.5 - m for n, m in zip(solid.shape[::2], middle, strict=True))
    far = np.sqrt((np.abs(across)[:, None] + 0.5) ** 2 + (np.abs(along)[None, :] + 0.5) ** 2)
    sides = [a * across[:, None] + b * along[None, :] for a, b in _SIDES]
    low, high = int(y[0]), int(y[-1]) + 1
    reach, reaches = 0.0, []
    for i in range(BANDS):
        first = low + (high - low) * i // BANDS
        last = max(first + 1, low + (high - low) * (i + 1) // BANDS)
        there = inside[:, first:last].any(axis=1)
        reach = max(reach, float((far * there).max()))
        reaches.append(sum(max(float((side * there).max()), 0.0) for side in sides) / len(sides) + 0.5)
    o, cell = grid.origin, grid.cell
    axis = o[0] + cell * middle[0], o[2] + cell * middle[1]
    heights = o[1] + cell * low, o[1] + cell * high
    return Figure(*axis, *heights, cell * reach, tuple(cell * r for r in reaches))


class Framing:
    """What the camera knows of the body, step by step."""

    def __init__(self, figure: Figure, rate: int) -> None:
        """figure: until one is measured. rate: steps per s."""
        self._rate = rate
        self._seen = False
        self._goal = self._aim = figure.row()  # as measured, and as it is followed
        self._speed = [0.0] * len(self._goal)
        self._kept = [self._goal] * 3  # after the last three steps, the newest last
        self._step = 0

    def due(self, step: int) -> bool:
        """Whether the body is to be measured after so many steps."""
        return not self._seen or step % round(EVERY * self._rate) == 0

    def see(self, step: int, figure: Figure | None) -> None:
        """Once a step, with the world after `step` steps. figure: as measured, or None: as before. The first
        is there at once."""
        if figure is not None:
            self._goal = figure.row()
        if figure is not None and not self._seen:
            self._seen = True
            self._aim, self._kept = self._goal, [self._goal] * 3
        now, dt = self._kept[-1], 1.0 / self._rate
        size = max(Figure.of_row(now).high - Figure.of_row(now).low, 1e-3)
        least, most = -SHRINKS * size * dt, GROWS * size * dt
        self._aim = [
            aim + min(max(goal - aim, least), most) for aim, goal in zip(self._aim, self._goal, strict=True)
        ]
        off = max(abs(aim - at) for aim, at in zip(self._aim, now, strict=True))
        pull = (1.0 + HASTE * min(off / size, 0.35)) / SLOW
        self._speed = [
            v + ((aim - at) * pull - 2.0 * v) * pull * dt
            for v, aim, at in zip(self._speed, self._aim, now, strict=True)
        ]
        moved = [at + v * dt for at, v in zip(now, self._speed, strict=True)]
        self._kept = [*self._kept[1:], moved]
        self._step = step

    def at(self, t: float) -> Figure:
        """The figure of a frame at show time t, s: between the two states that its forms are mixed from, as
        far back as three steps."""
        back = min(max(self._step + 1.0 - t * self._rate, 0.0), 2.0)
        i = min(int(back), 1)
        newer, older = self._kept[2 - i], self._kept[1 - i]
        return Figure.of_row([between(b, a, back - i) for a, b in zip(older, newer, strict=True)])

    def state(self) -> dict[str, Any]:
        return {
            "seen": self._seen,
            "goal": self._goal,
            "aim": self._aim,
            "speed": self._speed,
            "kept": self._kept,
            "step": self._step,
        }

    def restore(self, state: dict[str, Any]) -> None:
        kept = [Figure.of_row(row).row() for row in state["kept"]]
        speed = [float(v) for v in state["speed"]]
        goal = Figure.of_row(state["goal"]).row()
        aim = Figure.of_row(state["aim"]).row()
        if len(kept) != 3 or len(speed) != len(goal):
            raise ValueError("a framing keeps three figures and one speed of each number")
        self._seen, self._step = bool(state["seen"]), int(state["step"])
        self._goal, self._aim, self._speed, self._kept = goal, aim, speed, kept


@lru_cache(256)
def framed(
    figure: Figure, pitch: float, fov: float, share: float, height: float | None = None
) -> tuple[float, float]:
    """From where a figure takes a share of the picture's height: (distance to its axis, height of the aim on
    it), m. pitch, fov: degrees. height: where the aim is told; None: so that the figure stands in the middle.
    """
    sine, cosine = math.sin(math.radians(pitch)), math.cos(math.radians(pitch))
    wanted = 2.0 * share * math.tan(math.radians(fov) / 2)
    rings = [(y, r * side) for y, r in figure.edge() for side in (1.0, -1.0)]
    even = _EVEN * wanted
    aim = (figure.low + figure.high) / 2 if height is None else height
    nearest = 1.05 * figure.reach + 0.2
    distance = max(nearest, (figure.high - figure.low) / wanted + figure.reach)
    for _ in range(_TURNS):
        seen = [
            ((y - aim) * cosine - z * sine) / max(distance - (y - aim) * sine - z * cosine, 0.05)
            for y, z in rings
        ]
        top, bottom = _greatest(seen, even), -_greatest([-v for v in seen], even)
        off = distance * (top + bottom) / 2 / cosine if height is None else 0.0
        before, distance = distance, max(nearest, distance * (top - bottom) / wanted)
        aim += off
        if abs(distance - before) + abs(off) < _NEAR:
            break
    return distance, aim


def _greatest(values: list[float], even: float) -> float:
    """The greatest, softly: a little more where others come within `even` of it."""
    found = values[0]
    for v in values[1:]:
        near = max(even - abs(v - found), 0.0)
        found = max(v, found) + near * near / (4.0 * even)
    return found
