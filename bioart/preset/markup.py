"""Strict YAML: every value knows its line and column, and no file can make reading it long.

A preset may come from anybody. Loaders that build objects from YAML expand aliases without bound and
recurse as deep as the file asks, so here the flat stream of parser events is read with an own stack:
at most 64 KiB, 20 levels, 8,000 values; no anchors, aliases, tags or directives, one document, no key
twice. Plain words are read as YAML 1.2's core schema has it: `yes` and `on` are words, `1e3` is a number.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from bioart.errors import BioartError, nearest, shown
from bioart.param import Param

SIZE = 64 * 1024  # bytes
DEPTH = 20
NODES = 8000

_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE, _FALSE = re.compile(r"true|True|TRUE"), re.compile(r"false|False|FALSE")
_INT = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]{1,40}|[0-9]{1,40}(\.[0-9]{0,40})?)([eE][-+]?[0-9]{1,4})?")
_SPECIAL = {".nan": math.nan, ".inf": math.inf, "+.inf": math.inf, "-.inf": -math.inf}
_TIME = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*(ms|s|min|h)")
_UNIT = {"ms": 0.001, "s": 1.0, "min": 60.0, "h": 3600.0}


@dataclass(frozen=True)
class Node:
    """One value with its place. value: dict[str, Node], list[Node], str, int, float, bool or None."""

    value: Any
    file: str
    line: int
    column: int
    keys: dict[str, tuple[int, int]] = field(default_factory=dict)  # of a mapping: where each key stands

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"

    def key_place(self, key: str) -> str:
        line, column = self.keys.get(key, (self.line, self.column))
        return f"{self.file}:{line}:{column}"

    def fail(self, message: str) -> NoReturn:
        raise BioartError(f"{self.place}: {message}")


def read(text: str, file: str) -> Node:
    """The one document in a text as a tree of nodes, or a BioartError of one line `file:line:column: ...`."""
    file = "".join(c if c.isprintable() else "�" for c in file)
    if len(text.encode("utf-8", "surrogatepass")) > SIZE:
        raise BioartError(f"{file}: longer than a preset may be; allowed: {SIZE // 1024} KiB")
    try:
        return _Composer(file).compose(text.removeprefix("\ufeff"))
    except MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        at = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark is not None else file
        raise BioartError(f"{at}: not YAML: {_line(fault.problem or fault.context or fault)}") from None
    except (YAMLError, ValueError, IndexError, KeyError, TypeError, AttributeError) as fault:
        # the scanner lets an escape beyond Unicode, and the like, out as these
        raise BioartError(f"{file}: not YAML: {_line(fault)}") from None


def _line(fault: object) -> str:
    return shown(" ".join(str(fault).split()), 120).strip("'\"")


class _Composer:
    """Events into nodes, without recursion."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.open: list[tuple[Node, str | None]] = []  # containers being filled, and a mapping's waiting key
        self.root: Node | None = None
        self.count = 0

    def compose(self, text: str) -> Node:
        documents = 0
        for event in YAML(typ="safe", pure=True).parse(text):
            kind = type(event).__name__
            if kind == "DocumentStartEvent":
                documents += 1
                if documents > 1:
                    self._refuse(event, "a second document; allowed: one")
                if event.version or event.tags:
                    self._refuse(event, "a directive (%); allowed: none")
            elif kind == "AliasEvent":
                self._refuse(event, "an alias (*); write the value again")
            elif kind == "ScalarEvent":
                self._plain(event)
                self._add(event, _scalar(event) if self._is_value() else str(event.value))
            elif kind in ("MappingStartEvent", "SequenceStartEvent"):
                self._plain(event)
                if not self._is_value():
                    self._refuse(event, "a list or mapping as a key; allowed: a word")
                if len(self.open) >= DEPTH:
                    self._refuse(event, f"nested deeper than {DEPTH} levels")
                node = self._add(event, {} if kind == "MappingStartEvent" else [])
                self.open.append((node, None))
            elif kind in ("MappingEndEvent", "SequenceEndEvent"):
                self.open.pop()
        if self.root is None:
            raise BioartError(f"{self.file}: empty; a preset begins with 'bioart: 1'")
        return self.root

    def _is_value(self) -> bool:
        return not (self.open and isinstance(self.open[-1][0].value, dict) and self.open[-1][1] is None)

    def _add(self, event: Any, value: Any) -> Node:
        self.count += 1
        if self.count > NODES:
            self._refuse(event, f"more than {NODES} values")
        mark = event.start_mark
        node = Node(value, self.file, mark.line + 1, mark.column + 1)
        if not self.open:
            self.root = node
            return node
        parent, key = self.open[-1]
        if isinstance(parent.value, list):
            parent.value.append(node)
        elif key is None:
            if value in parent.value:
                first = parent.keys[value]
                self._refuse(event, f"key {shown(value)} twice; it stands already in line {first[0]}")
            parent.keys[value] = (node.line, node.column)
            self.open[-1] = (parent, value)
        else:
            parent.value[key] = node
            self.open[-1] = (parent, None)
        return node

    def _plain(self, event: Any) -> None:
        if event.anchor is not None:
            self._refuse(event, "an anchor (&); write the value again")
        # an untagged node's tag is None, or one that only says 'plain' or 'quoted'
        if event.tag is not None:
            self._refuse(event, "a tag (!); allowed: none")

    def _refuse(self, event: Any, message: str) -> NoReturn:
        mark = event.start_mark
        raise BioartError(f"{self.file}:{mark.line + 1}:{mark.column + 1}: {message}")


