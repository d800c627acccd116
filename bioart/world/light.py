"""The body's light: a quorum that shines, pulses that find each other, a clock that knows the night, rings
that are woken, and the flashes of what the wind shears.

Living tissue, and the air about it. The body's state is kept at half its resolution, the flashes' on the
air's grid; what is emitted is a function of it (`shine`). All times are seconds of show; a day, with its 24
hours, lasts `day` of them. Whatever its params do, a cell pulses at most `pulses.FASTEST` times
a second, and what a param changes in its brightness arrives over a second or so: no order makes it strobe.
"""

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from bioart.errors import BioartError
from bioart.forms import Channel, Grid
from bioart.param import Param
from bioart.world import circadian, pulses, quorum, shear, shine

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory
    from bioart.world.growth import Tissue

LIGHTS = ("light0", "light1", "light2", "light3")  # of skin, deep tissue, veins, and what is warm

SENSE_EVERY = 2  # steps between two runs of the quorum
LOOK_EVERY = 3  # steps between two looks at the tissue's mass
FEEL_EVERY = 2  # steps between two runs of the flashes, beside those of the quorum
GAUGE_EVERY = 3  # steps between two measures of all light: exposure takes a second to follow it
CLOCK_EVERY = 6  # steps between two runs of the clock
CLOCKS = 0.03  # share by which cells' clocks differ
TOGETHER = 0.12  # rad/h, how hard neighbours' clocks hold each other
DUSK = 0.5  # the day's light where nobody tells it
EASE = 0.7  # s, time constant of each of the two delays behind which params act on brightness
AROUSAL = 0.5  # s, the same for a ring of light
FADED = 40 * AROUSAL  # s after the last ring in which the last of its light is gone


