"""Nutrient on its way: what is drawn is what flows, to the microgram, and goes where it goes."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bioart.clock import RATE
from bioart.forms import Grid
from bioart.param import defaults_of
from bioart.steering import Zone
from bioart.world.currents import BEADS, BENDS, EVERY, RISE, STRANDS, Currents
from bioart.world.pods import KG

GROUND, BOX = Grid((24, 18, 24), (-6.0, 0.0, -6.0), 0.5), Grid((20, 24, 20), (-1.0, 0.0, -1.0), 0.1)
ZONES = (Zone("a", (0.2, 0.3), 0.08, 100, ("b",)), Zone("b", (0.8, 0.4), 0.08, 100, ("c",)),
         Zone("c", (0.5, 0.9), 0.08, 100, ()))  # fmt: skip
LINKS = ((0, 1), (1, 2))
DT = 0.1
P = defaults_of(Currents) | {"glow": 1.0}


class Bare:
    """A skin without a body."""

    def cells(self) -> np.ndarray:
        return np.zeros((0, 3))


def made() -> Currents:
    return Currents(ZONES, LINKS, GROUND, BOX, DT)


def run(one: Currents, steps: int, exchanged: list[int], drunk: list[int], **over: float) -> Currents:
    for _ in range(steps):
        one.step(P | over, exchanged, drunk, Bare())  # type: ignore[arg-type]
    return one


def test_nothing_is_lost_on_the_way() -> None:
    """All that has set out is under way or has arrived, whatever flows and however fast."""
    one, sent = made(), 0
    for k in range(900):
        flows = [(k * 7919) % 100_003 - 50_000, 12_345 + k]
        drunk = [k % 13, 0, 9_999]
        sent += sum(map(abs, drunk)) + abs(flows[1])
        one.step(P | {"passing": 2.0 + (k % 300) / 30}, [0, flows[1]], drunk, Bare())  # type: ignore[arg-type]
        assert one.under_way + one.arrived == sent
    assert one.arrived > 0.5 * sent


def test_light_is_what_is_under_way(tell: Any) -> None:
    """The beads' light is the mass of their parcels; a strand's, between its ends, is the flow."""
    flow = 0.003  # kg/s of the world
    step = int(flow * KG * DT)
    one = run(made(), 10 * RATE, [step, 0], [0, 2 * step, 0])
    curves, beads = one.forms()
    parcels = one.under_way - abs(int(one.state()["waiting"].sum()))
    shown = float(beads.glow.astype(np.float64).sum()) * P["full"] / P["glow"] * EVERY * DT / BEADS
    tell(f"beads show {shown:.6f} kg of {parcels / KG:.6f} kg")
    assert shown == pytest.approx(parcels / KG, rel=1e-4)
    glow = curves.glow.reshape(-1, STRANDS, BENDS)
    middle = glow[:, :, 20:50].mean(axis=(1, 2))
    expected = np.array([1.0, 0.0, 0.0, 2.0, 0.0]) * P["glow"] * flow / P["full"]
    assert middle == pytest.approx(expected, rel=0.06)
    twice = run(made(), 10 * RATE, [2 * step, 0], [0, 4 * step, 0]).forms()[0].glow
    assert twice == pytest.approx(2 * curves.glow, rel=1e-4)


def test_it_goes_from_who_gives_to_who_takes() -> None:
    """A short pulse is first at its giver and then at its taker, either way; what turned round goes on."""
    for sign, start, end in ((1, 0, 1), (-1, 1, 0)):
        one = run(made(), EVERY, [sign * 10**6, 0], [0, 0, 0])
        places = []
        for _ in range(6):
            _, beads = one.forms()
            lit = beads.glow > 0
            places.append(np.average(beads.at[lit], axis=0, weights=beads.glow[lit]))
            run(one, RATE, [0, 0], [0, 0, 0])
        near = np.array([[-3.6, -2.4], [3.6, -1.2]])
        assert np.hypot(*(places[0][[0, 2]] - near[start])) < 1.2
        assert np.hypot(*(places[5][[0, 2]] - near[end])) < 2.5
        gone = [float(np.hypot(*(place[[0, 2]] - near[start]))) for place in places]
        assert gone == sorted(gone)
    one = run(made(), 9 * EVERY + 1, [10**6, 0], [0, 0, 0])  # the last parcel has just set out
    run(one, RATE, [-(10**6), 0], [0, 0, 0])
    assert one.under_way == (9 * EVERY + 1 + RATE) * 10**6


def test_strands_lie_between_zones_and_rise_at_the_body() -> None:
    one = run(made(), 30, [1, 1], [1, 1, 1])
    at = one.forms()[0].at.reshape(-1, STRANDS, BENDS, 3)
    assert np.isfinite(at).all()
    assert at[..., 1].min() >= 0.0
    reach = 0.08 * 12.0
    for n, (a, b) in enumerate(LINKS):
        for end, zone in ((0, ZONES[a]), (-1, ZONES[b])):
            middle = np.array([-6.0 + 12.0 * zone.at[0], -6.0 + 12.0 * zone.at[1]])
            assert np.hypot(*(at[n, :, end][:, [0, 2]] - middle).T).max() < reach + 0.05
    body = at[len(LINKS) :]
    assert np.abs(body[:, :, -RISE:][..., [0, 2]]).max() < 1.0
    assert (np.diff(body[:, :, -RISE:, 1], axis=-1) > 0.0).all()
    steps = np.linalg.norm(np.diff(at, axis=2), axis=-1)
    assert steps.max() < 0.6  # no stretch leaps


def test_restored_it_goes_on_with_the_same_bits() -> None:
    one = run(made(), 100, [40_000, -9_000], [5, 60_000, 0], breadth=0.3)
    other = made()
    other.restore({name: values.copy() for name, values in one.state().items()})
    for a, b in zip(one.forms(), other.forms(), strict=True):
        assert np.array_equal(a.at, b.at)
        assert np.array_equal(a.glow, b.glow)
    for world in (one, other):
        run(world, 200, [1_000, 2_000], [3, 4, 5])
    for name, values in one.state().items():
        assert np.array_equal(values, other.state()[name]), name


def test_a_bead_is_the_same_from_step_to_step() -> None:
    """So that it moves and does not jump: its key goes with it, and no step takes it far."""
    one = run(made(), 300, [40_000, -9_000], [5_000, 60_000, 0])
    before = one.forms()[1]
    after = run(one, 1, [40_000, -9_000], [5_000, 60_000, 0]).forms()[1]
    same = (before.key == after.key) & (before.glow > 0) & (after.glow > 0)
    assert same.mean() > 0.2
    assert np.linalg.norm(after.at - before.at, axis=1)[same].max() < 0.15


def test_without_zones_there_is_nothing() -> None:
    one = run(Currents((), (), GROUND, BOX, DT), 5, [], [])
    curves, beads = one.forms()
    assert len(curves.key) == len(beads.key) == one.under_way == 0


def test_a_piece_that_does_not_light_them_has_none() -> None:
    one = run(made(), 60, [40_000, 0], [0, 0, 0], glow=0.0)
    curves, beads = one.forms()
    assert len(curves.at) == len(curves.key) == len(beads.at) == 0
    assert one.under_way > 0
