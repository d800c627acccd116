"""What drifts in the air: spores that the wind carries past the body, motes that rise where somebody acted.
Where the sheared air flashes they light up, and carry that light on with the wind.

Most are specks, a few are bright, as with all that floats. Spores come in veils that lie in the wind, thick
there and thin between. Motes leave one place one after another and go with the same air, so that they are a
plume; they set out in their giver's colour and turn to that of embers, which all share: a crowd is a fire and
no confetti.

Both are part of the world: moved once a step, digested, kept in snapshots. Each has a fixed number of slots;
a slot that is born again takes a new key, so that no picture draws it flying from its grave to its cradle.
Lengths in metres. Lives, fades and wobble count seconds of show; the air's velocity counts world seconds.
"""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import taichi as ti

from bioart.errors import BioartError
from bioart.forms import Grid, Points
from bioart.param import Param
from bioart.spectrum import RGB, SPECTRA, emitter_rgb
from bioart.world.growth._chance import unit, wave
from bioart.world.pulses import smooth

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

Place = tuple[float, float, float]

SPORES = 5000
MOTES = 4096
PLACES = 64  # springs and mouths at most, each
BURSTS = 256  # bursts that one step takes
BIRTHS = 2048  # motes that one step takes
FADE = 0.5  # s in which anything comes or goes
KINDLE, DIE = 0.4, 1.6  # s in which a mote takes up a flash, and in which it loses it
FLASHES = 2.2  # times its own light that a mote's flash can be
PUFF = 5  # steps between two puffs of fine spores
CLOUD = 0.4  # m, radius of a puff
FIRST_MOTE = 1 << 40  # keys of motes stand above those of spores

VEILS = (2.2, 0.6, 0.8)  # m along x, y and z from one veil of spores to the next; the wind blows along x
TRIES = 4  # places that a spore may choose from: more, and the veils are thinner
PLUME = 1.6  # s in which the motes of a burst set out
ORIGIN = 0.07  # m about a place from where they do

# Spores: dust in the light, and one in four with a light of its own. Flashes are as blue as dinoflagellates.
DUST: RGB = (0.62, 0.78, 1.0)
LIVING, BLUE = emitter_rgb(*SPECTRA["vibrio"]), emitter_rgb(*SPECTRA["dinoflagellate"])
EMBER: RGB = (1.0, 0.52, 0.20)  # what motes turn to

vec3 = ti.types.vector(3, ti.f32)


@ti.func
def _air(f: ti.template(), x: ti.f32, y: ti.f32, z: ti.f32) -> ti.f32:
    """A cell-centred field at a place in cells of its grid, trilinear, held at the walls."""
    nx, ny, nz = ti.static(f.shape)
    u = ti.min(ti.max(x - 0.5, 0.0), nx - 1.001)
    v = ti.min(ti.max(y - 0.5, 0.0), ny - 1.001)
    w = ti.min(ti.max(z - 0.5, 0.0), nz - 1.001)
    i, j, k = int(u), int(v), int(w)
    fx, fy, fz = u - i, v - j, w - k
    total = 0.0
    for a, b, c in ti.static(ti.ndrange(2, 2, 2)):
        share = (fx if a else 1.0 - fx) * (fy if b else 1.0 - fy) * (fz if c else 1.0 - fz)
        total += share * f[i + a, j + b, k + c]
    return total


@ti.func
def _eddy(seed: ti.u32, at: vec3, size: ti.f32, t: ti.f32) -> vec3:
    """A small slow wander −1.5 … 1.5, alike for what is near. A plain loop: unrolled, it compiles long."""
    out = vec3(0.0, 0.0, 0.0)
    for n in range(6):
        axis = n % 3
        fine = ti.select(n < 3, 1.0, 2.3)
        x = at[0] / size * fine + ti.select(axis == 0, t, 0.0)
        y = at[1] / size * fine + ti.select(axis == 1, t, 0.0)
        z = at[2] / size * fine + ti.select(axis == 2, t, 0.0)
        value = wave(seed, 0, x, y, z, 41 + n) * ti.select(n < 3, 1.0, 0.5)
        for c in ti.static(range(3)):
            out[c] += ti.select(axis == c, value, 0.0)
    return out


