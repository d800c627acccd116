"""The performer's panel: acts, params, vitals, crowd and pace beside the picture; help, timing and messages
over it. It lies on the window alone and in no export."""

from __future__ import annotations

from collections import deque
from dataclasses import fields
from typing import TYPE_CHECKING

from imgui_bundle import ImVec2, imgui

from bioart import clock as clocks
from bioart.gpu.overlay import Gui
from bioart.gpu.window import Signal, Window
from bioart.health import Vitals
from bioart.param import Param
from bioart.preset import Preset
from bioart.stage import marks
from bioart.stage.marks import BODY, GROUND, LARGE, LIGHT, QUIET, SMALL, TEXT, WARN, Pen, ink
from bioart.stage.performer import HELP

if TYPE_CHECKING:
    from bioart.show import Show
    from bioart.stage.performer import Performer

WIDE = 360.0  # units, the panel
ALONE = 600.0  # units, the width of a window of its own
EDGE, PAD = 14.0, 16.0  # units: from the window's edge; inside the panel
ROW = 23.0  # units, a slider
VITAL = 33  # height of a row of vitals
LEAST = 5  # sliders that must find room before vitals are shown beside them
KEPT = 120  # values of each vital: a minute
LINGERS = 2.0  # s that a turned param is told where the panel is off
FADES = 0.18  # s in which a line comes or goes

# What each vital counts in and how it is called here; the order is the panel's.
VITALS = {
    "biomass": ("biomass", "m³"), "growth": ("growth", "m³"), "surface": ("surface", "m²"),
    "coverage": ("coverage", ""), "glow": ("glow", ""), "synchrony": ("synchrony", ""),
    "reserve": ("reserve", ""), "pod_load": ("pod load", ""), "spilt": ("spilt", "kg"),
    "recovered": ("recovered", "kg"), "inflow": ("inflow", "µg/m³"),
    "airborne": ("airborne", "µg"), "drawn": ("drawn in", "µg/s"), "captured": ("captured", "µg"),
    "delivered": ("delivered", "m³/h"), "speed": ("air", "m/s"), "slowed": ("slowed", "steps"),
    "daylight": ("daylight", ""), "held": ("zones held", ""), "taken": ("zones taken", ""),
    "broken": ("broken off", "m³"), "mended": ("mended", "m³"), "decomposed": ("decomposed", "kg/s"),
    "helped": ("implants: air", "m³/h"), "quickened": ("implants: waste", "kg/s"),
    "steadied": ("implants: calm", ""),
}  # fmt: skip

_FIXED = (
    imgui.WindowFlags_.no_title_bar | imgui.WindowFlags_.no_resize | imgui.WindowFlags_.no_move
    | imgui.WindowFlags_.no_collapse | imgui.WindowFlags_.no_saved_settings | imgui.WindowFlags_.no_nav
    | imgui.WindowFlags_.no_scrollbar | imgui.WindowFlags_.no_scroll_with_mouse
)  # fmt: skip


class History:
    """The last minute of every vital, a row each half second of show time."""

    def __init__(self) -> None:
        self._show: Show | None = None
        self._step = -1
        self.rows: dict[str, deque[float]] = {}
        self._clear()

    def _clear(self) -> None:
        self.rows = {f.name: deque(maxlen=KEPT) for f in fields(Vitals)}

    def note(self, show: Show) -> None:
        """Keep this moment where it is due. Another show, or one that went back, begins anew."""
        if show is not self._show or show.steps < self._step:
            self._clear()
            self._show, self._step = show, -1
        if self._step < 0 or show.steps - self._step >= show.rate / 2:
            self._step = show.steps
            for name, value in show.vitals.row().items():
                self.rows[name].append(float(value))


class Line:
    """A line that comes and goes softly: its words stay while it fades."""

    def __init__(self) -> None:
        self.words, self.light = "", 0.0

    def to(self, words: str, elapsed: float) -> bool:
        """What there is to say now (nothing: empty); whether anything is to be seen."""
        if words:
            self.words = words
        step = elapsed / FADES
        self.light = min(1.0, self.light + step) if words else max(0.0, self.light - step)
        return self.light > 0.0


