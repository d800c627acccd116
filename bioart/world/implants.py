"""Implants: small instruments that people set upon the sculpture. They filter, decompose or steady.

A filter raises the capture of the air around it, a decomposer quickens the pods on the ground near it, a
steadier calms the light, and the tissue about it stands storms better (`care`). Each sits on the skin next to
where it was given, and is to be seen as a small lantern that breathes, with feelers that sway; the body lifts
it as it grows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.clock import RATE
from bioart.forms import Curves, Grid, Points
from bioart.gpu.compute import Memory
from bioart.param import Param
from bioart.steering import Placement, Zone
from bioart.world.boost import lay_boost, load
from bioart.world.skin import Skin

SLOTS = 64  # implants that can be seen, those that fade included
LIVING = 56  # beyond so many the oldest begins to fade
RISE, FALL = 1.5, 2.5  # show seconds to come up and to fade
DOES = ("filter", "decompose", "steady")
STRANDS, FEELERS, BENDS = 3, 2, 21  # of one lantern: ribs, feelers, points of each
TOUCH = 30  # steps between two times that the body lifts them
HUES = {"filter": (0.25, 0.85, 1.0), "decompose": (1.0, 0.62, 0.16), "steady": (0.72, 0.55, 1.0)}


@dataclass
class _Implant:
    number: int
    does: int  # index in DOES
    born: int  # step
    ends: int  # step in which it begins to fade; −1: it lives
    token: int
    amount: float
    at: tuple[float, ...]  # [0, 1]³ of the body's box
    tint: tuple[float, ...]
    out: tuple[float, ...] = (0.0, 1.0, 0.0)  # away from the skin

    def shown(self, k: int) -> float:
        """How far it has come up and not yet faded, 0–1."""
        there = _ease((k - self.born) / (RISE * RATE))
        return there if self.ends < 0 else there * (1.0 - _ease((k - self.ends) / (FALL * RATE)))


def _ease(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


class Implants:
    """Up to SLOTS implants, in the order in which they came. Its part's name is `implants`."""

    filter = Param(3.0, 0.0, 10.0, "", "how many times the capture rises at a filter's middle")
    reach = Param(0.9, 0.2, 3.0, "m", "how far a filter reaches", "log")
    decompose = Param(0.25, 0.0, 2.0, "", "share by which one decomposer quickens a pod beside it")
    ground = Param(2.5, 0.5, 20.0, "m", "how far over the ground a decomposer works", "log")
    steady = Param(0.25, 0.0, 1.0, "", "share of the light's unrest that one steadier takes away")
    life = Param(240.0, 10.0, 3600.0, "s", "show time for which an implant works before it fades", "log")

    def __init__(
        self,
        memory: Memory,
        air_grid: Grid,
        body_box: Grid,
        skin: Skin | None = None,
        zones: Sequence[Zone] = (),
    ) -> None:
        """air_grid: of the boost that step() writes; body_box: the body's grid, in which places stand; skin:
        the body's, to which they are moved; zones: whose pods decomposers quicken."""
        self.air, self.box, self.skin = air_grid, body_box, skin
        import taichi as ti

        self.table = memory.field("implants", "table", ti.f32, (SLOTS, 4))
        self._rows: list[_Implant] = []
        self._made = 0
        self._laid: Any = None
        (ox, _, oz), (sx, _, sz) = air_grid.origin, air_grid.size
        self._pods = [(ox + z.at[0] * sx, oz + z.at[1] * sz, z.radius * min(sx, sz)) for z in zones]
        self.decomposing = (0.0,) * len(self._pods)
        self.calm = 0.0
        self.filters = 0  # filters at work

    def place(self, k: int, placement: Placement) -> None:
        """Take a placement of kind implant. A burst beyond all slots pushes out what has faded most."""
        if len(self._rows) >= SLOTS:
            least = min(range(len(self._rows)), key=lambda i: (self._rows[i].shown(k), self._rows[i].number))
            del self._rows[least]
        does = placement.does or "filter"
        at = tuple(min(max(float(v), 0.0), 1.0) for v in placement.at)
        amount = min(max(float(placement.amount), 0.0), 1.0)
        row = _Implant(
            self._made, DOES.index(does), k, -1, int(placement.token, 16), amount, at, placement.tint
        )
        if self.skin is not None:
            self._lay([row], *self.skin.land(np.array([self._metres(row)])))
        self._rows.append(row)
        self._made += 1

    def _lay(self, rows: list[_Implant], at: NDArray[np.float64], out: NDArray[np.float64]) -> None:
        o, s = np.array(self.box.origin), np.array(self.box.size)
        for row, place, way in zip(rows, ((at - o) / s).tolist(), out.tolist(), strict=True):
            row.at = tuple(min(max(v, 0.0), 1.0) for v in place)
            row.out = tuple(way) if any(way) else (0.0, 1.0, 0.0)

    def step(self, k: int, p: Mapping[str, float], boost: Any) -> None:
        """Age all by one step and, where a filter changed, lay `boost` (f32 field on the air's grid).

        Afterwards `decomposing` (≥ 0) is the share by which each zone's pod runs faster: a decomposer's own
        falls as (1 − d²/R²)² with the distance d over the ground to the zone's rim, R = `ground`. `calm`
        (0–1) is the share of the light's unrest that is taken away.
        """
        life, fade = int(p["life"] * RATE), int(FALL * RATE)
        self._rows = [r for r in self._rows if r.ends < 0 or k - r.ends < fade]
        living = [r for r in self._rows if r.ends < 0]
        for n, r in enumerate(living):
            if k - r.born >= life or len(living) - n > LIVING:
                r.ends = k
        if self.skin is not None and k % TOUCH == 0 and self._rows:
            self._lay(self._rows, *self.skin.cling(np.array([self._metres(r) for r in self._rows])))
        rows = np.zeros((SLOTS, 4), np.float32)
        unrest, quicker, count = 1.0, [0.0] * len(self._pods), 0
        for r in self._rows:
            strength = r.shown(k) * r.amount
            if DOES[r.does] == "decompose":
                x, _, z = self._metres(r)
                for i, (px, pz, rim) in enumerate(self._pods):
                    away = max(math.sqrt((px - x) ** 2 + (pz - z) ** 2) - rim, 0.0) / p["ground"]
                    quicker[i] += p["decompose"] * strength * max(1.0 - away * away, 0.0) ** 2
            elif DOES[r.does] == "steady":
                unrest *= 1.0 - p["steady"] * strength
            elif strength > 0.0:
                x, y, z = self._metres(r)
                o, cell = self.air.origin, self.air.cell
                rows[count] = (
                    (x - o[0]) / cell,
                    (y - o[1]) / cell,
                    (z - o[2]) / cell,
                    p["filter"] * strength,
                )
                count += 1
        self.decomposing, self.calm, self.filters = tuple(quicker), 1.0 - unrest, count
        laid = (count, p["reach"], rows.tobytes())
        if laid != self._laid:
            load(self.table, rows)
            lay_boost(boost, self.table, count, p["reach"] / self.air.cell)
            self._laid = laid

    def steadiers(self, k: int) -> list[tuple[float, ...]]:
        """Those that steady now: place, m, and strength 0–1."""
        rows = [(*self._metres(r), r.shown(k) * r.amount) for r in self._rows if DOES[r.does] == "steady"]
        return [row for row in rows if row[3] > 0.0]

    def _metres(self, r: _Implant) -> tuple[float, float, float]:
        (ox, oy, oz), (sx, sy, sz) = self.box.origin, self.box.size
        return (ox + r.at[0] * sx, oy + r.at[1] * sy, oz + r.at[2] * sz)

    def state(self) -> dict[str, NDArray]:
        """Each implant's numbers (n, 5) int64: number, does, born, ends (−1: lives), token; 10 float64."""
        whole = [[r.number, r.does, r.born, r.ends, r.token] for r in self._rows]
        parts = [[r.amount, *r.at, *r.tint, *r.out] for r in self._rows]
        return {
            "implants": np.array(whole, np.int64).reshape(-1, 5),
            "places": np.array(parts, np.float64).reshape(-1, 10),
            "made": np.array([self._made], np.int64),
        }

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Take over a state(); the next step lays the boost anew."""
        self._rows = []
        for whole, parts in zip(state["implants"].tolist(), state["places"].tolist(), strict=True):
            number, does, born, ends, token = whole
            at, tint, out = (tuple(parts[i : i + 3]) for i in (1, 4, 7))
            self._rows.append(_Implant(number, does, born, ends, token, parts[0], at, tint, out))
        self._made = int(state["made"][0])
        self._laid = None

    def points(self, k: int) -> Points:
        """Points `implants`: of each the gem, its halo, and the lamps of its feelers."""
        n, shown, size = len(self._rows), self._shown(k), self._size()
        at, _, _, _ = self._frames()
        breath = 0.75 + 0.25 * np.sin(2 * np.pi * (0.2 * k / RATE + self._phases()))
        lamps = self._feelers(k)[:, :, -1]
        motes = np.concatenate([at[:, None], at[:, None], lamps], axis=1)
        radius = np.concatenate([[0.85, 4.2], np.full(FEELERS, 0.3)]) * size
        bright = np.stack([5.0 * breath, 0.5 * breath, *[2.5 * breath] * FEELERS], axis=1)
        gem = 0.3 + 0.7 * np.array([HUES[DOES[r.does]] for r in self._rows]).reshape(n, 3)
        tints = np.concatenate(
            [gem[:, None], np.repeat(self._tints(0.35)[:, None], FEELERS + 1, axis=1)], axis=1
        )
        number = np.array([r.number for r in self._rows], np.int64)
        return Points(
            "implants",
            motes.reshape(-1, 3).astype(np.float32),
            np.tile(radius, n).astype(np.float32),
            tints.reshape(-1, 3).astype(np.float32),
            (bright * shown[:, None]).reshape(-1).astype(np.float32),
            (number[:, None] * (FEELERS + 2) + np.arange(FEELERS + 2)).reshape(-1),
        )

    def curves(self, k: int) -> Curves:
        """Curves `implants`: of each the three ribs of a lantern (meridians: a filter; arms that unwind: a
        decomposer; level rings: a steadier), and its feelers. Key: number · strands of one + strand."""
        n, shown, count = len(self._rows), self._shown(k), STRANDS + FEELERS
        along = np.linspace(0.0, 1.0, BENDS)
        rise = np.clip(shown[:, None] * 1.5 - 0.5 * along, 0.0, 1.0)[:, None]  # drawn in along the strand
        breath = 0.75 + 0.25 * np.sin(2 * np.pi * (0.2 * k / RATE + self._phases()))[:, None, None]
        glow = rise * breath * np.array([0.14] * STRANDS + [0.1] * FEELERS)[None, :, None]
        thin = np.linspace(1.0, 0.4, BENDS)
        thick = np.stack([np.full(BENDS, 0.06)] * STRANDS + [0.07 * thin] * FEELERS)[None] * np.ones(
            (n, 1, 1)
        )
        at = np.concatenate([self._ribs(k), self._feelers(k)], axis=1)
        number = np.array([r.number for r in self._rows], np.int64)
        return Curves(
            "implants",
            at.reshape(-1, 3).astype(np.float32),
            np.arange(n * count + 1, dtype=np.int64) * BENDS,
            (thick * self._size()).reshape(-1).astype(np.float32),
            np.repeat(self._tints(0.7), count, axis=0).astype(np.float32),
            glow.reshape(-1).astype(np.float32),
            (number[:, None] * count + np.arange(count)).reshape(-1),
        )

    def _size(self) -> float:
        """Half a lantern's height, m."""
        return 0.0095 * self.box.size[1]

    def _frames(self) -> tuple[NDArray[np.float64], ...]:
        """(n, 3) each: a lantern's middle, m, its axis out of the skin and somewhat up, and two across."""
        at = np.array([self._metres(r) for r in self._rows], np.float64).reshape(-1, 3)
        out = np.array([r.out for r in self._rows], np.float64).reshape(-1, 3)
        axis = out + np.array([0.0, 0.45, 0.0])
        axis /= np.linalg.norm(axis, axis=1, keepdims=True) + 1e-9
        one = np.cross(axis, np.array([0.36, 0.48, 0.8]))
        one /= np.linalg.norm(one, axis=1, keepdims=True) + 1e-9
        inside = (np.array([r.out for r in self._rows], np.float64).reshape(-1, 3) != (0.0, 1.0, 0.0)).any(
            axis=1
        )
        lift = np.where(inside, 1.1 * self._size(), 0.0)[:, None]
        return at + lift * axis, axis, one, np.cross(axis, one)

    def _shown(self, k: int) -> NDArray[np.float64]:
        return np.array([r.shown(k) for r in self._rows], np.float64)

    def _phases(self) -> NDArray[np.float64]:
        """0–1, each implant's own, so that they do not move in step."""
        return np.array([(r.token * 2654435761 + r.number * 40503) % 65536 / 65536 for r in self._rows])

    def _tints(self, own: float) -> NDArray[np.float64]:
        """The giver's colour by this share, the rest says what it does."""
        hues = np.array([HUES[DOES[r.does]] for r in self._rows], np.float64).reshape(-1, 3)
        return own * np.array([r.tint for r in self._rows], np.float64).reshape(-1, 3) + (1 - own) * hues

    def _feelers(self, k: int) -> NDArray[np.float64]:
        """(n, FEELERS, BENDS, 3) m: fine, out of the lantern and away, swaying slowly."""
        at, axis, one, two = (a[:, None, None] for a in self._frames())
        phase = 2 * np.pi * self._phases()[:, None, None, None]
        side = np.arange(FEELERS)[None, :, None, None]
        u = np.linspace(0.0, 1.0, BENDS)[None, None, :, None]
        turn = (
            phase
            + np.pi * (0.8 + 0.5 * side)
            + 0.5 * np.sin(phase + 2.4 * u - 0.7 * k / RATE + 2.0 * side) * u
        )
        long = self._size() * (3.6 + 1.1 * side)
        spread = 0.75 * u * u + 0.1 * np.sin(7.0 * u + phase) * u
        rise = u * (1.0 - 0.25 * u)
        path: NDArray[np.float64] = at + long * (
            axis * rise + (one * np.cos(turn) + two * np.sin(turn)) * spread
        )
        return path

    def _ribs(self, k: int) -> NDArray[np.float64]:
        """(n, STRANDS, BENDS, 3) m, turning slowly about the axis: a full turn takes 60 s."""
        n = len(self._rows)
        at, axis, one, two = (a[:, None, None] for a in self._frames())
        does = np.array([r.does for r in self._rows], np.int64)[:, None, None]
        phase = (2 * np.pi * (self._phases() + k / RATE / 60.0))[:, None, None]
        s = np.arange(STRANDS)[None, :, None]
        u = np.linspace(0.0, 1.0, BENDS)[None, None, :]
        a = 2 * np.pi * u
        # How far from the axis, along it, and where about it; in half heights.
        meridians = (0.72 * np.sin(a), np.cos(a), phase + np.pi * s / STRANDS)
        arms = (0.12 + 0.95 * u, -0.9 + 1.7 * u * (1.0 - 0.35 * u), phase + 2 * np.pi * s / STRANDS + 3.4 * u)
        rings = (np.array([0.55, 0.9, 0.5])[s], np.array([-0.7, 0.0, 0.7])[s], phase + a)
        wide, high, turn = (
            np.where(does == 0, f, np.where(does == 1, d, r)).reshape(n, STRANDS, BENDS, 1)
            for f, d, r in (
                np.broadcast_arrays(m, b, g, np.zeros((n, STRANDS, BENDS)))[:3]
                for m, b, g in zip(meridians, arms, rings, strict=True)
            )
        )
        path: NDArray[np.float64] = at + self._size() * (
            axis * high + wide * (one * np.cos(turn) + two * np.sin(turn))
        )
        return path
