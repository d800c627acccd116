"""Quilts: layout, names, and the parallax of known points, measured in the exported file."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bioart import testcard
from bioart.camera import looking
from bioart.displays import Shot
from bioart.displays.quilt import DEVICES, FOV, Quilt, device
from bioart.errors import BioartError
from bioart.gpu.view import Picture
from bioart.outputs.stills import Stills
from bioart.projector import Projector

CAMERA = looking((0.2, 2.0, -0.1), yaw=0.4, pitch=0.2, distance=9.0, fov=0.6, aspect=16 / 9)


def exported(
    ctx: Any, option: str, size: tuple[int | None, int | None], folder: Path
) -> tuple[Any, tuple[Shot, ...]]:
    """The test card as a quilt in a file, read back by another hand, and the shots it was made of."""
    projector = Projector(ctx, "plain", f"quilt:{option}", *size)
    shots = projector.display.shots(CAMERA, projector.width, projector.height)
    values = {"look.light": 1.0, "develop.bloom": 0.0, "develop.spread": 0.03, "develop.contrast": 1.2}
    values |= {"develop.saturation": 1.0, "develop.warmth": 0.0}
    projector.draw(testcard.card(shots[0].camera.shifted(0.0)), CAMERA, 1.0, values, 0.0)
    path = folder / f"card{projector.display.suffix}.png"
    out = Stills(path, projector.width, projector.height, Fraction(24), 1)
    out.write(projector.read())
    assert out.finish() == [path]
    projector.close()
    return np.asarray(Image.open(path)), shots


def tile(picture: Any, path_suffix: str, view: int) -> Any:
    """View by the layout that players read from the name: bottom left first, left to right, then upwards."""
    columns, rows = (int(g) for g in re.findall(r"_qs(\d+)x(\d+)a", path_suffix)[0])
    h, w = picture.shape[0] // rows, picture.shape[1] // columns
    x, y = view % columns * w, (rows - 1 - view // columns) * h
    return picture[y : y + h, x : x + w]


def centroid(view: Any, x: float, y: float, reach: float) -> tuple[float, float]:
    """Of the light within reach px of (x, y), px from the tile's upper left corner."""
    j, i = np.mgrid[0 : view.shape[0], 0 : view.shape[1]] + 0.5
    light = view.astype(float).sum(2) * (np.hypot(i - x, j - y) <= reach)
    return float((light * i).sum() / light.sum()), float((light * j).sum() / light.sum())


def measured(picture: Any, shots: tuple[Shot, ...], suffix: str) -> Any:
    """(points, views, 2): where each of the card's points stands in each view, px."""
    w, h = shots[0].width, shots[0].height
    found = np.zeros((len(testcard.RATIOS), len(shots), 2))
    for p, (ratio, row) in enumerate(zip(testcard.RATIOS, testcard.ROWS, strict=True)):
        for i, shot in enumerate(shots):
            about = w / 2 + shot.camera.tangent * ratio * w / shot.camera.aspect / (2 * math.tan(FOV / 2))
            reach = testcard.SPOT * h / 2 + 2.5  # a wrong place would cut the spot and show in the pairs
            found[p, i] = centroid(tile(picture, suffix, i), about, h / 2 * (1 - row), reach)
    return found


def worst(picture: Any, shots: tuple[Shot, ...], d: Any, suffix: str) -> tuple[float, float]:
    """The largest error of a pair's disparity against δ_i, and of a point's height, px."""
    places = measured(picture, shots, suffix)
    n, wide = d.views, shots[0].width / d.aspect  # a tile's height if its pixels were square
    theta = [math.radians(d.cone) * ((i + 0.5) / n - 0.5) for i in range(n)]
    step = np.diff(np.tan(theta)) * wide / (2 * math.tan(FOV / 2))
    wanted = step[None] * np.array(testcard.RATIOS)[:, None]
    pairs = np.diff(places[..., 0], axis=1)
    heights = places[..., 1] - places[..., 1].mean(1, keepdims=True)
    return float(np.abs(pairs - wanted).max()), float(np.abs(heights).max())


@pytest.mark.parametrize(("option", "size"), [("portrait", (1344, 1344)), ("4x2a1.5c30", (1680, 560))])
def test_every_pair_of_views_has_its_parallax(ctx: Any, tmp_path: Path, option: str, size: Any) -> None:
    picture, shots = exported(ctx, option, size, tmp_path)
    d = device(option)
    suffix = f"_qs{d.columns}x{d.rows}a{d.aspect:.6g}"
    off, tilt = worst(picture, shots, d, suffix)
    assert off < 0.1
    assert tilt < 0.05
    # the far points move with the camera and the near ones against it
    places = measured(picture, shots, suffix)[..., 0]
    assert (np.sign(places[:, -1] - places[:, 0]).round() == np.sign(testcard.RATIOS))[[0, 1, 3, 4]].all()


@pytest.mark.prove
@pytest.mark.parametrize("name", ["portrait", "go"])
def test_parallax_at_a_devices_own_size(ctx: Any, tmp_path: Path, name: str) -> None:
    picture, shots = exported(ctx, name, (None, None), tmp_path)
    d = DEVICES[name]
    assert picture.shape == (d.rows * d.height, d.columns * d.width, 3)
    off, tilt = worst(picture, shots, d, f"_qs{d.columns}x{d.rows}a{d.aspect:.6g}")
    assert off < 0.1
    assert tilt < 0.02


