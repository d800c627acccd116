"""machine.yaml: what it may say, how it says what is wrong, and when the house is open."""

from __future__ import annotations

from pathlib import Path

import pytest

from bioart.errors import BioartError
from bioart.gpu.window import Signal
from bioart.stage import machine
from bioart.stage.kiosk import Beat
from bioart.stage.machine import DAYS, Machine
from bioart.stage.shelf import prune
from bioart.stage.staff import HELD, PATIENCE, REST, WRONG, Staff

WHOLE = """\
kiosk:
  pin: "0711"
  chord: [ctrl, ALT, F9]
  open: {mon: "09:00-18:00", fri: "18:00-02:00", sat: closed, daily: 10:00 - 17:30}
  attract: pieces/calm.yaml
  attract_after: 2 min
  each: 10 min
  memory: 1.5 GiB
  health: 8099
  spare: false
"""


def test_a_whole_machine(tmp_path: Path) -> None:
    path = tmp_path / "machine.yaml"
    path.write_text(WHOLE)
    found = machine.load(path)
    assert (found.pin, found.chord) == ("0711", ("CTRL", "ALT", "F9"))
    assert (found.attract, found.attract_after) == (str(tmp_path / "pieces" / "calm.yaml"), 120.0)
    assert (found.each, found.memory, found.health, found.spare) == (600.0, 1536 << 20, 8099, False)
    assert Machine.of(found.told()) == found


