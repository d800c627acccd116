"""Verify: step a recording again from its first state and compare every digest; vitals on request."""

from __future__ import annotations

import csv
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

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
    wanted = {(r.from_run, r.from_step) for r in runs if r.from_run is not None}
    kept: dict[tuple[int | None, int | None], State] = {}
    done = events = 0
    for run in runs:
        begin = (
            recording.snapshot(0, recording.first())
            if run.from_run is None
            else kept[run.from_run, run.from_step]
        )
        show = Show(preset, recording.seed, opening=begin)
        try:
            due = recording.events(run.run)
            events += len(due)
            show.queue(due)
            for step, digest in recording.digests(run.run).items():
                if (run.run, show.steps) in wanted:
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
                done += 1
                _row(rows, show, vitals)
                progress(done, total)
            kept[run.run, show.steps] = show.state() if (run.run, show.steps) in wanted else {}
        finally:
            show.close()
    return Verdict(done, events, len(runs))


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
