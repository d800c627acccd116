"""Bad input through the real command line: one line, the right exit code, nothing left behind."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bioart.cli.main import run
from tests.stage import bad

CASES = bad.cases()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the cases read from, with a sound recording of the small piece."""
    folder = tmp_path_factory.mktemp("in")
    made = tmp_path_factory.mktemp("made") / "sound.bioart"
    bad.small.write(folder)
    words = [
        "export",
        str(folder / "small.yaml"),
        str(made.with_name("a.png")),
        "--seconds",
        "0.6",
        "--fps",
        "5",
    ]
    with pytest.MonkeyPatch.context() as patch:
        assert called([*words, "--size", "64x36", "--record", str(made)], patch) == 0
    bad.furnish(folder, made)
    return folder


@pytest.fixture
def out(tmp_path: Path) -> Path:
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    kept = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, kept)


def called(words: list[str], monkeypatch: pytest.MonkeyPatch) -> int:
    """The command line in this process; its exit code."""
    monkeypatch.setattr(sys, "argv", ["bioart", *words])
    with pytest.raises(SystemExit) as end:
        run()
    return int(end.value.code or 0)  # type: ignore[arg-type]


def started(words: list[str], **more) -> subprocess.CompletedProcess[str]:  # type: ignore[no-untyped-def]
    """The command line in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "bioart.cli.main", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
        **more,
    )


def is_one_line(told: str, line: str) -> None:
    assert told.count("\n") == 1, told
    assert told.startswith("bioart: ")
    assert told.endswith("\n")
    assert "Traceback" not in told
    assert "unforeseen" not in told
    assert len(told) < 600
    assert told[:-1].isprintable()
    assert re.search(line, told), told


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_each_bad_call_ends_in_one_line(
    case: bad.Case,
    source: Path,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    before = sorted(p.name for p in source.rglob("*"))
    code = called(case.arguments(source, out), monkeypatch)
    printed, told = capfd.readouterr()
    assert (code, printed) == (case.code, ""), told
    is_one_line(told, case.line)
    assert list(out.iterdir()) == []
    assert sorted(p.name for p in source.rglob("*")) == before


SOME = ("preset: 3,000 deep", "events: NaN", "recording: half, verify")


@pytest.mark.parametrize("name", SOME)
def test_a_process_of_its_own_says_the_same(name: str, source: Path, out: Path) -> None:
    case = next(c for c in CASES if c.name == name)
    done = started(case.arguments(source, out))
    assert (done.returncode, done.stdout) == (case.code, "")
    is_one_line(done.stderr, case.line)
    assert list(out.iterdir()) == []


def test_debug_shows_where_a_fault_was_raised(source: Path, out: Path) -> None:
    done = started(["new", str(out / "a.yaml"), "--from", str(source / "unknown-key.yaml"), "--debug"])
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert done.stderr.splitlines()[-1].startswith("bioart: ")


def test_a_file_that_is_there_stays_as_it_is(
    source: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = out / "a.mp4"
    there.write_text("mine")
    words = ["export", str(source / "small.yaml"), str(there), "--size", "64x36", "--seconds", "0.2"]
    assert called([*words, "--events", str(source / "NaN.jsonl")], monkeypatch) == 2
    assert called(["new", str(source / "small.yaml")], monkeypatch) == 2
    assert there.read_text() == "mine"
    assert (source / "small.yaml").read_text() == bad.small.TEXT


# -- a disk that is full, or shut --------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Callable[[int], Path]]:
    """Makes a disk of so many KiB."""
    made: list[Path] = []

    def of(size: int) -> Path:
        folder = tmp_path / f"disk{len(made)}"
        folder.mkdir()
        call = ["mount", "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", str(folder)]
        if (
            os.name != "posix"
            or os.geteuid()
            or subprocess.run(call, check=False, capture_output=True).returncode
        ):
            pytest.skip("only root may mount a small disk; the limited file below stands for it")
        made.append(folder)
        return folder

    yield of
    for folder in made:
        subprocess.run(["umount", str(folder)], check=True)


FULL = {
    "movie": (8, "a.mp4", (), r"a\.mp4: the encoder failed: .*No space left"),
    "stills": (8, "a.png", ("--profile", "png16"), r"a_00000\.png: No space left|\.png: cannot write"),
    "recording from the start": (8, "{out}/a.mp4", ("--record", "a.bioart"), r"a\.bioart: cannot record"),
    "recording half way": (200, "{out}/a.mp4", ("--record", "a.bioart"), r"bioart: cannot (record|finish)"),
}  # fmt: skip


@pytest.mark.parametrize("what", list(FULL))
def test_a_full_disk_leaves_nothing(
    what: str,
    source: Path,
    out: Path,
    disk: Callable[[int], Path],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    size, name, more, line = FULL[what]
    folder = disk(size)
    target = name.replace("{out}", str(out)) if "{out}" in name else str(folder / name)
    words = [str(folder / word) if word == "a.bioart" else word for word in more]
    whole = [
        "export",
        str(source / "small.yaml"),
        target,
        "--size",
        "320x180",
        "--seconds",
        "0.4",
        "--fps",
        "10",
        *words,
    ]
    code = called(whole, monkeypatch)
    printed, told = capfd.readouterr()
    assert (code, printed) == (1, ""), told
    is_one_line(told, line)
    assert [*folder.iterdir(), *out.iterdir()] == []


def test_vitals_on_a_full_disk_leave_nothing(
    source: Path,
    disk: Callable[[int], Path],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    folder = disk(4)
    (folder / "filler").write_bytes(bytes(4096))
    code = called(["verify", str(source / "a.bioart"), "--vitals", str(folder / "v.csv")], monkeypatch)
    printed, told = capfd.readouterr()
    assert (code, printed) == (1, ""), told
    is_one_line(told, r"--vitals .*v\.csv: cannot be written \(No space left on device\)")
    assert [p.name for p in folder.iterdir()] == ["filler"]


@pytest.mark.parametrize("what", ["movie", "recording"])
def test_a_file_that_may_not_grow_leaves_nothing(what: str, source: Path, out: Path) -> None:
    words = [
        "export",
        str(source / "small.yaml"),
        str(out / "a.mov"),
        "--size",
        "320x180",
        "--seconds",
        "0.4",
    ]
    if what == "recording":
        words = [
            *words[:2],
            str(out / "a.png"),
            "--size",
            "32x18",
            "--seconds",
            "0.4",
            "--record",
            str(out / "a.bioart"),
        ]
    limit = 65536
    done = started(words, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
    assert (done.returncode, done.stdout) == (1, ""), done.stderr
    is_one_line(
        done.stderr, r"a\.mov: the encoder failed" if what == "movie" else r"a\.bioart: cannot record"
    )
    assert list(out.iterdir()) == []


def test_a_folder_that_takes_no_files(source: Path, out: Path) -> None:
    words = ["export", str(source / "small.yaml"), "", "--size", "64x36", "--seconds", "0.2"]
    if os.geteuid() == 0:  # nothing is shut to root but what is no disk
        words[2] = "/proc/a.mp4"
        line, code = r"/proc/a\.mp4: cannot write there", 1
    else:
        out.chmod(0o555)
        words[2] = str(out / "a.mp4")
        line, code = r"OUT .*cannot be written to; allowed", 2
    done = started(words)
    assert (done.returncode, done.stdout) == (code, "")
    is_one_line(done.stderr, line)
    assert list(out.iterdir()) == []


# -- a machine that lacks what is needed -------------------------------------------------------------------


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="hides EGL's drivers")
def test_without_gl_it_says_what_is_needed(source: Path, out: Path) -> None:
    hidden = {**os.environ, "__EGL_VENDOR_LIBRARY_FILENAMES": "/nonexistent"}
    words = [
        "export",
        str(source / "small.yaml"),
        str(out / "a.mp4"),
        "--size",
        "64x36",
        "--record",
        str(out / "a.bioart"),
    ]
    done = started(words, env=hidden)
    assert (done.returncode, done.stdout) == (1, "")
    is_one_line(
        done.stderr, r"no OpenGL 4\.1 without a window: .*needed: libEGL and a driver .*libgl1-mesa-dri"
    )
    assert list(out.iterdir()) == []
    seen = started(["doctor", "--strict"], env=hidden)
    assert seen.returncode == 1
    assert re.search(r"^no +picture +no OpenGL 4\.1", seen.stdout, re.M)


def test_a_recording_of_another_build_plays_its_take_or_is_refused(
    source: Path, out: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    path = bad.strange(source / "a.bioart", out.parent / "strange.bioart")
    assert called(["verify", str(path)], monkeypatch) == 1
    is_one_line(capfd.readouterr().err, r"strange\.bioart: made by another build \(numpy 9\.9 there")
    assert called(["export", str(path), str(out / "a.png"), "--size", "32x18"], monkeypatch) == 2
    is_one_line(capfd.readouterr().err, r"strange\.bioart: made by another build .* without a take; allowed")
    assert list(out.iterdir()) == []


# -- being stopped -----------------------------------------------------------------------------------------


def _heeding() -> None:
    """A test run in the background ignores interrupts, and its children would inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_being_stopped_leaves_nothing(number: signal.Signals, source: Path, out: Path) -> None:
    words = [
        "export",
        str(source / "small.yaml"),
        str(out / "a.mp4"),
        "--size",
        "640x360",
        "--quality",
        "final",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "bioart.cli.main", *words, "--record", str(out / "a.bioart"), "--fps", "120"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_heeding,
    )
    deadline = time.monotonic() + 120
    while not (out / "a.bioart.part").exists():  # by then the movie is begun too
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert list(out.glob(".a.mp4.*.part"))
    process.send_signal(number)
    printed, told = process.communicate(timeout=60)
    assert (process.returncode, printed) == (130, "")
    is_one_line(told, "interrupted")
    assert list(out.iterdir()) == []
