"""`bioart export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bioart.cli import options
from bioart.errors import BioartError

PICTURE, SHOW, KEPT = "The picture", "The show", "The recording"
Piece = Annotated[str, typer.Argument(metavar="PIECE", help="A preset's name or file, or a recording.")]
Out = Annotated[
    Path,
    typer.Argument(
        metavar="OUT", help="Where to. The ending chooses: .mp4 .webm .mov .png (`bioart list outputs`)."
    ),
]


def _of(panel: str, name: str, metavar: str, told: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, metavar=metavar, rich_help_panel=panel, help=told)
    return option


def command(
    piece: Piece,
    out: Out,
    display: Annotated[
        str | None,
        _of(
            PICTURE, "--display", "KIND[:DEVICE]", "flat, quilt:portrait, quilt:8x6 (`bioart list displays`)."
        ),
    ] = None,
    size: Annotated[str | None, _of(PICTURE, "--size", "WxH", "In px; else the display's own.")] = None,
    fps: Annotated[str, _of(PICTURE, "--fps", "F", "Frames per second: 24, 29.97, 60000/1001.")] = "30",
    quality: Annotated[str, _of(PICTURE, "--quality", "NAME", "draft, live or final.")] = "live",
    samples: Annotated[
        str | None,
        _of(
            PICTURE,
            "--samples",
            "N",
            "Drawings a frame, for lens and shutter: 1 to 256; else 16 in final, 1.",
        ),
    ] = None,
    profile: Annotated[str, _of(PICTURE, "--profile", "NAME", "Of the file, e.g. prores-alpha, png16.")] = "",
    seconds: Annotated[
        str | None, _of(SHOW, "--seconds", "S", "Cut after so much show time; else the score's end.")
    ] = None,
    loop: Annotated[str | None, _of(SHOW, "--loop", "S", "One moment as a loop of S seconds.")] = None,
    start: Annotated[
        str | None, _of(SHOW, "--from", "ACT|T", "Begin at an act or at a show time in s.")
    ] = None,
    seed: Annotated[str | None, _of(SHOW, "--seed", "N", "0 to 4294967295; else 0.")] = None,
    set_: Annotated[
        list[str] | None, _of(SHOW, "--set", "NAME=VALUE", "Another starting value of a param.")
    ] = None,
    events: Annotated[Path | None, _of(SHOW, "--events", "FILE.jsonl", "Events as JSON lines.")] = None,
    sensors: Annotated[
        Path | None, _of(SHOW, "--sensors", "FILE.csv", "Other readings for the preset's sensors.")
    ] = None,
    input_: Annotated[
        list[str] | None,
        _of(SHOW, "--input", "KIND[:OPTION]", "Let an input in: rehearsal:40 (`bioart list inputs`)."),
    ] = None,
    record: Annotated[
        Path | None, _of(KEPT, "--record", "FILE.bioart", "Keep the show, so that it can be played again.")
    ] = None,
    take: Annotated[
        bool, typer.Option("--take", rich_help_panel=KEPT, help="Keep its forms too: plays on any machine.")
    ] = False,
    threads: options.Threads = None,
    backend: options.Backend = "cpu",
    debug: options.Debug = False,
) -> None:
    """Draw a piece or a recording into a file, without a screen."""
    from bioart.stage import exporter

    if take and record is None:
        raise BioartError("--take: keeps the forms in a recording; say where with --record FILE.bioart")
    options.writable(out, "OUT")
    options.recorded(record)
    order = options.order(piece, seed, set_, events, sensors, input_)
    with options.Progress("export") as progress:
        job = exporter.Export(
            order,
            out,
            display,
            options.size(size),
            options.rate(fps),
            options.seconds("--seconds", seconds),
            options.seconds("--loop", loop, 600),
            start,
            quality,
            profile,
            record,
            take,
            options.whole("--samples", samples, 1, exporter.MOST),
            progress.say,
            progress.warn,
            progress,
            progress.lived,
        )
        exporter.output_for(out)
        options.machine(backend, threads)
        written = exporter.export(job)
    for path in written:
        typer.echo(str(path))
