"""Verify: step a recording again from its first state and compare every digest; vitals on request."""

from __future__ import annotations

import csv
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bioart.errors import BioartError, WorkFailed
from bioart.health import Vitals
from bioart.recording import Recording, State
from bioart.show import Show
from bioart.stage import opening


@dataclass(frozen=True)
class Verdict:
    """steps: how many were compared. differs: (run, step) of the first that differs, or None."""

    steps: int
    events: int
    runs: int
    differs: tuple[int, int] | None = None
    told: str = ""


def verify(
    path: Path, vitals: Path | None = None, progress: Callable[[int, int], None] = lambda done, of: None
) -> Verdict:
    """Step every run again.

    BioartError for a file that is no recording; WorkFailed where this build cannot step it.
    """
    recording = Recording(path)
    try:
        strange = opening.strange_build(recording)
        if strange:
            raise WorkFailed(
                f"{path}: made by another build ({strange}): it cannot be stepped again here; "
                "allowed: that build; a take plays on any"
            )
        rows: list[dict[str, float]] = []
        verdict = _stepped(recording, rows, progress)
        if vitals is not None:
            _write(vitals, rows)
        return verdict
    finally:
        recording.close()


def _stepped(
    recording: Recording, rows: list[dict[str, float]], progress: Callable[[int, int], None]
) -> Verdict:
    preset = opening.recorded_preset(recording)
    runs = recording.runs()
    total = sum(len(recording.digests(run.run)) for run in runs)
    wanted: Counter[tuple[int | None, int | None]] = Counter(
        (r.from_run, r.from_step) for r in runs if r.from_run is not None
    )
    states = frozenset(recording.snapshots())
    kept: dict[tuple[int | None, int | None], State] = {}
    done = events = 0
    earlier: set[tuple[int, str, int]] = set()  # the events of the runs before
    for run in runs:
        if run.from_run is None:
            begin = recording.snapshot(0, recording.first())
        elif (run.from_run, run.from_step) in kept:
            begin = kept[run.from_run, run.from_step]
        else:
            raise BioartError(
                f"{recording.path}: damaged: run {run.run} starts from step {run.from_step} of run "
                f"{run.from_run}, which never came to it"
            )
        wanted[run.from_run, run.from_step] -= 1
        if not wanted[run.from_run, run.from_step]:
            kept.pop((run.from_run, run.from_step), None)  # hundreds of restarts, and one state at a time
        show = Show(preset, recording.seed, opening=begin)
        try:
            due = recording.events(run.run)
            events += len(due)
            show.queue(due)
            for step, digest in recording.digests(run.run).items():
                if wanted[run.run, show.steps] > 0:
                    kept[run.run, show.steps] = show.state()
                if step != show.steps:
                    raise BioartError(f"{recording.path}: run {run.run} has no digest of step {show.steps}")
                vitals = show.step()
                if show.digest() != digest:
                    acting = [f"{e.kind} from {e.source}" for e in due if e.step == step]
                    told = (
                        f"run {run.run} differs first at step {step} ({step / show.rate:.2f} s, act "
                        f"{show.score.act_at(step).name}); events of that step: {', '.join(acting) or 'none'}"
                    )
                    return Verdict(done, events, len(runs), (run.run, step), told)
                told = _kept_otherwise(recording, run.run, show) if (run.run, show.steps) in states else ""
                if told:
                    return Verdict(done, events, len(runs), (run.run, step), told)
                done += 1
                _row(rows, show, vitals)
                progress(done, total)
            # what a restart was to let act again may outlive a run that died before it came to it
            late = [e.step for e in due if e.step > show.steps and e.order not in earlier]
            earlier |= {e.order for e in due}
            if late:
                raise BioartError(
                    f"{recording.path}: damaged: run {run.run} has events until step {max(late)} and digests "
                    f"of {show.steps} steps only"
                )
            if wanted[run.run, show.steps] > 0:
                kept[run.run, show.steps] = show.state()
        finally:
            show.close()
    return Verdict(done, events, len(runs))


def _kept_otherwise(recording: Recording, run: int, show: Show) -> str:
    """What is wrong with the snapshot of now, from which drawing and restarts begin; empty where all is
    well."""
    try:
        kept = recording.snapshot(run, show.steps)
    except BioartError:
        return ""  # damaged ones are passed over by whoever begins at one
    here = show.state()
    odd = sorted(n for n in here.keys() | kept.keys() if not _same(here.get(n), kept.get(n)))
    if not odd:
        return ""
    return f"the snapshot of run {run} at step {show.steps} is not what was lived: {', '.join(odd[:3])}"


def _same(a: np.ndarray | None, b: np.ndarray | None) -> bool:
    if a is None or b is None:
        return False
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def _row(rows: list[dict[str, float]], show: Show, vitals: Vitals) -> None:
    if show.steps % show.rate == 0:
        rows.append({"t": show.steps / show.rate, **vitals.row()})


def _write(path: Path, rows: list[dict[str, float]]) -> None:
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", newline="", encoding="utf-8") as file:
            names = ["t", *Vitals().row()]
            writer = csv.DictWriter(file, names, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        os.replace(part, path)
    except OSError as fault:
        part.unlink(missing_ok=True)
        raise WorkFailed(f"--vitals {path}: cannot be written ({fault.strerror})") from fault
