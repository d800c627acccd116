"""The part of a preset that tells its time: `score` and `cues`."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import cast

from bioart.errors import BioartError, nearest, shown
from bioart.events import CUES, STAGE
from bioart.inputs import stage_cues
from bioart.param import Param
from bioart.preset import markup
from bioart.preset.markup import Node, Table
from bioart.preset.plan import Act, CommunityPlan, Condition, Cue, Line, Ramp, Shot, Waypoint
from bioart.preset.read_community import VITALS, param_named

ACT = ("act", "for", "until", "glide", "ramp", "camera", "narration")
LINES = 3  # of narration at once
LINE = 34  # characters, so that a capital is 10 px high where the picture has 360

_CONDITION = re.compile(r"([a-z_]{1,40})\s*(<=|>=|<|>)\s*([-+]?[0-9.]{1,20}(?:[eE][-+]?[0-9]{1,3})?)")


def read_score(node: Node | None, params: Mapping[str, Param], community: CommunityPlan) -> tuple[Act, ...]:
    """Acts in order, at least one."""
    if node is None:
        return (Act("piece", 60.0, camera=Shot("orbit", turns=0.25)),)
    acts: list[Act] = []
    for entry in markup.items(node, "'score'", 64):
        table = Table(entry, "an act", ACT)
        name = table.words("act", None, 40)
        if name in (*CUES, *stage_cues()) or any(name == act.name for act in acts):
            table.need("act").fail(f"an act named {name!r} is there already; allowed: a name of its own")
        lasts = table.seconds("for", None, 2.0, 86400.0)
        acts.append(
            Act(
                name=name,
                lasts=lasts,
                until=_condition(table.get("until")),
                glide=table.seconds("glide", 2.0, 1.0, 60.0),
                ramps=_ramps(table.get("ramp"), name, lasts, params, community),
                camera=_camera(table.get("camera"), name, lasts),
                narration=_narration(table, name, lasts),
            )
        )
    if not acts:
        node.fail("'score' is empty; allowed: at least one act")
    return tuple(acts)


def _condition(node: Node | None) -> Condition | None:
    if node is None:
        return None
    text = node.value if isinstance(node.value, str) else ""
    found = _CONDITION.fullmatch(text.strip())
    if found is None:
        node.fail(f"'until' is {shown(markup.plain(node))}; allowed: such as 'activation > 0.6'")
    name, op, number = found.groups()
    known = ("activation", *VITALS)
    if name not in known:
        node.fail(f"no vital {shown(name)}{nearest(name, known)}")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        node.fail(f"'until' compares with {shown(number)}; allowed: a finite number")
    return Condition(name, cast("Condition", op), value)  # type: ignore[arg-type]


def _ramps(
    node: Node | None, act: str, lasts: float, params: Mapping[str, Param], community: CommunityPlan
) -> dict[str, Ramp]:
    if node is None:
        return {}
    if not isinstance(node.value, dict):
        node.fail(f"'ramp' of act {act!r} is {shown(markup.plain(node))}; allowed: a mapping of params")
    ramps = {}
    for name, value in node.value.items():
        place = node.key_place(name)
        param = param_named(params, name, place)
        bind = community.bind(name)
        if bind is not None:
            raise BioartError(
                f"{place}: {name!r} is bound to {bind.source!r}; allowed: a bind or a ramp, not both"
            )
        over = None
        to = value
        if isinstance(value.value, dict):
            table = Table(value, f"the ramp of {name}", ("to", "over"))
            to = table.need("to")
            over = table.seconds("over", None, 0.5, lasts) if "over" in table else None
        ramps[name] = Ramp(markup.of_param(to, param, name), over)
    return ramps


SHOT = {
    "still": (),
    "orbit": ("turns",),
    "dolly": ("to_distance", "to_frame"),
    "crane": ("to_height",),
    "path": ("through", "loop"),
}
PLACE = ("yaw", "pitch", "distance", "height", "fov", "frame")  # what says where a camera is
NUMBERS = {  # least, greatest, unit
    "yaw": (-360.0, 360.0, "°"),
    "pitch": (-80.0, 80.0, "°"),
    "distance": (0.5, 100.0, "m"),
    "height": (-10.0, 100.0, "m"),
    "fov": (5.0, 90.0, "°"),
    "frame": (0.45, 0.75, ""),
    "to_distance": (0.5, 100.0, "m"),
    "to_height": (-10.0, 100.0, "m"),
    "to_frame": (0.45, 0.75, ""),
}
WAYS = ("short", "left", "right")
PLACES = 24  # of a path
APART = 0.5  # s from one place of a path to the next, at least


def _camera(node: Node | None, act: str, lasts: float) -> Shot:
    if node is None:
        return Shot()
    kind = "still"
    if isinstance(node.value, dict) and "kind" in node.value:
        kind = markup.one_of(node.value["kind"], "camera", tuple(SHOT))
    table = Table(node, f"the {kind} camera of act {act!r}", ("kind", *PLACE, *SHOT[kind]))
    told = _told(table, PLACE)
    _one_size(table, "distance", "frame")
    if kind == "path":
        return _path(table, told, act, lasts)
    _one_size(table, "to_distance", "to_frame")
    _one_size(table, "to_distance", "frame")
    _one_size(table, "distance", "to_frame")
    if kind == "dolly" and "to_frame" not in table:
        table.need("to_distance")
    if kind == "crane":
        table.need("to_height")
    told |= _told(table, ("to_distance", "to_frame", "to_height"))
    turns = table.number("turns", None, -8.0, 8.0) if kind == "orbit" else 0.0
    return Shot(kind, turns=turns, **told)  # type: ignore[arg-type]


def _told(table: Table, names: tuple[str, ...]) -> dict[str, float]:
    """Those of the numbers that a table has."""
    return {name: table.number(name, None, *NUMBERS[name]) for name in names if name in table}


def _one_size(table: Table, one: str, other: str) -> None:
    """A distance and a share of the picture are two words for one thing."""
    if one in table and other in table:
        raise BioartError(f"{table.place(other)}: {other!r} beside {one!r}; allowed: one of them")


def _path(table: Table, common: dict[str, float], act: str, lasts: float) -> Shot:
    """A path's places. What the camera says for all of them none may say, and what one says all must."""
    nodes = markup.items(table.need("through"), "'through'", PLACES)
    if len(nodes) < 2:
        table.need("through").fail(f"'through' has {len(nodes)} places; allowed: 2 to {PLACES}")
    loop = table.get("loop")
    if loop is not None and not isinstance(loop.value, bool):
        loop.fail(f"'loop' is {shown(markup.plain(loop))}; allowed: true or false")
    closed = loop is not None and bool(loop.value)
    tables = [
        Table(n, f"place {i} of the path of act {act!r}", ("at", *PLACE, "way"))
        for i, n in enumerate(nodes, 1)
    ]
    first = tables[0]
    for t in tables:
        _one_size(t, "distance", "frame")
        for name in PLACE:
            if name in t and name in common:
                raise BioartError(
                    f"{t.place(name)}: {name!r} stands for the whole path already; allowed: once"
                )
            if (name in t) != (name in first):
                lacking, told = (first, t) if name in t else (t, first)
                lacking.node.fail(
                    f"{lacking.what} lacks {name!r}, which {told.what} tells; "
                    "allowed: in every place, or once for the whole path"
                )
        if ("distance" in t and "frame" in common) or ("frame" in t and "distance" in common):
            t.node.fail(f"{t.what} tells a distance and a frame; allowed: one of them")
    if "yaw" not in first and any("way" in t for t in tables):
        first.node.fail(f"{first.what} lacks 'yaw', which 'way' is about")
    times = _times(tables, lasts, closed)
    through = tuple(
        Waypoint(
            at=at,
            way=t.one_of("way", "short", WAYS),  # type: ignore[arg-type]
            **{**{n: v for n, v in common.items() if n != "yaw"}, **_told(t, PLACE)},
        )
        for t, at in zip(tables, times, strict=True)
    )
    return Shot(
        "path", yaw=through[0].yaw if "yaw" in first else common.get("yaw"), through=through, loop=closed
    )


