"""Airflow: the air as a drawing. Lines of flow, what they carry, and the body that draws and cleans it.

Every line is a streamline of this moment's velocity, coloured by the smog where it runs: amber, thick and
grainy where the air is foul, a fine blue-white where it is clear. Light runs along it as fast as the air.
Intakes and vents are found in the field itself; between them the way through the body is that of the least
resistance. The body stands there as an X-ray of itself. Shaders: `shaders/looks/airflow*`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bioart.assets import folder
from bioart.forms import Grid
from bioart.gpu import crew, glsl
from bioart.gpu.upload import NOWHERE, Run, motes
from bioart.looks import Look, _air, _lighting
from bioart.looks._emitters import LIGHTS, colours
from bioart.looks._pace import Part, pace
from bioart.looks._passage import passage
from bioart.looks._plates import Plates
from bioart.looks._shapes import Shapes
from bioart.looks._sight import sight
from bioart.looks._stream import Flow, Opening, evenly, openings, read, sphere, trace
from bioart.param import Param

if TYPE_CHECKING:
    from bioart.camera import Camera
    from bioart.gpu.upload import Scene
    from bioart.gpu.view import View

F32 = NDArray[np.float32]
GROUNDED = ("currents", "film", "implants", "pods")  # points that the air does not take along: no trail
VELOCITY = ("velocity_x", "velocity_y", "velocity_z")
FREE = 280  # lines in free air
SPUN, SPINNING = 5000, 260  # places where there may be more, as the air spins, and how many there are at most
SPINS = (1.0, 3.5)  # 1/s: where these begin, where all that can be are there
DRAWN, GIVEN, INSIDE = 18, 40, 5  # into an intake, out of a vent, and from an intake on inside
STEPS, STEP = 30, 1.3  # of a line, each so many cells of the air
PIECES = 3  # straight pieces to a step
WALL = 0.15  # of the air's box, before its sides, over which lines fade
BUSIEST = 3.0  # pulses a second that pass a place, at most
NO_LINES = np.zeros((2, 1, 1, 4), np.float32)  # some drivers take no texture without texels
TRACER = "3f 3f 1f 3f/i"  # where, velocity, radius, light
MARK = "3f 1f 1f 1f/i"  # where, flow, smog, beat


@dataclass(frozen=True)
class Effort:
    """tolerance, finest: of the march through the body (`_pace`). body, air: view pixels to one of theirs,
    each way. samples: along a ray through the air."""

    tolerance: float
    finest: float
    body: int
    air: int
    samples: int


EFFORT = {
    "draft": Effort(0.25, 1.5, 3, 6, 10),
    "live": Effort(0.1, 1.0, 2, 5, 16),
    "final": Effort(0.02, 0.5, 1, 3, 32),
}


@dataclass(frozen=True)
class Lines:
    """at: (points, n, 3) m. times: (points, n) s of the air's way. shine: of each point. smog: 1 is full.
    inside: 1 for lines in the body."""

    at: F32
    times: F32
    shine: F32
    smog: F32
    inside: float = 0.0


class Airflow(Look):
    """Foul air drawn in, clear air given back: as streamlines."""

    lines = Param(1.0, 0.0, 8.0, "", "light of the lines of flow")
    crowd = Param(0.85, 0.0, 1.0, "", "share of the lines in free air that are drawn")
    eddies = Param(0.0, 0.0, 8.0, "", "light of more lines where the air spins about itself")
    swift = Param(0.0, 0.0, 3.0, "", "brightness of a line where the air is fast, as a power of its speed")
    width = Param(0.008, 0.002, 0.05, "m", "half the width of a line", "log")
    pulses = Param(4.0, 0.0, 16.0, "", "how much brighter the light that runs along a line is than the line")
    haste = Param(3.0, 0.1, 30.0, "", "seconds of the world in one of the show, as the light runs", "log")
    spacing = Param(
        0.8, 0.1, 4.0, "m", "about how far apart the light runs where the air goes as it does most", "log"
    )
    turbid = Param(0.1, 0.01, 1.0, "", "share of full smog at which a line is half way to amber", "log")
    mouths = Param(1.0, 0.0, 8.0, "", "light of intakes and vents")
    way = Param(0.8, 0.0, 8.0, "", "light of the way through the body")
    glass = Param(3.0, 0.0, 16.0, "1/m", "what a metre of flesh takes of the light behind it")
    rim = Param(1.0, 0.0, 8.0, "", "light of the body's outlines")
    veins = Param(1.0, 0.0, 8.0, "", "light of the network in it")
    glow = Param(0.25, 0.0, 8.0, "", "the body's own light")
    smog = Param(1.0, 0.0, 8.0, "1/m", "what a metre of full smog takes of green light, as optical depth")
    wisps = Param(1.0, 0.0, 1.0, "", "how far smog is torn into wisps: 0 as even as its grid has it")
    key = Param(0.8, 0.0, 10.0, "", "strength of the light that the smog is seen by")
    warmth = Param(4200.0, 1800.0, 12000.0, "K", "colour temperature of that light", "log")
    key_turn = Param(205.0, 0.0, 360.0, "°", "where it stands, about the vertical from +z towards +x")
    key_height = Param(52.0, 5.0, 90.0, "°", "how high it stands")
    flashes = Param(1.0, 0.0, 8.0, "", "light of the lines where the wind shears the air")
    sparks = Param(0.25, 0.0, 8.0, "", "light of spores and motes")
    trail = Param(0.3, 0.0, 1.0, "s", "how long the trail is that a mote leaves, in seconds of the world")
    threads = Param(0.6, 0.0, 8.0, "", "light of strands")
    words = Param(1.0, 0.0, 8.0, "", "light of words")

    def __init__(self, ctx: Any, quality: str = "live") -> None:
        self.ctx = ctx
        self.effort = EFFORT[quality]
        root = folder("shaders")
        self._body, self._plate = (
            glsl.program(ctx, root, f"looks/airflow{name}.frag") for name in ("_body", "")
        )
        self._air: dict[tuple[str, ...], Any] = {  # with and without what flashes in the air
            defined: glsl.program(ctx, root, "looks/airflow_air.frag", defined=defined)
            for defined in ((), ("LIT",))
        }
        programs = (self._body, self._plate, *self._air.values())
        self._screens = {p: glsl.full_screen(ctx, p) for p in programs}
        self._line, self._tracer, self._mark = (
            glsl.program(ctx, root, f"looks/airflow_{name}.frag", f"looks/airflow_{name}.vert")
            for name in ("line", "tracer", "mark")
        )
        self._ribbons = ctx.vertex_array(self._line, [])
        self._arrays: dict[str, tuple[Any, Any]] = {}
        self._shapes = Shapes(ctx, curves="looks/airflow_curves.frag", text="forms/text.frag")
        self._plates = Plates(ctx, body=self.effort.body, light=self.effort.body, haze=self.effort.air)
        tile = _lighting.layers()["clouds"]
        self._clouds = ctx.texture3d(tile.shape[:3], 1, tile, dtype="f4")
        self._clouds.filter = (ctx.LINEAR, ctx.LINEAR)
        self._shared: _Shared | None = None

    # -- once a frame ------------------------------------------------------------------------------------

    def prepare(self, scene: Scene, p: dict[str, float], t: float) -> None:
        body = scene.grid("solid", "network", *LIGHTS) or NOWHERE
        flowing = scene.grid(*VELOCITY)
        velocity = _velocity(scene, flowing)
        speed = _usual(velocity)
        found = openings(velocity, flowing, speed) if flowing is not None and speed > 0.0 else []
        rows, tracers, haze, marched = crew.together(
            lambda: self._rows(scene, p, velocity, flowing, speed, found),
            lambda: self._tracers(scene, velocity, flowing),
            lambda: self._haze(scene, p, self.swaying(t)),
            lambda: self._paces(scene, body, p),
        )
        textures, uniforms = haze
        steps, grid = marched
        walk = scene.texture3d(("airflow", "pace"), steps.shape, 1)
        walk.filter = (self.ctx.NEAREST, self.ctx.NEAREST)
        walk.write(np.ascontiguousarray(steps))
        sent = scene.texture3d(("airflow", "lines"), rows.shape[:3], 4)
        sent.write(rows)
        spectra = colours(scene.forms.volume.emitters)
        self._shared = _Shared(
            uniforms={
                **p,
                **uniforms,
                **self._beat(p, speed, t),
                "body_origin": body.origin,
                "body_size": body.size,
                "pace_origin": grid.origin,
                "pace_size": grid.size,
                "flash_colour": _air.FLASH,
                "spectra": tuple(spectra.ravel().tolist()),
            },
            textures={
                **{name: self._sent(scene, name, values) for name, values in textures.items()},
                "clouds": self._clouds,
                "pace": walk,
                "flesh": scene.pack("solid", "network").texture,
                "lights": scene.pack(*LIGHTS).texture,
                "rows": sent,
            },
            defined=("LIT",) if "flash" in textures else (),
            lines=0 if rows is NO_LINES else rows.shape[1],
            tracers=scene.run("airflow tracers", TRACER, tracers),
            marks=scene.run("airflow marks", MARK, self._marks(scene, p, found)),
        )

    def _sent(self, scene: Scene, name: str, values: F32) -> Any:
        texture = scene.texture3d(("airflow", name), values.shape[:3], values.shape[3])
        texture.write(np.ascontiguousarray(values, np.float32))
        return texture

    def _beat(self, p: dict[str, float], speed: float, t: float) -> dict[str, Any]:
        """Pulses pass every place once in a period of two to the n seconds of the world. The moment's usual
        speed only says how far every second of them is faded, so that none ever jumps or hurries. In a loop
        they go a little slower or faster, so that it holds whole pairs of periods."""
        least = 2.0 ** math.ceil(math.log2(p["haste"] / BUSIEST))
        period = max(p["spacing"] / max(speed, 1e-3), least)
        octave = math.floor(math.log2(period))
        shorter = 2.0**octave
        now = p["haste"] * self.going(t, 2.0 * shorter / p["haste"])
        return {
            "period": shorter,
            "fading": math.log2(period) - octave,
            "now": math.fmod(now, 2.0 * shorter),
        }

    def _rows(
        self,
        scene: Scene,
        p: dict[str, float],
        velocity: F32,
        grid: Grid | None,
        speed: float,
        found: list[Opening],
    ) -> F32:
        """(2, lines, points, 4): place and time; then foulness 0–1, light, 1 if inside, flash 0–1. NO_LINES
        where there are none."""
        if grid is None or speed <= 0.0:
            return NO_LINES
        flow = Flow(velocity, grid)
        groups, inner = crew.together(
            lambda: _outside(scene, flow, speed, p, found),
            lambda: _within(scene, speed, found),
        )
        parts = [*groups, *inner]
        at = np.concatenate([g.at for g in parts], axis=1)
        if not at.shape[1]:
            return NO_LINES
        rows = np.zeros((2, at.shape[1], at.shape[0], 4), np.float32)
        rows[0, ..., :3] = np.swapaxes(at, 0, 1)
        rows[0, ..., 3] = np.concatenate([g.times for g in parts], axis=1).T
        smog = np.concatenate([g.smog for g in parts], axis=1)
        rows[1, ..., 0] = (smog / (smog + np.float32(p["turbid"]))).T
        rows[1, ..., 1] = np.concatenate([g.shine for g in parts], axis=1).T
        rows[1, ..., 2] = np.concatenate(
            [np.full(g.shine.shape, g.inside, np.float32) for g in parts], axis=1
        ).T
        flash = scene.channel("flash")
        if p["flashes"] > 0.0 and flash is not None:
            rows[1, ..., 3] = read(flash.values, flash.grid, at).T / np.float32(flash.full)
        return rows

    def _tracers(self, scene: Scene, velocity: F32, grid: Grid | None) -> F32:
        """(n, 10): motes with the velocity of the air where they are, if it carries them."""
        sets = scene.forms.points
        carried = motes(tuple(p for p in sets if p.name not in GROUNDED))
        rows = np.concatenate([carried, motes(tuple(p for p in sets if p.name in GROUNDED))])
        out = np.zeros((len(rows), 10), np.float32)
        out[:, :3], out[:, 6], out[:, 7:] = rows[:, :3], rows[:, 3], rows[:, 4:7] * rows[:, 7:]
        if grid is not None and len(carried):
            out[: len(carried), 3:6] = Flow(velocity, grid).at(carried[:, :3])
        return out

    def _marks(self, scene: Scene, p: dict[str, float], found: list[Opening]) -> F32:
        rows = np.zeros((len(found), 6), np.float32)
        for row, o in zip(rows, found, strict=True):
            row[:3], row[3], row[5] = o.at, o.flow * o.sure, _own_time(np.array(o.at))
        if found:
            smog = _carried(scene, rows[:, :3])
            rows[:, 4] = smog / (smog + p["turbid"])
        return rows

    def _haze(self, scene: Scene, p: dict[str, float], t: float) -> tuple[dict[str, F32], dict[str, Any]]:
        """The smog's textures and uniforms (`lib/air.glsl`): it is lit by one light and by nothing else."""
        grid = scene.grid("smog", "spill") or NOWHERE
        light = _lighting.towards(p["key_turn"], p["key_height"])
        air = np.zeros((*grid.shape, 4), np.float32)
        shade = np.zeros_like(air)
        if grid is not NOWHERE:
            walls = _air.fading(grid.shape)
            for into, name in ((air, "smog"), (shade, "spill")):
                c = scene.channel(name)
                if c is not None and c.grid == grid:
                    np.multiply(c.values, walls * np.float32(1 / c.full), out=into[..., 3])
            shade[..., 1] = _lighting.depth_towards(np.ascontiguousarray(air[..., 3]), grid.cell, light)
        textures = {"air": air, "air_shade": shade}
        if p["flashes"] > 0.0 and grid is not NOWHERE and scene.channel("flash") is not None:
            lit = ndimage.gaussian_filter(scene.values("flash", grid), 1.3) * walls
            if lit.any():
                textures["flash"] = lit[..., None]
        uniforms = {
            "air_origin": grid.origin,
            "air_size": grid.size,
            "murky": (0.0, 0.0, 0.0, p["smog"]),
            "flashes": p["flashes"],
            "key_from": light,
            "key_colour": _lighting.kelvin(p["warmth"]),
            "forward_lobe": _air.LOBES,
            "drift": (0.05 * t, -0.035 * t, 0.02 * t),
            "again": 1.5,
            "samples": self.effort.samples,
        }
        return textures, uniforms

    def _paces(self, scene: Scene, body: Grid, p: dict[str, float]) -> tuple[F32, Grid]:
        """How far the march through the body may step."""
        parts = []
        for name, weight in (("solid", max(p["glass"], 2.0)), ("network", 2.0)):
            c = scene.channel(name)
            if c is not None:
                halved, grid = _lighting.halved(c.values), _lighting.halved_grid(c.grid)
                parts.append(Part(halved, grid, weight / c.full, self.effort.finest * c.grid.cell))
        return pace(parts, body.origin, body.size, self.effort.tolerance)

    # -- once a view -------------------------------------------------------------------------------------

    def draw(self, scene: Scene, camera: Camera, view: View, p: dict[str, float], t: float) -> None:
        if self._shared is None:
            self.prepare(scene, p, t)
        s = self._shared
        assert s is not None
        ctx, made = self.ctx, self._plates.of(view)
        uniforms = {**s.uniforms, **sight(camera, view)}
        textures = {**s.textures, **made.textures}
        ctx.disable(ctx.BLEND | ctx.DEPTH_TEST)
        passing = {k: v for k, v in textures.items() if k not in made.textures}
        made.use("body", "light")
        self._full(self._body, uniforms, passing)
        made.use("haze")
        self._full(self._air[s.defined], uniforms, {**passing, "body": made.textures["body"]})
        view.use()
        view.framebuffer.clear(depth=1.0)
        self._full(self._plate, uniforms, textures)

        ctx.enable(ctx.BLEND | ctx.DEPTH_TEST)
        ctx.depth_func = "<="
        ctx.blend_func = ctx.ONE, ctx.ONE, ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA
        view.framebuffer.depth_mask = False  # all of it is light alone, and hides nothing
        self._shapes.curves(scene, uniforms, textures)
        if s.lines and p["lines"] > 0.0:
            glsl.put(self._line, **uniforms, pieces=PIECES)
            glsl.bind(self._line, textures)
            self._ribbons.render(ctx.TRIANGLE_STRIP, vertices=2 * (PIECES * STEPS + 1), instances=s.lines)
        self._instances("marks", self._mark, s.marks, ("where", "flow", "smog", "beat"), uniforms, textures)
        names = ("where", "velocity", "radius", "light")
        self._instances("tracers", self._tracer, s.tracers, names, uniforms, textures)
        view.framebuffer.depth_mask = True  # only where the strands are stays in the view
        ctx.blend_func = ctx.ZERO, ctx.ONE
        self._shapes.curves(scene, uniforms, textures)
        view.framebuffer.depth_mask = False
        ctx.blend_func = ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA
        self._shapes.text(scene, camera, uniforms, textures)
        view.framebuffer.depth_mask = True
        ctx.disable(ctx.BLEND | ctx.DEPTH_TEST)

    def _instances(
        self, name: str, program: Any, run: Run, attributes: tuple[str, ...], uniforms: dict[str, Any],
        textures: dict[str, Any],
    ) -> None:  # fmt: skip
        """Every instance of a run, a square each."""
        if not run.count:
            return
        held = self._arrays.get(name)
        if held is None or held[0] is not run.buffer:
            if held is not None:
                held[1].release()
            array = self.ctx.vertex_array(program, [(run.buffer, run.layout, *attributes)])
            held = self._arrays[name] = (run.buffer, array)
        glsl.put(program, **uniforms)
        glsl.bind(program, textures)
        held[1].render(self.ctx.TRIANGLE_STRIP, vertices=4, instances=run.count)

    def _full(self, program: Any, uniforms: dict[str, Any], textures: dict[str, Any]) -> None:
        glsl.put(program, **uniforms)
        glsl.bind(program, textures)
        self._screens[program].render(vertices=3)

    def close(self) -> None:
        self._plates.close()
        self._shapes.close()
        self._clouds.release()
        for _, array in self._arrays.values():
            array.release()
        self._ribbons.release()
        for program in (self._line, self._tracer, self._mark):
            program.release()
        for program, screen in self._screens.items():
            screen.release()
            program.release()
        self._arrays.clear()
        self._screens.clear()
        self._shared = None


