"""Bodies whose light is known in closed form, as fields on a grid and as what every ray should carry.

All are centred, emit and absorb alike (emission = `dense` times a source of radiance 1), and send
1 − exp(−optical depth) along a ray.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bioart.camera import Camera

SIZE = 2.0  # m, the cube that holds them


@dataclass(frozen=True)
class Solid:
    """field: (n, n, n) in 0–1; dense: 1/m where it is 1; cell: m."""

    field: np.ndarray
    dense: float
    cell: float


def axis(n: int) -> np.ndarray:
    return (np.arange(n) + 0.5) * (SIZE / n) - 0.5 * SIZE


def far(n: int) -> np.ndarray:
    x = axis(n) ** 2
    return np.sqrt(x[:, None, None] + x[None, :, None] + x[None, None, :])


BALL = 0.8  # m, radius
WIDE = 0.22  # m, a blob's standard deviation
THICK = 0.5  # m, a slab's


def ball(n: int, dense: float = 2.0) -> Solid:
    """A homogeneous sphere, each cell as full as it lies inside (counted at 6³ places)."""
    cell, r = SIZE / n, far(n)
    field = (r < BALL).astype(np.float32)
    places = ((np.arange(6) + 0.5) / 6 - 0.5) * cell
    edge = np.argwhere(np.abs(r - BALL) < cell)
    at = axis(n)[edge]
    away = np.stack(np.meshgrid(places, places, places, indexing="ij"), -1).reshape(-1, 3)
    inside = ((at[:, None, :] + away[None]) ** 2).sum(-1) < BALL**2
    field[tuple(edge.T)] = inside.mean(1)
    return Solid(field, dense, cell)


def blob(n: int, depth: float = 3.0) -> Solid:
    """A Gaussian blob. depth: optical depth through its middle."""
    field = np.exp(-(far(n) ** 2) / (2 * WIDE**2)).astype(np.float32)
    return Solid(field, depth / (WIDE * math.sqrt(2 * math.pi)), SIZE / n)


def slab(n: int, dense: float = 2.0) -> Solid:
    """A homogeneous slab across x, its faces between cells."""
    field = np.zeros((n, n, n), np.float32)
    half = round(THICK / SIZE * n / 2)
    field[n // 2 - half : n // 2 + half] = 1.0
    return Solid(field, dense, SIZE / n)


def rays(camera: Camera, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """The eye and unit directions (height, width, 3), top row first."""
    high = camera.half_height
    x = ((np.arange(width) + 0.5) / width * 2 - 1) * high * width / height
    y = (1 - (np.arange(height) + 0.5) / height * 2) * high
    place = (
        np.array(camera.target)
        + x[None, :, None] * np.array(camera.right)
        + y[:, None, None] * np.array(camera.up)
    )
    d = place - camera.eye
    return camera.eye, d / np.linalg.norm(d, axis=-1, keepdims=True)


def passing(eye: np.ndarray, d: np.ndarray) -> np.ndarray:
    """How near each ray comes to the middle, m."""
    return np.asarray(np.linalg.norm(np.cross(np.broadcast_to(eye, d.shape), d), axis=-1))


def of_ball(eye: np.ndarray, d: np.ndarray, dense: float) -> np.ndarray:
    b = passing(eye, d)
    return np.asarray(1 - np.exp(-dense * 2 * np.sqrt(np.maximum(BALL**2 - b**2, 0))))


def of_blob(eye: np.ndarray, d: np.ndarray, dense: float) -> np.ndarray:
    depth = dense * WIDE * math.sqrt(2 * math.pi)
    return np.asarray(1 - np.exp(-depth * np.exp(-(passing(eye, d) ** 2) / (2 * WIDE**2))))


def of_slab(eye: np.ndarray, d: np.ndarray, dense: float) -> np.ndarray:
    """Through the slab as the cube cuts it off."""
    half = np.array([THICK / 2, SIZE / 2, SIZE / 2])
    safe = np.where(np.abs(d) < 1e-12, 1e-12, d)
    a, b = (-half - eye) / safe, (half - eye) / safe
    way = np.maximum(b, a).min(-1) - np.minimum(a, b).max(-1)
    return np.asarray(1 - np.exp(-dense * np.maximum(way, 0)))
