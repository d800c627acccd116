"""Specimen: the body as lit, translucent flesh in dark air, its glow in the smog around it.

What all views share is worked out once a frame (`prepare`); each view then marches the body at full
resolution, casts more rays where it has edges, draws strands and words, and lays the air over it, marched at
a lower resolution. Shaders: `shaders/looks/specimen*.frag`, `shaders/forms/`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bioart.assets import folder
from bioart.forms import Grid
from bioart.gpu import crew, glsl
from bioart.gpu.upload import NOWHERE
from bioart.looks import Look, _lighting
from bioart.looks._air import CHANNELS, Air
from bioart.looks._emitters import LIGHTS, colours
from bioart.looks._shapes import Shapes
from bioart.looks._sight import Box, footprint, sight
from bioart.looks._targets import Targets
from bioart.param import Param

if TYPE_CHECKING:
    from bioart.camera import Camera
    from bioart.gpu.upload import Run, Scene
    from bioart.gpu.view import View

F32 = NDArray[np.float32]
SRC1_COLOR, SRC1_ALPHA = 0x88F9, 0x8589  # OpenGL 3.3, dual-source blending
SHAPE = ("solid", "tip", "network", "age")
PACKS = {"shape": SHAPE, "solid": ("solid",), "lights": LIGHTS}


@dataclass(frozen=True)
class Effort:
    """What a quality spends. march: times the samples per voxel; under: samples below the skin; rays: to an
    edge's pixel; air: samples along a ray through the air; coarse: view pixels to one of the air's; defined:
    for the edges' shader."""

    march: float
    under: int
    rays: int
    air: int
    coarse: int
    defined: tuple[str, ...] = ()


EFFORT = {
    "draft": Effort(0.6, 3, 1, 14, 5),
    "live": Effort(1.0, 5, 3, 16, 3),
    "final": Effort(1.6, 9, 8, 48, 2, ("EACH",)),
}