@dataclass(frozen=True)
class _Shared:
    """What all views of a frame share. defined: of the air's program. lines: how many."""

    uniforms: dict[str, Any]
    textures: dict[str, Any]
    defined: tuple[str, ...]
    lines: int
    tracers: Run
    marks: Run


def _velocity(scene: Scene, grid: Grid | None) -> F32:
    """(x, y, z, 3) m/s; a part that is absent or lies elsewhere is 0."""
    if grid is None:
        return np.zeros((1, 1, 1, 3), np.float32)
    out = np.zeros((*grid.shape, 3), np.float32)
    for i, name in enumerate(VELOCITY):
        c = scene.channel(name)
        if c is not None and c.grid == grid:
            out[..., i] = c.values
    return out


def _usual(velocity: F32) -> float:
    """The speed that three quarters of the air stay below, m/s; 0 where it stands still."""
    v = velocity[::2, ::2, ::2]
    speed = math.sqrt(float(np.percentile(np.einsum("...i,...i->...", v, v), 75)))
    return speed if speed > 1e-4 else 0.0


def _own_time(place: NDArray[Any]) -> Any:
    """When the pulses of a place start, s: each intake has its own, and keeps it if it wanders a little."""
    return place @ np.array([1.7, 2.3, 1.1])


def _carried(scene: Scene, places: F32) -> F32:
    """The smog at places, 1 is full."""
    c = scene.channel("smog")
    if c is None:
        return np.zeros(places.shape[:-1], np.float32)
    return np.maximum(read(c.values, c.grid, places), 0) * np.float32(1 / c.full)


