# ruff: noqa: E501
"""Every way to call wrongly that we know: what is typed, and what the one line must say.

In the arguments, {in} is the folder with what is read, {out} an empty one with what would be written.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioart.recording import pack, unpack
from tests.show import small

PIECE = "{in}/small.yaml"


@dataclass(frozen=True)
class Case:
    """name; what is typed; what the line must match; exit code; whether the check of OUT's folder applies."""

    name: str
    typed: tuple[str, ...]
    line: str
    code: int = 2

    def arguments(self, source: Path, out: Path) -> list[str]:
        return [word.replace("{in}", str(source)).replace("{out}", str(out)) for word in self.typed]


def export(
    name: str, line: str, *more: str, piece: str = PIECE, out: str = "{out}/a.mp4", code: int = 2
) -> Case:
    size = () if "--size" in more else ("--size", "64x36")
    cut = () if {"--seconds", "--loop"} & set(more) else ("--seconds", "0.2")
    return Case(name, ("export", piece, out, *size, *cut, *more), line, code)


# -- presets -----------------------------------------------------------------------------------------------


def _bomb() -> str:
    rows = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for one, last in zip("bcdefgh", "abcdefg", strict=True):
        rows.append(f"{one}: &{one} [" + ",".join([f"*{last}"] * 9) + "]")
    return "\n".join(rows) + "\n"


def _changed(old: str, new: str) -> str:
    assert small.TEXT.count(old) == 1
    return small.TEXT.replace(old, new)


PRESETS: dict[str, tuple[str | bytes, str]] = {
    "broken YAML": (_changed("cues:\n", "cues: {\n"), r"broken-YAML\.yaml:\d+:\d+: not YAML"),
    "unknown key": (_changed("title: A small", "titel: A small"), r"unknown-key\.yaml:2:1: no key 'titel' .*mean 'title'"),
    "unknown growth": (_changed("kind: coral", "kind: corall"), r"\.yaml:6:\d+: no growth 'corall'; did you mean 'coral'"),
    "unknown look": (_changed("kind: specimen", "kind: speciman"), r"\.yaml:8:\d+: no look 'speciman'; did you mean 'specimen'"),
    "unknown display": (_changed("kind: flat", "kind: flatt"), r"\.yaml:9:\d+: no display 'flatt'; did you mean 'flat'"),
    "value out of range": (_changed("wind: 0.6", "wind: 60"), r"\.yaml:\d+:\d+: .*60 is outside its range; allowed: 0 to"),
    "value of another type": (_changed("age: 12", "age: old"), r"\.yaml:7:8: 'age': 'old' is not a number; allowed"),
    "not a number": (_changed("wind: 0.6", "wind: .nan"), r"nan is not a number; allowed"),
    "binding to a missing param": (_changed("to: weather.smog", "to: weather.smug"), r"no param 'smug' in 'weather'; did you mean 'smog'"),
    "binding from a missing sensor": (_changed("from: sensor.pm25", "from: sensor.pm10"), r"no source 'sensor.pm10'; did you mean 'sensor.pm25'"),
    "YAML bomb": (_bomb(), r"\.yaml:1:\d+: an anchor \(&\)"),
    "3,000 deep": ("a: " + "[" * 3000 + "]" * 3000, r"\.yaml:1:\d+: nested deeper than 20"),
    "3,000 deep in blocks": ("\n".join(" " * i + "a:" for i in range(350)), r"nested deeper than 20"),
    "too large": ("#" * 70_000, r"allowed: 64 KiB"),
    "not text": (b"bioart: 1\ntitle: \xe9\n", r"byte 17 is not UTF-8 text; allowed: YAML in UTF-8"),
    "empty": ("", r"empty: empty|empty\.yaml: empty; a preset begins with 'bioart: 1'"),
    "another format": (_changed("bioart: 1", "bioart: 7"), r"\.yaml:1:9: format 7; allowed: 1"),
    "sensor file missing": (_changed("air.csv", "none.csv"), r"no file 'none\.csv'"),
    "sensor file elsewhere": (_changed("air.csv", "../../etc/passwd"), r"'file' is .*; allowed: a path beside the preset"),
}  # fmt: skip