class Specimen(Look):
    """The sculpture as a living specimen in a dark tank."""

    layered = True

    marching = Param(1.0, 0.3, 4.0, "1/voxel", "samples along a ray where the body is near", "log")
    detail = Param(0.022, 0.0, 0.08, "m", "how far polyps and ridges rise from the body")
    grain = Param(0.085, 0.02, 0.5, "m", "spacing of the polyps", "log")
    cups = Param(1.0, 0.0, 1.0, "", "how far the skin stands in polyps: 0 leaves it smooth as glaze")
    translucency = Param(0.18, 0.02, 2.0, "m", "how deep red light goes into the flesh", "log")
    sheen = Param(0.35, 0.0, 2.0, "", "wet gloss of the skin")
    glow = Param(3.0, 0.0, 8.0, "", "strength of the body's own light")
    veins = Param(1.0, 0.0, 8.0, "", "light of the network's filaments")
    tips = Param(1.0, 0.0, 8.0, "", "how much brighter the growing tips shine")
    key = Param(0.9, 0.0, 10.0, "", "strength of the light from above and behind")
    warmth = Param(4600.0, 1800.0, 12000.0, "K", "colour temperature of that light", "log")
    key_turn = Param(205.0, 0.0, 360.0, "°", "where it stands, about the vertical from +z towards +x")
    key_height = Param(52.0, 5.0, 90.0, "°", "how high it stands")
    rim = Param(
        0.0, 0.0, 10.0, "", "strength of a second lamp, which shades flesh and smog as the key light does"
    )
    rim_warmth = Param(7500.0, 1800.0, 12000.0, "K", "colour temperature of that lamp", "log")
    rim_turn = Param(70.0, 0.0, 360.0, "°", "where it stands, about the vertical from +z towards +x")
    rim_height = Param(15.0, 5.0, 90.0, "°", "how high it stands")
    fill = Param(0.10, 0.0, 2.0, "", "cool light from the whole sky")
    smog = Param(1.1, 0.0, 8.0, "1/m", "what a metre of full smog takes of green light, as optical depth")
    wisps = Param(1.0, 0.0, 1.0, "", "how far smog is torn into wisps: 0 as even as its grid has it")
    haze = Param(0.02, 0.0, 0.3, "1/m", "blue haze that even clean air has")
    fluence = Param(1.0, 0.0, 8.0, "", "how much the body's glow lights the air: 1 as it would")
    again = Param(1.0, 0.0, 4.0, "", "light that smog scatters more than once: 1 about as it would")
    reflection = Param(1.3, 0.0, 2.0, "", "the wet ground's mirror")
    flashes = Param(1.0, 0.0, 8.0, "", "light of the air itself where the wind shears it")
    sparks = Param(0.6, 0.0, 8.0, "", "light of spores and motes")
    blur = Param(0.006, 0.0, 0.05, "", "disc of a mote off the focal plane, in picture heights")
    threads = Param(1.0, 0.0, 8.0, "", "light of strands")
    words = Param(1.0, 0.0, 8.0, "", "light of words")

    def __init__(self, ctx: Any, quality: str = "live") -> None:
        self.ctx = ctx
        self.effort = EFFORT[quality]
        root = folder("shaders")
        self.near = glsl.program(ctx, root, "looks/specimen_near.frag", "looks/specimen_near.vert")
        found = "looks/specimen.vert"  # draws where the depth test finds something
        self.march = glsl.program(ctx, root, "looks/specimen_march.frag", found)
        self.depth = glsl.program(ctx, root, "looks/specimen_depth.frag")
        more = self.effort.defined
        self.bodies, self.edges = {}, {}  # by whether a second lamp shines
        self.air_passes = {}  # by that, and whether the air flashes
        for lit in (False, True):
            rim = ("RIM",) * lit
            self.bodies[lit] = glsl.program(ctx, root, "looks/specimen.frag", defined=rim)
            self.edges[lit] = glsl.program(ctx, root, "looks/specimen_edge.frag", found, (*more, *rim))
            for flashing in (False, True):
                defined = (*rim, *("FLASH",) * flashing)
                self.air_passes[lit, flashing] = glsl.program(
                    ctx, root, "looks/specimen_air.frag", defined=defined
                )
        self.even = glsl.program(ctx, root, "looks/specimen_even.frag")
        self.join, self.join_edge = (
            glsl.program(ctx, root, "looks/specimen_join.frag", found, defined) for defined in ((), ("EDGE",))
        )
        self.shapes = Shapes(ctx, **{name: f"forms/{name}.frag" for name in ("points", "curves", "text")})
        lit_ones = (*self.bodies.values(), *self.edges.values(), *self.air_passes.values())
        screens = (self.march, self.depth, *lit_ones, self.even, self.join, self.join_edge)
        self._screens = {p: glsl.full_screen(ctx, p) for p in screens}
        self.air = Air(ctx)
        matter, polyps = _lighting.matter()
        self._matter, self._polyps = self._tile(matter), self._tile(polyps)
        # what a ray reads at every step, alone: one component is read in a third of the time of four
        self._layers = {name: self._tile(h, "f4") for name, h in _lighting.layers().items()}
        self._blocks_array: tuple[Any, Any] | None = None
        self._targets: dict[tuple[int, int], Targets] = {}
        self._baked: _Baked | None = None

    def _tile(self, values: NDArray[Any], dtype: str = "f2") -> Any:
        texture = self.ctx.texture3d(values.shape[:3], values.shape[3], values, dtype=dtype)
        texture.filter = (self.ctx.LINEAR, self.ctx.LINEAR)
        return texture

    # -- once a frame ------------------------------------------------------------------------------------

    def prepare(self, scene: Scene, p: dict[str, float], t: float) -> None:
        lamps = [_lighting.towards(p["key_turn"], p["key_height"])]
        if p["rim"] > 0.0:
            lamps.append(_lighting.towards(p["rim_turn"], p["rim_height"]))
        body = scene.grid(*SHAPE, *LIGHTS) or NOWHERE
        solid = scene.values("solid", body)
        half = _lighting.halved_grid(body)
        spectra = colours(scene.forms.volume.emitters, white=0.03)
        thin = _lighting.halved(solid)
        glow = self._glow(scene, body, half, spectra)
        send = self._send(scene)
        air = scene.grid(*CHANNELS) or _around(body)
        in_air, spread, free, opened, blocks, *shades = crew.together(
            lambda: self.air.worked(scene, air, p, lamps, (glow, half), (thin, half)),
            lambda: _lighting.spread(glow, 1.2, 7, crew.each),
            lambda: _lighting.free_way(solid, body.cell),
            lambda: _lighting.openness(thin),
            lambda: self._blocks(solid, body),
            *(partial(_lighting.depth_towards, thin, half.cell, lamp) for lamp in lamps),
            first=lambda: [scene.pack(*names) for names in PACKS.values()],
        )
        self.air.prepare(in_air, air, p, lamps, self.swaying(t), send)
        inner = np.concatenate([spread, opened[..., None]], axis=-1)
        self._baked = _Baked(
            body,
            spectra,
            **{name: scene.pack(*names).texture for name, names in PACKS.items()},
            blocks=scene.run("specimen", "3f/i", blocks),
            empty=send("empty", free[..., None], self.ctx.NEAREST),
            inner=send("inner", inner),
            shade=send("shade", np.stack([shades[0], thin, *shades[1:]], axis=-1)),
            made=send("made", _made(scene, body)[..., None]),
            mirror=send("mirror", self._mirror(spread, opened, shades, thin, p)),
        )

    def _mirror(self, spread: F32, opened: F32, shades: list[F32], thin: F32, p: dict[str, float]) -> F32:
        """What wet ground mirrors, (x, y, z, 4): the light of the skin thereabouts, and how much flesh there
        is. Both are even over three cells, and the light over five: buried flesh has its skin's."""
        light = spread * np.float32(0.7 * p["glow"])
        for shade, lamp, warmth in zip(shades, ("key", "rim"), ("warmth", "rim_warmth"), strict=False):
            lit = np.exp(np.float32(-9.0) * shade) * np.float32(0.25 * p[lamp])
            light += lit[..., None] * np.array(_lighting.kelvin(p[warmth]), np.float32)
        skin = thin * opened + np.float32(1e-4)
        out = np.empty((*thin.shape, 4), np.float32)
        weight = ndimage.uniform_filter(skin, 5)

        def one(i: int) -> None:
            if i == 3:
                out[..., 3] = ndimage.uniform_filter(thin, 3, mode="constant")
            else:
                out[..., i] = ndimage.uniform_filter(light[..., i] * skin, 5) / weight

        crew.each(one, range(4))
        return out

    def _blocks(self, solid: F32, body: Grid) -> F32:
        """(n, 3): least corners of the blocks that hold the skin, m."""
        return np.asarray(_lighting.shell(solid) * (4 * body.cell) + np.array(body.origin), np.float32)

    def _send(self, scene: Scene) -> Any:
        def send(name: str, values: F32, between: int = self.ctx.LINEAR) -> Any:
            texture = scene.texture3d(("specimen", name), values.shape[:3], values.shape[3])
            texture.filter = (between, between)
            texture.write(np.ascontiguousarray(values, np.float32))
            return texture

        return send

    def _glow(self, scene: Scene, body: Grid, half: Grid, spectra: F32) -> F32:
        """What the body sends out, (x, y, z, 3) on the half grid. Where emitters overlap the stronger one
        takes more than its share, as their plain mix would be grey."""
        there = [
            (name, colour)
            for name, colour in zip(LIGHTS, spectra, strict=True)
            if colour.any() and scene.channel(name) is not None
        ]
        lights = crew.each(lambda one: _lighting.halved(scene.values(one[0], body)), there)
        out = np.zeros((*half.shape, 3), np.float32)

        def mixed(part: slice) -> None:
            found = [light[part] for light in lights]
            total = sum(found)
            square = sum(light * light for light in found)
            gain = total / np.maximum(square, 1e-9)
            for light, (_, colour) in zip(found, there, strict=True):
                out[part] += (light * light * gain)[..., None] * colour

        if lights:
            crew.each(mixed, crew.slabs(half.shape[0]))
        return out

    # -- once a view -------------------------------------------------------------------------------------

    def surfaces(self, scene: Scene, camera: Camera, view: View, p: dict[str, float], t: float) -> None:
        b, ctx, made = self._ready(scene, p, t), self.ctx, self._made(view)
        common = self._common(b, camera, view, p, t)

        grown = np.array([b.body.cell] * 3)  # what a block reaches beyond the body
        around = tuple(np.array(b.body.origin) - grown), tuple(np.array(b.body.size) + 2 * grown)
        edged = self._skin(scene, b, view, made, common, footprint(camera, view.width, view.height, *around))

        self._strands(scene, b, view, common, "<=")

        ctx.disable(ctx.DEPTH_TEST | ctx.BLEND)
        made.air.use()
        self._full(self.air_passes[p["rim"] > 0.0, self.air.flashing], b, made, common, depth=view.depth)
        made.even.use()
        self._full(self.even, b, made, common)

        doors = made.onto(view)  # to the view without its depth, which is read here
        ctx.enable(ctx.BLEND)
        ctx.blend_func = ctx.ONE, SRC1_COLOR, ctx.ONE, SRC1_ALPHA
        if edged:
            ctx.enable(ctx.DEPTH_TEST)
            doors.edges.use()
            doors.edges.depth_mask = False
            for program, ctx.depth_func in ((self.join, ">"), (self.join_edge, "<")):
                self._full(program, b, made, common, depth=view.depth)
        else:
            doors.over.use()
            self._full(self.join, b, made, common, depth=view.depth)
        ctx.disable(ctx.BLEND)
        ctx.enable(ctx.DEPTH_TEST)
        ctx.depth_func = "<="
        doors.depth.scissor = None
        doors.depth.use()
        self.shapes.curves(scene, common, self._textures(b))  # their depth, for what comes later
        ctx.disable(ctx.DEPTH_TEST)

    def over(self, scene: Scene, camera: Camera, view: View, p: dict[str, float], t: float) -> None:
        b, ctx = self._ready(scene, p, t), self.ctx
        common = self._common(b, camera, view, p, t)
        view.use()
        ctx.depth_func = "<="
        ctx.enable(ctx.DEPTH_TEST | ctx.BLEND)
        view.framebuffer.depth_mask = False
        ctx.blend_func = ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA
        self.shapes.points(scene, common, self._textures(b))
        self.shapes.text(scene, camera, common, self._textures(b))
        view.framebuffer.depth_mask = True
        ctx.disable(ctx.DEPTH_TEST | ctx.BLEND)

    def _ready(self, scene: Scene, p: dict[str, float], t: float) -> _Baked:
        if self._baked is None:
            self.prepare(scene, p, t)
        assert self._baked is not None
        return self._baked

    def _skin(
        self, scene: Scene, b: _Baked, view: View, made: Targets, common: dict[str, Any], seen: Box
    ) -> bool:
        """The body into the view: nearest blocks, then rays from there, then light where one met it, then
        more rays where it has an edge. Each pass visits only what the depth test of the one before left.

        seen: the part of the view that it may be in. Whether it has edges: pixels of which it fills a part,
        and through which strands behind it show."""
        ctx = self.ctx
        ctx.disable(ctx.BLEND)
        ctx.enable(ctx.DEPTH_TEST)
        doors = made.onto(view)
        inside = (made.near, made.hits, made.marks, doors.depth, doors.edges, doors.cover)
        for framebuffer in inside:
            framebuffer.scissor = None
        made.near.use()
        made.near.clear(depth=1.0)
        made.hits.use()
        made.hits.clear()
        view.use()
        view.framebuffer.clear(depth=1.0)
        if not b.blocks.count:
            return False
        for framebuffer in inside:  # nothing of the body is seen elsewhere
            framebuffer.scissor = seen

        made.near.use()
        eye = np.array(common["eye"]) - np.array(b.body.origin)
        if (eye > -0.2).all() and (eye < np.array(b.body.size) + 0.2).all():
            made.near.clear(depth=0.0)  # from inside, blocks may lie behind the eye: every ray starts at it
        ctx.depth_func = "<"
        ctx.enable(ctx.CULL_FACE)  # the far sides of a block never count
        glsl.put(self.near, **common)
        self._cubes(b.blocks).render(ctx.TRIANGLE_STRIP, vertices=14, instances=b.blocks.count)
        ctx.disable(ctx.CULL_FACE)
        ctx.depth_func = ">"
        made.hits.use()
        made.hits.depth_mask = False
        self._full(self.march, b, made, common)

        rays = self.effort.rays
        ctx.depth_func = "1"
        doors.depth.use()
        self._full(self.depth, b, made, common, marking=False)
        made.marks.scissor = None
        made.marks.use()
        made.marks.clear(depth=0.75)
        made.marks.scissor = seen
        made.marks.use()
        self._full(self.depth, b, made, common, marking=True, rays=rays)
        if rays > 1:
            self._strands(scene, b, view, common, ">")  # those behind: they show where an edge is not filled
            ctx.disable(ctx.BLEND)
        doors.edges.use()
        doors.edges.depth_mask = False
        ctx.depth_func = ">"
        self._full(self.bodies[common["rim"] > 0.0], b, made, common)
        if rays > 1:
            doors.cover.use()
            doors.cover.depth_mask = False
            ctx.enable(ctx.BLEND)
            ctx.depth_func = "<"
            self._full(self.edges[common["rim"] > 0.0], b, made, common, rays=rays)
            ctx.disable(ctx.BLEND)
        doors.edges.scissor = None
        return rays > 1

    def _strands(self, scene: Scene, b: _Baked, view: View, common: dict[str, Any], where: str) -> None:
        """Strands before the body's depth (`<=`) or behind it (`>`). Finer than a pixel, they leave their
        depth only later: the air that is joined there is what lies before the body."""
        ctx = self.ctx
        view.use()
        view.framebuffer.depth_mask = False
        ctx.depth_func = where
        ctx.enable(ctx.BLEND)
        ctx.blend_func = ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA
        self.shapes.curves(scene, common, self._textures(b))
        view.framebuffer.depth_mask = True

    def _common(self, b: _Baked, camera: Camera, view: View, p: dict[str, float], t: float) -> dict[str, Any]:
        ground = b.body.origin[1] if b.body is not NOWHERE else self.air.grid.origin[1]
        return {
            **{name: value for name, value in p.items() if name != "marching"},
            **self.air.uniforms,
            **sight(camera, view),
            "marching": p["marching"] * self.effort.march,
            "body_origin": b.body.origin,
            "body_size": b.body.size,
            "voxel": b.body.cell,
            "block_size": 4 * b.body.cell,
            "margin": 0.5 * b.body.cell,
            "spectra": tuple(b.spectra.ravel().tolist()),
            "key_colour": _lighting.kelvin(p["warmth"]),
            "rim_colour": _lighting.kelvin(p["rim_warmth"]),
            "depth_steps": self.effort.under,
            "air_steps": self.effort.air,
            "ground": ground,
            "t": self.swaying(t),
        }

    def _full(
        self, prog: Any, b: _Baked, made: Targets, common: dict[str, Any], depth: Any = None, **more: Any
    ) -> None:
        """One program over the whole target."""
        glsl.put(prog, **common, **more)
        air = made.air if prog is self.even else made.even
        passes = {
            "depth": depth,
            "entry": made.near.color_attachments[0],
            "hits": made.hits.color_attachments[0],
            "cover": made.cover,
            "scattered": air.color_attachments[0],
            "passed": air.color_attachments[1],
        }
        glsl.bind(prog, self._textures(b) | passes)
        self._screens[prog].render(vertices=3)

    def _textures(self, b: _Baked) -> dict[str, Any]:
        """What all passes over a frame may read, by the samplers' names."""
        return {
            "shape": b.shape,
            "solid": b.solid,
            "lights": b.lights,
            "inner": b.inner,
            "shade": b.shade,
            "made": b.made,
            "mirror": b.mirror,
            "matter": self._matter,
            "polyps": self._polyps,
            **self._layers,
            "empty": b.empty,
            **self.air.textures,
        }

    def _cubes(self, run: Run) -> Any:
        """The blocks' vertex array; made anew only where their buffer was."""
        if self._blocks_array is None or self._blocks_array[0] is not run.buffer:
            if self._blocks_array is not None:
                self._blocks_array[1].release()
            array = self.ctx.vertex_array(self.near, [(run.buffer, run.layout, "block")])
            self._blocks_array = (run.buffer, array)
        return self._blocks_array[1]

    def _made(self, view: View) -> Targets:
        """What a view of this size needs beside it, bound to this view's radiance. Sizes in use are few."""
        key = (view.width, view.height)
        made = self._targets.get(key)
        if made is None:
            if len(self._targets) >= 3:
                self._targets.pop(next(iter(self._targets))).close()
            made = self._targets[key] = Targets(self.ctx, view, self.effort.coarse)
        return made

    def close(self) -> None:
        for made in self._targets.values():
            made.close()
        if self._blocks_array is not None:
            self._blocks_array[1].release()
            self._blocks_array = None
        self.shapes.close()
        for prog, screen in self._screens.items():
            screen.release()
            prog.release()
        self.near.release()
        self._matter.release()
        self._polyps.release()
        for tile in self._layers.values():
            tile.release()
        self._targets.clear()
        self._screens.clear()
        self._baked = None


@dataclass(frozen=True)
class _Baked:
    """What all views of a frame share."""

    body: Grid
    spectra: F32
    shape: Any
    solid: Any
    lights: Any
    blocks: Run
    empty: Any
    inner: Any
    shade: Any
    made: Any
    mirror: Any


def _made(scene: Scene, body: Grid) -> F32:
    """The share of the body that was made and not grown, on the half grid; one cell of 0 where none was."""
    if scene.channel("synthetic") is None:
        return np.zeros((1, 1, 1), np.float32)
    return _lighting.halved(scene.values("synthetic", body))


def _around(body: Grid) -> Grid:
    """The air of forms that bring none: coarse cells around the body."""
    cells = [max(4, math.ceil(1.5 * n / 3)) for n in body.shape]
    cell = 3 * body.cell
    origin = [o + 0.5 * s - 0.5 * n * cell for o, s, n in zip(body.origin, body.size, cells, strict=True)]
    return Grid((cells[0], cells[1], cells[2]), (origin[0], body.origin[1], origin[2]), cell)
