"""A show whose process was killed goes on in its recording: from the newest sound snapshot, as the next run,
with every event that was acknowledged, and what comes of it verifies."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from bioart.errors import BioartError, WorkFailed
from bioart.events import Event
from bioart.gpu.fingerprint import fingerprint
from bioart.inputs import Input, Setting
from bioart.inputs.rehearsal import Rehearsal
from bioart.preset import Preset
from bioart.recording import Recorder, Recording
from bioart.show import Show
from bioart.stage import opening, verifier
from tests.show import small

SEED = 3
EVERY = 20  # steps between snapshots here: a quick show

# A show in a process of its own, which says which step is on the disk and then waits to be killed.
CHILD = """
import sys
from pathlib import Path
from bioart.gpu import compute
compute.start("cpu", 2)
from tests.stage import test_resume as t
from bioart import preset
folder = Path(sys.argv[1])
show, recorder = t.begun(preset.load(folder / "small.yaml"), folder / "a.bioart")
for k in range(int(sys.argv[2])):
    t.stepped(show, recorder)
recorder.flush()
show.step()
print("flushed", show.steps, flush=True)
sys.stdin.read()
"""


class Taps(Input):
    """Somebody alive: one tap at each poll, numbered from 0 by whichever process hears it."""

    def __init__(self) -> None:
        self._seq = 0

    def poll(self, step: int) -> Iterable[Event]:
        self._seq += 1
        return [Event(step, self._seq - 1, "taps", "tap", f"p{self._seq % 7}")]

    def close(self) -> None:
        pass


def crowd(preset: Preset) -> list[Input]:
    return [Rehearsal("12", Setting.of(preset, SEED)), Taps()]


def begun(preset: Preset, path: Path) -> tuple[Show, Recorder]:
    meta = {"preset": preset.text, "path": preset.path, "seed": str(SEED), "fingerprint": fingerprint()}
    recorder = Recorder(path, meta, keep=True)
    return Show(preset, SEED, crowd(preset), recorder), recorder


def resumed(path: Path) -> tuple[Show, Recorder]:
    found = opening.resume(path)
    show = Show(found.preset, found.seed, crowd(found.preset), found.recorder, opening=found.state)
    show.queue(found.events)
    return show, found.recorder


def stepped(show: Show, recorder: Recorder, steps: int = 1) -> None:
    for _ in range(steps):
        show.step()
        if show.steps % EVERY == 0:
            recorder.snapshot(show.steps, show.state())


def crash(show: Show, recorder: Recorder) -> None:
    """What a killed process leaves behind, as far as this one can: the log, and nothing closed."""
    recorder.leave()
    show.close()


def told(path: Path, run: int) -> dict[tuple[int, str, int], Event]:
    recording = Recording(path)
    try:
        return {event.order: event for event in recording.events(run)}
    finally:
        recording.close()


@pytest.fixture
def preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Preset:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TI_OFFLINE_CACHE_FILE_PATH", str(Path.home() / ".cache/bioart/kernels"))
    return small.piece(tmp_path)


@pytest.mark.prove
def test_a_killed_show_goes_on_and_the_whole_verifies(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), *sys.path])}
    child = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", CHILD, str(tmp_path), "47"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=env,
    )  # fmt: skip
    assert child.stdout is not None
    assert child.stdout.readline() == "flushed 48\n"
    child.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
    child.communicate(timeout=30)
    part = path.with_name("a.bioart.part")
    before = {key: e for key, e in told(part, 0).items() if e.step >= 40}
    assert len({step for step, _, _ in before}) >= 7  # 40 to 46 were acknowledged
    show, recorder = resumed(path)
    assert (show.steps, recorder.run) == (40, 1)
    stepped(show, recorder, 30)
    show.close()
    recorder.close()
    after = told(path, 1)
    assert {key: after.get(key) for key in before} == before  # none lost, none changed, none doubled
    fresh = [seq for step, source, seq in after if source == "taps" and (step, source, seq) not in before]
    assert min(fresh) > max(seq for _, source, seq in before if source == "taps")  # new ones come after
    assert len(fresh) == 30  # a tap at every step, beside those that act again
    verdict = verifier.verify(path)
    assert (verdict.differs, verdict.runs) == (None, 2)
    assert verdict.steps in (47 + 30, 48 + 30)
    assert not part.exists()


def test_what_only_repeats_acts_once(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    show, recorder = begun(preset, path)
    stepped(show, recorder, 50)
    crash(show, recorder)
    show, recorder = resumed(path)
    stepped(show, recorder, 20)
    show.close()
    recorder.close()
    first, second = told(path, 0), told(path, 1)
    again = {key for key in first if key[0] >= 40 and key[1] == "rehearsal"}
    assert {key for key in second if key[0] < 50 and key[1] == "rehearsal"} == again
    assert verifier.verify(path).differs is None


def test_a_damaged_newest_snapshot_is_passed_over(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    show, recorder = begun(preset, path)
    stepped(show, recorder, 50)
    crash(show, recorder)
    with sqlite3.connect(recorder.part) as base:
        base.execute("update snapshots set state=zeroblob(length(state)) where step=40")
    base.close()
    show, recorder = resumed(path)
    assert show.steps == 20
    stepped(show, recorder, 40)
    show.close()
    recorder.close()
    verdict = verifier.verify(path)
    assert (verdict.differs, verdict.steps, verdict.runs) == (None, 90, 2)


def test_a_show_that_dies_before_it_has_caught_up_loses_nothing(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    show, recorder = begun(preset, path)
    stepped(show, recorder, 38)
    crash(show, recorder)
    before = {key for key in told(recorder.part, 0) if key[0] >= 20}
    for lived in (0, 5, 1):  # dies at once, then a few steps on, and again
        show, recorder = resumed(path)
        assert show.steps == 20
        stepped(show, recorder, lived)
        crash(show, recorder)
    show, recorder = resumed(path)
    stepped(show, recorder, 25)
    show.close()
    recorder.close()
    assert before <= set(told(path, 4))
    verdict = verifier.verify(path)
    assert (verdict.differs, verdict.runs, verdict.steps) == (None, 5, 38 + 0 + 5 + 1 + 25)


def test_an_event_whose_step_never_came_to_an_end_acts_in_the_next_run(
    preset: Preset, tmp_path: Path
) -> None:
    path = tmp_path / "a.bioart"
    show, recorder = begun(preset, path)
    stepped(show, recorder, 30)
    recorder.event(Event(30, 9000, "phones", "tap", None, None, {}))  # acknowledged, then the power went
    recorder.flush()
    crash(show, recorder)
    show, recorder = resumed(path)
    stepped(show, recorder, 12)
    show.close()
    recorder.close()
    assert (30, "phones", 9000) in told(path, 1)
    assert verifier.verify(path).differs is None


def test_a_closed_recording_goes_on_too(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    show, recorder = begun(preset, path)
    stepped(show, recorder, 25)
    recorder.snapshot(show.steps, show.state())
    show.close()
    recorder.close()
    show, recorder = resumed(path)
    assert show.steps == 25
    assert not path.exists()
    stepped(show, recorder, 5)
    show.close()
    recorder.close()
    verdict = verifier.verify(path)
    assert (verdict.differs, verdict.steps, verdict.runs) == (None, 30, 2)


def test_a_rewind_is_no_restart_what_was_left_does_not_act_again(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    show, recorder = begun(preset, path)
    stepped(show, recorder, 20)
    state = show.state()
    stepped(show, recorder, 15)
    show.rewind(state, crowd(preset))
    stepped(show, recorder, 3)
    crash(show, recorder)
    show, recorder = resumed(path)
    assert show.steps == 20
    stepped(show, recorder, 20)
    show.close()
    recorder.close()
    left = {key for key in told(path, 0) if key[1] == "taps" and key[0] >= 23}
    assert not left & set(told(path, 2))
    assert verifier.verify(path).differs is None


@pytest.mark.parametrize("what", ["missing", "foreign", "emptied", "no snapshot"])
def test_what_cannot_go_on_is_said_and_stays(preset: Preset, tmp_path: Path, what: str) -> None:
    path = tmp_path / "a.bioart"
    part = path.with_name("a.bioart.part")
    if what == "foreign":
        part.write_bytes(b"a letter, and no recording" * 9)
    elif what == "emptied":
        part.write_bytes(b"")
    elif what == "no snapshot":
        show, recorder = begun(preset, path)
        stepped(show, recorder, 3)
        crash(show, recorder)
        with sqlite3.connect(part) as base:
            base.execute("update snapshots set sha256='0'")
        base.close()
    size = part.stat().st_size if part.exists() else None
    with pytest.raises(BioartError, match=r"a\.bioart"):
        opening.resume(path)
    assert (part.stat().st_size if part.exists() else None) == size


def test_a_disk_that_fails_leaves_what_was_kept(
    preset: Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.bioart"
    show, recorder = begun(preset, path)
    stepped(show, recorder, 25)
    recorder.flush()

    def full(what: str, row: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(recorder, "_row", full)

    def goes_on() -> None:  # the writer fails when it comes to it, and whoever calls next is told
        stepped(show, recorder)
        recorder.flush()

    with pytest.raises(WorkFailed, match="disk is full"):
        goes_on()
    assert recorder.lost
    show.close()
    again, recorder = resumed(path)
    assert again.steps == 20
    crash(again, recorder)
