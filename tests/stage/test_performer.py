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

from bioart.errors import BioartError, WorkFailed
from bioart.gpu.window import Signal
from bioart.recording import Recording
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
    s = stage(record=None)
    s.run(1.0)
    first = s.it.live.picked
    guard = s.it.live.projector.guard
    s.press("L", then=0)
    assert s.it.live.picked.look != first.look
    assert s.it.live.projector.guard is guard, "who hammers on L is still guarded"
    s.press("D", then=0)
    assert s.it.live.picked.display == first.display
    s.run(1.2)
    assert s.it.live.picked.display != first.display
    s.press("D", then=0)
    s.run(3.0, frame=0.3)
    assert s.it.live.picked.display == first.display
    s.press("L", then=0)
    assert s.it.live.picked.look == first.look


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


def test_who_leaves_while_it_goes_back_still_leaves(stage: Callable[..., Stage]) -> None:
    s = stage(record=None)
    s.run(1.0)
    s.press("R", then=0.3)
    s.press("Q", held=("CTRL",), then=0)
    assert s.run(2.5) is False


def test_black_stays_black_through_what_is_done_behind_it(stage: Callable[..., Stage]) -> None:
    s = stage(record=None)
    s.run(1.0)
    s.press("B", then=1.5)
    s.press("R", then=1.5)
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
