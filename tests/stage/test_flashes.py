"""`check` on movies that flash: what the guard must never let out is told, where and when."""

from __future__ import annotations

import sys
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "show"))
from clips import BLACK, FAILING, SLY, Clip, grey, patch, square, srgb, watched, wave

from bioart.guard import Guard
from bioart.outputs.movie import Movie
from bioart.stage.flashes import Flashes, Verdict
from bioart.stage.inspector import inspect


def verdict(clip: Clip, seconds: float = 2, fps: int = 60, guard: Guard | None = None) -> Verdict:
    flashes = Flashes(Fraction(fps), 128, 72)
    for k in range(int(seconds * fps)):
        picture = clip(k / fps)
        gain = guard.watch(watched(picture), k / fps) if guard else 1.0
        flashes.see(srgb(picture * gain))
    return flashes.verdict()


@pytest.mark.parametrize("name", FAILING)
def test_it_fails_what_is_known_to_fail(name: str) -> None:
    found = verdict(FAILING[name])
    assert found.fails
    assert name not in ("dark red and black", "red and grey of equal light") or found.kind == "red"


@pytest.mark.parametrize("name", [*FAILING, *SLY])
def test_it_passes_what_the_guard_has_dimmed(name: str) -> None:
    assert verdict((FAILING | SLY)[name], 4, 30, Guard()) == Verdict()


def test_it_passes_what_is_harmless() -> None:
    for clip in (
        wave(0.8, 0, 0.9),
        square(3, BLACK, grey(1)),
        square(10, grey(0.30), grey(0.38)),
        square(10, grey(0.82), grey(0.95)),
    ):
        assert verdict(clip, 3) == Verdict()


def test_a_few_cells_are_told_and_are_no_fault() -> None:
    found = verdict(square(10, patch(0.01, 0), patch(0.01, 1)), 2)
    assert not found.fails
    assert str(found).startswith("24 cells more than 3 times a second (general, up to 10), worst 10 %")


def test_it_says_when() -> None:
    def clip(t: float) -> np.ndarray:
        return square(10, BLACK, grey(1))(t) if 2 <= t < 3 else BLACK

    found = verdict(clip, 5, 30)
    assert found.transitions in (19, 20)
    assert 2.3 < found.second < 2.5, "four flashes later"
    assert found.area == 1.0


@pytest.mark.parametrize("size", [(128, 72), (97, 61), (40, 30)])
def test_any_size_will_do(size: tuple[int, int]) -> None:
    flashes = Flashes(Fraction(30), *size)
    for k in range(40):
        flashes.see(np.full((size[1], size[0], 3), 255 * (k // 3 % 2), np.uint8))
    assert flashes.verdict().fails
    assert flashes.verdict().cells == min(64, size[0]) * min(36, size[1])


def test_what_is_transparent_is_seen_on_black() -> None:
    flashes = Flashes(Fraction(30), 64, 36)
    for k in range(40):
        frame = np.full((36, 64, 4), 255, np.uint8)
        frame[..., 3] = 255 * (k // 3 % 2)
        flashes.see(frame)
    assert flashes.verdict().fails


def test_one_view_of_a_quilt_is_enough(tmp_path: Path) -> None:
    """One tile of 16 that flashes on a sixteenth of the whole fills all of its own view."""
    told = {}
    for name in ("a_qs4x4a1.7778.mp4", "a.mp4"):
        out = Movie(tmp_path / name, 256, 144, Fraction(30), 45)
        for k in range(45):
            frame = np.full((144, 256, 3), 60 + k, np.uint8)
            frame[40:68, 70:122] = 255 * (k // 3 % 2)
            out.write(frame)
        told[name] = inspect(out.finish()[0])
    assert "it flashes: " in " ".join(told["a_qs4x4a1.7778.mp4"].faults)
    assert told["a.mp4"].fact("flashes") != "none"


def test_check_tells_it(tmp_path: Path) -> None:
    out = Movie(tmp_path / "a.mp4", 128, 72, Fraction(30), 60)
    for k in range(60):
        out.write(srgb(square(5, BLACK, grey(1))(k / 30)))
    report = inspect(out.finish()[0])
    told = "2304 cells more than 3 times a second (general, up to 5), worst 100 %"
    assert report.fact("flashes").startswith(told)
    assert any("allowed: at most 25 % (WCAG 2.3.1)" in fault for fault in report.faults)
    out = Movie(tmp_path / "b.mp4", 128, 72, Fraction(30), 60)
    for k in range(60):
        out.write(srgb(wave(0.8, 0.1, 0.6)(k / 30)))
    report = inspect(out.finish()[0])
    assert report.fact("flashes") == "none"
    assert report.faults == ()
