"""Spectral: as an instrument would see it. Emission and absorption, each at its wavelength, and nothing else.

Every emitter's light is carried by itself and dimmed at its own peak by flesh and smog; a grating before the
lens throws part of it aside, so that beside the picture stands its spectrum: one picture for each emitter.
No surface, no lamp, no scattering: the look that closed forms are compared with.
Shaders: `shaders/looks/spectral*.frag`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bioart.assets import folder
from bioart.forms import Grid
from bioart.gpu import glsl
from bioart.gpu.upload import NOWHERE
from bioart.looks import Look, _lighting
from bioart.looks._emitters import LIGHTS, colours
from bioart.looks._pace import Part, Vector, pace
from bioart.looks._plates import Plates
from bioart.looks._shapes import Shapes
from bioart.looks._sight import Box, footprint, sight
from bioart.param import Param
from bioart.spectrum import LUMINANCE, emitter_rgb, linear_srgb, observer

if TYPE_CHECKING:
    from bioart.camera import Camera
    from bioart.gpu.upload import Pack, Scene
    from bioart.gpu.view import View

F32 = NDArray[np.float32]
FLESH = ("solid", "network")
AIR = ("spores", "spill", "flash", "smog")
SHINING = (*LIGHTS, "flash")
FLASH = (474.0, 35.0)  # peak and width, nm: dinoflagellates (Widder 1983)
GREEN = 550.0  # nm at which densities are told
TISSUE, AEROSOL = 2.0, 1.3  # extinction falls as wavelength^-n: soft tissue; city smog (Ångström's exponent)
TAPS = 24  # wavelengths of the first orders
BLUEST, REDDEST = 420.0, 660.0  # nm, the first and last of them
MIDDLE = 520.0  # nm that lands where the order's middle is


@dataclass(frozen=True)
class Effort:
    """tolerance: what a metre of a ray may be off, in optical depth or in shares of the brightest; finest:
    the least step, in cells; coarse: view pixels to one of the first orders', each way."""

    tolerance: float
    finest: float
    coarse: int


EFFORT = {"draft": Effort(0.25, 1.5, 4), "live": Effort(0.15, 1.0, 2), "final": Effort(0.005, 0.35, 1)}