def _times(tables: list[Table], lasts: float, closed: bool) -> list[float]:
    """When a path is at its places, s: as they say, and evenly between those that do."""
    count = len(tables)
    known = {0: 0.0}
    for i, t in enumerate(tables):
        if "at" in t:
            known[i] = t.seconds("at", None, 0.0, lasts)
    if known[0] != 0.0:
        tables[0].need("at").fail("the first place has its time at 0 s; allowed: no 'at', or '0 s'")
    known.setdefault(count if closed else count - 1, lasts)
    times = []
    for i in range(count):
        before = max(n for n in known if n <= i)
        after = min(n for n in known if n >= i)
        share = (i - before) / (after - before) if after > before else 0.0
        times.append(known[before] + (known[after] - known[before]) * share)
    for i, (a, b) in enumerate(zip(times, [*times[1:], *([lasts] if closed else [])], strict=False)):
        if b < a + APART:
            last = tables[min(i + 1, count - 1)]
            node = last.get("at") or last.node
            node.fail(f"{last.what} comes {b - a:g} s after the one before it; allowed: {APART:g} s or more")
    return times


def wrapped(say: str) -> list[str]:
    """Words in as few lines of at most LINE characters as they need, all about as long."""
    lines = _filled(say, LINE)
    for width in range(max(map(len, say.split()), default=0), LINE):
        balanced = _filled(say, width)
        if len(balanced) == len(lines):
            return balanced
    return lines


