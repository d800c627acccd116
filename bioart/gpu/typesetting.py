"""Where words stand in a picture: rows broken well, nothing over anything else, nothing beyond the edge.

Texts that say `beside` are set in the focal plane of the camera's base pose, so that all views of a quilt
have them at one place and sharp. They are broken into rows that suit the picture's shape, kept within what
every screen shows (90 % of each side: EBU R 95's graphics area) and moved apart where they would touch: as
little as can be, by least squares under the order that they have (isotonic regression; Barlow et al.,
"Statistical inference under order restrictions", 1972). All of it follows from the texts and the camera
alone, so a still and a frame of a movie have the same words at the same place; and it follows smoothly,
as words claim their room while they rise. Texts with a `facing`, or with neither, stand where they say.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bioart.camera import Camera, Vector
from bioart.forms import Text
from bioart.gpu import bidi, shaping

# In halves of the picture's height, from its middle:
SAFE = 0.9  # of each half side: words stay within
CAPTIONS = -0.55  # below it stands what is said in the middle; what stands to a side keeps above
LEAST, MOST = 0.036, 0.052  # a capital's height at a side: readable from afar, never louder than a caption
SPINE = 0.03  # at a side words keep so far from the middle, where the picture has two sides
TWO_SIDES = 0.8  # width/height from which a picture has room for words at either side
SLIM = 1.3  # a picture narrower than its height over this has smaller words: they leave it its middle
# In capitals:
MEASURE = 27.0  # the longest row: some 34 letters
NARROW = 22.0  # the same at a side
LEADING = 2.0  # from row to row
ABOVE, BELOW = 0.9, 0.95  # a row's ink above and below the middle of its capitals
BETWEEN = 0.7  # free between two texts
CLAIMED = 0.3  # of glow: there a text has claimed its whole room
ROWS = 4

Measure = Callable[[str, int | None], float]


@dataclass(frozen=True)
class Row:
    """One line of words in the world. middle: of its capitals, m; across, above: unit vectors along it and up
    its letters; height: of a capital, m; base: level of its paragraph; front: whether nothing hides it."""

    words: str
    base: int
    middle: Vector
    across: Vector
    above: Vector
    height: float
    tint: Vector
    glow: float
    front: bool


@dataclass(frozen=True)
class _Plane:
    """A camera's focal plane: its middle, its axes, half its height, m, and width/height."""

    target: NDArray[np.float64]
    right: NDArray[np.float64]
    up: NDArray[np.float64]
    axes: tuple[Vector, Vector]
    half: float
    aspect: float

    @classmethod
    def of(cls, camera: Camera) -> _Plane:
        axes = (camera.right, camera.up)
        right, up = (np.array(axis) for axis in axes)
        return cls(np.array(camera.target), right, up, axes, camera.half_height, camera.aspect)


@dataclass
class _Block:
    """The rows of one text or of several that belong together. x, y: where it wants to be; y of the middle of
    its box; side: −1, 0 (centred) or 1; size: of a capital; all in halves of the picture's height."""

    rows: tuple[str, ...]
    base: int
    x: float
    y: float
    side: int
    size: float
    wide: float  # capitals
    text: Text

    @property
    def tall(self) -> float:
        """Height of the box in capitals, without what is left free about it."""
        return LEADING * (len(self.rows) - 1) + ABOVE + BELOW


def measured(words: str, base: int | None) -> float:
    """Length of a row, in capitals."""
    shaped = shaping.shape(words, None, base)
    return shaped.advance / shaped.capital


def compose(texts: Iterable[Text], camera: Camera, measure: Measure = measured) -> list[Row]:
    """Every row of words as it stands for a camera's base pose (its off-axis shift does not matter)."""
    found: list[Row] = []
    laid: list[Text] = []
    plane = _Plane.of(camera)
    for text in texts:
        if text.glow <= 0 or text.height <= 0 or not text.words.strip():
            continue
        if text.beside is None:
            found.append(_in_space(text, camera, plane))
        else:
            laid.append(text)
    blocks = [_block(group, plane, measure) for group in _groups(laid)]
    captions = [b for b in blocks if b.side == 0]
    _stack(captions, -SAFE, SAFE)
    floor = max([CAPTIONS, *(b.y + 0.5 * b.tall * b.size for b in captions if b.y < CAPTIONS)])
    there = [b for b in captions if b.y >= CAPTIONS]  # these stay, and what stands to a side makes way
    if camera.aspect >= TWO_SIDES:
        for side in (-1, 1):
            _stack([b for b in blocks if b.side == side], floor, SAFE, there)
    else:
        _stack([b for b in blocks if b.side != 0], floor, SAFE, there)
    for block in blocks:
        found += _placed(block, plane, measure)
    return found


