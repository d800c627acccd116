"""The performer's hands: every key, what it does to the show, and what of it the recording keeps.

The window is a table with a framebuffer on it; a real one, under a real X, is in test_window.py.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bioart import registry
from bioart.errors import BioartError, WorkFailed
from bioart.gpu.window import Signal
from bioart.recording import Recording
from bioart.stage import live as lives
from bioart.stage import performer as performers
from bioart.stage import verifier
from bioart.stage.opening import Order
from bioart.stage.performer import HELP, Performer, Play
from tests.show import small
from tests.stage.table import SIZE, Table

TEXT = small.TEXT.replace("for: 2 s\n", "for: 60 s\n")


class Stage:
    """A performer at a table, with a clock of its own."""

    def __init__(self, ctx: Any, folder: Path, **how: Any) -> None:
        self.table, self.now = Table(ctx), 100.0
        piece = small.write(folder, TEXT)
        self.record = folder / "p.bioart"
        lines: list[str] = []
        self.lines = lines
        how = {"record": self.record, "quality": "draft"} | how
        job = Play(Order(str(piece), inputs=("rehearsal:5",)), say=lines.append, **how)
        self.it = Performer(job, self.table)  # type: ignore[arg-type]

    def run(self, seconds: float = 0.0, frame: float = 1 / 15) -> bool:
        """At least one frame, then as many as the seconds hold."""
        going = self.it.turn(self.now)
        for _ in range(round(seconds / frame)):
            self.now += frame
            going = self.it.turn(self.now)
        return going

    def press(self, *names: str, held: tuple[str, ...] = (), then: float = 0.2) -> None:
        self.table.press(*names, held=held)
        self.run(then)

    def events(self) -> list[tuple[str, dict[str, Any]]]:
        """What hands did, as the recording has it."""
        recording = Recording(self.record)
        found = [
            (e.kind, dict(e.data))
            for r in recording.runs()
            for e in recording.events(r.run)
            if e.source == "hands"
        ]
        recording.close()
        return found


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(performers.mapping, "place", lambda: tmp_path / "config" / "controls.json")


@pytest.fixture
def stage(ctx: Any, tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    made: list[Stage] = []

    def new(**how: Any) -> Stage:
        made.append(Stage(ctx, tmp_path, **how))
        return made[-1]

    yield new
    for one in made:
        one.it.live.close()


def test_it_fades_in_runs_and_leaves_a_recording_that_verifies(stage: Callable[..., Stage]) -> None:
    s = stage()
    s.run()
    assert s.table.light == 0.0
    s.run(2)
    assert s.table.light > 1.0
    assert s.it.live.show.steps == pytest.approx(60, abs=2)
    s.press("Q", held=("CTRL",), then=0)
    assert s.run(0.3) is True, "it fades out first"
    assert s.run(1.0) is False
    assert s.table.light == 0.0
    assert s.it.close() == [s.record]
    assert verifier.verify(s.record).differs is None


def test_acts_are_called_and_undone_by_keys(stage: Callable[..., Stage]) -> None:
    s = stage()
    s.run(0.2)
    s.press("N")
    assert s.it.live.show.score.act.name == "smog"
    s.press("P")
    assert s.it.live.show.score.act.name == "garden"
    name = s.it.picked
    s.press("RIGHT", then=0.5)
    turned = s.it.values[name]
    assert turned > s.it.preset.params[name].default
    s.press("U", then=1.5)
    assert s.it.values[name] == pytest.approx(s.it.preset.values[name])
    s.it.close()
    kinds = [(kind, data.get("name", data.get("param"))) for kind, data in s.events()]
    assert kinds == [("cue", "next"), ("cue", "previous"), ("control", name), ("cue", "undo")]
    assert verifier.verify(s.record).differs is None


def test_arrows_pick_and_turn_and_repeat_while_held(stage: Callable[..., Stage]) -> None:
    s = stage(record=None)
    s.run(0.1)
    names = s.it.names
    s.press("DOWN", "DOWN", "UP")
    assert s.it.picked == names[1]
    s.press("UP", "UP")
    assert s.it.picked == names[-1]
    s.press("PAGEDOWN")
    assert s.it.picked == names[0]
    param = s.it.preset.params[names[0]]
    before = param.share(s.it.values[names[0]])
    s.press("RIGHT", then=0.6)
    once = param.share(s.it.values[names[0]])
    assert once - before == pytest.approx(0.02, abs=1e-6)
    s.press("RIGHT", held=("SHIFT",), then=0.6)
    assert param.share(s.it.values[names[0]]) - once == pytest.approx(0.10, abs=1e-6)
    s.press("LEFT", held=("CTRL",), then=0.6)
    assert param.share(s.it.values[names[0]]) - once == pytest.approx(0.098, abs=1e-6)
    s.table.send(Signal("key", "LEFT", 1.0))
    s.run(1.0)  # held: after REPEAT it goes on by itself
    s.table.send(Signal("key", "LEFT", 0.0))
    s.run(0.5)
    after = param.share(s.it.values[names[0]])
    assert after < once + 0.098 - 5 * 0.02
    s.run(0.5)
    assert param.share(s.it.values[names[0]]) == pytest.approx(after, abs=1e-6)


def test_frozen_the_world_stands(stage: Callable[..., Stage]) -> None:
    s = stage(record=None)
    s.run(0.5)
    s.press("F", then=0)
    steps = s.it.live.show.steps
    s.run(1.0)
    assert s.it.live.show.steps == steps
    assert s.it.live.pace.factor < 0.5
    s.press("F", then=0.5)
    assert s.it.live.show.steps > steps


def test_black_comes_slowly_and_goes(stage: Callable[..., Stage]) -> None:
    s = stage(record=None)
    s.run(2.5)
    bright = s.table.light
    s.press("B", then=0.25)
    assert 0.0 < s.table.light < bright, "half a second or slower"
    s.run(1.0)
    assert s.table.light == 0.0
    steps = s.it.live.show.steps
    s.press("B", then=1.5)
    assert s.table.light > 0.5 * bright
    assert s.it.live.show.steps > steps, "the world goes on in the dark"


def test_looks_change_at_once_and_displays_behind_a_fade(stage: Callable[..., Stage]) -> None:
    s = stage(record=None, display="quilt:2x1", size=(96, 48))
    s.run(1.0)
    first = s.it.live.picked
    guard = s.it.live.projector.guard
    s.press("L", then=0)
    assert s.it.live.picked.look != first.look
    assert s.it.live.projector.guard is guard, "who hammers on L is still guarded"
    s.press("D", then=0)
    assert s.it.live.picked.display == first.display
    s.run(1.2)
    assert s.it.live.picked.display == "flat"
    for _ in registry.names("look")[1:]:  # all the way round
        s.press("L", then=0)
    assert s.it.live.picked.look == first.look


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """A rewind goes back two seconds."""
    monkeypatch.setattr(lives, "BACK", 2.0)
    monkeypatch.setattr(lives, "SNAPSHOT", 1.0)


@pytest.mark.usefixtures("_soon")
def test_a_second_rewind_may_go_back_before_the_first(stage: Callable[..., Stage]) -> None:
    s = stage()
    s.press("R", then=0.2)
    assert "2 s of show to go" in s.lines[-1]
    assert s.it.live.lit
    assert not s.it.live._behind, "no fade for nothing"
    s.run(3.0)
    for _ in range(2):
        s.press("R", "R", then=2.5)  # asked twice while it waits, it goes back once
    s.it.close()
    with sqlite3.connect(s.record) as base:
        rows = base.execute("select run, from_run, from_step from runs").fetchall()
    base.close()
    assert [(run, begun) for run, begun, _ in rows] == [(0, None), (1, 0), (2, 0)]
    verdict = verifier.verify(s.record)
    assert (verdict.differs, verdict.runs) == (None, 3)


@pytest.mark.usefixtures("_soon")
def test_a_rewind_leaves_the_show_as_black_as_it_was(stage: Callable[..., Stage]) -> None:
    s = stage()
    s.run(3.0)
    s.press("B", then=1.2)
    s.press("R", then=1.0)
    score = s.it.live.show.score
    assert s.it.live.show.steps < 120
    assert score.black
    s.press("B", then=1.2)
    assert score.light == 1.0
    s.it.close()
    assert [data["name"] for _, data in s.events()] == ["black", "black", "light"]


@pytest.mark.prove
def test_a_rewind_goes_back_ten_seconds_as_a_new_run(stage: Callable[..., Stage]) -> None:
    s = stage()
    s.run(1.0)
    s.press("R", then=3.0)
    assert any("nothing ten seconds old" in line for line in s.lines)
    s.run(9.0)
    s.press("N", then=0.2)
    before = s.it.live.show.steps
    s.press("R", then=1.2)
    assert s.it.live.show.steps <= before - 10 * 30 + 60
    assert s.it.live.show.score.act.name == "garden", "what was done since is undone"
    s.run(0.5)
    s.it.close()
    with sqlite3.connect(s.record) as base:
        assert base.execute("select run, from_run from runs").fetchall() == [(0, None), (1, 0)]
    base.close()
    assert verifier.verify(s.record).differs is None


def test_who_leaves_while_something_is_done_behind_dark_still_leaves(stage: Callable[..., Stage]) -> None:
    s = stage(record=None, display="quilt:2x1", size=(96, 48))
    s.run(1.0)
    s.press("D", then=0.3)
    s.press("Q", held=("CTRL",), then=0)
    s.press("B", then=0)
    assert s.run(2.5) is False
    assert s.table.light == 0.0, "and B is not heard any more"


def test_black_stays_black_through_what_is_done_behind_it(stage: Callable[..., Stage]) -> None:
    s = stage(record=None, display="quilt:2x1", size=(96, 48))
    s.run(1.0)
    s.press("B", then=1.5)
    s.press("D", then=1.5)
    assert s.table.light == 0.0
    s.press("B", then=1.5)
    assert s.table.light > 0.5


def test_what_was_turned_is_saved_beside_the_piece(stage: Callable[..., Stage], tmp_path: Path) -> None:
    s = stage(record=None)
    s.run(0.1)
    name = s.it.picked
    s.press("RIGHT", then=0.5)
    s.press("S")
    s.press("S")
    saved = performers.presets.load(tmp_path / "small-2.yaml")
    assert saved.values[name] == pytest.approx(s.it.values[name])
    assert (tmp_path / "small-3.yaml").exists()
    assert (tmp_path / "small.yaml").read_text() == TEXT


def test_a_key_and_the_mouse_are_mapped_by_touching_them(stage: Callable[..., Stage], tmp_path: Path) -> None:
    s = stage(record=None)
    s.run(0.1)
    name = s.it.picked
    s.press("M", "N")
    assert s.it.mapping_waits, "N has a meaning of its own"
    s.press("J")
    assert s.it.mapping.bound() == {"key:J": name}
    s.press("J", then=0.5)
    param = s.it.preset.params[name]
    assert s.it.values[name] in (pytest.approx(param.low), pytest.approx(param.high))
    s.press("DOWN", "M")
    other = s.it.picked
    s.table.send(Signal("button", "LEFT", 1.0, (0.1, 0.1)), Signal("move", "LEFT", 1.0, (0.5, 0.12)))
    s.table.send(Signal("move", "LEFT", 1.0, (1.0, 0.12)), Signal("button", "LEFT", 0.0, (1.0, 0.12)))
    s.run(0.5)
    assert s.it.mapping.of("mouse:x") == other
    assert s.it.values[other] == pytest.approx(s.it.preset.params[other].high)
    kept = json.loads((tmp_path / "config" / "controls.json").read_text())
    assert kept == {"small": {"key:J": name, "mouse:x": other}}
    s.press("M", "ESCAPE")
    assert not s.it.mapping_waits


def test_escape_never_ends_a_show(stage: Callable[..., Stage]) -> None:
    s = stage(record=None, fullscreen=True)
    s.press("H", "ESCAPE", "ESCAPE", "ESCAPE")
    assert not s.it.help
    assert not s.table.full
    assert s.run(1.0) is True
    s.table.send(Signal("close"))
    assert s.run(2.0) is False


def test_every_key_of_the_help_does_something(stage: Callable[..., Stage]) -> None:
    s = stage(record=None)
    acts = s.it._acts()
    for keys, _ in HELP:
        for key in keys.upper().replace("CTRL ", "").split(" / "):
            assert key in acts or key.replace(" ", "") in performers.ARROWS or key == "Q", key
    for name in ("H", "T", "TAB"):
        s.press(name)
    assert s.it.help
    assert s.it.timing
    assert s.it.panel


def test_a_preset_saved_while_it_plays_is_read_anew_in_the_same_world(
    stage: Callable[..., Stage], tmp_path: Path
) -> None:
    s = stage()
    s.run(1.0)
    steps = s.it.live.show.steps
    piece = tmp_path / "small.yaml"
    piece.write_text(TEXT + "light: {glow: 1.9}\n")
    s.run(2.0)
    assert s.it.preset.values["light.glow"] == 1.9
    assert s.it.values["light.glow"] == pytest.approx(1.9, abs=0.01)
    assert s.it.live.show.steps > steps
    piece.write_text(TEXT + "light: {glowing: 1.9}\n")
    s.run(1.0)
    assert "small.yaml:" in s.lines[-1]
    assert "no param 'glowing'" in s.lines[-1]
    assert s.it.preset.values["light.glow"] == 1.9, "the old one stays"
    written = s.it.close()
    assert written == [s.record, tmp_path / "p-2.bioart"]
    for path in written:
        assert verifier.verify(path).differs is None


def test_another_world_is_grown_behind_a_fade(stage: Callable[..., Stage], tmp_path: Path) -> None:
    s = stage(record=None)
    s.run(1.0)
    (tmp_path / "small.yaml").write_text(TEXT.replace("age: 12", "age: 3"))
    s.run(3.0)
    assert s.it.preset.world.age == 3
    assert s.it.live.show.steps < 90
    s.run(1.0)
    assert s.table.light > 0.5


def test_a_broken_shader_leaves_the_old_picture_and_says_where(
    stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import shutil

    from bioart import assets

    own = tmp_path / "shaders"
    shutil.copytree(assets.folder("shaders"), own)
    real = assets.folder
    for module in ("bioart.looks.specimen", "bioart.stage.performer", "bioart.looks.plain"):
        monkeypatch.setattr(f"{module}.folder", lambda name: own if name == "shaders" else real(name))
    s = stage(record=None)
    s.run(1.5)
    shader = own / "lib" / "flesh.glsl"
    sound = shader.read_text()
    projector = s.it.live.projector
    shader.write_text(sound + "\nvec3 broken( {\n")
    s.run(1.0)
    assert s.it.live.projector is projector
    assert f"shaders/lib/flesh.glsl:{sound.count(chr(10)) + 2}: " in s.lines[-1]
    assert s.table.light > 0.5
    shader.write_text(sound)
    s.run(1.0)
    assert s.it.live.projector is not projector
    assert s.lines[-1] == "shaders read anew"
    assert s.table.light > 0.5


def test_a_full_disk_ends_the_recording_and_not_the_show(
    stage: Callable[..., Stage], monkeypatch: pytest.MonkeyPatch
) -> None:
    s = stage()
    s.run(0.5)

    def full(*row: object) -> None:
        raise WorkFailed("p.bioart: cannot record (database or disk is full)")

    monkeypatch.setattr(s.it._recorder, "digest", full)
    s.run(0.5)
    assert "no longer recorded" in s.lines[-1]
    steps = s.it.live.show.steps
    s.run(0.5)
    assert s.it.live.show.steps > steps
    assert s.it.close() == []


def test_a_window_of_another_size_is_drawn_to_its_size(stage: Callable[..., Stage]) -> None:
    s = stage(record=None)
    s.run(0.2)
    s.table.size = (64, 64)
    texture = s.table.ctx.texture((64, 64), 4)
    s.table.framebuffer = s.table.ctx.framebuffer([texture])
    s.table.send(Signal("resize"))
    s.run(1.5)
    assert (s.it.live.picked.width, s.it.live.picked.height) == (64, 64)
    assert s.table.light > 0.5


def test_a_picture_of_its_own_size_is_fitted_in(stage: Callable[..., Stage]) -> None:
    s = stage(record=None, size=(40, 40))
    s.run(1.5)
    codes = np.frombuffer(s.table.framebuffer.read(components=3), np.uint8).reshape(SIZE[1], SIZE[0], 3)
    assert not codes[:, :20].any()
    assert not codes[:, -20:].any()
    assert codes[:, 30:-30].any()


def test_late_frames_run_slow_and_cost_less(stage: Callable[..., Stage]) -> None:
    s = stage(record=None)
    s.run(6.0, frame=0.2)
    assert s.it.live.late
    assert s.it.live.pace.factor == pytest.approx(1 / 3, abs=0.02)
    assert s.it.live.governor.thrift > 1
    told = s.it.live.told()
    assert "×0.33" in told
    assert "marching" in told
    assert Fraction(s.it.live.show.steps, 30) == pytest.approx(2.0, abs=0.1)


def test_a_wrong_call_opens_no_window() -> None:
    with pytest.raises(BioartError, match="no preset 'neo-lumin'; did you mean"):
        performers.play(Play(Order("neo-lumin")))


# -- another text of the piece -----------------------------------------------------------------------------


def test_a_text_with_another_look_goes_on_and_verifies(stage: Callable[..., Stage], tmp_path: Path) -> None:
    s = stage()
    s.run(0.5)
    s.it.picked = "look.grain" if "look.grain" in s.it.names else s.it.names[-1]
    (tmp_path / "small.yaml").write_text(TEXT.replace("kind: specimen", "kind: plain"))
    s.run(1.0)
    assert s.it.live.picked.look == "plain"
    assert set(s.it.values) == set(s.it.preset.params)
    s.it.picked = s.it.names[-1]
    s.press("RIGHT")
    (tmp_path / "small.yaml").write_text(TEXT)
    s.run(0.5)
    s.it.picked = next(n for n in s.it.names if n.startswith("look."))
    s.press("RIGHT")
    for path in s.it.close():
        assert verifier.verify(path).differs is None


def test_a_text_whose_world_cannot_be_leaves_the_old_one_playing(
    stage: Callable[..., Stage], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s = stage()
    s.run(0.5)
    other = TEXT.replace("age: 12", "age: 3")
    (tmp_path / "small.yaml").write_text(other.replace("file: air.csv", "file: gone.csv"))
    s.run(2.0)
    assert "gone.csv" in s.lines[-1]
    before = s.it.live.show.steps

    def broken(*how: Any) -> None:
        raise WorkFailed("no room for a world")

    with monkeypatch.context() as patch:
        patch.setattr("bioart.show.aged.live", broken)
        (tmp_path / "small.yaml").write_text(other)
        s.run(2.5)
    assert s.lines[-1] == "no room for a world"
    assert s.it.live.show.steps > before
    assert s.it.preset.world.age == 12
    assert s.table.light > 0.5
    assert s.it.close() == [s.record]
    assert sorted(p.name for p in tmp_path.glob("*.bioart*")) == ["p.bioart"]
    assert verifier.verify(s.record).differs is None


def test_of_texts_saved_while_a_fade_waits_the_newest_counts(
    stage: Callable[..., Stage], tmp_path: Path
) -> None:
    s = stage()
    s.run(2.5)
    piece = tmp_path / "small.yaml"
    s.it.set("light.glow", 1.1)
    s.it.hands.turn("weather.smog", 0.5)
    for age in (3, 4):
        piece.write_text(TEXT.replace("age: 12", f"age: {age}") + "light: {glow: 1.9}\n")
        s.it._watch._next = 0.0
        s.run()
    s.run(2.0)
    assert s.it.preset.world.age == 4
    assert s.it.live.show.steps < 90
    steps = s.it.live.show.steps
    piece.write_text(TEXT)
    s.it._watch._next = 0.0
    s.run()
    piece.write_text(s.it.preset.text)
    s.it._watch._next = 0.0
    s.run(1.5)
    assert s.it.live.show.steps > steps, "and saved as it plays, nothing changes"
    assert "as it was" in s.lines[-1]
    assert s.it.close() == [s.record, tmp_path / "p-2.bioart"]
    assert not list(tmp_path.glob("*.part"))


def test_another_display_in_the_text_comes_behind_a_fade(stage: Callable[..., Stage], tmp_path: Path) -> None:
    s = stage(record=None, size=(96, 48))
    s.run(1.0)
    (tmp_path / "small.yaml").write_text(TEXT.replace("kind: flat", "kind: quilt, option: 2x1"))
    s.run(0.5)
    assert s.it.live.picked.display == "flat"
    s.run(1.5)
    assert s.it.live.picked.display == "quilt:2x1"


def test_a_display_asked_for_on_the_call_stays(stage: Callable[..., Stage], tmp_path: Path) -> None:
    s = stage(record=None, display="flat")
    s.run(0.5)
    (tmp_path / "small.yaml").write_text(TEXT.replace("kind: flat", "kind: quilt"))
    s.run(1.0)
    assert s.it.preset.display == "quilt"
    assert s.it.live.picked.display == "flat"


# -- what is done, and what of it is kept ------------------------------------------------------------------


def test_all_that_is_done_is_in_the_recording_which_goes_black_too(stage: Callable[..., Stage]) -> None:
    s = stage(display="quilt:2x1", size=(96, 48))
    s.run(0.5)
    s.press("L", then=0.1)
    s.press("F", then=0.2)
    s.press("F", then=0.1)
    s.press("B", then=1.2)
    show = s.it.live.show
    assert show.score.light == 0.0
    assert show.stored().exposure == 0.0
    assert show.exposure > 0.0, "the eye does not see it"
    s.press("B", then=2.0)
    assert show.stored().exposure == show.exposure
    look, display = s.it.live.picked.look, s.it.live.picked.display
    s.press("D", then=0)
    while s.it.live.picked.display == display:
        s.run(0.05)
    other = s.it.live.picked.display
    s.it.close()
    assert [data["name"] for _, data in s.events()] == [
        f"look {look}", "freeze", "go on", "black", "light", f"display {other}"
    ]  # fmt: skip
    assert verifier.verify(s.record).differs is None


def test_frozen_in_black_the_light_comes_all_the_same(stage: Callable[..., Stage]) -> None:
    s = stage(record=None)
    s.run(2.0)
    s.press("B", then=1.5)
    s.press("F", "B", then=2.0)
    assert s.table.light > 0.5
    s.press("F", then=0)
    s.run(0.1)
    assert s.table.light > 0.5
    s.run(1.0)
    assert s.table.light > 0.5
    assert s.it.live.show.score.light == 1.0


def test_others_may_ask_the_stage(stage: Callable[..., Stage], tmp_path: Path) -> None:
    s = stage(record=None, display="quilt:2x1", size=(96, 48))
    s.run(0.2)
    asked = [("0.8", "look plain"), ("0.8", "display flat"), ("2", "black"), ("3.5", "freeze")]
    lines = [f'{{"t": {t}, "kind": "cue", "name": "{name}"}}' for t, name in asked]
    (tmp_path / "cues.jsonl").write_text("\n".join(lines) + "\n")
    s.it._job = performers.replace(
        s.it._job, order=performers.replace(s.it._job.order, events=tmp_path / "cues.jsonl")
    )
    (tmp_path / "small.yaml").write_text(TEXT + "light: {glow: 1.9}\n")
    s.run(3.1)
    assert (s.it.live.picked.look, s.it.live.picked.display) == ("plain", "flat")
    assert s.it.live.lit
    assert s.table.light == 0.0
    s.run(0.8)
    assert s.it.live.pace.frozen
    assert s.it.live.show.steps <= 107


def test_two_displays_asked_for_are_two_on(stage: Callable[..., Stage]) -> None:
    s = stage(record=None)
    s.run(1.0)
    first = s.it.live.picked
    s.press("D", "D", "L", then=0)
    looked = s.it.live.picked.look
    s.run(1.5)
    assert s.it.live.picked.display == first.display
    assert s.it.live.picked.look == looked != first.look


def test_undo_takes_back_what_waits_and_says_where_nothing_is(stage: Callable[..., Stage]) -> None:
    s = stage(record=None)
    s.run(0.1)
    s.press("U")
    assert s.lines[-1] == "there is nothing to undo"
    name = s.it.picked
    s.press("RIGHT", then=0.5)
    held = dict(s.it.live.show.score.held)
    s.press("F", then=0)
    s.press("RIGHT", "N", "U", "U", then=0)  # frozen: they wait, and are taken back unheard
    s.press("F", then=0.3)
    assert s.it.live.show.score.held == held
    assert s.it.live.show.score.act.name == "garden"
    s.press("N")
    s.press("U")
    assert s.it.live.show.score.act.name == "garden"
    assert s.it.live.show.score.held == {name: held[name]}


def test_what_was_picked_and_still_waits_is_saved_too(stage: Callable[..., Stage], tmp_path: Path) -> None:
    s = stage(record=None)
    s.run(0.1)
    s.press("L")
    name = "light.glow"
    s.it.set(name, 1.5)
    s.press("S", then=0)
    saved = performers.presets.load(tmp_path / "small-2.yaml")
    assert saved.values[name] == 1.5
    assert saved.look[0] == s.it.live.picked.look != "specimen"


def test_modifiers_are_no_touch_and_delete_unbinds(stage: Callable[..., Stage]) -> None:
    s = stage(record=None)
    s.run(0.1)
    s.press("M", "LSHIFT", "CAPSLOCK", "J")
    assert s.it.mapping.bound() == {"key:J": s.it.picked}
    s.press("M", "DELETE")
    assert s.it.mapping.bound() == {}
    assert not s.it.mapping_waits
    assert s.lines[-1] == f"{s.it.picked} is moved no longer by key:J"


def test_a_window_that_lost_the_keyboard_holds_nothing(stage: Callable[..., Stage]) -> None:
    s = stage(record=None)
    s.table.send(Signal("key", "DOWN", 1.0), Signal("button", "LEFT", 1.0, (0.1, 0.1)), Signal("blur"))
    s.run()
    picked = s.it.picked
    s.it.mapping.bind("mouse:x", picked)
    s.table.send(Signal("move", "LEFT", 1.0, (0.5, 0.1)))
    s.run(1.0)
    assert s.it.picked == picked
    assert s.it.live.show.score.held == {}
