"""The test card: forms at known places, by which displays, cameras and outputs are measured.

Facing a camera: five soft points on its axis, one below the other, each at a known depth; the focal
rectangle and its cross, which must stand still in every view; and numbered patches of known tints.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bioart.camera import Camera
from bioart.forms import F32, Curves, Forms, Points

RATIOS = (-0.11, -0.05, 0.0, 0.05, 0.11)  # 1 − D/d of the points, top to bottom: before and behind the plane
ROWS = (0.6, 0.3, 0.0, -0.3, -0.6)  # their heights in the picture, of half its height
SPOT = 0.035  # radius of a spot, of half the picture's height
TINTS = (  # of the patches 1–6, linear sRGB
    (1.0, 1.0, 1.0),
    (1.0, 0.0, 0.0),
    (0.0, 1.0, 0.0),
    (0.0, 0.0, 1.0),
    (0.18, 0.18, 0.18),
    (0.01, 0.01, 0.01),
)
_STROKES = {  # seven segments: ends in a cell 1 wide and 2 high
    "a": ((0, 2), (1, 2)),
    "b": ((1, 2), (1, 1)),
    "c": ((1, 1), (1, 0)),
    "d": ((0, 0), (1, 0)),
    "e": ((0, 1), (0, 0)),
    "f": ((0, 2), (0, 1)),
    "g": ((0, 1), (1, 1)),
}
_DIGITS = ("abcdef", "bc", "abged", "abgcd", "fgbc", "afgcd", "afgedc", "abc", "abcdefg", "abcdfg")


def card(camera: Camera) -> Forms:
    """The card as it faces a camera: rows and radii are in its picture, depths on its axis.

    A point of RATIOS r stands at distance d = D / (1 − r) from the eye, so that a view whose camera moved by
    D·tan θ to the right shows it (tan θ)·r·height / (2·tan(fov/2)) px further right.
    """
    half = camera.half_height
    places, radii = [], []
    for ratio, row in zip(RATIOS, ROWS, strict=True):
        scale = 1 / (1 - ratio)  # d / D: what is further away is drawn larger, to look the same
        places.append(_place(camera, 0.0, row * half * scale, (scale - 1) * camera.distance))
        radii.append(SPOT * half * scale)
    spots = _points("card", places, radii, [(1.0, 1.0, 1.0)] * len(places))

    patch_places, numbers = [], []
    for n in range(len(TINTS)):
        x, y = (0.6 * (n % 3 - 1) - 0.08) * camera.aspect * half, (0.8 if n < 3 else -0.8) * half
        patch_places.append(_place(camera, x, y, 0.0))
        numbers += _digit(n + 1, x + 0.1 * half, y - 0.06 * half, 0.06 * half)
    patches = _points("patches", patch_places, [0.07 * half] * len(TINTS), TINTS)

    wide, high, cross = 0.98 * camera.aspect * half, 0.98 * half, 0.08 * half
    frame = [
        [(-wide, -high), (wide, -high), (wide, high), (-wide, high), (-wide, -high)],
        [(-wide, 0.0), (-wide + cross, 0.0)],
        [(wide - cross, 0.0), (wide, 0.0)],
        [(0.0, -high), (0.0, -high + cross)],
        [(0.0, high - cross), (0.0, high)],
    ]
    return Forms(points=(spots, patches), curves=(_strands(camera, frame + numbers, 0.006 * half),))


def _place(camera: Camera, x: float, y: float, deeper: float) -> F32:
    """x to the right, y up and `deeper` away from the middle of the focal rectangle, m."""
    axes = np.array([camera.right, camera.up, camera.forward])
    place: F32 = (np.array(camera.target) + np.array([x, y, deeper]) @ axes).astype(np.float32)
    return place


def _points(
    name: str, places: list[F32], radii: list[float], tints: Sequence[tuple[float, float, float]]
) -> Points:
    n = len(places)
    return Points(
        name,
        np.array(places, np.float32),
        np.array(radii, np.float32),
        np.array(tints, np.float32),
        np.ones(n, np.float32),
        np.arange(n, dtype=np.int64),
    )


def _digit(number: int, x: float, y: float, size: float) -> list[list[tuple[float, float]]]:
    return [[(x + size * u, y + size * v) for u, v in _STROKES[stroke]] for stroke in _DIGITS[number]]


def _strands(camera: Camera, strokes: list[list[tuple[float, float]]], radius: float) -> Curves:
    at = np.array([_place(camera, x, y, 0.0) for stroke in strokes for x, y in stroke], np.float32)
    starts = np.cumsum([0, *(len(stroke) for stroke in strokes)]).astype(np.int64)
    n = len(strokes)
    return Curves(
        "card",
        at,
        starts,
        np.full(len(at), radius, np.float32),
        np.full((n, 3), 0.4, np.float32),
        np.ones(len(at), np.float32),
        np.arange(n, dtype=np.int64),
    )
