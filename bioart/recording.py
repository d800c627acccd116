"""Recordings: one SQLite file per show (`*.bioart`), its own journal.

A writer thread of its own commits in groups at most 250 ms apart (WAL, synchronous=FULL); closing checkpoints
the file into one. Events and digests are keyed (run, step): a restore never rewrites, it opens a new run.
Nothing here knows a world: states are named arrays, digests 64-bit numbers.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import queue
import sqlite3
import struct
import threading
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bioart import clock
from bioart.errors import BioartError, WorkFailed, shown, whole
from bioart.events import Event

FORMAT = 1
APPLICATION = 0x62696F41  # "bioA", so that `file` and we know our own
COMMIT = 0.25  # s, the longest that an acknowledged row waits for the disk
KEPT = 6  # newest snapshots kept; then one an hour for a day; and the first

State = dict[str, np.ndarray]

_TABLES = """
create table meta (key text primary key, value text not null) without rowid;
create table runs (run integer primary key, from_run integer, from_step integer);
create table events (run integer, step integer, source text, seq integer, kind text, who text, zone text,
                     data text not null, primary key (run, step, source, seq)) without rowid;
create table digests (run integer, step integer, digest integer not null,
                      primary key (run, step)) without rowid;
create table snapshots (run integer, step integer, made real, sha256 text not null, state blob not null,
                        primary key (run, step));
