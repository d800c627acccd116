"""Pictures on the way to a view: kept by size, entered through framebuffers made once for each view."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from bioart.gpu.view import View


@dataclass(frozen=True)
class Doors:
    """Framebuffers over a view's own textures. over: radiance alone; edges: radiance, with what the body
    fills as its depth; cover: that, and the near limb's share of an edge; depth: depth alone."""

    over: Any
    edges: Any
    cover: Any
    depth: Any


class Targets:
    """Pictures on the way to a view: the body's first pass, its edges, and the air at its own resolution."""

    def __init__(self, ctx: Any, view: View, coarse: int) -> None:
        self.ctx = ctx
        size = (view.width, view.height)
        low = (max(1, math.ceil(size[0] / coarse)), max(1, math.ceil(size[1] / coarse)))
        entry, hits = (ctx.texture(size, 1, dtype="f4") for _ in range(2))
        air = [ctx.texture(low, 4, dtype="f2") for _ in range(4)]
        self.cover = ctx.texture(size, 1, dtype="f1")
        for texture in (entry, hits, *air, self.cover):
            texture.repeat_x = texture.repeat_y = False
        self._blocked = ctx.depth_texture(size)  # where there is a block, later what the body fills
        self.near = ctx.framebuffer([entry], self._blocked)
        self.hits = ctx.framebuffer([hits], self._blocked)
        self.marks = ctx.framebuffer(depth_attachment=self._blocked)
        self.air, self.even = ctx.framebuffer(air[:2]), ctx.framebuffer(air[2:])
        self._held = [entry, hits, *air, self.cover, self._blocked]
        self._doors: WeakKeyDictionary[View, Doors] = WeakKeyDictionary()

    def onto(self, view: View) -> Doors:
        """The ways into a view, made once for each."""
        doors = self._doors.get(view)
        if doors is None:
            doors = self._doors[view] = Doors(
                over=self.ctx.framebuffer([view.radiance]),
                edges=self.ctx.framebuffer([view.radiance], self._blocked),
                cover=self.ctx.framebuffer([view.radiance, self.cover], self._blocked),
                depth=self.ctx.framebuffer(depth_attachment=view.depth),
            )
        return doors

    def close(self) -> None:
        doors = [door for d in self._doors.values() for door in (d.over, d.edges, d.cover, d.depth)]
        for thing in (*doors, self.near, self.hits, self.marks, self.air, self.even, *self._held):
            thing.release()
        self._doors.clear()