class Light:
    """Light of one body. part: `light`."""

    glow = Param(1.0, 0.0, 2.0, "", "brightness of the whole body")
    coupling = Param(0.4, 0.0, 2.0, "", "how cells follow each other: drifting waves low, one beat high")
    radius = Param(
        20.0, 0.1, 20.0, "m", "how far cells find each other: patches small, the whole body at 20", "log"
    )
    guide = Param(0.15, 0.0, 1.0, "", "how hard the body follows the community's beat")
    natural = Param(0.36, 0.1, 0.8, "Hz", "pulses per second of a cell that nobody pulls at")
    variety = Param(0.3, 0.0, 1.0, "", "share by which natural pulse rates differ")
    swing = Param(0.88, 0.0, 1.0, "", "depth of the pulses: 0 steady light, 1 dark between them")
    skin = Param(1.0, 0.0, 2.0, "", "light of the skin")
    polyps = Param(1.0, 0.0, 2.0, "", "points of light on skin and tips")
    deep = Param(
        1.0,
        0.0,
        2.0,
        "",
        "light where a quorum gathers in deep tissue",
    )
    veins = Param(1.0, 0.0, 2.0, "", "light of the network")
    warm = Param(
        1.0,
        0.0,
        2.0,
        "",
        "light of new growth and of what people wake",
    )
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
    wash = Param(
        0.04,
        0.0,
        0.5,
        "",
        "share of the air's speed at which it carries the signal off; tissue holds it",
    )
    day = Param(60.0, 10.0, 3600.0, "s", "how long a day of the body's clock lasts: 24 of its hours")
    free = Param(22.0, 16.0, 32.0, "h", "the clock's own day, where no light draws it along")
    entrain = Param(0.08, 0.0, 0.5, "rad/h", "how hard the day's light draws the clock along")
    tide = Param(0.3, 0.0, 1.0, "", "how far the body dims by day and brightens by night")
    ring = Param(1.2, 0.3, 3.0, "m/s", "speed of a ring of light over the body")
    foxfire = Param(1.0, 0.0, 2.0, "", "green light of what decays")
    machine = Param(1.0, 0.0, 2.0, "", "amber light of what was made, on and off like a machine's")
    flash = Param(1.0, 0.0, 2.0, "", "blue flashes where the wind shears the air and the wet skin")
    shear = Param(5.0, 0.5, 20.0, "1/s", "shear of the air that makes one in two flash", "log")
    spread = Param(0.2, 0.02, 0.5, "", "how much those thresholds differ: standard deviation by mean")
    rest = Param(6.0, 2.5, 60.0, "s", "from one flash of a place to its next", "log")

    EASED = (
        "glow",
        "swing",
        "skin",
        "polyps",
        "deep",
        "veins",
        "warm",
        "stress",
        "tide",
        "foxfire",
        "machine",
        "flash",
    )

    def __init__(
        self,
        memory: "Memory",
        grid: Grid,
        seed: int,
        rate: int = 30,
        air: Grid | None = None,
        dt: float = 0.1,
    ) -> None:
        """grid: the body's. seed: 32-bit. rate: steps per second of show. air: the air's grid, where there is
        air to flash and to carry the signal off; dt: its seconds per step.

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

        blocks = tuple((n + pulses.BLOCK - 1) // pulses.BLOCK for n in half)
        rows = half[:2]
        self._dt, self._air = dt, air
        self._phase, self._pace = coarse("phase"), coarse("pace")
        self._east, self._north = coarse("east"), coarse("north")
        self._within = [memory.field("light", f"within{n}", ti.f32, (3, *blocks)) for n in range(2)]
        self._signal, self._lux = [coarse("signal"), coarse("signal1")], coarse("lux")
        self._stream = [coarse(f"stream_{a}") for a in "xyz"]
        self._mass, self._bulk = coarse("mass"), [coarse("bulk"), coarse("bulk1")]
        self._awake = memory.field("light", "awake", ti.i8, half)
        self._first = memory.field("light", "first", ti.i32, rows)
        self._last = memory.field("light", "last", ti.i32, rows)
        self._hour, self._hour1 = coarse("hour"), coarse("hour1")
        self._noon, self._dusk = coarse("noon"), coarse("dusk")
        self._stirred, self._woken = coarse("stirred"), coarse("woken")
        self._early, self._late = coarse("early"), coarse("late")
        self._filigree = memory.field("light", "filigree", ti.f32, grid.shape)
        self._polyps = memory.field("light", "polyps", ti.f32, grid.shape)
        self._none = memory.field("light", "none", ti.f32, (1, 1, 1))
        self._ripples = memory.field("light", "ripples", ti.f32, (shine.RIPPLES, 6))
        self._sums = memory.field("light", "sums", ti.i64, (5,))

        self._nerve = self._since = self._flash = self._none
        if air is not None:
            self._nerve, self._since, self._flash = (
                memory.field("light", name, ti.f32, air.shape) for name in ("nerve", "since", "flash")
            )
            shear.lay(self._nerve, self._seed)
            self._since.fill(shear.RESTED)

        self._rings: list[tuple[float, float, float, int, float, float]] = []
        self._stirs = 0  # steps for which rings may still be seen
        self._eased: list[tuple[float, float]] = []
        self._day = 0.0  # turns, 0 at noon
        self._counted = [0, 0, 0, 0, 0]
        pulses.lay_phases(self._phase, self._pace, self._seed)
        shine.weave(self._filigree, self._polyps, self._seed)
        self._show_all()

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
        """One step. k may be negative.

        p: the params by short name, and `beat` (the community's), s. Where a weather has days it says
        besides: `daylight`, 0–1, how strong the day's light is now, and `hour`, turns, how far the day is, 0
        at noon; without it half-light passes in days of `day`. What growths write into the tissue shines:
        `network` as veins, `tip` as what grows now, `pattern` on the skin, `matter` as foxfire, `synthetic`
        as a machine; `soil` is dark.
        """
        seconds = 1.0 / self.rate
        self._ease(p, tissue, seconds)
        if k % LOOK_EVERY == 0:
            self._look(tissue)
        if k % SENSE_EVERY == 0:
            self._sense(p, tissue, SENSE_EVERY * seconds)
        self._turn_day(k, p, seconds)
        self._pulse(k, p, seconds)
        self._ring(k, p, seconds)
        if k % FEEL_EVERY:
            self._feel(p, tissue, FEEL_EVERY * seconds)
        gauged = k % GAUGE_EVERY == 0 or not self._counted[3]
        if gauged:
            seen = (*self._seen(tissue), self._first, self._last, self._sums)
            shine.gauge(*seen, *self._where(tissue), *self._shown()[:-1], 0.0)
        sums = [int(n) for n in self._sums.to_numpy()]
        self._counted = sums if gauged else [*sums[:3], *self._counted[3:]]

    def _look(self, tissue: "Tissue") -> None:
        quorum.gather(tissue.solid, self._mass)
        quorum.spans(self._mass, self._awake, self._first, self._last)
        quorum.soften(self._mass, self._bulk[1])
        quorum.soften(self._bulk[1], self._bulk[0])
        quorum.soften(self._bulk[0], self._bulk[1])
        quorum.soften(self._bulk[1], self._bulk[0])

    def _sense(self, p: dict[str, float], tissue: "Tissue", seconds: float) -> None:
        share = p["diffusion"] * seconds / self._cell**2
        runs = max(1, math.ceil(share * 12.0 - 1e-9))
        air = tissue.ambient
        if air is not None:
            carried = p["wash"] * self._dt * SENSE_EVERY / (runs * self._cell)
            quorum.stream(air.x, air.y, air.z, *self._stream, *air.corner, air.finer, carried)
        for _ in range(runs):
            quorum.sense(
                self._signal[0], self._signal[1], self._lux, self._mass, *self._stream, share / runs,
                p["basal"], p["induced"], p["decay"], 2.5, p["threshold"], 0.6, 0.25, seconds / runs,
            )  # fmt: skip
            self._signal.reverse()

    def _turn_day(self, k: int, p: dict[str, float], seconds: float) -> None:
        """The day goes on; the clocks follow every few steps, from where the day then was."""
        told = p.get("hour")
        pace = 1.0 / p["day"]
        if told is None:
            self._day += seconds * pace
        else:
            self._day = told
        self._day -= math.floor(self._day)
        if k % CLOCK_EVERY:
            return
        hour = 24.0 * pace / pulses.TURN  # turns/s that one rad/h is
        circadian.turn(
            self._hour, self._hour1, self._pace, self._mass, self._awake, self._first, self._last,
            24.0 * pace / p["free"], CLOCKS, p["entrain"] * p.get("daylight", DUSK) * hour, self._day,
            pace, TOGETHER * hour,
            CLOCK_EVERY * seconds,
        )  # fmt: skip
        circadian.settle(
            self._hour1, self._hour, self._awake, self._first, self._last, self._noon, self._dusk
        )

    def _pulse(self, k: int, p: dict[str, float], seconds: float) -> None:
        coupling = p["coupling"]
        # The guide is where the community counts it: t / beat, t the show time at the end of this step.
        turns = (k + 1) / self.rate / p["beat"]
        room = max(pulses.FASTEST - 1.0 / p["beat"], 0.0)
        turnabout = max(room / (pulses.FASTEST - pulses.SLOWEST), pulses.CATCH)
        blocks = p["radius"] / (pulses.BLOCK * self._cell)
        pulses.bundle(self._mass, self._east, self._north, self._within[0], pulses.BLOCK)
        pulses.reach(*self._within, math.floor(blocks), blocks - math.floor(blocks))
        pulses.turn(
            self._phase, self._pace, self._mass, self._bulk[0], self._awake, self._first, self._last,
            self._east, self._north, self._within[1], p["natural"], p["variety"], 0.15,
            0.4 + 1.8 * coupling,
            0.75 * max(coupling - 0.3, 0.0) ** 2, turns - math.floor(turns), 0.9 * p["guide"], turnabout,
            pulses.SLOWEST, pulses.FASTEST, seconds,
        )  # fmt: skip
        pulses.show(
            self._phase, self._mass, self._awake, self._first, self._last, self._east, self._north,
            self._early, self._late, self._sums,
        )  # fmt: skip

    def _feel(self, p: dict[str, float], tissue: "Tissue", seconds: float) -> None:
        air = tissue.ambient
        if self._air is not None and air is not None:
            shear.feel(
                air.x, air.y, air.z, self._nerve, self._since, self._flash, 0.5 / self._air.cell, p["shear"],
                p["spread"], p["rest"], seconds,
            )  # fmt: skip

    def _ring(self, k: int, p: dict[str, float], seconds: float) -> None:
        speed = p["ring"] / self._cell
        lasts = shine.RING_RISE + shine.RING_FALL
        self._rings = [r for r in self._rings if (k - r[3]) * seconds <= r[4] / speed + lasts]
        if self._rings:
            self._stirs = math.ceil(FADED * self.rate)
        elif self._stirs == 0:
            return
        self._stirs -= 1
        rows = np.zeros((shine.RIPPLES, 6), np.float32)
        for n, (x, y, z, born, reach, strength) in enumerate(self._rings):
            rows[n] = (x, y, z, (k - born) * seconds, reach, strength)
        shine.take_ripples(rows, self._ripples)
        shine.stir(
            self._mass, self._stirred, self._woken, self._ripples, len(self._rings), speed, seconds / AROUSAL
        )

    def _ease(self, p: dict[str, float], tissue: "Tissue", seconds: float) -> None:
        wanted = [*(p[name] for name in self.EASED), min(max(tissue.reserve, 0.0), 1.0)]
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
            return (1.0, 0.8, 1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.5, 0.0, 1.0, 1.0, 1.0)
        *first, tide, foxfire, machine, flash, reserve = (b for _, b in self._eased)
        return (*first, 0.25 + 0.75 * reserve, tide, foxfire, machine, flash)

    def _where(self, tissue: "Tissue") -> tuple[int, ...]:
        """Where the body stands in the air: its least corner in air cells, cells of it to one of those."""
        air = tissue.ambient
        return (0, 0, 0, 1) if air is None else (*air.corner, air.finer)

    def _seen(self, tissue: "Tissue") -> tuple[Any, ...]:
        shared = ("network", "tip", "pattern", "matter", "synthetic", "soil")
        return (
            tissue.solid, tissue.age, *(_or(tissue.find(name), self._none) for name in shared),
            self._filigree, self._polyps, self._phase, self._early, self._late, self._lux, self._woken,
            self._bulk[0], self._noon, self._dusk, self._none if tissue.ambient is None else self._flash,
        )  # fmt: skip

    def _show_all(self) -> None:
        """What follows from the phases of pulses and clocks, everywhere."""
        pulses.show_all(self._phase, self._east, self._north, self._early, self._late)
        circadian.point(self._hour, self._noon, self._dusk)

    # -- what it shows and keeps

    def channels(self, tissue: "Tissue") -> tuple[Channel, ...]:
        """light0..3 on the body's grid and, where there is air, `flash` on its, as the last step left them:
        fresh float32 arrays, 1 = full."""
        out = [np.zeros(self.grid.shape, np.float32) for _ in LIGHTS]
        shine.shine(*self._seen(tissue), *out, *self._where(tissue), *self._shown())
        lights = tuple(
            Channel(name, self.grid, values, 1.0, 5.0 if name == "light1" else 10.0)
            for name, values in zip(LIGHTS, out, strict=True)
        )
        if self._air is None:
            return lights
        flashes = np.empty(self._air.shape, np.float32)
        shear.seen(self._flash, self._shown()[-1], flashes)
        return (*lights, Channel("flash", self._air, flashes, 2.0, 5.0))

    @property
    def flashes(self) -> tuple[Any, float]:
        """The field of flashes on the air's grid, f32, 0–1, and how strongly they are shown, 0–2."""
        return self._flash, self._shown()[-1]

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
        flashes = {} if self._air is None else {"since": self._since, "flash": self._flash}
        return {
            "phase": self._phase, "signal": self._signal[0], "lux": self._lux, "mass": self._mass,
            "bulk": self._bulk[0], "hour": self._hour, "stirred": self._stirred, "woken": self._woken,
            **flashes,
        }  # fmt: skip

    def scalars(self) -> dict[str, Any]:
        """The rest of the state, as plain numbers and lists: the day, eased params, rings, sums."""
        return {
            "day": self._day,
            "stirs": self._stirs,
            "eased": [list(pair) for pair in self._eased],
            "rings": [list(ring) for ring in self._rings],
            "counted": list(self._counted),
        }

    def restore(self, kept: dict[str, Any]) -> None:
        """Take back what `scalars` gave, once the fields of `state` hold their values again."""
        self._day, self._stirs = float(kept["day"]), int(kept["stirs"])
        self._eased = [(float(a), float(b)) for a, b in kept["eased"]]
        self._rings = [(x, y, z, int(born), r, s) for x, y, z, born, r, s in kept["rings"]]
        self._counted = [int(n) for n in kept["counted"]]
        quorum.spans(self._mass, self._awake, self._first, self._last)
        self._show_all()


def _or(field: Any, none: Any) -> Any:
    return none if field is None else field
