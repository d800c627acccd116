"""The air against what others computed and solved: cavities, whirls, channels. Numbers are told at the
end."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from bioart.errors import BioartError
from bioart.forms import Grid
from bioart.gpu.compute import Memory
from bioart.world.air import Air
from bioart.world.cargo import MOST
from bioart.world.sides import OPEN, PERIODIC, SLIP, STREET, Sides, inflow, wall

sys.path.insert(0, str(Path(__file__).parent))
from cavities import beltrami, cavity, off_ghia, refined, run, whirls

Tell = Callable[[str], None]


@pytest.fixture
def memory() -> Iterator[Memory]:
    held = Memory()
    yield held
    held.close()


def test_a_cavity_at_re_100(memory: Memory, tell: Tell) -> None:
    air = cavity(memory, 32, 100.0, "central")
    worst = run(air, 10.0, 100.0)
    off = off_ghia(air, 100.0)
    tell(f"cavity Re 100, central 32²: RMS {off:.4f} of lid speed over Ghia's points, divergence {worst:.1e}")
    assert off < 0.02
    assert worst < 1e-5


@pytest.mark.prove
def test_ghias_cavity_at_re_100_and_1000(memory: Memory, tell: Tell) -> None:
    for re, sizes, times, most in (
        (100.0, (32, 64, 128), (12.0, 3.0, 2.0), 0.01),
        (1000.0, (64, 128, 256), (45.0, 12.0, 6.0), 0.02),
    ):
        air = None
        for n, seconds in zip(sizes, times, strict=True):
            finer = cavity(memory, n, re, "central")
            air = refined(air, finer) if air else finer
            worst = run(air, seconds, re)
            off = off_ghia(air, re)
            tell(f"cavity Re {re:g}, central {n}²: RMS {off:.4f}, divergence {worst:.1e}")
            assert worst < 1e-5
        assert off < most
        shown = cavity(memory, sizes[1], re, "maccormack")
        worst = run(shown, times[0], re)
        tell(
            f"cavity Re {re:g}, maccormack {sizes[1]}²: RMS {off_ghia(shown, re):.4f}, divergence {worst:.1e}"
        )
        assert worst < 1e-5


@pytest.mark.prove
def test_a_cubic_cavity_is_weaker_than_the_plane_and_even(memory: Memory, tell: Tell) -> None:
    """Walls at both ends brake: at Re 1000 the return flow in the middle plane of a cube is about −0.28 where
    the plane cavity has −0.388 (Albensoeder & Kuhlmann 2005, J. Comput. Phys. 206, 536–558)."""
    cube = cavity(memory, 32, 1000.0, "central", deep=32)
    run(cube, 30.0, 1000.0)
    fine = refined(cube, cavity(memory, 64, 1000.0, "central", deep=64))
    worst = run(fine, 8.0, 1000.0)
    w = fine.faces()[2]
    line = 0.5 * (w[31, :, 32] + w[32, :, 32])
    tell(f"cubic cavity Re 1000, central 64³: least u {line.min():.4f}, divergence {worst:.1e}")
    assert worst < 1e-5
    assert line.min() == pytest.approx(-0.28, abs=0.03)  # not quite steady yet, and coarse
    assert np.abs(w - w[::-1]).max() < 0.02  # even about the middle plane


def test_whirls_converge_with_the_second_order(memory: Memory, tell: Tell) -> None:
    errors = [whirls(memory, n, "central", 0.4, 0.02, 1.0) for n in (16, 32, 64)]
    orders = [math.log2(a / b) for (_, a), (_, b) in pairwise(errors)]
    tell(f"Taylor–Green, central 16², 32², 64²: errors {', '.join(f'{e:.2e}' for _, e in errors)}, orders "
         f"{', '.join(f'{o:.2f}' for o in orders)}")  # fmt: skip
    assert min(orders) >= 1.9
    for air, _ in errors:
        assert np.abs(air.divergence()).max() * air.grid.cell / air.speed < 1e-5


@pytest.mark.prove
def test_maccormack_thickens_the_air_by_so_much(memory: Memory, tell: Tell) -> None:
    """What whirls lose without viscosity is the scheme's own: ν = −½ d(ln E)/dt / (2k²), k = 1."""
    own = []
    for n in (32, 64):
        air, _ = whirls(memory, n, "maccormack", 0.4, 0.0, 2.0)
        energy = sum(float((f[:, :n, :n].astype(np.float64) ** 2).sum()) for f in air.faces()) / (n * n * 0.5)
        own.append(-math.log(energy) / (4.0 * 2.0))
    tell(f"maccormack's own viscosity, 2π over 32 and 64 cells: {own[0]:.1e}, {own[1]:.1e} of UL")
    assert 0.0 <= own[0] < 2e-3
    assert own[1] < 0.5 * own[0]


