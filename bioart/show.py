"""One step: the inside of the loop that faces the world.

events → community → score → world → exposure → digest. Stage, kiosk, export, verify and playback differ only
in the clock that calls `step()`, in the inputs that bring events and in what becomes of the frames.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from bioart import forms as shapes
from bioart.camera import Camera
from bioart.community.community import Community
from bioart.develop import Exposure
from bioart.errors import MALFORMED, BioartError, real, shown, whole
from bioart.events import Event, check, recheck
from bioart.forms import Forms
from bioart.gpu import crew
from bioart.gpu import digest as digests
from bioart.gpu.copies import array_of
from bioart.health import Vitals
from bioart.inputs import Input, Setting, stage_cues
from bioart.param import of_part
from bioart.preset import Preset
from bioart.recording import Recorder, State
from bioart.score import Score, framing, handheld
from bioart.steering import Steering
from bioart.take import Moment, Writer
from bioart.world import aged
from bioart.world.world import World

SNAPSHOT = 4.0  # s of show time between snapshots: where the newest is damaged, the one before is near
MOON = 0.12  # of a look's key light is left at midnight
CALLED = 64  # cues for the stage that wait for it to look


@dataclass(frozen=True)
class Stored:
    """What the show keeps of a step for drawing: its forms and the moment they were in. exposure: with the
    light that the score leaves."""

    steps: int
    forms: Forms
    exposure: float
    values: dict[str, float]


class Show:
    """A preset, a seed and a stream of events, alive."""

    def __init__(
        self,
        preset: Preset,
        seed: int,
        inputs: Sequence[Input] = (),
        recorder: Recorder | None = None,
        take: bool = False,
        opening: State | None = None,
        lived: Callable[[float], None] = lambda share: None,
    ) -> None:
        """inputs: polled once a step. recorder: keeps events, digests and snapshots; take: the forms too.

        opening: the state to begin from, as `state()` gave it; None: a world that has lived its `age`.
        lived: told of a world that has to live it first what share, 0–1, it has lived; may raise to stop.
        """
        self.preset, self.seed = preset, seed
        self.inputs = list(inputs)
        self._vocabulary = Setting.of(preset, seed).vocabulary()
        self.rate = preset.world.rate
        self.world = World(preset.world, dict(preset.community.zones), seed)
        self.community = Community(preset.community, seed, salt(seed), contracts=preset.contracts)
        self.score = Score(preset)
        self.eye = Exposure()
        self.steps = 0
        self.vitals = Vitals()
        self.values = self.score.opening()
        self.exposure = 1.0
        self._queue: dict[int, list[Event]] = {}
        self._numbered: dict[str, int] = {}  # source → the first number that its queued events leave free
        self._called: deque[tuple[str, str]] = deque(maxlen=CALLED)
        self.overheard: Callable[[Event], None] = lambda event: None  # told of every event that acts
        self.heard = 0  # events that somebody gave so far: all but readings of sensors, and queued ones
        self._stored: list[Stored] = []
        self._recorder = recorder
        self._take = Writer(recorder.take, self.rate) if recorder and take else None
        try:
            if opening is not None:
                self.restore(opening)
            else:
                aged.live(self.world, preset.world, self.values, seed, lived)
                self.vitals = self.world.vitals
                self.exposure = self.eye.step(self.vitals.glow, of_part(self.values, "develop"))
                self._look()
            if recorder is not None:
                recorder.snapshot(self.steps, self.state())
                self._keep_take()
        except BaseException:
            self.world.close()  # nobody else knows of it yet
            raise

    # -- time ----------------------------------------------------------------------------------------------

    def queue(self, events: Iterable[Event]) -> None:
        """Events of a recording, to act again at their steps, tokens and order as they stand, before new ones
        of their source. What an input only repeats acts once.

        BioartError for one that this piece could never have admitted.
        """
        for event in events:
            sound = recheck(event, f"recorded event {event.seq} of {event.source!r}", self._vocabulary)
            self._queue.setdefault(event.step, []).append(sound)
            self._numbered[event.source] = max(self._numbered.get(event.source, 0), event.seq + 1)

    def rewind(self, state: State, inputs: Sequence[Input], run: int | None = None) -> None:
        """Go back to a state of this show; what follows is a new run of the recording.

        inputs: new ones, which begin at that step; events of the run that is left do not act again. run: of
        the recording, in which that state was lived; None: the one that is left.
        """
        self.restore(state)
        self._queue.clear()
        for source in self.inputs:
            source.close()
        self.inputs = list(inputs)
        if self._recorder is not None:
            self._recorder.begin_run(self._recorder.run if run is None else run, self.steps)

    def unrecorded(self) -> None:
        """The recorder has failed: go on without."""
        self._recorder = self._take = None

    def adopt(self, preset: Preset, inputs: Sequence[Input], recorder: Recorder | None = None) -> None:
        """Go on under another text of the same piece: its score, crowd and values, in the world that is.
        A crowd that is asked something else begins anew.

        recorder: of a new file, as a recording has one preset; its first state is that of now. BioartError
        where the text asks for another world.
        """
        old = self.preset
        if preset.world != old.world or preset.community.zones != old.community.zones:
            raise BioartError(f"{preset.path}: asks for another world; allowed: a new show")
        score = Score(preset)
        score.succeed(self.score)
        before = self.community, self.score, self.values
        if preset.community != old.community or preset.contracts != old.contracts:
            # what a crowd has said to other questions is no answer to these
            self.community = Community(
                preset.community, self.seed, salt(self.seed), contracts=preset.contracts
            )
        self.score = score
        # another look brings params of its own and takes others away
        self.values = {name: self.values.get(name, value) for name, value in score.opening().items()}
        try:
            if recorder is not None:
                recorder.snapshot(self.steps, self.state())
        except BaseException:
            self.community, self.score, self.values = before
            raise
        self.preset = preset
        self._vocabulary = Setting.of(preset, self.seed).vocabulary()
        for source in self.inputs:
            source.close()
        self.inputs, self._recorder, self._take = list(inputs), recorder, None
        self._stored = []

    def hold(self) -> None:
        """From now on nothing grows, eats or is fed; light, air and motes go on."""
        self.world.held = True

    def step(self) -> Vitals:
        """Take the world from step k to k + 1; its vitals."""
        k = self.steps
        events = self._due(k)
        for event in events:
            self.overheard(event)
        outcome = self.community.step(k, events, self.vitals, self.values)
        readings = {**self.vitals.row(), "activation": outcome.activation}
        self.values = self.score.settle(
            k, outcome.influence, outcome.votes, outcome.offsets, readings, outcome.controls, outcome.cues
        )
        orders = Steering(self.values, outcome.placements, outcome.treaties, outcome.held)
        self.vitals = self.world.step(k, orders)
        self.exposure = self.eye.step(self.vitals.glow, of_part(self.values, "develop"))
        self.steps = k + 1
        self._look()
        if self._recorder is not None:
            for event in events:
                self._recorder.event(event)
            self._recorder.digest(k, self.digest())
            self._keep_take()
            if self.steps % round(SNAPSHOT * self.rate) == 0:
                self._recorder.snapshot(self.steps, self.state())
        return self.vitals

    def _look(self) -> None:
        """Let the camera see what the body has become."""
        figure = None
        if self.score.due(self.steps):
            figure = framing.measured(array_of(self.world.tissue.solid), self.world.body.grid)
            if figure is not None:
                figure = figure.holding(self.world.woven.about())
        self.score.see(self.steps, figure)

    def _due(self, k: int) -> list[Event]:
        events = self._queue.pop(k, [])
        known = {event.order for event in events}
        for source in self.inputs:
            name = type(source).__module__.rsplit(".", 1)[-1]
            for event in source.poll(k):
                if not source.repeats:
                    event = replace(event, seq=event.seq + self._numbered.get(event.source, 0))
                elif event.order in known:
                    continue
                sound = check(event, f"input {name!r}", self._vocabulary, trusted=source.trusted)
                self.heard += sound.kind != "sensor"
                if sound.kind == "cue" and sound.data["name"] in stage_cues():
                    self._called.append((sound.source, sound.data["name"]))
                events.append(self.community.admit(sound))
        return sorted(events, key=lambda event: event.order)

    def called(self) -> list[tuple[str, str]]:
        """What inputs asked of the stage since the last call, the newest CALLED: (source, cue)."""
        found = list(self._called)
        self._called.clear()
        return found

    def run_to(self, steps: int) -> None:
        while self.steps < steps:
            self.step()

    @property
    def ended(self) -> bool:
        return bool(self.score.ended(self.steps))

    # -- what is there to be drawn -------------------------------------------------------------------------

    def stored(self) -> Stored:
        """The state of now, as forms. Asked twice for one step it is the same object."""
        if not self._stored or self._stored[-1].steps != self.steps:
            exposure = self.exposure * self.score.light
            kept = Stored(self.steps, self.world.forms(self.steps), exposure, self._by_daylight())
            self._stored = [*self._stored[-1:], kept]
        return self._stored[-1]

    def at(self, t: Fraction) -> tuple[Forms, Moment]:
        """Forms and moment of a frame at show time t: steps as it must, mixes the states around t − 1/rate.

        Frames are asked for in order of time.
        """
        place = t * self.rate
        whole = place.__floor__()
        if self.steps < whole:
            self.run_to(max(self.steps, whole - 1))
            self.stored()
            self.run_to(whole)
        after = self.stored()
        before = self._stored[0] if self._stored[0].steps == after.steps - 1 else after
        share = float(place - whole)
        forms = shapes.mix(before.forms, after.forms, share, crew.each)
        exposure = before.exposure + (after.exposure - before.exposure) * share
        values = {n: before.values[n] + (v - before.values[n]) * share for n, v in after.values.items()}
        forms = forms + Forms(texts=self.score.texts(float(t), values.get("camera.focus", 0.0)))
        return forms, Moment(exposure, self._camera(float(t), values), values)

    def _camera(self, t: float, values: dict[str, float]) -> Camera:
        return handheld.held(self.score.camera(t), values.get("camera.hand", 0.0), self.seed, t)

    def _by_daylight(self) -> dict[str, float]:
        """The settled values, the look's key light as the hour leaves it."""
        left = MOON + (1.0 - MOON) * self.vitals.daylight
        if left == 1.0 or "look.key" not in self.values:
            return self.values
        return self.values | {"look.key": self.values["look.key"] * left}

    def _keep_take(self) -> None:
        if self._take is None:
            return
        stored = self.stored()
        t = self.steps / self.rate
        seen = {n: v for n, v in stored.values.items() if n.split(".")[0] in ("look", "camera", "develop")}
        forms = stored.forms + Forms(texts=self.score.texts(t, seen.get("camera.focus", 0.0)))
        self._take.add(self.steps, forms, Moment(stored.exposure, self._camera(t, seen), seen))

    # -- state ---------------------------------------------------------------------------------------------

    def digest(self) -> int:
        """64 bits of all that decides the future: world, community, score, eye."""
        told = json.dumps([self.score.state(), self.eye.state()], sort_keys=True).encode()
        return (self.world.digest() + self.community.digest() + digests.of_bytes(told)) & digests.MASK

    def state(self) -> State:
        """Everything, as named arrays: bit for bit what `restore()` brings back."""
        told = {
            "steps": self.steps,
            "community": self.community.state(),
            "score": self.score.state(),
            "eye": self.eye.state(),
            "values": self.values,
            "vitals": self.vitals.row(),
            "exposure": self.exposure,
        }
        body = np.frombuffer(json.dumps(told, sort_keys=True).encode(), np.uint8)
        return {**{f"world/{name}": array for name, array in self.world.state().items()}, "show": body}

    def restore(self, state: State) -> None:
        """Be again what `state()` told. BioartError where it is no state of this piece."""
        try:
            self._restore(state)
        except MALFORMED as fault:
            raise BioartError(f"snapshot: not a state of this piece ({shown(fault)})") from fault

    def _restore(self, state: State) -> None:
        told: dict[str, Any] = json.loads(state["show"].tobytes())
        steps, exposure = whole(told["steps"], 0, 1 << 40), real(told["exposure"], 0.0, 1e6)
        for name in self.score.opening():
            real(told["values"][name], -1e9, 1e9)
        for value in told["vitals"].values():
            real(value, -1e30, 1e30)
        head = "world/"
        self.world.restore({n[len(head) :]: a for n, a in state.items() if n.startswith(head)})
        self.steps = steps
        self.community.restore(told["community"])
        self.score.restore(told["score"])
        self.eye.restore(told["eye"])
        self.values, self.vitals, self.exposure = told["values"], Vitals(**told["vitals"]), exposure
        self._stored = []

    def close(self) -> None:
        """Give fields and files back."""
        for source in self.inputs:
            source.close()
        self.release()

    def release(self) -> None:
        """Give the fields back alone, so that another world may take them: `regain()` or close the inputs."""
        self.world.close()

    def regain(self, state: State) -> None:
        """After `release()`: be again what `state()` told then, and go on."""
        self.world = World(self.preset.world, dict(self.preset.community.zones), self.seed)
        self.restore(state)


def salt(seed: int) -> bytes:
    """What a show's tokens are salted with: its seed's own, so that the same show gives the same tokens."""
    return hashlib.blake2b(b"bioart" + seed.to_bytes(8, "little"), digest_size=16).digest()
