"""The supervisor, over stub frame processes that die, hang, leak, stop and end."""

from __future__ import annotations

import contextlib
import http.client
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bioart.stage import supervisor
from bioart.stage.supervisor import STAFF, Limits, Supervisor, Watched

# A frame process without frames. Each life appends its job to a file; `lives[n]` says what the n-th does.
STUB = """
import json, os, sys, threading, time
where, lives = sys.argv[1], json.loads(sys.argv[2])
def line():
    return sys.stdin.readline()
told = json.loads(line())
if "warm" in told:
    print(json.dumps({"warm": True}), flush=True)
    text = line()
    if not text:
        sys.exit(0)
    told = json.loads(text)
with open(where, "a+") as file:
    file.seek(0)
    life = len(file.readlines())
    file.write(json.dumps({**told["job"], "pid": os.getpid()}) + "\\n")
does = lives[min(life, len(lives) - 1)]
def closing():
    if line() == "":
        print("closed", file=sys.stderr, flush=True)
        if does != "deaf":
            os._exit(0)
threading.Thread(target=closing, daemon=True).start()
print("noise that is no line of ours", flush=True)
if does == "unready":
    print("no screen", file=sys.stderr, flush=True)
    os._exit(18)
for frame in range(1, 10**6):
    if does == "never":
        time.sleep(60)
    rss = 3 << 30 if does in ("leak", "deaf") else 1000
    if not (does == "hang" and frame > 5):
        print(json.dumps({"frame": frame, "piece": told["job"]["start"], "show": frame / 30, "rss": rss,
                          "recording": "/r/a.bioart"}), flush=True)
    if does == "die" and frame == 5:
        print("something broke", file=sys.stderr, flush=True)
        os._exit(1)
    if does == "staff" and frame == 5:
        os._exit(17)
    time.sleep(0.02)
"""
REFUSE = "import sys; sys.stdin.readline(); print('no preset', file=sys.stderr); sys.exit(int(sys.argv[1]))"
QUICK = Limits(
    first=10.0, still=0.5, above=0.4, ask=0.5, within=60.0, steady=5.0, soonest=0.02, latest=0.2, spare=0.1
)


class Watch:
    """A supervisor in a thread, and the lives that its stubs have had."""

    def __init__(self, folder: Path, lives: list[str], **more: Any) -> None:
        self.file = folder / "lives"
        command = [sys.executable, "-S", "-c", STUB, str(self.file), json.dumps(lives)]
        watched = Watched(command, {"programme": ["a", "b"]}, 2, **{"limits": QUICK, **more})
        self.supervisor = Supervisor(watched)
        self.code: int | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        self.code = self.supervisor.run()

    @property
    def lives(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []

    def until(self, true: Callable[[], bool], seconds: float = 15.0) -> None:
        end = time.monotonic() + seconds
        while not true():
            assert time.monotonic() < end, "waited in vain"
            time.sleep(0.01)

    def again(self, times: int = 1) -> None:
        """Until it has restarted so often and shows pictures."""
        self.until(
            lambda: (
                self.supervisor.health()["restarts"] >= times
                and len(self.lives) > times
                and self.supervisor._first is not None
            )
        )

    def shows(self) -> bool:
        return bool(self.supervisor.health()["alive"])

    def end(self) -> int | None:
        self.supervisor.end()
        self.thread.join(15)
        return self.code


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watch]]:
    made: list[Watch] = []

    def make(*lives: str, **more: Any) -> Watch:
        made.append(Watch(tmp_path, list(lives), **more))
        return made[-1]

    yield make
    for each in made:
        each.end()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def test_a_dead_process_is_started_again_and_told_what_to_go_on_with(watch: Callable[..., Watch]) -> None:
    w = watch("die", "well")
    w.again()
    assert w.supervisor.health()["last_restart_reason"] == "exit 1: something broke"
    first, second = w.lives
    assert (first["resume"], first["first"]) == (None, True)
    assert (second["resume"], second["start"], second["first"]) == ("/r/a.bioart", 0, False)
    assert w.end() == 0


def test_a_hung_process_is_killed(watch: Callable[..., Watch]) -> None:
    w = watch("hang", "well")
    w.again()
    assert "no new picture for 0.5 s" in w.supervisor.health()["last_restart_reason"]
    assert not alive(w.lives[0]["pid"])


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="a signal of POSIX")
def test_a_stopped_process_is_killed(watch: Callable[..., Watch]) -> None:
    w = watch("well")
    w.until(w.shows)
    os.kill(w.lives[0]["pid"], signal.SIGSTOP)
    w.again()
    assert not alive(w.lives[0]["pid"])
    assert len(w.lives) == 2


