"""Develop by number: energy, film, balance, and the show's slow eye."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest

from bioart.assets import folder
from bioart.develop import Develop, Exposure, exp2, log2
from bioart.errors import MALFORMED
from bioart.gpu.glsl import Source
from bioart.gpu.screen import Screen
from bioart.param import defaults_of, params_of
from bioart.spectrum import emitter_rgb

LUMA = np.array([0.2126, 0.7152, 0.0722])
DEFAULTS = defaults_of(Develop)
PLAIN = DEFAULTS | {"bloom": 0.0}


@pytest.fixture(scope="module")
def develop(ctx: Any) -> Any:
    made = Develop(ctx)
    yield made
    made.close()


@pytest.fixture(scope="module")
def screen(ctx: Any) -> Any:
    made = Screen(ctx)
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
    """The glare's finest level within its margins, and how much smaller it is than the picture."""
    made = develop._set(light.shape[1], light.shape[0], pixel, 1)
    level = develop._glare([texture(ctx, light)], made, spread).color_attachments[0]
    return pixels(level, "f4"), made.factors[0]


def spread_light(develop: Develop, ctx: Any, light: Any, spread: float) -> Any:
    """The glare of every pixel, (height, width, 4), as develop.frag looks it up."""
    wide, factor = glare(develop, ctx, light, spread)
    for axis, by in ((0, factor[1]), (1, factor[0])):
        at = (np.arange(light.shape[axis]) + 0.5) / by + 0.5
        low = np.floor(at).astype(int)
        share = (at - low).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        wide = wide.take(low, axis) * (1 - share) + wide.take(low + 1, axis) * share
    return wide


# -- bloom ---------------------------------------------------------------------------------------------------


def undeveloped(shown: Any, contrast: float) -> Any:
    """The grey light that film shows so: the inverse of its curve."""
    grey, white = 0.18**contrast, 16.0**contrast
    k = 0.82 * grey * white / (0.18 * white - grey)
    y = shown * white / (white + k)
    return (k * y / (1 - y)) ** (1 / contrast)


PLACES = {"middle": (0.5, 0.5), "corner": (0.0, 0.0), "other corner": (1.0, 1.0), "edge": (0.4, 1.0)}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(("width", "height"), [(320, 180), (321, 179), (97, 61), (200, 513)])
def test_a_picture_keeps_its_light_wherever_it_stands(
    develop: Any, ctx: Any, width: int, height: int, place: str
) -> None:
    """One bright pixel through bloom and film, and back through the film's inverse."""
    y, x = (round(p * (n - 1)) for p, n in zip(PLACES[place], (height, width), strict=True))
    for pixel in (1.0, 2.0, 0.5, 16 / 9):  # those of anamorphic quilts too
        for bloom, spread in ((0.12, 0.03), (1.0, 0.01), (0.5, 0.2)):
            light = np.zeros((height, width, 3))
            light[y, x] = 8
            p = DEFAULTS | {"bloom": bloom, "spread": spread, "contrast": 0.9}
            got = pixels(develop.view(texture(ctx, light), p, 1.0, pixel))[..., 1]
            assert undeveloped(got, 0.9).sum() == pytest.approx(8, rel=0.01), (pixel, bloom, spread)


def test_an_even_picture_stays_even_to_its_edges(develop: Any, ctx: Any) -> None:
    for bloom in (0.12, 1.0):
        p = DEFAULTS | {"bloom": bloom, "spread": 0.1}
        got = pixels(develop.view(texture(ctx, np.full((90, 161, 3), 0.25)), p, 1.0))[..., :3]
        assert np.ptp(got) < 0.001, "no dark rim"


@pytest.mark.parametrize("at", [(90, 160), (0, 0), (179, 319), (50, 317)])
def test_the_frame_cuts_what_a_larger_one_would_show(develop: Any, ctx: Any, at: tuple[int, int]) -> None:
    """No side or corner adds, mirrors or swallows glare."""
    light, larger = np.zeros((180, 320, 3)), np.zeros((180 + 512, 320 + 512, 3))
    light[at] = larger[at[0] + 256, at[1] + 256] = 1
    mine = spread_light(develop, ctx, light, 0.03)[..., 0]
    cut = spread_light(develop, ctx, larger, 0.03 * 180 / (180 + 512))[256:-256, 256:-256, 0]
    assert np.abs(mine - cut).sum() < 0.002


