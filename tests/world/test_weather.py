"""The weather: exact where it must be, restless where it should be."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest

from bioart.forms import Grid
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.steering import Zone
from bioart.world.air import Air
from bioart.world.encroachment import SIEGE, Encroachment, brambles
from bioart.world.metabolism import Metabolism
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


def test_a_smog_wave_is_a_trapezoid_that_passes_as_it_set_out(memory: Memory, air: Air) -> None:
    weather = Weather(memory, air, 5)
    order = P | {"smog": 0.2, "passing": 10.0}
    inflow = [weather.step(k, order | {"wave": float(k < 150)}).inflow / 900.0 for k in range(330)]
    assert inflow[0] == pytest.approx(0.2)
    # up over the first quarter, at its height until the last, though the order ended half-way; then as before
    assert inflow[37] == pytest.approx(0.2 + 0.8 * 0.5, abs=0.03)
    assert all(x == pytest.approx(1.0, abs=0.02) for x in inflow[80:225])
    assert inflow[262] == pytest.approx(0.2 + 0.8 * 0.5, abs=0.02)
    assert inflow[301:] == [pytest.approx(0.2)] * 29
    assert max(inflow) <= 1.0
    assert np.abs(np.diff(inflow)).max() < 0.02, "no jump"
    assert sum(x - 0.2 for x in inflow) / 30.0 == pytest.approx(0.8 * 7.5, rel=0.02), "a trapezoid's area"


def test_a_standing_order_of_smog_comes_in_waves(memory: Memory, air: Air) -> None:
    weather = Weather(memory, air, 5)
    inflow = [weather.step(k, P | {"smog": 0.0, "wave": 0.6, "passing": 4.0}).inflow for k in range(480)]
    crests = sum(a < 300.0 <= b for a, b in pairwise(inflow))
    assert crests == 4


def test_a_storm_brings_wind_and_gusts_and_takes_them_away(memory: Memory, air: Air) -> None:
    weather = Weather(memory, air, 5)
    rows = [weather.step(k, P | {"storm": float(100 <= k < 500)}) for k in range(800)]
    assert max(s.wind for s in rows[:100]) < 0.6
    assert np.mean([s.wind for s in rows[200:500]]) > 1.2
    assert 0.4 < max(s.gust for s in rows[200:500]) <= 0.6
    assert max(s.wind for s in rows) < 2.2
    assert rows[-1].gust < 0.01
    assert np.mean([s.wind for s in rows[700:]]) < 0.6
    assert np.abs(np.diff([s.wind for s in rows])).max() < 0.1, "no jump"


def test_day_and_night_follow_a_cosine_and_default_to_day(memory: Memory, air: Air) -> None:
    assert all(s.daylight == 1.0 for s in row(memory, air, 40))
    sky = row(memory, air, 610, night=0.8, day=20.0)
    want = [1.0 - 0.4 * (1.0 - math.cos(2.0 * math.pi * (k + 1) / 600.0)) for k in range(610)]
    assert [s.daylight for s in sky] == pytest.approx(want, abs=1e-6)
    low = air.inlet.to_numpy()
    row(memory, air, 301, night=1.0, day=20.0)
    deep = air.inlet.to_numpy()
    assert deep.mean() == pytest.approx(1.0, abs=1e-5)
    assert deep.min() >= 0.0
    assert deep[0].mean() - deep[-1].mean() > 1.5 * (low[0].mean() - low[-1].mean()), "at night smog lies low"


def test_encroachment_takes_what_nobody_holds_and_gives_it_back() -> None:
    zones = Encroachment(("a", "b", "c"))
    held = {"a": 0.0, "b": 0.5, "c": 1.0}
    for k in range(1, 451):
        taken = zones.step(1 / 30, 1.0, held)
        if k == 225:  # x' = (1 − h)/T·(1 − x) − h/T·x: x = (1 − h)(1 − e^(−t/T))
            for name, h in held.items():
                assert taken[name] == pytest.approx((1 - h) * (1 - math.exp(-7.5 / SIEGE)), rel=0.01)
    for _ in range(3000):
        taken = zones.step(1 / 30, 1.0, held)
    assert [taken[n] for n in "abc"] == pytest.approx([1.0, 0.5, 0.0], abs=0.01)
    free = {n: Encroachment((n,)) for n in "ab"}
    for n, zone in free.items():
        zone.taken[n] = 1.0
        for _ in range(450):
            zone.step(1 / 30, 0.0, {"a": 0.0, "b": 1.0})
    assert free["a"].taken["a"] == pytest.approx(math.exp(-0.25), rel=0.01)
    assert free["b"].taken["b"] == pytest.approx(math.exp(-1.25), rel=0.02), "sooner where it is held"


def test_a_taken_zone_is_seen_and_its_pod_stands_still() -> None:
    zone = Zone("a", (0.2, 0.2), 0.15, 1000)
    ground = Grid((24, 30, 24), (-3.0, 0.0, -3.0), 0.25)
    assert len(brambles([zone], {"a": 0.0}, ground, 0).radius) == 0
    half, whole = (brambles([zone], {"a": share}, ground, 0) for share in (0.5, 1.0))
    assert whole.glow.max() > half.glow.max() > 0.0
    length = [np.linalg.norm(np.diff(c.at, axis=0), axis=1).sum() for c in (half, whole)]
    assert length[1] > 1.4 * length[0]
    assert whole.at[:, 1].min() >= 0.0
    free, taken = Metabolism({"a": zone}, ground), Metabolism({"a": zone}, ground)
    for k in range(300):
        free.step(k, defaults_of(Metabolism), 0.0, 0.0)
        taken.step(k, defaults_of(Metabolism), 0.0, 0.0, taken={"a": 1.0})
        assert taken.decomposed == 0.0
    assert free.decomposed > 0.0
    assert taken.pod_load > free.pod_load
    assert taken.missing() == free.missing() == 0


def test_restored_weather_goes_on_alike(memory: Memory, air: Air) -> None:
    order = P | {"gust": 0.5, "storm": 0.5, "wave": 0.7, "passing": 4.0, "encroach": 0.8, "night": 0.6}
    weather = Weather(memory, air, 5, ("a", "b"))
    for k in range(-20, 5):
        weather.step(k, order, {"a": 0.3})
    kept = json.loads(json.dumps(weather.scalars()))
    later = [weather.step(k, order) for k in range(5, 25)]
    pushed = air.seen("force_y")
    again = Weather(memory, air, 5, ("a", "b"))
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


def test_a_whirl_turns_the_air_about_the_body_and_leaves_it_in_peace_at_nought(memory: Memory) -> None:
    """Round the way that was asked for, near as fast, rising in its core; restored, the same bits."""
    grid = Grid((24, 18, 24), (-3.0, 0.0, -3.0), 0.25)
    air = Air(memory, grid, dt=0.1, max_speed=3.0, sides=STREET)
    weather, still = Weather(memory, air, 5), Weather(memory, air, 5)
    calm = P | {"wind": 0.0, "turbulence": 0.0}
    still.step(0, calm)
    assert not any(f.to_numpy().any() for f in (air.force_x, air.force_y, air.force_z))
    for k in range(90):
        sky = weather.step(k, calm | {"whirl": 1.2})
        air.step(defaults_of(Air), sky.wind, sky.inflow)
    u, v, w = (f.to_numpy() for f in air.middles()[:3])
    middles = (np.arange(24) + 0.5) * 0.25 - 3.0
    x, z = np.meshgrid(middles, middles, indexing="ij")
    r = np.hypot(x, z)
    ring = (r > 0.5) & (r < 1.2)
    around = ((x[:, None] * w - z[:, None] * u) / r[:, None])[:, 3:14]
    assert 0.5 < np.moveaxis(around, 1, 2)[ring].mean() < 1.2
    assert np.moveaxis(v[:, 4:12], 1, 2)[r < 0.6].mean() > 0.1
    told = json.loads(json.dumps(weather.scalars()))
    other = Weather(memory, air, 5)
    other.restore(told)
    weather.step(90, calm | {"whirl": 1.2})
    one = air.force_x.to_numpy()
    other.step(90, calm | {"whirl": 1.2})
    assert np.array_equal(one, air.force_x.to_numpy())
