"""Kernels of the rim: faces on the six sides, and one cell beyond them, so that what is inside need not ask.

Fields are of shape (nx+3, ny+3, nz+3): cells 1 … n, lower faces with them, the upper side is face n+1. A side's
row of the table: velocity (m/s), and its kind as a number.
"""

import taichi as ti

WALL, SLIP, INFLOW, OPEN, PERIODIC = range(5)


@ti.kernel
def take(table: ti.template(), rows: ti.types.ndarray()):
    for n, c in table:
        table[n, c] = rows[n, c]


@ti.func
def _through(kind: ti.i32, given: ti.f32, own: ti.f32, beside: ti.f32, predicted: ti.i32):
    """The velocity on a side, through it. own: what the field says there; beside: one face further in."""
    new = ti.select(kind == INFLOW, given, 0.0)
    return ti.select(kind == OPEN, ti.select(predicted == 1, beside, own), new)


@ti.func
def _beyond(kind: ti.i32, given: ti.f32, inside: ti.f32, opposite: ti.f32):
    """A value beyond a side, of what runs along it."""
    new = ti.select(kind == WALL or kind == INFLOW, 2.0 * given - inside, inside)
    return ti.select(kind == PERIODIC, opposite, new)


@ti.kernel
def velocity(
    u: ti.template(), v: ti.template(), w: ti.template(), table: ti.template(),
    nx: ti.i32, ny: ti.i32, nz: ti.i32, predicted: ti.i32,
):  # fmt: skip
    """The faces on the sides and all that lies beyond; predicted: an open side takes what is beside it."""
    for j, k in ti.ndrange((1, ny + 2), (1, nz + 2)):
        low, high = ti.cast(table[0, 3], ti.i32), ti.cast(table[1, 3], ti.i32)
        u[1, j, k] = ti.select(
            low == PERIODIC, u[1, j, k], _through(low, table[0, 0], u[1, j, k], u[2, j, k], predicted)
        )
        u[nx + 1, j, k] = ti.select(
            high == PERIODIC, u[1, j, k],
            _through(high, table[1, 0], u[nx + 1, j, k], u[nx, j, k], predicted),
        )  # fmt: skip
        # beyond a side the component through it mirrors about what the side lets through
        u[0, j, k] = ti.select(
            low == PERIODIC, u[nx, j, k], ti.select(low == OPEN, u[1, j, k], 2.0 * u[1, j, k] - u[2, j, k])
        )
        u[nx + 2, j, k] = ti.select(
            high == PERIODIC, u[2, j, k],
            ti.select(high == OPEN, u[nx + 1, j, k], 2.0 * u[nx + 1, j, k] - u[nx, j, k]),
        )  # fmt: skip
        v[0, j, k] = _beyond(low, table[0, 1], v[1, j, k], v[nx, j, k])
        v[nx + 1, j, k] = _beyond(high, table[1, 1], v[nx, j, k], v[1, j, k])
        w[0, j, k] = _beyond(low, table[0, 2], w[1, j, k], w[nx, j, k])
        w[nx + 1, j, k] = _beyond(high, table[1, 2], w[nx, j, k], w[1, j, k])
    for i, k in ti.ndrange(nx + 3, (1, nz + 2)):
        low, high = ti.cast(table[2, 3], ti.i32), ti.cast(table[3, 3], ti.i32)
        v[i, 1, k] = ti.select(
            low == PERIODIC, v[i, 1, k], _through(low, table[2, 1], v[i, 1, k], v[i, 2, k], predicted)
        )
        v[i, ny + 1, k] = ti.select(
            high == PERIODIC, v[i, 1, k],
            _through(high, table[3, 1], v[i, ny + 1, k], v[i, ny, k], predicted),
        )  # fmt: skip
        v[i, 0, k] = ti.select(
            low == PERIODIC, v[i, ny, k], ti.select(low == OPEN, v[i, 1, k], 2.0 * v[i, 1, k] - v[i, 2, k])
        )
        v[i, ny + 2, k] = ti.select(
            high == PERIODIC, v[i, 2, k],
            ti.select(high == OPEN, v[i, ny + 1, k], 2.0 * v[i, ny + 1, k] - v[i, ny, k]),
        )  # fmt: skip
        u[i, 0, k] = _beyond(low, table[2, 0], u[i, 1, k], u[i, ny, k])
        u[i, ny + 1, k] = _beyond(high, table[3, 0], u[i, ny, k], u[i, 1, k])
        w[i, 0, k] = _beyond(low, table[2, 2], w[i, 1, k], w[i, ny, k])
        w[i, ny + 1, k] = _beyond(high, table[3, 2], w[i, ny, k], w[i, 1, k])
    for i, j in ti.ndrange(nx + 3, ny + 3):
        low, high = ti.cast(table[4, 3], ti.i32), ti.cast(table[5, 3], ti.i32)
        w[i, j, 1] = ti.select(
            low == PERIODIC, w[i, j, 1], _through(low, table[4, 2], w[i, j, 1], w[i, j, 2], predicted)
        )
        w[i, j, nz + 1] = ti.select(
            high == PERIODIC, w[i, j, 1],
            _through(high, table[5, 2], w[i, j, nz + 1], w[i, j, nz], predicted),
        )  # fmt: skip
        w[i, j, 0] = ti.select(
            low == PERIODIC, w[i, j, nz], ti.select(low == OPEN, w[i, j, 1], 2.0 * w[i, j, 1] - w[i, j, 2])
        )
        w[i, j, nz + 2] = ti.select(
            high == PERIODIC, w[i, j, 2],
            ti.select(high == OPEN, w[i, j, nz + 1], 2.0 * w[i, j, nz + 1] - w[i, j, nz]),
        )  # fmt: skip
        u[i, j, 0] = _beyond(low, table[4, 0], u[i, j, 1], u[i, j, nz])
        u[i, j, nz + 1] = _beyond(high, table[5, 0], u[i, j, nz], u[i, j, 1])
        v[i, j, 0] = _beyond(low, table[4, 1], v[i, j, 1], v[i, j, nz])
        v[i, j, nz + 1] = _beyond(high, table[5, 1], v[i, j, nz], v[i, j, 1])


