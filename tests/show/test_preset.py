# ruff: noqa: E501
"""Presets: what is right is read whole, what is wrong is told as one line with its place."""

from __future__ import annotations

import copy
import dataclasses
import math
import random
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from bioart import assets, preset
from bioart.errors import BioartError
from bioart.health import Vitals
from bioart.param import Param
from bioart.preset import markup
from bioart.preset.markup import Node
from bioart.preset.read_acts import wrapped
from tests.show.presets import KINDS, PARTS, TEXT, piece, small_house


@pytest.fixture(autouse=True)
def _house(monkeypatch: pytest.MonkeyPatch) -> None:
    small_house(monkeypatch)


def wrong(text: str) -> str:
    """The line that a text is refused with."""
    with pytest.raises(BioartError) as fault:
        piece(text)
    line = str(fault.value)
    assert "\n" not in line
    assert len(line) < 400
    return line


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1, f"{old!r} stands {TEXT.count(old)} times"
    return TEXT.replace(old, new)


# -- what is right -----------------------------------------------------------------------------------


def test_a_growth_may_be_called_by_a_name_and_what_is_set_beside_it_counts_more() -> None:
    for more, kill in (("", 0.05), (", kill: 0.02", 0.02)):
        p = piece(changed("{kind: skin, every: 2}", f"{{kind: skin, every: 2, like: maze{more}}}"))
        assert dict(p.world.growths[1].values) == {"feed": 0.04, "kill": kill}
    line = wrong(changed("{kind: skin, every: 2}", "{kind: skin, like: moze}"))
    assert "no skin 'moze'; did you mean 'maze'?" in line
    assert "no param 'like'" in wrong(changed("{kind: coral, feed: 0.05}", "{kind: coral, like: maze}"))


def test_what_shines_has_a_spectrum_by_name_or_by_number() -> None:
    usual = {e.channel: (e.peak, e.width) for e in piece().world.emitters}
    assert usual == {"light0": (474, 35), "light1": (490, 80), "light2": (530, 90), "light3": (585, 70)}
    told = changed("  age: 400", "  age: 400\n  emitters: {skin: krill, warm: [623, 60]}")
    found = {e.channel: (e.peak, e.width) for e in piece(told).world.emitters}
    assert found == usual | {"light0": (468, 50), "light3": (623, 60)}


@pytest.mark.parametrize(
    ("told", "line"),
    [
        ("{skin: kril}", "no spectrum 'kril'; did you mean 'krill'?"),
        ("{skn: krill}", "no light 'skn' in 'emitters'; did you mean 'skin'?"),
        ("{skin: [300, 20]}", "a peak of 300 nm cannot be seen; allowed: 380 to 780 nm"),
        ("{skin: [474]}", "allowed: a list of 2 numbers"),
    ],
)
def test_a_spectrum_that_cannot_be_is_told(told: str, line: str) -> None:
    assert line in wrong(changed("  age: 400", f"  age: 400\n  emitters: {told}"))


def test_a_whole_preset_is_read() -> None:
    p = piece()
    assert p.title == "Breathable Sculpture"
    assert p.world.air == (48, 60, 48)
    assert p.world.cell == 0.125
    assert p.world.corner == (-2.0, 0.0, -2.0)
    assert p.world.age == 400
    assert p.world.mouths == ((0.9, 0.2, 0.5), (0.1, 0.2, 0.5))
    assert [(g.kind, dict(g.values), g.every) for g in p.world.growths] == [
        ("coral", {"feed": 0.05}, 1),
        ("skin", {"feed": 0.03, "kill": 0.06}, 2),
    ]
    assert p.look == ("specimen", {"detail": 1.5})
    assert p.display == "quilt:portrait"
    assert p.sensors["pm25"].rows == (240, 432)
    assert p.sensors["pm25"].lasts == 60.0
    assert p.sensors["street"].column == ""
    assert [(b.source, b.to, b.over, b.within, b.smooth) for b in p.community.binds] == [
        ("sensor.pm25", "weather.smog", (0.0, 900.0), (0.0, 1.0), 2.0),
        ("sensor.street", "body.draw", (90.0, 40.0), (1.2, 0.2), 1.0),
        ("activation", "light.coupling", (0.0, 1.0), (0.2, 2.0), 1.0),
    ]
    assert p.community.proposals["filter-first"].choices["yes"].values == {"body.capture": 1.5}
    assert p.community.proposals["calm"].choices["calmer"].ranges == {"steady-glow": (0.1, 0.3)}
    assert p.contracts["steady-glow"].between == (0.2, 0.6)
    assert [act.name for act in p.score] == ["garden", "smog", "clearing"]
    assert p.seconds == 60.0
    assert p.cues["storm"].lasts == 6.0
    own = ("garden", "smog", "clearing", "storm", "dim", "next", "previous", "undo", "release")
    assert p.cue_names[: len(own)] == own
    assert {"black", "light", "freeze", "go on", "look specimen", "display quilt"} < set(p.cue_names)


