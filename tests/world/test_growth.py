"""What holds for every growth, because its file is there."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any, get_args

import numpy as np
import pytest
import taichi as ti

from bioart import registry
from bioart.forms import Grid
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.param import defaults_of, params_of
from bioart.steering import Material, Placement
from bioart.world.growth import FIELDS, Ambient, Growth, Pod, Tissue

KINDS = registry.names("growth")
GRID = Grid((40, 56, 36), (0.0, 0.0, 0.0), 4.0 / 96.0)
EVERY_PARAM = [(kind, name) for kind in KINDS for name in params_of(registry.kind("growth", kind))]


GIFTS = tuple(
    Placement("matter", (0.2 + 0.12 * n, 0.02, 0.3 + 0.4 * (n % 2)), 0.5, (0.5, 0.5, 0.5), f"{n:012x}", m)
    for n, m in enumerate(get_args(Material))
)


WASTE = 2.0  # kg in the pods


def wind(memory: Memory) -> Ambient:
    """Air that turns about the upright, fastest at the walls, and rises a little; 3 cells to one of it."""

    shape = tuple(n // 3 + 1 for n in GRID.shape)
    x, _, z = (n - (size - 1) / 2 for n, size in zip(np.indices(shape), shape, strict=True))
    rows = {"x": 0.06 * z, "y": 0.05 + 0.0 * x, "z": -0.06 * x, "smog": 200.0 + 0.0 * x}
    fields = {name: memory.field("wind", name, ti.f32, shape) for name in rows}
    for name, values in rows.items():
        fields[name].from_numpy(values.astype(np.float32))
    return Ambient(**fields, corner=(0, 0, 0), finer=3)


class Life:
    """A growth in a body of its own, in moving air, with something of every material laid beside it; one that
    makes no body gets a coral's first cells to live on."""

    def __init__(self, kind: str, seed: int, soil: int = 1) -> None:
        compute.start("cpu", 2)
        self.memory = Memory()
        self.tissue = Tissue(self.memory, GRID, wind(self.memory))
        self.tissue.pods = (Pod((0.8, 0.8), 0.5, 3.0, 0.9, 0.8),)
        made = registry.kind("growth", kind)
        self.growth: Growth = made(self.memory, self.tissue, seed)
        self.growth.plant(self.tissue)
        if "solid" not in made.writes:
            registry.kind("growth", "coral")(self.memory, self.tissue, soil).plant(self.tissue)
        self.values = defaults_of(made)
        self.k = -3  # a world lives before its show opens
        for thing in GIFTS:
            self.growth.place(self.k, thing)

    def blow(self, wind: float) -> Life:
        """Wind along x, m/s, everywhere."""
        assert self.tissue.ambient is not None
        self.tissue.ambient.x.fill(wind)
        self.tissue.wind = wind
        return self

    def run(self, steps: int, **values: float) -> Life:
        for _ in range(steps):
            self.tissue.settle()
            self.tissue.waste = WASTE
            self.growth.step(self.k, {**self.values, **values}, self.tissue)
            self.k += 1
        return self

    def state(self) -> dict[str, np.ndarray[Any, Any]]:
        found = {name: field.to_numpy() for name, field in self.growth.state().items()}
        return {**found, "solid": self.tissue.solid.to_numpy(), "age": self.tissue.age.to_numpy()}


def same(a: dict[str, Any], b: dict[str, Any]) -> bool:
    assert a.keys() == b.keys()
    return all(np.array_equal(a[name], b[name]) for name in a)


@pytest.fixture
def live():  # type: ignore[no-untyped-def]
    lives: list[Life] = []

    def make(kind: str, seed: int = 5) -> Life:
        lives.append(Life(kind, seed))
        return lives[-1]

    yield make
    for life in lives:
        life.memory.close()


@pytest.mark.parametrize("kind", KINDS)
def test_same_seed_same_bits_other_seed_other_life(live, kind):  # type: ignore[no-untyped-def]
    one, two, other = (live(kind, seed).run(20).state() for seed in (5, 5, 6))
    assert same(one, two)
    assert not same(one, other)


@pytest.mark.parametrize("kind", KINDS)
def test_a_restored_state_lives_on_as_before(live, kind):  # type: ignore[no-untyped-def]
    first = live(kind).run(13)
    kept = first.state()
    second = live(kind, 5)
    for name, field in second.growth.state().items():
        field.from_numpy(kept[name])
    second.tissue.solid.from_numpy(kept["solid"])
    second.tissue.age.from_numpy(kept["age"])
    second.k = first.k
    first.run(9)
    second.run(9)
    assert same(first.state(), second.state())
    for name in first.growth.writes:
        assert np.array_equal(first.tissue[name].to_numpy(), second.tissue[name].to_numpy())


