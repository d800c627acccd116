"""Words are shown in public, so they pass here first: refused, or held in a short queue and shown one by one.

`refused` looks at words alone and runs once, when an event enters a show: what it takes out is never stored.
The queue is state of the show and replays.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bioart.clock import RATE
from bioart.community.chance import mark
from bioart.errors import BioartError

WAITING = 32  # banners that may wait
APART = RATE  # steps between two banners: one a second can be read

# Letters that are written for others to slip past a list (a small part of Unicode UTS #39's confusables).
_ALIKE = str.maketrans("013457@$аеорсухіѕԁӏαεικνορτυ", "oleastasaeopcyxisdlaeikvoptu")
_LINK = re.compile(r"https?:|www\.|\w\.(com|net|org|io|de|fr|uk|cn|ru|info)\b|@\w|\d[\d \-/().]{5,}\d")
_LETTERS = re.compile(r"[^\W_]+")


def plain(text: str) -> str:
    """Words as a list compares them: no case, marks or disguises."""
    base = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c)[0] != "M")
    return base.casefold().translate(_ALIKE)


class Deny:
    """A list of words that are not shown. `*` at an entry's end denies every word that begins so."""

    def __init__(self, words: Iterable[str] = ()) -> None:
        entries = [w.strip() for w in words]
        kept = [plain(w) for w in entries if w and not w.startswith("#")]
        self._whole = frozenset(w for w in kept if not w.endswith("*"))
        self._begins = tuple(sorted(w[:-1] for w in kept if w.endswith("*") and len(w) > 1))

    @classmethod
    def of_file(cls, path: Path) -> Deny:
        """One word a line, `#` for remarks. Raises BioartError for a file that is not short UTF-8 text."""
        try:
            raw = path.read_bytes()
            if len(raw) > 1 << 20:
                raise BioartError(f"{path}: {len(raw)} bytes; allowed: a list of at most 1 MiB")
            return cls(raw.decode("utf-8-sig").splitlines())
        except OSError as fault:
            raise BioartError(f"{path}: {fault.strerror}; allowed: a text file, one word a line") from None
        except UnicodeDecodeError:
            raise BioartError(f"{path}: not UTF-8 text; allowed: one word a line") from None

    def refused(self, words: str) -> bool:
        """Whether these words must not be shown: links and telephone numbers, and what the list denies,
        also when it is s p e l l e d out or draaaawn."""
        if _LINK.search(words.casefold()):
            return True
        if not self._whole and not self._begins:
            return False
        said = _LETTERS.findall(plain(words))
        spelled = re.sub(r"\b(\w)\s+(?=\w\b)", r"\1", " ".join(said)).split()
        short = [re.sub(r"(.)\1{2,}", r"\1", w) for w in (*said, *spelled)]
        return any(w in self._whole or w.startswith(self._begins) for w in (*said, *spelled, *short))


@dataclass(frozen=True)
class Banner:
    """Words that wait to be shown. serial: their number in the show; token: who said them."""

    serial: int
    token: str
    words: str
    at: tuple[float, float, float]
    tint: tuple[float, float, float]

    def row(self) -> list[Any]:
        return [self.serial, self.token, self.words, list(self.at), list(self.tint)]


class Banners:
    """The queue: at most 32 wait, one a person, one shown a second. Who speaks again replaces what waits."""

    def __init__(self) -> None:
        self._queue: deque[Banner] = deque()
        self._next = 0  # the step from which the next may be shown

    def __len__(self) -> int:
        return len(self._queue)

    def hold(self, banner: Banner) -> bool:
        """Whether the words found a place; a full queue takes none (first come, first shown)."""
        for i, waiting in enumerate(self._queue):
            if waiting.token == banner.token:
                self._queue[i] = banner
                return True
        if len(self._queue) >= WAITING:
            return False
        self._queue.append(banner)
        return True

    def due(self, step: int) -> Banner | None:
        if not self._queue or step < self._next:
            return None
        self._next = step + APART
        return self._queue.popleft()

    @property
    def digest(self) -> list[Any]:
        return [self._next, *(mark(*b.row()) for b in self._queue)]

    def state(self) -> dict[str, Any]:
        return {"next": self._next, "queue": [b.row() for b in self._queue]}

    def restore(self, state: Mapping[str, Any]) -> None:
        self._next = state["next"]
        self._queue = deque(
            Banner(serial, token, words, tuple(at), tuple(tint))
            for serial, token, words, at, tint in state["queue"]
        )
