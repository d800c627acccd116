"""`bioart list`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from bioart.cli import options
from bioart.errors import BioartError, nearest, shown

FAMILIES = {
    "growths": "growth",
    "looks": "look",
    "displays": "display",
    "inputs": "input",
    "outputs": "output",
}
TOPICS = ("presets", "params", *FAMILIES)


def command(
    what: Annotated[
        str,
        typer.Argument(metavar="WHAT", help="presets, params, growths, looks, displays, inputs, outputs."),
    ] = "",
    debug: options.Debug = False,
) -> None:
    """Say what there is: presets, params, growths, looks, displays, inputs, outputs."""
    if what and what not in TOPICS:
        raise BioartError(f"list {shown(what)}{nearest(what, TOPICS)}")
    for topic in (what,) if what else [t for t in TOPICS if t != "params"]:
        if not what:
            typer.echo(f"{topic}:")
        for name, told in _rows(topic):
            typer.echo(f"{'' if what else '  '}{name:<24} {told}".rstrip())


def _rows(topic: str) -> list[tuple[str, str]]:
    from bioart import preset, registry
    from bioart.param import Param
    from bioart.preset.catalogue import catalogue

    if topic == "presets":
        return [(name, preset.load(name).title) for name in preset.names()]
    if topic == "params":
        params: dict[str, Param] = {}
        for look in registry.names("look"):
            params |= catalogue(registry.names("growth"), look)
        return [(name, f"{p.default:g}  ({p.range()})  {p.doc}") for name, p in params.items()]
    family = FAMILIES[topic]
    found = []
    for name in registry.names(family):
        kind = registry.kind(family, name)
        first = (kind.__doc__ or sys.modules[kind.__module__].__doc__ or "").strip().splitlines()[0]
        endings = " ".join(getattr(kind, "endings", ()))
        found.append((name, f"{first}{f'  ({endings})' if endings else ''}"))
    return found