@pytest.mark.parametrize(("kind", "name"), EVERY_PARAM)
def test_param_is_finite_at_both_ends_and_heard_while_running(live, kind, name):  # type: ignore[no-untyped-def]
    ends = []
    for share in (0.0, 1.0):
        life = (
            live(kind).run(4).blow(1.8).run(10).blow(0.7)
        )  # past every variant of a double buffer, and hurt
        param = params_of(type(life.growth))[name]
        ends.append(life.run(12, **{name: param.at(share)}).state())
    for state in ends:
        for field, values in state.items():
            assert np.isfinite(values).all(), f"{kind}.{name}: {field} is not finite"
        assert state["solid"].min() >= 0.0
        assert state["solid"].max() <= 1.0
    assert not same(*ends), f"{kind}.{name} changes nothing"


@pytest.mark.parametrize("kind", KINDS)
def test_alive_neither_blank_nor_still_nor_blown_out(live, kind):  # type: ignore[no-untyped-def]
    life = live(kind).run(60)
    before = {c.name: c for c in life.growth.channels(life.tissue)}
    solid, matter = life.tissue.solid.to_numpy(), life.tissue["matter"].to_numpy()
    life.run(20)
    after = {c.name: c for c in life.growth.channels(life.tissue)}
    assert before, f"{kind} declares nothing that could be drawn"
    for name, channel in after.items():
        values = channel.values
        assert (values.dtype, values.shape, channel.grid) == (np.float32, GRID.shape, GRID)
        assert values is not before[name].values
        assert values.min() >= 0.0
        assert 0.05 < values.max() < 4.0 * channel.full, f"{name} is blank or blown out"
        assert (values > 0.9 * channel.full).mean() < 0.5
        assert np.abs(values - before[name].values).max() > 1e-3, f"{name} stands still"
    assert 0.001 < (life.tissue.solid.to_numpy() > 0.5).mean() < 0.5
    # Well fed a body grows on the whole; here and there it may be taken up again, or is matter that rots.
    kept = life.tissue.solid.to_numpy()
    assert (kept + matter).sum() >= solid.sum()
    assert (kept < solid - matter - 0.2).mean() < 1e-3
    assert 0.0 <= life.growth.coverage() <= 1.0
    for name in set(life.growth.writes) - {"age"}:
        values = life.tissue[name].to_numpy()
        assert values.min() >= 0.0
        assert 0.05 < values.max() <= 1.0


@pytest.mark.parametrize("kind", KINDS)
def test_it_touches_only_the_fields_that_it_names(live, kind):  # type: ignore[no-untyped-def]
    life = live(kind).run(2)
    made = type(life.growth)
    assert set(made.reads) | set(made.writes) <= set(FIELDS)
    others = sorted(set(FIELDS) - set(made.writes))
    before = {name: life.tissue[name].to_numpy() for name in others}
    life.run(12)
    for name in others:
        assert np.array_equal(life.tissue[name].to_numpy(), before[name]), f"{kind} writes {name}"


@pytest.mark.parametrize("kind", KINDS)
def test_it_lives_beside_another_that_makes_body(live, kind):  # type: ignore[no-untyped-def]
    life = live(kind)
    if "solid" not in life.growth.writes:
        pytest.skip("makes no body")
    other = registry.kind("growth", "coral")(life.memory, life.tissue, 9)
    life.tissue.solid.fill(0.0)
    life.tissue.divide([life.growth, other])
    for growth in (life.growth, other):
        growth.plant(life.tissue)
    life.tissue.unite()
    for _ in range(12):
        life.run(1)
        other.step(life.k, defaults_of(type(other)), life.tissue)
        life.tissue.unite()
    parts = [life.tissue.part(g).to_numpy() for g in (life.growth, other)]
    assert all(part.max() > 0.999 for part in parts)  # flesh nears 1 as a wave does, and may not be there yet
    assert np.array_equal(life.tissue.solid.to_numpy(), np.maximum(*parts))


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_world_gives_back_the_next_one_finds_clean(kind):  # type: ignore[no-untyped-def]
    first = Life(kind, 5).run(10)
    state = first.state()
    first.memory.close()
    made = compute.fields_made()
    second = Life(kind, 5).run(10)
    assert same(state, second.state())
    assert compute.fields_made() == made
    second.memory.close()


PROBE = """
import sys, hashlib
sys.path[:0] = [{here!r}]
from bioart.gpu import compute, launch
launch.FEW = 0  # two threads share every loop, however short
compute.start("cpu", {threads})
import test_growth
compute.start = lambda *a: None
for kind in test_growth.KINDS:
    life = test_growth.Life(kind, 5).run(10).blow(1.8).run(20).blow(0.3).run(10)
    told = hashlib.sha256()
    for name, values in sorted(life.state().items()):
        told.update(name.encode() + values.tobytes())
    print(kind, told.hexdigest())
"""


@pytest.mark.prove
def test_one_and_two_threads_live_the_same_life():  # type: ignore[no-untyped-def]
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.dirname(os.path.dirname(here))
    told = [
        subprocess.run(
            [sys.executable, "-c", PROBE.format(here=here, threads=threads)],
            capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": root},
        ).stdout
        for threads in (1, 2)
    ]  # fmt: skip
    assert told[0].count("\n") == len(KINDS)
    assert told[0] == told[1]
