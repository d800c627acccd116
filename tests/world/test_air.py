"""The air against exact solutions: drag, viscosity, transport, conservation, and the bound on its speed."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import pytest

from bioart.errors import BioartError
from bioart.forms import Grid
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.world.air import Air
from bioart.world.sides import STREET

STILL = {"viscosity": 0.0, "diffusion": 0.0, "confinement": 0.0}


@pytest.fixture
def memory() -> Iterator[Memory]:
    held = Memory()
    yield held
    held.close()


def box(shape: tuple[int, int, int], cell: float) -> Grid:
    return Grid(shape, (0.0, 0.0, 0.0), cell)


def middles(n: int, cell: float) -> np.ndarray:
    return (np.arange(n) + 0.5) * cell


def stirred(air: Air, steps: int, wind: float, inflow: float, seed: int = 1) -> None:
    """Steps under pushes that change: a flow with eddies everywhere."""
    chance = np.random.default_rng(seed)
    p = defaults_of(Air)
    for _ in range(steps):
        for force in ("force_x", "force_y", "force_z"):
            air.lay(force, chance.normal(0.0, 0.6, air.grid.shape))
        air.step(p, wind, inflow)


def with_sources(air: Air, draw: float) -> None:
    """One cell that takes, one that gives."""
    source = np.zeros(air.grid.shape, np.float32)
    source[6, 4, 4], source[11, 8, 3] = -1.0, 1.0
    air.give(source / air.grid.cell**3)
    air.draw = draw


def test_velocity_has_no_divergence_but_the_sources(memory: Memory) -> None:
    air = Air(memory, box((24, 12, 8), 0.125), sides=STREET)
    with_sources(air, 0.01)
    stirred(air, 20, 0.4, 500.0)
    assert air.speed > 0.5
    assert np.abs(air.divergence()).max() * air.grid.cell / air.speed < 1e-5
    u = air.faces()[0]
    assert np.allclose(u[0], 0.4)
    assert u[-1].min() > 0.0
    assert u[-1].mean() == pytest.approx(0.4, rel=1e-5)


def test_ledger_closes_to_the_last_quantum(memory: Memory) -> None:
    air = Air(memory, box((24, 12, 8), 0.125), sides=STREET)
    with_sources(air, 0.01)
    air.intake.fill(0.7)
    air.filter.fill(0.05)
    air.returned = 100.0
    stirred(air, 60, 0.5, 900.0)
    rows = air.ledger()
    assert min(v for n, v in rows.items() if n != "released") > 0
    gone = rows["outflow"] + rows["filtered"] + rows["taken"] - rows["given"]
    assert rows["emitted"] + rows["released"] == gone + rows["airborne"]
    assert air.cargo["smog"].values().min() >= 0.0
    # what came in is inflow times the wind's own volume
    volume = 60 * air.dt * 0.5 * 12 * 8 * air.grid.cell**2
    assert rows["emitted"] * air.quantum == pytest.approx(900.0 * volume, rel=1e-5)


def test_constant_smog_stays_constant(memory: Memory) -> None:
    air = Air(memory, box((24, 12, 8), 0.125), sides=STREET)
    with_sources(air, 0.01)
    air.fill(900.0)
    air.returned = 900.0
    stirred(air, 60, 0.5, 900.0)
    assert np.abs(air.cargo["smog"].values() - 900.0).max() < 0.02


@pytest.mark.parametrize("strength", [0.1, 1.0, 10.0, 100.0])
def test_two_porous_layers_share_the_flow_as_darcy_says(memory: Memory, strength: float) -> None:
    """Side by side, each under the same pressure: u₁σ₁ = u₂σ₂ and Δp = σuL, whatever Δt·σ."""
    air = Air(memory, box((48, 8, 4), 0.125), sides=STREET)
    sigma = strength / air.dt
    drag = np.full(air.grid.shape, sigma / 4.0, np.float32)
    drag[:, :4] = sigma
    air.lay("drag", drag)
    for _ in range(int(300 + 9 * strength)):
        air.move(STILL, 0.1)
    u = air.faces()[0][24]
    assert u[:4].mean() == pytest.approx(0.04, rel=0.01)
    assert u[4:].mean() == pytest.approx(0.16, rel=0.01)
    p = air.seen("pressure")
    fall = (p[18] - p[30]).mean() / (12 * air.grid.cell)
    assert fall == pytest.approx(sigma * 0.04, rel=0.01)


def test_forchheimer_drag_falls_with_the_square_of_speed(memory: Memory) -> None:
    air = Air(memory, box((48, 8, 4), 0.125), sides=STREET)
    air.lay("friction", 20.0)
    for _ in range(150):
        air.move(STILL, 0.3)
    p = air.seen("pressure")
    assert (p[18] - p[30]).mean() / (12 * air.grid.cell) == pytest.approx(20.0 * 0.3**2, rel=0.01)


def test_taylor_green_energy_falls_at_four_nu(memory: Memory) -> None:
    """One quarter of the periodic vortex, in a box whose sides do not brake."""
    n = 48
    cell = math.pi / n
    air = Air(memory, box((n, n, 4), cell), dt=0.02, max_speed=2.0)
    face, middle = np.arange(n + 1) * cell, middles(n, cell)
    u = (np.sin(face)[:, None] * np.cos(middle)[None, :])[..., None].repeat(4, 2)
    v = (-np.cos(middle)[:, None] * np.sin(face)[None, :])[..., None].repeat(4, 2)
    air.blow(u, v, 0.0)
    p = STILL | {"viscosity": 0.02}

    def energy() -> float:
        return float(sum((f.astype(np.float64) ** 2).sum() for f in air.faces()))

    for _ in range(25):
        air.move(p)
    first = energy()
    steps = 100
    for _ in range(steps):
        air.move(p)
    rate = math.log(energy() / first) / (steps * air.dt)
    assert rate == pytest.approx(-4.0 * 0.02, rel=0.01)


def puff(memory: Memory, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A puff that drifts along a diagonal and spreads, found and wanted, and the places of the cells, m."""
    length, d, t0, seconds, wind = 1.5, 0.005, 1.2, 2.0, 0.1
    cell = length / n
    air = Air(memory, box((n, n, n), cell), dt=4.0 / n, max_speed=0.2)
    air.blow(wind, wind, wind)
    at = middles(n, cell)

    def exact(t: float) -> np.ndarray:
        near = [(at - 0.6 - wind * t) ** 2 / (4.0 * d * (t0 + t)) for _ in range(3)]
        r = near[0][:, None, None] + near[1][:, None] + near[2]
        return 1000.0 * (t0 / (t0 + t)) ** 1.5 * np.exp(-r)

    air.fill(exact(0.0))
    steps = round(seconds / air.dt)
    for _ in range(steps):
        air.carry(STILL | {"diffusion": d})
    memory.close()
    return air.cargo["smog"].values().astype(np.float64), exact(steps * air.dt), at


