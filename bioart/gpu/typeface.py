"""Words to a texture: each line once as a distance field and a halo, kept in one atlas until it is full.

What a line says in glyphs is `shaping`'s, how a glyph becomes distances `distance`'s. Lines keep their own
place in the atlas, so that letters melt together where a script joins them and a halo is one for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bioart.gpu import distance, shaping
from bioart.gpu.faces import Faces, of_system

WIDTH, HEIGHT = 4096, 2560
SIZE = 56.0  # texels to an em
HALO = 0.15  # em: the halo's standard deviation
MARGIN = 22  # texels around a line's ink that its halo may take
LEVELS = 3  # of mipmaps
APART = (
    1 << LEVELS
)  # texels; lines stand on this grid and so far apart: no mipmap mixes one with another, and
# what a line looks like does not depend on what was said before it


@dataclass(frozen=True)
class Place:
    """Where a line stands in the atlas. rectangle: u0, v0, u1, v1, v0 its lower edge. left, low, right, high:
    that rectangle's edges in heights of a capital, from the middle of the line: half its advance, half a
    capital above its baseline."""

    rectangle: tuple[float, float, float, float]
    left: float
    low: float
    right: float
    high: float


@dataclass(frozen=True)
class Drawing:
    """A line's texels, (rows, columns, 2) bytes, the first row on top: distance (128 on the edge, a texel is
    128 / REACH) and halo. column, row: of the lower left texel from the beginning of the baseline; texels: to
    an em, fewer than SIZE where a line is longer than the atlas is wide."""

    texels: NDArray[np.uint8]
    column: int
    row: int
    size: float


class Typeface:
    """The atlas: texture with R distance and G halo, 0–1."""

    def __init__(self, ctx: Any, faces: Faces | None = None) -> None:
        self.texture = ctx.texture((WIDTH, HEIGHT), 2, dtype="f1")
        self.texture.repeat_x = self.texture.repeat_y = False
        self.texture.filter = (ctx.LINEAR_MIPMAP_LINEAR, ctx.LINEAR)
        self.faces = faces or of_system()
        self._clear()

    def _clear(self) -> None:
        self._placed: dict[tuple[str, int | None], Place] = {}
        self._x = self._y = self._shelf = 0
        self.texture.write(bytes(WIDTH * HEIGHT * 2))

    def place(self, lines: list[tuple[str, int | None]]) -> list[Place | None]:
        """A place for each line, drawn now where it is new. lines: words, and the level of their paragraph
        (None: the line's own). None: all lines together are more than the atlas holds (some eighty long
        ones), and this one is not shown."""
        new = [w for w in dict.fromkeys(lines) if w not in self._placed]
        if new and False in [self._add(w) for w in new]:
            self._clear()  # what is no longer shown leaves, what is shown is drawn again
            for words in dict.fromkeys(lines):
                self._add(words)
        if new:
            self.texture.build_mipmaps(0, LEVELS)
        return [self._placed.get(w) for w in lines]

    def _add(self, line: tuple[str, int | None]) -> bool:
        words, base = line
        drawn = drawing(words, self.faces, base)
        high, wide = drawn.texels.shape[:2]
        if self._x + wide > WIDTH:
            self._x, self._y, self._shelf = 0, self._y + self._shelf, 0
        if self._y + high > HEIGHT:
            return False
        x, y = self._x, self._y
        self.texture.write(np.ascontiguousarray(drawn.texels[::-1]), viewport=(x, y, wide, high), alignment=1)
        self._x, self._shelf = x + _apart(wide), max(self._shelf, _apart(high))
        shaped = shaping.shape(words, self.faces, base)
        capital = shaped.capital * drawn.size
        middle = shaped.advance * drawn.size / 2
        left, low = (drawn.column - middle) / capital, drawn.row / capital - 0.5
        self._placed[line] = Place(
            (x / WIDTH, y / HEIGHT, (x + wide) / WIDTH, (y + high) / HEIGHT),
            left,
            low,
            left + wide / capital,
            low + high / capital,
        )
        return True

    def close(self) -> None:
        self.texture.release()


def _apart(size: int) -> int:
    """The next place on the grid that leaves at least APART texels free."""
    return (size + 2 * APART - 1) // APART * APART


@lru_cache(64)
def drawing(words: str, faces: Faces | None = None, base: int | None = None) -> Drawing:
    """One line as distance and halo."""
    shaped = shaping.shape(words, faces, base)
    size = min(SIZE, SIZE * (WIDTH - 2 * MARGIN - 64) / (SIZE * max(shaped.advance, 0.1)))
    parts = []
    for g in shaped.glyphs:
        drawn, column, row = distance.glyph(g.face, g.number, size * g.scale)
        if drawn.size > 1:
            x, y = g.x * size, g.y * size
            parts.append((drawn, column + x, row + y))
    left = int(np.floor(min((x for _, x, _ in parts), default=0))) + int(distance.REACH) - MARGIN
    low = int(np.floor(min((y for _, _, y in parts), default=0))) + int(distance.REACH) - MARGIN
    right = int(np.ceil(max((x + d.shape[1] for d, x, _ in parts), default=1))) - int(distance.REACH) + MARGIN
    high = int(np.ceil(max((y + d.shape[0] for d, _, y in parts), default=1))) - int(distance.REACH) + MARGIN
    wide = min(right - left, WIDTH)
    line = np.full((high - low, wide), -distance.REACH, np.float32)
    for drawn, x, y in parts:
        column, row = int(np.floor(x)) - left, int(np.floor(y)) - low
        moved = _moved(drawn, x % 1.0, y % 1.0)
        moved = moved[:, : max(wide - column, 0)]
        part = line[row : row + moved.shape[0], column : column + moved.shape[1]]
        np.maximum(part, moved, out=part)
    ink = np.clip(line + 0.5, 0, 1)
    halo = ndimage.gaussian_filter(ink, HALO * size, mode="constant", truncate=(MARGIN - 1) / (HALO * size))
    coded = np.stack([128 + line * (127 / distance.REACH), halo * 255], axis=-1)
    return Drawing(np.round(coded[::-1]).astype(np.uint8), left, low, size)


def _moved(drawn: NDArray[np.float32], x: float, y: float) -> NDArray[np.float32]:
    """A field further right and up by a share of a texel, a row and a column larger."""
    rows, columns = drawn.shape
    out = np.full((rows + 1, columns + 2), -distance.REACH, np.float32)
    out[:-1, 1:-1] = drawn
    across = out[:, 1:] * (1 - x) + out[:, :-1] * x
    below = np.vstack([np.full((1, columns + 1), -distance.REACH, np.float32), across[:-1]])
    return (across * (1 - y) + below * y).astype(np.float32)
