"""What holds for every input, because its file is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bioart import preset as presets
from bioart import registry
from bioart.assets import folder
from bioart.errors import BioartError
from bioart.events import Event, check
from bioart.inputs import Input, Setting

KINDS = registry.names("input")


def a_file_of_events(room: Path) -> str:
    """Two in one step, one at the very start, one long after, one beyond the score's end."""
    lines = (
        '{"t": 0, "kind": "presence", "people": 12}',
        '{"t": 3.1, "kind": "tap", "who": "a"}',
        '{"t": 3.1, "kind": "tap", "who": "b"}',
        '{"t": 3.2, "kind": "offering", "material": "glass", "words": "grandmother\'s window"}',
        '{"t": 40, "kind": "speech", "words": "we breathe together"}',
        '{"t": 93, "kind": "cue", "name": "next"}',
    )
    path = room / "events.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return str(path)


# An option for each kind that needs one to run at all: it is handed an empty folder.
OPTIONS: dict[str, Callable[[Path], str]] = {"script": a_file_of_events}
# Kinds that wait for a wire, say nothing by themselves, and have their own test with a client of it.
WAITING: frozenset[str] = frozenset({"hands"})


@pytest.fixture(scope="module")
def setting() -> Setting:
    return Setting.of(presets.load(folder("presets") / "neo-lumen.yaml"), seed=3)


def refusal(kind: str, option: str, setting: Setting) -> BioartError | None:
    """What an input says of an option that it does not take; one that it takes is polled for a second."""
    try:
        source: Input = registry.kind("input", kind)(option, setting)
    except BioartError as fault:
        return fault
    polled(source, 0, 30)
    source.close()
    return None


def assert_one_line(fault: BioartError) -> None:
    assert str(fault).isprintable(), "one line, fit for a terminal"
    assert len(str(fault)) > 10


@pytest.fixture
def option(kind: str, setting: Setting, tmp_path: Path) -> str:
    """An option with which the kind runs: none, or where it needs one, that of the table."""
    fault = refusal(kind, "", setting)
    if fault is None:
        return ""
    assert_one_line(fault)
    assert kind in OPTIONS, f"{kind} needs an option ({fault}): add one to OPTIONS, above"
    return OPTIONS[kind](tmp_path)


def steps_of(setting: Setting) -> int:
    return round(setting.nominal * setting.rate)


def polled(source: Input, first: int, end: int) -> list[Event]:
    found = []
    for step in range(first, end):
        for event in source.poll(step):
            assert event.step == step, "an event acts in the step in which it is handed over"
            found.append(event)
    return found


def played(kind: str, option: str, setting: Setting, first: int = 0, more: int = 200) -> list[Event]:
    """All that an input of its own says from a step on, until somewhat after the score's end."""
    source: Input = registry.kind("input", kind)(option, setting)
    found = polled(source, first, steps_of(setting) + more)
    source.close()
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_events(kind: str, option: str, setting: Setting) -> None:
    events = played(kind, option, setting)
    assert events or kind in WAITING, f"{kind} says nothing; where it waits for a wire, add it to WAITING"
    assert played(kind, option, setting) == events


@pytest.mark.parametrize("kind", KINDS)
def test_every_event_is_of_the_schema_and_within_what_the_input_may_send(
    kind: str, option: str, setting: Setting
) -> None:
    source: Input = registry.kind("input", kind)(option, setting)
    for event in polled(source, 0, steps_of(setting) + 200):
        assert check(event, kind, setting.vocabulary(), trusted=source.trusted) == event
        assert event.source == kind
    source.close()


@pytest.mark.parametrize("kind", KINDS)
def test_events_come_in_order_and_are_counted_from_0(kind: str, option: str, setting: Setting) -> None:
    events = played(kind, option, setting)
    orders = [event.order for event in events]
    assert orders == sorted(set(orders))
    seqs = [event.seq for event in events if event.step < steps_of(setting)]
    assert seqs == list(range(len(seqs))), "no number is left out while the piece is played once"


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("kind", KINDS)
def test_polled_from_a_later_step_on_it_says_what_it_would_have_said(
    kind: str, option: str, setting: Setting, share: float
) -> None:
    first = round(share * steps_of(setting)) + 1
    events = played(kind, option, setting)
    assert played(kind, option, setting, first) == [e for e in events if e.step >= first]


GARBAGE = [
    "\0", "two\nlines", "\u202e", "\udcff", "-1", "0", "1e9", "nan", "a" * 5000, "9" * 400, "none.csv",
    "../../etc/passwd", ".", " ", ":", "://", "[", "%s", "65536",
]  # fmt: skip


@pytest.mark.parametrize("garbage", GARBAGE)
@pytest.mark.parametrize("kind", KINDS)
def test_an_option_that_is_none_is_told_in_one_line_or_taken(
    kind: str, setting: Setting, garbage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    fault = refusal(kind, garbage, setting)
    if fault is not None:
        assert fault.exit_code == 2
        assert_one_line(fault)


@pytest.mark.parametrize("kind", KINDS)
def test_it_may_be_closed_twice_and_says_no_more(kind: str, option: str, setting: Setting) -> None:
    source: Input = registry.kind("input", kind)(option, setting)
    polled(source, 0, 10)
    source.close()
    source.close()
    assert polled(source, 10, 60) == []
