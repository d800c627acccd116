"""The hologram's own claims: grains that keep their place, light that is spread, not sampled, true black."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.spatial import cKDTree

sys.path.insert(0, str(Path(__file__).parent))
from scenes import BODY, ball

from bioart import studio
from bioart.forms import Forms
from bioart.gpu.upload import Scene
from bioart.looks._grains import GRAIN_BYTES
from bioart.looks._homes import SIDE, crossing, homes, layered, tile
from bioart.looks.hologram import Hologram
from bioart.param import defaults_of

RADIUS, MIDDLE = 0.55, (0.0, 0.9, 0.0)


def sphere(radius: float = RADIUS) -> Forms:
    solid = ball(radius, MIDDLE)
    return studio.volume(BODY.cell, BODY.origin, light0=solid, solid=solid)


class Cloud:
    """The grains that a look makes of forms, without a view."""

    def __init__(self, ctx: Any) -> None:
        self.scene, self.look = Scene(ctx), Hologram(ctx)

    def skin(self, forms: Forms, **over: float) -> np.ndarray:
        """(n, 10) of the grains: at, normal, radius, light."""
        self.scene.upload(forms)
        self.look.prepare(self.scene, {**defaults_of(Hologram), **over}, 0.0)
        run = self.look.cloud.fed["skin"]
        return np.frombuffer(run.buffer.read(run.count * GRAIN_BYTES), np.float32).reshape(-1, 10).copy()

    def close(self) -> None:
        self.look.close()
        self.scene.close()


@pytest.fixture(scope="module")
def cloud(ctx: Any) -> Iterator[Cloud]:
    made = Cloud(ctx)
    yield made
    made.close()


def lit(grains: np.ndarray) -> np.ndarray:
    return np.asarray(grains[grains[:, 6] > 0])


def outside(grains: np.ndarray) -> np.ndarray:
    """How far grains are out of the ball, m."""
    return np.asarray(np.linalg.norm(grains[:, :3] - MIDDLE, axis=1) - RADIUS)


def test_homes_are_one_to_a_cell_and_keep_their_distance() -> None:
    at = np.stack(np.meshgrid(*[np.arange(SIDE)] * 3, indexing="ij"), -1) + tile()
    near, _ = cKDTree(at.reshape(-1, 3) % SIDE, boxsize=SIDE).query(at.reshape(-1, 3) % SIDE, 2)
    assert near[:, 1].min() > 0.6
    assert float(np.median(near[:, 1])) > 0.85  # of edges that a cubic lattice has at 1, and chance at 0.55
    all_of_it = np.ones(BODY.shape, bool)
    found = homes(all_of_it, BODY, 0.1)
    assert len(found) == pytest.approx(np.prod(BODY.size) / 0.1**3, rel=0.15)
    assert len(np.unique(found[:, 3])) > 0.99 * len(found)


@pytest.mark.parametrize("grain", [0.03, 0.06, 0.2])
def test_every_grain_lies_on_the_skin_and_they_are_as_far_apart_as_was_asked(
    cloud: Cloud, grain: float, tell: Callable[[str], None]
) -> None:
    grains = lit(cloud.skin(sphere(), grain=grain))
    assert np.abs(outside(grains)).max() < 0.15 * BODY.cell
    out = (grains[:, :3] - MIDDLE) / np.linalg.norm(grains[:, :3] - MIDDLE, axis=1)[:, None]
    assert (grains[:, 3:6] * out).sum(1).min() > 0.97
    apart = math.sqrt(4 * math.pi * RADIUS**2 / len(grains))
    tell(f"grain {grain} m: {len(grains)} grains, {apart:.4f} m apart")
    assert apart == pytest.approx(grain, rel=0.15)


def test_while_the_skin_grows_no_grain_leaps_and_none_comes_or_goes_at_once(cloud: Cloud) -> None:
    """A fortieth of a voxel: a grain goes as far, along the normal, and no radius changes by a quarter."""
    by = 0.025 * BODY.cell
    rows = []
    for radius in (RADIUS, RADIUS + by):
        forms = sphere(radius)
        solid = forms.volume.channels[1].values
        at = homes(crossing(solid), BODY, layered(0.05, BODY.cell)[1])
        rows.append(dict(zip(map(bytes, at), cloud.skin(forms, grain=0.05), strict=True)))
    shared = sorted(rows[0].keys() & rows[1].keys())
    before, after = (np.stack([r[home] for home in shared]) for r in rows)
    for r, others in zip(rows, reversed(rows), strict=True):  # who is there in one alone is not seen
        assert max((g[6] for home, g in r.items() if home not in others), default=0.0) == 0.0
    both = (before[:, 6] > 0) & (after[:, 6] > 0)
    way = np.linalg.norm(after[both, :3] - before[both, :3], axis=1)
    assert way.max() < 3 * by
    assert float(np.median(way)) == pytest.approx(by, rel=0.25)
    most = float(before[:, 6].max())
    assert np.abs(after[:, 6] - before[:, 6]).max() < most / 4


def test_light_is_the_same_in_few_pixels_and_in_many(tell: Callable[[str], None]) -> None:
    """What a grain sends does not depend on the pixels that it meets."""
    camera = studio.camera(yaw=20, distance=5, target=MIDDLE, fov=24)
    sums = {}
    for side in (32, 128, 512):
        with studio.Studio("hologram", (side, side)) as one:
            sums[side] = float(one.radiance(sphere(), camera)[..., :3].sum()) / side**2
    tell(", ".join(f"{side} px {value / sums[512]:.4f}" for side, value in sums.items()))
    assert sums[32] == pytest.approx(sums[512], rel=0.03)
    assert sums[128] == pytest.approx(sums[512], rel=0.03)


def test_nothing_crawls_as_the_camera_turns(tell: Callable[[str], None]) -> None:
    """Thirds of a pixel: of a picture's light each next picture has nearly all in the same places, and the
    brightest pixel does not twinkle."""
    with studio.Studio("hologram", (128, 128), grain=0.03) as one:
        pictures = [
            one.radiance(sphere(), studio.camera(yaw=20 + 0.06 * i, distance=5, target=MIDDLE, fov=24))[
                ..., 1
            ]
            for i in range(8)
        ]
    totals = np.array([p.sum() for p in pictures])
    tops = np.array([np.sort(p.ravel())[-20:].mean() for p in pictures])
    all_of_it, brightest = (float(np.ptp(v) / v.mean()) for v in (totals, tops))
    tell(f"all light within {all_of_it:.4f}, the brightest within {brightest:.3f}")
    assert all_of_it < 0.01
    assert brightest < 0.12


def test_a_light_behind_flesh_is_dimmed_by_its_depth(tell: Callable[[str], None]) -> None:
    """exp(−k·d) for a ball of diameter d before the light. A field of coarse cells blurs it a little."""
    mote = studio.points([(0.0, 0.9, -0.85)], 0.03, glow=40.0)
    x, y, z = np.meshgrid(*[(np.arange(64) + 0.5) / 32 - 1] * 3, indexing="ij")
    solid = np.clip(0.5 - (np.sqrt(x**2 + (y + 1 - MIDDLE[1]) ** 2 + z**2) - RADIUS) * 16, 0, 1)
    dark = studio.volume(1 / 32, (-1.0, 0.0, -1.0), solid=solid)
    camera = studio.camera(yaw=0, pitch=0, distance=5, target=MIDDLE, fov=30)

    def left(takes: float) -> float:
        with studio.Studio("hologram", (128, 128), flesh=takes, scan=0.0, depth=0.0) as one:
            return float(one.radiance(dark + mote, camera)[..., :3].sum())

    told = -math.log(left(2.0) / left(0.0)) / 2.0
    tell(f"{told:.3f} m of flesh seen where there are {2 * RADIUS} m")
    assert told == pytest.approx(2 * RADIUS, rel=0.1)


def test_beside_the_body_it_is_black() -> None:
    camera = studio.camera(yaw=20, pitch=0, distance=5, target=MIDDLE, fov=30)
    with studio.Studio("hologram", (256, 256)) as one:
        light = one.radiance(sphere(), camera)
    y, x = np.mgrid[0:256, 0:256] - 127.5
    seen = RADIUS / math.sqrt(25 - RADIUS**2) / math.tan(math.radians(15)) * 128
    beside = np.hypot(x, y) > seen + 6
    assert (light[beside] == 0.0).all()
    assert light[~beside].max() > 0.1