def test_glare_falls_as_light_does_in_an_eye(develop: Any, ctx: Any) -> None:
    """10/θ³ + 5/θ² (CIE 146:2002) from a third of a degree to eight, in 0.14 of a decade; a bell of one width
    misses it by a whole one."""
    light = np.zeros((720, 1280, 3))
    light[360, 640] = 1
    wide = spread_light(develop, ctx, light, 0.03)[..., 0]
    j, i = np.mgrid[0:720, 0:1280]
    angle = np.hypot(j - 360, i - 640) / (0.03 * 720)
    at = np.geomspace(0.33, 8, 12)
    mine = np.array([wide[(angle > a / 1.15) & (angle < a * 1.15)].mean() for a in at])
    off = np.log10(mine / (10 / at**3 + 5 / at**2))
    assert (off - off.mean()).std() < 0.14
    bell = np.log10(np.exp(-0.5 * at**2) / (10 / at**3 + 5 / at**2))
    assert bell.std() > 1


def test_a_moving_light_does_not_shimmer(develop: Any, ctx: Any) -> None:
    """One pixel going over all places of the pyramid: glare about it stays what it is, but for 6 % of it."""
    seen = []
    for step in range(32):
        y, x = 144 + step * 11 % 32, 244 + step * 7 % 32
        light = np.zeros((320, 520, 3))
        light[y, x] = 1
        seen.append(spread_light(develop, ctx, light, 0.03)[y - 128 : y + 129, x - 128 : x + 129, 0])
    mean = np.mean(seen, 0)
    assert max(np.abs(one - mean).sum() / 2 for one in seen) < 0.06 * mean.sum()
    peaks = [one[128, 128] for one in seen]
    assert np.std(peaks) < 0.03 * np.mean(peaks)


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
    assert soft[90, 160, 0] < 0.7 * sharp[90, 160, 0]
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
        assert np.abs(drift[chroma > 0.04]).max() < 0.5, colour


EMITTERS = [(474, 35), (473, 80), (490, 80), (545, 60), (562, 70), (610, 70), (530, 90), (465, 75), (508, 30)]


def test_living_light_keeps_its_colour_until_it_is_a_lamp(develop: Any, ctx: Any) -> None:
    """At three stops above grey an emitter has over four fifths of its colourfulness; at six it is white."""
    for peak, width in EMITTERS:
        own = np.array([emitter_rgb(peak, width)])
        lab = oklab(np.concatenate([film(develop, ctx, 0.18 * 2.0 ** np.array([[3], [6.5]]) * own), own]))
        colourful = np.hypot(lab[:, 1], lab[:, 2]) / lab[:, 0]
        assert colourful[0] > 0.8 * colourful[2], peak
        assert colourful[1] < 0.05, peak


def test_nothing_below_white_is_clipped(develop: Any, ctx: Any) -> None:
    """A cube of 17³ colours and the emitters, from 15, just below white, ten stops down: no channel at 1, and
    none at 0 that has light."""
    side = np.linspace(0, 1, 17)
    cube = np.stack(np.meshgrid(side, side, side), -1).reshape(-1, 3)[1:]
    colours = np.concatenate([cube, [emitter_rgb(*e) for e in EMITTERS]])
    for stop in range(11):
        light = (colours * 15 * 2.0**-stop).astype("f2").astype(float)
        got = film(develop, ctx, light)
        assert got.max() < 1
        assert (got[light > 0.02 * light.max(1, keepdims=True)] > 0).all()


def test_a_smooth_ramp_has_no_step_above_one_code(develop: Any, screen: Any, ctx: Any) -> None:
    """From 12 stops below grey beyond white in 8192 places, neutral and each emitter, 8 bits, no dither;
    then with dither the mean shown is the light itself, where without it bands are half a code off."""
    for colour in [(1.0, 1.0, 1.0), *(emitter_rgb(*e) for e in EMITTERS)]:
        ramp = np.geomspace(0.18 * 2**-12, 20, 8192)[:, None] * colour
        codes = screen.read(develop.view(texture(ctx, ramp[None]), PLAIN, 1.0), 8, dither=False)[0].astype(
            int
        )
        assert np.abs(np.diff(codes, axis=0)).max() <= 1
        assert codes[0].max() == 0
        assert codes[-1].min() == 255
    slow = np.broadcast_to(np.linspace(0.02, 0.024, 1024)[None, :, None], (64, 1024, 3))
    shown = develop.view(texture(ctx, slow), PLAIN, 1.0)
    light = pixels(shown)[0, :, 0]
    wanted = 255 * (1.055 * light ** (1 / 2.4) - 0.055)
    off = {}
    for dither in (True, False):
        got = screen.read(shown, 8, dither)[..., 0].astype(float).mean(0) - wanted
        off[dither] = np.abs(got.reshape(-1, 16).mean(1)).max()
    assert off[True] < 0.06
    assert off[False] > 0.4


def test_bright_blue_is_luminous_and_not_purple(develop: Any, ctx: Any) -> None:
    blue = film(develop, ctx, [[0, 0, 2], [0, 0, 6], [0, 0, 12]])
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
        if name in ("exposure", "adapt", "slow", "lock"):
            other = Exposure()
            other.step(0.1, changed)
            mine = Exposure()
            mine.step(0.1, DEFAULTS)
            assert other.step(0.6, changed) != mine.step(0.6, DEFAULTS), name
        else:
            assert not np.array_equal(pixels(develop.view(light, changed, eye)), base), name