def error(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.sqrt(((found - wanted) ** 2).sum() / (wanted**2).sum()))


def test_puff_drifts_and_spreads_as_the_gaussian_does(memory: Memory) -> None:
    found, wanted, at = puff(memory, 24)
    assert error(found, wanted) < 0.08
    for axis in range(3):
        line = found.sum(tuple(a for a in range(3) if a != axis))
        middle = (line * at).sum() / line.sum()
        assert middle == pytest.approx(0.6 + 0.1 * 2.0, abs=0.01)
        assert (line * (at - middle) ** 2).sum() / line.sum() == pytest.approx(2 * 0.005 * 3.2, rel=0.04)


@pytest.mark.prove
def test_puff_converges(memory: Memory) -> None:
    errors = [error(*puff(memory, n)[:2]) for n in (24, 48)]
    # second order, but for the peak, where the limiter is of first
    assert math.log2(errors[0] / errors[1]) > 1.5


def test_turning_disk_keeps_its_mass_and_range(memory: Memory) -> None:
    n = 48
    air = Air(memory, box((n, n, 4), 1.0 / n), dt=0.01, max_speed=3.0)
    at = middles(n, 1.0 / n)
    u = np.zeros((n + 1, n, 4), np.float32)
    v = np.zeros((n, n + 1, 4), np.float32)
    turn = 2.0 * math.pi
    corner = (np.arange(n + 1) / n - 0.5) ** 2
    stream = np.minimum(corner[:, None] + corner[None, :], 0.23)  # turns inside, still at the sides
    u[...] = (-0.5 * turn * np.diff(stream, axis=1) * n)[..., None]
    v[...] = (0.5 * turn * np.diff(stream, axis=0) * n)[..., None]
    air.blow(u, v, 0.0)
    disk = ((at[:, None] - 0.5) ** 2 + (at[None, :] - 0.72) ** 2 < 0.15**2).astype(np.float32) * 900.0
    start = np.repeat(disk[..., None], 4, 2)
    air.fill(start)
    before = air.ledger()["airborne"]
    for _ in range(100):
        air.carry(STILL)
    found = air.cargo["smog"].values()
    assert air.ledger()["airborne"] == before
    assert found.min() >= 0.0
    assert found.max() < 900.0 * 1.05
    assert np.abs(found - start).sum() / start.sum() < 0.5
    # it came round: its middle is where it began
    assert (found.sum(2) * at[None, :]).sum() / found.sum() == pytest.approx(0.72, abs=0.01)
    assert (found.sum(2) * at[:, None]).sum() / found.sum() == pytest.approx(0.5, abs=0.01)


