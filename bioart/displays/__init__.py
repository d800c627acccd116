"""Displays: one file, one thing that an audience stands before.

To add one, write `displays/<name>.py` with one subclass of Display and, where it composes by shader,
`shaders/displays/<name>.frag`. A display asks for N off-axis cameras and composes their developed views:

    for i, shot in enumerate(display.shots(camera, width, height)):
        look.draw(scene, shot.camera, view, ...)
        developed = develop.view(view.radiance, ...), into display.box(i, picture) where there is one
        guard watches developed
        display.place(i, developed, picture), where there is none
    display.finish(guard's gain, picture)

Views go in one by one, and no more than a few are held at full size; the guard's gain, known only when all
have been watched, is laid on the whole picture at the end. The family's contract tests run over a display
because it is there.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bioart.camera import Camera
    from bioart.gpu.view import Box, Picture


@dataclass(frozen=True)
class Shot:
    """One view that a display asks for: its camera (aspect and off-axis tangent set) and size in px."""

    camera: "Camera"
    width: int
    height: int

    @property
    def pixel(self) -> float:
        """Width/height of a pixel as it will be seen: not 1 where a tile's shape is not its view's."""
        return self.camera.aspect * self.height / self.width


class Display:
    """N cameras and the composition of their views into one picture."""

    bears_words = False  # whether words may lie on its picture; one that a device cuts into views bears none
    focuses = (
        True  # whether its views may be seen through a wide lens; a light field has its own depth of field
    )
    every = 1  # of so many shots one is drawn whole: a layered look's surfaces are carried to the rest
    suffix = ""  # what an exported file's stem ends in, as its device wants (`_qs8x6a0.75`)

    def __init__(self, ctx: Any, option: str = "") -> None:
        """option: what followed `kind:` on the command line (a device or CxR). BioartError where unknown."""
        raise NotImplementedError

    def picture(self, width: int | None, height: int | None) -> tuple[int, int]:
        """The size of the composed picture for a requested one (None: the display's own), px.

        BioartError for a size that the display or this machine's textures cannot have.
        """
        raise NotImplementedError

    def shots(self, camera: "Camera", width: int, height: int) -> tuple[Shot, ...]:
        """The views that a picture of this size needs, in the order that place() counts them."""
        raise NotImplementedError

    def box(self, index: int, picture: "Picture") -> "Box | None":
        """Where in the picture shot `index` goes as it is: a view of that size is developed there at once and
        not handed to place(). None: every view is."""
        return None

    def place(self, index: int, view: Any, picture: "Picture") -> None:
        """Lay the developed view of shot `index` (RGBA16F texture, display light) where the picture wants it.

        A display that weaves its views keeps them in a texture of its own until finish().
        """
        raise NotImplementedError

    def finish(self, gain: float, picture: "Picture") -> None:
        """All views are placed: complete the picture, its light times the guard's gain (0–1), alpha kept."""
        raise NotImplementedError

    def close(self) -> None:
        """Release every GL object."""


BASE = Display