# -- events ------------------------------------------------------------------------------------------------

EVENTS: dict[str, tuple[str | bytes, str]] = {
    "not JSON": ('{"t": 0, "kind": "tap"\n', r"not-JSON\.jsonl:1: not JSON .*allowed"),
    "not an object": ("[1, 2]\n", r"jsonl:1: .*is not an event; allowed"),
    "no time": ('{"kind": "tap"}\n', r"jsonl:1: the field 't' is missing; allowed"),
    "no kind": ('{"t": 0}\n', r"jsonl:1: the field 'kind' is missing; allowed: .*tap"),
    "unknown kind": ('{"t": 0, "kind": "tip"}\n', r"jsonl:1: no kind 'tip'; allowed: tap, .*did you mean 'tap'"),
    "unknown field": ('{"t": 0, "kind": "tap", "force": 3}\n', r"jsonl:1: no field 'force' in kind 'tap'; allowed"),
    "missing field": ('{"t": 0, "kind": "vote", "proposal": "filter-first"}\n', r"jsonl:1: the field 'choice' .*missing; allowed"),
    "wrong type": ('{"t": 0, "kind": "presence", "people": "many"}\n', r"jsonl:1: people 'many' is not a whole number; allowed: 0 to 10000"),
    "out of range": ('{"t": 0, "kind": "offering", "material": "glass", "mass": 1e9}\n', r"mass .*outside its range; allowed: 0.01 to 10 kg"),
    "true for a number": ('{"t": 0, "kind": "presence", "people": true}\n', r"people True is not a whole number"),
    "NaN": ('{"t": NaN, "kind": "tap"}\n', r"jsonl:1: not JSON \(NaN is not a number\)"),
    "infinity": ('{"t": 1e999, "kind": "tap"}\n', r"jsonl:1: t inf is outside its range; allowed"),
    "negative time": ('{"t": -1, "kind": "tap"}\n', r"jsonl:1: t -1 is outside its range; allowed: 0 to"),
    "huge integer": ('{"t": 0, "kind": "presence", "people": ' + "9" * 500 + "}\n", r"jsonl:1: people 9+….*allowed: 0 to 10000"),
    "huge string": ('{"t": 0, "kind": "speech", "words": "' + "x" * 3900 + '"}\n', r"jsonl:1: words of 3900 graphemes; allowed: at most 40"),
    "huge line": ('{"t": 0, "kind": "speech", "words": "' + "x" * 5_000_000 + '"}\n', r"jsonl:1: a line longer than 4096 bytes; allowed"),
    "deep": ("[" * 2000 + "]" * 2000 + "\n", r"jsonl:1: (nested too deeply|.*is not an event); allowed"),
    "time backwards": ('{"t": 1, "kind": "tap"}\n{"t": 0.5, "kind": "tap"}\n', r"jsonl:2: t 0\.5 s runs backwards; allowed: at least 1 s"),
    "field twice": ('{"t": 0, "kind": "tap", "kind": "cue"}\n', r"jsonl:1: not JSON \(a field stands twice\)"),
    "bidirectional signs": ('{"t": 0, "kind": "speech", "words": "a\\u202eb"}\n', r"jsonl:1: words with the sign U\+202E; allowed"),
    "unknown zone": ('{"t": 0, "kind": "tap", "zone": "moon"}\n', r"jsonl:1: no zone 'moon'; allowed: old-mill, riverside"),
    "unknown param": ('{"t": 0, "kind": "control", "param": "light.glwo", "to": 1}\n', r"no param 'light\.glwo'; allowed: light\.glow"),
    "control beyond bounds": ('{"t": 0, "kind": "control", "param": "light.glow", "to": 1e6}\n', r"light\.glow to .*outside its range; allowed: 0 to"),
    "not UTF-8": (b'{"t": 0, "kind": "speech", "words": "\xff"}\n', r"jsonl:1: not UTF-8 text; allowed"),
    "zero bytes": (b"\0" * 300, r"jsonl:1: not JSON"),
}  # fmt: skip

