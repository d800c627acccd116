"""Wall time to show time, what frames cost, and when cost falls and rises."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from math import ceil
from random import Random

import pytest

from bioart.projector import FULL
from bioart.stage.fade import CYCLE, SHORTEST, Fade
from bioart.stage.governor import RUNGS, Governor
from bioart.stage.pacing import Frames, Pace


def test_in_time_the_show_runs_as_the_clock_does() -> None:
    pace = Pace(30)
    times = [pace.frame(100 + k / 60) for k in range(301)]
    assert float(times[-1]) == pytest.approx(5.0, abs=1e-3)
    assert pace.factor == pytest.approx(1.0, abs=1e-3)


def test_behind_it_takes_two_steps_a_frame_and_says_how_slow_it_runs() -> None:
    pace = Pace(30)
    times = [pace.frame(k / 5) for k in range(31)]  # five frames a second: six steps would be due
    for a, b in pairwise(times):
        assert b - a == Fraction(2, 30)
    assert pace.factor == pytest.approx(1 / 3, abs=1e-6)


def test_it_never_leaves_a_step_out_nor_takes_more_than_two() -> None:
    pace = Pace(30)
    now, steps = 0.0, [0]
    for k in range(500):
        now += (0.004, 0.021, 0.4, 0.0, 0.033)[k % 5]
        steps.append((pace.frame(now) * 30).__floor__())
    assert all(0 <= b - a <= 2 for a, b in pairwise(steps))


def test_frozen_it_stands_and_goes_on_from_there() -> None:
    pace = Pace(30, Fraction(7))
    pace.frame(0.0)
    pace.frozen = True
    assert [pace.frame(k * 1.0) for k in range(1, 5)] == [7, 7, 7, 7]
    assert pace.factor == 0
    pace.frozen = False
    assert pace.frame(4.02) == 7 + Fraction(1, 50)  # what it stood still is not made up for


def test_a_clock_that_stands_or_jumps_back_moves_nothing() -> None:
    pace = Pace(30)
    pace.frame(10.0)
    assert pace.frame(10.0) == 0
    assert pace.frame(3.0) == 0


def test_the_worst_of_a_hundred_frames_is_told() -> None:
    frames = Frames()
    now = 0.0
    for k in range(1001):
        now += 0.1 if k % 50 == 0 else 0.02  # two of a hundred are late
        frames.note(now)
    assert frames.quantile(0.5) == pytest.approx(0.02)
    assert frames.quantile(0.99) == pytest.approx(0.1)
    assert "median 20 ms, 1 % low 10.0 fps" in frames.told()


def test_cost_falls_in_the_stated_order() -> None:
    governor = Governor(1 / 30)
    first: dict[str, int] = {}
    for k in range(600):
        governor.note(0.2, 1 / 30)
        for name, _ in RUNGS:
            if getattr(governor.cost, name) < 0.99:
                first.setdefault(name, k)
    assert list(first) == ["marching", "scale", "spores"]
    assert first["marching"] < first["scale"] < first["spores"]
    for name, least in RUNGS:
        assert getattr(governor.cost, name) == pytest.approx(least)
    assert governor.told() == "marching 50 %, scale 50 %, spores 25 %"


def test_it_rises_again_and_to_the_full() -> None:
    governor = Governor(1 / 30)
    for _ in range(300):
        governor.note(0.2, 1 / 30)
    for _ in range(4000):
        governor.note(0.01, 1 / 30)
    assert governor.cost == FULL
    assert governor.told() == ""


def test_between_late_and_early_it_stays() -> None:
    governor = Governor(1 / 30)
    for _ in range(100):
        governor.note(0.05, 1 / 30)
    held = governor.thrift
    for _ in range(600):
        governor.note(0.9 / 30, 1 / 30)
    assert governor.thrift == pytest.approx(held, abs=0.3)
    assert held > 0


def on_a_screen(
    governor: Governor, hz: float, seconds: float, work: Callable[[float, float], float]
) -> list[float]:
    """Thrift frame by frame, where each frame waits for the next refresh. work: s, of time and thrift."""
    now, thrifts = 0.0, []
    while now < seconds:
        spent = work(now, governor.thrift)
        interval = ceil(spent * hz - 1e-6) / hz
        governor.note(spent, interval)
        now += interval
        thrifts.append(governor.thrift)
    return thrifts


def rises(thrifts: list[float]) -> int:
    """How often thrift turned upwards after it had come down."""
    moves = [b - a for a, b in pairwise(thrifts) if b != a]
    return sum(a < 0 < b for a, b in pairwise(moves))


@pytest.mark.parametrize("hz", [60, 59.94, 75, 30, 25, 24])
@pytest.mark.parametrize("known", [True, False])
def test_after_a_load_it_comes_back_on_every_screen(hz: float, known: bool) -> None:
    governor = Governor(1 / 30)
    governor.refresh = hz if known or hz < 30 else 0.0  # a slow one that nobody names looks like late frames
    thrifts = on_a_screen(governor, hz, 35.0, lambda now, _: 0.045 if now < 5 else 0.020)
    assert max(thrifts) > 1.5
    assert governor.cost == FULL


@pytest.mark.parametrize("hz", [24, 25, 30, 60])
def test_a_slow_screen_alone_spares_nothing(hz: float) -> None:
    governor = Governor(1 / 30)
    governor.refresh = hz
    assert max(on_a_screen(governor, hz, 60.0, lambda now, _: 0.010)) == 0.0


def test_a_screen_that_says_an_absurd_rate_is_not_believed() -> None:
    governor = Governor(1 / 30)
    governor.refresh = 1.0
    assert governor.budget == 1 / 30


def test_what_sparing_makes_possible_is_found_and_kept() -> None:
    governor = Governor(1 / 30)
    governor.refresh = 60.0
    thrifts = on_a_screen(governor, 60, 120.0, lambda _, thrift: 0.045 * (1 - 0.35 * min(thrift, 1.0)))
    assert 0.5 < thrifts[-1] < 1.5
    assert len(set(thrifts[len(thrifts) // 2 :])) == 1


@pytest.mark.parametrize("seconds", [0.3, 1.0, 20.0])
def test_one_stall_spares_nothing(seconds: float) -> None:
    governor = Governor(1 / 30)
    for k in range(300):
        governor.note(seconds if k == 100 else 0.02, seconds if k == 100 else 1 / 30)
        assert governor.thrift == 0.0


def test_what_rises_in_vain_waits_longer_and_at_last_forgets() -> None:
    """On a screen that nobody names: work that fits its refresh is taken for little."""

    def dear(_: float, thrift: float) -> float:
        return 0.025 * (1 - 0.35 * min(thrift, 1.0))

    governor = Governor(1 / 30)
    thrifts = on_a_screen(governor, 50, 600.0, dear)
    assert 4 <= rises(thrifts) <= 16
    assert rises(thrifts[len(thrifts) // 2 :]) <= 6
    on_a_screen(governor, 50, 150.0, lambda *_: 0.010)  # waits a minute at most, and a quiet one passes
    assert governor.cost == FULL
    governor.thrift = 0.5
    on_a_screen(governor, 50, 3.0 + 0.5 / 0.125 + 1.0, lambda *_: 0.010)
    assert governor.cost == FULL


@pytest.mark.parametrize("seconds", [0.2, 5.0])
def test_no_frame_costs_much_less_than_the_one_before(seconds: float) -> None:
    governor = Governor(1 / 30)
    was = governor.cost
    for _ in range(400):
        governor.note(seconds, seconds)
        cost = governor.cost
        for name, _ in RUNGS:
            assert abs(getattr(cost, name) - getattr(was, name)) <= 0.13
        was = cost


def test_a_fade_takes_its_time_and_is_monotonous() -> None:
    fade = Fade(0.1, dark=True)  # nobody gets a quicker one than SHORTEST
    fade.to(1.0)
    lights = [fade.at(k / 60) for k in range(121)]
    assert lights[0] == 0.0
    assert all(b >= a for a, b in pairwise(lights))
    full = next(k for k, light in enumerate(lights) if light >= 1.0)
    assert full / 60 >= SHORTEST - 1e-6
    assert lights[-1] == 1.0


def transitions(lights: list[float]) -> list[int]:
    """Frames at which light has turned and gone a tenth of full: two are a flash (WCAG 2.3.1)."""
    found, extreme, way = [], lights[0], 0.0
    for k, light in enumerate(lights):
        step = light - extreme
        if step * way > 0:
            extreme = light
        elif abs(step) >= 0.1:
            found.append(k)
            extreme, way = light, step
    return found


@pytest.mark.parametrize("every", [1, 3, 6, 7, 8, 9, 12, 17, 25, 31, 48, 61, 90])
def test_a_hand_that_hammers_on_black_makes_no_flashes(every: int) -> None:
    fade = Fade(dark=False)
    lights = []
    for k in range(60 * 30):
        fade.to(float(k // every % 2))
        lights.append(fade.at(k / 60))
    at = transitions(lights)
    assert at
    for k in at:
        assert sum(k <= other < k + 60 for other in at) <= 2
    assert len(at) <= 2 * (30 / CYCLE + 1)


def test_no_hand_at_all_makes_a_second_dark_phase_within_a_cycle() -> None:
    chance = Random(3)
    for _ in range(20):
        fade, lights, falls, now = Fade(dark=False), [1.0], [], 0.0
        falling, often = False, chance.uniform(0.02, 0.9)
        while now < 60.0:
            if chance.random() < often:
                fade.to(chance.choice([0.0, 0.0, 0.3, 0.7, 1.0, 1.0]))
            now += chance.uniform(0.005, 0.15)
            lights.append(fade.at(now))
            if lights[-1] < lights[-2] and not falling:
                falls.append(now)
            falling = lights[-1] < lights[-2]
        assert len(falls) > 5
        assert all(b - a >= CYCLE - 1e-9 for a, b in pairwise(falls))


def test_a_fade_that_has_begun_comes_to_its_end() -> None:
    fade = Fade(1.0, dark=False)
    for k in range(10):
        fade.to(0.0)
        fade.at(k / 30)
    fade.to(1.0)
    lights = [fade.at(k / 30) for k in range(10, 80)]
    assert min(lights) == 0.0
    assert lights[-1] == 1.0


def test_a_late_frame_is_no_jump() -> None:
    fade = Fade(0.5)
    fade.to(1.0)
    fade.at(0.0)
    assert fade.at(30.0) <= 0.2
