"""Develop: radiance to picture. Bloom that takes what it gives, one exposure for all views, and film."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from bioart.assets import folder
from bioart.clock import RATE
from bioart.errors import real
from bioart.gpu import glsl
from bioart.gpu.view import Box
from bioart.param import Param

_LEVELS = 9  # of the glare's pyramid, at most: the widest is 512 px wide per texel
HARDLY = 1e-3  # of the glare: less on one level is not drawn
_SIZES = 3  # of views kept ready at once
_GAP = 3  # texels of black between the levels of two views: as far as a level looks beyond its own edge


class Develop:
    """Views of any size into display light. Holds programs and textures; knows no look and no display."""

    exposure = Param(0.0, -4.0, 4.0, "EV", "brighter or darker than what the eye would settle on")
    adapt = Param(0.35, 0.0, 1.0, "", "how far exposure answers the world's glow: 0 never, 1 wholly")
    slow = Param(3.0, 1.5, 30.0, "s", "time in which exposure goes most of its way", "log")
    lock = Param(0.0, 0.0, 1.0, "", "exposure held as it is: 0 answers the glow, 1 stays; between, slower")
    bloom = Param(0.12, 0.0, 1.0, "", "share of the light that glare spreads around its source")
    spread = Param(0.03, 0.004, 0.2, "", "how wide the glare is: the eye's degree, in picture heights", "log")
    contrast = Param(1.2, 0.9, 1.8, "", "steepness of the film around middle grey")
    saturation = Param(1.0, 0.0, 1.5, "", "colour of the light before the film: 0 grey, 1 as it is")
    warmth = Param(0.0, -1.0, 1.0, "", "white balance, cold to warm")

    def __init__(self, ctx: Any) -> None:
        self._ctx = ctx
        shaders = folder("shaders")
        self._first, self._down, self._up, self._film = (
            glsl.program(ctx, shaders, f"develop/{name}.frag", defined=defined)
            for name, *defined in (("down", "FIRST"), ("down",), ("up",), ("develop",))
        )
        programs = (self._first, self._down, self._up, self._film)
        self._quads = {program: glsl.full_screen(ctx, program) for program in programs}
        # Around the picture is black, which adds nothing.
        self._sampler = ctx.sampler(border_color=(0.0, 0.0, 0.0, 0.0), filter=(ctx.LINEAR, ctx.LINEAR))
        self._sets: dict[tuple[int, int, int, int], _Set] = {}

    def view(self, radiance: Any, p: dict[str, float], exposure: float, pixel: float = 1.0) -> Any:
        """Develop one view: `views` of it alone."""
        return self.views([radiance], p, exposure, pixel)[0]

    def views(
        self,
        radiances: Sequence[Any],
        p: dict[str, float],
        exposure: float,
        pixel: float = 1.0,
        onto: Sequence[tuple[Any, Box]] | None = None,
    ) -> list[Any]:
        """Develop views of one size, side by side: a pass of their glare is one for all of them.

        radiances: RGBA16F textures, linear, premultiplied. p: params by short name. exposure: the factor that
        `Exposure.step` gave, the same for all views of a frame. pixel: a pixel's width/height as it will be
        seen (`Shot.pixel`), so that glare is round before the eye. onto: for each a framebuffer and a box in
        it of the view's size, where it is developed to; None: textures of its own.

        Returns the RGBA16F textures, display light in [0, 1], alpha as it came; its own are of the same size
        and lent until the next call with as many views of it.
        """
        width, height = radiances[0].size
        made = self._set(width, height, pixel, len(radiances))
        onto = onto or [(picture, (0, 0, *picture.size)) for picture in made.pictures]
        self._ctx.disable(self._ctx.BLEND | self._ctx.DEPTH_TEST)
        glare = self._glare(radiances, made, p["spread"]) if p["bloom"] > 0 else made.levels[0]
        knee, top = curve(p["contrast"])
        warm = (1 + 0.3 * p["warmth"], 1.0, 1 - 0.3 * p["warmth"])
        grey = 0.2126 * warm[0] + 0.7152 * warm[1] + 0.0722 * warm[2]
        glsl.put(
            self._film,
            bloom=p["bloom"],
            exposure=exposure,
            contrast=p["contrast"],
            knee=knee,
            top=top,
            saturation=p["saturation"],
            balance=tuple(w / grey for w in warm),
            factor=made.factors[0],
        )
        for place, (radiance, (target, box)) in enumerate(zip(radiances, onto, strict=True)):
            glsl.put(self._film, corner=place * made.strides[0], origin=box[:2])
            self._pass(self._film, target, box, radiance=radiance, glare=_texture(glare))
        return [_texture(target) for target, _ in onto]

    def _glare(self, radiances: Sequence[Any], made: _Set, spread: float) -> Any:
        shares = _shares(made.texels, spread * radiances[0].height)
        last = len(shares) - 1
        glsl.put(self._first, factor=made.factors[0])
        for place, radiance in enumerate(radiances):
            corner = place * made.strides[0]
            glsl.put(self._first, corner=corner)
            level = made.levels[0]
            self._pass(self._first, level, (corner, 0, made.widths[0], level.height), source=radiance)
        for k in range(1, last + 1):
            strides = tuple(made.strides[k - 1 : k + 1])
            glsl.put(self._down, factor=made.factors[k], strides=strides, width=made.widths[k])
            self._pass(self._down, made.levels[k], source=_texture(made.levels[k - 1]))
        wider, rest = made.levels[last], shares[last]
        for k in range(last - 1, -1, -1):
            strides = tuple(made.strides[k : k + 2])
            glsl.put(self._up, share=shares[k], rest=rest, factor=made.factors[k + 1])
            glsl.put(self._up, strides=strides, width=made.widths[k])
            self._pass(self._up, made.sums[k], own=_texture(made.levels[k]), wider=_texture(wider))
            wider, rest = made.sums[k], 1.0
        return wider

    def _pass(self, program: Any, target: Any, box: Box | None = None, **textures: Any) -> None:
        """box: the part of the target that is drawn; None: all."""
        for unit, (name, texture) in enumerate(textures.items()):
            texture.use(unit)
            self._sampler.use(unit)
            glsl.put(program, **{name: unit})
        target.use()
        target.viewport = box or (0, 0, *target.size)
        self._quads[program].render(vertices=3)
        for unit in range(len(textures)):
            self._sampler.clear(unit)

    def _set(self, width: int, height: int, pixel: float, count: int) -> _Set:
        stretch = round(math.log2(pixel))  # halvings of one axis alone that make texels nearly square
        key = (width, height, stretch, count)
        if key not in self._sets:
            self._sets[key] = _Set(self._ctx, *key)
            while len(self._sets) > _SIZES:
                self._sets.pop(next(iter(self._sets))).close()
        return self._sets[key]

    def close(self) -> None:
        for made in self._sets.values():
            made.close()
        self._sets.clear()
        for program, quad in self._quads.items():
            quad.release()
            program.release()
        self._sampler.release()


class _Set:
    """Textures for so many views of one size: their pictures, the pyramid's levels, and their sums on the way
    up. A level's texture holds that of every view, side by side.

    factors: how much smaller each level is than the one before, (x, y); texels: their heights, px; widths: a
    view's share of a level, texels; strides: from one view's to the next. A level reaches from one texel
    before the frame to the last texel that the frame's light gets to.
    """

    def __init__(self, ctx: Any, width: int, height: int, stretch: int, count: int) -> None:
        self._count = count
        self.factors: list[tuple[float, float]] = []
        self.texels: list[float] = []
        sizes: list[tuple[int, int]] = []
        last, texel = (width - 1, height - 1), 1.0
        while len(sizes) < _LEVELS and (not sizes or texel < height):
            x, y = (1 if stretch > len(sizes) else 2), (1 if -stretch > len(sizes) else 2)
            last, texel = ((last[0] + x - 1) // x, (last[1] + y - 1) // y), texel * y
            sizes.append((last[0] + 2, last[1] + 2))
            self.factors.append((float(x), float(y)))
            self.texels.append(texel)
        self.widths = [wide for wide, _ in sizes]
        self.strides = [wide + _GAP for wide in self.widths]
        sheets = [(count * (wide + _GAP) - _GAP, high) for wide, high in sizes]
        self._picture = (ctx, (width, height), "f2")
        self._pictures: list[Any] = []
        # Single floats: halves would round light away from level to level.
        self.levels = [_target(ctx, size, "f4") for size in sheets]
        self.sums = [_target(ctx, size, "f4") for size in sheets[:-1]]
        self.levels[0].clear()  # what lies between views is drawn in the others

    @property
    def pictures(self) -> list[Any]:
        """Where the views are developed to, if nowhere else: made when asked for."""
        while len(self._pictures) < self._count:
            self._pictures.append(_target(*self._picture))
        return self._pictures

    def close(self) -> None:
        for target in (*self._pictures, *self.levels, *self.sums):
            _texture(target).release()
            target.release()


def _target(ctx: Any, size: tuple[int, int], dtype: str) -> Any:
    return ctx.framebuffer([ctx.texture(size, 4, dtype=dtype)])


def _texture(target: Any) -> Any:
    return target.color_attachments[0]


def _shares(texels: list[float], degree: float) -> list[float]:
    """How much of the glare each level carries, summing to 1, without the widest ones that carry hardly any.
    degree: of the eye, px.

    Light that scatters in an eye falls as 10/θ³ + 5/θ² (CIE 146:2002, after Vos 1984; θ in degrees), which is
    an energy of 2/θ + 1 an octave. Below a quarter degree every eye does so by itself; beyond eight a veil
    would lie over the black.
    """
    energy = []
    for texel in texels:
        angle = 0.7 * texel / max(degree, 0.5)  # what a level blurs by
        energy.append(
            (2.0 / angle + 1.0) * angle**2 / (angle**2 + 0.25**2) * math.exp(-((angle / 8.0) ** 2)) + 1e-12
        )
    while len(energy) > 1 and energy[-1] < HARDLY * sum(energy):
        energy.pop()
    return [e / sum(energy) for e in energy]


def curve(contrast: float) -> tuple[float, float]:
    """k of the film's x^c / (x^c + k), and by what that is stretched: 0.18 stays 0.18, and 16 comes to 1."""
    grey, white = 0.18**contrast, 16.0**contrast
    knee = 0.82 * grey * white / (0.18 * white - grey)
    return knee, (white + knee) / white


