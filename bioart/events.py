"""Events: what reached the show, and the strict reading of them (docs/design.md, "Events").

Everything that comes from outside passes here once: `read_lines` for a file, `read` for a message, `check`
for what an input of ours made. What passes is of the schema, in range, short and fit to be shown.
"""

from __future__ import annotations

import difflib
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, NoReturn

from bioart.errors import BioartError, shown

LONGEST_LINE = 4096  # bytes
LONGEST_WORDS = 40  # graphemes
LONGEST_NAME = 64  # characters of a who, zone, proposal, …
LATEST = 1e8  # s, three years of show: a step beyond would not fit where steps are kept
MATERIALS = ("glass", "paper", "plastic", "metal", "organic", "textile")
DOES = ("filter", "decompose", "steady")
REACTIONS = ("heart", "wow", "calm", "fear")
CUES = ("next", "previous", "undo", "release")  # what a cue may name besides a piece's acts and cues
STAGE = ("black", "light", "freeze", "go on")  # and what asks the stage, besides `look KIND`, `display KIND`
TRUSTED = frozenset({"presence", "control", "cue"})  # what only a trusted input may send


@dataclass(frozen=True, order=False)
class Event:
    """One thing that reached the show.

    step: in which it acts. seq: its number within its source. data: the kind's fields, checked.
    """

    step: int
    seq: int
    source: str
    kind: str
    who: str | None = None
    zone: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    @property
    def order(self) -> tuple[int, str, int]:
        return (self.step, self.source, self.seq)


@dataclass(frozen=True)
class Vocabulary:
    """The names that a preset knows. A field left None accepts any short name (a file checked by itself).

    proposals: choices by proposal. params: (low, high) by full name.
    """

    zones: frozenset[str] | None = None
    proposals: Mapping[str, frozenset[str]] | None = None
    pledges: frozenset[str] | None = None
    sensors: frozenset[str] | None = None
    params: Mapping[str, tuple[float, float]] | None = None
    cues: frozenset[str] | None = None


ANY = Vocabulary()


class Reading(NamedTuple):
    """One line as read. t: show time in s (0 for a message that has none)."""

    t: float
    kind: str
    who: str | None
    zone: str | None
    data: dict[str, Any]

    def event(self, step: int, seq: int, source: str) -> Event:
        return Event(step, seq, source, self.kind, self.who, self.zone, self.data)


# --- what a field may be ------------------------------------------------------------------------------------


def _wrong(place: str, what: str, allowed: str) -> NoReturn:
    raise BioartError(f"{place}: {what}; allowed: {allowed}")


def _listed(word: object, known: Iterable[str]) -> str:
    """The names there are, the nearest first where one is near: for the end of an error."""
    names = sorted(known)
    if not names:
        return "none, the preset names none"
    close = difflib.get_close_matches(str(word)[:80], names, n=1)
    rest = [n for n in names if n not in close][: 12 - len(close)]
    listed = ", ".join(close + rest) + (", …" if len(names) > 12 else "")
    return f"{listed} (did you mean '{close[0]}'?)" if close else listed


def _number(value: object, low: float, high: float, place: str, name: str, unit: str = "") -> float:
    # the comparison is False for NaN, and exact for an integer too large for a float
    if type(value) not in (int, float):
        _wrong(place, f"{name} {shown(value)} is not a number", f"{low:g} to {high:g}{unit}")
    if not low <= value <= high:  # type: ignore[operator]
        _wrong(place, f"{name} {shown(value)} is outside its range", f"{low:g} to {high:g}{unit}")
    return float(value)  # type: ignore[arg-type]


def _named(value: object, known: Iterable[str] | None, place: str, name: str) -> str:
    if type(value) is not str:
        _wrong(place, f"{name} {shown(value)} is not a text", "a name in quotes")
    if known is not None:
        if value not in known:  # type: ignore[operator]
            _wrong(place, f"no {name} {shown(value)}", _listed(value, known))
    elif not 0 < len(value) <= LONGEST_NAME or not value.isprintable():
        _wrong(place, f"{name} {shown(value)}", f"1 to {LONGEST_NAME} printable characters")
    return value


