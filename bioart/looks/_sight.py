"""What shaders that draw for a camera are told of it (`lib/camera.glsl`, `forms/*.vert`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from bioart.camera import Camera
    from bioart.gpu.view import View

Vector = tuple[float, float, float]
Box = tuple[int, int, int, int]


def sight(camera: Camera, view: View) -> dict[str, Any]:
    """Uniforms of a camera that looks into a view. Lengths in m; pixel: the angle that one sees, rad."""
    right, up, high = np.array(camera.right), np.array(camera.up), camera.half_height
    return {
        "eye": tuple(camera.eye),
        "focal": tuple(camera.target),
        "focal_right": tuple(right * high * camera.aspect),
        "focal_up": tuple(up * high),
        "right": tuple(right),
        "up": tuple(up),
        "forward": camera.forward,
        "reach": (camera.near, camera.far),
        "view": tuple(camera.view().T.ravel()),
        "projection": tuple(camera.projection().T.ravel()),
        "pixel": 2 * high / (camera.distance * view.height),
        "pixels": (float(view.width), float(view.height)),
        "focus": camera.distance,
    }


def footprint(camera: Camera, width: int, height: int, origin: Vector, size: Vector) -> Box:
    """The least rectangle of a picture (x, y, width, height; px, y up) that a box in the world may show in.

    origin: the box's least corner, size: its edges, m. All of the picture where it reaches behind the eye.
    """
    corners = np.array([[x, y, z, 1.0] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    corners[:, :3] = np.array(origin) + corners[:, :3] * np.array(size)
    clip = corners @ (camera.projection() @ camera.view()).T
    if clip[:, 3].min() <= camera.near:
        return (0, 0, width, height)
    places = (clip[:, :2] / clip[:, 3:] * 0.5 + 0.5) * np.array([width, height])
    low = np.clip(np.floor(places.min(0)) - 1, 0, [width, height]).astype(int)
    high = np.clip(np.ceil(places.max(0)) + 1, 0, [width, height]).astype(int)
    return (int(low[0]), int(low[1]), int(high[0] - low[0]), int(high[1] - low[1]))
