"""The faces that this machine can write with: its fonts, found once, opened when a letter asks for them.

The first choice is Noto Sans, whose sister faces write most scripts in one hand; a machine made ready by
`setup/ready.py` has it. Then Pillow's own Aileron, which every machine has and which knows plain Latin, then
whatever upright sans of text weight the system has, and at last any upright face.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import uharfbuzz as hb
from PIL import ImageFont

FOLDERS = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}
FIRST = ("NotoSans-Regular",)  # before Pillow's own
THEN = (  # before what else is found; file stems
    "HelveticaNeue", "Helvetica", "segoeui", "Arial", "arial", "DejaVuSans", "LiberationSans-Regular",
    "NotoSansCJK-Regular", "NotoSansCJKjp-Regular", "PingFang", "Hiragino Sans GB", "msyh", "YuGothR",
    "GeezaPro", "Kohinoor", "Nirmala", "DroidSansFallbackFull",
    "AppleSDGothicNeo", "malgun", "NanumGothic",
)  # fmt: skip
_LAST = ("mono", "serif", "display", "kufi", "nastaliq", "condensed", "light", "medium", "thin", "black")
_NEVER = ("bold", "italic", "oblique", "emoji", "lastresort")


class Face:
    """One face. em: its units to an em; capital: height of its H in em (0.714 where it has none)."""

    def __init__(self, name: str, font: hb.Font) -> None:
        self.name, self.font = name, font
        self.em = float(font.face.upem)
        self.capital = 0.714
        tall = self.font.get_nominal_glyph(ord("H"))
        extents = self.font.get_glyph_extents(tall) if tall else None
        if extents is not None and extents.y_bearing > 0:
            self.capital = extents.y_bearing / self.em

    def has(self, letter: str) -> bool:
        """Whether a letter has an outline here: no box for what is missing, and no picture in colours."""
        glyph = self.font.get_nominal_glyph(ord(letter))
        if not glyph:
            return False
        if unicodedata.category(letter) in ("Zs", "Cf", "Mn"):  # may draw nothing
            return True
        extents = self.font.get_glyph_extents(glyph)
        return extents is not None and extents.width != 0


class Faces:
    """An ordered list of faces, each opened when it is first reached."""

    def __init__(self, files: list[Path], first: int = 0, own: bool = True) -> None:
        """files: in the order of choice; first: so many of them come before Pillow's own."""
        waiting: list[Path | None] = list(files)
        if own:
            waiting.insert(first, None)
        self._waiting = waiting
        self._open: list[Face] = []
        self._of: dict[str, Face | None] = {}

    def __iter__(self) -> Iterator[Face]:
        n = 0
        while True:
            while n >= len(self._open):
                if not self._waiting:
                    return
                self._reach()
            yield self._open[n]
            n += 1

    def _reach(self) -> None:
        path = self._waiting.pop(0)
        try:
            blob = hb.Blob(_own()) if path is None else hb.Blob.from_file_path(str(path))
            found = hb.Face(blob)
        except (OSError, hb.HarfBuzzError):  # a broken font file of the system is not the show's fault
            return
        if found.glyph_count and found.upem:
            self._open.append(Face("Pillow's own" if path is None else path.stem, hb.Font(found)))

    def first(self) -> Face:
        """The face of first choice."""
        return next(iter(self))

    def of(self, letter: str) -> Face | None:
        """The first face that has a letter; None: no face has it."""
        if letter not in self._of:
            self._of[letter] = next((f for f in self if f.has(letter)), None)
        return self._of[letter]

    def of_all(self, letters: str) -> Face | None:
        """The first face that has all of these letters; None: no single one has."""
        if not letters:
            return self.first()
        least = self.of(letters[0])
        reached = False
        for face in self if least is not None else ():
            reached = reached or face is least
            if reached and all(face.has(c) for c in letters):
                return face
        return None


@cache
def _own() -> bytes:
    """Pillow's own face, as bytes of a font file. Without FreeType it has none that can be scaled."""
    return bytes(getattr(ImageFont.load_default(10), "font_bytes", b""))


def _order(path: Path) -> tuple[int, int, str]:
    stem, low = path.stem, path.stem.lower()
    if stem in FIRST:
        return (0, FIRST.index(stem), stem)
    if any(word in low for word in _LAST):
        return (5, 0, stem)
    if stem.startswith("NotoSans") and stem.endswith("-Regular") and "CJK" not in stem:
        return (2, 0, stem)
    if stem in THEN:
        return (3, THEN.index(stem), stem)
    return (4, 0 if "sans" in low else 1, stem)


@cache
def of_system() -> Faces:
    """The machine's faces, in the order in which they are chosen."""
    found: dict[str, Path] = {}
    for folder in FOLDERS.get(sys.platform, ()):
        base = Path(folder).expanduser()
        if base.is_dir():
            for path in base.rglob("*"):
                if path.suffix.lower() in (".ttf", ".otf", ".ttc"):
                    found.setdefault(path.stem, path)
    upright = sorted(
        (p for stem, p in found.items() if not any(word in stem.lower() for word in _NEVER)), key=_order
    )
    return Faces(upright, sum(p.stem in FIRST for p in upright))


SCRIPTS = {  # a few letters each that a face for the script has
    "Latin": "aßéőşžħ", "Greek": "αώΩ", "Cyrillic": "жёїЂ", "Hebrew": "אשת", "Arabic": "سلپی",
    "Devanagari": "नमस्ते", "Bengali": "বাংলা", "Tamil": "தமிழ்", "Thai": "ภาษา", "Armenian": "հայ",
    "Georgian": "ქარ", "Amharic": "አማርኛ", "Khmer": "ខ្មែរ", "Chinese": "空气呼吸", "Japanese": "息づくカ",
    "Korean": "숨쉬다", "symbols": "♥☀★♪",
}  # fmt: skip


def scripts(faces: Faces | None = None) -> dict[str, bool]:
    """Which scripts the machine's faces can write."""
    among = faces or of_system()
    return {name: all(among.of(c) is not None for c in letters) for name, letters in SCRIPTS.items()}