class Spectral(Look):
    """Emission and absorption by wavelength, and the spectrum of it all beside it."""

    layered = True
    opaque = False

    glow = Param(6.0, 0.0, 16.0, "1/m", "radiance that a metre of full light adds")
    veins = Param(1.0, 0.0, 8.0, "", "how much brighter the network shines")
    flashes = Param(1.0, 0.0, 8.0, "1/m", "radiance that a metre of flashing air adds")
    tissue = Param(6.0, 0.0, 60.0, "1/m", "what a metre of flesh takes of green light, as optical depth")
    smog = Param(0.6, 0.0, 8.0, "1/m", "what a metre of full smog takes of green light, as optical depth")
    order = Param(0.15, 0.0, 1.0, "", "share of the light that the grating throws aside")
    throw = Param(0.62, 0.1, 1.0, "", "where the first order stands, in half widths of the picture")
    dispersion = Param(0.06, 0.0, 1.0, "", "half widths of the picture to 100 nm")
    blaze = Param(0.5, 0.5, 1.0, "", "share of the thrown light that goes to the right")
    sparks = Param(0.4, 0.0, 8.0, "", "light of spores and motes")
    blur = Param(0.0, 0.0, 0.05, "", "disc of a mote off the focal plane, in picture heights")
    threads = Param(0.6, 0.0, 8.0, "", "light of strands")
    words = Param(0.8, 0.0, 8.0, "", "light of words")

    def __init__(self, ctx: Any, quality: str = "live") -> None:
        self.ctx = ctx
        self.effort = EFFORT[quality]
        root = folder("shaders")
        self._order, self._plate = (
            glsl.program(ctx, root, f"looks/{name}.frag") for name in ("spectral_order", "spectral_plate")
        )
        self._screens = {p: glsl.full_screen(ctx, p) for p in (self._order, self._plate)}
        self._marches: dict[tuple[str, ...], Any] = {}
        self._shapes = Shapes(
            ctx,
            points="forms/points.frag",
            curves="looks/spectral_curves.frag",
            text="forms/text.frag",
        )
        self._plates = Plates(ctx, bands=1, rest=1, orders=self.effort.coarse)
        self._shared: _Shared | None = None

    def prepare(self, scene: Scene, p: dict[str, float], t: float) -> None:
        body = scene.grid("solid", "network", *LIGHTS) or NOWHERE
        air = scene.grid(*AIR) or NOWHERE
        shining = _there(scene, LIGHTS)
        lights, flesh, murk = (
            scene.pack(*_there(scene, names) or names[:1]) for names in (LIGHTS, FLESH, AIR)
        )
        steps, grid = pace(self._parts(scene, p), *_around(body, air), self.effort.tolerance)
        texture = scene.texture3d("spectral pace", steps.shape, 1)
        texture.filter = (self.ctx.NEAREST, self.ctx.NEAREST)
        texture.write(np.ascontiguousarray(steps))
        peaks, spectra = self._emitters(scene, shining)
        uniforms = {
            **p,
            "body_origin": body.origin,
            "body_size": body.size,
            "air_origin": air.origin,
            "air_size": air.size,
            "pace_origin": grid.origin,
            "pace_size": grid.size,
            "at_tissue": tuple(_share(peak, TISSUE) for peak in peaks),
            "at_air": tuple(_share(peak, AEROSOL) for peak in peaks),
            "flash_takes": (_share(FLASH[0], TISSUE), _share(FLASH[0], AEROSOL)),
            "spectra": tuple(spectra.ravel().tolist()),
            "flash_colour": emitter_rgb(*FLASH),
            "flesh_takes": _in_order(flesh, {"solid": p["tissue"]}),
            "flesh_adds": _in_order(flesh, {"network": p["veins"]}),
            "air_takes": _in_order(murk, {"smog": p["smog"], "spill": p["smog"], "spores": 0.2 * p["smog"]}),
            "murky": _in_order(murk, {"smog": p["smog"]}),
            "air_adds": _in_order(murk, {"flash": p["flashes"]}),
            "other_side": 1.0 / p["blaze"] - 1.0,
            **self._orders(scene, shining, p),
        }
        textures = {"lights": lights.texture, "flesh": flesh.texture, "air": murk.texture, "pace": texture}
        there = {
            "FLESH": not flesh.empty,
            "AIR": not murk.empty,
            "FLASH": p["flashes"] > 0.0 and scene.channel("flash") is not None,
        }
        defined = [f"LIGHTS {max(len(shining), 1)}", *(name for name, is_there in there.items() if is_there)]
        self._shared = _Shared(uniforms, textures, tuple(defined))

    def _parts(self, scene: Scene, p: dict[str, float]) -> list[Part]:
        """What the march reads, halved, with what each adds to a metre of the ray."""
        parts = []
        weights = {
            "solid": p["tissue"], "smog": p["smog"], "spill": p["smog"], "spores": 0.2 * p["smog"],
            "flash": float(p["flashes"] > 0.0), **dict.fromkeys(LIGHTS, 1.0),
        }  # fmt: skip
        for name, weight in weights.items():
            channel = scene.channel(name)
            if channel is None or weight == 0.0:
                continue
            most = float(channel.values.max(initial=0.0)) if name in SHINING else channel.full
            if most > 0.0:
                halved, grid = _lighting.halved(channel.values), _lighting.halved_grid(channel.grid)
                finest = self.effort.finest * channel.grid.cell
                parts.append(Part(halved, grid, weight / most, finest, name not in SHINING))
        return parts

    def _emitters(self, scene: Scene, shining: Sequence[str]) -> tuple[list[float], F32]:
        """The peaks of these lights, nm, and their colours, (4, 3); black beyond them and where no emitter
        names one."""
        emitters = scene.forms.volume.emitters
        peaks = [GREEN] * 4
        for e in emitters:
            if e.channel in shining:
                peaks[shining.index(e.channel)] = e.peak
        return peaks, colours(emitters, shining)

    def _orders(self, scene: Scene, shining: Sequence[str], p: dict[str, float]) -> dict[str, Any]:
        """The first orders' wavelengths: powers of each emitter there, colours, throws in picture widths."""
        waves = np.linspace(BLUEST, REDDEST, TAPS)
        seen = np.array([linear_srgb(observer(w)) for w in waves])
        bright = seen @ np.array(LUMINANCE)

        def powers(peak: float, width: float) -> NDArray[np.float64]:
            shape = np.exp(-4.0 * math.log(2.0) * ((waves - peak) / width) ** 2)
            colour = np.dot(emitter_rgb(peak, width), LUMINANCE)
            return np.asarray(p["blaze"] * shape * (colour / max(float(shape @ bright), 1e-9)))

        own = np.zeros((TAPS, 4))
        for e in scene.forms.volume.emitters:
            if e.channel in shining:
                own[:, shining.index(e.channel)] = powers(e.peak, e.width)
        throws = 0.5 * (p["throw"] + p["dispersion"] * (waves - MIDDLE) / 100.0)
        return {
            "powers": [tuple(row) for row in own.tolist()],
            "colours": [(*c, f) for c, f in zip(seen.tolist(), powers(*FLASH).tolist(), strict=True)],
            "throws": throws.tolist(),
            "step_wide": float(throws[1] - throws[0]),
        }

    def surfaces(self, scene: Scene, camera: Camera, view: View, p: dict[str, float], t: float) -> None:
        """The light, and in view.depth how far ahead it is on the mean."""
        shared, ctx = self._ready(scene, p, t), self.ctx
        uniforms, textures = {**shared.uniforms, **sight(camera, view)}, shared.textures
        ctx.disable(ctx.BLEND)
        ctx.enable(ctx.DEPTH_TEST)
        ctx.depth_func = "1"
        seen = footprint(camera, view.width, view.height, uniforms["pace_origin"], uniforms["pace_size"])
        view.use()
        view.framebuffer.clear(depth=1.0)
        if p["order"] > 0.0:
            self._dispersed(view, seen, uniforms, textures)
        elif min(seen[2:]) > 0:
            view.framebuffer.scissor = seen
            self._full(self._march("spectral"), uniforms, textures)
            view.framebuffer.scissor = None
        ctx.enable(ctx.BLEND)  # a strand leaves its depth, and nothing here hides another
        ctx.blend_func = ctx.ONE, ctx.ONE, ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA
        self._shapes.curves(scene, uniforms, textures)
        ctx.depth_func = "<"
        ctx.disable(ctx.DEPTH_TEST | ctx.BLEND)

    def over(self, scene: Scene, camera: Camera, view: View, p: dict[str, float], t: float) -> None:
        shared, ctx = self._ready(scene, p, t), self.ctx
        uniforms, textures = {**shared.uniforms, **sight(camera, view)}, shared.textures
        view.use()
        ctx.disable(ctx.DEPTH_TEST)
        ctx.enable(ctx.BLEND)
        ctx.blend_func = ctx.ONE, ctx.ONE, ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA
        self._shapes.points(scene, uniforms, textures)
        ctx.blend_func = ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA  # words shade the light behind them
        self._shapes.text(scene, camera, uniforms, textures)
        ctx.disable(ctx.BLEND)

    def _ready(self, scene: Scene, p: dict[str, float], t: float) -> _Shared:
        if self._shared is None:
            self.prepare(scene, p, t)
        assert self._shared is not None
        return self._shared

    def _dispersed(self, view: View, seen: Box, uniforms: dict[str, Any], textures: dict[str, Any]) -> None:
        """The lights apart on plates, then together with their first orders."""
        made = self._plates.of(view)
        door = made.use("bands", "rest")
        door.clear()
        if min(seen[2:]) > 0:
            door.scissor = seen
            self._full(self._march("spectral_bands"), uniforms, textures)
            door.scissor = None
        made.soften("bands", "rest")
        made.use("orders")
        self._full(self._order, uniforms, made.textures)
        view.use()
        self._full(self._plate, uniforms, made.textures)

    def _march(self, name: str) -> Any:
        """The program for what there is in this frame, made when it is first needed."""
        assert self._shared is not None
        key = (name, *self._shared.defined)
        if key not in self._marches:
            path = f"looks/{name}.frag"
            made = glsl.program(self.ctx, folder("shaders"), path, defined=self._shared.defined)
            self._marches[key] = made
            self._screens[made] = glsl.full_screen(self.ctx, made)
        return self._marches[key]

    def _full(self, program: Any, uniforms: dict[str, Any], textures: dict[str, Any]) -> None:
        glsl.put(program, **uniforms)
        glsl.bind(program, textures)
        self._screens[program].render(vertices=3)

    def close(self) -> None:
        self._plates.close()
        self._shapes.close()
        for program, screen in self._screens.items():
            screen.release()
            program.release()
        self._screens.clear()
        self._marches.clear()
        self._shared = None


