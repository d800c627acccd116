"""A preset: what makes a piece, read strictly from YAML.

`load` finds it by name or path; `loads` reads a text, as a recording does. Whatever is wrong is told as one
line `file:line:column: what; what would be allowed`. Params are set where they belong: a part's under its
name (`light: {coupling: 1.2}`), a growth's and a look's inside their entry.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bioart import assets, registry
from bioart.errors import BioartError, WorkFailed, nearest, shown
from bioart.param import Param
from bioart.preset import markup
from bioart.preset.catalogue import Parts, catalogue, house_parts
from bioart.preset.markup import Node, Table
from bioart.preset.plan import (
    Act,
    Bind,
    Choice,
    CommunityPlan,
    Condition,
    Contract,
    Cue,
    GrowthPlan,
    Line,
    Preset,
    Proposal,
    Ramp,
    Sensor,
    Shot,
    Waypoint,
    WorldPlan,
)
from bioart.preset.read_acts import read_cues, read_score
from bioart.preset.read_community import COMMUNITY, param_named, read_community, read_contracts, read_sensors
from bioart.preset.read_world import (
    WORLD,
    growth_entries,
    growth_kinds,
    kind_of,
    part_values,
    read_display,
    read_world,
)

__all__ = [
    "Act", "Bind", "Choice", "CommunityPlan", "Condition", "Contract", "Cue", "GrowthPlan", "Line",
    "Preset", "Proposal", "Ramp", "Sensor", "Shot", "Waypoint", "WorldPlan",
    "catalogue", "drawn_with", "house_parts", "load", "loads", "names", "save", "template", "with_values",
]  # fmt: skip

FORMAT = 1
TOP = ("bioart", "title", "world", "look", "display", "sensors", "community", "contracts", "score", "cues")


def names() -> tuple[str, ...]:
    """The presets that ship with bioart, by name."""
    return tuple(sorted(p.stem for p in assets.folder("presets").glob("*.yaml")))


def load(name: str | Path, parts: Parts | None = None) -> Preset:
    """The preset of a path, or of a name that `names()` has. Raises BioartError for all that is wrong."""
    path = Path(name)
    if path.suffix not in (".yaml", ".yml") and len(path.parts) == 1 and not path.exists():
        if str(name) not in names():
            raise BioartError(f"no preset {shown(str(name))}{nearest(str(name), names())}")
        path = assets.folder("presets") / f"{name}.yaml"
    try:
        if not path.is_file():
            what = "is a folder" if path.is_dir() else "does not exist"
            raise BioartError(
                f"{shown(str(path))[1:-1]}: {what}; allowed: a preset's file, or one of its names"
            )
        with path.open("rb") as file:
            data = file.read(markup.SIZE + 1)
    except (OSError, ValueError) as fault:
        raise BioartError(f"{shown(str(path))[1:-1]}: cannot be read: {shown(str(fault), 120)}") from None
    if len(data) > markup.SIZE:
        raise BioartError(f"{path}: longer than a preset may be; allowed: {markup.SIZE // 1024} KiB")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        raise BioartError(f"{path}: byte {fault.start} is not UTF-8 text; allowed: YAML in UTF-8") from None
    return loads(text, str(path), parts)


def loads(text: str, place: str, parts: Parts | None = None) -> Preset:
    """The preset of a text. place: the path that errors name and that sensor files lie beside."""
    return _read(markup.read(text, place), text, place, house_parts() if parts is None else parts)


def _read(root: Node, text: str, place: str, parts: Parts) -> Preset:
    own = tuple(name for name in parts if name not in TOP)
    top = Table(root, "the preset", (*TOP, *own))
    if top.integer("bioart", None, 0, 10**6) != FORMAT:
        top.need("bioart").fail(f"format {top.need('bioart').value}; allowed: {FORMAT}")
    world = Table(top.need("world"), "world", WORLD)
    look_node = top.need("look")
    look = kind_of(look_node, "look")
    params = catalogue(growth_kinds(growth_entries(world)), look, parts)
    values = {full: param.default for full, param in params.items()}
    for part in own:
        node = top.get(part)
        if node is not None:
            values |= part_values(node, part, repr(part), params)
    crowd = _community_table(top.get("community"), params, values)
    values |= part_values(look_node, "look", f"look {look!r}", params, ("kind",))
    plan = read_world(world, params, values)
    sensors = read_sensors(top.get("sensors"))
    contracts = read_contracts(top.get("contracts"), params)
    community = read_community(crowd, params, sensors, contracts)
    score = read_score(top.get("score"), params, community)
    _no_vain_votes(crowd, community)
    head = "look."
    return Preset(
        title=top.words("title", None),
        path=place,
        text=text,
        world=plan,
        look=(look, {full[len(head) :]: v for full, v in values.items() if full.startswith(head)}),
        display=read_display(top.get("display")),
        sensors=sensors,
        community=community,
        contracts=contracts,
        score=score,
        cues=read_cues(top.get("cues"), params, score),
        values=values,
        params=params,
    )


def _community_table(node: Node | None, params: dict[str, Param], values: dict[str, float]) -> Table | None:
    if node is None:
        return None
    values |= part_values(node, "community", "'community'", params, COMMUNITY)
    return Table(node, "'community'", tuple(node.value))


def _no_vain_votes(crowd: Table | None, community: CommunityPlan) -> None:
    """A vote on a bound param would never be seen, as influence replaces it."""
    for proposal in community.proposals.values():
        for choice in proposal.choices.values():
            for name in choice.values:
                bind = community.bind(name)
                if bind is not None and crowd is not None:
                    crowd.need("proposals").fail(
                        f"proposal {proposal.name!r} sets {name!r}, which is bound to {bind.source!r}; "
                        "allowed: a vote or a bind on one param"
                    )


# -- changing and writing ----------------------------------------------------------------------------


def with_values(preset: Preset, values: Mapping[str, float], parts: Parts | None = None) -> Preset:
    """The preset with other starting values, as `--set name=value` asks; its text says them too.

    A name is a param's (`light.glow`) or a number of the world's build (`world.age`, `world.air`,
    `world.dt`, `world.rate`, `world.max_speed`, `world.finer`). Comments in the text stay.
    """
    if not values:
        return preset
    yaml = _commented()
    data = yaml.load(preset.text)
    for name, value in values.items():
        place = f"--set {name}"
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise BioartError(f"{place}: {shown(value)} is not a number; allowed: name=number")
        part, _, short = name.partition(".")
        whole = int(value) if value == int(value) else value
        if part == "world":
            allowed = ("air", "age", "dt", "rate", "max_speed", "finer")
            if short not in allowed:
                raise BioartError(f"{place}: no number {shown(short)} in world{nearest(short, allowed)}")
            (data["world"]["body"] if short == "finer" else data["world"])[short] = whole
            continue
        param_named(preset.params, name, "--set").check(value, place)
        _section(data, preset, part)[short] = whole
    return _reread(yaml, data, preset, f"--set {', '.join(values)}", parts)


def drawn_with(preset: Preset, look: str, display: str, parts: Parts | None = None) -> Preset:
    """The preset with another look, and another display as `kind` or `kind:option`; its text says them too.

    Params of the look that the other does not have are let go. Comments in the text stay. BioartError where
    the score or the crowd moves one of them.
    """
    if (look, display) == (preset.look[0], preset.display):
        return preset
    yaml = _commented()
    data = yaml.load(preset.text)
    if look != preset.look[0]:
        other = catalogue([g.kind for g in preset.world.growths], look, parts)
        for short in [key for key in data["look"] if key != "kind"]:
            param = other.get(f"look.{short}")
            if param is None or not param.low <= preset.look[1][short] <= param.high:
                del data["look"][short]
        data["look"]["kind"] = look
    if display != preset.display:
        kind, _, option = display.partition(":")
        data["display"] = {"kind": kind, **({"option": option} if option else {})}
    return _reread(yaml, data, preset, f"look {look}, display {display}", parts)


def _commented() -> YAML:
    """A reader and writer that keeps a text's comments and quotes."""
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml


