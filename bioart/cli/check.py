"""`bioart check`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bioart.cli import options
from bioart.errors import BioartError, nearest


def command(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="Presets, events, sensors, recordings, pictures, movies."),
    ],
    for_: Annotated[
        str, typer.Option("--for", metavar="PRESET", help="The piece that events and sensors are for.")
    ] = "neo-lumen",
    debug: options.Debug = False,
) -> None:
    """Say what is wrong with a file, and where; and what its seam, size and colours measure."""
    bad = 0
    for path in files:
        try:
            lines, faults = _checked(path, for_)
        except BioartError as fault:
            lines, faults = [], [str(fault)]
        for line in lines:
            typer.echo(line)
        for line in faults:
            typer.echo(f"bioart: {line}", err=True)
        bad += bool(faults)
    if bad:
        raise typer.Exit(2)


def _checked(path: Path, piece: str) -> tuple[list[str], list[str]]:
    """What a file is, in lines, and what is wrong with it."""
    ending = path.suffix.lower()
    if ending in (".yaml", ".yml"):
        return _preset(path), []
    if ending == ".jsonl":
        return _events(path, piece), []
    if ending == ".csv":
        return _sensors(path, piece), []
    if ending == ".bioart" or path.name.endswith(".bioart.part"):
        return _recording(path), []
    from bioart.stage.inspector import MOVIES, PICTURES, inspect

    if path.is_dir():
        raise BioartError(f"{path}: is a folder; allowed: a file's name")
    known = (".yaml", ".yml", ".jsonl", ".csv", ".bioart", *PICTURES, *MOVIES)
    if ending not in known:
        raise BioartError(f"{path}: nothing that bioart knows{nearest(ending, known)}")
    report = inspect(path)
    told = report.lines()
    facts = 1 if report.facts else 0
    return told[:facts], told[facts:] if report.faults else []


def _preset(path: Path) -> list[str]:
    from bioart import preset

    found = preset.load(path)
    acts = ", ".join(f"{act.name} {act.lasts:g} s" for act in found.score)
    return [f"{path}: preset “{found.title}”; {found.seconds:g} s: {acts}; {len(found.params)} params"]


def _setting(piece: str):  # type: ignore[no-untyped-def]
    from bioart import preset
    from bioart.inputs import Setting

    return Setting.of(preset.load(piece), 0)


def _events(path: Path, piece: str) -> list[str]:
    from bioart.inputs.script import Script

    setting = _setting(piece)
    count, kinds, last = 0, set(), 0
    source = Script(str(path), setting)
    for event in source.all():
        count, last = count + 1, event.step
        kinds.add(event.kind)
    told = f"until {last / setting.rate:g} s; kinds: {', '.join(sorted(kinds)) or 'none'}"
    return [f"{path}: {count} events for {piece} {told}"]


def _sensors(path: Path, piece: str) -> list[str]:
    from bioart.inputs.sensors import Sensors

    setting = _setting(piece)
    source = Sensors(str(path), setting)
    count = sum(len(list(source.poll(step))) for step in range(round(setting.nominal * setting.rate)))
    return [f"{path}: {count} readings for {piece}: {', '.join(setting.sensors)}"]


def _recording(path: Path) -> list[str]:
    from bioart.recording import Recording
    from bioart.stage.opening import recorded_preset, take_of

    recording = Recording(path)
    try:
        preset = recorded_preset(recording)
        steps, rate = recording.steps(), preset.world.rate
        events = sum(len(recording.events(run.run)) for run in recording.runs())
        for run, step in recording.snapshots():
            recording.snapshot(run, step)
        if recording.take_names():
            take = take_of(recording, preset, "")
            for tenth in range(11):
                take.at(tenth / 10 * take.steps / rate)
        told = [
            f"recording of {steps / rate:g} s",
            f"{steps} steps",
            f"{events} events",
            _count(len(recording.runs()), "run"),
            _count(len(recording.snapshots()), "sound snapshot"),
            "with a take" if recording.take_names() else "without a take",
            f"seed {recording.seed}",
        ]
        return [f"{path}: {', '.join(told)}"]
    finally:
        recording.close()


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
