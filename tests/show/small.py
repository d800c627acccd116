"""A small piece that has everything: a world of a few thousand cells, two acts, zones, a sensor."""

from __future__ import annotations

from pathlib import Path

from bioart import preset as presets
from bioart.preset import Preset

TEXT = """\
bioart: 1
title: A small piece
world:
  extent: [2, 2.5, 2]
  air: 16
  body: {box: [1.5, 2, 1.5], finer: 2, growth: [{kind: coral}, {kind: network}]}
  age: 12
look: {kind: specimen}
display: {kind: flat}
sensors:
  pm25: {column: pm2.5, unit: µg/m³, file: air.csv}
community:
  zones:
    riverside: {at: [0.2, 0.3], radius: 0.2, people: 1200, next: [old-mill]}
    old-mill: {at: [0.8, 0.4], radius: 0.15, people: 300, next: [riverside]}
  proposals:
    filter-first: {title: Filter first?, choices: {yes: {body.capture: 2.5, light.glow: 1.4}, no: {}}}
  pledges: {bike: I cycle to work}
  bind:
    - {from: sensor.pm25, to: weather.smog, over: [0, 900], within: [0.0, 1.0], smooth: 0.5 s}
    - {from: activation, to: light.coupling, within: [0.2, 2.0]}
cues:
  flare: {set: {light.warm: 2.0}, over: 0.5 s}
score:
  - act: garden
    for: 2 s
    narration: [{at: 0.2 s, say: A garden, for: 1.5 s}]
  - act: smog
    for: 2 s
    ramp: {weather.wind: 0.6}
"""

AIR = "pm2.5\n" + "\n".join(["35", "NA", "120", "300", "280", "886", "400", "90"]) + "\n"


def write(folder: Path, text: str = TEXT) -> Path:
    """The preset and its data in a folder; the preset's path."""
    (folder / "air.csv").write_text(AIR)
    path = folder / "small.yaml"
    path.write_text(text)
    return path


def piece(folder: Path, text: str = TEXT) -> Preset:
    return presets.load(write(folder, text))
