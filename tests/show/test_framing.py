"""The body's share of the picture, measured in drawn silhouettes, as it grows, in every shape of one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from bioart import preset as presets
from bioart import registry
from bioart.forms import Forms, Volume
from bioart.gpu.upload import Scene
from bioart.gpu.view import View
from bioart.inputs import Setting
from bioart.inputs.sensors import Sensors
from bioart.param import of_part
from bioart.preset import Preset
from bioart.score.framing import BANDS, LEAST, MOST, Figure
from bioart.show import Show

SHAPES = {"16:9": (320, 180), "1:1": (240, 240), "9:16": (180, 320)}
TEXT = """\
bioart: 1
title: Growing
world:
  extent: [2.4, 3, 2.4]
  air: 24
  body: {{box: [1.8, 2.4, 1.8], finer: 2, growth: [{growths}]}}
look: {{kind: specimen}}
score:
  - {{act: round, for: 600 s, camera: {{kind: orbit, turns: 8}}}}
"""
Tell = Callable[[str], None]


class Eye:
    """Draws a show's body alone, as every shape of picture has it."""

    def __init__(self, ctx: Any) -> None:
        self.look = registry.kind("look", "specimen")(ctx, "draft")
        self.scene = Scene(ctx)
        self.views = {shape: View(ctx, *size) for shape, size in SHAPES.items()}

    def shares(self, show: Show, t: Fraction) -> dict[str, tuple[float, bool]]:
        """By shape: the body's share of the height, and whether a side cuts it."""
        forms, moment = show.at(t)
        values = of_part(moment.values, "look")
        self.scene.upload(Forms(Volume(forms.volume.channels, forms.volume.emitters)))
        self.look.prepare(self.scene, values, float(t))
        found = {}
        for shape, view in self.views.items():
            camera = moment.camera.shaped(view.width / view.height)
            self.look.draw(self.scene, camera, view, values, float(t))
            depth = np.frombuffer(view.depth.read(), np.float32).reshape(view.height, view.width)
            body = depth < 1.0
            rows = np.flatnonzero(body.any(axis=1))
            found[shape] = (
                (rows[-1] - rows[0] + 1) / view.height,
                bool(body[:, 0].any() or body[:, -1].any()),
            )
        return found


@pytest.fixture(scope="module")
def eye(ctx: Any) -> Iterator[Eye]:
    made = Eye(ctx)
    yield made
    ctx.extra.use()
    made.look.close()


def framed(eye: Eye, show: Show, times: list[float], tell: Tell, name: str) -> None:
    seen = []
    for t in times:
        for shape, (share, cut) in eye.shares(show, Fraction(str(t))).items():
            assert LEAST <= share <= MOST, f"{name} at {t} s in {shape}: {share:.3f} of the height"
            assert not cut, f"{name} at {t} s in {shape}: the side cuts it"
            seen.append(share)
    tell(f"{name}: {min(seen):.3f} to {max(seen):.3f} of the height over {times[-1]:g} s")


def growing(*kinds: str) -> Preset:
    return presets.loads(TEXT.format(growths=", ".join(f"{{kind: {kind}}}" for kind in kinds)), "x.yaml")


def test_a_seedling_stands_in_its_share_of_every_picture(eye: Eye, tell: Tell) -> None:
    show = Show(growing("coral"), 3)
    framed(eye, show, [0.0, 1.5], tell, "coral")
    show.close()


LIVES = [("coral", "network", "pattern"), ("organism",), ("coral", "matter", "strands")]


@pytest.mark.prove
@pytest.mark.parametrize("kinds", LIVES)
def test_every_growth_keeps_its_share_as_it_grows(kinds: tuple[str, ...], eye: Eye, tell: Tell) -> None:
    show = Show(growing(*kinds), 3)
    framed(eye, show, [0.0, 1.0, 2.0, 4.0, 7.0, 12.0], tell, " ".join(kinds))
    show.close()


@pytest.mark.prove
def test_the_piece_that_ships_keeps_its_share_from_act_to_act(eye: Eye, tell: Tell) -> None:
    preset = presets.load("neo-lumen")
    show = Show(preset, 0, [Sensors("", Setting.of(preset, 0))])
    framed(eye, show, [0.0, 7.0, 16.0, 30.0], tell, "neo-lumen")
    show.close()


def test_what_stands_about_the_body_is_framed_with_it() -> None:
    body = Figure(0.1, 0.0, 0.0, 2.0, 0.5, (0.5,) * BANDS)
    turn = np.linspace(0, 2 * np.pi, 65)[:-1]
    crown = np.stack([0.1 + 3 * np.cos(turn), np.full(64, 4.0), 3 * np.sin(turn)], axis=1)
    both = body.holding(crown.astype(np.float32))
    assert (both.low, both.high, both.x) == (0.0, 4.0, 0.1)
    assert both.reach == pytest.approx(3.0, abs=1e-5)
    assert both.reaches[-1] == pytest.approx(3.0, rel=0.02)
    assert both.reaches[:4] == (0.5,) * 4
    assert body.holding(np.zeros((0, 3), np.float32)) is body
