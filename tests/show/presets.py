"""A small house of parts and a preset that uses every key, for tests that need no world."""

from __future__ import annotations

from typing import ClassVar

import pytest

from bioart import registry
from bioart.errors import BioartError, nearest
from bioart.param import Param
from bioart.preset import Preset, loads


class Air:
    viscosity = Param(0.0, 0.0, 1.0, "m²/s", "how thick the air is")


class Weather:
    wind = Param(0.3, 0.0, 3.0, "m/s", "mean wind")
    smog = Param(0.1, 0.0, 1.0, "", "share of the worst smog that blows in")


class Body:
    capture = Param(1.0, 0.0, 4.0, "1/s", "how fast the body filters")
    draw = Param(0.4, 0.0, 2.0, "m/s", "speed at the mouths")


class Light:
    coupling = Param(0.5, 0.0, 3.0, "", "how strongly pulses pull each other")
    glow = Param(0.6, 0.0, 2.0, "", "brightness of the emitters")


class Develop:
    exposure = Param(0.0, -3.0, 3.0, "EV", "brighter or darker")


class Community:
    beat = Param(2.0, 1.25, 4.0, "s", "the guide pulse")
    quorum = Param(5.0, 5.0, 100.0, "people", "who make full activation")


class Coral:
    feed = Param(0.04, 0.0, 0.1, "1/s", "how fast far food is renewed")


class Skin:
    feed = Param(0.03, 0.0, 0.1, "1/s", "feed rate")
    kill = Param(0.06, 0.0, 0.1, "1/s", "kill rate")
    named: ClassVar[dict[str, dict[str, float]]] = {"maze": {"feed": 0.04, "kill": 0.05}}


class Specimen:
    detail = Param(1.0, 0.0, 2.0, "", "relief below the voxel")


PARTS = {
    "air": Air,
    "weather": Weather,
    "body": Body,
    "light": Light,
    "community": Community,
    "develop": Develop,
}
KINDS = {
    "growth": {"coral": Coral, "skin": Skin},
    "look": {"specimen": Specimen},
    "display": {"flat": object, "quilt": object},
}

TEXT = """\
bioart: 1
title: Breathable Sculpture   # a comment that stays
world:
  extent: [6, 7.5, 6]
  air: 48
  body:
    box: [4, 6, 4]
    finer: 3
    mouths: [[0.9, 0.2, 0.5], [0.1, 0.2, 0.5]]
    vents: [[0.5, 1, 0.5]]
    growth:
      - {kind: coral, feed: 0.05}
      - {kind: skin, every: 2}
  age: 400
look: {kind: specimen, detail: 1.5}
display: {kind: quilt, option: portrait}
light: {glow: 0.7}
sensors:
  pm25:
    {column: pm2.5, unit: µg/m³, file: data/beijing.csv, time: [year, month, day, hour], rows: [240, 432],
     gap: hold, lasts: 60 s}
  street: {unit: dB}
community:
  quorum: 8
  zones:
    riverside: {at: [0.2, 0.3], radius: 0.2, people: 1200, next: [old-mill]}
    old-mill: {at: [0.8, 0.4], radius: 0.15, people: 300}
  proposals:
    filter-first: {title: Filter first?, choices: {yes: {body.capture: 1.5}, no: {}}}
    calm: {choices: {calmer: {steady-glow: [0.1, 0.3]}, as-it-is: {}}}
  pledges: {bike: I cycle to work}
  bind:
    - {from: sensor.pm25, to: weather.smog, over: [0, 900], within: [0.0, 1.0], smooth: 2 s}
    - {from: sensor.street, to: body.draw, over: [90, 40], within: [1.2, 0.2]}
    - {from: activation, to: light.coupling, within: [0.2, 2.0]}
contracts:
  - {name: steady-glow, keep: glow, between: [0.2, 0.6], by: light.glow, within: [0.3, 1.2], over: 5 s}
score:
  - act: garden
    for: 10 s
    camera: {kind: orbit, turns: 0.25, pitch: 10}
    narration:
      - {at: 1 s, say: A garden that breathes what the city breathes}
  - act: smog
    for: 20 s
    until: activation > 0.6
    ramp: {weather.wind: 1, light.glow: {to: 0.3, over: 4 s}}
    camera: {kind: dolly, distance: 16, to_distance: 12}
    narration: [{at: 2 s, say: Tap together, for: 5 s}, {at: 9 s, say: Five are enough}]
  - act: clearing
    for: 0.5 min
    glide: 3 s
    ramp: {weather.wind: 0.5}
    camera: {kind: crane, height: 2, to_height: 4, yaw: 350}
cues:
  storm: {set: {weather.wind: 2.5}, over: 2 s, for: 6 s}
  dim: {set: {light.glow: 0.1}}
"""


def small_house(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kinds of this file instead of the families' own."""

    def kind(family: str, name: str, place: str = "") -> type:
        if name not in KINDS[family]:
            raise BioartError(f"no {family} {name!r}{nearest(name, KINDS[family])}")
        return KINDS[family][name]

    monkeypatch.setattr(registry, "names", lambda family: tuple(sorted(KINDS[family])))
    monkeypatch.setattr(registry, "kind", kind)


def piece(text: str = TEXT) -> Preset:
    return loads(text, "presets/x.yaml", PARTS)
