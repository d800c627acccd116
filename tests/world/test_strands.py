"""Strands: they fill the cloud that draws them, stream with the wind, and each is found by its giver."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from bioart.forms import Forms, Grid, mix
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.param import defaults_of
from bioart.steering import Placement
from bioart.world.growth import Ambient, Tissue, _filaments
from bioart.world.growth.strands import GIFTS, NODES, STRANDS, TOKEN, WILD, Strands, branches

GRID = Grid((48, 48, 48), (-1.0, 0.0, -1.0), 4.0 / 96.0)


class Meadow:
    """A block of body in air that moves evenly, or not at all."""

    def __init__(self, flow: tuple[float, float, float] | None = None, seed: int = 3, body: bool = True):
        import taichi as ti

        compute.start("cpu", 2)
        self.memory, self.k = Memory(), 0
        ambient = None
        if flow is not None:
            fields = [
                self.memory.field("meadow", axis, ti.f32, (22, 20, 22)) for axis in ("x", "y", "z", "s")
            ]
            for field, value in zip(fields, (*flow, 0.0), strict=True):
                field.fill(value)
            ambient = Ambient(*fields, corner=(3, 0, 3), finer=3)
        self.tissue = Tissue(self.memory, GRID, ambient)
        if body:
            x, y, z = np.indices(GRID.shape)
            away = np.maximum(np.maximum(np.abs(x - 24), np.abs(z - 24)) - 5, y - 14)
            self.tissue.solid.from_numpy(np.clip(0.5 - away / 3.0, 0, 1).astype(np.float32))
        self.strands = Strands(self.memory, self.tissue, seed)

    def give(self, n: int, at: tuple[float, float, float] = (0.5, 0.35, 0.5), kind: str = "thread") -> str:
        token = f"{0xA000 + n:012x}"
        tint = (0.1 + 0.01 * (n % 80), 0.5, 0.9)
        self.strands.place(self.k, Placement(kind, at, 0.1, tint, token, "textile"))  # type: ignore[arg-type]
        return token

    def run(self, steps: int, **values: float) -> Meadow:
        for _ in range(steps):
            self.strands.step(self.k, {**defaults_of(Strands), **values}, self.tissue)
            self.k += 1
        return self

    def rows(self) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
        return {name: field.to_numpy() for name, field in self.strands.state().items()}

    def segments(self) -> np.ndarray:  # type: ignore[type-arg]
        """(n, 3) m: every grown segment, from parent to child, at rest."""
        r = self.rows()
        found = [np.zeros((0, 3))]
        for s in np.nonzero(r["stage"] > 0)[0]:
            n = r["count"][s]
            found.append(r["rest"][s, 1:n] - r["rest"][s, r["parent"][s, 1:n]])
        return np.concatenate(found)


@pytest.fixture
def meadow():  # type: ignore[no-untyped-def]
    made: list[Meadow] = []

    def make(*args, **named) -> Meadow:  # type: ignore[no-untyped-def]
        made.append(Meadow(*args, **named))
        return made[-1]

    yield make
    for one in made:
        one.memory.close()


def test_without_wind_a_strand_fills_the_cloud_that_draws_it(meadow, tell):  # type: ignore[no-untyped-def]
    """Runions 2007: what a node has come within the kill distance of is gone, and nothing else."""
    m = meadow()
    m.give(1)
    p = {"wild": 0.0, "segment": 0.08, "spread": 0.3, "reach": 0.6}
    kill = _filaments.KILL * 0.08
    drawn: dict[int, np.ndarray] = {}  # type: ignore[type-arg]
    for _ in range(400):
        m.run(1, **p)
        r = m.rows()
        for a in np.nonzero(r["alive"][0] == 1)[0].tolist():
            drawn.setdefault(a, r["lure"][0, a].copy())
    count = int(r["count"][0])
    nodes = r["rest"][0, :count].astype(np.float64)
    assert r["stage"][0] == 2
    alive = set(np.nonzero(r["alive"][0])[0].tolist())
    near = {a: np.linalg.norm(nodes - place, axis=1).min() for a, place in drawn.items()}
    for a, distance in near.items():
        if a in alive:
            assert distance >= kill * (1 - 1e-5)
        else:
            assert distance <= kill * (1 + 1e-5)
    apart = np.linalg.norm(nodes[:, None] - nodes[None], axis=-1) + 9.0 * np.eye(count)
    assert apart.min() >= 0.5 * 0.08 * (1 - 1e-4)
    assert np.linalg.norm(m.segments(), axis=1) == pytest.approx(0.08, rel=1e-3)
    parents = r["parent"][0, 1:count]
    tips = count - len(set(parents.tolist()))
    gone = 1.0 - len(alive & set(near)) / len(near)
    tell(f"{len(near)} points seen, {gone:.2f} of them reached by {count} nodes with {tips} tips")
    assert gone > 0.9
    assert tips >= 4
    assert (parents < np.arange(1, count)).all()


def test_they_grow_down_the_wind(meadow, tell):  # type: ignore[no-untyped-def]
    """Mean direction of the segments against the flow's; without heed for it there is none."""
    along = {}
    for name, flow, stream in (
        ("calm", None, 0.8),
        ("wind", (0.6, 0.0, 0.0), 0.8),
        ("deaf", (0.6, 0.0, 0.0), 0.0),
    ):
        m = meadow(flow)
        for n in range(16):
            m.give(n, (0.35 + 0.02 * n, 0.35, 0.35 + 0.3 * (n % 2)))
        m.run(260, wild=0.0, stream=stream, reach=0.6)
        d = m.segments()
        along[name] = float((d / np.linalg.norm(d, axis=1, keepdims=True))[:, 0].mean())
    tell(", ".join(f"{name} {value:+.3f}" for name, value in along.items()))
    assert along["wind"] > 0.5
    assert abs(along["calm"]) < 0.2
    assert abs(along["deaf"]) < 0.2


