"""A frame as the mean of drawings: what is out of focus, what moves, and what does neither."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bioart.camera import Camera, looking
from bioart.forms import Forms, Points
from bioart.optics import MIDDLE, instants, places
from bioart.projector import Instant, Projector
from bioart.stage import exporter
from bioart.stage.exporter import Export
from bioart.stage.opening import Order
from bioart.take import Moment

SIZE = 240
CAMERA = looking((0.0, 0.0, 0.0), 0.0, 0.0, 10.0, math.radians(40), 1.0)
PER_M = SIZE / (2 * CAMERA.half_height)  # px of a metre in the focal plane
PLAIN = {"develop.bloom": 0.0, "look.light": 1.0}


@pytest.fixture
def projector(ctx: Any) -> Iterator[Projector]:
    made = Projector(ctx, "plain", "flat", SIZE, SIZE)
    yield made
    ctx.extra.use()
    made.close()


def mote(at: tuple[float, float, float], glow: float = 1.0) -> Forms:
    place, one, white = np.array([at], np.float32), np.full(1, glow, np.float32), np.ones((1, 3), np.float32)
    return Forms(points=(Points("m", place, np.full(1, 0.2, np.float32), white, one, np.zeros(1, np.int64)),))


def exposed(projector: Projector, made: list[Instant]) -> np.ndarray:
    """The radiance of a frame, (height, width), summed up before it was developed."""
    projector.expose(made)
    data = np.frombuffer(projector._mean.of(0).read(), np.float32)
    return data.reshape(SIZE, SIZE, 4)[..., 0].astype(float)


def spread(light: np.ndarray) -> tuple[float, float, float, float]:
    """Sum, middle in px along x, and the variances along x and y."""
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    total = light.sum()
    a, b = (light * x).sum() / total, (light * y).sum() / total
    return total, a, (light * (x - a) ** 2).sum() / total, (light * (y - b) ** 2).sum() / total


def through(forms: Forms, aperture: float, focus: float = 0.0, count: int = 64) -> list[Instant]:
    values = {**PLAIN, "camera.aperture": aperture, "camera.focus": focus}
    return [Instant(forms, CAMERA, 1.0, values, 0.0, 1.0, places(count))]


@pytest.mark.parametrize(("z", "focus"), [(4.0, 0.0), (-10.0, 0.0), (0.0, 3.0), (5.0, 2.0), (-4.0, -1.0)])
def test_a_point_off_the_focal_plane_is_a_disc_of_the_lens(
    projector: Projector, z: float, focus: float
) -> None:
    """Thin lens: a point at depth s, sharp at F, lens of width A: a disc of A·|s − F|/s at F."""
    aperture = 0.5
    sharp = spread(exposed(projector, through(mote((0.3, 0.2, z)), 1e-6)))
    blurred = spread(exposed(projector, through(mote((0.3, 0.2, z)), aperture, focus)))
    far, in_focus = 10.0 - z, 10.0 - focus
    disc = aperture * abs(far - in_focus) / far * SIZE / (2 * in_focus * math.tan(math.radians(20)))
    for axis in (2, 3):
        width = 4 * math.sqrt(blurred[axis] - sharp[axis])  # of an even disc, d²/16 is its variance
        assert width == pytest.approx(disc, abs=0.5)
    assert disc > 3
    assert blurred[0] == pytest.approx(sharp[0], rel=0.01)  # no light comes or goes
    assert blurred[1] == pytest.approx(sharp[1], abs=0.3)  # and it stays where it was


def test_what_is_sharp_and_still_is_unchanged(projector: Projector) -> None:
    sharp = mote((0.3, 0.2, 0.0))
    single = exposed(projector, through(sharp, 1e-6))
    wide = exposed(projector, through(sharp, 1.0))
    assert np.abs(wide - single).max() < 0.01 * single.max()
    projector.draw(sharp, CAMERA, 1.0, PLAIN, 0.0)
    codes = projector.read(dither=False).astype(int)
    values = {**PLAIN, "camera.aperture": 1.0}
    made = [Instant(sharp, CAMERA, 1.0, values, k / 999, 1 / 8, places(64)[k::8]) for k in range(8)]
    projector.expose(made)
    assert np.abs(projector.read(dither=False).astype(int) - codes).max() <= 1


def moving(share: float, count: int, fps: int = 25, speed: float = 12.0) -> list[Instant]:
    planned = list(instants(count, 0.0, share))
    return [
        Instant(mote((speed * at / fps, 0.0, 0.0)), CAMERA, 1.0, PLAIN, at / fps, 1 / len(planned), lens)
        for at, lens in planned
    ]


@pytest.mark.parametrize("shutter", [0.25, 0.5, 1.0])
def test_a_moving_point_is_a_streak_of_what_it_moves_while_the_shutter_is_open(
    projector: Projector, shutter: float
) -> None:
    still = spread(exposed(projector, [replace(i, share=1 / 32) for i in moving(0.0, 1) * 32]))
    streak = spread(exposed(projector, moving(shutter, 32)))
    length = math.sqrt(12 * (streak[2] - still[2]))
    assert length == pytest.approx(12.0 * shutter / 25 * PER_M, abs=0.7)
    assert streak[3] == pytest.approx(still[3], abs=0.05)
    assert streak[0] == pytest.approx(still[0], rel=0.01)


def test_open_shutters_of_neighbouring_frames_meet(projector: Projector) -> None:
    """At 360° two frames' streaks together are even: time is neither lost nor counted twice."""
    first = [at for at, _ in instants(16, 0.0, 1.0)]
    assert np.diff([*first, 1.0 + first[0]]) == pytest.approx(np.full(16, 1 / 16))