create table take (step integer, name text, body blob not null, primary key (name, step)) without rowid;
"""


_EVENT = "insert or ignore into events values (?,?,?,?,?,?,?,?)"


@dataclass(frozen=True)
class Run:
    """One unbroken stretch of a show: which run and step it started from (None for the first)."""

    run: int
    from_run: int | None
    from_step: int | None


# -- states as bytes ---------------------------------------------------------------------------------------


def pack(state: State) -> bytes:
    """Named arrays as bytes, bit for bit: a JSON head, then each array, zlib level 1."""
    head, bodies = [], []
    for name in sorted(state):
        array = np.ascontiguousarray(state[name])
        body = zlib.compress(array.tobytes(), 1)
        head.append([name, array.dtype.str, array.shape, len(body)])
        bodies.append(body)
    told = json.dumps(head).encode()
    return struct.pack("<I", len(told)) + told + b"".join(bodies)


def unpack(blob: bytes) -> State:
    """The inverse of pack(). Raises BioartError on a blob that is not one."""
    try:
        (size,) = struct.unpack_from("<I", blob)
        place, state = 4 + size, {}
        for name, dtype, shape, length in json.loads(blob[4:place]):
            size = math.prod(shape) * np.dtype(dtype).itemsize
            # no more than what the head promises: a forged blob shall not fill the memory
            raw = zlib.decompressobj().decompress(blob[place : place + length], size + 1)
            state[name] = np.frombuffer(raw, np.dtype(dtype)).reshape(shape).copy()
            place += length
    except (struct.error, ValueError, TypeError, OverflowError, MemoryError, zlib.error) as fault:
        raise BioartError(f"snapshot: damaged ({fault})") from fault
    return state


def signed(digest: int) -> int:
    """A 64-bit digest as SQLite keeps it."""
    return digest - (1 << 64) if digest >= 1 << 63 else digest


# -- writing -----------------------------------------------------------------------------------------------


class Recorder:
    """Writes one recording. Calls return at once; `flush()` waits until everything so far is on the disk.

    The file grows under `<path>.part` and takes its name at `close()`; a show that dies leaves the part,
    which opens like any recording up to the last commit.
    """

    def __init__(self, path: Path, meta: Mapping[str, str], keep: bool = False) -> None:
        """meta: preset, seed, fingerprint and what else a replay needs. keep: leave the part where the disk
        fails, as far as it has come, else nothing. WorkFailed where it cannot write."""
        self._named(path, keep)
        try:
            set_aside(self.part)
        except OSError as fault:
            raise WorkFailed(f"{path}: cannot record there ({_reason(fault)})") from fault
        try:
            self._base = sqlite3.connect(self.part, check_same_thread=False, isolation_level=None)
            # before the log begins: who finds the file after a crash knows it by its own head
            self._base.execute(f"pragma application_id={APPLICATION}")
            self._base.execute(f"pragma user_version={FORMAT}")
            self._base.execute("pragma journal_mode=wal")
            self._base.execute("pragma synchronous=full")
            self._base.executescript(_TABLES)
            rows = {"format": str(FORMAT), "made": str(int(clock.date())), **meta}
            self._base.executemany("insert into meta values (?, ?)", rows.items())
            self._base.execute("insert into runs values (0, null, null)")
            self._start(0)
        except (sqlite3.Error, OSError) as fault:
            self._discard()
            raise WorkFailed(f"{path}: cannot record there ({_reason(fault)})") from fault
        except BaseException:  # interrupted here, nobody else knows of the file yet
            self._queue.put(None)  # its writer, where it has begun, ends and never touches the file
            self._discard()
            raise

    @classmethod
    def resume(cls, path: Path) -> Recorder:
        """Go on in the recording of a show whose process has died: in its part, or in the file that it was
        closed into. What follows belongs to the run that was last until `begin_run()` opens the next.

        Nobody else may be writing to it. BioartError for what is no recording, WorkFailed where it cannot be
        written to; either leaves the file as it is.
        """
        self = cls.__new__(cls)
        self._named(path, keep=True)
        try:
            if not self.part.exists() and path.exists():
                os.replace(path, self.part)
        except OSError as fault:
            raise WorkFailed(f"{path}: cannot record there ({_reason(fault)})") from fault
        Recording(self.part, whole=False).close()
        try:
            # `rw`: never makes a file. The log of the process that died is folded in as it opens.
            uri = f"{self.part.resolve().as_uri()}?mode=rw"
            self._base = sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None)
        except (sqlite3.Error, OSError) as fault:
            raise WorkFailed(f"{path}: cannot record there ({_reason(fault)})") from fault
        try:
            self._base.execute("pragma journal_mode=wal")
            self._base.execute("pragma synchronous=full")
            (last,) = self._base.execute("select max(run) from runs").fetchone()
        except (sqlite3.Error, OSError) as fault:
            self._base.close()
            raise WorkFailed(f"{path}: cannot record there ({_reason(fault)})") from fault
        self._start(int(last))
        return self

    def _named(self, path: Path, keep: bool) -> None:
        self.path = path
        self.part = path.with_name(path.name + ".part")
        self.lost = False  # whether the disk has failed it
        self._keeps = keep
        self._queue: queue.Queue[tuple[str, Any] | None] = queue.Queue(maxsize=4096)
        self._fault: Exception | None = None
        self._idle = threading.Event()
        self._sealed = False

    def _start(self, run: int) -> None:
        self.run = run
        self._thread = threading.Thread(target=self._write, name="recorder", daemon=True)
        self._thread.start()

    def event(self, event: Event) -> None:
        self._put(_EVENT, self._told(event))

    def _told(self, event: Event) -> tuple[Any, ...]:
        data = json.dumps(dict(event.data), sort_keys=True, ensure_ascii=False)
        return (self.run, event.step, event.source, event.seq, event.kind, event.who, event.zone, data)

    def digest(self, step: int, digest: int) -> None:
        self._put("insert or replace into digests values (?,?,?)", (self.run, step, signed(digest)))

    def snapshot(self, step: int, state: State) -> None:
        """Keep a state; packed and hashed by the writer. The arrays must not change afterwards."""
        self._put("snapshot", (self.run, step, state))

    def take(self, step: int, name: str, body: bytes) -> None:
        self._put("insert or replace into take values (?,?,?)", (step, name, body))

    def begin_run(self, from_run: int, from_step: int, again: Iterable[Event] = ()) -> None:
        """A restore: what follows is run r + 1, starting from a snapshot.

        again: events that are to act in it at their steps. They become its own in the same commit, so that
        none is lost where this run too ends before it has reached them.
        """
        self.run += 1
        self._put("run", ((self.run, from_run, from_step), [self._told(event) for event in again]))

    def flush(self) -> None:
        """Wait until all so far is durable. Raises WorkFailed if the disk failed."""
        self._idle.clear()
        self._put("flush", None)
        while not self._idle.wait(0.05):
            if not self._thread.is_alive():
                break
        self._complain()

    def seal(self) -> None:
        """Write everything and fold the journal into the file; nothing can be added after, the name comes
        with `close()`. Idempotent. WorkFailed if the disk failed."""
        if self._sealed:
            return
        self._stop()
        self._complain()
        try:
            self._base.execute("pragma wal_checkpoint(truncate)")
            self._base.execute("pragma journal_mode=delete")
            self._base.close()
        except (sqlite3.Error, OSError) as fault:
            raise self._failed("cannot finish the recording", fault) from fault
        self._sealed = True

    def close(self) -> None:
        """Seal the file and give it its name."""
        self.seal()
        try:
            os.replace(self.part, self.path)
        except OSError as fault:
            raise self._failed("cannot finish the recording", fault) from fault

    def _failed(self, what: str, fault: Exception) -> WorkFailed:
        """The disk has failed it: what is there stays where that was asked for, and it is said."""
        self.leave() if self._keeps else self.abandon()
        left = f"; until then it is in {self.part.name}" if self._keeps else ""
        return WorkFailed(f"{self.path}: {what} ({_reason(fault)}){left}")

    def leave(self) -> None:
        """Stop and leave the part as it is: it opens like any recording, and `resume()` goes on in it."""
        self._stop()
        with contextlib.suppress(sqlite3.Error, OSError):
            self._base.close()

    def abandon(self) -> None:
        """Stop and leave nothing."""
        self._stop()
        self._discard()

    def _discard(self) -> None:
        with contextlib.suppress(sqlite3.Error, OSError, AttributeError):  # it may never have been opened
            self._base.close()
        for left in (self.part, *_companions(self.part)):
            with contextlib.suppress(OSError):
                left.unlink(missing_ok=True)

    def _put(self, what: str, row: Any) -> None:
        self._complain()
        while True:
            try:
                self._queue.put((what, row), timeout=1)
                return
            except queue.Full:
                self._complain()

    def _complain(self) -> None:
        if self._fault is not None:
            fault, self._fault = self._fault, None
            self.lost = True
            raise self._failed("cannot record", fault) from fault

    def _stop(self) -> None:
        if self._thread.is_alive():
            self._queue.put(None)
            self._thread.join()

    def _write(self) -> None:
        """The writer thread: groups rows, commits at most COMMIT apart."""
        going = True
        while going:
            try:
                item = self._queue.get()
                if item is None:  # nothing waits to be written: leave the file alone, it may be closing
                    return
                deadline = clock.now() + COMMIT
                self._base.execute("begin immediate")
                flushed = False
                while True:
                    if item is None:
                        going = False
                        break
                    what, row = item
                    if what == "flush":
                        flushed = True
                        break
                    self._row(what, row)
                    try:
                        item = self._queue.get(timeout=max(0.0, deadline - clock.now()))
                    except queue.Empty:
                        break
                self._base.execute("commit")
                if flushed:
                    self._idle.set()
            except Exception as fault:  # whatever it is, it is told to who calls next
                self._fault = fault  # never commit to this file again: a failed fsync is not to be retried
                going = False
                self._drain()

    def _drain(self) -> None:
        while True:
            try:
                self._queue.get_nowait()
            except queue.Empty:
                return

    def _row(self, what: str, row: Any) -> None:
        if what == "run":
            self._base.execute("insert into runs values (?,?,?)", row[0])
            self._base.executemany(_EVENT, row[1])
            return
        if what != "snapshot":
            self._base.execute(what, row)
            return
        run, step, state = row
        blob = pack(state)
        made = clock.date()
        self._base.execute(
            "insert or replace into snapshots values (?,?,?,?,?)",
            (run, step, made, hashlib.sha256(blob).hexdigest(), blob),
        )
        self._thin()

    def _thin(self) -> None:
        """The order is that of what was lived, as a clock may be set back; only hours are the clock's."""
        rows = self._base.execute("select run, step, made from snapshots order by run desc, step desc")
        hours: set[int] = set()
        kept = rows.fetchall()
        for index, (run, step, made) in enumerate(kept):
            hour = int(made // 3600)
            fresh = index < KEPT or index == len(kept) - 1
            hourly = hour not in hours and abs(clock.date() - made) < 86400
            hours.add(hour)
            if not (fresh or hourly):
                self._base.execute("delete from snapshots where run=? and step=?", (run, step))


def set_aside(part: Path) -> None:
    """What a show that died has left under this name is kept under another: `a.bioart.part` becomes
    `a~1.bioart.part`. OSError where that cannot be."""
    if not part.exists():
        for left in _companions(part):
            left.unlink(missing_ok=True)
        return
    stem, number = part.name.removesuffix(".bioart.part"), 1
    while (free := part.with_name(f"{stem}~{number}.bioart.part")).exists():
        number += 1
    for old, new in zip((part, *_companions(part)), (free, *_companions(free)), strict=True):
        if old.exists():
            os.replace(old, new)


def _companions(path: Path) -> tuple[Path, Path, Path]:
    return tuple(path.with_name(path.name + tail) for tail in ("-wal", "-shm", "-journal"))  # type: ignore[return-value]


def _reason(fault: Exception) -> str:
    return (getattr(fault, "strerror", None) or str(fault) or type(fault).__name__).strip()


# -- reading -----------------------------------------------------------------------------------------------


class Recording:
    """A recording, opened for reading only."""

    def __init__(self, path: Path, whole: bool = True) -> None:
        """Raises BioartError where the file is missing, foreign, truncated, or of a newer format.

        whole: look at every page of it, which takes as long as reading it all; else only at what is asked.
        """
        self.path, self._whole = path, whole
        try:
            with path.open("rb") as file:
                head = file.read(100)
        except OSError as fault:
            raise BioartError(f"{path}: cannot be read ({fault.strerror})") from fault
        if head[:16] != b"SQLite format 3\0" or len(head) < 100:
            raise BioartError(f"{path}: not a bioart recording (no such header); allowed: a *.bioart file")
        alone = not _companions(path)[0].exists()
        if struct.unpack(">I", head[68:72])[0] != APPLICATION:
            raise BioartError(f"{path}: a database of another program; allowed: a recording made by bioart")
        page, pages = struct.unpack(">H", head[16:18])[0], struct.unpack(">I", head[28:32])[0]
        if alone and path.stat().st_size < (page if page > 1 else 65536) * pages:
            raise BioartError(f"{path}: cut short; allowed: a whole recording")
        # A closed recording is one file: immutable, so that reading leaves no companions beside it.
        uri = f"{path.resolve().as_uri()}?mode=ro{'&immutable=1' if alone else ''}"
        try:
            self._base = sqlite3.connect(uri, uri=True)
        except sqlite3.Error as fault:
            raise BioartError(f"{path}: cannot be read ({_reason(fault)})") from fault
        try:
            self.meta = self._examined()
        except (sqlite3.Error, KeyError, TypeError, ValueError) as fault:
            self.close()
            raise BioartError(
                f"{path}: damaged or cut short ({_reason(fault)}); allowed: a whole recording"
            ) from fault
        except BioartError:
            self.close()
            raise

    def _examined(self) -> dict[str, str]:
        """What the file says of itself, once it is known to be whole."""
        sound = str(self._rows("pragma quick_check(1)")[0][0]) if self._whole else "ok"
        if sound != "ok":
            raise BioartError(
                f"{self.path}: damaged or cut short ({' '.join(sound.split())[:80]}); "
                "allowed: a whole recording"
            )
        meta = {str(key): str(value) for key, value in self._rows("select key, value from meta")}
        if int(meta["format"]) > FORMAT:
            raise BioartError(
                f"{self.path}: recording format {meta['format']}; allowed: up to {FORMAT} by this bioart"
            )
        lacks = [name for name in ("preset", "seed", "fingerprint") if name not in meta]
        if lacks or not 0 <= int(meta["seed"]) < 1 << 32 or not self.runs() or not self.snapshots():
            raise BioartError(f"{self.path}: damaged: no {', '.join(lacks) or 'beginning'} in it")
        return meta

    def close(self) -> None:
        self._base.close()

    @property
    def seed(self) -> int:
        return int(self.meta["seed"])

    def runs(self) -> list[Run]:
        rows = self._rows("select run, from_run, from_step from runs order by run")
        try:
            return [
                Run(
                    whole(run),
                    None if begun is None else whole(begun),
                    None if begun is None else whole(step),
                )
                for run, begun, step in rows
            ]
        except ValueError as fault:
            raise BioartError(f"{self.path}: damaged: a run of it ({fault})") from fault

    def events(self, run: int, from_step: int = 0) -> list[Event]:
        """A run's events from a step on, in the order in which they acted."""
        rows = self._rows(
            "select step, seq, source, kind, who, zone, data from events where run=? and step>=? "
            "order by step, source, seq",
            (run, from_step),
        )
        try:
            return [_event(row) for row in rows]
        except (TypeError, ValueError, RecursionError) as fault:
            raise BioartError(f"{self.path}: an event of run {run} is damaged ({_reason(fault)})") from fault

    def digests(self, run: int) -> dict[int, int]:
        rows = self._rows("select step, digest from digests where run=? order by step", (run,))
        try:
            return {whole(step): whole(digest, -(1 << 63)) % (1 << 64) for step, digest in rows}
        except ValueError as fault:
            raise BioartError(f"{self.path}: damaged: a digest of run {run} ({fault})") from fault

    def steps(self) -> int:
        """How many steps the last run reached."""
        last = self._rows("select max(step) from digests where run=(select max(run) from runs)")[0][0]
        if last is not None and type(last) is not int:
            raise BioartError(f"{self.path}: damaged: a digest of step {shown(last, 24)}")
        return 0 if last is None else last + 1

    def snapshots(self) -> list[tuple[int, int]]:
        """(run, step) of every snapshot, oldest first. Its step is the number of steps that it has lived."""
        return [(run, step) for run, step in self._rows("select run, step from snapshots order by run, step")]

    def first(self) -> int:
        """How many steps the first state had lived: 0, or more where a preset was changed under a show."""
        return min(step for run, step in self.snapshots() if run == 0)

    def snapshot(self, run: int, step: int) -> State:
        """One state, its SHA-256 checked. Raises BioartError where it is missing or damaged."""
        found = self._rows("select sha256, state from snapshots where run=? and step=?", (run, step))
        if not found:
            raise BioartError(f"{self.path}: no snapshot of run {run} at step {step}")
        row = found[0]
        if hashlib.sha256(row[1]).hexdigest() != row[0]:
            raise BioartError(f"{self.path}: the snapshot of run {run} at step {step} is damaged")
        return unpack(row[1])

    def take(self, name: str) -> Iterator[tuple[int, bytes]]:
        yield from self._rows("select step, body from take where name=? order by step", (name,))

    def take_names(self) -> list[str]:
        return [row[0] for row in self._rows("select distinct name from take order by name")]

    def _rows(self, query: str, values: tuple[Any, ...] = ()) -> list[Any]:
        try:
            return self._base.execute(query, values).fetchall()
        except sqlite3.Error as fault:
            raise BioartError(
                f"{self.path}: damaged or cut short ({_reason(fault)}); allowed: a whole recording"
            ) from fault


def _event(row: tuple[Any, ...]) -> Event:
    step, seq, source, kind, who, zone, data = row
    for word in (source, kind, who or "", zone or ""):
        if not isinstance(word, str):
            raise ValueError(f"{shown(word, 24)} is no word")
    return Event(whole(step), whole(seq), source, kind, who, zone, dict(json.loads(data)))
