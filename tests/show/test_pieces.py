"""The pieces that ship: each is whole, asks its crowd for everything, lives, and is to be seen."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from bioart import preset as presets
from bioart import registry
from bioart.inputs import Setting
from bioart.projector import Projector
from bioart.show import Show

PIECES = presets.names()
GIVEN = ("activation", "offering", "implant", "pledge", "speech", "vote", "reaction.heart")
SIZE = (192, 108)


@pytest.mark.parametrize("name", PIECES)
def test_a_piece_tells_a_story_that_a_crowd_steers(name: str) -> None:
    piece = presets.load(name)
    assert 3 <= len(piece.score) <= 6
    assert 40.0 <= piece.seconds <= 120.0
    assert all(act.narration for act in piece.score)
    assert len(piece.community.zones) >= 3
    assert piece.community.proposals
    assert piece.community.pledges
    heard = {bind.source for bind in piece.community.binds}
    assert heard >= set(GIVEN), sorted(set(GIVEN) - heard)


def test_no_two_pieces_look_alike() -> None:
    """Each has its own growths and look, or its own spectra, and a title of its own."""
    pieces = [presets.load(name) for name in PIECES]
    assert len({p.title for p in pieces}) == len(pieces)
    assert len(
        {(p.look[0], p.world.emitters, tuple(g.kind for g in p.world.growths)) for p in pieces}
    ) == len(pieces)


@pytest.mark.prove
@pytest.mark.parametrize("name", PIECES)
def test_a_piece_lives_and_is_seen(ctx: Any, name: str, tell: Callable[[str], None]) -> None:
    piece = presets.with_values(presets.load(name), {"world.age": 90.0})
    crowd = registry.kind("input", "rehearsal")("40", Setting.of(piece, 0))
    inputs = [crowd]
    if piece.sensors:
        inputs.append(registry.kind("input", "sensors")("", Setting.of(piece, 0)))
    show = Show(piece, 0, inputs)
    projector = Projector(ctx, piece.look[0], piece.display, *SIZE, "draft")
    try:
        pictures = []
        for t in (Fraction(2), Fraction(5, 2)):
            forms, seen = show.at(t)
            projector.draw(forms, seen.camera, seen.exposure, seen.values, float(t))
            pictures.append(projector.read().astype(float))
        assert all(math.isfinite(value) for value in show.vitals.row().values())
        lit = [float((picture.max(-1) > 24).mean()) for picture in pictures]
        white = [float((picture.min(-1) > 250).mean()) for picture in pictures]
        moved = float(np.abs(pictures[1] - pictures[0]).mean())
        tell(f"{name}: lit {min(lit):.2f}, white {max(white):.4f} of it, moves {moved:.2f} codes in 0.5 s")
        assert min(lit) > 0.02
        assert max(white) < 0.02
        assert moved > 0.1
    finally:
        projector.close()
        show.close()