# -- sensors -----------------------------------------------------------------------------------------------

SENSORS: dict[str, tuple[str | bytes, str]] = {
    "no column": ("time,pm10\n1,2\n3,4\n", r"no-column\.csv:1: no column 'pm2\.5'"),
    "not text": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), r"not-text\.csv: not text; allowed: CSV in UTF-8"),
    "no data": ("pm2.5\n", r"\.csv: no data; allowed"),
    "empty": ("", r"\.csv: no data; allowed"),
    "words for numbers": (
        "pm2.5\n12\nlots\n",
        r"\.csv:3: 'lots' in column 'pm2\.5'; allowed: a number, or NA",
    ),
    "nothing but gaps": ("pm2.5\nNA\nNA\n", r"no reading in rows 0 to 2"),
    "ragged": ("pm2.5,b\n1,2\n3\n", r"\.csv:3: 1 cells; allowed: 2"),
}

# -- the call ----------------------------------------------------------------------------------------------

CALLS = [
    export("unknown preset", r"no preset 'neo-lumin'; did you mean 'neo-lumen'|no preset 'neo-lumin'", piece="neo-lumin"),
    export("preset missing", r"none\.yaml: does not exist; allowed: a preset's file", piece="{in}/none.yaml"),
    export("preset is a folder", r"is a folder; allowed: a preset's file", piece="{in}"),
    export("size 0", r"--size '0x0': out of range; allowed: 16x16 to 16384x16384", "--size", "0x0"),
    export("size negative", r"--size '-64x36': not WIDTHxHEIGHT in px; allowed", "--size", "-64x36"),
    export("size garbage", r"--size 'big': not WIDTHxHEIGHT", "--size", "big"),
    export("size of one", r"--size '640': not WIDTHxHEIGHT", "--size", "640"),
    export("size vast", r"--size '999999x9': out of range; allowed", "--size", "999999x9"),
    export("size odd", r"65x37 does not fit yuv420p; allowed: even width and height, as 64x36", "--size", "65x37"),
    export("fps 0", r"--fps '0': not a frame rate; allowed: 1 to 240", "--fps", "0"),
    export("fps negative", r"--fps '-24': not a frame rate; allowed", "--fps", "-24"),
    export("fps garbage", r"--fps 'film': not a frame rate; allowed", "--fps", "film"),
    export("fps vast", r"--fps '1e999999999': not a frame rate; allowed", "--fps", "1e999999999"),
    export("from a vast time", r"--from '1e999999999': no such act; allowed: .*or seconds", "--from", "1e999999999"),
    export("from beyond a recording", r"--from '3\.5': outside the recording; allowed: 0 to 0\.6", "--from", "3.5", piece="{in}/a.bioart"),
    export("hands where there are none", r"--input hands: `play` has it by itself; allowed: any other", "--input", "hands"),
    export("fps over nothing", r"--fps '24/0': not a frame rate; allowed", "--fps", "24/0"),
    export("seconds 0", r"--seconds '0': not a duration; allowed: more than 0", "--seconds", "0"),
    export("seconds negative", r"--seconds '-3': not a duration; allowed", "--seconds", "-3"),
    export("seconds NaN", r"--seconds 'nan': not a duration; allowed", "--seconds", "nan"),
    export("seconds infinite", r"--seconds 'inf': not a duration; allowed", "--seconds", "inf"),
    export("seconds garbage", r"--seconds 'all': not a duration; allowed", "--seconds", "all"),
    export("loop 0", r"--loop '0': not a duration; allowed", "--loop", "0"),
    export("loop negative", r"--loop '-2': not a duration; allowed", "--loop", "-2"),
    export("loop vast", r"--loop '1e9': not a duration; allowed: more than 0 and at most 600 s", "--loop", "1e9"),
    export("loop and seconds", r"--seconds and --loop: one or the other", "--loop", "1", "--seconds", "1"),
    export("samples none", r"--samples", "--samples", "0"),
    export("samples many", r"--samples.*256", "--samples", "257"),
    export("loop recorded", r"--loop and --record: one or the other", "--loop", "1", "--record", "{out}/a.bioart"),
    export("seed negative", r"--seed '-1': not a whole number in range; allowed: 0 to 4294967295", "--seed", "-1"),
    export("seed beyond", r"--seed '4294967296': not a whole number in range; allowed", "--seed", "4294967296"),
    export("seed garbage", r"--seed 'lucky': not a whole number in range; allowed", "--seed", "lucky"),
    export("threads 0", r"--threads '0': not a whole number in range; allowed: 1 to 256", "--threads", "0"),
    export("unknown backend", r"--backend 'abacus': unknown; allowed: cpu, cuda, vulkan, metal", "--backend", "abacus"),
    export("unknown act", r"--from 'smug': no such act; did you mean 'smog'\?; or seconds", "--from", "smug"),
    export("from beyond the score", r"--from '99': outside the score; allowed: 0 to 4 s", "--from", "99"),
    export("from before it", r"--from '-1': outside the score; allowed: 0 to 4 s", "--from", "-1"),
    export("unknown quality", r"--quality 'best'; allowed: draft, final, live", "--quality", "best"),
    export("unknown profile", r"--profile h265: not for \.mp4; did you mean 'h264'", "--profile", "h265"),
    export("profile of another ending", r"--profile prores: not for \.mp4; allowed", "--profile", "prores"),
    export("unknown display on the call", r"--display: no display 'flst'; did you mean 'flat'", "--display", "flst"),
    export("unknown device", r"--display quilt:portrai: no such device or layout; did you mean 'portrait'", "--display", "quilt:portrai"),
    export("quilt of no views", r"quilt.*allowed", "--display", "quilt:0x0"),
    export("quilt of too many views", r"quilt.*allowed", "--display", "quilt:900x900"),
    export("unknown input", r"--input: no input 'rehersal'; did you mean 'rehearsal'", "--input", "rehersal:4"),
    export("rehearsal of nobody", r"allowed: rehearsal:N, N from 1 to 2000", "--input", "rehearsal:0"),
    export("set without a number", r"--set 'light\.glow': not NAME=NUMBER; e\.g\.", "--set", "light.glow"),
    export("set to words", r"--set 'light\.glow=bright': not NAME=NUMBER", "--set", "light.glow=bright"),
    export("set of nothing", r"--set: no param 'glwo' in 'light'; did you mean 'glow'", "--set", "light.glwo=1"),
    export("set beyond the range", r"--set light\.glow: 99\.0 is outside its range; allowed", "--set", "light.glow=99"),
    export("set to NaN", r"--set light\.glow: nan is not a number", "--set", "light.glow=nan"),
    export("set to too fine a world", r"--set world\.air: 'air': 4000 is outside its range; allowed: 8 to 256", "--set", "world.air=4000"),
    export("unknown ending", r"OUT .*a\.avi.*no output has the ending '\.avi'; allowed: \.mov, \.mp4, \.png, \.webm", out="{out}/a.avi"),
    export("no ending", r"no output has the ending ''; allowed", out="{out}/movie"),
    export("OUT in no folder", r"OUT .*: no folder .*/no; allowed", out="{out}/no/a.mp4"),
    export("OUT is a folder", r"OUT .*: is a folder; allowed: a file's name", out="{out}"),
    export("OUT's name too long", r"OUT .*: File name too long; allowed", out="{out}/" + "x" * 300 + ".mp4"),
    export("recording elsewhere", r"--record .*: no folder", "--record", "{out}/no/a.bioart"),
    export("recording of another name", r"--record .*a\.db: a recording's name ends in \.bioart", "--record", "{out}/a.db"),
    export("take without a recording", r"--take: .*--record FILE\.bioart", "--take"),
    export("events missing", r"none\.jsonl: No such file or directory; allowed: a file of JSON lines", "--events", "{in}/none.jsonl"),
    export("events are a folder", r"allowed: a file of JSON lines", "--events", "{in}"),
    export("sensors missing", r"none\.csv: No such file or directory; allowed: a CSV file", "--sensors", "{in}/none.csv"),
    export("a recording that is steered", r"a\.bioart: a recording plays as it was; allowed with it", "--seed", "3", piece="{in}/a.bioart"),
    export("a recording recorded", r"a\.bioart: a recording plays as it was; allowed", "--record", "{out}/b.bioart", piece="{in}/a.bioart"),
    Case("no command of that name", ("exprot",), r"no such command 'exprot'.*allowed: bench, check"),
    Case("nothing to export", ("export",), r"export: missing argument 'PIECE'; allowed: what `bioart export --help` lists"),
    Case("unknown option", ("export", "a", "b", "--sise", "3"), r"export: no such option: --sise.*allowed: what `bioart export --help`"),
    Case("option without its value", ("export", "a", "b", "--size"), r"option '--size' requires an argument; allowed"),
    Case("too many words", ("list", "looks", "inputs"), r"list: .*extra argument.*allowed"),
    Case("unknown topic", ("list", "lokks"), r"list 'lokks'; did you mean 'looks'"),
    Case("signs that move a terminal", ("list", "a\x1b[2J\nb"), r"list 'a\\x1b\[2J\\nb'; allowed"),
    Case("new over a file", ("new", "{in}/small.yaml", "--from", "{in}/small.yaml"), r"small\.yaml: exists already; nothing was changed"),
    Case("new of another ending", ("new", "{out}/a.txt", "--from", "{in}/small.yaml"), r"a\.txt: a preset's name ends in \.yaml"),
    Case("new in no folder", ("new", "{out}/no/a.yaml", "--from", "{in}/small.yaml"), r"no folder"),
    Case("new from nothing", ("new", "{out}/a.yaml", "--from", "neo-lumin"), r"no preset 'neo-lumin'"),
    Case("bench of no rounds", ("bench", "--rounds", "0"), r"--rounds '0': not a whole number in range; allowed: 1 to 1000"),
    Case("bench of nothing", ("bench", "neo-lumin"), r"no preset 'neo-lumin'"),
    Case("vitals in no folder", ("verify", "{in}/a.bioart", "--vitals", "{out}/no/v.csv"), r"--vitals .*: no folder"),
    Case("verify of a preset", ("verify", "{in}/small.yaml"), r"small\.yaml: not a bioart recording .*allowed"),
    Case("check of nothing there", ("check", "{in}/none.png"), r"none\.png: no such file"),
    Case("check of an unknown kind", ("check", "{in}/odd.xyz"), r"odd\.xyz: nothing that bioart knows; allowed: .*\.bioart.*\.mp4"),
    Case("check of a folder", ("check", "{in}"), r"in\d*: is a folder; allowed"),
    Case("check of a broken picture", ("check", "{in}/broken.png"), r"broken\.png: not a whole picture"),
    Case("check of a broken movie", ("check", "{in}/broken.mp4"), r"broken\.mp4: not a movie that can be read"),
]  # fmt: skip

