"""Outlines to distance: how far every texel lies inside a letter's edge, so that it is sharp at any size.

A signed distance field (Green, "Improved alpha-tested magnification for vector textures and special effects",
SIGGRAPH 2007), taken from the outline itself and not from a raster: pieces of the outline short enough that
only texels near them need be asked.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.gpu.faces import Face

F32 = NDArray[np.float32]
REACH = 8.0  # texels to either side of the edge that the field tells
PIECE = 6.0  # texels: pieces of outlines are no longer
_STEPS = 6  # pieces of a curve, at least


class _Pen:
    """Takes an outline down as closed rows of points; curves in small steps."""

    def __init__(self) -> None:
        self.rows: list[list[tuple[float, float]]] = []

    def moveTo(self, p: tuple[float, float]) -> None:  # noqa: N802 the pen protocol's own names
        self.rows.append([p])

    def lineTo(self, p: tuple[float, float]) -> None:  # noqa: N802
        self.rows[-1].append(p)

    def qCurveTo(self, b: tuple[float, float], c: tuple[float, float]) -> None:  # noqa: N802
        a = self.rows[-1][-1]
        for t in np.arange(1, _STEPS + 1) / _STEPS:
            u = 1 - t
            self.rows[-1].append(tuple(u * u * a[i] + 2 * u * t * b[i] + t * t * c[i] for i in (0, 1)))  # type: ignore[arg-type]

    def curveTo(self, b: Any, c: Any, d: Any) -> None:  # noqa: N802
        a = self.rows[-1][-1]
        for t in np.arange(1, _STEPS + 3) / (_STEPS + 2):
            u = 1 - t
            weights = (u**3, 3 * u * u * t, 3 * u * t * t, t**3)
            row = tuple(sum(w * p[i] for w, p in zip(weights, (a, b, c, d), strict=True)) for i in (0, 1))
            self.rows[-1].append(row)  # type: ignore[arg-type]

    def closePath(self) -> None:  # noqa: N802
        pass

    def endPath(self) -> None:  # noqa: N802
        pass


def outline(face: Face, number: int) -> NDArray[np.float64]:
    """A glyph's edge as (n, 2, 2): pieces from point to point, in em."""
    pen = _Pen()
    face.font.draw_glyph_with_pen(number, pen)
    rows = [np.asarray(r, np.float64) / face.em for r in pen.rows if len(r) > 1]
    if not rows:
        return np.zeros((0, 2, 2))
    return np.concatenate([np.stack([r, np.roll(r, -1, axis=0)], axis=1) for r in rows])


def field(pieces: NDArray[np.float64]) -> tuple[F32, int, int]:
    """Signed distance of pieces of closed outlines, in texels, positive inside and within ±REACH.

    pieces: (n, 2, 2) from point to point, in texels, y up. Returns the field, (rows, columns) with row 0
    lowest, and the column and row of its first texel: texel (r, c) has its middle at
    (column + c + 0.5, row + r + 0.5). The winding rule is non-zero; edges inside the letter do not count.
    """
    if not len(pieces):
        return np.full((1, 1), -REACH, np.float32), 0, 0
    margin = int(REACH) + 1
    low = np.floor(pieces.min(axis=(0, 1))).astype(int) - margin
    high = np.ceil(pieces.max(axis=(0, 1))).astype(int) + margin
    columns, rows = (high - low).tolist()
    edge = _cut(pieces - low)
    inside = _winding(edge, rows, columns) != 0
    # Where outlines overlap, an edge that has the letter on both of its sides is none.
    along = edge[:, 1] - edge[:, 0]
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    across *= 0.02 / np.maximum(np.hypot(*across.T), 1e-9)[:, None]
    middle = edge.mean(axis=1)
    real = (_around(edge, middle + across) != 0) != (_around(edge, middle - across) != 0)
    edge = edge[real]

    side = int(PIECE) + 2 * margin
    corner = np.floor(edge.mean(axis=1)).astype(int) - side // 2
    steps = np.arange(side)
    r, c = corner[:, 1, None] + steps, corner[:, 0, None] + steps
    py = (r + 0.5)[:, :, None].astype(np.float32)
    px = (c + 0.5)[:, None, :].astype(np.float32)
    a = edge[:, 0].astype(np.float32)[:, :, None, None]
    d = (edge[:, 1] - edge[:, 0]).astype(np.float32)[:, :, None, None]
    square = np.maximum((d * d).sum(axis=1), 1e-12)
    t = np.clip(((px - a[:, 0]) * d[:, 0] + (py - a[:, 1]) * d[:, 1]) / square, 0, 1)
    far = (px - a[:, 0] - t * d[:, 0]) ** 2 + (py - a[:, 1] - t * d[:, 1]) ** 2
    there = ((r >= 0) & (r < rows))[:, :, None] & ((c >= 0) & (c < columns))[:, None, :]
    index = r[:, :, None] * columns + c[:, None, :]
    least = np.full(rows * columns, REACH * REACH, np.float32)
    np.minimum.at(least, index[there], far[there])
    distance = np.sqrt(least).reshape(rows, columns)
    return np.where(inside, distance, -distance), int(low[0]), int(low[1])


def _cut(pieces: NDArray[np.float64]) -> NDArray[np.float64]:
    """Pieces no longer than PIECE."""
    along = pieces[:, 1] - pieces[:, 0]
    count = np.maximum(np.ceil(np.hypot(along[:, 0], along[:, 1]) / PIECE), 1).astype(int)
    which = np.repeat(np.arange(len(pieces)), count)
    nth = np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    a = pieces[which, 0] + along[which] * (nth / count[which])[:, None]
    b = pieces[which, 0] + along[which] * ((nth + 1) / count[which])[:, None]
    return np.stack([a, b], axis=1)


def _winding(edge: NDArray[np.float64], rows: int, columns: int) -> NDArray[np.int32]:
    """How often outlines go round each texel's middle."""
    (x0, y0), (x1, y1) = edge[:, 0].T, edge[:, 1].T
    turn = np.zeros((rows, columns + 1), np.int32)
    first = np.ceil(np.minimum(y0, y1) - 0.5).astype(int)
    end = np.ceil(np.maximum(y0, y1) - 0.5).astype(int)
    count = end - first  # rows whose middle a piece crosses, its lower end with it
    which = np.repeat(np.arange(len(edge)), count)
    row = first[which] + np.arange(len(which)) - np.repeat(np.cumsum(count) - count, count)
    share = (row + 0.5 - y0[which]) / (y1[which] - y0[which])
    column = np.ceil(x0[which] + share * (x1[which] - x0[which]) - 0.5).astype(int)
    np.add.at(turn, (row, column), np.where(y1[which] > y0[which], 1, -1))
    return np.cumsum(turn, axis=1, dtype=np.int32)[:, :columns]


def _around(edge: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.int64]:
    """How often outlines go round each of these points."""
    (x0, y0), (x1, y1) = (edge[:, i].T[:, :, None] for i in (0, 1))
    x, y = points.T[0][None], points.T[1][None]
    up, down = (y0 <= y) & (y < y1), (y1 <= y) & (y < y0)
    with np.errstate(divide="ignore", invalid="ignore"):
        left = x0 + (y - y0) / (y1 - y0) * (x1 - x0) <= x
    found: NDArray[np.int64] = (up & left).sum(axis=0) - (down & left).sum(axis=0)
    return found


@lru_cache(2048)
def glyph(face: Face, number: int, size: float) -> tuple[F32, int, int]:
    """The field of one glyph, `size` texels to its em, its origin at (0, 0)."""
    return field(outline(face, number) * size)
