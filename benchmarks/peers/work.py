"""The state that every peer begins from, the numbers that it must reach, and what all do with the clock."""

from __future__ import annotations

import importlib
import os
import sys
import time
from typing import Any

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]
SIDE = 6.0  # m, edge of the cube
DT = 0.1  # s
COURANT = 0.9  # max|u|·dt/h of the opening, |u| at cells' middles
LEAST = 1e-5  # max|∇·u|·h / max|u| that a projection must reach

# In the order of the table. `bioart` is measured, `numba` and `numba-tuned` are the bar, the rest are told.
PEERS = ("bioart", "numba", "numba_tuned", "jax", "warp", "warp_scipy", "phiflow")


def cell(n: int) -> float:
    """Edge of a cell, m."""
    return SIDE / n


def opening(n: int) -> tuple[F32, F32, F32, F32]:
    """u, v, w (m/s) and c (µg/m³): the curl of a vector potential on the cells' edges, exact to round-off."""
    face, middle = np.arange(n + 1) / n, (np.arange(n) + 0.5) / n

    def potential(x: Any, y: Any, z: Any, a: int) -> Any:
        """Along an edge: 0 on the four walls that are parallel to it, so no air passes them."""
        x, y, z = x[:, None, None], y[None, :, None], z[None, None, :]
        pi = np.pi
        large = np.sin(pi * x) * np.sin((1 + a) * pi * y) * (1.0 + 0.5 * np.cos(2 * pi * z))
        return large + 0.25 * np.sin(4 * pi * x) * np.sin(3 * pi * y) * np.cos(pi * z)

    # potential() has its edge along its third argument; turned so that each axis has its own
    pz = potential(face, face, middle, 0)
    px = potential(face, face, middle, 1).transpose(2, 0, 1)
    py = potential(face, face, middle, 1).transpose(1, 2, 0)
    u = np.diff(pz, axis=1) - np.diff(py, axis=2)
    v = np.diff(px, axis=2) - np.diff(pz, axis=0)
    w = np.diff(py, axis=0) - np.diff(px, axis=1)
    top = speed(u, v, w)
    scale = COURANT * cell(n) / DT / top
    x, y, z = middle[:, None, None], middle[None, :, None], middle[None, None, :]
    away = np.sqrt((x - 0.35) ** 2 + (y - 0.5) ** 2 + (z - 0.45) ** 2)
    c = 100.0 * np.clip(0.5 + (0.22 - away) * n, 0.0, 1.0)
    u, v, w = u * scale, v * scale, w * scale
    return tuple(np.ascontiguousarray(a, np.float32) for a in (u, v, w, c))  # type: ignore[return-value]


def speed(u: Any, v: Any, w: Any) -> float:
    """The fastest air at cells' middles, m/s."""
    x, y, z = 0.5 * (u[1:] + u[:-1]), 0.5 * (v[:, 1:] + v[:, :-1]), 0.5 * (w[:, :, 1:] + w[:, :, :-1])
    return float(np.sqrt((x * x + y * y + z * z).max()))


def divergence(u: Any, v: Any, w: Any) -> float:
    """max|∇·u|·h / max|u|, summed in double."""
    u, v, w = (np.asarray(a, np.float64) for a in (u, v, w))
    d = np.diff(u, axis=0) + np.diff(v, axis=1) + np.diff(w, axis=2)
    return float(np.abs(d).max()) / speed(u, v, w)


def make(name: str, cells: int, threads: int) -> Any:
    """The peer of that name. Raises ImportError where its library is not installed."""
    return importlib.import_module(f"peers.{name}").Peer(cells, threads)


def limit(threads: int) -> None:
    """Hold this process to so many processors and threads, before any library is imported."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ[name] = str(threads)
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # an idle peer leaves the processors to the others
    os.environ["JAX_PLATFORMS"] = "cpu"


def serve(pipe: Any, name: str, cells: int, threads: int) -> None:
    """A peer's process: answers ("first",) with its first step, ("round", k) with the time of k steps."""
    limit(threads)
    sys.stdout = sys.stderr  # libraries that greet do not speak into the table
    try:
        state = opening(cells)
        began = time.perf_counter()
        peer = make(name, cells, threads)
        peer.load(*state)
        peer.step()
        told = {"opened": time.perf_counter() - began, "versions": peer.versions(), "notes": peer.notes}
        told["arrays"] = peer.read()  # a copy by the time that it has gone through the pipe
        pipe.send(told)
        began = time.perf_counter()
        peer.step()
        pipe.send(time.perf_counter() - began)
    except ImportError as missing:
        pipe.send({"missing": str(missing)})
        return
    while True:
        asked = pipe.recv()
        if asked is None:
            return
        peer.load(*state)
        spent, began = time.process_time(), time.perf_counter()
        for _ in range(asked):
            peer.step()
        took, spent = time.perf_counter() - began, time.process_time() - spent
        u, v, w, _ = peer.read()
        pipe.send({"wall": took / asked, "cpu": spent / asked, "divergence": divergence(u, v, w)})