def test_every_param_has_a_starting_value_the_presets_own_or_the_default() -> None:
    p = piece()
    assert p.values.keys() == p.params.keys()
    assert p.values["light.glow"] == 0.7  # the preset's
    assert p.values["community.quorum"] == 8.0
    assert p.values["coral.feed"] == 0.05
    assert p.values["look.detail"] == 1.5
    assert p.values["weather.wind"] == 0.3  # the default
    assert all(p.params[n].low <= v <= p.params[n].high for n, v in p.values.items())


def test_zones_are_next_to_each_other_whoever_says_so() -> None:
    zones = piece().community.zones
    assert zones["riverside"].next == ("old-mill",)
    assert zones["old-mill"].next == ("riverside",)


def test_the_least_preset_has_a_score_of_its_own() -> None:
    least = """
bioart: 1
title: Least
world: {extent: [2, 2, 2], air: 16, body: {box: [1, 1, 1], growth: [{kind: coral}]}}
look: {kind: specimen}
"""
    p = piece(least)
    assert [act.name for act in p.score] == ["piece"]
    assert p.display == "flat"
    assert not p.sensors
    assert not p.community.zones


def test_words_are_set_in_few_lines_of_like_length() -> None:
    lines = wrapped("Breathe together, and it will breathe what you breathe out, all night")
    assert len(lines) == 3
    assert max(map(len, lines)) - min(map(len, lines)) < 8
    assert wrapped("Tap together") == ["Tap together"]
    assert wrapped("x" * 40 + " y") == ["x" * 40, "y"]


@pytest.mark.parametrize(
    ("told", "seconds"), [("20 s", 20.0), ("1.5 min", 90.0), ("2500 ms", 2.5), ("20s", 20.0)]
)
def test_times(told: str, seconds: float) -> None:
    assert piece(changed("for: 20 s", f"for: {told}") if seconds > 9 else changed("at: 2 s", f"at: {told}"))
    assert markup.seconds(markup.read(f"a: {told}", "x").value["a"], "a", 0, 1e6) == seconds


def test_yaml_is_read_as_its_core_schema_has_it() -> None:
    tree = markup.read("a: yes\nb: 1e3\nc: 012\nd: 1:30\ne: ~\nf: true\ng: '7'\nh: on\ni: -.5\n", "x").value
    got = {key: node.value for key, node in tree.items()}
    assert got == {
        "a": "yes",
        "b": 1000.0,
        "c": 12,
        "d": "1:30",
        "e": None,
        "f": True,
        "g": "7",
        "h": "on",
        "i": -0.5,
    }


# -- what is wrong -----------------------------------------------------------------------------------

