"""Words to a texture: each line drawn once by Pillow, kept in one atlas until it is full.

Every machine has Pillow's own face, so a piece in plain Latin looks the same everywhere. A line that this
face cannot write is set in the first of the system's faces that has all its letters. Where none has, letters
lose their accents, and what is left becomes a middle dot: never a box.
"""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont, features

WIDTH, HEIGHT = 2048, 2560
SIZE = 44  # px of the letters as drawn
HALO = 16  # px around a line that its soft light may take
LEVELS = 3  # of mipmaps
APART = 1 << LEVELS  # px; lines stand on this grid and so far apart: no mipmap mixes one with another, and
# what a line looks like does not depend on what was said before it
STAND_IN = "·"

_FOLDERS = {
    "linux": ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts"),
    "darwin": ("/System/Library/Fonts", "/Library/Fonts", "~/Library/Fonts"),
    "win32": ("C:/Windows/Fonts",),
}
_WANTED = (  # file stems, in the order that they are tried
    "NotoSans-Regular", "DejaVuSans", "LiberationSans-Regular", "Helvetica", "Arial", "arial", "segoeui",
    "NotoSansCJK-Regular", "NotoSansCJKjp-Regular", "PingFang", "Hiragino Sans GB", "msyh", "YuGothR",
    "NotoSansArabic-Regular", "GeezaPro", "NotoSansHebrew-Regular", "NotoSansDevanagari-Regular",
    "Kohinoor", "Nirmala", "NotoSansThai-Regular", "WenQuanYiMicroHei", "unifont", "Arial Unicode",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a line stands in the atlas. rectangle: u0, v0, u1, v1, v0 its lower edge. width, height: of that
    rectangle in heights of a capital."""

    rectangle: tuple[float, float, float, float]
    width: float
    height: float


class Typeface:
    """The atlas: texture with R coverage and G halo, 0–1."""

    def __init__(self, ctx: Any) -> None:
        self.texture = ctx.texture((WIDTH, HEIGHT), 2, dtype="f1")
        self.texture.repeat_x = self.texture.repeat_y = False
        self.texture.filter = (ctx.LINEAR_MIPMAP_LINEAR, ctx.LINEAR)
        self._faces = _faces()
        self._clear()

    def _clear(self) -> None:
        self._placed: dict[str, Place] = {}
        self._x = self._y = self._shelf = 0
        self.texture.write(bytes(WIDTH * HEIGHT * 2))

    def place(self, lines: list[str]) -> list[Place | None]:
        """A place for each line, drawn now where it is new. None: all lines together are more than the atlas
        holds (some ninety long ones), and this one is not shown."""
        new = [w for w in dict.fromkeys(lines) if w not in self._placed]
        if new and False in [self._add(w) for w in new]:
            self._clear()  # what is no longer shown leaves, what is shown is drawn again
            for words in dict.fromkeys(lines):
                self._add(words)
        if new:
            self.texture.build_mipmaps(0, LEVELS)
        return [self._placed.get(w) for w in lines]

    def _add(self, words: str) -> bool:
        drawn = drawing(words, self._faces)
        high, wide = drawn.shape[:2]
        if self._x + wide > WIDTH:
            self._x, self._y, self._shelf = 0, self._y + self._shelf, 0
        if self._y + high > HEIGHT:
            return False
        x, y = self._x, self._y
        self.texture.write(np.ascontiguousarray(drawn[::-1]), viewport=(x, y, wide, high), alignment=1)
        self._x, self._shelf = x + _apart(wide), max(self._shelf, _apart(high))
        capital = _capital(self._faces[0]) * _shrunk(wide, high)
        self._placed[words] = Place(
            (x / WIDTH, y / HEIGHT, (x + wide) / WIDTH, (y + high) / HEIGHT), wide / capital, high / capital
        )
        return True

    def close(self) -> None:
        self.texture.release()


def _apart(size: int) -> int:
    """The next place on the grid that leaves at least APART px free."""
    return (size + 2 * APART - 1) // APART * APART


def drawing(words: str, faces: list[Any] | None = None) -> NDArray[np.uint8]:
    """One line as (height, width, 2) bytes, first row on top: coverage and halo."""
    faces = faces or _faces()
    words, face = setting(" ".join(words.split()), faces)
    up, down = face.getmetrics()
    wide = max(1, int(face.getlength(words) + 0.999))
    line = Image.new("L", (wide + 2 * HALO, up + down + 2 * HALO), 0)
    ImageDraw.Draw(line).text((HALO, HALO), words, font=face, fill=255)
    halo = line.filter(ImageFilter.GaussianBlur(HALO / 2.6))
    both = Image.merge("LA", (line, halo))
    if both.width > WIDTH:  # a very long line keeps its shape and loses pixels
        both = both.resize((WIDTH, round(both.height * WIDTH / both.width)), Image.Resampling.LANCZOS)
    return np.asarray(both)


def setting(words: str, faces: list[Any]) -> tuple[str, Any]:
    """The words as the best face can write them, and that face."""
    for text in (words, unicodedata.normalize("NFC", words)):
        for face in faces:
            if all(has(face, c) for c in text):
                return _ordered(text), face
    face = max(faces, key=lambda f: sum(has(f, c) for c in words))
    kept = "".join(_plain(c, face) for c in unicodedata.normalize("NFC", words))
    return _ordered(kept), face


def has(face: Any, letter: str) -> bool:
    """Whether a face has a letter of its own, and not its box for all that is missing."""
    if letter == " " or unicodedata.category(letter).startswith("M"):  # marks go where their letters go
        return True
    box, drawn = face.getmask("\U0010fffe"), face.getmask(letter)
    return drawn.size != box.size or bytes(drawn) != bytes(box)


def _plain(letter: str, face: Any) -> str:
    """What a face has stays, é is e, ß is ss; another script's letter is a dot, joiners and marks nothing."""
    if unicodedata.category(letter) in ("Mn", "Mc", "Me", "Cf", "Cc"):
        return ""
    if has(face, letter):
        return letter
    simple = "".join(c for c in unicodedata.normalize("NFKD", letter.replace("ß", "ss")) if c.isascii())
    simple = simple or {"—": "-", "–": "-", "’": "'", "‘": "'", "“": '"', "”": '"'}.get(letter, "")
    return simple if simple and all(has(face, c) for c in simple) else STAND_IN


def _ordered(text: str) -> str:
    """Without the layout engine a line in Arabic or Hebrew would run the wrong way: turn it round here."""
    if features.check("raqm"):
        return text
    rtl = sum(unicodedata.bidirectional(c) in ("R", "AL") for c in text)
    return text[::-1] if 2 * rtl > len(text) else text


def _faces() -> list[Any]:
    """Pillow's own face, then the system's that are found; each at SIZE px."""
    found: dict[str, Path] = {}
    for folder in _FOLDERS.get(sys.platform, ()):
        base = Path(folder).expanduser()
        if base.is_dir():
            for path in sorted(base.rglob("*")):
                if path.suffix.lower() in (".ttf", ".otf", ".ttc"):
                    found.setdefault(path.stem, path)
    faces = [_own()]
    for stem in _WANTED:
        if stem in found:
            try:
                faces.append(ImageFont.truetype(str(found[stem]), SIZE))
            except OSError:  # a broken font file of the system is not the show's fault
                continue
    return faces


def _own() -> Any:
    return ImageFont.load_default(SIZE)


def _capital(face: Any) -> float:
    box = face.getbbox("H")
    return float(box[3] - box[1])


def _shrunk(wide: int, high: int) -> float:
    """How much a long line was made smaller to fit: 1 where it was not."""
    full = sum(_own().getmetrics()) + 2 * HALO
    return min(1.0, high / full) if wide == WIDTH else 1.0
