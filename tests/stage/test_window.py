"""A real window on a real X server, real keys, and the recording that they leave."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from bioart import registry
from bioart.clock import RATE
from bioart.recording import Recording
from bioart.stage import verifier
from tests.show import small

pytestmark = pytest.mark.prove
OPENS = 120.0  # s at most until the picture is there: kernels may have to be compiled


class Desk:
    """`bioart play` in a process of its own, and who sits before it."""

    def __init__(self, screen: str, folder: Path, *more: str) -> None:
        self.screen, self.record = screen, folder / "p.bioart"
        piece = small.write(folder, small.TEXT.replace("for: 2 s\n", "for: 60 s\n"))
        words = [
            "play",
            str(piece),
            "--size",
            "320x180",
            "--record",
            str(self.record),
            "--input",
            "rehearsal:8",
        ]
        self.log = (folder / "log").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bioart.cli.main", *words, *more],
            env={**os.environ, "DISPLAY": screen, "XDG_CONFIG_HOME": str(folder / "config")},
            stdout=self.log,
            stderr=self.log,
            cwd=folder,
        )

    def picture(self) -> np.ndarray:
        from PIL import ImageGrab

        return np.asarray(ImageGrab.grab(xdisplay=self.screen).convert("L"), np.float32)

    def until(self, what: str, seen: object, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            assert self.process.poll() is None, f"it ended: {self.said()}"
            if seen():  # type: ignore[operator]
                return
            time.sleep(0.2)
        pytest.fail(f"never {what}: {self.said()}")

    def said(self) -> str:
        self.log.seek(0)
        return self.log.read()

    def lived(self) -> int:
        """Steps of the show so far: on a busy machine show time runs slow."""
        recording = Recording(self.record.with_name(f"{self.record.name}.part"), whole=False)
        try:
            return recording.steps()
        finally:
            recording.close()

    def tool(self, *words: str) -> str:
        run = ["xdotool", *words]
        return subprocess.run(
            run, env={**os.environ, "DISPLAY": self.screen}, capture_output=True, text=True
        ).stdout

    def focus(self) -> None:
        self.tool("windowfocus", self.tool("search", "--name", "A small piece").split()[0])
        time.sleep(0.3)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tool("key", key)
            time.sleep(0.4)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)
        self.log.close()


@pytest.fixture
def desk(screen: str, tmp_path: Path) -> Iterator[Desk]:
    if shutil.which("xdotool") is None:
        pytest.skip("no xdotool to press keys with")
    made = Desk(screen, tmp_path)
    yield made
    made.close()


def test_every_key_by_hand_and_the_recording_verifies(
    desk: Desk, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    desk.until("a picture", lambda: (desk.picture() > 60).sum() > 200, OPENS)
    desk.focus()
    desk.press("h", "h", "t", "t", "Tab", "Tab", "Down", "Down", "Up", "Next", "Right", "Left", "shift+Right")
    looks = registry.names("look")
    desk.press("m", "j", "j", "n", "p", "u", "f", "f", *["l"] * len(looks), "s")  # all the way round
    desk.press("F11")
    desk.focus()  # nobody else gives a new window the keys: there is no window manager
    desk.press("F11")
    desk.focus()
    desk.press("b")
    desk.until("black", lambda: desk.picture().max() < 8, 10)
    desk.press("b")
    desk.until("light again", lambda: (desk.picture() > 60).sum() > 200, 20)
    desk.press("Escape", "Escape")
    assert desk.process.poll() is None, "Escape ends no show"
    lit = desk.lived()
    desk.until("lit for as long as R may go back", lambda: desk.lived() >= lit + 15 * RATE, 180)
    desk.press("r")
    time.sleep(4)
    desk.press("ctrl+q")
    assert desk.process.wait(30) == 0, desk.said()
    recording = Recording(desk.record)
    hands = [
        (e.kind, e.data.get("name") or e.data.get("param"))
        for e in recording.events(0)
        if e.source == "hands"
    ]
    runs = len(recording.runs())
    recording.close()
    own = looks.index("specimen")
    others = [f"look {looks[(own + i) % len(looks)]}" for i in range(1, len(looks) + 1)]
    assert [name for kind, name in hands if kind == "cue"] == [
        "next", "previous", "undo", "freeze", "go on", *others, "black", "light"
    ]  # fmt: skip
    assert sum(kind == "control" for kind, _ in hands) >= 3
    assert runs == 2, "R is a run of its own"
    assert (tmp_path / "small-2.yaml").exists()
    assert verifier.verify(desk.record).differs is None
    tell(f"by hand: {len(hands)} events, {runs} runs, verified")


def test_a_hologram_bears_no_panel_it_opens_beside(screen: str, tmp_path: Path) -> None:
    if shutil.which("xdotool") is None:
        pytest.skip("no xdotool to press keys with")
    desk = Desk(screen, tmp_path, "--display", "quilt:4x2")
    try:
        desk.until("a picture", lambda: (desk.picture() > 60).sum() > 100, OPENS)
        stage = desk.tool("search", "--name", "^A small piece$").split()[0]
        desk.tool("windowmove", stage, "900", "500")  # beside what opens at the corner
        desk.tool("windowfocus", stage)
        desk.press("f")  # a still world, so that pictures can be compared
        time.sleep(2.0)
        before = desk.picture()
        desk.press("Tab")
        desk.until("a window beside", lambda: desk.tool("search", "--name", "A small piece: panel"), 20)
        time.sleep(2.0)
        beside = desk.picture()
        assert (beside[:, :640] > 100).sum() > 1000, "the panel is there"
        assert abs(beside[500:, 900:] - before[500:, 900:]).mean() < 2.0, "and not on the hologram"
        desk.tool("windowfocus", desk.tool("search", "--name", "A small piece: panel").split()[0])
        desk.press("f", "Tab")  # its keys are the show's
        desk.until("one window", lambda: not desk.tool("search", "--name", "A small piece: panel"), 20)
        desk.press("ctrl+q")
        assert desk.process.wait(40) == 0, desk.said()
    finally:
        desk.close()


def test_without_a_screen_it_says_so_in_one_line(tmp_path: Path) -> None:
    piece = small.write(tmp_path)
    env = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-m", "bioart.cli.main", "play", str(piece)],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert "no window with OpenGL 4.1" in done.stderr
    assert "needed: a screen" in done.stderr
