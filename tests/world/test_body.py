"""The body in the air: drag from what has grown, a filter that keeps its share, an exact ledger of breath."""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from bioart.errors import BioartError
from bioart.forms import Grid
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.world import pores
from bioart.world.air import Air
from bioart.world.body import AIR_VISCOSITY, STRUT, Body, Breath, body_grid
from bioart.world.filter import depth_rate, kuwabara, single_fibre
from bioart.world.sides import STREET, Sides
from bioart.world.weather import Weather

P = defaults_of(Body) | {"draw": 0.05}
PA = defaults_of(Air)


@pytest.fixture
def memory() -> Iterator[Memory]:
    held = Memory()
    yield held
    held.close()


def built(memory: Memory, sides: Sides = STREET) -> tuple[Air, Body]:
    air = Air(memory, Grid((24, 12, 8), (-1.5, 0.0, -0.5), 0.125), sides=sides)
    return air, Body(memory, air, body_grid(air.grid, (1.0, 1.0, 0.75), 3))


def test_body_grid_stands_aligned_on_the_floor() -> None:
    grid = body_grid(Grid((48, 60, 48), (-3.0, 0.0, -3.0), 0.125), (4, 6, 4), 3)
    assert grid.shape == (96, 144, 96)
    assert grid.origin == pytest.approx((-2.0, 0.0, -2.0))
    assert grid.size == pytest.approx((4.0, 6.0, 4.0))
    with pytest.raises(BioartError, match="allowed"):
        body_grid(Grid((8, 8, 8), (0.0, 0.0, 0.0), 0.125), (4, 6, 4), 3)


def test_body_off_the_cells_is_refused(memory: Memory) -> None:
    air = Air(memory, Grid((24, 12, 8), (-1.5, 0.0, -0.5), 0.125))
    with pytest.raises(BioartError, match="whole air cells"):
        Body(memory, air, Grid((24, 24, 18), (-0.48, 0.0, -0.375), 0.125 / 3))


@pytest.mark.parametrize("place", [(0.5, 1.2, 0.5), (float("nan"), 0.0, 0.0)])
def test_mouth_outside_the_box_is_refused(memory: Memory, place: tuple[float, float, float]) -> None:
    air, _ = built(memory)
    grid = body_grid(air.grid, (1.0, 1.0, 0.75), 3)
    with pytest.raises(BioartError, match=r"mouths\[0\]"):
        Body(memory, air, grid, mouths=(place,))
    with pytest.raises(BioartError, match="at least one"):
        Body(memory, air, grid, vents=())


def test_drag_follows_from_what_has_grown(memory: Memory) -> None:
    air, body = built(memory)
    solid = np.zeros(body.grid.shape, np.float32)
    solid[:3, :3, :3] = 1.0  # one air cell full
    solid[3:6, :3, 0] = 1.0  # a third of the next
    body.tissue.solid.from_numpy(solid)
    body.couple(P)
    drag, friction, bed = (air.seen(f) for f in ("drag", "friction", "filter"))
    corner = (8, 0, 1)
    for share, (i, j, k) in ((1.0, corner), (1.0 / 3.0, (9, 0, 1))):
        solidity = pores.PACKING * share
        open_ = 1.0 - solidity
        permeability = open_**3 * STRUT**2 / (180.0 * solidity**2)
        assert drag[i, j, k] == pytest.approx(AIR_VISCOSITY / permeability, rel=1e-5)
        assert friction[i, j, k] == pytest.approx(1.75 / math.sqrt(150.0 * open_**3 * permeability), rel=1e-5)
    assert bed[9, 0, 1] == pytest.approx(bed[corner] / 3.0, rel=1e-5)
    assert np.count_nonzero(drag) == 2
    body.couple(P | {"drag": 2.0, "capture": 3.0})
    assert air.seen("drag")[corner] == pytest.approx(2.0 * drag[corner])
    assert air.filter.to_numpy()[corner] == pytest.approx(3.0 * bed[corner])