# -- recordings --------------------------------------------------------------------------------------------

RECORDINGS = {
    "missing": r"missing\.bioart: cannot be read \(No such file or directory\)",
    "folder": r"folder\.bioart: cannot be read \(Is a directory\)",
    "empty": r"empty\.bioart: not a bioart recording .*allowed",
    "text": r"text\.bioart: not a bioart recording .*allowed",
    "head-alone": r"head-alone\.bioart: (not a bioart recording|cut short)",
    "one-page": r"one-page\.bioart: (damaged or )?cut short.*allowed",
    "half": r"half\.bioart: (damaged or )?cut short.*allowed",
    "one-byte-less": r"one-byte-less\.bioart: (damaged or )?cut short.*allowed",
    "foreign": r"foreign\.bioart: a database of another program; allowed",
    "hollow": r"hollow\.bioart: damaged or cut short \(no such table: meta\)",
    "newer": r"newer\.bioart: recording format 99; allowed: up to 1",
    "without-a-preset": r"without-a-preset\.bioart: damaged: no preset in it",
    "without-a-beginning": r"without-a-beginning\.bioart: damaged: no beginning in it",
}


def spoilt(sound: Path, name: str, folder: Path) -> Path:
    """A recording spoilt in a way of RECORDINGS."""
    path, data = folder / f"{name}.bioart", sound.read_bytes()
    cuts = {
        "empty": 0,
        "head-alone": 100,
        "one-page": 4096,
        "half": len(data) // 2,
        "one-byte-less": len(data) - 1,
    }
    if name in cuts:
        path.write_bytes(data[: cuts[name]])
    elif name == "folder":
        path.mkdir(exist_ok=True)
    elif name == "text":
        path.write_text("A garden that breathes\n" * 20)
    elif name in ("foreign", "hollow"):
        path.unlink(missing_ok=True)
        base = sqlite3.connect(path)
        base.execute("create table x (y)")
        if name == "hollow":
            base.execute("pragma application_id=0x62696F41")
        base.commit()
        base.close()
    elif name != "missing":
        path.write_bytes(data)
        base = sqlite3.connect(path)
        base.execute(
            {
                "newer": "update meta set value='99' where key='format'",
                "without-a-preset": "delete from meta where key='preset'",
                "without-a-beginning": "delete from snapshots",
            }[name]
        )
        base.commit()
        base.close()
    return path


