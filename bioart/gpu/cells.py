"""Pictures' light on a coarse grid of cells, read back: a few kilobytes where a picture has megabytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.gpu import glsl
from bioart.gpu.view import Box

SHEET = 16  # pictures whose cells share a texture


class Cells:
    """Averages textures to rows × columns cells. `put` each, then `read` all at once: whoever reads waits
    until all is drawn, and a display may have dozens of views."""

    def __init__(self, ctx: Any, shaders: Path, rows: int, columns: int) -> None:
        self._program = glsl.program(ctx, shaders, "develop/cells.frag")
        self._draw = glsl.full_screen(ctx, self._program)
        self._ctx = ctx
        self._shape = (rows, columns)
        self._sheets: list[Any] = []  # framebuffers of SHEET pictures' cells each, one above the other
        glsl.put(self._program, picture=0, cells=(columns, rows))

    def put(self, index: int, picture: Any, box: Box | None = None) -> None:
        """Take a texture's cells, or those of a box in it, as those of a picture of this number."""
        rows, columns = self._shape
        sheet, place = divmod(index, SHEET)
        while sheet >= len(self._sheets):
            made = self._ctx.texture((columns, SHEET * rows), 4, dtype="f4")
            self._sheets.append(self._ctx.framebuffer([made]))
        self._sheets[sheet].use()
        self._sheets[sheet].viewport = (0, place * rows, columns, rows)
        glsl.put(self._program, first=place * rows, box=box or (0, 0, *picture.size))
        picture.use(0)
        self._draw.render(vertices=3)

    def read(self, count: int) -> NDArray[np.float32]:
        """(count, rows, columns, 4) float32 of the first pictures, bottom row first: means of R, G, B and
        saturated red."""
        drawn = self._sheets[: -(-count // SHEET)]
        flat = [np.frombuffer(sheet.color_attachments[0].read(), np.float32) for sheet in drawn]
        return np.concatenate(flat).reshape(-1, *self._shape, 4)[:count]

    def close(self) -> None:
        for sheet in self._sheets:
            sheet.color_attachments[0].release()
            sheet.release()
        self._sheets.clear()
        self._draw.release()
        self._program.release()
