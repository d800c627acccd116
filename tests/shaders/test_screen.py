"""Screen by number: sRGB, dither that keeps the mean, black and white, alpha, orientation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bioart.gpu import noise
from bioart.gpu.screen import Screen


@pytest.fixture(scope="module")
def screen(ctx: Any) -> Any:
    made = Screen(ctx)
    yield made
    made.close()


def texture(ctx: Any, light: Any) -> Any:
    data = np.asarray(light, "f2")
    return ctx.texture(data.shape[1::-1], 4, data.tobytes(), dtype="f2")


def flat(ctx: Any, *light: float, side: int = 64) -> Any:
    return texture(ctx, np.broadcast_to(np.array(light), (side, side, 4)))


def srgb(x: Any) -> Any:
    x = np.asarray(x, float)
    return np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-9) ** (1 / 2.4) - 0.055)


def test_ranks_are_blue_noise() -> None:
    ranks = noise.ranks()
    assert np.array_equal(np.sort(ranks.ravel()), np.arange(4096))
    power = np.abs(np.fft.fft2(ranks / 4096 - 0.5)) ** 2
    fx = np.minimum(np.arange(64), 64 - np.arange(64))
    radius = np.hypot(fx[:, None], fx[None])
    low, all_of_it = power[(radius > 0) & (radius < 10)].mean(), power[radius > 0].mean()
    assert low < 0.05 * all_of_it
    # any share of the thresholds is spread as evenly: no 8 × 8 block is empty or crowded
    for share in (0.1, 0.25, 0.5):
        lit = (ranks < share * 4096).reshape(8, 8, 8, 8).sum((1, 3)) / 64
        assert np.abs(lit - share).max() < 0.08
    assert int((ranks * np.arange(4096).reshape(64, 64)).sum()) == 17193827286  # the same on every machine


@pytest.mark.parametrize("depth", [8, 16])
def test_black_and_white_are_exact(ctx: Any, screen: Any, depth: int) -> None:
    assert (screen.read(flat(ctx, 0, 0, 0, 1), depth) == 0).all()
    assert (screen.read(flat(ctx, 1, 1, 1, 1), depth) == (1 << depth) - 1).all()
    assert (screen.read(flat(ctx, 9, -1, 0.5, 1), depth)[..., :2] == [(1 << depth) - 1, 0]).all()


def test_dither_keeps_the_mean_of_every_light(ctx: Any, screen: Any) -> None:
    for light in np.array([1e-5, 3e-4, 0.0021, 0.0123, 0.18, 0.4567, 0.97]).astype("f2"):
        got = screen.read(flat(ctx, light, light, light, 1)).astype(float)
        wanted = float(srgb(float(light))) * 255
        assert got.mean((0, 1)) == pytest.approx([wanted] * 3, abs=0.01)
        assert np.ptp(got) <= 1
        plain = screen.read(flat(ctx, light, light, light, 1), dither=False)
        assert (plain == round(wanted)).all()


def test_channels_are_dithered_apart(ctx: Any, screen: Any) -> None:
    got = screen.read(flat(ctx, 0.1, 0.1, 0.1, 1)).astype(float)
    same = [np.corrcoef(got[..., a].ravel(), got[..., b].ravel())[0, 1] for a, b in ((0, 1), (1, 2), (0, 2))]
    assert np.abs(same).max() < 0.35, "grey noise of all channels at once would show"


def test_sixteen_bits_are_sixteen(ctx: Any, screen: Any) -> None:
    light = np.linspace(0, 1, 4096).astype("f2").reshape(64, 64)
    got = screen.read(texture(ctx, np.repeat(light[..., None], 4, 2)), 16, dither=False)
    assert got.dtype == np.uint16
    assert np.abs(got[::-1, :, 0] - srgb(light.astype(float)) * 65535).max() < 1.5


def test_the_top_row_comes_first(ctx: Any, screen: Any) -> None:
    light = np.zeros((5, 7, 4))
    light[4, 0] = 1  # textures count rows from the bottom
    got = screen.read(texture(ctx, light))
    assert got.shape == (5, 7, 3)
    assert got[0, 0].tolist() == [255] * 3
    assert got.sum() == 3 * 255
    assert got.flags.c_contiguous


def test_over_black_the_cut_out_is_the_picture(ctx: Any, screen: Any) -> None:
    rng = np.random.default_rng(5)
    cover = rng.uniform(0, 1, (64, 64, 1)) * (rng.uniform(0, 1, (64, 64, 1)) < 0.7)
    light = np.concatenate([rng.uniform(0, 1, (64, 64, 3)) ** 3, cover], 2)  # glare: light without cover
    shown = screen.read(texture(ctx, light), 16, dither=False).astype(float)
    cut = screen.read(texture(ctx, light), 16, dither=False, alpha=True).astype(float)
    assert cut.shape == (64, 64, 4)
    assert np.abs(cut[..., :3] * cut[..., 3:] / 65535 - shown).max() <= 1.5
    assert (cut[..., 3] / 65535 >= light.astype("f2")[::-1, :, 3].astype(float) - 1e-4).all(), (
        "what covers still covers"
    )
    nothing = screen.read(flat(ctx, 0, 0, 0, 0), alpha=True)
    assert (nothing == 0).all()


def test_sizes_and_depths_may_change_from_read_to_read(ctx: Any, screen: Any) -> None:
    for side, depth in ((64, 8), (33, 16), (64, 16), (1, 8)):
        got = screen.read(flat(ctx, 0.5, 0.5, 0.5, 1, side=side), depth)
        assert got.shape == (side, side, 3)
        assert abs(float(got.mean()) / ((1 << depth) - 1) - float(srgb(0.5))) < 0.003
    assert ctx.error == "GL_NO_ERROR"


def test_a_window_gets_the_same_picture_the_right_way_up(ctx: Any, screen: Any) -> None:
    light = np.zeros((16, 16, 4))
    light[..., 1] = np.linspace(0, 1, 16)[:, None]
    picture = texture(ctx, light)
    back = ctx.framebuffer([ctx.texture((16, 16), 4)])
    screen.show(picture, back, dither=False)
    shown = np.frombuffer(back.read(components=3), np.uint8).reshape(16, 16, 3)
    assert np.array_equal(shown[::-1], screen.read(picture, dither=False))