def _scalar(event: Any) -> Any:
    text = str(event.value)
    if event.style not in (None, ""):  # quoted or block: always words
        return text
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text):
        return True
    if _FALSE.fullmatch(text):
        return False
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return _SPECIAL.get(text.lower(), text)


# -- typed reading -----------------------------------------------------------------------------------


class Table:
    """A mapping under a schema: unknown keys are refused on opening, each value is read once by type.

    what: how an error names it ("growth 'skin'"); noun: what it calls a key of it ("key", "param").
    """

    def __init__(self, node: Node, what: str, allowed: tuple[str, ...], noun: str = "key") -> None:
        if not isinstance(node.value, dict):
            node.fail(f"{what} is {shown(plain(node))}; allowed: a mapping of {', '.join(allowed[:12])}")
        for key in node.value:
            if key not in allowed:
                hint = nearest(key, allowed)
                raise BioartError(f"{node.key_place(key)}: no {noun} {shown(key)} in {what}{hint}")
        self.node, self.what = node, what

    def __contains__(self, key: str) -> bool:
        return key in self.node.value

    def get(self, key: str) -> Node | None:
        found: Node | None = self.node.value.get(key)
        return found

    def need(self, key: str) -> Node:
        found = self.get(key)
        if found is None:
            self.node.fail(f"{self.what} lacks {key!r}")
        return found

    def place(self, key: str) -> str:
        return self.node.key_place(key)

    def number(self, key: str, default: float | None, low: float, high: float, unit: str = "") -> float:
        node = self.need(key) if default is None else self.get(key)
        return float(default or 0.0) if node is None else number(node, f"{key!r}", low, high, unit)

    def integer(self, key: str, default: int | None, low: int, high: int, unit: str = "") -> int:
        node = self.need(key) if default is None else self.get(key)
        return int(default or 0) if node is None else integer(node, f"{key!r}", low, high, unit)

    def words(self, key: str, default: str | None, longest: int = 80) -> str:
        node = self.need(key) if default is None else self.get(key)
        return str(default) if node is None else words(node, f"{key!r}", longest)

    def one_of(self, key: str, default: str | None, allowed: tuple[str, ...]) -> str:
        node = self.need(key) if default is None else self.get(key)
        return str(default) if node is None else one_of(node, f"{key!r}", allowed)

    def seconds(self, key: str, default: float | None, low: float, high: float) -> float:
        node = self.need(key) if default is None else self.get(key)
        return float(default or 0.0) if node is None else seconds(node, f"{key!r}", low, high)

    def items(self, key: str, most: int = 64) -> list[Node]:
        node = self.get(key)
        return [] if node is None else items(node, f"{key!r}", most)

    def entries(self, key: str, most: int = 64) -> dict[str, Node]:
        node = self.get(key)
        return {} if node is None else entries(node, f"{key!r}", most)


