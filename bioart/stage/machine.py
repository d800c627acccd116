"""The machine's own facts: `machine.yaml` of the user's configuration folder, read as strictly as a preset.

What stands there never stands in a preset: PIN, opening hours, limits, ports. Without the file everything
has a default, and nobody can leave a kiosk by keyboard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import platformdirs

from bioart.errors import BioartError, nearest, shown, why
from bioart.preset import markup
from bioart.preset.markup import Node, Table

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60  # min
KEYS = ("pin", "chord", "open", "attract", "attract_after", "each", "memory", "health", "spare")
CHORD = ("CTRL", "SHIFT", "K")
MODIFIERS = ("CTRL", "SHIFT", "ALT")
_KEY = re.compile(r"[A-Z]|F([1-9]|1[0-2])")
_HOURS = re.compile(r"([0-9]{1,2}):([0-9]{2}) ?- ?([0-9]{1,2}):([0-9]{2})")
_MEMORY = re.compile(r"([0-9]{1,6}(?:\.[0-9]{1,3})?) ?(MiB|GiB)")
_UNIT = {"MiB": 1 << 20, "GiB": 1 << 30}


@dataclass(frozen=True)
class Machine:
    """What a kiosk does on this machine.

    pin: digits; empty: nobody leaves by keyboard. chord: keys held before it. hours: (day 0–6 from Monday,
    minutes 0–1440 from, until; until ≤ from: past midnight); None: always open. attract: a preset's name or
    path, shown when nobody has given input for attract_after s. each: s of show that a piece of the programme
    runs; None: until its score ends. memory: bytes that the frame process may hold. health: a port on
    loopback, or None. spare: whether a second process waits, ready to take over.
    """

    pin: str = ""
    chord: tuple[str, ...] = CHORD
    hours: tuple[tuple[int, int, int], ...] | None = None
    attract: str = ""
    attract_after: float = 90.0
    each: float | None = None
    memory: int = 2 << 30
    health: int | None = None
    spare: bool = True

    def open_at(self, day: int, minute: float) -> bool:
        """Whether the house is open on a day (0 Monday) at a minute of it (0 to below 1440)."""
        if self.hours is None:
            return True
        for at, begins, ends in self.hours:
            if ends > begins:
                if at == day and begins <= minute < ends:
                    return True
            elif (at == day and minute >= begins) or ((at + 1) % 7 == day and minute < ends):
                return True
        return False

    def told(self) -> dict[str, Any]:
        """As JSON can carry it to another process; `of()` is its inverse."""
        return asdict(self)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Machine:
        hours = told["hours"]
        return cls(
            **{
                **told,
                "chord": tuple(told["chord"]),
                "hours": None if hours is None else tuple((int(a), int(b), int(c)) for a, b, c in hours),
            }
        )


def place() -> Path:
    """Where the file is looked for when nobody names one."""
    return Path(platformdirs.user_config_dir("bioart")) / "machine.yaml"


def load(path: Path | None = None) -> Machine:
    """The machine of a file; of the user's own where None, which need not be there.

    BioartError, `machine.yaml:3:5: ...`, for all that is wrong.
    """
    wanted = place() if path is None else path
    try:
        with wanted.open("rb") as file:
            data = file.read(markup.SIZE + 1)
    except FileNotFoundError:
        if path is None:
            return Machine()
        raise BioartError(f"--machine {path}: does not exist; allowed: a machine.yaml") from None
    except (OSError, ValueError) as fault:
        raise BioartError(f"{wanted}: cannot be read ({why(fault)}); allowed: a machine.yaml") from None
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise BioartError(f"{wanted}: byte {fault.start} is not UTF-8 text; allowed: YAML in UTF-8") from None
    return loads(text, str(wanted))


def loads(text: str, file: str) -> Machine:
    """The machine of a text; file: what errors name, and what a preset's path is beside."""
    if all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines()):
        return Machine()
    top = Table(markup.read(text, file), "the machine", ("kiosk",))
    node = top.get("kiosk")
    if node is None:
        return Machine()
    table = Table(node, "kiosk", KEYS)
    return Machine(
        pin=_pin(table.get("pin")),
        chord=_chord(table.get("chord")),
        hours=_hours(table.get("open")),
        attract=_attract(table, file),
        attract_after=table.seconds("attract_after", 90.0, 5.0, 86400.0),
        each=table.seconds("each", None, 5.0, 7 * 86400.0) if "each" in table else None,
        memory=_memory(table.get("memory")),
        health=table.integer("health", None, 1024, 65535) if "health" in table else None,
        spare=_spare(table.get("spare")),
    )


