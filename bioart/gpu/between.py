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
ASIDE = 2  # blocks beside a block that may come into it


def in_a_row(cameras: Sequence[Camera]) -> bool:
    """Whether cameras differ in their shift aside alone: one row of pixels sees what the others' does."""
    return all(replace(c, tangent=0.0) == replace(cameras[0], tangent=0.0) for c in cameras)


@dataclass(frozen=True)
class _Key:
    """A view that was drawn; framebuffers of how its pixels move, and between what bounds those that may come
    into a block do."""

    view: View
    moves: Any
    bounds: Any

    def close(self) -> None:
        _release(self.moves)
        _release(self.bounds)
        self.view.close()


class Between:
    """Two drawn views of one size, and the views between them."""

    def __init__(self, ctx: Any, width: int, height: int) -> None:
        """width, height: px of every view."""
        self._ctx = ctx
        root = folder("shaders")
        self._parallax, self._own, self._wider, self._carry = programs = [
            glsl.program(ctx, root, f"between/{name}.frag", defined=defined)
            for name, *defined in (
                ("parallax",),
                ("range", f"BLOCK {BLOCK}"),
                ("range", f"ASIDE {ASIDE}"),
                ("carry", f"BLOCK {BLOCK}"),
            )
        ]
        self._draws = {program: glsl.full_screen(ctx, program) for program in programs}
        self._blocks = _target(ctx, _in_blocks(width, height))
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
        glsl.put(
            self._parallax,
            focus=camera.distance,
            reach=(camera.near, camera.far),
            apart=_apart(camera),
            opaque=opaque,
        )
        self._fill(self._parallax, key.moves, {"depth": key.view.depth, "light": key.view.radiance})
        self._fill(self._own, self._blocks, {"found": _texture(key.moves)})
        self._fill(self._wider, key.bounds, {"found": _texture(self._blocks)})

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
            self._carry,
            away=tuple(away),
            focus=camera.distance,
            reach=(camera.near, camera.far),
            share=abs(away[0]) / max(abs(away[0]) + abs(away[1]), 1e-9),
            apart=_apart(camera) if self._opaque else ALL,
        )
        textures = {
            "left_light": left.view.radiance,
            "right_light": right.view.radiance,
            "left_moves": _texture(left.moves),
            "right_moves": _texture(right.moves),
            "left_range": _texture(left.bounds),
            "right_range": _texture(right.bounds),
        }
        view.use()
        self._render(self._carry, textures)
        ctx.depth_func = "<"
        ctx.disable(ctx.DEPTH_TEST)

    def copy(self, view: View, right: bool = False) -> None:
        """What the left, or the right, of the two saw, into a view: radiance and depth."""
        self._ctx.copy_framebuffer(view.framebuffer, self._keys[right].view.framebuffer)

    def _fill(self, program: Any, target: Any, textures: dict[str, Any]) -> None:
        target.use()
        target.viewport = (0, 0, *target.size)
        self._render(program, textures)

    def _render(self, program: Any, textures: dict[str, Any]) -> None:
        glsl.bind(program, textures)
        self._draws[program].render(vertices=3)

    def close(self) -> None:
        """Release every GL object."""
        for key in self._keys:
            key.close()
        _release(self._blocks)
        for program, draw in self._draws.items():
            draw.release()
            program.release()


def _apart(camera: Camera) -> float:
    """GL depth, 0–1, that stands for APART about the focal plane."""
    return APART * camera.far * camera.near / ((camera.far - camera.near) * camera.distance)


def _key(ctx: Any, width: int, height: int) -> _Key:
    moves, bounds = (_target(ctx, size) for size in ((width, height), _in_blocks(width, height)))
    return _Key(View(ctx, width, height), moves, bounds)


def _in_blocks(width: int, height: int) -> tuple[int, int]:
    return math.ceil(width / BLOCK), math.ceil(height / BLOCK)


def _target(ctx: Any, size: tuple[int, int]) -> Any:
    """A framebuffer of two floats a pixel."""
    texture = ctx.texture(size, 2, dtype="f4")
    texture.repeat_x = texture.repeat_y = False
    texture.filter = (ctx.NEAREST, ctx.NEAREST)
    return ctx.framebuffer([texture])


def _texture(target: Any) -> Any:
    return target.color_attachments[0]


def _release(target: Any) -> None:
    _texture(target).release()
    target.release()
