"""The skin, as what clings to it feels it: where it is, which way it faces, and how to climb along it.

Everything works on the body's own `solid` field as it stands, so nothing here is state. Places are in metres
outside and in cells inside. Steps of a climb are +, −, ×, ÷ and √ alone: the same bits on any thread count.
"""

from typing import Any

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from bioart.forms import Grid

REST = 0.08  # share of fullness felt where things rest: about a cell off the skin
LONGEST = 72  # points of a climb
TAIL = 9  # of these, the last that float free when a climb ends at a tip

vec3 = ti.types.vector(3, ti.f32)
vec4 = ti.types.vector(4, ti.f32)
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]


@ti.func
def _share(solid: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32):
    """Fullness at a place (cells), linear between cell centres, 0 outside the grid; under the floor as on it,
    so that nothing is pushed down there."""
    nx, ny, nz = ti.static(solid.shape)
    above = ti.max(y, 0.5)
    i, j, k = ti.floor(x - 0.5), ti.floor(above - 0.5), ti.floor(z - 0.5)
    fx, fy, fz = x - 0.5 - i, above - 0.5 - j, z - 0.5 - k
    total = 0.0
    for corner in range(8):  # a loop, as its body written out eight times takes minutes to compile
        a, b, c = corner & 1, (corner >> 1) & 1, corner >> 2
        u, v, w = ti.cast(i, ti.i32) + a, ti.cast(j, ti.i32) + b, ti.cast(k, ti.i32) + c
        if 0 <= u < nx and 0 <= v < ny and 0 <= w < nz:
            wx = ti.select(a == 1, fx, 1.0 - fx)
            wy = ti.select(b == 1, fy, 1.0 - fy)
            wz = ti.select(c == 1, fz, 1.0 - fz)
            total += wx * wy * wz * solid[u, v, w]
    return total


@ti.func
def _felt(solid: ti.template(), p):
    """(gradient per cell, mean fullness within a cell and a bit) at p."""
    e = 1.4
    gx, gy, gz = 0.0, 0.0, 0.0
    mean = 2.0 * _share(solid, p[0], p[1], p[2])
    for tap in range(6):
        sign = 1.0 - 2.0 * ti.cast(tap & 1, ti.f32)
        axis = tap >> 1
        dx = ti.select(axis == 0, sign, 0.0)
        dy = ti.select(axis == 1, sign, 0.0)
        dz = ti.select(axis == 2, sign, 0.0)
        there = _share(solid, p[0] + e * dx, p[1] + e * dy, p[2] + e * dz)
        mean += there
        gx += dx * there
        gy += dy * there
        gz += dz * there
    return vec4(gx / (2.0 * e), gy / (2.0 * e), gz / (2.0 * e), mean / 8.0)


@ti.func
def _onto(solid: ti.template(), p, outwards: ti.i32, most: ti.f32):
    """p moved along the gradient to where it rests, by at most `most` cells; outwards: never back in."""
    f = _felt(solid, p)
    g = vec3(f[0], f[1], f[2])
    steep = g.norm()
    moved = p
    if steep > 0.01:
        way = ti.min(ti.max((f[3] - REST) / steep, -most), most)
        if outwards == 0 or way > 0.06:
            moved = p - g / steep * way
            moved[1] = ti.max(moved[1], 0.0)
    return moved


@ti.kernel
def _sample(solid: ti.template(), out: ti.types.ndarray()):
    for i, j in ti.ndrange(out.shape[0], out.shape[1]):
        for k in range(out.shape[2]):
            out[i, j, k] = ti.cast(solid[2 * i, 2 * j, 2 * k] > 0.5, ti.i32)


@ti.kernel
def _climb(
    solid: ti.template(), rows: ti.types.ndarray(), out: ti.types.ndarray(), counts: ti.types.ndarray()
):
    """rows: x, y, z in cells, wind (way round for each way up), points at most, stride in cells."""
    up = vec3(0.0, 1.0, 0.0)
    for n in range(rows.shape[0]):
        p = vec3(rows[n, 0], rows[n, 1], rows[n, 2])
        wind, stride = rows[n, 3], rows[n, 5]
        most = ti.cast(rows[n, 4], ti.i32)
        for _ in range(10):
            p = _onto(solid, p, 0, 0.8)
        way = vec3(0.0, 0.0, 0.0)
        flat, free, count = 0, 0, 0
        for s in range(most):
            for c in ti.static(range(3)):
                out[n, s, c] = p[c]
            count = s + 1
            f = _felt(solid, p)
            g = vec3(f[0], f[1], f[2])
            steep = g.norm()
            if steep > 0.02 and free == 0:
                normal = -g / steep
                rise = up - normal * normal[1]
                side = normal.cross(up)
                wanted = rise + side * wind
                way = way * 1.4 + wanted / ti.max(wanted.norm(), 0.25)
                way -= normal * way.dot(normal)
                way /= ti.max(way.norm(), 1e-4)
                p += way * stride
                for _ in range(2):
                    p = _onto(solid, p, 0, 0.6)
                flat = flat + 1 if normal[1] > 0.72 else 0
                if flat > 7 or s + 1 + TAIL >= most:
                    free = 1
            else:  # the tail floats, up and off
                free += 1
                normal = -g / ti.max(steep, 0.05)
                way = way * 1.5 + up * 0.35 + normal * 0.5
                way /= ti.max(way.norm(), 1e-4)
                p = _onto(solid, p + way * (stride * 0.8), 1, 0.6)
                if free > TAIL:
                    break
        counts[n] = count


