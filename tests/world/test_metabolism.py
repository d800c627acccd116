"""Zones, pods and the reserve together: books that balance to the microgram, surges, what others take."""

from __future__ import annotations

import json
import random
from collections.abc import Callable

import numpy as np
import pytest

from bioart import registry
from bioart.forms import Grid
from bioart.param import defaults_of, params_of
from bioart.steering import Placement, Steering, Zone
from bioart.world.ground import Ground
from bioart.world.metabolism import Metabolism
from bioart.world.plan import GrowthPlan, WorldPlan
from bioart.world.pods import INOCULUM, KG, MATERIALS, MIX
from bioart.world.spills import LIFE
from bioart.world.world import PARTS, World

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


class Town:
    """A metabolism and its ground, as a world steps them."""

    def __init__(self, zones: dict[str, Zone] = RING, **values: float) -> None:
        self.life, self.ground = Metabolism(zones, GROUND), Ground(zones, GROUND)
        self.p = defaults_of(Metabolism) | values
        self.k = 0

    def run(self, steps: int, surge: float = 0.0, soil: float = 0.03, **others: object) -> Town:
        p = defaults_of(Ground) | {"soil": soil}
        for _ in range(steps):
            self.life.step(self.k, self.p, 0.0, 0.0, surge=surge, **others)  # type: ignore[arg-type]
            soaked = self.ground.step(p, self.life.poured())
            self.life.regain(soaked, self.p["growth_yield"])
            self.k += 1
        return self


def test_books_balance_to_the_microgram(tell: Callable[[str], None]) -> None:
    """Thousands of steps of surges, spills, offerings, upgrades, growths that eat and give back."""
    town, chance, rose = Town(), random.Random(3), 0
    life, ground = town.life, town.ground
    for k in range(2400):
        wild = {n: chance.choice((q.low, q.default, q.high)) for n, q in params_of(Metabolism).items()}
        if k % 50 == 0:
            town.p = defaults_of(Metabolism) | (wild if k % 100 else {})
        gifts = [given(chance.choice(("thread", "matter")), chance.choice(MATERIALS), chance.random() * 10)]
        agreed = {("a", "b"): chance.random(), ("d", "c"): chance.random()}
        surge = float(k % 800 > 300) * chance.random()
        life.step(
            k, town.p, chance.random() * 80, chance.random() * 0.02, gifts if k % 37 == 0 else (), surge,
            [chance.random()] * len(life.zones), agreed, {"a": chance.random()},
        )  # fmt: skip
        soaked = ground.step(defaults_of(Ground), life.poured(), chance.random())
        life.regain(soaked, town.p["growth_yield"])
        if k % 3 == 0:
            life.devour(chance.random() * 0.02 if k % 300 else 1e6)
            life.give_back(chance.random() * 0.01)
        rose += sum(mass for _, _, mass in life.released())
        assert life.missing() == 0
        assert ground.missing() == 0
        assert 0.0 <= life.reserve <= 1.0
    books, film = life.books(), ground.books()
    assert books["aired"] == rose
    assert books["poured"] == film["poured"]
    assert books["regained"] == film["soaked"]
    assert all(sum(flow.values() if isinstance(flow, dict) else [flow]) > 0 for flow in books.values())
    assert min(life.scalars()["held"]["culture"]) >= INOCULUM
    arrived, spilt = sum(books["arrived"].values()) / KG, (books["poured"] + books["aired"]) / KG
    tell(f"2400 steps: {arrived:.1f} kg arrived, {spilt:.1f} kg of by-product, {life.missing()} µg missing")


def test_an_upgrade_raises_what_pods_hold_and_recover(tell: Callable[[str], None]) -> None:
    small, large = Town(capacity=3.0).run(400, 1.0), Town(capacity=3.0, upgrade=1.0).run(400, 1.0)
    held = [max(sum(zone.values()) for zone in t.life.stock("waste").values()) / KG for t in (small, large)]
    spilled = [sum(t.life.spilled.values()) / KG for t in (small, large)]
    found = [sum(map(sum, t.life.scalars()["stocks"]["material"])) / KG for t in (small, large)]
    tell(f"upgrade 0 and 1: {held} kg in the fullest pod, {spilled} kg spilled, {found} kg recovered")
    assert 2.7 <= held[0] <= 3.0 < held[1] <= 6.0
    assert spilled[1] < 0.5 * spilled[0]
    assert found[1] > 1.2 * found[0]


def test_each_material_has_a_stock_and_arrives_by_the_citys_mix() -> None:
    life = Town(waste=1.0, capacity=50.0, sorting=0.0, uptake=0.01, dilution=0.001).run(1).life
    stock = life.stock("waste")["a"]
    assert sum(stock.values()) == pytest.approx(0.12 * KG, rel=1e-3)
    for material, share in zip(MATERIALS, MIX, strict=True):
        assert stock[material] == pytest.approx(0.12 * KG * share / 1000, rel=1e-3)
    town = Town().run(2000)
    waste, made = town.life.stock("waste")["c"], town.life.stock("material")["c"]
    assert made["organic"] == 0
    assert made["paper"] > made["glass"] > 0, "there is more paper, and more of it can be used"
    assert waste["glass"] * MIX[1] > waste["paper"] * MIX[0], "more of its share is left: glass does not rot"


