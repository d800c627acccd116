"""Organism: half grown, half made. It spreads from a seed, eats the city's waste and combs the air.

Its flesh is a soft front (a phase field, `_flesh`) that runs as fast as it is fed: in plenty at `pace`, half
fed it stands, starving it withdraws to the kernels of its seeds, which never die. Lobes part where it is
crowded. Flesh that has lived long opens, and what remains is a lattice of struts along the axes: the made
half. Each kilogram that it eats is flesh, and flesh that withdraws is compost again, to the last milligram.
Hair on both halves filters the air.
"""

from typing import TYPE_CHECKING, Any

from bioart.clock import RATE
from bioart.forms import Channel
from bioart.gpu.copies import array_of
from bioart.param import Param, defaults_of
from bioart.steering import Placement
from bioart.world.growth import Growth, Tissue

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

EVERY = 2  # steps to a run: the front moves in one, the body ripens in the next
CROWD = 5  # sub-steps over which flesh is blurred to tell how crowded a place is
SEEDS = 12  # kernels that never die; of more the oldest becomes flesh as any other
SEED, KERNEL = 4.6, 3.2  # cells: radius of a seed, and of what of it never dies
SOWN = 8  # seeds that may wait for a run
FASTEST = 0.09  # m/s, as fast as a front goes in one advance of a run; a faster one takes two
LAG = 3.0  # show seconds after which it feels how it is fed
# Where the first seeds lie, in [0, 1]³ of the box: as many of them as `seeds` says.
FIRST = (
    (0.5, 0.0, 0.5), (0.36, 0.0, 0.54), (0.63, 0.0, 0.47), (0.46, 0.0, 0.40), (0.58, 0.0, 0.58),
    (0.41, 0.0, 0.46), (0.54, 0.0, 0.52),
)  # fmt: skip
APART = 0.6  # show seconds from one of them to the next, so that each sinks onto what has grown