def test_light_is_added_up_before_it_is_developed(projector: Projector) -> None:
    """A lamp too bright for the film, in four places a quarter of the time each, is white in all four."""
    values = {"develop.bloom": 0.0}
    lamps = [mote((x, 0.0, 0.0), 400.0) for x in (-1.5, -0.5, 0.5, 1.5)]
    projector.expose([Instant(lamp, CAMERA, 1.0, values, 0.0, 0.25) for lamp in lamps])
    row = projector.read(dither=False)[SIZE // 2 - 2 : SIZE // 2 + 2].max(axis=(0, 2)).astype(int)
    assert sum((row[1:] > 240) & (row[:-1] <= 240)) == 4


def test_each_sample_has_its_own_place_and_the_moments_share_the_lens() -> None:
    for count in (1, 2, 7, 16, 64):
        planned = list(instants(count, 0.1, 0.5))
        used = [place for _, lens in planned for place in lens]
        assert sorted(used) == sorted(places(count))
        assert [at for at, _ in planned] == sorted(at for at, _ in planned)
        assert planned[0][0] == 0.0
        assert planned[-1][0] < 0.5
    planned = list(instants(64, 0.1, 0.5))
    middles = np.array([np.mean(lens[0:2], axis=0) for _, lens in planned])
    halves = np.abs(middles[:16].mean(axis=0) - middles[16:].mean(axis=0))
    assert halves.max() < 0.1  # early and late see the same lens
    assert [lens for _, lens in instants(16, 0.0, 0.5)] == [MIDDLE] * 16
    assert len(list(instants(16, 0.1, 0.0))) == 1
    assert list(instants(16, 0.0, 0.0)) == [(0.0, MIDDLE)]
    assert np.hypot(*np.array(places(100)).T).max() < 1.0
    assert np.abs(np.mean(places(100), axis=0)).max() < 0.02


class Clockwork:
    """A source that says when it was asked."""

    def __init__(self, **values: float) -> None:
        self.asked: list[Fraction] = []
        self.values = values

    def at(self, t: Fraction) -> tuple[Forms, Moment]:
        self.asked.append(t)
        return mote((0.0, 0.0, 0.0)), Moment(1.0, CAMERA, self.values)


def opened(quality: str = "final", samples: int | None = None, lens: bool = True, **values: float) -> Any:
    source = Clockwork(**values)
    job = Export(Order("x"), Path("x.mp4"), fps=Fraction(10), quality=quality, samples=samples)
    t = Fraction(3)
    forms, moment = source.at(t)
    return list(exporter._open(job, source, t, forms, moment, lens)), source


def test_final_takes_sixteen_drawings_and_other_qualities_one() -> None:
    made, source = opened()
    assert sum(len(i.lens) for i in made) == exporter.SAMPLES == 16
    assert sum(i.share for i in made) == pytest.approx(1.0)
    assert source.asked == sorted(source.asked)
    assert max(source.asked) < Fraction(3) + Fraction(1, 20)
    for quality in ("draft", "live"):
        made, source = opened(quality)
        assert [i.alone for i in made] == [True]
        assert len(source.asked) == 1
    assert len(opened("live", 5, **{"camera.aperture": 0.0})[0]) == 5
    assert opened("final", 1)[0][0].alone


def test_a_light_field_has_no_lens_of_its_own() -> None:
    made, _ = opened(lens=False)
    assert {i.lens for i in made} == {MIDDLE}
    assert len(made) == 16


def test_places_in_a_lens_share_the_focal_rectangle() -> None:
    camera = CAMERA.focused(2.5)
    assert camera.distance == 7.5
    assert np.array(camera.eye) == pytest.approx(CAMERA.eye)
    for x, y in places(9):
        seen: Camera = camera.through(0.4 * x, 0.4 * y)
        step = np.array(seen.eye) - camera.eye
        assert step == pytest.approx(0.4 * x * np.array(camera.right) + 0.4 * y * np.array(camera.up))
        for corner in ((0, 0), (1, 1), (-1, 1)):
            at = np.array(camera.target) + camera.half_height * (
                corner[0] * np.array(camera.right) + corner[1] * np.array(camera.up)
            )
            clip = seen.projection() @ seen.view() @ np.array([*at, 1.0])
            assert clip[:2] / clip[3] == pytest.approx(corner, abs=1e-9)
