"""Garden: a bed of refuse about the body's foot, and what comes up from it.

The bed is a low mound with lumps in it. What of them was alive is laid into the tissue's `matter`, where
another growth lets it rot, so that the bed sinks and shines as that does; bottles and tins stay. Shoots come
up from it one by one, rolled up, and unroll as they grow; where somebody lays matter or a seed, one comes up
in their colour. They stand in the wind and light up in slow waves.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bioart.clock import RATE
from bioart.forms import Channel, Curves, Forms
from bioart.param import Param
from bioart.steering import Placement
from bioart.world.growth import Growth, Tissue
from bioart.world.waves import chance

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

F64 = NDArray[np.float64]

EVERY = 3  # steps to a run
SHOOTS, GIFTS = 300, 72  # that nobody gave; that somebody gave: of more the oldest gives way
LUMPS = 110
BENDS = 22  # points of a shoot
WIDE, HIGH = 0.38, 0.085  # half the bed, of the box's sides; its height in the middle, of the box's
SMALL, LARGE = 1.8, 5.0  # cells, half a lump
ALIVE_ONCE = 0.65  # share of the lumps that rots
SOFT = 1.6  # cells from full to nothing
LATE = 0.6  # of the time that all take to come up passes before the last one begins
BED, GREEN = 210, 220  # streams of chance
TOKEN = (1 << 48) - 1
LEAVES = ((0.16, 0.62, 0.22), (0.34, 0.66, 0.14), (0.10, 0.52, 0.34), (0.55, 0.60, 0.16), (0.86, 0.46, 0.12))


class Garden(Growth):
    """Refuse that becomes soil, and shoots that come up from it."""

    reads = ("solid",)
    writes = ("solid", "soil")
    adds = ("matter",)

    pace = Param(0.05, 0.0, 0.5, "1/s", "share of a shoot's growth that passes in a second of show")
    shoots = Param(160.0, 0.0, float(SHOOTS), "", "shoots that nobody gave")
    tall = Param(0.55, 0.05, 2.0, "m", "how tall shoots become", "log")
    unrolled = Param(0.45, 0.0, 1.0, "", "how far a grown shoot has unrolled")
    sway = Param(0.5, 0.0, 2.0, "", "how far the wind bends them")
    glow = Param(0.6, 0.0, 2.0, "", "how brightly they glow")

    def __init__(self, memory: "Memory", tissue: Tissue, seed: int) -> None:
        import taichi as ti

        self.grid, self.seed = tissue.grid, (seed ^ 0x1F83D9AB) & 0xFFFFFFFF
        self._solid, self._soil = tissue.solid, tissue["soil"]
        rows = SHOOTS + GIFTS
        # root (m), tint, how far it has grown 0–1
        self._rows = memory.field("garden", "shoots", ti.f32, (rows, 7))
        self._tokens = memory.field("garden", "givers", ti.i64, (rows,))  # 0: nobody's, or nobody yet
        self._count = memory.field("garden", "count", ti.i32, (2,))  # steps taken, gifts so far
        # shoots, tall, unrolled, sway, glow as last told; the wind, m/s, eased
        self._told = memory.field("garden", "told", ti.f32, (6,))
        own = [[chance(self.seed, n, m, GREEN + 1) for m in range(5)] for n in range(rows)]
        self._own = np.array(own)  # of each: height, roll, side, lean, way

    def plant(self, tissue: Tissue) -> None:
        matter = tissue.find("matter")
        stays, rots = self._bed(matter is not None)
        tissue.part(self).from_numpy(stays)
        self._soil.from_numpy(np.maximum(stays, rots))
        if matter is not None:
            matter.from_numpy(np.maximum(matter.to_numpy(), rots))
        top = self._tops(np.maximum(stays, rots))
        rows = np.zeros((SHOOTS + GIFTS, 7), np.float32)
        nx, _, nz = self.grid.shape
        for n in range(SHOOTS):
            a, b, c, d = (chance(self.seed, n, m, GREEN) for m in range(4))
            x, z = _on_ring(2.0 * a - 1.0, 2.0 * b - 1.0, 0.50 + 0.48 * c)
            i, k = (0.5 + WIDE * x) * nx, (0.5 + WIDE * z) * nz
            rows[n, :3] = self._root(i, k, top)
            rows[n, 3:6] = LEAVES[int(d * d * len(LEAVES))]
        self._rows.from_numpy(rows)

    def _bed(self, rotting: bool) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """How full its cells are of what stays, and of what rots. rotting: whether anything lets it rot."""
        nx, ny, nz = self.grid.shape
        high = HIGH * ny
        x = ((np.arange(nx) + 0.5) / nx - 0.5) / WIDE
        z = ((np.arange(nz) + 0.5) / nz - 0.5) / WIDE
        away = x[:, None] ** 2 + z[None, :] ** 2
        mound = 0.7 * high * np.maximum(1.0 - away, 0.0)
        y = np.arange(ny) + 0.5
        stays = np.clip(0.5 + (mound[:, None, :] - y[None, :, None]) / SOFT, 0.0, 1.0)
        stays *= (mound > 0.0)[:, None, :]
        rots = np.zeros_like(stays)
        for n in range(LUMPS):
            a, b, c, d, e, f, g = (chance(self.seed, n, m, BED) for m in range(7))
            u, v = _on_ring(2.0 * a - 1.0, 2.0 * b - 1.0, 0.15 + 0.78 * c)
            size = SMALL + (LARGE - SMALL) * d * d
            half = (size * (0.7 + 0.8 * e), size * (0.45 + 0.5 * f), size * (0.7 + 0.8 * g))
            at = ((0.5 + WIDE * u) * nx, 0.0, (0.5 + WIDE * v) * nz)
            i, k = min(int(at[0]), nx - 1), min(int(at[2]), nz - 1)
            foot = float(mound[i, k]) + 0.3 * half[1]
            into = rots if rotting and e < ALIVE_ONCE else stays
            _lay(into, (at[0], foot, at[2]), half, (2.0 * f - 1.0, 2.0 * g - 1.0))
        edge = np.ones_like(stays)
        edge[:2], edge[-2:], edge[:, -2:], edge[..., :2], edge[..., -2:] = 0.0, 0.0, 0.0, 0.0, 0.0
        return (stays * edge).astype(np.float32), (0.9 * rots * edge).astype(np.float32)

    def _tops(self, solid: NDArray[np.float32]) -> NDArray[np.int64]:
        """Of each column (x, z) how many cells high it is full."""
        full = solid > 0.5
        high = solid.shape[1] - np.argmax(full[:, ::-1], axis=1)
        return np.where(full.any(axis=1), high, 0).astype(np.int64)

    def _root(self, i: float, k: float, top: NDArray[np.int64]) -> tuple[float, float, float]:
        nx, _, nz = self.grid.shape
        a, b = min(max(int(i), 0), nx - 1), min(max(int(k), 0), nz - 1)
        ox, oy, oz = self.grid.origin
        cell = self.grid.cell
        return ox + i * cell, oy + max(float(top[a, b]) - 1.0, 0.0) * cell, oz + k * cell

    def place(self, k: int, thing: Placement) -> None:
        """A seed, or matter, of somebody: a shoot comes up there, on what is below it."""
        if thing.kind not in ("seed", "matter"):
            return
        nx, ny, nz = self.grid.shape
        i, m = (min(max(thing.at[axis], 0.0), 1.0) * size for axis, size in ((0, nx), (2, nz)))
        n = SHOOTS + int(self._count[1]) % GIFTS
        column = self._solid.to_numpy()[min(int(i), nx - 1), : ny // 4, min(int(m), nz - 1)]
        high = float((column > 0.5).sum())
        at = self._root(i, m, np.zeros((nx, nz), np.int64))
        values = (at[0], at[1] + max(high - 1.0, 0.0) * self.grid.cell, at[2], *thing.tint, 0.0)
        for c, value in enumerate(values):
            self._rows[n, c] = value
        self._tokens[n] = (int(thing.token, 16) & TOKEN) + 1
        self._count[1] = int(self._count[1]) + 1

    def state(self) -> dict[str, Any]:
        return {
            "soil": self._soil,
            "shoots": self._rows,
            "givers": self._tokens,
            "count": self._count,
            "told": self._told,
        }

    def step(self, k: int, p: dict[str, float], tissue: Tissue) -> None:
        taken = int(self._count[0])
        if taken % EVERY == 0:
            rows, told = self._rows.to_numpy(), self._told.to_numpy()
            share = np.float32(p["pace"] * (1.0 + LATE) * EVERY / RATE)
            there = self._there(float(p["shoots"]))
            grown = np.minimum(rows[:, 6] + share, np.float32(1.0 + LATE))
            rows[:, 6] = np.where(there, grown, np.maximum(rows[:, 6] - np.float32(0.1), 0.0))
            wind = told[5] + np.float32(0.1) * (np.float32(tissue.wind) - told[5])
            told[:] = (p["shoots"], p["tall"], p["unrolled"], p["sway"], p["glow"], wind)
            self._rows.from_numpy(rows)
            self._told.from_numpy(told.astype(np.float32))
        self._count[0] = taken + 1

    def _there(self, shoots: float) -> NDArray[np.bool_]:
        n = np.arange(SHOOTS + GIFTS)
        return np.where(n < SHOOTS, n < shoots, self._tokens.to_numpy() > 0)

    # -- what it shows -------------------------------------------------------------------------------------

    def _shown(self) -> tuple[NDArray[np.float32], NDArray[np.int64], F64]:
        """Those of which anything is seen: rows, their numbers, how far each has grown, 0–1."""
        rows = self._rows.to_numpy()
        n = np.arange(len(rows))
        late = np.where(n < SHOOTS, LATE * _strewn(len(rows)), 0.0)
        grown = np.clip((rows[:, 6].astype(np.float64) - late) / (1.0 + LATE - late), 0.0, 1.0)
        seen = grown > 0.01
        return rows[seen], n[seen], grown[seen]

    def forms(self, k: int) -> Forms:
        """Curves `garden`: a shoot each, from its root to its tip."""
        rows, number, grown = self._shown()
        if not len(rows):
            return Forms()
        _, tall, unrolled, sway, glow, wind = (float(v) for v in self._told.to_numpy())
        own = self._own[number]
        now, rise = k / RATE, grown * (2.0 - grown)
        length = tall * (0.35 + 0.95 * own[:, 0] ** 2) * (0.12 + 0.88 * rise)
        # Angle from the upright along the shoot: it leans, bends with the wind, and is rolled up at its end.
        u = np.linspace(0.0, 1.0, BENDS)[None]
        rolled = (1.0 - unrolled * rise) * (1.2 + 0.9 * own[:, 1])
        side = np.where(own[:, 2] < 0.5, -1.0, 1.0)[:, None]
        roll = 2.0 * np.pi * rolled[:, None] * np.maximum(u - 0.45, 0.0) ** 2 / 0.3025
        stir = np.sin(2.0 * np.pi * (0.23 * now * (0.7 + 0.6 * own[:, 3]) + own[:, 4]))[:, None]
        lean = (0.10 + 0.35 * own[:, 3:4]) * u + sway * (0.8 * wind + 0.06 + 0.05 * stir) * u
        angle = side * roll + side * lean
        step = length[:, None] / (BENDS - 1) * (1.0 - 0.62 * np.maximum(u - 0.45, 0.0) / 0.55)
        out, up = np.sin(angle) * step, np.cos(angle) * step
        out, up = np.cumsum(out, axis=1) - out[:, :1], np.cumsum(up, axis=1) - up[:, :1]
        turn = 2.0 * np.pi * own[:, 4:5]
        x, z = rows[:, 0:1] + np.cos(turn) * out, rows[:, 2:3] + np.sin(turn) * out
        at = np.stack([x, rows[:, 1:2] + up, z], axis=2)
        radius = (0.007 + 0.013 * length[:, None]) * (1.0 - 0.75 * u) * np.minimum(4.0 * rise, 1.0)[:, None]
        swell = 0.5 + 0.5 * np.sin(2.0 * np.pi * (now / 7.0 - 0.11 * rows[:, 0:1] - 0.07 * rows[:, 2:3]))
        shine = glow * (0.05 + 0.12 * u + (0.25 + 0.75 * swell) * np.maximum(u - 0.55, 0.0) ** 2 / 0.2025)
        curves = Curves(
            "garden",
            at.reshape(-1, 3).astype(np.float32),
            np.arange(len(rows) + 1, dtype=np.int64) * BENDS,
            radius.reshape(-1).astype(np.float32),
            np.repeat(rows[:, 3:6], BENDS, axis=0).astype(np.float32),
            shine.reshape(-1).astype(np.float32),
            -(number.astype(np.int64) + 1) - (1 << 40),
        )
        return Forms(curves=(curves,))

    def channels(self, tissue: Tissue) -> tuple[Channel, ...]:
        """garden: 0–1, how far a shoot that is rooted in a cell has grown."""
        rows, _, grown = self._shown()
        values = np.zeros(self.grid.shape, np.float32)
        at = (rows[:, :3] - np.array(self.grid.origin, np.float32)) / np.float32(self.grid.cell)
        i, j, k = (np.clip(at[:, d].astype(np.int64), 0, self.grid.shape[d] - 1) for d in range(3))
        np.maximum.at(values, (i, j, k), grown.astype(np.float32))
        return (Channel("garden", self.grid, values, rate=1.0),)


def _on_ring(x: float, z: float, far: float) -> tuple[float, float]:
    """(x, z) moved straight to so far from the middle."""
    away = math.sqrt(x * x + z * z)
    return (x / away * far, z / away * far) if away > 1e-6 else (far, 0.0)


def _strewn(count: int) -> F64:
    """Evenly strewn over 0–1, in no order that is seen."""
    golden = np.arange(count) * 0.6180339887498949
    return np.asarray(golden - np.floor(golden), np.float64)


def _lay(
    cells: F64, at: tuple[float, float, float], half: tuple[float, float, float], way: tuple[float, float]
) -> None:
    """cells ← at least a box with rounded edges, turned about the upright. at, half: in cells."""
    reach = 1.5 * max(half) + SOFT
    low = [max(int(a - reach), 0) for a in at]
    high = [min(int(a + reach) + 1, n) for a, n in zip(at, cells.shape, strict=True)]
    if any(b <= a for a, b in zip(low, high, strict=True)):
        return
    cosine, sine = _on_ring(*way, 1.0)
    x, y, z = (np.arange(a, b) + 0.5 - c for a, b, c in zip(low, high, at, strict=True))
    along = np.abs(cosine * x[:, None, None] + sine * z[None, None, :]) / half[0]
    across = np.abs(cosine * z[None, None, :] - sine * x[:, None, None]) / half[2]
    upright = np.abs(y)[None, :, None] / half[1]
    four = (along * along) ** 2 + (across * across) ** 2 + (upright * upright) ** 2
    away = (1.0 - np.sqrt(np.sqrt(four))) * min(half)
    part = cells[low[0] : high[0], low[1] : high[1], low[2] : high[2]]
    np.maximum(part, np.clip(0.5 + away / SOFT, 0.0, 1.0), out=part)
