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
from bioart.world import circadian, pulses, quorum, shear, shine
from bioart.world.growth import Ambient, Tissue
from bioart.world.light import Light
from bioart.world.plan import EMITTERS

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


def fields_of(memory, shape):
    """signal, after, lux, mass and the three of the stream, in a box of its own."""
    names = ("a", "b", "lux", "mass", "east", "up", "south")
    return [memory.field("test", name, ti.f32, shape) for name in names]


def sense(fields, runs, share, basal, induced, decay, seconds=1 / 15, n=2.5, shines=(0.6, 0.25)):
    signal, after, *rest = fields
    for _ in range(runs):
        quorum.sense(signal, after, *rest, share, basal, induced, decay, n, 1.0, *shines, seconds)
        signal, after = after, signal
    fields[:2] = signal, after
    return signal.to_numpy()


def ball(size, radius, high=None):
    """The share of each cell that lies in a ball at the middle; on the floor where the box is not as high."""
    c = np.arange(size) + 0.5 - size / 2
    y = c if high is None else np.arange(high) + 0.5
    x = np.arange(size) + 0.5 - size / 2
    r2 = x[:, None, None] ** 2 + y[None, :, None] ** 2 + c[None, None, :] ** 2
    return np.clip(radius - np.sqrt(r2) + 0.5, 0, 1).astype(np.float32)


