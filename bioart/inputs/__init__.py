"""Inputs: one file, one way for events to reach a show.

To add one, write `inputs/<name>.py` with one subclass of Input. The show polls it once a step; what it
returns passes `events.check` like anything from outside. On the command line it is `--input <name>:<option>`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bioart import registry
from bioart.clock import RATE
from bioart.events import CUES, STAGE, Event, Vocabulary


def _beside_nothing(file: str) -> Path:
    return Path(file)


def stage_cues() -> tuple[str, ...]:
    """Cues that ask something of the stage: any piece has them."""
    looks = [f"look {kind}" for kind in registry.names("look")]
    return (*STAGE, *looks, *(f"display {kind}" for kind in registry.names("display")))


@dataclass(frozen=True)
class Setting:
    """What an input may know of the piece that it plays to.

    nominal: the score's length, show s. acts: (name, start, length), show s. proposals: name → choices.
    sensors: name → its entry in the preset. params: full name → (low, high). beside: finds a file that the
    preset names, or raises BioartError. beat: s, the pulse to tap to.
    """

    seed: int = 0
    zones: tuple[str, ...] = ()
    proposals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pledges: tuple[str, ...] = ()
    sensors: Mapping[str, Any] = field(default_factory=dict)
    params: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    cues: tuple[str, ...] = ()
    nominal: float = 60.0
    acts: tuple[tuple[str, float, float], ...] = ()
    beat: float = 2.0
    rate: int = RATE
    over: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # sensor → range that a bind maps
    beside: Callable[[str], Path] = _beside_nothing

    @classmethod
    def of(cls, preset: Any, seed: int) -> Setting:
        """The setting of a preset (bioart.preset.Preset) under a seed."""
        acts, start = [], 0.0
        for act in preset.score:
            acts.append((act.name, start, float(act.lasts)))
            start += act.lasts
        crowd = preset.community
        return cls(
            seed=seed,
            zones=tuple(crowd.zones),
            proposals={n: tuple(p.choices) for n, p in crowd.proposals.items()},
            pledges=tuple(crowd.pledges),
            sensors=dict(preset.sensors),
            params={n: (p.low, p.high) for n, p in preset.params.items()},
            cues=tuple(preset.cues),
            nominal=start,
            acts=tuple(acts),
            beat=float(preset.values.get("community.beat", 2.0)),
            rate=preset.world.rate,
            over={b.source[7:]: b.over for b in crowd.binds if b.source.startswith("sensor.")},
            beside=preset.beside,
        )

    def vocabulary(self) -> Vocabulary:
        """The names that events of this piece may have."""
        return Vocabulary(
            zones=frozenset(self.zones),
            proposals={n: frozenset(c) for n, c in self.proposals.items()},
            pledges=frozenset(self.pledges),
            sensors=frozenset(self.sensors),
            params=self.params,
            cues=frozenset((*self.cues, *(act for act, _, _ in self.acts), *CUES, *stage_cues())),
        )


class Input:
    """Brings events in. Its events carry the input's name as their source; `seq` counts up from 0, and may
    leap where what comes next must be numbered without what came before (a piece that begins again)."""

    of_stage = False  # whether a stage hands it in by itself, and nobody asks for it by name
    trusted = False  # whether it may send what events.TRUSTED names
    repeats = False  # whether the step alone tells what it brings: after a restart it brings the same again

    def __init__(self, option: str, setting: Setting) -> None:
        """option: what followed `<name>:`.

        Raises BioartError that names the place for an option or a file that is not what it should be.
        """
        raise NotImplementedError

    def poll(self, step: int) -> Iterable[Event]:
        """The events due at this step, in order. Called for every step from 0 on, or from a later one where
        a show is resumed: what was due before is then passed over."""
        raise NotImplementedError

    def close(self) -> None:
        """Let go of files and ports."""


BASE = Input
