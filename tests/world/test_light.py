"""Light: quorum and pulses against exact solutions; soft, slow and replayable whatever steers it."""

import hashlib
import math
import random
import subprocess
import sys

import numpy as np
import pytest
import taichi as ti

from bioart.community.community import Community
from bioart.errors import BioartError
from bioart.forms import Grid
from bioart.gpu.compute import Memory
from bioart.param import params_of
from bioart.world import pulses, quorum, shine
from bioart.world.growth import Tissue
from bioart.world.light import EMITTERS, Light

SHAPE = (24, 36, 24)
GRID = Grid(SHAPE, (1.0, 0.0, 1.0), 1 / 12)

NAMED = {**params_of(Light), "beat": Community.beat}  # the beat is the community's, and light is handed it
DEFAULTS = {name: param.default for name, param in NAMED.items()}


def trunk(memory: Memory, grid: Grid = GRID) -> Tissue:
    """A wavy column of body."""
    tissue = Tissue(memory, grid)
    x, y, z = np.meshgrid(*[np.arange(n) + 0.5 for n in grid.shape], indexing="ij")
    r = np.sqrt((x - grid.shape[0] / 2) ** 2 + (z - grid.shape[2] / 2) ** 2)
    wide = grid.shape[0] / 4 * (1 + np.abs(1 - (y * 0.16) % 2) * 0.6)
    tissue.solid.from_numpy(np.clip((wide - r) / 3 + 0.5, 0, 1).astype(np.float32))
    tissue.age.fill(4.0)
    return tissue


@pytest.fixture
def memory():
    lease = Memory()
    yield lease
    lease.close()


def stepped(light: Light, tissue: Tissue, steps: range, **over: float) -> None:
    p = {**DEFAULTS, **over}
    for k in steps:
        light.step(k, p, tissue)


# -- quorum


def sense(fields, runs, share, basal, induced, decay, seconds=1 / 15, n=2.5):
    signal, after, lux, mass = fields
    for _ in range(runs):
        quorum.sense(signal, after, lux, mass, share, basal, induced, decay, n, 1.0, 0.6, 0.25, seconds)
        signal, after = after, signal
    return signal.to_numpy()