WRONG = [
    # unknown names, with the place of the key and the nearest that there is
    ("kind: coral, feed:", "kind: coral, feeed:", r"12:23: no param 'feeed' in growth 'coral'; did you mean 'feed'\?"),
    ("title: Breath", "titel: Breath", r"2:1: no key 'titel' in the preset; did you mean 'title'\?"),
    ("  age: 400", "  ages: 400", r"\d+:3: no key 'ages' in world; did you mean 'age'\?"),
    ("kind: skin,", "kind: skim,", r"no growth 'skim'; did you mean 'skin'\?"),
    ("kind: specimen,", "kind: speciman,", r"no look 'speciman'; did you mean 'specimen'\?"),
    ("kind: quilt,", "kind: quilts,", r"no display 'quilts'; did you mean 'quilt'\?"),
    ("light: {glow: 0.7}", "light: {glwo: 0.7}", r"no param 'glwo' in 'light'; did you mean 'glow'\?"),
    ("  quorum: 8", "  quorm: 8", r"no param 'quorm' in 'community'; did you mean 'quorum'\?"),
    ("from: sensor.pm25", "from: sensor.pm10", r"no source 'sensor.pm10'; did you mean 'sensor.pm25'\?"),
    ("from: activation", "from: activity", r"no source 'activity'"),
    ("to: weather.smog", "to: weather.smug", r"no param 'smug' in 'weather'; did you mean 'smog'\?"),
    ("to: weather.smog", "to: wether.smog", r"no param 'wether.smog'; did you mean 'weather.smog'\?"),
    ("body.capture: 1.5", "body.captur: 1.5", r"no param 'captur' in 'body'; did you mean 'capture'\?"),
    ("{weather.wind: 1, ", "{weather.wnd: 1, ", r"no param 'wnd' in 'weather'; did you mean 'wind'\?"),
    ("next: [old-mill]", "next: [new-mill]", r"no zone 'new-mill'; did you mean 'old-mill'\?"),
    ("keep: glow", "keep: glew", r"no 'keep' 'glew'; did you mean 'glow'\?"),
    ("by: light.glow", "by: light.glew", r"no param 'glew' in 'light'; did you mean 'glow'\?"),
    ("kind: orbit", "kind: orbits", r"no camera 'orbits'; did you mean 'orbit'\?"),
    ("to_distance: 12", "to_distanc: 12", r"no key 'to_distanc' in the dolly camera of act 'smog'"),
    ("until: activation > 0.6", "until: glwo > 0.6", r"no vital 'glwo'; did you mean 'glow'\?"),
    ("{set: {light.glow: 0.1}}", "{set: {light.blow: 0.1}}", r"no param 'blow' in 'light'"),
    ("gap: hold", "gap: holt", r"no 'gap' 'holt'; did you mean 'hold'\?"),
    # ranges
    ("feed: 0.05", "feed: 0.5", r"coral.feed: 0.5 is outside its range; allowed: 0 to 0.1 1/s"),
    ("feed: 0.05", "feed: .nan", r"coral.feed: nan is not a number"),
    ("feed: 0.05", "feed: 1e999", r"coral.feed: inf is not a number"),
    ("feed: 0.05", "feed: true", r"coral.feed: True is not a number"),
    ("feed: 0.05", "feed: [1]", r"coral.feed is a list; allowed: a number"),
    ("feed: 0.05", "feed: lots", r"coral.feed: 'lots' is not a number"),
    ("  age: 400", "  age: -1", r"'age': -1 is outside its range"),
    ("  age: 400", "  age: 4.5", r"'age' is 4.5; allowed: a whole number"),
    ("air: 48", "air: 0", r"'air': 0 is outside its range"),
    ("extent: [6, 7.5, 6]", "extent: [6, 7.55, 6]", r"'extent' is not whole air cells of 0.125 m along y; nearest: 7.5 m"),
    ("extent: [6, 7.5, 6]", "extent: [6, 7.5]", r"'extent' is 'a list'; allowed: a list of 3 numbers"),
    ("extent: [6, 7.5, 6]", "extent: [0.5, 200, 200]", r"cells; allowed: 4,000,000 in all"),
    ("box: [4, 6, 4]", "box: [8, 6, 4]", r"'box' is larger than the world along x"),
    ("box: [4, 6, 4]", "box: [4.125, 6, 4]", r"'box' cannot stand in the middle along x"),
    ("finer: 3", "finer: 8", r"cells; allowed: 24,000,000"),
    ("- {kind: skin, every: 2}", "- {every: 2}", r"a growth is 'a mapping'; allowed: a mapping with its 'kind'"),
    ("within: [0.2, 2.0]", "within: [0.2, 5.0]", r"'within' of light.coupling: 5.0 is outside its range; allowed: 0 to 3"),
    ("within: [0.2, 2.0]", "within: [0.2, 0.2]", r"allowed: two different values"),
    ("within: [0.3, 1.2]", "within: [1.2, 0.3]", r"allowed: two values, the lesser first"),
    ("to: light.coupling, ", "to: light.coupling, over: [0, 0.5], ", r"one person moves more than a share"),
    ("turns: 0.25", "turns: 100", r"'turns': 100 is outside its range; allowed: -8 to 8"),
    ("pitch: 10", "pitch: 89", r"'pitch': 89 is outside its range; allowed: -80 to 80 °"),
    ("body.capture: 1.5", "body.capture: 15", r"body.capture: 15 is outside its range; allowed: 0 to 4 1/s"),
    ("rows: [240, 432]", "rows: [432, 240]", r"'rows' is \[432, 240\]"),
    ("smooth: 2 s", "smooth: 2", r"'smooth' is 2; allowed: a time such as '20 s' or '1.5 min'"),
    ("smooth: 2 s", "smooth: -2 s", r"'smooth' is '-2 s'; allowed: a time"),
    ("for: 20 s", "for: 1 s", r"'for' is '1 s'; allowed: 2 s to 86400 s"),
    ("at: 2 s, say", "at: 30 s, say", r"'at' is '30 s'; allowed: 0 s to 20 s"),
    ("at: 9 s", "at: 3 s", r"'at' is 3 s; allowed: 2 s or more after the line before"),
    ("for: 5 s}", "for: 9 s}", r"this line stands until 11 s; allowed: 9 s"),
    ("Tap together", "Tap " + "t" * 40, r"'say' is longer than 3 lines of 34 characters"),
    ("over: 4 s", "over: 0.1 s", r"'over' is '0.1 s'; allowed: 0.5 s to 20 s"),
    ("over: 4 s", "over: 40 s", r"'over' is '40 s'; allowed: 0.5 s to 20 s"),
    ("glide: 3 s", "glide: 0.2 s", r"'glide' is '0.2 s'; allowed: 1 s to 60 s"),
    # sense
    ("until: activation > 0.6", "until: activation = 0.6", r"'until' is 'activation = 0.6'; allowed: such as"),
    ("until: activation > 0.6", "until: activation > 1e999", r"allowed: a finite number"),
    ("{weather.wind: 1, ", "{weather.smog: 1, ", r"'weather.smog' is bound to 'sensor.pm25'; allowed: a bind or a ramp"),
    ("body.capture: 1.5", "light.coupling: 1.5", r"sets 'light.coupling', which is bound to 'activation'"),
    ("to: body.draw", "to: weather.smog", r"'weather.smog' is already bound to 'sensor.pm25'"),
    ("act: clearing", "act: smog", r"an act named 'smog' is there already"),
    ("act: clearing", "act: next", r"an act named 'next' is there already"),
    ("act: clearing", "act: look specimen", r"an act named 'look specimen' is there already"),
    ("  dim: {set", "  black: {set", r"cue 'black' has the name of an act or of .*black, light, freeze"),
    ("next: [old-mill]", "next: [riverside]", r"zone 'riverside' is next to itself"),
    ("no: {}}", "yes: {}}", r"key 'yes' twice; it stands already in line"),
    (", no: {}}", "}", r"proposal 'filter-first' has 1 choices; allowed: at least two"),
    ("{body.capture: 1.5}", "{}", r"proposal 'filter-first' changes nothing"),
    ("kind: skin, every: 2", "kind: coral", r"growth 'coral' twice in one body"),
    ("data/beijing.csv", "../beijing.csv", r"'file' is '../beijing.csv'; allowed: a path beside the preset"),
    ("data/beijing.csv", "/etc/passwd", r"'file' is '/etc/passwd'; allowed: a path beside the preset"),
    ("data/beijing.csv", "'C:\\x.csv'", r"allowed: a path beside the preset"),
    ("bioart: 1", "bioart: 2", r"1:9: format 2; allowed: 1"),
    ("title: Breathable Sculpture", "title: [a]", r"'title' is 'a list'; allowed: words"),
    ("light: {glow: 0.7}", "light: 0.7", r"'light' is 0.7; allowed: a mapping of glow|'light' is 0.7; allowed: a mapping"),
    # not the YAML that is taken
    ("light: {glow: 0.7}", "light: &a {glow: 0.7}", r"an anchor \(&\)"),
    ("light: {glow: 0.7}", "light: *a", r"an alias \(\*\)"),
    ("light: {glow: 0.7}", "light: !!python/object {glow: 0.7}", r"a tag \(!\)"),
    ("light: {glow: 0.7}", "light: {glow: 0.7", r"not YAML"),
    ("light: {glow: 0.7}", "light: {glow: 0.7}\n---\nx: 1", r"a second document"),
    ("light: {glow: 0.7}", "light: {[a]: 0.7}", r"a list or mapping as a key"),
    ("light: {glow: 0.7}", "\tlight: {glow: 0.7}", r"not YAML"),
    ("light: {glow: 0.7}", "light: {glow: 0.7}\nlight: {glow: 0.8}", r"key 'light' twice"),
    ("title: Breathable Sculpture", 'title: "\\U00110000"', r"not YAML"),
    ("title: Breathable Sculpture", 'title: "a\\u0007"', r"printable characters"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "line"), WRONG, ids=[f"{i}-{w[1][:30]!a}" for i, w in enumerate(WRONG)]
)
def test_each_fault_is_one_line_with_its_place(old: str, new: str, line: str) -> None:
    told = wrong(changed(old, new))
    assert re.match(r"presets/x\.yaml:\d+:\d+: |presets/x\.yaml: not YAML", told)
    assert re.search(line, told), told


