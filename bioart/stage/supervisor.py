"""The supervisor: a small process that keeps a kiosk's picture moving.

The frame process draws, and tells on its stdout of every picture that was new. Here nobody draws: a frame
process that died, that shows nothing new, or that holds too much memory is replaced, and the next one is
told which recording to go on with. Plain Python, and nothing imported that could itself fail or leak.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import logging
import logging.handlers
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bioart import clock

STAFF = 17  # exit code: staff has ended it, by chord and PIN; nobody shall start it again
UNREADY = 18  # exit code: not the piece is at fault but the place: no screen, somebody else's folder
LOG = 1 << 20  # bytes of one log file
LOGS = 4  # older ones that are kept: 5 MB in all
LINE = 4096  # bytes of a line on stderr that are logged
CALLER = 2.0  # s that one who asks after its health may take
TRIES = 5  # failures in a row, before there ever was a picture, until it gives up


@dataclass(frozen=True)
class Limits:
    """Seconds of patience, and how many.

    first: until a process' first picture, and until the next where it has announced a wait. still: without a
    new picture. above: with too much memory. ask: for ending when asked. crashes within `within` s, none of
    them after `steady` s of pictures, are a crash loop. soonest, latest: of the pause before a restart, which
    grows until there were pictures for `calm` s.
    spare: s of pictures before another process is made ready: the picture comes first;
    rest: without one after it has failed. quick: until the
    first picture of one that was ready. silent: a ready one tells of itself more often than that.
    """

    first: float = 120.0
    still: float = 10.0
    above: float = 30.0
    ask: float = 5.0
    crashes: int = 3
    within: float = 300.0
    steady: float = 60.0
    calm: float = 2.0
    soonest: float = 0.1
    latest: float = 5.0
    spare: float = 1.0
    rest: float = 60.0
    quick: float = 20.0
    silent: float = 30.0


@dataclass(frozen=True)
class Watched:
    """What is kept running. command: the frame process. job: what every one is told. pieces: how many there
    are in the programme. memory: bytes. health: port, or None. log: a file, or None. spare: whether a second
    process waits."""

    command: Sequence[str]
    job: Mapping[str, Any]
    pieces: int = 1
    memory: int = 2 << 30
    health: int | None = None
    log: Path | None = None
    spare: bool = False
    limits: Limits = field(default_factory=Limits)


class Frame:
    """One frame process and what it says."""

    def __init__(self, command: Sequence[str], said: queue.Queue[tuple[Frame, dict[str, Any]]]) -> None:
        """said: gets (this, what it said) for every line. OSError where it cannot be started."""
        apart: dict[str, Any] = {"start_new_session": True}  # the terminal's Ctrl-C is for the supervisor
        if sys.platform == "win32":
            apart = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, **apart)
        self.last = ""  # line on its stderr
        self.warm = False  # whether it is ready to take over
        self.heard = clock.now()  # when it last told anything
        with contextlib.suppress(
            OSError, AttributeError
        ):  # who stands still reads nothing: never wait for it
            os.set_blocking(self.process.stdin.fileno(), False)  # type: ignore[union-attr]
        self._said = said
        self._readers = [
            threading.Thread(target=read, daemon=True, name=f"frame {read.__name__}")
            for read in (self._hear, self._complaints)
        ]
        for reader in self._readers:
            reader.start()

    def _hear(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(OSError, ValueError), self.process.stdout as stream:
            while line := stream.readline(1 << 16):
                with contextlib.suppress(ValueError):
                    told = json.loads(line)
                    if isinstance(told, dict):
                        self._said.put((self, told))

    def _complaints(self) -> None:
        assert self.process.stderr is not None
        with contextlib.suppress(OSError, ValueError), self.process.stderr as stream:
            while line := stream.readline(LINE):
                text = line.decode("utf-8", "replace").rstrip()
                if text:
                    self.last = "".join(c if c.isprintable() else " " for c in text)
                    logging.getLogger("bioart.kiosk").info("frame %d: %s", self.process.pid, self.last)

    def tell(self, message: Mapping[str, Any]) -> bool:
        """One line on its stdin. False where it has not taken it: it is dead, or does not read."""
        assert self.process.stdin is not None
        line = json.dumps(message).encode() + b"\n"
        try:
            return self.process.stdin.write(line) == len(line)
        except (OSError, ValueError):
            return False

    def ask(self) -> None:
        """Ask it to end: its stdin closes."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()

    def kill(self) -> bool:
        """End it, stopped or hung as it may be. False where the system itself cannot."""
        self.ask()
        with contextlib.suppress(OSError):
            self.process.kill()
        return self.wait(30.0)

    def wait(self, seconds: float) -> bool:
        """Whether it ends within so many seconds, its last words heard."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        for reader in self._readers:
            reader.join(1.0)
        return True


class Supervisor:
    """Keeps one frame process alive until it is told to end, or staff ends it."""

    def __init__(self, watched: Watched) -> None:
        self._watched, self._limits = watched, watched.limits
        self._said: queue.Queue[tuple[Frame, dict[str, Any]]] = queue.Queue(maxsize=1000)
        self._ended = threading.Event()
        self.frame: Frame | None = None
        self.spare: Frame | None = None
        self._spare_from = 0.0
        self._memory = watched.memory
        self._relieved = False  # whether one was begun anew for its memory
        self._asked_warm = 0.0  # when the spare was last told to make something ready
        self._warmed = -1  # the piece that the spare process has made ready
        self._code: int | None = None
        self._due = clock.now()  # when the next process may start
        self._restarts = 0
        self._reason = ""
        self._pauses = 0  # restarts in a row, none of them with pictures for long
        self._crashes: list[float] = []
        self._ever = False  # whether there was a picture at all
        self._begin, self._resume, self._fresh = 0, None, True  # type: int, str | None, bool
        self._beat: dict[str, Any] = {}
        self._shown: deque[float] = deque(maxlen=1000)
        self._first: float | None = None  # of this process' pictures
        self._patient = self._until = clock.now()
        self._above: float | None = None
        self._asked: float | None = None
        self._notified = -1.0
        self._log = logging.getLogger("bioart.kiosk")
        self._server: http.server.HTTPServer | None = None

    # -- the loop ------------------------------------------------------------------------------------------

    def run(self) -> int:
        """0: ended as asked; STAFF: by staff; else the exit code of a frame process that never showed
        anything."""
        handlers = _logging(self._log, self._watched.log)
        try:
            self._serve()
            while self._code is None:
                self._listen()
                self._look(clock.now())
            return self._code
        finally:
            self._stop()
            for handler in handlers:
                self._log.removeHandler(handler)
                handler.close()

    def end(self, *signalled: object) -> None:
        """End both, cleanly. May be called from a signal's handler or another thread."""
        self._ended.set()

    def _listen(self) -> None:
        """What was said, for at most a tenth of a second."""
        try:
            frame, told = self._said.get(timeout=0.1)
            for _ in range(1000):
                self._hear(frame, told, clock.now())
                frame, told = self._said.get_nowait()
        except queue.Empty:
            pass

    def _hear(self, frame: Frame, told: dict[str, Any], now: float) -> None:
        frame.heard = now
        if frame is self.spare and told.get("warm") and not frame.warm:
            frame.warm = True
            self._log.info("frame %d: ready to take over", frame.process.pid)
        if frame is not self.frame:
            return
        if "wait" in told:  # a world grows that nobody has seen yet
            self._until = max(self._until, now + self._limits.first)
            self._alive(now)
        if isinstance(told.get("frame"), int):
            self._picture(told, now)

    def _picture(self, told: dict[str, Any], now: float) -> None:
        if self._first is None:
            self._first = now
            self._log.info("picture, %.1f s after the start", now - self._patient)
        if now - self._first >= self._limits.steady:
            self._crashes.clear()
        if now - self._first >= self._limits.calm:
            self._pauses = 0
        self._beat, self._until = told, now + self._limits.still
        self._shown.append(now)
        self._begin = int(told.get("piece", self._begin))
        self._resume = told.get("recording")
        heavy = float(told.get("rss", 0)) > self._memory
        self._above = (self._above if self._above is not None else now) if heavy else None
        if not self._ever:
            self._ever = True
            notify("READY=1")
        self._alive(now)

    def _alive(self, now: float) -> None:
        """Tell systemd, at most once a second; before there is a picture, that it shall wait."""
        if now - self._notified >= 1.0:
            self._notified = now
            notify("WATCHDOG=1" if self._ever else f"EXTEND_TIMEOUT_USEC={round(2e6 * self._limits.first)}")

    def _look(self, now: float) -> None:
        if self._ended.is_set():
            self._code = 0
            return
        self._keep_spare(now)
        if self.frame is None:
            if now >= self._due:
                self._start(now)
            return
        code = self.frame.process.poll()
        if code is not None:
            self._gone(code, now)
        elif self._asked is not None:
            if now >= self._asked:
                self._log.warning("it did not end in %g s: killed", self._limits.ask)
                self._kill()
                self._again(self._reason, now)
        elif now >= self._until:
            none = f"no new picture for {self._limits.still:g} s"
            if self._first is None:
                none = f"no first picture within {self._limits.first:g} s"
            self._kill()
            self._again(none, now)
        elif self._above is not None and now - self._above >= self._limits.above:
            self._reason = (
                f"memory {self._beat.get('rss', 0) >> 20} MiB, above {self._memory >> 20} MiB "
                f"for {self._limits.above:g} s"
            )
            early = self._first is not None and self._above - self._first < self._limits.steady
            if early and self._relieved:
                self._fits(self._beat.get("rss", 0))
                return
            self._log.warning("%s: asked to end", self._reason)
            self._relieved = True
            self._asked = now + self._limits.ask
            self.frame.ask()

    def _fits(self, rss: int) -> None:
        """One begun anew for its memory and as heavy from its beginning does not leak: the limit rises,
        and it is said."""
        self._memory, self._above = rss * 5 // 4, None
        self._log.error(
            "the piece itself needs %d MiB: the limit is %d MiB from now on (machine.yaml, memory)",
            rss >> 20, self._memory >> 20,
        )  # fmt: skip

    # -- one process and the next --------------------------------------------------------------------------

    def _start(self, now: float) -> None:
        job = {
            **self._watched.job,
            "start": self._begin,
            "resume": self._resume,
            "first": self._fresh and not self._ever,
        }
        self.frame, self.spare = self.spare, None
        if self.frame is None or self.frame.process.poll() is not None:
            try:
                self.frame = Frame(self._watched.command, self._said)
            except (OSError, RuntimeError) as fault:  # no memory, descriptors, threads: later there may be
                self.frame = None
                self._again(f"cannot start: {fault}", now, crash=False)
                return
        ready = self.frame.warm
        if not self.frame.tell({"job": job}):
            self._log.warning("frame %d does not hear its job", self.frame.process.pid)
            self._kill()
            self._again("it did not hear its job", now, crash=False)
            return
        self._log.info(
            "frame %d: piece %d, %s",
            self.frame.process.pid,
            self._begin,
            f"goes on with {self._resume}" if self._resume else "afresh",
        )
        self._patient, self._first, self._above, self._asked = now, None, None, None
        # who was ready and shows nothing is not: another is begun from nothing
        self._until = now + (self._limits.quick if ready else self._limits.first)

    def _keep_spare(self, now: float) -> None:
        """A process that has everything loaded and waits for its job: a restart then takes seconds."""
        if not self._watched.spare or self.frame is None or self._first is None:
            return
        if self.spare is not None:
            patience = self._limits.silent if self.spare.warm else self._limits.first
            dead = self.spare.process.poll() is not None
            if dead or now - max(self.spare.heard, self._asked_warm) > patience:
                told = f"died: {self.spare.last}" if dead else "is silent: killed"
                self._log.warning("the spare process %s", told)
                self._drop_spare(now)
        wanted = self.spare is None and now >= max(self._first + self._limits.spare, self._spare_from)
        if wanted and self._asked is None:
            try:
                self.spare = Frame(self._watched.command, self._said)
            except (OSError, RuntimeError):
                self._spare_from = now + self._limits.rest
                return
            self._warmed = -1
        if self.spare is not None and self._warmed != self._begin:
            self._warmed, self._asked_warm, self.spare.warm = self._begin, now, False
            if not self.spare.tell({"warm": {**self._watched.job, "start": self._begin}}):
                self._log.warning("the spare process does not read: killed")
                self._drop_spare(now)

    def _drop_spare(self, now: float) -> None:
        """Without it for a while: what kills it may have to pass first."""
        assert self.spare is not None
        self.spare.kill()
        self.spare, self._spare_from = None, now + self._limits.rest

    def _gone(self, code: int, now: float) -> None:
        frame = self.frame
        assert frame is not None
        frame.wait(1.0)
        while True:  # its last pictures, which say where it was
            try:
                self._hear(*self._said.get_nowait(), now)
            except queue.Empty:
                break
        if code == STAFF:
            self._log.info("ended by staff")
            self._code = STAFF
        elif self._asked is not None:
            self._again(self._reason, now, crash=False)
        else:
            told = f"killed by signal {-code}" if code < 0 else f"exit {code}"
            self._again(
                f"{told}: {frame.last}" if frame.last and code > 0 else told, now, crash=code != UNREADY
            )
            if not self._ever and (code == 2 or self._restarts >= TRIES):
                self._code = 2 if code == 2 else 1

    def _again(self, reason: str, now: float, crash: bool = True) -> None:
        """The next process, after a pause."""
        frame, self.frame = self.frame, None
        self._first = None
        if frame is not None:
            frame.ask()
        self._restarts += 1
        self._reason = reason
        pause = min(self._limits.latest, self._limits.soonest * 2.0**self._pauses)
        self._pauses = min(self._pauses + 1, 20)
        self._due = now + pause
        self._log.warning("restart %d in %.1f s: %s", self._restarts, pause, reason)
        if not crash:
            return
        self._fresh = False
        self._crashes = [t for t in self._crashes if now - t <= self._limits.within] + [now]
        if len(self._crashes) >= self._limits.crashes:
            self._crashes.clear()
            self._begin = (self._begin + 1) % max(1, self._watched.pieces)
            self._resume = None
            self._log.warning(
                "%d crashes in a row: piece %d begins afresh", self._limits.crashes, self._begin
            )

    def _kill(self) -> None:
        assert self.frame is not None
        if not self.frame.kill():
            self._log.error("frame %d cannot be killed", self.frame.process.pid)

    def _stop(self) -> None:
        """End what runs: asked first, that a recording is closed and the picture fades."""
        notify("STOPPING=1")
        if self.frame is not None:
            self.frame.ask()
        if self.spare is not None:
            self.spare.kill()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
        if self.frame is not None and not self.frame.wait(2.0 * self._limits.ask):
            self._log.warning("it did not end: killed")
            self.frame.kill()

    # -- what there is to tell -----------------------------------------------------------------------------

    def health(self) -> dict[str, Any]:
        """How it is: alive where a new picture is at most `still` s old."""
        now = clock.now()
        beat, shown = self._beat, list(self._shown)
        recent = [t for t in shown if now - t <= 5.0]
        return {
            "alive": bool(shown) and now - shown[-1] <= self._limits.still,
            "frames": int(beat.get("frame", 0)),
            "fps": round((len(recent) - 1) / (recent[-1] - recent[0]), 2)
            if len(recent) > 1 and recent[-1] > recent[0]
            else 0.0,
            "show_seconds": beat.get("show", 0.0),
            "restarts": self._restarts,
            "last_restart_reason": self._reason,
            "rss": int(beat.get("rss", 0)),
            "recording": beat.get("recording"),
        }

    def _serve(self) -> None:
        if self._watched.health is None:
            return
        told = self.health

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = CALLER
            server_version, sys_version = "bioart", ""

            def setup(self) -> None:
                super().setup()
                # `timeout` counts from each byte: one who sends them singly is cut off as well
                self._cut = threading.Timer(CALLER, self._end)
                self._cut.daemon = True
                self._cut.start()

            def finish(self) -> None:
                self._cut.cancel()
                with contextlib.suppress(OSError):
                    super().finish()

            def _end(self) -> None:
                with contextlib.suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)

            def do_GET(self) -> None:
                local = self.headers.get("Host", "").rpartition(":")[0] in ("127.0.0.1", "localhost")
                if self.path != "/health" or not local:
                    self.send_error(404)
                    return
                found = told()
                body = json.dumps(found).encode() + b"\n"
                self.send_response(200 if found["alive"] else 503)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *values: object) -> None:
                pass

        class Server(http.server.HTTPServer):
            def handle_error(self, request: Any, client_address: Any) -> None:
                pass  # a caller that went away is nobody's fault

        try:
            self._server = Server(("127.0.0.1", self._watched.health), Handler)
        except OSError as fault:
            self._log.error("/health: port %d: %s", self._watched.health, fault.strerror)
            return
        threading.Thread(target=self._server.serve_forever, daemon=True, name="health").start()


def supervise(watched: Watched) -> int:
    """Run until ended by a signal or by staff; the exit code."""
    supervisor = Supervisor(watched)
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), supervisor.end)
    return supervisor.run()


def notify(state: str) -> None:
    """Tell systemd, where it asked to be told (NOTIFY_SOCKET)."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address or not hasattr(socket, "AF_UNIX"):
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.settimeout(1.0)
        sender.sendto(state.encode(), "\0" + address[1:] if address[0] == "@" else address)


def _logging(log: logging.Logger, path: Path | None) -> list[logging.Handler]:
    """To stderr, and to a file that stays small; a disk that is full is no reason to stop."""
    log.setLevel(logging.INFO)
    log.propagate = False
    logging.raiseExceptions = False
    handlers: list[logging.Handler] = [logging.StreamHandler()]
    if path is not None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handlers.append(
                logging.handlers.RotatingFileHandler(path, maxBytes=LOG, backupCount=LOGS, encoding="utf-8")
            )
        except OSError as fault:
            print(f"bioart: {path}: no log ({fault.strerror})", file=sys.stderr)
    for handler in handlers:
        handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
        log.addHandler(handler)
    return handlers