@ti.func
def _bear(
    at: ti.template(), life: ti.template(), births: ti.template(), places: ti.template(), n: ti.i32,
    seed: ti.u32, springs: ti.i32, near: ti.f32, span: ti.f32,
    ox: ti.f32, oy: ti.f32, oz: ti.f32, ex: ti.f32, ey: ti.f32, ez: ti.f32,
) -> ti.i32:  # fmt: skip
    """Slot n begins again: at a spring (1), or on a veil in the box (ox, oy, oz) + (ex, ey, ez) (0)."""
    sprung = 0
    g = births[n] + 1
    births[n] = g
    if springs > 0 and unit(seed, g, n, 54) < near:
        s = ti.min(int(unit(seed, g, n, 55) * springs), springs - 1)
        for c in range(3):  # thick in the middle: a sum of two
            off = unit(seed, g, n, 51 + c) + unit(seed, g, n, 67 + c) - 1.0
            at[n, c] = places[0, s, c] + 0.25 * off
        sprung = 1
    else:
        least = 9.0
        for tries in range(TRIES):
            m = n + tries * 1000003
            x = ox + unit(seed, g, m, 51) * ex
            y = oy + unit(seed, g, m, 52) * ey
            z = oz + unit(seed, g, m, 53) * ez
            off = ti.abs(wave(seed, 0, x / VEILS[0], y / VEILS[1], z / VEILS[2], 58))
            if off < least:
                least = off
                at[n, 0], at[n, 1], at[n, 2] = x, y, z
    life[n, 0] = 0.0
    life[n, 1] = span * (0.6 + 0.8 * unit(seed, g, n, 56))
    life[n, 2] = 0.0
    return sprung


@ti.func
def _upwind(x: ti.f32, drift: ti.f32, size: ti.f32, margin: ti.f32) -> ti.f32:
    """x moved against the drift, kept inside 0 … size by a margin of its own, so that no wall shows."""
    return ti.min(ti.max(x - drift, margin), size - margin)


@ti.kernel
def sow(
    at: ti.template(), life: ti.template(), births: ti.template(), places: ti.template(), seed: ti.u32,
    span: ti.f32, ox: ti.f32, oy: ti.f32, oz: ti.f32, ex: ti.f32, ey: ti.f32, ez: ti.f32,
):  # fmt: skip
    """The first spores, already in the midst of their lives."""
    for n in births:
        _bear(at, life, births, places, n, seed, 0, 0.0, span, ox, oy, oz, ex, ey, ez)
        life[n, 0] = life[n, 1] * unit(seed, 0, n, 57)
        life[n, 2] = 1.0


@ti.kernel
def blow(
    at: ti.template(), life: ti.template(), births: ti.template(), places: ti.template(),
    u: ti.template(), v: ti.template(), w: ti.template(), seed: ti.u32, now: ti.f32, seconds: ti.f32,
    dt: ti.f32, follow: ti.f32, wander: ti.f32, thirst: ti.f32, reach: ti.f32, span: ti.f32, near: ti.f32,
    springs: ti.i32, mouths: ti.i32, gx: ti.f32, gy: ti.f32, gz: ti.f32, cell: ti.f32,
    ox: ti.f32, oy: ti.f32, oz: ti.f32, ex: ti.f32, ey: ti.f32, ez: ti.f32,
):  # fmt: skip
    """One step of every spore: midpoint rule in the air, a wander of its own, a pull towards near mouths."""
    nx, ny, nz = ti.static(u.shape)
    for n in births:
        p = vec3(at[n, 0], at[n, 1], at[n, 2])
        x, y, z = (p[0] - gx) / cell, (p[1] - gy) / cell, (p[2] - gz) / cell
        half = 0.5 * dt * follow / cell
        x1, y1, z1 = x + half * _air(u, x, y, z), y + half * _air(v, x, y, z), z + half * _air(w, x, y, z)
        blown = vec3(_air(u, x1, y1, z1), _air(v, x1, y1, z1), _air(w, x1, y1, z1)) * (follow * dt)
        heavy = unit(seed, births[n], n, 58)
        move = blown + _eddy(seed, p, 0.9, now * 0.11) * (wander * seconds * (0.5 + heavy))
        closest = 1e9
        for m in range(mouths):
            to = vec3(places[1, m, 0], places[1, m, 1], places[1, m, 2]) - p
            d = to.norm()
            closest = ti.min(closest, d)
            if d < reach:
                move += to / (d + 1e-3) * (thirst * seconds * (1.0 - d / reach))
        p += move
        age, ends = life[n, 0] + seconds, life[n, 1]
        ahead = (p - vec3(gx, gy, gz)) / cell + move * (FADE / seconds / cell)
        beyond = ti.max(ahead[0] - nx, ahead[1] - ny, ahead[2] - nz)
        if closest < 0.15 or ahead.min() < 0.0 or beyond > 0.0:
            ends = ti.min(ends, age)
        wanted = ti.select(age < ends, 1.0, 0.0)
        bright = life[n, 2]
        bright += ti.min(ti.max(wanted - bright, -seconds / FADE), seconds / (2.0 * FADE))
        at[n, 0], at[n, 1], at[n, 2] = p[0], p[1], p[2]
        life[n, 0], life[n, 1], life[n, 2] = age, ends, bright
        if age >= ends and bright <= 0.0:
            sprung = _bear(at, life, births, places, n, seed, springs, near, span, ox, oy, oz, ex, ey, ez)
            if sprung == 0:  # the wind brings them: else its lee would be full and its luff empty
                x0, y0, z0 = (at[n, 0] - gx) / cell, (at[n, 1] - gy) / cell, (at[n, 2] - gz) / cell
                back = follow * dt / cell * unit(seed, births[n], n, 59) * 0.6 * span / seconds
                margin = 0.2 + 2.0 * unit(seed, births[n], n, 60)
                at[n, 0] = gx + cell * _upwind(x0, back * _air(u, x0, y0, z0), float(nx), margin)
                at[n, 1] = gy + cell * _upwind(y0, back * _air(v, x0, y0, z0), float(ny), margin)
                at[n, 2] = gz + cell * _upwind(z0, back * _air(w, x0, y0, z0), float(nz), margin)


