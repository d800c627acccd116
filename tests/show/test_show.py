"""The loop: the same events give the same bits; states come back; what is recorded verifies and plays."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import small

from bioart.errors import BioartError, WorkFailed
from bioart.events import Event
from bioart.gpu import compute
from bioart.gpu.fingerprint import fingerprint
from bioart.inputs import Setting
from bioart.inputs.rehearsal import Rehearsal
from bioart.inputs.sensors import Sensors
from bioart.preset import Preset
from bioart.recording import Recorder, Recording, pack, unpack
from bioart.score import CONTROL
from bioart.show import MOON, Show
from bioart.stage import opening, verifier
from bioart.take import Reader

STEPS = 45


@pytest.fixture
def preset(tmp_path: Path) -> Preset:
    return small.piece(tmp_path)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TI_OFFLINE_CACHE_FILE_PATH", str(Path.home() / ".cache/bioart/kernels"))


def inputs(preset: Preset, seed: int = 3) -> list:  # type: ignore[type-arg]
    setting = Setting.of(preset, seed)
    return [Sensors("", setting), Rehearsal("12", setting)]


def lived(preset: Preset, steps: int = STEPS, **options) -> tuple[Show, list[int]]:  # type: ignore[no-untyped-def]
    show = Show(preset, 3, inputs(preset), **options)
    digests = []
    for _ in range(steps):
        show.step()
        digests.append(show.digest())
    return show, digests


def record(preset: Preset, path: Path, steps: int = STEPS, take: bool = False) -> list[int]:
    meta = {"preset": preset.text, "path": preset.path, "seed": "3", "fingerprint": fingerprint()}
    recorder = Recorder(path, meta)
    show, digests = lived(preset, steps, recorder=recorder, take=take)
    show.close()
    recorder.close()
    return digests


def test_the_same_show_twice_gives_the_same_bits_and_another_seed_others(preset: Preset) -> None:
    one, first = lived(preset)
    one.close()
    two, second = lived(preset)
    two.close()
    assert first == second
    assert len(set(first)) == STEPS
    other = Show(preset, 4, inputs(preset, 4))
    other.step()
    assert other.digest() != first[0]
    other.close()


def test_a_state_comes_back_bit_for_bit_and_goes_on_the_same(preset: Preset) -> None:
    show, _ = lived(preset, 20)
    kept = {name: array.copy() for name, array in show.state().items()}
    expected = [(show.step(), show.digest())[1] for _ in range(10)]
    again = Show(preset, 3, inputs(preset), opening=kept)
    assert again.steps == 20
    for name, array in again.state().items():
        assert np.array_equal(array, kept[name]), name
    assert [(again.step(), again.digest())[1] for _ in range(10)] == expected
    show.close()
    again.close()


def test_by_night_the_key_light_is_a_moons(preset: Preset) -> None:
    show, _ = lived(preset, 2)
    day = show.stored().values
    show.step()
    show.vitals = replace(show.vitals, daylight=0.0)
    night = show.stored().values
    assert night["look.key"] == pytest.approx(MOON * day["look.key"])
    assert {n for n, v in night.items() if v != show.values[n]} == {"look.key"}
    show.close()


def test_exposure_that_an_artist_holds_stays_through_a_restore_and_a_replay(preset: Preset) -> None:
    turn = Event(6, 0, "keys", "control", data={"param": "develop.lock", "to": 1.0})

    def begun() -> Show:
        show = Show(preset, 3, inputs(preset))
        show.queue([turn])
        return show

    show = begun()
    seen, glow = [], []
    for _ in range(20):
        show.step()
        seen.append(show.exposure)
        glow.append(show.vitals.glow)
    kept = show.state()
    rest = [(show.step(), show.exposure, show.digest())[1:] for _ in range(6)]
    show.close()
    gone = 6 + round(CONTROL * show.rate)  # a control comes in gently
    assert len(set(seen[:6])) > 3, "free, it moves"
    assert seen[gone] == pytest.approx(seen[5], rel=0.01), "held as it was"
    assert {exposure for exposure, _ in rest} == set(seen[gone:]) == {seen[gone]}
    assert len(set(glow[gone:])) > 1, "though the light goes on"
    again = Show(preset, 3, inputs(preset), opening=kept)
    assert [(again.step(), again.exposure, again.digest())[1:] for _ in range(6)] == rest
    again.close()
    other = begun()
    assert [(other.step(), other.exposure)[1] for _ in range(20)] == seen
    other.close()


def test_closing_gives_every_field_back(preset: Preset) -> None:
    lived(preset, 2)[0].close()
    made = compute.fields_made()
    for _ in range(3):
        lived(preset, 2)[0].close()
    assert compute.fields_made() == made


@pytest.mark.prove
def test_a_recording_verifies_with_one_thread_and_two_in_fresh_processes(
    preset: Preset, tmp_path: Path
) -> None:
    path = tmp_path / "a.bioart"
    record(preset, path)
    assert sorted(p.name for p in tmp_path.glob("a.bioart*")) == ["a.bioart"]
    shared = "from bioart.gpu import launch; launch.FEW = 0; from bioart.cli.main import run; run()"
    for threads in ("1", "2"):  # two share every loop, however short
        done = subprocess.run(
            [sys.executable, "-c", shared, "verify", str(path), "--threads", threads],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert f"identical, {STEPS} steps" in done.stdout


def test_a_changed_event_is_named_by_the_first_step_that_differs(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    record(preset, path)
    with sqlite3.connect(path) as base:
        step, source, seq, data = base.execute(
            "select step, source, seq, data from events where kind='sensor' and step>5 order by step limit 1"
        ).fetchone()
        changed = {**json.loads(data), "reading": 777.0}
        base.execute(
            "update events set data=? where step=? and source=? and seq=?",
            (json.dumps(changed), step, source, seq),
        )
    base.close()
    verdict = verifier.verify(path)
    assert verdict.differs == (0, step)
    assert f"step {step} " in verdict.told
    assert "sensor from sensors" in verdict.told


def test_vitals_are_a_row_a_second(preset: Preset, tmp_path: Path) -> None:
    path, rows = tmp_path / "a.bioart", tmp_path / "vitals.csv"
    record(preset, path, 62)
    verifier.verify(path, rows)
    lines = rows.read_text().splitlines()
    assert lines[0].startswith("t,biomass,")
    assert [line.split(",")[0] for line in lines[1:]] == ["1.0", "2.0"]


def test_a_restore_opens_a_new_run_that_verifies(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    meta = {"preset": preset.text, "path": preset.path, "seed": "3", "fingerprint": fingerprint()}
    recorder = Recorder(path, meta)
    show, _ = lived(preset, 20, recorder=recorder)
    kept = show.state()
    recorder.snapshot(20, kept)
    show.run_to(30)
    show.restore(kept)
    recorder.begin_run(0, 20)
    show.run_to(35)
    show.close()
    recorder.close()
    verdict = verifier.verify(path)
    assert verdict.differs is None, verdict.told
    assert (verdict.runs, verdict.steps) == (2, 45)


def test_drawing_from_the_middle_begins_at_the_nearest_sound_snapshot(
    preset: Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bioart.show.SNAPSHOT", 0.5)
    path = tmp_path / "a.bioart"
    digests = record(preset, path, 40)
    recording = Recording(path)

    def steps_at(steps: int) -> int:
        return int(json.loads(opening.state_before(recording, steps)["show"].tobytes())["steps"])

    assert [steps_at(k) for k in (0, 14, 15, 29, 30, 99)] == [0, 0, 15, 15, 30, 30]
    show = Show(preset, 3, opening=opening.state_before(recording, 20))
    show.queue(opening.timeline(recording, show.steps))
    for k in range(15, 40):
        show.step()
        assert show.digest() == digests[k]
    show.close()
    recording.close()
    with sqlite3.connect(path) as base:
        base.execute("update snapshots set sha256='0' where step=30")
    base.close()
    recording = Recording(path)
    assert steps_at(99) == 15
    recording.close()


def test_verify_finds_a_snapshot_that_was_not_lived(
    preset: Preset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bioart.show.SNAPSHOT", 0.5)
    path = tmp_path / "a.bioart"
    record(preset, path, 20)
    assert verifier.verify(path).differs is None
    with sqlite3.connect(path) as base:
        state = unpack(base.execute("select state from snapshots where step=15").fetchone()[0])
        state["world/drift/at x"] = state.get("world/drift/at x", np.zeros(1, np.float32)) + 1
        blob = pack(state)
        told = (blob, hashlib.sha256(blob).hexdigest())
        base.execute("update snapshots set state=?, sha256=? where step=15", told)
    base.close()
    verdict = verifier.verify(path)
    assert verdict.differs == (0, 14)
    assert "the snapshot of run 0 at step 15 is not what was lived: world/drift/at x" in verdict.told


def test_digests_that_were_erased_are_missed(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    record(preset, path, 20)
    with sqlite3.connect(path) as base:
        base.execute("delete from digests where step >= 3")
        base.execute("insert into events values (0, 9, 'script', 0, 'tap', 'p', null, '{}')")
    base.close()
    with pytest.raises(BioartError, match=r"run 0 has events until step \d+ and digests of 3 steps only"):
        verifier.verify(path)


def test_what_a_show_that_died_has_left_is_not_written_over(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    meta = {"preset": preset.text, "path": preset.path, "seed": "3", "fingerprint": fingerprint()}
    for digests in (3, 2):
        recorder = Recorder(path, meta)
        recorder.snapshot(0, {"show": np.zeros(1, np.uint8)})
        for k in range(digests):
            recorder.digest(k, k)
        recorder.flush()
        recorder.leave()
    Recorder(path, meta).abandon()
    assert [p.name for p in sorted(tmp_path.glob("*.part"))] == ["a~1.bioart.part", "a~2.bioart.part"]
    for name, steps in (("a~1", 3), ("a~2", 2)):
        left = Recording(tmp_path / f"{name}.bioart.part")
        assert left.steps() == steps
        left.close()


def test_what_was_rewound_is_not_begun_from(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    meta = {"preset": preset.text, "path": preset.path, "seed": "3", "fingerprint": fingerprint()}
    recorder = Recorder(path, meta)
    show, _ = lived(preset, 10, recorder=recorder)
    kept = show.state()
    recorder.snapshot(10, kept)
    show.run_to(20)
    recorder.snapshot(20, show.state())  # what follows never happened
    show.restore(kept)
    recorder.begin_run(0, 10)
    show.run_to(30)
    show.close()
    recorder.close()
    recording = Recording(path)
    found = json.loads(opening.state_before(recording, 25)["show"].tobytes())
    assert found["steps"] == 10
    recording.close()


def test_another_build_is_refused_in_one_line_and_its_take_plays(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    record(preset, path, STEPS, take=True)
    with sqlite3.connect(path) as base:
        told = json.loads(base.execute("select value from meta where key='fingerprint'").fetchone()[0])
        told["numpy"] = "9.9.9"
        base.execute("update meta set value=? where key='fingerprint'", (json.dumps(told),))
    base.close()
    with pytest.raises(WorkFailed, match=r"numpy 9\.9\.9 there"):
        verifier.verify(path)
    recording = Recording(path)
    reader = Reader(recording.take_names(), recording.take, 30)
    show, _ = lived(preset, 30)
    forms, moment = reader.at(1.0)
    live, now = show.at(Fraction(1))
    # at 29 steps, which the take has between its moments of 28 and 30: within their rounding
    assert moment.exposure == pytest.approx(now.exposure, rel=0.005)
    assert moment.camera.target == pytest.approx(now.camera.target, abs=1e-6)
    assert {c.name for c in forms.volume.channels} == {c.name for c in live.volume.channels}
    was, seen = live.volume.channel("solid"), forms.volume.channel("solid")
    assert was is not None
    assert seen is not None
    assert float(np.abs(was.values - seen.values).max()) < 0.2
    assert len(forms.texts) == len(live.texts) > 0
    assert sum(len(body) for name in recording.take_names() for _, body in recording.take(name)) / 1.5 < 1e6
    show.close()
    recording.close()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b'{"exposure": 1}', b"[" * 100_000, b"\x78\x9c" + b"\0" * 40, b"\xff\xfe"]
)
@pytest.mark.parametrize("name", ["moment", "volume/solid", "points/spores", "curves/woven", "texts"])
def test_a_forged_take_ends_in_one_line(name: str, body: bytes) -> None:
    rows = {name: [(0, body)], "moment": [(0, body)], "volume/solid": [(0, body)]}
    with pytest.raises(BioartError, match=r"^my\.bioart: the take is damaged at 0\.00 s \(.{1,80}\)$"):
        Reader(rows, lambda n: rows[n], 30, "my.bioart").at(0.0)


def test_a_frame_lies_between_the_two_states_around_it(preset: Preset) -> None:
    show = Show(preset, 3)
    show.at(Fraction(10, 30))
    low = show.stored()
    middle, _ = show.at(Fraction(21, 60))
    after = show.stored()
    assert (low.steps, after.steps) == (10, 10)
    later, _ = show.at(Fraction(11, 30))
    high = show.stored()
    assert high.steps == 11
    name = "smog"
    a, m, b = (f.volume.channel(name).values for f in (low.forms, middle, high.forms))  # type: ignore[union-attr]
    before = show._stored[0]
    assert before.steps == 10
    assert later.volume.channel(name).values.shape == b.shape  # type: ignore[union-attr]
    assert np.isfinite(m).all()
    assert not np.array_equal(a, b)
    show.close()


@pytest.mark.parametrize("damage", ["missing", "text", "foreign", "short", "newer"])
def test_what_is_no_recording_is_told_in_one_line(preset: Preset, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.bioart"
    if damage == "text":
        path.write_text("hello" * 100)
    elif damage == "foreign":
        with sqlite3.connect(path) as base:
            base.execute("create table x (y)")
        base.close()
    elif damage != "missing":
        record(preset, path, 3)
        if damage == "short":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        else:
            with sqlite3.connect(path) as base:
                base.execute("update meta set value='99' where key='format'")
            base.close()
    with pytest.raises(BioartError) as told:
        Recording(path)
    assert str(path) in str(told.value)
    assert "\n" not in str(told.value)


def test_a_damaged_snapshot_is_passed_over(preset: Preset, tmp_path: Path) -> None:
    path = tmp_path / "a.bioart"
    meta = {"preset": preset.text, "path": preset.path, "seed": "3", "fingerprint": fingerprint()}
    recorder = Recorder(path, meta)
    show, _ = lived(preset, 3, recorder=recorder)
    recorder.snapshot(3, show.state())
    show.close()
    recorder.close()
    with sqlite3.connect(path) as base:
        base.execute("update snapshots set state=zeroblob(1000) where step=3")
    base.close()
    recording = Recording(path)
    assert json.loads(opening.state_before(recording, 99)["show"].tobytes())["steps"] == 0
    with pytest.raises(BioartError, match="damaged"):
        recording.snapshot(0, 3)
    recording.close()


def test_events_act_in_order_of_step_source_and_number(preset: Preset) -> None:
    show = Show(preset, 3)
    events = [
        Event(2, 1, "b", "tap", "p2"),
        Event(2, 0, "b", "tap", "p1"),
        Event(2, 5, "a", "tap", "p3"),
    ]
    show.queue(events)
    assert [e.order for e in show._due(2)] == [(2, "a", 5), (2, "b", 0), (2, "b", 1)]
    show.close()


def test_interrupted_as_its_writer_begins_a_recording_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        begin(thread)
        if thread.name == "recorder":
            raise KeyboardInterrupt

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        Recorder(tmp_path / "a.bioart", {"preset": "", "path": "", "seed": "3", "fingerprint": ""})
    assert list(tmp_path.iterdir()) == []
