"""The kiosk's frame process: a programme of pieces on a full screen, with no way out for a visitor.

`python -m bioart.stage.kiosk`, started by the supervisor: one JSON line on stdin is its job, and when stdin
closes it fades out, closes its recording and ends. After each picture that is new it writes one JSON line on
stdout, from the frame loop itself. What it cannot mend it does not hide: it ends, and is started again.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

from bioart import clock, registry
from bioart import preset as presets
from bioart.errors import BioartError, WorkFailed
from bioart.gpu import compute
from bioart.gpu.window import Window
from bioart.inputs import Input
from bioart.preset import Preset
from bioart.recording import Recorder, set_aside
from bioart.show import Show
from bioart.stage import opening, shelf
from bioart.stage.drawing import Picked, sized
from bioart.stage.live import Live
from bioart.stage.machine import Machine
from bioart.stage.opening import Order
from bioart.stage.staff import Staff
from bioart.stage.supervisor import STAFF, UNREADY

QUOTA = 8 << 30  # bytes of recordings that a kiosk keeps in a folder; the oldest go
RECENT = 900.0  # s: a part left behind so long ago at most is gone on with when the supervisor is new
LEAVE = 4.0  # s that a fade at the end may take
TICK = 1.0 / 60.0  # s: no screen is drawn to more often
WAITS = 1.0  # s between lines while a world grows
DARK = 0.1  # s between pictures while the house is closed
AGAIN = 60.0  # s before a piece that could not be shown is tried again
IDLE = 5.0  # s between lines of one that waits to take over
QUIRKS = 10  # first pictures, in which what a driver complains of is taken for its habit
ATTRACT = "attract"
SEED = 0


# -- what it is told, and what it tells ----------------------------------------------------------------------


@dataclass(frozen=True)
class Job:
    """What one frame process is to do.

    programme: presets by name or path. record: the folder. start: which piece is first. resume: the recording
    to go on with. first: the supervisor is new, so a part left behind lately is gone on with.
    """

    programme: tuple[str, ...]
    record: Path
    machine: Machine = field(default_factory=Machine)
    inputs: tuple[str, ...] = ()
    display: str | None = None
    size: tuple[int | None, int | None] = (None, None)
    window: bool = False
    start: int = 0
    resume: Path | None = None
    first: bool = False
    backend: str = "cpu"
    threads: int | None = None

    def told(self) -> dict[str, Any]:
        """As one JSON line can carry it."""
        return {
            "programme": list(self.programme),
            "record": str(self.record),
            "machine": self.machine.told(),
            "inputs": list(self.inputs),
            "display": self.display,
            "size": list(self.size),
            "window": self.window,
            "backend": self.backend,
            "threads": self.threads,
        }

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Job:
        resume = told.get("resume")
        width, height = told["size"]
        return cls(
            tuple(told["programme"]),
            Path(told["record"]),
            Machine.of(told["machine"]),
            tuple(told["inputs"]),
            told["display"],
            (width, height),
            bool(told["window"]),
            int(told.get("start", 0)) % max(1, len(told["programme"])),
            None if resume is None else Path(resume),
            bool(told.get("first", False)),
            told["backend"],
            told["threads"],
        )


class Beat:
    """Lines to the supervisor. One that does not listen costs a line and never a picture."""

    def __init__(self, pipe: int, gone: Callable[[], None] = lambda: None) -> None:
        """pipe: a descriptor of our own. gone: called where nobody is there any more."""
        self._pipe, self._gone = pipe, gone
        with contextlib.suppress(OSError, AttributeError):
            os.set_blocking(pipe, False)

    def __call__(self, **told: Any) -> None:
        try:
            os.write(self._pipe, json.dumps(told).encode() + b"\n")
        except BlockingIOError:
            pass
        except OSError:
            self._gone()


def resident() -> int:
    """Bytes of memory that this process holds; 0 where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError, AttributeError):
        pass
    try:
        import resource
    except ImportError:
        return 0
    if sys.platform == "win32":
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


class Unready(WorkFailed):
    """The place is at fault and not the piece: no screen, another size of it, somebody else's folder."""

    exit_code = UNREADY


