"""Looks: one file and one shader folder or shader, forms into radiance for one camera.

To add one, write `looks/<name>.py` with one subclass of Look and its shader `shaders/looks/<name>.frag`;
params are class attributes, named as their uniforms. The family's contract tests draw it because it is there.
"""

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bioart.camera import Camera
    from bioart.gpu.upload import Scene
    from bioart.gpu.view import View


class Look:
    """Forms into linear radiance. Holds programs and buffers, made once; knows no world and no display."""

    def __init__(self, ctx: Any, quality: str = "live") -> None:
        """ctx: a moderngl context. quality: draft, live or final (steps of a march, soft light's pixels)."""
        raise NotImplementedError

    def prepare(self, scene: "Scene", p: dict[str, float], t: float) -> None:
        """Once per frame, before any camera: what all views share (light scattered by the smog)."""

    lap: float | None = None
    """s after which the picture comes round, and with it all that a look moves by itself; None: never."""

    def swaying(self, t: float) -> float:
        """A time, s, for what wanders slowly: t, or in a loop to and fro once, never faster than t."""
        if self.lap is None:
            return t
        return self.lap / math.tau * math.sin(math.tau * t / self.lap)

    def going(self, t: float, period: float) -> float:
        """A time, s, for what comes again after `period` s: t, or in a loop a little slower or faster, so
        that it has come again at its end."""
        if self.lap is None:
            return t
        return t * max(1, round(self.lap / period)) * period / self.lap

    layered = False
    """Whether `surfaces` and `over` draw it between them: what surfaces left may then be carried to a camera
    beside (`gpu/between`), and over is drawn on it."""
    opaque = True
    """Of a layered look: whether view.depth is that of skins that hide each other; else it says how far ahead
    the light is on the mean."""

    def draw(self, scene: "Scene", camera: "Camera", view: "View", p: dict[str, float], t: float) -> None:
        """Draw the uploaded scene into view.radiance (RGBA16F, premultiplied linear sRGB) and view.depth.

        p: the look's params by short name. t: show time in s, for shimmer that no state needs. A look that is
        not layered draws it all here.
        """
        self.surfaces(scene, camera, view, p, t)
        self.over(scene, camera, view, p, t)

    def surfaces(self, scene: "Scene", camera: "Camera", view: "View", p: dict[str, float], t: float) -> None:
        """Of a layered look: all that moves with what view.depth says, and the air before and behind it."""
        raise NotImplementedError

    def over(self, scene: "Scene", camera: "Camera", view: "View", p: dict[str, float], t: float) -> None:
        """Of a layered look: what moves of its own upon that, motes and words. Leaves view.depth alone."""
        raise NotImplementedError

    def close(self) -> None:
        """Release every GL object."""


BASE = Look