def test_filter_lets_through_what_theory_says(memory: Memory) -> None:
    """A slab of L metres: C_out/C_in = e^(−λL)."""
    air = Air(memory, box((48, 8, 4), 0.125), sides=STREET)
    bed = np.zeros(air.grid.shape, np.float32)
    bed[16:32] = 0.6
    air.filter.from_numpy(bed)
    for _ in range(260):
        air.step(STILL, 0.5, 800.0)
    smog = air.cargo["smog"].values()
    assert smog[12].mean() == pytest.approx(800.0, rel=1e-3)
    assert smog[40].mean() / 800.0 == pytest.approx(math.exp(-0.6 * 2.0), rel=0.01)


def test_air_faster_than_its_bound_is_slowed_as_a_whole(memory: Memory) -> None:
    air = Air(memory, box((24, 12, 8), 0.125), max_speed=0.5, sides=STREET)
    with_sources(air, 0.01)
    air.step(STILL, 0.8, 900.0)
    assert air.slowed == 1
    assert air.scaled < 0.7
    assert air.speed == pytest.approx(0.5)
    assert max(float(np.abs(f).max()) for f in air.faces()) <= 0.5 + 1e-6
    assert np.abs(air.divergence()).max() * air.grid.cell / air.speed < 1e-5
    air.step(STILL, 0.2, 900.0)
    assert air.slowed == 1


def test_confinement_keeps_eddies_spinning(memory: Memory) -> None:
    left = []
    for strength in (0.0, 0.4):
        air = Air(memory, box((24, 12, 8), 0.125), sides=STREET)
        stirred(air, 3, 0.0, 0.0)
        for force in ("force_x", "force_y", "force_z"):
            air.lay(force, 0.0)
        for _ in range(20):
            air.move(STILL | {"confinement": strength})
            for force in ("force_x", "force_y", "force_z"):
                air.lay(force, 0.0)
        left.append(sum(float((f**2).sum()) for f in air.faces()))
        memory.close()
    assert left[1] > 1.2 * left[0] > 0.0


def test_channels_are_fresh_and_centred(memory: Memory) -> None:
    air = Air(memory, box((24, 12, 8), 0.125), sides=STREET)
    air.fill(450.0)
    air.step(STILL, 0.4, 450.0)
    found = {c.name: c for c in air.channels()}
    assert set(found) == {"smog", "velocity_x", "velocity_y", "velocity_z"}
    assert all(c.values.shape == (24, 12, 8) and c.values.dtype == np.float32 for c in found.values())
    assert np.allclose(found["smog"].values / found["smog"].full, 0.5, atol=1e-4)
    assert np.allclose(found["velocity_x"].values, 0.4, atol=1e-5)
    for field, name in zip(air.middles(), ("velocity_x", "velocity_y", "velocity_z"), strict=True):
        assert np.array_equal(field.to_numpy(), found[name].values)
    found["smog"].values[:] = 0.0
    assert air.channels()[0].values.min() > 400.0


@pytest.mark.parametrize("values", [float("nan"), -1.0, 1e6])
def test_smog_out_of_range_is_refused(memory: Memory, values: float) -> None:
    air = Air(memory, box((24, 12, 8), 0.125), sides=STREET)
    with pytest.raises(BioartError, match="0 to 20000"):
        air.fill(values)


@pytest.mark.parametrize(("shape", "dt"), [((3, 8, 8), 0.1), ((8, 8, 8), 0.0)])
def test_air_that_cannot_be_is_refused(memory: Memory, shape: tuple[int, int, int], dt: float) -> None:
    with pytest.raises(BioartError, match="allowed"):
        Air(memory, box(shape, 0.125), dt=dt)
