"""The kiosk as a visitor, a crash and staff meet it: a real screen (Xvfb), real processes."""

from __future__ import annotations

import contextlib
import os
import queue
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bioart import clock
from bioart.cli.main import run
from bioart.recording import Recording
from bioart.stage import verifier
from bioart.stage.supervisor import STAFF
from tests.show import small
from tests.stage.conftest import server

ROOT = Path(__file__).parents[2]
MACHINE = 'kiosk: {pin: "4711", each: 1 h}\n'


@pytest.fixture
def screen() -> Iterator[str]:
    """A small screen of its own: `:N`."""
    with server("320x180") as name:
        yield name


class Running:
    """A kiosk, and what it logs."""

    def __init__(self, folder: Path, display: str, *more: str) -> None:
        path = os.pathsep.join(p for p in (str(ROOT), os.environ.get("PYTHONPATH", "")) if p)
        env = {
            **os.environ, "PYTHONPATH": path, "DISPLAY": display, "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "TI_OFFLINE_CACHE_FILE_PATH": str(Path.home() / ".cache/bioart/kernels"),
        }  # fmt: skip
        call = [
            "kiosk",
            "small.yaml",
            "--record",
            "shows",
            "--machine",
            "machine.yaml",
            "--threads",
            "2",
            *more,
        ]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bioart.cli.main", *call],
            cwd=folder, env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        self._lines: queue.Queue[str] = queue.Queue()
        self.said = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._lines.put(line)

    def end(self) -> None:
        """However it went, nothing of it is left."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._reader.join(10)
        assert self.process.stderr is not None
        self.process.stderr.close()

    def until(self, pattern: str, seconds: float) -> re.Match[str]:
        """The next line that has it."""
        end = time.monotonic() + seconds
        while True:
            try:
                line = self._lines.get(timeout=max(0.01, end - time.monotonic()))
            except queue.Empty:
                pytest.fail(f"no {pattern!r} within {seconds} s; it said:\n{self.said}")
            self.said += line
            if found := re.search(pattern, line):
                return found


@pytest.fixture
def kiosk(tmp_path: Path, screen: str) -> Iterator[Callable[..., Running]]:
    begun: list[Running] = []

    def begin(machine: str, *more: str) -> Running:
        small.write(tmp_path)
        (tmp_path / "machine.yaml").write_text(machine)
        begun.append(Running(tmp_path, screen, *more))
        return begun[-1]

    yield begin
    for one in begun:
        one.end()


def keys(display: str, *words: str) -> None:
    subprocess.run(["xdotool", *words], env={**os.environ, "DISPLAY": display}, check=True, timeout=30)


@pytest.mark.prove
def test_killed_it_is_back_a_visitor_stays_and_staff_leaves(
    tmp_path: Path, screen: str, kiosk: Callable[..., Running]
) -> None:
    one = kiosk(MACHINE, "--input", "rehearsal:12")
    pid = int(one.until(r"frame (\d+): piece 0, afresh", 60)[1])
    one.until("picture, ", 120)
    one.until("ready to take over", 120)
    time.sleep(3)
    began = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    one.until("resumed .* of show", 60)
    one.until("picture, ", 60)
    assert time.monotonic() - began <= 15.0
    time.sleep(3)
    if shutil.which("xdotool"):
        for way in ("Escape", "alt+F4", "ctrl+q", "ctrl+c", "F11", "super", "ctrl+alt+Delete", "q", "Return"):
            keys(screen, "key", way)
        keys(screen, "type", "4711\n")
        time.sleep(2)
        assert one.process.poll() is None
        for held in (2.5, 4.0, 6.0):  # a hand holds on until the picture answers, which may be slow to
            chord = ["keydown", "ctrl", "keydown", "shift", "keydown", "k", "sleep", str(held)]
            keys(screen, *chord, "keyup", "k", "keyup", "shift", "keyup", "ctrl", "sleep", "0.5")
            keys(screen, "type", "--delay", "100", "4711")
            keys(screen, "key", "Return")
            with contextlib.suppress(subprocess.TimeoutExpired):
                one.process.wait(15)
                break
        assert one.process.wait(15) == STAFF
    else:
        one.process.send_signal(signal.SIGTERM)
        assert one.process.wait(30) == 0
    (path,) = (tmp_path / "shows").glob("*.bioart*")
    assert path.suffix == ".bioart"  # closed, and nothing beside it
    verdict = verifier.verify(path)
    assert (verdict.differs, verdict.runs) == (None, 2)
    recording = Recording(path)
    run_1 = recording.runs()[1]
    assert run_1.from_step is not None
    before = {e.order for e in recording.events(0, run_1.from_step)}
    assert before <= {e.order for e in recording.events(1)}
    recording.close()


@pytest.mark.prove
def test_a_window_manager_neither_closes_hides_nor_covers_it(
    screen: str, kiosk: Callable[..., Running]
) -> None:
    manager = shutil.which("openbox")
    if manager is None or shutil.which("xdotool") is None:
        pytest.skip("no window manager, or no hands")
    env = {**os.environ, "DISPLAY": screen}
    managing = subprocess.Popen([manager], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        one = kiosk(MACHINE, "--input", "rehearsal:12")
        one.until("picture, ", 120)
        time.sleep(3)
        found = subprocess.run(
            ["xdotool", "search", "--name", "^bioart$"], env=env, capture_output=True, text=True, check=True
        )
        window = found.stdout.split()[0]

        def shown() -> bool:
            told = subprocess.run(["xwininfo", "-id", window], env=env, capture_output=True, text=True)
            return "IsViewable" in told.stdout and "320x180+0+0" in told.stdout

        assert shown()
        ways = (
            ("key", "alt+F4"), ("key", "super+d"), ("key", "alt+Tab"), ("key", "ctrl+alt+Right"),
            ("windowminimize", window), ("windowunmap", window), ("windowmove", window, "50", "50"),
            ("set_desktop", "1"), ("mousemove", "319", "179", "click", "3"),
        )  # fmt: skip
        for way in ways:
            subprocess.run(["xdotool", *way], env=env, check=False, timeout=30, capture_output=True)
            time.sleep(1.6)
            assert one.process.poll() is None, way
            assert shown(), way
    finally:
        managing.terminate()
        managing.wait(10)


@pytest.mark.prove
def test_a_closed_house_is_dark_and_its_world_waits(
    tmp_path: Path, screen: str, kiosk: Callable[..., Running]
) -> None:
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[(clock.local()[0] + 3) % 7]
    one = kiosk(f"kiosk: {{open: {{{day}: '10:00-11:00'}}, spare: false}}\n")
    one.until("picture, ", 120)
    time.sleep(2)
    if shutil.which("xwd"):
        shot = subprocess.run(
            ["xwd", "-root", "-silent", "-display", screen], capture_output=True, check=True
        )
        assert not any(shot.stdout[-320 * 180 * 4 :][i] for i in range(0, 320 * 180 * 4, 4))
    one.process.send_signal(signal.SIGTERM)
    assert one.process.wait(30) == 0
    (path,) = (tmp_path / "shows").glob("*.bioart")
    recording = Recording(path)
    assert recording.steps() <= 30
    recording.close()


# -- the command ---------------------------------------------------------------------------------------------


def said(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], *words: str
) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["bioart", "kiosk", *words])
    with pytest.raises(SystemExit) as end:
        run()
    told = capfd.readouterr()
    return int(end.value.code or 0), told.out, told.err  # type: ignore[arg-type]


def test_the_unit_says_what_systemd_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    piece = small.write(tmp_path)
    machine = tmp_path / "my machine.yaml"
    machine.write_text(MACHINE)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DISPLAY", ":0")
    code, unit, err = said(monkeypatch, capfd, "small.yaml", "--machine", "my machine.yaml", "--print-unit")
    assert (code, err) == (0, "")
    for line in (
        "Type=notify", "Restart=always", "RestartSec=1", "WatchdogSec=180",
        f"RestartPreventExitStatus={STAFF}",
        "Environment=DISPLAY=:0", f"WorkingDirectory={tmp_path}",
    ):  # fmt: skip
        assert line in unit.splitlines()
    assert "StartLimitIntervalSec=0" in unit.split("[Service]")[0]
    assert f'-m bioart.cli.main kiosk {piece} --machine "{machine}"\n' in unit
    if shutil.which("systemd-analyze"):
        path = tmp_path / "bioart-kiosk.service"
        path.write_text(unit)
        done = subprocess.run(
            ["systemd-analyze", "verify", "--user", str(path)], capture_output=True, text=True, check=False,
            env={**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)},
        )  # fmt: skip
        assert "bioart-kiosk.service" not in done.stderr, done.stderr


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("zzz",), r"no preset 'zzz'.*"),
        (("small.yaml", "--input", "nobody"), r"--input: no input 'nobody'.*"),
        (("small.yaml", "--display", "wall"), r"--display: no display 'wall'.*"),
        (("small.yaml", "--machine", "none.yaml"), r"--machine none\.yaml: does not exist.*"),
        (
            ("small.yaml", "--machine", "bad.yaml"),
            r"bad\.yaml:1:9: no key 'pn' in kiosk; did you mean 'pin'\?",
        ),
        (("small.yaml", "--record", "bad.yaml"), r"--record bad\.yaml: is a file; allowed: a folder"),
        (("a.bioart",), r"a\.bioart: a recording plays by.*"),
        (("attract",), r"PRESET 'attract': .*"),
    ],
)
def test_a_wrong_call_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    words: tuple[str, ...],
    line: str,
) -> None:
    small.write(tmp_path)
    (tmp_path / "bad.yaml").write_text("kiosk: {pn: 1}\n")
    monkeypatch.chdir(tmp_path)
    code, out, err = said(monkeypatch, capfd, *words)
    assert (code, out) == (2, "")
    assert re.fullmatch(f"bioart: {line}\n", err), err
