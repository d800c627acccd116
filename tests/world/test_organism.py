"""The organism: its front keeps its law, what it eats it becomes, hungry it withdraws and does not die."""

from __future__ import annotations

import numpy as np
import pytest

from bioart.clock import RATE
from bioart.forms import Grid
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.steering import Placement
from bioart.world.growth import Tissue, _flesh
from bioart.world.growth.organism import EVERY, KERNEL, Organism

CELL = 4.0 / 96.0
GRID = Grid((40, 48, 40), (0.0, 0.0, 0.0), CELL)
EVEN = {"lobes": 0.0, "rise": 0.0, "wander": 0.0, "size": 30.0, "made": 0.0}


class Tank:
    def __init__(self, grid: Grid = GRID, seed: int = 3, plant: bool = True) -> None:
        compute.start("cpu", 2)
        self.memory, self.grid, self.k = Memory(), grid, 0
        self.tissue = Tissue(self.memory, grid)
        self.life = Organism(self.memory, self.tissue, seed)
        if plant:
            self.life.plant(self.tissue)
        self.eaten = self.returned = 0.0

    def run(self, steps: int, waste: float = 50.0, **values: float) -> Tank:
        for _ in range(steps):
            self.tissue.settle()
            self.tissue.waste = waste
            self.life.step(self.k, {**defaults_of(Organism), **values}, self.tissue)
            assert 0.0 <= self.tissue.devoured <= waste
            self.eaten += self.tissue.devoured
            self.returned += self.tissue.returned
            self.k += 1
        return self

    @property
    def flesh(self) -> np.ndarray:  # type: ignore[type-arg]
        return self.life.state()["flesh"].to_numpy()

    @property
    def solid(self) -> np.ndarray:  # type: ignore[type-arg]
        return self.tissue.solid.to_numpy()

    def lay(self, u: np.ndarray) -> None:  # type: ignore[type-arg]
        """This flesh, and well fed."""
        state = self.life.state()
        whole = np.rint(u * _flesh.UNIT)
        state["flesh"].from_numpy((whole / _flesh.UNIT).astype(np.float32))
        state["bounds"].from_numpy(
            np.array([1, u.shape[0] - 1, 0, u.shape[1] - 1, 1, u.shape[2] - 1] + [0, 0] * 3, np.int32)
        )
        state["sums"][3] = int(whole.sum())
        state["fed"][0] = 1.0


@pytest.fixture
def tank():  # type: ignore[no-untyped-def]
    made: list[Tank] = []

    def make(*args, **named) -> Tank:  # type: ignore[no-untyped-def]
        made.append(Tank(*args, **named))
        return made[-1]

    yield make
    for one in made:
        one.memory.close()


def crossing(row: np.ndarray) -> float:  # type: ignore[type-arg]
    """Where a falling row passes one half, in cells."""
    n = int(np.nonzero(row >= 0.5)[0].max())
    return n + float((row[n] - 0.5) / (row[n] - row[n + 1]))


def slab(grid: Grid, width: float, at: float = 18.0) -> np.ndarray:  # type: ignore[type-arg]
    x = np.arange(float(grid.shape[0]))[:, None, None] - at
    return np.broadcast_to(0.5 - 0.5 * np.tanh(x / (2.0 * width)), grid.shape)


@pytest.mark.parametrize("pace", [0.03, 0.06, 0.09, 0.18])
def test_in_plenty_its_front_runs_at_its_pace(tank, tell, pace):  # type: ignore[no-untyped-def]
    """Nagumo's exact speed m √(2 r D), for the D and r that stand for this pace on this grid."""
    grid = Grid((72, 34, 34), (0.0, 0.0, 0.0), CELL)
    t = tank(grid, plant=False)
    t.lay(slab(grid, _flesh.WIDTH))
    p = {**EVEN, "pace": pace}
    t.run(20, 1e9, **p)
    before, runs = crossing(t.flesh[:, 17, 17]), 60 if pace < 0.1 else 36  # far from the wall
    t.run(runs * EVERY, 1e9, **p)
    got = (crossing(t.flesh[:, 17, 17]) - before) / (runs * EVERY) * RATE * CELL
    tell(f"pace {pace:.2f} m/s: {got:.4f} m/s")
    assert got == pytest.approx(pace, rel=0.03 if pace < 0.1 else 0.06)  # steps of two advances are coarse


