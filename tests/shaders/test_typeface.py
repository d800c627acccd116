"""Words become light: sharp at every size, the same whatever was said before, nothing lost that is shown."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from bioart.gpu import distance, shaping, typeface
from bioart.gpu.faces import Faces

BARE = Faces([])  # a machine without fonts has Pillow's own face


def ink(drawn: typeface.Drawing) -> np.ndarray:
    return drawn.texels[..., 0] > 128


def test_a_drawn_line_has_ink_a_halo_and_dark_borders() -> None:
    drawn = typeface.drawing("oxygen").texels
    assert drawn[..., 0].max() > 150
    assert drawn[..., 1].max() > 60
    for side in (drawn[0], drawn[-1], drawn[:, 0], drawn[:, -1]):
        assert side[..., 0].max() <= 1
        assert side[..., 1].max() <= 6
    assert (drawn[..., 1] > 0).sum() > 1.5 * (drawn[..., 0] > 128).sum()


@pytest.mark.parametrize("words", ["سلام", "שלום", "😀", "\U0010fffe", "x" * 500, "\n \t", "a\x00b", "नमस्ते"])
@pytest.mark.parametrize("faces", [BARE, None], ids=["bare", "system"])
def test_any_words_can_be_drawn(words: str, faces: Faces | None) -> None:
    drawn = typeface.drawing(words, faces).texels
    assert drawn.ndim == 3
    assert drawn.shape[1] <= typeface.WIDTH
    assert ink(typeface.drawing(words, faces)).any() == bool(words.strip())


def test_the_atlas_keeps_what_is_shown_when_it_overflows(ctx: Any) -> None:
    face = typeface.Typeface(ctx, BARE)
    kept = [(f"word number {i} of the garden", None) for i in range(30)]
    for i in range(8):  # some 270 lines pass through an atlas of a third of that
        shown = kept + [(f"passing {i} {j} through here", None) for j in range(30)]
        places = face.place(shown)
    assert sum(p is None for p in places) == 0
    first = places[0]
    assert first is not None
    u0, v0, u1, v1 = first.rectangle
    letters = np.frombuffer(face.texture.read(), np.uint8).reshape(typeface.HEIGHT, typeface.WIDTH, 2)
    cut = letters[
        round(v0 * typeface.HEIGHT) : round(v1 * typeface.HEIGHT),
        round(u0 * typeface.WIDTH) : round(u1 * typeface.WIDTH),
    ]
    assert np.array_equal(cut[::-1], typeface.drawing(kept[0][0], BARE).texels)
    face.close()


@pytest.mark.parametrize("faces", [BARE, None], ids=["bare", "system"])
def test_a_capital_has_the_height_and_the_place_it_is_asked_for(ctx: Any, faces: Faces | None) -> None:
    """The ink of 'H' is one capital high, its middle the middle of the place, in both directions."""
    face = typeface.Typeface(ctx, faces)
    (place,) = face.place([("H", None)])
    assert place is not None
    drawn = ink(typeface.drawing("H", faces))
    rows, columns = np.nonzero(drawn[::-1])
    texel = (place.high - place.low) / drawn.shape[0]
    assert (rows.max() - rows.min() + 1) * texel == pytest.approx(1.0, abs=0.04)
    assert place.low + (rows.min() + rows.max() + 1) / 2 * texel == pytest.approx(0.0, abs=0.03)
    assert place.left + (columns.min() + columns.max() + 1) / 2 * texel == pytest.approx(0.0, abs=0.05)
    face.close()


def test_a_line_looks_the_same_whatever_was_said_before(ctx: Any) -> None:
    """At every mipmap: a still and a frame of a movie show the same words the same way."""

    def levels(*before: str) -> list[np.ndarray]:
        face = typeface.Typeface(ctx, BARE)
        face.place([(words, None) for words in before])
        (place,) = face.place([("A garden that breathes", None)])
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


# -- distances -----------------------------------------------------------------------------------------


def ring(radius: float, middle: tuple[float, float], turn: int = 1, n: int = 400) -> np.ndarray:
    a = turn * np.linspace(0, 2 * np.pi, n, endpoint=False)
    row = np.stack([middle[0] + radius * np.cos(a), middle[1] + radius * np.sin(a)], axis=1)
    return np.stack([row, np.roll(row, -1, axis=0)], axis=1)


def texels(field: np.ndarray, column: int, row: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = np.mgrid[: field.shape[0], : field.shape[1]] + 0.5
    return x + column, y + row


@pytest.mark.parametrize("turn", [1, -1])
def test_distance_from_a_circle_is_the_circle_s(turn: int) -> None:
    field, column, row = distance.field(ring(11.3, (2.4, -7.7), turn))
    x, y = texels(field, column, row)
    true = np.clip(11.3 - np.hypot(x - 2.4, y + 7.7), -distance.REACH, distance.REACH)
    assert np.abs(field - true).max() < 2e-3


def test_a_hole_is_outside_and_edges_inside_a_letter_do_not_count() -> None:
    o = np.concatenate([ring(20, (0, 0)), ring(12, (0, 0), -1)])
    field, column, row = distance.field(o)
    x, y = texels(field, column, row)
    far = np.hypot(x, y)
    true = np.clip(np.minimum(20 - far, far - 12), -distance.REACH, distance.REACH)
    assert np.abs(field - true).max() < 4e-3
    two = np.concatenate([ring(20, (-10, 0)), ring(20, (10, 0))])  # overlapping, as some fonts draw a letter
    field, column, row = distance.field(two)
    x, y = texels(field, column, row)
    assert field[np.hypot(x, y) < 8].min() == distance.REACH


def test_every_letter_is_where_its_outline_says() -> None:
    """The area that a field encloses is the outline's, by Green's theorem."""
    for letter in "agBO8&":
        shaped = shaping.shape(letter, BARE)
        g = shaped.glyphs[0]
        pieces = distance.outline(g.face, g.number) * 56.0
        (x0, y0), (x1, y1) = pieces[:, 0].T, pieces[:, 1].T
        area = abs(((x0 * y1 - x1 * y0) / 2).sum())
        field, _, _ = distance.field(pieces)
        assert np.clip(field + 0.5, 0, 1).sum() == pytest.approx(area, rel=0.01)