_JOINERS = ("\u200c", "\u200d")  # Persian, Hindi and joined emoji need them between two signs
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\u034f")  # letters that draw nothing


def words(value: object, place: str) -> str:
    """Words fit to be shown: NFKC, spaces collapsed, at most 40 graphemes.

    Raises BioartError for control and bidirectional signs, invisible letters, more than two marks on one
    base (which would write over the neighbours; Unicode UTS #39), and for words that are too long.
    """
    if type(value) is not str:
        _wrong(place, f"words {shown(value)} are not a text", f"at most {LONGEST_WORDS} graphemes")
    if len(value) <= LONGEST_WORDS and value.isascii() and value.isprintable():
        return " ".join(value.split(" ")) if "  " not in value and value == value.strip() else _spaced(value)
    if len(value) > LONGEST_LINE:
        _wrong(place, f"words of {len(value)} characters", f"at most {LONGEST_WORDS} graphemes")
    text = _spaced(unicodedata.normalize("NFKC", value))
    count = marks = flags = 0
    joined = False
    for i, c in enumerate(text):
        kind = unicodedata.category(c)
        if c in _JOINERS:
            if not 0 < i < len(text) - 1 or joined or text[i - 1] == " " or text[i + 1] == " ":
                _wrong(place, f"words {shown(value)} with a joiner that joins nothing", "visible signs")
            joined = True
            continue
        if c in _BLANK or kind[0] == "C" or kind in ("Zl", "Zp"):
            _wrong(
                place,
                f"words with the sign U+{ord(c):04X}",
                "visible signs, no control or bidirectional ones",
            )
        if kind[0] == "M":
            marks += 1
            if marks > 2 or i == 0:
                _wrong(
                    place, f"words {shown(value)} with {marks} marks on one sign", "at most 2 marks on a sign"
                )
            joined = False
            continue
        flags = flags + 1 if "\U0001f1e6" <= c <= "\U0001f1ff" else 0
        part_of_last = (joined and i > 0) or "\U0001f3fb" <= c <= "\U0001f3ff" or (flags and flags % 2 == 0)
        if not part_of_last:
            count += 1
        marks, joined = 0, False
    if count > LONGEST_WORDS or len(text) > 4 * LONGEST_WORDS:
        _wrong(place, f"words of {count} graphemes", f"at most {LONGEST_WORDS}")
    return text


def _spaced(text: str) -> str:
    return " ".join(part for part in text.split(" ") if part)


# --- the eleven kinds: one function each, from raw fields to checked data -----------------------------------

Data = dict[str, Any]
Raw = Mapping[str, Any]


def _presence(raw: Raw, place: str, known: Vocabulary) -> Data:
    people = raw["people"]
    if type(people) is not int:
        _wrong(place, f"people {shown(people)} is not a whole number", "0 to 10000")
    if not 0 <= people <= 10000:
        _wrong(place, f"people {shown(people)} is outside its range", "0 to 10000")
    return {"people": people}


def _tap(raw: Raw, place: str, known: Vocabulary) -> Data:
    return {}


def _offering(raw: Raw, place: str, known: Vocabulary) -> Data:
    return {
        "material": _named(raw["material"], MATERIALS, place, "material"),
        "mass": _number(raw["mass"], 0.01, 10.0, place, "mass", " kg") if "mass" in raw else 0.1,
        "words": words(raw["words"], place) if "words" in raw else "",
    }


def _implant(raw: Raw, place: str, known: Vocabulary) -> Data:
    at = raw["at"]
    if type(at) not in (list, tuple) or len(at) != 3:
        _wrong(place, f"at {shown(at)} is not a place", "three numbers, 0 to 1 each")
    x, y, z = (_number(v, 0.0, 1.0, place, "at") for v in at)
    return {"at": (x, y, z), "does": _named(raw["does"], DOES, place, "does")}