def test_the_place_is_where_the_fault_stands() -> None:
    text = changed("to: weather.smog", "to: weather.smug")
    row = next(i for i, line in enumerate(text.splitlines(), 1) if "smug" in line)
    column = text.splitlines()[row - 1].index("weather.smug") + 1
    assert wrong(text).startswith(f"presets/x.yaml:{row}:{column}: ")


@pytest.mark.parametrize("key", ["bioart", "title", "world", "look"])
def test_what_must_be_there(key: str) -> None:
    text = re.sub(rf"^{key}:.*\n(?:  .*\n)*", "", TEXT, flags=re.M)
    assert f"the preset lacks '{key}'" in wrong(text)


BOMBS = {
    "3,000 deep, flow": "a: " + "[" * 3000,
    "3,000 deep, closed": "a: " + "[" * 3000 + "]" * 3000,
    "3,000 deep, block": "\n".join(" " * i + "a:" for i in range(350)),
    "3,000 deep, keys": "? " * 3000,
    "deep maps": "{a: " * 3000,
    "laughs": "a: &a [x,x]\nb: &b [*a,*a]\nc: &c [*b,*b]\n",
    "many": "a: {" + ", ".join(f"k{i}: 1" for i in range(6000)) + "}",
    "long": "a: " + "x" * 70_000,
    "comments": "#\n" * 32_000,
    "quotes": '"' * 60_000,
    "number": "a: " + "9" * 60_000,
    "bytes": "a: \x00",
    "empty": "",
    "a word": "neo-lumen",
    "a list": "- a",
    "merge": "<<: {a: 1}",
}


