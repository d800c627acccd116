"""What neighbours exchange, against the eigenvalues of the graph's Laplacian."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import numpy as np
import pytest

from bioart.errors import BioartError
from bioart.steering import Zone
from bioart.world.treaties import MOST, even_out, links_of, rates

KG = 10**9


def zones(count: int, links: list[tuple[int, int]]) -> list[Zone]:
    return [
        Zone(f"z{i}", (i / count, 0.5), 0.1, 100, tuple(f"z{b}" for a, b in links if a == i))
        for i in range(count)
    ]


@pytest.mark.parametrize("mode", [1, 2, 3, 4])
def test_a_path_evens_out_as_the_graph_says(mode: int, tell: Callable[[str], None]) -> None:
    """λ_k of a path of n is 2 − 2cos(πk/n); its mode is cos(πk(i + ½)/n). The total stays exactly."""
    n, rate, dt, steps = 5, 0.05, 0.02, 1000
    path = zones(n, [(i, i + 1) for i in range(n - 1)])
    links = links_of(path)
    shape = np.cos(np.pi * mode * (np.arange(n) + 0.5) / n)
    held = [int(KG * (2.0 + v)) for v in shape]
    total = sum(held)
    before = float(shape @ np.array(held)) / KG
    for _ in range(steps):
        even_out(held, links, rates(path, links, rate, rate, {}), dt)
    after = float(shape @ np.array(held)) / KG
    found = math.log(before / after) / (steps * dt * rate)
    exact = 2 - 2 * math.cos(math.pi * mode / n)
    tell(f"path of 5, λ_{mode} = {found:.5f} ({exact:.5f})")
    assert sum(held) == total
    assert found == pytest.approx(exact, rel=3e-3)


def test_treaties_of_their_own_decay_as_the_weighted_graph_says(tell: Callable[[str], None]) -> None:
    count, most, dt, steps = 6, 0.3, 0.01, 2000
    towns = zones(count, [(i, (i + 1) % count) for i in range(count)] + [(0, 3)])
    links = links_of(towns)
    agreed = {(towns[a].name, towns[b].name): (3 * a + b) % 5 / 4 for a, b in links}
    weight = rates(towns, links, 0.05, most, agreed)
    assert min(weight) == pytest.approx(0.05)
    assert max(weight) == pytest.approx(most)
    turned = {(b, a): share for (a, b), share in agreed.items()}
    assert rates(towns, links, 0.05, most, turned) == weight
    laplacian = np.zeros((count, count))
    for (a, b), w in zip(links, weight, strict=True):
        laplacian[[a, b], [b, a]] -= w
        laplacian[[a, b], [a, b]] += w
    values, modes = np.linalg.eigh(laplacian)
    start = [int(KG * v) for v in (9, 1, 4, 0, 2, 7)]
    held = list(start)
    for _ in range(steps):
        even_out(held, links, weight, dt)
    exact = modes @ (np.exp(-values * steps * dt) * (modes.T @ np.array(start, float)))
    worst = np.abs(np.array(held) - exact).max() / np.abs(exact - np.mean(start)).max()
    tell(f"six zones of seven treaties after {steps * dt:g} s: {worst:.1e} of what is left uneven")
    assert sum(held) == sum(start)
    assert worst < 5e-3


def test_nobody_gives_more_than_they_have_whatever_was_agreed() -> None:
    chance = random.Random(2)
    star = zones(32, [(0, i) for i in range(1, 32)])
    links = links_of(star)
    held = [KG] + [0] * 31
    even_out(held, links, rates(star, links, 0.5, 0.5, {}), 2.0)
    assert held[0] == pytest.approx((1 - MOST) * KG, abs=32)
    for _ in range(200):
        held = [chance.choice((0, 1, chance.randint(0, KG))) for _ in star]
        total = sum(held)
        even_out(held, links, [chance.random() for _ in links], 3.0)
        assert sum(held) == total
        assert min(held) >= 0


def test_more_than_all_and_less_than_nothing_cannot_be_agreed() -> None:
    pair = zones(2, [(0, 1)])
    links = links_of(pair)
    for share, rate in ((7.0, 0.4), (-1.0, 0.1), (0.5, 0.25)):
        assert rates(pair, links, 0.1, 0.4, {("z0", "z1"): share}) == [pytest.approx(rate)]
    assert rates(pair, links, 0.3, 0.1, {("z0", "z1"): 1.0}) == [0.3], "an agreement never takes away"


def test_a_neighbour_that_is_not_there_is_named() -> None:
    with pytest.raises(BioartError, match="zone 'a': no neighbour 'bb'; did you mean 'b'"):
        links_of([Zone("a", (0, 0), 0.1, 1, ("bb",)), Zone("b", (1, 1), 0.1, 1)])
    with pytest.raises(BioartError, match="zone 'a': no neighbour 'a'"):
        links_of([Zone("a", (0, 0), 0.1, 1, ("a",))])


def test_what_links_carried_is_what_their_zones_lost_and_gained() -> None:
    towns = zones(4, [(0, 1), (1, 2), (2, 3), (3, 0)])
    links = links_of(towns)
    held = [5 * KG, 0, 3 * KG, KG]
    before = list(held)
    carried = even_out(held, links, [0.2] * len(links), 0.1)
    for (a, b), flow in zip(links, carried, strict=True):
        before[a] -= flow
        before[b] += flow
    assert before == held
    assert carried[links.index((0, 1))] > 0 > carried[links.index((1, 2))]
