"""The build's fingerprint: what must be equal for the same bits.

A digest of a fixed probe (exp, sin, pow, a DCT, one strict kernel) with the interpreter's and the wheels'
versions and the backend. Thread count is not in it: it must not matter. Where two fingerprints differ, a
recording's world cannot be stepped again faithfully, and its take is played.
"""

import hashlib
import json
import math
import platform
from functools import cache
from importlib.metadata import version

import numpy as np
import taichi as ti

from bioart.gpu import compute

WHEELS = ("taichi", "numpy", "scipy")


@ti.kernel
def _probe(values: ti.types.ndarray(), count: ti.i32):
    for i in range(count):
        x = values[i]
        values[i] = ti.sin(x) * ti.exp(-x) + ti.sqrt(x + 1.0) / (x * x + 0.7) + ti.pow(x + 0.1, 1.3)


@cache
def fingerprint() -> str:
    """Canonical JSON: python, machine, the wheels, backend, probe (128-bit hexadecimal)."""
    from scipy.fft import dctn

    compute.start()
    digest = hashlib.blake2b(digest_size=16)
    grid = np.arange(512, dtype=np.float32).reshape(8, 8, 8) / np.float32(97)
    digest.update(dctn(grid, type=2, norm="ortho", workers=1).tobytes())
    line = np.linspace(0, 9, 4096, dtype=np.float32)
    _probe(line, line.size)
    digest.update(line.tobytes())
    for k in range(64):
        digest.update(repr((math.exp(-k / 7), math.sin(k / 3), math.pow(k + 0.5, 0.37))).encode())
    told = {
        "python": platform.python_version(),
        "machine": platform.machine(),
        **{name: version(name) for name in WHEELS},
        "backend": compute.started()["backend"],
        "probe": digest.hexdigest(),
    }
    return json.dumps(told, sort_keys=True)


def differs(recorded: str, here: str) -> str:
    """What differs between two fingerprints, told shortly: 'numpy 2.4.6 there, 2.5.5 here'; empty if none."""
    try:
        there, ours = json.loads(recorded), json.loads(here)
    except ValueError:
        return "the recording's fingerprint cannot be read"
    names = sorted({*there, *ours})
    return "; ".join(
        f"{n} {there.get(n)} there, {ours.get(n)} here" for n in names if there.get(n) != ours.get(n)
    )
