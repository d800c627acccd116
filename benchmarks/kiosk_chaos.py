"""Chaos for a kiosk: faults at seeded random moments, how long the picture was gone, and what was lost.

    xvfb-run -a -s "-screen 0 320x180x24" python benchmarks/kiosk_chaos.py --rounds 20

Runs a real supervisor over real frame processes on the screen that DISPLAY names, with a rehearsal crowd and
with visitors whose every deed happens once (a source that begins to count anew in each process, and repeats
nothing), and does each of five things to it `--rounds` times: SIGKILL; SIGSTOP; an exception in the frame
loop; the snapshot that it would go on from damaged, then SIGKILL; every GL texture and program gone behind
the renderer's back. After a picture has come back it waits 2 to 12 s for the next, with `--ready` from when a
spare process stands by. `--piece` names another preset than the small one of its own. Prints a table, then
steps the whole recording again.

What is acknowledged: before each fault another connection reads from the file what is committed. Of that,
every event at or after the step from which the next run begins must be in that run, equal in step, source,
number, kind and data; and every one before it in what that run continues.

The faults from within are no part of bioart: this file is the frame process too (`--frame`), with a kiosk
that looks for a file beside its recordings. Exit 0: every picture back within 15 s, from a snapshot at most
10 s old, no acknowledged event lost, the recording identical.
"""

from __future__ import annotations

import argparse
import faulthandler
import os
import random
import signal
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bioart.errors import BioartError
from bioart.events import Event
from bioart.inputs import Input
from bioart.preset import Preset
from bioart.recording import Recording
from bioart.stage import opening, verifier
from bioart.stage.kiosk import Job, Kiosk, main
from bioart.stage.machine import Machine
from bioart.stage.supervisor import Limits, Supervisor, Watched

FAULTS = ("SIGKILL", "SIGSTOP", "exception", "damaged snapshot", "GL fault")
ORDER = "CHAOS_ORDER"  # the file's path, for the frame process of this script
LATEST = 15.0  # s until there is a picture again
OLDEST = 10.0  # s of show that may be lived twice

PIECE = """\
bioart: 1
title: Chaos
world:
  extent: [2, 2.5, 2]
  air: 16
  body: {box: [1.5, 2, 1.5], finer: 2, growth: [{kind: coral}, {kind: network}]}
  age: 12
look: {kind: specimen}
community:
  zones: {riverside: {at: [0.2, 0.3], radius: 0.2, people: 1200}}
  pledges: {bike: I cycle to work}
  bind: [{from: activation, to: light.coupling, within: [0.2, 2.0]}]
score: [{act: garden, for: 60 s}, {act: smog, for: 60 s, ramp: {weather.wind: 0.6}}]
"""


class Visitors(Input):
    """People who each do one thing, once: no two processes bring the same."""

    def __init__(self) -> None:
        self._seq, self._luck = 0, random.Random(os.getpid())

    def poll(self, step: int) -> Iterable[Event]:
        if self._luck.random() > 0.1:
            return []
        told = f"v-{os.getpid()}-{self._seq}"
        deeds: list[tuple[str, dict[str, Any]]] = [
            ("tap", {}),
            ("reaction", {"reaction": "wow"}),
            ("offering", {"material": "glass", "mass": 0.2, "words": told}),
        ]
        kind, data = self._luck.choice(deeds)
        event = Event(step, self._seq, "visitors", kind, told, None, data)
        self._seq += 1
        return [event]

    def close(self) -> None:
        """They hold nothing."""


class Fragile(Kiosk):
    """A kiosk that breaks when a file says so."""

    def _inputs(self, preset: Preset, seed: int) -> list[Input]:
        return [*super()._inputs(preset, seed), Visitors()]

    def turn(self, now: float) -> int | None:
        order = Path(os.environ[ORDER])
        if order.exists():
            what = order.read_text(encoding="utf-8")
            order.unlink()
            if what == "exception":
                raise RuntimeError("an exception, thrown on purpose")
            from pyglet import gl

            names = (gl.GLuint * 400)(*range(1, 401))
            gl.glDeleteTextures(400, names)
            for name in names:
                gl.glDeleteProgram(name)
            self._window.ctx.error  # noqa: B018 - what deleting itself complains of is not the fault
        return super().turn(now)