def _pin(node: Node | None) -> str:
    if node is None:
        return ""
    if not isinstance(node.value, str) or not re.fullmatch(r"[0-9]{4,8}", node.value):
        # never quoted: an error may be read by whoever stands before the machine
        node.fail("'pin' is no PIN; allowed: 4 to 8 digits, in quotes")
    return node.value


def _chord(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return CHORD
    keys = []
    for item in markup.items(node, "'chord'", 4):
        key = item.value.upper() if isinstance(item.value, str) else ""
        if not (key in MODIFIERS or _KEY.fullmatch(key)) or key in keys:
            item.fail(
                f"'chord' has {shown(markup.plain(item))}; allowed: CTRL, SHIFT, ALT, A to Z, F1 to F12, "
                "each once"
            )
        keys.append(key)
    if len(keys) < 2:
        node.fail(f"'chord' has {len(keys)} keys; allowed: 2 to 4, such as [CTRL, SHIFT, K]")
    return tuple(keys)


def _hours(node: Node | None) -> tuple[tuple[int, int, int], ...] | None:
    if node is None:
        return None
    if not isinstance(node.value, dict) or not node.value:
        node.fail(f"'open' is {shown(markup.plain(node))}; allowed: daily or mon to sun, each '09:00-18:00'")
    for key in node.value:
        if key not in ("daily", *DAYS):
            raise BioartError(
                f"{node.key_place(key)}: no day {shown(key)} in open{nearest(key, ('daily', *DAYS))}"
            )
    found = []
    for number, day in enumerate(DAYS):
        told = node.value.get(day, node.value.get("daily"))
        span = None if told is None else _span(told)
        if span is not None:
            found.append((number, *span))
    return tuple(found)


def _span(node: Node) -> tuple[int, int] | None:
    """Minutes of the day from, until; None for a day on which the house stays closed."""
    if node.value == "closed":
        return None
    match = _HOURS.fullmatch(node.value.strip()) if isinstance(node.value, str) else None
    hour, minute, last_hour, last_minute = map(int, match.groups()) if match else (0, 0, 0, 0)
    begins, ends = 60 * hour + minute, 60 * last_hour + last_minute
    if minute >= 60 or last_minute >= 60 or begins >= DAY or ends > DAY or begins == ends:
        node.fail(
            f"'open' is {shown(markup.plain(node))}; allowed: '09:00-18:00', past midnight '18:00-02:00', "
            "closed"
        )
    return begins, ends


def _attract(table: Table, file: str) -> str:
    told = table.words("attract", "", 400)
    path = Path(told)
    beside = path.suffix in (".yaml", ".yml") and not path.is_absolute()
    return str(Path(file).parent / path) if beside else told


def _memory(node: Node | None) -> int:
    if node is None:
        return Machine.memory
    match = _MEMORY.fullmatch(node.value.strip()) if isinstance(node.value, str) else None
    size = int(float(match[1]) * _UNIT[match[2]]) if match else 0
    if not 256 << 20 <= size <= 1 << 40:
        node.fail(f"'memory' is {shown(markup.plain(node))}; allowed: 256 MiB to 1024 GiB, such as '2 GiB'")
    return size


def _spare(node: Node | None) -> bool:
    if node is None:
        return True
    if not isinstance(node.value, bool):
        node.fail(f"'spare' is {shown(markup.plain(node))}; allowed: true or false")
    return node.value
