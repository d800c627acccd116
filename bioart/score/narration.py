"""The narration: words in space, under the body and on the focal plane, so that every display has them sharp.

A line is no wider than a picture of 3:4 holds and its capitals are 10 px high where a picture has 360 rows,
whatever the camera does. It comes and goes over half a second or more; where its act ends early it goes then.
"""

from __future__ import annotations

from bioart.camera import Camera
from bioart.forms import Text
from bioart.preset.plan import Act, Line
from bioart.preset.read_acts import wrapped
from bioart.score.easing import smooth

CAPITAL = 0.056  # of half the picture's height
LOWEST = 0.86  # of half the picture's height, below the middle
LEADING = 2.0  # capitals from line to line
FADE = 0.8  # s
UNSEEN = 1e-4  # less glow than any display shows
TINT = (1.0, 0.95, 0.86)


def envelope(line: Line, t: float) -> float:
    """How bright a line is, 0–1, t s into its act."""
    fade = min(FADE, line.lasts / 3)
    return min(smooth((t - line.at) / fade), smooth((line.at + line.lasts - t) / fade))


def texts(act: Act, number: int, t: float, left: float, view: Camera) -> tuple[Text, ...]:
    """The lines that stand t s into an act. number: of its entry, so that a key is one line of one entry.

    left: s since the act was left, 0 while it runs; what stands then fades with it.
    """
    going = smooth(1.0 - left / 0.6)
    half = view.half_height
    found = []
    for n, line in enumerate(act.narration):
        glow = envelope(line, t) * going
        if glow < UNSEEN:
            continue
        rows = wrapped(line.say)
        for row, words in enumerate(rows):
            down = half * (LOWEST - CAPITAL * LEADING * (len(rows) - 1 - row))
            at = tuple(c - u * down for c, u in zip(view.target, view.up, strict=True))
            key = -1 - (((number % 4096) * 64 + n) * 4 + row)
            found.append(Text(key, words, (at[0], at[1], at[2]), half * CAPITAL, TINT, glow))
    return tuple(found)
