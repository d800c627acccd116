"""The only crossing of forms to GL: channels to 3-D textures, points, curves and words to buffers.

A look asks for channels by name, up to four to a texture; what nobody asks for never crosses, and a channel
that the forms lack reads 0. Arrays go over untransposed: (x, y, z) with z fastest is a texture of width nz,
height ny and depth nx, read through `shaders/lib/volume.glsl`. Whole floats: where the processor draws, they
are read a fifth faster than halves or bytes (four to a texture, trilinear: 100 against 82 and 87 million a
second on one machine) and packed three times faster, as nothing is converted; normals have no terraces.

Textures and buffers are kept by shape and refilled, so a show that runs allocates nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.camera import Camera
from bioart.errors import BioartError
from bioart.forms import Channel, Curves, Forms, Grid, Points
from bioart.gpu import crew
from bioart.gpu.typeface import Typeface
from bioart.gpu.typesetting import Row, compose

NOWHERE = Grid((1, 1, 1), (0.0, -1e4, 0.0), 1e-3)  # the box of a pack that no channel fills

POINT = "3f 1f 3f 1f/i"  # at, radius, tint, glow
SPAN = "3f 3f 3f 3f 2f 2f 3f/i"  # four control points, radii, glows, tint
LINE = "3f 3f 3f 3f 4f 1f/i"  # middle, half extents along and up, tint × glow, rectangle, 1: nothing hides it


@dataclass(frozen=True)
class Pack:
    """Up to four channels in one texture: component i holds names[i], 1 is the channel's `full`."""

    texture: Any
    grid: Grid
    names: tuple[str, ...]
    present: tuple[bool, ...]

    @property
    def empty(self) -> bool:
        return not any(self.present)


@dataclass(frozen=True)
class Run:
    """Instances in a buffer: count of them, of a vertex format."""

    buffer: Any
    layout: str
    count: int


