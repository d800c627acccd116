"""The guard: the last hand on the light. No flash that harms leaves it.

It watches the developed views on a coarse grid of cells and answers with one gain for all views of a frame,
applied to that very frame. Dark phases cannot be lifted, so it counts what it can prevent: *rises*, reversals
upwards by some threshold, of four signals:

- luminance, 10 % of full from a darker state below 0.80 (WCAG 2.3.1, general flash);
- red's excess over green and blue, 20/320 (WCAG 2.1, red flash), saturated or not: whoever could pass from
  one saturated state to another by way of an unsaturated one would have found a way round the rule;
- the same of saturated pixels alone, which jumps where saturation is lost or won although no excess changes;
- whether a cell is saturated red or more than 0.2 in CIE 1976 u′v′ away from it (WCAG 2.2, ISO 9241-391).

A flash is a rise and a fall, so what rises at most twice in any second flashes less often than the three
times that WCAG allows, and at most five times in any four seconds stays clear of what broadcasters call
extended. The first three are counted in every cell, in every block of a view and in the whole view: patches
that take turns flash none of them too often, but the view. What has spent its rises is capped just above its
darkest state by the gain, which then comes back over at least two seconds: a return that is itself no flash,
and is counted. Frames may come at any pace: only times between them count, and the limits hold for each.

Nothing else reaches it: no event, param, preset or message. Its only inputs are the pictures and show time.

What it cannot know or see: light in cd/m², how dark the room is, how near people stand. A few cells in a view
may flash unseen (SPARED: 0.4 % of the picture, below 0.006 sr from 0.8·√(width·height) away). Light and dark
that change places within a cell keep its mean: finer patterns are no general flash to it. Still stripes are
not its matter. Where detectors decide by one level of 8 bits (a flat colour on the very edge of saturation,
a steady slow ramp at IRIS's threshold) they may cry out at what nobody sees.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CELLS = (36, 64)  # rows, columns
BLOCKS = (3, 4)  # of a view; 12 × 16 cells each
RISE = 0.08  # of full luminance; WCAG's 0.10 less what quantising and coding may add
RED = 15.0 / 320.0  # of R−G−B; the rule's 20/320 less the same
BRIGHT = 0.80 + 0.02  # a darker state above this is no flash
SATURATED = 0.75  # R/(R+G+B); the rule's 0.80, met early
CHROMA = 0.18  # u′v′ distance; the rule's 0.20
FAINT = 0.02  # of full in the brightest primary: what is fainter has no colour to be seen
SHORT, SHORT_RISES = 1.2, 2  # s and rises; longer than the rule's second, for slow rises may be timed late
LONG, LONG_RISES = 4.0, 5
SPARED = 0.004  # share of a view's cells that may ask in vain: lone sparkles
HOLD = 1.0  # s that the gain stays after it was last needed: it must not flicker with what it dims
RECOVERY = 2.0  # s from dark to full
STALL = 0.1  # s; a longer pause between frames counts as this much recovery, or the gain would jump
LEAST = 0.02  # the gain never falls further: no signal is left then, and nobody is left in the dark

F32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)


class Guard:
    """One guard for one show. views: how many views a frame has; all share its gain."""

    def __init__(self, views: int = 1) -> None:
        self.gain = 1.0
        self._now = 0.0  # s; the guard's own clock, which never runs back
        self._last: float | None = None
        self._needed = -HOLD
        self._rises = _Rises(views)
        self._reddening = _Reddening(views)

    def watch(self, cells: F32, t: float) -> float:
        """The gain for the frame at show time t (s; where it stands or falls, no time has passed).

        cells: (views, 36, 64, 4) float32, means over each cell at gain 1 of display-linear R, G, B in 0–1 and
        of R−G−B of those pixels that are saturated red. What is no number counts as dark.
        """
        light = cells.reshape(len(cells), -1, 4).transpose(2, 0, 1)
        light = np.fmin(np.fmax(light, 0.0), 1.0, dtype=np.float32)
        elapsed = 0.0 if self._last is None else max(0.0, t - self._last)
        self._last, self._now = t, self._now + elapsed
        reach = self.gain
        if self._now - self._needed >= HOLD:
            reach = min(1.0, reach + min(elapsed, STALL) / RECOVERY)
        signals, rgb = _signals(light), light[:3]
        brightest = rgb.max(0)
        asks = self._rises.asks(signals, self._now)
        count = rgb.shape[2]
        asks[:, :count] = np.minimum(asks[:, :count], self._reddening.asks(rgb, brightest, self._now))
        spared = int(SPARED * count)
        granted = np.partition(asks[:, :count], spared, axis=1)[:, spared]
        asked = float(min(granted.min(), asks[:, count:].min()))
        if asked < reach:
            self._needed = self._now
        self.gain = max(min(reach, asked), LEAST)
        self._rises.take(signals, self.gain, self._now)
        self._reddening.take(brightest, self.gain, self._now)
        return self.gain


def _signals(light: F32) -> F32:
    """(3, views, cells + blocks + 1): luminance, red, saturated red; of cells, blocks and whole views."""
    luma = np.tensordot(_LUMA, light[:3], 1)
    cells = np.stack([luma, np.maximum(0.0, light[0] - light[1] - light[2]), light[3]])
    (rows, columns), (down, across) = CELLS, BLOCKS
    blocks = cells.reshape(3, -1, down, rows // down, across, columns // across).mean((3, 5))
    blocks = blocks.reshape(3, -1, down * across)
    return np.concatenate([cells, blocks, blocks.mean(-1, keepdims=True)], -1)


class _Count:
    """When each place last rose, as many times as the limits look back. Never grows."""

    def __init__(self, shape: tuple[int, ...]) -> None:
        self._times = np.full((max(SHORT_RISES, LONG_RISES), *shape), -np.inf)

    def spent(self, now: float) -> Mask:
        """Where nothing may rise again yet."""
        times = self._times
        return np.asarray((times[SHORT_RISES - 1] > now - SHORT) | (times[LONG_RISES - 1] > now - LONG))

    def note(self, rose: Mask, now: float) -> None:
        if rose.any():
            for older, newer in zip(self._times[:0:-1], self._times[-2::-1], strict=True):
                np.copyto(older, newer, where=rose)
            np.copyto(self._times[0], now, where=rose)


class _Rises:
    """Rises of all signals: the running extreme since the last reversal, and when rises happened.

    What came before the first frame was dark.
    """

    def __init__(self, views: int) -> None:
        shape = (3, views, CELLS[0] * CELLS[1] + BLOCKS[0] * BLOCKS[1] + 1)
        self.threshold = np.array([RISE, RED, RED], np.float32)[:, None, None]
        self.fall = np.repeat(self.threshold, shape[2], 2)
        self.room = np.float32(0.95) * self.fall
        # detectors of whole pictures begin anew wherever the mean turns, however little: ripples count there
        self.fall[..., CELLS[0] * CELLS[1] :] /= 4
        self.room[..., CELLS[0] * CELLS[1] :] /= 2
        self.ceiling = np.array([BRIGHT, np.inf, np.inf], np.float32)[:, None, None]
        self.extreme = np.zeros(shape, np.float32)
        self.bare = np.zeros(shape, np.float32)  # what the extreme was before any gain
        self.rising = np.zeros(shape, bool)  # direction of the last transition
        self.count = _Count(shape)

    def asks(self, bare: F32, now: float) -> F32:
        """The gain that each place asks for, (views, places). bare: the signals at gain 1.

        A spent place may neither rise above what its dark state left, nor, once that state is dimmed by the
        same gain, above the dimmed state: the second keeps the gain from sinking step by step.
        """
        over = ~self.rising & (bare > self.extreme + self.room) & (self.extreme < self.ceiling)
        if not over.any():
            return np.ones(bare.shape[1:], np.float32)
        over &= self.count.spent(now)
        asked = np.where(over, (self.extreme + self.room) / np.maximum(bare, 1e-6), np.float32(1.0))
        over &= bare > self.bare + self.room
        steady = self.room / np.maximum(bare - self.bare, 1e-6)
        return np.asarray(np.where(over, np.minimum(asked, steady), asked).min(0), np.float32)

    def take(self, bare: F32, gain: float, now: float) -> None:
        """What really left: move the extremes, note reversals."""
        value = bare * np.float32(gain)
        step = value - self.extreme
        up = ~self.rising & (step >= self.threshold) & (self.extreme < self.ceiling)
        down = self.rising & (step <= -self.fall) & (value < self.ceiling)
        follow = ((step > 0) == self.rising) | up | down
        np.copyto(self.extreme, value, where=follow)
        np.copyto(self.bare, bare, where=follow)
        self.rising = (self.rising | up) & ~down
        self.count.note(up, now)


class _Reddening:
    """Turns to saturated red from a colour more than CHROMA away in u′v′, whatever the luminance.

    A gain cannot change chromaticity, so a cell that has spent its turns is dimmed until it is FAINT.
    """

    def __init__(self, views: int) -> None:
        shape = (views, CELLS[0] * CELLS[1])
        self.away = np.zeros(shape, bool)  # the last colour seen that was one or the other
        self.count = _Count(shape)
        self._red = np.zeros(shape, bool)
        self._far = np.zeros(shape, bool)

    def asks(self, rgb: F32, brightest: F32, now: float) -> F32:
        """(views, cells). brightest: the greatest of each cell's primaries."""
        self._red, self._far = _redness(rgb)
        over = self._red & self.away & (brightest > FAINT)
        if over.any():
            over &= self.count.spent(now)
        return np.where(over, FAINT / np.maximum(brightest, FAINT), np.float32(1.0))

    def take(self, brightest: F32, gain: float, now: float) -> None:
        """What really left, of the light that asked."""
        seen = brightest * np.float32(gain) > FAINT * 1.001
        red = seen & self._red
        self.count.note(red & self.away, now)
        self.away &= ~red
        self.away |= seen & self._far


def _redness(rgb: F32) -> tuple[Mask, Mask]:
    """Cells that are saturated red, and others that are farther than CHROMA from some red that is.

    u′ = 4X/D, v′ = 9Y/D, so a distance from a corner (u, v) is that of (4X − uD, 9Y − vD), times D.
    """
    red = (rgb[0] >= SATURATED * rgb.sum(0)) & (rgb[0] > 1e-4)
    forms = np.tensordot(_FORMS, rgb, 1)
    forms *= forms
    near = CHROMA**2 * forms[0]
    far = np.zeros(red.shape, bool)
    for k in range(1, len(forms), 2):
        far |= forms[k] + forms[k + 1] > near
    return red, far & ~red


def _forms() -> F32:
    """D, then 4X − uD and 9Y − vD for each corner of the triangle of saturated red: linear in R, G, B."""
    x, y, z = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    d = x + 15 * y + 3 * z
    forms = [d]
    for corner in ([1, 0, 0], [0.8, 0.2, 0], [0.8, 0, 0.2]):
        forms += [4 * x - 4 * (x @ corner) / (d @ corner) * d, 9 * y - 9 * (y @ corner) / (d @ corner) * d]
    return np.stack(forms).astype(np.float32)


_FORMS = _forms()
