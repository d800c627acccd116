"""The piece that ships, whole, with the Beijing month and a crowd of forty, and with nobody there."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from bioart import preset as presets
from bioart.health import Vitals
from bioart.inputs import Input, Setting
from bioart.inputs.rehearsal import Rehearsal
from bioart.inputs.sensors import Sensors
from bioart.preset import Preset
from bioart.show import Show
from bioart.world import measure

pytestmark = pytest.mark.prove


class Lived:
    """A whole show's vitals, acts and last body."""

    def __init__(self, preset: Preset, crowd: bool) -> None:
        setting = Setting.of(preset, 0)
        inputs: list[Input] = [Sensors("", setting)]
        if crowd:
            inputs.append(Rehearsal("40", setting))
        show = Show(preset, 0, inputs)
        self.rows: list[Vitals] = []
        self.acts: list[str] = []
        while not show.ended:
            self.acts.append(show.score.act_at(show.steps).name)
            self.rows.append(show.step())
        self.solid = show.world.forms(show.steps).volume.channel("solid")
        show.close()

    def of(self, name: str) -> np.ndarray:
        return np.array([getattr(row, name) for row in self.rows])

    def during(self, act: str) -> np.ndarray:
        return np.array([a == act for a in self.acts])


@pytest.fixture(scope="module")
def piece() -> Preset:
    return presets.load("neo-lumen")


@pytest.fixture(scope="module")
def crowded(piece: Preset) -> Lived:
    return Lived(piece, True)


def wanted_inflow(piece: Preset, steps: int) -> np.ndarray:
    """The inflow that the binding yields, from the file alone: held, mapped, smoothed by one pole; µg/m³."""
    sensor, bind = piece.sensors["pm25"], piece.community.bind("weather.smog")
    assert bind is not None
    assert sensor.rows is not None
    with piece.beside(sensor.file).open() as file:
        cells = [row[sensor.column] for row in csv.DictReader(file)][slice(*sensor.rows)]
    held: list[float] = []
    for cell in cells:
        held.append(held[-1] if cell == "NA" else float(cell))
    rate, lasts = piece.world.rate, sensor.lasts or piece.seconds
    pull = 1 - math.exp(-1 / (rate * bind.smooth))
    share, found = None, []
    for k in range(steps):
        row = min(int(((k + 1) / rate - 1e-9) * len(held) / lasts), len(held) - 1)
        aim = (held[row] - bind.over[0]) / (bind.over[1] - bind.over[0])
        aim = min(max(aim, 0.0), 1.0)
        share = aim if share is None else share + (aim - share) * pull
        found.append((bind.within[0] + (bind.within[1] - bind.within[0]) * share) * 900.0)
    return np.array(found)


def lagged(a: Sequence[float] | np.ndarray, b: Sequence[float] | np.ndarray, most: int) -> tuple[float, int]:
    """The greatest correlation of b with a delayed by 0…most steps, and that delay."""
    x, y = np.asarray(a), np.asarray(b)
    found = [(float(np.corrcoef(x[: len(x) - lag], y[lag:])[0, 1]), lag) for lag in range(most)]
    return max(found)


def test_the_air_that_comes_in_is_what_the_city_measured(piece: Preset, crowded: Lived) -> None:
    inflow = crowded.of("inflow")
    wanted = wanted_inflow(piece, len(inflow))
    error = np.abs(inflow - wanted) / np.maximum(wanted, 1.0)
    assert error.max() <= 0.01, (int(error.argmax()), float(error.max()))
    worst = wanted[crowded.during("smog")].mean()
    assert worst == max(wanted[crowded.during(act)].mean() for act in dict.fromkeys(crowded.acts))


def test_what_is_drawn_in_follows_what_blows_in(crowded: Lived, tell: Callable[[str], None]) -> None:
    best, lag = lagged(crowded.of("inflow"), crowded.of("drawn"), 180)
    tell(f"drawn against inflow: correlation {best:.3f} at a lag of {lag} steps ({lag / 30:.2f} s)")
    assert best >= 0.9


def test_the_body_grows_in_every_act_and_branches(crowded: Lived, tell: Callable[[str], None]) -> None:
    growth = crowded.of("growth")
    grown = {act: float(growth[crowded.during(act)].sum()) for act in dict.fromkeys(crowded.acts)}
    last = crowded.rows[-1]
    assert crowded.solid is not None
    ratio = last.surface / last.biomass
    dimension = measure.box_dimension(crowded.solid.values)
    told = ", ".join(f"{act} {m3:.4f}" for act, m3 in grown.items())
    tell(f"grown, m³: {told}; surface/volume {ratio:.1f} 1/m, box-counting dimension {dimension:.2f}")
    assert all(m3 > 0 for m3 in grown.values()), grown
    radius = (last.biomass * 3 / (4 * math.pi)) ** (1 / 3)
    assert ratio > 3 * 3 / radius  # a ball of the same volume has 3/r: this is no lump
    assert dimension > 2.0


def test_a_crowd_makes_it_flourish(piece: Preset, crowded: Lived, tell: Callable[[str], None]) -> None:
    alone = Lived(piece, False)
    act = piece.score[-1].name
    with_crowd = float(crowded.of("glow")[crowded.during(act)].mean())
    without = float(alone.of("glow")[alone.during(act)].mean())
    tell(
        f"glow in {act}: {with_crowd:.3f} with forty people, {without:.3f} with nobody:"
        f" ×{with_crowd / without:.2f}"
    )
    assert with_crowd >= 1.5 * without
