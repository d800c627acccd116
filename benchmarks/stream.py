"""STREAM: how fast this machine's memory gives and takes, a ← b + 3c on arrays of 64 MiB."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import taichi as ti

MANY = 1 << 24  # f32 of each array


@ti.kernel
def _taichi(x: ti.types.ndarray(), y: ti.types.ndarray(), z: ti.types.ndarray(), s: ti.f32):
    for i in range(MANY >> 11):
        for k in range(1 << 11):
            x[(i << 11) + k] = y[(i << 11) + k] + s * z[(i << 11) + k]


def triad(threads: int) -> dict[str, float]:
    """GB/s, the best of 7 runs each: by Taichi, by Numba where it is installed, and b + c by NumPy on as many
    threads (the same bytes). What is written counts once, as STREAM counts it."""
    a, b, c = np.zeros(MANY, np.float32), np.ones(MANY, np.float32), np.ones(MANY, np.float32)
    cuts = [MANY * t // threads for t in range(threads + 1)]
    found = {"taichi": _best(lambda: _taichi(a, b, c, 3.0))}
    with ThreadPoolExecutor(threads) as pool:

        def parts() -> None:
            list(pool.map(lambda t: np.add(b[t], c[t], out=a[t]), map(slice, cuts, cuts[1:])))

        found["numpy"] = _best(parts)
    try:
        import numba
    except ImportError:
        return found
    numba.set_num_threads(min(threads, numba.config.NUMBA_NUM_THREADS))

    @numba.njit(parallel=True, fastmath=True)
    def triple(x: Any, y: Any, z: Any, s: Any) -> None:
        for i in numba.prange(x.shape[0]):
            x[i] = y[i] + s * z[i]

    found["numba"] = _best(lambda: triple(a, b, c, np.float32(3.0)))
    return found


def _best(work: Callable[[], Any]) -> float:
    work()
    times = []
    for _ in range(7):
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return 12 * MANY / min(times) / 1e9