@pytest.mark.parametrize("bomb", list(BOMBS))
def test_no_file_makes_reading_long(bomb: str) -> None:
    began = time.perf_counter()
    wrong(BOMBS[bomb])
    assert time.perf_counter() - began < 2.0


SIGNS = (
    "{", "}", "[", "]", ":", ",", "\n", "  ", "-", "&a ", "*a ", "!t ", "'", '"', "|", "%", "@", "\t", "é", "? ",
    "9" * 30, "-1", "1e400", ".inf", "~", "null", "true", "{}", "[]", "\u2028", "\ufeff", "0x10",
)  # fmt: skip


def outcome(read: Callable[[], object]) -> tuple[str, float]:
    """What reading comes to: the line that refuses it, or nothing; and the seconds that it took."""
    began = time.perf_counter()
    told = ""
    try:
        read()
    except BioartError as fault:
        told = str(fault)
    return told, time.perf_counter() - began


def test_broken_texts_are_each_told_or_read() -> None:
    """Nothing but a preset or a BioartError of one line ever comes of a text."""
    chance = random.Random(7)
    words = re.findall(r"[\w.-]+", TEXT)
    found = []
    for _ in range(600):
        text = TEXT
        for _ in range(chance.randint(1, 3)):
            i, n = chance.randrange(len(text)), chance.choice((0, 1, 1, 2, 5, 12, 40))
            new = chance.choice((chance.choice(SIGNS), chance.choice(words), "", text[i : i + n] * 2))
            text = text[:i] + new + text[i + n :]
        found.append(outcome(lambda text=text: piece(text)))  # type: ignore[misc]
    assert all("\n" not in told and len(told) < 500 for told, _ in found)
    assert 20 < sum(not told for told, _ in found) < 450  # neither all harmless nor all broken
    times = sorted(seconds for _, seconds in found)
    assert times[300] < 0.05
    assert times[-1] < 1.0


