"""The guard against those who try: 200 adversarial sequences of events, seen with it and without it."""

from __future__ import annotations

import multiprocessing
import os
import random
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import small
from clips import FAILING, SLY, Clip, srgb, watched
from detectors import iris_fails, per_cell_fails

from bioart.events import DOES, MATERIALS, REACTIONS, Event, check
from bioart.gpu import compute, context
from bioart.guard import Guard
from bioart.inputs import Setting
from bioart.preset import Preset
from bioart.projector import Projector
from bioart.show import Show

FPS, SECONDS = 30, 3
STEPS = FPS * SECONDS  # the piece takes 30 steps a second: a frame for each
SIZE = (128, 72)
SEQUENCES = 200
LIGHT = ("light", "develop", "look")  # the parts whose params move brightness

Told = tuple[int, str, str | None, str | None, dict[str, Any]]  # step, kind, who, zone, data


class Unguarded(Guard):
    """Holds the gain at 1 and keeps what the guard would have been shown."""

    def watch(self, cells: np.ndarray, t: float) -> float:
        self.seen = cells.copy()
        return 1.0


class Stage:
    """The small piece, restored to its opening for every sequence; one context for all that is drawn."""

    def __init__(self, preset: Preset) -> None:
        self.preset = preset
        self.show = Show(preset, 1)
        self.opening = self.show.state()
        self.vocabulary = Setting.of(preset, 1).vocabulary()
        self.ctx = context.headless()
        self.watcher = Unguarded()
        self.projector = Projector(self.ctx, preset.look[0], "flat", *SIZE, "draft", guard=self.watcher)

    def played(self, told: list[Told], steps: int = STEPS) -> tuple[np.ndarray, np.ndarray, list[float]]:
        """Frames as sRGB bytes with the gain held at 1 and with the guard's, and the guard's gains."""
        self.show.restore(self.opening)
        events = [
            Event(k, n, "foe", kind, who, zone, data) for n, (k, kind, who, zone, data) in enumerate(told)
        ]
        self.show.queue(check(event, "foe", self.vocabulary, trusted=True) for event in events)
        guard = Guard()
        bare, dimmed, gains = [], [], []
        for k in range(1, steps + 1):
            t = Fraction(k, FPS)
            forms, moment = self.show.at(t)
            self.projector.draw(forms, moment.camera, moment.exposure, moment.values, float(t))
            codes = self.projector.read(16, dither=False)
            gain = guard.watch(self.watcher.seen, float(t))
            bare.append(_dimmed(codes, 1.0))
            dimmed.append(bare[-1] if gain == 1.0 else _dimmed(codes, gain))
            gains.append(gain)
        return np.stack(bare), np.stack(dimmed), gains

    def close(self) -> None:
        self.projector.close()
        self.show.close()
        self.ctx.release()


_CODES = np.arange(65536) / 65535
_LIGHT = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)


def _dimmed(codes: np.ndarray, gain: float) -> np.ndarray:
    return srgb(_LIGHT[codes] * np.float32(gain))


# -- who tries -----------------------------------------------------------------------------------------------