def _vote(raw: Raw, place: str, known: Vocabulary) -> Data:
    proposal = _named(raw["proposal"], known.proposals, place, "proposal")
    choices = None if known.proposals is None else known.proposals[proposal]
    return {"proposal": proposal, "choice": _named(raw["choice"], choices, place, "choice")}


def _pledge(raw: Raw, place: str, known: Vocabulary) -> Data:
    return {"pledge": _named(raw["pledge"], known.pledges, place, "pledge")}


def _reaction(raw: Raw, place: str, known: Vocabulary) -> Data:
    return {"reaction": _named(raw["reaction"], REACTIONS, place, "reaction")}


def _speech(raw: Raw, place: str, known: Vocabulary) -> Data:
    said = words(raw["words"], place)
    if not said:
        _wrong(place, "words are empty", f"1 to {LONGEST_WORDS} graphemes")
    return {"words": said}


def _sensor(raw: Raw, place: str, known: Vocabulary) -> Data:
    return {
        "name": _named(raw["name"], known.sensors, place, "sensor"),
        "reading": _number(raw["reading"], -1e9, 1e9, place, "reading"),
    }


def _control(raw: Raw, place: str, known: Vocabulary) -> Data:
    param = _named(raw["param"], known.params, place, "param")
    low, high = (-1e9, 1e9) if known.params is None else known.params[param]
    return {"param": param, "to": _number(raw["to"], low, high, place, f"{param} to")}


def _cue(raw: Raw, place: str, known: Vocabulary) -> Data:
    return {"name": _named(raw["name"], known.cues, place, "cue")}


class _Kind(NamedTuple):
    needs: tuple[str, ...]
    takes: frozenset[str]
    data: Callable[[Raw, str, Vocabulary], Data]


_COMMON = ("kind", "who", "zone")


def _kind(needs: str, also: str, data: Callable[[Raw, str, Vocabulary], Data]) -> _Kind:
    n = tuple(needs.split())
    return _Kind(n, frozenset((*n, *also.split(), *_COMMON)), data)


_KINDS: dict[str, _Kind] = {
    "presence": _kind("people", "", _presence),
    "tap": _kind("", "", _tap),
    "offering": _kind("material", "mass words", _offering),
    "implant": _kind("at does", "", _implant),
    "vote": _kind("proposal choice", "", _vote),
    "pledge": _kind("pledge", "", _pledge),
    "reaction": _kind("reaction", "", _reaction),
    "speech": _kind("words", "", _speech),
    "sensor": _kind("name reading", "", _sensor),
    "control": _kind("param to", "", _control),
    "cue": _kind("name", "", _cue),
}
KINDS = tuple(_KINDS)


# --- reading ------------------------------------------------------------------------------------------------


def read(raw: object, place: str, known: Vocabulary = ANY, *, timed: bool = False) -> Reading:
    """One event from its fields, or a BioartError that begins with `place`. timed: whether it carries `t`."""
    if not isinstance(raw, Mapping):
        _wrong(place, f"{shown(raw)} is not an event", '{"kind": ..., ...}')
    t = 0.0
    if timed:
        if "t" not in raw:
            _wrong(place, "the field 't' is missing", f"t, 0 to {LATEST:g} s of show time")
        t = _number(raw["t"], 0.0, LATEST, place, "t", " s")
    name = raw.get("kind")
    kind = _KINDS.get(name) if type(name) is str else None
    if kind is None:
        what = f"no kind {shown(name)}" if "kind" in raw else "the field 'kind' is missing"
        _wrong(place, what, _listed(name, KINDS))
    for key in raw:
        if key not in kind.takes and not (timed and key == "t"):
            every = [*(("t",) if timed else ()), *kind.takes]
            _wrong(place, f"no field {shown(key)} in kind '{name}'", _listed(key, every))
    for key in kind.needs:
        if key not in raw:
            _wrong(place, f"the field '{key}' of kind '{name}' is missing", ", ".join(kind.needs))
    who = raw.get("who")
    if who is not None or "who" in raw:
        who = unicodedata.normalize("NFC", _named(who, None, place, "who"))
    zone = raw.get("zone")
    if zone is not None or "zone" in raw:
        zone = _named(zone, known.zones, place, "zone")
    return Reading(t, str(name), who, zone, kind.data(raw, place, known))


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a field stands twice")
    return found


