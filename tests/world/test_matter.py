"""Matter: how fast each material goes, that its books balance, and that it lies where it should."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import get_args

import numpy as np
import pytest

from bioart.clock import RATE
from bioart.forms import Grid
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.steering import Material, Placement
from bioart.world.growth import Tissue, _rot
from bioart.world.growth.matter import (
    COMPOST,
    EVERY,
    HEAVIEST,
    LIVING,
    LOOK,
    LOOSE,
    MATERIALS,
    MG,
    RISE,
    SLOTS,
    STREW,
    YEAR,
    Matter,
    gone,
    warmer,
    wetter,
)  # fmt: skip

GRID = Grid((40, 48, 40), (0.0, 0.0, 0.0), 4.0 / 96.0)


@pytest.fixture
def yard():  # type: ignore[no-untyped-def]
    compute.start("cpu", 2)
    memory = Memory()
    tissue = Tissue(memory, GRID)
    yield Matter(memory, tissue, 3), tissue
    memory.close()


def give(matter: Matter, material: str, kg: float, at: tuple[float, float, float] = (0.5, 0.02, 0.5)) -> None:
    matter.place(0, Placement("matter", at, kg, (1.0, 1.0, 1.0), "0" * 12, material))  # type: ignore[arg-type]


def run(matter: Matter, tissue: Tissue, steps: int, **values: float) -> float:
    """kg of compost that it gave back in so many steps."""
    given = 0.0
    for k in range(steps):
        tissue.settle()
        matter.step(k, {**defaults_of(Matter), **values}, tissue)
        given += tissue.returned
    return given


def test_every_material_of_an_offering_is_known() -> None:
    assert get_args(Material) == MATERIALS


@pytest.mark.parametrize("material", MATERIALS)
def test_it_goes_as_the_exponential_says(yard, tell, material):  # type: ignore[no-untyped-def]
    """m = m₀·e^(−kt): 30 s, at a pace at which k·t is 0.75, then the 1/e time from what is left."""
    matter, tissue = yard
    give(matter, material, 2.0)
    years = 30.0 / YEAR  # at a day a second
    run(matter, tissue, 30 * RATE, pace=1.0, moisture=1.0, **{material: defaults_of(Matter)[material]})
    slow = matter.lying()[material] / (2.0 * MG)
    expected = math.exp(-defaults_of(Matter)[material] * years)
    assert slow == pytest.approx(expected, rel=2e-3, abs=2e-6)
    left = matter.lying()[material]
    fast = min(0.75 / years / 20.0, {"glass": 1.0, "plastic": 1.0, "metal": 2.0}.get(material, 20.0))
    run(matter, tissue, 30 * RATE, pace=20.0, moisture=1.0, **{material: fast})
    lasts = -20.0 * years / math.log(matter.lying()[material] / left)
    tell(
        f"{material}: {slow:.6f} of it left after a month, exact {expected:.6f}; at {fast:.3g}/yr it lasts "
        f"{lasts:.4f} yr, exact {1 / fast:.4f}"
    )
    assert lasts == pytest.approx(1.0 / fast, rel=2e-3)
    assert matter.missing() == 0


def test_what_a_visitor_sees_go_and_what_stays(yard, tell):  # type: ignore[no-untyped-def]
    """At the defaults: a kitchen's leavings in under a minute, glass and plastic not at all."""
    matter, tissue = yard
    for material in MATERIALS:
        give(matter, material, 1.0)
    run(matter, tissue, 60 * RATE)
    left = {material: mg / MG for material, mg in matter.lying().items()}
    tell(", ".join(f"{material} {share:.4f}" for material, share in left.items()) + " left after a minute")
    assert left["organic"] < 0.05
    assert 0.6 < left["paper"] < 0.8
    assert left["textile"] > 0.85
    assert min(left["glass"], left["plastic"]) > 0.999


@pytest.mark.parametrize("celsius", [-5.0, 0.0, 13.7, 20.0, 31.4, 45.0])
def test_ten_degrees_more_are_twice_as_fast(celsius: float) -> None:
    assert warmer(celsius) == pytest.approx(2.0 ** ((celsius - 20.0) / 10.0), rel=1e-8)


def test_moisture_slows_as_in_rothc() -> None:
    """b = 0.2 + 0.8·(max − deficit)/(max − 0.444 max), 1 below 0.444 of the greatest deficit."""
    for deficit in (0.0, 0.3, 0.444, 0.6, 0.9, 1.0):
        b = 1.0 if deficit < 0.444 else 0.2 + 0.8 * (1.0 - deficit) / (1.0 - 0.444)
        assert wetter(1.0 - deficit) == pytest.approx(b, abs=1e-9)


def test_what_goes_in_a_run_is_the_exponential() -> None:
    for x in (0.0, 1e-6, 1e-3, 0.1, 0.5, 1.0):
        assert gone(x) == pytest.approx(1.0 - math.exp(-x), abs=3e-4 if x > 0.5 else 1e-5)