def test_the_signal_of_a_colony_is_exact(memory):
    """A ball of radius R with source q and decay γ: A(0) = q/γ·(1 − (1 + κR)·e^(−κR)), κ = √(γ/D)."""
    size, radius = 48, 12.0
    fields = [memory.field("test", n, ti.f32, (size,) * 3) for n in ("a", "b", "lux", "mass")]
    c = np.arange(size) + 0.5 - size / 2
    r = np.sqrt(c[:, None, None] ** 2 + c[None, :, None] ** 2 + c[None, None, :] ** 2)
    fields[3].from_numpy(np.clip(radius - r + 0.5, 0, 1).astype(np.float32))
    share, seconds, basal, decay = 0.16, 0.1, 0.02, 0.05
    found = sense(fields, 1600, share, basal, 0.0, decay, seconds)
    kappa = math.sqrt(decay / (share / seconds))
    kr = kappa * radius
    middle = basal / decay * (1 - (1 + kr) * math.exp(-kr))
    assert found[size // 2, size // 2, size // 2] == pytest.approx(middle, rel=0.02)
    # Outside, q/γ·(κR·cosh κR − sinh κR)·e^(−κr)/(κr).
    out = basal / decay * (kr * math.cosh(kr) - math.sinh(kr)) * math.exp(-kappa * 17.5) / (kappa * 17.5)
    assert found[size // 2 + 17, size // 2, size // 2] == pytest.approx(out, rel=0.05)


@pytest.mark.parametrize(("ratio", "latches"), [(0.10, True), (0.21, True), (0.24, False), (0.30, False)])
def test_hysteresis_on_one_side_of_the_limit_only(memory, ratio, latches):
    """Well mixed, density swept along x: states from below and above differ iff α/β < (n−1)²/(4n)."""
    cells = 400
    fields = [memory.field("test", n, ti.f32, (cells, 4, 4)) for n in ("a", "b", "lux", "mass")]
    density = np.linspace(0.02, 1.0, cells, dtype=np.float32)
    fields[3].from_numpy(np.broadcast_to(density[:, None, None], (cells, 4, 4)).copy())
    induced, decay = 1.0, 0.55
    ends = []
    for first in (0.0, 5.0):
        fields[0].fill(first)
        ends.append(sense(fields, 4000, 0.0, ratio * induced, induced, decay, 0.1)[:, 1, 1])
    widest = float(np.max(ends[1] - ends[0]))
    assert (widest > 0.05) == latches, widest


def test_a_quorum_lights_the_deep_tissue_only(memory):
    tissue = trunk(memory)
    light = Light(memory, GRID, 1)
    light.plant(tissue)
    stepped(light, tissue, range(-240, 0))
    lux, bulk = light.state()["lux"].to_numpy(), light.state()["bulk"].to_numpy()
    deep, thin = lux[bulk > 0.9].mean(), lux[(bulk > 0.1) & (bulk < 0.4)].mean()
    assert deep > 0.3
    assert deep > 5 * thin
    assert lux.min() >= 0
    assert lux.max() <= 1


# -- pulses


def test_the_mean_field_finds_kuramotos_order(memory):
    """Lorentzian rates as quantiles: r = √(1 − 2γ/K), and none below K = 2γ."""
    shape = (20, 40, 25)
    names = ("phase", "pace", "mass", "bulk", "e0", "n0", "e1", "n1")
    phase, pace, mass, bulk, e0, n0, e1, n1 = (memory.field("test", n, ti.f32, shape) for n in names)
    sums = memory.field("test", "sums", ti.i64, (5,))
    count = int(np.prod(shape))
    quantile = (np.arange(count) + 0.5) / count
    order = np.random.default_rng(1).permutation(count)
    pace.from_numpy(np.tan(np.pi * (quantile - 0.5))[order].reshape(shape).astype(np.float32))
    mass.fill(1.0)
    bulk.fill(0.5)
    turn = 2 * math.pi
    for coupling, expected in ((1.5, 0.0), (3.0, 0.5774), (6.0, 0.8165)):
        phase.from_numpy(np.random.default_rng(2).random(shape).astype(np.float32) * (0.5 if expected else 1))
        pulses.point(phase, e0, n0)
        x = y = 0.0
        found = []
        for k in range(1500):
            # Rates in turns: 1 rad/s of half-width and K, as 1/2π and K/2π.
            pulses.turn(
                phase, pace, mass, bulk, e0, n0, e1, n1, sums, 1 / turn, 1.0, 0.0, 0.0, coupling / turn * x,
                coupling / turn * y, 0.0, 0.0, 0.5, -1e9, 1e9, 0.02,
            )  # fmt: skip
            e0, n0, e1, n1 = e1, n1, e0, n0
            s = sums.to_numpy()
            x, y = s[1] / s[0], s[2] / s[0]
            if k >= 1200:
                found.append(math.hypot(x, y))
        assert np.mean(found) == pytest.approx(expected, abs=0.01 if expected else 0.03)


def test_coupling_turns_waves_into_one_beat(memory):
    order = {}
    for coupling in (0.1, 2.0):
        tissue, light = trunk(memory), Light(memory, GRID, 5)
        light.plant(tissue)
        stepped(light, tissue, range(450), coupling=coupling, guide=0.0, variety=0.8)
        order[coupling] = light.synchrony()
        memory.close()
    assert order[0.1] < 0.5
    assert order[2.0] > 0.95


@pytest.mark.parametrize("beat", [1.4, 2.0, 4.0])
def test_the_body_finds_the_communitys_beat(memory, beat):
    tissue = trunk(memory)
    light = Light(memory, GRID, 5)
    light.plant(tissue)
    stepped(light, tissue, range(600), coupling=1.0, guide=1.0, beat=beat)
    guide = (600 / 30 / beat) % 1.0
    x, y = light.scalars()["counted"][1:3]
    lag = (guide - math.atan2(y, x) / (2 * math.pi)) % 1.0
    assert light.synchrony() > 0.9
    assert min(lag, 1 - lag) < 0.12


def test_no_cell_pulses_faster_than_allowed_whatever_pulls(memory):
    """Phases advance by SLOWEST/30 to FASTEST/30 turns a step, under params that jump at up to 15 Hz."""
    tissue = trunk(memory)
    light = Light(memory, GRID, 9)
    light.plant(tissue)
    rnd = random.Random(4)
    named = NAMED
    living = None
    was = light.state()["phase"].to_numpy()
    for k in range(150):
        light.step(k, {n: rnd.choice((q.low, q.high)) for n, q in named.items()}, tissue)
        now = light.state()["phase"].to_numpy()
        living = light.state()["mass"].to_numpy() > 0 if living is None else living
        moved = ((now - was) % 1.0)[living] * 30
        assert moved.max() <= pulses.FASTEST + 1e-4
        assert moved.min() >= pulses.SLOWEST - 1e-4
        was = now


def rises(series, least=0.1):
    """10–90 % times, in steps, of every rise from a valley to a peak by at least `least`."""
    found, k = [], 0
    while k < len(series) - 1:
        while k < len(series) - 1 and series[k + 1] <= series[k]:
            k += 1
        valley = k
        while k < len(series) - 1 and series[k + 1] > series[k]:
            k += 1
        height = series[k] - series[valley]
        if height >= least and valley > 0 and k < len(series) - 1:
            marks = np.interp(
                [series[valley] + 0.1 * height, series[valley] + 0.9 * height],
                series[valley : k + 1],
                np.arange(valley, k + 1),
            )
            found.append(marks[1] - marks[0])
    return found


def hardest(k, rnd):
    return {"natural": 0.8, "beat": 1.25, "coupling": 2.0, "guide": 1.0, "glow": 2.0, "swing": 1.0}


def squares(k, rnd):
    """Every param a square wave of its own, 1 to 15 Hz."""
    rate = {n: (1, 2, 3, 5, 8, 15)[i % 6] for i, n in enumerate(NAMED)}
    return {n: q.low if (k + 90) * rate[n] * 2 // 30 % 2 else q.high for n, q in NAMED.items()}


def noise(k, rnd):
    return {n: rnd.uniform(q.low, q.high) for n, q in NAMED.items()}


@pytest.mark.parametrize("steer", [hardest, squares, noise])
def test_light_rises_softly_whatever_steers_it(memory, steer):
    """10–90 % of every rise takes 0.25 s or more, rings from everywhere included."""
    tissue = trunk(memory)
    light = Light(memory, GRID, 2)
    light.plant(tissue)
    rnd = random.Random(8)
    p = dict(DEFAULTS)
    seen = []
    for k in range(-60, 240):
        p.update(steer(k, rnd))
        if k in (60, 90, 91, 150) or (steer is not hardest and k % 7 == 0):
            for _ in range(40):
                at = (rnd.uniform(1, 3), rnd.uniform(0, 3), rnd.uniform(1, 3))
                light.wake(at, rnd.uniform(0.1, 4), 1.0, k)
        tissue.reserve = rnd.random()
        light.step(k, p, tissue)
        if k >= 0:
            seen.append(np.stack([c.values[::3, ::3, ::3] for c in light.channels(tissue)]))
    cells = np.stack(seen, -1).reshape(-1, len(seen))
    times = [t for cell in cells if cell.max() > 0.1 for t in rises(cell)]
    assert len(times) > 50
    assert min(times) / 30 >= 0.25


def test_the_detector_of_rises_sees_a_fast_one():
    t = np.arange(90) / 30
    assert min(rises(0.5 - 0.5 * np.cos(2 * np.pi * 3 * t))) / 30 < 0.12


# -- rings, channels


def test_a_ring_spreads_and_goes(memory):
    tissue = trunk(memory)
    light = Light(memory, GRID, 2)
    light.plant(tissue)
    light.wake((2.0, 0.3, 2.0), 4.0, 1.0, 0)
    near, far = [], []
    p = {**DEFAULTS, "ring": 1.0}
    for k in range(240):
        light.step(k, p, tissue)
        woken = light.state()["woken"].to_numpy()
        near.append(woken[6, 2, 6])
        far.append(woken[6, 15, 6])
    assert max(near) > 0.3
    assert max(far) > 0.02
    assert np.argmax(far) - np.argmax(near) == pytest.approx(13 / 6 * 30, abs=12)  # 13 half cells at 1 m/s
    assert near[-1] < 0.02
    assert light.scalars()["rings"] == []


def test_rings_are_bounded_and_the_oldest_gives_way(memory):
    light = Light(memory, GRID, 2)
    for n in range(500):
        light.wake((2.0, 1.0, 2.0), 1.0 + n, 1.0, n)
    rings = light.scalars()["rings"]
    assert len(rings) == shine.RIPPLES
    assert rings[-1][3] == 499


@pytest.mark.parametrize(
    "bad", [((math.nan, 0, 0), 1.0, 1.0), ((0, 0, 0), 0.0, 1.0), ((0, 0, 0), 1.0, math.inf)]
)
def test_a_ring_of_no_number_is_an_error(memory, bad):
    with pytest.raises(BioartError, match=r"light\.wake.*allowed"):
        Light(memory, GRID, 2).wake(*bad, 0)


def test_only_the_living_shine_and_in_detail(memory):
    tissue = trunk(memory)
    tissue["network"].fill(1.0)
    light = Light(memory, GRID, 2)
    light.plant(tissue)
    p = dict(DEFAULTS)
    for k in range(-90, 0):
        light.step(k, p, tissue)
    solid = tissue.solid.to_numpy()
    channels = light.channels(tissue)
    assert [c.name for c in channels] == [e.channel for e in EMITTERS] == [f"light{n}" for n in range(4)]
    for channel in channels:
        assert channel.values.dtype == np.float32
        assert channel.values.shape == SHAPE
        assert channel.values[solid <= shine.ALIVE].max() == 0.0
        assert np.isfinite(channel.values).all()
        assert 0.02 < channel.values.max() <= 1.5
    skin = channels[0].values[(solid > 0.3) & (solid < 0.7)]
    assert skin.std() > 0.5 * skin.mean()  # filigree and polyps, not a wash
    tissue["network"].fill(0.0)
    assert light.channels(tissue)[2].values.max() < channels[2].values.max()


def test_sickness_dims_and_warms(memory):
    means = {}
    for stress in (0.0, 1.0):
        tissue, light = trunk(memory), Light(memory, GRID, 2)
        light.plant(tissue)
        stepped(light, tissue, range(-150, 0), stress=stress)
        means[stress] = [float(c.values.mean()) for c in light.channels(tissue)] + [light.mean_glow()]
        memory.close()
    assert means[1.0][4] < 0.7 * means[0.0][4]
    assert means[1.0][0] < 0.4 * means[0.0][0]
    assert means[1.0][3] > means[0.0][3]


def test_mean_glow_is_the_mean_of_the_channels(memory):
    tissue = trunk(memory)
    light = Light(memory, GRID, 2)
    light.plant(tissue)
    stepped(light, tissue, range(-90, 0))
    solid = tissue.solid.to_numpy()
    total = sum(c.values for c in light.channels(tissue))
    alive = solid > shine.ALIVE
    assert light.mean_glow() == pytest.approx((total * solid)[alive].sum() / solid[alive].sum(), rel=0.06)


def test_an_odd_grid_and_an_empty_one(memory):
    shape = (9, 13, 5)
    grid = Grid(shape, (0.0, 0.0, 0.0), 0.1)
    tissue = Tissue(memory, grid)
    light = Light(memory, grid, 3)
    light.plant(tissue)
    light.wake((0.1, 0.1, 0.1), 1.0, 1.0, 0)
    stepped(light, tissue, range(3))
    assert light.synchrony() == 0.0
    assert light.mean_glow() == 0.0
    tissue.solid.fill(1.0)
    stepped(light, tissue, range(3, 12))
    assert light.mean_glow() > 0.0
    assert all(c.values.min() >= 0 for c in light.channels(tissue))


def test_a_grid_too_small_is_an_error(memory):
    with pytest.raises(BioartError, match="at least 4"):
        Light(memory, Grid((3, 8, 8), (0.0, 0.0, 0.0), 0.1), 1)


# -- replay


def digest(light: Light, tissue: Tissue) -> str:
    told = hashlib.blake2b(digest_size=16)
    for name, held in sorted(light.state().items()):
        told.update(name.encode() + held.to_numpy().tobytes())
    told.update(repr((light.scalars(), light.synchrony(), light.mean_glow())).encode())
    for channel in light.channels(tissue):
        told.update(channel.values.tobytes())
    return told.hexdigest()


def played(light: Light, tissue: Tissue, steps: range) -> str:
    named = NAMED
    for k in steps:
        if k % 11 == 0:
            light.wake((1.5 + 0.01 * k, 0.4, 2.0), 2.0, 0.8, k)
        light.step(k, {n: q.at((k * 7 + i * 13) % 29 / 29) for i, (n, q) in enumerate(named.items())}, tissue)
    return digest(light, tissue)


def test_a_restored_light_goes_on_with_the_same_bits(memory):
    tissue = trunk(memory)
    light = Light(memory, GRID, 6)
    light.plant(tissue)
    played(light, tissue, range(-20, 20))
    fields = {name: held.to_numpy() for name, held in light.state().items()}
    scalars, shown = light.scalars(), digest(light, tissue)
    expected = played(light, tissue, range(20, 41))
    memory.close()

    tissue, again = trunk(memory), Light(memory, GRID, 6)
    for name, held in again.state().items():
        held.from_numpy(fields[name])
    again.restore(scalars)
    assert digest(again, tissue) == shown
    assert played(again, tissue, range(20, 41)) == expected
    memory.close()
    tissue, other = trunk(memory), Light(memory, GRID, 7)
    other.plant(tissue)
    assert played(other, tissue, range(-20, 41)) != expected


ALONE = """
import sys
from bioart.gpu import compute
compute.start("cpu", int(sys.argv[1]))
sys.path.insert(0, sys.argv[2])
import test_light as t
memory = t.Memory()
tissue = t.trunk(memory)
light = t.Light(memory, t.GRID, 6)
light.plant(tissue)
print(t.played(light, tissue, range(-10, 30)))
"""


def test_one_thread_and_two_give_the_same_bits():
    from pathlib import Path

    here = Path(__file__).resolve().parent
    found = [
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", ALONE, threads, str(here)],
            capture_output=True, text=True, check=True, cwd=here.parents[1], timeout=240,
        ).stdout.strip()
        for threads in ("1", "2")
    ]  # fmt: skip
    assert len(found[0]) == 32
    assert found[0] == found[1]
