"""The film on the ground: exact books, and a puddle that spreads as Huppert found."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable

import numpy as np
import pytest

from bioart.forms import Forms, Grid, sparse
from bioart.param import defaults_of
from bioart.steering import Zone
from bioart.world.ground import DENSITY, GRAVITY, KERB, Ground

FLOOR = Grid((24, 4, 20), (-3.0, 0.0, -2.5), 0.25)
TWO = {
    "west": Zone("west", (0.25, 0.5), 0.1, 100, ("east",)),
    "east": Zone("east", (0.75, 0.4), 0.1, 100),
}
STILL = {"viscosity": 300.0, "relief": 0.0, "soil": 0.0, "vapour": 0.0}
KG = 10**9


def test_a_puddle_spreads_as_a_viscous_film_does(tell: Callable[[str], None]) -> None:
    """Huppert 1982: a fixed volume V reaches r = 0.894 (gV³/3ν)^⅛ t^⅛. Its rim from ⟨r²⟩ = 3r²/7, exact for
    the film's shape h ~ (1 − x²)^⅓."""
    floor = Grid((96, 1, 96), (-3.0, 0.0, -3.0), 0.0625)
    ground = Ground({"a": Zone("a", (0.5, 0.5), 0.1, 1)}, floor, 0.1)
    litres, nu = 10, 300.0
    ground.step(STILL, [(0.0, 0.0, 0.4, litres * KG)])
    x = (np.arange(96) - 47.5) * 0.0625
    square = x[:, None] ** 2 + x[None, :] ** 2
    rims, times = [], (200.0, 400.0)
    t = 0.1
    for until in times:
        while t < until:
            ground.step(STILL | {"viscosity": nu}, [])
            t += 0.1
        rims.append(math.sqrt(7 / 3 * float((square * ground.film).sum()) / ground.lies))
    assert ground.lies == litres * KG
    scale = (GRAVITY * (litres * 1e-3) ** 3 / (3 * nu * 1e-6)) ** 0.125
    found = rims[-1] / (scale * t**0.125)
    power = math.log(rims[-1] / rims[-2]) / math.log(2)
    tell(f"10 L after {t:.0f} s: r = {rims[-1]:.3f} m, constant {found:.4f} (0.894), power {power:.4f} (⅛)")
    assert found == pytest.approx(0.894, rel=0.03)
    assert power == pytest.approx(0.125, rel=0.05)


def test_the_film_is_counted_to_the_microgram(tell: Callable[[str], None]) -> None:
    ground, chance = Ground(TWO, FLOOR), random.Random(4)
    back, risen = 0, 0
    for k in range(3000):
        p = {
            "viscosity": 10 ** chance.uniform(0, 4),
            "soil": chance.random() * 0.2,
            "vapour": chance.random() * 10,
            "relief": 10 * chance.random(),
        }
        poured = [(chance.uniform(-4, 4), chance.uniform(-3, 3), chance.random(), chance.randint(1, 5 * KG))]
        back += sum(ground.step(p, poured if k % 7 == 0 else [], chance.random()))
        risen += sum(mass for _, _, mass in ground.released())
        assert ground.missing() == 0
        assert ground.film.min() >= 0
    books = ground.books()
    assert (books["soaked"], books["risen"]) == (back, risen)
    assert min(books.values()) > 0
    tell(f"film, 3000 steps: {books['poured'] / KG:.1f} kg poured, {ground.missing()} µg missing")


def test_what_rises_comes_from_where_the_film_lies() -> None:
    ground = Ground(TWO, FLOOR)
    for _ in range(3):
        ground.step(STILL | {"vapour": 10.0}, [(-1.5, 0.5, 0.3, 2 * KG), (1.5, -1.0, 0.3, KG)])
    (west, wide, one), (east, _, other) = ground.released()
    assert west == pytest.approx((-1.5, 0.125, 0.5), abs=0.13)
    assert east == pytest.approx((1.5, 0.125, -1.0), abs=0.13)
    assert one == pytest.approx(2 * other, rel=1e-3)
    assert one == pytest.approx(10e-6 * 0.1 * 6 * KG, rel=1e-2)
    assert 0.25 <= wide < 0.6


