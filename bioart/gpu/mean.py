"""The mean of drawings: linear radiance added up in whole floats, before anything is developed."""

from __future__ import annotations

from typing import Any

from bioart.assets import folder
from bioart.gpu import glsl


class Mean:
    """Sums of views, each of its own size: RGBA32F, linear, premultiplied; 16 B a pixel."""

    def __init__(self, ctx: Any) -> None:
        self._ctx = ctx
        self._program = glsl.program(ctx, folder("shaders"), "develop/sum.frag")
        self._quad = glsl.full_screen(ctx, self._program)
        self._sums: dict[int, Any] = {}

    def clear(self, index: int, size: tuple[int, int]) -> None:
        """Begin the sum of a view anew. size: px."""
        held = self._sums.get(index)
        if held is None or held.size != size:
            made = self._ctx.framebuffer([self._ctx.texture(size, 4, dtype="f4")])
            self._release(index)  # after the new one is bound: a bound one must not be the last
            self._sums[index] = held = made
        held.clear()

    def add(self, index: int, radiance: Any, share: float) -> None:
        """Add a drawing (texture of the sum's size). share: of the mean, all of one view's sum to 1."""
        ctx, held = self._ctx, self._sums[index]
        ctx.disable(ctx.DEPTH_TEST)
        ctx.enable(ctx.BLEND)
        ctx.blend_func = ctx.ONE, ctx.ONE
        radiance.use(0)
        glsl.put(self._program, radiance=0, share=share)
        held.use()
        held.viewport = (0, 0, *held.size)
        self._quad.render(vertices=3)
        ctx.disable(ctx.BLEND)

    def of(self, index: int) -> Any:
        """The sum of a view, a texture; lent until it begins anew."""
        return self._sums[index].color_attachments[0]

    def _release(self, index: int) -> None:
        held = self._sums.pop(index, None)
        if held is not None:
            for texture in held.color_attachments:
                texture.release()
            held.release()

    def close(self) -> None:
        """Release every GL object."""
        for index in list(self._sums):
            self._release(index)
        self._quad.release()
        self._program.release()
