"""The camera's way through the acts: where it is at any show time, never a jump, never a jolt.

Each act asks for a way of its own. On entering an act the camera keeps the place and speed it has; the speed
dies away while the act's own way takes over, so position and velocity are continuous even where an act ends
early or a cue jumps. Places are numbers (yaw, pitch, distance, height, fov) and their way is polynomial.
Where an act does not say how far the camera is, the body's figure does (`framing`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from fractions import Fraction
from functools import lru_cache
from typing import Any

from bioart.camera import Camera, looking
from bioart.preset.plan import Act, Shot, Waypoint
from bioart.score.easing import between, smoother
from bioart.score.framing import FILL, ROOM, Figure, framed
from bioart.score.spline import Spline

FOV = 32.0  # °
PITCH = 8.0  # °
TAKEOVER = 4.0  # s at most, from the way before to an act's own
FLOOR = 0.48  # of the picture's height: less the body never has, however narrow the picture is
SWAY = 9.0  # ° of the camera in a loop, to either side
_TICK = 1.0 / 1024  # s over which a way's speed is taken

Seen = Callable[[float | Fraction], Figure]  # the body's figure at a show time, s


@dataclass(frozen=True)
class Pose:
    """Where the camera is. yaw, pitch, fov: degrees; distance to the body's axis, height of it: m. fit: share
    0–1 to which it steps back where a picture is too narrow for the body; 0 where an act says a distance."""

    yaw: float
    pitch: float
    distance: float
    height: float
    fov: float
    fit: float

    @property
    def half_height(self) -> float:
        """Half the height of what the focal plane shows, m."""
        return self.distance * math.tan(math.radians(self.fov) / 2)


_STILL = Pose(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
_NUMBERS = len(fields(Pose))


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
        number, act, step, *rest = row
        pose, speed = rest[:_NUMBERS], rest[_NUMBERS : 2 * _NUMBERS]
        (yaw,) = rest[2 * _NUMBERS :]
        return cls(int(number), int(act), int(step), Pose(*pose), Pose(*speed), float(yaw))


def way(act: Act, figure: Figure, yaw: float, t: float) -> Pose:
    """An act's own way, t s after it began, round a body of this figure. An orbit or a closed path goes on at
    its pace if the act outlasts its length."""
    shot = act.camera
    if shot.kind == "path":
        return _along(act, figure, yaw, t)
    share = t / act.lasts
    if shot.kind == "orbit":
        yaw += 360.0 * shot.turns * share
    eased = smoother(share)
    frame = FILL if shot.frame is None else shot.frame
    if shot.to_frame is not None:
        frame = between(frame, shot.to_frame, eased)
    pose = _posed(shot, figure, yaw, frame)
    distance, height = pose.distance, pose.height
    if shot.to_distance is not None:
        distance = between(distance, shot.to_distance, eased)
    if shot.to_height is not None:
        height = between(height, shot.to_height, eased)
    return Pose(yaw, pose.pitch, distance, height, pose.fov, pose.fit)


def _posed(place: Shot | Waypoint, figure: Figure, yaw: float, frame: float) -> Pose:
    """The pose that a place asks for, and the figure where it does not."""
    pitch = PITCH if place.pitch is None else place.pitch
    fov = FOV if place.fov is None else place.fov
    distance, height = framed(figure, pitch, fov, frame, place.height)
    told = place.distance is not None or getattr(place, "to_distance", None) is not None
    if place.distance is not None:
        distance = place.distance
    return Pose(yaw, pitch, distance, height, fov, 0.0 if told else 1.0)


def _along(act: Act, figure: Figure, yaw: float, t: float) -> Pose:
    splines = _splines(act.camera, act.lasts)
    told: dict[str, Any] = {name: spline.at(t) for name, spline in splines.items()}
    if "yaw" in told:
        yaw += told.pop("yaw") - (act.camera.yaw or 0.0)
    frame = told.pop("frame", FILL)
    return _posed(Waypoint(t, **told), figure, yaw, frame)


@lru_cache(64)
def _splines(shot: Shot, lasts: float) -> dict[str, Spline]:
    """A path's numbers over time, by name: those that its places tell."""
    times = [place.at for place in shot.through]
    lap = lasts if shot.loop else None
    found = {}
    for name in ("yaw", "pitch", "distance", "height", "fov", "frame"):
        values = [getattr(place, name) for place in shot.through]
        if values[0] is None:
            continue
        wind = 0.0
        if name == "yaw":
            values, wind = _wound(values, [place.way for place in shot.through])
        found[name] = Spline(times, values, lap, wind)
    return found