# A sound database that holds what no bioart wrote: changes to the tables, and what is told.
FORGED = {
    "forged-control": (
        "insert into events values (0, 0, 'script', 999, 'control', null, null, '{\"param\": \"x.y\", \"to\": 1}')",
        r"recorded event 999 of 'script': .*'x\.y'",
    ),
    "forged-kind": (
        "insert into events values (0, 0, 'script', 999, 'dance', null, null, '{}')",
        r"recorded event 999 of 'script': no kind 'dance'",
    ),
    "forged-event": (
        "insert into events values (0, 0, 'script', 999, 'tap', null, null, '[[')",
        r"an event of run 0 is damaged",
    ),
    "forged-data": (
        "insert into events values (0, 0, 'script', 999, 'tap', null, null, '[1]')",
        r"an event of run 0 is damaged",
    ),
}
SHAPES = ("forged-state", "forged-shape", "forged-steps")  # of the first snapshot, its SHA-256 made to fit


def forged(sound: Path, name: str, folder: Path) -> Path:
    """A recording forged in a way of FORGED or SHAPES."""
    path = folder / f"{name}.bioart"
    path.write_bytes(sound.read_bytes())
    base = sqlite3.connect(path)
    if name in FORGED:
        base.execute(FORGED[name][0])
    else:
        state = unpack(base.execute("select state from snapshots where run=0 and step=0").fetchone()[0])
        if name == "forged-state":
            state = {"show": state["show"]}
        elif name == "forged-shape":
            state = {n: a.ravel()[:5] if a.ndim == 3 else a for n, a in state.items()}
        else:
            state["show"] = np.frombuffer(b'{"steps": "many"}', np.uint8)
        blob = pack(state)
        base.execute(
            "update snapshots set state=?, sha256=? where run=0 and step=0",
            (blob, hashlib.sha256(blob).hexdigest()),
        )
    base.commit()
    base.close()
    return path


