"""Flows that others have computed or solved, set up in the air's own terms: shared by quick tests and
proofs."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from bioart.forms import Grid
from bioart.gpu.compute import Memory
from bioart.world.air import Air, Scheme
from bioart.world.sides import PERIODIC, Sides, wall

# Ghia, Ghia & Shin 1982, J. Comput. Phys. 48, 387–411, tables I and II.
# y, u at Re 100 and 1000; x, v likewise
GHIA_U = (
    (0.9766, 0.84123, 0.65928), (0.9688, 0.78871, 0.57492), (0.9609, 0.73722, 0.51117),
    (0.9531, 0.68717, 0.46604),
    (0.8516, 0.23151, 0.33304), (0.7344, 0.00332, 0.18719), (0.6172, -0.13641, 0.05702),
    (0.5000, -0.20581, -0.06080),
    (0.4531, -0.21090, -0.10648), (0.2813, -0.15662, -0.27805), (0.1719, -0.10150, -0.38289),
    (0.1016, -0.06434, -0.29730), (0.0703, -0.04775, -0.22220), (0.0625, -0.04192, -0.20196),
    (0.0547, -0.03717, -0.18109),
)  # fmt: skip
GHIA_V = (
    (0.9688, -0.05906, -0.21388), (0.9609, -0.07391, -0.27669), (0.9531, -0.08864, -0.33714),
    (0.9453, -0.10313, -0.39188), (0.9063, -0.16914, -0.51550), (0.8594, -0.22445, -0.42665),
    (0.8047, -0.24533, -0.31966), (0.5000, 0.05454, 0.02526), (0.2344, 0.17527, 0.32235),
    (0.2266, 0.17507, 0.33075), (0.1563, 0.16077, 0.37095), (0.0938, 0.12317, 0.32627),
    (0.0781, 0.10890, 0.30353), (0.0703, 0.10091, 0.29012), (0.0625, 0.09233, 0.27485),
)  # fmt: skip
STILL, LID = wall(), wall(0.0, 0.0, 1.0)


def cavity(memory: Memory, n: int, re: float, scheme: Scheme, deep: int = 1) -> Air:
    """A lid-driven cavity in the y–z plane, the lid above going +z at 1 m/s; deep: cells along x, 1 for the
    plane, n for the cube."""
    h = 1.0 / n
    steady = 0.9 * 2.5 / (4.0 * (3 if deep > 1 else 2)) * h * h * re  # of the explicit viscosity
    across = PERIODIC if deep == 1 else STILL
    sides = Sides(across, across, floor=STILL, ceiling=LID, back=STILL, front=STILL)
    dt = min(steady, 0.6 * h if scheme == "central" else h)
    return Air(memory, Grid((deep, n, n), (0.0, 0.0, 0.0), h), dt, 3.0, sides, scheme)


def refined(coarse: Air, fine: Air) -> Air:
    """The fine air begins where the coarse one ended: its faces' values, linear between the coarse ones."""

    def along(values: Any, axis: int, faces: bool) -> Any:
        n, m = coarse.grid.shape[axis], fine.grid.shape[axis]
        if n == m:
            return values
        old = np.arange(n + 1) / n if faces else (np.arange(n) + 0.5) / n
        new = np.arange(m + 1) / m if faces else (np.arange(m) + 0.5) / m
        return np.apply_along_axis(lambda row: np.interp(new, old, row), axis, values)

    found = []
    for component, values in enumerate(coarse.faces()):
        for axis in range(3):
            values = along(values, axis, axis == component)
        found.append(values)
    fine.blow(*found)
    return fine


