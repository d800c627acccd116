"""Chance and waves by +, × and √ alone: the same bits on every CPU.

The counter hash is Philox4x32-10 (Salmon et al. 2011): (seed, step, cell, stream) in, 32 bits out.
"""

from __future__ import annotations

import math

_M = 0xFFFFFFFF


def philox(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, int, int, int]:
    """Four 32-bit words of a 128-bit counter under a 64-bit key."""
    a, b, c, d = (x & _M for x in counter)
    k, m = key[0] & _M, key[1] & _M
    for _ in range(10):
        one, two = 0xD2511F53 * a, 0xCD9E8D57 * c
        a, b, c, d = (two >> 32) ^ b ^ k, two & _M, (one >> 32) ^ d ^ m, one & _M
        k, m = (k + 0x9E3779B9) & _M, (m + 0xBB67AE85) & _M
    return a, b, c, d


def chance(seed: int, step: int, cell: int, stream: int) -> float:
    """Uniform in [0, 1). step may be negative."""
    return philox((step, cell, stream, 0), (seed, seed >> 32))[0] / 4294967296.0


def normal(seed: int, step: int, cell: int, stream: int) -> float:
    """Nearly normal, mean 0, variance 1, within ±6: the sum of twelve uniforms."""
    total = 0
    for part in range(3):
        total += sum(philox((step, cell, stream, part + 1), (seed, seed >> 32)))
    return total / 4294967296.0 - 6.0


def cosine(turns: float) -> float:
    """cos(2π·turns) to 1e-8."""
    t = abs(turns - math.floor(turns + 0.5))
    sign = 1.0
    if t > 0.25:
        t, sign = 0.5 - t, -1.0
    x = 39.47841760435743 * t * t  # (2πt)²
    even = 1.0 / 479001600.0 - x / 87178291200.0
    for c in (-1.0 / 3628800.0, 1.0 / 40320.0, -1.0 / 720.0, 1.0 / 24.0, -0.5, 1.0):
        even = c + x * even
    return sign * even


def drifted(x: float, noise: float, share: float) -> float:
    """One step of an Ornstein–Uhlenbeck walk of variance 1. share: step/memory; noise: normal."""
    keep = 1.0 / (1.0 + share)
    return x * keep + math.sqrt(1.0 - keep * keep) * noise
