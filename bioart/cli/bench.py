"""`bioart bench`."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

import typer

from bioart.cli import options


def command(
    piece: Annotated[str, typer.Argument(metavar="PIECE", help="Whose parts are timed.")] = "neo-lumen",
    sizes: Annotated[
        list[str] | None,
        typer.Option("--size", metavar="WxH", help="Of the frames; may be given again. [default: 960x540]"),
    ] = None,
    at: Annotated[
        str | None, typer.Option("--at", metavar="S", help="Show time from which all is timed, s.")
    ] = None,
    rounds: Annotated[
        str,
        typer.Option(
            "--rounds", metavar="N", help="Timed repetitions, 1 to 1000; from 100 on 1 % is more than one."
        ),
    ] = "10",
    quality: Annotated[str, typer.Option("--quality", metavar="NAME", help="draft, live or final.")] = "live",
    inputs: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="KIND[:OPTION]", help="Let an input in: rehearsal:40."),
    ] = None,
    threads: options.Threads = None,
    backend: options.Backend = "cpu",
    debug: options.Debug = False,
) -> None:
    """Time a step and a frame on this machine: median and slowest hundredth, ms, after warm-up.

    A frame is a step's forms, uploaded and drawn; its step and its reading back are told apart.
    """
    from bioart.stage import bench, opening

    pictures = [options.picture(size) for size in sizes or ["960x540"]]
    count = options.whole("--rounds", rounds, 1, 1000) or 1
    start = options.seconds("--at", at) or Fraction(0)
    options.machine(backend, threads)
    order = opening.Order(piece, inputs=inputs or ())
    for row in bench.run(order, start, pictures, quality, count):
        typer.echo(row)
