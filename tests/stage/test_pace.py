"""Wall time to show time, what frames cost, and when cost falls and rises."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

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


def test_a_hand_that_hammers_on_black_makes_no_flashes() -> None:
    fade = Fade(dark=False)
    lights, turns = [], 0
    for k in range(60 * 20):
        fade.to(float(k // 6 % 2))  # five times a second
        lights.append(fade.at(k / 60))
    low = high = lights[0]
    for light in lights:  # falls of a tenth and more, from a peak since the last rise
        if light <= high - 0.1:
            turns, low, high = turns + 1, light, light
        low = min(low, light)
        high = max(high, light)
        if light >= low + 0.1:
            low, high = light, light
    assert turns <= 20 / CYCLE + 1


def test_a_late_frame_is_no_jump() -> None:
    fade = Fade(0.5)
    fade.to(1.0)
    fade.at(0.0)
    assert fade.at(30.0) <= 0.2
