"""Words to glyphs: what a line of text looks like in any script, as HarfBuzz shapes it.

A line is cut into stretches of one direction (`bidi`), one script and one face. A script has one face
throughout a line, the first that has all its letters, so that one é never changes the hand; only where no
face has them all is each letter set in the first that has it. Arabic joins, Indic and Thai signs stand where
their script wants them, marks on their letters. What no face can write loses its accent, or becomes a sign
that says as much (♥ for any heart), at last a middle dot: never a box.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import uharfbuzz as hb

from bioart.gpu import bidi
from bioart.gpu.faces import Face, Faces, of_system

STAND_IN = "·"
_UNSEEN = "\u200c\u200d\ufe0e\ufe0f"  # joiners and variation selectors: told to the shaper, no letters
TRACKING = 0.03  # em between letters of scripts that do not join: small letters of light want air
_TRACKED = frozenset(("Latn", "Grek", "Cyrl", "Armn", "Geor", "Hebr"))
_SIGNS = (  # words in a sign's Unicode name → what may stand for it, where a face has that
    ("HEART", "♥"), ("FLOWER", "❀"), ("BLOSSOM", "❀"), ("ROSE", "❀"), ("TULIP", "❀"), ("HIBISCUS", "❀"),
    ("FACE", "☺"), ("SUN", "☀"), ("STAR", "★"), ("SPARKLES", "★"), ("MOON", "☾"), ("SNOW", "❄"),
    ("NOTE", "♪"), ("MUSIC", "♪"), ("CHECK", "✓"),
)  # fmt: skip
_PLAIN = {
    "—": "-",
    "–": "-",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "ß": "ss",
    "…": "...",
    "æ": "ae",
    "ø": "o",
}


@dataclass(frozen=True)
class Glyph:
    """One outline of a face, at x, y from the line's beginning on its baseline, in em of the first face;
    scale: of its own em, so that capitals of all faces are of one height."""

    face: Face
    number: int
    x: float
    y: float
    scale: float


@dataclass(frozen=True)
class Shaped:
    """A line: its glyphs from left to right, how far they run, and the height of a capital, in em."""

    glyphs: tuple[Glyph, ...]
    advance: float
    capital: float


def shape(words: str, faces: Faces | None = None, base: int | None = None) -> Shaped:
    """A line's glyphs. faces: the machine's, where None. base: level of the paragraph that the line is of
    (0 to the right, 1 to the left); None: the line's own."""
    return _shaped(words, faces or of_system(), base)


@lru_cache(512)
def _shaped(words: str, faces: Faces, base: int | None) -> Shaped:
    text = writable(" ".join(words.split()), faces)
    first = faces.first()
    found: list[Glyph] = []
    x = 0.0
    scripts, chosen = _scripts(text), {}
    for script in dict.fromkeys(scripts):
        letters = "".join(dict.fromkeys(c for c, s in zip(text, scripts, strict=True) if s == script))
        chosen[script] = faces.of_all("".join(c for c in letters if c not in _UNSEEN))
    hands: list[Face] = []
    for c, script in zip(text, scripts, strict=True):
        if _follows(c) and hands:  # a mark is set in the face of its letter
            hands.append(hands[-1])
        else:
            hands.append(chosen[script] or faces.of(c) or first)
    for start, end, level in bidi.runs(bidi.levels(text, base)):
        pieces = _pieces(scripts, hands, start, end)
        for a, b in pieces[::-1] if level % 2 else pieces:
            face = hands[a]
            scale = first.capital / face.capital if 0.8 < first.capital / face.capital < 1.25 else 1.0
            buffer = hb.Buffer()
            buffer.add_str(text[a:b])
            buffer.direction = "rtl" if level % 2 else "ltr"
            buffer.script = scripts[a]
            buffer.guess_segment_properties()
            hb.shape(face.font, buffer)
            tracking = TRACKING if scripts[a] in _TRACKED else 0.0
            infos, places = buffer.glyph_infos, buffer.glyph_positions
            for n, (info, place) in enumerate(zip(infos, places, strict=True)):
                one = scale / face.em
                glyph = Glyph(face, info.codepoint, x + place.x_offset * one, place.y_offset * one, scale)
                found.append(glyph)
                last = n + 1 == len(infos) or infos[n + 1].cluster != info.cluster
                x += place.x_advance * one + (tracking if last else 0.0)
    if found and scripts and scripts[-1] in _TRACKED:
        x -= TRACKING
    return Shaped(tuple(found), max(x, 0.0), first.capital)


