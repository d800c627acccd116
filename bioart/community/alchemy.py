"""Alchemy: what each kind of event leaves in the world, so that whoever did it can see it.

    presence   newcomers are a scatter of faint motes over the ground of their zone
    tap        two sparks low on the body's side; the taps of a crowd raise activation
    offering   a thread in the giver's colour and the matter itself, a quarter and three quarters of its mass
    implant    the implant, with a spark of what it does
    vote       sparks in the zone's colour that set out at the body's foot
    pledge     a ring of motes about the body at the zone's height, and one half-way to each zone it joins
    reaction   a burst: heart rose, wow gold, calm teal, fear violet
    speech     a banner, held by moderation until it may be shown; at once a spark where it will stand
    sensor     an instrument moves what the artist bound to it; a person's own reading is a spark besides
    control, cue   act through the score on what is seen

Places are in [0, 1]³ of the body's box; the world sets threads and implants on the nearest skin. Colours are
linear sRGB, in the key of living light: sea blues, greens, a few warm ones.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Protocol

from bioart.community.chance import drawn, mark
from bioart.events import Event
from bioart.steering import Placement

Colour = tuple[float, float, float]
Place = tuple[float, float, float]

# Linear sRGB, of like luminance: what a giver's thread, a zone's sparks, a feeling's burst are lit in.
_GIVERS: tuple[Colour, ...] = (
    (0.02, 0.42, 0.62),
    (0.03, 0.55, 0.45),
    (0.10, 0.60, 0.22),
    (0.38, 0.60, 0.08),
    (0.85, 0.48, 0.06),
    (0.95, 0.30, 0.10),
    (0.90, 0.16, 0.24),
    (0.75, 0.14, 0.52),
    (0.45, 0.20, 0.85),
    (0.16, 0.28, 0.95),
)
_FEELINGS: Mapping[str, Colour] = {
    "heart": (0.95, 0.14, 0.30),
    "wow": (1.00, 0.62, 0.10),
    "calm": (0.04, 0.62, 0.50),
    "fear": (0.36, 0.10, 0.85),
}
_WORKS: Mapping[str, Colour] = {  # what an implant does
    "filter": (0.10, 0.62, 0.95),
    "decompose": (0.55, 0.62, 0.10),
    "steady": (0.80, 0.70, 0.45),
}
_SPEECH: Colour = (0.85, 0.82, 0.70)
_BURST = 7  # sparks of a reaction
_RING = 12
_SCATTER = 24  # motes that stand for newcomers, however many they are


class Ground(Protocol):
    """A zone. at: (x, z) on the ground, 0–1; radius: of the same unit."""

    @property
    def at(self) -> tuple[float, float]: ...
    @property
    def radius(self) -> float: ...
    @property
    def next(self) -> Sequence[str]: ...


def tint(token: str) -> Colour:
    """A giver's colour for the whole show: one of 160, a mix of two neighbours on the palette."""
    n = mark("tint", token)
    i, part = n % len(_GIVERS), (n >> 16) % 16 / 16
    a, b = _GIVERS[i], _GIVERS[(i + 1) % len(_GIVERS)]
    return (a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part)


def _inside(x: float, y: float, z: float) -> Place:
    return (min(max(x, 0.02), 0.98), min(max(y, 0.02), 0.98), min(max(z, 0.02), 0.98))


