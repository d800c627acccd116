"""What holds for every display, because its file is there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bioart import registry
from bioart.camera import looking
from bioart.displays import Display
from bioart.errors import BioartError
from bioart.gpu.view import Picture

KINDS = registry.names("display")
CAMERA = looking((0.2, 2.0, -0.1), yaw=0.4, pitch=0.2, distance=9.0, fov=0.6, aspect=16 / 9)
ASKED = [(None, None), (640, None), (None, 480), (640, 480), (1001, 701), (480, 1200)]
WHITE = (1.0, 1.0, 1.0, 1.0)
BLACK = (0.0, 0.0, 0.0, 1.0)


@pytest.fixture
def shown(ctx: Any) -> Iterator[Any]:
    """Make displays, with a small picture and one view for each, and close them all."""
    made: list[Stand] = []

    def stand(kind: str) -> Stand:
        made.append(Stand(ctx, kind))
        return made[-1]

    yield stand
    for each in made:
        each.close()


class Stand:
    """A display, a small picture of it, and a view that is one colour all over."""

    def __init__(self, ctx: Any, kind: str) -> None:
        self.ctx = ctx
        self.display: Display = registry.kind("display", kind)(ctx)
        try:
            self.size = self.display.picture(320, 320)
        except BioartError:  # a device that has its own size only
            self.size = self.display.picture(None, None)
        self.shots = self.display.shots(CAMERA, *self.size)
        self.picture = Picture(ctx, *self.size)
        self.view = Picture(ctx, self.shots[0].width, self.shots[0].height)

    def place(self, *colours: tuple[float, ...]) -> None:
        """A view of one colour for each shot; the last colour stands for all that follow."""
        for index in range(len(self.shots)):
            self.view.framebuffer.clear(*colours[min(index, len(colours) - 1)])
            self.display.place(index, self.view.texture, self.picture)

    def finish(self, gain: float) -> np.ndarray:
        """The picture as (height, width, 4)."""
        self.display.finish(gain, self.picture)
        assert self.ctx.error == "GL_NO_ERROR"
        width, height = self.size
        light: np.ndarray = np.frombuffer(self.picture.texture.read(), np.float16).reshape(height, width, 4)
        return light.astype(np.float32)

    def close(self) -> None:
        self.ctx.extra.use()
        for thing in (self.view, self.picture, self.display):
            thing.close()


def assert_one_line(fault: BioartError) -> None:
    told = str(fault)
    assert told.isprintable(), "one line, fit for a terminal"
    assert 10 < len(told) < 400


@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_of_any_size_fits_the_machine(ctx: Any, shown: Any, kind: str, asked: Any) -> None:
    display: Display = shown(kind).display
    most = ctx.info["GL_MAX_TEXTURE_SIZE"]
    size = display.picture(*asked)
    assert all(type(side) is int and 0 < side <= most for side in size)
    assert display.picture(*asked) == size
    shots = display.shots(CAMERA, *size)
    assert len(shots) >= 1
    for shot in shots:
        assert 0 < shot.width <= size[0]
        assert 0 < shot.height <= size[1]
        assert 0.1 < shot.pixel < 10


@pytest.mark.parametrize("asked", [(0, 0), (-5, 100), (100, -5), (10**6, 10**6), (10**6, None), (None, 0)])
@pytest.mark.parametrize("kind", KINDS)
def test_a_size_that_cannot_be_is_told_in_one_line(shown: Any, kind: str, asked: Any) -> None:
    with pytest.raises(BioartError) as fault:
        shown(kind).display.picture(*asked)
    assert_one_line(fault.value)


@pytest.mark.parametrize("kind", KINDS)
def test_every_view_looks_through_the_focal_rectangle_of_the_score(shown: Any, kind: str) -> None:
    shots = shown(kind).shots
    for shot in shots:
        c = shot.camera
        assert (c.target, c.forward, c.up) == (CAMERA.target, CAMERA.forward, CAMERA.up), "no toe-in"
        assert c.half_height == pytest.approx(CAMERA.half_height)
        assert (c.aspect, c.distance, c.fov) == tuple(
            getattr(shots[0].camera, name) for name in ("aspect", "distance", "fov")
        )
        assert 0 < c.near < c.distance < c.far
    tangents = [shot.camera.tangent for shot in shots]
    assert len(set(tangents)) == len(tangents), "no view is drawn twice"
    assert sum(tangents) == pytest.approx(0.0, abs=1e-6), "the score's own view is the middle one"


@pytest.mark.parametrize("kind", KINDS)
def test_white_views_make_a_white_picture_and_nothing_of_the_frame_before_is_left(
    shown: Any, kind: str
) -> None:
    stand = shown(kind)
    stand.picture.framebuffer.clear(7.0, 7.0, 7.0, 7.0)
    stand.place(WHITE)
    light = stand.finish(1.0)
    assert light.min() >= 0.0
    assert light.max() == 1.0
    assert (light[..., :3].max(-1) == 1.0).mean() > 0.5, "most of the picture shows a view"
    stand.place(BLACK)
    assert (stand.finish(1.0)[..., :3] == 0.0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_every_view_is_seen_by_somebody(shown: Any, kind: str) -> None:
    stand = shown(kind)
    n = len(stand.shots)
    share = []
    for index in range(n):
        stand.place(*[WHITE if i == index else BLACK for i in range(n)])
        share.append(float(stand.finish(1.0)[..., :3].max(-1).mean()))
    assert min(share) > 0.2 / n, f"{kind}: view {int(np.argmin(share))} of {n} is hardly shown"


@pytest.mark.parametrize("kind", KINDS)
def test_the_gain_dims_the_light_of_one_frame_and_keeps_cover(shown: Any, kind: str) -> None:
    stand = shown(kind)
    seen = {}
    for gain in (0.0, 0.5, 0.25, 1.0):  # the last: no gain is remembered
        stand.place((1.0, 0.5, 0.25, 0.75))
        seen[gain] = stand.finish(gain)
    assert seen[1.0][..., :3].max() == 1.0
    assert 0.7 < seen[1.0][..., 3].max() < 0.8
    for gain, light in seen.items():
        assert np.abs(light[..., :3] - gain * seen[1.0][..., :3]).max() < 1e-3
        assert np.array_equal(light[..., 3], seen[1.0][..., 3])
    assert (seen[0.0][..., :3] == 0.0).all(), "true black"


@pytest.mark.parametrize("option", ["no such device", "-1", "\0", "two\nlines", "a" * 5000, "../x", "9" * 30])
@pytest.mark.parametrize("kind", KINDS)
def test_an_option_that_is_none_is_told_in_one_line(ctx: Any, kind: str, option: str) -> None:
    with pytest.raises(BioartError) as fault:
        registry.kind("display", kind)(ctx, option)
    assert fault.value.exit_code == 2
    assert_one_line(fault.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_files_name_may_end_in_its_suffix(shown: Any, kind: str) -> None:
    suffix = shown(kind).display.suffix
    assert Path(f"a{suffix}.png").name == f"a{suffix}.png"
    assert suffix == "" or (suffix.startswith("_") and suffix.isascii() and " " not in suffix)


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_display_gives_all_back_and_the_next_one_shows_the_same(
    ctx: Any, alive: Any, kind: str
) -> None:
    before, pictures, closed = alive(), [], []
    for _ in range(3):
        stand = Stand(ctx, kind)
        stand.place((0.25, 0.5, 0.75, 1.0), WHITE, BLACK)
        pictures.append(stand.finish(0.5))
        held = alive()
        stand.place((0.25, 0.5, 0.75, 1.0), WHITE, BLACK)
        assert np.array_equal(stand.finish(0.5), pictures[0])
        assert alive() == held > before
        stand.close()
        closed.append(stand)  # still held: what it did not release would be counted
        assert alive() == before
    assert all(np.array_equal(picture, pictures[0]) for picture in pictures)