@ti.kernel
def kindle(
    at: ti.template(), lit: ti.template(), flash: ti.template(), strength: ti.f32, seconds: ti.f32,
    gx: ti.f32, gy: ti.f32, gz: ti.f32, cell: ti.f32,
):  # fmt: skip
    """lit, 0–2, follows the flash of the air about each mote: up within KINDLE s, down within DIE; so one
    which is blown through many flashes does not flicker."""
    for n in lit:
        x, y, z = (at[n, 0] - gx) / cell, (at[n, 1] - gy) / cell, (at[n, 2] - gz) / cell
        wanted = ti.min(1.5 * strength * _air(flash, x, y, z), 2.0)
        lit[n] += ti.min(ti.max(wanted - lit[n], -seconds / DIE), seconds / KINDLE)


@ti.kernel
def show_spores(
    at: ti.template(), life: ti.template(), births: ti.template(), lit: ti.template(), seed: ti.u32,
    now: ti.f32, amount: ti.f32,
    glow: ti.f32, tints: ti.types.ndarray(), out_at: ti.types.ndarray(), out_radius: ti.types.ndarray(),
    out_tint: ti.types.ndarray(), out_glow: ti.types.ndarray(), out_key: ti.types.ndarray(),
):  # fmt: skip
    for n in births:
        g = births[n]
        kind = unit(seed, g, n, 61)
        size = unit(seed, g, n, 62)
        which = ti.cast(kind > 0.75, ti.i32)
        pale = 0.25 * unit(seed, g, n, 63)
        flash = lit[n] * (0.3 + 0.7 * unit(seed, 0, n, 66))
        blue = ti.min(1.5 * flash, 1.0)  # a flash has the colour of dinoflagellates, whatever flashes
        for c in ti.static(range(3)):
            out_at[n, c] = at[n, c]
            own = tints[which, c] * (1.0 - pale) + pale
            out_tint[n, c] = own + blue * (0.94 * tints[2, c] + 0.06 - own)
        big = size * size * size
        big *= big
        out_radius[n] = 0.004 + 0.014 * big + 0.002 * ti.cast(which > 0, ti.f32) + 0.007 * blue
        breath = 0.72 + 0.28 * ti.sin(now * (0.9 + 1.2 * unit(seed, g, n, 64)) + 6.2831853 * size)
        own = ti.select(which > 0, 0.25 + 0.75 * big, 0.07 + 0.33 * big)
        here = smooth((amount - unit(seed, 0, n, 65)) * 12.0 + 1.0)
        shines = own * breath + FLASHES * flash
        out_glow[n] = glow * shines * smooth(life[n, 2]) * here * ti.cast(amount > 0.0, ti.f32)
        out_key[n] = ti.cast(g, ti.i64) * ti.static(at.shape[0]) + n


