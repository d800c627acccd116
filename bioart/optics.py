"""What a camera is made of, beside where it stands: the hand, the lens and the shutter.

A frame of an export is the mean of drawings at instants while the shutter is open, each seen through places
in the lens (Cook, Porter, Carpenter 1984, Distributed ray tracing). Lives are drawn at one instant, through
the middle of the lens.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from bioart.param import Param

Disc = tuple[float, float]  # a place in the unit disc
MIDDLE: tuple[Disc, ...] = ((0.0, 0.0),)  # of the lens, alone
TOGETHER = (
    2  # places of the lens that share an instant, as an instant costs an upload and a look's preparation
)
_GOLDEN = math.pi * (3.0 - math.sqrt(5.0))  # rad, the golden angle


class Optics:
    """The params of the part `camera`."""

    hand = Param(0.0, 0.0, 1.0, "", "how much it moves as if a person held it: 1 is up to 3 cm and 0.5°")
    aperture = Param(
        0.1, 0.0, 2.0, "m", "width of the lens, as wide as far lights blur; in exports of many samples"
    )
    focus = Param(0.0, -10.0, 20.0, "m", "how far in front of the body's axis it is sharp")
    shutter = Param(
        0.5, 0.0, 1.0, "", "share of a frame's time that it is open: 0.5 is 180°; in such exports"
    )


def places(count: int) -> tuple[Disc, ...]:
    """Places in the unit disc, evenly: Vogel's spiral (1979). One alone is the middle."""
    if count == 1:
        return MIDDLE
    found = []
    for k in range(count):
        radius, angle = math.sqrt((k + 0.5) / count), k * _GOLDEN
        found.append((radius * math.cos(angle), radius * math.sin(angle)))
    return tuple(found)


def instants(samples: int, aperture: float, shutter: float) -> Iterator[tuple[float, tuple[Disc, ...]]]:
    """How so many samples share a frame: shares 0–1 of the frame's time, rising, the first of them 0, each
    with its places in the lens.

    A lens that has no width and a shutter that is never open need no samples of their own. Sample k has its
    own instant and its own place; TOGETHER of them share an instant. Places go to instants in strides of
    about the golden section, so that each moment has seen all of the lens.
    """
    lens = places(samples if aperture > 0.0 else 1)
    count = 1 if shutter <= 0.0 else samples if len(lens) == 1 else -(-samples // TOGETHER)
    order = strided(samples)
    for k in range(count):
        some = MIDDLE if len(lens) == 1 else tuple(lens[i] for i in order[k::count])
        yield shutter * k / count, some


def strided(count: int) -> list[int]:
    """0 … count − 1, each once, neighbours far apart: steps of the nearest coprime to count/φ."""
    stride = max(1, round(count * 0.6180339887))
    while math.gcd(stride, count) != 1:
        stride += 1
    return [(k * stride) % count for k in range(count)]
