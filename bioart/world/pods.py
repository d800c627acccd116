"""Pods: what a zone throws away rots, is sorted into material, and topples over where a pod is full.

Rotting is Monod's (1949): one culture lives on the effective substrate E = Σ d_m·S_m, in which a material
counts by its speed of decay d_m, so that μ = μ_m E/(K_s + E) and each material loses in proportion to d_m·S_m
(substrates that replace one another: Yoon, Klinzing & Blanch 1977). With organic matter alone, of d = 1, it
is the chemostat of the textbooks. Speeds of decay are the first-order rates of landfills (IPCC 2006,
vol. 5, table 3.3: food waste 0.185, paper and textiles 0.06 a year; what is no carbon does not rot).

Sorting is a machine of a greatest throughput, v·S/(h + S) like an enzyme, so that it starves smoothly.

Toppling is abelian (Dhar 1990): how often each pod topples, and what it then holds, does not depend on the
order. Full pods topple all at once, round by round, and what leaves a pod is mixed as its content is.

Masses are integers of a microgram, moved and never rounded away; rates between are IEEE + − × ÷ only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

KG = 1_000_000_000  # µg
INOCULUM = KG // 1000  # culture that a pod never loses, so that it can always start again
SORTED = KG // 2  # dry waste at which sorting runs at half of its throughput
MATERIALS = ("glass", "paper", "plastic", "metal", "organic", "textile")
ORGANIC = MATERIALS.index("organic")
# ‰ of a city's waste: United States 2018 (EPA, Facts and Figures), of these six; food, garden and wood
# together are organic.
MIX = (45, 245, 130, 93, 425, 62)


def shared_out(amount: int, stocks: Sequence[int]) -> list[int]:
    """`amount` taken in proportion from stocks of at least as much: whole numbers, of exactly that sum, each
    no more than its stock. Rounded along the running sum, so that nothing is left over."""
    whole, run, before = sum(stocks), 0, 0
    shares = []
    for stock in stocks:
        run += stock
        upto = amount * run // whole if whole else 0
        shares.append(upto - before)
        before = upto
    return shares


def rot(
    stocks: Sequence[int],
    culture: int,
    decay: Sequence[float],
    p: Mapping[str, float],
    faster: float,
    dt: float,
) -> tuple[list[int], list[int], int, int]:
    """One step of a pod's culture: (digested, washed, grown, harvested), µg.

    digested, washed: by material, what the culture took up and what went down the river; grown: the share of
    the digested that became culture; harvested: culture washed out, the nutrient. p: uptake, half,
    growth_yield, dilution. faster: by which share uptake is quickened. Explicit Euler, so its steady state is
    the chemostat's.
    """
    parts = [d * s for d, s in zip(decay, stocks, strict=True)]
    substrate = sum(parts)
    digested = [0] * len(parts)
    if substrate > 0.0:
        rate = p["uptake"] * (1.0 + faster) * substrate / (p["half"] * KG + substrate)
        share = rate * culture / p["growth_yield"] * dt / substrate
        digested = [min(int(share * e), s) for e, s in zip(parts, stocks, strict=True)]
    washed = [
        min(int(p["dilution"] * dt * e), s - t) for e, s, t in zip(parts, stocks, digested, strict=True)
    ]
    grown = int(sum(digested) * p["growth_yield"])
    harvested = min(int(p["dilution"] * culture * dt), max(culture + grown - INOCULUM, 0))
    return digested, washed, grown, harvested


def sort(stocks: Sequence[int], yields: Sequence[float], throughput: float, dt: float) -> list[int]:
    """µg of each material that one step recovers. throughput: kg/s of dry waste that is sorted at most;
    yields: 0–1, the share of a material that can be made into something new; none of what is organic."""
    dry = [0 if m == ORGANIC else s for m, s in enumerate(stocks)]
    share = throughput * KG * dt / (SORTED + sum(dry))
    return [min(int(share * s * y), s) for s, y in zip(dry, yields, strict=True)]


def topple(
    stocks: list[list[int]], capacity: Sequence[int], parcel: Sequence[int], next_to: Sequence[Sequence[int]]
) -> tuple[list[int], list[list[int]]]:
    """Settle full pods in place: how often each toppled, and what of each material fell on its street.

    stocks: by pod and material. A pod whose content ≥ capacity loses one parcel to each neighbour and one to
    the street. Ends always, because every topple gives the street something. Needs
    capacity ≥ parcel·(neighbours + 1), parcel ≥ 1.
    """
    times = [0] * len(stocks)
    street = [[0] * len(stock) for stock in stocks]
    while True:
        content = [sum(stock) for stock in stocks]
        full = [i for i, held in enumerate(content) if held >= capacity[i]]
        if not full:
            return times, street
        falls: list[tuple[list[list[int]], int, list[int]]] = []
        for i in full:
            n = (content[i] - capacity[i]) // (parcel[i] * (len(next_to[i]) + 1)) + 1
            times[i] += n
            for where, to in (*((stocks, j) for j in next_to[i]), (street, i)):
                fall = shared_out(n * parcel[i], stocks[i])
                stocks[i] = _sum(stocks[i], fall, -1)
                falls.append((where, to, fall))
        for where, to, fall in falls:  # only now, so that all full pods topple at once
            where[to] = _sum(where[to], fall)


def _sum(a: Sequence[int], b: Sequence[int], sign: int = 1) -> list[int]:
    return [x + sign * y for x, y in zip(a, b, strict=True)]
