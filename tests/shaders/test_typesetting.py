"""Words stand well: never over one another, never beyond the picture, in rows a reader would break."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bioart.camera import Camera, looking
from bioart.forms import Text
from bioart.gpu import typesetting
from bioart.gpu.faces import Faces
from bioart.gpu.typesetting import SAFE, Row, broken, compose
from bioart.score import narration

ASPECTS = {"16:9": 16 / 9, "9:16": 9 / 16, "1:1": 1.0, "3:4": 0.75}
TALL = 6.0  # m, a body's box
PLACES = ((0.44, 0.15), (-0.44, 0.02), (0.44, -0.13), (-0.44, 0.28))
SAID = (
    "my grandmother's window", "breathe", "for the river that we lost in spring, and the next",
    "空気を返してください、おねがいします", "سلام به همه‌ی درختان", "We were here, all of us, at night",
    "Donaudampfschifffahrtsgesellschaften", "नमस्ते दुनिया", "ภาษาไทยไม่มีช่องว่าง", "a", "Ελλάδα, ανάσα", "숨쉬다",
)  # fmt: skip
LONG = "Eight hundred eighty-six. The sky has no far side, and none of us has another to breathe."


def camera(aspect: float, distance: float = 14.0, pitch: float = 0.14) -> Camera:
    return looking((0.0, 3.0, 0.0), 0.3, pitch, distance, np.radians(32.0), aspect)


def crowd(count: int = 12, glow: float = 0.9) -> list[Text]:
    """As many offerings' words at once: three to each of the places where the world puts them."""
    return [
        Text(
            2 * n, SAID[n % 12], (0.0, 3.0, 0.0), 0.0295 * TALL, (1.0, 0.8, 0.5), glow,
            beside=(PLACES[n % 4][0] * 4.0, PLACES[n % 4][1] * TALL + 0.004 * TALL * (n // 4)),
        )
        for n in range(count)
    ]  # fmt: skip


def told(view: Camera, say: str = LONG) -> Text:
    half = view.half_height
    at = tuple(c - u * half * narration.LOWEST for c, u in zip(view.target, view.up, strict=True))
    return Text(-1, say, at, half * narration.CAPITAL, narration.TINT, 1.0, beside=(0.0, 0.0))  # type: ignore[arg-type]


def boxes(rows: list[Row], view: Camera) -> np.ndarray:
    """(n, 4): left, low, right, high of each row's ink, −1 to 1 across and up the picture."""
    found = []
    for row in rows:
        wide = 0.5 * typesetting.measured(row.words, row.base) * row.height
        corners = []
        for x, y in ((-wide, -0.85 * row.height), (wide, 0.85 * row.height)):
            at = np.array(row.middle) + np.array(row.across) * x + np.array(row.above) * y
            clip = view.projection() @ view.view() @ np.array([*at, 1.0])
            corners.append(clip[:2] / clip[3])
        found.append([*corners[0], *corners[1]])
    return np.array(found)


def touching(b: np.ndarray) -> list[tuple[int, int]]:
    return [
        (i, j)
        for i in range(len(b))
        for j in range(i)
        if min(b[i, 2], b[j, 2]) > max(b[i, 0], b[j, 0]) + 1e-9
        and min(b[i, 3], b[j, 3]) > max(b[i, 1], b[j, 1]) + 1e-9
    ]


@pytest.mark.parametrize("distance", [5.0, 14.0, 30.0], ids=["near", "usual", "far"])
@pytest.mark.parametrize("aspect", list(ASPECTS.values()), ids=list(ASPECTS))
def test_a_crowd_s_words_and_the_narration_never_touch_nor_leave_the_picture(
    aspect: float, distance: float
) -> None:
    view = camera(aspect, distance)
    rows = compose([*crowd(), told(view)], view)
    b = boxes(rows, view)
    assert {c for row in rows for c in row.words if c.strip()} >= {
        c for said in (*SAID, LONG) for c in said if c.strip()
    }
    assert not touching(b)
    assert np.abs(b).max() <= SAFE + 1e-3
    assert min(row.height for row in rows) / view.half_height * 360 >= 6.0  # px of 720


@pytest.mark.parametrize("aspect", list(ASPECTS.values()), ids=list(ASPECTS))
def test_where_there_is_room_words_stand_where_they_say(aspect: float) -> None:
    """Nothing moves for what does not touch it: a banner alone and among three others is at one place."""
    view = camera(aspect)
    four = [replace(t, words="breathe") for t in crowd(4)]
    together = compose(four, view)
    for text, row in zip(four, together, strict=True):
        (alone,) = compose([text], view)
        assert alone.middle == pytest.approx(row.middle, abs=1e-9)
        assert replace(alone, middle=row.middle) == row
        y = (np.array(row.middle) - view.target) @ np.array(view.up)
        assert text.beside is not None
        assert y == pytest.approx(text.beside[1], abs=0.02 * view.half_height)


def test_words_make_way_smoothly_as_others_rise() -> None:
    """While a text comes, no row jumps and no lit box is over another, whatever its glow is."""
    view = camera(ASPECTS["9:16"])
    standing = crowd(9)
    last: dict[str, np.ndarray] = {}
    most = 0.0
    for glow in np.linspace(0.001, 0.9, 300):
        coming = replace(crowd(10)[9], glow=float(glow), words="and you")
        rows = compose([*standing, coming], view)
        lit = [r for r in rows if r.glow > 0.02]
        assert not touching(boxes(lit, view) * [1, 0.999, 1, 0.999])
        for row in rows:
            at = np.array(row.middle)
            if row.words in last:
                most = max(most, float(np.abs(at - last[row.words]).max()) / view.half_height)
            last[row.words] = at
    assert most < 0.01


def test_rows_that_were_broken_before_stay_together() -> None:
    view = camera(16 / 9)
    rows = [
        Text(6 + n, w, (0, 3, 0), 0.18, (1, 1, 1), 0.9, beside=(1.8, 1.0 - 0.34 * n))
        for n, w in enumerate(("for the river", "that we lost"))
    ]
    found = compose(rows, view)
    assert [r.words for r in found] == ["for the river that we lost"]
    other = [rows[0], replace(rows[1], key=9)]
    assert [r.words for r in compose(other, view)] == ["for the river", "that we lost"]


def test_all_views_of_a_quilt_have_words_at_one_place() -> None:
    view = camera(0.75)
    texts = [*crowd(4), told(view)]
    middle = boxes(compose(texts, view), view)
    for tangent in (-0.35, 0.2):
        side = view.shifted(tangent)
        assert np.allclose(boxes(compose(texts, side), side), middle, atol=1e-9)


def test_words_that_face_somewhere_read_from_behind_too() -> None:
    view = camera(1.0)
    text = Text(1, "A garden", (0.3, 2.0, 0.1), 0.2, (1, 1, 1), 1.0, facing=(0.0, 0.0, 1.0))
    for turn in (0.0, 0.5, np.pi, np.pi - 0.5):
        (row,) = compose([text], looking((0, 3, 0), turn, 0.1, 10, 0.6, 1.0))
        assert row.middle == text.at
        right = looking((0, 3, 0), turn, 0.1, 10, 0.6, 1.0).right
        assert np.dot(row.across, right) > 0.8
        assert row.above == pytest.approx((0, 1, 0))
        assert not row.front
    (row,) = compose([replace(text, facing=None)], view)
    assert row.across == view.right
    assert row.front


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.floats(-3, 3), st.floats(-4, 4), st.integers(0, 11), st.floats(0.05, 1.0), st.floats(0.05, 0.6)
        ),
        max_size=14,
    ),
    st.sampled_from(list(ASPECTS.values())),
    st.floats(3, 40),
)
def test_whatever_is_said_wherever_it_stays_in_the_picture(
    said: list[tuple[float, float, int, float, float]], aspect: float, distance: float
) -> None:
    view = camera(aspect, distance)
    texts = [
        Text(2 * n, SAID[w], (0.0, 3.0, 0.0), tall, (1, 1, 1), glow, beside=(x or 0.1, y))
        for n, (x, y, w, glow, tall) in enumerate(said)
    ]
    rows = compose([*texts, told(view)], view)
    if not rows:
        return
    b = boxes(rows, view)
    assert np.abs(b).max() <= SAFE + 1e-3
    sure = [row for row in rows if row.glow >= typesetting.CLAIMED]
    assert not touching(boxes(sure, view) * [1, 0.999, 1, 0.999])


