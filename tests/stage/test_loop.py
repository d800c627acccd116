"""A loop ends where it begins, also where a crowd acts and a sensor speaks in its first seconds."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import numpy as np

from bioart import registry
from bioart.inputs import Setting
from bioart.show import Show
from bioart.stage.loop import Loop
from tests.show import small


def test_its_end_is_its_beginning_whoever_acts(tmp_path: Path) -> None:
    piece = small.piece(tmp_path)
    setting = Setting.of(piece, 0)
    inputs = [
        registry.kind("input", "rehearsal")("40", setting),
        registry.kind("input", "sensors")("", setting),
    ]
    show = Show(piece, 0, inputs)
    start, length = Fraction(2), Fraction(3, 2)
    loop = Loop(show, start, length)
    acted = show.heard
    try:
        first, seen = loop.at(start)
        for k in range(1, 45):  # each frame, as an export asks for them
            loop.at(start + Fraction(k, 30))
        last, again = loop.at(start + length)
        assert show.heard > acted, "nobody acted: this shows nothing"
        assert first.volume.channels
        for a, b in zip(first.volume.channels, last.volume.channels, strict=True):
            assert np.abs(a.values - b.values).max() <= 1e-6 * a.full, a.name
        assert np.allclose(seen.camera.target, again.camera.target, atol=1e-6)
    finally:
        loop.close()
        show.close()