@dataclass
class Row:
    """What a kind of fault has cost. pictures, ages: s, one a round. again: events that acted once more."""

    pictures: list[float] = field(default_factory=list)
    ages: list[float] = field(default_factory=list)
    again: list[int] = field(default_factory=list)
    lost: int = 0


@dataclass(frozen=True)
class Committed:
    """What a recording has acknowledged at a moment. steps: lived; events: (order, kind, data) of the run and
    of what it continues."""

    steps: int
    events: frozenset[tuple[tuple[int, str, int], str, str]]


def _committed(part: Path) -> Committed:
    recording = Recording(part, whole=False)
    try:
        run = recording.runs()[-1]
        told = opening.timeline(recording)
        lived = max(recording.digests(run.run), default=(run.from_step or 0) - 1) + 1
        return Committed(lived, frozenset((e.order, e.kind, str(sorted(e.data.items()))) for e in told))
    finally:
        recording.close()


class Chaos:
    """One kiosk and who does things to it."""

    def __init__(self, folder: Path, seed: int, preset: str | None, size: tuple[int, int]) -> None:
        self.folder, self.order, self.luck = folder, folder / "order", random.Random(seed)
        os.environ[ORDER] = str(self.order)
        if preset is None:
            piece = folder / "chaos.yaml"
            piece.write_text(PIECE, encoding="utf-8")
            preset = str(piece)
        job = Job((preset,), folder / "shows", Machine(each=86400.0), ("rehearsal:60",), size=size)
        limits = Limits(crashes=10**6)  # these crashes are not the piece's: it is never begun afresh
        watched = Watched(
            [sys.executable, __file__, "--frame"], job.told(), spare=True, log=folder / "log", limits=limits
        )
        self.supervisor = Supervisor(watched)
        self.rows = {fault: Row() for fault in FAULTS}
        self._thread = threading.Thread(target=self.supervisor.run)

    def begin(self) -> None:
        self._thread.start()
        self._picture(0)

    def _picture(self, restarts: int) -> float:
        """When there is a picture after so many restarts."""
        while True:
            health = self.supervisor.health()
            if health["restarts"] >= restarts and self.supervisor._first is not None:
                return time.monotonic()
            time.sleep(0.01)

    def strike(self, fault: str, ready: bool) -> None:
        while ready and not (self.supervisor.spare is not None and self.supervisor.spare.warm):
            time.sleep(0.05)
        time.sleep(self.luck.uniform(2.0, 12.0))
        frame = self.supervisor.frame
        assert frame is not None
        restarts = self.supervisor.health()["restarts"]
        if fault == "damaged snapshot":
            self._damage(self.part, frame.process.pid)
        before = _committed(self.part)
        began = time.monotonic()
        if fault in ("SIGKILL", "damaged snapshot"):
            os.kill(frame.process.pid, signal.SIGKILL)
        elif fault == "SIGSTOP":
            os.kill(frame.process.pid, signal.SIGSTOP)
        else:
            self.order.write_text(fault, encoding="utf-8")
        while self.supervisor.health()["restarts"] == restarts:
            time.sleep(0.005)
        row = self.rows[fault]
        row.pictures.append(self._picture(restarts + 1) - began)
        time.sleep(0.5)  # the new run is on the disk
        self._count(before, row)
        print(f"{fault}: picture after {row.pictures[-1]:.1f} s, {row.ages[-1]:.1f} s lived twice, "
              f"{row.again[-1]} events act again, {row.lost} lost so far", flush=True)  # fmt: skip

    @property
    def part(self) -> Path:
        (found,) = self.folder.joinpath("shows").glob("kiosk-*.bioart.part")
        return found

    def _damage(self, part: Path, pid: int) -> None:
        """The snapshot that it would go on from as a failing disk would leave it, while its process stands
        still."""
        while True:
            os.kill(pid, signal.SIGSTOP)
            try:
                recording = Recording(part, whole=False)
                try:
                    found = opening.newest(recording)
                finally:
                    recording.close()
                assert found is not None
                base = sqlite3.connect(part, timeout=0.2, isolation_level=None)
                try:
                    base.execute(
                        "update snapshots set state=zeroblob(length(state)) where run=? and step=?", found[:2]
                    )
                    return
                finally:
                    base.close()
            except (sqlite3.OperationalError, BioartError):  # it stands still in the midst of writing
                os.kill(pid, signal.SIGCONT)
                time.sleep(0.05)

    def _count(self, before: Committed, row: Row) -> None:
        """What the fault has cost, by what was committed when it came."""
        recording = Recording(self.part, whole=False)
        try:
            run = recording.runs()[-1]
            assert run.from_step is not None
            alive = {(e.order, e.kind, str(sorted(e.data.items()))) for e in opening.timeline(recording)}
            again = {e.order for e in recording.events(run.run)}
        finally:
            recording.close()
        row.ages.append(max(0, before.steps - run.from_step) / 30.0)
        row.lost += len(before.events - alive)
        row.again.append(sum(e[0][0] >= run.from_step and e[0] in again for e in before.events))

    def end(self) -> Path:
        self.supervisor.end()
        self._thread.join(30)
        (found,) = self.folder.joinpath("shows").glob("kiosk-*.bioart")
        return found


