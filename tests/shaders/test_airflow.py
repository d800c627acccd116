"""The look airflow, by number: lines are the air's own, light runs as fast, colour is what it carries."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial import cKDTree

sys.path.insert(0, str(Path(__file__).parent))
from scenes import AIR, BODY, wind

from bioart import studio
from bioart.camera import Camera, looking
from bioart.forms import Channel, Forms, Grid, Points, Volume
from bioart.gpu.upload import Scene
from bioart.gpu.view import View
from bioart.looks import _stream
from bioart.looks._passage import passage
from bioart.looks.airflow import FREE, Airflow
from bioart.param import defaults_of

ROOM = Grid((24, 24, 24), (-3.0, 0.0, -3.0), 0.25)
CAMERA = looking((0.0, 3.0, 0.0), 0.0, 0.0, 9.0, 0.5, 1.0)
SIZE = 256
MIDDLE = np.array([0.0, 3.0, 0.0])
LUMA = np.array([0.2126, 0.7152, 0.0722])


@pytest.fixture(scope="module")
def drawn(ctx: Any) -> Iterator[Any]:
    """Draw forms with params over the defaults; the radiance as (SIZE, SIZE, 3), first row lowest."""
    scene, look, view = Scene(ctx), Airflow(ctx, "draft"), View(ctx, SIZE, SIZE)

    def draw(forms: Forms, camera: Camera = CAMERA, t: float = 1.0, **over: float) -> np.ndarray:
        p = {**defaults_of(Airflow), **over}
        scene.upload(forms)
        look.prepare(scene, p, t)
        look.draw(scene, camera, view, p, t)
        light: np.ndarray = np.frombuffer(view.radiance.read(), np.float16).reshape(SIZE, SIZE, 4)
        return light[..., :3].astype(np.float64)

    yield draw
    view.close()
    look.close()
    scene.close()


def middles(grid: Grid) -> np.ndarray:
    axes = [o + (np.arange(n) + 0.5) * grid.cell for o, n in zip(grid.origin, grid.shape, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1)


def blowing(velocity: Any, *more: Channel, grid: Grid = ROOM) -> Forms:
    """Air of a velocity (x, y, z, 3), m/s, and more channels."""
    v = np.broadcast_to(np.asarray(velocity, np.float32), (*grid.shape, 3))
    parts = [
        Channel(f"velocity_{a}", grid, np.ascontiguousarray(v[..., i]), 2.5) for i, a in enumerate("xyz")
    ]
    return Forms(Volume((*parts, *more)))


def vortex(places: np.ndarray, turns: float = 0.6, climbs: float = 0.05) -> np.ndarray:
    """A body of air that turns about an axis along z, rad/s, and creeps along it, m/s."""
    q = places - MIDDLE
    return np.stack([-turns * q[..., 1], turns * q[..., 0], np.full(q.shape[:-1], climbs)], -1)


def in_vortex(seed: np.ndarray, times: np.ndarray, turns: float = 0.6, climbs: float = 0.05) -> np.ndarray:
    x, y, z = seed - MIDDLE
    c, s = np.cos(turns * times), np.sin(turns * times)
    return np.stack([c * x - s * y, s * x + c * y, z + climbs * times], -1) + MIDDLE


def pixels(places: np.ndarray, camera: Camera = CAMERA) -> np.ndarray:
    """(..., 2): where places of the world are seen."""
    clip = np.concatenate([places, np.ones((*places.shape[:-1], 1))], -1)
    clip = clip @ (camera.projection() @ camera.view()).T
    return np.asarray((clip[..., :2] / clip[..., 3:] * 0.5 + 0.5) * SIZE)


def seeds(n: int) -> np.ndarray:
    return _stream.evenly(FREE)[:n].astype(float) * ROOM.size + ROOM.origin


def test_a_traced_line_and_its_times_are_those_of_a_turning_air() -> None:
    flow = _stream.Flow(vortex(middles(ROOM)).astype(np.float32), ROOM)
    start = MIDDLE + np.array([0.7, 0.0, 0.0])
    at, times = _stream.trace(flow, np.float32([start, start]), np.float32([1, -1]), 15, 0.325, 0.0)
    for k in (0, 1):
        wanted = in_vortex(start, times[:, k])
        assert np.abs(at[:, k] - wanted).max() < 2e-3  # the fifth part of a pixel, all the way round
    assert times[-1, 0] == pytest.approx(15 * 0.325 / np.hypot(0.6 * 0.7, 0.05), rel=1e-3)
    assert times[-1, 1] == pytest.approx(-times[-1, 0], rel=1e-6)


@pytest.mark.parametrize("name", ["uniform", "vortex"])
def test_every_line_is_drawn_within_a_pixel_of_the_exact_one(drawn: Any, name: str) -> None:
    """All the light lies on the exact curves through the seeds, and on each of them lies light."""
    along = np.linspace(-50, 50, 8001)
    if name == "uniform":
        v = np.array([0.3, 0.12, -0.2])
        exact = [s + along[:, None] * v for s in seeds(12)]
        forms = blowing(v)
    else:
        exact = [in_vortex(s, along) for s in seeds(12)]
        forms = blowing(vortex(middles(ROOM)))
    light = drawn(forms, crowd=12 / FREE, pulses=0.0) @ LUMA
    y, x = np.nonzero(light > 0.5 * np.percentile(light[light > 0], 90))
    lit = np.stack([x, y], -1) + 0.5
    off = cKDTree(np.concatenate([pixels(e) for e in exact])).query(lit)[0]
    assert len(lit) > 300
    assert off.max() < 1.0
    for seed in seeds(12):
        px, py = pixels(seed).astype(int)
        if 2 <= px < SIZE - 2 and 2 <= py < SIZE - 2 and np.abs(seed - MIDDLE).max() < 1.8:
            assert light[py - 1 : py + 2, px - 1 : px + 2].max() > 0.02


@pytest.mark.parametrize("speed", [0.05, 0.3, 0.77, 2.4])
def test_light_runs_along_a_line_as_fast_as_the_air(drawn: Any, speed: float) -> None:
    haste, seed = 2.0, seeds(1)[0]
    step = 0.25 / (haste * speed)  # s in which the air goes a quarter of a metre
    along = np.linspace(-1.2, 1.2, 241)
    track = pixels(seed + along[:, None] * [1.0, 0.0, 0.0]) - 0.5
    base, before, after = (
        _along(
            drawn(blowing([speed, 0.0, 0.0]), t=t, crowd=1 / FREE, lines=8.0, haste=haste, pulses=pulses),
            track,
        )
        for t, pulses in ((3.0, 0.0), (3.0, 16.0), (3.0 + step, 16.0))
    )
    assert base.min() > 0.01
    shifts = np.arange(-60, 61)  # cm
    a, b = before / base, after / base
    misfit = [np.mean((a[60:-60] - b[60 + s : len(b) - 60 + s]) ** 2) for s in shifts]
    moved = 0.01 * shifts[int(np.argmin(misfit))]
    pixel = 2 * CAMERA.half_height / SIZE
    assert np.ptp(a) > 5.0
    assert moved == pytest.approx(0.25, abs=pixel)


def _along(light: np.ndarray, track: np.ndarray) -> np.ndarray:
    """The light of a level line across it, at places of the picture (n, 2)."""
    rows = light @ LUMA
    y = round(track[:, 1].mean())
    across = rows[y - 3 : y + 4].sum(0)
    return np.interp(track[:, 0], np.arange(SIZE), across)


def test_pulses_pass_a_place_at_most_three_times_a_second(drawn: Any) -> None:
    """However fast the air is, and none of them hurries when the air's usual speed changes a little."""
    look = object.__new__(Airflow)  # no context is needed to tell the time
    p = defaults_of(Airflow)
    for speed in (0.01, 0.4, 3.0, 40.0):
        told = look._beat(p, speed, 100.0)
        assert p["haste"] / told["period"] <= 3.0
        near = look._beat(p, speed * 1.001, 100.0)
        octaves = np.log2(near["period"] / told["period"]) + near["fading"] - told["fading"]
        assert abs(octaves) < 0.01
        assert (told["now"] - near["now"]) % min(told["period"], near["period"]) == pytest.approx(0, abs=1e-6)