class Alchemy:
    """Turns one event into the placements that it leaves. Same seed, same event number: same places."""

    def __init__(self, zones: Mapping[str, Ground], seed: int) -> None:
        self._zones, self._seed = dict(zones), seed
        every = list(self._zones)
        # zones stand far apart on the palette, in the preset's order
        self._colour = {z: _GIVERS[(i * 3) % len(_GIVERS)] for i, z in enumerate(every)}
        self._height = {z: 0.2 + 0.5 * (i + 1) / (len(every) + 1) for i, z in enumerate(every)}

    def _ground(self, zone: str | None, a: float, b: float) -> tuple[float, float]:
        """A place on a zone's ground; without a zone, anywhere about the foot of the body."""
        if zone is None or zone not in self._zones:
            return (0.15 + 0.7 * a, 0.15 + 0.7 * b)
        z = self._zones[zone]
        return (z.at[0] + z.radius * (2 * a - 1), z.at[1] + z.radius * (2 * b - 1))

    def _spark(self, at: Place, amount: float, colour: Colour, token: str) -> Placement:
        return Placement("mote", _inside(*at), amount, colour, token)

    def offering(self, event: Event, token: str, serial: int) -> list[Placement]:
        a, b, c, _ = drawn(self._seed, "offering", token, serial)
        x, z = self._ground(event.zone, a, b)
        # half-way in from the zone: where the body stands, on the giver's side of it
        at = _inside(0.5 + (x - 0.5) * 0.6, 0.12 + 0.6 * c, 0.5 + (z - 0.5) * 0.6)
        mass, material = float(event.data["mass"]), event.data["material"]
        return [
            Placement("thread", at, mass * 0.25, tint(token), token, material=material),
            Placement("matter", _inside(x, 0.02, z), mass * 0.75, tint(token), token, material=material),
        ]

    def implant(self, event: Event, token: str) -> list[Placement]:
        x, y, z = event.data["at"]
        does = event.data["does"]
        return [Placement("implant", (x, y, z), 1.0, _WORKS[does], token, does=does)]

    def motes(
        self, event: Event, token: str, serial: int, newcomers: int, joined: Sequence[str]
    ) -> list[Placement]:
        """Sparks of any kind. newcomers: by how many a zone's count rose; joined: zones a pledge reached."""
        a, b, c, d = drawn(self._seed, event.kind, token, serial)
        x, z = self._ground(event.zone, a, b)
        kind = event.kind
        if kind == "presence":
            return self._scatter(event.zone, token, serial, newcomers)
        if kind == "pledge":
            return self._ring(event.zone, token, joined)
        if kind == "reaction":
            return self._burst(event, token, a, c)
        if kind == "tap":
            y = 0.12 + 0.45 * c
            side = (0.5 + (x - 0.5) * 0.7, y, 0.5 + (z - 0.5) * 0.7)
            near = (side[0] + 0.05 * (d - 0.5), y + 0.06, side[2] + 0.05 * (a - 0.5))
            return [self._spark(side, 0.9, tint(token), token), self._spark(near, 0.6, tint(token), token)]
        if kind == "vote":
            colour = self._colour.get(event.zone or "", tint(token))
            foot = (0.5 + (x - 0.5) * 0.5, 0.5 + (z - 0.5) * 0.5)
            return [
                self._spark((foot[0], 0.04 + 0.05 * i, foot[1]), 1.0 - 0.2 * i, colour, token)
                for i in range(4)
            ]
        if kind == "implant":
            px, py, pz = event.data["at"]
            return [self._spark((px, py, pz), 1.0, _WORKS[event.data["does"]], token)]
        if kind in ("offering", "sensor"):
            return [self._spark((x, 0.1 + 0.3 * c, z), 0.8, tint(token), token)]
        if kind == "speech":
            return [self._spark(self.stand(event.zone, token, serial), 0.8, _SPEECH, token)]
        return []

    def stand(self, zone: str | None, token: str, serial: int) -> Place:
        """Where the banner of a speech or an offering's words stands: around the body, at reading height."""
        a, b, c, _ = drawn(self._seed, "banner", token, serial)
        x, z = self._ground(zone, a, b)
        return _inside(0.5 + (x - 0.5) * 0.9, 0.35 + 0.5 * c, 0.5 + (z - 0.5) * 0.9)

    def nearest(self, at: Place) -> str | None:
        """The zone on whose side of the body a place lies; None without zones."""
        x, z = at[0], at[2]
        return min(
            self._zones,
            key=lambda n: (self._zones[n].at[0] - x) ** 2 + (self._zones[n].at[1] - z) ** 2,
            default=None,
        )

    def voice(self, token: str) -> Colour:
        """The light of a person's words: their colour, pale enough to be read."""
        own = tint(token)
        return (
            (own[0] + 2 * _SPEECH[0]) / 3,
            (own[1] + 2 * _SPEECH[1]) / 3,
            (own[2] + 2 * _SPEECH[2]) / 3,
        )

    def _scatter(self, zone: str | None, token: str, serial: int, newcomers: int) -> list[Placement]:
        colour = self._colour.get(zone or "", _SPEECH)
        sparks = []
        for i in range(min(newcomers, _SCATTER)):
            a, b, c, d = drawn(self._seed, "presence", token, serial, i)
            x, z = self._ground(zone, a, b)
            sparks.append(self._spark((x, 0.03 + 0.12 * c, z), 0.35 + 0.25 * d, colour, token))
        return sparks

    def _ring(self, zone: str | None, token: str, joined: Sequence[str]) -> list[Placement]:
        colour = self._colour.get(zone or "", tint(token))
        y = self._height.get(zone or "", 0.45)
        turns = [2 * math.pi * i / _RING for i in range(_RING)]
        ring = [
            self._spark((0.5 + 0.42 * math.cos(t), y, 0.5 + 0.42 * math.sin(t)), 0.7, colour, token)
            for t in turns
        ]
        if zone is None:
            return ring
        home = self._zones[zone]
        for other in joined:
            there = self._zones[other]
            for s in (0.25, 0.5, 0.75):
                x = home.at[0] + (there.at[0] - home.at[0]) * s
                z = home.at[1] + (there.at[1] - home.at[1]) * s
                ring.append(self._spark((x, 0.1 + 0.1 * s * (1 - s), z), 0.9, self._colour[other], token))
        return ring

    def _burst(self, event: Event, token: str, a: float, c: float) -> list[Placement]:
        colour = _FEELINGS[event.data["reaction"]]
        turn, y = 2 * math.pi * a, 0.3 + 0.5 * c
        x, z = 0.5 + 0.38 * math.cos(turn), 0.5 + 0.38 * math.sin(turn)
        sparks = [self._spark((x, y, z), 1.0, colour, token)]
        for i in range(1, _BURST):
            around = 2 * math.pi * i / (_BURST - 1)
            across, up = 0.05 * math.cos(around), 0.05 * math.sin(around)
            at = (x - across * math.sin(turn), y + up, z + across * math.cos(turn))
            sparks.append(self._spark(at, 0.7, colour, token))
        return sparks
