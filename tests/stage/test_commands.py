"""The commands beside export: what they print, where, and how they end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from bioart import preset, registry
from bioart.cli.main import commands, run
from tests.show import small

TOPICS = ("presets", "params", "growths", "looks", "displays", "inputs", "outputs")


class Bioart:
    """The command line in this process."""

    def __init__(self, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capfd, self._patch = capfd, monkeypatch

    def __call__(self, *words: object) -> tuple[int, str, str]:
        """Exit code, stdout, stderr."""
        self._patch.setattr(sys, "argv", ["bioart", *map(str, words)])
        self._capfd.readouterr()
        with pytest.raises(SystemExit) as end:
            run()
        said = self._capfd.readouterr()
        return int(end.value.code or 0), said.out, said.err  # type: ignore[arg-type]


@pytest.fixture
def bioart(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Bioart:
    monkeypatch.setenv("COLUMNS", "100")
    return Bioart(capfd, monkeypatch)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the small piece, a movie, a picture and a recording of it."""
    folder = tmp_path_factory.mktemp("kept")
    small.write(folder)
    whole = [sys.executable, "-m", "bioart.cli.main", "export", "small.yaml", "a.mp4", "--size", "64x36"]
    more = ["--fps", "6", "--seconds", "1", "--input", "rehearsal:6", "--record", "a.bioart", "--take"]
    path = os.pathsep.join(
        p for p in (str(Path(preset.__file__).parents[2]), os.environ.get("PYTHONPATH", "")) if p
    )
    env = {**os.environ, "PYTHONPATH": path}
    done = subprocess.run([*whole, *more], capture_output=True, text=True, check=False, cwd=folder, env=env)
    # in a pipe: results on stdout, and nothing else
    assert (done.returncode, done.stdout, done.stderr) == (0, "a.mp4\na.bioart\n", "")
    assert sorted(p.name for p in folder.iterdir()) == ["a.bioart", "a.mp4", "air.csv", "small.yaml"]
    return folder


# -- help and version --------------------------------------------------------------------------------------


def test_version(bioart: Bioart) -> None:
    code, out, err = bioart("--version")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"bioart \d+\.\d+\.\d+\n", out)


@pytest.mark.parametrize("words", [(), ("--help",), ("-h",)])
def test_help_names_every_command(bioart: Bioart, words: tuple[str, ...]) -> None:
    code, out, err = bioart(*words)
    assert (code, err) == (0, "")
    assert "Usage: bioart " in out
    for name in commands():
        assert re.search(rf"^\W*{name}\s+[A-Z]", out, re.M)


@pytest.mark.parametrize("name", commands())
def test_every_command_and_option_says_what_it_is_for(bioart: Bioart, name: str) -> None:
    code, out, err = bioart(name, "--help")
    assert (code, err) == (0, "")
    assert f"Usage: bioart {name} " in out
    for line in out.splitlines():
        if re.match(r"\W*--", line):
            assert re.search(r"(--\S+)\s+(-h\s+)?(\S+)\s+\S", line), line


def test_export_names_every_option_of_the_design(bioart: Bioart) -> None:
    _, out, _ = bioart("export", "--help")
    said = (Path(__file__).parents[2] / "docs" / "design.md").read_text(encoding="utf-8")
    line = re.search(r"^bioart export.*?(?=^bioart verify)", said, re.M | re.S)
    assert line is not None
    options = set(re.findall(r"--[a-z]+", line[0])) | {"--threads", "--backend", "--debug"}
    assert len(options) > 15
    assert {o for o in options if f"{o} " not in out} == set()


# -- list --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("topic", TOPICS)
def test_list_of_a_topic(bioart: Bioart, topic: str) -> None:
    code, out, err = bioart("list", topic)
    assert (code, err) == (0, "")
    rows = out.splitlines()
    families = {
        "growths": "growth",
        "looks": "look",
        "displays": "display",
        "inputs": "input",
        "outputs": "output",
    }
    if topic in families:
        assert [row.split()[0] for row in rows] == list(registry.names(families[topic]))
    if topic == "params":
        assert len(rows) > 40
        assert next(r for r in rows if r.startswith("light.glow ")).count("to")
    for row in rows:
        assert re.fullmatch(r"\S+ +\S.*\S", row), row


