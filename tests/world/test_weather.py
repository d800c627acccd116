"""The weather: exact where it must be, restless where it should be."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from bioart.forms import Grid
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.world.air import Air
from bioart.world.sides import STREET
from bioart.world.waves import chance, cosine, drifted, normal, philox
from bioart.world.weather import Sky, Weather

P = defaults_of(Weather)


@pytest.fixture
def memory() -> Iterator[Memory]:
    held = Memory()
    yield held
    held.close()


@pytest.fixture
def air(memory: Memory) -> Air:
    return Air(memory, Grid((24, 12, 8), (0.0, 0.0, 0.0), 0.125), sides=STREET)


def row(memory: Memory, air: Air, steps: int, seed: int = 5, **changed: float) -> list[Sky]:
    weather = Weather(memory, air, seed)
    return [weather.step(k, P | changed) for k in range(steps)]


def test_inflow_is_smog_times_full(memory: Memory, air: Air) -> None:
    weather = Weather(memory, air, 5)
    for k in range(60):
        smog = k / 60.0
        sky = weather.step(k, P | {"smog": smog, "gust": 0.4})
        assert sky.inflow == smog * 900.0
        before = air.ledger()["emitted"]
        air.step(defaults_of(Air), sky.wind, sky.inflow)
        came = (air.ledger()["emitted"] - before) * air.quantum
        volume = sky.wind * air.scaled * air.dt * 12 * 8 * air.grid.cell**2
        assert came / volume == pytest.approx(sky.inflow, rel=0.01, abs=0.01)


def test_incoming_smog_is_uneven_with_mean_one(memory: Memory, air: Air) -> None:
    row(memory, air, 40, patches=0.9)
    pattern = air.inlet.to_numpy().astype(np.float64)
    assert pattern.mean() == pytest.approx(1.0, abs=1e-5)
    assert pattern.min() >= 0.0
    assert pattern.std() > 0.05
    row(memory, air, 2, patches=0.0)
    assert np.allclose(air.inlet.to_numpy(), 1.0, atol=1e-6)


def test_same_seed_same_sky_and_another_seed_another(memory: Memory, air: Air) -> None:
    one, two = row(memory, air, 30, gust=0.4), row(memory, air, 30, gust=0.4)
    assert one == two
    assert row(memory, air, 30, seed=6, gust=0.4) != one


def test_gusts_rise_and_fall_without_a_jump(memory: Memory, air: Air) -> None:
    winds = [s.wind for s in row(memory, air, 600, gust=0.6)]
    gusts = [s.gust for s in row(memory, air, 600, gust=0.6)]
    assert max(gusts) > 0.3
    assert 0.0 <= min(gusts) < 0.02
    assert max(gusts) <= 0.6
    assert np.abs(np.diff(winds)).max() < 0.04
    assert all(s.gust == 0.0 for s in row(memory, air, 30))


def test_a_new_order_of_wind_arrives_gently(memory: Memory, air: Air) -> None:
    weather = Weather(memory, air, 5)
    calm = P | {"turbulence": 0.0, "wind": 0.0}
    for k in range(10):
        assert weather.step(k, calm).wind == 0.0
    winds = [weather.step(10 + k, calm | {"wind": 1.0}).wind for k in range(90)]
    assert winds[0] < 0.1
    assert winds[15] == pytest.approx(1.0 - math.exp(-1.0), abs=0.05)
    assert winds[-1] > 0.99


def test_eddies_push_and_rest_when_told(memory: Memory, air: Air) -> None:
    row(memory, air, 30, turbulence=1.0)
    strong = [air.seen(f) for f in ("force_x", "force_y", "force_z")]
    assert all(0.01 < f.std() < 1.0 for f in strong)
    row(memory, air, 2, turbulence=0.0)
    assert not any(air.seen(f).any() for f in ("force_x", "force_y", "force_z"))


def test_restored_weather_goes_on_alike(memory: Memory, air: Air) -> None:
    order = P | {"gust": 0.5}
    weather = Weather(memory, air, 5)
    for k in range(-20, 5):
        weather.step(k, order)
    kept = weather.scalars()
    later = [weather.step(k, order) for k in range(5, 25)]
    pushed = air.seen("force_y")
    again = Weather(memory, air, 5)
    again.restore(kept)
    assert [again.step(k, order) for k in range(5, 25)] == later
    assert np.array_equal(air.seen("force_y"), pushed)


def test_philox_known_answers() -> None:
    ones = 0xFFFFFFFF
    assert philox((0, 0, 0, 0), (0, 0)) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)
    assert philox((ones,) * 4, (ones, ones)) == (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)
    assert philox((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0)) == (
        0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1,
    )  # fmt: skip


def test_waves_by_plus_and_times_are_true() -> None:
    for turns in np.linspace(-2.3, 3.1, 101):
        assert cosine(float(turns)) == pytest.approx(math.cos(2.0 * math.pi * turns), abs=1e-7)
    draws = [normal(1, k, 0, 0) for k in range(4000)]
    assert np.mean(draws) == pytest.approx(0.0, abs=0.05)
    assert np.std(draws) == pytest.approx(1.0, abs=0.04)
    assert 0.0 <= min(chance(1, k, 2, 3) for k in range(-50, 50)) < 0.1
    x, walk = 0.0, []
    for draw in draws:
        x = drifted(x, draw, 0.2)
        walk.append(x)
    assert np.std(walk) == pytest.approx(1.0, abs=0.15)
