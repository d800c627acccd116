"""The parts of a preset that build and light a world: `world`, `look`, `display`, and params by part."""

from __future__ import annotations

from dataclasses import replace

from bioart import registry
from bioart.clock import RATE
from bioart.errors import shown
from bioart.param import Param
from bioart.preset import markup
from bioart.preset.markup import Node, Table
from bioart.preset.plan import GrowthPlan, Place, WorldPlan
from bioart.spectrum import LONGEST, SHORTEST, SPECTRA, Emitter
from bioart.world.plan import EMITTERS

CELLS = 24_000_000  # of the body's grid: beyond this a world no longer fits beside its fields
AIR = 4_000_000


def kind_of(node: Node, family: str) -> str:
    """The `kind` of an entry `{kind: coral, ...}`, known by its file."""
    if not isinstance(node.value, dict) or "kind" not in node.value:
        node.fail(f"a {family} is {shown(markup.plain(node))}; allowed: a mapping with its 'kind'")
    return markup.one_of(node.value["kind"], family, registry.names(family))


def short_params(params: dict[str, Param], part: str) -> dict[str, Param]:
    head = part + "."
    return {full[len(head) :]: p for full, p in params.items() if full.startswith(head)}


def part_values(
    node: Node, part: str, what: str, params: dict[str, Param], besides: tuple[str, ...] = ()
) -> dict[str, float]:
    """The params that a mapping sets, by full name. besides: keys of it that are no params."""
    known = short_params(params, part)
    Table(node, what, (*besides, *known), "param")
    return {
        f"{part}.{key}": markup.of_param(node.value[key], known[key], f"{part}.{key}")
        for key in node.value
        if key not in besides
    }


def growth_entries(world: Table | None) -> list[Node]:
    body = world.get("body") if world is not None else None
    if body is None or not isinstance(body.value, dict) or "growth" not in body.value:
        return []
    return markup.items(body.value["growth"], "'growth'", 8)


def growth_kinds(entries: list[Node]) -> list[str]:
    kinds: list[str] = []
    for node in entries:
        name = kind_of(node, "growth")
        if name in kinds:
            node.fail(f"growth {name!r} twice in one body; allowed: once")
        kinds.append(name)
    return kinds


WORLD = ("extent", "air", "body", "age", "dt", "rate", "max_speed", "emitters")
BODY = ("box", "finer", "growth", "mouths", "vents")


def read_world(table: Table, params: dict[str, Param], values: dict[str, float]) -> WorldPlan:
    """The world's build; what its growths set goes into `values`."""
    extent_node = table.need("extent")
    extent = markup.numbers(extent_node, "'extent'", 3, 0.5, 200.0, "m")
    short = table.integer("air", None, 8, 256, "cells on the short side")
    cell = min(extent) / short
    air = _cells(extent_node, "'extent'", extent, cell)
    if air[0] * air[1] * air[2] > AIR:
        table.need("air").fail(f"'air' makes {air[0]}×{air[1]}×{air[2]} cells; allowed: {AIR:,} in all")

    body = Table(table.need("body"), "body", BODY)
    box_node = body.need("box")
    box = markup.numbers(box_node, "'box'", 3, 0.1, 200.0, "m")
    cells = _cells(box_node, "'box'", box, cell)
    for axis, inside, outside in zip("xyz", cells, air, strict=True):
        if inside > outside:
            box_node.fail(f"'box' is larger than the world along {axis}; allowed: {outside * cell:g} m")
        if axis != "y" and (outside - inside) % 2:
            box_node.fail(
                f"'box' cannot stand in the middle along {axis}: {inside} of {outside} air cells; "
                f"allowed: a size that leaves an even number ({cell:g} m each)"
            )
    finer = body.integer("finer", 2, 1, 8)
    fine = cells[0] * cells[1] * cells[2] * finer**3
    if fine > CELLS:
        box_node.fail(f"'box' and 'finer' make {fine:,} cells; allowed: {CELLS:,}")

    growths = []
    entries = growth_entries(table)
    if not entries:
        body.node.fail("body has no growth; allowed: at least one, {kind: ...}")
    for node, kind in zip(entries, growth_kinds(entries), strict=True):
        named = getattr(registry.kind("growth", kind), "named", {})
        besides = ("kind", "every", "like") if named else ("kind", "every")
        own = part_values(node, kind, f"growth {kind!r}", params, besides)
        if "like" in besides and "like" in node.value:
            like = named[markup.one_of(node.value["like"], kind, tuple(named))]
            values |= {f"{kind}.{short}": value for short, value in like.items()}
        values |= own
        every = Table(node, "growth", tuple(node.value)).integer("every", 1, 1, 60)
        short_values = {s: values[f"{kind}.{s}"] for s in short_params(params, kind)}
        growths.append(GrowthPlan(kind, short_values, every))
    return WorldPlan(
        extent=(extent[0], extent[1], extent[2]),
        air=air,
        box=(box[0], box[1], box[2]),
        finer=finer,
        growths=tuple(growths),
        dt=table.number("dt", 0.1, 0.001, 2.0, "s"),
        rate=table.integer("rate", RATE, 10, 60),
        max_speed=table.number("max_speed", 4.0, 0.1, 50.0, "m/s"),
        age=table.integer("age", 0, 0, 100_000, "steps"),
        mouths=_places(body, "mouths"),
        vents=_places(body, "vents"),
        emitters=_emitters(table),
    )


def _cells(node: Node, what: str, size: tuple[float, ...], cell: float) -> tuple[int, int, int]:
    """Whole air cells along each axis, or an error with the nearest size that has them."""
    counts = [round(s / cell) for s in size]
    for i, (s, n) in enumerate(zip(size, counts, strict=True)):
        if n < 1 or abs(s / cell - n) > 1e-6 * n:
            near = max(1, n) * cell
            node.fail(f"{what} is not whole air cells of {cell:g} m along {'xyz'[i]}; nearest: {near:g} m")
    return (counts[0], counts[1], counts[2])


def _emitters(world: Table) -> tuple[Emitter, ...]:
    """`{skin: krill, veins: [540, 60]}`: what shines, by a name of SPECTRA or by peak and width in nm."""
    node = world.get("emitters")
    if node is None:
        return tuple(EMITTERS.values())
    told = Table(node, "'emitters'", tuple(EMITTERS), "light")
    found = []
    for name, usual in EMITTERS.items():
        peak, width = usual.peak, usual.width
        one = told.get(name)
        if one is not None and isinstance(one.value, list):
            peak, width = markup.numbers(one, f"the spectrum of {name!r}", 2, 1.0, float(LONGEST), "nm")
            if peak < SHORTEST:
                one.fail(f"a peak of {peak:g} nm cannot be seen; allowed: {SHORTEST} to {LONGEST} nm")
        elif one is not None:
            peak, width = SPECTRA[markup.one_of(one, "spectrum", tuple(SPECTRA))]
        found.append(replace(usual, peak=peak, width=width))
    return tuple(found)


def _places(body: Table, key: str) -> tuple[Place, ...]:
    found = []
    for node in body.items(key, 16):
        x, y, z = markup.numbers(node, f"a place of {key!r}", 3, 0.0, 1.0)
        found.append((x, y, z))
    return tuple(found)


def read_display(node: Node | None) -> str:
    """`{kind: quilt, option: ...}` as `quilt:...`, the form of the command line."""
    if node is None:
        return "flat"
    kind = kind_of(node, "display")
    option = Table(node, f"display {kind!r}", ("kind", "option")).words("option", "", 40)
    return f"{kind}:{option}" if option else kind
