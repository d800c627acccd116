"""One frame: forms to a finished picture. The inside of the loop that faces the eye.

forms → upload → for each camera of the display: look → develop → guard watches → display places → display
finishes with the guard's one gain → screen quantises. A frame may be the mean of several instants, each seen
through several places of a lens: their radiance is added up before it is developed, so that a light that is
bright and blurred blooms as one that is. Holds every GL object; knows no world and no clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby, islice, pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart import guard as guards
from bioart import registry
from bioart.assets import folder
from bioart.camera import Camera
from bioart.develop import Develop
from bioart.displays import Display, Shot
from bioart.forms import Curves, Forms, Points, Text, sparse
from bioart.gpu import between as gpu_between
from bioart.gpu.between import Between
from bioart.gpu.cells import Cells
from bioart.gpu.mean import Mean
from bioart.gpu.screen import Screen
from bioart.gpu.upload import Scene
from bioart.gpu.view import Box, Picture, View
from bioart.guard import Guard
from bioart.looks import Look
from bioart.optics import MIDDLE, Disc, Optics
from bioart.param import defaults_of, of_part

TOGETHER = 3  # views of one size that are developed side by side, at most: all their radiance is held
FLAWLESS = 64  # px, the short side of views that are drawn for the guard alone


@dataclass(frozen=True)
class Cost:
    """What a frame may cost, as shares of full. marching: samples along rays; scale: of a view's sides;
    spores: of the motes that are drawn."""

    marching: float = 1.0
    scale: float = 1.0
    spores: float = 1.0


FULL = Cost()


@dataclass(frozen=True)
class Instant:
    """A moment that a frame is made of. exposure: the factor on radiance. values: settled params by full
    name; `look.*`, `camera.*` and `develop.*` count. t: show time in s. share: of the frame's light, all its
    instants' sum to 1. lens: the places in it, of the unit disc, that see this instant."""

    forms: Forms
    camera: Camera
    exposure: float
    values: Mapping[str, float]
    t: float
    share: float = 1.0
    lens: tuple[Disc, ...] = MIDDLE

    @property
    def alone(self) -> bool:
        """Whether it is all of a frame's light, through a pinhole."""
        return self.share >= 1.0 and self.lens == MIDDLE


_ONE, _PAIR, _WHITE = (np.full(n, 0.01, np.float32) for n in (1, 2, (1, 3)))
SOME = Forms(
    points=(Points("trial", _WHITE, _ONE, _WHITE, _ONE, np.arange(1)),),
    curves=(
        Curves("trial", np.eye(2, 3, dtype=np.float32), np.array([0, 2]), _PAIR, _WHITE, _PAIR, np.arange(1)),
    ),
    texts=(Text(0, "a", (0.0, 0.0, 0.0), 0.1, (1.0, 1.0, 1.0), 1.0),),
)
"""A mote, a strand and a letter."""


_Developed = tuple[Any, Box | None]  # a texture, and the box in it that is the view; None: all of it


