"""The kiosk's programme at a table: what is shown when, and what becomes of files that are wrong by then."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bioart import clock
from bioart.recording import Recorder
from bioart.show import Show
from bioart.stage import kiosk as kiosks
from bioart.stage import opening
from bioart.stage.kiosk import ATTRACT, Beat, Job, Kiosk
from bioart.stage.machine import Machine
from tests.show import small
from tests.stage.table import SIZE, Table

LONG = small.TEXT.replace("for: 2 s\n", "for: 60 s\n").replace("specimen", "plain")


class House:
    """A kiosk at a table, with a clock of its own."""

    def __init__(self, ctx: Any, folder: Path, programme: tuple[str, ...], **how: Any) -> None:
        self.now = 100.0
        told, self._tells = os.pipe()
        self.said = os.fdopen(told)
        os.set_blocking(told, False)
        self.machine = how.pop("machine", Machine())
        how = {"size": SIZE, "window": True, "first": True} | how
        job = Job(programme, folder / "shows", self.machine, **how)
        self.it = Kiosk(job, Table(ctx), Beat(self._tells), threading.Event())  # type: ignore[arg-type]

    def run(self, seconds: float = 0.0, frame: float = 1 / 10) -> None:
        for _ in range(max(1, round(seconds / frame))):
            self.now += frame
            assert self.it.turn(self.now) is None

    def close(self) -> None:
        self.it.live.close()
        self.it.leave()
        os.close(self._tells)
        self.said.close()


@pytest.fixture
def house(ctx: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., House]]:
    made: list[House] = []
    monkeypatch.setattr(kiosks, "TICK", 0.0)
    monkeypatch.chdir(tmp_path)

    def new(*programme: str, **how: Any) -> House:
        made.append(House(ctx, tmp_path, programme or ("small.yaml",), **how))
        # its own clock decides when it looks, not the wall's
        monkeypatch.setattr(clock, "now", lambda: made[-1].now if made else 0.0)
        return made[-1]

    small.write(tmp_path, LONG)
    yield new
    monkeypatch.undo()
    for one in made:
        one.close()


def test_closed_and_open_again_before_it_is_dark_it_lights_up(
    house: Callable[..., House], monkeypatch: pytest.MonkeyPatch
) -> None:
    h = house()
    h.run(3)
    opens = True
    monkeypatch.setattr(type(h.machine), "open_at", lambda self, day, minute: opens)
    opens = False
    h.run(1.2)
    assert not h.it.live.lit
    opens = True
    h.run(4)
    assert h.it.live.lit
    assert h.it.live.fade.at(h.now) == 1.0


def test_a_piece_whose_file_is_wrong_by_then_is_passed_over(
    house: Callable[..., House], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "second.yaml").write_text("bioart: 1\ntitle: {\n")
    h = house("small.yaml", "second.yaml", machine=Machine(each=2.0))
    h.run(5)
    assert h.it._name == "small.yaml", "it goes on: begun again, or as it was"
    assert "second.yaml" in capfd.readouterr().err
    assert h.it.live.lit


def test_a_piece_that_was_read_once_is_shown_as_it_was(house: Callable[..., House], tmp_path: Path) -> None:
    (tmp_path / "second.yaml").write_text(LONG.replace("A small piece", "Second"))
    h = house("small.yaml", "second.yaml", machine=Machine(each=2.0))
    h.run(3)
    (tmp_path / "second.yaml").unlink()
    h.run(4)
    assert h.it._name == "second.yaml"
    assert h.it.live.show.preset.title == "Second"


def test_an_attract_piece_that_cannot_be_read_leaves_the_programme_alone(
    house: Callable[..., House], tmp_path: Path
) -> None:
    (tmp_path / "attract.yaml").write_text("bioart: 2\n")
    h = house(machine=Machine(attract=str(tmp_path / "attract.yaml"), attract_after=2.0))
    h.run(5)
    assert h.it._name != ATTRACT
    assert h.it.live.lit


def test_a_recording_that_cannot_be_lived_on_is_put_aside_and_the_piece_begins(
    house: Callable[..., House], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    preset = small.piece(tmp_path, LONG)
    shows = tmp_path / "shows"
    shows.mkdir()
    path = shows / "kiosk-20260101-000000-small.bioart"
    recorder = Recorder(path, {**opening.meta_of(preset, 0), "kiosk": "small.yaml"}, keep=True)
    show = Show(preset, 0, (), recorder)
    show.run_to(3)
    show.close()
    recorder.leave()
    with sqlite3.connect(recorder.part) as base:
        base.execute(
            "insert into events values (0, 2, 'phones', 0, 'pledge', 'p', null, '{\"pledge\": \"gone\"}')"
        )
    base.close()
    h = house()
    h.run(1)
    assert h.it.live.show.steps > 0
    assert "not resumed" in capfd.readouterr().err
    assert list(shows.glob("kiosk-20260101*~1.bioart.part")), "nobody tries it again"


def test_a_world_that_grows_says_so_while_it_does(house: Callable[..., House]) -> None:
    h = house()
    h.it._waited = -10.0
    h.it._growing(0.5)
    h.run(0.1)
    assert '"wait": true' in h.said.read()
