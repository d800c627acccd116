"""How a value leaves and arrives. Plain arithmetic only: the same bits everywhere."""

from __future__ import annotations


def smooth(share: float) -> float:
    """0 to 1 over share 0–1, at rest at both ends (3s² − 2s³)."""
    s = min(max(share, 0.0), 1.0)
    return s * s * (3.0 - 2.0 * s)


def smoother(share: float) -> float:
    """0 to 1 over share 0–1, at rest and without acceleration at both ends (6s⁵ − 15s⁴ + 10s³)."""
    s = min(max(share, 0.0), 1.0)
    return s * s * s * (s * (6.0 * s - 15.0) + 10.0)


def between(a: float, b: float, share: float) -> float:
    return a + (b - a) * share
