"""`bioart new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bioart.cli import options
from bioart.errors import BioartError, WorkFailed


def command(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The new preset, *.yaml.")],
    from_: Annotated[str, typer.Option("--from", metavar="PRESET", help="What to begin with.")] = "neo-lumen",
    debug: options.Debug = False,
) -> None:
    """Begin a piece of one's own from a preset, with every param listed."""
    from bioart import preset

    if file.suffix not in (".yaml", ".yml"):
        raise BioartError(f"{file}: a preset's name ends in .yaml")
    if file.exists():
        raise BioartError(f"{file}: exists already; nothing was changed")
    options.writable(file, "FILE")
    source = preset.load(from_)
    text = preset.template(source)
    try:
        with file.open("x", encoding="utf-8", newline="\n") as out:
            out.write(text)
    except OSError as fault:
        file.unlink(missing_ok=True)
        raise WorkFailed(f"{file}: cannot be written ({fault.strerror})") from fault
    typer.echo(str(file))
