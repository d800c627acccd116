"""A picture's light on a coarse grid of cells, read back: a few kilobytes where the picture has megabytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.gpu import glsl


class Cells:
    """Averages textures to rows × columns cells."""

    def __init__(self, ctx: Any, shaders: Path, rows: int, columns: int) -> None:
        self._program = glsl.program(ctx, shaders, "develop/cells.frag")
        self._draw = glsl.full_screen(ctx, self._program)
        self._texture = ctx.texture((columns, rows), 4, dtype="f4")
        self._framebuffer = ctx.framebuffer([self._texture])
        self._shape = (rows, columns)
        glsl.put(self._program, picture=0, cells=(columns, rows))

    def read(self, picture: Any) -> NDArray[np.float32]:
        """(rows, columns, 4) float32, bottom row first: means of a texture's R, G, B and saturated red."""
        rows, columns = self._shape
        self._framebuffer.use()
        self._framebuffer.viewport = (0, 0, columns, rows)
        picture.use(0)
        self._draw.render(vertices=3)
        flat = np.frombuffer(self._texture.read(), np.float32)
        return flat.reshape(rows, columns, 4)

    def close(self) -> None:
        for held in (self._draw, self._framebuffer, self._texture, self._program):
            held.release()
