"""Pictures of NumPy arrays: forms, a camera and a look, without a world, a show or a screen.

    import numpy as np
    from bioart import studio

    cloud = studio.volume(cell=0.05, light0=np.random.rand(40, 40, 40))
    picture = studio.picture(cloud, studio.camera(yaw=30, distance=6), "spectral", (1280, 720))
    imageio.imwrite("cloud.png", picture)

Forms add up: `studio.volume(...) + studio.points(...)`. Who draws many keeps a `Studio` open, which makes its
context, shaders and buffers once.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bioart import registry
from bioart.camera import Camera, looking
from bioart.develop import Develop
from bioart.errors import BioartError, nearest, shown
from bioart.forms import Channel, Curves, Forms, Grid, Points, Text, Volume
from bioart.gpu import context
from bioart.gpu.screen import Screen
from bioart.gpu.upload import Scene
from bioart.gpu.view import View
from bioart.looks import Look
from bioart.param import Param, params_of
from bioart.spectrum import Emitter

F32 = NDArray[np.float32]
Vector = tuple[float, float, float]
EMITTERS = {
    "light0": (474.0, 35.0),
    "light1": (508.0, 30.0),
    "light2": (562.0, 70.0),
    "light3": (530.0, 90.0),
}
"""Peak and width (nm) of the lights where nothing else is said: dinoflagellates, GFP, firefly, fungi."""
QUALITIES = ("draft", "live", "final")
FILM = "develop_"  # what names of develop's params begin with here
LONGEST = 16384  # px of a side


def volume(
    cell: float,
    origin: Vector | None = None,
    emitters: Mapping[str, tuple[float, float]] | None = None,
    **channels: ArrayLike,
) -> Forms:
    """Scalar channels on one grid.

    cell: edge of a cell, m. origin: least corner of the grid, m; None: the grid's middle is (0, 0, 0).
    emitters: for each channel that shines its peak and width (FWHM), nm; None: EMITTERS. channels: by name an
    array (nx, ny, nz), y up, of which 1 is full: `solid`, `light0`…`light3`, `network`, `age`, `tip`, `smog`,
    `spill`, `spores`, `flash`, `velocity_x`… or what else a look names.

    Raises BioartError for arrays that are not 3-D, not finite or not of one shape, and for a cell that is no
    length.
    """
    if not (math.isfinite(cell) and cell > 0):
        raise BioartError(f"volume: cell {shown(cell)} m; allowed: more than 0")
    if not channels:
        raise BioartError("volume: no channel; allowed: one or more, e.g. light0=array")
    arrays = {name: _floats(f"volume: {name}", a) for name, a in channels.items()}
    first = next(iter(arrays.values())).shape
    for name, a in arrays.items():
        if a.ndim != 3 or a.shape != first or 0 in a.shape:
            raise BioartError(
                f"volume: {name} is an array of shape {a.shape}; allowed: (nx, ny, nz), one for all channels"
            )
    nx, ny, nz = first
    corner = origin or (-0.5 * nx * cell, -0.5 * ny * cell, -0.5 * nz * cell)
    grid = Grid((nx, ny, nz), corner, cell)
    shining = EMITTERS if emitters is None else emitters
    return Forms(
        Volume(
            tuple(Channel(name, grid, a) for name, a in arrays.items()),
            tuple(Emitter(name, *shining[name]) for name in arrays if name in shining),
        )
    )


def points(at: ArrayLike, radius: ArrayLike = 0.02, tint: ArrayLike = 1.0, glow: ArrayLike = 1.0) -> Forms:
    """Motes. at: (n, 3) m; radius: m; tint: (n, 3) linear sRGB; glow ≥ 0; one for all or one for each.

    Raises BioartError for other shapes and for values that are not finite.
    """
    place = _places("points: at", at)
    n = len(place)
    return Forms(
        points=(
            Points(
                "points",
                place,
                _spread("points: radius", radius, (n,)),
                _spread("points: tint", tint, (n, 3)),
                _spread("points: glow", glow, (n,)),
                np.arange(n, dtype=np.int64),
            ),
        )
    )


def curves(
    strands: Sequence[ArrayLike], radius: float = 0.01, tint: ArrayLike = 1.0, glow: float = 1.0
) -> Forms:
    """Strands. strands: for each its control points, (m, 3) m, at least two; radius: m; tint: (n, 3) or one
    for all, linear sRGB; glow ≥ 0.

    Raises BioartError for other shapes and for values that are not finite.
    """
    rows = [_places(f"curves: strand {i}", s) for i, s in enumerate(strands)]
    for i, row in enumerate(rows):
        if len(row) < 2:
            raise BioartError(f"curves: strand {i} has {len(row)} points; allowed: two or more")
    at = np.concatenate(rows) if rows else np.zeros((0, 3), np.float32)
    n, m = len(rows), len(at)
    return Forms(
        curves=(
            Curves(
                "curves",
                at,
                np.cumsum([0, *(len(r) for r in rows)]).astype(np.int64),
                _spread("curves: radius", radius, (m,)),
                _spread("curves: tint", tint, (n, 3)),
                _spread("curves: glow", glow, (m,)),
                np.arange(n, dtype=np.int64),
            ),
        )
    )


def text(words: str, at: Vector, height: float, tint: Vector = (1.0, 1.0, 1.0), glow: float = 1.0,
         facing: Vector | None = None) -> Forms:  # fmt: skip
    """A line of words. at: its middle, m; height: of a capital, m; facing: unit vector out of the page; None:
    it faces every camera."""
    return Forms(texts=(Text(0, words, at, height, tint, glow, facing),))


def camera(
    yaw: float = 0.0,
    pitch: float = 8.0,
    distance: float = 6.0,
    target: Vector = (0.0, 0.0, 0.0),
    fov: float = 32.0,
) -> Camera:
    """A camera on a sphere about what it looks at. yaw about +y from +z towards +x, pitch upwards, fov: °,
    vertical; distance: m. The picture's shape is its own."""
    return looking(target, math.radians(yaw), math.radians(pitch), distance, math.radians(fov), 1.0)


