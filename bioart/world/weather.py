"""The weather: wind with its storms and eddies, smog, surges of waste, what takes the zones, day and night.

A storm is a train of gusts ½·g·(1 − cos), each of its own length and strength (models 7), on a wind that
rises; between them the wind wanders (Ornstein–Uhlenbeck). Eddies are a handful of waves, each with its own
wandering strength, that travel with the wind and push the air; the pressure solve leaves of them what has no
divergence. The incoming smog is patchy, with the same mean; a wave of it comes and goes as a trapezoid
(models 7). At night the air lies still and its smog low, as under an inversion.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bioart import clock
from bioart.param import Param
from bioart.world import eddies, whirl
from bioart.world.air import Air
from bioart.world.encroachment import Encroachment
from bioart.world.waves import chance, cosine, drifted, normal

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

LAG = 0.5  # s of show until the wind has followed a new order by two thirds
WANDER, CHURN = 4.0, 1.5  # s of show: the memory of the mean wind, of an eddy
PATCH_MEMORY = 1.5  # s of show
# half-waves up and across: the first makes smog heavy low down, the rest are patches of 1–3 m
PATTERNS = ((1, 0), (2, 1), (1, 2), (2, 3), (4, 2), (3, 4))
STORM_WIND, STORM_GUST = 1.2, 0.6  # m/s: the mean wind and the gusts of a storm at its height
SWAY = 9.0  # s of show in which a whirl's axis goes round once
SIDE = 0.25  # share of a smog wave's time in which it rises, and in which it falls
NIGHT_LOW, NIGHT_CALM = 0.45, 0.5  # at full night: how much more of the smog's unevenness is height; how calm
STREAM_WIND, STREAM_GUST, STREAM_EDDY, STREAM_PATCH, STREAM_SHAPE = range(100, 105)


@dataclass(frozen=True)
class Sky:
    """What the weather does in one step."""

    wind: float  # m/s, through the −x side
    inflow: float  # µg/m³, mean smog of the air that comes in
    surge: float  # 0–1, surge of waste
    gust: float  # m/s of the wind that are gust
    daylight: float = 1.0  # 0–1: 1 by day, at night what `weather.night` leaves
    hour: float | None = None  # turns since noon; None: it is always day
    taken: Mapping[str, float] = field(default_factory=dict)  # 0–1 by zone, what encroachment holds of it
    held: float = 0.0  # 0–1, how far people hold the zones, on the mean


class Weather:
    """Drives an air: writes its `force_x/y/z` and `inlet`, and says wind and inflow. seed: of the show."""

    wind = Param(0.4, 0.0, 1.2, "m/s", "mean wind")
    gust = Param(0.0, 0.0, 0.6, "m/s", "strength of a storm's gusts")
    turbulence = Param(0.35, 0.0, 1.0, "", "how much the wind wanders and swirls")
    smog = Param(0.15, 0.0, 1.0, "", "smog of the incoming air, as a share of `weather.full`")
    full = Param(900.0, 50.0, 2000.0, "µg/m³", "the incoming air's smog at `weather.smog` 1")
    patches = Param(0.8, 0.0, 0.9, "", "how unevenly the smog comes in; its mean stays")
    surge = Param(0.0, 0.0, 1.0, "", "surge of waste that the city sends")
    storm = Param(0.0, 0.0, 1.0, "", "a storm: 1 brings wind, gusts and turbulence to their height")
    whirl = Param(0.0, 0.0, 2.0, "m/s", "how fast a storm turns about the body, at its fastest")
    wave = Param(0.0, 0.0, 1.0, "", "height of a wave of smog, on top of `weather.smog`")
    passing = Param(24.0, 4.0, 600.0, "s", "show time in which a wave of smog passes", "log")
    encroach = Param(0.0, 0.0, 1.0, "", "pressure upon the zones: what nobody holds is taken")
    day = Param(120.0, 10.0, 3600.0, "s", "show time of a day and its night", "log")
    night = Param(0.0, 0.0, 1.0, "", "depth of the night: 0 it is always day, 1 midnight is dark")

    def __init__(self, memory: Memory, air: Air, seed: int, zones: Sequence[str] = ()) -> None:
        """seed: 32-bit. zones: names of those that may be taken."""
        import taichi as ti

        self.air, self.seed = air, seed
        _, ny, nz = air.grid.shape
        lines = 3 * eddies.EDDIES
        self._tables = [
            memory.field("weather", f"waves_{a}", ti.f32, (lines, n))
            for a, n in zip("xyz", air.grid.shape, strict=True)
        ]
        self._up, self._across = _half_waves(0, ny), _half_waves(1, nz)
        shape = [[chance(seed, n, line, STREAM_SHAPE) for n in range(6)] for line in range(lines)]
        # waves per box along x, half-waves up and across: eddies of 0.5–3 m
        self._count = [(1 + int(3 * s[0]), 1 + int(4 * s[1]), 1 + int(4 * s[2])) for s in shape]
        self._start = [(s[3], s[4], s[5]) for s in shape]
        self._eddies = [2.0 * s[0] - 1.0 for s in shape]
        self._patches = [2.0 * chance(seed, n, 0, STREAM_PATCH) - 1.0 for n in range(len(PATTERNS))]
        self._wind = -1.0  # m/s, follows its order; < 0: no step yet
        self._wander = 0.0
        self._whirl = 0.0  # m/s
        self._way = 0.0  # boxes that the wind has crossed
        self._gust_at, self._gust_number, self._gust_strength = 0.0, 0, 0.0
        self._wave_at, self._wave_high = -1.0, 0.0  # how far the wave is through, < 0: none; its height
        self._hour = -1.0  # 0–1 from noon to noon; < 0: no step yet
        self.encroachment = Encroachment(zones)

    def step(self, k: int, p: dict[str, float], held: Mapping[str, float] | None = None) -> Sky:
        """Step k (may be negative before the show). p: this part's params by short name. held: 0–1 by zone,
        how far people hold it; a zone that is not named is not held."""
        tick = 1.0 / clock.RATE
        follow = tick / (LAG + tick)
        daylight = self._daylight(k, tick, p)
        storm = p["storm"]
        order = p["wind"] + storm * max(STORM_WIND - p["wind"], 0.0)
        self._wind = order if self._wind < 0.0 else self._wind + follow * (order - self._wind)
        order = p["gust"] + storm * max(STORM_GUST - p["gust"], 0.0)
        self._gust_strength += follow * (order - self._gust_strength)
        turbulence = p["turbulence"] + storm * (1.0 - p["turbulence"])
        turbulence *= 1.0 - NIGHT_CALM * (1.0 - daylight)
        self._wander = drifted(self._wander, normal(self.seed, k, 0, STREAM_WIND), tick / WANDER)
        gust = self._gust(tick)
        sway = 0.2 * turbulence * self._wander / (1.0 + abs(self._wander))
        wind = self._wind * (1.0 + sway) + gust
        self._way += wind * self.air.dt / self.air.grid.size[0]
        self._way -= math.floor(self._way)
        self._blow(k, tick, turbulence * (0.1 + wind))
        self._turn(k, tick, p["whirl"])
        self._strew(k, tick, p["patches"], 1.0 - daylight)
        smog = p["smog"] + (1.0 - p["smog"]) * self._passing(tick, p)
        taken = self.encroachment.step(tick, p["encroach"], held or {})
        return Sky(
            wind,
            smog * p["full"],
            p["surge"],
            gust,
            daylight,
            self._hour if p["night"] > 0.0 else None,
            taken,
            self.encroachment.mean(held or {}),
        )

    def _daylight(self, k: int, tick: float, p: dict[str, float]) -> float:
        """1 at noon, 1 − `night` at midnight, between them a cosine. Noon was at step 0; another length of
        the day makes the hours longer and moves none."""
        if self._hour < 0.0:
            self._hour = k * tick / p["day"]
        self._hour += tick / p["day"]
        self._hour -= math.floor(self._hour)
        return 1.0 - p["night"] * 0.5 * (1.0 - cosine(self._hour))

    def _passing(self, tick: float, p: dict[str, float]) -> float:
        """The wave's height now, 0–1. It sets out when it is ordered and passes as it set out, whatever the
        order does meanwhile but rise; while the order stands, another follows."""
        if self._wave_at < 0.0:
            if p["wave"] <= 0.0:
                return 0.0
            self._wave_at, self._wave_high = 0.0, p["wave"]
        falling = self._wave_at > 1.0 - SIDE
        if not falling:
            follow = tick / (LAG + tick)
            self._wave_high += follow * max(p["wave"] - self._wave_high, 0.0)
        height = self._wave_high * trapezoid(self._wave_at)
        self._wave_at += tick / p["passing"]
        if self._wave_at >= 1.0:
            self._wave_at = -1.0
        return height

    def _gust(self, tick: float) -> float:
        """½·g·(1 − cos) over a gust's time of 2.5–6 s of show; each begins where the last one ended, at 0."""
        n = self._gust_number
        self._gust_at += tick / (2.5 + 3.5 * chance(self.seed, n, 0, STREAM_GUST))
        if self._gust_at >= 1.0:
            self._gust_at, self._gust_number = 0.0, n + 1
        share = 0.4 + 0.6 * chance(self.seed, self._gust_number, 1, STREAM_GUST)
        return 0.5 * self._gust_strength * share * (1.0 - cosine(self._gust_at))

    def _blow(self, k: int, tick: float, strength: float) -> None:
        """The eddies' push, m/s²."""
        lines = 3 * eddies.EDDIES
        turns = np.zeros((lines, 3), np.float32)
        waves = np.zeros((lines, 3), np.float32)
        size = np.zeros(lines, np.float32)
        for line in range(lines):
            noise = normal(self.seed, k, line, STREAM_EDDY)
            self._eddies[line] = x = drifted(self._eddies[line], noise, tick / CHURN)
            count, start = self._count[line], self._start[line]
            waves[line] = (count[0], 0.5 * count[1], 0.5 * count[2])
            along = start[0] - count[0] * self._way
            turns[line] = (along - math.floor(along), start[1], start[2])
            size[line] = 0.35 * strength * x / (1.0 + 0.5 * abs(x))
        eddies.tables(*self._tables, waves, turns, size)
        eddies.push(*self._tables, self.air.force_x, self.air.force_y, self.air.force_z)

    def _turn(self, k: int, tick: float, speed: float) -> None:
        """The whirl's push, on top of the eddies': about an axis that strays the further the higher."""
        self._whirl += tick / (LAG + tick) * (speed - self._whirl)
        if self._whirl < 1e-3:
            return
        grid = self.air.grid
        side, ny = min(grid.size[0], grid.size[2]), grid.shape[1]
        axis = np.zeros((ny, 2), np.float32)
        for j in range(ny):
            high = (j + 0.5) / ny
            far = whirl.LEAN * side * high
            turns = k * tick / SWAY - 0.7 * high
            axis[j] = far * cosine(turns), far * cosine(turns - 0.25)
        a = self.air
        whirl.draw(*a.velocity, a.force_x, a.force_y, a.force_z, axis, self._whirl, grid.cell, 0.5 * side)

    def _strew(self, k: int, tick: float, patches: float, dark: float) -> None:
        """The incoming smog's pattern: 1 + half-waves, whose mean over the side is 0; never below 0. dark:
        0–1, by which it lies low."""
        lines = len(PATTERNS)
        size = np.zeros(lines, np.float32)
        low = 0.1 + NIGHT_LOW * dark
        size[0] = low * patches
        for n in range(1, lines):
            noise = normal(self.seed, k, n, STREAM_PATCH)
            self._patches[n] = drifted(self._patches[n], noise, tick / PATCH_MEMORY)
        whole = sum(abs(x) for x in self._patches[1:]) + 0.3
        size[1:] = [(1.0 - low) * patches * x / whole for x in self._patches[1:]]
        eddies.pattern(self.air.inlet, self._up, self._across, size)

    def state(self) -> dict[str, Any]:
        """No field of its own decides the future."""
        return {}

    def scalars(self) -> dict[str, float]:
        lists = {f"eddy_{n}": x for n, x in enumerate(self._eddies)}
        lists |= {f"patch_{n}": x for n, x in enumerate(self._patches)}
        return lists | {
            "wind": self._wind,
            "wander": self._wander,
            "whirl": self._whirl,
            "way": self._way,
            "gust_at": self._gust_at,
            "gust_number": self._gust_number,
            "gust_strength": self._gust_strength,
            "wave_at": self._wave_at,
            "wave_high": self._wave_high,
            "hour": self._hour,
            **{f"taken_{name}": share for name, share in self.encroachment.taken.items()},
        }

    def restore(self, scalars: dict[str, float]) -> None:
        self._eddies = [float(scalars[f"eddy_{n}"]) for n in range(len(self._eddies))]
        self._patches = [float(scalars[f"patch_{n}"]) for n in range(len(self._patches))]
        self._wind, self._wander = float(scalars["wind"]), float(scalars["wander"])
        self._whirl = float(scalars["whirl"])
        self._way, self._gust_at = float(scalars["way"]), float(scalars["gust_at"])
        self._gust_number = int(scalars["gust_number"])
        self._gust_strength = float(scalars["gust_strength"])
        self._wave_at, self._wave_high = float(scalars["wave_at"]), float(scalars["wave_high"])
        self._hour = float(scalars["hour"])
        for name in self.encroachment.taken:
            self.encroachment.taken[name] = float(scalars[f"taken_{name}"])


def trapezoid(share: float) -> float:
    """The course of a smog wave: up over a first SIDE of its time, down over a last one, 1 between."""
    return min(max(min(share, 1.0 - share) / SIDE, 0.0), 1.0)


def _half_waves(axis: int, n: int) -> NDArray[np.float32]:
    """The patterns along one axis of the side, (patterns, n); those that are not flat have a sum of 0."""
    return np.array([[cosine(0.5 * m[axis] * (i + 0.5) / n) for i in range(n)] for m in PATTERNS], np.float32)
