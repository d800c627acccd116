"""Opening what a command names: a preset by name or file, a recording, and the inputs that a show gets."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bioart import preset as presets
from bioart import registry
from bioart.errors import BioartError
from bioart.events import Event
from bioart.gpu.fingerprint import differs, fingerprint
from bioart.inputs import Input, Setting
from bioart.preset import Preset
from bioart.recording import Recorder, Recording, State
from bioart.take import Reader

ENDING = ".bioart"
SEEDS = 1 << 32


@dataclass(frozen=True)
class Order:
    """What a command asked for: which piece, and how it is steered."""

    piece: str
    seed: int | None = None
    settings: dict[str, float] = field(default_factory=dict)
    events: Path | None = None
    sensors: Path | None = None
    inputs: Sequence[str] = ()


def is_recording(piece: str) -> bool:
    return piece.endswith((ENDING, ENDING + ".part"))


def preset_of(order: Order) -> Preset:
    """The preset, with what `--set` changes."""
    return presets.with_values(presets.load(order.piece), order.settings)


def seed_of(order: Order) -> int:
    seed = 0 if order.seed is None else order.seed
    if not 0 <= seed < SEEDS:
        raise BioartError(f"--seed {seed}: out of range; allowed: 0 to {SEEDS - 1}")
    return seed


def inputs_of(order: Order, preset: Preset, seed: int) -> list[Input]:
    """Every input that the order or the preset wants, sensors first.

    Raises BioartError that names the option for an unknown kind, and whatever an input finds wrong.
    """
    wanted: list[tuple[str, str]] = []
    if preset.sensors or order.sensors:
        wanted.append(("sensors", str(order.sensors or "")))
    if order.events:
        wanted.append(("script", str(order.events)))
    for told in order.inputs:
        kind, _, option = told.partition(":")
        wanted.append((kind, option))
    made: list[Input] = []
    for kind, option in wanted:
        found: type[Input] = registry.kind("input", kind, "--input")
        if found.of_stage:
            raise BioartError(f"--input {kind}: `play` has it by itself; allowed: any other")
        made.append(found(option, Setting.of(preset, seed)))
    return made


def meta_of(preset: Preset, seed: int) -> dict[str, str]:
    """What a recording says of its show: all that a replay needs besides the events."""
    return {"preset": preset.text, "path": preset.path, "seed": str(seed), "fingerprint": fingerprint()}


def recorded_preset(recording: Recording) -> Preset:
    """The preset as it was recorded."""
    return presets.loads(recording.meta["preset"], recording.meta.get("path", str(recording.path)))


def timeline(recording: Recording, since: int = 0) -> list[Event]:
    """The events of the last run and of what led to it, from a step on, each at its step."""
    found: list[Event] = []
    for run, first, until in _stretches(recording):
        events = recording.events(run, max(first, since))
        found += [e for e in events if until is None or e.step < until]
    return sorted(found, key=lambda e: e.order)


def state_before(recording: Recording, steps: int) -> State:
    """The newest sound snapshot of the timeline that has lived at most so many steps; at least the first."""
    found = newest(recording, steps)
    return recording.snapshot(0, recording.first()) if found is None else found[2]


def newest(recording: Recording, steps: int | None = None) -> tuple[int, int, State] | None:
    """(run, step, state) of the timeline's newest sound snapshot, of at most so many steps; None: there is
    none."""
    stretches = {run: (first, until) for run, first, until in _stretches(recording)}
    for run, step in sorted(recording.snapshots(), key=lambda kept: (kept[1], kept[0]), reverse=True):
        first, until = stretches.get(run, (0, -1))
        if first <= step and (steps is None or step <= steps) and (until is None or step <= until):
            with contextlib.suppress(BioartError):  # a damaged one costs time, not the work
                return run, step, recording.snapshot(run, step)
    return None


@dataclass(frozen=True)
class Resumed:
    """A recording that goes on. state: where its new run begins; events: what acts in it again."""

    recorder: Recorder
    preset: Preset
    seed: int
    state: State
    events: list[Event]
    meta: dict[str, str]


def resume(path: Path) -> Resumed:
    """Open the recording of a show whose process has died, to go on from its newest sound snapshot as the
    next run. path: its name when closed.

    BioartError where it cannot go on: damaged beyond that, or made by another build. It stays as it is.
    """
    recorder = Recorder.resume(path)
    try:
        recording = Recording(recorder.part, whole=False)
        try:
            strange = strange_build(recording)
            if strange:
                raise BioartError(f"{path}: made by another build ({strange}); allowed: that build")
            preset = recorded_preset(recording)
            found = newest(recording)
            if found is None:
                raise BioartError(f"{path}: no sound snapshot")
            run, step, state = found
            events = timeline(recording, step)
            seed, meta = recording.seed, recording.meta
        finally:
            recording.close()
        recorder.begin_run(run, step, events)
    except BaseException:
        recorder.leave()
        raise
    return Resumed(recorder, preset, seed, state, events, meta)


def _stretches(recording: Recording) -> list[tuple[int, int, int | None]]:
    """(run, first step, end or None) of what the last run continues, newest first."""
    runs = {r.run: r for r in recording.runs()}
    run, until = runs[max(runs)], None
    found: list[tuple[int, int, int | None]] = []
    while True:
        found.append((run.run, run.from_step or 0, until))
        if run.from_run is None:
            return found
        if run.from_run not in runs or run.from_run >= run.run:
            raise BioartError(f"{recording.path}: damaged: run {run.run} starts from no run before it")
        until, run = run.from_step, runs[run.from_run]


def take_of(recording: Recording, preset: Preset, strange: str) -> Reader:
    """The recording's take. BioartError where it has none, which leaves this build nothing to play."""
    names = recording.take_names()
    if not names:
        raise BioartError(
            f"{recording.path}: made by another build ({strange}) and without a take; "
            "allowed: that build, or a recording made with --take"
        )
    return Reader(names, recording.take, preset.world.rate, str(recording.path))


def strange_build(recording: Recording) -> str:
    """What differs between the build that made a recording and this one; empty where it is the same."""
    return differs(recording.meta.get("fingerprint", ""), fingerprint())
