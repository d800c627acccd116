"""Forms: what is there to be drawn. A growth, a score or a crowd yields forms; a look draws them.

Four kinds meet all looks: Volume (scalar channels on grids), Points, Curves, Text. All in metres of the
world, colours in linear sRGB. `mix` is the one place where two stored states become a moment between.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.spectrum import Emitter

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class Grid:
    """A box of cubic cells. shape: (nx, ny, nz), y up, z fastest; origin: least corner, m; cell: edge, m."""

    shape: tuple[int, int, int]
    origin: tuple[float, float, float]
    cell: float

    @property
    def size(self) -> tuple[float, float, float]:
        nx, ny, nz = self.shape
        return (nx * self.cell, ny * self.cell, nz * self.cell)


@dataclass(frozen=True)
class Channel:
    """One named scalar on a grid. values: float32 of the grid's shape, cell-centred; full: the value that
    is shown as 1 (0 is 0), also the range of its 8 bits in a take. rate: how often a take keeps it, 1/s."""

    name: str
    grid: Grid
    values: F32
    full: float = 1.0
    rate: float = 2.0


@dataclass(frozen=True)
class Volume:
    """Channels, and the emitters that say which of them shine and in which spectrum."""

    channels: tuple[Channel, ...] = ()
    emitters: tuple[Emitter, ...] = ()

    def channel(self, name: str) -> Channel | None:
        return next((c for c in self.channels if c.name == name), None)


@dataclass(frozen=True)
class Points:
    """Motes. at: (n, 3) m; radius: (n,) m; tint: (n, 3) linear sRGB; glow: (n,) ≥ 0, 0 = unseen;
    key: (n,) int64, the mote's own number: a slot whose key changed is another mote and is not mixed."""

    name: str
    at: F32
    radius: F32
    tint: F32
    glow: F32
    key: I64


@dataclass(frozen=True)
class Curves:
    """Strands. at: (m, 3) m, all control points in a row; starts: (n + 1,) offsets into them; radius, glow:
    (m,); tint: (n, 3); key: (n,) int64, a thread's is int(token, 16), so that it is found again."""

    name: str
    at: F32
    starts: I64
    radius: F32
    tint: F32
    glow: F32
    key: I64


@dataclass(frozen=True)
class Text:
    """Words in space, in any script. at: the middle of a capital in the middle of the line, m; height: of a
    capital, m; tint: linear sRGB; glow ≥ 0; facing: unit vector out of the page, or None: it faces each
    camera's base pose, and nothing hides it. beside: (x, y) m, or None: it stands in the focal plane of each
    camera's base pose instead, y above `at`, its nearer edge |x| beside it (x < 0: to the left; 0: centred).
    There it is broken into rows as the picture has room, never over other words or beyond the picture's edge
    (`gpu/typesetting`). Rows that a maker broke itself have following keys."""

    key: int
    words: str
    at: tuple[float, float, float]
    height: float
    tint: tuple[float, float, float]
    glow: float
    facing: tuple[float, float, float] | None = None
    beside: tuple[float, float] | None = None


@dataclass(frozen=True)
class Forms:
    """All that a moment has to show."""

    volume: Volume = field(default_factory=Volume)
    points: tuple[Points, ...] = ()
    curves: tuple[Curves, ...] = ()
    texts: tuple[Text, ...] = ()

    def __add__(self, other: Forms) -> Forms:
        return Forms(
            Volume(
                self.volume.channels + other.volume.channels,
                self.volume.emitters + other.volume.emitters,
            ),
            self.points + other.points,
            self.curves + other.curves,
            self.texts + other.texts,
        )


def sparse(forms: Forms, share: float) -> Forms:
    """The forms with a share 0–1 of every kind of motes, always the same ones first."""
    if share >= 1.0:
        return forms
    kept = []
    for p in forms.points:
        n = round(len(p.key) * max(share, 0.0))
        kept.append(Points(p.name, p.at[:n], p.radius[:n], p.tint[:n], p.glow[:n], p.key[:n]))
    return replace(forms, points=tuple(kept))


