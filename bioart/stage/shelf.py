"""The shelf: where recordings lie, how many fit on it, and whose it is."""

from __future__ import annotations

import contextlib
import shutil
import sqlite3
from pathlib import Path

from bioart.errors import WorkFailed

RESERVE = 1 << 30  # bytes that stay free for the rest of the machine


def prune(folder: Path, quota: int, spared: set[Path], reserve: int = RESERVE) -> None:
    """Remove a kiosk's oldest recordings until those that are left hold at most `quota` bytes and the disk
    has `reserve` bytes free."""
    files = sorted((p for p in folder.glob("kiosk-*.bioart*") if p.is_file()), key=touched)
    sizes = {p: p.stat().st_size for p in files}
    total = sum(sizes.values())
    total = max(total, quota + reserve - shutil.disk_usage(folder).free)
    kept = {p.name for p in spared}
    for path in files:
        if total <= quota:
            return
        if path.name.removesuffix("-wal").removesuffix("-shm") not in kept:
            path.unlink(missing_ok=True)
            total -= sizes[path]


def touched(path: Path) -> float:
    """When a file, or the log beside it, was written last."""
    log = path.with_name(path.name + "-wal")
    return max(path.stat().st_mtime, log.stat().st_mtime if log.exists() else 0.0)


def free(folder: Path, stem: str) -> Path:
    path, number = folder / f"{stem}.bioart", 2
    while path.exists() or path.with_name(path.name + ".part").exists():
        path, number = folder / f"{stem}-{number}.bioart", number + 1
    return path


def alone(folder: Path) -> sqlite3.Connection | None:
    """Nobody else's kiosk records in this folder while this is held; the system lets it go with the process.
    WorkFailed where another does; None where the folder cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        held = sqlite3.connect(folder / "kiosk.lock", timeout=8.0, isolation_level=None)
    except (OSError, sqlite3.Error):
        return None
    try:
        held.execute("begin exclusive")
    except sqlite3.Error as fault:
        held.close()
        if "locked" in str(fault):
            raise WorkFailed(f"{folder}: another kiosk records there; allowed: a folder of its own") from None
        if not isinstance(fault, sqlite3.OperationalError):  # damaged: there is nothing in it to be kept
            with contextlib.suppress(OSError):
                (folder / "kiosk.lock").unlink()
        return None
    return held
