"""Words become light: no boxes, no crash, nothing lost that is still shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PIL import ImageFont

from bioart.gpu import typeface


@pytest.fixture
def bare() -> list[Any]:
    """A machine without fonts has Pillow's own."""
    return [ImageFont.load_default(typeface.SIZE)]


@pytest.mark.parametrize(
    ("words", "set_as"),
    [
        ("breathe", "breathe"),
        ("café", "cafe"),
        ("straße — 5 °C", "strasse - 5 °C"),
        ("空気 air", "·· air"),
        ("नमस्ते", "····"),
        ("a\u200db\u0301", "ab"),
        ("", ""),
    ],
)
def test_what_a_face_cannot_write_degrades_politely(bare: list[Any], words: str, set_as: str) -> None:
    got, face = typeface.setting(words, bare)
    assert got == set_as
    assert all(typeface.has(face, letter) for letter in got)


def test_a_drawn_line_has_ink_a_halo_and_dark_borders() -> None:
    drawn = typeface.drawing("oxygen")
    assert drawn[..., 0].max() == 255
    assert drawn[..., 1].max() > 60
    for side in (drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]):
        assert side.max() <= 6
    assert (drawn[..., 1] > 0).sum() > 1.5 * (drawn[..., 0] > 0).sum()


@pytest.mark.parametrize("words", ["سلام", "שלום", "😀", "\U0010fffe", "x" * 500, "\n \t", "a\x00b"])
def test_any_words_can_be_drawn(words: str) -> None:
    drawn = typeface.drawing(words)
    assert drawn.ndim == 3
    assert drawn.shape[1] <= typeface.WIDTH


def test_the_atlas_keeps_what_is_shown_when_it_overflows(ctx: Any) -> None:
    face = typeface.Typeface(ctx)
    kept = [f"word number {i} of the garden" for i in range(30)]
    for i in range(8):  # some 270 lines pass through an atlas of a third of that
        shown = kept + [f"passing {i} {j} through here" for j in range(30)]
        places = face.place(shown)
    assert sum(p is None for p in places) == 0
    u0, v0, u1, v1 = places[0].rectangle
    letters = np.frombuffer(face.texture.read(), np.uint8).reshape(typeface.HEIGHT, typeface.WIDTH, 2)
    cut = letters[
        round(v0 * typeface.HEIGHT) : round(v1 * typeface.HEIGHT),
        round(u0 * typeface.WIDTH) : round(u1 * typeface.WIDTH),
    ]
    assert np.array_equal(cut[::-1], typeface.drawing(kept[0]))
    face.close()


def test_a_capital_has_the_height_it_is_asked_for(ctx: Any) -> None:
    """The rectangle of 'H' is so many capitals high: the ink in it fills one of them."""
    face = typeface.Typeface(ctx)
    (place,) = face.place(["H"])
    ink = np.nonzero(typeface.drawing("H")[..., 0].max(axis=1) > 128)[0]
    whole = typeface.drawing("H").shape[0]
    assert (ink[-1] - ink[0] + 1) / whole * place.height == pytest.approx(1.0, abs=0.05)
    face.close()


def test_a_line_looks_the_same_whatever_was_said_before(ctx: Any) -> None:
    """At every mipmap: a still and a frame of a movie show the same words the same way."""

    def levels(*before: str) -> list[np.ndarray]:
        face = typeface.Typeface(ctx)
        face.place(list(before))
        (place,) = face.place(["A garden that breathes"])
        assert place is not None
        found = []
        for level in range(typeface.LEVELS + 1):
            side = (typeface.HEIGHT >> level, typeface.WIDTH >> level)
            whole = np.frombuffer(face.texture.read(level=level), np.uint8).reshape(*side, 2)
            size = (typeface.WIDTH, typeface.HEIGHT) * 2
            u0, v0, u1, v1 = (round(x * n) for x, n in zip(place.rectangle, size, strict=True))
            found.append(whole[v0 >> level : -(-v1 >> level), u0 >> level : -(-u1 >> level)].copy())
        face.close()
        return found

    alone = levels()
    for before in (["I"], ["My grandmother's window", "a"], [f"line {k}" for k in range(40)]):
        for one, other in zip(alone, levels(*before), strict=True):
            assert one.any()
            assert np.array_equal(one, other)