# -- rows ----------------------------------------------------------------------------------------------


def letters(words: str, base: int | None) -> float:
    return 0.8 * len(words)


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        ("Find the beat in the stem. Tap it, together.", ["Find the beat in the stem.", "Tap it, together."]),
        ("This is no statue. It is hungry, like us.", ["This is no statue.", "It is hungry, like us."]),
        (
            "Every window in the city is one of its lungs.",
            ["Every window in the city", "is one of its lungs."],
        ),
        ("One heart cannot wake it.", ["One heart cannot wake it."]),
        (
            "A garden that breathes what the city breathes",
            ["A garden that breathes", "what the city breathes"],
        ),
        (
            "空気を返してください、そしてもう一度いっしょに息をしてみませんか、みんなで",
            ["空気を返してください、そしてもう一度", "いっしょに息をしてみませんか、みんなで"],
        ),
        ("x" * 60, ["x" * 60]),
    ],
)
def test_rows_break_where_the_sense_pauses(words: str, rows: list[str]) -> None:
    assert broken(words, 27.0, None, letters) == tuple(rows)


def test_no_row_is_too_long_none_is_an_orphan_and_nothing_is_lost() -> None:
    words = "the wind turns and the river that we lost in spring will not come back to us alone tonight"
    for width in (12, 16, 20, 27, 40):
        rows = broken(words, width, None, letters)
        assert " ".join(rows) == words
        lengths = [letters(row, None) for row in rows]
        if len(rows) < typesetting.ROWS:
            assert max(lengths) <= width
        assert min(lengths) > 0.4 * max(lengths)
        assert all(" " in row for row in rows)


def test_a_bare_machine_sets_words_too() -> None:
    """Pillow's own face alone: the same rows, the same places but for its letters' widths."""
    from bioart.gpu import shaping

    def measure(words: str, base: int | None) -> float:
        shaped = shaping.shape(words, Faces([]), base)
        return shaped.advance / shaped.capital

    view = camera(9 / 16)
    rows = compose([*crowd(), told(view)], view, measure)
    assert len(rows) >= 13