class Exposure:
    """The show's eye: moves once a step towards what the world's light asks for, in 1.5 s or more.

    Two parts add up, in EV: what the eye has adapted to, which `lock` holds, and the artist's own correction,
    which goes on while it is held, as on a camera. All in +, −, × and ÷ on doubles, so that its bits are the
    same on every machine.
    """

    NOMINAL = 0.25  # the glow at which nothing is corrected
    FLOOR = 0.02  # glow that a dark room still has
    REACH = 2.0  # EV, the most that glow alone moves exposure
    SPEED = 1.5  # EV/s, the fastest that anything moves it: a knob shaken at 3 Hz stays below a quarter stop

    def __init__(self) -> None:
        self._at: tuple[float, float] | None = None  # EV: adapted, the artist's own

    def step(self, glow: float, p: dict[str, float]) -> float:
        """One step of 1/30 s. glow: the vital, ≥ 0. p: develop's params by short name.

        Returns the factor on radiance. The first step has settled already, locked or not.
        """
        wanted = (Exposure.NOMINAL + Exposure.FLOOR) / (max(glow, 0.0) + Exposure.FLOOR)
        answer = min(max(p["adapt"] * log2(wanted), -Exposure.REACH), Exposure.REACH)
        if self._at is None:
            self._at = (answer, p["exposure"])
        else:
            adapted, own = self._at
            turn = (1.0 - p["lock"]) * (answer - adapted) / (p["slow"] * RATE)
            push = (p["exposure"] - own) / (p["slow"] * RATE)
            most = Exposure.SPEED / RATE
            slower = most / max(most, abs(turn + push), abs(turn), abs(push))
            self._at = (adapted + turn * slower, own + push * slower)
        return exp2(self._at[0] + self._at[1])

    def state(self) -> dict[str, list[float] | None]:
        """EV: adapted, the artist's own; None before the first step."""
        return {"ev": None if self._at is None else list(self._at)}

    def restore(self, state: dict[str, list[float] | None]) -> None:
        """Be again what `state()` told. Errors of MALFORMED where it told no such thing."""
        ev = state["ev"]
        if ev is None:
            self._at = None
        else:
            adapted, own = ev
            reach = Exposure.REACH
            self._at = (real(adapted, -reach, reach), real(own, Develop.exposure.low, Develop.exposure.high))


def log2(x: float) -> float:
    """Base-2 logarithm of x > 0 within 1e-12, by arithmetic alone."""
    m, e = math.frexp(x)
    if m < 0.7071067811865476:
        m, e = 2 * m, e - 1
    s = (m - 1) / (m + 1)
    square, power, total = s * s, s, 0.0
    for k in range(1, 19, 2):
        total += power / k
        power *= square
    return e + total * 2.8853900817779268  # 2/ln 2


def exp2(x: float) -> float:
    """2 to the x within 1e-12 relative, by arithmetic alone."""
    whole = math.floor(x + 0.5)
    r = (x - whole) * 0.6931471805599453
    term = total = 1.0
    for k in range(1, 14):
        term *= r / k
        total += term
    return math.ldexp(total, whole)
