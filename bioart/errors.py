"""Faults that carry their place, the value found and what would be allowed.

Parts raise; the stage decides (docs/design.md, "Who decides what happens on a fault").
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BioartError(Exception):
    """The call, a preset or an input is wrong. The command line prints it as one line and exits 2."""

    exit_code = 2


class WorkFailed(BioartError):
    """The call was right and the work failed all the same (disk full, no GL, a lost encoder). Exits 1."""

    exit_code = 1


MALFORMED = (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError, OverflowError)
"""What reading back goes wrong with where a file is whole and its contents are not what they should be."""


def real(value: object, low: float, high: float) -> float:
    """A number that a file told, where it is one and within its range; ValueError where not."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not low <= value <= high:
        raise ValueError(f"{shown(value, 24)} is not a number from {low:g} to {high:g}")
    return float(value)


def whole(value: object, low: int = 0, high: int = 1 << 63) -> int:
    """The same for a whole number."""
    if type(value) is not int or not low <= value <= high:
        raise ValueError(f"{shown(value, 24)} is not a whole number from {low} to {high}")
    return value


def nearest(word: str, known: Iterable[str]) -> str:
    """A '; did you mean ...?' for a misspelt name, or the names that there are.

    >>> nearest("feeed", ["feed", "kill"])
    "; did you mean 'feed'?"
    """
    names = sorted(known)
    close = difflib.get_close_matches(str(word)[:80], names, n=1)
    if close:
        return f"; did you mean '{close[0]}'?"
    return f"; allowed: {', '.join(names)}" if names else ""


def why(fault: Exception) -> str:
    """What the system says of a file that did not open; a name that no file can have is a ValueError."""
    return getattr(fault, "strerror", None) or "no file can have this name"


def shown(value: object, limit: int = 60) -> str:
    """A value as an error may quote it: one line, printable, short."""
    text = repr(value)
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    return "".join(c if c.isprintable() else "�" for c in text)
