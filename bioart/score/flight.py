"""The camera's way through the acts: where it is at any show time, never a jump, never a jolt.

Each act asks for a way of its own. On entering an act the camera keeps the place and speed it has; the speed
dies away while the act's own way takes over, so position and velocity are continuous even where an act ends
early or a cue jumps. Places are numbers (yaw, pitch, distance, height, fov) and their way is polynomial.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass
from fractions import Fraction
from typing import Any

from bioart.camera import Camera, looking
from bioart.preset.plan import Act, Shot, WorldPlan
from bioart.score.easing import between, smoother

FILL = 0.62  # of the picture's height is the body's box, seen from the world's own distance
FOV = 32.0  # °
PITCH = 8.0  # °
TAKEOVER = 4.0  # s at most, from the way before to an act's own


@dataclass(frozen=True)
class Pose:
    """Where the camera is. yaw, pitch, fov: degrees; distance to the body's axis, height of it: m."""

    yaw: float
    pitch: float
    distance: float
    height: float
    fov: float

    @property
    def half_height(self) -> float:
        """Half the height of what the focal plane shows, m."""
        return self.distance * math.tan(math.radians(self.fov) / 2)


@dataclass(frozen=True)
class Entry:
    """One entering of an act: its number among all entries, the act's index, the step, and the camera's
    pose, its speed per s, and the yaw that the act's own way starts from."""

    number: int
    act: int
    step: int
    pose: Pose
    speed: Pose
    yaw: float

    def row(self) -> list[Any]:
        return [self.number, self.act, self.step, *astuple(self.pose), *astuple(self.speed), self.yaw]

    @classmethod
    def of_row(cls, row: list[Any]) -> Entry:
        return cls(int(row[0]), int(row[1]), int(row[2]), Pose(*row[3:8]), Pose(*row[8:13]), float(row[13]))


def home(world: WorldPlan) -> Pose:
    """The world's own view: the body's box fills FILL of the height."""
    half = world.box[1] / 2 / FILL
    distance = half / math.tan(math.radians(FOV) / 2)
    return Pose(0.0, PITCH, round(distance, 3), world.centre[1], FOV)


def way(act: Act, start: Pose, yaw: float, t: float) -> Pose:
    """An act's own way, t s after it began. An orbit goes on at its pace if the act outlasts its length."""
    shot = act.camera
    share = t / act.lasts
    pose = _stated(shot, start, yaw)
    if shot.kind == "orbit":
        return Pose(pose.yaw + 360.0 * shot.turns * share, pose.pitch, pose.distance, pose.height, pose.fov)
    distance, height = pose.distance, pose.height
    if shot.to_distance is not None:
        distance = between(distance, shot.to_distance, smoother(share))
    if shot.to_height is not None:
        height = between(height, shot.to_height, smoother(share))
    return Pose(pose.yaw, pose.pitch, distance, height, pose.fov)


def _stated(shot: Shot, home: Pose, yaw: float) -> Pose:
    def of(value: float | None, otherwise: float) -> float:
        return otherwise if value is None else value

    return Pose(
        yaw,
        of(shot.pitch, home.pitch),
        of(shot.distance, home.distance),
        of(shot.height, home.height),
        of(shot.fov, home.fov),
    )


def _takeover(act: Act) -> float:
    return min(TAKEOVER, act.lasts / 2)


def _turning(act: Act) -> float:
    """Speed of an act's own yaw, °/s."""
    return 360.0 * act.camera.turns / act.lasts if act.camera.kind == "orbit" else 0.0


def pose_at(act: Act, entry: Entry, home: Pose, rate: int, t: float | Fraction) -> Pose:
    """The pose at show time t (s) in an act that was entered so.

    To the act's own way are added what it starts off by, and what it starts slow or fast by; both die away
    within the takeover (quintic Hermite, so that place and speed are whole at both ends).
    """
    s = max(0.0, float(t - Fraction(entry.step, rate)))
    own = way(act, home, entry.yaw, s)
    window = _takeover(act)
    x = s / window
    if entry.number == 0 or x >= 1.0:
        return own
    off = 1.0 - smoother(x)
    slow = window * x * (1.0 - x * x * (6.0 - x * (8.0 - 3.0 * x)))
    first = way(act, home, entry.yaw, 0.0)
    turning = Pose(_turning(act), 0.0, 0.0, 0.0, 0.0)
    rows = zip(*(astuple(p) for p in (own, entry.pose, first, entry.speed, turning)), strict=True)
    return Pose(*(o + (p - f) * off + (v - w) * slow for o, p, f, v, w in rows))


def enter(
    number: int, index: int, step: int, act: Act, before: tuple[Act, Entry] | None, home: Pose, rate: int
) -> Entry:
    """The entry into an act from what was before it (an act and its entry, or nothing)."""
    if before is None:
        yaw = act.camera.yaw if act.camera.yaw is not None else home.yaw
        still = Pose(0.0, 0.0, 0.0, 0.0, 0.0)
        return Entry(number, index, step, home, still, yaw)
    now, tick = Fraction(step, rate), Fraction(1, rate)
    pose = pose_at(*before, home, rate, now)
    ago = pose_at(*before, home, rate, now - tick)
    speed = Pose(*((a - b) * rate for a, b in zip(astuple(pose), astuple(ago), strict=True)))
    if act.camera.yaw is None:  # where the old turning, giving way evenly to the new, has brought it
        yaw = pose.yaw + (speed.yaw - _turning(act)) * _takeover(act) / 2
    else:  # the short way round
        yaw = act.camera.yaw + 360.0 * round((pose.yaw - act.camera.yaw) / 360.0)
    return Entry(number, index, step, pose, speed, yaw)


def camera(pose: Pose, world: WorldPlan, aspect: float) -> Camera:
    """A camera at a pose, its focal plane through the body's axis."""
    x, _, z = world.centre
    return looking(
        (x, pose.height, z),
        math.radians(pose.yaw),
        math.radians(pose.pitch),
        pose.distance,
        math.radians(pose.fov),
        aspect,
    )