def test_a_surge_spills_on_the_ground_and_into_the_air_and_is_seen() -> None:
    town = Town().run(300)
    life, calm = town.life, town.life.pod_load
    assert sum(life.spilled.values()) == 0
    assert town.ground.lies == 0
    assert 0.02 < calm < 0.6
    rose: dict[tuple[float, float, float], int] = {}
    for _ in range(600):
        town.run(1, 1.0)
        for at, radius, mass in life.released():
            rose[at] = rose.get(at, 0) + mass
            assert 0.1 < radius < 1.0
    assert life.pod_load > 2 * calm
    assert all(mass > 0 for mass in life.spilled.values()), "neighbours share what one cannot hold"
    assert len(rose) == 4
    assert (-1.8, 0.5, -1.2) in {tuple(round(c, 6) for c in at) for at in rose}
    assert sum(rose.values()) == life.books()["aired"] > 2e4
    assert town.ground.lies > KG
    assert sum(life.stock("litter")["a"].values()) > 0
    (seen,) = life.points()
    (film,) = town.ground.points()
    assert seen.glow.max() > 0.8
    assert (seen.glow > 0.05).sum() > 20
    assert (film.glow > 0.05).sum() > 100
    wet = town.ground.lies
    town.run(900)
    assert (life.points()[0].glow > 0.05).sum() <= len(RING), "only the pods' cores are left"
    assert town.ground.lies < 0.1 * wet
    assert life.released() == ()


def test_litter_is_swept_back_only_where_there_is_room() -> None:
    town = Town().run(500, 1.0)
    town.p |= {"waste": 0.0}
    street = sum(town.life.stock("litter")["a"].values())
    for _ in range(300):
        spills = list(town.life.spilled.values())
        town.run(1)
        assert list(town.life.spilled.values()) == spills, "what was swept in does not spill again"
    assert sum(town.life.stock("litter")["a"].values()) < 0.9 * street


def test_growths_eat_from_the_pods_alike_of_all() -> None:
    life = Town().run(400).life
    before, had = life.stock("waste"), life.in_pods
    life.devour(0.25 * had)
    assert life.in_pods == pytest.approx(0.75 * had, rel=1e-6)
    for name, stock in life.stock("waste").items():
        for material, mass in stock.items():
            assert mass == pytest.approx(0.75 * before[name][material], abs=2)
    life.devour(1e9)
    assert life.in_pods == 0.0
    assert sum(life.books()["devoured"].values()) == pytest.approx(had * KG, rel=1e-9)
    life.devour(1.0)
    assert life.missing() == 0


