"""The performer's panel: what is drawn, what hands do to it, and what stays the picture's."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

imgui_bundle = pytest.importorskip("imgui_bundle")
from imgui_bundle import imgui  # noqa: E402

from bioart import clock  # noqa: E402
from bioart.community.community import Community  # noqa: E402
from bioart.gpu.overlay import Gui  # noqa: E402
from bioart.gpu.window import Signal  # noqa: E402
from bioart.health import Vitals  # noqa: E402
from bioart.inputs import Setting  # noqa: E402
from bioart.inputs.hands import Hands  # noqa: E402
from bioart.param import Param  # noqa: E402
from bioart.score import Score  # noqa: E402
from bioart.stage import marks  # noqa: E402
from bioart.stage.governor import Governor  # noqa: E402
from bioart.stage.mapping import Mapping  # noqa: E402
from bioart.stage.pacing import Frames, Pace  # noqa: E402
from bioart.stage.panel import VITALS, History, Panel  # noqa: E402
from tests.show import small  # noqa: E402

SIZE = (960, 720)
Boxes = dict[str, tuple[float, float, float, float]]


def seen(framebuffer: Any) -> NDArray[np.uint8]:
    """(height, width, 3), top row first."""
    raw = framebuffer.read(components=3, alignment=1)
    return np.frombuffer(raw, np.uint8).reshape(framebuffer.height, framebuffer.width, 3)[::-1]


@pytest.fixture
def target(ctx: Any) -> Iterator[Any]:
    texture = ctx.texture(SIZE, 4)
    made = ctx.framebuffer([texture])
    made.clear(0.0, 0.0, 0.0, 1.0)
    yield made
    ctx.extra.use()
    made.release()
    texture.release()


# -- the painter -------------------------------------------------------------------------------------------


def write(gui: Gui, target: Any, words: str = "Living light", now: float = 0.0) -> NDArray[np.uint8]:
    target.use()
    target.clear(0.0, 0.0, 0.0, 1.0)
    gui.begin(SIZE, now)
    imgui.get_background_draw_list().add_text(imgui.get_font(), 32.0, (100, 50), 0xFFFFFFFF, words)
    gui.end(target, SIZE)
    return seen(target).copy()


def test_letters_are_bright_where_they_were_put(ctx: Any, target: Any) -> None:
    gui = Gui(ctx)
    picture = write(gui, target)
    lit = np.argwhere(picture.max(axis=2) > 200)
    top, left = lit.min(axis=0)
    bottom, right = lit.max(axis=0)
    assert 50 <= top <= 60
    assert 100 <= left <= 106
    assert bottom < 90
    assert 200 < right < 320
    gui.close()
    assert ctx.error == "GL_NO_ERROR"


def test_letters_that_come_later_reach_the_atlas_too(ctx: Any, target: Any) -> None:
    gui = Gui(ctx)
    write(gui, target, "ab")
    picture = write(gui, target, "µg/m³ × Ωé — later", 0.03)
    again = write(gui, target, "µg/m³ × Ωé — later", 0.06)
    assert (picture.max(axis=2) > 200).sum() > 400
    assert (picture == again).all()
    gui.close()


def test_a_clip_rectangle_holds(ctx: Any, target: Any) -> None:
    gui = Gui(ctx)
    gui.begin(SIZE, 0.0)
    drawing = imgui.get_background_draw_list()
    drawing.push_clip_rect((200, 100), (300, 150))
    drawing.add_rect_filled((0, 0), SIZE, 0xFFFFFFFF)
    drawing.pop_clip_rect()
    gui.end(target, SIZE)
    lit = seen(target).max(axis=2) > 0
    assert lit.sum() == 100 * 50
    assert lit[100:150, 200:300].all()
    gui.close()


def test_more_corners_than_16_bits_count(ctx: Any, target: Any) -> None:
    gui = Gui(ctx)
    gui.begin(SIZE, 0.0)
    drawing = imgui.get_background_draw_list()
    for index in range(20000):
        at = (index % 900, index // 900)
        drawing.add_rect_filled(at, (at[0] + 1, at[1] + 1), 0xFFFFFFFF)
    drawing.add_rect_filled((400, 500), (410, 510), 0xFF0000FF)
    gui.end(target, SIZE)
    assert (seen(target)[501:509, 401:409] == (255, 0, 0)).all()
    gui.close()


def test_nothing_is_left_switched_on(ctx: Any, target: Any) -> None:
    gui = Gui(ctx)
    write(gui, target)
    program = ctx.program(
        vertex_shader="#version 410 core\nvoid main() {"
        "gl_Position = vec4(vec2((gl_VertexID << 1) & 2, gl_VertexID & 2) * 2.0 - 1.0, 0.0, 1.0); }",
        fragment_shader="#version 410 core\nout vec4 c;\nvoid main() { c = vec4(1.0, 0.0, 0.0, 0.0); }",
    )
    shape = ctx.vertex_array(program, [])
    shape.render(vertices=3)  # with alpha 0: blending would leave no trace, a scissor would leave a part
    assert (seen(target) == (255, 0, 0)).all()
    shape.release()
    program.release()
    gui.close()


def test_a_gui_gives_its_gl_objects_back(ctx: Any, target: Any, alive: Callable[[], int]) -> None:
    before = alive()
    for _ in range(2):
        gui = Gui(ctx)
        write(gui, target)
        assert alive() > before
        gui.close()
    assert alive() == before


# -- the panel, with a performer who has all that it looks at, and no world ---------------------------------


class Stand:
    """What of a performer the panel sees."""

    def __init__(self, folder: Path) -> None:
        self.preset = small.piece(folder)
        self.hands = Hands("", Setting())
        self.mapping = Mapping()
        score = Score(self.preset)
        show = SimpleNamespace(
            steps=30, rate=30, vitals=Vitals(biomass=0.4), score=score, community=self._crowd()
        )
        self.live = SimpleNamespace(
            show=show, pace=Pace(30), frames=Frames(), governor=Governor(1 / 30), late=False,
            projector=SimpleNamespace(gain=1.0), told=lambda: "30.0 fps, a line of timing",
        )  # fmt: skip
        self.names = tuple(self.preset.params)
        self.values = score.opening()
        self.picked = self.names[0]
        self.panel = self.help = self.timing = self.mapping_waits = False
        self.said = ""

    def _crowd(self) -> Community:
        return Community(self.preset.community, 0, b"salt", contracts=self.preset.contracts)

    def message(self, now: float) -> str:
        return self.said

    def set(self, param: str, to: float) -> None:
        self.hands.turn(param, self.preset.params[param].clamp(to))


class Desk:
    """A panel before a stand, and hands that point in px from the upper left."""

    def __init__(self, ctx: Any, target: Any, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        monkeypatch.setattr(clock, "now", lambda: self.now)
        self.boxes: Boxes = {}
        for name in ("slider_float", "invisible_button"):
            monkeypatch.setattr(imgui, name, self._noting(getattr(imgui, name)))
        self.target, self.stand = target, Stand(folder)
        self.window: Any = SimpleNamespace(ctx=ctx, size=SIZE, framebuffer=target)
        self.panel = Panel(self.window)

    def _noting(self, made: Callable[..., Any]) -> Callable[..., Any]:
        def call(label: str, *told: Any) -> Any:
            found = made(label, *told)
            low, high = imgui.get_item_rect_min(), imgui.get_item_rect_max()
            self.boxes[label] = (low.x, low.y, high.x, high.y)
            return found

        return call

    def frames(self, count: int = 1) -> NDArray[np.uint8]:
        for _ in range(count):
            self.now += 1 / 30
            self.target.use()
            self.target.clear(0.0, 0.0, 0.0, 1.0)
            self.panel.draw(self.stand, SIZE)  # type: ignore[arg-type]
        return seen(self.target).copy()

    def show(self) -> NDArray[np.uint8]:
        self.stand.panel = True
        return self.frames(3)

    def feed(
        self, kind: str, name: str = "", value: float = 0.0, at: tuple[float, float] = (0, 0), held: Any = ()
    ) -> bool:
        place = (at[0] / SIZE[0], 1.0 - at[1] / SIZE[1])
        return self.panel.feed(Signal(kind, name, value, place, held))

    def at(self, label: str, share: float) -> tuple[float, float]:
        left, top, right, bottom = self.boxes[label]
        return left + share * (right - left), (top + bottom) / 2

    def click(self, at: tuple[float, float], held: tuple[str, ...] = ()) -> None:
        self.feed("move", at=at)
        self.frames()
        self.feed("button", "LEFT", 1.0, at, held)
        self.frames(2)
        self.feed("button", "LEFT", 0.0, at)
        self.frames(2)


@pytest.fixture
def desk(ctx: Any, target: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    made = Desk(ctx, target, tmp_path, monkeypatch)
    yield made
    made.panel.close()
    assert ctx.error == "GL_NO_ERROR"


def test_where_nothing_is_asked_for_nothing_is_drawn(desk: Desk) -> None:
    assert not desk.frames(3).any()
    assert not desk.feed("move", at=(900, 300))
    assert not desk.feed("button", "LEFT", 1.0, (900, 300))
    assert not desk.feed("key", "A", 1.0)


def test_the_panel_stands_on_the_right_and_leaves_the_picture_alone(desk: Desk) -> None:
    picture = desk.show()
    assert picture[:, 660:].max() > 200
    assert not picture[:, :600].any()
    assert (desk.frames() == desk.frames()).all(), "a still panel does not flicker"


def test_an_act_is_called_by_its_button(desk: Desk) -> None:
    desk.show()
    desk.click(desk.at("act:smog", 0.5))
    assert [(e.kind, e.data) for e in desk.stand.hands.poll(0)] == [("cue", {"name": "smog"})]


def test_a_slider_turns_its_param_and_the_picture_hears_nothing(desk: Desk) -> None:
    desk.show()
    name = "weather.wind"
    param = desk.stand.preset.params[name]
    at = desk.at(f"##{name}", 0.25)
    assert desk.feed("move", at=at)
    assert desk.feed("button", "LEFT", 1.0, at)
    desk.frames(2)
    assert desk.stand.hands.waiting(name) == pytest.approx(param.at(0.25), abs=0.02)
    to = desk.at(f"##{name}", 0.75)
    assert desk.feed("move", "LEFT", 1.0, to)
    desk.frames(2)
    assert desk.stand.hands.waiting(name) == pytest.approx(param.at(0.75), abs=0.02)
    assert desk.feed("move", "LEFT", 1.0, (10, 400)), "a drag that leaves the panel stays the panel's"
    desk.frames(2)
    assert desk.stand.hands.waiting(name) == param.low
    assert desk.feed("button", "LEFT", 0.0, (10, 400))
    assert not desk.feed("move", at=(10, 400))
    assert desk.stand.picked == name


def test_a_slider_follows_the_curve_of_its_param(desk: Desk) -> None:
    desk.stand.picked = name = "metabolism.dilution"
    param = desk.stand.preset.params[name]
    assert param.curve == "log"
    desk.show()
    desk.frames(4)  # the group opens, and the param comes into sight
    desk.click(desk.at(f"##{name}", 0.5))
    assert desk.stand.hands.waiting(name) == pytest.approx(param.at(0.5), rel=0.05)


def test_what_begins_on_the_picture_stays_the_pictures(desk: Desk) -> None:
    desk.show()
    at = desk.at("##weather.wind", 0.5)
    assert not desk.feed("button", "LEFT", 1.0, (100, 100))
    assert not desk.feed("move", "LEFT", 1.0, at)
    desk.frames(2)
    assert not desk.feed("button", "LEFT", 0.0, at)
    assert desk.stand.hands.poll(0) == []
    assert desk.feed("move", at=at), "over the panel again it is the panel's"


def test_a_value_is_typed_after_a_click_with_control(desk: Desk) -> None:
    desk.show()
    assert not desk.feed("key", "N", 1.0), "no key is kept while nothing is typed"
    desk.feed("key", "LCTRL", 1.0, held=("CTRL",))
    desk.click(desk.at("##weather.wind", 0.5), ("CTRL",))
    desk.feed("key", "LCTRL", 0.0)
    desk.frames(2)
    assert desk.feed("key", "A", 1.0), "a field of text has the keyboard"
    assert not desk.feed("key", "A", 0.0), "what is let go is told to everybody"
    assert not desk.feed("key", "Q", 1.0, held=("CTRL",)), "leaving is always possible"
    desk.feed("key", "LCTRL", 0.0)
    for letter in "0.37":
        assert desk.feed("text", letter)
    desk.frames(2)
    assert desk.feed("key", "ENTER", 1.0)
    desk.frames(3)
    desk.feed("key", "ENTER", 0.0)
    desk.frames(3)
    assert desk.stand.hands.waiting("weather.wind") == pytest.approx(0.37, abs=1e-3)
    assert not desk.feed("key", "N", 1.0)


def test_a_param_that_came_with_another_text_is_shown_before_it_is_settled(desk: Desk) -> None:
    desk.stand.values = {}
    assert desk.show()[:, 660:].max() > 200


def test_a_panel_that_goes_lets_go_of_everything(desk: Desk) -> None:
    desk.show()
    at = desk.at("##weather.wind", 0.5)
    desk.feed("button", "LEFT", 1.0, at)
    desk.frames(2)
    desk.stand.panel = False
    desk.frames(1)
    assert not desk.feed("move", "LEFT", 1.0, at)
    desk.stand.hands.poll(0)
    desk.stand.panel = True
    desk.frames(3)
    desk.feed("move", at=desk.at("##weather.wind", 0.9))
    desk.frames(2)
    assert desk.stand.hands.waiting("weather.wind") is None, "no button is down any more"


def test_a_turned_param_is_told_for_two_seconds(desk: Desk) -> None:
    desk.frames(2)
    desk.stand.set("weather.wind", 0.9)
    picture = desk.frames(20)
    assert picture[600:, 300:660].max() > 150
    assert not picture[:600].any()
    assert not desk.frames(80).any()


def test_messages_help_and_timing_are_drawn_without_the_panel(desk: Desk) -> None:
    desk.stand.said = "saved somewhere"
    assert desk.frames(20)[640:].max() > 150
    desk.stand.said = ""
    assert not desk.frames(20).any()
    desk.stand.mapping_waits = True
    assert desk.frames(20)[640:].max() > 150
    desk.stand.mapping_waits = False
    desk.frames(20)
    desk.stand.timing = True
    assert desk.frames(2)[:60, :300].max() > 150
    desk.stand.timing, desk.stand.help = False, True
    picture = desk.frames(2)
    assert picture[200:500, 250:700].max() > 150
    assert not picture[:, :100].any()


@pytest.mark.parametrize("size", [(320, 200), (3840, 2160), (720, 1280)])
def test_every_size_of_window_is_served(
    ctx: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr(sys.modules[__name__], "SIZE", size)
    texture = ctx.texture(size, 4)
    target = ctx.framebuffer([texture])
    desk = Desk(ctx, target, tmp_path, monkeypatch)
    desk.stand.help = desk.stand.timing = True
    desk.stand.said = "a message " * 40
    assert desk.show().max() > 150
    desk.panel.close()
    ctx.extra.use()
    target.release()
    texture.release()
    assert ctx.error == "GL_NO_ERROR"


# -- what it tells -----------------------------------------------------------------------------------------


def test_every_vital_has_its_name_and_unit() -> None:
    assert set(VITALS) == {f.name for f in fields(Vitals)}


def test_history_is_half_a_second_apart_and_forgets_what_was_taken_back() -> None:
    show: Any = SimpleNamespace(steps=0, rate=30, vitals=Vitals(glow=0.5))
    history = History()
    for step in range(91):
        show.steps = step
        history.note(show)
    assert len(history.rows["glow"]) == 7
    show.steps = 20
    history.note(show)
    assert len(history.rows["glow"]) == 1


def test_values_are_told_as_finely_as_their_range() -> None:
    assert marks.worded(Param(0.4, 0.0, 1.2, "m/s", ""), 0.4) == "0.40 m/s"
    assert marks.worded(Param(900.0, 50.0, 2000.0, "µg/m³", ""), 900.0) == "900 µg/m³"
    assert marks.worded(Param(0.03, 0.001, 1.0, "1/s", "", "log"), 0.0312) == "0.0312 1/s"
    assert marks.worded(Param(0.0, -4.0, 4.0, "EV", ""), -0.0001) == "0.0 EV"
    assert marks.worded(Param(205.0, 0.0, 360.0, "°", ""), 205.0) == "205°"
    assert [marks.number(n) for n in (0.0, 0.0123, 1.5, 12.34, 12345.0)] == [
        "0", "0.012", "1.50", "12.3", "12\u2009345",
    ]  # fmt: skip
    assert [marks.clock(s) for s in (0.0, 65.2, 3725.0)] == ["0:00", "1:05", "1:02:05"]


def test_a_crowd_tells_activation_and_readings(tmp_path: Path) -> None:
    crowd = Stand(tmp_path).live.show.community
    assert (crowd.activation, crowd.readings) == (0.0, {})


# -- on a screen -------------------------------------------------------------------------------------------

PLAYED = """
import sys
from pathlib import Path
from bioart import clock
from bioart.gpu import compute
from bioart.gpu.window import Signal, Window
from bioart.stage import mapping
from bioart.stage.opening import Order
from bioart.stage.desk import Desk
from bioart.stage.performer import Performer, Play

mapping.place = lambda: Path(sys.argv[2]) / "controls.json"
compute.start("cpu", 2)
window = Window("panel", 480, 320)
desk = Desk(window)
panel = desk._over
performer = Performer(Play(Order(sys.argv[1], seed=1), size=(96, 64)), window, desk)
assert performer.turn(clock.now()) and not panel.feed(Signal("move", at=(0.9, 0.5)))
performer.panel = performer.help = performer.timing = True
performer.set("light.glow", 1.5)
while "light.glow" not in performer.live.show.score.held:
    assert performer.turn(clock.now())
assert panel.feed(Signal("move", at=(0.9, 0.5)))
assert window.ctx.error == "GL_NO_ERROR"
performer.close()
window.close()
print("played")
"""


@pytest.mark.prove
def test_a_performer_plays_with_the_panel(screen: str, tmp_path: Path) -> None:
    """In a process of its own: where EGL has drawn, GLX finds no context any more."""
    piece = small.write(tmp_path)
    call = [sys.executable, "-c", PLAYED, str(piece), str(tmp_path)]
    done = subprocess.run(
        call, capture_output=True, text=True, timeout=240, check=False, env=os.environ | {"DISPLAY": screen}
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[-1] == "played"