@ti.kernel
def burst(
    rows: ti.types.ndarray(), tokens: ti.types.ndarray(), count: ti.i32, at: ti.template(),
    life: ti.template(), tint: ti.template(), number: ti.template(), seed: ti.u32,
):  # fmt: skip
    """Births of motes. rows: x, y, z, r, g, b, first number, how many, from which slot, in f64."""
    for b in range(count):
        token = seed ^ ti.cast(tokens[b], ti.u32)
        many = ti.cast(rows[b, 7], ti.i32)
        for m in range(many):
            slot = (ti.cast(rows[b, 8], ti.i32) + m) % MOTES
            own = ti.cast(rows[b, 6], ti.i32) + m
            x, y, z = 1.0, 1.0, 1.0
            for tries in ti.static(range(3)):  # in a ball, or after three tries in its box
                if x * x + y * y + z * z > 1.0:
                    x = 2.0 * unit(token, own, tries, 71) - 1.0
                    y = 2.0 * unit(token, own, tries, 72) - 1.0
                    z = 2.0 * unit(token, own, tries, 73) - 1.0
            at[slot, 0] = ti.cast(rows[b, 0], ti.f32) + ORIGIN * x
            at[slot, 1] = ti.cast(rows[b, 1], ti.f32) + ORIGIN * y
            at[slot, 2] = ti.cast(rows[b, 2], ti.f32) + ORIGIN * z
            for c in ti.static(range(3)):
                tint[slot, c] = ti.cast(rows[b, 3 + c], ti.f32)
            life[slot, 0] = -PLUME * unit(token, own, 0, 74)  # they come one after another
            life[slot, 1] = 3.0 + 3.0 * unit(token, own, 0, 75)
            life[slot, 2] = unit(token, own, 0, 76)
            number[slot] = own + 1


@ti.kernel
def rise(
    at: ti.template(), life: ti.template(), number: ti.template(), u: ti.template(), v: ti.template(),
    w: ti.template(), seed: ti.u32, now: ti.f32, seconds: ti.f32, dt: ti.f32, follow: ti.f32, lift: ti.f32,
    gx: ti.f32, gy: ti.f32, gz: ti.f32, cell: ti.f32,
):  # fmt: skip
    for n in number:
        if number[n] > 0:
            age = life[n, 0] + seconds
            life[n, 0] = age
            if age > life[n, 1]:
                number[n] = 0
            elif age > 0.0:
                p = vec3(at[n, 0], at[n, 1], at[n, 2])
                x, y, z = (p[0] - gx) / cell, (p[1] - gy) / cell, (p[2] - gz) / cell
                move = vec3(_air(u, x, y, z), _air(v, x, y, z), _air(w, x, y, z)) * (0.7 * follow * dt)
                up = lift * (0.85 + 0.3 * life[n, 2]) * (1.0 - 0.6 * age / life[n, 1])
                move += vec3(0.0, up * seconds, 0.0)
                move += _eddy(seed, p, 0.45, now * 0.25 + 0.4 * life[n, 2]) * (0.32 * seconds * smooth(age))
                for c in ti.static(range(3)):
                    at[n, c] = p[c] + move[c]


@ti.kernel
def show_motes(
    at: ti.template(), life: ti.template(), tint: ti.template(), number: ti.template(), flash: ti.template(),
    glow: ti.f32, embers: ti.types.ndarray(),
    out_at: ti.types.ndarray(), out_radius: ti.types.ndarray(), out_tint: ti.types.ndarray(),
    out_glow: ti.types.ndarray(), out_key: ti.types.ndarray(),
):  # fmt: skip
    for n in number:
        age, span = life[n, 0], life[n, 1]
        turned = 0.35 + 0.5 * smooth(2.5 * age / span)  # from its giver's colour to the embers'
        for c in ti.static(range(3)):
            out_at[n, c] = at[n, c]
            out_tint[n, c] = tint[n, c] + turned * (embers[c] - tint[n, c])
        big = life[n, 2] * life[n, 2]
        big *= big
        out_radius[n] = 0.005 + 0.013 * big
        lit = smooth(age / FADE) * smooth((span - age) / (0.6 * span))
        shines = lit * (0.3 + 0.7 * big + flash[n])
        out_glow[n] = ti.select(number[n] > 0 and age > 0.0, glow * shines, 0.0)
        out_key[n] = ti.cast(number[n], ti.i64)