def _walls(grid: Grid, at: F32) -> F32:
    """1 well inside the air's box, 0 at its sides and its top; it stands on the ground."""
    low, size = np.array(grid.origin, np.float32), np.array(grid.size, np.float32)
    wide = np.float32(WALL) * size
    near = np.minimum(at - low, low + size - at) / wide
    near[..., 1] = np.minimum((low[1] + size[1] - at[..., 1]) / wide[1], 8 * (at[..., 1] - low[1]) / wide[1])
    return _smooth(near.min(axis=-1))


def _smooth(x: F32) -> F32:
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x * x * (3.0 - 2.0 * x), np.float32)


def _outside(
    scene: Scene, flow: Flow, speed: float, p: dict[str, float], found: list[Opening]
) -> list[Lines]:
    """Lines through seeds that are spread evenly, both ways, and more of them where the air spins; against
    the air from about the intakes; with it from about the vents."""
    grid, slow, step = flow.grid, 0.05 * speed, STEP * flow.grid.cell
    low, size = np.array(grid.origin, np.float32), np.array(grid.size, np.float32)
    places = evenly(FREE + (SPUN if p["eddies"] > 0.0 else 0))
    chosen = _smooth(np.float32(p["crowd"] * FREE) - np.arange(FREE, dtype=np.float32))
    if p["eddies"] > 0.0:
        spins = _smooth((_spin(flow, places[FREE:] * size + low) - SPINS[0]) / (SPINS[1] - SPINS[0]))
        inner = np.minimum(places[FREE:], 1.0 - places[FREE:])[:, [0, 2]].min(axis=1)
        spins *= _smooth((inner.astype(np.float32) - np.float32(0.5 * WALL)) / np.float32(WALL))
        # each place has a share of its own: the more spin, the more lines
        asked = np.asarray(evenly(SPUN, 1)[:, 0], np.float32)
        more = np.asarray((spins - np.float32(0.9) * asked) * np.float32(10.0), np.float32)
        chosen = np.concatenate([chosen, np.float32(p["eddies"]) * _smooth(more)])
    kept = np.flatnonzero(chosen > 0.0)
    kept = kept[: np.searchsorted(kept, FREE) + SPINNING]
    count, half = len(kept), STEPS // 2
    seeds = places[kept] * size + low
    both, times = trace(
        flow,
        np.concatenate([seeds, seeds]),
        np.repeat(np.array([1, -1], np.float32), count),
        half,
        step,
        slow,
    )
    at = np.concatenate([both[:0:-1, count:], both[:, :count]])
    when = np.concatenate([times[:0:-1, count:], times[:, :count]])
    when += np.float32(64.0) * evenly(len(places), 1)[kept, 0]
    along = np.abs(np.linspace(-1, 1, STEPS + 1, dtype=np.float32))[:, None]
    shine = (1 - along**2) ** 2 * _kept(_walls(grid, at), half) * chosen[kept].astype(np.float32)
    if p["swift"] > 0.0:
        fast = np.linalg.norm(flow.at(at.reshape(-1, 3)), axis=1).reshape(at.shape[:2]) / np.float32(speed)
        shine *= np.clip(fast, 0.05, 2.0) ** np.float32(p["swift"])
    groups = [Lines(at, when, 0.7 * shine, _carried(scene, at))]
    near = [o for o in found if o.sure > 0.0]
    if near:
        counts = [DRAWN if o.flow < 0 else GIVEN for o in near]
        around = np.concatenate([sphere(n) for n in counts]) * np.float32(1.2 * grid.cell)
        owner = np.repeat(np.arange(len(near)), counts)
        middles = np.array([o.at for o in near], np.float32)
        sense = np.array([math.copysign(1.0, o.flow) for o in near], np.float32)[owner]
        at, when = trace(flow, middles[owner] + around, sense, STEPS, step, slow)
        when += _own_time(middles).astype(np.float32)[owner]
        along = np.linspace(0, 1, STEPS + 1, dtype=np.float32)[:, None]
        sure = np.array([o.sure for o in near], np.float32)[owner]
        shine = (1 - along) * np.where(sense > 0, np.float32(1.5), 1 - along) * sure
        groups.append(Lines(at, when, shine * _kept(_walls(grid, at), 0), _carried(scene, at)))
    return groups


