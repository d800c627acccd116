"""The world: the order of a step, and its vitals. Parts do the work; this says who comes after whom.

weather → air → body → metabolism → growth → light → drift → vitals (docs/design.md, "One step", 4–10).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from bioart import registry
from bioart.forms import Forms, Grid, Volume
from bioart.gpu.compute import Memory
from bioart.gpu.digest import Digest
from bioart.health import Vitals
from bioart.param import by_part
from bioart.steering import Placement, Steering, Zone
from bioart.world import measure
from bioart.world.air import Air
from bioart.world.body import MOUTHS, VENTS, Body, body_grid
from bioart.world.care import Care
from bioart.world.currents import Currents
from bioart.world.drift import Drift
from bioart.world.encroachment import brambles
from bioart.world.ground import Ground
from bioart.world.growth import Growth, Pod
from bioart.world.implants import Implants
from bioart.world.light import Light
from bioart.world.metabolism import Metabolism
from bioart.world.plan import WorldPlan
from bioart.world.pods import KG
from bioart.world.sides import STREET
from bioart.world.skin import Skin
from bioart.world.weather import Sky, Weather
from bioart.world.woven import Woven

AIRBORNE = ("smog", "spill", "spores")  # what the air carries
Settled = dict[str, dict[str, float]]  # of each part, by short name

PARTS: dict[str, type] = {
    "weather": Weather,
    "air": Air,
    "body": Body,
    "metabolism": Metabolism,
    "ground": Ground,
    "currents": Currents,
    "implants": Implants,
    "care": Care,
    "light": Light,
    "woven": Woven,
    "drift": Drift,
}
GEOMETRY = 5  # steps between two looks of the air at what the body has become
SURFACE = 30  # steps between two measures of the body's surface
RINGS = {"mote": (1.6, 0.35), "implant": (2.5, 0.7), "thread": (2.0, 0.5)}  # reach of the ring in m, strength


class World:
    """Everything simulated, one step at a time. Takes its fields from a lease and gives them back."""

    def __init__(self, plan: WorldPlan, zones: Mapping[str, Zone], seed: int) -> None:
        """plan: the build. zones: the neighbourhoods, whose pods feed it. seed: 32-bit.

        Raises BioartError for a build that cannot be.
        """
        self.plan, self.seed = plan, seed
        self.held = False  # growth and metabolism wait, as in a loop
        self.memory = Memory()
        # The middle of the air's floor is the world's origin.
        least = (-plan.air[0] * plan.cell / 2, 0.0, -plan.air[2] * plan.cell / 2)
        self.grid = Grid(plan.air, least, plan.cell)
        self.air = Air(self.memory, self.grid, plan.dt, plan.max_speed, STREET, pollutants=AIRBORNE)
        box = body_grid(self.grid, plan.box, plan.finer)
        self.body = Body(self.memory, self.air, box, plan.mouths or MOUTHS, plan.vents or VENTS)
        self.tissue = self.body.tissue
        self.weather = Weather(self.memory, self.air, seed, tuple(zones))
        self.metabolism = Metabolism(zones, self.grid, plan.dt)
        self.ground = Ground(zones, self.grid, plan.dt)
        self.skin = Skin(box, self.tissue.solid)
        self.currents = Currents(self.metabolism.zones, self.metabolism.links, self.grid, box, plan.dt)
        self.implants = Implants(self.memory, self.grid, box, self.skin, tuple(zones.values()))
        self.care = Care(self.memory, box, self.tissue)
        self.growths: list[tuple[str, int, Growth]] = []
        for number, growth in enumerate(plan.growths, 1):
            life = registry.kind("growth", growth.kind)(
                self.memory, self.tissue, (seed + 101 * number) & 0xFFFFFFFF
            )
            self.growths.append((growth.kind, growth.every, life))
        self.light = Light(self.memory, box, (seed + 7) & 0xFFFFFFFF, plan.rate, self.grid, plan.dt)
        self.woven = Woven(box, self.skin, [zone.at for zone in zones.values()])
        self.drift = Drift(self.memory, self.grid, box, (seed + 11) & 0xFFFFFFFF, plan.rate)
        self._springs = [(float(x), float(y), float(z)) for x, y, z in self.body.vents]
        self._drains = [(float(x), float(y), float(z)) for x, y, z in self.body.mouths]
        self._digest = Digest(self.memory)
        self.tissue.divide([life for _, _, life in self.growths if "solid" in life.writes])
        self.tissue.reserve = self.metabolism.reserve
        self._stand()
        for _, _, life in self.growths:
            life.plant(self.tissue)
        self.tissue.unite()
        self.light.plant(self.tissue)
        self._volume = self._surface = self._growth = 0.0
        self._measure(0)
        self._growth = 0.0
        self.vitals = Vitals(biomass=self._volume, surface=self._surface, reserve=self.metabolism.reserve)

    # -- a step --------------------------------------------------------------------------------------------

    def step(self, k: int, steering: Steering) -> Vitals:
        """Step k (negative before the show). steering: settled values and what was placed."""
        p = by_part(steering.values)
        self.skin.look()
        self._place(k, steering.placements)
        sky = self.weather.step(k, p["weather"], steering.held)
        self.implants.step(k, p["implants"], self.body.boost)
        self.care.step(k, p["care"], steering.placements, self.implants.steadiers(k))
        self.body.couple(p["body"], geometry=k % GEOMETRY == 0)
        self.air.step(p["air"], sky.wind, sky.inflow)
        moving = self.air.middles()
        breath = self.body.breathe(sky.inflow, self.implants.filters > 0)
        self.tissue.wind = sky.wind
        if not self.held:
            self._metabolise(k, p, steering, breath.captured, sky)
            self._grow(k, p)
            self.metabolism.devour(self.tissue.devoured)
            self.metabolism.give_back(self.tissue.returned)
        self.currents.step(p["currents"], self.metabolism.exchanged, self.metabolism.drunk, self.skin)
        light = p["light"]
        light["variety"] *= 1.0 - self.implants.calm
        light["beat"] = p["community"]["beat"]  # the body shows the beat that the crowd is asked to tap
        if sky.hour is not None:
            light |= {"daylight": sky.daylight, "hour": sky.hour}
        self.light.step(k, light, self.tissue)
        self.woven.step(k, p["woven"])
        self.drift.step(k, p["drift"], moving, self.plan.dt, self._springs, self._drains, self.light.flashes)
        plenty = self.metabolism.reserve * self.body.exhaling
        for at, radius, micrograms in self.drift.breath(k, p["drift"], self._springs, plenty, self.plan.dt):
            self.air.release("spores", at, radius, micrograms)
        if not self.held:
            self._measure(k)
        wounds = [life.wounds() for _, _, life in self.growths]
        self.vitals = Vitals(
            biomass=self._volume,
            growth=self._growth,
            surface=self._surface,
            glow=self.light.mean_glow(),
            inflow=breath.inflow,
            drawn=breath.drawn,
            captured=breath.captured,
            delivered=breath.delivered,
            airborne=breath.airborne,
            reserve=self.metabolism.reserve,
            pod_load=self.metabolism.pod_load,
            spilt=self.ground.lies / KG,
            recovered=self.metabolism.recovered,
            synchrony=self.light.synchrony(),
            coverage=max((life.coverage() for _, _, life in self.growths), default=0.0),
            speed=breath.speed,
            slowed=breath.slowed,
            daylight=sky.daylight,
            held=sky.held,
            taken=sum(sky.taken.values()) / max(len(sky.taken), 1),
            broken=sum(broken for broken, _ in wounds),
            mended=sum(mended for _, mended in wounds),
            decomposed=self.metabolism.decomposed,
            helped=breath.helped,
            quickened=self.metabolism.quickened,
            steadied=self.implants.calm,
        )
        return self.vitals

    def _place(self, k: int, placements: tuple[Placement, ...]) -> None:
        for thing in placements:
            if thing.kind == "implant":
                self.implants.place(k, thing)
            elif thing.kind in ("thread", "banner"):
                self.woven.place(k, thing)
            for _, _, life in self.growths:
                life.place(k, thing)
            if thing.kind in ("mote", "matter", "seed"):
                self.drift.burst(self._metres(thing.at), thing.tint, thing.amount, thing.token)
            if thing.kind in RINGS:
                reach, strength = RINGS[thing.kind]
                self.light.wake(self._metres(thing.at), reach, strength, k)

    def _metres(self, at: tuple[float, float, float]) -> tuple[float, float, float]:
        o, s = self.body.grid.origin, self.body.grid.size
        return (o[0] + at[0] * s[0], o[1] + at[1] * s[1], o[2] + at[2] * s[2])

    def _metabolise(self, k: int, settled: Settled, steering: Steering, captured: float, sky: Sky) -> None:
        life, p = self.metabolism, settled["metabolism"]
        quicker = self.implants.decomposing
        # what a growth takes up it gives back itself, as it decays
        taken = {kind for _, _, growth in self.growths for kind in growth.takes}
        offered = [thing for thing in steering.placements if thing.kind not in taken]
        self.tissue.reserve = life.step(
            k, p, captured, self.tissue.eaten, offered, sky.surge, quicker, steering.treaties,
            sky.taken,
        )  # fmt: skip
        soaked = self.ground.step(settled["ground"], life.poured(), sum(quicker) / max(len(quicker), 1))
        life.regain(soaked, p["growth_yield"])
        self.tissue.waste = life.in_pods
        self._stand()
        for at, radius, micrograms in (*life.released(), *self.ground.released()):
            self.air.release("spill", at, radius, micrograms)

    def _stand(self) -> None:
        """What growths are told of the pods and of what lies on the ground."""
        self.tissue.pods = tuple(Pod(*pod) for pod in self.metabolism.standing())
        self.tissue.film = self.ground.depth()

    def _grow(self, k: int, settled: Settled) -> None:
        self.tissue.settle()
        self.tissue.filled = self._volume / math.prod(self.body.grid.size)
        for name, every, life in self.growths:
            if k % every == 0:
                life.step(k, settled.get(name, {}), self.tissue)
        self.tissue.unite()

    def _measure(self, k: int) -> None:
        volume = measure.volume(self.tissue.solid, self.body.grid)
        self._growth, self._volume = volume - self._volume, volume
        if k % SURFACE == 0:
            self._surface = measure.surface(self.tissue.solid, self.body.grid)

    # -- what it shows -------------------------------------------------------------------------------------

    def forms(self, k: int) -> Forms:
        """All that the world has to show after k steps: fresh arrays, nobody else's."""
        channels = [*self.body.channels(), *self.light.channels(self.tissue)]
        for _, _, life in self.growths:
            channels += life.channels(self.tissue)
        channels += self.air.channels()
        curves, texts = self.woven.forms(k)
        strands, beads = self.currents.forms()
        grown = sum((life.forms(k) for _, _, life in self.growths), Forms())
        return grown + Forms(
            Volume(tuple(channels), self.plan.emitters),
            (
                *self.drift.points(),
                self.implants.points(k),
                *self.metabolism.points(),
                *self.ground.points(),
                beads,
            ),
            (
                curves,
                strands,
                self.woven.loom(k),
                self.implants.curves(k),
                brambles(self.metabolism.zones, self.weather.encroachment.taken, self.grid, k),
            ),
            texts,
        )

    # -- state ---------------------------------------------------------------------------------------------

    def _parts(self) -> dict[str, Any]:
        grown = {f"{name}{n}": life for n, (name, _, life) in enumerate(self.growths)}
        return {
            "weather": self.weather, "air": self.air, "body": self.body, "metabolism": self.metabolism,
            "ground": self.ground, "currents": self.currents, "implants": self.implants,
            "care": self.care, **grown, "light": self.light, "woven": self.woven, "drift": self.drift,
        }  # fmt: skip

    def _told(self) -> dict[str, Any]:
        """What is neither field nor array: plain numbers of parts, canonical."""
        parts = {n: p.scalars() for n, p in self._parts().items() if hasattr(p, "scalars")}
        own = {"volume": self._volume, "surface": self._surface, "growth": self._growth}
        return {"parts": parts, "own": own, "vitals": self.vitals.row()}

    def _kept(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        fields: dict[str, Any] = {}
        arrays: dict[str, np.ndarray] = {}
        for name, part in self._parts().items():
            for key, value in part.state().items():
                (arrays if isinstance(value, np.ndarray) else fields)[f"{name}/{key}"] = value
        arrays["told"] = np.frombuffer(json.dumps(self._told(), sort_keys=True).encode(), np.uint8)
        return fields, arrays

    def digest(self) -> int:
        """64 bits of everything that decides the future."""
        return self._digest.of(*self._kept())

    def state(self) -> dict[str, np.ndarray]:
        """Everything that decides the future, as named arrays, bit for bit."""
        fields, arrays = self._kept()
        return {**{n: f.to_numpy() for n, f in fields.items()}, **{n: a.copy() for n, a in arrays.items()}}

    def restore(self, state: Mapping[str, np.ndarray]) -> None:
        """Take back what `state()` gave. KeyError or ValueError where the state is of another world."""
        fields, _ = self._kept()
        for name, field in fields.items():
            if state[name].shape != tuple(field.shape):
                raise ValueError(f"{name} has {state[name].shape} cells, not {tuple(field.shape)}")
            field.from_numpy(state[name])
        told = json.loads(state["told"].tobytes())
        for name, part in self._parts().items():
            head = name + "/"
            arrays = {n[len(head) :]: a for n, a in state.items() if n.startswith(head) and n not in fields}
            if hasattr(part, "scalars"):
                part.restore(told["parts"][name])
            elif arrays:
                part.restore(arrays)
        for _, _, life in self.growths:
            life.rebuild(self.tissue)
        own = told["own"]
        self._volume, self._surface, self._growth = own["volume"], own["surface"], own["growth"]
        self.vitals = Vitals(**told["vitals"])

    def close(self) -> None:
        """Give every field back to the pool."""
        self.memory.close()
