"""What holds for every look, because its file is there."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from scenes import CAMERA, whirl, whole

from bioart import registry, testcard
from bioart.camera import Camera
from bioart.forms import Channel, Curves, Forms, Grid, Points, Volume
from bioart.gpu.upload import Scene
from bioart.gpu.view import View
from bioart.looks import Look
from bioart.param import defaults_of, params_of
from bioart.spectrum import Emitter

KINDS = registry.names("look")
QUALITIES = ("draft", "live", "final")
EVERY_PARAM = [(kind, name) for kind in KINDS for name in params_of(registry.kind("look", kind))]
FORMS = {
    "the card": testcard.card(CAMERA),
    "all there is": whole(),
    "a whirl": whole(whirl),
    "no volume": replace(whole(), volume=Forms().volume),
    "volume alone": Forms(whole().volume),
}

ON = {"rim_": {"rim": 1.0}}  # what must be on for params whose names begin so to say anything


class Eye:
    """A look with a scene of its own, and what it drew last."""

    def __init__(self, ctx: Any, kind: str, quality: str = "draft") -> None:
        self.ctx = ctx
        made = registry.kind("look", kind)
        self.look: Look = made(ctx, quality)
        self.values = defaults_of(made)
        self.scene = Scene(ctx)
        self.views: dict[tuple[int, int], View] = {}
        self.depth = np.zeros((0, 0), np.float32)

    def draw(
        self, forms: Forms, camera: Camera = CAMERA, size: tuple[int, int] = (64, 64), at: float = 1.0,
        **over: float,
    ) -> np.ndarray:  # fmt: skip
        """The radiance as (height, width, 4), first row lowest; `depth` is (height, width), 0–1. at: s."""
        width, height = size
        if size not in self.views:
            self.views[size] = View(self.ctx, width, height)
        view, values = self.views[size], {**self.values, **over}
        self.scene.upload(forms)
        self.look.prepare(self.scene, values, at)
        self.look.draw(self.scene, camera.shaped(width / height), view, values, at)
        assert self.ctx.error == "GL_NO_ERROR"
        self.depth = np.frombuffer(view.depth.read(), np.float32).reshape(height, width)
        light: np.ndarray = np.frombuffer(view.radiance.read(), np.float16).reshape(height, width, 4)
        return light.astype(np.float32)

    def close(self) -> None:
        self.ctx.extra.use()
        for view in self.views.values():
            view.close()
        self.look.close()
        self.scene.close()


@pytest.fixture(scope="module")
def eyes(ctx: Any) -> Iterator[Any]:
    """One eye for each look and quality, made where it is first asked for."""
    made: dict[tuple[str, str], Eye] = {}

    def eye(kind: str, quality: str = "draft") -> Eye:
        if (kind, quality) not in made:
            made[kind, quality] = Eye(ctx, kind, quality)
        return made[kind, quality]

    yield eye
    for each in made.values():
        each.close()


def assert_sound(light: np.ndarray) -> None:
    assert np.isfinite(light).all()
    assert light.min() >= 0.0
    assert light[..., 3].max() <= 1.001


@pytest.mark.parametrize("quality", QUALITIES)
@pytest.mark.parametrize("kind", KINDS)
def test_light_is_there_finite_and_never_less_than_none(eyes: Any, kind: str, quality: str) -> None:
    eye = eyes(kind, quality)
    for name, forms in FORMS.items():
        for camera in (CAMERA, CAMERA.shifted(-0.2)):
            light = eye.draw(forms, camera)
            assert_sound(light)
            assert eye.depth.min() >= 0.0
            if name != "volume alone":  # a look may leave it out, and is black then
                assert light[..., :3].max() > 0.1, f"{kind} shows nothing of {name}"
                assert np.ptp(light[..., :3].sum(-1)) > 0.1, f"{kind} shows {name} as one flat field"


@pytest.mark.parametrize("size", [(16, 16), (17, 31), (96, 40), (1, 1)])
@pytest.mark.parametrize("kind", KINDS)
def test_a_view_may_have_any_size(eyes: Any, kind: str, size: tuple[int, int]) -> None:
    light = eyes(kind).draw(whole(), size=size)
    assert_sound(light)
    assert size == (1, 1) or light[..., :3].max() > 0.1


@pytest.mark.parametrize("kind", KINDS)
def test_where_nothing_is_it_is_black_and_nothing_is_left_of_the_frame_before(eyes: Any, kind: str) -> None:
    eye = eyes(kind)
    assert eye.draw(whole())[..., :3].max() > 0.1
    assert (eye.draw(Forms()) == 0.0).all()
    assert (eye.depth == 1.0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_forms_give_the_same_pixels_whatever_was_drawn_between(
    ctx: Any, eyes: Any, kind: str
) -> None:
    eye, fresh = eyes(kind), Eye(ctx, kind)
    first, depth = eye.draw(whole()), eye.depth
    eye.draw(FORMS["the card"], CAMERA.shifted(0.3), (48, 32))
    eye.draw(whole(), **{name: param.at(0.7) for name, param in params_of(type(eye.look)).items()})
    assert np.array_equal(eye.draw(whole()), first)
    assert np.array_equal(eye.depth, depth)
    assert np.array_equal(fresh.draw(whole()), first)
    fresh.close()


@pytest.mark.parametrize("kind", KINDS)
def test_one_prepared_frame_serves_many_cameras(eyes: Any, kind: str) -> None:
    eye, cameras = eyes(kind), [CAMERA.shifted(0.15 * i) for i in (-1, 0, 1)]
    alone = [eye.draw(whole(), camera) for camera in cameras]
    view = eye.views[64, 64]
    eye.scene.upload(whole())
    eye.look.prepare(eye.scene, eye.values, 1.0)
    for camera, wanted in zip(cameras, alone, strict=True):
        eye.look.draw(eye.scene, camera, view, eye.values, 1.0)
        got = np.frombuffer(view.radiance.read(), np.float16).reshape(64, 64, 4)
        assert np.array_equal(got, wanted)
    assert not np.array_equal(alone[0], alone[1])
    assert not np.array_equal(alone[1], alone[2])


@pytest.mark.parametrize(("kind", "name"), EVERY_PARAM)
def test_a_param_turned_from_low_to_high_changes_a_picture(eyes: Any, kind: str, name: str) -> None:
    """On the way too, for an angle ends where it began."""
    eye, param = eyes(kind), params_of(registry.kind("look", kind))[name]
    heard, on = 0.0, next((more for start, more in ON.items() if name.startswith(start)), {})
    for forms in FORMS.values():
        low, between, high = (eye.draw(forms, **{**on, name: param.at(share)}) for share in (0.0, 0.4, 1.0))
        for light in (low, between, high):
            assert_sound(light)
            heard = max(heard, float(np.abs(light - low).max()))
    assert heard > 1e-3, f"{kind}: look.{name} changes nothing"


@pytest.mark.parametrize("kind", KINDS)
def test_in_a_loop_all_that_a_look_moves_by_itself_comes_round(eyes: Any, kind: str) -> None:
    eye, forms = eyes(kind), whole()
    try:
        eye.look.lap = 7.0  # s, in which nothing comes round that is not told to
        first, later, last = (eye.draw(forms, at=t) for t in (2.3, 5.0, 9.3))
    finally:
        eye.look.lap = None
    assert np.abs(last - first).max() <= 2e-3 * first.max()
    if kind in ("airflow", "hologram", "specimen"):
        assert np.abs(later - first).max() > 1e-2 * first.max(), "it moves at all"


@pytest.mark.parametrize("kind", KINDS)
def test_a_channel_that_is_absent_reads_zero(eyes: Any, kind: str) -> None:
    eye, forms = eyes(kind), whole()
    for gone in forms.volume.channels:
        others = tuple(c for c in forms.volume.channels if c is not gone)
        zero = tuple(
            replace(c, values=np.zeros_like(c.values)) if c is gone else c for c in forms.volume.channels
        )
        without = eye.draw(replace(forms, volume=replace(forms.volume, channels=others)))
        assert_sound(without)
        with_zeros = eye.draw(replace(forms, volume=replace(forms.volume, channels=zero)))
        assert np.array_equal(without, with_zeros), f"{kind}: {gone.name}"


@pytest.mark.parametrize("tangent", [-0.25, 0.0, 0.3])
@pytest.mark.parametrize("kind", KINDS)
def test_each_form_appears_where_the_projection_says(eyes: Any, kind: str, tangent: float) -> None:
    """Small things behind the focal plane, off all axes: a camera that is not off-axis moves them far."""
    eye, camera = eyes(kind), CAMERA.shifted(tangent)
    place = (-0.35, 1.3, -0.65)
    clip = camera.projection() @ camera.view() @ np.array([*place, 1.0])
    wanted = (clip[:2] / clip[3] * 0.5 + 0.5) * 96
    seen = []
    for name, forms in small(place).items():
        light = eye.draw(forms, camera, (96, 96))[..., :3].sum(-1)
        if light.max() > 0.01:
            y, x = np.nonzero(light > 0.3 * light.max())
            assert [x.mean() + 0.5, y.mean() + 0.5] == pytest.approx(wanted, abs=1.6), f"{kind}: {name}"
            seen.append(name)
    assert seen, f"{kind} shows none of them"


def small(place: tuple[float, float, float]) -> dict[str, Forms]:
    """A mote, a strand and a lit block of flesh with their middle at a place."""
    at, one, white = np.array([place], np.float32), np.ones(1, np.float32), np.ones((1, 3), np.float32)
    along = at + np.array([[-0.1, 0, 0], [0, 0, 0], [0.1, 0, 0]], np.float32)
    solid = np.zeros((12, 16, 9), np.float32)
    solid[5:7, 5:7, 5:7] = 1.0
    around = Grid(solid.shape, tuple(float(v) - 0.48 for v in place), 0.08)  # type: ignore[arg-type]
    block = Volume(
        (Channel("solid", around, solid), Channel("light0", around, solid)), (Emitter("light0", 520, 30),)
    )
    mote = Points("mote", at, 0.05 * one, white, 5 * one, np.zeros(1, np.int64))
    strand = Curves(
        "strand", along, np.array([0, 3]), np.repeat(0.03 * one, 3), white, np.repeat(one, 3), mote.key
    )
    return {"a mote": Forms(points=(mote,)), "a strand": Forms(curves=(strand,)), "flesh": Forms(block)}


@pytest.mark.parametrize("tangent", [0.0, 0.3])
@pytest.mark.parametrize("kind", KINDS)
def test_a_strand_leaves_its_depth(eyes: Any, kind: str, tangent: float) -> None:
    """The card's frame lies in the focal plane, and so does every depth that it leaves."""
    eye, camera = eyes(kind), CAMERA.shifted(tangent)
    light = eye.draw(Forms(curves=testcard.card(CAMERA).curves), camera, (96, 96))
    if not light.any():
        pytest.skip(f"{kind} draws no strands")
    there = eye.depth[eye.depth < 1.0].astype(float)
    assert len(there) > 24
    near, far = camera.near, camera.far
    distance = far * near / (far - there * (far - near))
    assert distance == pytest.approx(camera.distance, abs=0.1)


@pytest.mark.parametrize("kind", KINDS)
def test_a_running_show_allocates_nothing_and_a_closed_look_gives_all_back(
    ctx: Any, alive: Any, kind: str
) -> None:
    before, closed = alive(), []
    for _ in range(2):
        eye = Eye(ctx, kind)
        for forms in (*FORMS.values(), *FORMS.values()):
            eye.draw(forms)
        running = alive()
        assert running > before
        for forms in FORMS.values():
            eye.draw(forms)
        assert alive() == running
        eye.close()
        closed.append(eye)  # still held: what it did not release would be counted
        assert alive() == before
