"""Views carried between drawn ones: where things stand, how near they come to exact ones."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "shaders"))
import scenes

from bioart import registry, studio
from bioart.camera import looking
from bioart.displays.quilt import DEVICES, FOV, STRIDE, device
from bioart.errors import BioartError
from bioart.forms import Forms
from bioart.gpu.between import Between, in_a_row
from bioart.gpu.view import View
from bioart.param import defaults_of
from bioart.projector import Projector

CAMERA = looking((0.0, 1.0, 0.0), yaw=0.4, pitch=0.1, distance=9.0, fov=0.3, aspect=0.75)
EVERY = DEVICES["portrait"].every
SIZE = (1344, 1344)  # tiles of 168×224
LAYERED = [kind for kind in registry.names("look") if registry.kind("look", kind).layered]
DEPTHS = (-0.7, -0.35, 0.0, 0.35, 0.7)  # m behind the focal plane


def views(ctx: Any, look: str, forms: Forms, option: str, quality: str = "live", **look_values: float) -> Any:
    """(views, height, width, 3) codes of a quilt, view 0 first, and its shots."""
    projector = Projector(ctx, look, f"quilt:{option}", *SIZE, quality)
    values = {f"look.{name}": value for name, value in look_values.items()} | {"develop.bloom": 0.0}
    values = {f"look.{n}": v for n, v in defaults_of(registry.kind("look", look)).items()} | values
    projector.draw(forms, CAMERA, 1.0, values, 1.0)
    shots = projector.display.shots(CAMERA, projector.width, projector.height)
    picture = projector.read().astype(float)
    projector.close()
    h, w = shots[0].height, shots[0].width
    tiles = [picture[(5 - i // 8) * h : (6 - i // 8) * h, i % 8 * w : (i % 8 + 1) * w] for i in range(48)]
    return np.stack(tiles), shots


def cloud() -> Forms:
    """Five soft lights in a row upwards, each at its own depth for CAMERA."""
    cell, n = 0.03, 96
    origin = (-n * cell / 2, 1.0 - n * cell / 2, -n * cell / 2)
    axes = [o + (np.arange(n) + 0.5) * cell for o in origin]
    at = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    light = np.zeros((n, n, n))
    for place in places():
        light += np.exp(-((at - place) ** 2).sum(-1) / (2 * 0.1**2))
    return studio.volume(cell, origin, {"light0": (550.0, 10.0)}, light0=light.astype(np.float32))


def places() -> list[Any]:
    rows = np.linspace(-0.9, 0.9, len(DEPTHS))
    forward, up = np.array(CAMERA.forward), np.array(CAMERA.up)
    return [np.array(CAMERA.target) + y * up + z * forward for y, z in zip(rows, DEPTHS, strict=True)]


def db(a: Any, b: Any, where: Any = True) -> float:
    error = ((a - b) ** 2).mean(-1)
    return float(10 * np.log10(255**2 / max(float(np.mean(error, where=where)), 1e-9)))


def steepest(view: Any) -> Any:
    """The twentieth of a view's pixels with the steepest gradient."""
    rise = np.hypot(*np.gradient(view @ [0.2126, 0.7152, 0.0722]))
    return rise >= np.quantile(rise, 0.95)


def test_lights_at_known_depths_move_as_they_must_in_every_pair(ctx: Any, tell: Any) -> None:
    tiles, shots = views(ctx, "spectral", cloud(), "portrait", order=0.0, glow=1.0)
    step = np.diff([s.camera.tangent for s in shots]) * shots[0].height / (2 * math.tan(FOV / 2))
    distance = shots[0].camera.distance
    worst = 0.0
    for place, depth in zip(places(), DEPTHS, strict=True):
        found = []
        for tile, shot in zip(tiles, shots, strict=True):
            clip = shot.camera.projection() @ shot.camera.view() @ np.array([*place, 1.0])
            x, y = (clip[0] / clip[3] * 0.5 + 0.5) * shot.width, (0.5 - clip[1] / clip[3] * 0.5) * shot.height
            j, i = np.mgrid[0 : shot.height, 0 : shot.width] + 0.5
            light = tile.sum(2) ** 2 * (np.hypot(i - x, j - y) < 18)
            found.append(float((light * i).sum() / light.sum()))
        wanted = step * (1 - distance / (distance + depth))
        worst = max(worst, float(np.abs(np.diff(found) - wanted).max()))
    tell(f"carried views: the disparity of a pair is off by at most {worst:.3f} px")
    assert worst < 0.1


def test_soft_light_is_carried_as_if_it_were_drawn(ctx: Any, tell: Any) -> None:
    exact, _ = views(ctx, "spectral", cloud(), "portrait:exact", order=0.0)
    carried, _ = views(ctx, "spectral", cloud(), "portrait", order=0.0)
    between = [i for i in range(47) if i % EVERY]
    all_of, steep = (
        [db(exact[i], carried[i], where) for i, where in ((i, pick(exact[i])) for i in between)]
        for pick in (lambda view: True, steepest)
    )
    tell(
        f"carried views of soft light: {min(all_of):.1f} dB, steepest twentieth {min(steep):.1f} dB, at least"
    )
    assert min(all_of) > 44
    assert min(steep) > 38