def test_a_process_without_a_first_picture_has_longer(watch: Callable[..., Watch]) -> None:
    w = watch("never", "well", limits=Limits(first=1.2, still=0.2, soonest=0.02))
    began = time.monotonic()
    w.again()
    assert time.monotonic() - began >= 1.2
    assert "no first picture within 1.2 s" in w.supervisor.health()["last_restart_reason"]


def test_a_leaking_process_is_asked_to_end_and_gone_on_with(watch: Callable[..., Watch]) -> None:
    w = watch("leak", "well", memory=2 << 30)
    w.again()
    assert w.supervisor.health()["last_restart_reason"] == "memory 3072 MiB, above 2048 MiB for 0.4 s"
    assert w.lives[1]["resume"] == "/r/a.bioart"


def test_one_that_does_not_end_when_asked_is_killed(watch: Callable[..., Watch]) -> None:
    w = watch("deaf", "well")
    w.again()
    assert not alive(w.lives[0]["pid"])


def test_staff_ends_it_for_good(watch: Callable[..., Watch]) -> None:
    w = watch("staff")
    w.thread.join(15)
    assert w.code == STAFF
    assert len(w.lives) == 1


def test_a_crash_loop_goes_on_with_the_next_piece_afresh(watch: Callable[..., Watch]) -> None:
    w = watch("die", "die", "die", "well")
    w.again(3)
    assert [(life["start"], life["resume"]) for life in w.lives] == [
        (0, None), (0, "/r/a.bioart"), (0, "/r/a.bioart"), (1, None),
    ]  # fmt: skip


def test_pictures_for_long_enough_end_a_crash_loop(watch: Callable[..., Watch]) -> None:
    w = watch("hang", "hang", "hang", "well", limits=Limits(still=0.5, steady=0.05, soonest=0.02, latest=0.2))
    w.again(3)
    assert [life["start"] for life in w.lives] == [0, 0, 0, 0]


def test_pauses_grow(watch: Callable[..., Watch]) -> None:
    w = watch("die", limits=Limits(soonest=0.1, latest=0.4))
    w.until(lambda: len(w.lives) >= 4)
    assert w.supervisor._pauses >= 3


def test_a_call_that_is_wrong_ends_it_at_once_and_one_that_fails_after_some(tmp_path: Path) -> None:
    for code, tries in ((2, 1), (1, supervisor.TRIES)):
        watched = Watched([sys.executable, "-S", "-c", REFUSE, str(code)], {}, limits=QUICK)
        one = Supervisor(watched)
        assert one.run() == code
        assert one.health()["restarts"] == tries


