"""Alive: every growth and every weather, for as long as a visit lasts, whatever a crowd does.

Alive means, each time one looks: all numbers finite and in their ranges, a body that fills between 0.2 % and
half of its box, light that is neither out nor blown out, light and smog that moved since the last look, and
books that balance to the last quantum and milligram. Brought back from its state it shows the same.
"""

from __future__ import annotations

import math
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from bioart.clock import RATE
from bioart.community.contracts import Contracts
from bioart.forms import Grid
from bioart.health import Vitals
from bioart.param import defaults_of
from bioart.preset.plan import Contract
from bioart.world.encroachment import ALONE, SIEGE, Encroachment
from bioart.world.metabolism import Metabolism
from tests.world.living import KINDS, WEATHERS, ZONES, Living, dealt

STEPS = 3000  # of the pods alone

# The coral is dealt to the first: a storm breaks nothing else.
WORLDS = (("storm", "encroachment"), ("smog wave", "night"), ("surge", "calm"))
DEALT = [(weathers, dealt(n, len(WORLDS))) for n, weathers in enumerate(WORLDS)]


def rotation() -> int:
    """Which pair lives long this time: BIOART_ROTATION, else the number of commits, so that each gets its
    turn as the house is built, and the same commit tests the same."""
    if "BIOART_ROTATION" in os.environ:
        return int(os.environ["BIOART_ROTATION"])
    told = subprocess.run(
        ["git", "rev-list", "--count", "HEAD"],
        cwd=Path(__file__).parent, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return int(told.stdout or 0)


def test_every_growth_and_every_weather_is_dealt() -> None:
    assert {kind for _, kinds in DEALT for kind in kinds} == set(KINDS)
    assert {name for weathers, _ in DEALT for name in weathers} == set(WEATHERS)


@pytest.mark.parametrize(("weathers", "kinds"), DEALT, ids=[" and ".join(w) for w, _ in DEALT])
def test_alive_for_2000_steps(
    weathers: tuple[str, ...], kinds: tuple[str, ...], tell: Callable[[str], None]
) -> None:
    life = Living(kinds, weathers)
    try:
        found = life.run(2000)
        rows, before = found.rows, found.rows[399]  # the last calm step
        tell(
            f"{'+'.join(kinds)}: body {rows[0].biomass:.3f} to {rows[-1].biomass:.3f} m³, "
            f"broken {rows[-1].broken:.4f}, glow {min(r.glow for r in rows[50:]):.3f}"
            f"–{max(r.glow for r in rows):.3f}, taken at most {max(r.taken for r in rows):.2f}"
        )
        assert not found.faults
        assert not life.brought_back()
        assert np.std([r.glow for r in rows[100:]]) > 1e-4
        assert before.broken == before.taken == 0.0
        for n, weather in enumerate(weathers):
            blows = rows[400 + n * 600 : 1000 + n * 600]
            if weather == "smog wave":
                assert max(r.inflow for r in blows) > 850.0
                assert min(r.inflow for r in blows) < 0.3 * 900.0
            elif weather == "storm":
                assert blows[-1].broken > 0.01 * before.biomass
                assert rows[-1].mended > 0.0
            elif weather == "surge":
                assert max(r.pod_load for r in blows) > 2.0 * before.pod_load
                assert sum(life.world.metabolism.spilled.values()) > 0
            elif weather == "encroachment":
                assert max(r.taken for r in blows) > 0.3
                # with nobody there it frees itself at its own pace, and at once faster where it is held
                free = math.exp(-ALONE * 400 / RATE / SIEGE)
                assert rows[-1].taken <= free * blows[-1].taken + 0.002, "given back"
            elif weather == "night":
                assert min(r.daylight for r in blows) < 0.01
                assert max(r.daylight for r in blows) > 0.99
    finally:
        life.close()


@pytest.mark.prove
def test_alive_for_20000_steps(tell: Callable[[str], None]) -> None:
    turn = rotation()
    bodies = [kind for kind in KINDS if dealt(KINDS.index(kind), len(KINDS))[0] == kind]
    first = bodies[turn % len(bodies)]
    other = KINDS[(turn // len(bodies)) % len(KINDS)]
    weathers = list(WEATHERS)
    begin = turn % len(weathers)
    life = Living(tuple(dict.fromkeys((first, other))), weathers[begin:] + weathers[:begin])
    try:
        life.run(20_000, look=500)
        rows = life.found.rows
        tell(
            f"turn {turn}, {'+'.join(life.kinds)}: body {rows[0].biomass:.3f} to {rows[-1].biomass:.3f} m³, "
            f"glow {min(r.glow for r in rows[50:]):.3f}–{max(r.glow for r in rows):.3f}"
        )
        assert not life.found.faults
    finally:
        life.close()


def test_a_contract_keeps_its_vital_where_weather_would_not_let_it(tell: Callable[[str], None]) -> None:
    """The pods under each weather, with the promise of a dry street and without it."""
    promise = Contract("dry-street", "pod_load", (0.02, 0.5), "metabolism.upgrade", (0.0, 4.0), 6.0, -1)
    low, high = promise.between
    kept: dict[str, list[float]] = {}
    for weather, orders in WEATHERS.items():
        kept[weather] = []
        for promised in (True, False):
            pods = Metabolism(ZONES, Grid((16, 20, 16), (-1.2, 0.0, -1.2), 0.15))
            taking, contracts = Encroachment(tuple(ZONES)), Contracts((promise,) if promised else ())
            inside, values = 0, {"metabolism.upgrade": pods.upgrade.default}
            for k in range(STEPS):
                blows = 300 <= k < STEPS - 300
                offsets = contracts.step(Vitals(pod_load=pods.pod_load), values, {})
                built = min(pods.upgrade.default + offsets.get("metabolism.upgrade", 0.0), promise.within[1])
                values["metabolism.upgrade"] = max(built, promise.within[0])
                surge, press = (orders.get(f"weather.{n}", 0.0) * blows for n in ("surge", "encroach"))
                taken = taking.step(1 / 30, press, {"east": 0.6, "west": 0.3})
                p = defaults_of(Metabolism) | {"upgrade": values["metabolism.upgrade"]}
                pods.step(k, p, 0.0, 0.0, surge=surge, taken=taken)
                inside += low <= pods.pod_load <= high
            kept[weather].append(inside / STEPS)
    tell("; ".join(f"{w}: {a:.0%} with, {b:.0%} without" for w, (a, b) in kept.items()))
    assert all(a >= b for a, b in kept.values())
    assert min(a for a, _ in kept.values()) > 0.7
    assert kept["surge"][0] > kept["surge"][1] + 0.15
