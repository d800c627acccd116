"""Pictures on the way to a view: named RGBA16F textures for each size of view in use, kept and refilled."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bioart.gpu.view import View

SIZES = 3  # of views whose plates are kept
LEVELS = 5  # of a softened plate


class Plates:
    """For a view of any size, its plates."""

    def __init__(self, ctx: Any, **coarse: int) -> None:
        """coarse: for each name, how many of the view's pixels are one of the plate's, each way."""
        self._ctx, self._coarse = ctx, coarse
        self._sets: dict[tuple[int, int], Set] = {}

    def of(self, view: View) -> Set:
        """The plates for a view of this size; only the newest SIZES stay."""
        key = (view.width, view.height)
        made = self._sets.get(key)
        if made is None:
            made = self._sets[key] = Set(self._ctx, *key, self._coarse)
            while len(self._sets) > SIZES:
                self._sets.pop(next(iter(self._sets))).close()
        return made

    def close(self) -> None:
        """Release every GL object."""
        for made in self._sets.values():
            made.close()
        self._sets.clear()


class Set:
    """textures: by name, linear between pixels, their edge going on outside."""

    def __init__(self, ctx: Any, width: int, height: int, coarse: dict[str, int]) -> None:
        self._ctx = ctx
        self.textures: dict[str, Any] = {}
        for name, by in coarse.items():
            texture = ctx.texture((math.ceil(width / by), math.ceil(height / by)), 4, dtype="f2")
            texture.repeat_x = texture.repeat_y = False
            self.textures[name] = texture
        self._doors: dict[tuple[str, ...], Any] = {}

    def use(self, *names: str) -> Any:
        """Draw into these from now on: plates of one size, in the order of the shader's outputs. The
        framebuffer that does."""
        door = self._doors.get(names)
        if door is None:
            door = self._doors[names] = self._ctx.framebuffer([self.textures[n] for n in names])
        door.use()
        door.viewport = (0, 0, *door.size)
        return door

    def soften(self, *names: str) -> None:
        """Make smaller and smaller pictures of these too, for `textureLod`."""
        for name in names:
            texture = self.textures[name]
            texture.build_mipmaps(0, LEVELS)
            texture.filter = (self._ctx.LINEAR_MIPMAP_LINEAR, self._ctx.LINEAR)

    def close(self) -> None:
        for thing in (*self._doors.values(), *self.textures.values()):
            thing.release()
        self._doors.clear()
        self.textures.clear()
