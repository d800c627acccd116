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

APART = 0.01  # of parallax, of the way to the focal plane: less between what two views see is one surface
ALL = 15.0  # whatever two views see, they see the same (carry.frag: not what one of them lacks)
BLOCK = (16, 8)  # px of a block: width, height


def in_a_row(cameras: Sequence[Camera]) -> bool:
    """Whether cameras differ in their shift aside alone: one row of pixels sees what the others' does."""
    return all(replace(c, tangent=0.0) == replace(cameras[0], tangent=0.0) for c in cameras)


@dataclass(frozen=True)
class _Key:
    """A view that was drawn; framebuffers of how its pixels move, and between what bounds those of a block do
    and those that may come into it."""

    view: View
    moves: Any
    own: Any
    bounds: Any

    def close(self) -> None:
        for target in (self.moves, self.own, self.bounds):
            _release(target)
        self.view.close()


class Between:
    """Two drawn views of one size, and the views between them."""

    def __init__(self, ctx: Any, width: int, height: int, opaque: bool) -> None:
        """width, height: px of every view. opaque: whether the nearer hides what is behind it; else depth
        is but where light is on the mean, and both show."""
        self._ctx = ctx
        root, block = folder("shaders"), f"BLOCK ivec2({BLOCK[0]}, {BLOCK[1]})"
        self._parallax, self._range, self._reach, self._carry = programs = [
            glsl.program(ctx, root, f"between/{name}.frag", defined=(block,))
            for name in ("parallax", "range", "reach", "carry")
        ]
        self._draws = {program: glsl.full_screen(ctx, program) for program in programs}
        self._keys = [_key(ctx, width, height) for _ in range(2)]
        self._apart = APART if opaque else ALL
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

    def drawn(self) -> None:
        """The picture is there: how it moves."""
        key, camera = self._keys[1], self._cameras[1]
        assert camera is not None
        self._ctx.disable(self._ctx.BLEND | self._ctx.DEPTH_TEST)
        glsl.put(
            self._parallax,
            focus=camera.distance,
            reach=(camera.near, camera.far),
            apart=self._apart * _depth_of_parallax(camera),
        )
        self._fill(self._parallax, key.moves, {"depth": key.view.depth})
        self._fill(self._range, key.own, {"found": _texture(key.moves)})
        away = self._away(camera)[0]
        least, greatest = (1.0 - camera.distance / end for end in (camera.near, camera.far))
        aside = math.ceil(abs(away) * max(-least, greatest) / BLOCK[0]) + 1
        glsl.put(self._reach, away=abs(away), aside=aside)
        for key in self._keys:
            self._fill(self._reach, key.bounds, {"found": _texture(key.own)})

    def carry(self, camera: Camera, view: View) -> None:
        """What a camera between the two sees, into a view: radiance and depth."""
        sides = sorted(zip(self._away(camera), self._keys, strict=True), key=lambda side: abs(side[0]))
        (near, _), (far, _) = sides
        ctx = self._ctx
        ctx.disable(ctx.BLEND)
        ctx.enable(ctx.DEPTH_TEST)
        ctx.depth_func = "1"
        glsl.put(
            self._carry,
            away=(near, far),
            focus=camera.distance,
            reach=(camera.near, camera.far),
            share=abs(near) / max(abs(near) + abs(far), 1e-9),
            apart=self._apart,
        )
        textures: dict[str, Any] = {}
        for name, (_, key) in zip(("near", "far"), sides, strict=True):
            textures |= {f"{name}_light": key.view.radiance, f"{name}_moves": _texture(key.moves)}
            textures |= {f"{name}_range": _texture(key.bounds)}
        view.use()
        self._render(self._carry, textures)
        ctx.depth_func = "<"
        ctx.disable(ctx.DEPTH_TEST)

    def copy(self, view: View, right: bool = False) -> None:
        """What the left, or the right, of the two saw, into a view: radiance and depth."""
        self._ctx.copy_framebuffer(view.framebuffer, self._keys[right].view.framebuffer)

    def _away(self, camera: Camera) -> list[float]:
        """px that a parallax of 1 is moved by from the left, and from the right, to a camera."""
        scale = self.size[0] / (2.0 * camera.aspect * math.tan(camera.fov / 2))
        return [scale * (camera.tangent - (c or camera).tangent) for c in self._cameras]

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
        for program, draw in self._draws.items():
            draw.release()
            program.release()


def _depth_of_parallax(camera: Camera) -> float:
    """GL depth, 0–1, of a parallax of 1, about the focal plane."""
    return camera.far * camera.near / ((camera.far - camera.near) * camera.distance)


def _key(ctx: Any, width: int, height: int) -> _Key:
    moves = _target(ctx, (math.ceil(width / 4), height), 4)
    own, bounds = (_target(ctx, _in_blocks(width, height), 2) for _ in range(2))
    return _Key(View(ctx, width, height), moves, own, bounds)


def _in_blocks(width: int, height: int) -> tuple[int, int]:
    return math.ceil(width / BLOCK[0]), math.ceil(height / BLOCK[1])


def _target(ctx: Any, size: tuple[int, int], floats: int) -> Any:
    """A framebuffer of so many floats a texel."""
    texture = ctx.texture(size, floats, dtype="f4")
    texture.repeat_x = texture.repeat_y = False
    texture.filter = (ctx.NEAREST, ctx.NEAREST)
    return ctx.framebuffer([texture])


def _texture(target: Any) -> Any:
    return target.color_attachments[0]


def _release(target: Any) -> None:
    _texture(target).release()
    target.release()