class Scene:
    """What is there to be drawn, on the device. `upload` once a frame, then ask."""

    def __init__(self, ctx: Any) -> None:
        self.ctx = ctx
        self.forms = Forms()
        self._textures: dict[tuple[Any, ...], Any] = {}
        self._scratch: dict[tuple[Any, ...], NDArray[np.float32]] = {}
        self._packs: dict[tuple[str, ...], Pack] = {}
        self._buffers: dict[str, Any] = {}
        self._runs: dict[str, Run] = {}
        self._typeface: Typeface | None = None
        self._composed_for: Camera | None = None

    def upload(self, forms: Forms) -> None:
        """Take the forms of this frame. What was asked for before is refilled when it is asked for again."""
        self.forms = forms
        self._packs.clear()
        self._runs.clear()

    # -- volume ------------------------------------------------------------------------------------------

    def channel(self, name: str) -> Channel | None:
        return self.forms.volume.channel(name)

    def grid(self, *names: str) -> Grid | None:
        """The grid of the first of these channels that is there."""
        return next((c.grid for c in map(self.channel, names) if c is not None), None)

    def pack(self, *names: str) -> Pack:
        """These channels (1 to 4, all on one grid) in one texture, linear between cells, clamped at the edge.

        Raises BioartError where two of them lie on different grids.
        """
        found = self._packs.get(names)
        if found is None:
            found = self._packs[names] = self._fill(names)
        return found

    def _fill(self, names: tuple[str, ...]) -> Pack:
        if not 1 <= len(names) <= 4:
            raise BioartError(f"pack {names}: {len(names)} channels; allowed: 1 to 4 to a texture")
        channels = [self.channel(name) for name in names]
        first = next((c for c in channels if c is not None), None)
        grid = first.grid if first is not None else NOWHERE
        for c in channels:
            if c is not None and c.grid != grid:
                raise BioartError(
                    f"pack {names}: channel {c.name!r} lies on {c.grid.shape}, {names[0]!r} on {grid.shape}; "
                    "allowed: one grid to a texture"
                )
        width = 4 if len(names) == 3 else len(names)
        block = self._block(names, grid.shape, width)

        def fill(part: slice) -> None:
            for i, c in enumerate(channels):
                if c is None:
                    block[part, ..., i] = 0
                else:
                    np.multiply(c.values[part], np.float32(1 / c.full), out=block[part, ..., i])

        crew.each(fill, crew.slabs(grid.shape[0]))
        texture = self.texture3d(("pack", names), grid.shape, width)
        texture.write(block)
        return Pack(texture, grid, names, tuple(c is not None for c in channels))

    def _block(self, names: tuple[str, ...], shape: tuple[int, int, int], width: int) -> NDArray[np.float32]:
        key = (names, shape, width)
        if key not in self._scratch:
            for stale in [k for k in self._scratch if k[0] == names]:
                del self._scratch[stale]
            self._scratch[key] = np.zeros((*shape, width), np.float32)
        return self._scratch[key]

    def texture3d(self, key: Any, shape: tuple[int, int, int], width: int) -> Any:
        """A float 3-D texture of a grid's shape, one per key; another shape replaces it."""
        slot = (key, shape, width)
        if slot not in self._textures:
            for stale in [k for k in self._textures if k[0] == key]:
                self._textures.pop(stale).release()
            texture = self.ctx.texture3d(shape[::-1], width, dtype="f4")
            texture.filter = (self.ctx.LINEAR, self.ctx.LINEAR)
            texture.repeat_x = texture.repeat_y = texture.repeat_z = False
            self._textures[slot] = texture
        return self._textures[slot]

    # -- what is drawn as geometry -----------------------------------------------------------------------

    def points(self) -> Run:
        """Every mote: POINT."""
        return self._run("points", POINT, lambda: motes(self.forms.points))

    def curves(self) -> Run:
        """Every stretch between two control points, with its neighbours: SPAN."""
        return self._run("curves", SPAN, lambda: spans(self.forms.curves))

    def texts(self, camera: Camera) -> Run:
        """Every row of words as a camera's base pose has it: LINE. Their letters stand in `letters`."""
        base = camera.shifted(0.0)
        if self._composed_for != base:
            self._runs.pop("texts", None)
            self._composed_for = base
        return self._run("texts", LINE, lambda: self._lines(compose(self.forms.texts, base)))

    @property
    def letters(self) -> Any:
        """The texture of all words now shown: R distance from letters' edges, G a soft halo around them."""
        return self._face().texture

    def _face(self) -> Typeface:
        if self._typeface is None:
            self._typeface = Typeface(self.ctx)
        return self._typeface

    def _lines(self, rows: list[Row]) -> NDArray[np.float32]:
        if not rows:
            return np.zeros((0, 17), np.float32)
        places = self._face().place([(row.words, row.base) for row in rows])
        found = []
        for row, place in zip(rows, places, strict=True):
            if place is not None:
                x, y = np.array(row.across) * row.height, np.array(row.above) * row.height
                middle = row.middle + x * (place.left + place.right) / 2 + y * (place.low + place.high) / 2
                x, y = x * (place.right - place.left) / 2, y * (place.high - place.low) / 2
                light = np.array(row.tint) * row.glow
                found.append((*middle, *x, *y, *light, *place.rectangle, float(row.front)))
        return np.asarray(found, np.float32).reshape(-1, 17)

    def run(self, name: str, layout: str, rows: NDArray[np.float32]) -> Run:
        """Instances of a look's own, in a buffer that is kept and refilled."""
        return self._send(name, layout, rows)

    def room(self, name: str, layout: str, count: int, size: int) -> Run:
        """Room for count instances of size bytes that a shader writes (`glsl.feed`), kept by name."""
        return Run(self._room(name, count * size), layout, count)

    def _run(self, name: str, layout: str, rows: Any) -> Run:
        found = self._runs.get(name)
        if found is None:
            found = self._runs[name] = self._send(name, layout, rows())
        return found

    def _send(self, name: str, layout: str, rows: NDArray[np.float32]) -> Run:
        data = np.ascontiguousarray(rows, np.float32)
        buffer = self._room(name, data.nbytes)
        if data.nbytes:
            buffer.write(data)
        return Run(buffer, layout, len(data))

    def _room(self, name: str, size: int) -> Any:
        """The buffer of a name, of at least so many bytes. It grows by doubling: a crowd that arrives costs a
        few of these."""
        buffer = self._buffers.get(name)
        if buffer is None or buffer.size < size:
            if buffer is not None:
                buffer.release()
            reserve = 1 << (max(4096, size) - 1).bit_length()
            buffer = self._buffers[name] = self.ctx.buffer(reserve=reserve, dynamic=True)
        return buffer

    def close(self) -> None:
        """Release every GL object."""
        for thing in (*self._textures.values(), *self._buffers.values()):
            thing.release()
        if self._typeface is not None:
            self._typeface.close()
        self._textures.clear()
        self._buffers.clear()
        self._packs.clear()
        self._runs.clear()
        self._typeface = None


def motes(sets: tuple[Points, ...]) -> NDArray[np.float32]:
    """(n, 8): the motes that glow, in the order of their sets."""
    rows = [
        np.concatenate([p.at, p.radius[:, None], p.tint, p.glow[:, None]], axis=1, dtype=np.float32)[
            p.glow > 0
        ]
        for p in sets
        if len(p.glow)
    ]
    return np.concatenate(rows) if rows else np.zeros((0, 8), np.float32)


def spans(sets: tuple[Curves, ...]) -> NDArray[np.float32]:
    """(n, 19): for each stretch the control points before, at its two ends and after it (repeated at a
    strand's ends, so that a Catmull-Rom curve passes through all of them), radii, glows, tint."""
    rows = []
    for c in sets:
        count = np.diff(c.starts)
        if not len(count) or c.at.shape[0] < 2:
            continue
        strand = np.repeat(np.arange(len(count)), np.maximum(count - 1, 0))
        if not len(strand):
            continue
        first, last = c.starts[strand], c.starts[strand + 1] - 1
        nth = np.arange(len(strand)) - np.repeat(
            np.cumsum(np.maximum(count - 1, 0)) - np.maximum(count - 1, 0), np.maximum(count - 1, 0)
        )
        b = first + nth
        d = b + 1
        a, e = np.maximum(b - 1, first), np.minimum(d + 1, last)
        rows.append(
            np.concatenate(
                [
                    *(c.at[i] for i in (a, b, d, e)),
                    np.stack([c.radius[b], c.radius[d]], axis=1),
                    np.stack([c.glow[b], c.glow[d]], axis=1),
                    c.tint[strand],
                ],
                axis=1,
                dtype=np.float32,
            )
        )
    return np.concatenate(rows) if rows else np.zeros((0, 19), np.float32)