@dataclass(frozen=True)
class _Shared:
    """What all views of a frame share. defined: what the march has to read."""

    uniforms: dict[str, Any]
    textures: dict[str, Any]
    defined: tuple[str, ...]


def _there(scene: Scene, names: Sequence[str]) -> tuple[str, ...]:
    """Those of these channels that the forms have: what is not there need not be read."""
    return tuple(name for name in names if scene.channel(name) is not None)


def _in_order(pack: Pack, weights: Mapping[str, float]) -> tuple[float, ...]:
    """Weights by name as a vector for the components of a pack."""
    found = [weights.get(name, 0.0) for name in pack.names]
    return tuple(found + [0.0] * (4 - len(found)))


def _share(wavelength: float, falls: float) -> float:
    """What is taken at a wavelength (nm), as a share of what is taken of green light."""
    return float((wavelength / GREEN) ** -falls)


def _around(*grids: Grid) -> tuple[Vector, Vector]:
    """Least corner and size of the box about all grids that are anywhere, m."""
    there = [g for g in grids if g is not NOWHERE] or [NOWHERE]
    low = np.min([g.origin for g in there], axis=0)
    size = np.max([np.add(g.origin, g.size) for g in there], axis=0) - low
    (a, b, c), (x, y, z) = low.tolist(), size.tolist()
    return (a, b, c), (x, y, z)