def test_mouths_and_vents_are_one_draw(memory: Memory) -> None:
    air, body = built(memory)
    source = air.source.to_numpy().astype(np.float64) * air.grid.cell**3
    assert abs(source.sum()) < 1e-6
    assert source[source < 0].sum() < -0.5
    body.couple(P)
    for _ in range(3):
        air.step(PA, 0.2, 0.0)
    assert np.abs(air.divergence()).max() * air.grid.cell / air.speed < 1e-5
    ly, hy = body.mouths[:, 1].max(), body.vents[:, 1].min()
    assert ly < hy


def test_clean_air_is_draw_times_efficiency(memory: Memory, tell: Callable[[str], None]) -> None:
    """Well mixed: delivered = Q·E, and the decay of a closed room says the same (AHAM: V·k)."""
    air, body = built(memory, Sides())
    steady = P | {"depth": 0.0}
    volume = float(np.prod(air.grid.size))
    levels = [900.0]
    for _ in range(40):
        air.fill(levels[-1])  # a fan
        body.couple(steady)
        air.step(PA)
        breath = body.breathe()
        levels.append(breath.airborne / volume)
    share = 1.0 - math.exp(-depth_rate(0.02, 1e-5) * 0.045)
    rows = (
        np.minimum(air.source.to_numpy(), 0.0).sum() * air.grid.cell**3
    )  # where mouths and vents meet, less
    wanted = 0.05 * -rows * share
    # the last few steps: the lungs are full, so what is not kept comes back
    rate = -math.log(levels[-1] / levels[-11]) / (10 * air.dt)
    tell(f"by decay, V·k: {rate * volume / wanted:.4f} of Q·E, {rate * volume / 0.05:.2f} of the draw")
    assert rate * volume == pytest.approx(wanted, rel=0.01)
    assert rate * volume < 0.05
    assert breath.captured / breath.drawn / air.dt == pytest.approx(share, rel=1e-3)
    assert breath.delivered / 3600.0 == pytest.approx(0.05 * share, rel=0.01)


def test_breath_ledger_is_exact(memory: Memory) -> None:
    air, body = built(memory)
    weather = Weather(memory, air, 3)
    body.tissue.solid.fill(0.2)
    held = captured = 0.0
    for k in range(50):
        sky = weather.step(k, defaults_of(Weather) | {"smog": 1.0})
        body.couple(P, k % 4 == 0)
        air.step(PA, sky.wind, sky.inflow)
        captured += body.breathe(sky.inflow).captured
    rows = air.ledger()
    held = rows["taken"] - rows["kept"] - rows["given"]
    stayed = rows["airborne"] + held
    assert rows["emitted"] == rows["outflow"] + rows["filtered"] + rows["kept"] + stayed
    assert rows["given"] > 0
    assert captured == pytest.approx((rows["kept"] + rows["filtered"]) * air.quantum, rel=1e-9)
    assert 0 <= held < 0.05 * rows["taken"]


def breaths(memory: Memory, steps: int, p: dict[str, float], smog_from: int = 0) -> list[Breath]:
    air, body = built(memory)
    found = []
    for k in range(steps):
        body.couple(p)
        air.step(PA, 0.4, 900.0 if k >= smog_from else 90.0)
        found.append(body.breathe(900.0 if k >= smog_from else 90.0))
    return found


def test_a_wave_of_smog_is_drawn_in_a_little_later(memory: Memory) -> None:
    drawn = np.array([b.drawn for b in breaths(memory, 160, P | {"depth": 0.0}, smog_from=80)])
    assert drawn[84] < 1.3 * drawn[79]  # not there yet
    assert drawn[155:].mean() > 6.0 * drawn[75:80].mean() > 0.0
    rise = int(np.argmax(drawn > 0.5 * (drawn[79] + drawn[-1])))
    assert 85 < rise < 130


def test_the_draw_swells_and_sinks_softly(memory: Memory) -> None:
    air, body = built(memory)
    swell = []
    for _ in range(150):
        body.couple(P | {"breath": 2.5, "depth": 0.5}, geometry=False)
        swell.append(air.draw / 0.05)
    assert max(swell) == pytest.approx(1.5, abs=0.01)
    assert min(swell) == pytest.approx(0.5, abs=0.01)
    assert np.abs(np.diff(swell)).max() < 0.05
    assert swell[10] == pytest.approx(swell[85], abs=1e-6)  # 2.5 s of show later


