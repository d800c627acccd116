"""One frame: forms to a finished picture. The inside of the loop that faces the eye.

forms → upload → for each camera of the display: look → develop → guard watches → display places → display
finishes with the guard's one gain → screen quantises. Holds every GL object; knows no world and no clock.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart import guard as guards
from bioart import registry
from bioart.assets import folder
from bioart.camera import Camera
from bioart.develop import Develop
from bioart.displays import Display
from bioart.forms import Forms
from bioart.gpu.cells import Cells
from bioart.gpu.screen import Screen
from bioart.gpu.upload import Scene
from bioart.gpu.view import Picture, View
from bioart.guard import Guard
from bioart.looks import Look
from bioart.param import of_part

FLAWLESS = 64  # px, the short side of views that are drawn for the guard alone


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
    ) -> None:
        """look, display: kinds (`quilt:portrait`). width, height: of the picture; None: the display's own.

        guard: only tests hand in another. BioartError for an unknown kind or a size that cannot be.
        """
        self._ctx = ctx
        kind, _, option = display.partition(":")
        self.display: Display = registry.kind("display", kind, "--display")(ctx, option)
        self.width, self.height = self.display.picture(width, height)
        self._look: Look = registry.kind("look", look)(ctx, quality)
        self._scene = Scene(ctx)
        self._develop = Develop(ctx)
        self._cells = Cells(ctx, folder("shaders"), *guards.CELLS)
        self._screen = Screen(ctx)
        self._picture = Picture(ctx, self.width, self.height)
        self._views: dict[tuple[int, int], View] = {}
        self._guard = guard
        self.gain = 1.0

    def draw(
        self, forms: Forms, camera: Camera, exposure: float, values: Mapping[str, float], t: float
    ) -> Picture:
        """The finished picture of a moment, in half float, guarded. t: show time in s, never falling.

        exposure: the factor on radiance. values: settled params by full name; `look.*` and `develop.*` count.
        """
        shots = self.display.shots(camera, self.width, self.height)
        seen = []
        for index, shot in enumerate(self._drawn(forms, shots, exposure, values, t)):
            seen.append(self._cells.read(shot))
            self.display.place(index, shot, self._picture)
        self.gain = self._watch(np.stack(seen), t)
        self.display.finish(self.gain, self._picture)
        return self._picture

    def rehearse(
        self, forms: Forms, camera: Camera, exposure: float, values: Mapping[str, float], t: float
    ) -> None:
        """Let the guard see a moment before the first frame, drawn only as large as its cells need."""
        shots = self.display.shots(camera, self.width, self.height)
        small = []
        for shot in shots:
            scale = min(1.0, 2 * FLAWLESS / min(shot.width, shot.height))
            small.append(
                type(shot)(
                    shot.camera, max(16, round(shot.width * scale)), max(16, round(shot.height * scale))
                )
            )
        seen = [self._cells.read(view) for view in self._drawn(forms, tuple(small), exposure, values, t)]
        self.gain = self._watch(np.stack(seen), t)

    def _drawn(self, forms: Forms, shots: Any, exposure: float, values: Mapping[str, float], t: float) -> Any:
        """Developed views, one by one; each is lent until the next."""
        settled = dict(values)
        look, film = of_part(settled, "look"), of_part(settled, "develop")
        self._scene.upload(forms)
        self._look.prepare(self._scene, look, t)
        for shot in shots:
            view = self._view(shot.width, shot.height)
            self._look.draw(self._scene, shot.camera, view, look, t)
            yield self._develop.view(view.radiance, film, exposure, shot.pixel)

    def _watch(self, cells: NDArray[np.float32], t: float) -> float:
        if self._guard is None:
            self._guard = Guard(len(cells))
        return self._guard.watch(cells, t)

    def _view(self, width: int, height: int) -> View:
        key = (width, height)
        if key not in self._views:
            made = View(self._ctx, width, height)  # before an old one goes: a bound one must not be the last
            while len(self._views) >= 2:
                self._views.pop(next(iter(self._views))).close()
            self._views[key] = made
        return self._views[key]

    def read(self, depth: int = 8, dither: bool = True, alpha: bool = False) -> NDArray[Any]:
        """The last picture as sRGB codes: (height, width, 3 or 4), top row first."""
        return self._screen.read(self._picture.texture, depth, dither, alpha)

    def close(self) -> None:
        """Release every GL object."""
        for view in self._views.values():
            view.close()
        self._views.clear()
        for held in (self._picture, self._screen, self._cells, self._develop, self._scene):
            held.close()
        self._look.close()
        self.display.close()
