"""NVIDIA Warp on the CPU: kernels in f32, each point's donors looked up.

Warp runs a CPU kernel on one thread; here each launch is cut in slabs along x, one for each thread of a
pool, so that it has all processors too. Pressure: conjugate gradient by kernels of our own, from the last
step's pressure, stopped where the divergence asks for it. Warp: Apache-2.0.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import warp as wp

from peers import work

wp.config.quiet = True
A3 = wp.array3d(dtype=wp.float32)
MOST = 4000  # iterations


@wp.func
def mixed(a: float, b: float, s: float):
    return a + (b - a) * s


@wp.func
def least(a: float, b: float):
    return wp.where(a < b, a, b)


@wp.func
def most(a: float, b: float):
    return wp.where(a > b, a, b)


@wp.func
def held(x: float, n: int):
    return least(most(x, 0.0), float(n - 1))


@wp.func
def first(f: A3, hat: A3, low: A3, high: A3, i: int, j: int, k: int, way: wp.vec3f):
    px, py, pz = (
        held(float(i) - way[0], f.shape[0]),
        held(float(j) - way[1], f.shape[1]),
        held(float(k) - way[2], f.shape[2]),
    )
    x, y, z = (
        wp.min(int(px), f.shape[0] - 2),
        wp.min(int(py), f.shape[1] - 2),
        wp.min(int(pz), f.shape[2] - 2),
    )
    sx, sy, sz = px - float(x), py - float(y), pz - float(z)
    d, e, g, h = f[x, y, z], f[x, y, z + 1], f[x, y + 1, z], f[x, y + 1, z + 1]
    m, n, o, q = f[x + 1, y, z], f[x + 1, y, z + 1], f[x + 1, y + 1, z], f[x + 1, y + 1, z + 1]
    hat[i, j, k] = mixed(
        mixed(mixed(d, e, sz), mixed(g, h, sz), sy), mixed(mixed(m, n, sz), mixed(o, q, sz), sy), sx
    )
    low[i, j, k] = least(least(least(d, e), least(g, h)), least(least(m, n), least(o, q)))
    high[i, j, k] = most(most(most(d, e), most(g, h)), most(most(m, n), most(o, q)))


@wp.func
def second(f: A3, hat: A3, low: A3, high: A3, out: A3, i: int, j: int, k: int, way: wp.vec3f):
    px, py, pz = (
        held(float(i) + way[0], f.shape[0]),
        held(float(j) + way[1], f.shape[1]),
        held(float(k) + way[2], f.shape[2]),
    )
    x, y, z = (
        wp.min(int(px), f.shape[0] - 2),
        wp.min(int(py), f.shape[1] - 2),
        wp.min(int(pz), f.shape[2] - 2),
    )
    sx, sy, sz = px - float(x), py - float(y), pz - float(z)
    near = mixed(
        mixed(hat[x, y, z], hat[x, y, z + 1], sz), mixed(hat[x, y + 1, z], hat[x, y + 1, z + 1], sz), sy
    )
    far = mixed(
        mixed(hat[x + 1, y, z], hat[x + 1, y, z + 1], sz),
        mixed(hat[x + 1, y + 1, z], hat[x + 1, y + 1, z + 1], sz),
        sy,
    )
    value = hat[i, j, k] + 0.5 * (f[i, j, k] - mixed(near, far, sx))
    out[i, j, k] = least(most(value, low[i, j, k]), high[i, j, k])


@wp.func
def way(u: A3, v: A3, w: A3, kind: int, i: int, j: int, k: int, s: float):
    r = wp.vec3f()
    if kind == 0:
        r = wp.vec3f(
            u[i, j, k],
            0.25 * (v[i - 1, j, k] + v[i, j, k] + v[i - 1, j + 1, k] + v[i, j + 1, k]),
            0.25 * (w[i - 1, j, k] + w[i, j, k] + w[i - 1, j, k + 1] + w[i, j, k + 1]),
        )
    elif kind == 1:
        r = wp.vec3f(
            0.25 * (u[i, j - 1, k] + u[i, j, k] + u[i + 1, j - 1, k] + u[i + 1, j, k]),
            v[i, j, k],
            0.25 * (w[i, j - 1, k] + w[i, j, k] + w[i, j - 1, k + 1] + w[i, j, k + 1]),
        )
    elif kind == 2:
        r = wp.vec3f(
            0.25 * (u[i, j, k - 1] + u[i, j, k] + u[i + 1, j, k - 1] + u[i + 1, j, k]),
            0.25 * (v[i, j, k - 1] + v[i, j, k] + v[i, j + 1, k - 1] + v[i, j + 1, k]),
            w[i, j, k],
        )
    else:
        r = wp.vec3f(
            0.5 * (u[i, j, k] + u[i + 1, j, k]),
            0.5 * (v[i, j, k] + v[i, j + 1, k]),
            0.5 * (w[i, j, k] + w[i, j, k + 1]),
        )
    return r * s


@wp.kernel(enable_backward=False)
def carry(
    u: A3, v: A3, w: A3, f: A3, hat: A3, low: A3, high: A3, s: float, kind: int, i0: int, j0: int, k0: int
):
    a, b, c = wp.tid()
    i, j, k = a + i0, b + j0, c + k0
    first(f, hat, low, high, i, j, k, way(u, v, w, kind, i, j, k, s))


@wp.kernel(enable_backward=False)
def correct(
    u: A3, v: A3, w: A3, f: A3, hat: A3, low: A3, high: A3, out: A3, s: float, kind: int,
    i0: int, j0: int, k0: int,
):  # fmt: skip
    a, b, c = wp.tid()
    i, j, k = a + i0, b + j0, c + k0
    second(f, hat, low, high, out, i, j, k, way(u, v, w, kind, i, j, k, s))


@wp.kernel(enable_backward=False)
def gather(u: A3, v: A3, w: A3, right: A3, i0: int):
    a, j, k = wp.tid()
    i = a + i0
    right[i, j, k] = u[i, j, k] - u[i + 1, j, k] + v[i, j, k] - v[i, j + 1, k] + w[i, j, k] - w[i, j, k + 1]


@wp.kernel(enable_backward=False)
def project(u: A3, v: A3, w: A3, p: A3, i0: int):
    a, j, k = wp.tid()
    i = a + i0
    here = p[i, j, k]
    if i > 0:
        u[i, j, k] = u[i, j, k] - (here - p[i - 1, j, k])
    if j > 0:
        v[i, j, k] = v[i, j, k] - (here - p[i, j - 1, k])
    if k > 0:
        w[i, j, k] = w[i, j, k] - (here - p[i, j, k - 1])


@wp.kernel(enable_backward=False)
def laplacian(x: A3, y: A3, i0: int):
    """y = −∇²x, h = 1, closed sides."""
    a, j, k = wp.tid()
    i = a + i0
    n = x.shape[0]
    r = 6.0 * x[i, j, k]
    r -= x[wp.max(i - 1, 0), j, k] + x[wp.min(i + 1, n - 1), j, k]
    r -= x[i, wp.max(j - 1, 0), k] + x[i, wp.min(j + 1, n - 1), k]
    r -= x[i, j, wp.max(k - 1, 0)] + x[i, j, wp.min(k + 1, n - 1)]
    y[i, j, k] = r


@wp.kernel(enable_backward=False)
def descend(x: A3, r: A3, d: A3, q: A3, step: float, i0: int):
    a, j, k = wp.tid()
    i = a + i0
    x[i, j, k] = x[i, j, k] + step * d[i, j, k]
    r[i, j, k] = r[i, j, k] - step * q[i, j, k]


@wp.kernel(enable_backward=False)
def turn(d: A3, r: A3, share: float, i0: int):
    a, j, k = wp.tid()
    i = a + i0
    d[i, j, k] = r[i, j, k] + share * d[i, j, k]


class Peer:
    notes = ""

    def __init__(self, cells: int, threads: int) -> None:
        wp.init()
        n = cells
        self.n, self.threads, self.s = n, threads, work.DT / work.cell(n)
        shapes = ((n + 1, n, n), (n, n + 1, n), (n, n, n + 1), (n, n, n))
        self.now, self.hat, self.low, self.high, self.new = (
            [wp.zeros(shape, dtype=wp.float32, device="cpu") for shape in shapes] for _ in range(5)
        )
        self.right, self.p = (wp.zeros((n, n, n), dtype=wp.float32, device="cpu") for _ in range(2))
        self.pool = ThreadPoolExecutor(threads)
        self.prepare()
        wp.load_module(device="cpu")

    def prepare(self) -> None:
        n = self.n
        self.way, self.turned = (wp.zeros((n, n, n), dtype=wp.float32, device="cpu") for _ in range(2))
        self.notes = "f32, gather, slabs on a pool; pressure by conjugate gradient from the last pressure"

    def cut(
        self, kernel: Any, dim: tuple[int, ...], given: list[Any], start: int, more: tuple[int, ...] = ()
    ) -> None:
        """Launch in slabs along x, one a thread."""
        n, t = dim[0], self.threads
        edges = [n * a // t for a in range(t + 1)]

        def slab(a: int) -> None:
            part = (edges[a + 1] - edges[a], *dim[1:])
            wp.launch(kernel, part, [*given, start + edges[a], *more], device="cpu", record_tape=False)

        list(self.pool.map(slab, range(t)))

    def load(self, *arrays: Any) -> None:
        for mine, given in zip(self.now, arrays, strict=True):
            mine.numpy()[...] = given
        self.p.zero_()

    def read(self) -> tuple[Any, ...]:
        return tuple(a.numpy() for a in self.now)

    def step(self) -> None:
        n = self.n
        u, v, w, _ = self.now
        for kind in range(4):
            start = [int(kind == 0), int(kind == 1), int(kind == 2)]
            dim = tuple(n - s for s in start)
            given = [u, v, w, self.now[kind], self.hat[kind], self.low[kind], self.high[kind], self.s, kind]
            self.cut(carry, dim, given, start[0], tuple(start[1:]))
        for kind in range(4):
            start = [int(kind == 0), int(kind == 1), int(kind == 2)]
            dim = tuple(n - s for s in start)
            given = [u, v, w, self.now[kind], self.hat[kind], self.low[kind], self.high[kind], self.new[kind]]
            self.cut(correct, dim, [*given, self.s, kind], start[0], tuple(start[1:]))
        self.now, self.new = self.new, self.now
        u, v, w, _ = self.now
        self.cut(gather, (n, n, n), [u, v, w, self.right], 0)
        self.solve()
        self.cut(project, (n, n, n), [u, v, w, self.p], 0)

    def solve(self) -> None:
        """−∇²p = −∇·u, which is `right`, until its greatest residual is what the divergence may be.
        Products by Warp, sums by NumPy on the same memory: warp.optim.linear.cg needs 0.1 s an iteration on
        a CPU at 32³."""
        n = self.n
        enough = 0.9 * work.LEAST * work.COURANT * work.cell(n) / work.DT
        r, d, q = (a.numpy().reshape(-1) for a in (self.right, self.way, self.turned))
        self.cut(laplacian, (n, n, n), [self.p, self.turned], 0)
        r -= q
        r -= r.mean()
        d[...] = r
        size = float(np.dot(r, r))
        for _ in range(MOST):
            if max(float(r.max()), -float(r.min())) <= enough:
                break
            self.cut(laplacian, (n, n, n), [self.way, self.turned], 0)
            step = np.float32(size / float(np.dot(d, q)))
            self.cut(descend, (n, n, n), [self.p, self.right, self.way, self.turned, step], 0)
            size, before = float(np.dot(r, r)), size
            self.cut(turn, (n, n, n), [self.way, self.right, size / before], 0)

    def versions(self) -> str:
        return f"warp-lang {wp.__version__}"
