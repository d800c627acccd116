"""Chance without state: a counter-based hash of (seed, step, cell, stream), the same on any thread count.

Integer arithmetic only. The mixing function is PCG's output permutation (M. E. O'Neill 2014; as a hash:
M. Jarzynski and M. Olano, JCGT 9(3), 2020), folded over four words.
"""

import taichi as ti


@ti.func
def mix(x: ti.u32) -> ti.u32:
    """One word to one word, a permutation of 0 … 2³²−1."""
    s = x * ti.u32(747796405) + ti.u32(2891336453)
    w = ((s >> ((s >> ti.u32(28)) + ti.u32(4))) ^ s) * ti.u32(277803737)
    return (w >> ti.u32(22)) ^ w


@ti.func
def word(seed: ti.u32, step: ti.i32, cell: ti.i32, stream: ti.i32) -> ti.u32:
    """32 bits for this seed, step, cell (or agent) and stream."""
    a = mix(seed + ti.cast(stream, ti.u32) * ti.u32(0x9E3779B9))
    b = mix(a ^ ti.cast(step, ti.u32))
    return mix(b ^ ti.cast(cell, ti.u32))


@ti.func
def unit(seed: ti.u32, step: ti.i32, cell: ti.i32, stream: ti.i32) -> ti.f32:
    """Uniform in [0, 1): the upper 24 bits, so that every value is exact in f32."""
    return ti.cast(word(seed, step, cell, stream) >> ti.u32(8), ti.f32) * (1.0 / 16777216.0)


@ti.func
def wave(seed: ti.u32, step: ti.i32, x: ti.f32, y: ti.f32, z: ti.f32, stream: ti.i32) -> ti.f32:
    """Value noise −1 … 1, smooth over one unit of (x, y, z): for what should drift, not flicker."""
    i, j, k = ti.floor(x, ti.i32), ti.floor(y, ti.i32), ti.floor(z, ti.i32)
    fx, fy, fz = x - i, y - j, z - k
    fx, fy, fz = fx * fx * (3.0 - 2.0 * fx), fy * fy * (3.0 - 2.0 * fy), fz * fz * (3.0 - 2.0 * fz)
    total = 0.0
    for a, b, c in ti.static(ti.ndrange(2, 2, 2)):
        share = (fx if a else 1.0 - fx) * (fy if b else 1.0 - fy) * (fz if c else 1.0 - fz)
        cell = ((i + a) * 73856093) ^ ((j + b) * 19349663) ^ ((k + c) * 83492791)
        total += share * unit(seed, step, cell, stream)
    return 2.0 * total - 1.0