# -- the loop ------------------------------------------------------------------------------------------------


class Kiosk:
    """The programme, its recordings, and when it is dark."""

    def __init__(self, job: Job, window: Window, beat: Beat, ended: threading.Event) -> None:
        """ended: set when it shall fade out and end. BioartError where no piece of the programme can be
        shown."""
        self._job, self._window, self._beat, self._ended = job, window, beat, ended
        self._machine = job.machine
        self._staff = Staff(job.machine)
        self._known: dict[str, Preset] = {}  # the last text of each piece that could be read
        self._barred: dict[str, float] = {}  # piece → until when it is not tried again
        self._index, self._name = job.start, job.programme[job.start]
        self._recorder: Recorder | None = None
        self.frames = self._drawn = 0
        self._quirks: set[str] = set()
        self._looked = self._weighed = self._waited = -1.0
        self._open, self._rss = True, 0
        self._asleep = self._changing = False
        self._leaving: int | None = None
        self._deadline = 0.0
        self._hold()
        self.live = self._resumed() or self._afresh()
        self._heard, self._last = self.live.show.heard, clock.now()

    # -- one turn ------------------------------------------------------------------------------------------

    def turn(self, now: float) -> int | None:
        """Signals, one picture, one line. The exit code once it has ended, else None."""
        for signalled in self._window.poll():
            if signalled.kind == "button":
                self._last = now  # somebody is here
            if self._staff.feed(signalled, now) and self._leaving is None:
                self._leave(STAFF, now)
        self._staff.tick(now)
        if self._ended.is_set() and self._leaving is None:
            self._leave(0, now)
        self._direct(now)
        if self._asleep:
            self._night(now)
        else:
            self._picture(now)
        if self._leaving is not None and (self.live.fade.dark or now >= self._deadline):
            return self._leaving
        self._ended.wait(max(0.0, TICK - (clock.now() - now))) if self._leaving is None else None
        return None

    def _picture(self, now: float) -> None:
        try:
            self.live.frame(now)
        except WorkFailed as fault:
            if self._recorder is None or not self._recorder.lost:
                raise
            self._unrecorded(fault)
        self.live.present(self._window.framebuffer, self._window.size)
        self._examine()
        self._window.flip()
        self.frames += 1
        steps = self.live.show.steps
        if steps != self._drawn:  # what is on screen is new
            self._drawn = steps
            self._tell(now)

    def _night(self, now: float) -> None:
        """True black while the house is closed; the world waits."""
        self._window.framebuffer.use()
        self._window.framebuffer.clear(0.0, 0.0, 0.0, 1.0)
        self._window.flip()
        self.frames += 1
        self._tell(now)
        self._ended.wait(DARK)

    def _tell(self, now: float) -> None:
        if now - self._weighed >= 1.0:
            self._weighed, self._rss = now, resident()
        show = self.live.show
        self._beat(
            frame=self.frames,
            piece=self._index,
            name=self._name,
            steps=show.steps,
            show=round(show.steps / show.rate, 3),
            rss=self._rss,
            recording=None if self._recorder is None else str(self._recorder.path),
            gain=round(self.live.projector.gain, 4),
            closed=self._asleep,
        )

    def _examine(self) -> None:
        """What GL complains of ends the process: a context that is lost comes back with a new one only."""
        fault = self._window.ctx.error
        if fault == "GL_NO_ERROR":
            return
        if self.frames < QUIRKS and fault.startswith("GL_INVALID"):
            if fault not in self._quirks:
                self._say(f"the driver says {fault} from the beginning; it is passed over")
            self._quirks.add(fault)
        elif fault not in self._quirks:
            raise WorkFailed(f"GL fault: {fault}")

    # -- what is shown when --------------------------------------------------------------------------------

    def _direct(self, now: float) -> None:
        """Opening hours, the attract piece, and what comes next."""
        if now - self._looked >= 1.0:
            self._looked, self._open = now, self._machine.open_at(*clock.local())
            self._hold()
            self._learn()
        if self._leaving is not None:
            return
        if not self._open:
            self.live.lit = False
            if self.live.fade.dark and not self._changing:
                self._asleep = self.live.pace.frozen = True
            return
        if self._asleep:
            self._asleep = self.live.pace.frozen = False
            self._last = now
        self.live.lit = True  # also where it opens again before it was dark
        if self._changing:
            return
        show = self.live.show
        if show.heard != self._heard:
            self._heard, self._last = show.heard, now
        attracts, quiet = self._name == ATTRACT, now - self._last
        wanted: list[int | None] = []
        if attracts and quiet < self._machine.attract_after:
            wanted = self._after(self._index - 1)
        elif self._machine.attract and not attracts and quiet >= self._machine.attract_after:
            wanted = [None]
        elif self._over(show):
            wanted = [None] if attracts else self._after(self._index)
        for index in wanted:
            if now >= self._barred.get(self._named(index), 0.0):
                self._change(index)
                return

    def _after(self, index: int) -> list[int | None]:
        """The programme as it goes on after a piece, that piece last."""
        count = len(self._job.programme)
        return [(index + 1 + k) % count for k in range(count)]

    def _named(self, index: int | None) -> str:
        return ATTRACT if index is None else self._job.programme[index]

    def _hold(self) -> None:
        """The screen is ours, from the first moment on. Unready where it has changed under us: a window for
        the new one is made by the next process."""
        if not self._job.window and not self._window.keep():
            raise Unready("the screen has another size now")

    def _over(self, show: Show) -> bool:
        each = self._machine.each
        if each is None or self._name == ATTRACT:
            return show.ended
        return show.steps >= each * show.rate

    def _change(self, index: int | None) -> None:
        """Behind dark, another piece of the programme, or the attract piece (None). One that cannot be shown
        is said, and not tried again for a while: what there is goes on."""
        self._changing = True

        def act() -> None:
            try:
                self._show(index)
            except BioartError as fault:
                self._say(f"{self._named(index)}: {fault}; not shown")
                self._barred[self._named(index)] = clock.now() + AGAIN
            self._changing = False

        self.live.behind_dark(act)

    def _show(self, index: int | None) -> None:
        """A piece of the programme from its beginning, in a recording of its own."""
        self._beat(wait=True)  # what is new has to be compiled, and its world may have to grow
        name = self._named(index)
        preset = self._preset(name)
        recorder = self._recording(preset, name)
        try:
            self.live.open(preset, SEED, recorder)
        except BaseException:
            if recorder is not None:
                recorder.abandon()
            raise
        done, self._recorder = self._recorder, recorder
        self._close(done)
        self._name, self._index = name, self._index if index is None else index
        self._heard, self._last, self._drawn = self.live.show.heard, clock.now(), -1
        picked = self._picked(preset)
        if picked != self.live.picked:
            self.live.draw_with(picked)

    def _leave(self, code: int, now: float) -> None:
        self._leaving, self._deadline = code, now + LEAVE
        self.live.lit = False

    # -- pieces ----------------------------------------------------------------------------------------------

    def _resumed(self) -> Live | None:
        """The show of the recording that is to be gone on with; None: there is none, or it cannot be."""
        paths = [self._job.resume] if self._job.resume else self._left() if self._job.first else []
        for path in paths:
            try:
                found = opening.resume(path)
            except BioartError as fault:
                self._say(f"not resumed: {fault}")
                continue
            name = found.meta.get("kiosk", "")
            if name not in (ATTRACT, *self._job.programme) or (name == ATTRACT and not self._machine.attract):
                self._say(f"not resumed: {path}: {name or 'its piece'} is not in the programme")
                found.recorder.leave()
                continue
            live = self._gone_on_with(found)
            if live is not None:
                self._name = name
                if name != ATTRACT and self._job.programme[self._index] != name:
                    self._index = self._job.programme.index(name)
                return live
        return None

    def _gone_on_with(self, found: opening.Resumed) -> Live | None:
        """The show as it was. Where it cannot be lived on, its file is put aside, so that nobody tries for
        ever, and the piece begins anew."""
        self._recorder = found.recorder
        live: Live | None = None
        try:
            live = self._live(found.preset, found.seed, found.state)
            live.show.queue(found.events)
        except Exception as fault:  # whatever a file can do to us, the next one is not it
            found.recorder.leave()
            self._recorder = None
            if live is not None:
                live.close()
            self._say(f"not resumed: {found.recorder.path}: {fault}")
            with contextlib.suppress(OSError):
                set_aside(found.recorder.part)
            return None
        self._say(f"resumed {found.recorder.path} at {live.show.steps / live.show.rate:.1f} s of show")
        return live

    def _afresh(self) -> Live:
        """The piece at `start`, or the next one that can be read."""
        faults: list[BioartError] = []
        for _ in self._job.programme:
            self._name = self._job.programme[self._index]
            try:
                preset = self._preset(self._name)
            except BioartError as fault:
                faults.append(fault)
                self._say(str(fault))
                self._index = (self._index + 1) % len(self._job.programme)
                continue
            self._recorder = self._recording(preset, self._name)
            return self._live(preset, SEED, None)
        raise faults[0]

    def _live(self, preset: Preset, seed: int, state: Any) -> Live:
        live = Live(
            self._window.ctx, preset, seed, self._inputs, self._picked(preset), self._recorder,
            opening=state, lived=self._growing,
        )  # fmt: skip
        live.refresh = self._window.refresh
        return live

    def _growing(self, share: float) -> None:
        """A world that nobody has seen yet grows behind dark: however long that takes, it is no hang."""
        if clock.now() - self._waited >= WAITS:
            self._waited = clock.now()
            self._beat(wait=True)
            self._window.poll()
            self._hold()

    def _learn(self) -> None:
        """Read a piece that has not been read yet, while it can be: when it is due its file may be wrong."""
        for name in (*self._job.programme, *([ATTRACT] if self._machine.attract else [])):
            if self.frames and name not in self._known and name not in self._barred:
                try:
                    self._preset(name)
                except BioartError as fault:
                    self._say(str(fault))
                    self._barred[name] = clock.now() + AGAIN
                return

    def _preset(self, name: str) -> Preset:
        """As its file is now; as it was where that is wrong by now."""
        try:
            self._known[name] = presets.load(self._machine.attract if name == ATTRACT else name)
        except BioartError as fault:
            if name not in self._known:
                raise
            self._say(f"{fault}; shown as it was")
        return self._known[name]

    def _picked(self, preset: Preset) -> Picked:
        display = self._job.display or preset.display
        return Picked(preset.look[0], display, *sized(display, self._job.size, self._window.size))

    def _inputs(self, preset: Preset, seed: int) -> Sequence[Input]:
        return opening.inputs_of(Order(preset.path, inputs=self._job.inputs), preset, seed)

    # -- recordings ----------------------------------------------------------------------------------------

    def _recording(self, preset: Preset, name: str) -> Recorder | None:
        """A new file for a run; None where the disk lets us write none, and the show goes on without."""
        meta = {**opening.meta_of(preset, SEED), "kiosk": name}
        folder = self._job.record
        try:
            folder.mkdir(parents=True, exist_ok=True)
            shelf.prune(folder, QUOTA, {self._recorder.part} if self._recorder is not None else set())
            return Recorder(
                shelf.free(folder, f"kiosk-{clock.stamp()}-{Path(preset.path).stem}"), meta, keep=True
            )
        except (OSError, WorkFailed) as fault:
            self._say(f"not recorded: {fault}")
            return None

    def _left(self) -> list[Path]:
        """The recordings that were never closed, where that is not long ago; the newest first."""
        found: list[tuple[float, Path]] = []
        with contextlib.suppress(OSError):
            found = [(shelf.touched(p), p) for p in self._job.record.glob("kiosk-*.bioart.part")]
        return [
            path.with_name(path.name.removesuffix(".part"))
            for touched, path in sorted(found, reverse=True)
            if "~" not in path.name and clock.date() - touched <= RECENT
        ]

    def _close(self, recorder: Recorder | None) -> None:
        if recorder is None:
            return
        try:
            recorder.close()
        except WorkFailed as fault:
            self._say(str(fault))

    def _unrecorded(self, fault: BioartError) -> None:
        """The disk failed: the show goes on, and is kept again from the next piece on."""
        self._recorder = None
        self.live.show.unrecorded()
        self._say(f"{fault}; the show goes on and is not recorded")

    def _say(self, line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    def leave(self) -> None:
        """A fault has ended it: what was acknowledged is on the disk, and the part can be gone on with."""
        if self._recorder is not None:
            self._recorder.leave()

    def close(self) -> None:
        """End the recording where the show is now, so that it can be gone on with to the step."""
        if self._recorder is not None:
            with contextlib.suppress(WorkFailed):
                self._recorder.snapshot(self.live.show.steps, self.live.show.state())
        self._close(self._recorder)


# -- the process ---------------------------------------------------------------------------------------------


def main(kind: type[Kiosk] = Kiosk) -> int:
    """One frame process. kind: what tests run in its place."""
    pipe = os.dup(1)
    os.dup2(2, 1)  # whatever prints, prints beside what the supervisor reads
    if hasattr(signal, "SIGINT"):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is told by stdin
    ended = threading.Event()
    told: queue.Queue[dict[str, Any]] = queue.Queue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, told, ended), daemon=True).start()
    beat = Beat(pipe, ended.set)
    seen = 0
    try:
        while True:
            try:
                message = told.get(timeout=IDLE)
            except queue.Empty:
                beat(idle=True)
                continue
            if "warm" in message:
                warm(Job.of(message["warm"]))
                beat(warm=True)
            if "job" in message:
                break
            if "end" in message:
                return 0
        job = Job.of(message["job"])
        compute.start(job.backend, job.threads)
        held, window = _place(job)
        kiosk = kind(job, window, beat, ended)
        code = None
        try:
            while code is None:
                code = kiosk.turn(clock.now())
                seen = kiosk.frames
        except BaseException:
            kiosk.leave()
            raise
        kiosk.close()
        if held is not None:
            held.close()
        return code
    except Exception as fault:
        if isinstance(fault, BioartError):
            print(fault, file=sys.stderr)
            return 1 if seen and not isinstance(fault, Unready) else fault.exit_code
        traceback.print_exc()
        return 1


