"""Pods against the chemostat's steady states and wash-out; toppling in any order, as the sandpile group."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable

import pytest

from bioart.world.pods import INOCULUM, KG, MATERIALS, MIX, ORGANIC, SORTED, rot, shared_out, sort, topple

# Published: μ_m = 1, K_s = 0.2, Y = 0.5, S₀ = 10.
TABLE = {0.2: (0.05, 4.975), 0.5: (0.2, 4.9), 0.8: (0.8, 4.6), 0.9: (1.8, 4.1)}
WASH_OUT = 0.9803922
DECAY = [float(m == ORGANIC) for m in range(len(MATERIALS))]


def chemostat(dilution: float, steps: int, dt: float) -> tuple[list[float], list[float]]:
    """Substrate and culture, kg, after each step of a pod that organic matter flows through."""
    p = {"uptake": 1.0, "half": 0.2, "growth_yield": 0.5, "dilution": dilution}
    stocks, culture = [0] * len(MATERIALS), KG
    stocks[ORGANIC] = 10 * KG
    s, x = [], []
    for _ in range(steps):
        digested, washed, grown, harvested = rot(stocks, culture, DECAY, p, 0.0, dt)
        stocks[ORGANIC] += int(dilution * 10 * KG * dt) - digested[ORGANIC] - washed[ORGANIC]
        culture += grown - harvested
        s.append(stocks[ORGANIC] / KG)
        x.append(culture / KG)
    return s, x


@pytest.mark.parametrize("dilution", TABLE)
def test_a_pod_settles_where_the_chemostat_does(dilution: float, tell: Callable[[str], None]) -> None:
    s, x = chemostat(dilution, 8000, 0.02)
    left, culture = TABLE[dilution]
    tell(f"D = {dilution}: S* = {s[-1]:.5f} ({left}), X* = {x[-1]:.5f} ({culture})")
    assert s[-1] == pytest.approx(left, abs=1e-3)
    assert x[-1] == pytest.approx(culture, abs=1e-3)


def test_a_pod_washes_out_beyond_its_greatest_rate(tell: Callable[[str], None]) -> None:
    """Beyond D_c = μ_m S₀/(K_s + S₀) the culture dies away at D − D_c; just below it lives."""
    dt, thin = 0.02, 8.0  # kg·10⁻³ of culture: too little to change what it feeds on
    _, x = chemostat(0.99, 45000, dt)
    n = next(i for i, v in enumerate(x) if v < thin * 1e-3)
    m = next(i for i, v in enumerate(x) if v < thin * 0.5e-3)
    found = 0.99 - math.log(x[n] / x[m]) / ((m - n) * dt)
    tell(f"D_c = {found:.5f} ({WASH_OUT})")
    assert found == pytest.approx(WASH_OUT, abs=1e-3)
    assert min(x) >= INOCULUM / KG, "it can always start again"
    _, x = chemostat(0.97, 20000, dt)
    assert x[-1] == pytest.approx(0.5 * (10 - 0.2 * 0.97 / 0.03), abs=1e-2)


def test_each_material_rots_at_its_own_speed(tell: Callable[[str], None]) -> None:
    """Whatever the culture does, ln(S/S₀) of two materials stand as their speeds of decay."""
    p = {"uptake": 1.0, "half": 2.0, "growth_yield": 0.5, "dilution": 0.01}
    decay = [0.0, 0.32, 0.01, 0.05, 1.0, 0.5]
    stocks, culture = [KG] * 6, KG // 5
    while stocks[ORGANIC] > 0.2 * KG:
        digested, washed, grown, harvested = rot(stocks, culture, decay, p, 0.3, 0.002)
        stocks = [s - d - w for s, d, w in zip(stocks, digested, washed, strict=True)]
        culture += grown - harvested
    whole = math.log(stocks[ORGANIC] / KG)
    speeds = [abs(math.log(s / KG) / whole) for s in stocks]
    tell("speeds " + ", ".join(f"{v:.5f}" for v in speeds))
    assert speeds == pytest.approx(decay, abs=1e-3)


def test_sorting_is_slow_for_little_and_has_a_greatest_throughput() -> None:
    yields, dt = [1.0] * 6, 0.1
    for kg, share in ((SORTED / KG, 0.5), (SORTED / KG * 99, 0.99)):
        stocks = [int(kg / 5 * KG)] * 6
        assert sum(sort(stocks, yields, 0.08, dt)) / KG / dt == pytest.approx(0.08 * share, rel=1e-6)
    assert sort([KG] * 6, yields, 0.08, dt)[ORGANIC] == 0
    half = sort([KG] * 6, [0.5] * 6, 0.08, dt)
    assert half[0] * 2 == pytest.approx(sort([KG] * 6, yields, 0.08, dt)[0], abs=2)
    assert max(sort([7] * 6, yields, 1e3, dt)) <= 7


def test_shares_are_whole_and_nothing_is_left_over() -> None:
    chance = random.Random(5)
    for _ in range(2000):
        stocks = [chance.choice((0, 1, chance.randint(0, 9), chance.randint(0, 10**12))) for _ in range(6)]
        amount = chance.randint(0, sum(stocks))
        shares = shared_out(amount, stocks)
        assert sum(shares) == amount
        assert all(0 <= a <= s for a, s in zip(shares, stocks, strict=True))
        whole = max(sum(stocks), 1)
        assert all(abs(a - amount * s / whole) < 1.0 + 1e-9 * s for a, s in zip(shares, stocks, strict=True))
    assert sum(MIX) == 1000


# -- toppling ----------------------------------------------------------------------------------------------


def _random_graph(chance: random.Random) -> list[list[int]]:
    count = chance.randint(2, 7)
    links = {(i, i + 1) for i in range(count - 1)} | {(0, count - 1)}
    links |= {e for e in itertools.combinations(range(count), 2) if chance.random() < 0.25}
    return [sorted({b if a == i else a for a, b in links if i in (a, b)}) for i in range(count)]


def _one_at_a_time(content, room, parcel, near, chance):  # type: ignore[no-untyped-def]
    times = [0] * len(content)
    while full := [i for i, h in enumerate(content) if h >= room[i]]:
        i = chance.choice(full)
        content[i] -= parcel[i] * (len(near[i]) + 1)
        times[i] += 1
        for j in near[i]:
            content[j] += parcel[i]
    return content, times


def test_toppling_does_not_know_the_order(tell: Callable[[str], None]) -> None:
    """On random graphs, numbered at random and toppled one pod at a time in random orders."""
    chance, tried = random.Random(7), 0
    for _ in range(60):
        near = _random_graph(chance)
        count = len(near)
        parcel = [chance.randint(1, 9) for _ in range(count)]
        room = [parcel[i] * (len(near[i]) + 1) + chance.randint(0, 20) for i in range(count)]
        start = [[chance.randint(0, 90) for _ in range(6)] for _ in range(count)]
        stocks = [list(s) for s in start]
        times, street = topple(stocks, room, parcel, near)
        content = [sum(s) for s in stocks]
        assert all(h < c for h, c in zip(content, room, strict=True))
        assert [sum(s) for s in street] == [n * q for n, q in zip(times, parcel, strict=True)]
        assert min(min(s) for s in stocks + street) >= 0
        for m in range(6):  # no material is made or lost
            assert sum(s[m] for s in start) == sum(s[m] for s in stocks + street)
        for _ in range(8):
            tried += 1
            assert _one_at_a_time([sum(s) for s in start], room, parcel, near, chance) == (content, times)
            order = list(range(count))
            chance.shuffle(order)
            back = {old: new for new, old in enumerate(order)}
            other = [list(start[o]) for o in order]
            again, _ = topple(
                other,
                [room[o] for o in order],
                [parcel[o] for o in order],
                [[back[j] for j in near[o]] for o in order],
            )
            assert [sum(other[back[i]]) for i in range(count)] == content
            assert [again[back[i]] for i in range(count)] == times
    tell(f"toppling: {tried} random orders and numberings, no difference")


# Every pod has one link to the street, so these are wheels and complete graphs: spanning trees by Kirchhoff.
GRAPHS = {
    "three together": ([[1, 2], [0, 2], [0, 1]], 16),
    "ring of 4": ([[1, 3], [0, 2], [1, 3], [0, 2]], 45),
    "four together": ([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]], 125),
}


@pytest.mark.parametrize("name", GRAPHS)
def test_full_pods_form_the_sandpile_group(name: str, tell: Callable[[str], None]) -> None:
    """Dhar 1990: as many recurrent states as spanning trees, and an identity that leaves each as it is."""
    near, trees = GRAPHS[name]
    room = [len(n) + 1 for n in near]

    def settled(state: tuple[int, ...]) -> tuple[int, ...]:
        stocks = [[h] for h in state]
        topple(stocks, room, [1] * len(room), near)
        return tuple(s[0] for s in stocks)

    most = tuple(c - 1 for c in room)
    found, new = {most}, [most]
    while new:
        state = new.pop()
        for i in range(len(room)):
            after = settled(tuple(h + (j == i) for j, h in enumerate(state)))
            if after not in found:
                found.add(after)
                new.append(after)
    double = tuple(2 * m for m in most)
    unit = settled(tuple(d - s for d, s in zip(double, settled(double), strict=True)))
    tell(f"{name}: {len(found)} recurrent states ({trees}), identity {unit}")
    assert len(found) == trees
    assert all(settled(tuple(a + b for a, b in zip(unit, state, strict=True))) == state for state in found)
