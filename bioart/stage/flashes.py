"""Does a finished movie flash? WCAG 2.3.1 counted per cell, from the codes that a player shows.

Every view is cut into 36 × 64 cells of mean linear light. A transition is a turn of luminance by 10 % of full
from a darker state below 0.80 (general flash), of (R−G−B)·320 by more than 20 with saturated red, R/(R+G+B) ≥
0.8, in either state (red flash), or a change of more than 0.2 in CIE 1976 u′v′ to or from saturated red (red
flash of WCAG 2.2). Two transitions are one flash; a cell with more than six in a second flashes, and a movie
fails where such cells fill more than a quarter of any window a third by a third of a view.

It shares nothing with the guard, whose work it judges. It knows no distance, no cd/m² and no patterns; what
changes places within a cell has the mean of none. It certifies nothing.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROWS, COLUMNS = 36, 64  # cells of a view
MOST = 6  # transitions a second: three flashes
AREA = 0.25  # of a window
DARKEST = 0.03  # of full in the brightest primary: below it a colour has no chromaticity to be seen
KINDS = ("general", "red", "red")

F32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
_CODES = np.arange(256) / 255
_LIGHT = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)


@dataclass(frozen=True)
class Verdict:
    """cells: how many ever flash more than three times a second. area: the greatest share of a window that
    does so at once, 0–1. second: when that second ends, s. transitions: the most of any cell. kind: of it."""

    cells: int = 0
    area: float = 0.0
    second: float = 0.0
    transitions: int = 0
    kind: str = ""

    @property
    def fails(self) -> bool:
        return self.area > AREA

    def __str__(self) -> str:
        if not self.cells:
            return "none"
        cells = f"{self.cells} cell{'s' * (self.cells > 1)}"
        often = f"more than 3 times a second ({self.kind}, up to {self.transitions / 2:g})"
        worst = f"worst {100 * self.area:.0f} % of a third by a third in the second to {self.second:.2f} s"
        return f"{cells} {often}, {worst}"


class Flashes:
    """Takes a movie's frames in order. columns, rows: the tiles of a quilt, each a view of its own."""

    def __init__(self, fps: Fraction, width: int, height: int, columns: int = 1, rows: int = 1) -> None:
        self._fps = fps
        self._tops = _edges(height, rows, ROWS)
        self._lefts = _edges(width, columns, COLUMNS)
        self._size = (height, width)
        self._views = (rows, len(self._tops) // rows, columns, len(self._lefts) // columns)
        self._frames = 0
        self._signals: tuple[_Turns, _Turns, _Hue] | None = None
        self._recent: deque[NDArray[np.bool_]] = deque()
        self._count = np.zeros((3, len(self._tops), len(self._lefts)), np.int16)
        self._ever = np.zeros(self._count.shape[1:], bool)
        self._worst = Verdict()

    def see(self, frame: NDArray[np.uint8]) -> None:
        """frame: (height, width, 3 or 4) sRGB codes; where it is not opaque it is seen on black."""
        light = self._cells(frame)
        luma = light @ _LUMA
        red = np.maximum(0, light[..., 0] - light[..., 1] - light[..., 2]) * np.float32(320)
        total = light.sum(-1)
        full = (light[..., 0] >= 0.8 * total) & (total > 1e-4)
        if self._signals is None:
            self._signals = (_Turns(luma, full), _Turns(red, full), _Hue(light, full))
        general, older, newer = self._signals
        steep = general.far(luma, 0.1) & (np.minimum(luma, general.extreme) < 0.8)
        deep = older.far(red, 20.0) & (full | older.full)
        moved = np.stack(
            [general.turned(luma, full, steep), older.turned(red, full, deep), newer.turned(light, full)]
        )
        self._recent.append(moved)
        self._count += moved
        if len(self._recent) > max(1, round(self._fps)):
            self._count -= self._recent.popleft()
        self._frames += 1
        self._judge()

    def verdict(self) -> Verdict:
        """Of what was seen so far."""
        worst = self._worst
        return Verdict(int(self._ever.sum()), worst.area, worst.second, worst.transitions, worst.kind)

    def _judge(self) -> None:
        hot = self._count > MOST
        if not hot.any():
            return
        self._ever |= hot.any(0)
        areas = [self._area(h) for h in hot]
        kind = int(np.argmax(areas))
        most = max(self._worst.transitions, int(self._count.max()))
        if areas[kind] > self._worst.area:
            seconds = float(self._frames / self._fps)
            self._worst = Verdict(0, areas[kind], seconds, most, KINDS[kind])
        elif most > self._worst.transitions:
            worst = self._worst
            self._worst = Verdict(0, worst.area, worst.second, most, worst.kind)

    def _area(self, hot: Mask) -> float:
        """The greatest share of hot cells in any window a third by a third of any view."""
        if not hot.any():
            return 0.0
        rows, down, columns, across = self._views
        views = hot.reshape(rows, down, columns, across)
        h, w = max(1, down // 3), max(1, across // 3)
        sums = np.zeros((rows, down + 1, columns, across + 1), np.int32)
        sums[:, 1:, :, 1:] = views.cumsum(1).cumsum(3)
        inside = sums[:, h:, :, w:] - sums[:, :-h, :, w:] - sums[:, h:, :, :-w] + sums[:, :-h, :, :-w]
        return float(inside.max()) / (h * w)

    def _cells(self, frame: NDArray[np.uint8]) -> F32:
        """Mean linear light of each cell; a band of pixels at a time, for a quilt has tens of millions."""
        height, width = self._size
        bottoms = [*self._tops[1:], height]
        out = np.empty((len(self._tops), len(self._lefts), 3), np.float32)
        for k, (top, bottom) in enumerate(zip(self._tops, bottoms, strict=True)):
            light = np.take(_LIGHT, frame[top:bottom, :, :3])
            if frame.shape[2] == 4:
                light *= frame[top:bottom, :, 3:] * np.float32(1 / 255)
            out[k] = np.add.reduceat(light.mean(0), self._lefts, axis=0)
        out /= np.diff([*self._lefts, width])[:, None]
        return out


def _edges(side: int, tiles: int, cells: int) -> list[int]:
    """Where the cells of each tile begin, px; no more cells than a tile has pixels."""
    tile = side // tiles
    count = min(cells, tile)
    return [t * tile + k * tile // count for t in range(tiles) for k in range(count)]


class _Turns:
    """A signal per cell: its extreme since the last turn, and which way it went."""

    def __init__(self, value: F32, full: Mask) -> None:
        self.extreme, self.full = value.copy(), full.copy()
        self._way = np.zeros(value.shape, np.int8)

    def far(self, value: F32, threshold: float) -> Mask:
        return np.asarray(abs(value - self.extreme) >= np.float32(threshold), bool)

    def turned(self, value: F32, full: Mask, far: Mask) -> Mask:
        """Where it has turned. far: where it is far enough from the extreme for that."""
        sign = np.sign(value - self.extreme).astype(np.int8)
        turned = far & (sign != self._way)
        on = turned | (sign == self._way)
        np.copyto(self._way, sign, where=turned)
        np.copyto(self.extreme, value, where=on)
        np.copyto(self.full, full, where=on)
        return np.asarray(turned, bool)


class _Hue:
    """Chromaticity per cell, from the reddest or least red state since the last change."""

    def __init__(self, light: F32, full: Mask) -> None:
        self._uv = _uv(light)
        self._full = full.copy()
        self._known: Any = light.max(-1) > DARKEST

    def turned(self, light: F32, full: Mask) -> Mask:
        uv, seen = _uv(light), light.max(-1) > DARKEST
        far = ((uv - self._uv) ** 2).sum(-1) > 0.2**2
        turned = np.asarray(far & (full | self._full) & seen & self._known, bool)
        nearer = _from_red(uv) < _from_red(self._uv)
        on = turned | (seen & ~self._known) | (seen & (full == self._full) & (nearer == full))
        self._uv = np.where(on[..., None], uv, self._uv)
        self._full = np.where(on, full, self._full)
        self._known = self._known | seen
        return turned


def _from_red(uv: F32) -> F32:
    """Distance from the red primary, squared."""
    return np.asarray(((uv - np.array([0.4507, 0.5229], np.float32)) ** 2).sum(-1), np.float32)


def _uv(light: F32) -> F32:
    """CIE 1976 u′v′ of linear sRGB."""
    x = light @ np.array([0.4124, 0.3576, 0.1805], np.float32)
    y = light @ _LUMA
    z = light @ np.array([0.0193, 0.1192, 0.9505], np.float32)
    whole = np.maximum(x + 15 * y + 3 * z, 1e-6)
    return np.stack([4 * x / whole, 9 * y / whole], -1)