def _in_space(text: Text, camera: Camera, plane: _Plane) -> Row:
    """A text that has a place of its own: nothing is moved. From behind it reads as from before."""
    words, base = " ".join(text.words.split()), bidi.direction(text.words)
    across, above = plane.axes
    if text.facing is not None:
        f = np.array(text.facing)
        x = np.cross((0.0, 1.0, 0.0), f)
        if x @ x < 1e-8:
            x = plane.right
        x = x / np.linalg.norm(x)
        y = np.cross(f, x)
        if f @ (camera.shifted(0.0).eye - np.array(text.at)) < 0:
            x = -x
        across, above = _vector(x), _vector(y / max(float(np.linalg.norm(y)), 1e-9))
    return Row(words, base, text.at, across, above, text.height, text.tint, text.glow, text.facing is None)


def _groups(texts: Sequence[Text]) -> list[list[Text]]:
    """Rows that were said as one: neighbours with following keys, one place and one hand, one below the
    other."""
    found: list[list[Text]] = []
    for text in texts:
        last = found[-1][-1] if found else None
        if (
            last is not None
            and last.beside is not None
            and text.beside is not None
            and text.key == last.key + 1
            and (text.at, text.height, text.tint, text.beside[0])
            == (last.at, last.height, last.tint, last.beside[0])
            and 0 < last.beside[1] - text.beside[1] < 2.5 * text.height
        ):
            found[-1].append(text)
        else:
            found.append([text])
    return found


def _block(group: list[Text], plane: _Plane, measure: Measure) -> _Block:
    """What a group wants: its rows, size and place."""
    text, half = group[0], plane.half
    assert text.beside is not None
    words = " ".join(" ".join(t.words for t in group).split())
    base = bidi.direction(words)
    away = np.array(text.at) - plane.target
    x = float(away @ plane.right + text.beside[0]) / half
    y = float(away @ plane.up + text.beside[1]) / half
    side = int(np.sign(text.beside[0]))
    size, slim = text.height / half, min(1.0, SLIM * plane.aspect)
    room = 2 * SAFE * plane.aspect
    if side:
        size = min(max(size, LEAST), MOST)
        if plane.aspect >= TWO_SIDES:
            room = room / 2 - SPINE
    size *= slim
    # In quarters of a capital: while a camera draws near rows are not broken anew in every frame.
    rows = broken(words, np.floor(4 * min(room / size, NARROW if side else MEASURE)) / 4, base, measure)
    wide = max(0.1, *(measure(row, base) for row in rows))
    size = min(size, room / wide)
    block = _Block(rows, base, x, y, side, size, wide, replace(text, glow=max(t.glow for t in group)))
    # The place that a text names is its first row's at a side, else that of the row at the picture's edge.
    down = LEADING * (len(rows) - 1) * size
    if side or y > 0:
        block.y = y - 0.5 * down
    else:
        block.y = y + 0.5 * down
    block.y += 0.5 * (ABOVE - BELOW) * size
    return block


def _stack(moving: list[_Block], low: float, high: float, fixed: Sequence[_Block] = ()) -> None:
    """Move blocks up or down, as little as can be, so that none touches another or a fixed one, or leaves
    [low, high]. Where there is no room for all they are set smaller."""
    if not moving:
        return
    blocks = sorted([*moving, *(replace(b) for b in fixed)], key=lambda b: (-b.y, b.text.key))
    claims = [_smooth(b.text.glow / CLAIMED) for b in blocks]
    free = [(b.tall + BETWEEN) * c for b, c in zip(blocks, claims, strict=True)]
    needed = sum(f * b.size for f, b in zip(free, blocks, strict=True))
    narrower = min(1.0, (high - low) / max(needed, 1e-9))
    for b in blocks:
        b.size *= narrower
    taken = [f * b.size for f, b in zip(free, blocks, strict=True)]
    ends = np.cumsum(taken)
    below = ends - 0.5 * np.array(taken)  # how far under the first box's top a middle stands, all touching
    held = {id(b) for b in moving}
    weights = [max(c, 1e-3) if id(b) in held else 1e6 for b, c in zip(blocks, claims, strict=True)]
    wanted = np.array([b.y for b in blocks]) + below
    tops = np.clip(_falling(wanted, np.array(weights)), low + ends[-1], high)
    for b, y in zip(blocks, tops - below, strict=True):
        b.y = float(min(max(y, low + 0.5 * b.tall * b.size), high - 0.5 * b.tall * b.size))
    for i, b in enumerate(blocks):  # what has not claimed its room yet does not shine over its neighbour
        over = 0.0
        for j in (i - 1, i + 1):
            if 0 <= j < len(blocks):
                apart = abs(blocks[j].y - b.y)
                over = max(over, 0.5 * (b.tall * b.size + blocks[j].tall * blocks[j].size) - apart)
        dark = min(max(over / (0.04 * b.tall * b.size), 0.0), 1.0) * (claims[i] < 1.0)
        b.text = replace(b.text, glow=b.text.glow * (1.0 - dark))


