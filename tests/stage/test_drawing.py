"""Another projector under a drawing that goes on: whatever a saved shader gets wrong, the old one stays."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bioart import assets
from bioart.errors import BioartError
from bioart.forms import Forms
from bioart.guard import Guard
from bioart.projector import FLAWLESS
from bioart.stage.drawing import Drawing, Picked
from bioart.take import Moment
from tests.shaders import scenes
from tests.stage.table import SIZE, Table


class Still(Drawing):
    """One moment for ever, in a window of the table's."""

    forms = replace(scenes.whole(), curves=(), texts=())
    now = 0.0

    def seen(self, t: Fraction) -> tuple[Forms, Moment]:
        return self.forms, Moment(1.0, scenes.CAMERA, {})

    def run(self, table: Table, frames: int = 40, interval: float = 1 / 30) -> float:
        for _ in range(frames):
            self.now += interval
            self.frame(self.now)
            self.present(table.framebuffer, table.size)
        return table.light


@pytest.fixture
def shaders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Shaders of one's own, for every module that reads them."""
    own, real = tmp_path / "shaders", assets.folder
    shutil.copytree(real("shaders"), own)
    for module in ("develop", "gpu.lay", "gpu.screen", "looks.plain", "looks.specimen", "projector"):
        monkeypatch.setattr(f"bioart.{module}.folder", lambda name: own if name == "shaders" else real(name))
    return own


@pytest.fixture
def table(ctx: Any) -> Table:
    return Table(ctx)


@pytest.fixture
def drawing(ctx: Any, shaders: Path) -> Iterator[Callable[..., Still]]:
    made: list[Still] = []

    def new(look: str = "plain", display: str = "flat", size: tuple[int, int] = SIZE) -> Still:
        made.append(Still(ctx, Picked(look, display, *size, "draft"), 30))
        return made[-1]

    yield new
    ctx.extra.use()
    for one in made:
        one.close()


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("looks/plain-point.frag", "uniform float light", "uniform vec2 light", "uniform 'light': "),
        ("looks/plain-curve.vert", "start", "begin", "KeyError 'start'"),  # and no strand is to be seen
        ("displays/lay.frag", "uniform ivec2 corner", "uniform int corner", "uniform 'corner': "),
        ("displays/dim.frag", "uniform float gain", "uniform vec2 gain", "uniform 'gain': "),
        ("develop/screen.frag", "uniform float levels", "uniform vec2 levels", "uniform 'levels': "),
        ("develop/develop.frag", "void main", "void man", ""),
    ],
)
def test_a_shader_that_does_not_fit_leaves_the_old_picture(
    drawing: Callable[..., Still],
    table: Table,
    shaders: Path,
    alive: Callable[[], int],
    ctx: Any,
    file: str,
    old: str,
    new: str,
    said: str,
) -> None:
    it = drawing()
    light, projector, held = it.run(table), it.projector, alive()
    assert light > 0.5
    text = (shaders / file).read_text()
    # only the type of what is declared, not what the shader does with it
    wrong = text.replace(old, new) if "uniform" not in new else _declared(text, old, new)
    assert wrong != text
    (shaders / file).write_text(wrong)
    with pytest.raises(BioartError, match=r"^look plain: ") as fault:
        it.draw_with(it.picked)
    assert said in str(fault.value)
    assert "\n" not in str(fault.value)
    fault.value.__traceback__ = fault.value.__cause__ = None  # it holds what it was raised over
    del fault
    assert it.projector is projector
    assert alive() == held
    assert it.run(table, 3) == pytest.approx(light, abs=0.1)
    (shaders / file).write_text(text)
    it.draw_with(it.picked)
    assert it.projector is not projector
    assert it.run(table, 3) == pytest.approx(light, abs=0.1)
    assert ctx.error == "GL_NO_ERROR"


def _declared(text: str, old: str, new: str) -> str:
    """The text with a uniform of another type, its first component read where it was read."""
    kind, name = new.split()[1:]
    first = f"ivec2({name})" if kind == "int" else f"{name}.x"
    head, _, rest = text.partition(old)
    semicolon = rest.index(";")
    return f"{head}{new}{rest[:semicolon]};\n#define {name} {first}{rest[semicolon + 1 :]}"


def test_a_failed_trial_in_one_look_leaves_the_other_as_it_was(
    drawing: Callable[..., Still], table: Table, shaders: Path
) -> None:
    it = drawing()
    light = it.run(table)
    edge = shaders / "looks/specimen_edge.frag"  # drawn where the depth test has been turned round
    edge.write_text(_declared(edge.read_text(), "uniform int rays", "uniform ivec2 rays"))
    with pytest.raises(BioartError, match="look specimen: uniform 'rays': "):
        it.draw_with(replace(it.picked, look="specimen", quality="live"))
    assert it.picked.look == "plain"
    assert it.run(table, 3) == pytest.approx(light, abs=0.1)


def test_the_trial_is_small_and_the_guard_does_not_see_it(
    drawing: Callable[..., Still], table: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = drawing(display="quilt:8x6", size=(840, 840))
    it.run(table, 3)
    guard, times, sizes = it.projector.guard, [], []
    assert guard is not None
    watch, draw = Guard.watch, type(it.projector._look).draw
    monkeypatch.setattr(Guard, "watch", lambda self, cells, t: (times.append(t), watch(self, cells, t))[1])

    def drawn(self: Any, scene: Any, camera: Any, view: Any, p: Any, t: float) -> None:
        sizes.append(min(view.width, view.height))
        draw(self, scene, camera, view, p, t)

    monkeypatch.setattr(type(it.projector._look), "draw", drawn)
    it.draw_with(replace(it.picked, width=3360, height=3360))
    assert it.projector.guard is guard
    assert times == []
    assert len(sizes) == 48
    assert max(sizes) <= 2 * FLAWLESS
    it.draw_with(replace(it.picked, width=840, height=840))
    it.run(table, 1)
    assert len(times) == 1


def test_a_window_that_comes_to_need_fitting_finds_its_shader_made(
    drawing: Callable[..., Still], table: Table, shaders: Path
) -> None:
    it = drawing(size=(40, 40))
    for _ in range(40):
        it.now += 1 / 30
        it.frame(it.now)
    (shaders / "displays/lay.frag").write_text("nothing that compiles")
    it.present(table.framebuffer, table.size)
    assert table.light > 0.1
    codes = np.frombuffer(table.framebuffer.read(components=3), np.uint8).reshape(SIZE[1], SIZE[0], 3)
    assert not codes[:, :20].any()


@pytest.mark.parametrize("hz", [30, 24])
def test_a_frame_that_waits_for_the_screen_is_not_late(
    drawing: Callable[..., Still], table: Table, monkeypatch: pytest.MonkeyPatch, hz: int
) -> None:
    ticks = itertools.count()
    monkeypatch.setattr("bioart.clock.now", lambda: 0.005 * next(ticks))  # 5 ms of steps and 5 ms of picture
    it = drawing()
    it.refresh = float(hz)
    it.governor.thrift = 0.2
    it.run(table, 8 * hz, 1 / hz)
    assert it.governor.thrift == 0.0


def test_a_drawing_gives_back_all_that_it_held(
    drawing: Callable[..., Still], table: Table, alive: Callable[[], int], ctx: Any
) -> None:
    before = alive()
    it = drawing(size=(40, 40))
    it.run(table, 2)
    it.draw_with(it.picked)
    held = alive()
    for _ in range(3):
        it.run(table, 1)
        it.draw_with(it.picked)
    assert alive() == held > before
    ctx.extra.use()
    it.close()
    assert alive() == before
