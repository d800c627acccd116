"""Grains of light: a look's shader turns homes (`_homes`) into them once a frame, each view looks at them.

A feed is a vertex shader with inputs `home` (m) and `number` and outputs MADE; one of radius 0 is not there.
They are drawn by `shaders/forms/`: dots, whose `along` is the normal of the skin they lie on, and streaks,
whose `along` is half of their length.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bioart.assets import folder
from bioart.gpu import glsl
from bioart.looks import _lighting

if TYPE_CHECKING:
    from bioart.forms import Grid
    from bioart.gpu.upload import Run, Scene

F32 = NDArray[np.float32]
MADE = ("at", "along", "radius", "light")
GRAIN = "3f 3f 1f 3f/i"
GRAIN_BYTES = 40
HOME = "3f 1f"


class Grains:
    """fed: the grains of each feed, as MADE."""

    def __init__(self, ctx: Any, **feeds: str) -> None:
        """feeds: for each kind of grains the path of its vertex shader under `shaders/`."""
        self.ctx = ctx
        root = folder("shaders")
        self._feeds = {name: glsl.feed(ctx, root, path, MADE) for name, path in feeds.items()}
        self._dots = glsl.program(ctx, root, "forms/dots.frag", "forms/dots.vert")
        self._streaks = glsl.program(ctx, root, "forms/streaks.frag", "forms/streaks.vert")
        # GL draws nothing, not even into a buffer, while no complete framebuffer is bound.
        self._anywhere = ctx.framebuffer([ctx.texture((1, 1), 4)])
        self._arrays: dict[tuple[str, str], tuple[Any, Any]] = {}
        self.fed: dict[str, Run] = {}

    def feed(
        self, scene: Scene, name: str, homes: F32, uniforms: Mapping[str, Any], textures: Mapping[str, Any]
    ) -> None:
        """homes: (n, 4)."""
        rows = scene.run(f"homes of {name}", HOME, homes)
        out = self.fed[name] = scene.room(f"grains of {name}", GRAIN, len(homes), GRAIN_BYTES)
        if len(homes):
            program = self._feeds[name]
            glsl.put(program, **uniforms)
            glsl.bind(program, textures)
            array = self._array(("feed", name), program, rows, ("home", "number"))
            self._anywhere.use()
            array.transform(out.buffer, self.ctx.POINTS, vertices=len(homes))

    def dots(self, name: str, uniforms: Mapping[str, Any], textures: Mapping[str, Any]) -> None:
        """Each a round spot. PROGRAM_POINT_SIZE is on meanwhile."""
        run = self.fed.get(name)
        if run is None or not run.count:
            return
        glsl.put(self._dots, **uniforms)
        glsl.bind(self._dots, textures)
        self.ctx.enable(self.ctx.PROGRAM_POINT_SIZE)
        each_vertex = replace(run, layout=run.layout.removesuffix("/i"))
        array = self._array(("dots", name), self._dots, each_vertex, MADE)
        array.render(self.ctx.POINTS, vertices=run.count)
        self.ctx.disable(self.ctx.PROGRAM_POINT_SIZE)

    def streaks(self, name: str, uniforms: Mapping[str, Any], textures: Mapping[str, Any]) -> None:
        """Each a short line that fades to its ends."""
        run = self.fed.get(name)
        if run is None or not run.count:
            return
        glsl.put(self._streaks, **uniforms)
        glsl.bind(self._streaks, textures)
        array = self._array(("streaks", name), self._streaks, run, MADE)
        array.render(self.ctx.TRIANGLE_STRIP, vertices=4, instances=run.count)

    def _array(self, key: tuple[str, str], program: Any, run: Run, names: tuple[str, ...]) -> Any:
        """The vertex array over a buffer; made anew only where the buffer was."""
        held = self._arrays.get(key)
        if held is None or held[0] is not run.buffer:
            if held is not None:
                held[1].release()
            made = self.ctx.vertex_array(program, [(run.buffer, run.layout, *names)])
            held = self._arrays[key] = (run.buffer, made)
        return held[1]

    def close(self) -> None:
        """Release every GL object."""
        for _, array in self._arrays.values():
            array.release()
        for texture in self._anywhere.color_attachments:
            texture.release()
        self._anywhere.release()
        for program in (*self._feeds.values(), self._dots, self._streaks):
            program.release()
        self._arrays.clear()
        self.fed = {}


def veiling(scene: Scene, body: Grid) -> tuple[Any, Grid]:
    """What stands before a light (`lib/veiled.glsl`): the solid fraction on cells four times as large, as a
    texture, and their grid. Empty where there is no body."""
    solid = scene.channel("solid")
    thin, grid = np.zeros((1, 1, 1), np.float32), body
    if solid is not None:
        thin, grid = _lighting.halved(solid.values), _lighting.halved_grid(solid.grid)
        thin, grid = _lighting.halved(thin), _lighting.halved_grid(grid)
    texture = scene.texture3d("veil", thin.shape, 1)
    texture.write(np.ascontiguousarray(thin))
    return texture, grid
