"""What hands touch: mappings, waiting events, files that are edited."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioart.errors import WorkFailed
from bioart.inputs import Setting
from bioart.inputs.hands import MOST, Hands
from bioart.param import Param
from bioart.stage.mapping import Mapping, Touch
from bioart.stage.watch import LOOK, Watch

GLOW = Param(1.0, 0.0, 4.0, "", "light")
GRAIN = Param(0.1, 0.01, 1.0, "m", "spacing", "log")
PARAMS = {"look.glow": GLOW, "look.grain": GRAIN}


@pytest.mark.parametrize("param", [GLOW, GRAIN])
def test_a_share_of_a_range_comes_back(param: Param) -> None:
    for share in (0.0, 0.1, 0.5, 0.99, 1.0):
        assert param.share(param.at(share)) == pytest.approx(share, abs=1e-9)
    assert param.share(-5) == 0
    assert param.share(99) == 1


def test_a_fader_moves_along_the_curve() -> None:
    mapping = Mapping()
    mapping.bind("mouse:x", "look.grain")
    assert mapping.move(Touch("mouse:x", 0.5), PARAMS, {}) == ("look.grain", pytest.approx(0.1))
    assert mapping.move(Touch("mouse:y", 0.5), PARAMS, {}) is None


def test_a_key_switches_and_switches_back() -> None:
    mapping = Mapping()
    mapping.bind("key:J", "look.glow")
    assert mapping.move(Touch("key:J", 1), PARAMS, {"look.glow": 1.25}) == ("look.glow", 4.0)
    assert mapping.move(Touch("key:J", 1), PARAMS, {"look.glow": 4.0}) == ("look.glow", 1.25)
    assert mapping.move(Touch("key:J", 1), PARAMS, {"look.glow": 3.0}) == ("look.glow", 0.0)


def test_mappings_are_kept_per_piece(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "controls.json"
    Mapping(path, "neo-lumen").bind("key:J", "look.glow")
    Mapping(path, "other").bind("key:J", "look.grain")
    assert Mapping(path, "neo-lumen").bound() == {"key:J": "look.glow"}
    assert Mapping(path, "other").of("key:J") == "look.grain"


@pytest.mark.parametrize("body", [b"", b"[1]", b'{"neo-lumen": 3}', b"\xff\xfe", b"[" * 100_000])
def test_a_spoilt_file_of_mappings_is_none(tmp_path: Path, body: bytes) -> None:
    path = tmp_path / "controls.json"
    path.write_bytes(body)
    mapping = Mapping(path, "neo-lumen")
    assert mapping.bound() == {}
    mapping.bind("key:J", "look.glow")
    assert Mapping(path, "neo-lumen").bound() == {"key:J": "look.glow"}


def test_a_mapping_that_cannot_be_written_holds_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    mapping = Mapping(tmp_path / "file" / "controls.json", "a")
    with pytest.raises(WorkFailed, match="the mapping holds until you leave"):
        mapping.bind("key:J", "look.glow")
    assert mapping.of("key:J") == "look.glow"


def test_a_piece_that_lost_a_param_ignores_its_mapping() -> None:
    mapping = Mapping()
    mapping.bind("key:J", "gone.param")
    assert mapping.move(Touch("key:J", 1), PARAMS, {}) is None


def test_hands_act_in_the_next_step_and_the_last_turn_counts() -> None:
    hands = Hands("", Setting())
    hands.turn("look.glow", 1.0)
    hands.call("next")
    hands.turn("look.glow", 2.0)
    assert hands.waiting("look.glow") == 2.0
    events = list(hands.poll(7))
    assert [(e.step, e.seq, e.kind, e.data) for e in events] == [
        (7, 0, "cue", {"name": "next"}),
        (7, 1, "control", {"param": "look.glow", "to": 2.0}),
    ]
    assert list(hands.poll(8)) == []
    assert hands.waiting("look.glow") is None
    hands.call("undo")
    assert next(iter(hands.poll(9))).seq == 2


def test_hands_that_hammer_keep_the_newest() -> None:
    hands = Hands("", Setting())
    for k in range(3 * MOST):
        hands.call(f"act-{k}")
    events = list(hands.poll(0))
    assert len(events) == MOST
    assert events[-1].data["name"] == f"act-{3 * MOST - 1}"


def test_a_saved_file_is_seen_once_however_it_is_saved(tmp_path: Path) -> None:
    preset, shader = tmp_path / "a.yaml", tmp_path / "shaders" / "lib" / "b.glsl"
    shader.parent.mkdir(parents=True)
    for path in (preset, shader):
        path.write_text("one")
    watch = Watch([preset], [(tmp_path / "shaders", (".glsl",))])
    now = 1.0
    assert watch.changed(now) == ()
    preset.write_text("other")
    assert watch.changed(now + LOOK / 2) == ()  # not yet looked again
    assert watch.changed(now + LOOK) == (preset,)
    assert watch.changed(now + 2 * LOOK) == ()
    beside = tmp_path / "a.tmp"
    beside.write_text("thirds")
    beside.replace(preset)
    assert watch.changed(now + 3 * LOOK) == (preset,)
    shader.unlink()
    assert watch.changed(now + 4 * LOOK) == ()
    shader.write_text("again!")
    (shader.parent / "new.glsl").write_text("new")
    assert set(watch.changed(now + 5 * LOOK)) == {shader, shader.parent / "new.glsl"}


# -- taking back -------------------------------------------------------------------------------------------


def told(hands: Hands) -> list[object]:
    return [e.data.get("name", e.data.get("param")) for e in hands.poll(0)]


def test_undo_takes_back_what_still_waits_and_spares_the_stage() -> None:
    hands = Hands("", Setting())
    hands.turn("look.glow", 1.0)
    hands.call("next")
    hands.call("black")
    hands.call("undo")
    assert hands.undoable
    assert hands.called("black", "light") == "black"
    hands.call("undo")
    assert not hands.undoable
    hands.call("undo")
    hands.call("undo")
    assert told(hands) == ["black", "undo", "undo"]


def test_what_another_text_does_not_know_is_dropped() -> None:
    hands = Hands("", Setting())
    hands.turn("look.glow", 3.0)
    hands.turn("look.grain", 0.2)
    hands.turn("gone.param", 1.0)
    hands.call("storm")
    hands.call("look plain")
    hands.keep(Setting(params={"look.glow": (0.0, 1.0), "look.grain": (0.0, 1.0)}).vocabulary())
    assert hands.turned() == {"look.grain": 0.2}
    assert told(hands) == ["look.grain", "look plain"]


def test_a_switch_goes_back_only_to_what_it_left() -> None:
    mapping = Mapping()
    mapping.bind("key:J", "look.glow")
    assert mapping.move(Touch("key:J", 1), PARAMS, {"look.glow": 1.25}) == ("look.glow", 4.0)
    # somebody has turned it down since: the key does not know of 1.25 any more
    assert mapping.move(Touch("key:J", 1), PARAMS, {"look.glow": 0.5}) == ("look.glow", 4.0)
    assert mapping.move(Touch("key:J", 1), PARAMS, {"look.glow": 4.0}) == ("look.glow", 0.5)


def test_a_param_is_let_go_by_all_that_moves_it(tmp_path: Path) -> None:
    path = tmp_path / "controls.json"
    mapping = Mapping(path, "a")
    for control in ("mouse:x", "key:J"):
        mapping.bind(control, "look.glow")
    mapping.bind("key:K", "look.grain")
    assert mapping.unbind("look.glow") == ("key:J", "mouse:x")
    assert mapping.unbind("look.glow") == ()
    assert mapping.bound() == Mapping(path, "a").bound() == {"key:K": "look.grain"}
