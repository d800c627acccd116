"""Cameras: one pose, a focal plane, and an off-axis shift. No toe-in.

Conventions of docs: right-handed, y up, metres; column vectors; GL clip space. A view's frustum always
passes through the same focal rectangle, so N shifted cameras agree on the focal plane to the pixel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Vector = tuple[float, float, float]


@dataclass(frozen=True)
class Camera:
    """A pinhole that looks at a focal rectangle.

    target: centre of the focal plane, m. forward, up: unit vectors, orthogonal. distance: D, eye to focal
    plane, m. fov: vertical angle, rad. aspect: width/height. tangent: tan θ of the off-axis shift, θ > 0
    = camera moved right.
    """

    target: Vector
    forward: Vector
    up: Vector
    distance: float
    fov: float
    aspect: float
    tangent: float = 0.0
    near: float = 0.05
    far: float = 200.0

    @property
    def right(self) -> Vector:
        f, u = np.array(self.forward), np.array(self.up)
        r = np.cross(f, u)
        return (float(r[0]), float(r[1]), float(r[2]))

    @property
    def half_height(self) -> float:
        """S: half the height of the focal rectangle, m."""
        return self.distance * math.tan(self.fov / 2)

    @property
    def eye(self) -> NDArray[np.float64]:
        return (
            np.array(self.target)
            - np.array(self.forward) * self.distance
            + np.array(self.right) * (self.distance * self.tangent)
        )

    def shifted(self, tangent: float) -> Camera:
        """The same focal rectangle seen from D·tan θ to the right."""
        return replace(self, tangent=tangent)

    def shaped(self, aspect: float) -> Camera:
        return replace(self, aspect=aspect)

    def view(self) -> NDArray[np.float64]:
        """World to camera, 4×4."""
        r, u, f = np.array(self.right), np.array(self.up), np.array(self.forward)
        m = np.eye(4)
        m[0, :3], m[1, :3], m[2, :3] = r, u, -f
        m[:3, 3] = -m[:3, :3] @ self.eye
        return m

    def projection(self) -> NDArray[np.float64]:
        """Camera to GL clip space, 4×4; P[0][2] = −tan θ / (a·tan(fov/2)) shears the frustum."""
        half = math.tan(self.fov / 2)
        n, f = self.near, self.far
        m = np.zeros((4, 4))
        m[0, 0] = 1 / (self.aspect * half)
        m[0, 2] = -self.tangent / (self.aspect * half)
        m[1, 1] = 1 / half
        m[2, 2] = -(f + n) / (f - n)
        m[2, 3] = -2 * f * n / (f - n)
        m[3, 2] = -1
        return m


def looking(target: Vector, yaw: float, pitch: float, distance: float, fov: float, aspect: float) -> Camera:
    """A camera on a sphere about its target. yaw about +y from +z towards +x, pitch upwards, rad."""
    back = (
        math.sin(yaw) * math.cos(pitch),
        math.sin(pitch),
        math.cos(yaw) * math.cos(pitch),
    )
    up = (-math.sin(yaw) * math.sin(pitch), math.cos(pitch), -math.cos(yaw) * math.sin(pitch))
    return Camera(target, (-back[0], -back[1], -back[2]), up, distance, fov, aspect)
