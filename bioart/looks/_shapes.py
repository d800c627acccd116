"""Points, Curves and Text as instances: the vertex shaders of `shaders/forms/`, each look's own fragments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from bioart.assets import folder
from bioart.gpu import glsl

if TYPE_CHECKING:
    from bioart.camera import Camera
    from bioart.gpu.upload import Run, Scene

PIECES = 4  # straight pieces to a stretch of a strand
ATTRIBUTES = {
    "points": ("where", "radius", "tint", "shines"),
    "curves": ("a", "b", "c", "d", "radii", "glows", "tint"),
    "text": ("where", "across", "above", "tint", "rectangle", "front"),
}


class Shapes:
    """One program for each kind of form that is geometry, and the arrays that feed them."""

    def __init__(self, ctx: Any, **fragments: str | tuple[str, str]) -> None:
        """fragments: for each of points, curves, text that the look draws, the path of its fragment shader
        under `shaders/`, or of that and of a vertex shader of its own."""
        self.ctx = ctx
        root = folder("shaders")
        self.programs = {}
        for name, paths in fragments.items():
            fragment, vertex = (paths, f"forms/{name}.vert") if isinstance(paths, str) else paths
            self.programs[name] = glsl.program(ctx, root, fragment, vertex)
        self._arrays: dict[str, tuple[Any, Any]] = {}

    def points(self, scene: Scene, uniforms: Mapping[str, Any], textures: Mapping[str, Any]) -> None:
        """Every mote, a square each."""
        self._draw("points", scene.points(), 4, uniforms, textures)

    def curves(self, scene: Scene, uniforms: Mapping[str, Any], textures: Mapping[str, Any]) -> None:
        """Every stretch of a strand, a ribbon each."""
        more = {**uniforms, "pieces": PIECES}
        self._draw("curves", scene.curves(), 2 * (PIECES + 1), more, textures)

    def text(
        self, scene: Scene, camera: Camera, uniforms: Mapping[str, Any], textures: Mapping[str, Any]
    ) -> None:
        """Every row of words as a camera has them, a rectangle each."""
        run = scene.texts(camera)
        if run.count:
            self._draw("text", run, 4, uniforms, {**textures, "letters": scene.letters})

    def _draw(
        self, name: str, run: Run, vertices: int, uniforms: Mapping[str, Any], textures: Mapping[str, Any]
    ) -> None:
        if not run.count:
            return
        program = self.programs[name]
        glsl.put(program, **uniforms)
        glsl.bind(program, textures)
        array = self._array(name, program, run)
        array.render(self.ctx.TRIANGLE_STRIP, vertices=vertices, instances=run.count)

    def _array(self, name: str, program: Any, run: Run) -> Any:
        """The vertex array over a buffer; made anew only where the buffer was."""
        held = self._arrays.get(name)
        if held is None or held[0] is not run.buffer:
            if held is not None:
                held[1].release()
            made = self.ctx.vertex_array(program, [(run.buffer, run.layout, *ATTRIBUTES[name])])
            held = self._arrays[name] = (run.buffer, made)
        return held[1]

    def close(self) -> None:
        """Release every GL object."""
        for _, array in self._arrays.values():
            array.release()
        for program in self.programs.values():
            program.release()
        self._arrays.clear()
