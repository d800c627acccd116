"""Pods against the chemostat's steady states, toppling in any order, books that balance to the milligram."""

from __future__ import annotations

import itertools
import math
import random

import numpy as np
import pytest

from bioart.errors import BioartError
from bioart.forms import Grid
from bioart.param import defaults_of
from bioart.steering import Placement, Zone
from bioart.world.metabolism import KG, LIFE, Metabolism, monod, topple

GROUND = Grid((12, 15, 12), (-3.0, 0.0, -3.0), 0.5)
RING = {
    name: Zone(name, at, 0.1, people, (after,))
    for name, at, people, after in [
        ("a", (0.2, 0.3), 1200, "b"),
        ("b", (0.8, 0.3), 900, "c"),
        ("c", (0.8, 0.8), 1500, "d"),
        ("d", (0.2, 0.8), 700, "a"),
    ]
}


def given(kind: str = "thread", material: str | None = "organic", amount: float = 0.1, at=(0.5, 0.5, 0.5)):
    return Placement(kind, at, amount, (1.0, 1.0, 1.0), "00000000000a", material)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("dilution", "left", "culture"), [(0.2, 0.05, 4.975), (0.5, 0.2, 4.9), (0.8, 0.8, 4.6)]
)
def test_a_pod_settles_where_the_chemostat_does(dilution: float, left: float, culture: float) -> None:
    """Published: μ_m = 1, K_s = 0.2, Y = 0.5, S₀ = 10."""
    p = {"uptake": 1.0, "half": 0.2, "growth_yield": 0.5, "dilution": dilution}
    s, x, dt = 10 * KG, KG, 0.01
    for _ in range(30000):
        converted, grown, harvested, washed = monod(s, x, p, 0.0, dt)
        s += int(dilution * 10 * KG * dt) - converted - washed
        x += grown - harvested
    assert s / KG == pytest.approx(left, rel=1e-3)
    assert x / KG == pytest.approx(culture, rel=1e-3)


def test_a_pod_washes_out_beyond_its_greatest_rate() -> None:
    p = {"uptake": 1.0, "half": 0.2, "growth_yield": 0.5, "dilution": 0.99}
    s, x = 10 * KG, KG
    for _ in range(20000):
        s += int(0.99 * 10 * KG * 0.05)
        converted, grown, harvested, washed = monod(s, x, p, 0.0, 0.05)
        s, x = s - converted - washed, x + grown - harvested
    assert x < 0.02 * KG, "D = 0.99 lies above D_c = 0.980"


def test_toppling_does_not_know_the_order() -> None:
    chance = random.Random(7)
    for _ in range(40):
        count = chance.randint(2, 6)
        links = [(i, (i + 1) % count) for i in range(count)] if count > 2 else [(0, 1)]
        links += [
            e for e in itertools.combinations(range(count), 2) if e not in links and chance.random() < 0.2
        ]
        links = sorted({(min(e), max(e)) for e in links})
        near = [sorted({b if a == i else a for a, b in links if i in (a, b)}) for i in range(count)]
        parcel = [chance.randint(1, 9) for _ in range(count)]
        room = [parcel[i] * (len(near[i]) + 1) + chance.randint(0, 20) for i in range(count)]
        start = [chance.randint(0, 400) for _ in range(count)]
        results = set()
        for _ in range(12):
            order = list(range(count))
            chance.shuffle(order)
            back = {old: new for new, old in enumerate(order)}
            content = [start[o] for o in order]
            times = topple(
                content,
                [room[o] for o in order],
                [parcel[o] for o in order],
                [[back[j] for j in near[o]] for o in order],
            )
            results.add(
                (tuple(content[back[i]] for i in range(count)), tuple(times[back[i]] for i in range(count)))
            )
            one = _one_grain_at_a_time(list(start), room, parcel, near, chance)
            results.add(one)
        assert len(results) == 1
        content, times = results.pop()
        assert all(h < c for h, c in zip(content, room, strict=True))
        assert sum(start) - sum(content) == sum(n * q for n, q in zip(times, parcel, strict=True)), (
            "to the street"
        )


def _one_grain_at_a_time(content, room, parcel, near, chance):  # type: ignore[no-untyped-def]
    times = [0] * len(content)
    while full := [i for i, h in enumerate(content) if h >= room[i]]:
        i = chance.choice(full)
        content[i] -= parcel[i] * (len(near[i]) + 1)
        times[i] += 1
        for j in near[i]:
            content[j] += parcel[i]
    return tuple(content), tuple(times)


def test_books_balance_to_the_milligram() -> None:
    m, p, chance = Metabolism(RING, GROUND), defaults_of(Metabolism), random.Random(3)
    for k in range(1200):
        gifts = [
            given(
                chance.choice(("thread", "matter")), chance.choice(("metal", "paper")), chance.random() * 10
            )
        ]
        m.step(
            k, p, chance.random() * 80, chance.random() * 0.02, gifts if k % 37 == 0 else [], chance.random()
        )
        assert m.missing() == 0
        assert 0.0 <= m.reserve <= 1.0
    assert min(m.state()["culture"]) > 0


def test_nutrient_evens_out_as_the_graph_says() -> None:
    """A path of three: modes decay as e^(−Dλt), λ = 2 − 2cos(πk/3); the total stays to the milligram."""
    path = {
        n: Zone(n, (0.1 * i, 0.5), 0.1, 0, x)
        for i, (n, x) in enumerate([("a", ("b",)), ("b", ("c",)), ("c", ())])
    }
    p = defaults_of(Metabolism) | {"waste": 0.0, "drink": 0.0, "exchange": 0.05, "dilution": 0.001}
    m = Metabolism(path, GROUND)
    state = m.state()
    state["culture"][:] = 1000
    state["nutrient"][:] = [200 * KG, 0, -0]
    m.restore(state)
    total = sum(m.nutrient.values())
    for k in range(300):
        m.step(k, p, 0.0, 0.0)
    assert sum(m.nutrient.values()) == total
    mean, t = 200 / 3, 30.0
    first = 100 * math.exp(-0.05 * 1 * t)  # (1, 0, −1)/2 · 200
    second = 200 / 6 * math.exp(-0.05 * 3 * t)  # (1, −2, 1)/6 · 200
    got = [m.nutrient[n] / KG for n in "abc"]
    assert got == pytest.approx([mean + first + second, mean - 2 * second, mean - first + second], rel=5e-3)