class Organism(Growth):
    """Soft lobes of flesh that leave a lattice behind."""

    reads = ("solid",)
    writes = ("solid", "age", "tip", "synthetic", "hairs")

    pace = Param(0.07, 0.005, 0.18, "m/s", "how fast flesh spreads in plenty")
    half = Param(0.5, 0.02, 10.0, "kg", "waste in the pods at which it neither spreads nor withdraws", "log")
    cost = Param(2.0, 0.1, 50.0, "kg/m³", "waste that a volume of it takes", "log")
    size = Param(5.0, 0.2, 30.0, "m³", "volume beyond which it never grows", "log")
    starving = Param(0.05, 0.0, 0.5, "", "how fast it withdraws when it starves, as a share of its pace")
    lobes = Param(1.0, 0.0, 1.0, "", "how strictly lobes keep apart: 0 is one round mass")
    rise = Param(0.75, 0.0, 1.0, "", "how strictly it grows upward")
    wander = Param(0.6, 0.0, 1.5, "", "unevenness of growth")
    ripening = Param(20.0, 3.0, 600.0, "s", "show time after which flesh has become scaffold", "log")
    made = Param(1.0, 0.0, 1.0, "", "how far ripe flesh gives way to the frame")
    seeds = Param(1.0, 1.0, float(len(FIRST)), "", "first seeds, side by side: more make it broad")
    halves = Param(0.0, 0.0, 1.0, "", "how much sooner one side ripens: at 1 the other stays flesh")
    clean = Param(1.0, 0.0, 4.0, "", "hair that filters the air, in shares of a full cell's of body")

    def __init__(self, memory: "Memory", tissue: Tissue, seed: int) -> None:
        import taichi as ti

        from bioart.world.growth import _flesh

        self.grid, self.seed = tissue.grid, (seed ^ 0x7ED55D16) & 0xFFFFFFFF
        grid = self.grid
        coarse = tuple((n + 3) // 4 for n in grid.shape)

        def field(name: str, shape: tuple[int, ...] = grid.shape, kind: Any = ti.f32) -> Any:
            return memory.field("organism", name, kind, shape)

        self._flesh, self._after = field("flesh"), field("flesh after")
        self._core, self._ripe, self._uneven = field("core"), field("ripe"), field("uneven")
        self._knots = field("knots", tuple(n // _flesh.PITCH + 3 for n in grid.shape))
        _flesh.roughen(self._uneven, self.seed)
        self._crowd, self._crowd_after = field("crowd", coarse), field("crowd after", coarse)
        self._tip, self._synthetic, self._hairs = tissue["tip"], tissue["synthetic"], tissue["hairs"]
        # sums: parts of flesh that came and went in the last run; that were ever sown; all that there are; µg
        # that it has eaten, and given back.
        self._sums = field("sums", (6,), ti.i64)
        self._bounds = field("bounds", (12,), ti.i32)
        self._seeds, self._sown = field("seeds", (SEEDS, 3)), field("sown", (SOWN, 3))
        self._count = field("count", (4,), ti.i32)  # steps taken; seeds that ever came, that wait, of FIRST
        self._fed = field("fed", (1,))
        for n, most in enumerate((*grid.shape, *grid.shape)):
            self._bounds[2 * (n % 3) + 6 * (n // 3)] = most

    def plant(self, tissue: Tissue) -> None:
        self._sow(FIRST[0], tissue)
        self._count[3] = 1
        self._fed[0] = 1.0  # a seed brings its first meal
        self._embody(defaults_of(Organism), tissue)

    def place(self, k: int, thing: Placement) -> None:
        """A seed of somebody: it sinks onto what is under it, and spreads from there at the next run. Of more
        than 8 that wait for one run the latest are dropped."""
        n = int(self._count[2])
        if thing.kind == "seed" and n < SOWN:
            for axis in range(3):
                self._sown[n, axis] = min(max(thing.at[axis], 0.0), 1.0)
            self._count[2] = n + 1

    def _sow(self, at: tuple[float, ...], tissue: Tissue) -> None:
        from bioart.world.growth import _flesh

        n = int(self._count[1])
        x, y, z = (a * size for a, size in zip(at, self.grid.shape, strict=True))
        _flesh.land(tissue.solid, x, y, z, self._seeds, n % SEEDS)
        before = int(self._sums[2])
        _flesh.sow(
            self._flesh, self._ripe, self._knots, self._bounds, self._sums, self._seeds, n % SEEDS, SEED
        )
        self._sums[3] += int(self._sums[2]) - before
        self._count[1] = n + 1
        _flesh.keep(self._core, self._seeds, min(n + 1, SEEDS), KERNEL)

    def state(self) -> dict[str, Any]:
        return {
            "flesh": self._flesh, "core": self._core, "ripe": self._ripe, "knots": self._knots,
            "tip": self._tip,
            "synthetic": self._synthetic, "hairs": self._hairs, "sums": self._sums, "bounds": self._bounds,
            "seeds": self._seeds, "sown": self._sown, "count": self._count, "fed": self._fed,
        }  # fmt: skip

    def step(self, k: int, p: dict[str, float], tissue: Tissue) -> None:
        taken = int(self._count[0])
        fed = float(self._fed[0])
        wanted = tissue.waste / (tissue.waste + p["half"])
        self._fed[0] = fed + (wanted - fed) / (LAG * RATE)
        if taken % EVERY == 0:
            first = int(self._count[3])
            if 0 < first < round(p["seeds"]) and taken >= first * APART * RATE:
                self._sow(FIRST[first], tissue)
                self._count[3] = first + 1
            self._spread(p, tissue)
        else:
            self._embody(p, tissue)
        self._count[0] = taken + 1

    def _spread(self, p: dict[str, float], tissue: Tissue) -> None:
        from bioart.world.growth import _flesh

        for n in range(int(self._count[2])):
            self._sow(tuple(float(self._sown[n, axis]) for axis in range(3)), tissue)
        self._count[2] = 0
        _flesh.huddle(self._flesh, self._crowd, self._bounds)
        for _ in range(CROWD):
            _flesh.soften(self._crowd, self._crowd_after)
            self._crowd, self._crowd_after = self._crowd_after, self._crowd
        for _ in range(advances(p["pace"])):
            self._advance(p, tissue)

    def _advance(self, p: dict[str, float], tissue: Tissue) -> None:
        from bioart.world.growth import _flesh

        drive, rate = self.drive(p, tissue.waste)
        spread, react = self.law(p)
        _flesh.advance(
            self._flesh, self._after, self._core, self._crowd, self._uneven, self._tip, self._bounds,
            self._sums, rate * spread, rate * react, drive, p["lobes"], p["rise"], p["wander"],
        )  # fmt: skip
        part = self.grid.cell**3 / _flesh.UNIT * p["cost"]  # kg
        enough, came = int(max(tissue.waste - tissue.devoured, 0.0) / part), int(self._sums[0])
        if came > enough:
            _flesh.spare(self._flesh, self._after, self._bounds, self._sums, enough / came * (1.0 - 1e-6))
            came = int(self._sums[0])
        went = int(self._sums[1])
        self._sums[3] += came - went
        self._sums[4] += round(came * part * 1e9)
        self._sums[5] += round(went * part * 1e9)
        tissue.devoured += came * part
        tissue.returned += went * part
        self._flesh, self._after = self._after, self._flesh
        _flesh.widen(self._flesh, self._bounds, 0)

    def law(self, p: dict[str, float]) -> tuple[float, float]:
        """D (cells²) and r, of one advance of a flat front that runs at `pace` in plenty.

        In a continuum D = c·w / 2m and r = 2 D / w². On cells the same front runs slower by c / 40 w² (Δu for
        ∇²u adds D u⁗/12, projected on the front), and in steps D counts as D − c²/2; both are given back.
        """
        from bioart.world.growth import _flesh

        c = p["pace"] / advances(p["pace"]) * EVERY / RATE / self.grid.cell
        w = _flesh.WIDTH
        spread = min(0.5 * c / (1.0 - 1.0 / (40.0 * w * w)) * w / _flesh.STEEP, 0.15)
        return min(spread + 0.5 * c * c, 0.16), 2.0 * spread / (w * w)

    def drive(self, p: dict[str, float], waste: float) -> tuple[float, float]:
        """m, −STEEP to STEEP, as it has been fed and as large as it is; and the rate 0–1 at which it lives,
        as there is waste (kg)."""
        from bioart.world.growth import _flesh

        fed, full = float(self._fed[0]), self.volume() / p["size"]
        share = 2.0 * fed * (1.0 - 0.5 * min(full * full, 2.0)) - 1.0
        awake = min(fed, waste / (waste + p["half"]))
        return _flesh.STEEP * max(share, -1.0), p["starving"] + (1.0 - p["starving"]) * awake

    def volume(self) -> float:
        """m³ of the being, flesh and what it left behind."""
        from bioart.world.growth import _flesh

        return int(self._sums[3]) / _flesh.UNIT * self.grid.cell**3

    def _embody(self, p: dict[str, float], tissue: Tissue) -> None:
        from bioart.world.growth import _flesh

        seconds = EVERY / RATE
        _flesh.knit(self._flesh, self._ripe, self._knots, seconds, p["made"])
        _flesh.embody(
            self._flesh, self._ripe, self._knots, tissue.part(self), tissue.solid, tissue.age, self._tip,
            self._synthetic, self._hairs, self._uneven, self._bounds, seconds,
            seconds / p["ripening"], p["made"], p["clean"], p["halves"],
        )  # fmt: skip

    def channels(self, tissue: Tissue) -> tuple[Channel, ...]:
        """tip: 0–1, where flesh has spread lately. synthetic: 0–1, the share of the body that was made."""
        return (
            Channel("tip", self.grid, array_of(self._tip)),
            Channel("synthetic", self.grid, array_of(self._synthetic)),
        )


def advances(pace: float) -> int:
    """Advances of the front in one run."""
    return 1 if pace <= FASTEST else 2
