"""A small scene with something of everything that a look can draw."""

from __future__ import annotations

from typing import Any

import numpy as np

from bioart.camera import looking
from bioart.forms import Channel, Curves, Forms, Grid, Points, Text, Volume
from bioart.spectrum import Emitter

BODY = Grid((24, 24, 24), (-1.0, 0.0, -1.0), 2 / 24)
AIR = Grid((12, 12, 12), (-1.5, 0.0, -1.5), 0.25)
CAMERA = looking((0.0, 1.0, 0.0), 0.4, 0.25, 6.0, 0.5, 1.0)


def ball(radius: float = 0.55, middle: tuple[float, float, float] = (0.0, 0.9, 0.0)) -> Any:
    at = [BODY.origin[i] + (np.arange(24) + 0.5) * BODY.cell - middle[i] for i in range(3)]
    far = np.sqrt(at[0][:, None, None] ** 2 + at[1][None, :, None] ** 2 + at[2][None, None, :] ** 2)
    return np.clip(0.5 - (far - radius) / (2.5 * BODY.cell), 0, 1).astype(np.float32)


def wind() -> list[Any]:
    """m/s on AIR: a wind along x; air that goes into a place before the body and comes out above it."""
    at = np.stack(
        np.meshgrid(*(AIR.origin[i] + (np.arange(12) + 0.5) * AIR.cell for i in range(3)), indexing="ij")
    )
    blows = np.zeros_like(at)
    blows[0] = 0.4
    for place, flow in (((-0.7, 0.6, 0.4), -0.5), ((0.1, 2.0, 0.1), 0.5)):
        away = at - np.reshape(place, (3, 1, 1, 1))
        blows += flow * away / (4 * np.pi * ((away**2).sum(0) + 0.3**2) ** 1.5)
    return list(blows.astype(np.float32))


def whirl() -> list[Any]:
    """m/s on AIR: air that turns about the body as if it were solid; its vorticity is 3/s."""
    x, _, z = np.meshgrid(
        *(AIR.origin[i] + (np.arange(12) + 0.5) * AIR.cell for i in range(3)), indexing="ij"
    )
    return [part.astype(np.float32) for part in (-1.5 * z, np.full_like(x, 0.2), 1.5 * x)]


def whole(blowing: Any = wind) -> Forms:
    """Flesh that shines, air that moves, motes, a strand and words."""
    solid = ball()
    ramp = np.linspace(0, 1, 24, dtype=np.float32)
    channels = [
        Channel("solid", BODY, solid),
        Channel("tip", BODY, solid * ramp[None, :, None]),
        Channel("network", BODY, solid * (0.3 + 0.7 * ramp[:, None, None])),
        Channel("age", BODY, solid * 3, full=3.0),
        Channel("light0", BODY, solid * 0.6),
        Channel("light1", BODY, solid * ramp[None, None, :]),
        Channel("smog", AIR, np.full(AIR.shape, 0.25, np.float32)),
        Channel("spill", AIR, np.full(AIR.shape, 0.05, np.float32)),
        Channel("spores", AIR, np.full(AIR.shape, 0.1, np.float32)),
        Channel("flash", AIR, np.full(AIR.shape, 0.3, np.float32)),
        *(Channel(f"velocity_{a}", AIR, v, 2.5) for a, v in zip("xyz", blowing(), strict=True)),
    ]
    motes = Points(
        "spores",
        np.array([[0.9, 1.6, 0.3], [1.13, 1.75, 2.7]], np.float32),
        np.array([0.03, 0.02], np.float32),
        np.ones((2, 3), np.float32),
        np.full(2, 20, np.float32),
        np.arange(2),
    )
    strand = Curves(
        "threads",
        np.array([[-1.2, 0.5, 0.8], [0.0, 1.8, 0.8], [1.2, 1.5, 0.8]], np.float32),
        np.array([0, 3]),
        np.full(3, 0.02, np.float32),
        np.array([[1.0, 0.3, 0.2]], np.float32),
        np.ones(3, np.float32),
        np.array([7]),
    )
    words = Text(3, "breathe", (-0.6, 1.8, 0.9), 0.2, (0.8, 0.9, 1.0), 1.0)
    emitters = (Emitter("light0", 490, 30), Emitter("light1", 590, 30))
    return Forms(Volume(tuple(channels), emitters), (motes,), (strand,), (words,))