def test_each_zones_soil_takes_back_what_lies_nearest_to_it() -> None:
    ground = Ground(TWO, FLOOR)
    west, east = ground.step(STILL | {"soil": 0.5}, [(-1.5, 0.0, 0.4, KG)])
    assert west == pytest.approx(0.05 * KG, rel=1e-6)
    assert east == 0
    for _ in range(600):
        ground.step(STILL | {"soil": 0.5}, [])
    assert ground.lies == 0, "and leaves nothing for ever"
    slow, quick = Ground(TWO, FLOOR), Ground(TWO, FLOOR)
    a = slow.step(defaults_of(Ground), [(0.0, 0.0, 0.5, KG)])
    b = quick.step(defaults_of(Ground), [(0.0, 0.0, 0.5, KG)], faster=1.0)
    assert sum(b) == pytest.approx(2 * sum(a), rel=1e-2)


def test_what_stands_deeper_than_a_kerb_runs_off() -> None:
    ground = Ground(TWO, FLOOR)
    ground.step(STILL, [(0.0, 0.0, 0.1, 10**6 * KG)])
    assert ground.depth().max() <= KERB * (1 + 1e-9)
    assert ground.books()["drained"] > 0.99 * 10**6 * KG
    assert ground.missing() == 0
    assert KERB * DENSITY == 5e10


def test_every_param_is_heard() -> None:
    def after(**values: float) -> bytes:
        ground = Ground(TWO, FLOOR)
        for _ in range(50):
            ground.step(defaults_of(Ground) | values, [(0.0, 0.0, 0.5, KG // 10)])
        return ground.film.tobytes() + bytes(str(ground.released()), "utf-8")

    for name, param in ((n, getattr(Ground, n)) for n in defaults_of(Ground)):
        assert after(**{name: param.low}) != after(**{name: param.high}), f"ground.{name} changes nothing"


def test_a_state_restored_goes_on_bit_for_bit() -> None:
    one, p = Ground(TWO, FLOOR), defaults_of(Ground)
    for k in range(100):
        one.step(p, [(0.1 * k - 3.0, 0.0, 0.3, 12345678 + k)])
    other = Ground(TWO, FLOOR)
    other.restore({name: value.copy() for name, value in one.state().items()})
    for k in range(100):
        for ground in (one, other):
            ground.step(p, [(0.0, 0.1 * k, 0.3, 98765432 + k)])
        assert one.released() == other.released()
    for name, value in one.state().items():
        assert value.tobytes() == other.state()[name].tobytes(), name
    assert json.loads(one.state()["ledger"].tobytes())[1] == one.books()["poured"]


def test_it_is_seen_where_it_lies_and_only_there() -> None:
    ground, p = Ground(TWO, FLOOR), defaults_of(Ground)
    (dry,) = ground.points()
    assert not dry.glow.any()
    for _ in range(60):
        ground.step(p, [(-1.5, 0.0, 0.4, KG // 20)])
    (wet,) = ground.points()
    assert np.array_equal(wet.key, dry.key)
    assert np.array_equal(wet.at, dry.at)
    near = np.hypot(wet.at[:, 0] + 1.5, wet.at[:, 2]) < 0.4
    far = np.hypot(wet.at[:, 0] + 1.5, wet.at[:, 2]) > 2.0
    assert wet.glow[near].min() > 0.05
    assert not wet.glow[far].any()
    half = sparse(Forms(points=(wet,)), 0.5).points[0]
    lit = [float((p.at[p.glow > 0.02, 0]).mean()) for p in (wet, half)]
    assert lit[0] == pytest.approx(lit[1], abs=0.05), "a machine that spares motes spares them evenly"


def test_a_world_without_zones_has_dry_ground() -> None:
    ground = Ground({}, FLOOR)
    assert ground.step(defaults_of(Ground), []) == []
    assert ground.points() == ()
