"""What shaders that draw for a camera are told of it (`lib/camera.glsl`, `forms/*.vert`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from bioart.camera import Camera
    from bioart.gpu.view import View


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
