"""Hologram: points and lines of light in true black, for glass, gauze and fans, where black is transparent.

Nothing has a surface and nothing hides anything: light only adds, flesh and smog only dim what lies behind.
The skin is a cloud of grains, each with a home of its own (`_homes`); the network is drawn as fine lines, the
air as few grains that its flow takes along. Shaders turn homes into grains once a frame (transform feedback);
each view only looks at them. Every quality draws the same: what is thin is spread, never sampled. A grain of
the air lives 5 s, so loops of a multiple of that close. For true black set `develop.bloom` to 0.
Shaders: `shaders/looks/hologram*`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bioart.gpu.upload import NOWHERE
from bioart.looks import Look
from bioart.looks._emitters import LIGHTS, colours
from bioart.looks._grains import Grains, veiling
from bioart.looks._homes import crossing, dilated, homes, layered
from bioart.looks._shapes import Shapes
from bioart.looks._sight import sight
from bioart.param import Param
from bioart.spectrum import emitter_rgb

if TYPE_CHECKING:
    from bioart.camera import Camera
    from bioart.forms import Grid
    from bioart.gpu.upload import Scene
    from bioart.gpu.view import View

F32 = NDArray[np.float32]
SHAPE = ("solid", "tip", "network", "age")
MARKS = ("pattern", "matter")
AIR = ("spores", "spill", "flash", "smog")
VELOCITY = ("velocity_x", "velocity_y", "velocity_z")
FLASH = emitter_rgb(474.0, 35.0)  # dinoflagellates (Widder 1983)
LIFE = 5.0  # s, of a grain in the air
LINES = 1.1  # voxels between homes of veins
AIRY = 3.4  # times farther apart than on the skin are grains in the air


class Hologram(Look):
    """Grains and lines of light, nothing else."""

    grain = Param(0.045, 0.02, 0.5, "m", "how far apart the skin's grains are: fewer are larger", "log")
    breadth = Param(0.22, 0.05, 0.5, "", "radius of a grain, in its distance from the next")
    glow = Param(4.2, 0.0, 32.0, "", "light of the body's emitters")
    scan = Param(0.14, 0.0, 2.0, "", "cold light of skin that does not shine by itself")
    tips = Param(1.0, 0.0, 8.0, "", "how much brighter growing tips and patterns shine")
    veins = Param(0.45, 0.0, 8.0, "", "light of the network's lines")
    flesh = Param(
        9.0, 0.0, 40.0, "1/m", "what a metre of flesh takes of the light behind it, as optical depth"
    )
    smog = Param(0.25, 0.0, 8.0, "1/m", "what a metre of full smog takes of green light, as optical depth")
    depth = Param(0.6, 0.0, 1.5, "1/m", "how much brighter nearer light is, in e-folds to a metre")
    grains = Param(0.35, 0.0, 8.0, "", "light of smog, spores and spill, as grains in the air")
    drift = Param(2.5, 0.0, 10.0, "s", "how far the flow takes a grain of the air while it lives")
    flashes = Param(1.0, 0.0, 8.0, "", "sparks where the wind shears the air")
    sparks = Param(0.4, 0.0, 8.0, "", "light of spores and motes")
    threads = Param(1.2, 0.0, 8.0, "", "light of strands")
    words = Param(0.8, 0.0, 8.0, "", "light of words")

    def __init__(self, ctx: Any, quality: str = "live") -> None:
        self.ctx = ctx
        self.cloud = Grains(
            ctx,
            skin="looks/hologram_skin.vert",
            veins="looks/hologram_veins.vert",
            air="looks/hologram_air.vert",
        )
        self._shapes = Shapes(
            ctx,
            points=("forms/motes.frag", "forms/motes.vert"),
            curves="looks/hologram_curves.frag",
            text="forms/text.frag",
        )
        self._shared: tuple[dict[str, Any], dict[str, Any]] | None = None

    # -- once a frame ------------------------------------------------------------------------------------

    def prepare(self, scene: Scene, p: dict[str, float], t: float) -> None:
        body = scene.grid("solid", "network", *LIGHTS) or NOWHERE
        air = scene.grid(*AIR) or NOWHERE
        solid = scene.channel("solid")
        veil, veil_grid = veiling(scene, body)
        layer, apart = layered(p["grain"], body.cell)
        uniforms = {
            **p,
            "body_origin": body.origin,
            "body_size": body.size,
            "voxel": body.cell,
            "veil_origin": veil_grid.origin,
            "veil_size": veil_grid.size,
            "murky": (0.0, 0.0, 0.0, p["smog"]),
            "air_origin": air.origin,
            "air_size": air.size,
            "spectra": tuple(colours(scene.forms.volume.emitters).ravel().tolist()),
            "flash_colour": FLASH,
            "layer": layer,
            "spacing": p["grain"],
            "fine": 0.0035,
            "fastest": _full(scene, VELOCITY),
            "t": self.going(t, LIFE),
            "life": LIFE,
        }
        textures = {
            "shape": scene.pack(*SHAPE).texture,
            "lights": scene.pack(*LIGHTS).texture,
            "marks": scene.pack(*MARKS).texture,
            "air": scene.pack(*AIR).texture,
            "velocity": scene.pack(*VELOCITY).texture,
            "veil": veil,
        }
        self.cloud.fed.clear()
        if solid is not None:
            at = homes(crossing(solid.values), body, apart)
            self.cloud.feed(scene, "skin", at, uniforms, textures)
        network = scene.channel("network")
        if network is not None and p["veins"] > 0.0:
            at = homes(dilated(network.values > 0.2 * network.full, 1), network.grid, LINES * body.cell)
            self.cloud.feed(scene, "veins", at, uniforms, textures)
        if air is not NOWHERE:
            far = AIRY * p["grain"]
            at = homes(_anything(scene, air), air, far)
            self.cloud.feed(scene, "air", at, {**uniforms, "spacing": far}, textures)
        self._shared = uniforms, textures

    # -- once a view -------------------------------------------------------------------------------------

    def draw(self, scene: Scene, camera: Camera, view: View, p: dict[str, float], t: float) -> None:
        if self._shared is None:
            self.prepare(scene, p, t)
        assert self._shared is not None
        ctx, textures = self.ctx, self._shared[1]
        uniforms = {**self._shared[0], **sight(camera, view)}
        view.use()
        view.framebuffer.clear(depth=1.0)
        ctx.disable(ctx.DEPTH_TEST)
        ctx.enable(ctx.BLEND)
        ctx.blend_func = ctx.ONE, ctx.ONE
        self.cloud.dots("skin", uniforms, textures)
        self.cloud.streaks("veins", uniforms, textures)
        self.cloud.streaks("air", uniforms, textures)
        self._shapes.points(scene, uniforms, textures)
        self._shapes.curves(scene, uniforms, textures)
        ctx.blend_func = ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA  # words shade the light behind them
        self._shapes.text(scene, camera, uniforms, textures)
        # Light hides no light, so strands were added in any order; now they leave their depth.
        ctx.enable(ctx.DEPTH_TEST)
        ctx.depth_func = "<="
        ctx.blend_func = ctx.ZERO, ctx.ONE
        self._shapes.curves(scene, uniforms, textures)
        ctx.disable(ctx.DEPTH_TEST | ctx.BLEND)

    def close(self) -> None:
        self._shapes.close()
        self.cloud.close()
        self._shared = None


def _anything(scene: Scene, air: Grid) -> NDArray[np.bool_]:
    """Where the air holds anything that may be seen."""
    out = np.zeros(air.shape, bool)
    for name in AIR:
        channel = scene.channel(name)
        if channel is not None and channel.grid == air:
            out |= channel.values > 0.01 * channel.full
    return dilated(out, 1)


def _full(scene: Scene, names: tuple[str, ...]) -> tuple[float, ...]:
    return tuple(c.full if (c := scene.channel(name)) is not None else 0.0 for name in names)
