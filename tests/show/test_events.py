"""The strict reading of events: what passes is of the schema, all else is one line that names its place."""

from __future__ import annotations

import json
import random
import string
import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioart.clock import step_at
from bioart.errors import BioartError
from bioart.events import KINDS, Event, Vocabulary, check, read, read_line, read_lines, words, write_line

KNOWN = Vocabulary(
    zones=frozenset({"old-mill", "riverside"}),
    proposals={"filter-first": frozenset({"yes", "no"})},
    pledges=frozenset({"walk"}),
    sensors=frozenset({"pm25"}),
    params={"weather.wind": (0.0, 3.0)},
    cues=frozenset({"storm"}),
)
GOOD = {
    "presence": {"people": 12, "zone": "old-mill"},
    "tap": {"who": "p-1"},
    "offering": {"who": "p-17", "zone": "old-mill", "material": "glass", "words": "grandmother's window"},
    "implant": {"at": [0.5, 0.25, 1], "does": "filter"},
    "vote": {"who": "p-2", "zone": "riverside", "proposal": "filter-first", "choice": "yes"},
    "pledge": {"pledge": "walk", "zone": "riverside"},
    "reaction": {"reaction": "heart"},
    "speech": {"words": "Großmutters Fenster 窗"},
    "sensor": {"name": "pm25", "reading": -3.5},
    "control": {"param": "weather.wind", "to": 2},
    "cue": {"name": "storm"},
}
LINES = [json.dumps({"t": 1.5, "kind": k, **fields}, ensure_ascii=False) for k, fields in GOOD.items()]


def refused(line: str | bytes) -> str:
    with pytest.raises(BioartError) as caught:
        read_line(line, "events.jsonl:12", KNOWN)
    message = str(caught.value)
    assert message.startswith("events.jsonl:12: ")
    assert "allowed" in message
    assert "\n" not in message
    assert message.isprintable()
    assert len(message) < 400
    return message


def test_every_kind_is_read_and_written_back() -> None:
    assert set(GOOD) == set(KINDS)
    assert len(KINDS) == 11
    for n, reading in enumerate(read_lines(LINES, "events.jsonl", KNOWN)):
        event = reading.event(step_at(reading.t), n, "script")
        assert event.step == 45
        again = read_line(write_line(event, 30), "again:1", KNOWN)
        assert again.event(step_at(again.t), n, "script") == event
        assert check(event, "script", KNOWN, trusted=True) == event


def test_defaults_are_filled_in() -> None:
    data = read({"kind": "offering", "material": "paper"}, "here", KNOWN).data
    assert data == {"material": "paper", "mass": 0.1, "words": ""}


