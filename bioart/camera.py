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
_SOFT = 16  # how sharply a step back begins: at the point where width asks for as much as height it is 4 %


@dataclass(frozen=True)
class Camera:
    """A pinhole that looks at a focal rectangle.

    target: centre of the focal plane, m. forward, up: unit vectors, orthogonal. distance: D, eye to focal
    plane, m. fov: vertical angle, rad. aspect: width/height. tangent: tan θ of the off-axis shift, θ > 0
    = camera moved right; rise: the same upwards. reach: what must be seen to either side of the target, m;
    farthest: how far back it may step for that when it is shaped, m (no farther than `distance`: not at all).
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
    rise: float = 0.0
    reach: float = 0.0
    farthest: float = 0.0

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
            + np.array(self.up) * (self.distance * self.rise)
        )

    def shifted(self, tangent: float, rise: float = 0.0) -> Camera:
        """The same focal rectangle seen from D·tan θ to the right, and D·rise above."""
        return replace(self, tangent=tangent, rise=rise)

    def shaped(self, aspect: float) -> Camera:
        """For a picture of this aspect: where the picture is too narrow for `reach`, from farther back along
        its own axis, as far as `farthest`. Where it begins to be too narrow it begins softly."""
        distance = self.distance
        if self.farthest > distance:
            wide = aspect * math.tan(self.fov / 2)
            needed = self.reach * math.sqrt(1.0 + 1.0 / (wide * wide)) / distance  # past a round flank
            distance = min(distance * (1.0 + needed**_SOFT) ** (1.0 / _SOFT), self.farthest)
        return replace(self, aspect=aspect, distance=distance, reach=0.0, farthest=0.0)

    def fitting(self, reach: float, farthest: float) -> Camera:
        """The same camera, which is to step back for `reach` as far as `farthest` when it is shaped."""
        return replace(self, reach=reach, farthest=farthest)

    def focused(self, nearer: float) -> Camera:
        """The same view, its focal plane so many m nearer; never nearer than a twentieth of its distance."""
        distance = max(self.distance - nearer, 0.05 * self.distance)
        moved = np.array(self.target) + np.array(self.forward) * (distance - self.distance)
        return replace(self, target=(float(moved[0]), float(moved[1]), float(moved[2])), distance=distance)

    def through(self, x: float, y: float) -> Camera:
        """The same focal rectangle seen from x, y m to the right and above: through that place of a lens."""
        return self.shifted(self.tangent + x / self.distance, self.rise + y / self.distance)

    def view(self) -> NDArray[np.float64]:
        """World to camera, 4×4."""
        r, u, f = np.array(self.right), np.array(self.up), np.array(self.forward)
        m = np.eye(4)
        m[0, :3], m[1, :3], m[2, :3] = r, u, -f
        m[:3, 3] = -m[:3, :3] @ self.eye
        return m

    def projection(self) -> NDArray[np.float64]:
        """Camera to GL clip space, 4×4; P[0][2] = −tan θ / (a·tan(fov/2)) shears the frustum, P[1][2] does
        upwards."""
        half = math.tan(self.fov / 2)
        n, f = self.near, self.far
        m = np.zeros((4, 4))
        m[0, 0] = 1 / (self.aspect * half)
        m[0, 2] = -self.tangent / (self.aspect * half)
        m[1, 1] = 1 / half
        m[1, 2] = -self.rise / half
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