def plain(node: Node) -> Any:
    """A node's value as an error may quote it: containers by their kind only."""
    if isinstance(node.value, dict):
        return "a mapping"
    return "a list" if isinstance(node.value, list) else node.value


def number(node: Node, what: str, low: float, high: float, unit: str = "") -> float:
    return Param(low, low, high, unit, "").check(_numeric(node, what), f"{node.place}: {what}")


def _numeric(node: Node, what: str) -> object:
    if isinstance(node.value, (dict, list)):
        node.fail(f"{what} is {plain(node)}; allowed: a number")
    return node.value


def of_param(node: Node, param: Param, full: str) -> float:
    """A value of a param, checked against its range."""
    return param.check(_numeric(node, full), f"{node.place}: {full}")


def integer(node: Node, what: str, low: int, high: int, unit: str = "") -> int:
    value = number(node, what, low, high, unit)
    if value != int(value):
        node.fail(f"{what} is {shown(node.value)}; allowed: a whole number, {low} to {high}")
    return int(value)


def words(node: Node, what: str, longest: int = 80) -> str:
    """Printable words of one line. Numbers are taken as they were written only when quoted."""
    value = node.value
    if not isinstance(value, str):
        node.fail(f"{what} is {shown(plain(node))}; allowed: words")
    value = " ".join(value.split())
    if not value or len(value) > longest or not value.isprintable():
        node.fail(f"{what} is {shown(value)}; allowed: 1 to {longest} printable characters")
    return value


def one_of(node: Node, what: str, allowed: tuple[str, ...]) -> str:
    value = node.value
    if not isinstance(value, str) or value not in allowed:
        node.fail(f"no {what} {shown(plain(node))}{nearest(str(value), allowed)}")
    return value


def seconds(node: Node, what: str, low: float, high: float) -> float:
    """A length of show time, `20 s` or `1.5 min`, in s."""
    value = node.value
    found = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        node.fail(f"{what} is {shown(plain(node))}; allowed: a time such as '20 s' or '1.5 min'")
    t = float(found[1]) * _UNIT[found[2]]
    if not low <= t <= high:
        node.fail(f"{what} is {shown(value)}; allowed: {low:g} s to {high:g} s")
    return t


def numbers(node: Node, what: str, count: int, low: float, high: float, unit: str = "") -> tuple[float, ...]:
    if not isinstance(node.value, list) or len(node.value) != count:
        node.fail(f"{what} is {shown(plain(node))}; allowed: a list of {count} numbers")
    return tuple(number(n, what, low, high, unit) for n in node.value)


def items(node: Node, what: str, most: int = 64) -> list[Node]:
    if not isinstance(node.value, list):
        node.fail(f"{what} is {shown(plain(node))}; allowed: a list")
    if len(node.value) > most:
        node.fail(f"{what} has {len(node.value)} entries; allowed: {most}")
    return node.value


_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def entries(node: Node, what: str, most: int = 64) -> dict[str, Node]:
    """A mapping whose keys are names that the preset gives."""
    if not isinstance(node.value, dict):
        node.fail(f"{what} is {shown(plain(node))}; allowed: a mapping")
    if len(node.value) > most:
        node.fail(f"{what} has {len(node.value)} entries; allowed: {most}")
    for key in node.value:
        if not _NAME.fullmatch(key):
            allowed = "a small letter, then at most 39 of a-z 0-9 - _"
            raise BioartError(f"{node.key_place(key)}: name {shown(key)} in {what}; allowed: {allowed}")
    return node.value
