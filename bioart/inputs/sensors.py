"""Readings from a CSV file: `--sensors FILE.csv`, or the file that the preset's `sensors` entry names."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

from bioart.errors import BioartError, nearest, shown, why
from bioart.events import Event
from bioart.inputs import Input, Setting

MOST = 64 << 20  # bytes
MISSING = frozenset({"", "NA", "N/A", "na", "n/a", "null", "NULL"})
_SAID = "a number, or NA where a reading is missing"


class Table:
    """A CSV file with a head, strictly read. place(row) names a data row as an editor counts its line."""

    def __init__(self, path: Path) -> None:
        self.name = path.name
        try:
            size = path.stat().st_size
            raw = path.read_bytes() if size <= MOST else b""
        except (OSError, ValueError) as fault:
            raise BioartError(f"{shown(str(path), 300)[1:-1]}: {why(fault)}; allowed: a CSV file") from None
        if size > MOST:
            raise BioartError(f"{self.name}: {size >> 20} MiB; allowed: at most {MOST >> 20} MiB")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise BioartError(f"{self.name}: not text; allowed: CSV in UTF-8") from None
        if "\0" in text:
            raise BioartError(f"{self.name}: not text (it holds zero bytes); allowed: CSV in UTF-8")
        self.rows: list[list[str]] = []
        self._lines: list[int] = []
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            for row in reader:
                if row:
                    self.rows.append([cell.strip() for cell in row])
                    self._lines.append(reader.line_num)
        except csv.Error as fault:
            raise BioartError(
                f"{self.name}:{reader.line_num}: {fault}; allowed: CSV, comma-separated"
            ) from None
        if len(self.rows) < 2:
            raise BioartError(f"{self.name}: no data; allowed: a line of column names and at least one row")
        self.columns = self.rows.pop(0)
        self._lines.pop(0)

    def place(self, row: int) -> str:
        return f"{self.name}:{self._lines[row]}"

    def column(self, name: str) -> list[str]:
        """A column's cells. Raises BioartError where the file, or one of its rows, has no such column."""
        if self.columns.count(name) != 1:
            often = "no" if name not in self.columns else "more than one"
            raise BioartError(
                f"{self.name}:1: {often} column {shown(name)}{nearest(name, set(self.columns))}"
            )
        at = self.columns.index(name)
        for i, row in enumerate(self.rows):
            if len(row) != len(self.columns):
                raise BioartError(
                    f"{self.place(i)}: {len(row)} cells; allowed: {len(self.columns)}, as the head has"
                )
        return [row[at] for row in self.rows]


def _number(cell: str, place: str, column: str) -> float:
    try:
        # float() also takes 1_000 and digits of other scripts, which no sensor writes
        value = float(cell) if cell.isascii() and "_" not in cell else math.nan
    except ValueError:
        value = math.nan
    if not -1e9 <= value <= 1e9:
        raise BioartError(f"{place}: {shown(cell)} in column '{column}'; allowed: {_SAID}")
    return value


def _get(entry: Any, name: str, default: Any = None) -> Any:
    return entry.get(name, default) if isinstance(entry, Mapping) else getattr(entry, name, default)


def readings(table: Table, name: str, entry: Any, nominal: float, rate: int) -> list[tuple[int, float]]:
    """(step, reading) wherever the reading changes.

    Row i of the n used rows begins at i·T/n of show time, T the length that they span: the entry's `lasts`,
    or else the score's nominal length. A missing reading holds the last (`gap: hold`), or lies on the line
    between its neighbours (`gap: linear`).
    """
    column = _get(entry, "column")
    cells = table.column(column)
    first, end = _get(entry, "rows") or (0, len(cells))
    if not 0 <= first < end <= len(cells):
        raise BioartError(
            f"sensor '{name}': rows {first} to {end} of {table.name}; allowed: within 0 to {len(cells)}"
        )
    _runs_forward(table, [table.column(c) for c in _get(entry, "time") or ()], range(first, end))
    values = [
        None if cells[i] in MISSING else _number(cells[i], table.place(i), column) for i in range(first, end)
    ]
    if all(v is None for v in values):
        raise BioartError(
            f"sensor '{name}': no reading in rows {first} to {end} of {table.name}; allowed: {_SAID}"
        )
    filled = _linear(values) if _get(entry, "gap", "hold") == "linear" else _hold(values)
    span = Fraction(str(_get(entry, "lasts") or nominal))
    found: list[tuple[int, float]] = []
    for i, value in enumerate(filled):
        if value is None:
            continue
        step = (i * span * rate / len(filled)).__floor__()
        if found and found[-1][0] == step:
            found.pop()  # more rows than steps: the last in a step is what stands
        if not found or found[-1][1] != value:
            found.append((step, value))
    return found


def _runs_forward(table: Table, times: Sequence[list[str]], rows: range) -> None:
    last: list[float] = []
    for i in rows:
        now = [_number(column[i], table.place(i), "time") for column in times]
        if times and last and now <= last:
            raise BioartError(f"{table.place(i)}: time does not run forward; allowed: rows in order of time")
        last = now


def _hold(values: Sequence[float | None]) -> list[float | None]:
    held: list[float | None] = []
    for v in values:
        held.append(v if v is not None or not held else held[-1])
    return held


def _linear(values: Sequence[float | None]) -> list[float | None]:
    filled = list(values)
    known = [i for i, v in enumerate(values) if v is not None]
    for a, b in pairwise(known):
        va, vb = values[a], values[b]
        assert va is not None
        assert vb is not None
        for i in range(a + 1, b):
            filled[i] = va + (vb - va) * (i - a) / (b - a)
    return _hold(filled)


class Sensors(Input):
    """Every sensor of the preset, replayed from a CSV file over the length of the score."""

    trusted = True  # the operator or the preset named the file
    repeats = True

    def __init__(self, option: str, setting: Setting) -> None:
        columns = {name: entry for name, entry in setting.sensors.items() if _get(entry, "column")}
        if not columns:
            raise BioartError("input 'sensors': the preset names no column to read; allowed: one that does")
        tables: dict[str, Table] = {}
        due: list[tuple[int, str, float]] = []
        for name, entry in columns.items():
            file = option or _get(entry, "file") or ""
            if not file:
                raise BioartError(f"sensor '{name}': no file; allowed: sensors:FILE.csv")
            if file not in tables:
                tables[file] = Table(Path(option) if option else setting.beside(file))
            found = readings(tables[file], name, entry, setting.nominal, setting.rate)
            due += [(step, name, value) for step, value in found]
        order = {name: i for i, name in enumerate(columns)}
        due.sort(key=lambda d: (d[0], order[d[1]]))
        self._events = [
            Event(step, seq, "sensors", "sensor", data={"name": name, "reading": value})
            for seq, (step, name, value) in enumerate(due)
        ]
        self._next = 0

    def poll(self, step: int) -> Iterable[Event]:
        events, due = self._events, []
        while self._next < len(events) and events[self._next].step <= step:
            if events[self._next].step == step:
                due.append(events[self._next])
            self._next += 1
        return due

    def close(self) -> None:
        self._events = []
