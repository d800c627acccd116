"""The score: what every param is at every step, and where the camera and the words are at every moment.

A param's value has layers, each replacing those below: the preset's value, the zones' voted choice, the act's
ramp, influence mapped into the artist's `within`; a contract's offset is added; then a `control` (until the
next act, or undo) and a cue replace that. Whatever layer takes over, the value glides to it from what it
was. An act's ramp is the act's own: when the act ends, the param goes back to the layers below.

Over all of it stands the light, which `black` takes away and `light` brings back, slowly.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from bioart.camera import Camera
from bioart.errors import BioartError, nearest, shown
from bioart.forms import Text
from bioart.inputs import stage_cues
from bioart.param import Param
from bioart.preset.plan import Act, Preset, Values
from bioart.preset.read_community import param_named
from bioart.score import flight, narration
from bioart.score.easing import between, smooth
from bioart.score.flight import Entry, Pose
from bioart.score.framing import Figure, Framing
from bioart.steering import Influence

SHORTEST = 2.0  # s that an act lasts before `until` may end it
CONTROL = 0.25  # s in which a value follows a knob, evenly
VOTE = 2.0  # s in which a value follows a vote
RETURN = 1.0  # s in which a value comes back from a control
KNOB = 1.0  # s: moves of one knob closer than this are one control to undo
KEPT = 64  # controls that undo reaches back
ENTRIES = 4  # of acts that the camera remembers
DIM = 0.8  # s in which the light goes, or comes
CYCLE = 2.0  # s from one fall of the light to the next, at least: it never goes in a rhythm that flashes


@dataclass(frozen=True)
class _Layer:
    """What a param should be at a step and which layer says so; seconds to glide there when it takes over."""

    name: str
    value: float
    seconds: float
    even: bool = False


@dataclass(frozen=True)
class _Glide:
    """A move from a value that was to a layer's, since a step. steps: its length."""

    origin: float
    since: int
    steps: int
    even: bool


class _Dim:
    """The light of the show: counted in steps between black and full, so that its bits are everyone's."""

    def __init__(self, steps: int, cycle: int) -> None:
        """steps: from full to black. cycle: from the beginning of one fall to that of the next, at least."""
        self._steps, self._cycle = max(1, steps), cycle
        self.black = False
        self._at = self._steps
        self._falls = False
        self._fell: int | None = None  # step at which it last began to fall

    def step(self, k: int) -> None:
        if not self.black:
            self._falls = False
            self._at = min(self._steps, self._at + 1)
            return
        if not self._falls and (self._fell is None or k - self._fell >= self._cycle):
            self._falls, self._fell = True, k
        if self._falls:
            self._at = max(0, self._at - 1)

    @property
    def light(self) -> float:
        return smooth(self._at / self._steps)

    def state(self) -> list[Any]:
        return [self.black, self._at, self._falls, self._fell]

    def restore(self, state: Sequence[Any]) -> None:
        black, at, falls, fell = state
        self.black, self._falls = bool(black), bool(falls)
        self._at = min(max(int(at), 0), self._steps)
        self._fell = None if fell is None else int(fell)