def mix(before: Forms, after: Forms, share: float, each: Callable[..., Iterable[Any]] = map) -> Forms:
    """The moment between two stored states: share 0 is before, 1 is after. Used alike by stage, export, take.

    Numbers are mixed linearly. A mote, strand or text that only one state has keeps its place and fades.
    each: how the channels are gone through, as `map` does.
    """
    if share <= 0.0 or before is after:
        return before
    if share >= 1.0:
        return after
    s = np.float32(share)
    old = {c.name: c for c in before.volume.channels}

    def between(c: Channel) -> Channel:
        was = old.get(c.name)
        if was is None or was.values is c.values or was.values.shape != c.values.shape:
            return c
        values = c.values - was.values
        values *= s
        values += was.values
        return replace(c, values=values)

    return Forms(
        Volume(tuple(each(between, after.volume.channels)), after.volume.emitters),
        _mix_named(before.points, after.points, s, _mix_points),
        _mix_named(before.curves, after.curves, s, _mix_curves),
        _mix_texts(before.texts, after.texts, share),
    )


def _mix_named(
    before: tuple[Any, ...],
    after: tuple[Any, ...],
    s: np.float32,
    mixed: Callable[[Any, Any, np.float32], Any],
) -> tuple[Any, ...]:
    old = {p.name: p for p in before}
    return tuple(mixed(old[p.name], p, s) if p.name in old else p for p in after)


def _mix_points(a: Points, b: Points, s: np.float32) -> Points:
    if a.key.shape != b.key.shape:
        return b
    same = a.key == b.key
    m = np.where(same, s, np.float32(1))[:, None]
    glow = np.where(same, a.glow + (b.glow - a.glow) * s, b.glow * s)
    return replace(b, at=a.at + (b.at - a.at) * m, glow=glow.astype(np.float32))


def _mix_curves(a: Curves, b: Curves, s: np.float32) -> Curves:
    if a.key.shape == b.key.shape and a.at.shape == b.at.shape and np.array_equal(a.key, b.key):
        return replace(b, at=a.at + (b.at - a.at) * s, glow=a.glow + (b.glow - a.glow) * s)
    old = {int(k): i for i, k in enumerate(a.key)}
    glow, at = b.glow.copy(), b.at.copy()
    for i, k in enumerate(b.key):
        lo, hi = int(b.starts[i]), int(b.starts[i + 1])
        j = old.get(int(k))
        if j is None:
            glow[lo:hi] *= s
            continue
        first = int(a.starts[j])
        both = min(hi - lo, int(a.starts[j + 1]) - first)  # a strand that grows gains points at its tip
        was, shone = a.at[first : first + both], a.glow[first : first + both]
        at[lo : lo + both] = was + (b.at[lo : lo + both] - was) * s
        glow[lo : lo + both] = shone + (b.glow[lo : lo + both] - shone) * s
    return replace(b, at=at, glow=glow)


def _mix_texts(before: tuple[Text, ...], after: tuple[Text, ...], share: float) -> tuple[Text, ...]:
    old, new = {t.key: t for t in before}, {t.key: t for t in after}
    fading = [replace(t, glow=t.glow * (1 - share)) for t in before if t.key not in new]
    rest = []
    for t in after:
        was = old.get(t.key)
        glow = (was.glow if was else 0.0) * (1 - share) + t.glow * share
        at = t.at
        if was is not None:
            at = tuple(p + (q - p) * share for p, q in zip(was.at, t.at, strict=True))  # type: ignore[assignment]
            if was.beside and t.beside:
                (x, y), (u, v) = was.beside, t.beside
                t = replace(t, beside=(x + (u - x) * share, y + (v - y) * share))
        rest.append(replace(t, at=at, glow=glow))
    return tuple(fading + rest)
