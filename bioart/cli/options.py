"""Options that mean the same in every command, told once."""

from __future__ import annotations

import os
import re
import sys
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bioart import clock
from bioart.errors import BioartError, shown

if TYPE_CHECKING:
    from bioart.stage.opening import Order

LARGEST = 16384  # px, the side of the largest texture that GL promises on any desktop

MACHINE = "The machine"  # under which `--help` lists what is the same everywhere
# Numbers come as text and are read below, so that every fault is told in our words.
Threads = Annotated[
    str | None,
    typer.Option(
        "--threads", metavar="N", rich_help_panel=MACHINE, help="Threads of the world, 1 to 256; else all."
    ),
]
Backend = Annotated[
    str,
    typer.Option("--backend", metavar="NAME", rich_help_panel=MACHINE, help="cpu, cuda, vulkan or metal."),
]
Debug = Annotated[
    bool, typer.Option("--debug", rich_help_panel=MACHINE, help="Show where a fault was raised.")
]


def size(text: str | None) -> tuple[int | None, int | None]:
    """`960x540` as (960, 540); None as (None, None). BioartError for anything else."""
    return (None, None) if text is None else picture(text)


def picture(text: str) -> tuple[int, int]:
    """`960x540` as (960, 540). BioartError for anything else."""
    parts = text.lower().split("x")
    if len(parts) != 2 or not all(p.isascii() and p.isdigit() for p in parts):
        raise BioartError(
            f"--size {shown(text)}: not WIDTHxHEIGHT in px; allowed: 16x16 to {LARGEST}x{LARGEST}"
        )
    width, height = int(parts[0]), int(parts[1])
    if not (16 <= width <= LARGEST and 16 <= height <= LARGEST):
        raise BioartError(f"--size {shown(text)}: out of range; allowed: 16x16 to {LARGEST}x{LARGEST}")
    return width, height


def rate(text: str) -> Fraction:
    """`24`, `29.97`, `30000/1001` as an exact rate. BioartError outside 1 to 240."""
    found = Fraction(0)
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9}|/0*[1-9][0-9]{0,8})?", text.strip(), re.ASCII):
        found = clock.frame_rate(text.strip())
    if not 1 <= found <= 240:
        raise BioartError(
            f"--fps {shown(text)}: not a frame rate; allowed: 1 to 240, e.g. 24, 29.97, 30000/1001"
        )
    return found


def seconds(name: str, text: str | None, longest: int = 24 * 3600) -> Fraction | None:
    """`8`, `2.5` or `8s` as a duration > 0 in s, exact. BioartError otherwise."""
    if text is None:
        return None
    plain = text.strip().removesuffix("s").strip()
    found = Fraction(plain) if re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", plain) else Fraction(0)
    if not 0 < found <= longest:
        raise BioartError(
            f"{name} {shown(text)}: not a duration; allowed: more than 0 and at most {longest} s"
        )
    return found


def whole(name: str, text: str | None, low: int, high: int) -> int | None:
    """A whole number within low to high. BioartError otherwise."""
    if text is None:
        return None
    found = int(text) if re.fullmatch(r"-?[0-9]{1,18}", text.strip(), re.ASCII) else low - 1
    if not low <= found <= high:
        raise BioartError(f"{name} {shown(text)}: not a whole number in range; allowed: {low} to {high}")
    return found


def machine(backend: str, threads: str | None) -> None:
    """Start the world's compute as the call wants it. BioartError for an unknown backend or thread count."""
    from bioart.gpu import compute

    compute.start(backend, whole("--threads", threads, 1, 256))


def settings(pairs: list[str] | None) -> dict[str, float]:
    """`name=value` pairs as numbers; what the names mean, the preset says."""
    found: dict[str, float] = {}
    for pair in pairs or []:
        name, equals, value = pair.partition("=")
        try:
            found[name.strip()] = float(value)
        except ValueError:
            equals = ""
        if not equals or not name.strip():
            raise BioartError(f"--set {shown(pair)}: not NAME=NUMBER; e.g. --set light.glow=1.2")
    return found


def writable(path: Path, what: str) -> None:
    """BioartError unless a file could be made at path: its folder is there and lets us write."""
    try:
        folder = path.resolve().parent
        if not folder.is_dir():
            raise BioartError(f"{what} {path}: no folder {folder}; allowed: a file in a folder that is there")
        if path.is_dir():
            raise BioartError(f"{what} {path}: is a folder; allowed: a file's name")
    except (OSError, RuntimeError) as fault:  # a name that is too long, a ring of links
        reason = getattr(fault, "strerror", None) or fault
        raise BioartError(f"{what} {shown(str(path))}: {reason}; allowed: a file's name") from fault
    if not os.access(folder, os.W_OK | os.X_OK):
        raise BioartError(f"{what} {path}: the folder {folder} cannot be written to; allowed: one that can")


def recorded(path: Path | None) -> None:
    """BioartError unless a recording could be made at path, where one is wanted."""
    if path is None:
        return
    if path.suffix != ".bioart":
        raise BioartError(f"--record {path}: a recording's name ends in .bioart")
    writable(path, "--record")


def order(
    piece: str,
    seed: str | None,
    set_: list[str] | None,
    events: Path | None,
    sensors: Path | None,
    input_: list[str] | None,
) -> Order:
    """Which piece, and how it is steered. BioartError for a seed or a setting that is none."""
    from bioart.stage.opening import SEEDS, Order

    number = whole("--seed", seed, 0, SEEDS - 1)
    return Order(piece, number, settings(set_), events, sensors, tuple(input_ or ()))


class Progress:
    """What long work says on stderr. On a terminal: plan, count, end. In a pipe: warnings only."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._alive = sys.stderr.isatty()
        self._began = self._last = clock.now()

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *fault: object) -> None:
        self._clear()

    def __call__(self, done: int, of: int) -> None:
        """Count: done of so many."""
        now = clock.now()
        if not self._alive or (now - self._last < 0.2 and done < of):
            return
        self._last = now
        left = (now - self._began) / done * (of - done)
        self._clear()
        print(f"{self._what}: {done}/{of}, {left:.0f} s left", end="", file=sys.stderr, flush=True)

    def lived(self, share: float) -> None:
        """A world that lives before its show opens has lived this share, 0–1, of its age."""
        now = clock.now()
        if self._alive and now - self._last >= 0.2:
            self._last = now
            self._clear()
            told = f"{self._what}: a new world grows, {100 * share:.0f} %"
            print(told, end="", file=sys.stderr, flush=True)

    def say(self, line: str) -> None:
        """For who watches."""
        if self._alive:
            self.warn(line)

    def warn(self, line: str) -> None:
        """For who watches, and for the log of who does not."""
        self._clear()
        print(f"bioart: {line}", file=sys.stderr, flush=True)

    def _clear(self) -> None:
        if self._alive:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
