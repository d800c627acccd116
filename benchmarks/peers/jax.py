"""JAX on the CPU: one jitted step, its state given back to it (donated).

Gathers are slow in XLA on a CPU, so the donors are chosen by the way's sign among shifted arrays, which
fuse into vector loops (ways stay below one cell). Pressure: cosine transform as products with dense
matrices, or by jax.scipy.fft; the faster of the two on this machine, tried when the peer is made. JAX:
Apache-2.0.
"""

from __future__ import annotations

import functools
import time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy import fft

from peers import work


def mixed(a: Any, b: Any, s: Any) -> Any:
    return a + (b - a) * s


def donors(f: Any, way: Any, limits: bool) -> Any:
    """f at x − way, and the donors' range where it is asked for."""
    p = jnp.pad(f, 1, mode="edge")
    nx, ny, nz = f.shape
    cx, cy, cz = (a > 0 for a in way)
    sx, sy, sz = (jnp.abs(a) for a in way)

    def at(i: int, j: int, k: int) -> Any:
        return p[1 + i : 1 + i + nx, 1 + j : 1 + j + ny, 1 + k : 1 + k + nz]

    def in_x(x: int, j: int, k: int) -> Any:
        return jnp.where(cx, at(-1, j, k), at(1, j, k)) if x else at(0, j, k)

    def in_y(x: int, y: int, k: int) -> Any:
        return jnp.where(cy, in_x(x, -1, k), in_x(x, 1, k)) if y else in_x(x, 0, k)

    def in_z(x: int, y: int, z: int) -> Any:
        return jnp.where(cz, in_y(x, y, -1), in_y(x, y, 1)) if z else in_y(x, y, 0)

    d = [in_z(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)]
    near = mixed(mixed(d[0], d[1], sz), mixed(d[2], d[3], sz), sy)
    far = mixed(mixed(d[4], d[5], sz), mixed(d[6], d[7], sz), sy)
    value = mixed(near, far, sx)
    if not limits:
        return value
    return value, functools.reduce(jnp.minimum, d), functools.reduce(jnp.maximum, d)


def shut(f: Any, wall: int) -> Any:
    if wall < 0:
        return f
    inside = jax.lax.slice_in_dim(f, 1, f.shape[wall] - 1, axis=wall)
    return jnp.pad(inside, [(1, 1) if a == wall else (0, 0) for a in range(3)])


def carried(f: Any, way: Any, wall: int) -> Any:
    hat, low, high = donors(f, way, True)
    hat = shut(hat, wall)
    back = donors(hat, [-a for a in way], False)
    return shut(jnp.clip(hat + 0.5 * (f - back), low, high), wall)


def means(a: Any, axis: int) -> Any:
    n = a.shape[axis]
    return 0.5 * (jax.lax.slice_in_dim(a, 0, n - 1, axis=axis) + jax.lax.slice_in_dim(a, 1, n, axis=axis))


def at_faces(a: Any, axis: int) -> Any:
    return means(jnp.pad(a, [(1, 1) if b == axis else (0, 0) for b in range(3)], mode="edge"), axis)


def advected(u: Any, v: Any, w: Any, c: Any, s: float) -> Any:
    x, y, z = (means(a, axis) * s for axis, a in enumerate((u, v, w)))
    ways = [
        (u * s, at_faces(y, 0), at_faces(z, 0)),
        (at_faces(x, 1), v * s, at_faces(z, 1)),
        (at_faces(x, 2), at_faces(y, 2), w * s),
        (x, y, z),
    ]
    return [carried(f, way, wall) for f, way, wall in zip((u, v, w, c), ways, (0, 1, 2, -1), strict=True)]


def by_products(right: Any, cosines: Any, gain: Any) -> Any:
    for axis in range(3):
        right = jnp.moveaxis(jnp.tensordot(cosines, right, axes=(1, axis)), 0, axis)
    right = right * gain
    for axis in range(3):
        right = jnp.moveaxis(jnp.tensordot(cosines, right, axes=(0, axis)), 0, axis)
    return right


def by_fft(right: Any, cosines: Any, gain: Any) -> Any:
    return fft.idctn(fft.dctn(right, norm="ortho") * gain, norm="ortho")


def step(u: Any, v: Any, w: Any, c: Any, cosines: Any, gain: Any, s: float, solve: Any) -> Any:
    u, v, w, c = advected(u, v, w, c, s)
    right = jnp.diff(u, axis=0) + jnp.diff(v, axis=1) + jnp.diff(w, axis=2)
    p = solve(right, cosines, gain)
    u = u.at[1:-1].add(-jnp.diff(p, axis=0))
    v = v.at[:, 1:-1].add(-jnp.diff(p, axis=1))
    w = w.at[:, :, 1:-1].add(-jnp.diff(p, axis=2))
    return u, v, w, c


class Peer:
    notes = ""

    def __init__(self, cells: int, threads: int) -> None:
        n = cells
        x = np.arange(n)
        e = 2.0 - 2.0 * np.cos(np.pi * x / n)
        eigen = e[:, None, None] + e[None, :, None] + e[None, None, :]
        eigen[0, 0, 0] = np.inf
        cosines = np.cos(np.pi * x[:, None] * (x[None, :] + 0.5) / n) * np.sqrt(2.0 / n)
        cosines[0] /= np.sqrt(2.0)
        self.cosines, self.gain = jnp.asarray(cosines, jnp.float32), jnp.asarray(-1.0 / eigen, jnp.float32)
        right = jnp.asarray(np.random.default_rng(0).normal(size=(n, n, n)), jnp.float32)
        took = {}
        for solve in (by_products, by_fft):
            run = jax.jit(solve)
            run(right, self.cosines, self.gain).block_until_ready()
            spent = []
            for _ in range(5):
                began = time.perf_counter()
                run(right, self.cosines, self.gain).block_until_ready()
                spent.append(time.perf_counter() - began)
            took[solve] = min(spent)
        self.solve = min(took, key=lambda f: took[f])
        told = ", ".join(f"{f.__name__} {1e3 * t:.1f} ms" for f, t in took.items())
        self.notes = f"jit, shifted arrays, f32; pressure {self.solve.__name__} (tried: {told})"
        s = work.DT / work.cell(n)
        self.run = jax.jit(functools.partial(step, s=s, solve=self.solve), donate_argnums=(0, 1, 2, 3))

    def load(self, *arrays: Any) -> None:
        self.now = tuple(jnp.array(a) for a in arrays)

    def read(self) -> tuple[Any, ...]:
        return tuple(np.asarray(a) for a in self.now)

    def step(self) -> None:
        self.now = self.run(*self.now, self.cosines, self.gain)
        jax.block_until_ready(self.now)

    def versions(self) -> str:
        return f"jax {jax.__version__}"