def cases() -> list[Case]:
    """All of them, each with the files that `furnish` writes."""
    found = list(CALLS)
    for name, (_, line) in PRESETS.items():
        found.append(export(f"preset: {name}", line, piece=f"{{in}}/{_slug(name)}.yaml"))
    for name, (_, line) in EVENTS.items():
        found.append(export(f"events: {name}", line, "--events", f"{{in}}/{_slug(name)}.jsonl"))
    for name, (_, line) in SENSORS.items():
        found.append(export(f"sensors: {name}", line, "--sensors", f"{{in}}/csv/{_slug(name)}.csv"))
    for name, line in RECORDINGS.items():
        piece = f"{{in}}/{name}.bioart"
        found.append(export(f"recording: {name}, export", line, piece=piece))
        found.append(Case(f"recording: {name}, verify", ("verify", piece), line))
        found.append(Case(f"recording: {name}, check", ("check", piece), line))
    shape = r"snapshot: not a state of this piece"
    for name, line in {
        **{n: told for n, (_, told) in FORGED.items()},
        **dict.fromkeys(SHAPES, shape),
    }.items():
        piece = f"{{in}}/{name}.bioart"
        if name in ("forged-control", "forged-shape"):  # the others go the same way
            found.append(export(f"recording: {name}, export", line, piece=piece))
        found.append(Case(f"recording: {name}, verify", ("verify", piece), line))
    for name in ("unknown key", "YAML bomb"):
        found.append(
            Case(f"preset: {name}, check", ("check", f"{{in}}/{_slug(name)}.yaml"), PRESETS[name][1])
        )
        typed = ("new", "{out}/n.yaml", "--from", f"{{in}}/{_slug(name)}.yaml")
        found.append(Case(f"preset: {name}, new", typed, PRESETS[name][1]))
    name = "time backwards"
    typed = ("check", f"{{in}}/{_slug(name)}.jsonl", "--for", PIECE)
    found.append(Case(f"events: {name}, check", typed, EVENTS[name][1]))
    typed = ("check", "{in}/csv/no-column.csv", "--for", PIECE)
    found.append(Case("sensors: no column, check", typed, SENSORS["no column"][1]))
    return found