def test_list_of_all(bioart: Bioart) -> None:
    code, out, err = bioart("list")
    assert (code, err) == (0, "")
    assert re.findall(r"^(\w+):$", out, re.M) == [t for t in TOPICS if t != "params"]


# -- new ---------------------------------------------------------------------------------------------------


def test_new_writes_a_piece_that_loads_and_says_every_param(bioart: Bioart, tmp_path: Path) -> None:
    source = small.write(tmp_path)
    made = tmp_path / "mine.yaml"
    code, out, err = bioart("new", made, "--from", source)
    assert (code, out, err) == (0, f"{made}\n", "")
    piece = preset.load(made)
    assert piece.values == preset.load(source).values
    text = made.read_text(encoding="utf-8")
    assert all(f"#   {name} = " in text for name in piece.params)
    code, out, err = bioart("check", made)
    assert (code, err) == (0, "")
    assert "preset “A small piece”; 4 s: garden 2 s, smog 2 s;" in out


# -- check -------------------------------------------------------------------------------------------------


def test_check_of_each_kind_of_file(bioart: Bioart, kept: Path, tmp_path: Path) -> None:
    events = tmp_path / "e.jsonl"
    events.write_text('{"t": 0, "kind": "tap", "who": "a"}\n{"t": 1.5, "kind": "pledge", "pledge": "bike"}\n')
    piece, movie, recording = kept / "small.yaml", kept / "a.mp4", kept / "a.bioart"
    picture = tmp_path / "p.png"
    assert bioart("export", recording, picture, "--size", "64x36", "--seconds", "0.03")[0] == 0
    files = (piece, events, kept / "air.csv", recording, movie, picture)
    code, out, err = bioart("check", *files, "--for", piece)
    assert (code, err) == (0, "")
    rows = out.splitlines()
    assert [row.split(": ")[0] for row in rows] == [str(f) for f in files]
    said = dict(zip(("preset", "events", "csv", "recording", "movie", "picture"), rows, strict=True))
    assert "2 events for " in said["events"]
    assert "kinds: pledge, tap" in said["events"]
    assert "readings for " in said["csv"]
    assert re.search(
        r"recording of 1 s, 30 steps, \d+ events, 1 run, 1 sound snapshots?, with a take, seed 0",
        said["recording"],
    )
    assert "size 64x36; fps 6; frames 6;" in said["movie"]
    assert re.search(r"seam [\d.]+ mean", said["movie"])
    assert "picture PNG; size 64x36; bits 8; alpha no; colour sRGB" in said["picture"]


def test_check_tells_good_and_bad_apart(bioart: Bioart, kept: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(small.TEXT.replace("wind: 0.6", "wnd: 0.6"))
    code, out, err = bioart("check", kept / "small.yaml", bad, kept / "a.mp4")
    assert code == 2
    assert len(out.splitlines()) == 2
    assert re.fullmatch(
        r"bioart: \S*bad\.yaml:\d+:\d+: no param 'wnd' in 'weather'; did you mean 'wind'\?\n", err
    )


def test_a_recording_whose_show_died_opens_up_to_the_last_commit(
    bioart: Bioart, kept: Path, tmp_path: Path
) -> None:
    """A process that is killed: nothing was closed, and what it wrote lies in the log beside the part."""
    script = (
        "import os, sys; from pathlib import Path; from bioart.recording import Recorder, Recording\n"
        "sound = Recording(Path(sys.argv[1])); recorder = Recorder(Path(sys.argv[2]), sound.meta)\n"
        "recorder.snapshot(0, sound.snapshot(0, 0))\n"
        "[recorder.digest(k, d) for k, d in sound.digests(0).items() if k < 20]\n"
        "[recorder.event(e) for e in sound.events(0) if e.step < 20]\n"
        "recorder.flush(); os._exit(9)\n"
    )
    died = tmp_path / "died.bioart"
    words = [sys.executable, "-c", script, str(kept / "a.bioart"), str(died)]
    assert subprocess.run(words, check=False).returncode == 9
    assert not died.exists()
    for said in ("20 steps", "1 sound snapshot"):
        code, out, err = bioart("check", f"{died}.part")
        assert (code, err) == (0, "")
        assert said in out
    code, out, err = bioart("verify", f"{died}.part")
    assert (code, err) == (0, "")
    assert "identical, 20 steps" in out


# -- verify, doctor, bench ---------------------------------------------------------------------------------


def test_verify_says_identical_and_writes_vitals(bioart: Bioart, kept: Path, tmp_path: Path) -> None:
    code, out, err = bioart("verify", kept / "a.bioart", "--vitals", tmp_path / "v.csv")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"\S*a\.bioart: identical, 30 steps, \d+ events, 1 run\n", out)
    assert (tmp_path / "v.csv").read_text().startswith("t,")
    assert [p.name for p in tmp_path.iterdir()] == ["v.csv"]