def _falling(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The row of numbers that never rises and is nearest to these by least squares: neighbours that rise are
    pooled at their mean until none is left."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        mean, whole, count = value, weight, 1
        while pools and pools[-1][0] < mean:
            m, w, n = pools.pop()
            mean, whole, count = (mean * whole + m * w) / (whole + w), whole + w, count + n
        pools.append((mean, whole, count))
    return np.repeat([p[0] for p in pools], [p[2] for p in pools])


def _placed(block: _Block, plane: _Plane, measure: Measure) -> list[Row]:
    text, half = block.text, plane.half
    if text.glow <= 0:
        return []
    edge, wide = SAFE * plane.aspect, block.wide * block.size
    if block.side == 0:
        x = min(max(block.x, wide / 2 - edge), edge - wide / 2)
    else:  # the nearer edge of all rows
        inner = SPINE if plane.aspect >= TWO_SIDES else wide - edge
        x = block.side * min(max(block.side * block.x, inner), edge - wide)
    top = block.y + 0.5 * block.tall * block.size - ABOVE * block.size
    found = []
    for n, words in enumerate(block.rows):
        middle = x + block.side * 0.5 * measure(words, block.base) * block.size
        at = plane.target + half * (plane.right * middle + plane.up * (top - n * LEADING * block.size))
        size = half * block.size
        found.append(Row(words, block.base, _vector(at), *plane.axes, size, text.tint, text.glow, True))
    return found


def _vector(v: np.ndarray) -> Vector:
    return (float(v[0]), float(v[1]), float(v[2]))


def _smooth(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


# -- rows --------------------------------------------------------------------------------------------------

_PAUSE = ".,;:!?…—–。、，！？；：।॥۔،؛"
_OPENS = "([{«‹“‘「『（《【〈"
_NO_START = _PAUSE + ")]}»›”’」』）》】〉ー々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ·"


@lru_cache(256)
def broken(words: str, width: float, base: int | None = None, measure: Measure = measured) -> tuple[str, ...]:
    """Words in as few rows no longer than a width (capitals) as they need, a longer word alone: rows of like
    length, ending where the sense pauses rather than after a small word."""
    parts = _parts(words)
    if len(parts) < 2 or measure(words, base) <= width:
        return (words,)
    lengths = [measure(part.strip(), base) for part, _ in parts]
    space = measure("n n", base) - measure("nn", base)

    def long(i: int, j: int) -> float:
        gaps = sum(parts[k][0].endswith(" ") for k in range(i, j - 1))
        return sum(lengths[i:j]) + space * gaps

    for rows in range(2, len(parts) + 1):
        found = _best(parts, rows, width, long)
        if found is not None and (rows >= ROWS or all(long(i, j) <= width for i, j in found)):
            return tuple("".join(part for part, _ in parts[i:j]).strip() for i, j in found)
    return (words,)


def _best(
    parts: list[tuple[str, float]], rows: int, width: float, long: Callable[[int, int], float]
) -> list[tuple[int, int]] | None:
    """Parts i:j of each of so many rows, the best that there is."""
    n = len(parts)
    even = long(0, n) / rows
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for row in range(1, rows + 1):
        here: dict[int, tuple[float, int]] = {}
        for j in range(row, n + 1 if row == rows else n):
            for i, (cost, _) in best[-1].items():
                if i >= j:
                    continue
                length = long(i, j)
                bad = ((length - even) / even) ** 2 + 100.0 * max(length / width - 1.0, 0.0)
                if j < n:
                    bad += parts[j - 1][1]
                if j not in here or cost + bad < here[j][0]:
                    here[j] = (cost + bad, i)
        best.append(here)
    if n not in best[-1]:
        return None
    found, j = [], n
    for row in range(rows, 0, -1):
        i = best[row][j][1]
        found.append((i, j))
        j = i
    return found[::-1]


def _parts(words: str) -> list[tuple[str, float]]:
    """What a row may be broken between, and how bad a break after each is: 0 where the sense pauses."""
    found: list[tuple[str, float]] = []
    for word in words.split(" "):
        if not word:
            continue
        pieces = _unspaced(word)
        for n, piece in enumerate(pieces):
            last = n + 1 == len(pieces)
            if piece[-1] in _PAUSE:
                bad = 0.0
            elif last:
                bad = 0.12 + (0.12 if len(piece) <= 3 else 0.0)
            else:
                bad = 0.12
            found.append((piece + (" " if last else ""), bad))
    return found


def _unspaced(word: str) -> list[str]:
    """A word in pieces that may stand in two rows: between signs of Chinese and Japanese, nowhere else."""
    found: list[str] = []
    for sign in shaping.clusters(word):
        whole = bool(found) and not (_breaks(found[-1][-1]) or _breaks(sign[0]))
        if found and (whole or sign[0] in _NO_START or found[-1][-1] in _OPENS):
            found[-1] += sign
        else:
            found.append(sign)
    return found


def _breaks(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in ("W", "F") and unicodedata.category(letter) == "Lo"