def squares(preset: Preset, n: int, rng: random.Random) -> list[Told]:
    """`control` squares of 1–15 Hz from low to high: a param of light alone, or with most of the others."""
    params = {name: p for name, p in preset.params.items() if name.split(".")[0] in LIGHT}
    names = sorted(params)
    alone = n % 4 == 0
    chosen = [names[n % len(names)]]
    if not alone:
        chosen = sorted({*chosen, *rng.sample(names, rng.randint(len(names) // 2, len(names)))})
    flipped = set() if alone else {name for name in chosen if rng.random() < 0.1}
    hz, last, told = 1 + 14 * rng.random(), None, []
    for k in range(STEPS):
        high = int(2 * hz * k / FPS) % 2 == 0
        if high != last:
            for name in chosen:
                p = params[name]
                to = p.high if high != (name in flipped) else p.low
                told.append((k, "control", None, None, {"param": name, "to": to}))
        last = high
    return told


def crowd(preset: Preset, n: int, rng: random.Random) -> list[Told]:
    """A crowd that does one thing, a few, or everything, in bursts or without end."""
    kinds = sorted(_DEEDS)
    kinds = [kinds[n]] if n < len(kinds) else rng.sample(kinds, rng.randint(2, len(kinds)))
    people, often, hz = rng.choice((1, 20, 200)), rng.choice((1, 5, 30)), 1 + 14 * rng.random()
    zones, told = [None, *sorted(preset.community.zones)], []
    for k in range(STEPS):
        if rng.random() < 0.5 and int(2 * hz * k / FPS) % 2:
            continue
        for _ in range(often):
            kind = rng.choice(kinds)
            data = _DEEDS[kind](preset, rng, int(2 * hz * k / FPS) % 2 == 0)
            who = None if kind in ("presence", "control", "cue", "sensor") else f"p-{rng.randrange(people)}"
            told.append((k, kind, who, rng.choice(zones), data))
    return told


def _control(preset: Preset, rng: random.Random, high: bool) -> dict[str, Any]:
    name = rng.choice(sorted(preset.params))
    p = preset.params[name]
    return {"param": name, "to": p.high if high else p.low}


def _vote(preset: Preset, rng: random.Random, high: bool) -> dict[str, Any]:
    proposals = preset.community.proposals
    proposal = rng.choice(sorted(proposals))
    choices = sorted(proposals[proposal].choices)
    return {"proposal": proposal, "choice": choices[0 if high else -1]}


def _cue(preset: Preset, rng: random.Random, high: bool) -> dict[str, Any]:
    return {"name": rng.choice(("flare", "release", "next", "previous", "undo", "garden", "smog"))}


_Deed = Callable[[Preset, random.Random, bool], dict[str, Any]]
_DEEDS: dict[str, _Deed] = {
    "tap": lambda preset, rng, high: {},
    "reaction": lambda preset, rng, high: {"reaction": rng.choice(sorted(REACTIONS))},
    "offering": lambda preset, rng, high: {
        "material": rng.choice(sorted(MATERIALS)),
        "mass": 10.0,
        "words": "mine",
    },
    "implant": lambda preset, rng, high: {
        "at": [rng.random(), rng.random(), rng.random()],
        "does": rng.choice(sorted(DOES)),
    },
    "cue": _cue,
    "vote": _vote,
    "control": _control,
    "presence": lambda preset, rng, high: {"people": 10000 if high else 0},
    "sensor": lambda preset, rng, high: {"name": "pm25", "reading": 900.0 if high else 0.0},
    "speech": lambda preset, rng, high: {"words": "LOOK AT ME" if high else "."},
    "pledge": lambda preset, rng, high: {"pledge": rng.choice(sorted(preset.community.pledges))},
}


def sequence(preset: Preset, n: int) -> list[Told]:
    return (squares if n % 2 else crowd)(preset, n // 2, random.Random(n))


# -- what is proved ------------------------------------------------------------------------------------------


def fails(frames: np.ndarray) -> bool:
    return per_cell_fails(frames, FPS) or iris_fails(frames, FPS)


def fed(clip: Clip) -> tuple[np.ndarray, np.ndarray]:
    """A clip in the place of developed views: without and with the guard."""
    guard = Guard()
    pictures = [clip(k / FPS) for k in range(STEPS)]
    dimmed = [srgb(p * guard.watch(watched(p), k / FPS)) for k, p in enumerate(pictures)]
    return np.stack([srgb(p) for p in pictures]), np.stack(dimmed)


@cache
def stage(folder: Path) -> Stage:
    """A process's own: alone on its core it is done sooner than two that share both."""
    compute.start("cpu", 1)
    own = folder / str(os.getpid())
    own.mkdir()
    return Stage(small.piece(own))


def judged(folder: Path, n: int) -> tuple[bool, bool]:
    """Whether sequence n fails without the guard, and with it."""
    bare, guarded, gains = stage(folder).played(sequence(stage(folder).preset, n))
    failed = fails(bare)
    return failed, failed if min(gains) == 1.0 else fails(guarded)


def undisturbed(folder: Path) -> tuple[bool, list[float]]:
    piece = stage(folder)
    bare, _, gains = piece.played([], round(piece.preset.seconds * FPS))
    return fails(bare), gains


@pytest.mark.prove
def test_no_sequence_of_events_makes_it_flash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tell: Callable[[str], None]
) -> None:
    for name in ("LP_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("PYTHONFAULTHANDLER", "1")  # if a process dies in C, it says where
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("TI_OFFLINE_CACHE_FILE_PATH", str(Path.home() / ".cache/bioart/kernels"))
    without, through = {"squares": 0, "crowd": 0, "clips": 0}, []
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as pool:
        told = [pool.submit(judged, tmp_path, n) for n in range(SEQUENCES)]
        alone = pool.submit(undisturbed, tmp_path)
        for n, answer in enumerate(told):
            bare, guarded = answer.result()
            without["squares" if n % 2 else "crowd"] += bare
            if guarded:
                through.append(f"sequence {n}")
        failed, gains = alone.result()
    for name, clip in {**FAILING, **SLY}.items():  # the piece is gentle: what is not makes up the number
        bare_clip, guarded_clip = fed(clip)
        without["clips"] += fails(bare_clip)
        if fails(guarded_clip):
            through.append(name)
    tell(
        f"without the guard fail {without['squares'] + without['crowd']} of {SEQUENCES} sequences"
        f" ({without['squares']} squares, {without['crowd']} crowds) and {without['clips']} of"
        f" {len(FAILING) + len(SLY)} clips fed in; with it {len(through)}; undisturbed its mean gain is"
        f" {np.mean(gains):.4f}, the least {min(gains):.4f}"
    )
    assert through == []
    assert sum(without.values()) >= 50
    assert not failed
    assert np.mean(gains) >= 0.98