def test_a_line_is_amber_where_the_air_is_foul_and_blue_where_it_is_clear(drawn: Any) -> None:
    x = middles(ROOM)[..., 0]
    smog = Channel("smog", ROOM, (900.0 * (x < 0)).astype(np.float32), 900.0)
    light = drawn(blowing([0.4, 0.0, 0.0], smog), smog=0.0)
    foul, clear = light[:, : SIZE // 2 - 12].sum((0, 1)), light[:, SIZE // 2 + 12 :].sum((0, 1))
    assert foul[0] > 2 * foul[1] > 4 * foul[2]
    assert clear[2] > clear[1] > 2 * clear[0]


def test_intakes_and_vents_are_found_where_air_is_taken_and_given() -> None:
    velocity = np.stack(wind(), -1)
    into, out = sorted(_stream.openings(velocity, AIR, 0.4), key=lambda o: o.flow)
    assert into.at == pytest.approx((-0.7, 0.6, 0.4), abs=AIR.cell)
    assert out.at == pytest.approx((0.1, 2.0, 0.1), abs=AIR.cell)
    assert -0.5 <= into.flow < -0.2  # what of 0.5 m³/s is within the cells about it
    assert 0.2 < out.flow <= 0.5
    for still in (np.zeros_like(velocity), velocity * 0 + [0.4, 0.1, 0.0], vortex(middles(AIR))):
        assert _stream.openings(still.astype(np.float32), AIR, 0.4) == []


def test_nothing_pops_while_an_intake_opens(drawn: Any) -> None:
    """From still wind to full draught in forty steps: none changes the picture much more than the others."""
    calm = np.array([0.4, 0.0, 0.0])
    full = np.stack(wind(), -1)
    frames = [
        drawn(blowing(calm + share * (full - calm), grid=AIR), haste=0.1, sparks=0.0)
        for share in np.linspace(0, 1, 41)
    ]
    changes = np.array([np.abs(b - a).mean() for a, b in pairwise(frames)])
    assert changes.max() < 4 * np.median(changes)
    assert np.abs(frames[-1] - frames[0]).mean() > 4 * np.median(changes)


def test_the_way_inside_goes_through_the_flesh() -> None:
    """A bent pipe of flesh from an intake to a vent: the way keeps to it."""
    q = middles(BODY)
    solid = np.zeros(BODY.shape, np.float32)
    solid[(np.abs(q[..., 0] + 0.6) < 0.2) & (np.abs(q[..., 2]) < 0.2) & (q[..., 1] < 1.6)] = 1.0
    solid[(np.abs(q[..., 1] - 1.4) < 0.2) & (np.abs(q[..., 2]) < 0.2) & (np.abs(q[..., 0]) < 0.7)] = 1.0
    ends = [_stream.Opening((-0.6, 0.2, 0.0), -0.2, 1.0), _stream.Opening((0.6, 1.4, 0.0), 0.2, 1.0)]
    flow = passage(solid, BODY, ends)
    assert flow is not None
    start = np.float32([[-0.6, 0.4, 0.0], [-0.65, 0.4, 0.05]])
    at, _ = _stream.trace(flow, start, np.ones(2, np.float32), 40, 0.05, 0.02)
    inside = _stream.read(solid, BODY, at)
    assert inside.mean() > 0.9
    assert np.linalg.norm(at - np.float32(ends[1].at), axis=-1).min(0).max() < 0.3
    assert passage(solid, BODY, ends[:1]) is None
    assert passage(np.zeros_like(solid), BODY, ends) is None


def test_what_runs_behind_the_body_is_dimmed_and_what_runs_before_it_is_not(drawn: Any) -> None:
    wall = np.zeros((24, 24, 24), np.float32)
    wall[:, :, 11:13] = 1.0
    flesh = Channel("solid", ROOM, wall)
    only = {"crowd": 60 / FREE, "rim": 0.0, "veins": 0.0, "pulses": 0.0, "way": 0.0}
    hidden = drawn(blowing([0.4, 0.0, 0.0], flesh), glass=16.0, **only)
    free = drawn(blowing([0.4, 0.0, 0.0]), **only)
    for seed in seeds(60):
        px, py = pixels(seed).astype(int)
        if np.abs(seed - MIDDLE).max() > 1.6 or abs(seed[2]) < 0.7:
            continue
        was, now = (f[py - 1 : py + 2, px - 1 : px + 2].max() for f in (free, hidden))
        if seed[2] > 0:
            assert now > 0.9 * was
        elif was > 0.02:
            assert now < 0.4 * was or _crossed(seed)


def _crossed(seed: np.ndarray) -> bool:
    """Whether another line, before the wall, is seen at the same place."""
    others = seeds(60)
    near = others[others[:, 2] > 0.3]
    return bool((np.abs(pixels(near)[:, 1] - pixels(seed)[1]) < 4).any())


def test_a_velocity_on_another_grid_than_the_smog_is_read_on_its_own(drawn: Any) -> None:
    fine = Grid((12, 12, 12), (-3.0, 0.0, -3.0), 0.5)
    x = middles(fine)[..., 0]
    smog = Channel("smog", fine, (900.0 * (x < 0)).astype(np.float32), 900.0)
    light = drawn(blowing([0.4, 0.0, 0.0], smog), smog=0.0)
    assert light[:, : SIZE // 2 - 16].sum((0, 1))[0] > 2 * light[:, : SIZE // 2 - 16].sum((0, 1))[2]
    twice = replace(smog, values=smog.values * 2, full=1800.0)
    assert np.abs(drawn(blowing([0.4, 0.0, 0.0], twice), smog=0.0) - light).max() < 1e-2


def test_lines_are_lit_where_the_air_flashes_and_there_alone(drawn: Any) -> None:
    """Blue on the side that flashes; on the other nothing changes."""
    lit = np.zeros(ROOM.shape, np.float32)
    lit[: ROOM.shape[0] // 4] = 1.0
    wind_ = (0.6, 0.0, 0.0)
    plain = drawn(blowing(wind_))
    flashing = drawn(blowing(wind_, Channel("flash", ROOM, lit, 2.0)), flashes=2.0)
    more = flashing - plain
    left, right = more[:, : SIZE // 3], more[:, SIZE // 2 :]
    assert left[..., 2].sum() > 0.2 * plain[..., 2].sum()
    assert left[..., 2].sum() > 3.0 * left[..., 0].sum()
    assert np.abs(right).max() < 0.01 * flashing.max()


def test_more_lines_are_there_where_the_air_spins(drawn: Any) -> None:
    q = middles(ROOM) - MIDDLE
    near = np.exp(-((q[..., 0] ** 2 + q[..., 1] ** 2) / 0.8))[..., None]
    air = blowing(4.0 * near * np.stack([-q[..., 1], q[..., 0], np.zeros(ROOM.shape)], -1) + (0.1, 0.0, 0.0))
    without, with_ = drawn(air, eddies=0.0), drawn(air, eddies=2.0)
    more = (with_ - without) @ LUMA
    y, x = np.mgrid[:SIZE, :SIZE] / SIZE - 0.5
    core = np.hypot(x, y) < 0.15
    assert more[core].mean() > 2.0 * (without @ LUMA)[core].mean()
    assert np.abs(more[np.hypot(x, y) > 0.4]).max() < 0.05 * with_.max()


def test_swift_air_shows_and_slow_air_hardly(drawn: Any) -> None:
    fast = middles(ROOM)[..., 1:2] > 3.0
    air = blowing(np.where(fast, 0.8, 0.1) * np.array([1.0, 0.0, 0.0]))
    halves = []
    for swift in (0.0, 2.0):
        light = drawn(air, swift=swift) @ LUMA
        halves.append(light[SIZE // 2 + 20 :].sum() / light[: SIZE // 2 - 20].sum())
    assert halves[1] > 5.0 * halves[0]


def test_only_what_the_air_takes_along_has_its_trail(drawn: Any) -> None:
    at, one = np.array([[0.0, 3.0, 0.0]], np.float32), np.ones(1, np.float32)
    wide = []
    for name in ("spores", "currents"):
        mote = Points(name, at, 0.05 * one, np.ones((1, 3), np.float32), one, np.zeros(1, np.int64))
        forms = blowing((0.8, 0.0, 0.0)) + Forms(points=(mote,))
        light = drawn(forms, lines=0.0, sparks=4.0, trail=1.0) @ LUMA
        wide.append(int((light.max(axis=0) > 0.02 * light.max()).sum()))
    assert wide[0] > 2 * wide[1]


def test_without_a_line_no_texture_is_empty(ctx: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """One driver in two takes no texture of no texels."""
    made, scene = Airflow(ctx, "draft"), Scene(ctx)
    sizes = []
    was = scene.texture3d
    monkeypatch.setattr(
        scene, "texture3d", lambda key, shape, n: (sizes.append(shape), was(key, shape, n))[1]
    )
    still, moving = np.zeros((12,) * 3), np.ones((12,) * 3)
    scene.upload(studio.volume(0.2, velocity_x=moving, velocity_y=still, velocity_z=still))
    made.prepare(scene, {**defaults_of(Airflow), "crowd": 0.0, "eddies": 0.0}, 0.0)
    assert sizes
    assert all(min(shape) > 0 for shape in sizes)
    made.close()
    scene.close()
