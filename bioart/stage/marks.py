"""Marks: what the panel is drawn with. One ink, one light, letters and lines that keep to whole pixels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from imgui_bundle import imgui

from bioart.param import Param

Colour = tuple[float, float, float]

GROUND: Colour = (0.034, 0.064, 0.076)  # of the panel: night water, never pure black
TEXT: Colour = (0.87, 0.94, 0.94)
QUIET: Colour = (0.53, 0.65, 0.67)
LIGHT: Colour = (0.36, 0.88, 0.80)  # the one accent
WARN: Colour = (0.96, 0.74, 0.42)  # only for what is not as it should be
CLEAR = 0.86  # how much of the picture the ground covers

BODY, SMALL, LARGE = 15.0, 12.5, 20.0  # sizes of letters, in units of the scale


def ink(colour: Colour, alpha: float = 1.0) -> int:
    """A colour as imgui packs it."""
    return int(imgui.color_convert_float4_to_u32((*colour, min(max(alpha, 0.0), 1.0))))


def scale(size: tuple[int, int]) -> float:
    """Px for one unit of the layout: 1 in a window 820 px high, more in a larger one."""
    return min(max(min(size[1] / 820.0, size[0] / 1000.0), 0.72), 5.0)


class Pen:
    """Draws into one of imgui's lists. Sizes of letters are in units; places and lengths in px."""

    def __init__(self, drawing: Any, unit: float) -> None:
        self.drawing, self.unit = drawing, unit
        self._font = imgui.get_font()

    def width(self, words: str, size: float = BODY) -> float:
        """How wide a line stands, px."""
        return self._measured(words, size, -1.0)[0]

    def height(self, words: str, size: float, wrap: float) -> float:
        """How high words stand that turn at a width, px."""
        return self._measured(words, size, wrap)[1]

    def _measured(self, words: str, size: float, wrap: float) -> tuple[float, float]:
        imgui.push_font(self._font, self._size(size))
        found = imgui.calc_text_size(words, False, wrap)
        imgui.pop_font()
        return float(found.x), float(found.y)

    def line(self, size: float = BODY) -> float:
        """How high one line stands, px."""
        return self._size(size)

    def _size(self, size: float) -> float:
        return float(max(12, round(size * self.unit)))

    def write(
        self, x: float, y: float, words: str, colour: int, size: float = BODY, wrap: float = 0.0
    ) -> None:
        """Words with their upper left corner at x, y."""
        self.drawing.add_text(self._font, self._size(size), (round(x), round(y)), colour, words, wrap)

    def write_to(self, x: float, y: float, words: str, colour: int, size: float = BODY) -> float:
        """Words that end at x; where they begin."""
        start = round(x - self.width(words, size))
        self.write(start, y, words, colour, size)
        return start

    def fitted(self, words: str, room: float, size: float = BODY) -> str:
        """The words, or as many of their letters as fit, with an ellipsis."""
        if self.width(words, size) <= room:
            return words
        kept = words
        while kept and self.width(kept + "…", size) > room:
            kept = kept[:-1]
        return kept.rstrip() + "…" if kept else ""

    def box(self, x: float, y: float, wide: float, high: float, colour: int, round_by: float = 0.0) -> None:
        self.drawing.add_rect_filled((x, y), (x + wide, y + high), colour, round_by)

    def frame(
        self, x: float, y: float, wide: float, high: float, colour: int, round_by: float, thick: float
    ) -> None:
        self.drawing.add_rect((x, y), (x + wide, y + high), colour, round_by, thick)

    def rule(self, x: float, y: float, wide: float) -> None:
        """A hairline across."""
        self.box(round(x), round(y), wide, max(1.0, round(self.unit)), ink(TEXT, 0.09))

    def card(self, x: float, y: float, wide: float, high: float, alpha: float = 1.0) -> None:
        """A ground to write on."""
        corner = min(10.0 * self.unit, high / 2)
        self.box(x, y, wide, high, ink(GROUND, CLEAR * alpha), corner)
        self.frame(x, y, wide, high, ink(TEXT, 0.07 * alpha), corner, 1.0)

    def spark(self, x: float, y: float, wide: float, high: float, row: Sequence[float], most: int) -> None:
        """A line of what was; the newest at the right end. most: values that fill the width."""
        self.box(x, round(y + high + 3 * self.unit), wide, 1.0, ink(TEXT, 0.08))
        if len(row) < 2:
            return
        low, high_value = min(row), max(row)
        span = max(high_value - low, 0.02 * max(abs(low), abs(high_value)), 1e-9)
        middle = 0.5 * (low + high_value)
        step = wide / (most - 1)
        points = [
            (x + wide - (len(row) - 1 - i) * step, y + high * (0.5 - (v - middle) / span))
            for i, v in enumerate(row)
        ]
        self.drawing.add_polyline(points, ink(LIGHT, 0.72), max(1.0, 1.2 * self.unit), 0)
        self.drawing.add_circle_filled(points[-1], 1.9 * self.unit, ink(LIGHT))

    def arrow(self, x: float, y: float, size: float, opened: bool, colour: int) -> None:
        """A small triangle round x, y: to the right, or down where something is open."""
        a, b = 0.5 * size, 0.42 * size
        if opened:
            corners = ((x - a, y - b), (x + a, y - b), (x, y + b))
        else:
            corners = ((x - b, y - a), (x + b, y), (x - b, y + a))
        self.drawing.add_triangle_filled(*corners, colour)


def number(value: float) -> str:
    """Three figures of a number that may be any size."""
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}".replace(",", "\u2009")
    if size >= 10:
        return f"{value:.1f}"
    if size >= 1:
        return f"{value:.2f}"
    if size >= 0.001:
        return f"{value:.3f}"
    return "0" if size < 1e-9 else f"{value:.1e}"


def decimals(param: Param) -> int:
    """How many decimals tell a hundredth of a param's range."""
    finest = param.low if param.curve == "log" else param.high - param.low
    return min(max(math.ceil(1.6 - math.log10(finest)), 0), 5)


def worded(param: Param, value: float) -> str:
    """A param's value as a slider says it, with its unit."""
    places = decimals(param)
    if param.curve == "log":
        places = min(max(2 - math.floor(math.log10(max(value, param.low))), 0), 5)
    words = f"{value:.{places}f}"
    if float(words) == 0.0:
        words = words.lstrip("-")
    gap = "" if param.unit in ("", "°") else " "
    return words + gap + param.unit


def clock(seconds: float) -> str:
    """Show time as 1:05 or 1:02:05."""
    whole = max(0, int(seconds))
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
