"""Activation: the body wakes when a crowd taps as one (docs/design.md, "Events")."""

from __future__ import annotations

import math
from typing import NamedTuple

from bioart.clock import RATE
from bioart.community.memory import Recent

WINDOW = 4 * RATE  # steps: who tapped in the last 4 s


class Pulse(NamedTuple):
    """activation: r·min(1, n/quorum). r: the tappers' order parameter; n: how many they are; together:
    |Σ e^(iφ)| = r·n, in persons; guide: phase of the beat that the body shows, 0–1."""

    activation: float
    r: float
    n: int
    together: float
    guide: float


def phase(step: int, beat: float) -> float:
    """frac(t/beat) of a step's time."""
    return (step / RATE / beat) % 1.0


class Activation:
    """Who taps, and how well together."""

    def __init__(self) -> None:
        self.taps = Recent("tap")

    def tap(self, token: str, step: int) -> None:
        self.taps.note(token, step)

    def measure(self, step: int, beat: float, quorum: float) -> Pulse:
        """Kuramoto's order parameter r = |⟨e^(iφ)⟩| over one phase per person, that of their newest tap.

        beat: s, 1.25–4. quorum: persons, ≥ 5. Steps come oldest first, so the sum has one order.
        """
        self.taps.forget(step - WINDOW + 1)
        x = y = 0.0
        n = 0
        for at, persons in self.taps.steps():
            turn = 2.0 * math.pi * phase(at, beat)
            x += persons * math.cos(turn)
            y += persons * math.sin(turn)
            n += persons
        together = min(math.sqrt(x * x + y * y), float(n))
        r = together / n if n else 0.0
        return Pulse(r * min(1.0, n / quorum), r, n, together, phase(step, beat))