def _slug(name: str) -> str:
    return name.replace(" ", "-").replace(",", "")


def furnish(folder: Path, recording: Path) -> None:
    """Write everything that the cases read. recording: a sound one."""
    small.write(folder)
    (folder / "csv").mkdir(exist_ok=True)
    for files, place, ending in ((PRESETS, "", "yaml"), (EVENTS, "", "jsonl"), (SENSORS, "csv/", "csv")):
        for name, (body, _) in files.items():
            path = folder / f"{place}{_slug(name)}.{ending}"
            path.write_bytes(body if isinstance(body, bytes) else body.encode())
    (folder / "odd.xyz").write_text("?")
    (folder / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n" + b"\0" * 60)
    (folder / "broken.mp4").write_bytes(b"\0\0\0\x20ftypisom" + b"\0" * 400)
    (folder / "a.bioart").write_bytes(recording.read_bytes())
    for name in RECORDINGS:
        spoilt(recording, name, folder)
    for name in (*FORGED, *SHAPES):
        forged(recording, name, folder)


def strange(sound: Path, path: Path) -> Path:
    """The recording as if another build had made it."""
    path.write_bytes(sound.read_bytes())
    base = sqlite3.connect(path)
    told = json.loads(base.execute("select value from meta where key='fingerprint'").fetchone()[0])
    base.execute("update meta set value=? where key='fingerprint'", (json.dumps({**told, "numpy": "9.9"}),))
    base.commit()
    base.close()
    return path
