"""Develop by number: energy, film, balance, and the show's slow eye."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from bioart.assets import folder
from bioart.develop import Develop, Exposure, exp2, log2
from bioart.gpu.glsl import Source
from bioart.param import defaults_of, params_of

LUMA = np.array([0.2126, 0.7152, 0.0722])
DEFAULTS = defaults_of(Develop)
PLAIN = DEFAULTS | {"bloom": 0.0}


@pytest.fixture(scope="module")
def develop(ctx: Any) -> Any:
    made = Develop(ctx)
    yield made
    made.close()


def texture(ctx: Any, pixels: Any) -> Any:
    """(height, width, 3 or 4) as an RGBA16F texture; alpha 1 where there is none."""
    p = np.asarray(pixels, float)
    if p.shape[2] == 3:
        p = np.concatenate([p, np.ones((*p.shape[:2], 1))], 2)
    return ctx.texture(p.shape[1::-1], 4, p.astype("f2").tobytes(), dtype="f2")


def pixels(texture: Any, kind: str = "f2") -> Any:
    w, h = texture.size
    return np.frombuffer(texture.read(), kind).reshape(h, w, 4).astype(float)


def glare(develop: Develop, ctx: Any, light: Any, spread: float, pixel: float = 1.0) -> Any:
    made = develop._set(light.shape[1], light.shape[0], pixel)
    level = develop._glare(texture(ctx, light), made, spread).color_attachments[0]
    return pixels(level, "f4"), made.factors[0]


# -- bloom ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "height"), [(320, 180), (321, 179), (105, 140), (200, 513)])
@pytest.mark.parametrize("spread", [0.005, 0.02])
def test_glare_neither_makes_nor_loses_light(
    develop: Any, ctx: Any, width: int, height: int, spread: float
) -> None:
    light = np.zeros((height, width, 3))
    rng = np.random.default_rng(width)
    for _ in range(9):  # sources of all strengths, away from the border
        y = rng.integers(height * 2 // 5, height * 3 // 5)
        x = rng.integers(width * 2 // 5, width * 3 // 5)
        light[y : y + 2, x : x + 3] += rng.uniform(0, 1, 3) * 10.0 ** rng.uniform(-2, 3)
    sent = texture(ctx, light)
    wide, factor = glare(develop, ctx, light, spread)
    kept = wide[..., :3].sum((0, 1)) * factor[0] * factor[1] / pixels(sent)[..., :3].sum((0, 1))
    assert np.abs(kept - 1).max() < 0.005


def moments(wide: Any) -> tuple[float, float]:
    """Spread of a spot along x and y, in texels of what is given, by second moments within the middle."""
    light = wide[..., 0]
    j, i = np.mgrid[0 : light.shape[0], 0 : light.shape[1]].astype(float)
    x, y = (light * i).sum() / light.sum(), (light * j).sum() / light.sum()
    return (
        float(np.sqrt((light * (i - x) ** 2).sum() / light.sum())),
        float(np.sqrt((light * (j - y) ** 2).sum() / light.sum())),
    )


def spot(height: int, width: int, size: int = 2) -> Any:
    light = np.zeros((height, width, 3))
    y, x = height // 2 - size // 2, width // 2 - size // 2
    light[y : y + size, x : x + size] = 100
    return light


def test_glare_spreads_as_told_and_alike_at_every_size(develop: Any, ctx: Any) -> None:
    at = {}
    for height in (360, 720):
        for spread in (0.01, 0.02):
            wide, factor = glare(develop, ctx, spot(height, height, height // 180), spread)
            at[height, spread] = moments(wide)[0] * factor[0] / height
    assert at[360, 0.02] > 1.4 * at[360, 0.01]
    for spread in (0.01, 0.02):
        assert at[720, spread] == pytest.approx(at[360, spread], rel=0.15)


@pytest.mark.parametrize("pixel", [1.0, 16 / 9, 2.0, 0.5])
def test_glare_is_round_before_the_eye(develop: Any, ctx: Any, pixel: float) -> None:
    wide, factor = glare(develop, ctx, spot(320, 320), 0.008, pixel)
    x, y = moments(wide)
    seen = x * factor[0] * pixel / (y * factor[1])
    assert 1 / 1.45 < seen < 1.45
    if pixel in (1.0, 2.0, 0.5):
        assert seen == pytest.approx(1, abs=0.08)


def test_the_sharp_picture_gives_what_glare_takes(develop: Any, ctx: Any) -> None:
    light = spot(180, 320, 4) / 100 * 0.05
    sharp = pixels(develop.view(texture(ctx, light), PLAIN, 1.0))
    soft = pixels(develop.view(texture(ctx, light), DEFAULTS | {"bloom": 0.5}, 1.0))
    assert soft[90, 160, 0] < 0.6 * sharp[90, 160, 0]
    assert soft[90, 170, 0] > 0 == sharp[90, 170, 0]


def test_one_bad_pixel_does_not_spread(develop: Any, ctx: Any) -> None:
    light = spot(90, 160)
    clean = pixels(develop.view(texture(ctx, light), DEFAULTS, 1.0))
    light[10, 10] = np.nan
    light[12, 14] = -5
    got = pixels(develop.view(texture(ctx, light), DEFAULTS, 1.0))
    assert np.isfinite(got).all()
    far = np.ones((90, 160), bool)
    far[:24, :24] = False
    assert np.abs(got - clean)[far].max() < 1e-3
    light[70, 150] = np.inf
    got = pixels(develop.view(texture(ctx, light), DEFAULTS, 1.0))
    assert np.isfinite(got).all()
    assert got[70, 150, :3] == pytest.approx(1.0, abs=1e-3)


# -- film ----------------------------------------------------------------------------------------------------


def film(develop: Any, ctx: Any, colours: Any, exposure: float = 1.0, **changed: float) -> Any:
    """Colours (n, 3) through develop without glare."""
    row = np.asarray(colours, float)[None]
    return pixels(develop.view(texture(ctx, row), PLAIN | changed, exposure))[0, :, :3]


def test_black_grey_and_white_are_where_they_belong(develop: Any, ctx: Any) -> None:
    for contrast in (0.9, 1.2, 1.8):
        got = film(develop, ctx, [[0] * 3, [0.18] * 3, [16] * 3, [60000] * 3], contrast=contrast)
        assert (got[0] == 0).all(), "true black stays black to the bit"
        assert got[1] == pytest.approx([0.18] * 3, abs=0.002)
        assert got[2:] == pytest.approx(1.0, abs=0.002)


def test_film_never_turns_back(develop: Any, ctx: Any) -> None:
    ev = np.arange(-12, 7, 0.05)
    grey = film(develop, ctx, np.repeat(2.0 ** ev[:, None], 3, 1))
    assert np.abs(np.diff(grey, axis=1)).max() < 0.002, "grey stays grey"
    for colour in ([1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0.2, 0.4, 1.0]):
        luminance = film(develop, ctx, np.outer(2.0**ev, colour)) @ LUMA
        assert np.diff(luminance).min() > -1e-3
        assert luminance[-1] > 0.85, "every light pales towards white in the end"


def oklab(c: Any) -> Any:
    """Linear sRGB to Oklab (Ottosson 2020)."""
    lms = c @ np.array(
        [
            [0.4122214708, 0.2119034982, 0.0883024619],
            [0.5363325363, 0.6806995451, 0.2817188376],
            [0.0514459929, 0.1073969566, 0.6299787005],
        ]
    )
    return np.cbrt(lms) @ np.array(
        [
            [0.2104542553, 1.9779984951, 0.0259040371],
            [0.7936177850, -2.4285922050, 0.7827717662],
            [-0.0040720468, 0.4505937099, -0.8086757660],
        ]
    )


def test_hues_hold_while_there_is_colour(develop: Any, ctx: Any) -> None:
    hues = [[1, 0.02, 0.02], [1, 0.5, 0.02], [1, 1, 0.02], [0.02, 1, 0.02], [0.02, 1, 0.5], [0.02, 1, 1]]
    hues += [[0.02, 0.5, 1], [0.02, 0.02, 1], [0.5, 0.02, 1], [1, 0.02, 1], [1, 0.02, 0.5]]
    ev = np.arange(-4, 5, 0.5)
    for colour in hues:
        lab = oklab(film(develop, ctx, np.outer(2.0**ev, colour)))
        own = oklab(np.array([colour], float))[0]
        chroma = np.hypot(lab[:, 1], lab[:, 2])
        drift = np.angle(
            np.exp(1j * (np.arctan2(lab[:, 2], lab[:, 1]) - math.atan2(own[2], own[1]))), deg=True
        )
        assert np.abs(drift[chroma > 0.05]).max() < 6, colour


def test_bright_blue_is_luminous_and_not_purple(develop: Any, ctx: Any) -> None:
    blue = film(develop, ctx, [[0, 0, 1], [0, 0, 4], [0, 0, 12]])
    assert (blue[:, 1] >= blue[:, 0]).all(), "it pales through azure"
    assert (blue @ LUMA)[1] > 3 * 0.0722, "above what a clipped blue channel could show"
    assert (blue[:, 2] == blue.max(1)).all()


def test_exposure_is_a_factor_on_light(develop: Any, ctx: Any) -> None:
    colours = np.random.default_rng(1).uniform(0, 1, (64, 3)).astype("f2")
    assert np.array_equal(film(develop, ctx, colours, 2.0), film(develop, ctx, colours * 2.0))


def test_saturation_contrast_and_warmth_do_what_they_say(develop: Any, ctx: Any) -> None:
    colour = [[0.3, 0.1, 0.2], [0.02, 0.02, 0.02], [0.5, 0.5, 0.5]]
    same = film(develop, ctx, colour)
    grey = film(develop, ctx, colour, saturation=0.0)
    assert np.ptp(grey[0]) < 0.002
    assert np.ptp(film(develop, ctx, colour, saturation=1.5)[0]) > np.ptp(same[0])
    steep = film(develop, ctx, colour, contrast=1.8)
    assert steep[1, 0] < same[1, 0] < same[2, 0] < steep[2, 0]
    warm, cold = film(develop, ctx, colour, warmth=1.0)[2], film(develop, ctx, colour, warmth=-1.0)[2]
    assert warm[0] / warm[2] > 1.3
    assert cold[2] / cold[0] > 1.3
    assert warm @ LUMA == pytest.approx(same[2] @ LUMA, rel=0.05)


def test_alpha_comes_through(develop: Any, ctx: Any) -> None:
    picture = np.random.default_rng(2).uniform(0, 1, (5, 7, 4)).astype("f2")
    got = pixels(develop.view(texture(ctx, picture), DEFAULTS, 1.0))
    assert np.array_equal(got[..., 3], picture[..., 3].astype(float))
    assert got.min() >= 0
    assert got.max() <= 1


def test_every_param_moves_a_picture_or_the_exposure(develop: Any, ctx: Any) -> None:
    light = texture(ctx, spot(64, 96, 6) / 100 * [0.5, 0.2, 0.1])
    base = pixels(develop.view(light, DEFAULTS, 1.0))
    eye = Exposure().step(0.6, DEFAULTS)
    for name, param in params_of(Develop).items():
        changed = DEFAULTS | {name: param.high}
        if name in ("exposure", "adapt", "slow"):
            other = Exposure()
            other.step(0.1, changed)
            mine = Exposure()
            mine.step(0.1, DEFAULTS)
            assert other.step(0.6, changed) != mine.step(0.6, DEFAULTS), name
        else:
            assert not np.array_equal(pixels(develop.view(light, changed, eye)), base), name


def test_every_uniform_is_in_use(develop: Any) -> None:
    root = folder("shaders")
    for name, program in (("down", develop._down), ("up", develop._up), ("develop", develop._film)):
        told = set(re.findall(r"^uniform \w+ (\w+);", Source(root, f"develop/{name}.frag").text, re.M))
        assert told == {m for m in program if not m.startswith("gl_")}


def test_views_of_many_sizes_keep_little(develop: Any, ctx: Any) -> None:
    for width in range(16, 80, 8):
        develop.view(texture(ctx, spot(16, width)), DEFAULTS, 1.0)
    assert len(develop._sets) <= 3
    assert ctx.error == "GL_NO_ERROR"


# -- exposure ------------------------------------------------------------------------------------------------


def test_logarithm_and_power_are_right() -> None:
    for x in np.geomspace(1e-6, 1e6, 997):
        assert log2(float(x)) == pytest.approx(math.log2(x), abs=1e-12)
    for x in np.linspace(-8, 8, 997):
        assert exp2(float(x)) == pytest.approx(2.0**x, rel=1e-12)
    assert exp2(0.0) == 1.0
    assert [exp2(float(k)) for k in (-3, 5)] == [0.125, 32.0]


def test_exposure_has_settled_before_the_first_frame() -> None:
    eye = Exposure()
    first = eye.step(0.25, DEFAULTS)
    assert first == pytest.approx(1.0)
    assert eye.step(0.25, DEFAULTS) == first
    assert Exposure().step(0.25, DEFAULTS | {"exposure": 2.0}) == pytest.approx(4.0)


def test_exposure_answers_glow_in_part_and_within_bounds() -> None:
    dark, bright = Exposure().step(0.0, DEFAULTS), Exposure().step(1.0, DEFAULTS)
    assert bright < 1 < dark
    assert 1.5 * bright > Exposure().step(1.0 / 1.5, DEFAULTS), "what glows 1.5 times stays the brighter"
    assert Exposure().step(1.0, DEFAULTS | {"adapt": 0.0}) == 1.0
    for glow in (-1.0, 0.0, 1e9):
        assert 2**-2.001 < Exposure().step(glow, DEFAULTS | {"adapt": 1.0}) < 2**2.001


@pytest.mark.parametrize("slow", [1.5, 3.0, 30.0])
def test_exposure_goes_most_of_its_way_in_its_time(slow: float) -> None:
    p = DEFAULTS | {"slow": slow, "adapt": 0.0}
    eye = Exposure()
    eye.step(0.2, p)
    p = p | {"exposure": 1.0}
    seen = [log2(eye.step(0.2, p)) for _ in range(round(slow * 30))]
    assert seen[-1] == pytest.approx(1 - math.exp(-1), abs=0.01)


@pytest.mark.parametrize("half", [1, 2, 5, 15])
def test_nothing_drives_exposure_into_a_flicker(half: int) -> None:
    """Glow and knob as squares of 1–15 Hz at full swing move exposure by no more than its speed allows."""
    p = DEFAULTS | {"slow": 1.5, "adapt": 1.0}
    eye = Exposure()
    seen = []
    for k in range(300):
        on = k // half % 2
        seen.append(log2(eye.step(float(on), p | {"exposure": 4.0 if on else -4.0})))
    assert np.abs(np.diff(seen)).max() <= Exposure.SPEED / 30 + 1e-9
    ripple = [max(seen[k : k + 2 * half]) - min(seen[k : k + 2 * half]) for k in range(150, 270)]
    assert max(ripple) < Exposure.SPEED * half / 30 + 1e-6


def test_exposure_is_restored_to_the_bit() -> None:
    a = Exposure()
    for k in range(50):
        a.step(k / 50, DEFAULTS)
    b = Exposure()
    b.restore(a.state())
    assert [a.step(0.9, DEFAULTS) for _ in range(20)] == [b.step(0.9, DEFAULTS) for _ in range(20)]
    fresh = Exposure()
    fresh.restore(Exposure().state())
    assert fresh.step(0.9, DEFAULTS) == Exposure().step(0.9, DEFAULTS)