def _filled(say: str, width: int) -> list[str]:
    """Words in lines of a width; one longer word stands alone."""
    lines: list[str] = []
    for word in say.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def _narration(table: Table, act: str, lasts: float) -> tuple[Line, ...]:
    """Lines in order of time. Without `for` a line stands as long as reading it takes."""
    said: list[tuple[float, float | None, str, Node]] = []
    for node in table.items("narration", 64):
        entry = Table(node, f"a line of act {act!r}", ("at", "say", "for"))
        at = entry.seconds("at", None, 0.0, lasts)
        if at > lasts - 1.5:
            entry.need("at").fail(f"'at' is {at:g} s in an act of {lasts:g} s; allowed: 1.5 s before its end")
        if said and at < said[-1][0] + 2.0:
            entry.need("at").fail(f"'at' is {at:g} s; allowed: 2 s or more after the line before")
        say = entry.words("say", None, LINE * LINES)
        if len(wrapped(say)) > LINES or max(map(len, wrapped(say))) > LINE:
            entry.need("say").fail(f"'say' is longer than {LINES} lines of {LINE} characters")
        said.append((at, entry.seconds("for", None, 1.5, lasts) if "for" in entry else None, say, node))
    lines = []
    for i, (at, stated, say, node) in enumerate(said):
        end = said[i + 1][0] if i + 1 < len(said) else lasts
        if stated is not None and at + stated > end + 1e-9:
            node.fail(f"this line stands until {at + stated:g} s; allowed: {end:g} s, when it must go")
        lines.append(Line(at, min(stated or 2.5 + 0.07 * len(say), end - at), say))
    return tuple(lines)


def read_cues(node: Node | None, params: Mapping[str, Param], acts: tuple[Act, ...]) -> dict[str, Cue]:
    cues = {}
    for name, entry in ({} if node is None else markup.entries(node, "'cues'", 64)).items():
        if name in (*CUES, *STAGE) or any(name == act.name for act in acts):
            entry.fail(f"cue {name!r} has the name of an act or of {', '.join((*CUES, *STAGE))}")
        table = Table(entry, f"cue {name!r}", ("set", "over", "for"))
        sets = table.need("set")
        if not isinstance(sets.value, dict) or not sets.value:
            sets.fail(f"'set' of cue {name!r} is {shown(markup.plain(sets))}; allowed: a mapping of params")
        values = {
            target: markup.of_param(value, param_named(params, target, sets.key_place(target)), target)
            for target, value in sets.value.items()
        }
        lasts = table.seconds("for", None, 1.0, 3600.0) if "for" in table else None
        cues[name] = Cue(name, values, table.seconds("over", 1.0, 0.5, 600.0), lasts)
    return cues
