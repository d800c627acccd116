"""A view: what one camera sees. A picture: what a display composes. Never the window's framebuffer."""

from __future__ import annotations

from typing import Any

Box = tuple[int, int, int, int]  # x, y of the lower left corner, width, height, px


class View:
    """radiance: RGBA16F, linear, premultiplied. depth: 32-bit, GL clip depth 0–1. Both width × height px.

    `framebuffer` draws into both; set its viewport by `use()`.
    """

    def __init__(self, ctx: Any, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.radiance = ctx.texture((width, height), 4, dtype="f2")
        self.radiance.repeat_x = self.radiance.repeat_y = False
        self.depth = ctx.depth_texture((width, height))
        self.depth.compare_func = ""
        self.framebuffer = ctx.framebuffer([self.radiance], self.depth)

    def use(self) -> None:
        self.framebuffer.use()
        self.framebuffer.viewport = (0, 0, self.width, self.height)

    def close(self) -> None:
        self.framebuffer.release()
        self.radiance.release()
        self.depth.release()


class Picture:
    """texture: RGBA16F, display light 0–1, premultiplied; width × height px. `framebuffer` draws into it."""

    def __init__(self, ctx: Any, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.texture = ctx.texture((width, height), 4, dtype="f2")
        self.framebuffer = ctx.framebuffer([self.texture])

    def close(self) -> None:
        self.framebuffer.release()
        self.texture.release()
