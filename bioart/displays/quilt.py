"""A quilt: one tile for each view of a light-field display (Looking Glass and its like).

View 0 is the leftmost camera and the bottom left tile; views run left to right, then upwards. Layouts, sizes
and cones are those of the makers' public device tables; a connected device's own answer is better.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from typing import Any

from bioart.camera import Camera
from bioart.displays import Display, Shot
from bioart.errors import BioartError, nearest, shown
from bioart.gpu.lay import Lay
from bioart.gpu.view import Box, Picture

FOV = math.radians(14)  # vertical; what the makers recommend for a viewer at arm's length
STRIDE = 5.0  # degrees from a view that is drawn to the next, at most, unless all are asked for
_SIDE = 32  # columns or rows at most
_LEAST = 8  # px of a tile's side


@dataclass(frozen=True)
class Device:
    """columns × rows tiles of width × height px (even, so that no colour bleeds from tile to tile); aspect of
    the displayed view, width/height; cone: the angle in which the lens spreads the views, degrees."""

    columns: int
    rows: int
    width: int
    height: int
    aspect: float
    cone: float

    @property
    def views(self) -> int:
        return self.columns * self.rows

    @property
    def every(self) -> int:
        """Of so many views one is drawn, unless all are asked for."""
        return max(1, int(STRIDE * self.views / self.cone))


_WIDE, _TALL = 16 / 9, 9 / 16
DEVICES = {
    "portrait": Device(8, 6, 420, 560, 0.75, 40),
    "go": Device(11, 6, 372, 682, _TALL, 54),
    "16": Device(7, 7, 856, 856, _WIDE, 50),
    "16-portrait": Device(11, 6, 544, 1000, _TALL, 50),
    "16-gen2": Device(5, 9, 818, 454, _WIDE, 40),
    "32": Device(7, 7, 1170, 1170, _WIDE, 50),
    "32-portrait": Device(11, 6, 744, 1364, _TALL, 54),
    "32-gen2": Device(5, 9, 1638, 910, _WIDE, 40),
    "65": Device(8, 9, 1024, 910, _WIDE, 40),
    "8.9-gen1": Device(5, 9, 818, 454, 1.6, 40),
    "15.6-gen1": Device(5, 9, 818, 454, _WIDE, 40),
    "8k-gen1": Device(5, 9, 1638, 910, _WIDE, 40),
}
_LAYOUT = re.compile(r"(\d{1,3})x(\d{1,3})(?:a(\d{1,2}(?:\.\d{1,6})?))?(?:c(\d{1,2}(?:\.\d{1,3})?))?")


def device(option: str) -> Device:
    """A device by name, or by layout `CxR[aASPECT][cCONE]`: columns, rows, the view's aspect, degrees.

    A bare CxR is the first known device of that layout, else 16:9 with a cone of 40°. Raises BioartError.
    """
    if option in DEVICES:
        return DEVICES[option]
    found = _LAYOUT.fullmatch(option)
    if not found:
        raise BioartError(
            f"--display quilt:{shown(option)[1:-1]}: no such device or layout{nearest(option, DEVICES)}"
            ", or CxR[aASPECT][cCONE] like 8x6a0.75c40"
        )
    columns, rows = int(found[1]), int(found[2])
    if not (1 <= columns <= _SIDE and 1 <= rows <= _SIDE):
        raise BioartError(f"--display quilt:{option}: allowed: 1 to {_SIDE} columns and rows")
    known = next((d for d in DEVICES.values() if (d.columns, d.rows) == (columns, rows)), None)
    aspect = float(found[3]) if found[3] else known.aspect if known else _WIDE
    cone = float(found[4]) if found[4] else known.cone if known else 40.0
    if not 0.1 <= aspect <= 10 or not 1 <= cone <= 90:
        raise BioartError(f"--display quilt:{option}: allowed: aspect 0.1 to 10, cone 1 to 90 degrees")
    if known and aspect == known.aspect:
        return replace(known, cone=cone)
    height = _even(560.0)
    return Device(columns, rows, _even(height * aspect), height, aspect, cone)


class Quilt(Display):
    """N off-axis cameras through one focal rectangle; their views side by side in one picture."""

    focuses = False

    def __init__(self, ctx: Any, option: str = "") -> None:
        """option: a name of DEVICES or CxR[aASPECT][cCONE]; portrait where there is none. `:exact` after it:
        every view is drawn, none carried from its neighbours."""
        told, _, how = option.partition(":")
        if how not in ("", "exact"):
            raise BioartError(
                f"--display quilt:{told}:{shown(how)[1:-1]}: allowed: quilt:{told}:exact, or without"
            )
        self.device = device(told or "portrait")
        self.every = 1 if how else self.device.every
        self.suffix = f"_qs{self.device.columns}x{self.device.rows}a{self.device.aspect:.6g}"
        self._most = int(ctx.info["GL_MAX_TEXTURE_SIZE"])
        self._lay = Lay(ctx)

    def picture(self, width: int | None, height: int | None) -> tuple[int, int]:
        """The device's own size, or the largest of even tiles in its shape that fits the size asked for."""
        d = self.device
        scales = [
            asked / own
            for asked, own in ((width, d.columns * d.width), (height, d.rows * d.height))
            if asked is not None
        ]
        scale = min(scales, default=1.0)
        tile = (_even(d.width * scale), _even(d.height * scale))
        size = (d.columns * tile[0], d.rows * tile[1])
        if min(tile) < _LEAST:
            least = max(_LEAST / d.width, _LEAST / d.height)
            raise BioartError(
                f"--size {width}x{height}: too small for {d.columns}x{d.rows} tiles; allowed: from about "
                f"{math.ceil(d.columns * d.width * least)}x{math.ceil(d.rows * d.height * least)}"
            )
        if max(size) > self._most:
            raise BioartError(
                f"--size {size[0]}x{size[1]}: allowed: up to {self._most}x{self._most} on this machine"
            )
        return size

    def shots(self, camera: Camera, width: int, height: int) -> tuple[Shot, ...]:
        """View i stands at angle cone·((i+½)/N − ½), the middle of the lens's bin; all share the focal
        rectangle of the score's camera, whose height stays.

        The camera moves back until that height fills FOV: what is as deep as the rectangle is high then
        stays within some 5 px from view to view. Nothing is drawn nearer to the eye than one height in
        front of the focal plane, nor what was behind the score's own camera.
        """
        d = self.device
        camera = camera.shaped(d.aspect)
        distance = camera.half_height / math.tan(FOV / 2)
        base = replace(
            camera,
            distance=distance,
            fov=FOV,
            aspect=d.aspect,
            near=max(distance - 2 * camera.half_height, distance - camera.distance + camera.near, 0.01),
            far=distance - camera.distance + camera.far,
        )
        cone, n = math.radians(d.cone), d.views
        tile = (width // d.columns, height // d.rows)
        return tuple(
            Shot(base.shifted(math.tan(cone * ((i + 0.5) / n - 0.5))), tile[0], tile[1]) for i in range(n)
        )

    def box(self, index: int, picture: Picture) -> Box:
        d = self.device
        width, height = picture.width // d.columns, picture.height // d.rows
        return index % d.columns * width, index // d.columns * height, width, height

    def place(self, index: int, view: Any, picture: Picture) -> None:
        self._lay.put(view, picture, self.box(index, picture))

    def finish(self, gain: float, picture: Picture) -> None:
        self._lay.dim(picture, gain)

    def close(self) -> None:
        self._lay.close()


def _even(side: float) -> int:
    """The largest even number of px that is no more than side."""
    return 2 * int((side + 1e-6) // 2)