def nodes(root: Node) -> list[tuple[dict[str, Node] | list[Node], str | int]]:
    """Where every value of a tree hangs: its container and its key there."""
    found: list[tuple[dict[str, Node] | list[Node], str | int]] = []
    inside = [root]
    while inside:
        value = inside.pop().value
        pairs = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for key, child in list(pairs):
            found.append((value, key))
            inside.append(child)
    return found


def test_any_value_in_any_place_is_told_or_read() -> None:
    """Each value of a preset in turn becomes one of another type, another's, or goes; keys change too."""
    strange = [
        None,
        True,
        -1,
        0,
        1e308,
        math.nan,
        math.inf,
        "",
        "x",
        "a.b",
        "9 s",
        "glow > 1",
        "\x07",
        "é" * 300,
        [],
        {},
    ]
    whole = markup.read(TEXT, "x.yaml")
    count = len(nodes(whole))
    read = total = 0
    for n in range(count):
        for value in strange:
            tree = copy.deepcopy(whole)
            holder, key = nodes(tree)[n]
            holder[key] = dataclasses.replace(holder[key], value=value)  # type: ignore[index]
            told, _ = outcome(lambda tree=tree: preset._read(tree, TEXT, "x.yaml", PARTS))  # type: ignore[misc]
            assert "\n" not in told
            assert len(told) < 500
            read, total = read + (not told), total + 1
    assert total > 2000
    assert 20 < read < total / 3
    chance = random.Random(11)
    for _ in range(400):  # a value moved to another's place, or gone
        tree = copy.deepcopy(whole)
        (to, key), (source, other) = chance.choice(nodes(tree)), chance.choice(nodes(tree))
        if chance.random() < 0.3:
            del to[key]  # type: ignore[arg-type]
        else:
            to[key] = source[other]  # type: ignore[index]
        told, _ = outcome(lambda tree=tree: preset._read(tree, TEXT, "x.yaml", PARTS))  # type: ignore[misc]
        assert "\n" not in told


# -- finding, changing, writing ----------------------------------------------------------------------


def test_an_unknown_name_tells_the_nearest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "neo-lumen.yaml").write_text(TEXT, encoding="utf-8")
    monkeypatch.setattr(assets, "folder", lambda name: tmp_path)
    assert preset.names() == ("neo-lumen",)
    assert preset.load("neo-lumen", PARTS).title == "Breathable Sculpture"
    assert preset.load(tmp_path / "neo-lumen.yaml", PARTS).path == str(tmp_path / "neo-lumen.yaml")
    with pytest.raises(BioartError, match="no preset 'neo-lumin'; did you mean 'neo-lumen'"):
        preset.load("neo-lumin", PARTS)
    for name in ("nowhere.yaml", "a\nb.yaml", "a\0b.yaml", ".", "/", "x" * 5000 + ".yaml"):
        with pytest.raises(BioartError) as fault:
            preset.load(name, PARTS)
        assert "\n" not in str(fault.value)
    (tmp_path / "latin.yaml").write_bytes("bioart: 1\ntitle: é".encode("latin-1"))
    with pytest.raises(BioartError, match="byte 17 is not UTF-8"):
        preset.load(tmp_path / "latin.yaml", PARTS)
    (tmp_path / "big.yaml").write_text("#" * 70_000)
    with pytest.raises(BioartError, match="allowed: 64 KiB"):
        preset.load(tmp_path / "big.yaml", PARTS)