def test_every_uniform_is_in_use(develop: Any) -> None:
    root = folder("shaders")
    for name, *programs in (
        ("down", develop._first, develop._down),
        ("up", develop._up),
        ("develop", develop._film),
    ):
        rows = re.findall(r"^uniform \w+ ([\w, ]+);", Source(root, f"develop/{name}.frag").text, re.M)
        told = {uniform for row in rows for uniform in row.split(", ")}
        assert told == {m for program in programs for m in program if not m.startswith("gl_")}


def test_views_side_by_side_are_as_each_alone(develop: Any, ctx: Any) -> None:
    rng = np.random.default_rng(5)
    for width, height, pixel in ((97, 61, 1.0), (64, 64, 2.0), (200, 113, 0.5)):
        bright = [4 * rng.random((height, width, 3)) for _ in range(2)]
        views = [texture(ctx, light) for light in (bright[0], np.zeros((height, width, 3)), bright[1])]
        together = [pixels(made) for made in develop.views(views, DEFAULTS, 1.0, pixel)]
        for view, made in zip(views, together, strict=True):
            assert made == pytest.approx(pixels(develop.view(view, DEFAULTS, 1.0, pixel)), abs=1e-3)
        assert together[1][..., :3].max() == 0.0  # of its bright neighbours nothing


def test_a_view_can_be_developed_into_a_part_of_a_picture(develop: Any, ctx: Any) -> None:
    view = texture(ctx, 4 * np.random.default_rng(6).random((40, 60, 3)))
    whole = ctx.framebuffer([ctx.texture((150, 90), 4, dtype="f2")])
    whole.clear(0.5, 0.5, 0.5, 0.5)
    (made,) = develop.views([view], DEFAULTS, 1.0, 1.0, [(whole, (70, 30, 60, 40))])
    got = pixels(made)
    assert np.array_equal(got[30:70, 70:130], pixels(develop.view(view, DEFAULTS, 1.0)))
    got[30:70, 70:130] = 0.5
    assert (got == 0.5).all()
    whole.release()


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


def test_locked_exposure_stays_and_the_artist_still_moves_it() -> None:
    held = DEFAULTS | {"lock": 1.0}
    eye = Exposure()
    for k in range(20):
        now = eye.step(0.1 + k / 50, DEFAULTS)  # on its way, not settled
    assert {eye.step(glow, held) for glow in (0.0, 0.5, 1.0, 9.0) * 50} == {now}
    for _ in range(1000):
        brighter = eye.step(1.0, held | {"exposure": 1.0})
    assert brighter == pytest.approx(2 * now, rel=1e-4), "its correction is its own"
    free = [eye.step(1.0, DEFAULTS | {"exposure": 1.0}) for _ in range(1000)]
    assert abs(log2(free[0] / brighter)) < Exposure.SPEED / 30, "released, it goes on from there"
    assert free[-1] == pytest.approx(Exposure().step(1.0, DEFAULTS | {"exposure": 1.0}), rel=1e-3)
    half, whole = Exposure(), Exposure()
    for one, lock in ((half, 0.5), (whole, 0.0)):
        one.step(0.2, DEFAULTS)
        one.step(0.3, DEFAULTS | {"lock": lock})
    first = log2(Exposure().step(0.2, DEFAULTS))
    moved = [log2(exp2(sum(eye.state()["ev"] or ()))) - first for eye in (half, whole)]
    assert moved[0] == pytest.approx(moved[1] / 2)


def test_a_show_that_opens_locked_settles_first() -> None:
    eye = Exposure()
    assert eye.step(0.6, DEFAULTS | {"lock": 1.0}) == Exposure().step(0.6, DEFAULTS)


@pytest.mark.parametrize("ev", [0.5, [0.5], [0.5, 9.0], [3.0, 0.0], ["0", 0.0], {}])
def test_no_other_state_is_taken_for_an_exposure(ev: Any) -> None:
    with pytest.raises(MALFORMED):
        Exposure().restore({"ev": ev})


def test_exposure_is_restored_to_the_bit() -> None:
    a = Exposure()
    for k in range(50):
        a.step(k / 50, DEFAULTS | {"lock": float(k > 40)})
    b = Exposure()
    b.restore(a.state())
    assert [a.step(0.9, DEFAULTS) for _ in range(20)] == [b.step(0.9, DEFAULTS) for _ in range(20)]
    fresh = Exposure()
    fresh.restore(Exposure().state())
    assert fresh.step(0.9, DEFAULTS) == Exposure().step(0.9, DEFAULTS)
