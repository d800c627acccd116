"""The row of vitals: what a world says of its health after a step."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True)
class Vitals:
    """One row. Units stand with each name."""

    biomass: float = 0.0  # m³ of solid body
    growth: float = 0.0  # m³ grown in this step
    surface: float = 0.0  # m², where the body meets air or food
    glow: float = 0.0  # mean emitted light over the body, 0–1 nominal
    inflow: float = 0.0  # µg/m³, concentration of the air that the weather blows in
    drawn: float = 0.0  # µg/s of smog drawn in through the intakes
    captured: float = 0.0  # µg of smog kept by the filter in this step
    delivered: float = 0.0  # m³/h, clean-air delivery rate
    airborne: float = 0.0  # µg of smog in the air
    reserve: float = 0.0  # 0–1, what feeds growth
    pod_load: float = 0.0  # 0–1, mean load of the recycling pods
    spilt: float = 0.0  # kg of by-product that lies on the ground
    recovered: float = 0.0  # kg of recovered material that lies ready in the zones
    synchrony: float = 0.0  # 0–1, order parameter of the body's pulses
    coverage: float = 0.0  # 0–1, share of the skin that the network threads
    speed: float = 0.0  # m/s, fastest air
    slowed: int = 0  # steps so far in which the air was scaled to max_speed

    daylight: float = 1.0  # 0–1: 1 by day
    held: float = 0.0  # 0–1, how far people hold the zones, on the mean
    taken: float = 0.0  # 0–1, share of the zones that encroachment has taken
    broken: float = 0.0  # m³ of body that storms have broken off so far
    mended: float = 0.0  # m³ of that which has grown again where it was
    decomposed: float = 0.0  # kg/s of waste that the pods take up
    helped: float = 0.0  # m³/h of `delivered` that implants add
    quickened: float = 0.0  # kg/s of `decomposed` that implants add
    steadied: float = 0.0  # 0–1, share of the light's unrest that implants take away

    def row(self) -> dict[str, float]:
        return {f.name: getattr(self, f.name) for f in fields(self)}