def _pieces(scripts: list[str], hands: list[Face], start: int, end: int) -> list[tuple[int, int]]:
    """Stretches of one script and face, in the order in which they are written."""
    found: list[tuple[int, int]] = []
    for i in range(start, end):
        if found and scripts[i] == scripts[i - 1] and hands[i] is hands[i - 1]:
            found[-1] = (found[-1][0], i + 1)
        else:
            found.append((i, i + 1))
    return found


@lru_cache(4096)
def script_of(letter: str) -> str:
    """The script of one character by ISO 15924, "" for what all scripts share."""
    buffer = hb.Buffer()
    buffer.add_str(letter)
    buffer.guess_segment_properties()
    found = buffer.script or ""
    return "" if found in ("Zyyy", "Zinh", "Zzzz") else str(found)


def _scripts(text: str) -> list[str]:
    """Of each character the script: shared signs have that of what stands before them, first ones of what
    comes after. A symbol or emoji is `Zsym`, so that it never chooses the face of the words around it."""
    found = []
    for c in text:
        if script_of(c):
            found.append(script_of(c))
        elif unicodedata.category(c) in ("So", "Sk") or c in "☀★♥":
            found.append("Zsym")
        else:
            found.append("")
    known = next((s for s in found if s and s != "Zsym"), "Latn")
    for i, s in enumerate(found):
        if not s:
            found[i] = "Zsym" if found[i - 1] == "Zsym" and i and _follows(text[i]) else known
        elif s != "Zsym":
            known = s
    return found


def _follows(letter: str) -> bool:
    """Whether a character belongs to the one before it: marks, joiners, skin tones, variation selectors."""
    return (
        unicodedata.category(letter) in ("Mn", "Mc", "Me")
        or letter in "\u200c\u200d"
        or "\U0001f3fb" <= letter <= "\U0001f3ff"
    )


def clusters(text: str) -> list[str]:
    """A text in signs as a reader counts them: a letter with its marks, an emoji with all it is joined of."""
    found: list[str] = []
    for c in text:
        flag = "\U0001f1e6" <= c <= "\U0001f1ff"
        pair = flag and found and len(found[-1]) == 1 and "\U0001f1e6" <= found[-1] <= "\U0001f1ff"
        joined = found and found[-1].endswith("\u200d") and unicodedata.category(c) == "So"
        if found and (_follows(c) or pair or joined):
            found[-1] += c
        else:
            found.append(c)
    return found


def writable(text: str, faces: Faces) -> str:
    """A text with stand-ins for what no face can write; in composed form where that helps."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(_writable(sign, faces) for sign in clusters(composed))


def _writable(sign: str, faces: Faces) -> str:
    kept = "".join(
        c for c in sign if c in "\u200c\u200d" or unicodedata.category(c) not in ("Cc", "Cf", "Cs")
    )
    if not kept:
        return ""
    base = kept[0]
    if unicodedata.category(base) == "So" or (len(kept) > 1 and "\U0001f1e6" <= base <= "\U0001f1ff"):
        return _symbol(base, faces)  # of a joined emoji the first stands for all
    if faces.of(base) is not None:
        face = faces.of_all("".join(dict.fromkeys(c for c in kept if c not in _UNSEEN)))
        if len(kept) == 1 or face is not None:
            return kept
        whole = unicodedata.normalize("NFC", kept)
        return whole if len(whole) == 1 and faces.of(whole) is not None else base
    simple = "".join(c for c in unicodedata.normalize("NFKD", _PLAIN.get(base, base)) if c.isascii())
    simple = simple or _PLAIN.get(base, "")
    if simple and all(faces.of(c) is not None for c in simple):
        return simple
    return "" if unicodedata.category(base)[0] == "M" else STAND_IN


def _symbol(sign: str, faces: Faces) -> str:
    if faces.of(sign) is not None:
        return sign
    name = unicodedata.name(sign, "")
    for word, stand_in in _SIGNS:
        if word in name and faces.of(stand_in) is not None:
            return stand_in
    return STAND_IN
