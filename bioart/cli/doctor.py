"""`bioart doctor`."""

from __future__ import annotations

from typing import Annotated

import typer

from bioart.cli import options


def command(
    threads: options.Threads = None,
    backend: options.Backend = "cpu",
    debug: options.Debug = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 where anything is missing.")] = False,
) -> None:
    """Say what this machine can and cannot do, and why."""
    from bioart.stage import doctor

    findings = doctor.examine(backend, options.whole("--threads", threads, 1, 256))
    for finding in findings:
        typer.echo(f"{'yes' if finding.well else 'no ':<4}{finding.what:<12} {finding.told}")
    if strict and not all(f.well for f in findings):
        raise typer.Exit(1)