def test_compost_is_every_zones_nutrient() -> None:
    life = Town().life
    life.give_back(0.4)
    assert list(life.nutrient.values()) == [KG // 10] * 4
    assert life.missing() == 0
    dry = Metabolism({}, GROUND)
    dry.give_back(1.0)
    assert dry.missing() == 0


def test_a_treaty_lets_nutrient_through_to_one_neighbour() -> None:
    def after(agreed: dict[tuple[str, str], float]) -> dict[str, int]:
        life = Metabolism(RING, GROUND)
        told = life.scalars()
        told["held"]["nutrient"] = [KG, 0, 0, 0]
        life.restore(told)
        p = defaults_of(Metabolism) | {"waste": 0.0, "drink": 0.0, "dilution": 0.001}
        life.step(0, p, 0.0, 0.0, agreed=agreed)
        return life.nutrient

    none, some = after({}), after({("b", "a"): 1.0})
    assert none["b"] == none["d"]
    assert some["d"] == none["d"]
    assert some["b"] / none["b"] == pytest.approx(0.3 / 0.05, rel=1e-2)


def test_motes_move_smoothly_and_change_their_key_unseen() -> None:
    town = Town().run(700, 1.0)
    (before,) = town.life.points()
    for _ in range(LIFE):
        (after,) = town.run(1, 1.0).life.points()
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


def test_what_an_offering_does_not_yield_goes_to_the_nearest_pod_as_what_it_is() -> None:
    life, p = Metabolism(RING, GROUND), defaults_of(Metabolism) | {"waste": 0.0, "sorting": 0.0}
    life.step(0, p, 0.0, 0.0, [given(material="metal", amount=1.0, at=(0.9, 0.5, 0.9))])
    stock = life.stock("waste")
    assert stock["c"]["metal"] == pytest.approx(0.55 * KG, rel=1e-3)
    assert sum(sum(zone.values()) for zone in stock.values()) == stock["c"]["metal"]


def test_nutrient_and_material_feed_and_decomposers_quicken() -> None:
    p = defaults_of(Metabolism)
    fed, dry, built, quick = (Metabolism(RING, GROUND, reserve=0.2) for _ in range(4))
    for k in range(400):
        fed.step(k, p, 0.0, 0.0)
        dry.step(k, p | {"drink": 0.0}, 0.0, 0.0)
        built.step(k, p | {"from_nutrient": 0.0}, 0.0, 0.0)
        quick.step(k, p, 0.0, 0.0, decomposing=[1.0] * len(RING))
    assert fed.reserve > built.reserve > 0.2 == dry.reserve
    assert fed.recovered < dry.recovered
    assert quick.pod_load < fed.pod_load


def test_every_param_is_heard() -> None:
    def after(name: str, value: float) -> str:
        town = Town(**{"capacity": 1.0, "waste": 0.1, name: value})
        gift = [given(material=m, amount=1.0) for m in MATERIALS]
        town.life.step(0, town.p, 20.0, 0.0, gift)
        town.run(30, 0.8, agreed={("a", "b"): 0.5})
        return json.dumps(town.life.scalars())

    for name, param in params_of(Metabolism).items():
        assert after(name, param.low) != after(name, param.high), f"metabolism.{name} changes nothing"


def test_a_state_restored_goes_on_bit_for_bit() -> None:
    def steps(m: Metabolism, first: int, last: int) -> None:
        p = defaults_of(Metabolism) | {"upgrade": 0.3}
        for k in range(first, last):
            gifts = [given()] if k % 50 == 0 else []
            m.step(k, p, 10.0, 0.001, gifts, surge=float(k > 200), agreed={("a", "b"): 0.7})
            m.devour(0.001)
            m.give_back(0.0005)

    one, other = Metabolism(RING, GROUND), Metabolism(RING, GROUND)
    steps(one, 0, 400)
    other.restore(json.loads(json.dumps(one.scalars())))
    assert other.poured() == one.poured()
    for m in (one, other):
        steps(m, 400, 500)
    assert one.scalars() == other.scalars()
    assert sum(one.scalars()["held"]["spills"]) > 0
    assert np.array_equal(one.points()[0].at, other.points()[0].at)
    assert one.points()[0].glow.tobytes() == other.points()[0].glow.tobytes()


def test_a_world_without_zones_still_feeds() -> None:
    m = Metabolism({}, GROUND)
    assert m.step(0, defaults_of(Metabolism), 50.0, 0.0, [given()]) > 0.5
    assert (m.pod_load, m.in_pods, m.recovered) == (0.0, 0.0, 0.0)
    assert m.points()[0].at.shape == (0, 3)
    assert m.poured() == m.released() == ()


@pytest.mark.prove  # it compiles a whole world
def test_a_world_gives_its_growths_waste_and_keeps_their_books() -> None:
    """What they ate and gave back is booked in the same step; a restored world goes on with the same bits."""
    coral = defaults_of(registry.kind("growth", "coral"))
    plan = WorldPlan(
        (2.0, 2.5, 2.0), (16, 20, 16), (1.5, 2.0, 1.5), 2, (GrowthPlan("coral", coral),), max_speed=2.5
    )
    values = {f"{part}.{n}": v for part, kind in PARTS.items() for n, v in defaults_of(kind).items()}
    values |= {f"coral.{n}": v for n, v in coral.items()} | {"community.beat": 2.0}
    values |= {"weather.surge": 1.0, "metabolism.capacity": 0.5, "metabolism.waste": 0.3}
    steering = Steering(values, (), {("a", "b"): 0.5})

    def made() -> World:
        world = World(plan, RING, 3)
        (_, _, life), tissue = world.growths[0], world.tissue
        grow = life.step

        def hungry(k: int, p: dict[str, float], shared: object) -> None:
            grow(k, p, tissue)
            tissue.devoured += 0.01 * tissue.waste
            tissue.returned += 0.004 * tissue.waste

        life.step = hungry  # type: ignore[method-assign]
        return world

    one, other = made(), made()
    for k in range(12):
        before = sum(one.metabolism.books()["devoured"].values())
        one.step(k, steering)
        ate = sum(one.metabolism.books()["devoured"].values()) - before
        assert ate == int(0.01 * one.tissue.waste * KG) > 0
        assert one.metabolism.missing() == one.ground.missing() == 0
    assert one.metabolism.books()["returned"] > 0
    assert one.vitals.spilt == one.ground.lies / KG > 0
    assert one.vitals.recovered > 0
    other.restore(one.state())
    assert other.digest() == one.digest()
    for k in range(12, 18):
        for world in (one, other):
            world.step(k, steering)
        assert other.digest() == one.digest()
    assert other.ground.film.tobytes() == one.ground.film.tobytes()
    assert {p.name for p in one.forms(18).points} >= {"pods", "film"}
    one.close()
    other.close()