class Drift:
    """Spores and motes. part: `drift`."""

    amount = Param(1.0, 0.0, 1.0, "", "share of the spores that is there")
    glow = Param(1.0, 0.0, 3.0, "", "brightness of spores and motes")
    follow = Param(0.6, 0.0, 1.0, "", "share of the air's motion that spores take")
    wander = Param(0.10, 0.0, 1.0, "m/s", "speed of their own wandering")
    thirst = Param(0.7, 0.0, 3.0, "m/s", "speed at which the body's mouths draw near ones in")
    reach = Param(0.9, 0.1, 3.0, "m", "how far the mouths reach")
    life = Param(7.0, 2.0, 20.0, "s", "mean life of a spore")
    near = Param(0.45, 0.0, 1.0, "", "share that is born at the body's vents, the rest anywhere around it")
    lift = Param(0.5, 0.0, 2.0, "m/s", "speed at which motes rise")
    shed = Param(
        900.0, 0.0, 5000.0, "µg/s", "spores too fine to be seen singly that a well-fed body breathes out"
    )

    def __init__(
        self, memory: "Memory", air: Grid, home: Grid, seed: int, rate: int = 30, count: int = SPORES
    ) -> None:
        """air: the grid of the velocity. home: the body's box, around which spores are born. seed: 32-bit.

        Raises BioartError for a count below 1.
        """
        if count < 1:
            raise BioartError(f"drift: {count} spores; allowed: 1 and more")
        self.air, self.rate = air, rate
        self._seed = seed & 0xFFFFFFFF
        self._at = memory.field("drift", "at", ti.f32, (count, 3))
        self._life = memory.field("drift", "life", ti.f32, (count, 3))  # age, end, brightness
        self._births = memory.field("drift", "births", ti.i32, (count,))
        self._lit = memory.field("drift", "lit", ti.f32, (count,))
        self._places = memory.field("drift", "places", ti.f32, (2, PLACES, 3))
        self._mote_at = memory.field("drift", "mote_at", ti.f32, (MOTES, 3))
        self._mote_life = memory.field("drift", "mote_life", ti.f32, (MOTES, 3))  # age, end, own
        self._mote_tint = memory.field("drift", "mote_tint", ti.f32, (MOTES, 3))
        self._mote_lit = memory.field("drift", "mote_lit", ti.f32, (MOTES,))
        self._mote_number = memory.field("drift", "mote_number", ti.i32, (MOTES,))
        self._waiting: list[tuple[tuple[float, float, float], RGB, int, int]] = []
        self._made = 0
        self._now = 0.0
        self._shown = (1.0, 1.0)
        low = [max(o - 0.2 * s, a) for o, s, a in zip(home.origin, home.size, air.origin, strict=True)]
        high = [
            min(o + 1.2 * s, a + e)
            for o, s, a, e in zip(home.origin, home.size, air.origin, air.size, strict=True)
        ]
        self._box = (*low, *(h - b for b, h in zip(low, high, strict=True)))
        sow(self._at, self._life, self._births, self._places, self._seed, Drift.life.default, *self._box)

    def burst(self, at: tuple[float, float, float], tint: RGB, amount: float, token: str) -> None:
        """Motes rise from a place at the next step. at: m. tint: linear sRGB. amount: 0–1 and more; 8 to 32
        motes. token: the giver's, hexadecimal. More than a step can take are let go, in order of arrival.

        Raises BioartError where a number is not finite or the token is no hexadecimal number.
        """
        if not all(math.isfinite(n) for n in (*at, *tint, amount)):
            raise BioartError(f"drift.burst: {(*at, *tint, amount)}; allowed: finite numbers")
        try:
            own = int(token, 16) & 0xFFFFFFFF
        except ValueError as fault:
            raise BioartError(f"drift.burst: token {token!r}; allowed: a hexadecimal number") from fault
        many = 8 + round(24 * min(max(amount, 0.0), 1.0))
        if len(self._waiting) < BURSTS and sum(b[2] for b in self._waiting) + many <= BIRTHS:
            self._waiting.append((at, tint, many, own))

    def step(
        self,
        k: int,
        p: dict[str, float],
        velocity: Sequence[Any],
        dt: float,
        springs: Sequence[tuple[float, float, float]] = (),
        mouths: Sequence[tuple[float, float, float]] = (),
        flashes: tuple[Any, float] | None = None,
    ) -> None:
        """One step. p: the params by short name. velocity: three f32 fields, cell-centred on the air's grid,
        world m/s. dt: world seconds. springs: where spores are born (vents, tips); mouths: what draws them
        in; m, the first 64 of each count. flashes: the air's, f32 on its grid, 0–1, and how strongly they are
        shown."""
        seconds = 1.0 / self.rate
        self._now = (k + 1) * seconds
        self._shown = (p["amount"], p["glow"])
        u, v, w = velocity
        rows = np.zeros((2, PLACES, 3), np.float32)
        for row, places in zip(rows, (springs, mouths), strict=True):
            for n, at in enumerate(places[:PLACES]):
                row[n] = at
        self._places.from_numpy(rows)
        corner = (*self.air.origin, self.air.cell)
        blow(
            self._at, self._life, self._births, self._places, u, v, w, self._seed, self._now, seconds, dt,
            p["follow"], p["wander"], p["thirst"], p["reach"], p["life"], p["near"],
            min(len(springs), PLACES), min(len(mouths), PLACES), *corner, *self._box,
        )  # fmt: skip
        self._bear()
        rise(
            self._mote_at, self._mote_life, self._mote_number, u, v, w, self._seed, self._now, seconds, dt,
            p["follow"], p["lift"], *corner,
        )  # fmt: skip

        if flashes is not None:
            kindle(self._at, self._lit, *flashes, seconds, *corner)
            kindle(self._mote_at, self._mote_lit, *flashes, seconds, *corner)

    @staticmethod
    def breath(
        k: int, p: Mapping[str, float], springs: Sequence[Place], plenty: float, dt: float
    ) -> list[tuple[Place, float, float]]:
        """The fine spores that the springs (m) shed in step k: places, radius in m and µg, for the air to
        carry. plenty: 0–1, how well fed the body is, times how strongly it breathes out just now."""
        if k % PUFF or not springs:
            return []
        much = p["shed"] * plenty * dt * PUFF / len(springs)
        return [(at, CLOUD, much) for at in springs] if much > 0.0 else []

    def _bear(self) -> None:
        if not self._waiting:
            return
        rows = np.zeros((BURSTS, 9), np.float64)
        tokens = np.zeros(BURSTS, np.uint32)
        for n, (at, tint, many, own) in enumerate(self._waiting):
            rows[n] = (*at, *tint, self._made % (1 << 30), many, self._made % MOTES)
            tokens[n] = own
            self._made += many
        burst(
            rows, tokens, len(self._waiting), self._mote_at, self._mote_life, self._mote_tint,
            self._mote_number, self._seed,
        )  # fmt: skip
        self._waiting.clear()

    def points(self) -> tuple[Points, Points]:
        """`spores` and `motes` as the last step left them: fresh arrays."""
        amount, glow = self._shown
        spores = _blank("spores", self._births.shape[0])
        tints = np.array([DUST, LIVING, BLUE], np.float32)
        show_spores(
            self._at, self._life, self._births, self._lit, self._seed, self._now, amount, glow, tints,
            spores.at, spores.radius, spores.tint, spores.glow, spores.key,
        )  # fmt: skip
        motes = _blank("motes", MOTES)
        show_motes(
            self._mote_at, self._mote_life, self._mote_tint, self._mote_number, self._mote_lit, glow,
            np.array(EMBER, np.float32), motes.at, motes.radius, motes.tint, motes.glow, motes.key,
        )  # fmt: skip
        motes.key[:] += FIRST_MOTE
        return spores, motes

    def state(self) -> dict[str, Any]:
        """Every field that decides the future."""
        return {
            "at": self._at, "life": self._life, "births": self._births, "mote_at": self._mote_at,
            "mote_life": self._mote_life, "mote_tint": self._mote_tint, "mote_number": self._mote_number,
            "lit": self._lit, "mote_lit": self._mote_lit,
        }  # fmt: skip

    def scalars(self) -> dict[str, Any]:
        """The rest of the state, as plain numbers and lists: motes made, what waits, the time."""
        waiting = [[list(at), list(tint), many, own] for at, tint, many, own in self._waiting]
        return {"made": self._made, "now": self._now, "shown": list(self._shown), "waiting": waiting}

    def restore(self, kept: dict[str, Any]) -> None:
        """Take back what `scalars` gave, once the fields of `state` hold their values again."""
        self._made, self._now = int(kept["made"]), float(kept["now"])
        self._shown = (float(kept["shown"][0]), float(kept["shown"][1]))
        self._waiting = [
            (tuple(at), tuple(tint), int(many), int(own)) for at, tint, many, own in kept["waiting"]
        ]


def _blank(name: str, count: int) -> Points:
    return Points(
        name,
        np.zeros((count, 3), np.float32),
        np.zeros(count, np.float32),
        np.zeros((count, 3), np.float32),
        np.zeros(count, np.float32),
        np.zeros(count, np.int64),
    )