def test_doctor_tries_what_an_export_needs(bioart: Bioart) -> None:
    code, out, err = bioart("doctor")
    assert (code, err) == (0, "")
    for what in ("bioart", "assets", "compute", "picture", "movies"):
        assert re.search(rf"^yes {what} ", out, re.M), out
    assert re.search(r"^(yes words .*Latin|no  words .*no face for)", out, re.M), out


def test_bench_times_the_parts_of_a_piece(bioart: Bioart, kept: Path) -> None:
    code, out, err = bioart(
        "bench", kept / "small.yaml", "--at", "0.5", "--rounds", "1", "--quality", "draft",
        "--size", "64x36", "--size", "36x64",
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert ": at 0.5 s, " in out
    for part in ("step", "digest", "forms", "frame 64×36 draft", "read  64×36 draft", "frame 36×64 draft"):
        assert re.search(rf"^ *[\d.]+ +[\d.]+ ms  {part}", out, re.M), out


# -- who listens -------------------------------------------------------------------------------------------


def test_a_listener_that_goes_is_no_fault() -> None:
    call = f"{sys.executable} -m bioart.cli.main list params | head -n 1"
    done = subprocess.run(call, shell=True, capture_output=True, text=True, check=False)
    assert len(done.stdout.splitlines()) == 1
    assert done.stderr == ""


@pytest.mark.skipif(os.name != "posix", reason="a terminal")
def test_a_terminal_sees_the_plan_the_count_and_the_end(kept: Path, tmp_path: Path) -> None:
    import pty

    try:
        here, there = pty.openpty()
    except OSError as fault:  # a bare container may have none to give
        pytest.skip(f"no terminal to be had: {fault}")
    words = [
        "export",
        str(kept / "a.bioart"),
        str(tmp_path / "q.png"),
        "--display",
        "quilt:2x1",
        "--size",
        "64x64",
    ]
    process = subprocess.Popen(
        [sys.executable, "-m", "bioart.cli.main", *words, "--seconds", "0.2", "--fps", "10"],
        stdout=subprocess.PIPE,
        stderr=there,
        text=True,
    )
    os.close(there)
    said = b""
    while True:
        try:
            said += os.read(here, 65536)
        except OSError:  # the other side has closed
            break
    os.close(here)
    out, _ = process.communicate(timeout=120)
    told = said.decode()
    assert process.returncode == 0, told
    written = sorted(tmp_path.iterdir())
    assert out.splitlines() == [str(p) for p in written]
    assert [p.name for p in written] == ["q_00000_qs2x1a1.77778.png", "q_00001_qs2x1a1.77778.png"]
    assert re.search(r"q_qs2x1a1\.77778\.png: 2 frames, 0\.2 s at 10 fps, 64×18", told)
    assert re.search(r"export: 2/2, 0 s left", told)
    assert re.search(r"drawn in \d+ s", told)
