"""The network: agents keep to the skin, veins stand out from it, and who loses the body is sown anew."""

from __future__ import annotations

import numpy as np
import pytest

from bioart.forms import Grid
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.world.growth import Tissue
from bioart.world.growth.network import EVERY, Network

GRID = Grid((36, 48, 36), (0.0, 0.0, 0.0), 4.0 / 96.0)


def ball(radius: float, middle: tuple[float, float, float] = (18.0, 24.0, 18.0)) -> np.ndarray:  # type: ignore[type-arg]
    x, y, z = np.indices(GRID.shape)
    d = np.sqrt((x - middle[0]) ** 2 + (y - middle[1]) ** 2 + (z - middle[2]) ** 2) - radius
    return np.clip(0.5 - d / 3.0, 0.0, 1.0).astype(np.float32)


@pytest.fixture
def pond():  # type: ignore[no-untyped-def]
    compute.start("cpu", 2)
    memory = Memory()
    tissue = Tissue(memory, GRID)
    tissue.solid.from_numpy(ball(11.0))
    yield Network(memory, tissue, 3), tissue
    memory.close()


def run(network: Network, tissue: Tissue, steps: int, start: int = 0, **values: float) -> None:
    for k in range(start, start + steps):
        network.step(k, {**defaults_of(Network), **values}, tissue)


def places(network: Network) -> np.ndarray:  # type: ignore[type-arg]
    state = network.state()
    return np.stack([state[f"place {axis}"].to_numpy() for axis in "xyz"], axis=1)


def where(network: Network, tissue: Tissue) -> np.ndarray:  # type: ignore[type-arg]
    """The solid fraction under each agent."""
    i, j, k = np.rint(places(network)).astype(int).T
    return tissue.solid.to_numpy()[i, j, k]


def test_agents_live_in_the_skin(pond):  # type: ignore[no-untyped-def]
    network, tissue = pond
    run(network, tissue, 60)
    under = where(network, tissue)[: network.active()]
    assert (under > 0.05).mean() > 0.97
    assert ((under > 0.1) & (under < 0.98)).mean() > 0.85
    headings = np.stack([network.state()[f"heading {axis}"].to_numpy() for axis in "xyz"], axis=1)
    headings = headings[: network.active()]
    assert np.allclose(np.linalg.norm(headings, axis=1), 1.0, atol=1e-3)


def test_veins_stand_out_and_move(pond):  # type: ignore[no-untyped-def]
    network, tissue = pond
    run(network, tissue, 120)
    (channel,) = network.channels(tissue)
    solid = tissue.solid.to_numpy()
    skin = channel.values[(solid > 0.3) & (solid < 0.95)]
    assert np.percentile(skin, 95) > 0.5
    assert np.median(skin) < 0.25
    assert channel.values[solid == 0.0].max() == 0.0
    assert 0.05 < network.coverage() < 0.95
    run(network, tissue, 60, 120)
    (later,) = network.channels(tissue)
    assert np.abs(later.values - channel.values).mean() > 0.05 * channel.values.mean()


def test_the_trail_gathers_where_chance_alone_would_not(pond):  # type: ignore[no-untyped-def]
    """Agents that do not turn leave an even trail; those that do make veins of the same mass."""
    network, tissue = pond
    run(network, tissue, 160)
    skin = (tissue.solid.to_numpy() > 0.3) & (tissue.solid.to_numpy() < 0.95)
    trail = network.state()["trail"].to_numpy()[skin]
    memory = Memory()
    twin = Tissue(memory, GRID)
    twin.solid.copy_from(tissue.solid)
    other = Network(memory, twin, 3)
    run(other, twin, 160, reach=0.05, turn=0.1, angle=0.1)
    even = other.state()["trail"].to_numpy()[skin]
    assert trail.std() / trail.mean() > 1.5 * even.std() / even.mean()


def test_trail_balances_deposit_and_decay(pond):  # type: ignore[no-untyped-def]
    """T ← T·keep + N·d settles at N·d/(1 − keep): spreading keeps the sum."""
    network, tissue = pond
    run(network, tissue, 240)
    lasting, seconds = 1.3, EVERY / 30.0
    fade = seconds / lasting
    expected = network.active() * 1.5 * fade / (1.0 - 1.0 / (1.0 + fade))
    assert network.state()["trail"].to_numpy().sum(dtype=np.float64) == pytest.approx(expected, rel=0.05)


def test_agents_that_lose_the_body_are_sown_on_it_anew(pond):  # type: ignore[no-untyped-def]
    network, tissue = pond
    run(network, tissue, 40)
    tissue.solid.from_numpy(ball(5.0, (10.0, 12.0, 24.0)))
    run(network, tissue, 80, 40)
    assert (where(network, tissue)[: network.active()] > 0.05).mean() > 0.97


def test_without_a_body_there_is_no_light(pond):  # type: ignore[no-untyped-def]
    network, tissue = pond
    tissue.solid.fill(0.0)
    run(network, tissue, 20)
    (channel,) = network.channels(tissue)
    assert channel.values.max() == 0.0
    assert network.coverage() == 0.0


def test_most_agents_follow_the_grid(pond):  # type: ignore[no-untyped-def]
    network, _ = pond
    memory = Memory()
    large = Network(memory, Tissue(memory, Grid((72, 96, 72), (0.0, 0.0, 0.0), 0.02)), 3)
    assert large.agents == pytest.approx(4 * network.agents, rel=0.01)