def script() -> int:
    told = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    told.add_argument("--rounds", type=int, default=20)
    told.add_argument("--seed", type=int, default=1)
    told.add_argument("--keep", type=Path, help="folder for recording and log; else a temporary one")
    told.add_argument("--ready", action="store_true", help="wait for a spare process before each fault")
    told.add_argument("--piece", help="a preset; else a small one of its own")
    told.add_argument("--size", type=int, nargs=2, default=(320, 180), help="of the picture, px")
    told.add_argument("--frame", action="store_true", help=argparse.SUPPRESS)
    asked = told.parse_args()
    if asked.frame:
        faulthandler.register(signal.SIGUSR1)  # says where it stands
        return main(Fragile)
    with tempfile.TemporaryDirectory() as temporary:
        folder = (asked.keep or Path(temporary)).resolve()
        folder.mkdir(parents=True, exist_ok=True)
        chaos = Chaos(folder, asked.seed, asked.piece, tuple(asked.size))
        faults = [fault for fault in FAULTS for _ in range(asked.rounds)]
        chaos.luck.shuffle(faults)
        try:
            chaos.begin()
            for fault in faults:
                chaos.strike(fault, asked.ready)
        finally:
            path = chaos.end()
        head = (
            "fault",
            "rounds",
            "picture, worst s",
            "mean s",
            "lived twice, worst s",
            "acted again",
            "lost",
        )
        print(f"{head[0]:18}{head[1]:>7}{head[2]:>18}{head[3]:>8}{head[4]:>22}{head[5]:>13}{head[6]:>6}")
        for fault, row in chaos.rows.items():
            mean = sum(row.pictures) / len(row.pictures)
            print(
                f"{fault:18}{len(row.pictures):7}{max(row.pictures):18.1f}{mean:8.1f}"
                f"{max(row.ages):22.1f}{sum(row.again):13}{row.lost:6}"
            )
        from bioart.gpu import compute

        compute.start("cpu", 2)
        verdict = verifier.verify(path)
        same = verdict.differs is None
        print(
            f"{path.name}: {'identical' if same else verdict.told}, {verdict.steps} steps, "
            f"{verdict.events} events, {verdict.runs} runs"
        )
        rows = chaos.rows.values()
        late = any(max(r.pictures) > LATEST or max(r.ages) > OLDEST for r in rows)
        return 0 if same and not late and not any(r.lost for r in rows) else 1


if __name__ == "__main__":
    _code = script()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(_code)
