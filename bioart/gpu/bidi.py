"""The order in which letters of mixed direction stand: Unicode's bidirectional algorithm (UAX #9).

The implicit rules W1–W7, N0–N2, I1–I2 and L1–L4 on one paragraph. Embeddings, overrides and isolates are
invisible signs that no offering may bring (`events.words`); they are left out before.
"""

from __future__ import annotations

import unicodedata

_STRONG = ("L", "R", "AL")
_NEUTRAL = ("B", "S", "WS", "ON")
_BRACKETS = {"(": ")", "[": "]", "{": "}", "⁅": "⁆", "⁽": "⁾", "₍": "₎", "〈": "〉", "《": "》", "「": "」",
             "『": "』", "【": "】", "〔": "〕", "（": "）", "［": "］", "｛": "｝"}  # fmt: skip
_CLOSE = {close: opens for opens, close in _BRACKETS.items()}
_MIRRORED = {**_BRACKETS, **_CLOSE, "<": ">", ">": "<", "«": "»", "»": "«", "‹": "›", "›": "‹"}


def direction(text: str) -> int:
    """The paragraph's own level (P2, P3): 1 where its first directed letter runs to the left, else 0."""
    first = next((d for d in map(unicodedata.bidirectional, text) if d in _STRONG), "L")
    return int(first != "L")


def mirrored(letter: str) -> str:
    """What is drawn of a sign that stands in text to the left: ( for ) (L4)."""
    return _MIRRORED.get(letter, letter)


def levels(text: str, base: int | None = None) -> list[int]:
    """Of each character its embedding level: even ones run to the right, odd ones to the left.

    base: of the paragraph, 0 or 1; None: `direction(text)`.
    """
    base = direction(text) if base is None else base
    own = "R" if base else "L"
    raw = [unicodedata.bidirectional(c) or "L" for c in text]
    kinds = _weak(raw, own)
    _brackets(text, raw, kinds, own)
    _neutral(kinds, own)
    found = [_level(k, base) for k in kinds]
    trailing = True  # L1: white space at the end of the line stands at the paragraph's end
    for i in range(len(text) - 1, -1, -1):
        if raw[i] in ("B", "S") or (trailing and raw[i] in ("WS", "BN")):
            found[i] = base
            trailing = True
        else:
            trailing = False
    return found


def _weak(raw: list[str], own: str) -> list[str]:
    kinds = list(raw)
    before = own
    for i, k in enumerate(kinds):  # W1: marks are as what they stand on
        if k in ("NSM", "BN"):
            kinds[i] = before
        before = kinds[i]
    strong = own
    for i, k in enumerate(kinds):  # W2: numbers after Arabic letters; W3
        if k in _STRONG:
            strong = k
        elif k == "EN" and strong == "AL":
            kinds[i] = "AN"
    kinds = ["R" if k == "AL" else k for k in kinds]
    for i in range(1, len(kinds) - 1):  # W4: one separator between two numbers
        around = kinds[i - 1], kinds[i + 1]
        if (kinds[i] == "ES" and around == ("EN", "EN")) or (
            kinds[i] == "CS" and around in (("EN", "EN"), ("AN", "AN"))
        ):
            kinds[i] = around[0]
    i = 0
    while i < len(kinds):  # W5: what stands at a number goes with it
        end = i
        while end < len(kinds) and kinds[end] == "ET":
            end += 1
        if end > i and ((i > 0 and kinds[i - 1] == "EN") or (end < len(kinds) and kinds[end] == "EN")):
            kinds[i:end] = ["EN"] * (end - i)
        i = max(end, i + 1)
    kinds = ["ON" if k in ("ES", "ET", "CS") else k for k in kinds]  # W6
    strong = own
    for i, k in enumerate(kinds):  # W7
        if k in ("L", "R"):
            strong = k
        elif k == "EN" and strong == "L":
            kinds[i] = "L"
    return kinds


def _side(kind: str) -> str:
    """The direction that a kind has for its neighbours: numbers count as to the left (N1); "" has none."""
    return {"L": "L", "R": "R", "EN": "R", "AN": "R"}.get(kind, "")


def _brackets(text: str, raw: list[str], kinds: list[str], own: str) -> None:
    """N0: a pair of brackets has one direction."""
    pairs, waiting = [], []
    for i, c in enumerate(text):
        if kinds[i] != "ON":
            continue
        if c in _BRACKETS:
            waiting.append((_BRACKETS[c], i))
        elif c in _CLOSE:
            for n in range(len(waiting) - 1, -1, -1):
                if waiting[n][0] == c:
                    pairs.append((waiting[n][1], i))
                    del waiting[n:]
                    break
    for a, b in sorted(pairs):
        inside = {_side(k) for k in kinds[a + 1 : b]} - {""}
        if own in inside:
            chosen = own
        elif inside:
            before = next((s for s in map(_side, reversed(kinds[:a])) if s), own)
            chosen = before if before in inside else own
        else:
            continue
        for i in (a, b):
            kinds[i] = chosen
            for n in range(i + 1, len(kinds)):
                if raw[n] != "NSM":
                    break
                kinds[n] = chosen


def _neutral(kinds: list[str], own: str) -> None:
    """N1, N2: what has no direction goes with its neighbours where they agree, else with the paragraph."""
    i = 0
    while i < len(kinds):
        end = i
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        if end > i:
            before = _side(kinds[i - 1]) if i else own
            after = _side(kinds[end]) if end < len(kinds) else own
            kinds[i:end] = [before if before == after else own] * (end - i)
        i = max(end, i + 1)


def _level(kind: str, base: int) -> int:
    """I1, I2."""
    if base % 2 == 0:
        return base + {"R": 1, "AN": 2, "EN": 2}.get(kind, 0)
    return base + (kind in ("L", "EN", "AN"))


def runs(levels: list[int]) -> list[tuple[int, int, int]]:
    """From left to right as they are seen (L2): start, end and level of each stretch of one level."""
    found: list[tuple[int, int, int]] = []
    for i, level in enumerate(levels):
        if found and found[-1][2] == level:
            found[-1] = (found[-1][0], i + 1, level)
        else:
            found.append((i, i + 1, level))
    for least in range(max(levels, default=0), 0, -1):
        i = 0
        while i < len(found):
            end = i
            while end < len(found) and found[end][2] >= least:
                end += 1
            found[i:end] = found[i:end][::-1]
            i = max(end, i + 1)
    return found
