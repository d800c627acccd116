"""`check` on pictures and movies: it says what a file is, and finds what is wrong with it."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from bioart.errors import BioartError
from bioart.outputs.movie import Movie
from bioart.outputs.stills import png
from bioart.stage.inspector import inspect, measure, probe


def turning(path: Path, count: int, turns: float, still: bool = False) -> Path:
    """A glow that circles: `turns` = 1 over `count` frames closes the loop."""
    out = Movie(path, 96, 64, Fraction(24), count)
    y, x = np.mgrid[0:64, 0:96]
    for k in range(count):
        phase = 0.0 if still else 2 * np.pi * turns * k / count
        d = np.hypot(x - 48 - 24 * np.cos(phase), y - 32 - 16 * np.sin(phase))
        out.write(np.repeat((220 * np.exp(-((d / 10) ** 2))).astype(np.uint8)[..., None], 3, 2))
    return out.finish()[0]


def test_a_loop_that_closes_has_a_seam_like_its_steps(tmp_path: Path) -> None:
    path = turning(tmp_path / "a.mp4", 24, 1.0)
    steps = measure(path, probe(path))
    assert steps.frames == 24
    assert 0.7 < steps.seam / steps.median < 1.4
    report = inspect(path)
    assert report.faults == ()
    assert report.fact("fps") == "24"
    assert "times the median step" in report.fact("seam")


def test_a_loop_that_does_not_close_shows_it(tmp_path: Path) -> None:
    path = turning(tmp_path / "a.mp4", 24, 0.5)
    steps = measure(path, probe(path))
    assert steps.seam / steps.median > 5
    assert steps.seam_peak > 100


def faults_of(path: Path) -> str:
    return " | ".join(inspect(path).faults)


def test_still_black_cut_and_foreign_movies_are_faults(tmp_path: Path) -> None:
    still = turning(tmp_path / "still.mp4", 6, 1.0, still=True)
    assert "still: no frame differs" in faults_of(still)
    out = Movie(tmp_path / "dark.mp4", 96, 64, Fraction(24), 3)
    for _ in range(3):
        out.write(np.zeros((64, 96, 3), np.uint8))
    assert "every frame is black" in faults_of(out.finish()[0])
    whole = turning(tmp_path / "whole.mp4", 48, 1.0).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    assert "decoding broke" in faults_of(tmp_path / "cut.mp4")
    assert "but the container says" in faults_of(tmp_path / "cut.mp4")
    (tmp_path / "foreign.mp4").write_bytes(b"no movie at all")
    assert "not a movie that can be read" in faults_of(tmp_path / "foreign.mp4")
    assert inspect(tmp_path / "foreign.mp4").lines() == [
        f"{tmp_path / 'foreign.mp4'}: {faults_of(tmp_path / 'foreign.mp4')}"
    ]


def test_untagged_colour_is_a_fault(tmp_path: Path) -> None:
    source = ["-f", "lavfi", "-i", "testsrc=size=96x64:rate=24:duration=0.5", "-pix_fmt", "yuv420p"]
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", *source, str(tmp_path / "raw.mp4")]
    subprocess.run(command, check=True)
    assert "players will guess; wanted tv/bt709" in faults_of(tmp_path / "raw.mp4")


def written(path: Path, pixels: Any) -> Path:
    path.write_bytes(png(pixels))
    return path


def test_pictures(tmp_path: Path) -> None:
    ramp = np.zeros((48, 96, 3), np.uint16)
    ramp[..., 0] = np.linspace(0, 65535, 96)
    report = inspect(written(tmp_path / "a.png", ramp))
    assert report.faults == ()
    assert [report.fact(n) for n in ("size", "bits", "alpha", "colour")] == ["96x48", "16", "no", "sRGB"]
    assert report.fact("black") == "1.0 %"
    assert "blank: every pixel is (7, 7, 7)" in faults_of(
        written(tmp_path / "b.png", np.full((4, 4, 3), 7, np.uint8))
    )
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "cut.png").write_bytes(whole[: len(whole) // 2])
    assert "not a whole picture" in faults_of(tmp_path / "cut.png")
    (tmp_path / "foreign.png").write_bytes(b"GIF89a no")
    assert "not a whole picture" in faults_of(tmp_path / "foreign.png")
    Image.fromarray((ramp >> 8).astype(np.uint8)).save(tmp_path / "p.jpg")
    assert inspect(tmp_path / "p.jpg").fact("picture") == "JPEG"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a_qs8x6a0.75.png", ""),
        ("a_qs7x6a0.75.png", "no whole number of tiles"),
        ("a_qs8x6.png", "has no aspect"),
        ("a_qs0x6a1.png", "no tiles"),
    ],
)
def test_a_quilts_name_must_fit_its_picture(tmp_path: Path, name: str, told: str) -> None:
    ramp = np.zeros((48, 96, 3), np.uint8)
    ramp[..., 1] = np.arange(96)
    faults = faults_of(written(tmp_path / name, ramp))
    assert (told in faults) if told else not faults
    if not told:
        assert inspect(tmp_path / name).fact("quilt") == "8x6 of 12x8, 48 views, aspect 0.75"


def test_odd_tiles_of_a_quilt_movie_are_a_fault(tmp_path: Path) -> None:
    assert "odd tiles of 3x2 bleed colour" in faults_of(turning(tmp_path / "a_qs32x32a1.mp4", 4, 1.0))


def test_what_is_neither(tmp_path: Path) -> None:
    with pytest.raises(BioartError, match="neither a picture nor a movie"):
        inspect(tmp_path / "a.txt")
    with pytest.raises(BioartError, match="no such file"):
        inspect(tmp_path / "a.png")
