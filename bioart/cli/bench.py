"""`bioart bench`."""

from __future__ import annotations

from typing import Annotated

import typer

from bioart.cli import options


def command(
    piece: Annotated[str, typer.Argument(metavar="PIECE", help="Whose parts are timed.")] = "neo-lumen",
    size: Annotated[str, typer.Option("--size", metavar="WxH", help="Of the frames.")] = "960x540",
    rounds: Annotated[
        str, typer.Option("--rounds", metavar="N", help="Timed repetitions, 1 to 1000.")
    ] = "10",
    quality: Annotated[str, typer.Option("--quality", metavar="NAME", help="draft, live or final.")] = "live",
    threads: options.Threads = None,
    backend: options.Backend = "cpu",
    debug: options.Debug = False,
) -> None:
    """Time a step and a frame on this machine: median and worst, ms, after warm-up."""
    from bioart.stage import bench

    width, height = options.size(size)
    count = options.whole("--rounds", rounds, 1, 1000) or 1
    options.machine(backend, threads)
    for row in bench.run(piece, width, height, quality, count):
        typer.echo(row)
