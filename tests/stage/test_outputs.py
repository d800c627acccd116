"""What holds for every output, because its file is there."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import imageio_ffmpeg
import numpy as np
import pytest
from PIL import Image

from bioart import registry
from bioart.errors import BioartError
from bioart.outputs import Output

KINDS: dict[str, type[Output]] = {name: registry.kind("output", name) for name in registry.names("output")}
ENDINGS = [(kind, ending) for kind, made in KINDS.items() for ending in made.endings]
SIZE = (64, 48)
GREYS = (40, 120, 200)  # of the frames, sRGB


def from_stills(paths: list[Path]) -> list[np.ndarray]:
    return [np.asarray(Image.open(path).convert("RGB")) for path in paths]


def from_a_movie(paths: list[Path]) -> list[np.ndarray]:
    """Decoded as a row of PPM files, each of which says its own size."""
    (path,) = paths
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-fps_mode", "passthrough"]
    command += ["-pix_fmt", "rgb24", "-f", "image2pipe", "-c:v", "ppm", "-"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    frames = []
    while data:
        head = re.match(rb"P6\s(\d+)\s(\d+)\s255\s", data)
        assert head
        width, height, start = int(head[1]), int(head[2]), head.end()
        end = start + width * height * 3
        frames.append(np.frombuffer(data[start:end], np.uint8).reshape(height, width, 3))
        data = data[end:]
    return frames


# By ending: the frames in what finish() returned, 8 bit, (height, width, 3) each, read by other hands.
READERS: dict[str, Callable[[list[Path]], list[np.ndarray]]] = {
    ".png": from_stills,
    ".mp4": from_a_movie,
    ".webm": from_a_movie,
    ".mov": from_a_movie,
}


def opened(kind: str, path: Path, count: int = 3, profile: str = "", quality: str = "draft") -> Output:
    return KINDS[kind](path, *SIZE, Fraction(24), count, profile, quality)


def frame(out: Output, grey: int) -> Any:
    """One grey all over, opaque, in the depth and channels that the output asks for."""
    assert out.depth in (8, 16)
    light = np.full((SIZE[1], SIZE[0], 4 if out.alpha else 3), grey, np.uint8)
    light[..., 3:] = 255
    return light if out.depth == 8 else light.astype(np.uint16) * 257


def assert_one_line(fault: BioartError) -> None:
    told = str(fault)
    assert told.isprintable(), "one line, fit for a terminal"
    assert len(told) > 10


def profiles_for(kind: str, ending: str, room: Path) -> list[str]:
    """The profiles that this ending takes, its own first; what is refused leaves nothing."""
    taken = [""]
    for profile in KINDS[kind].profiles:
        try:
            opened(kind, room / f"try{ending}", profile=profile).abandon()
        except BioartError as fault:
            assert_one_line(fault)
        else:
            taken.append(profile)
        assert os.listdir(room) == []
    return taken


def test_an_ending_belongs_to_one_output() -> None:
    endings = [ending for _, ending in ENDINGS]
    assert len(set(endings)) == len(endings)
    for ending in endings:
        assert ending == ending.lower()
        assert Path(f"a{ending}").suffix == ending


@pytest.mark.parametrize("kind", KINDS)
def test_every_profile_fits_one_of_the_endings(kind: str, tmp_path: Path) -> None:
    made = KINDS[kind]
    found = {p for ending in made.endings for p in profiles_for(kind, ending, tmp_path)}
    assert found == {"", *made.profiles}


@pytest.mark.parametrize("ending", [ending for _, ending in ENDINGS])
def test_three_frames_come_back_in_every_profile(ending: str, tmp_path: Path) -> None:
    kind = next(k for k, e in ENDINGS if e == ending)
    assert ending in READERS, f"nobody reads {ending} back: add a reader to READERS, above"
    for profile in profiles_for(kind, ending, tmp_path):
        room = tmp_path / (profile or "own")
        room.mkdir()
        path = room / f"a{ending}"
        out = opened(kind, path, profile=profile)
        for grey in GREYS:
            out.write(frame(out, grey))
            assert not path.exists(), "nothing stands under the final name before the end"
        made = out.finish()
        assert made
        assert all(p.is_file() and p.parent == room and p.suffix == ending for p in made)
        assert sorted(os.listdir(room)) == sorted(p.name for p in made), "nothing else is left"
        frames = READERS[ending](made)
        assert len(frames) == len(GREYS)
        for shown, grey in zip(frames, GREYS, strict=True):
            assert shown.shape == (SIZE[1], SIZE[0], 3)
            assert np.abs(shown.astype(int) - grey).max() <= 4, profile


@pytest.mark.parametrize(("kind", "ending"), ENDINGS)
def test_one_frame_takes_the_very_name_and_replaces_what_had_it(
    kind: str, ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"the one before")
    out = opened(kind, path, count=1)
    out.write(frame(out, 120))
    assert path.read_bytes() == b"the one before"
    assert out.finish() == [path]
    assert os.listdir(tmp_path) == [path.name]
    assert len(READERS[ending]([path])) == 1


@pytest.mark.parametrize("written", [0, 2])
@pytest.mark.parametrize(("kind", "ending"), ENDINGS)
def test_abandoned_work_leaves_what_was_there_and_nothing_else(
    kind: str, ending: str, written: int, tmp_path: Path
) -> None:
    path = tmp_path / f"a{ending}"
    path.write_bytes(b"the one before")
    out = opened(kind, path)
    for grey in GREYS[:written]:
        out.write(frame(out, grey))
    out.abandon()
    assert os.listdir(tmp_path) == [path.name]
    assert path.read_bytes() == b"the one before"


@pytest.mark.parametrize(("kind", "ending"), ENDINGS)
def test_a_folder_that_is_none_is_told_in_one_line(kind: str, ending: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "none", tmp_path / "file", tmp_path / "none" / "deeper"):
        with pytest.raises(BioartError) as fault:
            opened(kind, folder / f"a{ending}")
        assert_one_line(fault.value)
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize(("kind", "ending"), ENDINGS)
def test_a_name_that_a_folder_has_is_told_and_the_work_leaves_nothing(
    kind: str, ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"a{ending}"
    path.mkdir()
    with pytest.raises(BioartError) as fault:  # at once, or when the name is to be taken
        write_one(opened(kind, path, count=1))
    assert_one_line(fault.value)
    assert os.listdir(path) == []
    assert os.listdir(tmp_path) == [path.name]


def write_one(out: Output) -> None:
    """As the exporter does: what fails is abandoned."""
    try:
        out.write(frame(out, 120))
        out.finish()
    except BaseException:
        out.abandon()
        raise


@pytest.mark.parametrize(
    ("profile", "quality"),
    [("no such", "draft"), ("two\nlines", "draft"), ("", "best"), ("", ""), ("", "a\nb")],
)
@pytest.mark.parametrize(("kind", "ending"), ENDINGS)
def test_a_profile_or_quality_that_is_none_is_told_in_one_line(
    kind: str, ending: str, profile: str, quality: str, tmp_path: Path
) -> None:
    with pytest.raises(BioartError) as fault:
        opened(kind, tmp_path / f"a{ending}", 3, profile, quality)
    assert fault.value.exit_code == 2
    assert_one_line(fault.value)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("size", [(0, 48), (64, -2), (0, 0)])
@pytest.mark.parametrize(("kind", "ending"), ENDINGS)
def test_a_size_that_cannot_be_is_told(kind: str, ending: str, size: tuple[int, int], tmp_path: Path) -> None:
    with pytest.raises(BioartError) as fault:
        KINDS[kind](tmp_path / f"a{ending}", *size, Fraction(24), 1)
    assert_one_line(fault.value)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(("kind", "ending"), ENDINGS)
def test_a_frame_that_was_not_asked_for_is_refused(kind: str, ending: str, tmp_path: Path) -> None:
    out = opened(kind, tmp_path / f"a{ending}", count=1)
    fits = frame(out, 120)
    other = np.uint16 if out.depth == 8 else np.uint8
    for wrong in (fits[1:], fits[:, 1:], fits[..., :2], fits.astype(other), fits.swapaxes(0, 1)):
        with pytest.raises(BioartError) as fault:
            out.write(wrong)
        assert_one_line(fault.value)
    out.write(fits)
    assert len(READERS[ending](out.finish())) == 1