def test_a_spare_process_takes_over(watch: Callable[..., Watch]) -> None:
    w = watch("well", spare=True)
    w.until(lambda: w.supervisor.spare is not None and w.supervisor.spare.warm)
    assert w.supervisor.spare is not None
    ready = w.supervisor.spare.process.pid
    os.kill(w.lives[0]["pid"], signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    w.again()
    assert w.lives[1]["pid"] == ready
    w.until(lambda: w.supervisor.spare is not None and w.supervisor.spare.warm)  # and there is another
    last = w.supervisor.spare.process.pid
    assert w.end() == 0
    assert not alive(last)
    assert not alive(ready)


def test_a_spare_process_that_stands_still_is_replaced(watch: Callable[..., Watch]) -> None:
    w = watch("well", spare=True, limits=replace(QUICK, silent=0.6, rest=0.1))
    w.until(lambda: w.supervisor.spare is not None and w.supervisor.spare.warm)
    assert w.supervisor.spare is not None
    first = w.supervisor.spare.process.pid
    os.kill(first, signal.SIGSTOP)
    w.until(lambda: w.supervisor.spare is not None and w.supervisor.spare.process.pid != first)
    assert not alive(first)
    assert w.shows()


def test_one_that_reads_nothing_never_stops_the_supervisor(watch: Callable[..., Watch]) -> None:
    w = watch("well", spare=True, limits=replace(QUICK, rest=0.1))
    w.until(lambda: w.supervisor.spare is not None and w.supervisor.spare.warm)
    spare = w.supervisor.spare
    assert spare is not None
    os.kill(spare.process.pid, signal.SIGSTOP)
    told = {"warm": {"padding": "x" * 4000}}
    assert not all(spare.tell(told) for _ in range(200)), "a pipe holds 64 KiB"
    w.until(w.shows)


def test_a_ready_process_that_shows_nothing_does_not_get_the_patience_of_a_cold_one(
    watch: Callable[..., Watch],
) -> None:
    w = watch("well", "never", "well", spare=True, limits=replace(QUICK, first=60.0, quick=0.6))
    w.until(lambda: w.supervisor.spare is not None and w.supervisor.spare.warm)
    os.kill(w.lives[0]["pid"], signal.SIGTERM)
    w.again(2)
    assert "no first picture" in w.supervisor.health()["last_restart_reason"]


def test_where_the_place_is_not_ready_the_piece_is_not_blamed(watch: Callable[..., Watch]) -> None:
    w = watch("die", "unready", "unready", "unready", "unready", "well")
    w.again(5)
    assert [job["start"] for job in w.lives] == [0] * 6
    assert all(job["resume"] == "/r/a.bioart" for job in w.lives[1:])


def test_what_is_heavy_from_its_beginning_is_no_leak_and_goes_on(watch: Callable[..., Watch]) -> None:
    w = watch("leak")
    w.again(1)
    time.sleep(2.5)
    assert w.supervisor.health()["restarts"] == 1, "the second is as heavy as the first: it is the piece"
    assert w.shows()


def test_one_who_asks_for_health_byte_by_byte_holds_up_nobody(watch: Callable[..., Watch]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    w = watch("well", health=port)
    w.until(w.shows)
    caller = socket.create_connection(("127.0.0.1", port))
    stop = threading.Event()

    def drip() -> None:
        with contextlib.suppress(OSError):
            while not stop.wait(0.2):
                caller.send(b"G")

    dripping = threading.Thread(target=drip)
    dripping.start()
    time.sleep(0.5)
    began = time.monotonic()
    assert w.end() == 0
    assert time.monotonic() - began < supervisor.CALLER + 2.0
    stop.set()
    dripping.join(5)
    caller.close()


def test_health_is_told_on_loopback_only_when_asked(watch: Callable[..., Watch]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    def ask(path: str = "/health", host: str = "127.0.0.1") -> tuple[int, bytes]:
        caller = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        caller.request("GET", path, headers={"Host": f"{host}:{port}"})
        answer = caller.getresponse()
        return answer.status, answer.read()

    def answers() -> bool:
        try:
            return ask()[0] == 200
        except OSError:
            return False

    w = watch("well", "never", health=port)  # a second life that never shows anything
    w.until(answers)
    status, body = ask()
    told = json.loads(body)
    assert set(told) == {
        "alive", "frames", "fps", "show_seconds", "restarts", "last_restart_reason", "rss", "recording",
    }  # fmt: skip
    assert (status, told["alive"], told["rss"], told["recording"]) == (200, True, 1000, "/r/a.bioart")
    assert ask("/")[0] == 404
    assert ask(host="evil.example")[0] == 404
    silent = socket.create_connection(("127.0.0.1", port))  # says nothing: the next is answered all the same
    assert ask()[0] == 200
    silent.close()
    os.kill(w.lives[0]["pid"], signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    w.until(lambda: ask()[0] == 503)


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="systemd's own")
def test_systemd_hears_of_pictures_only(
    watch: Callable[..., Watch], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    ear.bind(str(tmp_path / "notify"))
    ear.settimeout(10)
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
    w = watch("well")
    assert ear.recv(100) == b"READY=1"
    assert ear.recv(100) == b"WATCHDOG=1"
    assert ear.recv(100) == b"WATCHDOG=1"
    w.end()
    assert ear.recv(100) == b"STOPPING=1"
    ear.settimeout(0.2)
    with pytest.raises(TimeoutError):
        ear.recv(100)
    ear.close()


def test_the_log_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "LOG", 1000)
    log = logging.getLogger("bioart.kiosk")
    handlers = supervisor._logging(log, tmp_path / "logs" / "kiosk.log")
    for n in range(500):
        log.info("line %d", n)
    for handler in handlers:
        log.removeHandler(handler)
        handler.close()
    files = list((tmp_path / "logs").iterdir())
    assert len(files) == supervisor.LOGS + 1
    assert sum(f.stat().st_size for f in files) <= 1000 * (supervisor.LOGS + 1)


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_both(tmp_path: Path, name: str) -> None:
    call = (
        "import sys, json; from bioart.stage.supervisor import *; "
        f"sys.exit(supervise(Watched([sys.executable, '-S', '-c', {STUB!r}, {str(tmp_path / 'lives')!r}, "
        "json.dumps(['well'])], {})))"
    )
    process = subprocess.Popen([sys.executable, "-c", call], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    while "picture" not in process.stderr.readline():
        pass
    process.send_signal(getattr(signal, name))
    _, said = process.communicate(timeout=15)
    assert process.returncode == 0
    assert "closed" in said  # it was asked, not killed
    assert not alive(json.loads((tmp_path / "lives").read_text())["pid"])


def test_the_supervisor_imports_nothing_heavy() -> None:
    call = (
        "import sys; import bioart.cli.main, bioart.stage.supervisor, bioart.stage.machine; "
        "print([m for m in ('numpy', 'scipy', 'taichi', 'moderngl', 'pyglet', 'PIL') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", call], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