def test_a_surge_spills_and_is_seen() -> None:
    m, p = Metabolism(RING, GROUND), defaults_of(Metabolism)
    for k in range(300):
        m.step(k, p, 0.0, 0.0)
    calm = m.pod_load
    assert sum(m.spilled.values()) == 0
    assert 0.02 < calm < 0.6
    for k in range(300, 900):
        m.step(k, p, 0.0, 0.0, surge=1.0)
    assert m.pod_load > 2 * calm
    assert all(mg > 0 for mg in m.spilled.values()), "neighbours share what one cannot hold"
    seen = m.spill_points()
    assert seen.glow.max() > 0.8
    assert (seen.glow > 0.05).sum() > 20
    for k in range(900, 1800):
        m.step(k, p, 0.0, 0.0)
    assert (m.spill_points().glow > 0.05).sum() <= len(RING), "only the pods' cores are left"


def test_motes_move_smoothly_and_change_their_key_unseen() -> None:
    m, p = Metabolism(RING, GROUND), defaults_of(Metabolism)
    for k in range(700):
        m.step(k, p, 0.0, 0.0, surge=1.0)
    before = m.spill_points()
    for k in range(700, 700 + LIFE):
        m.step(k, p, 0.0, 0.0, surge=1.0)
        after = m.spill_points()
        same = before.key == after.key
        assert np.abs(after.at - before.at)[same].max() < 0.1
        assert np.abs(after.glow - before.glow).max() < 0.15
        assert after.glow[~same].max(initial=0.0) < 0.05
        before = after


def test_the_reserve_fills_from_each_source_and_saturates() -> None:
    p = defaults_of(Metabolism) | {"waste": 0.0, "drink": 0.0}

    def after(captured: float = 0.0, eaten: float = 0.0, gifts=(), reserve: float = 0.4) -> float:  # type: ignore[no-untyped-def]
        return Metabolism(RING, GROUND, reserve=reserve).step(0, p, captured, eaten, gifts)

    assert after() == 0.4
    assert after(captured=20.0) > 0.4
    assert after(eaten=0.1) == pytest.approx(0.3)
    assert after(eaten=2.0) == 0.0
    assert after(gifts=[given("banner")]) == 0.4
    ladder = [after(gifts=[given(material=m)]) for m in ("plastic", "metal", "paper", "organic")]
    assert ladder == sorted(ladder)
    assert ladder[0] > 0.4
    assert after(gifts=[given(amount=10.0)] * 200) < 1.0
    assert after(captured=10.0, reserve=0.9) - 0.9 < after(captured=10.0, reserve=0.1) - 0.1


def test_what_an_offering_does_not_yield_goes_to_the_nearest_pod() -> None:
    m, p = Metabolism(RING, GROUND), defaults_of(Metabolism) | {"waste": 0.0}
    before = m.state()["waste"].copy()
    m.step(0, p, 0.0, 0.0, [given(material="metal", amount=1.0, at=(0.9, 0.5, 0.9))])
    gained = m.state()["waste"] - before
    assert gained.argmax() == 2
    assert (gained[[0, 1, 3]] <= 0).all()


def test_nutrient_feeds_and_decomposers_quicken() -> None:
    p = defaults_of(Metabolism)
    thirsty, dry, quick = (Metabolism(RING, GROUND, reserve=0.2) for _ in range(3))
    for k in range(400):
        thirsty.step(k, p, 0.0, 0.0)
        dry.step(k, p | {"drink": 0.0}, 0.0, 0.0)
        quick.step(k, p, 0.0, 0.0, decomposing=[1.0] * len(RING))
    assert thirsty.reserve > 0.2 == dry.reserve
    assert quick.pod_load < thirsty.pod_load


def test_a_state_restored_goes_on_bit_for_bit() -> None:
    m, p = Metabolism(RING, GROUND), defaults_of(Metabolism)
    for k in range(400):
        m.step(k, p, 10.0, 0.001, [given()] if k % 50 == 0 else [], surge=float(k > 200))
    other = Metabolism(RING, GROUND)
    other.restore({name: value.copy() for name, value in m.state().items()})
    for k in range(400, 500):
        m.step(k, p, 10.0, 0.001, surge=1.0)
        other.step(k, p, 10.0, 0.001, surge=1.0)
    for name, value in m.state().items():
        assert value.tobytes() == other.state()[name].tobytes(), name
        assert value.dtype in (np.int64, np.float64)
    assert np.array_equal(m.spill_points().at, other.spill_points().at)


def test_a_world_without_zones_still_feeds() -> None:
    m = Metabolism({}, GROUND)
    assert m.step(0, defaults_of(Metabolism), 50.0, 0.0, [given()]) > 0.5
    assert m.pod_load == 0.0
    assert m.spill_points().at.shape == (0, 3)


def test_a_neighbour_that_is_not_there_is_named() -> None:
    with pytest.raises(BioartError, match="zone 'a': no neighbour 'bb'; did you mean 'b'"):
        Metabolism({"a": Zone("a", (0, 0), 0.1, 1, ("bb",)), "b": Zone("b", (1, 1), 0.1, 1)}, GROUND)
