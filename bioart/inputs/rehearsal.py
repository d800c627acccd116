"""A seeded crowd for whoever is alone in a studio: `--input rehearsal:40`.

They come by ones and twos, bring things and stories, are troubled by the smog, find a common beat, vote,
pledge, and celebrate: every kind of event, over the acts of the piece, the same for the same seed.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from hashlib import blake2b
from typing import Any

from bioart.clock import step_at
from bioart.errors import BioartError, shown
from bioart.events import DOES, MATERIALS, Event
from bioart.inputs import Input, Setting

MOST = 2000  # persons
_TURN = 1_000_000  # events that one turn of the piece may have

STORIES: dict[str, tuple[str, ...]] = {
    "glass": (
        "the jar that held her buttons",
        "window of the closed bakery",
        "last bottle from our wedding",
        "lens of his reading glasses",
        "a lamp from the night train",
        "marbles from the schoolyard",
        "a cracked greenhouse pane",
    ),
    "paper": (
        "the letter I never posted",
        "maps of streets now gone",
        "my first library card",
        "ticket for the last tram",
        "a recipe in her handwriting",
        "sheet music, coffee-stained",
        "drawings from the fridge door",
    ),
    "plastic": (
        "the toy boat that never sank",
        "comb from a hotel by the sea",
        "my daughter's first cup",
        "a cassette of our voices",
        "umbrella handle, after the storm",
        "the spool of a lost kite",
        "bottle caps, one per summer",
    ),
    "metal": (
        "key to a house torn down",
        "his bicycle bell",
        "a thimble worn thin",
        "spoon bent for a swing",
        "coin from a wishing well",
        "wire that held the gate",
        "the bell of a closed school",
    ),
    "organic": (
        "leaves of the courtyard plum",
        "bread that did not rise",
        "seeds she kept in an envelope",
        "coffee grounds from the strike",
        "orange peel, winter kitchen",
        "a rose that outlived the party",
        "moss from the north wall",
    ),
    "textile": (
        "the curtain of our first room",
        "a scarf knitted on night shifts",
        "a sail mended four times",
        "an apron with his initials",
        "flag from the street party",
        "the button of my work coat",
        "a blanket shared on the roof",
    ),
}
SPEECHES = (
    "breathe with us",
    "can you hear the river?",
    "leave the window open",
    "for those who could not come",
    "it smells of rain again",
    "look, it is waking",
    "one breath each",
    "my street is in there",
    "slower, together",
    "I remember blue skies",
    "thank you, whoever you are",
    "let it grow wild",
    "stay a little longer",
    "we were dust, now we are light",
)
# What an act makes people feel, by the first word in its name that is known, else by its place.
_MOODS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("garden", ("calm", "wow", "calm", "heart")),
    ("smog", ("fear", "fear", "calm", "wow")),
    ("activ", ("wow", "heart", "wow", "calm")),
    ("clear", ("calm", "heart", "wow", "calm")),
    ("flourish", ("heart", "wow", "heart", "calm")),
)
_Act = tuple[float, float]  # start, length, s
_Did = list[tuple[float, str, dict[str, Any]]]  # t, kind, data
_Draft = tuple[float, str, str | None, str | None, dict[str, Any]]


class Rehearsal(Input):
    """N seeded persons, 1 to 2000, 40 where N is not said."""

    trusted = True  # it counts its own crowd
    repeats = True

    def __init__(self, option: str, setting: Setting) -> None:
        text = option or "40"
        if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST):
            raise BioartError(f"input 'rehearsal': {shown(option)}; allowed: rehearsal:N, N from 1 to {MOST}")
        self.people = int(text)
        self._set = setting
        self._length = max(setting.nominal, 10.0)
        self._steps = max(1, step_at(Fraction(str(self._length)), setting.rate))
        self._acts = self._five_acts()
        self._turn = -1
        self._due: dict[int, list[Event]] = {}

    def poll(self, step: int) -> Iterable[Event]:
        turn = step // self._steps
        if turn != self._turn:
            self._turn, self._due = turn, self._play(turn)
        return self._due.get(step, ())

    def close(self) -> None:
        self._due = {}

    # --- chance and time --------------------------------------------------------------------------------

    def _u(self, *what: object) -> float:
        """A number in [0, 1) for this seed and counter."""
        text = f"{self._set.seed}|rehearsal|{'|'.join(map(str, what))}"
        return int.from_bytes(blake2b(text.encode(), digest_size=6).digest(), "little") / 2.0**48

    def _five_acts(self) -> list[_Act]:
        """Arrival, trouble, common beat, relief, celebration: by name, else five equal parts."""
        fifth = self._length / 5
        acts = [(i * fifth, fifth) for i in range(5)]
        named = [(name.casefold(), start, length) for name, start, length in self._set.acts]
        if len(named) == 5:
            return [(start, length) for _, start, length in named]
        for i, (word, _) in enumerate(_MOODS):
            for name, start, length in named:
                if word in name:
                    acts[i] = (start, length)
                    break
        return acts

    def _zone(self, i: int) -> str | None:
        zones = self._set.zones
        return zones[int(self._u(i, "zone") * len(zones))] if zones else None

    # --- one turn of the piece --------------------------------------------------------------------------

    def _play(self, turn: int) -> dict[int, list[Event]]:
        drafts: list[_Draft] = []
        for i in range(self.people):
            drafts += self._person(i, turn)
        drafts += self._counts(turn) + self._host()
        drafts.sort(key=lambda d: d[0])  # stable: one order for one seed
        due: dict[int, list[Event]] = {}
        for n, (t, kind, who, zone, data) in enumerate(drafts[:_TURN]):
            inside = min(max(step_at(round(t, 4), self._set.rate), 0), self._steps - 1)
            step = turn * self._steps + inside
            event = Event(step, turn * _TURN + n, "rehearsal", kind, who, zone, data)
            due.setdefault(step, []).append(event)
        return due

    def _arrives(self, i: int, turn: int) -> float:
        """When a person comes: the first at once, the last as the trouble begins. Then they stay."""
        if turn:
            return 0.0
        return (self._acts[1][0] + 0.25 * self._acts[1][1]) * (i + self._u(i, "late")) / (self.people + 1)

    def _counts(self, turn: int) -> list[_Draft]:
        """How many are present in each zone, told once a second while it changes."""
        counts: dict[str | None, int] = {}
        drafts: list[_Draft] = []
        told: dict[str | None, int] = {}
        coming = sorted((self._arrives(i, turn), i) for i in range(self.people))
        second = 0
        while coming:
            second += 1
            while coming and coming[0][0] < second:
                zone = self._zone(coming.pop(0)[1])
                counts[zone] = counts.get(zone, 0) + 1
            for zone, people in counts.items():
                if told.get(zone) != people:
                    told[zone] = people
                    drafts.append((float(second), "presence", None, zone, {"people": people}))
        return drafts

    def _host(self) -> list[_Draft]:
        """Whoever runs the evening: reactions linger in the finale, a cue is called as the air clears."""
        drafts: list[_Draft] = []
        if "community.echo" in self._set.params:
            start = self._acts[4][0] + 0.5
            drafts.append((start, "control", None, None, {"param": "community.echo", "to": 12.0}))
        if self._set.cues:
            start, length = self._acts[3]
            drafts.append((start + 0.5 * length, "cue", None, None, {"name": self._set.cues[0]}))
        return drafts

    def _person(self, i: int, turn: int) -> list[_Draft]:
        who, zone, here = f"guest-{i + 1}", self._zone(i), self._arrives(i, turn)
        did: _Did = []
        self._gives(did, i, turn, here)
        self._tends(did, i, turn)
        self._feels(did, i, turn, here)
        self._decides(did, i, turn)
        self._speaks(did, i, turn)
        self._taps(did, i, turn)
        return [(t, kind, who, zone, data) for t, kind, data in did if t >= here]

    def _when(self, act: int, early: float, late: float, *what: object) -> float:
        start, length = self._acts[act]
        return start + length * (early + (late - early) * self._u(*what))

    def _gives(self, did: _Did, i: int, turn: int, here: float) -> None:
        u = self._u
        for n, (act, share) in enumerate(((0, 0.9), (1, 0.35), (4, 0.4))):
            if u(i, turn, "gives", n) > share:
                continue
            material = MATERIALS[int(u(i, turn, "material", n) * len(MATERIALS))]
            told = STORIES[material] if u(i, turn, "told", n) < 0.6 else ("",)
            data: dict[str, Any] = {
                "material": material,
                "mass": round(0.05 + 1.4 * u(i, turn, "mass", n) ** 3, 2),
                "words": told[int(u(i, turn, "story", n) * len(told))],
            }
            t = self._when(act, 0.1, 0.95, i, turn, "gives at", n)
            did.append((max(t, here + 1.0), "offering", data))

    def _tends(self, did: _Did, i: int, turn: int) -> None:
        """While the smog stands: implants near the skin, and readings by whoever brought a meter."""
        u = self._u
        if u(i, turn, "implants") < 0.4 or i == 0:
            around, high = 2 * math.pi * u(i, turn, "around"), 0.2 + 0.5 * u(i, turn, "high")
            x, z = 0.5 + 0.26 * math.cos(around), 0.5 + 0.26 * math.sin(around)
            does = DOES[int(u(i, turn, "does") ** 2 * len(DOES))]
            data: dict[str, Any] = {"at": (round(x, 3), round(high, 3), round(z, 3)), "does": does}
            did.append((self._when(1, 0.2, 0.9, i, turn, "implants at"), "implant", data))
        ranges = sorted(self._set.over.items()) or [(n, (0.0, 100.0)) for n in sorted(self._set.sensors)]
        if ranges and (u(i, turn, "measures") < 0.15 or i == 0):
            name, (low, high) = ranges[int(u(i, turn, "which") * len(ranges))]
            reading = round(low + (high - low) * (0.3 + 0.4 * u(i, turn, "reads")), 1)
            data = {"name": name, "reading": reading}
            did.append((self._when(1, 0.1, 0.9, i, turn, "measures at"), "sensor", data))

    def _feels(self, did: _Did, i: int, turn: int, here: float) -> None:
        for act, (start, length) in enumerate(self._acts):
            t, n = max(start, here), 0
            while True:
                t += 4.0 + 14.0 * self._u(i, turn, "feels at", act, n)
                if t >= start + length:
                    break
                moods = _MOODS[act][1]
                mood = moods[int(self._u(i, turn, "feels", act, n) * len(moods))]
                did.append((t, "reaction", {"reaction": mood}))
                n += 1

    def _decides(self, did: _Did, i: int, turn: int) -> None:
        u = self._u
        for n, (proposal, choices) in enumerate(self._set.proposals.items()):
            if not choices or u(i, turn, "votes", n) > 0.85:
                continue
            act = 1 + 2 * (n % 2)
            lean = u(i, turn, "choice", n) * 1.35 - 0.35  # the first choice is the favourite
            choice = choices[max(0, int(lean * len(choices)))]
            t = self._when(act, 0.25, 0.8, i, turn, "votes at", n)
            did.append((t, "vote", {"proposal": proposal, "choice": choice}))
            if u(i, turn, "again", n) < 0.12:  # and some think again
                other = choices[int(u(i, turn, "other", n) * len(choices))]
                did.append((t + 3.0, "vote", {"proposal": proposal, "choice": other}))
        pledges = self._set.pledges
        if pledges and (u(i, turn, "pledges") < 0.65 or i == 0):
            pledge = pledges[int(u(i, turn, "pledge") ** 2 * len(pledges))]
            did.append((self._when(3, 0.0, 0.9, i, turn, "pledges at"), "pledge", {"pledge": pledge}))

    def _speaks(self, did: _Did, i: int, turn: int) -> None:
        if self._u(i, turn, "speaks") < 0.3 or i == 0:
            words = SPEECHES[(i + int(self._u(turn, "first") * len(SPEECHES))) % len(SPEECHES)]
            act = (1, 2, 3, 4)[int(self._u(i, turn, "in act") * 4)]
            did.append((self._when(act, 0.1, 0.9, i, turn, "speaks at"), "speech", {"words": words}))

    def _taps(self, did: _Did, i: int, turn: int) -> None:
        """Curious at first, alone; then in the third act, from all over the beat, nearer with every tap.

        The act may end as soon as they are together, so the last act is expected early.
        """
        u, beat = self._u, self._set.beat
        if u(i, turn, "curious") < 0.3:
            did.append((self._when(0, 0.3, 0.95, i, turn, "curious at"), "tap", {}))
        start, length = self._acts[2]
        # parts of a beat, spread by the golden ratio: however few they are, they begin apart
        astray = (u(turn, "astray") + 0.6180339887 * i) % 1.0 - 0.5
        finale = max(start + length, self._acts[4][0] - 0.7 * length)
        # some try before the act begins: the first few taps of all would seem to be together
        joins = start - 3.0 * beat + (0.3 * length + 3.0 * beat) * u(i, turn, "joins")
        for n in range(int(joins / beat) + 1, int(self._length / beat)):
            t = n * beat
            if start + length <= t < finale and u(i, "keeps on") > 0.35:
                continue
            if t > finale and u(i, turn, "rests", n) < 0.15:
                continue
            far = max(0.0, (t - start) / length)
            off = astray / (1.0 + 9.0 * far * far) + 0.05 * (u(i, turn, "hand", n) - 0.5)
            did.append((t + off * beat, "tap", {}))
