"""Every param that a piece can have, by full name. The one place that imports parts for their params."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from bioart import registry
from bioart.param import Param, params_of

Parts = Mapping[str, type]


@cache
def house_parts() -> Parts:
    """The parts of every piece by name: the world's, the community, the camera, the picture's development."""
    from bioart.community.community import Community
    from bioart.develop import Develop
    from bioart.optics import Optics
    from bioart.world.world import PARTS

    return {**PARTS, "community": Community, "camera": Optics, "develop": Develop}


def catalogue(growths: Iterable[str], look: str, parts: Parts | None = None) -> dict[str, Param]:
    """Full name → param, for pieces with these growths and this look, in the order of the house.

    parts: other parts than the house's own, for tests. Raises BioartError for a kind that has no file.
    """
    found: dict[str, Param] = {}
    for name, part in (house_parts() if parts is None else parts).items():
        found |= {f"{name}.{short}": p for short, p in params_of(part).items()}
    for kind in growths:
        found |= {f"{kind}.{short}": p for short, p in params_of(registry.kind("growth", kind)).items()}
    found |= {f"look.{short}": p for short, p in params_of(registry.kind("look", look)).items()}
    return found
