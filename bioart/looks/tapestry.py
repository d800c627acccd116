"""Tapestry: what people gave, as lit yarn; the body is the loom that holds it.

Threads are round, plied and a little rough; they catch the key light along their fibres, the glow of the body
and of each other, shade each other where they cross, and fray into light at their ends. A fresh gift is light
first and cloth later. The body is a dim weave of lines on its own skin, warp and weft, with true black
between: where nothing was given, the loom waits. What people gave may be dyed in the light that lives there
(`dye`), and the air about it lit by all of it (`halo`). Shaders: `shaders/looks/tapestry*`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bioart.assets import folder
from bioart.forms import Curves, Forms, Grid
from bioart.gpu import glsl
from bioart.gpu.upload import NOWHERE, spans
from bioart.looks import Look, _lighting
from bioart.looks._emitters import LIGHTS, colours
from bioart.looks._grains import Grains, veiling
from bioart.looks._homes import crossing, homes, layered
from bioart.looks._shapes import Shapes
from bioart.looks._sight import sight
from bioart.param import Param
from bioart.spectrum import LUMINANCE

if TYPE_CHECKING:
    from bioart.camera import Camera
    from bioart.gpu.upload import Run, Scene
    from bioart.gpu.view import View

F32 = NDArray[np.float32]
SHAPE = ("solid", "tip", "network", "age")
AIR = ("spores", "spill", "flash", "smog")
YARN = "3f 3f 3f 3f 2f 2f 3f 2f 2f 1f/i"
NAMES = ("a", "b", "c", "d", "radii", "glows", "tint", "along", "ends", "number")
PIECE = {"draft": 16.0, "live": 9.0, "final": 5.0}  # px of a thread that may be straight
GRAIN = 0.036  # m between stitches of the loom
SIDE = 56  # cells of the longest side of the grid on which yarn shades and lights itself
HALO = {"draft": (8, 24), "live": (6, 32), "final": (4, 48)}  # px of the view to one of the air's, samples
WIDER = ((0.12, 0.5), (0.4, 0.9), (1.1, 1.6))  # m that light has gone in the air, and how much of it
FAST = 9.0  # how strictly a thread takes the dye that is nearest to its own hue
ROOM = 0.15  # of that side: lit air to every side of all that is there
FLESH = 9.0  # 1/m that the body takes of the key light
SLIM = 0.8  # px: yarn of no more than that to either side has neither nap nor shade (tapestry_fuzz.frag)
PIECES = 6  # of a stretch, at most
ROUND = (-1.0, 0.0)  # how far behind itself yarn is drawn, in its radii, in its middle and at its rims
WIDE, BEHIND = 3.2, (-0.8, 0.3)  # what surrounds it: how far it reaches, and the same


class Tapestry(Look):
    """Lit yarn on a loom of light."""

    yarn = Param(3.4, 0.5, 10.0, "", "how thick threads are drawn, in times their own radius", "log")
    plies = Param(3.0, 1.0, 6.0, "", "strands that a thread is twisted of")
    twist = Param(0.55, 0.0, 1.5, "", "slope of the plies about the thread: 0 they run along it")
    fuzz = Param(0.7, 0.0, 4.0, "", "nap of fine fibres about a thread")
    fray = Param(0.16, 0.0, 1.0, "m", "how long the ends part into fibres of light")
    sheen = Param(1.0, 0.0, 4.0, "", "gloss along the fibres")
    shadow = Param(0.8, 0.0, 1.0, "", "shade about a thread, on yarn that is behind it")
    threads = Param(1.2, 0.0, 8.0, "", "threads' own light: fresh gifts above all")
    key = Param(1.5, 0.0, 10.0, "", "strength of the light from the side")
    warmth = Param(3900.0, 1800.0, 12000.0, "K", "colour temperature of that light", "log")
    key_turn = Param(70.0, 0.0, 360.0, "°", "where it stands, about the vertical from +z towards +x")
    key_height = Param(38.0, 5.0, 90.0, "°", "how high it stands")
    fill = Param(0.05, 0.0, 2.0, "", "cool light from all around")
    glow = Param(0.7, 0.0, 8.0, "", "light of the body's emitters, in the loom and on the yarn")
    loom = Param(0.13, 0.0, 2.0, "", "warm light of the loom's own lines")
    weave = Param(0.1, 0.03, 0.5, "m", "how far apart warps and wefts are", "log")
    flesh = Param(6.0, 0.0, 40.0, "1/m", "what a metre of the body takes of light, as optical depth")
    smog = Param(0.4, 0.0, 8.0, "1/m", "what a metre of full smog takes of green light, as optical depth")
    depth = Param(0.5, 0.0, 1.5, "1/m", "how much brighter nearer things are, in e-folds to a metre")
    dye = Param(0.0, 0.0, 1.0, "", "how far what is given takes the colour of the body's light nearest to it")
    halo = Param(0.0, 0.0, 8.0, "", "light that the air about the body scatters, its own and the key's")
    floor = Param(0.0, 0.0, 8.0, "", "light that the ground returns")
    sparks = Param(0.12, 0.0, 8.0, "", "light of spores and motes")
    words = Param(0.7, 0.0, 8.0, "", "light of words")

    def __init__(self, ctx: Any, quality: str = "live") -> None:
        self.ctx = ctx
        self.piece = PIECE[quality]
        root = folder("shaders")
        self._core, self._fuzz = (
            glsl.program(ctx, root, f"looks/tapestry_{name}.frag", "looks/tapestry_yarn.vert")
            for name in ("yarn", "fuzz")
        )
        self._air = glsl.program(ctx, root, "looks/tapestry_halo.frag")
        self._over = glsl.program(ctx, root, "looks/tapestry_over.frag")
        self._screens = {p: glsl.full_screen(ctx, p) for p in (self._air, self._over)}
        self._mists: dict[tuple[int, int], Any] = {}
        self._coarse, self._samples = HALO[quality]
        self._dyed: Forms | None = None
        self.cloud = Grains(ctx, loom="looks/tapestry_loom.vert")
        self._shapes = Shapes(
            ctx, points=("forms/motes.frag", "forms/motes.vert"), text="looks/tapestry_text.frag"
        )
        self._arrays: dict[Any, tuple[Any, Any]] = {}
        self._roofs = {n: ctx.buffer(_roof(n).tobytes()) for n in range(1, PIECES + 1)}
        self._stretch = 0.0  # m, the mean length of what is drawn as one
        self._rows = yarn(())
        self._misty: list[Any] = []
        self._shared: tuple[dict[str, Any], dict[str, Any]] | None = None

    # -- once a frame ------------------------------------------------------------------------------------

    def prepare(self, scene: Scene, p: dict[str, float], t: float) -> None:
        body = scene.grid("solid", *LIGHTS) or NOWHERE
        air = scene.grid(*AIR) or NOWHERE
        light = _lighting.towards(p["key_turn"], p["key_height"])
        spectra = colours(scene.forms.volume.emitters)
        if scene.forms is not self._dyed:
            self._dyed = scene.forms = dyed(scene.forms, spectra, p["dye"])
        rows = yarn(scene.forms.curves)
        misty = p["halo"] > 0.0 or p["floor"] > 0.0
        around = _around(body, rows, ROOM if misty else 0.0)
        cloth, dusk, air_lit = self._cloth(scene, p, rows, around, spectra, light)
        veil, veil_grid = veiling(scene, body)
        layer, apart = layered(GRAIN, body.cell)
        uniforms = {
            **p,
            "murky": (0.0, 0.0, 0.0, p["smog"] if air is not NOWHERE else 0.0),
            "body_origin": body.origin,
            "body_size": body.size,
            "voxel": body.cell,
            "layer": layer,
            "grain": GRAIN,
            "spectra": tuple(spectra.ravel().tolist()),
            "veil_origin": veil_grid.origin,
            "veil_size": veil_grid.size,
            "air_origin": air.origin,
            "air_size": air.size,
            "cloth_origin": around.origin,
            "cloth_size": around.size,
            "cloth_cell": around.cell,
            "key_from": light,
            "key_colour": _lighting.kelvin(p["warmth"]),
        }
        textures = {
            "shape": scene.pack(*SHAPE).texture,
            "lights": scene.pack(*LIGHTS).texture,
            "air": scene.pack(*AIR).texture,
            "veil": veil,
            "lit": _sent(scene, "lit", air_lit),
            "cloth": _sent(scene, "cloth", cloth),
            "dusk": _sent(scene, "dusk", dusk[..., None]),
        }
        self.cloud.fed.clear()
        solid = scene.channel("solid")
        if solid is not None:
            self.cloud.feed(scene, "loom", homes(crossing(solid.values), body, apart), uniforms, textures)
        self._stretch = (
            float(np.linalg.norm(rows[:, 6:9] - rows[:, 3:6], axis=1).mean()) if len(rows) else 0.0
        )
        self._rows, self._shared = rows, (uniforms, textures)

    def _cloth(
        self,
        scene: Scene,
        p: dict[str, float],
        rows: F32,
        around: Grid,
        spectra: F32,
        light: tuple[float, float, float],
    ) -> tuple[F32, F32, F32]:
        """What reaches yarn, on a coarse grid: (x, y, z, 4) the glow about a place and how open it is,
        (x, y, z) the optical depth towards the key light, (x, y, z, 4) the glow that the air has."""
        thick, own = _laid(rows, around, p)
        solid = scene.channel("solid")
        if solid is not None:
            thin, grid = _lighting.halved(solid.values), _lighting.halved_grid(solid.grid)
            thick += FLESH * _lighting.resampled(thin, grid, around)
        for name, colour in zip(LIGHTS, spectra, strict=True):
            channel = scene.channel(name)
            if channel is not None and colour.any():
                half, grid = _lighting.halved(channel.values), _lighting.halved_grid(channel.grid)
                shines = _lighting.resampled(half, grid, around)
                own += (p["glow"] / channel.full) * shines[..., None] * colour
        about = np.stack(
            [
                ndimage.gaussian_filter(own[..., i], 0.12 / around.cell, mode="constant", truncate=3.0)
                for i in range(3)
            ],
            axis=-1,
        )
        wide = ndimage.gaussian_filter(thick, 0.1 / around.cell, mode="nearest", truncate=2.5)
        cloth = np.concatenate([0.6 * about, np.exp(-0.2 * wide)[..., None]], axis=-1)
        air = np.zeros((*around.shape, 4), np.float32)
        if p["halo"] > 0.0 or p["floor"] > 0.0:
            air[..., :3] = _in_air(own, around.cell)
        return np.asarray(cloth, np.float32), _lighting.depth_towards(thick, around.cell, light), air

    # -- once a view -------------------------------------------------------------------------------------

    def draw(self, scene: Scene, camera: Camera, view: View, p: dict[str, float], t: float) -> None:
        if self._shared is None:
            self.prepare(scene, p, t)
        assert self._shared is not None
        ctx, (shared, textures) = self.ctx, self._shared
        uniforms = {**shared, **sight(camera, view)}
        long = self._stretch / (uniforms["pixel"] * camera.distance)
        uniforms["pieces"] = min(max(math.ceil(long / self.piece), 1), PIECES)
        view.use()
        view.framebuffer.clear(depth=1.0)
        misty = p["halo"] > 0.0 or p["floor"] > 0.0
        if misty:
            self._mist(view, uniforms, textures)
            self._veil(view, 1)
        self._lay(scene, view, uniforms, textures)
        ctx.blend_func = ctx.ONE, ctx.ONE
        self.cloud.streaks("loom", uniforms, textures)
        self._shapes.points(scene, uniforms, textures)
        if misty:
            self._veil(view, 0)
        ctx.enable(ctx.BLEND | ctx.DEPTH_TEST)
        ctx.blend_func = ctx.ONE, ctx.ONE, ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA
        self._shapes.text(scene, camera, uniforms, textures)
        view.framebuffer.depth_mask = True
        ctx.disable(ctx.DEPTH_TEST | ctx.BLEND)

    def _mist(self, view: View, uniforms: dict[str, Any], textures: dict[str, Any]) -> None:
        """The air before the body's middle and behind it, as two pictures of fewer pixels."""
        ctx, size = self.ctx, (max(1, view.width // self._coarse), max(1, view.height // self._coarse))
        if size not in self._mists:
            pictures = [ctx.texture(size, 3, dtype="f2") for _ in range(2)]
            for picture in pictures:
                picture.repeat_x = picture.repeat_y = False
                picture.filter = (ctx.LINEAR, ctx.LINEAR)
            self._mists[size] = (ctx.framebuffer(pictures), pictures)
        into, self._misty = self._mists[size]
        into.use()
        ctx.disable(ctx.DEPTH_TEST | ctx.BLEND)
        glsl.put(self._air, **uniforms, samples=self._samples)
        glsl.bind(self._air, textures)
        self._screens[self._air].render(ctx.TRIANGLES, vertices=3)
        view.use()

    def _veil(self, view: View, which: int) -> None:
        """One of them laid over the view."""
        ctx = self.ctx
        ctx.disable(ctx.DEPTH_TEST)
        ctx.enable(ctx.BLEND)
        ctx.blend_func = ctx.ONE, ctx.ONE
        glsl.bind(self._over, {"mist": self._misty[which]})
        self._screens[self._over].render(ctx.TRIANGLES, vertices=3)

    def _lay(self, scene: Scene, view: View, uniforms: dict[str, Any], textures: dict[str, Any]) -> None:
        """Yarn and its depth, farthest first, so that smooth edges lie over what is behind them."""
        ctx, rows = self.ctx, self._rows
        ahead = (rows[:, 3:6] + rows[:, 6:9]) @ np.array(uniforms["forward"], np.float32)
        order = np.argsort(-ahead, kind="stable")
        run = scene.run("yarn", YARN, rows[order])
        pixel = uniforms["pixel"] * np.maximum(
            0.5 * ahead - float(np.dot(uniforms["eye"], uniforms["forward"])), 1e-3
        )
        stout = 1.5 * uniforms["yarn"] * rows[:, 12:14].max(1, initial=0.0) > SLIM * pixel
        near = scene.run("stout yarn", YARN, rows[order[stout[order]]])
        ctx.enable(ctx.BLEND | ctx.DEPTH_TEST)
        ctx.depth_func = "<="
        ctx.blend_func = ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA
        self._ribbons(self._core, run, {**uniforms, "wide": 1.0, "back": ROUND}, textures)
        # Shades multiply and naps add, so that they may come in any order.
        ctx.blend_func = ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA, ctx.ZERO, ctx.ONE
        view.framebuffer.depth_mask = False
        self._ribbons(self._fuzz, near, {**uniforms, "wide": WIDE, "back": BEHIND}, textures)

    def _ribbons(self, program: Any, run: Run, uniforms: dict[str, Any], textures: dict[str, Any]) -> None:
        if not run.count:
            return
        glsl.put(program, **uniforms)
        glsl.bind(program, textures)
        pieces = uniforms["pieces"]
        held = self._arrays.get((program, pieces))
        if held is None or held[0] is not run.buffer:
            if held is not None:
                held[1].release()
            made = self.ctx.vertex_array(
                program, [(run.buffer, run.layout, *NAMES)], index_buffer=self._roofs[pieces]
            )
            held = self._arrays[program, pieces] = (run.buffer, made)
        held[1].render(self.ctx.TRIANGLES, instances=run.count)

    def close(self) -> None:
        """Release every GL object."""
        for _, array in self._arrays.values():
            array.release()
        for roof in self._roofs.values():
            roof.release()
        self._shapes.close()
        self.cloud.close()
        for program, screen in self._screens.items():
            screen.release()
            program.release()
        for into, pictures in self._mists.values():
            into.release()
            for picture in pictures:
                picture.release()
        self._mists.clear()
        self._core.release()
        self._fuzz.release()
        self._arrays.clear()
        self._shared = None


def dyed(forms: Forms, spectra: F32, dye: float) -> Forms:
    """The forms with all that was given dyed: each tint nearer to a mix of the lights' colours, those most
    that are like it in hue, at the luminance that it had. What has little colour takes little."""
    lights = spectra[spectra.any(axis=1)]
    if dye <= 0.0 or not len(lights):
        return forms

    def bath(tints: F32) -> F32:
        grey = np.maximum(tints @ LUMINANCE, 1e-6)
        likeness = _hue(tints) @ _hue(lights).T
        shares = np.exp(FAST * likeness)
        colour = (shares / shares.sum(1, keepdims=True)) @ (lights / (lights @ LUMINANCE)[:, None] ** 0.5)
        colour *= (grey / np.maximum(colour @ LUMINANCE, 1e-6))[:, None]
        full = np.ptp(tints, axis=1) / np.maximum(tints.max(1), 1e-6)
        took = dye * np.clip(2.5 * full - 0.4, 0.0, 1.0)[:, None]
        return np.asarray(tints + took * (colour - tints), np.float32)

    return replace(
        forms,
        points=tuple(replace(c, tint=bath(c.tint)) for c in forms.points),
        curves=tuple(replace(c, tint=bath(c.tint)) for c in forms.curves),
        texts=tuple(
            replace(w, tint=tuple(bath(np.array([w.tint], np.float32))[0].tolist())) for w in forms.texts
        ),
    )


def _hue(colours: F32) -> F32:
    """Colours as unit vectors about grey."""
    off = colours / np.maximum(colours.sum(1, keepdims=True), 1e-6) - 1 / 3
    return np.asarray(off / np.maximum(np.linalg.norm(off, axis=1, keepdims=True), 1e-6), np.float32)


def _in_air(own: F32, cell: float) -> F32:
    """Light (x, y, z, 3) as the air has it about what shines: near, and ever fainter, far."""
    out = np.zeros(own.shape, np.float32)
    for far, part in WIDER:
        for i in range(3):
            out[..., i] += part * ndimage.gaussian_filter(
                own[..., i].astype(np.float32), far / cell, mode="constant", truncate=2.5
            )
    return out


def _roof(pieces: int) -> NDArray[np.int32]:
    """Corners of the triangles of a stretch: three to a rib, left, ridge, right."""
    quads = [3 * i + side + np.array([0, 1, 3, 1, 4, 3]) for i in range(pieces) for side in (0, 1)]
    return np.concatenate(quads).astype(np.int32)


def yarn(sets: tuple[Curves, ...]) -> F32:
    """(n, 24): `spans`; for both ends of each stretch how often the strand has gone its own girth so far, and
    the way to the strand's nearer end, m; last the strand's own number, 0–1."""
    rows = spans(sets)
    if not len(rows):
        return np.zeros((0, 24), np.float32)
    used = [c for c in sets if len(c.starts) > 1 and len(c.at) >= 2]
    counts = np.concatenate([np.maximum(np.diff(c.starts) - 1, 0) for c in used])
    keys = np.concatenate([c.key for c in used])[counts > 0]
    counts = counts[counts > 0]
    strand = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    long = np.linalg.norm(rows[:, 6:9] - rows[:, 3:6], axis=1)
    radius = rows[:, 12:14].mean(1)
    most = np.maximum.reduceat(radius, first)[strand]  # where it tapers its twist stays that of a thread
    girths = long / (2 * np.pi * np.maximum(np.maximum(radius, 0.4 * most), 1e-5))
    run, turned = (_run(v, first, strand) for v in (long, girths))
    whole = np.maximum.reduceat(run[:, 1], first)[strand]
    ends = np.minimum(run, whole[:, None] - run)
    number = (keys.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(40)).astype(np.float32)
    own = (number / np.float32(1 << 24))[strand]
    return np.concatenate([rows, turned, ends, own[:, None]], axis=1, dtype=np.float32)


def _run(steps: NDArray[np.floating[Any]], first: Any, strand: Any) -> NDArray[np.float64]:
    """(n, 2): the sum of a strand's steps before each of them and after it."""
    upto = np.concatenate([[0.0], np.cumsum(steps, dtype=np.float64)])
    out: NDArray[np.float64] = np.stack([upto[:-1], upto[1:]], axis=1) - upto[first][strand][:, None]
    return out


def _laid(rows: F32, grid: Grid, p: dict[str, float]) -> tuple[F32, F32]:
    """What yarn takes of light, 1/m, and what it shines, (x, y, z, 3), in the cells where it lies."""
    n = int(np.prod(grid.shape))
    thick, shines = np.zeros(n), np.zeros((n, 3))
    if not len(rows):
        return thick.reshape(grid.shape).astype(np.float32), shines.reshape(*grid.shape, 3).astype(np.float32)
    b, c = rows[:, 3:6], rows[:, 6:9]
    area = (
        p["yarn"] * rows[:, 12:14].sum(1) * np.linalg.norm(c - b, axis=1) / (2 * grid.cell**3)
    )  # 2·r·ds, halved
    shine = np.maximum(rows[:, 14:16].mean(1) - 0.1, 0.0) * area
    top = np.array(grid.shape) - 1
    for u in (0.25, 0.75):
        cell = ((b + u * (c - b) - np.array(grid.origin)) / grid.cell).astype(int)
        x, y, z = np.clip(cell, 0, top).T
        index = (x * grid.shape[1] + y) * grid.shape[2] + z
        thick += np.bincount(index, area, n)
        for i in range(3):
            shines[:, i] += np.bincount(index, shine * rows[:, 16 + i], n)
    shines *= p["threads"]
    return thick.reshape(grid.shape).astype(np.float32), shines.reshape(*grid.shape, 3).astype(np.float32)


def _around(body: Grid, rows: F32, room: float) -> Grid:
    """A coarse grid about the body and all yarn, and about that air, as a share of its longest side."""
    low, high = [], []
    if body is not NOWHERE:
        low.append(np.array(body.origin))
        high.append(np.add(body.origin, body.size))
    if len(rows):
        low.append(rows[:, 3:9].reshape(-1, 3).min(0))
        high.append(rows[:, 3:9].reshape(-1, 3).max(0))
    if not low:
        return NOWHERE
    a, b = np.min(low, axis=0).astype(float), np.max(high, axis=0).astype(float)
    side = float((b - a).max())
    a, b = a - room * side, b + room * side
    cell = max((1.0 + room) * side / SIDE, 1e-3)
    a -= 2 * cell
    x, y, z = (int(v) for v in np.ceil((b - a) / cell) + 2)
    return Grid((x, y, z), (float(a[0]), float(a[1]), float(a[2])), cell)


def _sent(scene: Scene, name: str, values: F32) -> Any:
    texture = scene.texture3d(("tapestry", name), values.shape[:3], values.shape[3])  # type: ignore[arg-type]
    texture.write(np.ascontiguousarray(values, np.float32))
    return texture
