"""Kernels that tell the air what the body is: its pores, its hairs, and the beds behind its mouths."""

import taichi as ti

from bioart.gpu import compute

PACKING = 0.4  # share of a full cell that is strut; the rest is pores
UNIT = 2.0**40  # of a sum in integers


@ti.func
def _pore(
    solid: ti.template(), boost: ti.template(), drag: ti.template(), friction: ti.template(),
    filt: ti.template(), a: ti.i32, b: ti.i32, c: ti.i32, finer: ti.i32,
    sigma: ti.f32, ergun: ti.f32, hairs: ti.f32, i: ti.i32, j: ti.i32, k: ti.i32,
):  # fmt: skip
    share = 0.0
    for x in range(finer):
        for y in range(finer):
            for z in range(finer):
                share += solid[i * finer + x, j * finer + y, k * finer + z]
    share /= ti.cast(finer * finer * finer, ti.f32)
    share = ti.min(ti.max(share, 0.0), 1.0)
    part = PACKING * share
    open_cubed = (1.0 - part) * (1.0 - part) * (1.0 - part)
    x, y, z = a + i, b + j, c + k
    drag[x + 1, y + 1, z + 1] = sigma * part * part / open_cubed  # the air's momentum has a rim about it
    friction[x + 1, y + 1, z + 1] = ergun * part / open_cubed
    filt[x, y, z] = hairs * share * boost[x, y, z]


@ti.kernel
def porous(
    solid: ti.template(), boost: ti.template(), drag: ti.template(), friction: ti.template(),
    filt: ti.template(), a: ti.i32, b: ti.i32, c: ti.i32, finer: ti.i32,
    sigma: ti.f32, ergun: ti.f32, hairs: ti.f32,
):  # fmt: skip
    """Means of the solid over each air cell of the box, whose corner is (a, b, c), and what follows from it:
    σ = ν/K with K = ε³d²/(180(1−ε)²), and c_F = 1.75/√(150ε³K)."""
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(solid.shape[0] // finer, solid.shape[1] // finer):
            for k in range(solid.shape[2] // finer):
                _pore(solid, boost, drag, friction, filt, a, b, c, finer, sigma, ergun, hairs, i, j, k)
    else:
        for i, j, k in ti.ndrange(solid.shape[0] // finer, solid.shape[1] // finer, solid.shape[2] // finer):
            _pore(solid, boost, drag, friction, filt, a, b, c, finer, sigma, ergun, hairs, i, j, k)


@ti.kernel
def mouths(
    mouth: ti.template(), jets: ti.template(), boost: ti.template(), intake: ti.template(),
    lift: ti.template(), total: ti.template(), bed: ti.f32, push: ti.f32, volume: ti.f32,
):  # fmt: skip
    """The beds' efficiency where air is drawn, its mean over the draw (in whole units), the vents' push."""
    total[0] = ti.cast(0, ti.i64)
    for i, j, k in mouth:
        lift[i + 1, j + 1, k + 1] = push * jets[i, j, k]
        if mouth[i, j, k] > 0.0:
            kept = 1.0 - ti.exp(-bed * boost[i, j, k])
            intake[i, j, k] = kept
            part = ti.cast(mouth[i, j, k] * volume, ti.f64) * kept
            ti.atomic_add(total[0], ti.cast(part * UNIT, ti.i64))