def test_air_bends_them_and_stretches_none(meadow, tell):  # type: ignore[no-untyped-def]
    m = meadow((0.0, 0.0, 0.5))
    for n in range(8):
        m.give(n)
    m.run(320, wild=0.0, stream=0.0, sway=0.0)
    r = m.rows()
    there = np.arange(NODES) < r["count"][:, None]
    assert np.allclose(r["drawn"][there], r["rest"][there], atol=1e-4)
    m.run(60, wild=0.0, stream=0.0, sway=1.0, pace=0.05)
    r = m.rows()
    bent, size = [], []
    for s in np.nonzero(r["stage"] > 0)[0]:
        n = r["count"][s]
        moved = r["drawn"][s, 1:n] - r["rest"][s, 1:n]
        bent.append(moved[:, 2])
        size.append(np.linalg.norm(r["drawn"][s, 1:n] - r["drawn"][s, r["parent"][s, 1:n]], axis=1))
    tell(f"tips moved {np.concatenate(bent).max():.2f} m down the wind")
    assert (np.concatenate(bent) > -0.02).all()
    assert np.concatenate(bent).max() > 0.1
    assert np.concatenate(size) == pytest.approx(0.06, rel=1e-3)
    before = r["drawn"].copy()
    m.run(1, wild=0.0, stream=0.0, sway=1.0, pace=0.05)
    step = np.abs(m.rows()["drawn"] - before)[there].max()
    tell(f"swaying moves no point more than {1000 * step:.1f} mm a step")
    assert 1e-5 < step < 0.03


def test_a_givers_strand_is_found_by_its_token(meadow):  # type: ignore[no-untyped-def]
    m = meadow((0.3, 0.0, 0.0))
    m.strands.plant(m.tissue)
    tokens = [m.give(n, (0.3, 0.3, 0.6), "thread" if n % 2 else "matter") for n in range(5)]
    tokens.append(m.give(2))
    m.strands.place(0, Placement("seed", (0.5, 0.5, 0.5), 1.0, (1.0, 1.0, 1.0), "0000000000ff"))
    m.run(200)
    assert m.strands.find("0000000000ff") == []
    (curves,) = m.strands.forms(m.k).curves
    assert len(set(curves.key.tolist())) == len(curves.key)
    for n, token in enumerate(tokens[:5]):
        found = m.strands.find(token)
        assert len(found) == (2 if n == 2 else 1)
        assert found[0]["key"] == int(token, 16)
        assert found[0]["nodes"] > 4
        mine = np.nonzero((curves.key >= 0) & ((curves.key & TOKEN) == int(token, 16)))[0]
        assert len(mine) >= len(found)
        assert {one["key"] for one in found} <= set(curves.key.tolist())
        for s in mine:
            assert curves.tint[s] == pytest.approx((0.1 + 0.01 * n, 0.5, 0.9), abs=1e-6)
        root = curves.at[curves.starts[curves.key.tolist().index(found[0]["key"])]]
        assert root == pytest.approx(found[0]["at"], abs=1e-5)
    assert (curves.key < 0).any()


def test_one_given_at_the_skin_is_rooted_in_it_and_one_in_empty_air_where_it_was_given(meadow):  # type: ignore[no-untyped-def]
    m = meadow()
    (found,) = (m.strands.find(m.give(1, (0.62, 0.2, 0.5))),)
    i, j, k = (int((a - o) / GRID.cell) for a, o in zip(found[0]["at"], GRID.origin, strict=True))
    assert 0.3 < m.tissue.solid[i, j, k] < 0.8
    assert abs(j - 9) <= 1
    none = meadow(body=False)
    (found,) = (none.strands.find(none.give(1, (0.25, 0.5, 0.75))),)
    assert found[0]["at"] == pytest.approx((-0.5, 1.0, 0.5), abs=1e-5)