def test_beltramis_flow_in_three_dimensions(memory: Memory, tell: Tell) -> None:
    errors = [beltrami(memory, n, "central", 0.15, 0.1, 0.4) for n in (16, 32)]
    order = math.log2(errors[0][1] / errors[1][1])
    tell(f"ABC flow, central 16³, 32³: errors {errors[0][1]:.2e}, {errors[1][1]:.2e}, order {order:.2f}")
    assert order >= 1.9


@pytest.mark.prove
def test_beltramis_flow_at_128(memory: Memory, tell: Tell) -> None:
    """Second order up to 64³; at 128³ what is left is the round-off of single precision."""
    errors = [beltrami(memory, n, "central", 0.1, 0.1, 0.4) for n in (32, 64, 128)]
    orders = [math.log2(a / b) for (_, a), (_, b) in pairwise(errors)]
    tell(
        f"ABC flow, central 32³, 64³, 128³: errors {', '.join(f'{e:.1e}' for _, e in errors)}, "
        f"orders {', '.join(f'{o:.2f}' for o in orders)}"
    )
    assert orders[0] >= 1.9
    assert errors[-1][1] < 1.5e-5
    for air, _ in errors:
        assert np.abs(air.divergence()).max() * air.grid.cell / air.speed < 1e-5


@pytest.mark.parametrize("permeability", [0.02, 0.5])
def test_brinkmans_channel(memory: Memory, tell: Tell, permeability: float) -> None:
    """u = (GK/ν)(1 − cosh(y/√K)/cosh(H/√K)) between walls at ±H under a push of G m/s²."""
    n, half, nu, push = 32, 0.5, 0.01, 0.1
    air = Air(
        memory, Grid((1, n, 1), (0.0, 0.0, 0.0), 1.0 / n), 0.014, 40.0,
        Sides(PERIODIC, PERIODIC, wall(), wall(), PERIODIC, PERIODIC),
    )  # fmt: skip
    air.lay("drag", nu / permeability)
    air.lay("force_x", push)
    for _ in range(3500 if permeability > 0.1 else 900):
        air.move({"viscosity": nu})
    y = (np.arange(n) + 0.5) / n - half
    root = math.sqrt(permeability)
    wanted = push * permeability / nu * (1.0 - np.cosh(y / root) / np.cosh(half / root))
    found = air.faces()[0][0, :, 0]
    off = np.abs(found - wanted).max() / wanted.max()
    tell(f"Brinkman channel, K {permeability:g} m²: {100 * off:.2f} % off")
    assert off < 0.01


def test_a_moving_wall_drags_the_air_along(memory: Memory) -> None:
    """Couette: between a still and a moving wall the speed is linear, with either scheme."""
    for scheme in ("central", "maccormack"):
        air = Air(
            memory, Grid((1, 16, 8), (0.0, 0.0, 0.0), 1.0 / 16), 0.02, 3.0,
            Sides(PERIODIC, PERIODIC, wall(), wall(0.5, 0.0, -0.25), PERIODIC, PERIODIC), scheme,
        )  # fmt: skip
        for _ in range(1500):
            air.move({"viscosity": 0.02})
        u, _, w = air.faces()
        y = (np.arange(16) + 0.5) / 16
        assert np.allclose(u[0, :, 3], 0.5 * y, atol=2e-3)
        assert np.allclose(w[0, :, 3], -0.25 * y, atol=2e-3)


