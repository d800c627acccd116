"""Numba as it is usually written: parallel over x, fast maths, f32, each point's donors looked up.

The pressure is solved by scipy's cosine transform (f32), as bioart's is. Numba: BSD-2-Clause.
"""

# `import numba` here finds the library: peers are imported as peers.NAME.

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import scipy
from numba import njit, prange
from scipy import fft

from peers import work

F = np.float32
Z, H, Q = F(0.0), F(0.5), F(0.25)
FAST = {"fastmath": True, "boundscheck": False, "error_model": "numpy"}


@njit(inline="always", **FAST)
def mixed(a, b, s):
    return a + (b - a) * s


@njit(inline="always", **FAST)
def place(x, n):
    x = min(max(x, Z), F(n - 1))
    i = min(int(x), n - 2)
    return i, x - F(i)


@njit(inline="always", **FAST)
def first(f, hat, low, high, i, j, k, a, b, c):
    """First pass at one point: a, b, c its way in cells."""
    x, sx = place(F(i) - a, f.shape[0])
    y, sy = place(F(j) - b, f.shape[1])
    z, sz = place(F(k) - c, f.shape[2])
    d, e, g, h = f[x, y, z], f[x, y, z + 1], f[x, y + 1, z], f[x, y + 1, z + 1]
    m, n, o, q = f[x + 1, y, z], f[x + 1, y, z + 1], f[x + 1, y + 1, z], f[x + 1, y + 1, z + 1]
    near = mixed(mixed(d, e, sz), mixed(g, h, sz), sy)
    far = mixed(mixed(m, n, sz), mixed(o, q, sz), sy)
    hat[i, j, k] = mixed(near, far, sx)
    low[i, j, k] = min(min(min(d, e), min(g, h)), min(min(m, n), min(o, q)))
    high[i, j, k] = max(max(max(d, e), max(g, h)), max(max(m, n), max(o, q)))


@njit(inline="always", **FAST)
def second(f, hat, low, high, new, i, j, k, a, b, c):
    x, sx = place(F(i) + a, f.shape[0])
    y, sy = place(F(j) + b, f.shape[1])
    z, sz = place(F(k) + c, f.shape[2])
    near = mixed(
        mixed(hat[x, y, z], hat[x, y, z + 1], sz), mixed(hat[x, y + 1, z], hat[x, y + 1, z + 1], sz), sy
    )
    x += 1
    far = mixed(
        mixed(hat[x, y, z], hat[x, y, z + 1], sz), mixed(hat[x, y + 1, z], hat[x, y + 1, z + 1], sz), sy
    )
    value = hat[i, j, k] + H * (f[i, j, k] - mixed(near, far, sx))
    new[i, j, k] = min(max(value, low[i, j, k]), high[i, j, k])


@njit(inline="always", **FAST)
def at_x(u, v, w, i, j, k, s):
    return (
        u[i, j, k] * s,
        Q * s * (v[i - 1, j, k] + v[i, j, k] + v[i - 1, j + 1, k] + v[i, j + 1, k]),
        Q * s * (w[i - 1, j, k] + w[i, j, k] + w[i - 1, j, k + 1] + w[i, j, k + 1]),
    )


@njit(inline="always", **FAST)
def at_y(u, v, w, i, j, k, s):
    return (
        Q * s * (u[i, j - 1, k] + u[i, j, k] + u[i + 1, j - 1, k] + u[i + 1, j, k]),
        v[i, j, k] * s,
        Q * s * (w[i, j - 1, k] + w[i, j, k] + w[i, j - 1, k + 1] + w[i, j, k + 1]),
    )


@njit(inline="always", **FAST)
def at_z(u, v, w, i, j, k, s):
    return (
        Q * s * (u[i, j, k - 1] + u[i, j, k] + u[i + 1, j, k - 1] + u[i + 1, j, k]),
        Q * s * (v[i, j, k - 1] + v[i, j, k] + v[i, j + 1, k - 1] + v[i, j + 1, k]),
        w[i, j, k] * s,
    )


@njit(inline="always", **FAST)
def at_c(u, v, w, i, j, k, s):
    return (
        H * s * (u[i, j, k] + u[i + 1, j, k]),
        H * s * (v[i, j, k] + v[i, j + 1, k]),
        H * s * (w[i, j, k] + w[i, j, k + 1]),
    )