def test_a_ball_runs_slower_by_its_curvature(tank, tell):  # type: ignore[no-untyped-def]
    """dR/dt = c − 2 D / R."""
    grid = Grid((58, 58, 58), (0.0, 0.0, 0.0), CELL)
    t = tank(grid, plant=False)
    x, y, z = np.indices(grid.shape) - 28.5
    t.lay(0.5 - 0.5 * np.tanh((np.sqrt(x * x + y * y + z * z) - 6.0) / (2.0 * _flesh.WIDTH)))
    p = {**EVEN, "pace": 0.06}
    D, r = t.life.law({**defaults_of(Organism), **p})
    c = _flesh.STEEP * np.sqrt(2.0 * r * D)

    def radius() -> float:
        return float((3.0 / (4.0 * np.pi) * (t.flesh > 0.5).sum()) ** (1.0 / 3.0))

    t.run(20, 1e9, **p)
    start = expected = radius()
    runs = 70
    t.run(runs * EVERY, 1e9, **p)
    for _ in range(runs):
        expected += c - 2.0 * D / expected
    tell(f"from {start:.2f} to {radius():.2f} cells, by the law {expected:.2f}, flat {start + runs * c:.2f}")
    assert radius() - start == pytest.approx(expected - start, rel=0.06)


def test_what_it_eats_it_becomes_and_what_withdraws_is_compost(tank, tell):  # type: ignore[no-untyped-def]
    t = tank()
    sown = t.life.volume()
    for waste in (50.0, 0.0, 0.0002, 5.0, 0.0, 50.0):
        t.run(70, waste, cost=3.0, half=0.02, pace=0.09)
    assert t.eaten > 0.0
    assert t.returned > 0.0
    whole = np.rint(t.flesh.astype(np.float64) * _flesh.UNIT)
    assert int(whole.sum()) == int(t.life.state()["sums"][3])
    assert np.array_equal((whole / _flesh.UNIT).astype(np.float32), t.flesh)
    grown = 3.0 * (t.life.volume() - sown)
    tell(f"eaten {t.eaten:.6f} − returned {t.returned:.6f} kg; cost × grown {grown:.6f} kg")
    assert t.eaten - t.returned == pytest.approx(grown, rel=1e-9)


def test_where_there_is_little_it_takes_no_more_than_there_is(tank):  # type: ignore[no-untyped-def]
    t = tank().run(60)
    plenty = tank().run(60)
    little = 1e-5
    had = t.eaten
    t.run(40, little, half=0.02)
    plenty.run(40, 50.0)
    assert 0.0 < t.eaten - had <= 20 * little
    assert plenty.eaten - had > 50 * (t.eaten - had)


def test_without_waste_it_ends_and_without_waste_it_never_dies(tank, tell):  # type: ignore[no-untyped-def]
    t = tank().run(300, pace=0.09)
    full, eaten = t.life.volume(), t.eaten
    last = full
    for _ in range(30):
        t.run(40, 0.0, pace=0.09, starving=0.5)
        assert t.life.volume() <= last
        last = t.life.volume()
    assert t.eaten == eaten
    kernel = 0.5 * 4.0 / 3.0 * np.pi * KERNEL**3 * CELL**3
    tell(f"{full:.3f} m³ in plenty, {last:.4f} m³ after 40 s of hunger, half a kernel is {kernel:.4f} m³")
    assert kernel < last < 0.4 * full
    assert (t.solid > 0.5).any()
    t.run(400, 50.0, pace=0.09)
    assert t.life.volume() > 1.3 * last


def test_hungry_it_withdraws_slowly(tank):  # type: ignore[no-untyped-def]
    t = tank().run(300)
    full = t.life.volume()
    t.run(300, 0.0)
    assert 0.7 * full < t.life.volume() < full


def test_hair_is_as_much_as_there_is_of_it(tank):  # type: ignore[no-untyped-def]
    t = tank().run(121, clean=2.5)
    assert np.array_equal(t.tissue["hairs"].to_numpy(), np.float32(2.5) * t.solid)
    assert t.tissue["hairs"].to_numpy().max() == 2.5