def run(air: Air, seconds: float, re: float) -> float:
    """Run; the greatest max|∇·u|·h/max|u| of what was looked at."""
    worst = 0.0
    steps = math.ceil(seconds / air.dt)
    for k in range(steps):
        air.move({"viscosity": 1.0 / re})
        if k % max(steps // 16, 1) == 0 or k == steps - 1:
            worst = max(worst, float(np.abs(air.divergence()).max()) * air.grid.cell / air.speed)
    return worst


def centre_lines(air: Air) -> tuple[Any, Any]:
    """u on the vertical and v on the horizontal line through the middle, at all of Ghia's points."""
    n = air.grid.shape[1]
    _, v, w = air.faces()
    at = np.r_[0.0, (np.arange(n) + 0.5) / n, 1.0]
    middle = air.grid.shape[0] // 2
    if air.grid.shape[0] % 2 == 0 and air.grid.shape[0] > 1:
        v, w = (0.5 * (f[middle - 1] + f[middle]) for f in (v, w))
    else:
        v, w = v[middle], w[middle]
    up = np.r_[0.0, w[:, n // 2], 1.0]
    along = np.r_[0.0, v[n // 2], 0.0]
    return (
        np.interp([row[0] for row in GHIA_U], at, up),
        np.interp([row[0] for row in GHIA_V], at, along),
    )


def off_ghia(air: Air, re: float) -> float:
    """RMS over Ghia's points, in lid speeds."""
    column = 1 if re == 100.0 else 2
    u, v = centre_lines(air)
    gap = np.r_[u - [row[column] for row in GHIA_U], v - [row[column] for row in GHIA_V]]
    return float(np.sqrt(np.mean(gap**2)))


def whirls(
    memory: Memory, n: int, scheme: Scheme, cfl: float, nu: float, seconds: float
) -> tuple[Air, float]:
    """2-D Taylor–Green whirls in a periodic square of 2π; the air at the end and its relative L2 error."""
    h = 2.0 * math.pi / n
    steps = math.ceil(seconds / (cfl * h))
    air = Air(
        memory, Grid((1, n, n), (0.0, 0.0, 0.0), h), seconds / steps, 3.0, Sides(*[PERIODIC] * 6), scheme
    )
    face, middle = np.arange(n + 1) * h, (np.arange(n) + 0.5) * h

    def exact(t: float) -> tuple[Any, Any]:
        fall = math.exp(-2.0 * nu * t)
        v = np.cos(face)[:, None] * np.sin(middle)[None, :] * fall
        w = -np.sin(middle)[:, None] * np.cos(face)[None, :] * fall
        return v[None], w[None]

    air.blow(0.0, *exact(0.0))
    for _ in range(steps):
        air.move({"viscosity": nu})
    _, v, w = air.faces()
    wanted = exact(seconds)
    off = sum(((a - b) ** 2).sum() for a, b in zip((v, w), wanted, strict=True))
    return air, math.sqrt(off / sum((b**2).sum() for b in wanted))


def beltrami(
    memory: Memory, n: int, scheme: Scheme, cfl: float, nu: float, seconds: float
) -> tuple[Air, float]:
    """The ABC flow (A = B = C = 1) in a periodic cube of 2π; the air at the end and its relative L2 error."""
    h = 2.0 * math.pi / n
    steps = math.ceil(seconds / (cfl * h))
    air = Air(
        memory, Grid((n, n, n), (0.0, 0.0, 0.0), h), seconds / steps, 6.0, Sides(*[PERIODIC] * 6), scheme
    )
    middle = (np.arange(n) + 0.5) * h
    x, y, z = (middle.reshape([-1 if a == axis else 1 for a in range(3)]) for axis in range(3))

    def exact(t: float) -> list[Any]:
        fall = math.exp(-nu * t)
        shapes = [[n + (a == axis) for a in range(3)] for axis in range(3)]
        flows = (np.sin(z) + np.cos(y), np.sin(x) + np.cos(z), np.sin(y) + np.cos(x))
        return [fall * np.broadcast_to(f, s) for f, s in zip(flows, shapes, strict=True)]

    air.blow(*exact(0.0))
    for _ in range(steps):
        air.move({"viscosity": nu})
    wanted = exact(seconds)
    off = sum(((a - b) ** 2).sum() for a, b in zip(air.faces(), wanted, strict=True))
    return air, math.sqrt(off / sum((b**2).sum() for b in wanted))
