"""Fields as NumPy arrays, fast: a kernel that writes straight into the array's memory."""

from typing import Any

import numpy as np
import taichi as ti
from numpy.typing import NDArray

from bioart.gpu import compute


@ti.kernel
def _copy(f: ti.template(), out: ti.types.ndarray()):
    nx, ny, nz = ti.static(f.shape)
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            for k in range(nz):
                out[i, j, k] = f[i, j, k]
    else:
        for i, j, k in f:
            out[i, j, k] = f[i, j, k]


def array_of(field: Any) -> NDArray[np.float32]:
    """A 3-D f32 field's values: a fresh float32 array of its shape."""
    out = np.empty(field.shape, np.float32)
    _copy(field, out)
    return out