def test_it_is_two_materials_in_one(tank, tell):  # type: ignore[no-untyped-def]
    """Old flesh gives way to a frame of struts along the axes; the young stays flesh."""
    t = tank(Grid((64, 64, 64), (0.0, 0.0, 0.0), CELL)).run(700, ripening=6.0, pace=0.09, size=2.0)
    solid, made = t.solid, t.tissue["synthetic"].to_numpy()
    assert made.min() >= 0.0
    assert made.max() <= 1.0
    share = float((solid * made).sum() / solid.sum())
    tell(f"{share:.2f} of the body is made, of {t.life.volume():.2f} m³")
    assert 0.1 < share < 0.9
    # What is made lies along the axes through the knots, and nowhere else.
    away = [
        np.abs((np.arange(n) - first + _flesh.PITCH // 2) % _flesh.PITCH - _flesh.PITCH // 2)
        for n, first in zip(solid.shape, (32 % _flesh.PITCH, _flesh.LOW, 32 % _flesh.PITCH), strict=True)
    ]
    across = np.sort(np.stack(np.meshgrid(*away, indexing="ij")), axis=0)[1]
    struts = (solid > 0.5) & (made > 0.5)
    assert struts.sum() > 500
    assert across[struts].max() <= 2
    # flesh is as often beside them as cells are: two of three offsets within 1 of an axis is a strut's own
    flesh = (solid > 0.5) & (made < 0.01)
    assert (across[flesh] > 1).mean() > 0.8 * (across > 1).mean()


def test_the_skin_is_smooth_below_the_cell(tank, tell):  # type: ignore[no-untyped-def]
    solid = tank().run(500, ripening=5.0, pace=0.09, size=1.0).solid
    jumps = np.concatenate([np.abs(np.diff(solid, axis=axis)).ravel() for axis in range(3)])
    jumps = jumps[jumps > 0.05]
    most = np.percentile(jumps, 99.0)
    tell(f"from cell to cell: 99 of 100 below {most:.2f}, the greatest {jumps.max():.2f}")
    assert most < 0.65
    assert jumps.max() < 0.85


def test_it_lives_for_long_bounded_and_moving(tank, tell):  # type: ignore[no-untyped-def]
    t = tank().run(1000, size=0.5, ripening=8.0, pace=0.09)
    volumes = []
    for _ in range(10):
        before = t.solid
        t.run(100, size=0.5, ripening=8.0, pace=0.09)
        volumes.append(t.life.volume())
        assert np.abs(t.solid - before).max() > 0.05
    tell(f"volume over steps 1000 to 2000: {min(volumes):.3f} to {max(volumes):.3f} of 0.5 m³")
    assert max(volumes) <= 0.51
    assert min(volumes) > 0.05
    flesh = t.flesh
    for edge in (flesh[:2], flesh[-2:], flesh[:, -2:], flesh[:, :, :2], flesh[:, :, -2:]):
        assert edge.max() < 0.05
    assert (t.solid > 0.5).mean() < 0.4


def test_with_all_the_waste_there_is_it_never_fills_its_box(tank, tell):  # type: ignore[no-untyped-def]
    grid = Grid((32, 40, 32), (0.0, 0.0, 0.0), CELL)
    t = tank(grid).run(1500, 1e9, size=30.0, lobes=0.0, pace=0.09)
    flesh = t.flesh
    tell(f"{(flesh > 0.5).mean():.2f} of the box")
    assert (flesh > 0.5).mean() < 0.6
    for edge in (flesh[:2], flesh[-2:], flesh[:, -2:], flesh[:, :, :2], flesh[:, :, -2:]):
        assert edge.max() < 0.05


def test_a_seed_sinks_and_spreads_from_where_it_lies(tank):  # type: ignore[no-untyped-def]
    t = tank(plant=False)
    t.life.place(0, Placement("thread", (0.7, 0.5, 0.7), 1.0, (1.0, 1.0, 1.0), "0" * 12))
    t.run(4)
    assert t.life.volume() == 0.0
    for _ in range(20):  # more than wait
        t.life.place(0, Placement("seed", (0.7, 0.9, 0.7), 1.0, (1.0, 1.0, 1.0), "0" * 12))
    t.run(160)
    i, j, k = (float(a.mean()) for a in np.nonzero(t.flesh > 0.5))
    assert abs(i - 28) < 3.0
    assert abs(k - 28) < 3.0
    assert j < 8.0
    alone = t.life.volume()
    t.life.place(0, Placement("seed", (0.2, 0.9, 0.2), 1.0, (1.0, 1.0, 1.0), "0" * 12))
    t.run(2)
    assert t.life.volume() > 1.3 * alone


def test_first_seeds_make_it_broad(tank) -> None:  # type: ignore[no-untyped-def]
    wide_box = Grid((80, 40, 64), (0.0, 0.0, 0.0), CELL)
    grown = [tank(wide_box).run(130, seeds=n, made=0.0).solid for n in (1, 7)]
    wide = [np.ptp(np.nonzero(solid.max(axis=(1, 2)) > 0.5)[0]) for solid in grown]
    assert wide[1] > wide[0] + 6


def test_with_halves_one_side_opens_and_the_other_stays_flesh(tank) -> None:  # type: ignore[no-untyped-def]
    one = tank().run(300, halves=1.0, ripening=3.0, **{k: v for k, v in EVEN.items() if k != "made"})
    made, full = one.tissue["synthetic"].to_numpy() > 0.5, one.solid > 0.5
    low, high = slice(0, GRID.shape[0] // 3), slice(2 * GRID.shape[0] // 3, None)
    assert made[low].sum() > 20
    assert made[high].sum() < 0.1 * made[low].sum()
    assert full[high].sum() > 2 * full[low].sum()


def test_what_has_opened_leaves_no_film(tank) -> None:  # type: ignore[no-untyped-def]
    one = tank().run(150, **EVEN).run(500, waste=0.5, ripening=3.0, **{**EVEN, "made": 1.0, "size": 0.01})
    # about a strut an eighth of it stays, which no relief lifts to a skin
    film = one.solid[one.tissue["synthetic"].to_numpy() < 0.2]
    assert film.max() < 0.25
