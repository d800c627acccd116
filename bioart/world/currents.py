"""Currents: nutrient on its way, as streams of light over the ground from zone to zone and up into the body.

What neighbours exchanged and what the sculpture drank sets out as parcels, ten a second on every stream, and
arrives `passing` later; a parcel has its exact mass, in whole micrograms, and shines by it. So what is drawn
is what flows: all light of a stream is what has set out and not arrived. The ledgers of the metabolism have
long moved it; this only shows it on its way. Where a flow turns round, what had set out goes on.

Each stream is a rope of strands that runs low over the ground; those into the body climb its skin, and creep
after it as it grows. Places that are state are made of + − × ÷ √ alone; what is only drawn may use sines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.clock import RATE
from bioart.forms import Curves, Grid, Points
from bioart.param import Param
from bioart.spectrum import emitter_rgb
from bioart.steering import Zone
from bioart.world.drape import evenly
from bioart.world.pods import KG
from bioart.world.skin import Skin
from bioart.world.spills import scatter

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

EVERY = 3  # steps between two parcels
SLOTS = 176  # parcels that a stream can hold: `passing` at its longest, and some
STRANDS, BENDS = 20, 72  # of each stream, in groups of four; points of each
RISE = 30  # stretches of those into the body that lie on it
DROP = 7  # parcels that make a drop of light with its tail
BEADS = 3  # of a parcel, on strands of their own
LOOK = 60  # steps between two looks at the body's skin
CREEP = 0.03  # share of the way to where they should be that strands creep in a step
FACETS = 5  # parts of the ring about the stem over which the strands of one stream spread
DRAWN = ("glow", "full", "passing", "breadth", "shared", "drunk")  # params by which it is shown
WIDTH = 90.0  # nm, of the light's spectrum


class Currents:
    """Streams along every border between zones, then from every zone into the body. Part: `currents`."""

    glow = Param(0.0, 0.0, 4.0, "", "light of the nutrient that is on its way: 0 shows none")
    full = Param(0.002, 0.0001, 1.0, "kg/s", "a flow that shines with a light of 1, per world second", "log")
    passing = Param(6.0, 2.0, 16.0, "s", "show time that nutrient takes from one end to the other")
    breadth = Param(0.22, 0.02, 1.0, "m", "how wide a stream is between its ends", "log")
    shared = Param(546.0, 460.0, 640.0, "nm", "wavelength of what neighbours give each other")
    drunk = Param(582.0, 460.0, 640.0, "nm", "wavelength of what they give the body")

    def __init__(
        self, zones: Sequence[Zone], links: Sequence[tuple[int, int]], ground: Grid, box: Grid, dt: float
    ) -> None:
        """links: the borders, as pairs of zones. ground: the air's grid, whose floor it is. box: the body's
        grid. dt: world seconds per step."""
        self.zones, self.links, self.dt = tuple(zones), tuple(links), float(dt)
        self.box, self._floor = box, ground.origin[1]
        (ox, _, oz), (sx, _, sz) = ground.origin, ground.size
        self._at = np.array([(ox + z.at[0] * sx, oz + z.at[1] * sz) for z in self.zones]).reshape(-1, 2)
        self._reach = np.array([z.radius * min(sx, sz) for z in self.zones])
        count = len(self.links) + len(self.zones)
        self._mass: I64 = np.zeros((count, SLOTS), np.int64)  # µg, below 0 from the second zone
        self._gone = np.zeros((count, SLOTS))  # 0–1 of its way
        self._waiting: I64 = np.zeros(count, np.int64)  # µg that sets out with the next parcel
        self._arrived: I64 = np.zeros(count, np.int64)  # µg, so far
        self._number = 0  # parcels that have set out on each stream
        self._k = 0  # steps taken
        self._ropes: tuple[float, F64] | None = None  # as last drawn, for which breadth
        self._wanted = self._stems()
        self._climb = self._wanted.copy()
        self._drawn = {name: float(getattr(Currents, name).default) for name in DRAWN}

    # -- a step --------------------------------------------------------------------------------------------

    def step(
        self, p: Mapping[str, float], exchanged: Sequence[int], drunk: Sequence[int], skin: Skin
    ) -> None:
        """exchanged: µg over each border in this step, from its first zone to its second; drunk: µg out of
        each zone into the body."""
        self._drawn = {name: float(p[name]) for name in self._drawn}
        if not len(self._mass):
            return
        self._gone += 1.0 / (RATE * p["passing"])
        there = (self._gone >= 1.0) & (self._mass != 0)
        if there.any():
            self._arrived += np.abs(np.where(there, self._mass, 0)).sum(axis=1)
            self._mass[there] = 0
        self._waiting += np.array([*exchanged, *drunk], np.int64)
        if self._k % EVERY == 0:
            slot = self._number % SLOTS
            self._mass[:, slot], self._gone[:, slot] = self._waiting, 0.0
            self._waiting[:] = 0
            self._number += 1
        if self._k % LOOK == 0:
            self._wanted = self._climbs(skin)
        self._climb += (self._wanted - self._climb) * CREEP
        self._k += 1

    @property
    def under_way(self) -> int:
        """µg that have set out or will with the next parcel, and have not arrived."""
        return int(np.abs(self._mass).sum() + np.abs(self._waiting).sum())

    @property
    def arrived(self) -> int:
        """µg so far."""
        return int(self._arrived.sum())

    def _ring(self) -> F64:
        """(zones, STRANDS, 2) m: where strands come to the stem, each zone's on its own side."""
        wide = 0.06 * min(self.box.size[0], self.box.size[2])
        far = np.sqrt((self._at**2).sum(axis=1))[:, None]
        ahead = self._at / np.maximum(far, 1e-6)
        beside = np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
        t = (np.arange(STRANDS) - (STRANDS - 1) / 2) / FACETS  # tan of half the angle: a circle without sines
        c, s = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
        ring: F64 = wide * (c[:, None] * ahead[:, None] + s[:, None] * beside[:, None])
        return ring

    def _stems(self) -> F64:
        """(zones, STRANDS, RISE, 3) m: straight up, where there is no body to climb."""
        ring = self._ring()
        v = np.linspace(0.0, 1.0, RISE + 1)
        out = np.zeros((len(self.zones), STRANDS, RISE + 1, 3))
        out[..., 0] = ring[..., None, 0] * (1 - 0.5 * v)
        out[..., 2] = ring[..., None, 1] * (1 - 0.5 * v)
        out[..., 1] = self.box.origin[1] + (0.02 + 0.4 * v) * self.box.size[1]
        return out

    def _climbs(self, skin: Skin) -> F64:
        """Where strands climb the body as it stands."""
        cells = skin.cells()
        if len(cells) < 8 or not self.zones:
            return self._stems()
        out = self._stems()
        low = self.box.origin[1] + 0.05 * self.box.size[1]
        starts = out[:, :, 0].reshape(-1, 3).copy()
        starts[:, 1] = low
        feet = cells[cells[:, 1] <= max(low + 0.1 * self.box.size[1], cells[:, 1].min())]
        flat = (starts[:, None, 0] - feet[None, :, 0]) ** 2 + (starts[:, None, 2] - feet[None, :, 2]) ** 2
        starts = feet[(flat + 0.25 * (starts[:, None, 1] - feet[None, :, 1]) ** 2).argmin(axis=1)]
        lean = (np.arange(len(starts)) * 0.6180339887498949) % 1.0
        wind = [float(0.15 + 0.7 * c) * (1.0 if i % 2 else -1.0) for i, c in enumerate(lean)]
        points = [int(26 + 40 * c) for c in (lean * 7.0) % 1.0]
        paths = skin.climb(starts, wind, points, 0.016 * self.box.size[1])
        for i, path in enumerate(paths):
            if len(path) > 1:
                out[i // STRANDS, i % STRANDS] = evenly(path, RISE + 1)
        return out

    # -- state ---------------------------------------------------------------------------------------------

    def state(self) -> dict[str, NDArray[Any]]:
        drawn = np.array([self._drawn[name] for name in sorted(self._drawn)])
        return {
            "mass": self._mass,
            "gone": self._gone,
            "waiting": self._waiting,
            "arrived": self._arrived,
            "counts": np.array([self._number, self._k], np.int64),
            "wanted": self._wanted,
            "climb": self._climb,
            "drawn": drawn,
        }

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        self._mass, self._gone = arrays["mass"].copy(), arrays["gone"].copy()
        self._waiting, self._arrived = arrays["waiting"].copy(), arrays["arrived"].copy()
        self._number, self._k = (int(n) for n in arrays["counts"])
        self._wanted, self._climb = arrays["wanted"].copy(), arrays["climb"].copy()
        self._drawn = dict(zip(sorted(self._drawn), map(float, arrays["drawn"]), strict=True))

    # -- what it shows -------------------------------------------------------------------------------------

    def forms(self) -> tuple[Curves, Points]:
        """`currents`: the strands, each as bright as what is on its way there, and beads on them."""
        if self._drawn["glow"] <= 0.0 or not len(self._mass):
            return _NO_STRANDS, _NO_BEADS
        paths = self._paths()
        last = self._number - 1
        number = last - (last - np.arange(SLOTS)) % SLOTS  # of the parcel in each slot
        live = np.flatnonzero(self._mass.any(axis=0))
        mass, gone = self._mass[:, live], self._gone[:, live]
        place = np.clip(np.where(mass < 0, 1.0 - gone, gone), 0.0, 1.0)
        kg = np.abs(mass) / KG
        beads = self._beads(paths, kg, place, number, live)
        return self._strands(paths, kg, place, number[live]), beads

    def _shares(self, number: I64) -> F64:
        """(streams, STRANDS, parcels): what of each runs on each strand. Some parcels after another choose
        alike, so that light runs along in drops with tails."""
        groups = len(self._mass) * STRANDS // 4
        group = np.arange(groups, dtype=np.int64)[:, None]
        turns = (number[None] + SLOTS) / DROP + scatter(group.ravel())[:, :1]
        drop = np.floor(turns)
        chance = scatter((drop.astype(np.int64) * groups + group).ravel()).reshape(*turns.shape, 4)
        light = (0.05 + 6.0 * chance**8) * (0.15 + 0.85 * (turns - drop))[..., None] + 0.05
        light = np.moveaxis(light, 2, 1).reshape(len(self._mass), STRANDS, len(number))
        share: F64 = light / light.sum(axis=1, keepdims=True)
        return share

    def _strands(self, paths: F64, kg: F64, place: F64, number: I64) -> Curves:
        streams = len(paths)
        x = place * (BENDS - 1)
        i = np.minimum(x.astype(int), BENDS - 2)
        u = (x - i)[:, None]
        row = np.arange(streams * STRANDS).reshape(streams, STRANDS, 1) * BENDS
        cells = streams * STRANDS * BENDS
        where, part = (row + i[:, None]).ravel(), self._shares(number) * kg[:, None]
        there = np.bincount(where, (part * (1 - u)).ravel(), cells)
        there += np.bincount(where + 1, (part * u).ravel(), cells)
        load: F64 = np.asarray(there, np.float64).reshape(streams, STRANDS, BENDS)
        load[..., 0], load[..., -1] = 2 * load[..., 0], 2 * load[..., -1]  # an end has half a bend's length
        wide = np.pad(load, ((0, 0), (0, 0), (1, 1)), mode="edge")
        load = (wide[..., :-2] + 2 * wide[..., 1:-1] + wide[..., 2:]) / 4
        world = self._drawn["passing"] * RATE * self.dt  # s of the world on the way
        flow = STRANDS * load * (BENDS - 1) / world  # kg/s, if all strands were as full as this one
        glow = self._drawn["glow"] * flow / self._drawn["full"]
        glow *= _ends(streams, len(self.links))[:, None, :]
        own = scatter(np.arange(streams * STRANDS))
        radius = np.repeat(0.0016 + 0.0044 * own[:, 1] ** 3, BENDS)
        count = streams * STRANDS
        return Curves(
            "currents",
            paths.reshape(-1, 3).astype(np.float32),
            np.arange(count + 1, dtype=np.int64) * BENDS,
            radius.astype(np.float32),
            np.repeat(self._tints(), STRANDS, axis=0),
            glow.astype(np.float32).ravel(),
            np.arange(count, dtype=np.int64),
        )

    def _beads(self, paths: F64, kg: F64, place: F64, number: I64, live: I64) -> Points:
        """BEADS for every slot, those of an empty one unseen. kg, place: of the live slots."""
        streams = len(paths)
        stream = np.arange(streams, dtype=np.int64)[:, None, None]
        bead = np.arange(BEADS, dtype=np.int64)
        key = ((number[None, :, None] + SLOTS) * streams + stream) * BEADS + bead
        shape = (streams, len(live), BEADS)
        chance = scatter(key[:, live].ravel()).reshape(*shape, 4)
        strand = (chance[..., 0] * STRANDS).astype(int)
        late = (chance[..., 1] - 0.5) * EVERY / (RATE * self._drawn["passing"])
        x = np.clip(place[..., None] + late, 0.0, 1.0) * (BENDS - 1)
        i = np.minimum(x.astype(int), BENDS - 2)
        u = (x - i)[..., None]
        at = np.zeros((*key.shape, 3), np.float32)
        at[:, live] = paths[stream, strand, i] * (1 - u) + paths[stream, strand, i + 1] * u
        share = 0.4 + chance[..., 2]
        share /= share.sum(axis=-1, keepdims=True)
        flow = kg[..., None] * share / (EVERY * self.dt)  # kg/s that each stands for
        glow, radius = np.zeros((2, *key.shape), np.float32)
        glow[:, live] = BEADS * self._drawn["glow"] * flow / self._drawn["full"]
        radius[:, live] = 0.010 + 0.012 * chance[..., 3] ** 2
        return Points(
            "currents",
            at.reshape(-1, 3),
            radius.ravel(),
            np.repeat(self._tints(), SLOTS * BEADS, axis=0),
            glow.ravel(),
            key.ravel(),
        )

    def _tints(self) -> NDArray[np.float32]:
        """(streams, 3) linear sRGB."""
        colours = [emitter_rgb(self._drawn[name], WIDTH) for name in ("shared", "drunk")]
        return np.array([colours[0]] * len(self.links) + [colours[1]] * len(self.zones), np.float32).reshape(
            -1, 3
        )

    def _paths(self) -> F64:
        """(streams, STRANDS, BENDS, 3) m."""
        breadth, links = self._drawn["breadth"], len(self.links)
        if self._ropes is None or self._ropes[0] != breadth:
            self._ropes = (breadth, self._over(breadth))
        out = self._ropes[1].copy()
        flat = out[links:, :, : BENDS - RISE]
        v = np.linspace(0.0, 1.0, BENDS - RISE)[:, None]
        flat += (self._climb[:, :, :1] - flat[:, :, -1:]) * v**3  # from the rope to its own place at the stem
        out[links:, :, BENDS - RISE - 1 :] = self._climb
        return out

    def _over(self, breadth: float) -> F64:
        """The ropes over the ground, as far as they go there."""
        out = np.zeros((len(self._mass), STRANDS, BENDS, 3))
        for n, (a, b) in enumerate(self.links):
            out[n] = self._rope(
                n, self._at[a], self._at[b], self._reach[a], self._reach[b], BENDS, breadth, 0.1
            )
        foot = self._ring().mean(axis=1)
        for z in range(len(self.zones)):
            n, points = len(self.links) + z, BENDS - RISE
            out[n, :, :points] = self._rope(
                n, self._at[z], foot[z], self._reach[z], breadth, points, breadth, 0.0
            )
        return out

    def _rope(
        self,
        n: int,
        start: F64,
        end: F64,
        wide: float,
        narrow: float,
        points: int,
        breadth: float,
        bend: float,
    ) -> F64:
        """(STRANDS, points, 3) m: strands that leave one disc, twist about each other low over the ground,
        and part over another disc. bend: how far the whole bows away from the world's middle, in lengths."""
        own = scatter(np.arange(STRANDS, dtype=np.int64) + n * STRANDS)
        u = np.linspace(0.0, 1.0, points)
        way = end - start
        length = max(float(np.hypot(*way)), 1e-6)
        along = way / length
        side = np.array([-along[1], along[0]])
        outward = 1.0 if float(side @ (start + end)) >= 0.0 else -1.0
        bow = bend * length * outward * np.sin(np.pi * u)
        bow = bow + 0.05 * length * np.sin(2 * np.pi * (u + own[0, 3])) * np.sin(np.pi * u)
        angle = 2 * np.pi * (own[:, :1] + (0.5 + 0.6 * own[:1, 3]) * length / 4.0 * u[None])
        near = (1 - u) ** 3
        radius = np.sqrt(own[:, 1:2]) * (breadth + (wide - breadth) * near + (narrow - breadth) * u**3)
        off = radius * np.cos(angle)
        height = (
            0.03 + 0.6 * breadth * (1.0 + np.sin(angle)) * np.sqrt(own[:, 1:2]) * np.sin(np.pi * u) ** 0.7
        )
        height = height + 0.04 * length * np.sin(np.pi * u)[None] * (0.4 + own[:, 2:3])
        flat = start + along * (length * u)[:, None] + side * bow[:, None]
        at = np.zeros((STRANDS, points, 3))
        at[..., 0] = flat[None, :, 0] + off * side[0]
        at[..., 2] = flat[None, :, 1] + off * side[1]
        at[..., 1] = self._floor + height
        return at


_NONE = np.zeros((0, 3), np.float32)
_NO_KEY = np.zeros(0, np.int64)
_NO_STRANDS = Curves("currents", _NONE, np.zeros(1, np.int64), _NONE[:, 0], _NONE, _NONE[:, 0], _NO_KEY)
_NO_BEADS = Points("currents", _NONE, _NONE[:, 0], _NONE, _NONE[:, 0], _NO_KEY)


def _ends(streams: int, links: int) -> F64:
    """(streams, BENDS): strands fade in over a zone, and into the body where they end in it."""
    u = np.linspace(0.0, 1.0, BENDS)
    out = np.tile(np.minimum(u / 0.2, 1.0), (streams, 1))
    out[:links] *= np.minimum((1 - u) / 0.2, 1.0)
    out[links:] *= np.minimum((1 - u) / 0.3, 1.0)
    return out
