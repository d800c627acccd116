"""The community: one step from what was heard to what steers (docs/design.md, "One step", 2)."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Protocol

from bioart.clock import RATE
from bioart.community.activation import Activation, Pulse
from bioart.community.alchemy import Alchemy, Ground
from bioart.community.assembly import Assembly
from bioart.community.chance import is_token, token
from bioart.community.contracts import Contracts, Promise
from bioart.community.covenant import Covenant
from bioart.community.hold import Hold
from bioart.community.influence import CROWD, Bound, Ways, share
from bioart.community.memory import Allowance, Memory, Recent
from bioart.community.moderation import Banner, Banners, Deny
from bioart.errors import BioartError
from bioart.events import KINDS, Event
from bioart.health import Vitals
from bioart.param import Param
from bioart.steering import Influence, Placement

THINGS = 24  # threads, implants, matter and banners placed in one step; the rest wait
SPARKS = 160  # motes in one step; more go unseen
WAITING = 512  # things that may wait
READERS = 256  # persons whose own readings of one sensor count
FORGET = 60 * RATE  # steps after which a feeling is gone for certain: the longest echo
FORMAT = 1


class Decided(Protocol):
    """What a won vote does. values: params; ranges: contracts by name."""

    @property
    def values(self) -> Mapping[str, float]: ...
    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]: ...


class Motion(Protocol):
    @property
    def choices(self) -> Mapping[str, Decided]: ...


class Plan(Protocol):
    """The community as the preset has it. zones, proposals, pledges: by name, in the preset's order."""

    @property
    def zones(self) -> Mapping[str, Ground]: ...
    @property
    def proposals(self) -> Mapping[str, Motion]: ...
    @property
    def pledges(self) -> Mapping[str, str] | Sequence[str]: ...
    @property
    def binds(self) -> Sequence[Bound]: ...


@dataclass(frozen=True)
class Outcome:
    """What one step of the community comes to.

    votes: the values that won choices set. offsets: contracts' offsets. activation: 0–1, what an act may wait
    for. guide: phase of the beat to tap to, 0–1. controls: (param, to) in order. cues: names in order.
    treaties: 0–1 for each border that pledges have joined. held: how far each zone's people hold it, 0–1.
    """

    influence: Influence = field(default_factory=Influence)
    placements: tuple[Placement, ...] = ()
    votes: Mapping[str, float] = field(default_factory=dict)
    offsets: Mapping[str, float] = field(default_factory=dict)
    activation: float = 0.0
    guide: float = 0.0
    controls: tuple[tuple[str, float], ...] = ()
    cues: tuple[str, ...] = ()
    treaties: Mapping[tuple[str, str], float] = field(default_factory=dict)
    held: Mapping[str, float] = field(default_factory=dict)


