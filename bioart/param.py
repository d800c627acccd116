"""A param: one tunable, told once, on the class that uses it.

    class Coral(Growth):
        feed = Param(0.04, 0.0, 0.1, "1/s", "how fast far food is renewed")

Sliders, presets, bindings, uniforms and the documentation read the declaration here. A param's full
name is `<part>.<name>`: `coral.feed`, `weather.smog`, `light.coupling`, `look.marching`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from bioart.errors import BioartError, shown

Curve = Literal["linear", "log"]


@dataclass(frozen=True)
class Param:
    """One number: its default, least and greatest value, unit, one line of doc, and a slider's curve."""

    default: float
    low: float
    high: float
    unit: str
    doc: str
    curve: Curve = "linear"
    name: str = field(default="", compare=False)

    def __set_name__(self, owner: type, name: str) -> None:
        object.__setattr__(self, "name", name)

    def clamp(self, value: float) -> float:
        return min(max(float(value), self.low), self.high)

    def check(self, value: object, place: str) -> float:
        """The value as a float, or a BioartError that names the place and the range."""
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise BioartError(f"{place}: {shown(value)} is not a number; allowed: {self.range()}")
        if not self.low <= value <= self.high:
            raise BioartError(f"{place}: {shown(value)} is outside its range; allowed: {self.range()}")
        return float(value)

    def at(self, share: float) -> float:
        """The value at a share 0–1 of the range, along the curve."""
        share = min(max(share, 0.0), 1.0)
        if self.curve == "log":
            return math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        return self.low + share * (self.high - self.low)

    def share(self, value: float) -> float:
        """Where a value lies in the range, 0–1, along the curve: the inverse of at()."""
        value = self.clamp(value)
        if self.curve == "log":
            return (math.log(value) - math.log(self.low)) / (math.log(self.high) - math.log(self.low))
        return (value - self.low) / (self.high - self.low)

    def range(self) -> str:
        return f"{self.low:g} to {self.high:g}{' ' + self.unit if self.unit else ''}"


def params_of(part: type) -> dict[str, Param]:
    """Every param that a class declares or inherits, by name, in order of declaration."""
    found: dict[str, Param] = {}
    for owner in reversed(part.__mro__):
        for name, value in vars(owner).items():
            if isinstance(value, Param):
                found[name] = value
    return found


def defaults_of(part: type) -> dict[str, float]:
    return {name: param.default for name, param in params_of(part).items()}


def of_part(settled: dict[str, float], part: str) -> dict[str, float]:
    """The settled values of one part, by short name: `of_part(s, 'coral')['feed']` is `s['coral.feed']`."""
    head = part + "."
    return {name[len(head) :]: value for name, value in settled.items() if name.startswith(head)}


def by_part(settled: dict[str, float]) -> dict[str, dict[str, float]]:
    """All settled values as `of_part` gives them, for every part that has any."""
    parts: dict[str, dict[str, float]] = {}
    for name, value in settled.items():
        part, _, short = name.partition(".")
        parts.setdefault(part, {})[short] = value
    return parts
