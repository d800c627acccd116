"""Points and curves, flat: nothing between a form and its pixel. For measuring and for finding one's way."""

from typing import Any

from bioart.assets import folder
from bioart.camera import Camera
from bioart.gpu import glsl
from bioart.gpu.upload import Run, Scene
from bioart.gpu.view import View
from bioart.looks import Look
from bioart.param import Param


class Plain(Look):
    """Motes as soft spots, strands as ribbons, in their tint times their glow. Draws no volume, no text."""

    light = Param(1.0, 0.0, 16.0, "", "how brightly tints and glows are shown")

    def __init__(self, ctx: Any, quality: str = "live") -> None:
        self._ctx = ctx
        shaders = folder("shaders")
        self._point, self._curve = (
            glsl.program(ctx, shaders, f"looks/plain-{form}.frag", f"looks/plain-{form}.vert")
            for form in ("point", "curve")
        )

    def draw(self, scene: Scene, camera: Camera, view: View, p: dict[str, float], t: float) -> None:
        ctx = self._ctx
        view.use()
        view.framebuffer.clear(0.0, 0.0, 0.0, 0.0, depth=1.0)
        ctx.enable(ctx.BLEND | ctx.DEPTH_TEST)
        to_clip = tuple((camera.projection() @ camera.view()).T.ravel())
        ctx.blend_func = ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA
        glsl.put(self._curve, to_clip=to_clip, eye=tuple(camera.eye), light=p["light"])
        names = ("start", "end", "radii", "glows", "tint")
        self._draw(self._curve, scene.curves(), "12x 3f 3f 12x 2f 2f 3f/i", names)
        # Spots add their light in any order, before what the strands hide and without hiding each other.
        view.framebuffer.depth_mask = False
        ctx.blend_func = ctx.ONE, ctx.ONE, ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA
        glsl.put(self._point, to_clip=to_clip, right=camera.right, up=camera.up, light=p["light"])
        self._draw(self._point, scene.points(), "3f 1f 3f 1f/i", ("at", "radius", "tint", "glow"))
        view.framebuffer.depth_mask = True
        ctx.disable(ctx.BLEND | ctx.DEPTH_TEST)

    def _draw(self, program: Any, run: Run, layout: str, names: tuple[str, ...]) -> None:
        if run.count == 0:
            return
        array = self._ctx.vertex_array(program, [(run.buffer, layout, *names)])
        array.render(self._ctx.TRIANGLE_STRIP, vertices=4, instances=run.count)
        array.release()

    def close(self) -> None:
        self._point.release()
        self._curve.release()