class Panel:
    """What stands on the picture for who performs: fulfils the performer's `Overlay`."""

    def __init__(self, window: Window, history: History | None = None, alone: bool = False) -> None:
        """history: goes on where another panel keeps one. alone: the window is the panel's and shows no
        picture."""
        self._window, self._alone = window, alone
        self._gui = Gui(window.ctx)
        self._history = History() if history is None else history
        self._box: tuple[float, float, float, float] | None = None  # left, top, right, bottom; None: hidden
        self._pressed: set[str] = set()
        self._ours = False  # whether the buttons that are down went down on the panel
        self._unit = 0.0
        self._opened: set[str] = set()
        self._picked = ""
        self._seek = False  # whether the picked param is to be brought into sight
        self._turning, self._asked, self._typing = "", 0.0, ""
        self._told: tuple[str, float | None] | None = None
        self._tell_until = 0.0
        self._message, self._turned, self._wait = Line(), Line(), Line()
        self._was = clocks.now()

    # -- what hands do -------------------------------------------------------------------------------------

    def feed(self, signal: Signal) -> bool:
        """A signal for the panel; True where it is the panel's alone. What was pressed on the picture stays
        the picture's until it is let go, and a key that is let go is told to everybody."""
        if self._box is None or signal.kind not in ("key", "text", "move", "button", "scroll"):
            return False
        size = self._window.size
        if signal.kind in ("key", "text"):
            typing = self._gui.typing
            self._gui.feed(signal, size)
            if signal.kind == "key" and (signal.value <= 0 or (signal.name == "Q" and "CTRL" in signal.held)):
                return False
            return typing
        inside = self._inside(signal.at, size)
        if signal.kind == "button" and signal.value > 0:
            if not self._pressed:
                self._ours = inside
            self._pressed.add(signal.name)
        ours = self._ours if self._pressed else inside
        if signal.kind == "button" and signal.value <= 0:
            self._pressed.discard(signal.name)
        if ours or signal.kind == "move":
            self._gui.feed(signal, size)
        return ours

    def _inside(self, at: tuple[float, float], size: tuple[int, int]) -> bool:
        if self._box is None:
            return False
        left, top, right, bottom = self._box
        x, y = at[0] * size[0], (1.0 - at[1]) * size[1]
        return left <= x < right and top <= y < bottom

    # -- one frame -----------------------------------------------------------------------------------------

    def draw(self, performer: Performer, size: tuple[int, int]) -> None:
        """All that there is to show now, over the window's picture. size: of its framebuffer, px."""
        now = clocks.now()
        elapsed, self._was = max(0.0, now - self._was), now
        self._history.note(performer.live.show)
        self._follow(performer, now)
        if not performer.panel:
            self.hide()
        said = performer.message(now)
        waits = performer.mapping_waits
        wait = (
            f"Waiting for a touch: it will move {performer.picked}. Delete: nothing will. Esc lets it be."
            if waits
            else ""
        )
        seen = [
            self._wait.to("" if said else wait, elapsed),
            self._message.to(said, elapsed),
            self._turned.to(self._turned_words(performer, now), elapsed),
        ]
        if not (performer.panel or performer.help or performer.timing or any(seen)):
            return
        self._gui.use()
        self._dress(size)
        self._gui.begin(size, now)
        unit = self._unit
        wide = size[0] - 2 * EDGE * unit if self._alone else min(WIDE * unit, 0.7 * size[0])
        # what lies in its own window may cover the panel; on the picture it stands beside
        pen = Pen(imgui.get_foreground_draw_list() if self._alone else imgui.get_background_draw_list(), unit)
        room = size[0] - (wide + EDGE * unit if performer.panel and not self._alone else 0.0)
        self._lines(pen, performer, room, size)
        if performer.timing:
            self._timing(pen, performer.live.told(), room)
        if performer.panel:
            self._panel(performer, size, wide)
        if performer.help:
            self._help(Pen(imgui.get_foreground_draw_list(), unit), room, size)
        self._gui.end(self._window.framebuffer, size)

    def grow(self, title: str, share: float, size: tuple[int, int]) -> None:
        """Before there is a performer to draw for: a world is growing, and how far it is."""
        self._gui.use()
        self._dress(size)
        self._gui.begin(size, clocks.now())
        unit = self._unit
        pen = Pen(imgui.get_background_draw_list(), unit)
        wide = min(300 * unit, 0.8 * size[0])
        x, y = (size[0] - wide) / 2, size[1] / 2 - 30 * unit
        pen.write(x, y, pen.fitted(title, wide, LARGE), ink(TEXT), LARGE)
        pen.write(x, y + 30 * unit, "grows, as it does once on this machine", ink(QUIET), SMALL)
        pen.write_to(x + wide, y + 30 * unit, f"{100 * share:.0f} %", ink(LIGHT), SMALL)
        pen.box(x, y + 54 * unit, wide, 3 * unit, ink(TEXT, 0.14), 1.5 * unit)
        pen.box(x, y + 54 * unit, max(wide * share, 2 * unit), 3 * unit, ink(LIGHT, 0.8), 1.5 * unit)
        self._gui.end(self._window.framebuffer, size)

    def hide(self) -> None:
        """It is not to be seen: it keeps nothing that hands do."""
        if self._box is None:
            return
        self._box, self._ours, self._turning, self._typing = None, False, "", ""
        self._pressed.clear()
        self._gui.forget()

    def _follow(self, performer: Performer, now: float) -> None:
        """See what was picked and turned by keys since the last frame."""
        if performer.picked != self._picked:
            self._picked, self._seek = performer.picked, True
            self._opened.add(_part(performer.picked))
        told = (performer.picked, self._held(performer, performer.picked))
        if (
            self._told is not None
            and told != self._told
            and (told[1] is not None or told[0] != self._told[0])
        ):
            self._tell_until = now + LINGERS
        self._told = told

    def _held(self, performer: Performer, name: str) -> float | None:
        """What the hands ask of a param; None where they ask nothing."""
        waiting = performer.hands.waiting(name)
        return waiting if waiting is not None else performer.live.show.score.held.get(name)

    def _dress(self, size: tuple[int, int]) -> None:
        """imgui's own parts in our colours, at this window's scale: between frames, where imgui reads it."""
        unit = marks.scale((round(size[0] * 1000 / ALONE), size[1]) if self._alone else size)
        if unit == self._unit:
            return
        self._unit = unit
        style, col = imgui.get_style(), imgui.Col_
        style.font_size_base = float(max(12, round(BODY * unit)))
        style.window_padding = style.frame_padding = style.item_inner_spacing = ImVec2(0.0, 0.0)
        style.item_spacing = ImVec2(round(6 * unit), 0.0)
        style.window_rounding = style.popup_rounding = round(10 * unit)
        style.frame_rounding = style.grab_rounding = round(4 * unit)
        style.scrollbar_size, style.scrollbar_rounding = round(5 * unit), round(3 * unit)
        style.scrollbar_padding = 0.0
        style.window_border_size = style.child_border_size = style.frame_border_size = 0.0
        style.popup_border_size = 1.0
        style.grab_min_size = 2.0
        style.hover_delay_normal = 0.5
        clear = (0.0, 0.0, 0.0, 0.0)
        for place, colour in {
            col.text: (*TEXT, 1.0), col.window_bg: clear, col.child_bg: clear,
            col.popup_bg: (*GROUND, 0.96), col.border: (*TEXT, 0.10),
            col.frame_bg: (*TEXT, 0.045), col.frame_bg_hovered: (*TEXT, 0.08),
            col.frame_bg_active: (*TEXT, 0.08), col.slider_grab: clear, col.slider_grab_active: clear,
            col.scrollbar_bg: clear, col.scrollbar_grab: (*TEXT, 0.16),
            col.scrollbar_grab_hovered: (*TEXT, 0.26), col.scrollbar_grab_active: (*LIGHT, 0.5),
            col.text_selected_bg: (*LIGHT, 0.35), col.input_text_cursor: (*LIGHT, 1.0),
        }.items():  # fmt: skip
            style.set_color_(place, colour)

    # -- over the picture ----------------------------------------------------------------------------------

    def _lines(self, pen: Pen, performer: Performer, room: float, size: tuple[int, int]) -> None:
        """Below, in the middle of what the panel leaves free: the message, above it what was turned."""
        unit, foot = self._unit, size[1] - EDGE * self._unit
        for line in (self._message, self._wait):
            if line.light > 0.0:
                wrap = min(0.86 * room, 760 * unit)
                wide = min(pen.width(line.words), wrap) + 1.0
                high = pen.height(line.words, BODY, wrap)
                across, down = 18 * unit, 8 * unit
                x, y = (room - wide) / 2, foot - high - 2 * down
                pen.card(x - across, y, wide + 2 * across, high + 2 * down, line.light)
                pen.write(x, y + down, line.words, ink(TEXT, line.light), BODY, wrap)
                foot = y - 8 * unit
        if self._turned.light > 0.0:
            self._turned_line(pen, performer, room, foot)

    def _turned_words(self, performer: Performer, now: float) -> str:
        return performer.picked if now < self._tell_until and not performer.panel else ""

    def _turned_line(self, pen: Pen, performer: Performer, room: float, foot: float) -> None:
        name, unit, light = self._turned.words, self._unit, self._turned.light
        param = performer.preset.params.get(name)
        if param is None:
            return
        asked = self._held(performer, name)
        settled = _settled(performer, name)
        value = settled if asked is None else asked
        wide, high = 300 * unit, 46 * unit
        x, y, pad = (room - wide) / 2, foot - high, 16 * unit
        pen.card(x, y, wide, high, light)
        pen.write(x + pad, y + 9 * unit, name, ink(TEXT, light))
        pen.write_to(x + wide - pad, y + 9 * unit, marks.worded(param, value), ink(LIGHT, light))
        track = wide - 2 * pad
        bar = y + 33 * unit
        pen.box(x + pad, bar, track, 3 * unit, ink(TEXT, 0.14 * light), 1.5 * unit)
        pen.box(x + pad, bar, track * param.share(settled), 3 * unit, ink(LIGHT, 0.75 * light), 1.5 * unit)
        at = x + pad + track * param.share(value)
        pen.drawing.add_circle_filled((at, bar + 1.5 * unit), 4 * unit, ink(LIGHT, light))

    def _timing(self, pen: Pen, told: str, room: float) -> None:
        unit = self._unit
        edge, across, down = EDGE * unit, 12 * unit, 6 * unit
        wrap = max(120 * unit, room - 2 * edge - 2 * across)
        wide = min(pen.width(told, SMALL), wrap) + 1.0
        high = pen.height(told, SMALL, wrap)
        pen.card(edge, edge, wide + 2 * across, high + 2 * down)
        pen.write(edge + across, edge + down, told, ink(TEXT), SMALL, wrap)

    def _help(self, pen: Pen, room: float, size: tuple[int, int]) -> None:
        unit, pad, line = self._unit, 26 * self._unit, 27 * self._unit
        first = max(pen.width(key) for key, _ in HELP)
        second = max(pen.width(does) for _, does in HELP)
        gap = 26 * unit
        limit = max(room, 0.5 * size[0]) - 2 * EDGE * unit
        wide = min(first + gap + second + 2 * pad, limit)
        high = 2 * pad + 34 * unit + line * len(HELP) - (line - pen.line())
        x, y = max(EDGE * unit, (room - wide) / 2), max(EDGE * unit, (size[1] - high) / 2)
        pen.box(x, y, wide, high, ink(GROUND, 0.94), 12 * unit)
        pen.frame(x, y, wide, high, ink(TEXT, 0.08), 12 * unit, 1.0)
        pen.write(x + pad, y + pad - 5 * unit, "Keys", ink(TEXT), LARGE)
        for index, (key, does) in enumerate(HELP):
            at = y + pad + 34 * unit + index * line
            pen.write(x + pad, at, key, ink(LIGHT))
            does = pen.fitted(does, wide - 2 * pad - first - gap)
            pen.write(x + pad + first + gap, at, does, ink(TEXT))

    # -- the panel -----------------------------------------------------------------------------------------

    def _panel(self, performer: Performer, size: tuple[int, int], wide: float) -> None:
        unit, edge = self._unit, EDGE * self._unit
        left, top, high = round(size[0] - wide - edge), round(edge), round(size[1] - 2 * edge)
        self._box = (left, top, left + wide, top + high)
        imgui.set_next_window_pos((left, top))
        imgui.set_next_window_size((wide, high))
        imgui.begin("panel", None, _FIXED)
        pen = Pen(imgui.get_window_draw_list(), unit)
        pen.card(left, top, wide, high)
        x, inner = left + PAD * unit, wide - 2 * PAD * unit
        y = self._head(performer, pen, x, top + 14 * unit, inner)
        foot = top + high - 14 * unit - self._pace_high() - self._crowd_high(performer)
        rows = self._vital_rows(foot - y)
        if rows:
            foot -= (14 + VITAL * rows) * unit
        room = max(foot - y - 12 * unit, 2 * ROW * unit)
        self._params(performer, x, y, wide - PAD * unit - 5 * unit, inner, room)
        y += room + 12 * unit
        if rows:
            y = self._vitals(pen, x, y, inner, rows)
        y = self._crowd(performer, pen, x, y, inner)
        self._pace(performer, pen, x, y, inner)
        imgui.end()

    def _head(self, performer: Performer, pen: Pen, x: float, y: float, wide: float) -> float:
        """Title, time and what can be called; where it ends."""
        unit, show = self._unit, performer.live.show
        time = marks.clock(show.steps / show.rate)
        start = pen.write_to(x + wide, y + 3 * unit, time, ink(QUIET))
        title = pen.fitted(performer.preset.title, start - x - 12 * unit, LARGE * 0.9)
        pen.write(x, y, title, ink(TEXT), LARGE * 0.9)
        y += 32 * unit
        running = show.score.act.name
        y = self._buttons(performer, pen, x, y, wide, show.score.act_names, running)
        cues = tuple(performer.preset.cues)
        if cues:
            y = self._buttons(performer, pen, x, y + 2 * unit, wide, (*cues, "release"), None)
        pen.rule(x, y + 4 * unit, wide)
        return y + 10 * unit

    def _buttons(
        self, performer: Performer, pen: Pen, x: float, y: float, wide: float,
        names: tuple[str, ...], running: str | None,
    ) -> float:  # fmt: skip
        """Names to call, in rows; the running one is lit. running: None where they are cues. The end, y."""
        unit = self._unit
        high, gap, at = 25 * unit, 6 * unit, x
        for name in names:
            words = pen.fitted(name, wide - 22 * unit)
            long = pen.width(words) + 22 * unit
            if at > x and at + long > x + wide:
                at, y = x, y + high + gap
            imgui.set_cursor_screen_pos((at, y))
            if imgui.invisible_button(f"{'cue' if running is None else 'act'}:{name}", (long, high)):
                performer.hands.call(name)
            over, down = imgui.is_item_hovered(), imgui.is_item_active()
            corner = high / 2 if running is None else 5 * unit
            if name == running:
                pen.box(at, y, long, high, ink(LIGHT, 0.80 if down else 0.92), corner)
            elif running is None:
                pen.frame(at, y, long, high, ink(LIGHT if over else QUIET, 0.5), corner, max(1.0, unit))
                pen.box(at, y, long, high, ink(LIGHT, 0.20 if down else 0.0), corner)
            else:
                pen.box(at, y, long, high, ink(TEXT, 0.16 if down else 0.12 if over else 0.065), corner)
            colour = ink(GROUND) if name == running else ink(TEXT, 1.0 if over else 0.86)
            pen.write(at + 11 * unit, y + (high - pen.line()) / 2, words, colour)
            at += long + gap
        return y + high + gap

    # -- params --------------------------------------------------------------------------------------------

    def _params(
        self, performer: Performer, x: float, y: float, outer: float, wide: float, high: float
    ) -> None:
        """Every param by its part, in a room that scrolls. outer: with the scroll bar's margin."""
        imgui.set_cursor_screen_pos((x, y))
        imgui.begin_child("params", (outer, high), 0, imgui.WindowFlags_.no_nav)
        pen = Pen(imgui.get_window_draw_list(), self._unit)
        held = performer.live.show.score.held
        movers = _movers(performer.preset, performer.mapping.bound())
        parts: dict[str, list[str]] = {}
        for name in performer.names:
            parts.setdefault(_part(name), []).append(name)
        for part, names in parts.items():
            self._part_row(pen, part, sum(n in held for n in names), _part(performer.picked) == part, wide)
            if part in self._opened:
                for name in names:
                    self._slider(performer, pen, name, movers.get(name, ""), name in held, wide)
                imgui.dummy((wide, round(6 * self._unit)))
        self._seek = False
        imgui.end_child()

    def _part_row(self, pen: Pen, part: str, held: int, has_picked: bool, wide: float) -> None:
        unit, high = self._unit, round(25 * self._unit)
        at = imgui.get_cursor_screen_pos()
        if imgui.invisible_button(f"part:{part}", (wide, high)):
            self._opened ^= {part}
        over, opened = imgui.is_item_hovered(), part in self._opened
        colour = ink(TEXT) if over or has_picked or opened else ink(TEXT, 0.72)
        pen.arrow(at.x + 5 * unit, at.y + high / 2, 7 * unit, opened, ink(LIGHT if opened else QUIET, 0.8))
        middle = at.y + (high - pen.line()) / 2
        pen.write(at.x + 16 * unit, middle, part.replace("_", " "), colour)
        if held:
            pen.write_to(at.x + wide, at.y + (high - pen.line(SMALL)) / 2, f"{held} held", ink(LIGHT), SMALL)

    def _slider(self, performer: Performer, pen: Pen, name: str, mover: str, held: bool, wide: float) -> None:
        """One param: a bar as long as its value, its name on it, and what else moves it."""
        param, unit, high = performer.preset.params[name], self._unit, round(ROW * self._unit)
        settled = _settled(performer, name)
        at = imgui.get_cursor_screen_pos()
        x, y = at.x, at.y
        typing = self._typing == name
        value = self._asked if self._turning == name else settled
        imgui.set_next_item_width(wide)
        imgui.push_style_var(imgui.StyleVar_.frame_padding, (8 * unit, (high - imgui.get_font_size()) / 2))
        imgui.push_style_color(imgui.Col_.text, (*TEXT, 1.0 if typing else 0.0))
        flags = imgui.SliderFlags_.no_round_to_format | imgui.SliderFlags_.always_clamp
        if param.curve == "log":
            flags |= imgui.SliderFlags_.logarithmic
        # finer than what is shown: imgui cuts a logarithmic slider's low end at its format's last place
        changed, turned = imgui.slider_float(
            f"##{name}", value, param.low, param.high, f"%.{marks.decimals(param) + 2}f", flags
        )
        imgui.pop_style_color()
        imgui.pop_style_var()
        over = imgui.is_item_hovered()
        if imgui.is_item_activated():
            self._turning, self._asked = name, settled
            performer.picked = self._picked = name
        if changed:
            self._asked = param.clamp(turned)
            performer.set(name, self._asked)
        active = imgui.is_item_active()
        self._typing = name if active and imgui.get_io().want_text_input else "" if typing else self._typing
        if self._turning == name and not active:
            self._turning = ""
        if over and not active:
            self._explain(performer, name, param, mover)
        if self._seek and name == performer.picked and not imgui.is_item_visible():
            imgui.set_scroll_here_y(0.5)
        if not typing:
            picked = name == performer.picked
            self._bar(performer, pen, name, param, (x, y, wide, high), held, picked, mover)
        imgui.dummy((wide, round(3 * unit)))

    def _bar(
        self, performer: Performer, pen: Pen, name: str, param: Param,
        place: tuple[float, float, float, float], held: bool, picked: bool, mover: str,
    ) -> None:  # fmt: skip
        unit = self._unit
        x, y, wide, high = place
        settled = _settled(performer, name)
        asked = self._held(performer, name)
        corner = round(4 * unit)
        lit = 0.46 if picked else 0.36 if held else 0.25
        pen.box(x, y, max(wide * param.share(settled), 2 * unit), high, ink(LIGHT, lit), corner)
        home = x + wide * param.share(performer.preset.values.get(name, param.default))
        tall = 4 * unit
        pen.box(min(round(home), x + wide - 2), y + high - tall, max(1.0, unit), tall, ink(TEXT, 0.5))
        if asked is not None:
            mark = x + wide * param.share(asked)
            pen.box(min(max(mark - unit, x), x + wide - 2 * unit), y, 2 * unit, high, ink(LIGHT))
        if picked:
            pen.frame(x, y, wide, high, ink(LIGHT, 0.9), corner, max(1.0, 1.4 * unit))
        middle = y + (high - pen.line()) / 2
        label = name.split(".", 1)[1].replace("_", " ")
        pen.write(x + 9 * unit, middle, label, ink(TEXT, 1.0 if picked else 0.9))
        words = marks.worded(param, settled if asked is None else asked)
        start = x + wide - 9 * unit - pen.width(words)
        bare = x + wide * param.share(settled) < start  # light letters would drown in a lit bar
        end = pen.write_to(x + wide - 9 * unit, middle, words, ink(LIGHT if held and bare else TEXT))
        if mover:
            begin = x + 9 * unit + pen.width(label) + 9 * unit
            told = pen.fitted(mover, end - begin - 9 * unit, SMALL)
            pen.write(begin, y + (high - pen.line(SMALL)) / 2 + unit, told, ink(LIGHT, 0.8), SMALL)

    def _explain(self, performer: Performer, name: str, param: Param, mover: str) -> None:
        """What a param is, after the pointer has rested on it."""
        if not imgui.is_item_hovered(imgui.HoveredFlags_.for_tooltip):
            return
        unit = self._unit
        imgui.push_style_var(imgui.StyleVar_.window_padding, (12 * unit, 9 * unit))
        imgui.push_style_var(imgui.StyleVar_.item_spacing, (0.0, 3 * unit))
        if imgui.begin_tooltip():
            imgui.push_text_wrap_pos(280 * unit)
            imgui.text_unformatted(param.doc)
            quiet = f"{name}, {param.range()}"
            bind = performer.preset.community.bind(name)
            if bind is not None:
                quiet += f"\n{bind.source} moves it within {bind.within[0]:g} to {bind.within[1]:g}"
            elif mover:
                quiet += f"\nalso moved by {mover}"
            imgui.push_style_color(imgui.Col_.text, (*QUIET, 1.0))
            imgui.text_unformatted(quiet)
            imgui.pop_style_color()
            imgui.pop_text_wrap_pos()
            imgui.end_tooltip()
        imgui.pop_style_var(2)

    # -- what is seen of the show --------------------------------------------------------------------------

    def _vital_rows(self, room: float) -> int:
        """How many rows of vitals there is room for: with half of it at most, and LEAST sliders beside."""
        most = (min(0.5 * room, room - LEAST * ROW * self._unit) / self._unit - 14) // VITAL
        return int(min(max(most, 0), (len(VITALS) + 2) // 3))

    def _vitals(self, pen: Pen, x: float, y: float, wide: float, rows: int) -> float:
        """Three columns of small curves, a minute each; the first of them, where there is little room."""
        unit = self._unit
        pen.rule(x, y, wide)
        y += 8 * unit
        gap = 14 * unit
        cell = (wide - 2 * gap) / 3
        for index, (name, (called, counted)) in enumerate(list(VITALS.items())[: 3 * rows]):
            row = self._history.rows[name]
            cx, cy = x + (index % 3) * (cell + gap), y + (index // 3) * VITAL * unit
            words = marks.number(row[-1]) if row else ""
            end = pen.write_to(cx + cell, cy, words, ink(TEXT), SMALL)
            pen.write(cx, cy, pen.fitted(called, end - cx - 4 * unit, SMALL), ink(QUIET), SMALL)
            pen.spark(cx, cy + 17 * unit, cell - 2 * unit, 9 * unit, row, KEPT)
            imgui.set_cursor_screen_pos((cx, cy))
            imgui.dummy((cell, 30 * unit))
            if counted and imgui.is_item_hovered(imgui.HoveredFlags_.for_tooltip):
                imgui.push_style_var(imgui.StyleVar_.window_padding, (10 * unit, 7 * unit))
                imgui.set_tooltip(f"{called}, {counted}")
                imgui.pop_style_var()
        return y + (6 + VITAL * rows) * unit

    def _crowd_high(self, performer: Performer) -> float:
        return (12 + 20 * (1 + len(performer.live.show.community.readings))) * self._unit

    def _crowd(self, performer: Performer, pen: Pen, x: float, y: float, wide: float) -> float:
        unit, crowd = self._unit, performer.live.show.community
        pen.rule(x, y, wide)
        y += 8 * unit
        people = crowd.people
        pen.write(x, y, "nobody told of" if not people else f"{people:,} present".replace(",", "\u2009"),
                  ink(TEXT if people else QUIET))  # fmt: skip
        words = f"{crowd.activation:.2f}"
        end = pen.write_to(x + wide, y, words, ink(LIGHT if crowd.activation > 0 else QUIET))
        long = 84 * unit
        left, middle = end - 9 * unit - long, y + pen.line() / 2
        pen.box(left, middle - 1.5 * unit, long, 3 * unit, ink(TEXT, 0.12), 1.5 * unit)
        if crowd.activation > 0:
            pen.box(left, middle - 1.5 * unit, long * crowd.activation, 3 * unit, ink(LIGHT), 1.5 * unit)
        pen.write_to(left - 9 * unit, y, "activation", ink(QUIET))
        for name, reading in crowd.readings.items():
            y += 20 * unit
            sensor = performer.preset.sensors.get(name)
            counted = f" {sensor.unit}" if sensor is not None and sensor.unit else ""
            end = pen.write_to(x + wide, y, marks.number(reading) + counted, ink(TEXT))
            pen.write(x, y, pen.fitted(name, end - x - 9 * unit), ink(QUIET))
        return y + 24 * unit

    def _pace_high(self) -> float:
        return 62 * self._unit

    def _pace(self, performer: Performer, pen: Pen, x: float, y: float, wide: float) -> None:
        """How the show runs: speed, what the guard does, frames, and what they are spared."""
        unit, live = self._unit, performer.live
        pen.rule(x, y, wide)
        y += 8 * unit
        late = live.late
        words = "frozen" if live.pace.frozen else f"show at ×{live.pace.factor:.2f}"
        pen.write(x, y, words, ink(WARN if late or live.pace.frozen else TEXT))
        holding = live.projector.gain < 0.995
        words = f"guard holding ×{live.projector.gain:.2f}" if holding else "guard clear"
        pen.write_to(x + wide, y, words, ink(WARN if holding else TEXT))
        spared = live.governor.told()
        told = (live.frames.told(), f"spared: {spared}" if spared else "nothing spared")
        for index, line in enumerate(told):
            pen.write(x, y + (20 + 17 * index) * unit, pen.fitted(line, wide, SMALL), ink(QUIET), SMALL)

    def close(self) -> None:
        """Give the GL objects back."""
        self._gui.close()


def _settled(performer: Performer, name: str) -> float:
    """A param as the last step left it; one that has just come with another text, as it begins."""
    begins = performer.preset.values.get(name, performer.preset.params[name].default)
    return performer.values.get(name, begins)


def _part(name: str) -> str:
    return name.split(".", 1)[0]


def _movers(preset: Preset, mapped: dict[str, str]) -> dict[str, str]:
    """Param → who else moves it: what the piece binds to it, its contract, the controls that were mapped."""
    found: dict[str, list[str]] = {}
    for bind in preset.community.binds:
        found.setdefault(bind.to, []).append(bind.source)
    for contract in preset.contracts.values():
        found.setdefault(contract.by, []).append(contract.name)
    for control, param in mapped.items():
        found.setdefault(param, []).append(control.replace(":", " "))
    return {name: ", ".join(movers) for name, movers in found.items()}