def picture(
    forms: Forms,
    camera: Camera,
    look: str = "specimen",
    size: tuple[int, int] = (1280, 720),
    quality: str = "final",
    **params: float,
) -> NDArray[np.uint8]:
    """One picture, developed: sRGB codes (height, width, 3), top row first. See `Studio`."""
    with Studio(look, size, quality, **params) as one:
        return one.picture(forms, camera)


class Studio:
    """A look at work, offscreen.

    params: the look's by name (`bioart list params`), and develop's as `develop_<name>`; every other one has
    its default.
    """

    def __init__(
        self,
        look: str = "specimen",
        size: tuple[int, int] = (1280, 720),
        quality: str = "final",
        **params: float,
    ) -> None:
        """size: width and height, px, 1 to 16384. quality: draft, live or final. Raises BioartError for a
        look, quality, size or param that cannot be, WorkFailed where the machine has no OpenGL 4.1."""
        width, height = size
        if not (1 <= width <= LONGEST and 1 <= height <= LONGEST):
            raise BioartError(f"studio: size {width}x{height}; allowed: 1 to {LONGEST} px a side")
        if quality not in QUALITIES:
            raise BioartError(f"studio: quality {shown(quality)}; allowed: {', '.join(QUALITIES)}")
        kind: type[Look] = registry.kind("look", look, "studio")
        own = {n: v for n, v in params.items() if not n.startswith(FILM)}
        film = {n.removeprefix(FILM): v for n, v in params.items() if n.startswith(FILM)}
        self._values, self._film = _settled(kind, own, look), _settled(Develop, film, "develop")
        self._ctx = context.headless()
        self._look = kind(self._ctx, quality)
        self._scene = Scene(self._ctx)
        self._view = View(self._ctx, width, height)
        self._develop = Develop(self._ctx)
        self._screen = Screen(self._ctx)

    def radiance(self, forms: Forms, camera: Camera, t: float = 0.0) -> F32:
        """Linear radiance before it is developed: (height, width, 4), sRGB primaries, premultiplied, top row
        first. t: show time for what shimmers, s."""
        self._take(forms, t)
        return self.again(camera, np.float32, t)

    def again(self, camera: Camera, kind: Any = np.float32, t: float = 0.0) -> NDArray[Any]:
        """The radiance of the forms last drawn, from another camera: what cameras share is not made anew.

        kind: float32, or float16 as it was drawn, for who minds the milliseconds."""
        self._look_through(camera, t)
        light = np.frombuffer(self._view.radiance.read(), np.float16)
        return light.reshape(self._view.height, self._view.width, 4)[::-1].astype(kind, copy=False)

    def picture(
        self, forms: Forms, camera: Camera, t: float = 0.0, exposure: float = 1.0
    ) -> NDArray[np.uint8]:
        """The same, developed: sRGB codes (height, width, 3), top row first. exposure: a factor on radiance,
        times 2 to the power of develop's own."""
        self._take(forms, t)
        self._look_through(camera, t)
        factor = exposure * 2.0 ** self._film["exposure"]
        developed = self._develop.view(self._view.radiance, self._film, factor)
        return np.asarray(self._screen.read(developed), np.uint8)

    def _take(self, forms: Forms, t: float) -> None:
        self._scene.upload(forms)
        self._look.prepare(self._scene, self._values, t)

    def _look_through(self, camera: Camera, t: float) -> None:
        shaped = camera.shaped(self._view.width / self._view.height)
        self._look.draw(self._scene, shaped, self._view, self._values, t)

    def close(self) -> None:
        """Give every GL object and the context back."""
        for held in (self._screen, self._develop, self._view, self._scene, self._look):
            held.close()
        self._ctx.release()

    def __enter__(self) -> Studio:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _settled(part: type, asked: Mapping[str, float], name: str) -> dict[str, float]:
    known: dict[str, Param] = params_of(part)
    for n in asked:
        if n not in known:
            raise BioartError(f"studio: no param {shown(n)} in {name}{nearest(n, tuple(known))}")
    return {n: p.check(asked.get(n, p.default), f"studio: {name}.{n}") for n, p in known.items()}


def _floats(place: str, values: Any) -> F32:
    try:
        array = np.ascontiguousarray(values, np.float32)
    except (TypeError, ValueError) as fault:
        raise BioartError(f"{place}: no array of numbers ({fault})") from fault
    if not np.isfinite(array).all():
        raise BioartError(f"{place}: holds a value that is not finite; allowed: finite numbers")
    return array


def _places(place: str, values: Any) -> F32:
    array = _floats(place, values)
    if array.ndim != 2 or array.shape[1] != 3:
        raise BioartError(f"{place} is an array of shape {array.shape}; allowed: (n, 3)")
    return array


def _spread(place: str, values: Any, shape: tuple[int, ...]) -> F32:
    array = _floats(place, values)
    try:
        return np.ascontiguousarray(np.broadcast_to(array, shape))
    except ValueError as fault:
        raise BioartError(
            f"{place} is an array of shape {array.shape}; allowed: {shape} or one for all"
        ) from fault