def test_the_signal_of_a_colony_is_exact(memory):
    """A ball of radius R with source q and decay γ: A(0) = q/γ·(1 − (1 + κR)·e^(−κR)), κ = √(γ/D)."""
    size, radius = 48, 12.0
    fields = fields_of(memory, (size,) * 3)
    fields[3].from_numpy(ball(size, radius))
    share, seconds, basal, decay = 0.08, 0.1, 0.02, 0.05
    found = sense(fields, 1000, share, basal, 0.0, decay, seconds)
    kappa = math.sqrt(decay / (share / seconds))
    kr = kappa * radius
    middle = basal / decay * (1 - (1 + kr) * math.exp(-kr))
    assert found[size // 2, size // 2, size // 2] == pytest.approx(middle, rel=0.02)
    # Outside, q/γ·(κR·cosh κR − sinh κR)·e^(−κr)/(κr).
    out = basal / decay * (kr * math.cosh(kr) - math.sinh(kr)) * math.exp(-kappa * 17.5) / (kappa * 17.5)
    assert found[size // 2 + 17, size // 2, size // 2] == pytest.approx(out, rel=0.05)


def test_a_colony_without_decay_is_worth_its_square(memory, tell):
    """A(0) = qR²/(2D) in the open. In a box that takes the signal away at its walls, half on the floor that
    gives it back, the walls' images are the salt crystal's: qR³/(3D)·1.747565/L less (Madelung)."""
    size, radius = 25, 6.0
    fields = fields_of(memory, (size, 13, size))
    mass = ball(size, radius, 13)
    fields[3].from_numpy(mass)
    share, seconds, basal = 1 / 12, 0.1, 0.01
    sense(fields, 2000, share, basal, 0.0, 0.0, seconds)
    found = fields[0].to_numpy()[size // 2, 0, size // 2]
    diffusion = share / seconds
    volume = 2 * float(mass.sum())  # with its image in the floor
    side = size + 1  # from the first cell beyond one wall to that beyond the other
    open_air = basal * (3 * volume / (4 * math.pi)) ** (2 / 3) / (2 * diffusion)
    exact = open_air - basal * volume / (4 * math.pi * diffusion) * 1.747565 / side
    # Half a cell above the floor the signal is a little under the middle's: q·(½)²/(6D).
    exact -= basal / (24 * diffusion)
    tell(f"colony without decay: A(0) {found:.4f}, exact {exact:.4f}, qR²/(2D) in the open {open_air:.4f}")
    assert found == pytest.approx(exact, rel=0.01)


FOLD = (2.5 - 1) ** 2 / (4 * 2.5)  # α/β below which there is hysteresis: 0.225


def folds(ratio, decay):
    """N at which the lower state ends and that at which the upper does, of N(α + βh(A)) = γA, β = 1."""
    a = np.linspace(1e-3, 6, 200_000)
    n = decay * a / (ratio + a**2.5 / (1 + a**2.5))
    rising = np.diff(n) > 0
    if rising.all():
        return None
    first = int(np.argmin(rising))  # the first maximum
    return n[first], n[first:][np.argmin(n[first:])]


@pytest.mark.parametrize("ratio", [0.10, 0.18, 0.24, 0.30])
def test_density_swept_up_and_down_shows_hysteresis_on_one_side_of_the_limit_only(memory, tell, ratio):
    """Well mixed; N from 0.3 to 1.1 and back, each held until it rests. Where the curve folds the signal
    jumps up at one N and down at another, as its steady states say; beyond (n−1)²/(4n) both ways are one."""
    decay = 0.4
    fields = fields_of(memory, (4, 4, 4))
    density = np.geomspace(0.3, 1.1, 44)

    def swept(densities):
        found = []
        for n in densities:
            fields[3].fill(float(n))
            was, now = -1.0, 0.0
            while abs(now - was) > 1e-5:  # near a fold it takes its time
                was = now
                now = float(sense(fields, 8, 0.0, ratio, 1.0, decay, 20.0, shines=(0, 0))[1, 1, 1])
            found.append(now)
        return np.array(found)

    up, down = swept(density), swept(density[::-1])[::-1]
    apart = float((down - up).max())
    tell(f"quorum, α/β {ratio:.2f}: the ways up and down differ by at most {apart:.3f} thresholds")
    exact = folds(ratio, decay)
    assert (exact is not None) == (ratio < FOLD)
    if exact is None:
        assert apart < 0.05
        return
    rises, falls = density[np.argmax(np.diff(up)) + 1], density[np.argmax(np.diff(down))]
    tell(
        f"quorum, α/β {ratio:.2f}: up at N {rises:.3f} (exact {exact[0]:.3f}), "
        f"down at {falls:.3f} ({exact[1]:.3f})"
    )
    step = 1.0 - density[0] / density[1]
    assert rises == pytest.approx(exact[0], rel=1.5 * step)
    assert falls == pytest.approx(exact[1], rel=1.5 * step)
    assert apart > 0.2


def test_what_the_air_carries_is_neither_lost_nor_late(memory, tell):
    """A uniform flow moves a puff's middle by u·t exactly and keeps its sum; it spreads as upwind differences
    do, by C·(1 − C) cells² a run."""
    shape = (64, 12, 12)
    fields = fields_of(memory, shape)
    puff = np.zeros(shape, np.float32)
    puff[10, 6, 6] = 1.0
    fields[0].from_numpy(puff)
    courant, runs = 0.3, 100
    fields[4].fill(courant)
    found = sense(fields, runs, 0.0, 0.0, 0.0, 0.0).astype(np.float64)
    x = np.arange(64)
    total = found.sum()
    middle = (found.sum((1, 2)) * x).sum() / total
    spread = (found.sum((1, 2)) * (x - middle) ** 2).sum() / total
    tell(f"carried signal: sum {total:.6f}, middle {middle - 10:.4f} cells (exact {courant * runs:.0f})")
    assert total == pytest.approx(1.0, abs=1e-5)
    assert middle - 10 == pytest.approx(courant * runs, rel=1e-4)
    assert spread == pytest.approx(courant * (1 - courant) * runs, rel=1e-3)
    # Diagonally down onto the floor, which lets nothing through.
    fields[0].from_numpy(puff)
    fields[4].fill(0.0)
    fields[5].fill(-0.25)
    assert sense(fields, 100, 0.0, 0.0, 0.0, 0.0).sum() == pytest.approx(1.0, abs=1e-5)
    assert fields[0].to_numpy()[10, 0, 6] == pytest.approx(1.0, abs=1e-4)


def test_a_washed_bed_holds_what_its_flow_leaves(memory):
    """In a flow u, without diffusion, A rises along a bed as q/γ·(1 − (1 + γh/u)^−n): its lee is the
    brightest, and its luff the poorest."""
    shape = (40, 6, 6)
    fields = fields_of(memory, shape)
    fields[3].fill(1.0)
    courant, seconds, basal, decay = 0.2, 0.1, 0.02, 0.1
    fields[4].fill(courant)
    found = sense(fields, 1500, 0.0, basal, 0.0, decay, seconds)[:, 3, 3]
    steady = basal / decay * (1 - (1 + decay * seconds / courant) ** -(np.arange(40) + 1.0))
    assert found == pytest.approx(steady, rel=1e-3)


def blown(memory, speed):
    """An ambient of uniform wind along +x about the body's grid, its corner at the air's."""
    x, y, z, smog = (memory.field("test", f"air_{n}", ti.f32, (8, 12, 8)) for n in "xyzs")
    x.fill(speed)
    return Ambient(x, y, z, smog, (0, 0, 0), 3)


def test_wind_puts_a_quorum_out_and_a_pocket_keeps_it(memory, tell):
    """A block in the wind, with a hollow in its middle in which the air stands: in still air all of it
    shines, in wind the hollow does and the luff does not."""
    lit = {}
    for wind in (0.0, 0.6):
        tissue = Tissue(memory, GRID, blown(memory, wind))
        solid = np.zeros(SHAPE, np.float32)
        solid[2:22, :30, 2:22] = 1.0
        tissue.solid.from_numpy(solid)
        flow = tissue.ambient.x.to_numpy()
        flow[3:, :, 3:5] = 0.0
        tissue.ambient.x.from_numpy(flow)
        light = Light(memory, GRID, 1)
        light.plant(tissue)
        stepped(light, tissue, range(450), wash=0.5, diffusion=0.0005)
        lux = light.state()["lux"].to_numpy()
        lit[wind] = float(lux[6:9, 2:8, 5:7].mean()), float(lux[1:4, 2:8, 1:3].mean())
        memory.close()
    tell(
        f"quorum: still air {lit[0.0][0]:.2f} in the hollow, {lit[0.0][1]:.2f} on the luff; "
        f"in wind {lit[0.6][0]:.2f} and {lit[0.6][1]:.2f}"
    )
    assert lit[0.0][1] > 0.3
    assert lit[0.6][1] < 0.15
    assert lit[0.6][0] > 0.4


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


SWARM = (20, 40, 25)  # 20 000 cells


@pytest.mark.parametrize(
    ("coupling", "expected"), [(1.5, 0.0), (2.5, 0.4472), (3.0, 0.5774), (4.0, 0.7071), (6.0, 0.8165)]
)
def test_a_radius_of_the_whole_box_is_kuramotos_mean_field(memory, tell, coupling, expected):
    """Lorentzian rates as quantiles, half-width γ = 1 rad/s: r = √(1 − 2γ/K), and none below K = 2γ."""
    swarm = Swarm(memory, SWARM)
    count = int(np.prod(SWARM))
    quantile = (np.arange(count) + 0.5) / count
    order = np.random.default_rng(1).permutation(count)
    swarm.pace.from_numpy(np.tan(np.pi * (quantile - 0.5))[order].reshape(SWARM).astype(np.float32))
    # It starts near where it will rest, from either side: half the circle, or all of it.
    swarm.lay(np.random.default_rng(2).random(SWARM) * (0.6 if expected else 1.0))
    found = [swarm.run(1, coupling, max(SWARM)) for _ in range(1500)][-600:]
    r = float(np.mean(found))
    tell(f"Kuramoto, K {coupling}: r {r:.4f}, exact {expected:.4f}")
    assert r == pytest.approx(expected, abs=0.01 if expected else 0.03)


class Swarm:
    """Phases in a box that is all alive, turned by the shipped kernels; rates in rad/s."""

    def __init__(self, memory, shape):
        names = ("phase", "pace", "mass", "bulk", "east", "north", "early", "late")
        fields = [memory.field("swarm", n, ti.f32, shape) for n in names]
        self.phase, self.pace, self.mass, self.bulk, self.east, self.north, self.early, self.late = fields
        self.awake = memory.field("swarm", "awake", ti.i8, shape)
        self.rows = [memory.field("swarm", n, ti.i32, shape[:2]) for n in ("first", "last")]
        blocks = tuple(-(-n // pulses.BLOCK) for n in shape)
        self.within = [memory.field("swarm", f"within{n}", ti.f32, (3, *blocks)) for n in range(2)]
        self.sums = memory.field("swarm", "sums", ti.i64, (5,))
        self.mass.fill(1.0)
        self.bulk.fill(0.5)
        quorum.spans(self.mass, self.awake, *self.rows)

    def lay(self, phases):
        self.phase.from_numpy(phases.astype(np.float32))
        pulses.show_all(self.phase, self.east, self.north, self.early, self.late)

    def run(self, steps, coupling, cells):
        """The order parameter after steps of 0.02 s, coupled over so many cells to each side."""
        blocks = cells / pulses.BLOCK
        turn = 2 * math.pi
        for _ in range(steps):
            pulses.bundle(self.mass, self.east, self.north, self.within[0], pulses.BLOCK)
            pulses.reach(*self.within, math.floor(blocks), blocks - math.floor(blocks))
            pulses.turn(
                self.phase, self.pace, self.mass, self.bulk, self.awake, *self.rows, self.east, self.north,
                self.within[1], 1 / turn, 1.0, 0.0, 0.0, coupling / turn, 0.0, 0.0, 0.5, -1e9, 1e9, 0.02,
            )  # fmt: skip
            pulses.show(
                self.phase, self.mass, self.awake, *self.rows, self.east, self.north, self.early, self.late,
                self.sums,
            )  # fmt: skip
        s = self.sums.to_numpy()
        return math.hypot(s[1], s[2]) / s[0]


@pytest.mark.parametrize("cells", [1.5, 3.0, 7.2, 60.0])
def test_the_wider_coupling_sums_what_lies_within_reach(memory, cells):
    swarm = Swarm(memory, (20, 16, 13))
    swarm.mass.from_numpy(np.random.default_rng(3).random((20, 16, 13)).astype(np.float32))
    swarm.lay(np.random.default_rng(4).random((20, 16, 13)))
    blocks = cells / pulses.BLOCK
    whole, part = math.floor(blocks), blocks - math.floor(blocks)
    pulses.bundle(swarm.mass, swarm.east, swarm.north, swarm.within[0], pulses.BLOCK)
    given = swarm.within[0].to_numpy().astype(np.float64)
    pulses.reach(*swarm.within, whole, part)
    for had, got in zip(given, swarm.within[1].to_numpy(), strict=True):
        for axis, n in enumerate(had.shape):
            apart = np.abs(np.subtract.outer(np.arange(n), np.arange(n)))
            weights = (apart <= whole) + part * (apart == whole + 1)
            had = np.moveaxis(np.tensordot(weights, had, (1, axis)), 0, axis)
        assert got == pytest.approx(had, rel=1e-4, abs=1e-4)
    if cells == 60.0:
        assert np.ptp(swarm.within[1].to_numpy()[0]) == 0.0  # every cell the very same sum
        assert swarm.within[1][0, 0, 0, 0] == pytest.approx(float(swarm.mass.to_numpy().sum()), rel=1e-5)


def test_a_small_radius_keeps_a_wave_and_the_whole_box_makes_one_beat_of_it(memory):
    """Two turns of phase along a long body: within reach all is nearly in step either way."""
    twist = 2 * (np.arange(80) + 0.5) / 80
    start = (twist[None, :, None] + 0.1 * np.random.default_rng(6).random((12, 80, 12))) % 1.0
    order = {}
    for cells in (4.0, 80.0):
        swarm = Swarm(memory, (12, 80, 12))
        swarm.lay(start)
        r = swarm.run(300, 6.0, cells)
        field = swarm.east.to_numpy() + 1j * swarm.north.to_numpy()
        near = float(np.mean([abs(field[:, j : j + 4].mean()) for j in range(0, 80, 4)]))
        order[cells] = r, near
        memory.close()
    assert order[4.0][1] > 0.95
    assert order[80.0][1] > 0.95
    assert order[80.0][0] > 0.95
    assert order[4.0][0] < 0.5


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
    assert (
        [c.name for c in channels]
        == [e.channel for e in EMITTERS.values()]
        == [f"light{n}" for n in range(4)]
    )
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
from bioart.gpu import compute, launch
launch.FEW = 0  # two threads share every loop, however short
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


# -- the clock


HOUR = 2.5  # s of show: a day of 60 s


def turned(memory, free, entrain, days, light=1.0, day=24.0, run=0.2):
    """Phases at each whole day's start (turns, unwrapped) of one clock under steady light. free, day: h."""
    shape = (4, 4, 4)
    names = ("hour", "hour1", "pace", "mass", "noon", "dusk")
    hour, hour1, pace, mass, noon, dusk = (memory.field("clock", n, ti.f32, shape) for n in names)
    awake = memory.field("clock", "awake", ti.i8, shape)
    rows = [memory.field("clock", n, ti.i32, shape[:2]) for n in ("first", "last")]
    mass.fill(1.0)
    quorum.spans(mass, awake, *rows)
    rate, pull, pace_of_day = 1 / (free * HOUR), light * entrain / (2 * math.pi * HOUR), 1 / (day * HOUR)
    told, whole, was = [], 0, 0.0
    for k in range(round(days * day * HOUR / run)):
        circadian.turn(
            hour, hour1, pace, mass, awake, *rows, rate, 0.0, pull, k * run * pace_of_day % 1.0, pace_of_day,
            0.0, run,
        )  # fmt: skip
        circadian.settle(hour1, hour, awake, *rows, noon, dusk)
        now = float(hour[1, 1, 1])
        whole += now < was - 0.5
        was = now
        told.append(whole + now)
    return np.array(told), run / HOUR


def test_the_clock_runs_free_at_its_own_period(memory, tell):
    phase, h = turned(memory, 22.0, 0.0, 6)
    period = (len(phase) - 1) * h / (phase[-1] - phase[0])
    tell(f"clock, free: a day of {period:.4f} h, set 22")
    assert period == pytest.approx(22.0, rel=1e-3)


def test_the_clock_locks_to_the_day_where_adler_says(memory, tell):
    """22 h against 24 h: Δω = 0.0238 rad/h is the least K_L·L that holds it; beneath, it beats."""
    least = 2 * math.pi / 22 - 2 * math.pi / 24
    held = {}
    for share in (0.98, 1.02):
        phase, h = turned(memory, 22.0, share * least, 60, run=0.5)
        ahead = phase - np.arange(1, len(phase) + 1) * h / 24
        held[share] = float(ahead[-1] - ahead[len(ahead) // 2])
    tell(
        f"clock, least K_L {least:.5f} rad/h: over 30 days it slips {held[0.98]:.2f} turns at 0.98 of it, "
        f"{held[1.02]:.4f} at 1.02"
    )
    assert held[1.02] < 0.01
    assert held[0.98] > 0.3

    # Half the light wants twice the pull.
    phase, h = turned(memory, 22.0, 1.1 * least, 60, light=0.5, run=0.5)
    ahead = phase - np.arange(1, len(phase) + 1) * h / 24
    assert ahead[-1] - ahead[len(ahead) // 2] > 1.0


@pytest.mark.parametrize("share", [0.5, 0.8])
def test_a_clock_that_is_pulled_too_weakly_beats_as_adler_says(memory, tell, share):
    """The beat lasts 2π/√(Δω² − K_L²)."""
    least = 2 * math.pi / 22 - 2 * math.pi / 24
    phase, h = turned(memory, 22.0, share * least, 60, run=0.5)
    ahead = phase - np.arange(1, len(phase) + 1) * h / 24
    passes = [np.interp(n, ahead, np.arange(len(ahead))) * h for n in (1.0, int(ahead[-1]))]
    beat = (passes[1] - passes[0]) / (int(ahead[-1]) - 1)
    exact = 2 * math.pi / (least * math.sqrt(1 - share * share))
    tell(f"clock, K_L at {share} of the limit: beats every {beat:.2f} h, exact {exact:.2f} h")
    assert beat == pytest.approx(exact, rel=0.01)


def test_the_body_is_brighter_by_night_and_follows_the_weathers_hour(memory):
    """Told the hour, the clock keeps to it; what it dims is the emission, by `tide`."""
    tissue = trunk(memory)
    light = Light(memory, GRID, 2)
    light.plant(tissue)
    p = {**DEFAULTS, "tide": 1.0, "entrain": 0.5, "swing": 0.0, "deep": 0.0, "daylight": 1.0}
    glow = []
    for k in range(600):
        light.step(k, {**p, "day": 10.0, "hour": k / 300 % 1.0}, tissue)
        glow.append(light.mean_glow())
    day = np.array(glow[300:])
    assert day.max() > 1.6 * day.min()
    assert 0.3 < np.argmax(day) / 300 < 0.75  # about midnight
    hours = light.state()["hour"].to_numpy()[light.state()["mass"].to_numpy() > 0]
    assert abs(np.exp(2j * np.pi * hours).mean()) > 0.98  # one clock


# -- flashes


AIR = Grid((24, 24, 24), (0.0, 0.0, 0.0), 0.25)


class Sheared:
    """A box of air in plane shear u = S·y, and its flashes."""

    def __init__(self, memory, rate=0.0, shape=AIR.shape):
        names = ("u", "v", "w", "nerve", "since", "flash")
        self.u, self.v, self.w, self.nerve, self.since, self.flash = (
            memory.field("sheared", n, ti.f32, shape) for n in names
        )
        shear.lay(self.nerve, 5)
        self.since.fill(shear.RESTED)
        self.set(rate)

    def set(self, rate):
        y = (np.arange(self.u.shape[1]) + 0.5) * AIR.cell
        self.u.from_numpy(np.broadcast_to(rate * y[None, :, None], self.u.shape).astype(np.float32).copy())

    def feel(self, mean=5.0, spread=0.2, rest=6.0, seconds=1 / 30):
        fields = (self.u, self.v, self.w, self.nerve, self.since, self.flash)
        shear.feel(*fields, 0.5 / AIR.cell, mean, spread, rest, seconds)
        return self.flash.to_numpy()[1:-1, 1:-1, 1:-1]


@pytest.mark.parametrize("sheared", [0.6, 0.9, 1.0, 1.1, 1.3])
def test_the_share_that_flashes_is_the_gaussians(memory, tell, sheared):
    """Thresholds of mean 5 /s and a fifth of that in spread: Φ((S − 5)/1) of all cells flash."""
    air = Sheared(memory, 5.0 * sheared, (48, 48, 48))
    air.feel()
    share = float((air.since.to_numpy()[1:-1, 1:-1, 1:-1] == 0.0).mean())
    exact = 0.5 * (1 + math.erf((sheared - 1.0) / 0.2 / math.sqrt(2)))
    tell(f"flashes at {sheared} of the mean threshold: {share:.4f} of all cells, Gaussian {exact:.4f}")
    assert share == pytest.approx(exact, abs=0.006)


def test_no_cell_flashes_below_the_threshold_nor_for_motion_alone(memory):
    """Neither a uniform wind nor a solid turn shears: what merely moves stays dark, however fast."""
    air = Sheared(memory, 5.0 * 0.2)
    assert air.feel(spread=0.1).max() == 0.0
    c = (np.arange(24) + 0.5) * AIR.cell - 3.0
    air.u.from_numpy(np.broadcast_to(-40 * c[None, None, :] + 90.0, AIR.shape).astype(np.float32).copy())
    air.w.from_numpy(np.broadcast_to(40 * c[:, None, None], AIR.shape).astype(np.float32).copy())
    for _ in range(30):
        assert air.feel(mean=0.5, spread=0.0).max() < 1e-6
    air.w.from_numpy(np.broadcast_to(-40 * c[:, None, None], AIR.shape).astype(np.float32).copy())
    for _ in range(19):
        last = air.feel(mean=0.5, spread=0.0)
    assert last.min() > 0.9  # the same speeds, strained: now everything


def test_a_flash_comes_late_rises_softly_and_goes(memory, tell):
    air = Sheared(memory, 20.0)
    light = np.array([float(air.feel(rest=20.0)[3, 3, 3]) for _ in range(120)])
    late = float(np.argmax(light > 0.0)) / 30
    top = int(np.argmax(light))
    rise = (
        float(
            np.interp(0.9, light[: top + 1], np.arange(top + 1))
            - np.interp(0.1, light[: top + 1], np.arange(top + 1))
        )
        / 30
    )
    half = top / 30 + float(np.argmax(light[top:] < 0.5)) / 30 - late
    ends = float(np.argmax(light[top:] == 0.0) + top) / 30
    tell(
        f"flash: {late:.2f} s late, 10–90 % in {rise:.2f} s, down to half {half:.2f} s after it began, "
        f"over after {ends:.2f} s"
    )
    assert late == pytest.approx(shear.LATENCY, abs=1.5 / 30)
    assert rise >= 0.25
    assert half == pytest.approx(shear.RISE + shear.FALL / 2, abs=1.5 / 30)
    assert ends == pytest.approx(shear.LATENCY + shear.RISE + shear.FALL, abs=1.5 / 30)
    assert light[top] == pytest.approx(1.0, abs=0.01)


def test_no_place_flashes_oftener_than_its_rest(memory):
    """Under shear that never ends, and with a rest that is pulled to and fro."""
    low = params_of(Light)["rest"].low
    assert low > shear.LATENCY + shear.RISE + shear.FALL
    assert 1 / low < pulses.FASTEST
    air = Sheared(memory, 20.0)
    rnd = random.Random(1)
    fired = []
    for k in range(600):
        air.feel(rest=rnd.choice((low, 60.0)))
        if air.since[3, 3, 3] == 0.0:
            fired.append(k)
    gaps = np.diff(fired) / 30
    assert len(fired) > 3
    assert gaps.min() >= low - 1e-3


def stormy(memory, speed):
    """A trunk in an ambient that a sheet of shear runs through."""
    grid = Grid((24, 36, 24), (1.0, 0.0, 1.0), 1 / 12)
    tissue = trunk(memory, grid)
    x, y, z, smog = (memory.field("test", f"air_{n}", ti.f32, (16, 16, 16)) for n in "xyzs")
    tissue.ambient = Ambient(x, y, z, smog, (4, 0, 4), 3)
    flow = np.zeros((16, 16, 16), np.float32)
    flow[:, 6:, :] = speed
    x.from_numpy(flow)
    return tissue, Light(memory, grid, 3, air=Grid((16, 16, 16), (0.0, 0.0, 0.0), 0.25))


def test_flashes_are_a_channel_and_light_the_wet_skin(memory):
    tissue, light = stormy(memory, 4.0)
    light.plant(tissue)
    stepped(light, tissue, range(24), spread=0.02)
    *_, flash = light.channels(tissue)
    assert flash.name == "flash"
    assert flash.values.shape == (16, 16, 16)
    assert flash.values[5, 5:7].max() > 0.9
    assert flash.values[:, :4].max() == 0.0
    lit = light.channels(tissue)[0].values
    field, strength = light.flashes
    assert strength == 1.0
    assert field.to_numpy().max() > 0.9
    light._flash.fill(0.0)
    dark = light.channels(tissue)[0].values
    brighter = np.argwhere(lit > dark + 0.05)
    assert len(brighter) > 20
    assert set(brighter[:, 1] // 3) <= {4, 5, 6, 7}  # the sheet, and as far as it is read between cells
    memory.close()
    tissue, light = stormy(memory, 0.2)
    light.plant(tissue)
    stepped(light, tissue, range(24), spread=0.02)
    assert light.channels(tissue)[-1].values.max() == 0.0


# -- what other growths write


def patterned(memory, name, values):
    tissue = trunk(memory)
    if name:
        tissue[name].from_numpy(values.astype(np.float32))
    light = Light(memory, GRID, 2)
    light.plant(tissue)
    stepped(light, tissue, range(-90, 0), swing=0.3)
    found = [c.values.copy() for c in light.channels(tissue)]
    skin = (tissue.solid.to_numpy() > 0.3) & (tissue.solid.to_numpy() < 0.7)
    memory.close()
    return found, skin


def test_a_pattern_is_drawn_in_the_skins_blue(memory):
    bands = np.broadcast_to((np.arange(36) // 6 % 2)[None, :, None], SHAPE)
    found, skin = patterned(memory, "pattern", bands)
    lit, unlit = found[0][skin & (bands == 1)], found[0][skin & (bands == 0)]
    assert lit.mean() > 6 * unlit.mean()
    assert unlit.mean() > 0  # soft, never black


def test_what_decays_glows_green_even_beside_the_body(memory):
    heap = np.zeros(SHAPE)
    heap[2:22, :4, 2:22] = 1.0
    without, _ = patterned(memory, "", heap)
    found, _ = patterned(memory, "matter", heap)
    more = [f - w for f, w in zip(found, without, strict=True)]
    assert more[2][2:6, :4].mean() > 0.03  # where no body is
    assert np.abs(more[2][:, 6:]).max() < 1e-5
    assert max(np.abs(more[n]).max() for n in (0, 1, 3)) < 1e-5  # 530 nm and nothing else


def test_what_was_made_has_a_machines_edges_and_no_cells_light(memory):
    found, skin = patterned(memory, "synthetic", np.ones(SHAPE))
    without, _ = patterned(memory, "", np.ones(SHAPE))
    assert found[0][skin].mean() < 0.1 * without[0][skin].mean()
    assert found[3][skin].mean() > without[3][skin].mean()
    rows = [float(found[3][:, j][skin[:, j]].mean()) for j in range(2 * shine.LAYERS)]
    assert max(rows) > 4 * min(rows)
    assert np.argmax(rows[: shine.LAYERS]) == np.argmax(rows[shine.LAYERS :])  # rings, evenly


def test_earth_has_no_cells_that_glow_and_a_few_threads(memory):
    found, skin = patterned(memory, "soil", np.ones(SHAPE))
    without, _ = patterned(memory, "", np.ones(SHAPE))
    assert max(np.abs(found[n]).max() for n in (0, 1, 3)) < 1e-6
    assert without[0][skin].mean() > 0.02
    threads = found[2][skin]
    assert threads.max() > 0.05
    assert threads.mean() < 0.2 * threads.max()


def test_a_machines_beat_is_held_and_straight_but_soft_enough():
    """10–90 % in 0.25 s or more at the fastest rate."""
    assert 0.8 * shine.RAMP / pulses.FASTEST >= 0.25
