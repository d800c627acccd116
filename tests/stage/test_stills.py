"""Stills, read back by other hands: Pillow for 8 bit, ffmpeg for 16."""

from __future__ import annotations

import os
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from bioart.errors import BioartError, WorkFailed
from bioart.outputs.stills import Stills, numbered


def picture(channels: int, kind: Any, seed: int = 0) -> Any:
    """Ramps with noise on top: every filter gets rows where it is the best."""
    y, x = np.mgrid[0:37, 0:53]
    full = np.iinfo(kind).max
    ramp = np.stack([x / 52, y / 36, (x + y) / 88, np.ones_like(x, float)], -1)[..., :channels]
    noise = np.random.default_rng(seed).uniform(0, 0.2, ramp.shape) * (y[..., None] > 20)
    return (np.clip(ramp + noise, 0, 1) * full).astype(kind)


def decoded(path: Path, channels: int) -> Any:
    """16-bit pixels as ffmpeg reads them."""
    pixels = "rgba64le" if channels == 4 else "rgb48le"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-f", "rawvideo"]
    made = subprocess.run([*command, "-pix_fmt", pixels, "-"], capture_output=True, check=True)
    return np.frombuffer(made.stdout, "<u2").reshape(37, 53, channels)


@pytest.mark.parametrize("profile", ["", "png", "png-alpha", "png16", "png16-alpha"])
def test_every_bit_comes_back(tmp_path: Path, profile: str) -> None:
    out = Stills(tmp_path / "a.png", 53, 37, Fraction(24), 1, profile)
    channels, kind = (4 if out.alpha else 3), (np.uint16 if out.depth == 16 else np.uint8)
    wanted = picture(channels, kind)
    out.write(wanted)
    assert os.listdir(tmp_path) != ["a.png"]
    assert out.finish() == [tmp_path / "a.png"]
    assert os.listdir(tmp_path) == ["a.png"]
    with Image.open(tmp_path / "a.png") as image:
        assert image.info["srgb"] == 0
        if out.depth == 8:
            assert np.array_equal(np.asarray(image), wanted)
    if out.depth == 16:
        assert np.array_equal(decoded(tmp_path / "a.png", channels), wanted)


def test_several_are_numbered_before_a_quilts_suffix(tmp_path: Path) -> None:
    out = Stills(tmp_path / "foo_qs8x6a0.75.png", 53, 37, Fraction(24), 3)
    for k in range(3):
        out.write(picture(3, np.uint8, k))
    made = out.finish()
    assert [p.name for p in made] == [f"foo_0000{k}_qs8x6a0.75.png" for k in range(3)]
    assert sorted(os.listdir(tmp_path)) == [p.name for p in made]
    with Image.open(made[2]) as image:
        assert np.array_equal(np.asarray(image), picture(3, np.uint8, 2))


def test_numbers_sort_as_they_count() -> None:
    assert numbered(Path("a.png"), 12, 20).name == "a_00012.png"
    assert numbered(Path("x/a_qs5x9a1.77778.png"), 7, 9) == Path("x/a_00007_qs5x9a1.77778.png")
    assert numbered(Path("a.png"), 5, 2_000_000).name == "a_0000005.png"


def test_effort_saves_bytes(tmp_path: Path) -> None:
    sizes = []
    for quality in ("draft", "final"):
        out = Stills(tmp_path / f"{quality}.png", 53, 37, Fraction(24), 1, quality=quality)
        out.write(picture(3, np.uint8))
        sizes.append(out.finish()[0].stat().st_size)
    assert sizes[1] < sizes[0]


def test_faults(tmp_path: Path) -> None:
    with pytest.raises(BioartError, match="did you mean 'png16'"):
        Stills(tmp_path / "a.png", 53, 37, Fraction(24), 1, "png61")
    with pytest.raises(BioartError, match="--quality best: unknown; allowed: draft, final, live"):
        Stills(tmp_path / "a.png", 53, 37, Fraction(24), 1, quality="best")
    with pytest.raises(WorkFailed, match="cannot write there"):
        Stills(tmp_path / "no" / "a.png", 53, 37, Fraction(24), 1)
    out = Stills(tmp_path / "a.png", 53, 37, Fraction(24), 1)
    with pytest.raises(BioartError, match="allowed: \\(37, 53, 3\\) uint8"):
        out.write(np.zeros((53, 37, 3), np.uint8))
    out.write(picture(3, np.uint8))
    out.abandon()
    assert os.listdir(tmp_path) == []


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: Any) -> None:
    out = Stills(tmp_path / "a.png", 53, 37, Fraction(24), 2)
    out.write(picture(3, np.uint8))

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(WorkFailed, match=r"a_00001\.png: No space left on device"):
        out.write(picture(3, np.uint8))
    out.abandon()
    assert os.listdir(tmp_path) == []