def test_compost_is_rothcs_share() -> None:
    x = 1.67 * (1.85 + 1.60 * math.exp(-0.0786 * 23.4))
    assert pytest.approx(1.0 / (x + 1.0), abs=1e-4) == COMPOST


def test_the_books_balance_to_the_milligram(yard, tell):  # type: ignore[no-untyped-def]
    """Laid = lying + breathed out + compost + dust; what is given back is the compost, in kg."""
    matter, tissue = yard
    chance = np.random.default_rng(3)
    given = 0.0
    for n in range(3 * SLOTS):
        give(matter, MATERIALS[n % 6], float(chance.uniform(0.01, 0.5)), tuple(chance.random(3)))
        given += run(matter, tissue, 9, pace=10.0)
        assert matter.missing() == 0
    books = matter.state()["books"].to_numpy()
    tell(f"{books[4]} mg laid, {sum(matter.lying().values())} lie, {books[0]} gone, {books[1]} of it compost")
    assert given == pytest.approx(books[1] / MG, abs=1e-9)
    assert 0 < books[1] < COMPOST * books[0] * 1.001


def test_compost_of_organic_matter_is_its_share_and_of_glass_none(yard):  # type: ignore[no-untyped-def]
    matter, tissue = yard
    give(matter, "organic", 2.0)
    given = run(matter, tissue, 30 * RATE)
    assert given == pytest.approx(COMPOST * (2.0 - matter.lying()["organic"] / MG), rel=1e-3)
    give(matter, "glass", 2.0)
    run(matter, tissue, 200 * RATE, glass=1.0, pace=30.0)
    before = int(matter.state()["books"].to_numpy()[1])
    run(matter, tissue, 10 * RATE, glass=1.0, pace=30.0)
    assert matter.lying()["glass"] < 2.0 * MG
    assert int(matter.state()["books"].to_numpy()[1]) == before


def test_what_others_let_fall_rots_and_balances_to_the_grain(yard, tell):  # type: ignore[no-untyped-def]
    """Grains that fell = grains that lie + grains gone, exactly; they go as wood does."""
    matter, tissue = yard
    chance = np.random.default_rng(4)
    fallen = np.zeros(GRID.shape, np.float32)
    fallen[10:20, 0:4, 10:20] = chance.random((10, 4, 10)).astype(np.float32)
    laid = int((fallen * _rot.GRAIN).astype(np.int64).sum())
    tissue["matter"].from_numpy(fallen)
    given = run(matter, tissue, 12 * EVERY * LOOK, pace=30.0)
    books = matter.state()["books"].to_numpy()
    lying = int((tissue["matter"].to_numpy().astype(np.float64) * _rot.GRAIN).sum())
    assert lying == int(books[3])
    assert lying + int(books[2]) == laid
    years = 30.0 / YEAR * 12 * EVERY * LOOK / RATE
    exact = math.exp(-0.3 * years)
    tell(f"{laid} grains fell, {lying} lie, {books[2]} gone; {lying / laid:.5f} left, exact {exact:.5f}")
    assert lying / laid == pytest.approx(exact, rel=1e-3)
    full = LOOSE * GRID.cell**3
    assert given == pytest.approx(COMPOST * int(books[2]) / _rot.GRAIN * full, rel=1e-9)


def test_a_lump_beside_what_fell_takes_nothing_from_it(yard):  # type: ignore[no-untyped-def]
    """Lumps swell up and go through what lies there: the books still balance."""
    matter, tissue = yard
    fallen = np.full(GRID.shape, 0.25, np.float32)
    tissue["matter"].from_numpy(fallen)
    laid = int(fallen.size * 0.25 * _rot.GRAIN)
    give(matter, "organic", 1.0)
    run(matter, tissue, 240)
    books = matter.state()["books"].to_numpy()
    assert int(books[2]) + int(books[3]) == laid
    assert tissue["matter"].to_numpy().max() <= 1.0


def test_a_lump_swells_up_shrinks_and_is_gone(yard, tell):  # type: ignore[no-untyped-def]
    matter, tissue = yard
    give(matter, "organic", 1.0)
    cells = []
    for _ in range(16):
        run(matter, tissue, 10)
        cells.append(float(tissue.solid.to_numpy().sum()))
    assert cells[0] < cells[1] < cells[2]  # a second long
    assert RISE == RATE
    assert all(a > b for a, b in pairwise(cells[5:]) if a != b)
    volume = 1.0 / LOOSE / GRID.cell**3
    tell(f"1 kg fills {max(cells):.0f} cells of {volume:.0f}")
    assert max(cells) == pytest.approx(volume, rel=0.25)  # it has sunk in by a little, and its edge is soft
    run(matter, tissue, 60 * RATE, pace=30.0)
    assert sum(matter.lying().values()) == 0
    assert tissue.solid.to_numpy().max() == 0.0
    assert tissue["matter"].to_numpy().max() == 0.0


