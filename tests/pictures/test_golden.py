"""Golden pictures: every look, because its file is there, on forms that never change.

Codes may differ by 2 of 255 where Mesa is the version that drew the golden ones (`golden/mesa.txt`); on
another they are only drawn. A picture that differs leaves itself and its difference, eight times magnified,
in `out/pictures/`. After a change that is meant: `pytest tests/pictures --bless`, look at every one, commit.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from bioart import registry, studio
from bioart.forms import Forms
from bioart.gpu.context import renderer
from bioart.param import params_of

GOLDEN = Path(__file__).with_name("golden")
MESA = GOLDEN / "mesa.txt"
LEFT = Path(__file__).parents[2] / "out" / "pictures"
SIZE = (240, 240)
CLOSE = 2  # codes


def reef() -> Forms:
    """A branching body that shines in three colours, in a drift of smog, with motes and strands.

    No words: they are written in what faces a machine has.
    """
    n, cell = 56, 0.05
    at = (np.arange(n) + 0.5) * cell - 0.5 * n * cell
    x, y, z = np.meshgrid(at, at + 0.2, at, indexing="ij")
    body = np.full((n, n, n), 9.0)
    for turn, lean, high in ((0.0, 0.35, 1.5), (2.2, 0.5, 1.1), (4.1, 0.6, 1.3), (5.2, 0.25, 0.9)):
        along = np.clip((y + 1.2) / high, 0.0, 1.0)
        bend = lean * along**1.5
        far = np.hypot(x - bend * np.sin(turn), z - bend * np.cos(turn))
        over = np.maximum(y + 1.2 - high, 0.0)
        body = np.minimum(body, np.hypot(far, over) - (0.2 - 0.07 * along))
    solid = np.clip(0.5 - body / (1.5 * cell), 0.0, 1.0) * (y > -1.15)
    grown = np.clip((y + 1.2) / 1.5, 0.0, 1.0)
    flesh = studio.volume(
        cell,
        solid=solid,
        age=solid * (1.0 - grown),
        tip=solid * np.clip(2.0 * grown - 1.2, 0.0, 1.0),
        network=solid * (np.cos(9.0 * y + 5.0 * x) > 0.7),
        light0=solid * (0.3 + 0.7 * grown),
        light1=solid * np.clip(np.sin(5.0 * x + 3.0 * z), 0.0, 1.0),
        light2=solid * np.clip(0.4 - grown, 0.0, 1.0),
    )
    m, wide = 20, 0.2
    at = (np.arange(m) + 0.5) * wide - 0.5 * m * wide
    x, y, z = np.meshgrid(at, at, at, indexing="ij")
    air = studio.volume(
        wide,
        smog=0.6 * np.exp(-((x + 0.8) ** 2 + 0.5 * y * y + z * z)),
        spill=0.3 * np.exp(-4.0 * ((x - 0.9) ** 2 + (y + 1.2) ** 2 + z * z)),
        spores=0.2 * np.exp(-2.0 * (x * x + (y - 1.0) ** 2 + z * z)),
        flash=0.2 * np.exp(-6.0 * ((x - 0.7) ** 2 + (y - 0.9) ** 2 + z * z)),
        velocity_x=0.6 + 0.2 * np.cos(y),
        velocity_y=0.15 * np.sin(2.0 * x),
        velocity_z=0.1 * np.sin(2.0 * y),
        emitters={},
    )
    i = np.arange(160)
    turn, high = 2.39996 * i, 2.4 * (i / 160.0) - 1.2
    motes = studio.points(
        np.stack([0.9 * np.cos(turn), high, 0.9 * np.sin(turn)], axis=1), 0.012, (1.0, 0.8, 0.5), 4.0
    )
    u = np.linspace(0.0, 1.0, 24)
    threads = studio.curves(
        [
            np.stack([0.5 * np.cos(6.0 * u + k), -1.0 + 1.6 * u, 0.5 * np.sin(6.0 * u + k)], axis=1)
            for k in range(5)
        ],
        0.012,
        [[1.0, 0.4, 0.3], [0.4, 0.8, 1.0], [0.9, 0.8, 0.3], [0.6, 1.0, 0.5], [0.8, 0.5, 1.0]],
        0.8,
    )
    return flesh + air + motes + threads


def dark() -> Forms:
    """A small lamp in clear air: what should be black is."""
    n = 24
    field = np.zeros((n, n, n), np.float32)
    field[10:14, 10:14, 10:14] = 1.0
    return studio.volume(0.1, solid=field, light0=field)


SCENES = {"reef": (reef, (35.0, 9.0, 5.2)), "dark": (dark, (20.0, 12.0, 6.0))}


@pytest.mark.parametrize("scene", SCENES)
@pytest.mark.parametrize("look", registry.names("look"))
def test_a_picture_is_what_it_was(ctx: Any, look: str, scene: str, request: pytest.FixtureRequest) -> None:
    made, (yaw, pitch, distance) = SCENES[scene]
    got = studio.picture(made(), studio.camera(yaw, pitch, distance), look, SIZE, "live")
    path, mesa = GOLDEN / f"{look}-{scene}.png", renderer(ctx)
    if request.config.getoption("--bless"):
        Image.fromarray(got).save(path, optimize=True)
        MESA.write_text(mesa + "\n", encoding="utf-8")
        return
    if mesa != MESA.read_text(encoding="utf-8").strip():
        pytest.skip(f"drawn, not compared: the golden ones are of {MESA.read_text(encoding='utf-8').strip()}")
    assert path.exists(), f"no golden picture of {look}: draw it with --bless, look at it, commit it"
    off = np.abs(got.astype(int) - np.asarray(Image.open(path)).astype(int))
    if off.max() > CLOSE:
        LEFT.mkdir(parents=True, exist_ok=True)
        Image.fromarray(got).save(LEFT / path.name)
        Image.fromarray(np.clip(8 * off, 0, 255).astype(np.uint8)).save(LEFT / f"{path.stem}-off.png")
    assert off.max() <= CLOSE, f"{(off > CLOSE).any(-1).sum()} px differ, by {off.max()}; see {LEFT}"


def test_true_black_stays_zero() -> None:
    """Around a lamp in air without haze, over no mirror, every look leaves 0."""
    for look in registry.names("look"):
        known = params_of(registry.kind("look", look))
        clear = {name: 0.0 for name in ("haze", "reflection") if name in known}
        with studio.Studio(look, SIZE, "live", develop_bloom=0.0, **clear) as one:
            seen = one.picture(dark(), studio.camera(20.0, 12.0, 6.0))
        assert seen.max() > 40 or look == "plain", look
        assert (seen[:20] == 0).all(), look
        assert (seen[:, :20] == 0).all(), look