@njit(parallel=True, **FAST)
def carry(u, v, w, c, ua, va, wa, ca, ul, vl, wl, cl, uh, vh, wh, ch, s):
    """First pass of all four fields."""
    n = c.shape[0]
    for i in prange(n):
        for j in range(n):
            for k in range(n):
                a, b, d = at_c(u, v, w, i, j, k, s)
                first(c, ca, cl, ch, i, j, k, a, b, d)
            if i > 0:
                for k in range(n):
                    a, b, d = at_x(u, v, w, i, j, k, s)
                    first(u, ua, ul, uh, i, j, k, a, b, d)
            if j > 0:
                for k in range(n):
                    a, b, d = at_y(u, v, w, i, j, k, s)
                    first(v, va, vl, vh, i, j, k, a, b, d)
            for k in range(1, n):
                a, b, d = at_z(u, v, w, i, j, k, s)
                first(w, wa, wl, wh, i, j, k, a, b, d)


@njit(parallel=True, **FAST)
def correct(u, v, w, c, ua, va, wa, ca, ul, vl, wl, cl, uh, vh, wh, ch, un, vn, wn, cn, s):
    """Second pass of all four fields."""
    n = c.shape[0]
    for i in prange(n):
        for j in range(n):
            for k in range(n):
                a, b, d = at_c(u, v, w, i, j, k, s)
                second(c, ca, cl, ch, cn, i, j, k, a, b, d)
            if i > 0:
                for k in range(n):
                    a, b, d = at_x(u, v, w, i, j, k, s)
                    second(u, ua, ul, uh, un, i, j, k, a, b, d)
            if j > 0:
                for k in range(n):
                    a, b, d = at_y(u, v, w, i, j, k, s)
                    second(v, va, vl, vh, vn, i, j, k, a, b, d)
            for k in range(1, n):
                a, b, d = at_z(u, v, w, i, j, k, s)
                second(w, wa, wl, wh, wn, i, j, k, a, b, d)


@njit(parallel=True, **FAST)
def gather(u, v, w, right):
    """∇·u in units of h."""
    n = right.shape[0]
    for i in prange(n):
        for j in range(n):
            for k in range(n):
                right[i, j, k] = (
                    u[i + 1, j, k] - u[i, j, k] + v[i, j + 1, k] - v[i, j, k] + w[i, j, k + 1] - w[i, j, k]
                )


@njit(parallel=True, **FAST)
def project(u, v, w, p):
    n = p.shape[0]
    for i in prange(n):
        for j in range(n):
            if i > 0:
                for k in range(n):
                    u[i, j, k] -= p[i, j, k] - p[i - 1, j, k]
            if j > 0:
                for k in range(n):
                    v[i, j, k] -= p[i, j, k] - p[i, j - 1, k]
            for k in range(1, n):
                w[i, j, k] -= p[i, j, k] - p[i, j, k - 1]


class Peer:
    notes = "prange, fastmath, f32, gather; scipy.fft DCT f32"

    def __init__(self, cells: int, threads: int) -> None:
        n = cells
        numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))
        self.n, self.threads, self.s = n, threads, F(work.DT / work.cell(n))
        self.now, self.hat, self.low, self.high, self.new = ([] for _ in range(5))
        for rows in (self.now, self.hat, self.low, self.high, self.new):
            rows += [np.zeros(shape, F) for shape in ((n + 1, n, n), (n, n + 1, n), (n, n, n + 1), (n, n, n))]
        self.right = np.zeros((n, n, n), F)
        e = 2.0 - 2.0 * np.cos(np.pi * np.arange(n) / n)
        eigen = e[:, None, None] + e[None, :, None] + e[None, None, :]
        eigen[0, 0, 0] = np.inf
        self.gain = (-1.0 / eigen).astype(F)

    def load(self, *arrays: Any) -> None:
        for mine, given in zip(self.now, arrays, strict=True):
            mine[...] = given

    def read(self) -> tuple[Any, ...]:
        return tuple(self.now)

    def step(self) -> None:
        self.advect()
        u, v, w, _ = self.now = self.swap()
        gather(u, v, w, self.right)
        wave = fft.dctn(self.right, norm="ortho", workers=self.threads, overwrite_x=True)
        wave *= self.gain
        p = fft.idctn(wave, norm="ortho", workers=self.threads, overwrite_x=True)
        project(u, v, w, p)

    def swap(self) -> list[Any]:
        self.new, now = self.now, self.new
        return now

    def advect(self) -> None:
        carry(*self.now, *self.hat, *self.low, *self.high, self.s)
        correct(*self.now, *self.hat, *self.low, *self.high, *self.new, self.s)

    def versions(self) -> str:
        return f"numba {numba.__version__}, scipy {scipy.__version__}, {numba.threading_layer()}"