@pytest.mark.parametrize("step", [0, 1, 7, 44, 89, 1799, 2_592_000])
@pytest.mark.parametrize("rate", [24, 30, 60])
def test_a_written_time_falls_into_its_step(step: int, rate: int) -> None:
    line = write_line(Event(step, 0, "x", "tap"), rate)
    assert step_at(read_line(line, "x:1").t, rate) == step


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"kind": "tap"}', "'t' is missing"),
        ('{"t": 1}', "'kind' is missing"),
        ('{"t": 1, "kind": "tapp"}', "did you mean 'tap'?"),
        ('{"t": 1, "kind": ["tap"]}', "no kind"),
        ('{"t": 1, "kind": "tap", "loud": 1}', "no field 'loud'"),
        ('{"t": 1, "kind": "vote", "proposal": "filter-first"}', "'choice' of kind 'vote' is missing"),
        ('{"t": -0.1, "kind": "tap"}', "outside its range"),
        ('{"t": NaN, "kind": "tap"}', "not JSON"),
        ('{"t": 1e999, "kind": "tap"}', "outside its range"),
        ('{"t": true, "kind": "tap"}', "not a number"),
        ('{"t": "1", "kind": "tap"}', "not a number"),
        ('{"t": 1, "t": 2, "kind": "tap"}', "twice"),
        ('{"t": 1, "kind": "presence", "people": 10001}', "0 to 10000"),
        ('{"t": 1, "kind": "presence", "people": 1.5}', "whole number"),
        ('{"t": 1, "kind": "presence", "people": false}', "whole number"),
        ('{"t": 1, "kind": "offering", "material": "glas"}', "did you mean 'glass'?"),
        ('{"t": 1, "kind": "offering", "material": "glass", "mass": 0}', "0.01 to 10 kg"),
        ('{"t": 1, "kind": "offering", "material": "glass", "mass": -Infinity}', "not JSON"),
        ('{"t": 1, "kind": "implant", "at": [0.5, 0.5], "does": "filter"}', "three numbers"),
        ('{"t": 1, "kind": "implant", "at": [0.5, 0.5, 1.01], "does": "filter"}', "0 to 1"),
        ('{"t": 1, "kind": "implant", "at": [0, 0, 0], "does": "explode"}', "filter"),
        ('{"t": 1, "kind": "vote", "proposal": "filter", "choice": "yes"}', "did you mean 'filter-first'?"),
        ('{"t": 1, "kind": "vote", "proposal": "filter-first", "choice": "maybe"}', "no, yes"),
        ('{"t": 1, "kind": "pledge", "pledge": "fly"}', "walk"),
        ('{"t": 1, "kind": "reaction", "reaction": "heert"}', "did you mean 'heart'?"),
        ('{"t": 1, "kind": "speech", "words": ""}', "empty"),
        ('{"t": 1, "kind": "speech", "words": "' + "x" * 41 + '"}', "at most 40"),
        ('{"t": 1, "kind": "speech", "words": 5}', "not a text"),
        ('{"t": 1, "kind": "sensor", "name": "pm10", "reading": 1}', "pm25"),
        ('{"t": 1, "kind": "control", "param": "weather.win", "to": 1}', "did you mean 'weather.wind'?"),
        ('{"t": 1, "kind": "control", "param": "weather.wind", "to": 4}', "0 to 3"),
        ('{"t": 1, "kind": "cue", "name": "strom"}', "did you mean 'storm'?"),
        ('{"t": 1, "kind": "tap", "zone": "old_mill"}', "did you mean 'old-mill'?"),
        ('{"t": 1, "kind": "tap", "who": ""}', "1 to 64"),
        ('{"t": 1, "kind": "tap", "who": null}', "not a text"),
        ('{"t": 1, "kind": "tap", "who": "' + "x" * 65 + '"}', "1 to 64"),
        ('{"t": 1, "kind": "tap", "who": "a\\u0000b"}', "printable"),
        ("[1, 2]", "not an event"),
        ("7", "not an event"),
        ("", "not JSON"),
        ("[" * 4000, "too deeply"),
        ('{"t":' * 800 + "1" + "}" * 800, "allowed"),
        ('{"t": ' + "9" * 4000 + "}", "allowed"),
        ("x" * 5000, "longer than 4096"),
        (b'{"t": 1, "kind": "tap", "who": "\xff\xfe"}', "not UTF-8"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(line: str | bytes, says: str) -> None:
    assert says in refused(line)


@pytest.mark.parametrize(
    "said",
    [
        "a\u202eb",  # writes backwards
        "a\u2066b",
        "a\u200bb",  # zero width
        "a\x07b",
        "tab\there",
        "line\u2028end",
        "\ud800",
        "\ue000",
        "\u3164",
        "z\u0300\u0301\u0302\u0303",  # marks piled on one sign
        "\u0301a",
        "\u200da",
        "a \u200d b",
    ],
)
def test_words_that_would_harm_the_page_are_refused(said: str) -> None:
    with pytest.raises(BioartError, match=r"^here: words"):
        words(said, "here")


def test_words_of_many_scripts_pass() -> None:
    for said in (
        "grandmother's window",
        "窓をあけて",
        "می‌خواهم",
        "हिन्दी में",
        "Ünïcødé",
        "👩‍👩‍👧 home",
        "❤️",
        "🇩🇪🇫🇷",
    ):
        assert words(said, "here")
    assert words("  two   spaces ", "here") == "two spaces"
    assert words("ﬁne", "here") == "fine"  # one spelling for a ligature
    assert words("👩‍👩‍👧" * 12, "here")  # 60 signs, 12 graphemes
    assert words("🇩🇪" * 40, "here")
    with pytest.raises(BioartError):
        words("🇩🇪" * 41, "here")
    with pytest.raises(BioartError):
        words("\ufdfa" * 5, "here")  # one sign each, eighteen when spelled out


def test_time_never_runs_backwards_in_a_file() -> None:
    lines = ['{"t": 2, "kind": "tap"}', "", '{"t": 2, "kind": "tap"}', '{"t": 1.99, "kind": "tap"}']
    with pytest.raises(
        BioartError, match=r"^events\.jsonl:4: t 1\.99 s runs backwards; allowed: at least 2 s"
    ):
        list(read_lines(lines, "events.jsonl", KNOWN))
    assert len(list(read_lines(lines[:3], "events.jsonl", KNOWN))) == 2


def test_only_the_trusted_speak_for_all() -> None:
    for kind in ("presence", "control", "cue", "sensor"):
        event = Event(0, 0, "phones", kind, data={k: v for k, v in GOOD[kind].items() if k != "zone"})
        assert check(event, "phones", KNOWN, trusted=True)
        with pytest.raises(BioartError, match="trusted"):
            check(event, "phones", KNOWN)
    own = Event(0, 0, "phones", "sensor", who="p", data=GOOD["sensor"])
    assert check(own, "phones", KNOWN).data["reading"] == -3.5


def test_mutated_lines_raise_nothing_but_our_own_error() -> None:
    """12,000 damaged lines: each is read or refused with its place; nothing else comes out."""
    luck = random.Random(7)
    spare = [
        *string.printable,
        "\u202e",
        "\ud800",
        "é",
        "NaN",
        "Infinity",
        "1e999",
        "[" * 40,
        "null",
        '"',
        "-",
        "\\u0000",
    ]
    passed = told = 0
    for _ in range(12_000):
        line = luck.choice(LINES)
        for _ in range(luck.randint(1, 4)):
            i = luck.randrange(len(line))
            j = min(len(line), i + luck.choice((0, 0, 1, 1, 2, 5)))
            line = line[:i] + luck.choice(spare) * luck.choice((1, 1, 1, 3)) + line[j:]
        raw: str | bytes = line if luck.random() < 0.5 else line.encode("utf-8", "surrogatepass")
        message = ""
        try:
            read_line(raw, "f:1", KNOWN)
            passed += 1
        except BioartError as fault:
            message = str(fault)
            told += message.startswith("f:1: ") and "\n" not in message
    assert told + passed == 12_000
    assert told > 6000
    assert passed > 50


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=50),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
FIELDS = sorted({f for good in GOOD.values() for f in good} | {"t", "kind", "mass", "who", "zone"})


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(GOOD)), st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=3))
def test_any_value_in_any_field_is_read_or_refused(kind: str, other: dict[str, object]) -> None:
    raw = {"t": 1, "kind": kind, **GOOD[kind], **other}
    try:
        reading = read(raw, "f:1", KNOWN, timed=True)
    except BioartError:
        return
    line = write_line(reading.event(step_at(reading.t), 0, "s"), 30)
    assert read_line(line, "f:1", KNOWN).data == reading.data


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=60))
def test_words_that_pass_are_safe_to_draw_and_stay_as_they_are(text: str) -> None:
    try:
        said = words(text, "here")
    except BioartError:
        return
    assert words(said, "here") == said
    assert not any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") for c in said)


def test_reading_keeps_up_with_a_flood() -> None:
    """A full hall's minute in well under a second: at least 20,000 lines a second on one core."""
    best = 0.0
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(300):
            for line in LINES:
                read_line(line, "f:1", KNOWN)
        best = max(best, 300 * len(LINES) / (time.perf_counter() - start))
    assert best > 20_000, f"{best:.0f} lines/s"
