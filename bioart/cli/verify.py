"""`bioart verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bioart.cli import options


def command(
    recording: Annotated[Path, typer.Argument(metavar="RECORDING", help="*.bioart")],
    vitals: Annotated[
        Path | None, typer.Option("--vitals", metavar="FILE.csv", help="Write a row of vitals a second.")
    ] = None,
    threads: options.Threads = None,
    backend: options.Backend = "cpu",
    debug: options.Debug = False,
) -> None:
    """Step a recording again and compare every digest."""
    from bioart.stage import verifier

    if vitals is not None:
        options.writable(vitals, "--vitals")
    options.machine(backend, threads)
    with options.Progress("verify") as progress:
        verdict = verifier.verify(recording, vitals, progress)
    if verdict.differs is not None:
        typer.echo(f"{recording}: {verdict.told}")
        raise typer.Exit(1)
    runs = "1 run" if verdict.runs == 1 else f"{verdict.runs} runs"
    typer.echo(f"{recording}: identical, {verdict.steps} steps, {verdict.events} events, {runs}")