def _reread(yaml: YAML, data: Any, preset: Preset, asked: str, parts: Parts | None) -> Preset:
    """The preset of a changed tree. asked: what an error names, as its place is one in a text that nobody
    wrote."""
    out = io.StringIO()
    yaml.dump(data, out)
    try:
        return loads(out.getvalue(), preset.path, parts)
    except BioartError as fault:
        raise BioartError(f"{asked}: {re.sub(r'^.*?:[0-9]+:[0-9]+: ', '', str(fault))}") from fault


def _section(data: Any, preset: Preset, part: str) -> Any:
    """Where a part's params stand in the tree; made where it is missing."""
    if part in [g.kind for g in preset.world.growths]:
        return next(g for g in data["world"]["body"]["growth"] if g["kind"] == part)
    if data.get(part) is None:
        data[part] = {}
    return data[part]


def save(preset: Preset, path: Path) -> None:
    """Write the preset's text. Raises WorkFailed where it cannot; never leaves half a file."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(preset.text, encoding="utf-8", newline="\n")
        part.replace(path)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise WorkFailed(f"{path}: cannot be written: {fault.strerror or fault}") from None


_HEADING = "# A piece after "


def template(preset: Preset) -> str:
    """A new piece's text, from a preset: its own text under a heading that lists every param it may set."""
    lines = [f"{_HEADING}“{preset.title}”. What is not said here has the default below.", "#"]
    for full, param in preset.params.items():
        lines.append(f"#   {full} = {param.default:g}  ({param.range()}) {param.doc}")
    lines += ["#", "# Looks: " + ", ".join(registry.names("look")), ""]
    text = preset.text.removeprefix("\ufeff")
    if text.startswith(_HEADING):  # a piece after a piece has one heading
        rows = text.splitlines(keepends=True)
        text = "".join(rows[next(i for i, row in enumerate(rows) if not row.startswith("#")) :])
    return "\n".join(lines) + text
