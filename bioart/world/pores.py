"""Kernels that tell the air what the body is: its pores, its hairs, and the beds behind its mouths."""

import taichi as ti

from bioart.gpu import compute

PACKING = 0.4  # share of a full cell that is strut; the rest is pores
UNIT = 2.0**40  # of a sum in integers
HELP = 2.0**24  # of a sum of concentrations, µg/m³, in integers


@ti.func
def _pore(
    solid: ti.template(), more: ti.template(), boost: ti.template(), drag: ti.template(),
    friction: ti.template(), filt: ti.template(), rest: ti.template(),
    a: ti.i32, b: ti.i32, c: ti.i32, finer: ti.i32,
    sigma: ti.f32, ergun: ti.f32, hairs: ti.f32, settling: ti.f32, i: ti.i32, j: ti.i32, k: ti.i32,
):  # fmt: skip
    share, hair, skin = 0.0, 0.0, 0.0
    for x in range(finer):
        for y in range(finer):
            for z in range(finer):
                s = solid[i * finer + x, j * finer + y, k * finer + z]
                share += s
                skin += s * (1.0 - s)
                if ti.static(more.shape[0] > 1):
                    hair += more[i * finer + x, j * finer + y, k * finer + z]
    cells = ti.cast(finer * finer * finer, ti.f32)
    share = ti.min(ti.max(share / cells, 0.0), 1.0)
    part = PACKING * share
    open_cubed = (1.0 - part) * (1.0 - part) * (1.0 - part)
    x, y, z = a + i, b + j, c + k
    drag[x + 1, y + 1, z + 1] = sigma * part * part / open_cubed  # the air's momentum has a rim about it
    friction[x + 1, y + 1, z + 1] = ergun * part / open_cubed
    filt[x, y, z] = hairs * (share + hair / cells) * boost[x, y, z]
    rest[x, y, z] = settling * skin / cells


@ti.kernel
def porous(
    solid: ti.template(), more: ti.template(), boost: ti.template(), drag: ti.template(),
    friction: ti.template(), filt: ti.template(), rest: ti.template(),
    a: ti.i32, b: ti.i32, c: ti.i32, finer: ti.i32,
    sigma: ti.f32, ergun: ti.f32, hairs: ti.f32, settling: ti.f32,
):  # fmt: skip
    """Means of the solid over each air cell of the box, whose corner is (a, b, c), and what follows from it:
    σ = ν/K with K = ε³d²/(180(1−ε)²), and c_F = 1.75/√(150ε³K). more: hairs that growths have besides, or a
    single cell where none has. settling: v_d times the skin that a cell of solid ½ has per volume, 4/s."""
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(solid.shape[0] // finer, solid.shape[1] // finer):
            for k in range(solid.shape[2] // finer):
                _pore(
                    solid, more, boost, drag, friction, filt, rest, a, b, c, finer, sigma, ergun, hairs,
                    settling, i, j, k,
                )  # fmt: skip
    else:
        for i, j, k in ti.ndrange(solid.shape[0] // finer, solid.shape[1] // finer, solid.shape[2] // finer):
            _pore(
                    solid, more, boost, drag, friction, filt, rest, a, b, c, finer, sigma, ergun, hairs,
                    settling, i, j, k,
                )  # fmt: skip


@ti.kernel
def mouths(
    mouth: ti.template(), jets: ti.template(), boost: ti.template(), intake: ti.template(),
    lift: ti.template(), total: ti.template(), bed: ti.f32, push: ti.f32, volume: ti.f32,
):  # fmt: skip
    """The beds' efficiency where air is drawn, its mean over the draw (in whole units) and what that were
    without any boost, the vents' push."""
    total[0], total[1] = ti.cast(0, ti.i64), ti.cast(0, ti.i64)
    for i, j, k in mouth:
        lift[i + 1, j + 1, k + 1] = push * jets[i, j, k]
        if mouth[i, j, k] > 0.0:
            kept = 1.0 - ti.exp(-bed * boost[i, j, k])
            intake[i, j, k] = kept
            share = ti.cast(mouth[i, j, k] * volume, ti.f64)
            ti.atomic_add(total[0], ti.cast(share * kept * UNIT, ti.i64))
            ti.atomic_add(total[1], ti.cast(share * (1.0 - ti.exp(-bed)) * UNIT, ti.i64))


@ti.kernel
def helped(
    x: ti.template(), y: ti.template(), z: ti.template(), smog: ti.template(), filt: ti.template(),
    boost: ti.template(), dt: ti.f32, total: ti.template(),
):  # fmt: skip
    """total[2] ← what the hairs kept in the last dt that they would have let by without the boost, in 2⁻²⁴
    µg/m³ of a cell: of m that is left, m·(e^(X − X/b) − 1) with X = |u|·λ_f·dt."""
    total[2] = ti.cast(0, ti.i64)
    nx, ny, nz = ti.static(smog.shape)
    for i, j in ti.ndrange(nx, ny):
        row = ti.i64(0)
        for k in range(nz):
            b = boost[i, j, k]
            if b > 1.0 and filt[i, j, k] > 0.0:
                u, v, w = x[i, j, k], y[i, j, k], z[i, j, k]
                thick = ti.sqrt(u * u + v * v + w * w) * filt[i, j, k] * dt
                row += ti.cast(smog[i, j, k] * (ti.exp(thick - thick / b) - 1.0) * HELP, ti.i64)
        ti.atomic_add(total[2], row)
