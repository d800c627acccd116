"""One camera, one picture: a screen, a projector, a print."""

from __future__ import annotations

from typing import Any

from bioart.camera import Camera
from bioart.displays import Display, Shot
from bioart.errors import BioartError, shown
from bioart.gpu.lay import Lay
from bioart.gpu.view import Box, Picture

_WIDTH, _HEIGHT = 1280, 720


class Flat(Display):
    """The camera as the score has it, at the size asked for (1280×720 where none is)."""

    bears_words = True

    def __init__(self, ctx: Any, option: str = "") -> None:
        if option:
            raise BioartError(f"--display flat:{shown(option)[1:-1]}: flat takes no device; allowed: flat")
        self._lay = Lay(ctx)
        self._most = int(ctx.info["GL_MAX_TEXTURE_SIZE"])

    def picture(self, width: int | None, height: int | None) -> tuple[int, int]:
        """One side alone gives the other at 16:9."""
        if width is None:
            width = _WIDTH if height is None else max(1, round(height * _WIDTH / _HEIGHT))
        if height is None:
            height = max(1, round(width * _HEIGHT / _WIDTH))
        if not (0 < width <= self._most and 0 < height <= self._most):
            raise BioartError(
                f"--size {width}x{height}: allowed: 1x1 to {self._most}x{self._most} on this machine"
            )
        return width, height

    def shots(self, camera: Camera, width: int, height: int) -> tuple[Shot, ...]:
        return (Shot(camera.shaped(width / height), width, height),)

    def box(self, index: int, picture: Picture) -> Box:
        return 0, 0, picture.width, picture.height

    def place(self, index: int, view: Any, picture: Picture) -> None:
        self._lay.put(view, picture, self.box(index, picture))

    def finish(self, gain: float, picture: Picture) -> None:
        self._lay.dim(picture, gain)

    def close(self) -> None:
        self._lay.close()
