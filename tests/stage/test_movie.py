"""Movies, judged by what decoders and the container itself say of them."""

from __future__ import annotations

import os
import struct
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bioart.errors import BioartError, WorkFailed
from bioart.outputs import movie as movies
from bioart.outputs.movie import PROFILES, Movie
from bioart.stage import inspector

SIZE = (96, 64)
NTSC = Fraction(30000, 1001)


def frame(k: int, out: Movie, count: int = 7, size: tuple[int, int] = SIZE) -> Any:
    """A soft ramp with a bar that walks; alpha, where kept, is a disc."""
    w, h = size
    y, x = np.mgrid[0:h, 0:w]
    picture = np.zeros((h, w, 4 if out.alpha else 3))
    picture[..., 0] = x / (w - 1)
    picture[..., 1] = y / (h - 1)
    picture[..., 2] = np.exp(-(((x - w * k / count) / 8.0) ** 2))
    if out.alpha:
        picture[..., 3] = np.hypot(x - w / 2, y - h / 2) < 24
    return (picture * (65535 if out.depth == 16 else 255)).astype(np.uint16 if out.depth == 16 else np.uint8)


def made(path: Path, profile: str, count: int = 7, fps: Fraction = NTSC, quality: str = "final") -> Movie:
    out = Movie(path, *SIZE, fps, count, profile, quality)
    for k in range(count):
        out.write(frame(k, out))
    assert not path.exists(), "nothing stands under the final name before the end"
    assert out.finish() == [path]
    assert os.listdir(path.parent) == [path.name]
    return out


def write(out: Movie, count: int, finish: bool = False) -> None:
    for k in range(count):
        out.write(frame(k, out))
    if finish:
        out.finish()


@pytest.mark.parametrize("profile", PROFILES)
def test_what_a_player_gets(tmp_path: Path, profile: str) -> None:
    path = tmp_path / f"a{PROFILES[profile].ending}"
    out = made(path, profile)
    stream = inspector.probe(path)
    assert (stream.width, stream.height) == SIZE
    assert stream.fps == NTSC
    assert stream.tags == ("tv", "bt709")
    assert stream.alpha == PROFILES[profile].alpha
    shown = list(inspector.frames(path, stream))
    assert len(shown) == 7
    for k, got in enumerate(shown):
        wanted = frame(k, out) / (257 if out.depth == 16 else 1)
        cover = wanted[..., 3:] / 255 if out.alpha else 1.0
        off = np.abs(got[..., :3] - wanted[..., :3]) * cover
        assert off.mean() < 2.5, "colours pass through unchanged"
        if out.alpha:
            inner = np.abs(got[..., 3] - wanted[..., 3])
            assert inner.mean() < 6
            assert got[32, 48, 3] > 250
            assert got[2, 2, 3] < 5


def test_an_endings_own_profile(tmp_path: Path) -> None:
    for ending, codec, alpha in ((".mp4", "h264", False), (".webm", "vp9", True), (".mov", "prores", True)):
        folder = tmp_path / ending[1:]
        folder.mkdir()
        made(folder / f"a{ending}", "", count=2)
        stream = inspector.probe(folder / f"a{ending}")
        assert (stream.codec, stream.alpha) == (codec, alpha)


def test_beyond_4096_px_an_mp4_is_hevc(tmp_path: Path) -> None:
    out = Movie(tmp_path / "wide.mp4", 4098, 16, Fraction(24), 1, quality="draft")
    out.write(np.zeros((16, 4098, 3), np.uint16))
    out.finish()
    stream = inspector.probe(tmp_path / "wide.mp4")
    assert stream.codec == "hevc"
    assert b"hvc1" in (tmp_path / "wide.mp4").read_bytes()  # what QuickTime opens


@pytest.mark.parametrize(
    "fps", [Fraction(24), Fraction(25), NTSC, Fraction(60000, 1001), Fraction(24000, 1001)]
)
def test_the_rate_is_exact_in_the_container(tmp_path: Path, fps: Fraction) -> None:
    path = tmp_path / "a.mp4"
    made(path, "h264", fps=fps)
    data = path.read_bytes()
    at = data.index(b"mdhd")
    timescale = struct.unpack(">I", data[at + 16 : at + 20])[0]
    at = data.index(b"stts")
    runs, count, delta = struct.unpack(">III", data[at + 8 : at + 20])
    assert (runs, count) == (1, 7)
    assert Fraction(timescale, delta) == fps