class Community:
    """Everybody who reached the show, by token. No name that anybody gave is ever kept.

    Its state is a function of the seed, the salt and the events alone; what is remembered is bounded.
    """

    beat = Param(2.0, 1.25, 4.0, "s", "the pulse that a crowd is asked to tap to")
    quorum = Param(5.0, 5.0, 500.0, "people", "how few can move all that a crowd can", "log")
    echo = Param(8.0, 2.0, 60.0, "s", "how long a reaction, an offering or words are felt", "log")

    def __init__(
        self,
        plan: Plan,
        seed: int,
        salt: bytes | str,
        *,
        contracts: Mapping[str, Promise] | None = None,
        deny: Deny | None = None,
    ) -> None:
        """salt: the show's own secret, for tokens. contracts: the preset's. deny: words that are not shown.

        Raises BioartError for a bind or a contract that cannot be kept.
        """
        self._salt = salt.encode() if isinstance(salt, str) else salt
        self._deny = deny if deny is not None else Deny()
        self._plan = plan
        self._alchemy = Alchemy(plan.zones, seed)
        self._ways = Ways(plan.binds)
        self._bound = frozenset(b.source[7:] for b in plan.binds if b.source.startswith("sensor."))
        self._contracts = Contracts(tuple((contracts or {}).values()))
        self._assembly = Assembly({n: tuple(p.choices) for n, p in plan.proposals.items()})
        self._covenant = Covenant(plan.zones, tuple(plan.pledges))
        self._hold = Hold(tuple(plan.zones))
        self._activation = Activation()
        self._active = 0.0  # what the last step measured: told, never asked for by a step
        # who did what of late; votes, pledges and taps are remembered by their own parts
        self._felt = {n: Recent(n) for n in CROWD if n not in ("activation", "covenant", "vote", "pledge")}
        self._voters = Memory("voters")
        self._things, self._sparks = Allowance("things", 3, 4 * RATE), Allowance("sparks", 6, RATE // 2)
        self._waiting: deque[Placement] = deque()
        self._banners = Banners()
        self._people: dict[str, int] = {}
        self._instruments: dict[str, float] = {}
        self._readers: dict[str, Memory] = {}
        self._heard = dict.fromkeys(KINDS, 0)
        self._said: dict[
            str, list[Any]
        ] = {}  # controls and cues of the last step, so that its digest has them
        self._takes: dict[str, Callable[[int, Event, str], None]] = {
            "presence": self._presence,
            "tap": self._tap,
            "vote": self._vote,
            "pledge": self._pledge,
            "sensor": self._sensor,
        }

    # --- entering ---------------------------------------------------------------------------------------

    def admit(self, event: Event) -> Event:
        """The event as a show may keep it: `who` a token, words that must not be shown gone.

        Once for each event that arrives, before it is recorded and stepped; never for a recorded one.
        """
        who = None if event.who is None else token(event.who, event.source, self._salt)
        said = event.data.get("words")
        data = {**event.data, "words": ""} if said and self._deny.refused(said) else event.data
        return replace(event, who=who, data=data)

    def _token(self, event: Event) -> str:
        if event.who is not None and is_token(event.who):
            return event.who
        return token(event.who, event.source, self._salt)

    # --- one step ---------------------------------------------------------------------------------------

    def step(self, k: int, events: Sequence[Event], vitals: Vitals, values: Mapping[str, float]) -> Outcome:
        """Step k. events: those due, admitted. vitals: the last row. values: the params as last settled."""
        beat = self.beat.clamp(values.get("community.beat", self.beat.default))
        least = self.quorum.clamp(values.get("community.quorum", self.quorum.default))
        echo = max(1, round(self.echo.clamp(values.get("community.echo", self.echo.default)) * RATE))
        placed: list[Placement] = []
        controls: list[tuple[str, float]] = []
        cues: list[str] = []
        for event in sorted(events, key=lambda e: e.order):
            serial = self._heard[event.kind] = self._heard[event.kind] + 1
            if event.kind == "control":
                controls.append((event.data["param"], float(event.data["to"])))
            elif event.kind == "cue":
                cues.append(event.data["name"])
            else:
                placed += self._take(k, event, self._token(event), serial)
        del placed[SPARKS:]
        self._said = {"controls": [list(c) for c in controls], "cues": list(cues)} if controls or cues else {}
        placed = self._due(k) + placed
        for recent in self._felt.values():
            recent.forget(k - FORGET)
        pulse = self._activation.measure(k, beat, least)
        self._active = pulse.activation
        won = self._assembly.settle(least)
        votes: dict[str, float] = {}
        ranges: dict[str, tuple[float, float]] = {}
        for proposal, choice in won.items():
            decided = self._plan.proposals[proposal].choices[choice]
            votes.update(decided.values)
            ranges.update(decided.ranges)
        many = max(least, float(self.people))
        influence = self._ways.step(lambda bind: self._asked(bind, k, pulse, many, echo))
        offsets = self._contracts.step(vitals, values, ranges)
        return Outcome(
            influence,
            tuple(placed),
            votes,
            offsets,
            pulse.activation,
            pulse.guide,
            tuple(controls),
            tuple(cues),
            self._covenant.agreed(many),
            self._hold.held(k, self._people, least),
        )

    @property
    def people(self) -> int:
        """How many are present, by what trusted inputs last said."""
        return sum(self._people.values())

    @property
    def activation(self) -> float:
        """0–1, as the last step measured it."""
        return self._active

    @property
    def readings(self) -> dict[str, float]:
        """What each bound sensor's instrument last said, in its unit, by name; no person's own readings."""
        return dict(sorted(self._instruments.items()))

    def _asked(self, bind: Bound, k: int, pulse: Pulse, many: float, echo: int) -> float | None:
        """The share 0–1 that a bind's source asks for. many: Q, of which each person is one."""
        name = bind.source
        if name.startswith("sensor."):
            return self._measured(name[7:], bind, many)
        if name == "presence":
            return share(float(self.people), bind.over)
        if name.startswith("presence."):
            return share(float(self._people.get(name[9:], 0)), bind.over)
        if name == "guide":
            # brightest on the beat, a smooth rise and fall between
            away = abs(2.0 * pulse.guide - 1.0)
            return share(away * away * (3.0 - 2.0 * away), bind.over)
        if name == "activation":
            persons = pulse.together
        elif name == "covenant":
            persons = self._covenant.carried()
        elif name == "vote":
            persons = float(len(self._voters))
        elif name == "pledge":
            persons = float(len(self._covenant.standing))
        else:
            persons = self._felt[name].felt(k, echo)
        return share(min(1.0, persons / many), bind.over)

    def _measured(self, name: str, bind: Bound, many: float) -> float | None:
        if name in self._instruments:
            return share(self._instruments[name], bind.over)
        readers = self._readers.get(name)
        if not readers:
            return None
        return min(1.0, sum(share(float(v), bind.over) for _, v in readers.items()) / many)

    # --- what each kind changes -------------------------------------------------------------------------

    def _take(self, k: int, event: Event, who: str, serial: int) -> list[Placement]:
        before = self.people
        take = self._takes.get(event.kind)
        if take is not None:
            take(k, event, who)
        felt = f"reaction.{event.data['reaction']}" if event.kind == "reaction" else event.kind
        if felt in self._felt:
            self._felt[felt].note(who, k)
        if event.kind == "sensor" and event.who is None:
            return []
        if event.kind in ("offering", "implant") and self._things.take(who, k):
            things = self._alchemy.offering(event, who, serial) if event.kind == "offering" else []
            self._wait(things or self._alchemy.implant(event, who))
        said = event.data.get("words", "")
        if said:
            at = self._alchemy.stand(event.zone, who, serial)
            self._banners.hold(Banner(serial, who, said, at, self._alchemy.voice(who)))
            self._hold.note(who, event.zone or self._alchemy.nearest(at), k)
        # presence comes from trusted inputs alone, and one step may bring the counts of every zone
        if event.kind != "presence" and not self._sparks.take(who, k):
            return []
        joined = self._covenant.joined(event.zone) if event.kind == "pledge" and event.zone else []
        return self._alchemy.motes(event, who, serial, max(self.people - before, 0), joined)

    def _presence(self, k: int, event: Event, who: str) -> None:
        zone = event.zone if event.zone in self._plan.zones else None
        self._people[zone or ""] = int(event.data["people"])

    def _tap(self, k: int, event: Event, who: str) -> None:
        self._activation.tap(who, k)

    def _vote(self, k: int, event: Event, who: str) -> None:
        self._assembly.cast(who, event.zone, event.data["proposal"], event.data["choice"])
        self._voters.put(who, "1")
        self._hold.note(who, event.zone, k)

    def _pledge(self, k: int, event: Event, who: str) -> None:
        self._covenant.pledge(who, event.zone, event.data["pledge"])

    def _sensor(self, k: int, event: Event, who: str) -> None:
        """An instrument's reading holds until its next. A person's counts as one share, and only where no
        instrument reports."""
        name, reading = event.data["name"], float(event.data["reading"])
        if name not in self._bound:
            return
        if event.who is None:
            self._instruments[name] = reading
        else:
            self._readers.setdefault(name, Memory(f"reader:{name}", READERS)).put(who, repr(reading))

    # --- what is placed ---------------------------------------------------------------------------------

    def _wait(self, things: Sequence[Placement]) -> None:
        if len(self._waiting) + len(things) <= WAITING:
            self._waiting.extend(things)

    def _due(self, k: int) -> list[Placement]:
        due = [self._waiting.popleft() for _ in range(min(THINGS, len(self._waiting)))]
        banner = self._banners.due(k)
        if banner is not None:
            due.append(Placement("banner", banner.at, 1.0, banner.tint, banner.token, words=banner.words))
        return due

    # --- keeping ----------------------------------------------------------------------------------------

    def digest(self) -> int:
        """64 bits of the whole state: the marks of its entries, summed as they change, and the rest."""
        sums = [
            *(recent.digest for recent in self._felt.values()),
            *(self._readers[n].digest for n in sorted(self._readers)),
            self._activation.taps.digest,
            self._covenant.digest,
            *self._hold.digest,
            self._voters.digest,
            self._things.digest,
            self._sparks.digest,
        ]
        rest = {
            "sums": sums,
            "votes": self._assembly.digest,
            "ways": self._ways.digest,
            "contracts": self._contracts.digest,
            "banners": self._banners.digest,
            "waiting": [_row(p) for p in self._waiting],
            "people": self._people,
            "instruments": self._instruments,
            "heard": self._heard,
            "said": self._said,
        }
        text = json.dumps(rest, sort_keys=True, separators=(",", ":"))
        return int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")

    def state(self) -> dict[str, Any]:
        """All that a restart needs, JSON-able; `restore` of it on the same preset, seed and salt goes on."""
        return {
            "format": FORMAT,
            "felt": {n: r.state() for n, r in self._felt.items()},
            "readers": {n: m.state() for n, m in self._readers.items()},
            "taps": self._activation.taps.state(),
            "covenant": self._covenant.state(),
            "hold": self._hold.state(),
            "voters": self._voters.state(),
            "things": self._things.state(),
            "sparks": self._sparks.state(),
            "assembly": self._assembly.state(),
            "ways": self._ways.state(),
            "contracts": self._contracts.state(),
            "banners": self._banners.state(),
            "waiting": [_row(p) for p in self._waiting],
            "people": dict(self._people),
            "instruments": dict(self._instruments),
            "heard": dict(self._heard),
            "said": self._said,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state()`. Raises BioartError where it is not one of this community's."""
        try:
            if state["format"] != FORMAT:
                raise BioartError(f"community state of format {state['format']!r}; allowed: {FORMAT}")
            for name, recent in self._felt.items():
                recent.restore(state["felt"][name])
            self._readers = {n: Memory(f"reader:{n}", READERS) for n in state["readers"]}
            for name, memory in self._readers.items():
                memory.restore(state["readers"][name])
            self._activation.taps.restore(state["taps"])
            self._covenant.restore(state["covenant"])
            self._hold.restore(state["hold"])
            self._voters.restore(state["voters"])
            self._things.restore(state["things"])
            self._sparks.restore(state["sparks"])
            self._assembly.restore(state["assembly"])
            self._ways.restore(state["ways"])
            self._contracts.restore(state["contracts"])
            self._banners.restore(state["banners"])
            self._waiting = deque(_placement(row) for row in state["waiting"])
            self._people = {z: int(n) for z, n in state["people"].items()}
            self._instruments = {n: float(v) for n, v in state["instruments"].items()}
            self._heard = {kind: int(state["heard"][kind]) for kind in KINDS}
            self._said = dict(state["said"])
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise BioartError(
                f"community state: {type(fault).__name__} {fault}; allowed: a state of this preset"
            ) from None


def _row(p: Placement) -> list[Any]:
    return [p.kind, list(p.at), p.amount, list(p.tint), p.token, p.material, p.does, p.words]


def _placement(row: Sequence[Any]) -> Placement:
    kind, at, amount, colour, who, material, does, words = row
    return Placement(kind, tuple(at), amount, tuple(colour), who, material, does, words)
