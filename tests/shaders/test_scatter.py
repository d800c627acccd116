"""Light that smog scatters once, against an independent path tracer, and the mean radiance it is made from.

`scatter.npz` is what Mitsuba 3.9.1 (`volpathmis`, one bounce, 8192 samples) made of the scenes that
benchmarks/peers/scatter.py tells; its noise is some 2 % of a pixel.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import solids

from bioart import studio
from bioart.looks import _air
from bioart.looks._lighting import kelvin
from bioart.looks._scatter import MeanRadiance
from bioart.spectrum import emitter_rgb

REFERENCE = Path(__file__).with_name("scatter.npz")
# The scenes, as benchmarks/peers/scatter.py has them.
WIDTH, HEIGHT, CELLS, CELL, FINE = 96, 72, 32, 0.125, 64
SMOG, GLOW, BALL, STONE, KEY = 0.8, 1.0, 0.35, 0.45, 1.0
EYE, FOV, TURN, RISE = (1.2, 1.0, 6.2), 40.0, 70.0, 35.0


def cloud() -> np.ndarray:
    at = (np.arange(CELLS) + 0.5) * CELL - 0.5 * CELLS * CELL
    x, y, z = np.meshgrid(at, at, at, indexing="ij")
    soft = np.clip((1.7 - np.sqrt(x * x + y * y + z * z)) / 0.9, 0, 1)
    return np.asarray(soft * soft * (3 - 2 * soft) * (0.7 + 0.3 * np.sin(1.5 * x + 0.7 * y)), np.float32)


def ball(radius: float) -> np.ndarray:
    cell = CELLS * CELL / FINE
    at = (np.arange(FINE) + 0.5) * cell - 0.5 * CELLS * CELL
    x, y, z = np.meshgrid(at, at, at, indexing="ij")
    return np.asarray(np.clip(0.5 - (np.sqrt(x * x + y * y + z * z) - radius) / cell, 0, 1), np.float32)


@pytest.mark.parametrize("quality", ["live", "final"])
@pytest.mark.parametrize(("lit_by", "within"), [("glow", 0.10), ("lamp", 0.04)])
def test_smog_scatters_as_a_path_tracer_says(
    lit_by: str, within: float, quality: str, tell: Callable[[str], None]
) -> None:
    """All light of the picture within 5 % (for the glow, all air is taken to be one), and its mean square
    difference, as a share of the picture's own.

    Drawn four times as large and averaged, as the look's air has fewer pixels than its picture. Not asked:
    rays through the opaque ball, which has a skin here, and through the glowing one, where the tracer's point
    lights leave it noisy.
    """
    fading = np.maximum(_air.fading((CELLS,) * 3), 0.05)  # the look lets all air fade towards its box
    air = studio.volume(CELL, smog=cloud() / fading, emitters={})
    far = math.sqrt(sum(v * v for v in EYE))
    view = studio.camera(
        math.degrees(math.atan2(EYE[0], EYE[2])), math.degrees(math.asin(EYE[1] / far)), far, fov=FOV
    )
    passing = solids.passing(*solids.rays(view, WIDTH, HEIGHT))
    params: dict[str, Any] = {
        "smog": SMOG, "wisps": 0.0, "haze": 0.0, "again": 0.0, "reflection": 0.0, "fill": 0.0, "detail": 0.0,
    }  # fmt: skip
    if lit_by == "glow":
        emitter = (562.0, 70.0)
        body = studio.volume(CELLS * CELL / FINE, light0=ball(BALL), emitters={"light0": emitter})
        params |= {"key": 0.0, "glow": GLOW / _air.SHINES}
        white = 0.97 * np.array(emitter_rgb(*emitter)) + 0.03
        asked = passing > BALL
    else:
        body = studio.volume(CELLS * CELL / FINE, solid=ball(STONE), emitters={})
        params |= {"key": KEY, "glow": 0.0, "warmth": 6500.0, "key_turn": TURN, "key_height": RISE}
        white = np.array(kelvin(6500.0))
        asked = passing > STONE + 0.1
    with studio.Studio("specimen", (4 * WIDTH, 4 * HEIGHT), quality, **params) as one:
        large = one.radiance(air + body, view)[..., :3] / white
    got = large.reshape(HEIGHT, 4, WIDTH, 4, 3).mean((1, 3))[asked].astype(float)
    wanted = np.load(REFERENCE)[lit_by].astype(float)[asked]
    off = float(np.sqrt(((got - wanted) ** 2).mean()) / np.sqrt((wanted**2).mean()))
    total = float(got.sum() / wanted.sum() - 1)
    tell(f"{lit_by}, {quality}: all light {total:+.4f}, mean square {off:.4f}")
    assert abs(total) <= 0.05
    assert off <= within


@pytest.mark.parametrize("takes", [0.02, 0.3, 1.2])
def test_mean_radiance_of_a_small_source_falls_as_it_must(takes: float) -> None:
    """j·V·exp(−k·r) / (4π·r²), in every direction, to the air's walls."""
    shape, cell, place = (30, 36, 30), 0.2, (14, 17, 14)
    light = np.zeros((*shape, 3), np.float32)
    light[place] = 1.0
    mean = MeanRadiance(shape, cell).of(light, (takes, takes, 0.02))
    at = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), -1)
    r = cell * np.linalg.norm(at - np.array(place), axis=-1)
    asked = (r > 4 * cell) & (r < 2.4)
    exact = np.exp(-takes * r) * cell**3 / (4 * math.pi * np.maximum(r, cell) ** 2)
    assert np.abs(mean[..., 0] / exact - 1)[asked].max() <= 0.03
    assert mean[..., 1] == pytest.approx(mean[..., 0], rel=1e-5, abs=1e-9)
    assert (mean >= 0.0).all()
