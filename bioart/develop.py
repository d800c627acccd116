"""Develop: radiance to picture. Bloom that takes what it gives, one exposure for all views, and film."""

from __future__ import annotations

import math
from typing import Any

from bioart.assets import folder
from bioart.clock import RATE
from bioart.errors import real
from bioart.gpu import glsl
from bioart.param import Param

_LEVELS = 9  # of the glare's pyramid, at most: the widest is 512 px wide per texel
HARDLY = 1e-3  # of the glare: less on one level is not drawn
_SIZES = 3  # of views kept ready at once


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
        self._down, self._up, self._film = (
            glsl.program(ctx, shaders, f"develop/{name}.frag") for name in ("down", "up", "develop")
        )
        self._quads = {p: glsl.full_screen(ctx, p) for p in (self._down, self._up, self._film)}
        # Around the picture is black, which adds nothing.
        self._sampler = ctx.sampler(border_color=(0.0, 0.0, 0.0, 0.0), filter=(ctx.LINEAR, ctx.LINEAR))
        self._sets: dict[tuple[int, int, int], _Set] = {}

    def view(self, radiance: Any, p: dict[str, float], exposure: float, pixel: float = 1.0) -> Any:
        """Develop one view.

        radiance: RGBA16F texture, linear, premultiplied. p: params by short name. exposure: the factor that
        `Exposure.step` gave, the same for all views of a frame. pixel: a pixel's width/height as it will be
        seen (`Shot.pixel`), so that glare is round before the eye.

        Returns an RGBA16F texture of the same size, display light in [0, 1], alpha as it came; it is lent
        until the next call with a view of this size.
        """
        width, height = radiance.size
        made = self._set(width, height, pixel)
        self._ctx.disable(self._ctx.BLEND | self._ctx.DEPTH_TEST)
        glare = self._glare(radiance, made, p["spread"]) if p["bloom"] > 0 else made.levels[0]
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
        self._pass(self._film, made.picture, radiance=radiance, glare=glare.color_attachments[0])
        return made.picture.color_attachments[0]

    def _glare(self, radiance: Any, made: _Set, spread: float) -> Any:
        shares = _shares(made.texels, spread * radiance.height)
        last = len(shares) - 1
        source = radiance
        for level, factor in zip(made.levels[: last + 1], made.factors, strict=False):
            glsl.put(self._down, factor=factor, first=source is radiance)
            self._pass(self._down, level, source=source)
            source = level.color_attachments[0]
        wider, rest = made.levels[last], shares[last]
        for k in range(last - 1, -1, -1):
            glsl.put(self._up, share=shares[k], rest=rest, factor=made.factors[k + 1])
            own = made.levels[k].color_attachments[0]
            self._pass(self._up, made.sums[k], own=own, wider=wider.color_attachments[0])
            wider, rest = made.sums[k], 1.0
        return wider

    def _pass(self, program: Any, target: Any, **textures: Any) -> None:
        for unit, (name, texture) in enumerate(textures.items()):
            texture.use(unit)
            self._sampler.use(unit)
            glsl.put(program, **{name: unit})
        target.use()
        target.viewport = (0, 0, *target.size)
        self._quads[program].render(vertices=3)
        for unit in range(len(textures)):
            self._sampler.clear(unit)

    def _set(self, width: int, height: int, pixel: float) -> _Set:
        stretch = round(math.log2(pixel))  # halvings of one axis alone that make texels nearly square
        key = (width, height, stretch)
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
    """Textures for views of one size: the picture, the pyramid's levels, and their sums on the way up.

    factors: how much smaller each level is than the one before, (x, y); texels: their heights, px. A level
    reaches from one texel before the frame to the last texel that the frame's light gets to.
    """

    def __init__(self, ctx: Any, width: int, height: int, stretch: int) -> None:
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
        self.picture = _target(ctx, (width, height), "f2")
        # Single floats: halves would round light away from level to level.
        self.levels = [_target(ctx, size, "f4") for size in sizes]
        self.sums = [_target(ctx, size, "f4") for size in sizes[:-1]]

    def close(self) -> None:
        for target in (self.picture, *self.levels, *self.sums):
            for texture in target.color_attachments:
                texture.release()
            target.release()


def _target(ctx: Any, size: tuple[int, int], dtype: str) -> Any:
    return ctx.framebuffer([ctx.texture(size, 4, dtype=dtype)])


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