def test_the_moment_between_two_steps_lies_between_them_though_they_grow(meadow):  # type: ignore[no-untyped-def]
    m = meadow((0.3, 0.0, 0.1))
    for n in range(6):
        m.give(n)
    grew = 0
    before = m.run(40).strands.forms(m.k)
    for _ in range(24):
        after = m.run(1).strands.forms(m.k)
        half = mix(before, after, 0.5).curves[0]
        a, b = before.curves[0], after.curves[0]
        grew += a.at.shape != b.at.shape
        for s, key in enumerate(b.key.tolist()):
            lo, hi = int(b.starts[s]), int(b.starts[s + 1])
            if key in a.key.tolist():
                o = a.key.tolist().index(key)
                was = a.at[int(a.starts[o]) : int(a.starts[o + 1])]
                n = min(len(was), hi - lo)
                assert np.allclose(half.at[lo : lo + n], 0.5 * (was[:n] + b.at[lo : lo + n]), atol=1e-5)
                assert np.abs(was[:n] - b.at[lo : lo + n]).max() < 0.03
        assert isinstance(mix(before, after, 0.5), Forms)
        before = after
    assert grew >= 2


def test_a_tree_falls_into_its_stem_and_its_branches() -> None:
    assert branches([-1]) == [[0]]
    assert branches([-1, 0, 1, 1, 3, 0]) == [[0, 1, 2], [1, 3, 4], [0, 5]]
    parents = [-1, *(n // 2 for n in range(40))]
    paths = branches(parents)
    assert sorted(n for path in paths for n in path[1:]) == list(range(1, 41))
    for path in paths:
        assert all(parents[b] == a for a, b in pairwise(path))


def lively(m: Meadow, steps: int, every: int) -> dict[str, int]:
    most = {"gifts": 0, "wild": 0, "rows": 0, "points": 0}
    last = 0
    for n in range(steps // every):
        m.give(n, (0.3 + 0.4 * ((n * 7) % 11) / 11, 0.3, 0.3 + 0.4 * ((n * 5) % 13) / 13))
        m.run(every, life=10.0)
        r = m.rows()
        here = (r["stage"] == 1) | (r["stage"] == 2)
        most["gifts"] = max(most["gifts"], int((here & (r["token"] >= 0)).sum()))
        most["wild"] = max(most["wild"], int((here & (r["token"] < 0)).sum()))
        most["rows"] = max(most["rows"], int((r["stage"] > 0).sum()))
        most["points"] = max(most["points"], int(r["count"][r["stage"] > 0].sum()))
        assert int(r["clock"][2]) > last
        last = int(r["clock"][2])
        for name in ("rest", "drawn", "lean", "shown", "thin"):
            assert np.isfinite(r[name]).all()
        there = (np.arange(NODES) < r["count"][:, None]) & (r["stage"] > 0)[:, None]
        assert np.abs(r["rest"][there]).max() < 6.0
    assert most["gifts"] <= GIFTS + 1
    assert most["wild"] <= WILD
    assert most["rows"] <= STRANDS
    return most


def test_a_crowd_that_gives_without_end_neither_stops_nor_overflows_them(meadow, tell):  # type: ignore[no-untyped-def]
    m = meadow((0.4, 0.0, 0.1))
    tell(f"1500 steps, a gift each 6: {lively(m, 1500, 6)}")
    newest = m.strands.find(f"{0xA000 + 249:012x}")
    assert len(newest) == 1
    assert m.strands.find(f"{0xA000:012x}") == []


@pytest.mark.prove
def test_for_weeks_they_stay_bounded(meadow, tell):  # type: ignore[no-untyped-def]
    m = meadow((0.4, 0.0, 0.1))
    found = lively(m, 20_000, 40)
    tell(f"20 000 steps, a gift each 40: {found}")
    assert 0 < found["gifts"] <= found["rows"] <= STRANDS


def test_left_alone_wild_ones_come_and_go(meadow):  # type: ignore[no-untyped-def]
    m = meadow((0.4, 0.0, 0.1))
    m.strands.plant(m.tissue)
    m.run(700, life=10.0, wild=8.0)
    before = set(m.rows()["number"][m.rows()["stage"] > 0].tolist())
    m.run(500, life=10.0, wild=8.0)
    r = m.rows()
    after = set(r["number"][r["stage"] > 0].tolist())
    assert 4 <= ((r["stage"] == 1) | (r["stage"] == 2)).sum() <= 8
    assert not before & after


def test_a_burst_beyond_all_rows_keeps_the_latest(meadow):  # type: ignore[no-untyped-def]
    m = meadow()
    m.strands.plant(m.tissue)
    for n in range(STRANDS + 10):
        m.give(n)
    assert all(m.strands.find(f"{0xA000 + n:012x}") for n in range(10, STRANDS + 10))
    m.run(30)
    growing = m.rows()["ration"][m.rows()["stage"] == 1]
    assert 20 <= (growing > 0).sum() <= 24
