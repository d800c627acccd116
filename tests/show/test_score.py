"""The score: layers in their order, no value and no camera that jumps, and a state that can be taken back."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Mapping
from dataclasses import astuple
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from bioart.errors import BioartError
from bioart.preset import Preset
from bioart.score import Score
from bioart.score.framing import FILL
from bioart.steering import Influence
from tests.show.presets import TEXT, piece, small_house

RATE = 30
SMOG = {"weather.smog": 0.5, "light.coupling": 0.0}


@pytest.fixture(autouse=True)
def _house(monkeypatch: pytest.MonkeyPatch) -> None:
    small_house(monkeypatch)


@pytest.fixture
def p() -> Preset:
    return piece()


class Run:
    """A score taken step by step, with everything at rest but what a test says."""

    def __init__(self, preset: Preset) -> None:
        self.score = Score(preset)
        self.k = 0
        self.values: dict[str, float] = {}

    def step(
        self,
        shares: Mapping[str, float] = SMOG,
        votes: Mapping[str, float] | None = None,
        offsets: Mapping[str, float] | None = None,
        controls: tuple[tuple[str, float], ...] = (),
        cues: tuple[str, ...] = (),
        activation: float = 0.0,
    ) -> dict[str, float]:
        self.values = self.score.settle(
            self.k, Influence(shares), votes or {}, offsets or {}, {"activation": activation}, controls, cues
        )
        self.k += 1
        return self.values

    def to(self, seconds: float, **given: Any) -> dict[str, float]:
        while self.k < round(seconds * RATE):
            self.step(**given)
        return self.values


# -- layers ------------------------------------------------------------------------------------------


def test_without_anybody_a_param_has_the_presets_value(p: Preset) -> None:
    values = Run(p).to(1)
    assert values.keys() == p.params.keys()
    assert values["light.glow"] == 0.7
    assert values["weather.wind"] == 0.3


def test_influence_is_mapped_into_within_exactly_at_every_step(p: Preset) -> None:
    run = Run(p)
    for k in range(45 * RATE):  # over two changes of act
        share = (k % 100) / 99
        values = run.step(shares={"weather.smog": share, "light.coupling": share, "body.draw": share})
        assert values["weather.smog"] == share
        assert values["light.coupling"] == pytest.approx(0.2 + 1.8 * share)
        assert values["body.draw"] == pytest.approx(1.2 - share)  # within may run down


def test_a_source_that_begins_to_speak_late_is_glided_to(p: Preset) -> None:
    run = Run(p)
    run.to(1)
    before = run.values["body.draw"]
    moved = [run.step(shares={**SMOG, "body.draw": 1.0})["body.draw"] for _ in range(40)]
    assert abs(moved[0] - before) < 0.01
    assert moved[-1] == pytest.approx(0.2)


def test_each_layer_replaces_those_below_in_the_designs_order(p: Preset) -> None:
    name = "light.glow"
    run = Run(p)
    assert run.to(1)[name] == 0.7  # preset
    assert run.to(4, votes={name: 1.0})[name] == 1.0  # a won choice
    assert run.to(12, votes={name: 1.0})[name] < 1.0  # the smog act's ramp to 0.3 over 4 s takes over
    assert run.to(15, votes={name: 1.0})[name] == pytest.approx(0.3)
    offset = {name: 0.25}  # a contract adds
    assert run.to(16, votes={name: 1.0}, offsets=offset)[name] == pytest.approx(0.55)
    run.step(offsets=offset, controls=((name, 1.7),))  # a control replaces, offset and all
    assert run.to(17, offsets=offset)[name] == 1.7
    run.step(offsets=offset, cues=("dim",))  # a cue replaces that
    assert run.to(19, offsets=offset)[name] == 0.1
    run.step(offsets=offset, cues=("release",))
    assert run.to(21, offsets=offset)[name] == 1.7
    run.step(offsets=offset, cues=("undo",))
    assert run.to(24, offsets=offset)[name] == pytest.approx(0.55)


def test_the_last_hand_clamps_to_the_params_range(p: Preset) -> None:
    run = Run(p)
    assert run.to(3, offsets={"light.glow": 50.0})["light.glow"] == 2.0
    assert run.to(6, offsets={"light.glow": -50.0})["light.glow"] == 0.0


def test_an_acts_ramp_eases_and_ends_with_the_act(p: Preset) -> None:
    run = Run(p)
    run.to(10)
    wind = [run.step()["weather.wind"] for _ in range(20 * RATE)]
    assert wind[0] == pytest.approx(0.3, abs=1e-3)
    assert wind[-1] == pytest.approx(1.0, abs=1e-3)
    steps = np.diff(wind)
    assert (steps >= 0).all()
    assert steps.max() < 0.7 / (20 * RATE) * 1.6  # smooth: 1.5 times the even pace at most
    glow = run.to(31)["light.glow"]
    assert 0.3 < glow < 0.7  # on its way back to the preset's value
    assert run.to(34)["light.glow"] == 0.7
    assert run.to(59.9)["weather.wind"] == pytest.approx(0.5, abs=1e-3)  # begun from 1, not from 0.3


# -- acts --------------------------------------------------------------------------------------------


def test_acts_run_their_length_and_the_piece_ends(p: Preset) -> None:
    run = Run(p)
    names = []
    for k in range(60 * RATE):
        assert not run.score.ended(k)
        run.step()
        names.append(run.score.act.name)
    assert [names.count(n) for n in ("garden", "smog", "clearing")] == [10 * RATE, 20 * RATE, 30 * RATE]
    assert run.score.ended(run.k)
    run.step()  # and may go on: the last act holds
    assert run.score.act.name == "clearing"
    assert run.score.act_at(15 * RATE).name == "smog"
    assert run.score.act_at(0).name == "garden"
    assert run.score.seconds == 60.0
    assert run.score.starts("clearing") == 30.0


def test_a_condition_ends_an_act_early_but_not_at_once(p: Preset) -> None:
    run = Run(p)
    run.to(10, activation=1.0)
    assert run.score.act.name == "garden"  # it has no `until`
    run.to(11.9, activation=1.0)
    assert run.score.act.name == "smog"
    run.to(12.1, activation=1.0)
    assert run.score.act.name == "clearing"
    patient = Run(p)
    patient.to(29.9, activation=0.6)
    assert patient.score.act.name == "smog"


def test_cues_go_to_acts(p: Preset) -> None:
    run = Run(p)
    run.to(1)
    for cue, act in (("next", "smog"), ("clearing", "clearing"), ("previous", "smog"), ("garden", "garden"),
                     ("previous", "garden"), ("clearing", "clearing")):  # fmt: skip
        run.step(cues=(cue,))
        assert run.score.act.name == act
        run.to(run.k / RATE + 1)
    assert not run.score.ended(run.k)
    run.step(cues=("next",))
    assert run.score.ended(run.k)
    with pytest.raises(BioartError, match="no cue 'strom'; did you mean 'storm'"):
        run.step(cues=("strom",))


def test_a_cue_with_a_length_lets_go_again(p: Preset) -> None:
    run = Run(p)
    run.to(1)
    run.step(cues=("storm",))
    assert run.to(4)["weather.wind"] == 2.5
    assert run.to(9.5)["weather.wind"] == pytest.approx(0.3)


def test_controls_hold_until_the_next_act(p: Preset) -> None:
    run = Run(p)
    run.step(controls=(("weather.wind", 3.0), ("light.glow", 2.0)))
    assert run.to(9.9)["weather.wind"] == 3.0
    assert run.to(10.2)["light.glow"] > 1.9  # the next act's ramp takes it on from there
    assert run.to(14.1)["light.glow"] == pytest.approx(0.3)
    assert run.to(20)["weather.wind"] < 3.0
    with pytest.raises(BioartError, match="no param 'wnd' in 'weather'; did you mean 'wind'"):
        run.step(controls=(("weather.wnd", 1.0),))
    with pytest.raises(
        BioartError, match=r"control: light\.glow: 2\.5 is outside its range; allowed: 0 to 2"
    ):
        run.step(controls=(("light.glow", 2.5),))


def test_undo_takes_back_one_turn_of_a_knob_not_one_of_its_steps(p: Preset) -> None:
    run = Run(p)
    run.step(controls=(("light.glow", 1.0),))
    run.to(3)
    for i in range(20):  # one turn
        run.step(controls=(("light.glow", 1.0 + i / 20),))
    run.to(5)
    assert run.values["light.glow"] == pytest.approx(1.95)
    run.step(cues=("undo",))
    assert run.to(7)["light.glow"] == 1.0
    run.step(cues=("undo",))
    assert run.to(9)["light.glow"] == 0.7
    run.step(cues=("undo",))  # nothing left: nothing happens
    assert run.values["light.glow"] == 0.7


def test_a_thousand_controls_keep_a_bounded_state(p: Preset) -> None:
    run = Run(p)
    for i in range(290):
        run.step(controls=(("weather.wind", i % 3), ("light.glow", (i % 2) + 0.5), ("body.draw", 1.0)))
    assert len(json.dumps(run.score.state())) < 40_000
    for _ in range(8):
        run.step()
    assert run.values["light.glow"] == 1.5
    assert run.values["body.draw"] == 1.0


# -- nothing jumps -----------------------------------------------------------------------------------


def test_no_value_moves_faster_than_its_glide_whatever_happens(p: Preset) -> None:
    run = Run(p)
    before = run.to(1)
    rng = np.random.default_rng(3)
    cues = (*p.cue_names,)
    for k in range(1, 60 * RATE):
        given: dict[str, Any] = {"votes": {"body.capture": float(k // 100 % 5)}}
        if k % 7 == 0:
            given["controls"] = (("light.glow", float(rng.uniform(0, 2))), ("light.coupling", float(k % 3)))
        if k % 41 == 0:
            given["cues"] = (cues[int(rng.integers(len(cues)))],)
        now = run.step(**given)
        for name, param in p.params.items():
            span = param.high - param.low
            assert abs(now[name] - before[name]) <= span / (0.25 * RATE) + 1e-9, (k, name)
            assert param.low <= now[name] <= param.high
        before = now


def test_a_strobing_knob_is_held_back(p: Preset) -> None:
    """A 15 Hz square on the glow comes through with less than a third of its swing."""
    run = Run(p)
    run.to(1)
    values = [run.step(controls=(("light.glow", 2.0 if k % 2 else 0.0),))["light.glow"] for k in range(60)]
    assert max(values[30:]) - min(values[30:]) < 2.0 / 3


def test_acts_change_over_a_second_or_more(p: Preset) -> None:
    run = Run(p)
    before = run.to(30)["light.glow"]
    assert before == pytest.approx(0.3)
    glow = [before, *(run.step()["light.glow"] for _ in range(3 * RATE))]
    assert glow[RATE] < 0.5  # a third of the way after a third of `glide: 3 s`
    assert glow[-1] == 0.7
    assert np.abs(np.diff(glow)).max() < 0.4 / (3 * RATE) * 1.6


# -- the opening -------------------------------------------------------------------------------------


def test_a_world_ages_under_the_first_acts_values(p: Preset) -> None:
    score = Score(p)
    opening = score.opening()
    assert opening["light.glow"] == 0.7
    assert opening["light.coupling"] == 0.2  # bound, and nobody there
    assert score.opening(Influence({"weather.smog": 0.4}))["weather.smog"] == pytest.approx(0.4)
    first = Run(p).step(shares={"weather.smog": 0.0, "light.coupling": 0.0, "body.draw": 0.0})
    assert first == opening


# -- state -------------------------------------------------------------------------------------------


def test_a_restored_score_goes_on_to_the_same_bits(p: Preset) -> None:
    def drive(run: Run, until: int) -> list[dict[str, float]]:
        found = []
        while run.k < until:
            k = run.k
            found.append(
                run.step(
                    shares={"weather.smog": (k % 50) / 50, "light.coupling": 0.3},
                    votes={"body.capture": 2.0} if k > 200 else None,
                    offsets={"light.glow": 0.01 * (k % 9)},
                    controls=(("light.glow", (k % 20) / 10),) if k % 60 == 0 else (),
                    cues=("storm",) if k == 330 else ("undo",) if k == 400 else (),
                    activation=0.9 if k > 450 else 0.0,
                )
            )
        return found

    whole, half = Run(p), Run(p)
    drive(half, 380)
    again = Run(p)
    again.score.restore(json.loads(json.dumps(half.score.state())))
    again.k = half.k
    assert drive(whole, 900)[380:] == drive(again, 900)
    assert json.dumps(whole.score.state(), sort_keys=True) == json.dumps(again.score.state(), sort_keys=True)
    for t in (Fraction(899, 30), 29.97, 16.1):
        assert whole.score.pose(t) == again.score.pose(t)
        assert whole.score.texts(t) == again.score.texts(t)


def test_one_event_changes_the_state(p: Preset) -> None:
    for given in ({"controls": (("light.glow", 0.71),)}, {"cues": ("dim",)}, {"cues": ("garden",)}):
        a, b = Run(p), Run(p)
        a.to(1)
        b.to(1)
        a.step(**given)  # type: ignore[arg-type]
        b.step()
        assert a.score.state() != b.score.state()


# -- the camera --------------------------------------------------------------------------------------


def poses(run: Run, frames: int, fps: int = 60) -> np.ndarray:
    found = []
    for n in range(frames):
        t = Fraction(n, fps)
        while run.k <= t * RATE:
            run.step(activation=1.0 if run.k > 16 * RATE else 0.0)
        found.append(astuple(run.score.pose(t)))
    return np.array(found)


def test_the_camera_never_jumps_nor_jolts(p: Preset) -> None:
    """Over three acts, one of them cut short while the camera moves: speed and its change stay bounded."""
    track = poses(Run(p), 40 * 60)
    speed = np.diff(track, axis=0) * 60
    jolt = np.diff(speed, axis=0) * 60
    assert np.abs(speed[:, 0]).max() < 80  # °/s, the third act turns to a yaw of its own
    assert np.abs(speed[:, 2]).max() < 3  # m/s
    assert np.abs(jolt[:, 0]).max() < 90  # °/s²
    assert np.abs(jolt[:, 2]).max() < 3  # m/s²
    changes = [10 * 60, 16 * 60]  # an act begins: the speed before is the speed after
    for n in changes:
        assert np.abs(speed[n + 2] - speed[n - 2]).max() < 6


def test_an_orbit_that_stops_does_not_swing_back(p: Preset) -> None:
    track = poses(Run(p), 16 * 60)
    assert (np.diff(track[:, 0]) >= -1e-9).all()
    assert track[5 * 60, 0] == pytest.approx(45)  # a quarter turn in 10 s
    assert track[-1, 0] == pytest.approx(108)  # 90, and 9 °/s coming to rest within 4 s


def test_cuts_by_cue_are_no_cuts_for_the_camera(p: Preset) -> None:
    run = Run(p)
    last: np.ndarray | None = None
    for k in range(20 * RATE):
        run.step(cues=(("next", "previous", "smog", "clearing")[k // 37 % 4],) if k % 37 == 0 else ())
        now = np.array(astuple(run.score.pose(Fraction(k, RATE))))
        if last is not None:
            assert np.abs(now - last)[0] < 6  # °
            assert np.abs(now - last)[2] < 0.3  # m
        last = now


def test_the_camera_is_a_function_of_time_alone(p: Preset) -> None:
    run = Run(p)
    run.to(20)
    t = Fraction(37, 2)
    assert run.score.pose(t) == run.score.pose(float(t)) == run.score.pose(t)
    early = run.score.pose(Fraction(5))  # an act before: still known
    fresh = Run(p)
    fresh.to(6)
    assert fresh.score.pose(Fraction(5)) == early


def test_the_worlds_own_view_shows_the_body_whole(p: Preset) -> None:
    camera = Score(p).camera(0, aspect=16 / 9)
    clip = camera.projection() @ camera.view()
    outline = [clip @ np.array([0.0, y, z, 1.0]) for y in (0.0, 6.0) for z in (-2.0, 2.0)]
    heights = [at[1] / at[3] for at in outline]
    assert (max(heights) - min(heights)) / 2 == pytest.approx(FILL, abs=0.03)
    for x, y, z in np.ndindex(2, 2, 2):
        corner = np.array([4 * x - 2, 6 * y, 4 * z - 2, 1.0])
        at = clip @ corner
        assert np.abs(at[:2] / at[3]).max() < 0.95


def test_an_orbit_turns_about_the_body(p: Preset) -> None:
    score = Score(p)
    middle, distance = score.camera(0).target, score.camera(0).distance
    for t in (0.0, 3.3, 9.9):
        eye = score.camera(t).eye
        assert math.hypot(eye[0], eye[1] - middle[1], eye[2]) == pytest.approx(distance)


# -- words -------------------------------------------------------------------------------------------


def test_words_come_and_go_softly_and_keep_their_key(p: Preset) -> None:
    run = Run(p)
    run.to(30)
    glow: dict[str, list[float]] = {}
    keys: dict[str, set[int]] = {}
    for n in range(30 * 60):
        t = Fraction(n, 60)
        for text in run.score.texts(t):
            glow.setdefault(text.words, []).append(text.glow)
            keys.setdefault(text.words, set()).add(text.key)
    assert list(glow) == [
        "A garden that breathes what the city breathes",
        "Tap together",
        "Five are enough",
    ]
    for words, curve in glow.items():
        assert len(keys[words]) == 1
        assert max(curve) == 1.0
        assert np.abs(np.diff([0.0, *curve, 0.0])).max() < 1 / 30 * 1.6  # half a second or more each way
    assert len({k for ks in keys.values() for k in ks}) == len(keys)


def test_words_are_in_the_picture_and_large_enough(p: Preset) -> None:
    run = Run(p)
    run.to(30)
    seen = 0
    for t in np.arange(0, 30, 0.25):
        camera = run.score.camera(float(t), aspect=0.75)
        for text in run.score.texts(float(t)):
            seen += 1
            assert text.beside == (0.0, 0.0)  # typesetting breaks it into rows and keeps it in the picture
            at = camera.projection() @ camera.view() @ np.array([*text.at, 1.0])
            x, y = at[:2] / at[3]
            assert abs(x) < 1e-6  # in the middle
            assert -0.95 < y < -0.6  # under the body
            assert text.height / camera.half_height * 180 >= 10  # px of 360
            assert abs(np.dot(np.array(text.at) - camera.target, camera.forward)) < 1e-9  # on the focal plane
    assert seen > 30


def test_words_of_an_act_that_ends_early_go_with_it(p: Preset) -> None:
    run = Run(p)
    run.to(14)  # "Tap together" stands since 12 s
    assert [t.words for t in run.score.texts(14 - 1 / 30)] == ["Tap together"]
    run.step(cues=("clearing",))
    left = [sum(t.glow for t in run.score.texts(14 + s)) for s in (0.0, 0.2, 0.4, 0.6)]
    assert left[0] == pytest.approx(1.0)
    assert left == sorted(left, reverse=True)
    assert left[-1] == 0.0


def test_an_act_entered_again_says_its_words_again_under_new_keys(p: Preset) -> None:
    run = Run(p)
    run.to(3)
    first = {t.key for t in run.score.texts(2.9)}
    run.step(cues=("garden",))
    run.to(6)
    second = {t.key for t in run.score.texts(5.9)}
    assert first
    assert second
    assert not first & second


def test_numbers_of_a_score_are_plain_arithmetic() -> None:
    """What goes into the digest uses + − × ÷ only, whose bits no library changes."""
    import ast
    from pathlib import Path

    import bioart.score.easing as easing

    for call in ast.walk(ast.parse(Path(easing.__file__).read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call):
            assert isinstance(call.func, ast.Name)
            assert call.func.id in ("min", "max")


def test_the_text_of_these_tests_is_a_preset() -> None:
    assert piece(TEXT).score


# -- undo and the light --------------------------------------------------------------------------------


def test_two_knobs_turned_at_once_are_two_turns_to_undo(p: Preset) -> None:
    run = Run(p)
    for i in range(24):  # the mouse, drawn across both
        run.step(controls=(("light.glow", 1.0 + i / 40), ("weather.wind", 1.0 + i / 40)))
    assert len(run.score.state()["controls"]) == 2
    run.step(cues=("undo",))
    assert run.score.held == {"light.glow": pytest.approx(1.0 + 23 / 40)}
    run.step(cues=("undo",))
    assert run.score.held == {}
    assert not run.score.undoable


def test_undo_takes_back_whatever_was_done_last(p: Preset) -> None:
    run = Run(p)
    run.step(controls=(("light.glow", 1.5),))
    run.step(cues=("storm",))
    run.step(cues=("next",))
    assert (run.score.act.name, run.score.held) == ("smog", {})
    run.step(controls=(("weather.wind", 1.0),))
    run.step(cues=("undo",))  # the turn since
    assert (run.score.act.name, run.score.held) == ("smog", {})
    run.step(cues=("undo",))  # the jump, and what the act held
    assert (run.score.act.name, run.score.held) == ("garden", {"light.glow": 1.5})
    assert run.step()["weather.wind"] > 0.3
    run.step(cues=("undo",))  # the storm, which is newer than the turn
    assert run.to(run.k / RATE + 3)["weather.wind"] == pytest.approx(0.3)
    assert run.score.held == {"light.glow": 1.5}
    run.step(cues=("undo",))
    assert run.score.held == {}
    assert not run.score.undoable


def test_a_jump_that_an_act_has_followed_is_not_undone(p: Preset) -> None:
    run = Run(p)
    run.step(cues=("next",))
    assert run.score.undoable
    run.to(21)
    assert run.score.act.name == "clearing"
    assert not run.score.undoable
    run.step(cues=("undo",))
    assert run.score.act.name == "clearing"


def test_a_jump_is_undone_by_a_score_that_came_back(p: Preset) -> None:
    run = Run(p)
    run.step(controls=(("light.glow", 1.5),), cues=("dim",))
    run.step(cues=("clearing",))
    again = Run(p)
    again.score.restore(json.loads(json.dumps(run.score.state())))
    again.k = run.k
    assert again.step(cues=("undo",)) == run.step(cues=("undo",))
    assert again.score.act.name == "garden"
    assert again.score.state() == run.score.state()


def test_black_takes_the_light_slowly_and_not_in_a_rhythm(p: Preset) -> None:
    run = Run(p)
    run.step(cues=("black",))
    lights = [run.score.light]
    for _ in range(30):
        run.step()
        lights.append(run.score.light)
    assert lights[-1] == 0.0
    assert max(a - b for a, b in itertools.pairwise(lights)) < 0.08
    assert lights.index(0.0) == round(0.8 * RATE) - 1
    run.step(cues=("light",))
    run.to(run.k / RATE + 0.9)
    assert run.score.light == 1.0
    falls, fell, was = 0, False, 1.0
    for k in range(10 * RATE):  # who hammers on it gets a fall every two seconds
        run.step(cues=("black" if k // 3 % 2 else "light",))
        falls += run.score.light < was and not fell
        fell, was = run.score.light < was, run.score.light
    assert falls <= 6


def test_what_the_stage_is_asked_moves_nothing(p: Preset) -> None:
    a, b = Run(p), Run(p)
    for cue in ("freeze", "go on", *(c for c in p.cue_names if c.startswith(("look ", "display ")))):
        assert a.step(cues=(cue,)) == b.step()
    assert a.score.state() == b.score.state()
    assert a.score.light == 1.0