def test_files_are_found_beside_the_preset_and_else_with_those_that_ship(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, shipped = tmp_path / "mine", tmp_path / "presets"
    mine.mkdir()
    shipped.mkdir()
    monkeypatch.setattr(assets, "folder", lambda name: shipped)
    p = preset.loads(TEXT, str(mine / "x.yaml"), PARTS)
    with pytest.raises(BioartError, match=r"no file 'a\.csv'"):
        p.beside("a.csv")
    (shipped / "a.csv").touch()
    assert p.beside("a.csv") == shipped / "a.csv"
    (mine / "a.csv").touch()
    assert p.beside("a.csv") == mine / "a.csv"


def test_values_set_on_the_call_stand_in_the_text_too() -> None:
    p = piece()
    sets = {
        "light.glow": 1.2,
        "coral.feed": 0.02,
        "look.detail": 0.5,
        "body.draw": 1.0,
        "community.beat": 3.0,
    }
    q = preset.with_values(p, {**sets, "world.age": 30, "world.air": 24, "world.finer": 2}, PARTS)
    assert {n: q.values[n] for n in sets} == sets
    assert q.world.growths[0].values == {"feed": 0.02}
    assert q.world.age == 30
    assert q.world.air == (24, 30, 24)
    assert q.world.finer == 2
    again = piece(q.text)  # as a recording rebuilds it
    assert (again.values, again.world) == (q.values, q.world)
    assert "# a comment that stays" in q.text
    untouched = {n: v for n, v in p.values.items() if n not in sets}
    assert untouched == {n: q.values[n] for n in untouched}
    assert preset.with_values(p, {}, PARTS) is p


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("light.glwo", 1.0, "--set: no param 'glwo' in 'light'; did you mean 'glow'"),
        ("light.glow", 9.0, "--set light.glow: 9.0 is outside its range; allowed: 0 to 2"),
        ("light.glow", float("nan"), "--set light.glow: nan is not a number"),
        ("world.agge", 3, "--set world.agge: no number 'agge' in world; did you mean 'age'"),
        ("glow", 1.0, "no param 'glow'"),
    ],
)
def test_wrong_values_on_the_call(name: str, value: float, line: str) -> None:
    with pytest.raises(BioartError, match=re.escape(line)):
        preset.with_values(piece(), {name: value}, PARTS)


def test_another_look_and_display_stand_in_the_text(monkeypatch: pytest.MonkeyPatch) -> None:
    class Plain:
        detail = Param(1.0, 0.0, 2.0, "", "relief")

    class Narrow:
        detail = Param(0.5, 0.0, 1.0, "", "relief")

    class Bare:
        hue = Param(0.5, 0.0, 1.0, "", "colour")

    for name, kind in (("plain", Plain), ("narrow", Narrow), ("bare", Bare)):
        monkeypatch.setitem(KINDS["look"], name, kind)
    p = piece()
    assert preset.drawn_with(p, "specimen", "quilt:portrait", PARTS) is p
    q = preset.drawn_with(p, "plain", "flat", PARTS)
    assert (q.look, q.display) == (("plain", {"detail": 1.5}), "flat")
    assert "# a comment that stays" in q.text
    assert preset.drawn_with(p, "narrow", p.display, PARTS).look == ("narrow", {"detail": 0.5})
    r = preset.drawn_with(p, "bare", "quilt:go", PARTS)
    assert (r.look, r.display) == (("bare", {"hue": 0.5}), "quilt:go")
    assert r.world == p.world
    bound = piece(TEXT.replace("light.glow: {to: 0.3", "look.detail: {to: 0.3"))
    with pytest.raises(BioartError, match=r"^look bare, display flat: no param 'detail' in 'look'"):
        preset.drawn_with(bound, "bare", "flat", PARTS)


def test_a_new_piece_is_a_preset_and_lists_every_param(tmp_path: Path) -> None:
    text = preset.template(piece())
    assert all(f"#   {name} = " in text for name in piece().params)
    assert piece(text).values == piece().values
    twice = preset.template(piece(text))
    assert twice == text
    preset.save(piece(text), tmp_path / "new.yaml")
    assert preset.load(tmp_path / "new.yaml", PARTS).values == piece().values
    assert [f.name for f in tmp_path.iterdir()] == ["new.yaml"]
    with pytest.raises(BioartError, match="cannot be written"):
        preset.save(piece(), tmp_path / "no" / "new.yaml")


def test_the_catalogue_has_parts_growths_and_look() -> None:
    found = preset.catalogue(["skin"], "specimen", PARTS)
    assert list(found)[:2] == ["air.viscosity", "weather.wind"]
    assert "skin.kill" in found
    assert "coral.feed" not in found
    assert "look.detail" in found
    assert all(param.low <= param.default <= param.high for param in found.values())
    with pytest.raises(BioartError, match="no look 'x'"):
        preset.catalogue([], "x", PARTS)


def test_until_may_wait_for_every_vital() -> None:
    for name in Vitals().row():
        p = piece(changed("until: activation > 0.6", f"until: {name} <= 1.5e3"))
        until = p.score[1].until
        assert until is not None
        assert until.holds({name: 1500.0})
        assert not until.holds({name: 1500.1})


def test_kinds_of_this_house_are_those_of_the_families(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    from bioart import registry

    assert set(KINDS) <= set(registry.FAMILIES)
