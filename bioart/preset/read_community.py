"""The parts of a preset that let people and air in: `sensors`, `community`, `contracts`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath

from bioart.community.influence import CROWD, sources
from bioart.errors import BioartError, nearest, shown
from bioart.health import Vitals
from bioart.param import Param
from bioart.preset import markup
from bioart.preset.markup import Node, Table
from bioart.preset.plan import Bind, Choice, CommunityPlan, Contract, Proposal, Sensor
from bioart.steering import Zone

VITALS = tuple(Vitals().row())
COMMUNITY = ("zones", "proposals", "pledges", "bind")
_ANY = Param(0.0, -1e15, 1e15, "", "")  # any reading: only finiteness is asked


def param_named(params: Mapping[str, Param], name: str, place: str) -> Param:
    """The param of a full name, or the error that names the nearest, inside its part where that exists."""
    if name in params:
        return params[name]
    part, dot, short = name.partition(".")
    inside = [p.partition(".")[2] for p in params if p.startswith(part + ".")]
    if dot and inside:
        hint = nearest(short, inside)
        raise BioartError(f"{place}: no param {shown(short)} in {shown(part)}{hint}")
    close = nearest(name, params)
    if len(close) > 200:
        close = f"; allowed: params of {', '.join(sorted({p.partition('.')[0] for p in params}))}"
    raise BioartError(f"{place}: no param {shown(name)}{close}")


def _named(node: Node, what: str, params: Mapping[str, Param]) -> tuple[str, Param]:
    name = markup.words(node, what, 120)
    return name, param_named(params, name, node.place)


def span(node: Node, what: str, param: Param, rising: bool) -> tuple[float, float]:
    """Two values of a param's range. rising: the first must be the lesser; they always differ."""
    pair = markup.numbers(node, what, 2, param.low, param.high, param.unit)
    if pair[0] == pair[1] or (rising and pair[0] > pair[1]):
        allowed = "two values, the lesser first" if rising else "two different values"
        node.fail(f"{what} is [{pair[0]:g}, {pair[1]:g}]; allowed: {allowed}")
    return (pair[0], pair[1])


def _range(node: Node, what: str) -> tuple[float, float]:
    return span(node, what, _ANY, rising=True)


# -- sensors -----------------------------------------------------------------------------------------

SENSOR = ("column", "unit", "file", "time", "rows", "gap", "lasts")


def read_sensors(node: Node | None) -> dict[str, Sensor]:
    found = {}
    for name, entry in ({} if node is None else markup.entries(node, "'sensors'", 32)).items():
        table = Table(entry, f"sensor {name!r}", SENSOR)
        found[name] = Sensor(
            name=name,
            column=table.words("column", ""),
            unit=table.words("unit", None, 24),
            file=_file(table.get("file")),
            time=_time(table.get("time")),
            rows=_rows(table.get("rows")),
            gap=table.one_of("gap", "hold", ("hold", "linear")),  # type: ignore[arg-type]
            lasts=table.seconds("lasts", None, 0.1, 86400.0) if "lasts" in table else None,
        )
    return found


def _file(node: Node | None) -> str:
    if node is None:
        return ""
    file = markup.words(node, "'file'", 200)
    bad = PureWindowsPath(file)
    if bad.drive or bad.root or ".." in bad.parts or PurePosixPath(file).is_absolute():
        node.fail(f"'file' is {shown(file)}; allowed: a path beside the preset, without '..'")
    return file


def _time(node: Node | None) -> tuple[str, ...]:
    if node is None:
        return ()
    columns = [markup.words(n, "a column of 'time'") for n in markup.items(node, "'time'", 6)]
    if not columns or len(set(columns)) < len(columns):
        node.fail("'time' is not a list of different columns, the largest unit first")
    return tuple(columns)


def _rows(node: Node | None) -> tuple[int, int] | None:
    if node is None:
        return None
    pair = markup.items(node, "'rows'", 2)
    if len(pair) != 2:
        node.fail("'rows' allowed: [first, one past the last], counted from 0")
    first, last = (markup.integer(n, "'rows'", 0, 10_000_000) for n in pair)
    if last - first < 2:
        node.fail(f"'rows' is [{first}, {last}]; allowed: at least two rows, [first, one past the last]")
    return (first, last)


# -- community ---------------------------------------------------------------------------------------


def read_community(
    table: Table | None,
    params: Mapping[str, Param],
    sensors: Mapping[str, Sensor],
    contracts: Mapping[str, Contract],
) -> CommunityPlan:
    if table is None:
        return CommunityPlan()
    pledges = {n: markup.words(v, f"pledge {n!r}") for n, v in table.entries("pledges", 32).items()}
    zones = _zones(table.entries("zones", 32))
    return CommunityPlan(
        zones=zones,
        proposals=_proposals(table.entries("proposals", 32), params, contracts),
        pledges=pledges,
        binds=_binds(table.items("bind"), params, sensors, zones),
    )


