"""The guard against clips whose verdict is known, seen by two detectors that share nothing with it."""

from __future__ import annotations

import itertools
import sys
import time
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from clips import BLACK, FAILING, RED, SLY, Clip, grey, labyrinth, square, srgb, watched, wave
from detectors import cells_of, iris_fails, per_cell_fails

from bioart.assets import folder
from bioart.gpu import context
from bioart.gpu.cells import Cells
from bioart.guard import CELLS, Guard


def played(
    clip: Clip, seconds: float, guard: Guard | None, fps: float = 60
) -> tuple[np.ndarray, list[float]]:
    """Frames as sRGB bytes and the gain of each."""
    frames, gains = [], []
    for k in range(int(seconds * fps)):
        picture = clip(k / fps)
        gains.append(guard.watch(watched(picture), k / fps) if guard else 1.0)
        frames.append(srgb(picture * gains[-1]))
    return np.stack(frames), gains


@pytest.mark.parametrize("name", FAILING)
def test_a_clip_that_fails_without_it_passes_with_it(name: str) -> None:
    bare, _ = played(FAILING[name], 2, None)
    guarded, _ = played(FAILING[name], 3, Guard())
    assert per_cell_fails(bare, 60)
    assert not per_cell_fails(guarded, 60)
    assert not iris_fails(guarded, 60)


@pytest.mark.parametrize("name", SLY)
def test_there_is_no_way_round_it(name: str) -> None:
    fps = (24, 30, 60)[list(SLY).index(name) % 3]
    guarded, _ = played(SLY[name], 6, Guard(), fps)
    assert not per_cell_fails(guarded, fps)
    assert not iris_fails(guarded, fps)


@pytest.mark.parametrize("name", ["full 4 Hz", "red and black", "labyrinth swap 4 Hz"])
def test_ten_seconds_are_not_an_extended_failure(name: str) -> None:
    guarded, _ = played(FAILING[name], 10, Guard(), 30)
    assert not per_cell_fails(guarded, 30)
    assert not iris_fails(guarded, 30)


def test_two_flashes_a_second_for_ten_seconds_are_extended_and_made_fewer() -> None:
    assert iris_fails(played(square(2, BLACK, grey(1)), 10, None, 30)[0], 30)
    assert not iris_fails(played(square(2, BLACK, grey(1)), 10, Guard(), 30)[0], 30)


@pytest.mark.parametrize(("low", "high"), [(0.05, 0.55), (0.0, 0.9)])
@pytest.mark.parametrize("hz", [0.25, 0.5, 0.8])
def test_natural_pulses_are_left_alone(hz: float, low: float, high: float) -> None:
    """The body's own breath of light: at most 0.8 Hz, slow to rise, be it over the whole picture."""
    _, gains = played(wave(hz, low, high), 12, Guard(), 30)
    assert min(gains) == 1.0


def test_a_rise_in_a_quarter_of_a_second_is_left_alone() -> None:
    def clip(t: float) -> np.ndarray:
        phase = t * 0.8 % 1 / 0.8
        return grey(0.9 * min(phase / 0.25, 1.0, max(0.0, (1.2 - phase) / 0.9)))

    assert min(played(clip, 12, Guard(), 30)[1]) == 1.0


def test_slow_changes_of_scene_are_left_alone() -> None:
    def clip(t: float) -> np.ndarray:
        share = min(1.0, t % 3 / 1.0)
        return (labyrinth(), grey(0.02), grey(0.8))[int(t / 3) % 3] * share + 0.1

    assert min(played(clip, 12, Guard(), 30)[1]) == 1.0


def test_small_changes_are_left_alone() -> None:
    assert min(played(square(10, grey(0.30), grey(0.36)), 3, Guard())[1]) == 1.0


def test_lone_sparkles_are_spared_and_what_is_larger_is_not() -> None:
    def spots(count: int) -> Clip:
        lit = np.zeros((72, 128, 3), np.float32)
        for k in range(count):
            lit[6 * k : 6 * k + 2, 10 * k : 10 * k + 2] = 1
        return square(10, BLACK, lit)

    assert min(played(spots(9), 2, Guard())[1]) == 1.0
    assert min(played(spots(10), 2, Guard())[1]) < 0.1


def test_the_gain_comes_back_over_two_seconds_and_no_faster() -> None:
    def clip(t: float) -> np.ndarray:
        return square(10, BLACK, grey(1))(t) if t < 1.5 else grey(0.05)

    _, gains = played(clip, 6, Guard())
    assert min(gains) < 0.1
    assert gains[-1] == 1.0
    assert max(np.diff(gains)) <= 1 / (2 * 60) + 1e-6


