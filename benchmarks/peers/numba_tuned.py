"""Numba as fast as we could make it: what the compiler needs to use vectors is done by hand.

Ways stay below one cell, so the 8 donors lie among the 27 neighbours and are chosen by the way's sign; the
choice is an LLVM `select` (Numba's own conditional becomes a branch, and the loads move into it); each row
is computed into one buffer, so that few pairs of arrays must be shown not to overlap; rows' ends are looked
up. Numba: BSD-2-Clause.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
from numba import njit, prange
from numba.extending import intrinsic

from peers import numba as plain
from peers.numba import FAST, F, H, Q, Z, at_c, at_x, at_y, first, mixed, second

W = 256  # points a row may have: a number that the compiler knows


@intrinsic
def pick(typing: Any, choice: Any, a: Any, b: Any) -> Any:
    """a where choice holds, else b, without a branch."""

    def build(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        return builder.select(*given)

    return a(choice, a, b), build


@njit(inline="always", **FAST)
def least(a, b):
    return pick(a < b, a, b)


@njit(inline="always", **FAST)
def most(a, b):
    return pick(a > b, a, b)


@njit(**FAST)
def hats(m, y0, y1, x0, x1, p00, p01, p10, p11, way, out, nk):
    """First pass of a row's points 1 … nk−2. m: the row; x0, x1, y0, y1: its neighbours below and above in x
    and y; pXY: the four at the corners. way, out: three stretches of W each: (x, y, z), (value, least,
    most)."""
    for t in range(nk - 2):
        k = t + 1
        a, b, c = way[k], way[k + W], way[k + 2 * W]
        cx, cy, cz = a > Z, b > Z, c > Z
        sx, sy, sz = abs(a), abs(b), abs(c)
        d, e = m[k], pick(cz, m[k - 1], m[k + 1])
        g = pick(cy, y0[k], y1[k])
        h = pick(cz, pick(cy, y0[k - 1], y1[k - 1]), pick(cy, y0[k + 1], y1[k + 1]))
        n = pick(cx, x0[k], x1[k])
        o = pick(cz, pick(cx, x0[k - 1], x1[k - 1]), pick(cx, x0[k + 1], x1[k + 1]))
        q = pick(cx, pick(cy, p00[k], p01[k]), pick(cy, p10[k], p11[k]))
        r0 = pick(cx, pick(cy, p00[k - 1], p01[k - 1]), pick(cy, p10[k - 1], p11[k - 1]))
        r1 = pick(cx, pick(cy, p00[k + 1], p01[k + 1]), pick(cy, p10[k + 1], p11[k + 1]))
        r = pick(cz, r0, r1)
        near = mixed(mixed(d, e, sz), mixed(g, h, sz), sy)
        far = mixed(mixed(n, o, sz), mixed(q, r, sz), sy)
        out[k] = mixed(near, far, sx)
        out[k + W] = least(least(least(d, e), least(g, h)), least(least(n, o), least(q, r)))
        out[k + 2 * W] = most(most(most(d, e), most(g, h)), most(most(n, o), most(q, r)))


@njit(**FAST)
def backs(m, y0, y1, x0, x1, p00, p01, p10, p11, f, low, high, way, out, nk):
    """Second pass of a row's points 1 … nk−2; the rows are the first pass's values."""
    for t in range(nk - 2):
        k = t + 1
        a, b, c = way[k], way[k + W], way[k + 2 * W]
        cx, cy, cz = a < Z, b < Z, c < Z
        sx, sy, sz = abs(a), abs(b), abs(c)
        d, e = m[k], pick(cz, m[k - 1], m[k + 1])
        g = pick(cy, y0[k], y1[k])
        h = pick(cz, pick(cy, y0[k - 1], y1[k - 1]), pick(cy, y0[k + 1], y1[k + 1]))
        n = pick(cx, x0[k], x1[k])
        o = pick(cz, pick(cx, x0[k - 1], x1[k - 1]), pick(cx, x0[k + 1], x1[k + 1]))
        q = pick(cx, pick(cy, p00[k], p01[k]), pick(cy, p10[k], p11[k]))
        r0 = pick(cx, pick(cy, p00[k - 1], p01[k - 1]), pick(cy, p10[k - 1], p11[k - 1]))
        r1 = pick(cx, pick(cy, p00[k + 1], p01[k + 1]), pick(cy, p10[k + 1], p11[k + 1]))
        r = pick(cz, r0, r1)
        near = mixed(mixed(d, e, sz), mixed(g, h, sz), sy)
        far = mixed(mixed(n, o, sz), mixed(q, r, sz), sy)
        out[k] = least(most(d + H * (f[k] - mixed(near, far, sx)), low[k]), high[k])


@njit(**FAST)
def both(f, hat, low, high, new, i, j, way, out, back):
    """One row of one field, first or second pass, but for its two ends."""
    nx, ny, nk = f.shape
    i0, i1, j0, j1 = max(i - 1, 0), min(i + 1, nx - 1), max(j - 1, 0), min(j + 1, ny - 1)
    if back:
        g = hat
        backs(
            g[i, j], g[i, j0], g[i, j1], g[i0, j], g[i1, j], g[i0, j0], g[i0, j1], g[i1, j0], g[i1, j1],
            f[i, j], low[i, j], high[i, j], way, out, nk,
        )  # fmt: skip
        for k in range(1, nk - 1):
            new[i, j, k] = out[k]
    else:
        g = f
        hats(
            g[i, j], g[i, j0], g[i, j1], g[i0, j], g[i1, j], g[i0, j0], g[i0, j1], g[i1, j0], g[i1, j1],
            way, out, nk,
        )  # fmt: skip
        a, b, c = hat[i, j], low[i, j], high[i, j]
        for k in range(1, nk - 1):
            a[k] = out[k]
        for k in range(1, nk - 1):
            b[k] = out[k + W]
        for k in range(1, nk - 1):
            c[k] = out[k + 2 * W]


@njit(**FAST)
def way_c(u0, u1, v0, v1, w0, way, n, s):
    for k in range(n):
        way[k] = H * s * (u0[k] + u1[k])
        way[k + W] = H * s * (v0[k] + v1[k])
        way[k + 2 * W] = H * s * (w0[k] + w0[k + 1])


@njit(**FAST)
def way_x(u0, v0, v1, v2, v3, w0, w1, way, n, s):
    for k in range(n):
        way[k] = s * u0[k]
        way[k + W] = Q * s * (v0[k] + v1[k] + v2[k] + v3[k])
        way[k + 2 * W] = Q * s * (w0[k] + w1[k] + w0[k + 1] + w1[k + 1])


@njit(**FAST)
def way_y(u0, u1, u2, u3, v0, w0, w1, way, n, s):
    for k in range(n):
        way[k] = Q * s * (u0[k] + u1[k] + u2[k] + u3[k])
        way[k + W] = s * v0[k]
        way[k + 2 * W] = Q * s * (w0[k] + w1[k] + w0[k + 1] + w1[k + 1])


@njit(**FAST)
def way_z(u0, u1, v0, v1, w0, way, n, s):
    for t in range(n - 1):
        k = t + 1
        way[k] = Q * s * (u0[k] + u1[k] + u0[k - 1] + u1[k - 1])
        way[k + W] = Q * s * (v0[k] + v1[k] + v0[k - 1] + v1[k - 1])
        way[k + 2 * W] = s * w0[k]


@njit(inline="always", **FAST)
def ends(f, hat, low, high, new, i, j, k, a, b, d, back):
    if back:
        second(f, hat, low, high, new, i, j, k, a, b, d)
    else:
        first(f, hat, low, high, i, j, k, a, b, d)


@njit(parallel=True, **FAST)
def carry(u, v, w, c, ua, va, wa, ca, ul, vl, wl, cl, uh, vh, wh, ch, un, vn, wn, cn, s, back):
    """One pass of all four fields."""
    n = c.shape[0]
    for i in prange(n):
        way, out = np.empty(3 * W, F), np.empty(3 * W, F)
        for j in range(n):
            way_c(u[i, j], u[i + 1, j], v[i, j], v[i, j + 1], w[i, j], way, n, s)
            both(c, ca, cl, ch, cn, i, j, way, out, back)
            for k in (0, n - 1):
                a, b, d = at_c(u, v, w, i, j, k, s)
                ends(c, ca, cl, ch, cn, i, j, k, a, b, d, back)
            if i > 0:
                x = i - 1
                way_x(u[i, j], v[x, j], v[i, j], v[x, j + 1], v[i, j + 1], w[x, j], w[i, j], way, n, s)
                both(u, ua, ul, uh, un, i, j, way, out, back)
                for k in (0, n - 1):
                    a, b, d = at_x(u, v, w, i, j, k, s)
                    ends(u, ua, ul, uh, un, i, j, k, a, b, d, back)
            if j > 0:
                y = j - 1
                way_y(u[i, y], u[i, j], u[i + 1, y], u[i + 1, j], v[i, j], w[i, y], w[i, j], way, n, s)
                both(v, va, vl, vh, vn, i, j, way, out, back)
                for k in (0, n - 1):
                    a, b, d = at_y(u, v, w, i, j, k, s)
                    ends(v, va, vl, vh, vn, i, j, k, a, b, d, back)
            way_z(u[i, j], u[i + 1, j], v[i, j], v[i, j + 1], w[i, j], way, n, s)
            both(w, wa, wl, wh, wn, i, j, way, out, back)


class Peer(plain.Peer):
    notes = "as numba, and donors by select, rows through one buffer: vectors; scipy.fft DCT f32"

    def advect(self) -> None:
        carry(*self.now, *self.hat, *self.low, *self.high, *self.new, self.s, False)
        carry(*self.now, *self.hat, *self.low, *self.high, *self.new, self.s, True)

    def versions(self) -> str:
        return f"numba {numba.__version__}, {numba.threading_layer()}"
