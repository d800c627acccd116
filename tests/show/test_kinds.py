"""Each of the eleven kinds changes the world, and ten people doing it change what a visitor sees."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
import small

from bioart import preset as presets
from bioart.events import KINDS, Event, check
from bioart.gpu import context
from bioart.inputs import Setting
from bioart.preset import Preset
from bioart.projector import Projector
from bioart.recording import State
from bioart.show import Show

SMALL: dict[str, dict[str, Any]] = {
    "presence": {"people": 40},
    "tap": {},
    "offering": {"material": "glass", "words": "grandmother's window"},
    "implant": {"at": [0.5, 0.4, 0.6], "does": "filter"},
    "vote": {"proposal": "filter-first", "choice": "yes"},
    "pledge": {"pledge": "bike"},
    "reaction": {"reaction": "heart"},
    "speech": {"words": "we breathe together"},
    "sensor": {"name": "pm25", "reading": 700.0},
    "control": {"param": "light.glow", "to": 1.8},
    "cue": {"name": "flare"},
}
PIECE = {**SMALL, "pledge": {"pledge": "compost"}, "cue": {"name": "hush"}}
ALONE = ("presence", "sensor", "control", "cue")  # what an operator or an instrument sends, not a person


def acted(preset: Preset, kind: str, data: dict[str, Any], step: int, people: int) -> list[Event]:
    """The kind, done by so many people, as a show admits it."""
    known = Setting.of(preset, 0).vocabulary()
    zones = [*preset.community.zones]
    events = []
    for n in range(1 if kind in ALONE else people):
        own = dict(data)
        if kind == "implant":
            own["at"] = [0.3 + 0.04 * n, 0.2 + 0.06 * n, 0.7 - 0.04 * n]
        if kind == "presence":
            own["people"] = data["people"] * people // 10
        who = None if kind in ALONE else f"{n:012x}"
        zone = None if kind in ("sensor", "control", "cue") else zones[n % len(zones)]
        events.append(
            check(Event(step + n // 4, n, "test", kind, who, zone, own), "test", known, trusted=True)
        )
    return events


def test_the_table_holds_every_kind() -> None:
    assert set(SMALL) == set(KINDS)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> tuple[Preset, State, int]:
    preset = small.piece(tmp_path_factory.mktemp("small"))
    show = Show(preset, 3)
    show.run_to(3)
    state = show.state()
    show.run_to(9)
    digest = show.digest()
    show.close()
    return preset, state, digest


@pytest.mark.parametrize("kind", sorted(SMALL))
def test_one_event_changes_the_digest(begun: tuple[Preset, State, int], kind: str) -> None:
    preset, state, undisturbed = begun
    show = Show(preset, 3, opening=state)
    show.queue(acted(preset, kind, SMALL[kind], 4, 1))
    show.run_to(9)
    assert show.digest() != undisturbed
    show.close()


def test_one_person_sending_a_thousand_events_moves_no_param_beyond_a_share(tmp_path: Path) -> None:
    text = small.TEXT.replace(
        "    - {from: activation,",
        "    - {from: reaction.heart, to: light.polyps, within: [0.5, 1.5]}\n"
        "    - {from: offering, to: light.warm, within: [0.0, 2.0]}\n    - {from: activation,",
    )
    preset = small.piece(tmp_path, text)
    known = Setting.of(preset, 0).vocabulary()
    bound = ("light.polyps", "light.warm", "light.coupling")

    def values(events: list[Event]) -> Iterator[dict[str, float]]:
        show = Show(preset, 3)
        show.queue(events)
        for _ in range(40):
            show.step()
            yield {name: show.values[name] for name in bound}
        show.close()

    kinds = [("reaction", {"reaction": "heart"}), ("offering", {"material": "glass"}), ("tap", {})]
    flood = [
        check(Event(2 + n // 50, n, "test", kind, "0" * 12, "riverside", data), "test", known)
        for n in range(1000)
        for kind, data in [kinds[n % 3]]
    ]
    spans = {"light.polyps": 1.0, "light.warm": 2.0, "light.coupling": 1.8}
    for calm, stormed in zip(values([]), values(flood), strict=True):
        for name in bound:
            assert abs(stormed[name] - calm[name]) <= spans[name] / 5 + 1e-9, name


@pytest.mark.prove
def test_ten_people_are_seen_within_three_seconds(tell: Callable[[str], None]) -> None:
    """≥ 0.5 % of the pixels of 640×360 differ by more than 4/255, for each kind, on the piece that ships."""
    preset = presets.load("neo-lumen")
    show = Show(preset, 0)
    show.run_to(30)
    state = show.state()
    show.close()
    projector = Projector(context.headless(), preset.look[0], preset.display, 640, 360, "draft")

    def seen(events: list[Event]) -> list[np.ndarray]:
        again = Show(preset, 0, opening=state)
        again.queue(events)
        frames = []
        for t in (Fraction(2), Fraction(3), Fraction(4)):
            forms, moment = again.at(t)
            projector.draw(forms, moment.camera, moment.exposure, moment.values, float(t))
            frames.append(projector.read(dither=False).astype(np.int16))
        again.close()
        return frames

    calm = seen([])
    shares = {}
    for kind, data in sorted(PIECE.items()):
        stirred = seen(acted(preset, kind, data, 31, 10))
        shares[kind] = max(
            float((np.abs(a - b).max(-1) > 4).mean()) for a, b in zip(calm, stirred, strict=True)
        )
    projector.close()
    tell(", ".join(f"{kind} {100 * share:.2f} %" for kind, share in shares.items()))
    assert min(shares.values()) >= 0.005, shares