@ti.kernel
def pressure(p: ti.template(), table: ti.template(), nx: ti.i32, ny: ti.i32, nz: ti.i32):
    """A pressure beyond the sides: its mirror, with the other sign where the side is open (0 on the side)."""
    for j, k in ti.ndrange(ny + 2, nz + 2):
        low, high = ti.cast(table[0, 3], ti.i32), ti.cast(table[1, 3], ti.i32)
        p[0, j, k] = _mirror(low, p[1, j, k], p[nx, j, k])
        p[nx + 1, j, k] = _mirror(high, p[nx, j, k], p[1, j, k])
    for i, k in ti.ndrange(nx + 2, nz + 2):
        low, high = ti.cast(table[2, 3], ti.i32), ti.cast(table[3, 3], ti.i32)
        p[i, 0, k] = _mirror(low, p[i, 1, k], p[i, ny, k])
        p[i, ny + 1, k] = _mirror(high, p[i, ny, k], p[i, 1, k])
    for i, j in ti.ndrange(nx + 2, ny + 2):
        low, high = ti.cast(table[4, 3], ti.i32), ti.cast(table[5, 3], ti.i32)
        p[i, j, 0] = _mirror(low, p[i, j, 1], p[i, j, nz])
        p[i, j, nz + 1] = _mirror(high, p[i, j, nz], p[i, j, 1])


@ti.func
def _mirror(kind: ti.i32, inside: ti.f32, opposite: ti.f32):
    return ti.select(kind == PERIODIC, opposite, ti.select(kind == OPEN, -inside, inside))
