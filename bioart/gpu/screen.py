"""The last step before the eye: half-float light to 8 or 16 bit codes, and the way back to memory."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.assets import folder
from bioart.gpu import glsl, noise


class Screen:
    """Quantises pictures on a framebuffer of its own (never a window's, whose read-back leaves GL faults)."""

    def __init__(self, ctx: Any) -> None:
        self._ctx = ctx
        self._program = glsl.program(ctx, folder("shaders"), "develop/screen.frag")
        self._quad = glsl.full_screen(ctx, self._program)
        ranks = ((noise.ranks() + 0.5) / noise.ranks().size).astype(np.float32)
        self._noise = ctx.texture(ranks.shape, 1, ranks.tobytes(), dtype="f4")
        self._noise.filter = (ctx.NEAREST, ctx.NEAREST)
        self._codes: Any = None
        self._kind: tuple[int, int, int] = (0, 0, 0)

    def read(
        self, picture: Any, depth: int = 8, dither: bool = True, alpha: bool = False
    ) -> NDArray[np.uint8] | NDArray[np.uint16]:
        """A picture (RGBA16F texture, display light 0–1, premultiplied) as sRGB codes.

        depth: 8 or 16 bits. dither: blue noise below one level, unbiased, absent on true black and white;
        False for subpixels that a lens shares out. alpha: keep a fourth channel, colours not premultiplied.
        Returns (height, width, 3 or 4), top row first, C-contiguous.
        """
        width, height = picture.size
        self._codes_of(width, height, depth)
        self._codes.use()
        self._codes.viewport = (0, 0, width, height)
        self._draw(picture, height, depth, dither, alpha)
        channels = 4 if alpha else 3
        raw = self._codes.read(components=channels, alignment=1, dtype="nu2" if depth == 16 else "f1")
        kind: Any = np.uint16 if depth == 16 else np.uint8
        return np.frombuffer(raw, kind).reshape(height, width, channels)

    def show(self, picture: Any, framebuffer: Any, dither: bool = True) -> None:
        """The picture as 8-bit codes into a framebuffer of its size, bottom row first: a window's."""
        framebuffer.use()
        framebuffer.viewport = (0, 0, *picture.size)
        self._draw(picture, 0, 8, dither, False)

    def _draw(self, picture: Any, rows: int, depth: int, dither: bool, alpha: bool) -> None:
        self._ctx.disable(self._ctx.BLEND)
        picture.use(0)
        self._noise.use(1)
        glsl.put(
            self._program,
            picture=0,
            noise=1,
            levels=float((1 << depth) - 1),
            dither=float(dither),
            rows=rows,
            straight=alpha,
        )
        self._quad.render(vertices=3)

    def _codes_of(self, width: int, height: int, depth: int) -> None:
        if self._kind == (width, height, depth):
            return
        texture = self._ctx.texture((width, height), 4, dtype="nu2" if depth == 16 else "f1")
        codes = self._ctx.framebuffer([texture])  # before the old one goes: moderngl binds the last one again
        self._drop()
        self._codes, self._kind = codes, (width, height, depth)

    def _drop(self) -> None:
        if self._codes is not None:
            for texture in self._codes.color_attachments:
                texture.release()
            self._codes.release()
            self._codes = None

    def close(self) -> None:
        self._drop()
        for held in (self._quad, self._program, self._noise):
            held.release()