@ti.kernel
def _feel(solid: ti.template(), at: ti.types.ndarray(), out: ti.types.ndarray()):
    for n in range(at.shape[0]):
        out[n] = _felt(solid, vec3(at[n, 0], at[n, 1], at[n, 2]))[3]


@ti.kernel
def _settle(solid: ti.template(), at: ti.types.ndarray(), ox: ti.f32, oy: ti.f32, oz: ti.f32, cell: ti.f32):
    """What the body has grown into moves out of it, a little at a time."""
    o = vec3(ox, oy, oz)
    for n in range(at.shape[0]):
        was = vec3(at[n, 0], at[n, 1], at[n, 2])
        p = (was - o) / cell
        q = _onto(solid, p, 1, 0.5)
        if (q - p).norm() > 0.0:
            for c in ti.static(range(3)):
                at[n, c] = o[c] + q[c] * cell


@ti.kernel
def _land(solid: ti.template(), at: ti.types.ndarray(), normal: ti.types.ndarray()):
    for n in range(at.shape[0]):
        p = vec3(at[n, 0], at[n, 1], at[n, 2])
        for _ in range(10):
            p = _onto(solid, p, 0, 0.8)
        f = _felt(solid, p)
        g = vec3(f[0], f[1], f[2])
        for c in ti.static(range(3)):
            at[n, c] = p[c]
            normal[n, c] = -g[c] / ti.max(g.norm(), 1e-4)


class Skin:
    """The skin of a body as it stands. solid: its field, on `grid`."""

    def __init__(self, grid: Grid, solid: Any) -> None:
        self.grid, self._solid = grid, solid
        self._shell: Any = None

    def look(self) -> None:
        """The body may have changed: what `cells` knows is forgotten."""
        self._shell = None

    def cells(self) -> F64:
        """(n, 3) m: middles of cells just under the skin, every second one each way, in a fixed order, as
        they were when first asked for after a look."""
        if self._shell is None:
            self._shell = self._found()
        return self._shell

    def _found(self) -> F64:
        out = np.zeros(tuple(max(n // 2, 1) for n in self.grid.shape), np.int32)
        _sample(self._solid, out)
        full = out.astype(bool)
        wide = np.pad(full, 1)
        inner = (
            wide[2:, 1:-1, 1:-1] & wide[:-2, 1:-1, 1:-1] & wide[1:-1, 2:, 1:-1] & wide[1:-1, :-2, 1:-1]
            & wide[1:-1, 1:-1, 2:] & wide[1:-1, 1:-1, :-2]
        )  # fmt: skip
        found = np.argwhere(full & ~inner)
        return self._metres(2.0 * found + 0.5)

    def climb(self, starts: F64, wind: list[float], points: list[int], stride: float) -> list[F64]:
        """From each start (n, 3) m along the skin, upwards and round: a path (m, 3) m each, of up to `points`
        points (LONGEST at most), `stride` m apart. wind: m round for each m up; its sign: which way."""
        rows = np.zeros((len(starts), 6), np.float32)
        rows[:, :3] = self._cells(np.asarray(starts))
        rows[:, 3], rows[:, 4] = wind, np.clip(points, 2, LONGEST)
        rows[:, 5] = stride / self.grid.cell
        out = np.zeros((len(rows), LONGEST, 3), np.float32)
        counts = np.zeros(len(rows), np.int32)
        _climb(self._solid, rows, out, counts)
        return [
            self._metres(path[:count].astype(np.float64)) for path, count in zip(out, counts, strict=True)
        ]

    def fullness(self, at: F64) -> F32:
        """0–1 for each (n, 3) m: how full of body it is there."""
        cells, out = self._cells(at).astype(np.float32), np.zeros(len(at), np.float32)
        if len(cells):
            _feel(self._solid, cells, out)
        return out

    def settle(self, at: F32) -> None:
        """Move points (n, 3) m that the body has grown over outwards, in place, by half a cell at most."""
        if len(at):
            _settle(self._solid, at, *self.grid.origin, self.grid.cell)

    def land(self, at: F64) -> tuple[F64, F64]:
        """The resting place on the skin next to each (n, 3) m, and the way out of the skin there. Where there
        is no body: the place itself, and no way (zeros)."""
        shell = self.cells()
        if not len(shell) or not len(at):
            return np.array(at, np.float64), np.zeros((len(at), 3))
        near = np.stack([shell[((shell - a) ** 2).sum(axis=1).argmin()] for a in at])
        return self.cling(near)

    def cling(self, at: F64) -> tuple[F64, F64]:
        """As `land`, for places that are at the skin already."""
        cells, normal = self._cells(at).astype(np.float32), np.zeros((len(at), 3), np.float32)
        if len(cells):
            _land(self._solid, cells, normal)
        return self._metres(cells.astype(np.float64)), normal.astype(np.float64)

    def _cells(self, at: F64) -> F64:
        return (np.asarray(at, np.float64) - np.array(self.grid.origin)) / self.grid.cell

    def _metres(self, at: F64) -> F64:
        return np.array(self.grid.origin) + np.asarray(at, np.float64) * self.grid.cell