def test_more_capture_and_help_keep_more(memory: Memory) -> None:
    _, body = built(memory)
    body.couple(P)
    plain = body.efficiency
    body.boost.fill(2.0)
    body.couple(P)
    helped = body.efficiency
    body.boost.fill(1.0)
    body.couple(P | {"capture": 2.0})
    assert 0.5 < plain < helped < 1.0
    assert body.efficiency == pytest.approx(helped, rel=1e-5)
    body.couple(P | {"capture": 0.0})
    assert body.efficiency == 0.0


def test_no_draw_draws_nothing(memory: Memory) -> None:
    last = breaths(memory, 30, P | {"draw": 0.0})[-1]
    assert (last.drawn, last.captured, last.delivered) == (0.0, 0.0, 0.0)
    assert last.airborne > 0.0


def test_single_fibre_theory() -> None:
    assert kuwabara(0.05) == pytest.approx(-0.5 * math.log(0.05) - 0.75 + 0.05 - 0.000625)
    sizes = np.geomspace(2e-8, 4e-6, 60)
    kept = [single_fibre(0.05, 1e-5, float(d), 0.1) for d in sizes]
    # the particle that slips through best is neither small enough to wander nor big enough to touch
    assert 0.1e-6 < sizes[int(np.argmin(kept))] < 0.8e-6
    assert depth_rate(0.02, 1e-5) > 2.0 * depth_rate(0.01, 1e-5)
    for wrong in ((0.0, 1e-5, 1e-6, 0.1), (0.05, 1e-6, 1e-5, 0.1), (0.05, 1e-5, 1e-6, 0.0)):
        with pytest.raises(BioartError, match="allowed"):
            single_fibre(*wrong)


def digest_of_run(restored: bool = False) -> str:
    """Everything that a windy, smoggy, breathing run leaves behind."""
    memory = Memory()
    air, body = built(memory)
    weather = Weather(memory, air, 11)
    parts = (air, body, weather)
    body.tissue.solid.fill(0.3)
    order = defaults_of(Weather) | {"smog": 0.8, "gust": 0.4}
    for k in range(-5, 20):
        if restored and k == 8:
            fields = [{n: f.to_numpy() for n, f in part.state().items()} for part in parts]
            scalars = [part.scalars() for part in parts]
            memory.close()
            air, body = built(memory)
            weather = Weather(memory, air, 11)
            parts = (air, body, weather)
            for part, kept, numbers in zip(parts, fields, scalars, strict=True):
                for name, field in part.state().items():
                    field.from_numpy(kept[name])
                part.restore(numbers)
        sky = weather.step(k, order)
        body.couple(P, k % 3 == 0)
        air.step(PA, sky.wind, sky.inflow)
        body.breathe(sky.inflow)
    sha = hashlib.sha256()
    for part in parts:
        for name, field in sorted(part.state().items()):
            sha.update(name.encode() + field.to_numpy().tobytes())
        sha.update(repr(sorted(part.scalars().items())).encode())
    memory.close()
    return sha.hexdigest()


def test_restored_run_ends_in_the_same_bits() -> None:
    assert digest_of_run(restored=True) == digest_of_run()


def test_same_bits_for_one_thread_and_two() -> None:
    program = (
        "import importlib.util, sys\n"
        "from bioart.gpu import compute, launch\n"
        "launch.FEW = 0  # two threads share every loop, however short\n"
        "compute.start('cpu', int(sys.argv[1]))\n"
        "spec = importlib.util.spec_from_file_location('body_run', sys.argv[2])\n"
        "run = importlib.util.module_from_spec(spec)\n"
        "spec.loader.exec_module(run)\n"
        "print(run.digest_of_run())\n"
    )
    one, two = (
        subprocess.run(
            [sys.executable, "-c", program, threads, __file__], capture_output=True, text=True, check=True
        ).stdout.split()[-1]
        for threads in ("1", "2")
    )
    assert one == two == digest_of_run()