class Projector:
    """A look, a display and all between, ready for one picture size."""

    def __init__(
        self,
        ctx: Any,
        look: str,
        display: str,
        width: int | None,
        height: int | None,
        quality: str = "live",
        guard: Guard | None = None,
        lap: float | None = None,
    ) -> None:
        """look, display: kinds (`quilt:portrait`). width, height: of the picture; None: the display's own.

        guard: only tests hand in another. lap: of a loop, s: what a look moves by itself comes round in it.
        BioartError for an unknown kind or a size that cannot be.
        """
        self._ctx = ctx
        kind, _, option = display.partition(":")
        self.display: Display = registry.kind("display", kind, "--display")(ctx, option)
        self.width, self.height = self.display.picture(width, height)
        self._look: Look = registry.kind("look", look)(ctx, quality)
        self._look.lap = lap
        self._scene = Scene(ctx)
        self._develop = Develop(ctx)
        self._cells = Cells(ctx, folder("shaders"), *guards.CELLS)
        self._mean = Mean(ctx)
        self._screen = Screen(ctx)
        self._picture = Picture(ctx, self.width, self.height)
        self._views: dict[tuple[int, int], list[View]] = {}
        self._between: Between | None = None
        self._carries = self._look.layered and self.display.every > 1 and quality != "final"
        self._guard = guard
        self.gain = 1.0

    def draw(
        self,
        forms: Forms,
        camera: Camera,
        exposure: float,
        values: Mapping[str, float],
        t: float,
        *,
        now: float | None = None,
        cost: Cost = FULL,
        light: float = 1.0,
    ) -> Picture:
        """The finished picture of one moment, through a pinhole: `expose` of that instant alone."""
        instant = Instant(forms, camera, exposure, values, t)
        return self.expose((instant,), now=now, cost=cost, light=light)

    def expose(
        self,
        instants: Iterable[Instant],
        *,
        now: float | None = None,
        cost: Cost = FULL,
        light: float = 1.0,
    ) -> Picture:
        """The finished picture of all that the shutter lets in, in half float, guarded.

        instants: at least one, asked for one by one; the first says how the mean of all is developed. now:
        the time by which the guard counts, s, never falling: the audience's own; None: the first's. cost:
        what a drawing may cost. light: share 0–1 of a fade, after the guard.
        """
        coming = iter(instants)
        first = next(coming)
        views = self._single(first, cost) if first.alone else self._averaged(first, coming, cost)
        for index, (view, box) in enumerate(views):
            self._cells.put(index, view, box)
            if box is None:
                self.display.place(index, view, self._picture)
        self.gain = self._watch(self._cells.read(index + 1), first.t if now is None else now)
        self.display.finish(self.gain * light, self._picture)
        return self._picture

    def rehearse(
        self, forms: Forms, camera: Camera, exposure: float, values: Mapping[str, float], t: float
    ) -> None:
        """Let the guard see a moment before the first frame, drawn only as large as its cells need."""
        instant = Instant(forms, camera, exposure, values, t)
        for index, (view, _) in enumerate(self._drawn(instant, *self._small(camera))):
            self._cells.put(index, view)
        self.gain = self._watch(self._cells.read(index + 1), t)

    def trial(
        self, forms: Forms, camera: Camera, exposure: float, values: Mapping[str, float], t: float
    ) -> None:
        """Draw a moment that nobody sees, as small as that, and something of every kind of form beside it: a
        shader that compiles may still not fit what is drawn with it. The guard does not see it either.

        Raises whatever comes of it.
        """
        instant = Instant(forms + SOME, camera, exposure, values, t)
        for index, (view, _) in enumerate(self._drawn(instant, *self._small(camera))):
            self._cells.put(index, view)
            self.display.place(index, view, self._picture)
        self._cells.read(1)
        self.display.finish(0.5, self._picture)  # at full gain a display has nothing to do
        small = next(reversed(self._views.values()))[0]
        self._screen.show(self._picture.texture, small.framebuffer)

    def _small(self, camera: Camera) -> tuple[tuple[Shot, ...], list[None]]:
        """The views, only as large as the guard's cells need, and that none goes into the picture."""
        shots = self.display.shots(camera, self.width, self.height)
        small = tuple(_shrunk(s, 2 * FLAWLESS / min(s.width, s.height)) for s in shots)
        return small, [None] * len(small)

    def _shots(self, camera: Camera, cost: Cost) -> tuple[Shot, ...]:
        return tuple(_shrunk(s, cost.scale) for s in self.display.shots(camera, self.width, self.height))

    def _boxes(self, shots: tuple[Shot, ...]) -> list[Box | None]:
        """Where in the picture views are developed at once; None for one that its display has to place."""
        boxes = [self.display.box(index, self._picture) for index in range(len(shots))]
        sizes = [(shot.width, shot.height) for shot in shots]
        return [b if b and b[2:] == size else None for b, size in zip(boxes, sizes, strict=True)]

    def _single(self, instant: Instant, cost: Cost) -> Iterator[_Developed]:
        """Developed views of an instant alone, one by one."""
        shots = self._shots(instant.camera, cost)
        return self._drawn(instant, shots, self._boxes(shots), cost)

    def _drawn(
        self, instant: Instant, shots: tuple[Shot, ...], boxes: Sequence[Box | None], cost: Cost = FULL
    ) -> Iterator[_Developed]:
        look = self._prepared(instant, cost)
        cameras = [shot.camera for shot in shots]
        carried = self._carries and len(cameras) > 1 and gpu_between.in_a_row(cameras)
        seen = self._carried if carried else self._each
        return self._developed(zip(shots, boxes, seen(shots, look, instant.t), strict=True), instant)

    def _each(self, shots: tuple[Shot, ...], look: dict[str, float], t: float) -> Iterator[Any]:
        """What each camera sees, every one drawn; lent until TOGETHER more are."""
        for index, shot in enumerate(shots):
            yield self._seen(shot.camera, shot, look, t, index)

    def _carried(self, shots: tuple[Shot, ...], look: dict[str, float], t: float) -> Iterator[Any]:
        """The same, surfaces drawn for every n-th camera alone and carried to those between."""
        size = (shots[0].width, shots[0].height)
        between = self._between_of(*size)
        drawn = [*range(0, len(shots) - 1, self.display.every), len(shots) - 1]

        def draw(index: int) -> None:
            camera = shots[index].camera
            self._look.surfaces(self._scene, camera, between.next(camera), look, t)
            between.drawn()

        draw(0)
        for left, right in pairwise(drawn):
            draw(right)
            for index in range(left, right + (right == drawn[-1])):
                camera, view = shots[index].camera, self._view(*size, index)
                if index in (left, right):
                    between.copy(view, right=index == right)
                else:
                    between.carry(camera, view)
                self._look.over(self._scene, camera, view, look, t)
                yield view.radiance

    def _averaged(self, first: Instant, others: Iterator[Instant], cost: Cost) -> Iterator[_Developed]:
        """Developed views of the mean of instants. All views' sums are held at once, so that an instant is
        uploaded and prepared once."""
        shots = self._shots(first.camera, cost)
        for index, shot in enumerate(shots):
            self._mean.clear(index, (shot.width, shot.height))
        for instant in chain((first,), others):
            look = self._prepared(instant, cost)
            radius = instant.values.get("camera.aperture", Optics.aperture.default) / 2
            nearer = instant.values.get("camera.focus", Optics.focus.default)
            if len(instant.lens) > 1 and "blur" in look:
                look["blur"] = 0.0  # what a look paints instead of a lens
            for index, shot in enumerate(self._shots(instant.camera, cost)):
                focused = shot.camera if instant.lens == MIDDLE else shot.camera.focused(nearer)
                for x, y in instant.lens:
                    view = self._seen(focused.through(radius * x, radius * y), shot, look, instant.t)
                    self._mean.add(index, view, instant.share / len(instant.lens))
        means = [self._mean.of(index) for index in range(len(shots))]
        yield from self._developed(zip(shots, self._boxes(shots), means, strict=True), first)

    def _prepared(self, instant: Instant, cost: Cost) -> dict[str, float]:
        """Upload an instant and let the look work out what all its views share; the look's params."""
        look, settled = defaults_of(type(self._look)), of_part(dict(instant.values), "look")
        if settled.keys() <= look.keys():  # else they are another look's, whose words mean other things
            look |= settled
        if "marching" in look:
            look["marching"] *= cost.marching
        self._scene.upload(sparse(instant.forms, cost.spores))
        self._look.prepare(self._scene, look, instant.t)
        return look

    def _seen(self, camera: Camera, shot: Shot, look: dict[str, float], t: float, index: int = 0) -> Any:
        """What a camera sees, linear radiance; lent until TOGETHER more are, counted by index."""
        view = self._view(shot.width, shot.height, index)
        self._look.draw(self._scene, camera, view, look, t)
        return view.radiance

    def _developed(
        self, seen: Iterable[tuple[Shot, Box | None, Any]], instant: Instant
    ) -> Iterator[_Developed]:
        """Radiance developed, as many as go together at a time, one by one: into its box of the picture, or
        into a texture that is lent until the next of those."""
        film = {**defaults_of(Develop), **of_part(dict(instant.values), "develop")}
        for (_, pixel, placed), alike in groupby(seen, _alike):
            while some := list(islice(alike, TOGETHER)):
                radiances = [radiance for _, _, radiance in some]
                onto = None if placed else [(self._picture.framebuffer, box) for _, box, _ in some if box]
                made = self._develop.views(radiances, film, instant.exposure, pixel, onto)
                yield from zip(made, (box for _, box, _ in some), strict=True)

    def _watch(self, cells: NDArray[np.float32], t: float) -> float:
        if self._guard is None:
            self._guard = Guard(len(cells))
        return self._guard.watch(cells, t)

    def _between_of(self, width: int, height: int) -> Between:
        if self._between is None or self._between.size != (width, height):
            made = Between(self._ctx, width, height, self._look.opaque)
            if self._between is not None:
                self._between.close()
            self._between = made
        return self._between

    def _view(self, width: int, height: int, index: int = 0) -> View:
        """What the view of this number is drawn into: TOGETHER of a size take turns."""
        key = (width, height)
        if key not in self._views:
            made = [View(self._ctx, width, height)]  # before old ones go: a bound one must not be the last
            while len(self._views) >= 2:
                for view in self._views.pop(next(iter(self._views))):
                    view.close()
            self._views[key] = made
        views = self._views[key]
        while index % TOGETHER >= len(views):
            views.append(View(self._ctx, width, height))
        return views[index % TOGETHER]

    @property
    def picture(self) -> Picture:
        """The last picture, in half float."""
        return self._picture

    @property
    def guard(self) -> Guard | None:
        """Who watches; None before the first frame."""
        return self._guard

    def show(self, texture: Any, framebuffer: Any) -> None:
        """A picture (RGBA16F texture, display light) as 8-bit codes into a framebuffer of its size."""
        self._screen.show(texture, framebuffer)

    def read(self, depth: int = 8, dither: bool = True, alpha: bool = False) -> NDArray[Any]:
        """The last picture as sRGB codes: (height, width, 3 or 4), top row first."""
        return self._screen.read(self._picture.texture, depth, dither, alpha)

    def close(self) -> None:
        """Release every GL object."""
        for view in chain.from_iterable(self._views.values()):
            view.close()
        self._views.clear()
        if self._between is not None:
            self._between.close()
            self._between = None
        for held in (self._picture, self._mean, self._screen, self._cells, self._develop, self._scene):
            held.close()
        self._look.close()
        self.display.close()


def _alike(one: tuple[Shot, Box | None, Any]) -> tuple[tuple[int, int], float, bool]:
    """What views that are developed together share: size, pixel, and whether their display places them."""
    shot, box, _ = one
    return (shot.width, shot.height), shot.pixel, box is None


def _shrunk(shot: Shot, scale: float) -> Shot:
    """The same view in fewer px; never in more."""
    if scale >= 1.0:
        return shot
    return replace(shot, width=max(16, round(shot.width * scale)), height=max(16, round(shot.height * scale)))
