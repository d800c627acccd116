"""Kernels of what implants add to the filter, on the air's grid."""

import taichi as ti

from bioart.gpu import compute


@ti.func
def _boost(
    boost: ti.template(), table: ti.template(), i: ti.i32, j: ti.i32, k: ti.i32, count: ti.i32, inv: ti.f32
):
    """1 + Σ amount·(1 − d²/R²)², in the table's order, so that the sum has the same bits on any thread."""
    total = 1.0
    for n in range(count):
        dx = (i + 0.5 - table[n, 0]) * inv
        dy = (j + 0.5 - table[n, 1]) * inv
        dz = (k + 0.5 - table[n, 2]) * inv
        near = ti.max(1.0 - dx * dx - dy * dy - dz * dz, 0.0)
        total += table[n, 3] * near * near
    boost[i, j, k] = total


@ti.kernel
def lay_boost(boost: ti.template(), table: ti.template(), count: ti.i32, reach: ti.f32):
    """boost ← the filters' gain on the air's grid. table: (n, 4), place and amount; reach: R; in cells."""
    nx, ny, nz = ti.static(boost.shape)
    inv = 1.0 / reach
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            near = 0
            for n in range(count):
                if ti.abs(i + 0.5 - table[n, 0]) < reach and ti.abs(j + 0.5 - table[n, 1]) < reach:
                    near = 1
            if near > 0:
                for k in range(nz):
                    _boost(boost, table, i, j, k, count, inv)
            else:
                for k in range(nz):
                    boost[i, j, k] = 1.0
    else:
        for i, j, k in boost:
            _boost(boost, table, i, j, k, count, inv)


@ti.kernel
def load(table: ti.template(), rows: ti.types.ndarray()):
    for n, c in table:
        table[n, c] = rows[n, c]