def _place(job: Job) -> tuple[Any, Window]:
    """Folder and screen for a kiosk. Unready where either is not to be had."""
    try:
        held = shelf.alone(job.record)
        return held, Window("bioart", *_opened(job), fullscreen=not job.window, alone=not job.window)
    except WorkFailed as fault:
        raise Unready(str(fault)) from fault


def check() -> int:
    """Whether a job on stdin, a JSON object, names pieces and inputs that can be read: the exit code."""
    try:
        job = Job.of(json.load(sys.stdin))
        names = [*job.programme, *([job.machine.attract] if job.machine.attract else [])]
        for name in names:
            preset = presets.load(name)
            for source in opening.inputs_of(Order(preset.path, inputs=job.inputs), preset, SEED):
                source.close()
            registry.kind("display", (job.display or preset.display).partition(":")[0], "--display")
    except BioartError as fault:
        print(fault, file=sys.stderr)
        return fault.exit_code
    return 0


def warm(job: Job) -> None:
    """Load what a piece needs, and let its world live a moment: what then takes over has it ready."""
    try:
        compute.start(job.backend, job.threads)
        preset = presets.load(job.programme[job.start])
        for _ in range(2):  # the second takes the fields that the first gave back, as will who takes over
            show = Show(preset, SEED)
            try:
                show.at(Fraction(show.steps + 8, show.rate))
                show.digest()
                show.restore(show.state())
            finally:
                show.close()
    except BioartError as fault:  # it is told again when it matters
        print(f"not made ready: {fault}", file=sys.stderr, flush=True)


def _listen(stream: BinaryIO, told: queue.Queue[dict[str, Any]], ended: threading.Event) -> None:
    for line in iter(lambda: stream.readline(1 << 20), b""):
        with contextlib.suppress(ValueError):
            told.put(json.loads(line))
    ended.set()
    told.put({"end": True})


def _opened(job: Job) -> tuple[int, int]:
    """Of a window, px."""
    width, height = job.size
    return (width or 1280, height or 720)


if __name__ == "__main__":
    _code = check() if sys.argv[1:] == ["--check"] else main()
    sys.stderr.flush()
    os._exit(_code)  # GL and threads have nothing left to say, and may say it for long