def _wound(yaws: list[float], ways: list[str]) -> tuple[list[float], float]:
    """Yaws that follow each other the way they are told to, and what the way from the last to the first adds
    to a whole lap."""
    found = [yaws[0]]
    for yaw, side in zip([*yaws[1:], yaws[0]], [*ways[1:], ways[0]], strict=True):
        turn = (yaw - found[-1]) % 360.0  # to the right
        if side == "left" or (side == "short" and turn > 180.0):
            turn -= 360.0
        found.append(found[-1] + turn)
    return found[:-1], found[-1] - yaws[0]


def _takeover(act: Act) -> float:
    return min(TAKEOVER, act.lasts / 2)


def _speed(act: Act, figure: Figure, yaw: float) -> Pose:
    """Of an act's own way as it begins, per s."""
    first, soon = way(act, figure, yaw, 0.0), way(act, figure, yaw, _TICK)
    return Pose(*((b - a) / _TICK for a, b in zip(astuple(first), astuple(soon), strict=True)))


def pose_at(act: Act, entry: Entry, body: Seen, rate: int, t: float | Fraction) -> Pose:
    """The pose at show time t (s) in an act that was entered so.

    To the act's own way are added what it starts off by, and what it starts slow or fast by; both die away
    within the takeover (quintic Hermite, so that place and speed are whole at both ends).
    """
    s = max(0.0, float(t - Fraction(entry.step, rate)))
    figure = body(t)
    own = way(act, figure, entry.yaw, s)
    window = _takeover(act)
    x = s / window
    if entry.number == 0 or x >= 1.0:
        return own
    off = 1.0 - smoother(x)
    slow = window * x * (1.0 - x * x * (6.0 - x * (8.0 - 3.0 * x)))
    first = way(act, figure, entry.yaw, 0.0)
    speed = _speed(act, figure, entry.yaw)
    rows = zip(*(astuple(p) for p in (own, entry.pose, first, entry.speed, speed)), strict=True)
    return Pose(*(o + (p - f) * off + (v - w) * slow for o, p, f, v, w in rows))


def enter(
    number: int, index: int, step: int, act: Act, before: tuple[Act, Entry] | None, body: Seen, rate: int
) -> Entry:
    """The entry into an act from what was before it (an act and its entry, or nothing)."""
    now, tick = Fraction(step, rate), Fraction(1, rate)
    if before is None:
        yaw = act.camera.yaw if act.camera.yaw is not None else 0.0
        return Entry(number, index, step, way(act, body(now), yaw, 0.0), _STILL, yaw)
    pose = pose_at(*before, body, rate, now)
    ago = pose_at(*before, body, rate, now - tick)
    speed = Pose(*((a - b) * rate for a, b in zip(astuple(pose), astuple(ago), strict=True)))
    if act.camera.yaw is None:  # where the old turning, giving way evenly to the new, has brought it
        turning = _speed(act, body(now), pose.yaw).yaw
        yaw = pose.yaw + (speed.yaw - turning) * _takeover(act) / 2
    else:  # the short way round
        yaw = act.camera.yaw + 360.0 * round((pose.yaw - act.camera.yaw) / 360.0)
    return Entry(number, index, step, pose, speed, yaw)


def lap(
    act: Act, entry: Entry, body: Seen, rate: int, t: float | Fraction, seconds: float
) -> Callable[[float], Pose]:
    """A way that comes round: share 0–1 of a loop of so many seconds to a pose, from where the camera is at
    show time t. A closed path is gone round a whole number of times; from any other place it sways."""
    figure, pose = body(t), pose_at(act, entry, body, rate, t)
    if not act.camera.loop:
        return lambda share: _swayed(pose, SWAY * math.sin(2.0 * math.pi * share))
    begin = max(0.0, float(t - Fraction(entry.step, rate)))
    rounds = max(1, round(seconds / act.lasts))
    return lambda share: way(act, figure, entry.yaw, begin + share * rounds * act.lasts)


def _swayed(pose: Pose, yaw: float) -> Pose:
    return Pose(pose.yaw + yaw, pose.pitch, pose.distance, pose.height, pose.fov, pose.fit)


def camera(pose: Pose, figure: Figure, aspect: float) -> Camera:
    """A camera at a pose, its focal plane through the body's axis.

    In a picture that is too narrow for the body it steps back until the body's width fits, or until the body
    has no more than FLOOR of the height: then the height wins, and the sides are cut.
    """
    seen = looking(
        (figure.x, pose.height, figure.z),
        math.radians(pose.yaw),
        math.radians(pose.pitch),
        pose.distance,
        math.radians(pose.fov),
        aspect,
    )
    if pose.fit <= 0.0:
        return seen
    far = framed(figure, pose.pitch, pose.fov, FLOOR, pose.height)[0]
    back = pose.distance + pose.fit * max(far - pose.distance, 0.0)
    return seen.fitting(figure.reach / ROOM, back)
