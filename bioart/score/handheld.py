"""A camera in a person's hands: breath and sway, slow, without a corner, the same for the same seed.

A person at rest breathes some 15 times a minute and sways below 1 Hz. Each of six ways to move is a sum of
sines whose pace and phase come from the seed; paces stand in no simple proportion, so it never repeats,
except in a loop, where each is bent to whole periods.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import replace

from bioart.camera import Camera, Vector

BREATH = 0.26  # Hz
PACES = (0.11, 0.19, 0.37, 0.61)  # Hz, of the sway
WEIGHTS = (0.42, 0.3, 0.19, 0.09)
PLACE = (0.022, 0.016, 0.012)  # m to the right, up, ahead, at most, at full hand
AIM = (0.34, 0.26, 0.2)  # ° of yaw, pitch, roll
BREATHES = (0.0, 0.012, 0.0, 0.0, 0.22, 0.0)  # m, m, m, °, °, °: what breath adds


def held(camera: Camera, hand: float, seed: int, t: float, lap: float | None = None) -> Camera:
    """The camera, moved as far as a hand of 0–1 moves it at show time t, s: at most 3 cm to any side, 0.5° in
    aim. lap: s after which it is where it was; None: never."""
    if hand <= 0.0:
        return camera
    moves = [hand * move for move in _moves(seed, t, lap)]
    right, up, forward = camera.right, camera.up, camera.forward
    step = tuple(
        moves[0] * r + moves[1] * u + moves[2] * f for r, u, f in zip(right, up, forward, strict=True)
    )
    eye = tuple(c - camera.distance * f + s for c, f, s in zip(camera.target, forward, step, strict=True))
    yaw, pitch, roll = (math.radians(a) for a in moves[3:])
    forward, right = _turned(forward, right, yaw)
    forward, up = _turned(forward, up, pitch)
    up, _ = _turned(up, right, roll)
    target = tuple(e + camera.distance * f for e, f in zip(eye, forward, strict=True))
    return replace(camera, target=(target[0], target[1], target[2]), forward=forward, up=up)


def _turned(a: Vector, b: Vector, angle: float) -> tuple[Vector, Vector]:
    """Two unit vectors, square to each other, turned in their plane from a towards b."""
    c, s = math.cos(angle), math.sin(angle)
    x = [c * p + s * q for p, q in zip(a, b, strict=True)]
    y = [c * q - s * p for p, q in zip(a, b, strict=True)]
    return (x[0], x[1], x[2]), (y[0], y[1], y[2])


def _moves(seed: int, t: float, lap: float | None) -> list[float]:
    """m to the right, up, ahead; ° of yaw, pitch, roll."""
    breath = math.sin(2.0 * math.pi * (_pace(BREATH, lap) * t + _chance(seed, 99, 0)))
    found = []
    for way, most in enumerate((*PLACE, *AIM)):
        total = 0.0
        for n, (pace, weight) in enumerate(zip(PACES, WEIGHTS, strict=True)):
            own = _pace(pace * (0.88 + 0.24 * _chance(seed, way, 2 * n)), lap)
            total += weight * math.sin(2.0 * math.pi * (own * t + _chance(seed, way, 2 * n + 1)))
        found.append(most * total + BREATHES[way] * breath)
    return found


def _pace(pace: float, lap: float | None) -> float:
    """The pace, or the nearest that has whole periods in a lap, at least one."""
    return pace if lap is None else max(1, round(pace * lap)) / lap


def _chance(seed: int, way: int, n: int) -> float:
    """0–1, from a hash of the seed and the number."""
    told = f"hand {seed} {way} {n}".encode()
    return int.from_bytes(hashlib.blake2b(told, digest_size=4).digest(), "little") / 2**32
