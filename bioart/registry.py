"""Families: one file, one kind, found by its name. Nothing is listed anywhere else."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from types import ModuleType

from bioart.errors import BioartError, nearest, shown

FAMILIES = {
    "growth": "bioart.world.growth",
    "look": "bioart.looks",
    "display": "bioart.displays",
    "input": "bioart.inputs",
    "output": "bioart.outputs",
}


@cache
def names(family: str) -> tuple[str, ...]:
    """The kinds of a family: the stems of the public modules in its folder, sorted. Imports none of them."""
    package = importlib.import_module(FAMILIES[family])
    return tuple(sorted(m.name for m in pkgutil.iter_modules(package.__path__) if not m.name.startswith("_")))


def kind(family: str, name: str, place: str = "") -> type:
    """The class of one kind: the module's subclass of the family's base class (`BASE` in its package).

    Raises BioartError for a name that has no file.
    """
    if name not in names(family):
        where = f"{place}: " if place else ""
        raise BioartError(f"{where}no {family} {shown(name)}{nearest(name, names(family))}")
    return _class_in(importlib.import_module(f"{FAMILIES[family]}.{name}"), family)


def _class_in(module: ModuleType, family: str) -> type:
    base: type = importlib.import_module(FAMILIES[family]).BASE
    found = [
        v
        for v in vars(module).values()
        if isinstance(v, type) and issubclass(v, base) and v.__module__ == module.__name__
    ]
    if len(found) != 1:
        raise TypeError(f"{module.__name__} must define exactly one {base.__name__}, not {len(found)}")
    return found[0]