def test_one_gain_holds_for_all_views_whichever_flashes() -> None:
    guard = Guard(views=3)
    gains = []
    for k in range(60):
        views = [grey(0.2), grey(float(k // 3 % 2)), grey(0.1)]
        gains.append(guard.watch(np.concatenate([watched(v) for v in views]), k / 60))
    assert min(gains) < 0.1


@pytest.mark.parametrize("fps", [12, 24, 50, 144])
def test_it_allows_the_same_at_every_frame_rate(fps: int) -> None:
    _, gains = played(square(3, BLACK, grey(1)), 4, Guard(), fps)
    times = np.arange(len(gains)) / fps
    lit = [t for t, g in zip(times, gains, strict=True) if g == 1.0 and int(t * 6 + 1e-6) % 2 == 1]
    assert max(lit) < 4 / 6, "two flashes, no third"
    assert min(gains) == pytest.approx(0.038, abs=0.001)


def test_time_that_stands_still_jumps_or_runs_back_opens_no_door() -> None:
    rng = np.random.default_rng(1)
    guard, t, shown = Guard(), 100.0, []
    for k in range(400):
        bright = float(k % 2)
        shown.append((t, bright * guard.watch(watched(grey(bright)), t)))
        paces, odds = [0.0, -0.5, 0.004, 0.02, 0.05, 0.2, 3.0], [0.3, 0.05, 0.3, 0.2, 0.1, 0.045, 0.005]
        t += float(rng.choice(paces, p=odds))
    now, rises = 0.0, []
    for (a, light), (b, after) in itertools.pairwise(shown):
        now += max(0.0, b - a)
        if after - light > 0.1:
            rises.append(now)
    for k in range(len(rises) - 2):
        assert rises[k + 2] - rises[k] >= 1.0


def test_a_pause_does_not_let_the_gain_jump_back() -> None:
    guard = Guard()
    for k in range(60):
        guard.watch(watched(grey(float(k // 3 % 2))), k / 60)
    low = guard.gain
    assert guard.watch(watched(grey(0.02)), 3600.0) <= low + 0.051


def test_what_is_no_number_dims_nothing_and_leaves_none() -> None:
    guard = Guard()
    cells = np.full((1, 36, 64, 4), np.nan, np.float32)
    assert guard.watch(cells, 0.0) == 1.0
    for k in range(60):
        assert np.isfinite(guard.watch(np.full_like(cells, np.inf if k % 2 else -np.inf), k / 60))
    assert guard.gain < 0.1


def test_red_hidden_among_other_pixels_is_seen() -> None:
    """Fine stripes of red and cyan have the mean of grey: only what looks at pixels sees their red go."""
    stripes = np.where(np.arange(128)[None, :, None] % 2 == 0, RED, np.array([0, 0.3, 0.3])).astype(
        np.float32
    )
    clip = square(8, stripes, np.broadcast_to(stripes.mean((0, 1)), stripes.shape))
    assert iris_fails(played(clip, 2, None)[0], 60)
    assert not iris_fails(played(clip, 3, Guard())[0], 60)


def test_the_shader_hands_over_what_the_tests_do() -> None:
    ctx = context.headless()
    rng = np.random.default_rng(3)
    picture = rng.random((72, 128, 3), np.float32) * rng.choice([1.0, 0.1], (72, 128, 3)).astype(np.float32)
    opaque = np.dstack([picture, np.ones((72, 128), np.float32)])
    texture = ctx.texture((128, 72), 4, opaque.tobytes(), dtype="f4")
    cells = Cells(ctx, folder("shaders"), *CELLS)
    for index in (1, 0, 17):  # more than one texture holds, in any order
        cells.put(index, texture)
    read = cells.read(18)
    assert read.shape == (18, *CELLS, 4)
    for index in (0, 1, 17):
        assert np.abs(read[index] - watched(picture)[0]).max() < 1e-5
    assert read[0, ..., 3].max() > 0.1
    cells.close()
    texture.release()
    ctx.release()


def test_it_is_quick_and_never_grows() -> None:
    guard = Guard()
    frames = [watched(grey(v)) for v in (0.0, 1.0)]
    sizes, begun = [], time.thread_time()
    for k in range(600):
        guard.watch(frames[k // 3 % 2], k / 60)
        sizes.append(sum(a.nbytes for a in vars(guard._rises.count).values()))
    assert (time.thread_time() - begun) / 600 < 0.004, "0.3 ms on a desk"
    assert len(set(sizes)) == 1


def test_detectors_agree_with_the_answer_key() -> None:
    for clip in (wave(0.5, 0, 1), square(10, grey(0.30), grey(0.38)), square(10, grey(0.82), grey(0.95))):
        assert not per_cell_fails(played(clip, 3, None)[0], 60)
    for hz in (1, 2, 3):
        assert not per_cell_fails(played(square(hz, BLACK, grey(1)), 3, None)[0], 60)
    frames, _ = played(FAILING["labyrinth swap 4 Hz"], 2, None)
    assert not iris_fails(frames, 60), "its mean stays: why there are two"
    assert cells_of(srgb(grey(0.5))).shape == (36, 64, 3)
