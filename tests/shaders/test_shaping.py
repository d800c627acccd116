"""Any script: letters join, marks sit, directions mix, and what no face can write is never a box."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bioart.gpu import bidi, distance, faces, shaping
from bioart.gpu.faces import Faces

BARE = Faces([])  # a machine without fonts has Pillow's own face


@pytest.fixture(scope="module")
def system() -> Faces:
    """The machine's faces; `setup/ready.py` has seen to it that they write any script."""
    found = faces.of_system()
    if found.first().name != "NotoSans-Regular":
        pytest.skip("the fonts that setup/ready.py installs are not here")
    return found


@pytest.mark.parametrize(
    ("words", "set_as"),
    [
        ("breathe", "breathe"),
        ("café", "cafe"),
        ("straße — 5 °C", "strasse - 5 °C"),
        ("空気 air", "·· air"),
        ("नमस्ते", "····"),
        ("a\u200db\u0301", "a\u200db"),
        ("I ❤️ you", "I · you"),
        ("", ""),
    ],
)
def test_what_no_face_can_write_degrades_politely(words: str, set_as: str) -> None:
    assert shaping.writable(words, BARE) == set_as
    shaped = shaping.shape(words, BARE)
    assert all(g.number for g in shaped.glyphs)


@pytest.mark.parametrize("name", list(faces.SCRIPTS))
def test_every_script_is_written_with_outlines_of_its_own(system: Faces, name: str) -> None:
    words = faces.SCRIPTS[name]
    shaped = shaping.shape(words, system)
    assert shaping.writable(words, system) == words
    assert shaped.glyphs
    assert all(g.number for g in shaped.glyphs)
    assert shaped.advance > 0.3


@pytest.mark.parametrize(
    ("sign", "stand_in"), [("😀", "😀"), ("💚", "♥"), ("🌻", "❀"), ("👨‍👩‍👧", "·"), ("🌱", "·")]
)
def test_an_emoji_is_itself_or_a_sign_that_says_as_much(system: Faces, sign: str, stand_in: str) -> None:
    written = shaping.writable(f"a {sign} b", system)
    assert written in (f"a {sign} b", f"a {stand_in} b", f"a {sign[0]} b")


def glyphs(words: str, system: Faces, base: int | None = None) -> list[int]:
    return [g.number for g in shaping.shape(words, system, base).glyphs]


def test_arabic_letters_join_and_run_to_the_left(system: Faces) -> None:
    """The three forms of beh in ببب are three glyphs, none the lone ب; the first word stands right."""
    joined = glyphs("ببب", system)
    assert len(set(joined)) == 3
    assert not set(joined) & set(glyphs("ب", system))
    two = shaping.shape("سلام دنیا", system).glyphs
    alone = [g.number for g in shaping.shape("سلام", system).glyphs]
    assert [g.number for g in two[-len(alone) :]] == alone


def test_an_indic_vowel_stands_before_its_letter_and_conjuncts_form(system: Faces) -> None:
    """कि: the sign i is written after ka and stands left of it. क्ष is one glyph of three letters."""
    ka = glyphs("क", system)[0]
    assert glyphs("कि", system).index(ka) == 1
    assert len(glyphs("क्ष", system)) == 1


def test_thai_marks_take_no_room(system: Faces) -> None:
    assert shaping.shape("ที่", system).advance == pytest.approx(shaping.shape("ท", system).advance, abs=1e-6)


def test_marks_sit_on_their_letters_composed_or_not(system: Faces) -> None:
    assert glyphs("e\u0301", system) == glyphs("é", system)
    shaped = shaping.shape("x\u0301", system)  # no such letter: the mark is moved over it
    assert len(shaped.glyphs) == 2
    letter, mark = (distance.outline(g.face, g.number) + np.array((g.x, g.y)) for g in shaped.glyphs)
    assert abs(mark[..., 0].mean() - letter[..., 0].mean()) < 0.08
    assert mark[..., 1].min() > letter[..., 1].max()
    assert shaped.advance == pytest.approx(shaping.shape("x", system).advance, abs=1e-6)


def test_a_script_has_one_face_throughout_a_line_and_another_has_its_own(system: Faces) -> None:
    bare_first = Faces([p for p in _files() if p.stem in ("DejaVuSans", "DroidSansFallbackFull")])
    names = {g.face.name for g in shaping.shape("window café", bare_first).glyphs}
    assert names == {"DejaVuSans"}  # Pillow's own has no é: the whole line is set in a face that has
    mixed = shaping.shape("空気 window", bare_first).glyphs
    assert mixed[0].face.name == "DroidSansFallbackFull"
    assert mixed[-1].face.name == "Pillow's own"


def _files() -> list[Path]:
    return sorted(Path("/usr/share/fonts").rglob("*.ttf"))


def test_capitals_of_all_faces_are_of_one_height(system: Faces) -> None:
    bare_first = Faces([p for p in _files() if p.stem == "DejaVuSans"])
    for g in shaping.shape("aЖ", bare_first).glyphs:
        assert g.face.capital * g.scale == pytest.approx(bare_first.first().capital, rel=1e-6)


# -- directions ----------------------------------------------------------------------------------------


def seen(text: str, base: int | None = None) -> str:
    return "".join(text[a:b][:: -1 if level % 2 else 1] for a, b, level in bidi.runs(bidi.levels(text, base)))


@pytest.mark.parametrize(
    ("text", "base", "shown"),
    [
        ("car אבג", None, "car גבא"),
        ("אבג car", None, "car גבא"),
        ("אבג 123 דה", None, "הד 123 גבא"),
        ("he said \"אבג דה\" now", None, "he said \"הד גבא\" now"),
        ("אבג (car) ד", None, "ד )car( גבא"),  # the shaper mirrors the brackets
        ("سنة 2013,5", None, "2013,5 ةنس"),
        ("10-אב", 0, "10-בא"),
        ("10-אב", 1, "בא-10"),
        ("a$5", 1, "a$5"),
        ("אב ג  ", 0, "ג בא  "),
    ],
)  # fmt: skip
def test_mixed_directions_stand_as_unicode_says(text: str, base: int | None, shown: str) -> None:
    assert seen(text, base) == shown


def test_a_row_of_a_paragraph_keeps_the_paragraph_s_direction() -> None:
    assert bidi.direction("אבג then") == 1
    assert seen("then more", 1) == "then more"
    assert seen("then!", 1) == "!then"