def test_views_run_from_the_bottom_left_upwards(ctx: Any) -> None:
    quilt = Quilt(ctx, "3x2a1")
    size = quilt.picture(96, 64)
    assert size == (96, 64)
    picture = Picture(ctx, *size)
    view = Picture(ctx, 32, 32)
    for i in range(6):
        view.framebuffer.clear(i / 8, 0.0, 0.0, 1.0)
        quilt.place(i, view.texture, picture)
    quilt.finish(1.0, picture)
    got = np.frombuffer(picture.texture.read(), "f2").reshape(64, 96, 4)[..., 0] * 8
    assert [got[16, 16], got[16, 48], got[16, 80]] == [0, 1, 2]  # GL rows count from the bottom
    assert [got[48, 16], got[48, 48], got[48, 80]] == [3, 4, 5]
    assert len(np.unique(got)) == 6


@pytest.mark.parametrize("kind", ["quilt", "flat"])
def test_the_gain_dims_light_and_keeps_cover(ctx: Any, kind: str) -> None:
    from bioart import registry

    display = registry.kind("display", kind)(ctx)
    width, height = display.picture(1600, 1200)
    picture, view = Picture(ctx, width, height), Picture(ctx, 200, 200)
    view.framebuffer.clear(0.5, 0.25, 1.0, 0.75)
    shots = display.shots(CAMERA, width, height)
    for i in range(len(shots)):
        display.place(i, view.texture, picture)
    display.finish(0.5, picture)
    got = np.frombuffer(picture.texture.read(), "f2").reshape(height, width, 4)
    assert np.abs(got.reshape(-1, 4) - [0.25, 0.125, 0.5, 0.75]).max() < 1e-3


@pytest.mark.parametrize("name", DEVICES)
def test_tiles_are_even_and_keep_their_shape_at_any_size(ctx: Any, name: str) -> None:
    quilt, d = Quilt(ctx, name), DEVICES[name]
    own = quilt.picture(None, None)
    assert own == (d.columns * d.width, d.rows * d.height)
    for asked in ((own[0] // 2 + 7, None), (None, own[1] // 3), (1999, 1999)):
        w, h = quilt.picture(*asked)
        assert w % (2 * d.columns) == 0
        assert h % (2 * d.rows) == 0
        assert all(a is None or side <= a for a, side in zip(asked, (w, h), strict=True))
        shape = (w / d.columns) / (h / d.rows)
        assert shape == pytest.approx(d.width / d.height, rel=2 * d.rows / h + 2 * d.columns / w)


def test_suffix_is_what_players_parse(ctx: Any) -> None:
    for option, suffix in (
        ("", "_qs8x6a0.75"),
        ("go", "_qs11x6a0.5625"),
        ("16", "_qs7x7a1.77778"),
        ("5x9", "_qs5x9a1.77778"),
        ("6x4a0.6667", "_qs6x4a0.6667"),
    ):
        quilt = Quilt(ctx, option)
        assert quilt.suffix == suffix
        assert re.search(r"_qs(\d+)x(\d+)a(\d+\.?\d*)$", quilt.suffix)


def test_the_subject_keeps_its_framing_and_the_depth_budget(ctx: Any) -> None:
    quilt = Quilt(ctx, "portrait")
    w, h = quilt.picture(None, None)
    shots = quilt.shots(CAMERA, w, h)
    assert len(shots) == 48
    for shot in shots:
        c = shot.camera
        assert c.half_height == pytest.approx(CAMERA.half_height)
        assert c.target == CAMERA.target
        # every corner of the focal rectangle is a corner of the picture, in every view
        for x in (-1, 1):
            corner = (
                np.array(c.target)
                + x * c.aspect * c.half_height * np.array(c.right)
                + c.half_height * np.array(c.up)
            )
            clip = c.projection() @ c.view() @ np.array([*corner, 1.0])
            assert clip[:2] / clip[3] == pytest.approx([x, 1.0], abs=1e-9)
    # something as deep as half the picture is high, behind the plane, moves at most 5 px from view to view
    base = shots[0].camera
    ratio = 1 - base.distance / (base.distance + base.half_height)
    tangents = [s.camera.tangent for s in shots]
    assert max(np.diff(tangents)) * ratio * shots[0].height / (2 * math.tan(FOV / 2)) < 5


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("portrat", "did you mean 'portrait'"),
        ("0x6", "1 to 32 columns and rows"),
        ("8x99", "1 to 32 columns and rows"),
        ("8x6a0.01", "aspect 0.1 to 10"),
        ("8x6c0", "cone 1 to 90"),
        ("8x6; rm", "CxR"),
    ],
)
def test_an_option_that_is_none_is_told(option: str, told: str) -> None:
    with pytest.raises(BioartError, match=re.escape(told)):
        device(option)


def test_sizes_that_cannot_be_are_told(ctx: Any) -> None:
    with pytest.raises(BioartError, match="too small for 8x6 tiles"):
        Quilt(ctx, "portrait").picture(40, 40)
    with pytest.raises(BioartError, match="on this machine"):
        Quilt(ctx, "portrait").picture(100_000, None)