def test_without_a_file_everything_has_a_default_and_nobody_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "place", lambda: tmp_path / "machine.yaml")
    assert machine.load() == Machine()
    assert Machine().pin == ""
    assert Machine().open_at(6, 180.0)
    (tmp_path / "machine.yaml").write_text("# nothing yet\n\n")
    assert machine.load() == Machine()
    with pytest.raises(BioartError, match=r"--machine .*other\.yaml: does not exist"):
        machine.load(tmp_path / "other.yaml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kiosk: {opne: 1}", r"m\.yaml:1:9: no key 'opne' in kiosk; did you mean 'open'\?"),
        ("kosk: {}", r"m\.yaml:1:1: no key 'kosk' in the machine; did you mean 'kiosk'\?"),
        ("kiosk:\n  pin: 4711", r"m\.yaml:2:8: 'pin' is no PIN; allowed: 4 to 8 digits, in quotes"),
        ('kiosk: {pin: "12"}', r"m\.yaml:1:14: 'pin' is no PIN"),
        ("kiosk: {chord: [K]}", r"'chord' has 1 keys; allowed: 2 to 4"),
        ("kiosk: {chord: [CTRL, ESCAPE]}", r"m\.yaml:1:23: 'chord' has 'ESCAPE'; allowed: CTRL, SHIFT"),
        ("kiosk: {chord: [K, K]}", r"'chord' has 'K'"),
        ("kiosk: {open: {mo: 9:00-18:00}}", r"m\.yaml:1:16: no day 'mo' in open; did you mean 'mon'\?"),
        ("kiosk: {open: {mon: 9-18}}", r"'open' is '9-18'; allowed: '09:00-18:00'"),
        ("kiosk: {open: {mon: '25:00-26:00'}}", r"'open' is '25:00-26:00'"),
        ("kiosk: {open: {mon: '09:00-09:00'}}", r"'open' is '09:00-09:00'"),
        ("kiosk: {open: always}", r"'open' is 'always'; allowed: daily or mon to sun"),
        ("kiosk: {attract_after: 90}", r"'attract_after' is 90; allowed: a time such as '20 s'"),
        ("kiosk: {each: 1 s}", r"'each' is '1 s'; allowed: 5 s"),
        ("kiosk: {memory: 2 GB}", r"'memory' is '2 GB'; allowed: 256 MiB to 1024 GiB"),
        ("kiosk: {memory: 1 MiB}", r"'memory' is '1 MiB'"),
        ("kiosk: {health: 80}", r"'health'.*1024"),
        ("kiosk: {spare: maybe}", r"'spare' is 'maybe'; allowed: true or false"),
        ("kiosk: [", r"m\.yaml:1:\d+: not YAML"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(BioartError, match=said) as fault:
        machine.loads(text, "m.yaml")
    assert "\n" not in str(fault.value)


def test_a_wrong_pin_is_never_repeated() -> None:
    with pytest.raises(BioartError) as fault:
        machine.loads("kiosk: {pin: 47110815471108}", "m.yaml")
    assert "4711" not in str(fault.value)


def test_hours_may_cross_midnight() -> None:
    found = machine.loads(WHOLE, "m.yaml")
    mon, tue, fri, sat, sun = (DAYS.index(d) for d in ("mon", "tue", "fri", "sat", "sun"))
    assert not found.open_at(mon, 9 * 60 - 0.01)
    assert found.open_at(mon, 9 * 60)
    assert not found.open_at(mon, 18 * 60)
    assert found.open_at(tue, 10 * 60)  # every other day
    assert not found.open_at(tue, 17.5 * 60)
    assert not found.open_at(fri, 12 * 60)
    assert found.open_at(fri, 23 * 60 + 59)
    assert found.open_at(sat, 1 * 60 + 59)  # Friday's evening is not over
    assert not found.open_at(sat, 2 * 60)
    assert not found.open_at(sat, 12 * 60)
    assert found.open_at(sun, 12 * 60)
    week = machine.loads("kiosk: {open: {sun: 22:00-03:00}}", "m.yaml")
    assert week.open_at(mon, 60)
    assert not week.open_at(tue, 60)
    assert machine.loads("kiosk: {open: {daily: 00:00-24:00}}", "m.yaml").open_at(0, 1439.9)


# -- staff ---------------------------------------------------------------------------------------------------


class Hand:
    """Somebody at the keyboard of a kiosk, with a clock of their own."""

    def __init__(self, pin: str = "4711") -> None:
        self.staff, self.now = Staff(Machine(pin=pin)), 100.0

    def key(self, name: str, down: bool = True) -> bool:
        return self.staff.feed(Signal("key", name, float(down)), self.now)

    def chord(self, seconds: float) -> None:
        for name in ("LCTRL", "RSHIFT", "K"):
            self.key(name)
        self.now += seconds
        self.staff.tick(self.now)
        for name in ("K", "RSHIFT", "LCTRL"):
            self.key(name, False)

    def type(self, text: str) -> bool:
        for sign in text:
            self.staff.feed(Signal("text", sign), self.now)
        return self.key("RETURN")


def test_chord_then_pin_then_return_opens() -> None:
    hand = Hand()
    assert not hand.type("4711")
    hand.chord(HELD + 0.1)
    assert hand.type("4711")


def test_a_chord_that_is_not_held_long_enough_opens_nothing() -> None:
    hand = Hand()
    hand.chord(HELD - 0.2)
    assert not hand.type("4711")


def test_the_ear_closes_after_ten_seconds_and_after_a_wrong_pin() -> None:
    hand = Hand()
    hand.chord(HELD + 0.1)
    hand.now += PATIENCE + 0.1
    assert not hand.type("4711")
    hand.chord(HELD + 0.1)
    assert not hand.type("4712")
    assert not hand.type("4711")


def test_guessing_is_slow() -> None:
    hand = Hand()
    for _ in range(WRONG):
        hand.chord(HELD + 0.1)
        assert not hand.type("0000")
    hand.chord(HELD + 0.1)
    assert not hand.type("4711")
    hand.now += REST
    hand.chord(HELD + 0.1)
    assert hand.type("4711")


def test_without_a_pin_there_is_no_way_out() -> None:
    hand = Hand(pin="")
    hand.chord(HELD + 0.1)
    assert not hand.type("")
    assert not hand.key("ESCAPE")


# -- small things of the frame process -----------------------------------------------------------------------


def test_only_a_kiosks_own_oldest_recordings_go(tmp_path: Path) -> None:
    import os

    for age, name in enumerate(("kiosk-3.bioart", "kiosk-2.bioart", "kiosk-1.bioart.part", "mine.bioart")):
        path = tmp_path / name
        path.write_bytes(b"x" * 1000)
        os.utime(path, (1e9 - age, 1e9 - age))
    prune(tmp_path, 1500, {tmp_path / "kiosk-1.bioart.part"})
    assert sorted(p.name for p in tmp_path.iterdir()) == ["kiosk-1.bioart.part", "mine.bioart"]
    prune(tmp_path, 0, set())
    assert [p.name for p in tmp_path.iterdir()] == ["mine.bioart"]


def test_a_supervisor_that_does_not_listen_stops_no_picture() -> None:
    import os

    there, here = os.pipe()
    gone: list[int] = []
    beat = Beat(here, lambda: gone.append(1))
    for frame in range(5000):  # far more than a pipe holds
        beat(frame=frame, recording="x" * 100)
    assert not gone
    os.close(there)
    beat(frame=1)
    assert gone
    os.close(here)
