"""Watching files that somebody edits while the show runs: which have changed since the last look."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

LOOK = 0.4  # s between looks

_Mark = tuple[
    int, int, int
]  # when, how large, which: an editor may write in place or put another in its stead


class Watch:
    """A few files and folders (with what lies in them, by ending)."""

    def __init__(
        self, files: Iterable[Path] = (), folders: Iterable[tuple[Path, tuple[str, ...]]] = ()
    ) -> None:
        """files: each alone. folders: (folder, endings) with everything below."""
        self._files, self._folders = tuple(files), tuple(folders)
        self._marks = self._now()
        self._next = 0.0

    def changed(self, now: float) -> tuple[Path, ...]:
        """Files that are new or other than at the last look, sorted. now: wall time, s; looks every LOOK.

        A file that is gone, as between two moves of an editor, is no change until it is there again.
        """
        if now < self._next:
            return ()
        self._next = now + LOOK
        marks = self._now()
        found = tuple(sorted(path for path, mark in marks.items() if self._marks.get(path) != mark))
        self._marks |= marks
        return found

    def _now(self) -> dict[Path, _Mark]:
        found: dict[Path, _Mark] = {}
        listed = list(self._files)
        for folder, endings in self._folders:
            listed += [path for path in folder.rglob("*") if path.suffix in endings]
        for path in listed:
            try:
                told = path.stat()
            except OSError:
                continue
            found[path] = (told.st_mtime_ns, told.st_size, told.st_ino)
        return found
