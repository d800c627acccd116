"""The body's light: a quorum that shines, pulses that find each other, a slow tide, and rings that are woken.

Living tissue only. State is kept at half the body's resolution; what is emitted is a function of it
(`shine`). All times are seconds of show. Whatever its params do, a cell pulses at most `pulses.FASTEST` times
a second, and what a param changes in its brightness arrives over a second or so: no order makes it strobe.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bioart.errors import BioartError
from bioart.forms import Channel, Emitter, Grid
from bioart.param import Param
from bioart.world import pulses, quorum, shine

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory
    from bioart.world.growth import Tissue

EMITTERS: tuple[Emitter, ...] = (
    Emitter("light0", 474.0, 35.0),  # dinoflagellates: skin and polyps
    Emitter("light1", 490.0, 80.0),  # Vibrio: the deep tissue
    Emitter("light2", 530.0, 90.0),  # fungi: the network's veins
    Emitter("light3", 585.0, 70.0),  # elaterids and fireflies: what is new, rich or woken; fever
)

SENSE_EVERY = 2  # steps between two runs of the quorum
LOOK_EVERY = 3  # steps between two looks at the tissue's mass
EASE = 0.7  # s, time constant of each of the two delays behind which params act on brightness
AROUSAL = 0.5  # s, the same for a ring of light


class Light:
    """Light of one body. part: `light`."""

    glow = Param(1.0, 0.0, 2.0, "", "brightness of the whole body")
    coupling = Param(0.4, 0.0, 2.0, "", "how cells follow each other: drifting waves low, one beat high")
    guide = Param(0.15, 0.0, 1.0, "", "how hard the body follows the community's beat")
    natural = Param(0.36, 0.1, 0.8, "Hz", "pulses per second of a cell that nobody pulls at")
    variety = Param(0.3, 0.0, 1.0, "", "share by which natural pulse rates differ")
    swing = Param(0.88, 0.0, 1.0, "", "depth of the pulses: 0 steady light, 1 dark between them")
    skin = Param(1.0, 0.0, 2.0, "", "blue light of the skin")
    polyps = Param(1.0, 0.0, 2.0, "", "points of light on skin and tips")
    deep = Param(1.0, 0.0, 2.0, "", "blue-green light where a quorum gathers in deep tissue")
    veins = Param(1.0, 0.0, 2.0, "", "green light of the network")
    warm = Param(1.0, 0.0, 2.0, "", "amber light of new growth and of what people wake")
    stress = Param(0.0, 0.0, 1.0, "", "sickness: blues and greens go out, a dull amber smoulders")
    basal = Param(0.09, 0.0, 1.0, "1/s", "signal that every cell makes, in thresholds")
    induced = Param(
        0.3, 0.0, 2.0, "1/s", "signal made besides once there is enough; it latches above basal/0.225"
    )
    decay = Param(0.12, 0.02, 1.0, "1/s", "decay of the signal")
    diffusion = Param(0.003, 0.0, 0.03, "m²/s", "diffusivity of the signal")
    threshold = Param(
        0.45, 0.1, 5.0, "", "signal at which a cell is half as bright as it can be, in thresholds"
    )
    day = Param(60.0, 10.0, 3600.0, "s", "period of the slow tide of light")
    tide = Param(0.3, 0.0, 1.0, "", "depth of the slow tide")
    ring = Param(1.2, 0.3, 3.0, "m/s", "speed of a ring of light over the body")

    EASED = ("glow", "swing", "skin", "polyps", "deep", "veins", "warm", "stress")

    def __init__(self, memory: "Memory", grid: Grid, seed: int, rate: int = 30) -> None:
        """grid: the body's. seed: 32-bit. rate: steps per second of show.

        Raises BioartError for a grid of fewer than 4 cells on a side.
        """
        import taichi as ti

        if min(grid.shape) < 4:
            raise BioartError(f"light: a grid of {grid.shape} cells; allowed: at least 4 on each side")
        self.grid, self.rate = grid, rate
        self._seed = seed & 0xFFFFFFFF
        half = tuple((n + 1) // 2 for n in grid.shape)
        self._cell = 2.0 * grid.cell

        def coarse(name: str) -> Any:
            return memory.field("light", name, ti.f32, half)

        self._phase, self._pace = coarse("phase"), coarse("pace")
        self._east, self._north = [coarse("east"), coarse("east1")], [coarse("north"), coarse("north1")]
        self._signal, self._lux = [coarse("signal"), coarse("signal1")], coarse("lux")
        self._mass, self._bulk = coarse("mass"), [coarse("bulk"), coarse("bulk1")]
        self._stirred, self._woken = coarse("stirred"), coarse("woken")
        self._early, self._late = coarse("early"), coarse("late")
        self._filigree = memory.field("light", "filigree", ti.f32, grid.shape)
        self._polyps = memory.field("light", "polyps", ti.f32, grid.shape)
        self._none = memory.field("light", "none", ti.f32, (1, 1, 1))
        self._ripples = memory.field("light", "ripples", ti.f32, (shine.RIPPLES, 6))
        self._sums = memory.field("light", "sums", ti.i64, (5,))

        self._rings: list[tuple[float, float, float, int, float, float]] = []
        self._eased: list[tuple[float, float]] = []
        self._clock = 0.0
        self._counted = [0, 0, 0, 0, 0]
        pulses.lay_phases(self._phase, self._pace, self._seed)
        pulses.point(self._phase, self._east[0], self._north[0])
        shine.weave(self._filigree, self._polyps, self._seed)
        shine.flash(self._phase, self._early, self._late)

    # -- a step

    def plant(self, tissue: "Tissue") -> None:
        """Look at a new world's tissue. Called once, before step −age, after the growths have planted."""
        self._look(tissue)

    def wake(self, at: tuple[float, float, float], radius: float, strength: float, k: int) -> None:
        """A ring of light spreads over the body from a point, from step k on.

        at: m, in the world. radius: m, how far it runs. strength: 0–1. Beyond 64 rings the oldest gives way.
        Raises BioartError where a number is not finite or radius is not positive.
        """
        numbers = (*at, radius, strength)
        if not all(math.isfinite(n) for n in numbers) or radius <= 0.0:
            raise BioartError(f"light.wake: {numbers}; allowed: finite numbers, radius more than 0 m")
        x, y, z = ((a - o) / self._cell for a, o in zip(at, self.grid.origin, strict=True))
        self._rings.append((x, y, z, int(k), radius / self._cell, min(max(strength, 0.0), 1.0)))
        del self._rings[: -shine.RIPPLES]

    def step(self, k: int, p: dict[str, float], tissue: "Tissue") -> None:
        """One step. k may be negative. p: the params by short name, and `beat` (the community's), s. What
        growths write into the tissue as `network` shines as veins, `tip` as what grows now."""
        seconds = 1.0 / self.rate
        self._ease(p, tissue, seconds)
        if k % LOOK_EVERY == 0:
            self._look(tissue)
        if k % SENSE_EVERY == 0:
            self._sense(p, SENSE_EVERY * seconds)
        self._pulse(k, p, seconds)
        self._ring(k, p, seconds)
        shine.flash(self._phase, self._early, self._late)
        shine.gauge(*self._seen(tissue), self._sums, *self._shown())
        self._counted = [int(n) for n in self._sums.to_numpy()]

    def _look(self, tissue: "Tissue") -> None:
        quorum.gather(tissue.solid, self._mass)
        quorum.soften(self._mass, self._bulk[1])
        quorum.soften(self._bulk[1], self._bulk[0])
        quorum.soften(self._bulk[0], self._bulk[1])
        quorum.soften(self._bulk[1], self._bulk[0])

    def _sense(self, p: dict[str, float], seconds: float) -> None:
        share = p["diffusion"] * seconds / self._cell**2
        runs = max(1, math.ceil(share * 6.0 - 1e-9))
        for _ in range(runs):
            quorum.sense(
                self._signal[0], self._signal[1], self._lux, self._mass, share / runs, p["basal"],
                p["induced"], p["decay"], 2.5, p["threshold"], 0.6, 0.25, seconds / runs,
            )  # fmt: skip
            self._signal.reverse()

    def _pulse(self, k: int, p: dict[str, float], seconds: float) -> None:
        coupling = p["coupling"]
        together = 0.75 * max(coupling - 0.3, 0.0) ** 2
        body = max(self._counted[0], 1)
        # The guide is where the community counts it: t / beat, t the show time at the end of this step.
        turns = (k + 1) / self.rate / p["beat"]
        room = max(pulses.FASTEST - 1.0 / p["beat"], 0.0)
        turnabout = max(room / (pulses.FASTEST - pulses.SLOWEST), pulses.CATCH)
        pulses.turn(
            self._phase, self._pace, self._mass, self._bulk[0], self._east[0], self._north[0],
            self._east[1], self._north[1], self._sums, p["natural"], p["variety"], 0.15, 0.4 + 1.8 * coupling,
            together * self._counted[1] / body, together * self._counted[2] / body,
            turns - math.floor(turns), 0.9 * p["guide"], turnabout, pulses.SLOWEST, pulses.FASTEST, seconds,
        )  # fmt: skip
        self._east.reverse()
        self._north.reverse()

    def _ring(self, k: int, p: dict[str, float], seconds: float) -> None:
        speed = p["ring"] / self._cell
        lasts = shine.RING_RISE + shine.RING_FALL
        self._rings = [r for r in self._rings if (k - r[3]) * seconds <= r[4] / speed + lasts]
        rows = np.zeros((shine.RIPPLES, 6), np.float32)
        for n, (x, y, z, born, reach, strength) in enumerate(self._rings):
            rows[n] = (x, y, z, (k - born) * seconds, reach, strength)
        shine.take_ripples(rows, self._ripples)
        shine.stir(
            self._mass, self._stirred, self._woken, self._ripples, len(self._rings), speed, seconds / AROUSAL
        )

    def _ease(self, p: dict[str, float], tissue: "Tissue", seconds: float) -> None:
        self._clock += seconds / p["day"]
        self._clock -= math.floor(self._clock)
        tides = [1.0 - p["tide"] * (1.0 - _swell(self._clock + late)) for late in (0.0, 0.45, 0.25)]
        wanted = [p[name] for name in self.EASED]
        wanted += [min(max(tissue.reserve, 0.0), 1.0), *tides]
        if not self._eased:
            self._eased = [(w, w) for w in wanted]
        share = min(seconds / EASE, 1.0)
        eased = []
        for w, (a, b) in zip(wanted, self._eased, strict=True):
            eased.append((a + share * (w - a), b + share * (a - b)))
        self._eased = eased

    def _shown(self) -> tuple[float, ...]:
        """glow, swing and each channel's share, eased: the tail of the arguments of `shine` and `gauge`."""
        if not self._eased:
            return (1.0, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.5)
        glow, swing, skin, polyps, deep, veins, warm, stress = (b for _, b in self._eased[:8])
        reserve, blue, core, green = (b for _, b in self._eased[8:])
        wealth = 0.25 + 0.75 * reserve
        return (glow, swing, skin * blue, polyps * blue, deep * core, veins * green, warm, stress, wealth)

    def _seen(self, tissue: "Tissue") -> tuple[Any, ...]:
        return (
            tissue.solid, tissue.age, _or(tissue.find("network"), self._none),
            _or(tissue.find("tip"), self._none), self._filigree, self._polyps, self._early, self._late,
            self._lux, self._woken, self._bulk[0],
        )  # fmt: skip

    # -- what it shows and keeps

    def channels(self, tissue: "Tissue") -> tuple[Channel, ...]:
        """light0..3 as the last step left them: fresh float32 arrays of the body's shape, 1 = full."""
        out = [np.zeros(self.grid.shape, np.float32) for _ in EMITTERS]
        shine.shine(*self._seen(tissue), *out, *self._shown())
        return tuple(
            Channel(e.channel, self.grid, values, 1.0, 5.0 if e.channel == "light1" else 10.0)
            for e, values in zip(EMITTERS, out, strict=True)
        )

    def synchrony(self) -> float:
        """The pulses' order parameter over the living, 0–1."""
        mass, x, y = self._counted[:3]
        return math.sqrt(float(x) * x + float(y) * y) / mass if mass else 0.0

    def mean_glow(self) -> float:
        """Light of all channels, mean over the body: 0 dark, about 0.2 at the defaults."""
        body, light = self._counted[3:]
        return light / body if body else 0.0

    def state(self) -> dict[str, Any]:
        """Every field that decides the future."""
        return {
            "phase": self._phase, "signal": self._signal[0], "lux": self._lux, "mass": self._mass,
            "bulk": self._bulk[0], "stirred": self._stirred, "woken": self._woken,
        }  # fmt: skip

    def scalars(self) -> dict[str, Any]:
        """The rest of the state, as plain numbers and lists: the tide's clock, eased params, rings, sums."""
        return {
            "clock": self._clock,
            "eased": [list(pair) for pair in self._eased],
            "rings": [list(ring) for ring in self._rings],
            "counted": list(self._counted),
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Take back what `scalars` gave, once the fields of `state` hold their values again."""
        self._clock = float(kept["clock"])
        self._eased = [(float(a), float(b)) for a, b in kept["eased"]]
        self._rings = [(x, y, z, int(born), r, s) for x, y, z, born, r, s in kept["rings"]]
        self._counted = [int(n) for n in kept["counted"]]
        pulses.point(self._phase, self._east[0], self._north[0])
        shine.flash(self._phase, self._early, self._late)


def _or(field: Any, none: Any) -> Any:
    return none if field is None else field


def _swell(turns: float) -> float:
    """A smooth wave 0–1 of period 1, from products alone: the same on every build."""
    x = turns - math.floor(turns)
    t = 1.0 - abs(2.0 * x - 1.0)
    return t * t * (3.0 - 2.0 * t)