@pytest.mark.parametrize("kind", LAYERED)
def test_a_carried_view_is_nearer_to_the_exact_one_than_its_neighbour_is(ctx: Any, kind: str) -> None:
    forms = scenes.whole()
    exact, _ = views(ctx, kind, forms, "portrait:exact")
    carried, _ = views(ctx, kind, forms, "portrait")
    for i in range(48):
        if i % EVERY == 0 or i == 47:
            assert np.array_equal(exact[i], carried[i])
        else:
            neighbour = exact[i - 1 if i % EVERY < EVERY / 2 else i + 1]
            assert db(exact[i], carried[i]) > db(exact[i], neighbour) + 1


@pytest.mark.parametrize("kind", LAYERED)
def test_motes_and_words_are_drawn_in_every_view(ctx: Any, kind: str) -> None:
    forms = replace(scenes.whole(), volume=Forms().volume, curves=())
    exact, _ = views(ctx, kind, forms, "portrait:exact", **({"haze": 0.0} if kind == "specimen" else {}))
    carried, _ = views(ctx, kind, forms, "portrait", **({"haze": 0.0} if kind == "specimen" else {}))
    assert exact.max() > 60
    assert np.abs(exact - carried).max() <= 1


@pytest.mark.parametrize(
    ("option", "quality", "drawn"),
    [("portrait", "live", 9), ("portrait:exact", "live", 48), ("portrait", "final", 48)],
)
def test_final_quality_and_exact_draw_every_view(
    ctx: Any, monkeypatch: pytest.MonkeyPatch, option: str, quality: str, drawn: int
) -> None:
    kind: Any = registry.kind("look", "spectral")
    count = []
    was = kind.surfaces
    monkeypatch.setattr(kind, "surfaces", lambda self, *a: (count.append(1), was(self, *a)))
    views(ctx, "spectral", cloud(), option, quality)
    assert len(count) == drawn


@pytest.mark.parametrize("name", DEVICES)
def test_drawn_views_stand_no_farther_apart_than_their_lens_allows(name: str) -> None:
    d = DEVICES[name]
    assert STRIDE - d.cone / d.views < d.every * d.cone / d.views <= STRIDE
    assert device("2x2").every == 1


def test_a_quilt_of_one_view_is_drawn(ctx: Any) -> None:
    projector = Projector(ctx, "spectral", "quilt:1x1a0.75c2", 96, 128)
    assert projector.display.every > 1
    projector.draw(cloud(), CAMERA, 1.0, {}, 1.0)
    assert projector.read().max() > 60
    projector.close()


def key(between: Between, camera: Any, strips: Any) -> None:
    """What a camera sees of strips before a ground at the focal plane, in every row. strips: nearest last;
    where each begins, its width, px, its parallax."""
    view = between.next(camera)
    light = np.full((view.height, view.width, 4), 0.25)
    ahead = np.full((view.height, view.width), camera.distance)
    for n, (begins, wide, parallax) in enumerate(strips):
        light[:, begins : begins + wide, 0] = n + 1
        ahead[:, begins : begins + wide] = camera.distance / (1 - parallax)
    n, f = camera.near, camera.far
    view.radiance.write(light.astype("f2").tobytes())
    view.depth.write((0.5 + 0.5 * ((f + n) - 2 * f * n / ahead) / (f - n)).astype("f4").tobytes())
    between.drawn()


def test_strips_stand_where_they_must_and_nothing_else_of_them_shows(ctx: Any) -> None:
    """Two strips that pass before each other, 30 and 90 px from one drawn view to the next."""
    between = Between(ctx, 512, 16, True)
    scale = 512 / (2 * CAMERA.aspect * math.tan(CAMERA.fov / 2))
    strips = ((200, 36, -0.1), (250, 24, -0.3))
    left, *inside, right = (CAMERA.shifted(step / 10 * 300 / scale) for step in (0, 1, 3, 5, 7, 9, 10))

    def where(camera: Any) -> Any:
        moved = scale * (camera.tangent - left.tangent)
        return [(round(begins + parallax * moved), wide, parallax) for begins, wide, parallax in strips]

    view = View(ctx, 512, 16)
    for camera in (left, right):
        key(between, camera, where(camera))
    for camera in inside:
        between.carry(camera, view)
        got = np.frombuffer(view.radiance.read(), "f2").reshape(16, 512, 4)[8, :, 0].astype(float)
        wanted, sure = np.full(512, 0.25), np.full(512, True)
        for n, (begins, wide, _) in enumerate(where(camera)):
            wanted[begins : begins + wide] = n + 1
            for edge in (begins, begins + wide):
                sure[edge - 3 : edge + 3] = False
        assert np.abs(got - wanted)[sure].max() < 0.01
    view.close()
    between.close()


def test_what_is_not_asked_for_exactly_is_told(ctx: Any) -> None:
    with pytest.raises(BioartError, match="quilt:portrait:exakt: allowed: quilt:portrait:exact"):
        registry.kind("display", "quilt")(ctx, "portrait:exakt")


def test_only_cameras_in_a_row_are_carried() -> None:
    assert in_a_row([CAMERA.shifted(x) for x in (-0.1, 0.0, 0.2)])
    assert not in_a_row([CAMERA, CAMERA.shifted(0.1, rise=0.1)])
    assert not in_a_row([CAMERA, replace(CAMERA, fov=0.31)])


def test_nothing_of_it_stays(ctx: Any) -> None:
    ctx.extra.use()  # what stood bound before may be gone
    assert ctx.error
    between = Between(ctx, 32, 48, True)
    assert between.size == (32, 48)
    between.close()
    assert ctx.error == "GL_NO_ERROR"
