"""Pictures from Python: five lines, any look, and one clear line for what cannot be."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bioart import registry, studio
from bioart.errors import BioartError

CAMERA = studio.camera(yaw=30.0, distance=4.0)


def test_the_five_lines_of_the_readme_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the documentation shows is what runs."""
    monkeypatch.chdir(tmp_path)
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```python\n(.*?)```", readme, re.S)
    told = [one for one in ast.parse(shown).body if not isinstance(one, (ast.Import, ast.ImportFrom))]
    assert len(told) <= 5
    exec(compile(shown, "README.md", "exec"), {})
    (picture,) = tmp_path.glob("*.png")
    from PIL import Image

    seen = np.asarray(Image.open(picture))
    assert seen.shape == (720, 1280, 3)
    assert seen.max() > 100
    assert seen.std() > 5


@pytest.mark.parametrize("look", registry.names("look"))
def test_any_look_draws_arrays_of_any_kind(look: str) -> None:
    rng = np.random.default_rng(3)
    forms = (
        studio.volume(0.1, light0=rng.random((12, 12, 12)), solid=rng.random((12, 12, 12)) > 0.6)
        + studio.points(rng.random((50, 3)) - 0.5, tint=[1.0, 0.5, 0.2])
        + studio.curves([[[-0.8, 0, 0], [0, 0.5, 0], [0.8, 0, 0]]], tint=[0.4, 0.8, 1.0])
        + studio.text("light", (0.0, 0.8, 0.0), 0.15)
    )
    with studio.Studio(look, (120, 80), "draft") as one:
        light = one.radiance(forms, CAMERA)
        other = one.again(studio.camera(yaw=120.0, distance=4.0))
        codes = one.picture(forms, CAMERA)
    assert light.shape == (80, 120, 4)
    assert codes.shape == (80, 120, 3)
    assert codes.dtype == np.uint8
    assert np.isfinite(light).all()
    assert light[..., :3].max() > 0.1
    assert not np.array_equal(light, other)


def test_up_is_up_and_the_first_row_is_the_top() -> None:
    high = studio.points([[0.0, 0.6, 0.0]], radius=0.1, glow=4.0)
    with studio.Studio("plain", (64, 64), "draft") as one:
        rows = one.picture(high, CAMERA).sum((1, 2))
    assert rows[:32].sum() > 0
    assert rows[32:].sum() < 0.05 * rows[:32].sum()  # glare


def test_brighter_and_darker_by_a_stop() -> None:
    mote = studio.points([[0.0, 0.0, 0.0]], radius=0.3, glow=0.2)
    with studio.Studio("plain", (32, 32), develop_bloom=0.0) as one:
        means = [float(one.picture(mote, CAMERA, exposure=e).mean()) for e in (0.5, 1.0, 2.0)]
    assert means[0] < means[1] < means[2]


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: studio.volume(0.0, light0=np.zeros((2, 2, 2))), r"volume: cell 0\.0 m; allowed: more .*"),
        (lambda: studio.volume(0.1), r"volume: no channel; allowed: one or more.*"),
        (lambda: studio.volume(0.1, light0=np.zeros((2, 2))), r"volume: light0 .*\(2, 2\); allowed: \(nx.*"),
        (
            lambda: studio.volume(0.1, light0=np.zeros((2, 2, 2)), solid=np.zeros((3, 2, 2))),
            r"volume: solid is an array of shape \(3, 2, 2\).*",
        ),
        (lambda: studio.volume(0.1, light0=np.full((2, 2, 2), np.nan)), r"volume: light0: .*not finite.*"),
        (lambda: studio.volume(0.1, light0="x"), r"volume: light0: no array of numbers.*"),
        (lambda: studio.points(np.zeros((3, 2))), r"points: at is an array of shape \(3, 2\).*"),
        (lambda: studio.points(np.zeros((3, 3)), radius=[1, 2]), r"points: radius .*allowed: \(3,\) or .*"),
        (lambda: studio.curves([[[0, 0, 0]]]), r"curves: strand 0 has 1 points; allowed: two or more"),
        (lambda: studio.Studio("specimn"), r"studio: no look 'specimn'; did you mean 'specimen'\?"),
        (lambda: studio.Studio("plain", (0, 9)), r"studio: size 0x9; allowed: 1 to 16384 px a side"),
        (lambda: studio.Studio("plain", quality="best"), r"studio: quality 'best'; allowed: draft, .*"),
        (lambda: studio.Studio("plain", lihgt=1.0), r"studio: no param 'lihgt' in plain; .*'light'\?"),
        (lambda: studio.Studio("plain", light=99.0), r"studio: plain\.light: 99\.0 is outside.*"),
        (lambda: studio.Studio("plain", develop_blom=1.0), r"studio: no param 'blom' in develop; .*m'\?"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_in_one_line(call: Any, told: str) -> None:
    with pytest.raises(BioartError) as fault:
        call()
    assert re.fullmatch(told, str(fault.value)), str(fault.value)