class Score:
    """The acts as a state machine over steps. Steps must come in order; state() is all that it knows."""

    def __init__(self, preset: Preset, catalogue: Mapping[str, Param] | None = None) -> None:
        """catalogue: full name → param, of every param to settle; by default the preset's own."""
        self.acts = preset.score
        self.preset = preset
        self._rate = preset.world.rate
        self._params = dict(preset.params if catalogue is None else catalogue)
        self._base = {
            name: param.clamp(preset.values.get(name, param.default)) for name, param in self._params.items()
        }
        self._binds = {bind.to: bind for bind in preset.community.binds}
        self._framing = Framing(Figure.of_plan(preset.world), self._rate)
        self._entries = [flight.enter(0, 0, 0, self.acts[0], None, self._figure, self._rate)]
        self._starts = dict(self._base)  # what ramps of the running act begin from
        self._controls: list[tuple[str, float, int, int]] = []  # param, to, step of the last move, number
        self._cues: list[tuple[str, int, int]] = []  # name, step, number
        self._left: tuple[int, list[Any], list[Any]] | None = None  # act that was jumped from, what it held
        self._dim = _Dim(round(DIM * self._rate), round(CYCLE * self._rate))
        self._layers: dict[str, str] = {}  # param → which layer it follows
        self._glides: dict[str, _Glide] = {}
        self._last: dict[str, float] = {}
        self._offsets: dict[str, float] = {}
        self._count = 0
        self._done = False

    # -- what events ask ---------------------------------------------------------------------------

    def check_control(self, param: str, to: float, place: str = "control") -> float:
        """The value that a control asks for, or a BioartError for a param or value that is not allowed."""
        return param_named(self._params, param, place).check(to, f"{place}: {param}")

    def check_cue(self, name: str, place: str = "cue") -> str:
        """The name, or a BioartError: cues are the preset's own, its acts, next, previous, undo, release, and
        the stage's."""
        known = self.preset.cue_names
        if name not in known:
            raise BioartError(f"{place}: no cue {shown(name)}{nearest(name, known)}")
        return name

    # -- settling ----------------------------------------------------------------------------------

    def settle(
        self,
        step: int,
        influence: Influence,
        votes: Values,
        offsets: Values,
        readings: Mapping[str, float],
        controls: Sequence[tuple[str, float]] = (),
        cues: Sequence[str] = (),
    ) -> dict[str, float]:
        """Every param's value for one step, by full name, inside its range.

        influence: share 0–1 of `within` for each bound param. votes: params that won choices set, with
        their value. offsets: what contracts add. readings: `activation` and the last vitals, for `until`.

        cues, in order, before controls: an act's name goes to that act; next and previous go one on or back
        (next in the last act ends the piece); a cue of the preset brings its values; undo takes back the
        newest control or cue of the preset and, where none is left, the last jump to an act: the act that ran
        begins again, with what it held; release takes all cues back; black and light move the light; what
        else the stage is asked changes nothing here. controls: (param, value), held until the next act or
        undo. Raises BioartError for a cue, param or value that is not allowed.
        """
        entered = self._advance(step, readings)
        entered = self._events(step, controls, cues) or entered
        self._dim.step(step)
        self._cues = [cue for cue in self._cues if not self._over(cue[0], cue[1], step)]
        held = {param: (to, number) for param, to, _, number in self._controls}
        cued = {p: (name, since) for name, since, _ in self._cues for p in self.preset.cues[name].values}
        first = not self._last
        values = {}
        for name, param in self._params.items():
            layer = self._layer(name, step, influence, votes, offsets, held, cued)
            values[name] = param.clamp(self._glided(name, layer, step, entered, first))
        self._last = values
        self._offsets = {p: float(v) for p, v in offsets.items() if v}
        return dict(values)

    def opening(self, influence: Influence | None = None) -> dict[str, float]:
        """The values under which a world lives before its show opens: the first act's, with no events.

        A bound param is at the beginning of its `within` unless influence says where.
        """
        shares = influence.shares if influence is not None else {}
        values = dict(self._base)
        for to, bind in self._binds.items():
            share = min(max(shares.get(to, 0.0), 0.0), 1.0)
            values[to] = self._params[to].clamp(between(*bind.within, share))
        return values

    def _layer(
        self,
        name: str,
        step: int,
        influence: Influence,
        votes: Values,
        offsets: Values,
        held: Mapping[str, tuple[float, int]],
        cued: Mapping[str, tuple[str, int]],
    ) -> _Layer:
        if name in cued:
            cue, since = cued[name]
            plan = self.preset.cues[cue]
            return _Layer(f"cue {cue} {since}", plan.values[name], plan.over)
        if name in held:
            to, number = held[name]
            return _Layer(f"control {number}", to, CONTROL, even=True)
        below = self._below(name, step, influence, votes)
        offset = offsets.get(name, 0.0)
        return _Layer(below.name, below.value + offset, below.seconds) if offset else below

    def _below(self, name: str, step: int, influence: Influence, votes: Values) -> _Layer:
        bind = self._binds.get(name)
        if bind is not None and name in influence.shares:
            share = min(max(float(influence.shares[name]), 0.0), 1.0)
            return _Layer("bind", between(*bind.within, share), RETURN)
        entry = self._entries[-1]
        act = self.acts[entry.act]
        ramp = act.ramps.get(name)
        if ramp is not None:
            seconds = act.lasts if ramp.over is None else ramp.over
            share = (step - entry.step) / (seconds * self._rate)
            return _Layer(f"act {entry.number}", between(self._starts[name], ramp.to, smooth(share)), RETURN)
        if name in votes:
            value = self._params[name].clamp(votes[name])
            return _Layer(f"vote {value!r}", value, VOTE)
        return _Layer("preset", self._base[name], RETURN)

    def _glided(self, name: str, layer: _Layer, step: int, entered: bool, first: bool) -> float:
        was = self._layers.get(name)
        if was != layer.name:
            self._layers[name] = layer.name
            if not first:
                seconds = layer.seconds
                if not layer.name.startswith(("cue", "control")):
                    if entered:
                        seconds = self.act.glide
                    elif was is not None and was.startswith("cue"):
                        seconds = self.preset.cues[was.split()[1]].over
                steps = max(1, math.ceil(seconds * self._rate))
                # a step that takes over is the first of the move, not a still one
                self._glides[name] = _Glide(self._last[name], step - 1, steps, layer.even)
        glide = self._glides.get(name)
        if glide is None:
            return layer.value
        share = (step - glide.since) / glide.steps
        if share >= 1.0:
            del self._glides[name]
            return layer.value
        return between(glide.origin, layer.value, share if glide.even else smooth(share))

    # -- acts, controls, cues ----------------------------------------------------------------------

    def _advance(self, step: int, readings: Mapping[str, float]) -> bool:
        """Go to the next act where the running one is over. Whether it did."""
        entry, act = self._entries[-1], self.act
        lived = step - entry.step
        due = lived >= round(act.lasts * self._rate)
        if not due and act.until is not None and lived >= SHORTEST * self._rate:
            due = act.until.holds(readings)
        if not due:
            return False
        if entry.act + 1 == len(self.acts):
            self._done = True
            return False
        self._enter(entry.act + 1, step)
        return True

    def _enter(self, index: int, step: int) -> None:
        last = self._entries[-1]
        before = (self.acts[last.act], last)
        entry = flight.enter(last.number + 1, index, step, self.acts[index], before, self._figure, self._rate)
        self._entries = [*self._entries, entry][-ENTRIES:]
        self._starts = {n: self._last.get(n, b) - self._offsets.get(n, 0.0) for n, b in self._base.items()}
        self._controls, self._cues, self._left = [], [], None
        self._done = False

    def _jump(self, index: int, step: int) -> None:
        """Enter an act because somebody asked for it."""
        left = (self._entries[-1].act, self._controls, self._cues)
        self._enter(index, step)
        self._left = left

    def _undo(self, step: int) -> bool:
        """Take the newest deed back. Whether another act was entered."""
        control = max(self._controls, key=lambda c: c[3], default=None)
        cue = max(self._cues, key=lambda c: c[2], default=None)
        if control is not None and (cue is None or control[3] > cue[2]):
            self._controls.remove(control)
        elif cue is not None:
            self._cues.remove(cue)
        elif self._left is not None:
            index, controls, cues = self._left
            self._enter(index, step)
            self._controls, self._cues = list(controls), list(cues)
            return True
        return False

    def _events(self, step: int, controls: Sequence[tuple[str, float]], cues: Sequence[str]) -> bool:
        entered = False
        for name in cues:
            self.check_cue(name)
            index = self._entries[-1].act
            if name == "undo":
                entered = self._undo(step) or entered
            elif name in ("black", "light"):
                self._dim.black = name == "black"
            elif name in stage_cues():
                pass  # the stage's alone
            elif name == "release":
                self._cues.clear()
            elif name == "next" and index + 1 == len(self.acts):
                self._done = True
            elif name in self.preset.cues:
                self._count += 1
                self._cues = [c for c in self._cues if c[0] != name] + [(name, step, self._count)]
            else:
                jump = {"next": index + 1, "previous": max(0, index - 1)}.get(name)
                self._jump(self.act_names.index(name) if jump is None else jump, step)
                entered = True
        for param, to in controls:
            self._hold(param, self.check_control(param, to), step)
        return entered

    def _hold(self, param: str, to: float, step: int) -> None:
        self._count += 1
        entry = (param, to, step, self._count)
        newest = max((i for i, c in enumerate(self._controls) if c[0] == param), default=None)
        if newest is not None and step - self._controls[newest][2] <= KNOB * self._rate:
            self._controls[newest] = entry  # one turn of a knob, whatever else is turned meanwhile
            return
        self._controls.append(entry)
        if len(self._controls) > KEPT + len(self._params):
            # the oldest that a newer one hides: what still shows is never forgotten
            later = [c[0] for c in self._controls]
            hidden = next(i for i, name in enumerate(later) if name in later[i + 1 :])
            del self._controls[hidden]

    def _over(self, name: str, since: int, step: int) -> bool:
        lasts = self.preset.cues[name].lasts
        return lasts is not None and step - since >= round(lasts * self._rate)

    # -- time --------------------------------------------------------------------------------------

    @property
    def act(self) -> Act:
        """The act that runs."""
        return self.acts[self._entries[-1].act]

    @property
    def act_names(self) -> tuple[str, ...]:
        return tuple(act.name for act in self.acts)

    @property
    def seconds(self) -> float:
        """Nominal length: every act at its full length, show s."""
        return self.preset.seconds

    def starts(self, name: str) -> float:
        """When an act begins if every act before it runs its full length, show s (for `--from ACT`)."""
        if name not in self.act_names:
            raise BioartError(f"no act {shown(name)}{nearest(name, self.act_names)}")
        return sum(act.lasts for act in self.acts[: self.act_names.index(name)])

    def act_at(self, step: int) -> Act:
        """The act of a step, as far back as the last few entries; of a later step: the one that runs."""
        return self.acts[self._entry(Fraction(step, self._rate)).act]

    def ended(self, step: int) -> bool:
        """Whether the piece is over before this step: its last act has had its time, or was cued on."""
        entry = self._entries[-1]
        last = entry.act + 1 == len(self.acts)
        return self._done or (last and step - entry.step >= round(self.act.lasts * self._rate))

    def _entry(self, t: float | Fraction) -> Entry:
        """The entry that was newest at show time t."""
        for entry in reversed(self._entries):
            if Fraction(entry.step, self._rate) <= t:
                return entry
        return self._entries[0]

    # -- the picture -------------------------------------------------------------------------------

    def pose(self, t: float | Fraction) -> Pose:
        """Where the camera is at show time t (s), a function of t, of when acts were entered and of the body
        as it was seen."""
        entry = self._entry(t)
        return flight.pose_at(self.acts[entry.act], entry, self._figure, self._rate, t)

    def camera(self, t: float | Fraction, aspect: float = 1.0) -> Camera:
        """The camera at show time t; aspect: width/height."""
        return flight.camera(self.pose(t), self._figure(t), aspect)

    def lap(self, t: float | Fraction, seconds: float) -> Callable[[float], Camera]:
        """The camera of a loop of so many seconds that begins at show time t: share 0–1 of it to a camera,
        the last the first again."""
        entry, figure = self._entry(t), self._figure(t)
        poses = flight.lap(self.acts[entry.act], entry, self._figure, self._rate, t, seconds)
        return lambda share: flight.camera(poses(share), figure, 1.0)

    def due(self, step: int) -> bool:
        """Whether the body is to be measured after so many steps."""
        return self._framing.due(step)

    def see(self, step: int, figure: Figure | None) -> None:
        """What the camera knows of the body after so many steps, once for each. figure: as measured, where it
        was due and there is a body."""
        self._framing.see(step, figure)

    def _figure(self, t: float | Fraction) -> Figure:
        return self._framing.at(float(t))

    def texts(self, t: float | Fraction, focus: float = 0.0) -> tuple[Text, ...]:
        """The words that stand at show time t, those of an act just left while they fade. focus: how far in
        front of the body's axis it is sharp, m: there they stand, and look as large."""
        view = self.camera(t).focused(focus)
        now = self._entry(t)
        found: tuple[Text, ...] = ()
        for entry, after in zip(self._entries, [*self._entries[1:], None], strict=True):
            if entry.number > now.number:
                break
            start = float(t - Fraction(entry.step, self._rate))
            left = 0.0
            if after is not None and after.number <= now.number:
                left = float(t - Fraction(after.step, self._rate))
            found += narration.texts(self.acts[entry.act], entry.number, start, left, view)
        return found

    # -- state -------------------------------------------------------------------------------------

    @property
    def held(self) -> dict[str, float]:
        """Params that a control holds now, with the value that it asked for."""
        return {param: to for param, to, _, _ in self._controls}

    @property
    def undoable(self) -> bool:
        """Whether there is anything that undo would take back."""
        return bool(self._controls or self._cues or self._left)

    @property
    def light(self) -> float:
        """The share of its light that the show has, 0–1."""
        return self._dim.light

    @property
    def black(self) -> bool:
        """Whether `black` was asked for last."""
        return self._dim.black

    def succeed(self, old: Score) -> None:
        """Take over from the score of another text of the same piece, in the act of the same name.

        Values glide from what they were; what the other text has no more is let go.
        """
        state = old.state()
        self._framing.restore(state["framing"])
        if self.act_names != old.act_names:
            now = old.act.name
            index = self.act_names.index(now) if now in self.act_names else 0
            before = (old.act, old._entries[-1])
            self._entries = [
                flight.enter(
                    before[1].number, index, before[1].step, self.acts[index], None, self._figure, self._rate
                )
            ]
        else:
            self._entries = list(old._entries)
        known = self._params
        self._starts = {n: state["starts"].get(n, base) for n, base in self._base.items()}
        self._controls = [
            (c[0], known[c[0]].clamp(c[1]), c[2], c[3]) for c in state["controls"] if c[0] in known
        ]
        self._cues = [(c[0], c[1], c[2]) for c in state["cues"] if c[0] in self.preset.cues]
        self._left = None  # its act may be another now
        self._dim.restore(state["dim"])
        self._last = {n: state["last"].get(n, base) for n, base in self._base.items()}
        self._layers = dict.fromkeys(known, "another text")  # so that every param glides to its new layer
        self._count, self._done = old._count, False

    def state(self) -> dict[str, Any]:
        """All that decides what comes: numbers, words and lists of them, the same on every machine."""
        return {
            "entries": [entry.row() for entry in self._entries],
            "starts": dict(self._starts),
            "controls": [list(c) for c in self._controls],
            "cues": [list(c) for c in self._cues],
            "left": None
            if self._left is None
            else [self._left[0], [list(c) for c in self._left[1]], [list(c) for c in self._left[2]]],
            "dim": self._dim.state(),
            "framing": self._framing.state(),
            "layers": dict(self._layers),
            "glides": {n: [g.origin, g.since, g.steps, g.even] for n, g in self._glides.items()},
            "last": dict(self._last),
            "offsets": dict(self._offsets),
            "count": self._count,
            "done": self._done,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take a state back, as `state()` gave it or as JSON kept it."""
        self._entries = [Entry.of_row(row) for row in state["entries"]]
        self._starts = dict(state["starts"])
        self._controls, self._cues = _controls(state["controls"]), _cues(state["cues"])
        left = state["left"]
        self._left = None if left is None else (int(left[0]), _controls(left[1]), _cues(left[2]))
        self._dim.restore(state["dim"])
        self._framing.restore(state["framing"])
        self._layers = dict(state["layers"])
        self._glides = {
            n: _Glide(float(g[0]), int(g[1]), int(g[2]), bool(g[3])) for n, g in state["glides"].items()
        }
        self._last = dict(state["last"])
        self._offsets = dict(state["offsets"])
        self._count = int(state["count"])
        self._done = bool(state["done"])


def _controls(rows: Sequence[Any]) -> list[tuple[str, float, int, int]]:
    return [(c[0], float(c[1]), int(c[2]), int(c[3])) for c in rows]


def _cues(rows: Sequence[Any]) -> list[tuple[str, int, int]]:
    return [(c[0], int(c[1]), int(c[2])) for c in rows]