def _not_a_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number")


_decode = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_not_a_number).decode


def read_line(line: str | bytes, place: str, known: Vocabulary = ANY) -> Reading:
    """One line of an event file, as `{"t": 1.5, "kind": "tap", "who": "p"}`; place: `events.jsonl:12`."""
    if len(line) > LONGEST_LINE:
        _wrong(place, f"a line longer than {LONGEST_LINE} bytes", f"at most {LONGEST_LINE}")
    try:
        raw = _decode(line.decode("utf-8") if isinstance(line, bytes) else line)
    except UnicodeDecodeError:
        _wrong(place, "not UTF-8 text", "one JSON object a line, in UTF-8")
    except RecursionError:
        _wrong(place, "nested too deeply", "one flat JSON object a line")
    except ValueError as fault:
        _wrong(place, f"not JSON ({shown(str(fault)).strip(chr(39))})", "one flat JSON object a line")
    return read(raw, place, known, timed=True)


def read_lines(lines: Iterable[bytes | str], name: str, known: Vocabulary = ANY) -> Iterator[Reading]:
    """The events of a file in order. Blank lines are passed over; time that runs backwards is an error."""
    last = 0.0
    for number, line in enumerate(lines, 1):
        if isinstance(line, str):
            line = line.encode("utf-8", "surrogatepass")
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if not line.strip() and len(line) <= LONGEST_LINE:
            continue
        place = f"{name}:{number}"
        reading = read_line(line.rstrip(b"\r\n"), place, known)
        if reading.t < last:
            _wrong(place, f"t {reading.t:g} s runs backwards", f"at least {last:g} s, the line before")
        last = reading.t
        yield reading


def check(event: Event, place: str, known: Vocabulary = ANY, *, trusted: bool = False) -> Event:
    """An event that an input made, checked like anything from outside; its data comes back complete.

    Only a trusted input may say who is present, turn params, call cues, or report for an instrument (a
    `sensor` without `who`): raises BioartError for what another sends.
    """
    alone = event.kind == "sensor" and event.who is None
    if not trusted and (event.kind in TRUSTED or alone):
        _wrong(place, f"'{event.kind}' from '{event.source}'", "only inputs marked trusted may send it")
    raw: dict[str, Any] = {"kind": event.kind, **event.data}
    if event.who is not None:
        raw["who"] = event.who
    if event.zone is not None:
        raw["zone"] = event.zone
    return replace(event, data=read(raw, place, known).data)


def recheck(event: Event, place: str, known: Vocabulary = ANY) -> Event:
    """An event as a recording keeps it: who sent it was looked at then, and refused words may be gone."""
    if event.kind == "speech" and event.data == {"words": ""}:
        return event
    return check(event, place, known, trusted=True)


def write_line(event: Event, rate: int) -> str:
    """The event as a line of an event file, without its end; `t` is the first microsecond of its step.

    Reading it back gives the same step at the same rate: floor(t·rate) = step for any rate below 10⁶.
    """
    micro = -(-event.step * 1_000_000 // rate)
    raw: dict[str, Any] = {"t": micro / 1_000_000, "kind": event.kind}
    if event.who is not None:
        raw["who"] = event.who
    if event.zone is not None:
        raw["zone"] = event.zone
    return json.dumps(raw | dict(event.data), ensure_ascii=False, allow_nan=False)
