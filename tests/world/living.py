"""A small world under one weather and a crowd that does this and that: what `test_alive` and
`benchmarks/long_life.py` watch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bioart import registry
from bioart.health import Vitals
from bioart.param import defaults_of
from bioart.preset.catalogue import catalogue
from bioart.steering import Placement, Steering, Zone
from bioart.world.plan import GrowthPlan, WorldPlan
from bioart.world.world import World

KINDS = registry.names("growth")
# What each weather orders while it blows, one after the other; the rest of the time is calm.
WEATHERS: dict[str, dict[str, float]] = {
    "calm": {},
    "smog wave": {"weather.wave": 1.0, "weather.passing": 8.0},
    "storm": {"weather.storm": 1.0},
    "surge": {"weather.surge": 1.0},
    "encroachment": {"weather.encroach": 1.0},
    "night": {"weather.night": 1.0, "weather.day": 12.0},
}
ZONES = {
    "east": Zone("east", (0.85, 0.5), 0.12, 1500, ("west",)),
    "west": Zone("west", (0.15, 0.5), 0.12, 900),
}
SHARES = ("reserve", "pod_load", "synchrony", "coverage", "daylight", "held", "taken", "steadied")
MADE = ("thread", "implant", "seed", "matter", "banner", "mote")


def dealt(number: int, worlds: int) -> tuple[str, ...]:
    """The growths of one of several worlds: each lives somewhere, and a body that lasts is everywhere."""
    hand = list(dict.fromkeys([KINDS[number % len(KINDS)], *KINDS[number::worlds]]))
    made: list[Any] = [registry.kind("growth", kind) for kind in hand]
    if not any("solid" in life.writes and not life.takes for life in made):
        hand.insert(0, "coral")
    return tuple(hand)


def plan(kinds: Sequence[str]) -> WorldPlan:
    growths = tuple(GrowthPlan(k, defaults_of(registry.kind("growth", k))) for k in kinds)
    return WorldPlan((2.4, 3.0, 2.4), (16, 20, 16), (1.8, 2.4, 1.8), 2, growths, max_speed=2.5)


@dataclass
class Found:
    """A life: its vitals, a row a step, and what was wrong whenever it was looked at."""

    rows: list[Vitals] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


class Living:
    """One world: growths, a weather, and random deeds of a crowd, all from a seed."""

    def __init__(self, kinds: Sequence[str], weathers: Sequence[str], seed: int = 3) -> None:
        self.kinds, self.weathers = tuple(kinds), tuple(weathers)
        self.world = World(plan(kinds), ZONES, seed)
        self.params = catalogue(kinds, "specimen")
        self.calm = {name: p.default for name, p in self.params.items()}
        self.luck = np.random.default_rng(seed)
        self.found, self.k, self.held = Found(), 0, dict.fromkeys(ZONES, 0.0)
        self._last: dict[str, np.ndarray[Any, Any]] = {}

    def run(self, steps: int, look: int = 250, calm: float = 0.2) -> Found:
        """Live on: a first share of the steps and a last one calm, between them its weathers in turn. Looks
        each `look` steps."""
        begin, count = self.k, len(self.weathers)
        for _ in range(steps):
            share = ((self.k - begin) / steps - calm) / (1.0 - 2.0 * calm)
            blows = self.weathers[int(share * count)] if 0.0 <= share < 1.0 else "calm"
            values = self.calm | WEATHERS[blows]
            self.found.rows.append(self.world.step(self.k, Steering(values, self._deeds(), self.held)))
            self.k += 1
            if self.k % look == 0:
                self.found.faults += [f"step {self.k}: {fault}" for fault in self.look()]
        return self.found

    def _deeds(self) -> tuple[Placement, ...]:
        """What a crowd does in a step: often nothing."""
        if self.luck.random() < 0.02:
            self.held = {zone: float(self.luck.random() ** 2) for zone in ZONES}
        if self.luck.random() > 0.06:
            return ()
        kind = MADE[int(self.luck.integers(len(MADE)))]
        at = tuple(float(x) for x in self.luck.random(3))
        does = ("filter", "decompose", "steady")[int(self.luck.integers(3))] if kind == "implant" else None
        token = f"{int(self.luck.integers(1 << 40)):012x}"
        return (
            Placement(
                kind,  # type: ignore[arg-type]
                at,  # type: ignore[arg-type]
                float(0.1 + 0.9 * self.luck.random()),
                (0.9, 0.5, 0.2),
                token,
                material="organic",
                does=does,  # type: ignore[arg-type]
                words="breathe" if kind == "banner" else "",
            ),
        )

    def look(self) -> Iterator[str]:
        """What is wrong with the world as it stands."""
        row = self.world.vitals
        bad = [name for name, value in row.row().items() if not np.isfinite(value) or value < 0.0]
        for name in set(bad) - {"growth"}:
            yield f"{name} is {row.row()[name]}"
        for name in SHARES:
            if row.row()[name] > 1.0:
                yield f"{name} is {row.row()[name]}, beyond 1"
        share = row.biomass / np.prod(self.world.body.grid.size)
        if not 0.002 < share < 0.5:
            yield f"body fills {share:.2%} of its box"
        if not 0.003 < row.glow < 0.9:
            yield f"glow {row.glow:.4f}"
        seen = {c.name: c for c in self.world.forms(self.k).volume.channels}
        for name, channel in seen.items():
            values = channel.values
            if not np.isfinite(values).all():
                yield f"{name} is not finite"
            if not name.startswith("velocity") and values.min() < -1e-6:
                yield f"{name} goes down to {values.min()}"
            if name not in ("age", "food") and (np.abs(values) > 0.95 * channel.full).mean() > 0.5:
                yield f"{name} is blown out"
        light = sum(seen[f"light{n}"].values for n in range(4))
        if light.max() < 0.02:
            yield "dark"
        if self._last:
            for name, moved in (("light", light), ("smog", seen["smog"].values)):
                if np.abs(moved - self._last[name]).max() < 1e-3:
                    yield f"{name} stands still"
        self._last = {"light": light, "smog": seen["smog"].values}
        books = self.world.air.ledger()
        gone = books["outflow"] + books["filtered"] + books["taken"] - books["given"] + books["airborne"]
        if books["emitted"] != gone:
            yield f"smog: {books['emitted']} quanta came in, {gone} are told of"
        if self.world.metabolism.missing():
            yield f"waste: {self.world.metabolism.missing()} mg are missing"

    def brought_back(self) -> list[str]:
        """What another world that has this one's state shows otherwise, though it has not taken a step, as in
        a loop: all that follows from a state is to be there at once."""
        other = World(plan(self.kinds), ZONES, 3)
        try:
            other.restore(self.world.state())
            shown, again = self.world.forms(self.k), other.forms(self.k)
        finally:
            other.close()
        channels = zip(shown.volume.channels, again.volume.channels, strict=True)
        strewn = zip((*shown.points, *shown.curves), (*again.points, *again.curves), strict=True)
        wrong = [a.name for a, b in channels if not np.array_equal(a.values, b.values)]
        wrong += [a.name for a, b in strewn if not np.array_equal(a.glow, b.glow)]
        return wrong + ["words"] * (shown.texts != again.texts)

    def close(self) -> None:
        self.world.close()