def _zones(entries: Mapping[str, Node]) -> dict[str, Zone]:
    """Zones in the preset's order. Who is next to whom is mutual: said once by either, it holds for both."""
    tables = {n: Table(v, f"zone {n!r}", ("at", "radius", "people", "next")) for n, v in entries.items()}
    pairs: dict[str, list[str]] = {n: [] for n in tables}
    for name, table in tables.items():
        for node in table.items("next", 32):
            other = markup.one_of(node, "zone", tuple(tables))
            if other == name:
                node.fail(f"zone {name!r} is next to itself")
            if other not in pairs[name]:
                pairs[name].append(other)
                pairs[other].append(name)
    zones = {}
    for name, table in tables.items():
        at = markup.numbers(table.need("at"), "'at'", 2, 0.0, 1.0)
        radius = table.number("radius", 0.2, 0.02, 1.0)
        people = table.integer("people", 1000, 1, 100_000_000)
        zones[name] = Zone(name, (at[0], at[1]), radius, people, tuple(n for n in tables if n in pairs[name]))
    return zones


def _proposals(
    entries: Mapping[str, Node], params: Mapping[str, Param], contracts: Mapping[str, Contract]
) -> dict[str, Proposal]:
    found: dict[str, Proposal] = {}
    owner: dict[str, str] = {}
    for name, node in entries.items():
        table = Table(node, f"proposal {name!r}", ("title", "choices"))
        choices: dict[str, Choice] = {}
        for option, sets in markup.entries(table.need("choices"), "'choices'", 8).items():
            choices[option] = _choice(sets, name, option, params, contracts)
            for target in (*choices[option].values, *choices[option].ranges):
                if owner.setdefault(target, name) != name:
                    place = sets.key_place(target)
                    raise BioartError(f"{place}: {target!r} is already decided by {owner[target]!r}")
        if len(choices) < 2:
            node.fail(f"proposal {name!r} has {len(choices)} choices; allowed: at least two")
        if not any(c.values or c.ranges for c in choices.values()):
            node.fail(f"proposal {name!r} changes nothing, whatever is chosen")
        found[name] = Proposal(name, table.words("title", name.replace("-", " ")), choices)
    return found


def _choice(
    node: Node, name: str, option: str, params: Mapping[str, Param], contracts: Mapping[str, Contract]
) -> Choice:
    if not isinstance(node.value, dict):
        node.fail(
            f"choice {option!r} of {name!r} is {shown(markup.plain(node))}; allowed: a mapping of params"
        )
    values, ranges = {}, {}
    for target, value in node.value.items():
        if target in contracts:
            ranges[target] = _range(value, f"the range of contract {target!r}")
        else:
            param = param_named(params, target, node.key_place(target))
            values[target] = markup.of_param(value, param, target)
    return Choice(values, ranges)


def _binds(
    nodes: list[Node],
    params: Mapping[str, Param],
    sensors: Mapping[str, Sensor],
    zones: Mapping[str, Zone],
) -> tuple[Bind, ...]:
    known = tuple(sources(tuple(zones), tuple(sensors)))
    found: dict[str, Bind] = {}
    for node in nodes:
        table = Table(node, "a binding", ("from", "to", "over", "within", "smooth"))
        source = markup.one_of(table.need("from"), "source", known)
        to, param = _named(table.need("to"), "'to'", params)
        if to in found:
            table.need("to").fail(f"{to!r} is already bound to {found[to].source!r}; allowed: one binding")
        over = (0.0, 1.0)
        if "over" in table or source.startswith(("sensor.", "presence")):
            over = span(table.need("over"), "'over'", _ANY, rising=False)
        if source in CROWD and abs(over[1] - over[0]) < 1.0:
            place = f"{table.place('over')}: 'over' is {over[0]:g} to {over[1]:g}"
            raise BioartError(f"{place}, so narrow that one person moves more than a share; allowed: 1 wide")
        within = span(table.need("within"), f"'within' of {to}", param, rising=False)
        found[to] = Bind(source, to, over, within, table.seconds("smooth", 1.0, 0.0, 600.0))
    return tuple(found.values())


# -- contracts ---------------------------------------------------------------------------------------

CONTRACT = ("name", "keep", "between", "by", "within", "over", "rise")


def read_contracts(node: Node | None, params: Mapping[str, Param]) -> dict[str, Contract]:
    found: dict[str, Contract] = {}
    for entry in [] if node is None else markup.items(node, "'contracts'", 16):
        table = Table(entry, "a contract", CONTRACT)
        keep = table.one_of("keep", None, VITALS)
        by, param = _named(table.need("by"), "'by'", params)
        name = table.words("name", f"{keep}-by-{by.replace('.', '-')}", 40)
        if name in found or name in params:
            entry.fail(f"a second contract or param named {name!r}; allowed: a name of its own")
        found[name] = Contract(
            name=name,
            keep=keep,
            between=_range(table.need("between"), "'between'"),
            by=by,
            within=span(table.need("within"), f"'within' of {by}", param, rising=True),
            over=table.seconds("over", 10.0, 0.5, 3600.0),
            rise={"more": 1, "less": -1}[table.one_of("rise", "more", ("more", "less"))],
        )
    return found