def test_the_container_names_its_colours(tmp_path: Path) -> None:
    made(tmp_path / "a.mp4", "h264", count=2)
    data = (tmp_path / "a.mp4").read_bytes()
    at = data.index(b"colrnclx") + 8
    assert struct.unpack(">HHH", data[at : at + 6]) == (1, 1, 1)  # primaries, transfer, matrix: all BT.709


def test_quality_costs_bytes(tmp_path: Path) -> None:
    sizes = {}
    for quality in ("draft", "live", "final"):
        folder = tmp_path / quality
        folder.mkdir()
        made(folder / "a.mp4", "h264", quality=quality)
        sizes[quality] = (folder / "a.mp4").stat().st_size
    assert sizes["draft"] < sizes["live"] < sizes["final"]


def test_the_same_frames_give_the_same_file(tmp_path: Path) -> None:
    files = []
    for name in "ab":
        (tmp_path / name).mkdir()
        made(tmp_path / name / "a.mp4", "h264")
        files.append((tmp_path / name / "a.mp4").read_bytes())
    assert files[0] == files[1]


@pytest.mark.parametrize(
    ("name", "size", "profile", "told"),
    [
        ("a.mp4", (95, 64), "", "allowed: even width and height, as 94x64"),
        ("a.mp4", (96, 63), "", "as 96x62"),
        ("a.webm", (95, 63), "", "as 94x62"),
        ("a.mov", (95, 63), "prores", "an even width, as 94x63"),
        ("a.mp4", (0, 64), "", "allowed: 1x1 and up"),
        ("a.mp4", (96, -2), "", "allowed: 1x1 and up"),
        ("a.mp4", SIZE, "vp9", "not for .mp4; allowed: h264, hevc"),
        ("a.webm", SIZE, "vp9-alpa", "did you mean 'vp9-alpha'"),
    ],
)
def test_what_cannot_be_encoded_is_told(
    tmp_path: Path, name: str, size: Any, profile: str, told: str
) -> None:
    with pytest.raises(BioartError, match=told) as fault:
        Movie(tmp_path / name, *size, Fraction(24), 1, profile)
    assert fault.value.exit_code == 2
    assert os.listdir(tmp_path) == []


def test_prores_with_alpha_takes_odd_sides(tmp_path: Path) -> None:
    path = tmp_path / "a.mov"
    out = Movie(path, 95, 63, Fraction(24), 1)
    out.write(frame(0, out, size=(95, 63)))
    out.finish()
    stream = inspector.probe(path)
    assert (stream.width, stream.height) == (95, 63)


def test_a_frame_of_another_shape_is_refused(tmp_path: Path) -> None:
    out = Movie(tmp_path / "a.mp4", *SIZE, Fraction(24), 1)
    for wrong in (
        np.zeros((64, 96, 4), np.uint8),
        np.zeros((64, 96, 3), np.uint16),
        np.zeros((96, 64, 3), np.uint8),
    ):
        with pytest.raises(BioartError, match="allowed: \\(64, 96, 3\\) uint8"):
            out.write(wrong)
    out.abandon()
    assert os.listdir(tmp_path) == []


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    with pytest.raises(WorkFailed, match="cannot write there"):
        Movie(tmp_path / "no" / "a.mp4", *SIZE, Fraction(24), 1)


def test_abandoned_work_leaves_nothing(tmp_path: Path) -> None:
    out = Movie(tmp_path / "a.mp4", *SIZE, Fraction(24), 5)
    out.write(frame(0, out))
    out.abandon()
    assert os.listdir(tmp_path) == []


def test_a_lost_encoder_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"the last good one")
    out = Movie(tmp_path / "a.mp4", *SIZE, Fraction(24), 5)
    out.write(frame(0, out))
    out._encoder.kill()
    with pytest.raises(WorkFailed, match=r"a\.mp4: the encoder failed") as fault:
        write(out, 2000)
    assert fault.value.exit_code == 1
    assert os.listdir(tmp_path) == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == b"the last good one"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="/dev/full is Linux's")
@pytest.mark.parametrize("profile", ["h264", "vp9-alpha", "prores-alpha"])
def test_a_full_disk_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: Any, profile: str) -> None:
    room = tmp_path / "room"
    room.mkdir()
    (room / "full").symlink_to("/dev/full")
    monkeypatch.setattr(movies, "_beside", lambda path: room / "full")
    path = tmp_path / f"a{PROFILES[profile].ending}"
    out = Movie(path, *SIZE, Fraction(24), 200, profile, "draft")
    with pytest.raises(WorkFailed, match="No space left on device") as fault:
        write(out, 200, finish=True)
    assert "\n" not in str(fault.value)
    assert os.listdir(room) == []
    assert not path.exists()
