"""`bioart play`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bioart.cli import options
from bioart.errors import BioartError, nearest, shown


def command(
    piece: Annotated[str, typer.Argument(metavar="PIECE", help="A preset's name or file, or a recording.")],
    display: Annotated[
        str | None, typer.Option("--display", metavar="KIND[:DEVICE]", help="flat, quilt:portrait, ...")
    ] = None,
    size: Annotated[
        str | None, typer.Option("--size", metavar="WxH", help="Of the picture in px; else the window's.")
    ] = None,
    input_: Annotated[
        list[str] | None,
        typer.Option("--input", metavar="KIND[:OPTION]", help="Let an input in: rehearsal:40."),
    ] = None,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="FILE.bioart", help="Keep the show.")
    ] = None,
    fullscreen: Annotated[bool, typer.Option("--fullscreen", help="Fill the screen (F11 turns it).")] = False,
    quality: Annotated[
        str, typer.Option("--quality", metavar="NAME", help="draft, live or final at full cost.")
    ] = "live",
    seed: Annotated[str | None, typer.Option("--seed", metavar="N", help="0 to 4294967295; else 0.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="NAME=VALUE", help="Another starting value of a param."),
    ] = None,
    events: Annotated[
        Path | None, typer.Option("--events", metavar="FILE.jsonl", help="Events as JSON lines.")
    ] = None,
    sensors: Annotated[
        Path | None, typer.Option("--sensors", metavar="FILE.csv", help="Other readings for its sensors.")
    ] = None,
    threads: options.Threads = None,
    backend: options.Backend = "cpu",
    debug: options.Debug = False,
) -> None:
    """Perform a piece in a window (H shows the keys), or watch a recording."""
    from bioart.stage import performer, playback
    from bioart.stage.exporter import QUALITIES
    from bioart.stage.opening import is_recording

    if quality not in QUALITIES:
        raise BioartError(f"--quality {shown(quality)}{nearest(quality, QUALITIES)}")
    if is_recording(piece):
        steered = set_ or events or sensors or input_ or seed or record
        if steered:
            raise BioartError(
                f"{piece}: a recording plays as it was; allowed with it: --display, --size, --fullscreen, "
                "--quality"
            )
        with options.Progress("play") as progress:
            options.machine(backend, threads)
            playback.screen(
                playback.Screening(
                    Path(piece), display, options.size(size), fullscreen, quality, progress.say
                )
            )
        return
    options.recorded(record)
    order = options.order(piece, seed, set_, events, sensors, input_)
    with options.Progress("play") as progress:
        job = performer.Play(order, display, options.size(size), record, fullscreen, quality, progress.say)
        options.machine(backend, threads)
        written = performer.play(job)
    for path in written:
        typer.echo(str(path))
