"""`bioart kiosk`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from bioart.cli import options
from bioart.errors import BioartError, WorkFailed

UNIT = """\
# bioart-kiosk.service: for ~/.config/systemd/user/, of the account whose screen it is. Then:
#   systemctl --user daemon-reload && systemctl --user enable --now bioart-kiosk
[Unit]
Description=bioart kiosk
# It is started again for as long as it takes: without this, systemd gives up after five times in ten seconds.
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
{environment}WorkingDirectory={folder}
ExecStart={call}
Restart=always
RestartSec=1
# Staff has ended it, by chord and PIN.
RestartPreventExitStatus={staff}
SuccessExitStatus={staff}
# The first picture may need a world that grows; after that it mends itself within seconds, so this is last.
TimeoutStartSec=300
WatchdogSec=180
# Where memory ran out, the supervisor mends that too.
OOMPolicy=continue
# The picture fades and the recording is closed.
KillMode=mixed
TimeoutStopSec=20

[Install]
WantedBy=default.target
"""
SCREEN = ("DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY")


def command(
    programme: Annotated[
        list[str],
        typer.Argument(metavar="PRESET...", help="Presets by name or file, shown one after another."),
    ],
    record: Annotated[
        Path | None,
        typer.Option("--record", metavar="DIR", help="Where shows are kept; else the user's data folder."),
    ] = None,
    input_: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="KIND[:OPTION]", help="Let an input in: rehearsal:40."),
    ] = None,
    display: Annotated[
        str | None, typer.Option("--display", metavar="KIND[:DEVICE]", help="flat, quilt:portrait, ...")
    ] = None,
    size: Annotated[
        str | None, typer.Option("--size", metavar="WxH", help="Of the picture in px; else the screen's.")
    ] = None,
    window: Annotated[bool, typer.Option("--window", help="In a window, to try it out.")] = False,
    machine: Annotated[
        Path | None,
        typer.Option("--machine", metavar="FILE", help="PIN, hours, limits; else the user's machine.yaml."),
    ] = None,
    print_unit: Annotated[
        bool, typer.Option("--print-unit", help="Print a systemd unit that starts this call, and end.")
    ] = False,
    threads: options.Threads = None,
    backend: options.Backend = "cpu",
    debug: options.Debug = False,
) -> None:
    """Show pieces to visitors for weeks: full screen, no way out, started again whatever happens."""
    from bioart.stage import machine as machines
    from bioart.stage import supervisor

    for piece in programme:
        if piece.endswith((".bioart", ".bioart.part")):
            raise BioartError(f"{piece}: a recording plays by `bioart export`; allowed: presets")
        if piece == "attract":
            raise BioartError("PRESET 'attract': is said in machine.yaml; allowed: presets by name or file")
    if record is not None and record.exists() and not record.is_dir():
        raise BioartError(f"--record {record}: is a file; allowed: a folder")
    if record is not None:
        options.writable(record / "a.bioart" if record.is_dir() else record.absolute(), "--record")
    wanted = options.size(size)
    count = options.whole("--threads", threads, 1, 256)
    facts = machines.load(machine)
    folder = record or _data() / "recordings"
    job = {
        "programme": list(programme),
        "record": str(folder),
        "machine": facts.told(),
        "inputs": list(input_ or ()),
        "display": display,
        "size": list(wanted),
        "window": window,
        "backend": backend,
        "threads": count,
    }
    _check(job)
    if print_unit:
        typer.echo(_unit(programme, record, machine), nl=False)
        return
    watched = supervisor.Watched(
        [sys.executable, "-m", "bioart.stage.kiosk"],
        job,
        len(programme),
        facts.memory,
        facts.health,
        _logs() / "kiosk.log",
        facts.spare,
    )
    code = supervisor.supervise(watched)
    if code:
        raise typer.Exit(code)


def _check(job: dict[str, Any]) -> None:
    """Whether the pieces and inputs can be read, asked of a process of its own: this one stays small.
    BioartError, WorkFailed as it says them."""
    asked = subprocess.run(
        [sys.executable, "-m", "bioart.stage.kiosk", "--check"],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    if asked.returncode:
        said = asked.stderr.strip().splitlines() or [f"the check ended with {asked.returncode}"]
        raise (BioartError if asked.returncode == 2 else WorkFailed)(said[-1])


def _data() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("bioart"))


def _logs() -> Path:
    import platformdirs

    return Path(platformdirs.user_log_dir("bioart"))


def _unit(programme: list[str], record: Path | None, machine: Path | None) -> str:
    """The unit of this very call, with whole paths."""
    from bioart.stage.supervisor import STAFF

    words = sys.argv[1:]
    whole = {str(path): str(path.resolve()) for path in (record, machine) if path is not None}
    whole |= {piece: str(Path(piece).resolve()) for piece in programme if Path(piece).is_file()}
    call = [sys.executable, "-m", "bioart.cli.main", *(whole.get(w, w) for w in words if w != "--print-unit")]
    screen = "".join(
        f"Environment={_quoted(f'{name}={os.environ[name]}')}\n"
        for name in SCREEN
        # what lies there is another at the next start: the session tells systemd of the new one itself
        if os.environ.get(name) and not os.environ[name].startswith(("/tmp/", "/run/"))
    )
    return UNIT.format(
        environment=screen,
        folder=str(Path.cwd()).replace("%", "%%"),
        call=" ".join(_quoted(w).replace("$", "$$") for w in call),
        staff=STAFF,
    )


def _quoted(word: str) -> str:
    """A word as a unit file has it."""
    plain = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{plain}"' if any(c in plain for c in " \t'\"\\;") or not plain else plain
