"""Laying views into pictures and dimming pictures: the two passes that displays share."""

from __future__ import annotations

from typing import Any

from bioart.assets import folder
from bioart.gpu import glsl
from bioart.gpu.view import Box, Picture


class Lay:
    """A program that puts a texture into a box of a picture, and one that dims a whole picture in place."""

    def __init__(self, ctx: Any) -> None:
        self._ctx = ctx
        root = folder("shaders")
        self._copy = glsl.program(ctx, root, "displays/lay.frag", defined=("EXACT",))
        self._scale = glsl.program(ctx, root, "displays/lay.frag")
        self._dim = glsl.program(ctx, root, "displays/dim.frag")
        self._draws = {p: glsl.full_screen(ctx, p) for p in (self._copy, self._scale, self._dim)}
        self._smooth = ctx.sampler(repeat_x=False, repeat_y=False, filter=(ctx.LINEAR, ctx.LINEAR))

    def put(self, texture: Any, picture: Picture, box: Box) -> None:
        """The whole texture into the box: texel for texel where the sizes agree, smoothly where not."""
        self._ctx.disable(self._ctx.BLEND | self._ctx.DEPTH_TEST)
        texture.use(0)
        self._smooth.use(0)
        program = self._copy if texture.size == box[2:] else self._scale
        glsl.put(program, view=0, corner=box[:2], extent=box[2:])
        self._draw(program, picture, box)
        self._smooth.clear(0)

    def dim(self, picture: Picture, gain: float) -> None:
        """The picture's light times gain 0–1, in place; alpha stays."""
        if gain >= 1.0:
            return
        ctx = self._ctx
        ctx.disable(ctx.DEPTH_TEST)
        ctx.enable(ctx.BLEND)
        ctx.blend_func = ctx.ZERO, ctx.SRC_COLOR, ctx.ZERO, ctx.ONE
        glsl.put(self._dim, gain=max(gain, 0.0))
        self._draw(self._dim, picture, (0, 0, picture.width, picture.height))
        ctx.disable(ctx.BLEND)

    def close(self) -> None:
        for program, draw in self._draws.items():
            draw.release()
            program.release()
        self._smooth.release()

    def _draw(self, program: Any, picture: Picture, box: Box) -> None:
        picture.framebuffer.use()
        picture.framebuffer.viewport = box
        self._draws[program].render(vertices=3)
