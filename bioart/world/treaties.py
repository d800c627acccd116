"""Treaties: how much nutrient two neighbouring zones let through to each other.

dn_i/dt = Σ_j r_ij (n_j − n_i): a link's rate r is agreed by its two zones and the same both ways, so the
total stays and differences decay as the weighted graph's Laplacian says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bioart.errors import BioartError, nearest, shown
from bioart.steering import Zone

MOST = 0.5  # a zone never gives more than this share of what it has in one step, whatever was agreed
Link = tuple[int, int]


def links_of(zones: Sequence[Zone]) -> tuple[Link, ...]:
    """Every pair of neighbours once, the lesser number first: a neighbour of one is a neighbour of both.

    Raises BioartError for a neighbour that is no zone, or that is the zone itself.
    """
    index = {zone.name: i for i, zone in enumerate(zones)}
    links: set[Link] = set()
    for zone in zones:
        for other in zone.next:
            if other not in index or other == zone.name:
                raise BioartError(f"zone {zone.name!r}: no neighbour {shown(other)}{nearest(other, index)}")
            a, b = index[zone.name], index[other]
            links.add((min(a, b), max(a, b)))
    return tuple(sorted(links))


def rates(
    zones: Sequence[Zone],
    links: Sequence[Link],
    least: float,
    most: float,
    agreed: Mapping[tuple[str, str], float],
) -> list[float]:
    """1/s of each link: `least` where nothing is agreed, `most` (or `least`, if that is more) where all is.

    agreed: 0–1 by the names of two neighbours, in either order; beyond that it is held to it.
    """
    found = []
    for a, b in links:
        pair = (zones[a].name, zones[b].name)
        share = min(max(agreed.get(pair, agreed.get(pair[::-1], 0.0)), 0.0), 1.0)
        found.append(least + max(most - least, 0.0) * share)
    return found


def even_out(held: list[int], links: Sequence[Link], rate: Sequence[float], dt: float) -> list[int]:
    """One step in place; what each link carried, from its first zone to its second. held: whole numbers ≥ 0
    by zone, whose sum stays; rate: 1/s by link."""
    given = [0.0] * len(held)
    for (a, b), r in zip(links, rate, strict=True):
        given[a] += r * dt
        given[b] += r * dt
    flows = []
    for (a, b), r in zip(links, rate, strict=True):
        crowd = max(given[a], given[b], MOST)
        flows.append(int(r * dt * (MOST / crowd) * (held[a] - held[b])))
    for (a, b), flow in zip(links, flows, strict=True):
        held[a] -= flow
        held[b] += flow
    return flows