def _spin(flow: Flow, places: F32) -> F32:
    """How fast the air turns about itself at places (n, 3), the size of its vorticity, 1/s."""
    h = np.float32(flow.grid.cell)
    ways = np.eye(3, dtype=np.float32) * h
    x, y, z = ((flow.at(places + way) - flow.at(places - way)) / (2 * h) for way in ways)
    curl = np.stack([y[:, 2] - z[:, 1], z[:, 0] - x[:, 2], x[:, 1] - y[:, 0]], axis=1)
    return np.asarray(np.linalg.norm(curl, axis=1), np.float32)


def _kept(shine: F32, middle: int) -> F32:
    """What has once faded on its way from the middle stays faded."""
    out = shine.copy()
    np.minimum.accumulate(shine[middle:], axis=0, out=out[middle:])
    out[: middle + 1] = np.minimum.accumulate(shine[middle::-1], axis=0)[::-1]
    return out


def _within(scene: Scene, speed: float, found: list[Opening]) -> list[Lines]:
    """From the intakes through the flesh to the vents; the light there runs as fast as the air does most."""
    solid = scene.channel("solid")
    flow = passage(solid.values, solid.grid, found) if solid is not None else None
    if flow is None:
        return []
    ins = [o for o in found if o.flow < 0]
    middles = np.array([o.at for o in ins], np.float32)
    seeds = (middles[:, None] + sphere(INSIDE) * np.float32(0.5 * flow.grid.cell)).reshape(-1, 3)
    size = float(np.linalg.norm(np.array(flow.grid.size)))
    at, _ = trace(flow, seeds, np.ones(len(seeds), np.float32), STEPS, 0.85 * size / STEPS, 0.02)
    way = np.zeros(at.shape[:2], np.float32)
    np.cumsum(np.linalg.norm(np.diff(at, axis=0), axis=-1), axis=0, out=way[1:])
    when = way / np.float32(speed) + np.repeat(_own_time(middles), INSIDE).astype(np.float32)
    vents = np.array([o.at for o in found if o.flow > 0], np.float32)
    far = np.linalg.norm(at[:, :, None] - vents, axis=-1).min(axis=-1)
    shine = _kept(_smooth(far / np.float32(2 * flow.grid.cell)), 0)
    shine *= np.repeat(np.array([o.sure for o in ins], np.float32), INSIDE)
    return [Lines(at, when, shine, _filtered(scene, at, way, shine, vents), 1.0)]


def _filtered(scene: Scene, at: F32, way: F32, shine: F32, vents: F32) -> F32:
    """The smog on the way inside, from what is before the intakes to what the vents give: a filter keeps a
    share of it on every metre, and is densest where the air comes in. way: m along each line."""
    whole = np.maximum((way * (shine > 0.02)).max(axis=0), 1e-3)
    before, after = np.maximum(_carried(scene, at[0]), 1e-4), max(float(_carried(scene, vents).mean()), 1e-4)
    share = 1.0 - (1.0 - np.minimum(way / whole, 1.0)) ** 2
    return np.asarray(before * (after / before) ** share, np.float32)
