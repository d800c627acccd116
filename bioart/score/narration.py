"""The narration: words in space, under the body and on the focal plane, so that every display has them sharp.

Its capitals are 10 px high where a picture has 360 rows, whatever the camera does; how a line is broken into
rows is the picture's matter (`gpu/typesetting`). It comes and goes over half a second or more; where its act
ends early it goes then.
"""

from __future__ import annotations

from bioart.camera import Camera
from bioart.forms import Text
from bioart.preset.plan import Act, Line
from bioart.score.easing import smooth

CAPITAL = 0.056  # of half the picture's height
LOWEST = 0.85  # of half the picture's height, below the middle: the last row
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
        down = half * LOWEST
        at = tuple(c - u * down for c, u in zip(view.target, view.up, strict=True))
        key = -1 - ((number % 4096) * 64 + n)
        place = (at[0], at[1], at[2])
        found.append(Text(key, line.say, place, half * CAPITAL, TINT, glow, beside=(0.0, 0.0)))
    return tuple(found)