def test_it_lies_on_the_ground_on_the_body_and_on_what_lies_there(yard):  # type: ignore[no-untyped-def]
    matter, tissue = yard
    other = object()
    tissue.divide([other, matter])
    shelf = np.zeros(GRID.shape, np.float32)
    shelf[20:, 18:22, :] = 1.0
    tissue.part(other).from_numpy(shelf)
    tissue.unite()
    give(matter, "glass", 0.3, (0.25, 0.9, 0.5))  # falls to the ground
    give(matter, "glass", 0.3, (0.75, 0.9, 0.5))  # falls on the shelf
    give(matter, "glass", 0.3, (0.75, 0.42, 0.5))  # within it: comes up
    give(matter, "glass", 0.3, (0.75, 0.1, 0.5))  # under it: stays there
    ground = matter.state()["places"].to_numpy().reshape(-1, 3)[:4, 1]
    assert ground.tolist() == [-0.5, 21.5, 21.5, -0.5]
    run(matter, tissue, 2 * RATE)
    tissue.unite()
    give(matter, "glass", 0.3, (0.75, 0.9, 0.5))  # on the two that lie there
    assert matter.state()["places"].to_numpy()[13] > 23.0
    assert (tissue.part(other).to_numpy() == shelf).all()


def test_there_is_never_too_much_and_the_oldest_give_way(yard):  # type: ignore[no-untyped-def]
    matter, tissue = yard
    for n in range(SLOTS + 20):
        give(
            matter,
            "glass",
            100.0 if n == 0 else 0.1,
            (0.1 + 0.8 * (n % 9) / 8, 0.02, 0.1 + 0.8 * (n % 7) / 6),
        )
    state = matter.state()
    numbers = state["number"].to_numpy()
    assert sorted(numbers) == list(range(21, SLOTS + 21))
    run(matter, tissue, 6 * RATE)
    there = numbers[state["mass"].to_numpy() > 0]
    assert len(there) < SLOTS
    assert sorted(there)[-LIVING:] == list(range(SLOTS + 21 - LIVING, SLOTS + 21))
    assert matter.missing() == 0
    assert int(state["books"].to_numpy()[4]) == int(HEAVIEST * MG) + (SLOTS + 19) * 100_000


def test_what_is_no_matter_is_let_be(yard):  # type: ignore[no-untyped-def]
    matter, tissue = yard
    matter.place(0, Placement("seed", (0.5, 0.5, 0.5), 1.0, (1.0, 1.0, 1.0), "0" * 12))
    matter.place(0, Placement("matter", (0.5, 0.5, 0.5), 0.0, (1.0, 1.0, 1.0), "0" * 12, "glass"))
    run(matter, tissue, 12)
    assert tissue.solid.to_numpy().max() == 0.0


def test_fungi_come_up_as_a_thing_is_eaten_and_go_with_it(yard):  # type: ignore[no-untyped-def]
    """Fresh it is dark and low; half eaten it stands taller and shines; in the end nothing is left."""
    matter, tissue = yard
    give(matter, "organic", 0.5)
    run(matter, tissue, 2 * RATE, fruiting=1.0, pace=0.0)
    fresh = tissue.solid.to_numpy() > 0.5
    assert tissue["matter"].to_numpy().max() < 0.2
    run(matter, tissue, 12 * RATE, fruiting=1.0, pace=3.0)
    assert 0.2 < matter.lying()["organic"] / (0.5 * MG) < 0.6
    ripe = tissue.solid.to_numpy() > 0.5
    assert np.flatnonzero(ripe.any(axis=(0, 2)))[-1] > np.flatnonzero(fresh.any(axis=(0, 2)))[-1] + 3
    assert tissue["matter"].to_numpy().max() > 0.6
    run(matter, tissue, 60 * RATE, fruiting=1.0, pace=30.0)
    assert tissue.solid.to_numpy().max() == 0.0
    assert matter.missing() == 0


def test_nothing_fruits_on_glass(yard):  # type: ignore[no-untyped-def]
    matter, tissue = yard
    give(matter, "glass", 0.5)
    run(matter, tissue, 2 * RATE, fruiting=1.0, pace=0.0)
    before = (tissue.solid.to_numpy() > 0.5).sum()
    run(matter, tissue, 100, fruiting=1.0, glass=1.0, pace=30.0)
    assert (tissue.solid.to_numpy() > 0.5).sum() < before


def test_the_street_leaves_things_where_few_lie(yard):  # type: ignore[no-untyped-def]
    matter, tissue = yard
    run(matter, tissue, 1, strewn=5.0)
    assert (matter.state()["mass"].to_numpy() > 0).sum() == 5
    run(matter, tissue, STREW, strewn=7.0)
    assert (matter.state()["mass"].to_numpy() > 0).sum() == 6
    assert matter.missing() == 0
