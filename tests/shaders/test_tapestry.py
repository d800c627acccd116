"""The tapestry's own claims: yarn that is twisted, lit and shaded as told, and a loom that waits in black."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from scenes import BODY, ball

from bioart import studio
from bioart.camera import Camera
from bioart.forms import Forms
from bioart.looks._emitters import colours
from bioart.looks.tapestry import dyed, yarn
from bioart.spectrum import Emitter

FRONT = studio.camera(yaw=0, pitch=0, distance=4, fov=20)
PLAIN = {"fuzz": 0.0, "fray": 0.0, "depth": 0.0, "yarn": 1.0}


def thread(
    a: tuple[float, float, float],
    b: tuple[float, float, float],
    radius: float = 0.03,
    tint: tuple[float, float, float] = (0.8, 0.8, 0.8),
    glow: float = 0.0,
) -> Forms:
    """A straight one, of 13 points."""
    return studio.curves([np.linspace(a, b, 13)], radius, [tint], glow)


ACROSS = thread((-0.5, 0, 0), (0.5, 0, 0))


def seen(
    forms: Forms, camera: Camera = FRONT, size: tuple[int, int] = (256, 256), **params: float
) -> np.ndarray:
    with studio.Studio("tapestry", size, "live", **{**PLAIN, **params}) as one:
        return one.radiance(forms, camera)


def middle(light: np.ndarray) -> float:
    """Green in the picture's middle ninth."""
    h, w = light.shape[:2]
    return float(light[4 * h // 9 : 5 * h // 9, 4 * w // 9 : 5 * w // 9, 1].mean())


def test_yarn_knows_how_far_it_has_run_and_how_near_its_ends_are() -> None:
    long, short = [np.linspace((0, i, 0), (n * 0.1, i, 0), n + 1) for i, n in enumerate((10, 4))]
    rows = yarn(studio.curves([long, short], 0.02).curves)
    assert rows.shape == (14, 24)
    girth = 2 * math.pi * 0.02
    assert rows[:10, 19] == pytest.approx(np.arange(10) * 0.1 / girth, abs=1e-4)
    assert rows[10:, 20] == pytest.approx(np.arange(1, 5) * 0.1 / girth, abs=1e-4)
    assert rows[:10, 21] == pytest.approx(np.minimum(np.arange(10), 10 - np.arange(10)) * 0.1, abs=1e-5)
    assert len(set(rows[:10, 23])) == len(set(rows[10:, 23])) == 1
    assert rows[0, 23] != rows[10, 23]
    turned = yarn(studio.curves([long], 0.02).curves)
    assert (turned[:, 19:] == rows[:10, 19:]).all()  # a thread is the same one, whoever lies beside it


@pytest.mark.parametrize(("plies", "twist", "thick"), [(2.0, 0.5, 1.0), (3.0, 0.8, 1.0), (3.0, 0.8, 1.5)])
def test_plies_come_round_as_often_as_their_slope_says(
    plies: float, twist: float, thick: float, tell: Callable[[str], None]
) -> None:
    """A ply that climbs `twist` for each m of girth passes the ridge plies·twist/(2πr) times a metre."""
    long = studio.curves([np.linspace((-2, 0, 0), (2, 0, 0), 49)], 0.03, 0.8, 0.0)
    light = seen(long, size=(1024, 256), plies=plies, twist=twist, yarn=thick, shadow=0.0, key_turn=0.0)
    row = light[128, :, 1]
    wave = row[200:-200] - row[200:-200].mean()
    power = np.abs(np.fft.rfft(wave * np.hanning(len(wave)), 8 * len(wave)))
    a_metre = 256 / (2 * 4 * math.tan(math.radians(10)))  # px
    told = float(np.argmax(power[8:]) + 8) / (8 * len(wave)) * a_metre
    wanted = plies * twist / (2 * math.pi * 0.03 * thick)
    tell(f"{plies:g} plies, slope {twist}, {thick:g} thick: {told:.2f} a metre, by its slope {wanted:.2f}")
    assert told == pytest.approx(wanted, rel=0.02)


def test_a_fresh_gift_is_light_and_a_settled_one_is_cloth() -> None:
    dark = {"key": 0.0, "fill": 0.0, "glow": 0.0}
    fresh = middle(seen(thread((-0.5, 0, 0), (0.5, 0, 0), glow=1.2), **dark))
    settled = middle(seen(thread((-0.5, 0, 0), (0.5, 0, 0), glow=0.13), **dark))
    assert fresh > 20 * settled > 0.0
    assert middle(seen(ACROSS, **dark)) == 0.0
    assert middle(seen(ACROSS)) > 2 * settled  # in the light of the room


def test_yarn_in_the_shade_of_yarn_and_of_the_body_is_darker() -> None:
    """The key light from the right: something between it and a thread takes it away."""
    light = {"fill": 0.0, "threads": 0.0, "glow": 0.0, "key_turn": 90.0, "key_height": 5.0, "loom": 0.0}
    upright = thread((0, -0.4, 0), (0, 0.4, 0))
    sheet = [np.linspace((0.7, -0.4, z), (0.7, 0.4, z), 13) for z in np.linspace(-0.4, 0.4, 24)]
    open_to_it = middle(seen(upright, **light))
    behind_yarn = middle(seen(upright + studio.curves(sheet, 0.03, 0.8, 0.0), **light))
    x, y, z = np.meshgrid(*[(np.arange(24) + 0.5) / 24 - 0.5] * 3, indexing="ij")
    block = studio.volume(
        1 / 24, (0.3, -0.5, -0.5), solid=np.clip(6 * (0.35 - np.sqrt(x * x + y * y + z * z)), 0, 1)
    )
    behind_body = middle(seen(upright + block, **light))
    assert behind_yarn < 0.45 * open_to_it
    assert behind_body < 0.45 * open_to_it


def test_a_thread_shades_what_is_behind_it_and_nothing_before_it(tell: Callable[[str], None]) -> None:
    def beside(gap: float, shadow: float) -> float:
        """Light of the level thread just beside the dark one that crosses it so far before it, m."""
        front = thread((0, -0.3, gap), (0, 0.3, gap), 0.02, (0, 0, 0))
        light = seen(ACROSS + front, size=(512, 512), shadow=shadow, sheen=0.0, key=0.0, fill=1.0)
        pixel = 2 * 4 * math.tan(math.radians(10)) / 512
        at = 256 + round(0.032 / pixel)
        return float(light[246:266, at - 1 : at + 2, 1].mean())

    touching, behind = (beside(gap, 1.0) / beside(gap, 0.0) for gap in (0.05, -0.1))
    tell(f"left of the light beside a thread: {touching:.2f} where it lies over, {behind:.2f} where under")
    assert touching < 0.75
    assert behind == pytest.approx(1.0, abs=0.02)


def test_sheen_is_greatest_across_the_fibres_as_kajiya_and_kay_have_it() -> None:
    """Key light from the eye's side: a thread that lies across the halfway vector shines, one along it does
    not."""
    lit = {"twist": 0.0, "key_turn": 60.0, "key_height": 5.0, "threads": 0.0, "fill": 0.0}

    def gloss(direction: tuple[float, float, float]) -> float:
        d = 0.4 * np.array(direction)
        forms = thread(tuple(-d), tuple(d))
        return middle(seen(forms, sheen=2.0, **lit)) - middle(seen(forms, sheen=0.0, **lit))

    upright, along = gloss((0, 1, 0)), gloss((math.sin(math.radians(30)), 0, math.cos(math.radians(30))))
    assert upright > 0.0
    assert along < 0.2 * upright


def test_threads_may_come_in_any_order() -> None:
    rng = np.random.default_rng(4)
    strands = [np.cumsum(rng.normal(0, 0.08, (12, 3)), axis=0) for _ in range(40)]
    tints = rng.random((40, 3))
    one = studio.curves(strands, 0.02, tints, 0.3).curves[0]
    order = rng.permutation(40)
    other = studio.curves([strands[i] for i in order], 0.02, tints[order], 0.3).curves[0]
    renamed = type(other)(other.name, other.at, other.starts, other.radius, other.tint, other.glow, order)
    a, b = (seen(Forms(curves=(c,)), fuzz=0.7) for c in (one, renamed))
    assert np.abs(a - b).max() < 0.02 * a.max()


def test_the_loom_waits_in_black(tell: Callable[[str], None]) -> None:
    """With nothing given there is the weave: lines, and exactly nothing between and beside them."""
    solid = ball(0.55, (0.0, 0.9, 0.0))
    body = studio.volume(BODY.cell, BODY.origin, solid=solid)
    camera = studio.camera(yaw=20, pitch=0, distance=5, target=(0, 0.9, 0), fov=20)
    light = seen(body, camera, (512, 512), flesh=40.0, weave=0.2)[..., :3].sum(-1)
    y, x = np.mgrid[0:512, 0:512] - 255.5
    edge = 0.55 / math.sqrt(25 - 0.55**2) / math.tan(math.radians(10)) * 256
    away = np.hypot(x, y)
    assert light.max() > 0.02
    assert (light[away > edge + 8] == 0.0).all()
    empty = float((light[away < 0.8 * edge] < 1e-3).mean())
    tell(f"{empty:.2f} of the ball's face is black between its lines")
    assert 0.3 < empty < 0.97


def test_dye_brings_every_tint_to_the_lights_that_there_are_and_keeps_its_luminance() -> None:
    lights = colours([Emitter("light0", 585.0, 70.0), Emitter("light1", 488.0, 75.0)])
    tints = [(0.9, 0.1, 0.5), (0.1, 0.6, 0.2), (0.05, 0.3, 0.9), (0.8, 0.5, 0.1), (0.4, 0.4, 0.4)]
    given = studio.curves([np.linspace((0, i, 0), (1, i, 0), 3) for i in range(5)], 0.02, tints)
    after = dyed(given, lights, 1.0).curves[0].tint
    grey = np.array([0.2126729, 0.7151522, 0.0721750])
    assert after @ grey == pytest.approx(np.array(tints) @ grey, abs=1e-5)
    hues = (after / after.sum(1, keepdims=True))[:4]
    pure = lights[:2] / lights[:2].sum(1, keepdims=True)
    along, off = pure[1] - pure[0], hues - pure[0]
    share = off @ along / (along @ along)
    assert np.abs(off - share[:, None] * along).max() < 0.01, "each on the line between the two lights"
    assert share[2] > 0.8 > 0.2 > share[3], "blue to the blue one, gold to the gold one"
    assert after[4] == pytest.approx(tints[4]), "what has no colour takes none"
    assert dyed(given, lights, 0.0) is given


def test_the_air_is_lit_about_what_shines_and_black_where_nobody_asks() -> None:
    far = thread((-0.6, -0.6, 0), (0.6, 0.6, 0), radius=0.002) + thread(
        (-0.6, 0.6, 0), (0.6, -0.6, 0), radius=0.002
    )
    shining = thread((-0.2, 0, 0), (0.2, 0, 0), glow=2.0) + far
    plain, lit = (seen(shining, key=0.0, halo=value) for value in (1e-6, 2.0))
    gained = (lit - plain)[..., 0]
    assert gained.min() > -1e-3
    assert gained[128 - 20, 128] > 1.5 * gained[128 - 70, 128] > 0.0, "less with distance"
    assert gained[0].max() < 0.02 * gained.max(), "and no edge of a box in the picture"