def test_what_comes_in_leaves_through_whatever_is_open(memory: Memory) -> None:
    air = Air(
        memory, Grid((16, 12, 12), (0.0, 0.0, 0.0), 0.1), 0.05, 3.0,
        Sides(inflow(0.4, 0.0, 0.0), OPEN, SLIP, OPEN, wall(), SLIP),
    )  # fmt: skip
    for _ in range(60):
        air.move({"viscosity": 0.002})
    u, v, w = air.faces()
    assert np.allclose(u[0], 0.4)
    assert not v[:, 0].any()
    assert not w[:, :, 0].any()
    assert u[-1].sum() + v[:, -1].sum() == pytest.approx(0.4 * 144, rel=1e-4)
    assert v[:, -1].sum() > 1.0
    assert np.abs(air.divergence()).max() * 0.1 / air.speed < 1e-5


def test_a_periodic_box_knows_no_place(memory: Memory) -> None:
    """A flow that is shifted round by some cells first, or afterwards, is the same flow, bit for bit."""
    chance = np.random.default_rng(3)
    n = (10, 9, 12)
    start = [chance.normal(0, 0.3, n).astype(np.float32) for _ in range(3)]
    smog = chance.uniform(0, 900, n).astype(np.float32)

    def lived(shift: tuple[int, int, int]) -> list[np.ndarray]:
        air = Air(memory, Grid(n, (0.0, 0.0, 0.0), 0.1), 0.05, 3.0, Sides(*[PERIODIC] * 6))
        rolled = [np.roll(f, shift, (0, 1, 2)) for f in start]
        air.blow(*(np.concatenate([f, f.take([0], a)], a) for a, f in enumerate(rolled)))
        air.fill(np.roll(smog, shift, (0, 1, 2)))
        for _ in range(5):
            air.step({"viscosity": 0.001, "diffusion": 0.001})
        return [*(f[: n[0], : n[1], : n[2]] for f in air.faces()), air.cargo["smog"].values()]

    here, there = lived((0, 0, 0)), lived((3, 5, 7))
    for a, b in zip(here, there, strict=True):
        assert np.allclose(np.roll(a, (3, 5, 7), (0, 1, 2)), b, rtol=1e-3, atol=1e-4 * np.abs(a).max())


def test_smog_in_a_closed_box_is_the_same_after_a_thousand_steps(memory: Memory, tell: Tell) -> None:
    air = Air(memory, Grid((16, 16, 16), (0.0, 0.0, 0.0), 0.125), pollutants=("smog", "spill", "spores"))
    chance = np.random.default_rng(1)
    for cargo in air.cargo.values():
        cargo.fill(chance.uniform(0.0, 900.0, air.grid.shape))
    before = {name: cargo.airborne() for name, cargo in air.cargo.items()}
    low, high = (f(cargo.values()) for f, cargo in ((np.min, air.cargo["smog"]), (np.max, air.cargo["smog"])))
    for k in range(1000):
        if k % 20 == 0:
            for force in ("force_x", "force_y", "force_z"):
                air.lay(force, chance.normal(0.0, 0.4, air.grid.shape))
        air.step({"viscosity": 0.001, "diffusion": 0.0005})
    drift = max(abs(cargo.airborne() - before[name]) for name, cargo in air.cargo.items())
    smog = air.cargo["smog"].values()
    told = f"smog {low:.1f}–{high:.1f} → {smog.min():.1f}–{smog.max():.1f} µg/m³"
    tell(f"closed box, 1,000 steps, three pollutants: {drift} quanta gained or lost; {told}")
    assert drift == 0
    assert smog.min() >= 0.0
    assert smog.max() <= high * 1.001


