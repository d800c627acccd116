"""Laying views into pictures and dimming pictures: the two passes that displays share."""

from __future__ import annotations

from typing import Any

from bioart.assets import folder
from bioart.gpu import glsl
from bioart.gpu.view import Picture

Box = tuple[int, int, int, int]  # x, y of the lower left corner, width, height, px


class Lay:
    """A program that puts a texture into a box of a picture, and one that dims a whole picture in place."""

    def __init__(self, ctx: Any) -> None:
        self._ctx = ctx
        self._lay = glsl.program(ctx, folder("shaders"), "displays/lay.frag")
        self._dim = glsl.program(ctx, folder("shaders"), "displays/dim.frag")
        self._laying, self._dimming = glsl.full_screen(ctx, self._lay), glsl.full_screen(ctx, self._dim)
        self._smooth = ctx.sampler(repeat_x=False, repeat_y=False, filter=(ctx.LINEAR, ctx.LINEAR))

    def put(self, texture: Any, picture: Picture, box: Box) -> None:
        """The whole texture into the box: texel for texel where the sizes agree, smoothly where not."""
        self._ctx.disable(self._ctx.BLEND | self._ctx.DEPTH_TEST)
        texture.use(0)
        self._smooth.use(0)
        glsl.put(self._lay, view=0, corner=box[:2], extent=box[2:])
        _draw(self._laying, picture, box)
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
        _draw(self._dimming, picture, (0, 0, picture.width, picture.height))
        ctx.disable(ctx.BLEND)

    def close(self) -> None:
        for held in (self._laying, self._dimming, self._lay, self._dim, self._smooth):
            held.release()


def _draw(quad: Any, picture: Picture, box: Box) -> None:
    picture.framebuffer.use()
    picture.framebuffer.viewport = box
    quad.render(vertices=3)
