"""What a preset says, as frozen values: nothing here reads a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from bioart import assets
from bioart.errors import BioartError
from bioart.events import CUES
from bioart.inputs import stage_cues
from bioart.param import Param
from bioart.steering import Zone
from bioart.world.plan import GrowthPlan, Place, Values, WorldPlan

__all__ = [
    "CUES", "Act", "Bind", "Choice", "CommunityPlan", "Condition", "Contract", "Cue", "GrowthPlan", "Line",
    "Place", "Preset", "Proposal", "Ramp", "Sensor", "Shot", "Values", "Waypoint", "WorldPlan",
]  # fmt: skip


@dataclass(frozen=True)
class Sensor:
    """A column of a file over show time.

    column: empty = an instrument that is not a file. file: beside the preset; empty = what `--sensors` names.
    time: the columns that make its time, the largest unit first. rows: first and one past the last data row
    used, or None for all. lasts: show time in s that the rows span, or None for the score's nominal length.
    gap: what a missing reading becomes.
    """

    name: str
    unit: str
    column: str = ""
    file: str = ""
    time: tuple[str, ...] = ()
    rows: tuple[int, int] | None = None
    gap: Literal["hold", "linear"] = "hold"
    lasts: float | None = None


@dataclass(frozen=True)
class Bind:
    """A source that moves a param inside the artist's bounds.

    over: the source's values that count as share 0 and 1. within: the param's values at share 0 and 1
    (the first may be the greater). smooth: time constant, show s.
    """

    source: str
    to: str
    over: tuple[float, float]
    within: tuple[float, float]
    smooth: float


@dataclass(frozen=True)
class Choice:
    """What a won vote does. values: params by full name; ranges: contracts by name with their new range."""

    values: Values = field(default_factory=dict)
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Proposal:
    name: str
    title: str
    choices: Mapping[str, Choice]


@dataclass(frozen=True)
class CommunityPlan:
    """zones, proposals: by name, in the preset's order. pledges: name → what it says. binds: by param."""

    zones: Mapping[str, Zone] = field(default_factory=dict)
    proposals: Mapping[str, Proposal] = field(default_factory=dict)
    pledges: Mapping[str, str] = field(default_factory=dict)
    binds: tuple[Bind, ...] = ()

    def bind(self, param: str) -> Bind | None:
        return next((b for b in self.binds if b.to == param), None)


@dataclass(frozen=True)
class Contract:
    """Keeps a vital in a range by an offset on a param.

    keep: a vital's name; between: its range, in the vital's unit. by: the param; within: the values that
    param and offset together may reach. over: how fast, the time constant in show s. rise: +1 where more
    of the param raises the vital, −1 where it lowers it.
    """

    name: str
    keep: str
    between: tuple[float, float]
    by: str
    within: tuple[float, float]
    over: float = 10.0
    rise: int = 1


@dataclass(frozen=True)
class Condition:
    """`activation > 0.6`, over activation or any vital."""

    name: str
    op: Literal["<", "<=", ">", ">="]
    value: float

    def holds(self, readings: Mapping[str, float]) -> bool:
        v = readings[self.name]
        if self.op[0] == "<":
            return v < self.value or (self.op == "<=" and v == self.value)
        return v > self.value or (self.op == ">=" and v == self.value)


@dataclass(frozen=True)
class Ramp:
    """A param eased to a value. over: show s, or None for the whole act."""

    to: float
    over: float | None = None


@dataclass(frozen=True)
class Waypoint:
    """A place on a camera's path, s after the act's beginning. None as in Shot, and alike in all of a path's
    places. way: round which side it gets there; right: counter-clockwise seen from above."""

    at: float
    yaw: float | None = None
    pitch: float | None = None
    distance: float | None = None
    height: float | None = None
    fov: float | None = None
    frame: float | None = None
    way: Literal["short", "left", "right"] = "short"


@dataclass(frozen=True)
class Shot:
    """A camera's way through an act. Angles in degrees, distance and height in m, None = the world's own
    (yaw: from where the camera is; distance: so that the body fills `frame` of the picture's height, None =
    framing.FILL; height: so that it stands in the middle). turns: of an orbit, counter-clockwise seen from
    above. to_distance, to_frame, to_height: where a dolly and a crane end. through: a path's places, the
    first at 0 s; loop: whether the last leads back to the first, once round in the act's length."""

    kind: Literal["still", "orbit", "dolly", "crane", "path"] = "still"
    yaw: float | None = None
    pitch: float | None = None
    distance: float | None = None
    height: float | None = None
    fov: float | None = None
    turns: float = 0.0
    to_distance: float | None = None
    to_height: float | None = None
    frame: float | None = None
    to_frame: float | None = None
    through: tuple[Waypoint, ...] = ()
    loop: bool = False


@dataclass(frozen=True)
class Line:
    """Words of the narration. at: show s into the act; lasts: s it stands, fades included."""

    at: float
    lasts: float
    say: str


@dataclass(frozen=True)
class Act:
    """lasts: its length, or its limit where `until` may end it sooner, s. glide: s in which values that it
    takes over move to where it wants them."""

    name: str
    lasts: float
    until: Condition | None = None
    glide: float = 2.0
    ramps: Mapping[str, Ramp] = field(default_factory=dict)
    camera: Shot = field(default_factory=Shot)
    narration: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Cue:
    """Values that a cue event brings, over `over` s; they hold for `lasts` s, or until the next act."""

    name: str
    values: Values
    over: float
    lasts: float | None = None


@dataclass(frozen=True)
class Preset:
    """A piece. values: every param by full name, at its start. params: the catalogue that they belong to.

    look: kind, and its params by short name. display: kind or kind:option. text: what it was read from.
    """

    title: str
    path: str
    text: str
    world: WorldPlan
    look: tuple[str, Values]
    display: str
    sensors: Mapping[str, Sensor]
    community: CommunityPlan
    contracts: Mapping[str, Contract]
    score: tuple[Act, ...]
    cues: Mapping[str, Cue]
    values: Values
    params: Mapping[str, Param]

    @property
    def seconds(self) -> float:
        """Nominal length of the score: every act at its full length, show s."""
        return sum(act.lasts for act in self.score)

    @property
    def cue_names(self) -> tuple[str, ...]:
        """Everything that a cue event may name: acts, the preset's cues, CUES, and the stage's."""
        return (*(act.name for act in self.score), *self.cues, *CUES, *stage_cues())

    def beside(self, file: str) -> Path:
        """A file that the preset names: beside it, or else where the presets that ship with bioart are.

        Raises BioartError where neither has it.
        """
        for folder in (Path(self.path).parent, assets.folder("presets")):
            if (folder / file).is_file():
                return folder / file
        raise BioartError(f"{self.path}: no file {file!r} beside the preset or among those that ship")