def test_released_matter_is_all_there(memory: Memory) -> None:
    air = Air(memory, Grid((16, 12, 12), (0.0, 0.0, 0.0), 0.125), sides=STREET, pollutants=("smog", "spill"))
    for k in range(20):
        air.release("spill", (0.6, 0.0, 0.7), 0.3, 5.0)
        air.step({"diffusion": 0.001}, 0.3, 0.0)
        assert air.cargo["spill"].values().min() >= 0.0, k
    rows = air.cargo["spill"].ledger()
    assert rows["released"] * air.cargo["spill"].quantum == pytest.approx(100.0, rel=1e-4)
    assert rows["emitted"] + rows["released"] == rows["outflow"] + rows["filtered"] + rows["airborne"]
    assert air.cargo["smog"].airborne() == 0


def test_what_finds_no_room_spreads_wider_and_only_a_full_box_shuts_out(memory: Memory) -> None:
    air = Air(memory, Grid((12, 12, 12), (0.0, 0.0, 0.0), 0.1))
    cargo = air.cargo["smog"]
    air.release("smog", (0.6, 0.0, 0.6), 0.15, 600.0)  # 0.03 m³ at the most that a cell can hold
    assert cargo.ledger()["released"] == cargo.airborne() == int(600.0 / cargo.quantum)
    assert cargo.values().max() <= MOST
    air.release("smog", (0.6, 0.6, 0.6), 0.2, 1e9)
    assert cargo.values().min() == pytest.approx(MOST)
    assert cargo.ledger()["released"] == cargo.airborne()


def test_what_cannot_be_is_refused(memory: Memory) -> None:
    box = Grid((8, 8, 8), (0.0, 0.0, 0.0), 0.1)
    with pytest.raises(BioartError, match="both periodic, or neither"):
        Sides(PERIODIC, OPEN)
    with pytest.raises(BioartError, match="scheme 'upwind'"):
        Air(memory, box, scheme="upwind")  # type: ignore[arg-type]
    with pytest.raises(BioartError, match="allowed with scheme 'central': dt up to"):
        Air(memory, box, scheme="central").move({"viscosity": 1.0})
    braked = Air(memory, box, scheme="central")
    braked.lay("drag", 1.0)
    with pytest.raises(BioartError, match="drag with scheme 'central'"):
        braked.move({})
    with pytest.raises(BioartError, match="carries no 'soot'"):
        braked.release("soot", (0.0, 0.0, 0.0), 0.1, 1.0)
    with pytest.raises(BioartError, match="allowed: finite"):
        braked.release("smog", (0.0, 0.0, 0.0), 0.1, -1.0)


@pytest.mark.prove
def test_the_gpus_loops_give_the_same_flow(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The form for a GPU, run here on the CPU: the same body under another loop."""
    from bioart.gpu import compute

    def lived(held: Memory, shape: tuple[int, int, int]) -> list[np.ndarray]:
        air = Air(held, Grid(shape, (0.0, 0.0, 0.0), 0.1), 0.05, 3.0, STREET)
        air.lay("drag", 0.4)
        chance = np.random.default_rng(5)
        for _ in range(3):
            for force in ("force_x", "force_y", "force_z"):
                air.lay(force, chance.normal(0.0, 0.6, shape))
            air.step({"viscosity": 0.001, "diffusion": 0.001, "confinement": 0.1}, 0.4, 500.0)
        return [*air.faces(), air.cargo["smog"].values()]

    rows = lived(memory, (9, 10, 11))
    monkeypatch.setattr(compute, "on_cpu", lambda: False)
    other = Memory()  # other fields, else what was compiled for the first would serve again
    for a, b in zip(rows, lived(other, (9, 10, 11)), strict=True):
        assert np.array_equal(a, b)
