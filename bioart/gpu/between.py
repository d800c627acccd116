"""Views between two views: what one camera saw, carried to a camera beside it.

Cameras that share a focal rectangle and differ in their shift along it see a point d m ahead move by
K·Δtan θ·(1 − D/d) px along its row, K = width/(2·aspect·tan(fov/2)), D m to the focal plane. So a view's
radiance and depth say what its neighbours see, but for what is hidden here and seen there; drawn from two
sides, little is hidden in both (S. E. Chen and L. Williams, "View Interpolation for Image Synthesis",
SIGGRAPH 1993). What has no depth, the air, is taken to be as far as the focal plane.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from bioart.assets import folder
from bioart.camera import Camera
from bioart.gpu import glsl
from bioart.gpu.view import View

if TYPE_CHECKING:
    from collections.abc import Sequence

APART = 0.01  # of the way to the focal plane: less between what two views see is one surface
ALL = 1e8  # of brightness: whatever two views see, they see the same
BLOCK = 16  # px of a block's side
ASIDE = 32  # px beside a block that may come into it


def in_a_row(cameras: Sequence[Camera]) -> bool:
    """Whether cameras differ in their shift aside alone: one row of pixels sees what the others' does."""
    return all(replace(c, tangent=0.0) == replace(cameras[0], tangent=0.0) for c in cameras)


@dataclass(frozen=True)
class _Key:
    """A view that was drawn: how its pixels move, and between what bounds those of a block do."""

    view: View
    moves: Any
    bounds: Any
    into_moves: Any
    into_bounds: Any

    def close(self) -> None:
        for held in (self.into_moves, self.into_bounds, self.moves, self.bounds):
            held.release()
        self.view.close()


class Between:
    """Two drawn views of one size, and the views between them."""

    def __init__(self, ctx: Any, width: int, height: int) -> None:
        """width, height: px of every view."""
        self._ctx = ctx
        root = folder("shaders")
        self._programs = [
            glsl.program(ctx, root, f"between/{name}.frag") for name in ("parallax", "range", "carry")
        ]
        self._draws = [glsl.full_screen(ctx, program) for program in self._programs]
        self._keys = [_key(ctx, width, height) for _ in range(2)]
        self._opaque = True
        self._cameras: list[Camera | None] = [None, None]

    @property
    def size(self) -> tuple[int, int]:
        view = self._keys[0].view
        return view.width, view.height

    def next(self, camera: Camera) -> View:
        """The view to draw a camera's picture into, then `drawn()`; the one that was right becomes left."""
        self._keys.reverse()
        self._cameras = [self._cameras[1], camera]
        return self._keys[1].view

    def drawn(self, opaque: bool) -> None:
        """The picture is there: how it moves. opaque: whether the nearer hides what is behind it; else depth
        is but where light is on the mean, and the brighter is what shows."""
        self._opaque = opaque
        key, camera = self._keys[1], self._cameras[1]
        assert camera is not None
        self._ctx.disable(self._ctx.BLEND | self._ctx.DEPTH_TEST)
        program = self._programs[0]
        glsl.put(
            program,
            focus=camera.distance,
            reach=(camera.near, camera.far),
            apart=_apart(camera),
            opaque=opaque,
        )
        self._fill(0, key.into_moves, {"depth": key.view.depth, "light": key.view.radiance})
        glsl.put(self._programs[1], block=BLOCK, aside=ASIDE)
        self._fill(1, key.into_bounds, {"parallax": key.moves})

    def carry(self, camera: Camera, view: View) -> None:
        """What a camera between the two sees, into a view: radiance and depth."""
        (left, right), (from_left, from_right) = self._keys, self._cameras
        assert from_left is not None
        assert from_right is not None
        scale = view.width / (2.0 * camera.aspect * math.tan(camera.fov / 2))
        away = [scale * (camera.tangent - c.tangent) for c in (from_left, from_right)]
        ctx = self._ctx
        ctx.disable(ctx.BLEND)
        ctx.enable(ctx.DEPTH_TEST)
        ctx.depth_func = "1"
        glsl.put(
            self._programs[2],
            away=tuple(away),
            share=abs(away[0]) / max(abs(away[0]) + abs(away[1]), 1e-9),
            block=BLOCK,
            apart=_apart(camera) if self._opaque else ALL,
        )
        textures = {
            "left_light": left.view.radiance,
            "right_light": right.view.radiance,
            "left_depth": left.view.depth,
            "right_depth": right.view.depth,
            "left_moves": left.moves,
            "right_moves": right.moves,
            "left_range": left.bounds,
            "right_range": right.bounds,
        }
        view.use()
        self._render(2, textures)
        ctx.depth_func = "<"
        ctx.disable(ctx.DEPTH_TEST)

    def copy(self, view: View, right: bool = False) -> None:
        """What the left, or the right, of the two saw, into a view: radiance and depth."""
        self._ctx.copy_framebuffer(view.framebuffer, self._keys[right].view.framebuffer)

    def _fill(self, number: int, framebuffer: Any, textures: dict[str, Any]) -> None:
        framebuffer.use()
        framebuffer.viewport = (0, 0, *framebuffer.size)
        self._render(number, textures)

    def _render(self, number: int, textures: dict[str, Any]) -> None:
        glsl.bind(self._programs[number], textures)
        self._draws[number].render(vertices=3)

    def close(self) -> None:
        """Release every GL object."""
        for key in self._keys:
            key.close()
        for held in (*self._draws, *self._programs):
            held.release()


def _apart(camera: Camera) -> float:
    """GL depth, 0–1, that stands for APART about the focal plane."""
    return APART * camera.far * camera.near / ((camera.far - camera.near) * camera.distance)


def _key(ctx: Any, width: int, height: int) -> _Key:
    blocks = (math.ceil(width / BLOCK), math.ceil(height / BLOCK))
    moves, bounds = (ctx.texture(size, 2, dtype="f4") for size in ((width, height), blocks))
    for texture in (moves, bounds):
        texture.repeat_x = texture.repeat_y = False
        texture.filter = (ctx.NEAREST, ctx.NEAREST)
    return _Key(View(ctx, width, height), moves, bounds, ctx.framebuffer([moves]), ctx.framebuffer([bounds]))
