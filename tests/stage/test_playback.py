"""A recording in a window: its take or its world, again and from anywhere, and nothing that reaches it."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bioart.errors import BioartError
from bioart.gpu.fingerprint import fingerprint
from bioart.gpu.window import Signal
from bioart.inputs import Setting
from bioart.inputs.rehearsal import Rehearsal
from bioart.preset import Preset
from bioart.recording import Recorder, Recording
from bioart.show import Show
from bioart.stage import opening
from bioart.stage.drawing import Picked
from bioart.stage.playback import Playback, Screening, Stepped, Taken, Viewer, screen, source_of
from tests.show import small
from tests.stage.table import SIZE, Table

STEPS = 75


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Preset, Path]:
    """A recording of two and a half seconds, with a take and a snapshot every half second."""
    folder = tmp_path_factory.mktemp("kept")
    preset = small.piece(folder)
    meta = {"preset": preset.text, "path": preset.path, "seed": "3", "fingerprint": fingerprint()}
    recorder = Recorder(folder / "a.bioart", meta)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bioart.show.SNAPSHOT", 0.5)
        show = Show(preset, 3, [Rehearsal("12", Setting.of(preset, 3))], recorder, take=True)
        show.run_to(STEPS)
    show.close()
    recorder.close()
    return preset, folder / "a.bioart"


@pytest.fixture
def recording(kept: tuple[Preset, Path]) -> Iterator[Recording]:
    made = Recording(kept[1])
    yield made
    made.close()


class Room:
    def __init__(self, ctx: Any, preset: Preset, source: Any) -> None:
        self.table, self.now = Table(ctx), 50.0
        picked = Picked("specimen", "flat", *SIZE, "draft")
        self.playback = Playback(ctx, source, preset, picked)
        self.viewer = Viewer(Screening(Path("a.bioart")), self.table, self.playback)  # type: ignore[arg-type]

    def run(self, seconds: float) -> bool:
        going = self.viewer.turn(self.now)
        for _ in range(round(15 * seconds)):
            self.now += 1 / 15
            going = self.viewer.turn(self.now)
        return going


@pytest.fixture
def room(ctx: Any, kept: tuple[Preset, Path], recording: Recording) -> Iterator[Room]:
    made = Room(ctx, kept[0], source_of(recording, kept[0]))
    yield made
    made.playback.close()


def test_where_there_is_a_take_it_plays(kept: tuple[Preset, Path], recording: Recording) -> None:
    source = source_of(recording, kept[0])
    assert isinstance(source, Taken)
    assert 0 <= Fraction(STEPS, 30) - source.last <= Fraction(2, 30), (
        "moments are kept fifteen times a second"
    )


def test_it_fades_in_ends_fades_out_and_begins_again(room: Room) -> None:
    room.run(1.5)
    assert room.table.light > 0.5
    before = room.playback.pace.t
    room.run(1.0)
    assert room.playback.pace.t - before == pytest.approx(1.0, abs=0.1)
    room.run(1.5)
    assert room.playback.pace.t < 1.5, "it has begun again"
    room.run(1.0)
    assert room.table.light > 0.5


def test_it_leaps_freezes_and_goes_black(room: Room) -> None:
    room.run(1.0)
    room.table.press("RIGHT")
    room.run(1.0)
    assert room.playback.pace.t < 1.0, "beyond the end it begins again"
    room.table.press("F")
    room.run(0)
    stands = room.playback.pace.t
    room.run(0.5)
    assert room.playback.pace.t == stands
    room.table.press("F", "B")
    room.run(3.0)
    assert room.table.light == 0.0
    room.table.press("B", "L")
    room.run(1.0)
    assert room.playback.picked.look == "plain" or room.playback.picked.look != "specimen"
    room.table.send(Signal("close"))
    assert room.run(3.0) is False


def test_a_stepped_world_goes_back_as_it_was(kept: tuple[Preset, Path], recording: Recording) -> None:
    source = Stepped(recording, kept[0])
    first, _ = source.at(Fraction(1))
    later, _ = source.at(Fraction(2))
    again, _ = source.at(Fraction(1))
    was, seen, is_ = (f.volume.channel("solid") for f in (first, later, again))
    assert was is not None
    assert seen is not None
    assert is_ is not None
    assert np.array_equal(was.values, is_.values)
    assert not np.array_equal(was.values, seen.values)
    assert opening.state_before(recording, 29)["show"].size > 0
    source.close()


def test_a_recording_that_is_none_opens_no_window(tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    path.write_text("nothing")
    with pytest.raises(BioartError, match="not a bioart recording"):
        screen(Screening(path))
