"""Clips whose verdict is known (linear light, functions of time), and the way to guard and screen."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

H, W = 72, 128  # px; 2 × 2 px a cell
Clip = Callable[[float], np.ndarray]


def watched(picture: np.ndarray) -> np.ndarray:
    """One view as the guard is shown it: (1, 36, 64, 4), means of light and of saturated red."""
    h, w, _ = picture.shape
    others = picture[..., 1] + picture[..., 2]
    red = np.where(picture[..., 0] >= 4 * others, np.maximum(picture[..., 0] - others, 0), 0)
    whole = np.concatenate([picture, red[..., None]], 2)
    return whole.reshape(1, 36, h // 36, 64, w // 64, 4).mean((2, 4), dtype=np.float32)


def srgb(light: np.ndarray) -> np.ndarray:
    """Linear light to sRGB bytes."""
    v = np.clip(light, 0, 1)
    code = np.where(v <= 0.0031308, v * 12.92, 1.055 * np.maximum(v, 1e-6) ** (1 / 2.4) - 0.055)
    return np.round(code * 255).astype(np.uint8)


def flat(*colour: float) -> np.ndarray:
    return np.broadcast_to(np.array(colour, np.float32), (H, W, 3))


def grey(level: float) -> np.ndarray:
    return flat(level, level, level)


def square(hz: float, a: np.ndarray, b: np.ndarray) -> Clip:
    return lambda t: a if int(t * hz * 2 + 1e-6) % 2 == 0 else b


def turns(hz: float, *pictures: np.ndarray) -> Clip:
    """Pictures one after the other, hz a second."""
    return lambda t: pictures[int(t * hz + 1e-6) % len(pictures)]


def wave(hz: float, low: float, high: float) -> Clip:
    return lambda t: grey(low + (high - low) * (0.5 - 0.5 * np.cos(2 * np.pi * hz * t)))


def saw(hz: float, low: float, high: float) -> Clip:
    return lambda t: grey(low + (high - low) * (t * hz % 1))


def chirp(first: float, last: float, seconds: float) -> Clip:
    """A sine whose rate goes from first to last, Hz."""
    bend = (last - first) / (2 * seconds)
    return lambda t: grey(0.5 - 0.5 * np.cos(2 * np.pi * (first * t + bend * t * t)))


def patch(share: float, level: float, below: float = 0.0) -> np.ndarray:
    picture = np.full((H, W, 3), below, np.float32)
    h, w = int(H * share**0.5), int(W * share**0.5)
    picture[(H - h) // 2 : (H + h) // 2, (W - w) // 2 : (W + w) // 2] = level
    return picture


def strip(share: float, level: float) -> np.ndarray:
    picture = np.zeros((H, W, 3), np.float32)
    picture[:, : int(W * share)] = level
    return picture


def labyrinth(shift: float = 0.0) -> np.ndarray:
    y, x = np.mgrid[0:H, 0:W]
    x = x + shift
    field = np.sin(x / 1.6 + 3 * np.sin(y / 6.8)) + np.sin(y / 1.8 + 2 * np.sin(x / 5.2))
    return np.repeat((field > 0).astype(np.float32)[..., None], 3, 2)


def bars(width: float, speed: float) -> Clip:
    """Light and dark bars of a width in px that travel, px/s."""
    x = np.broadcast_to(np.arange(W), (H, W))
    light = np.ones(3, np.float32)
    return lambda t: (np.sin(np.pi * (x - speed * t) / width) > 0)[..., None] * light


def in_turn(count: int, hz: float, share: float, colour: tuple[float, float, float]) -> Clip:
    """Bands side by side, each lit for a share of its period, one after the other."""
    band = np.broadcast_to(np.arange(W) * count // W, (H, W)) / count
    light = np.array(colour, np.float32)
    return lambda t: ((t * hz + band) % 1 < share)[..., None] * light


def bursts(hz: float, flashes: int, period: float, rest: float) -> Clip:
    """So many full flashes, then rest until the period is over."""
    on, off = grey(1.0), grey(0.0)

    def clip(t: float) -> np.ndarray:
        within = t % period
        if within * hz < flashes:
            return on if int(within * hz * 2 + 1e-6) % 2 == 0 else off
        return grey(rest)

    return clip


BLACK, RED = flat(0, 0, 0), flat(1, 0, 0)

# what every detector must fail: the answer key measured for two of them, and red by both rules
FAILING: dict[str, Clip] = {
    **{f"full {hz} Hz": square(hz, BLACK, grey(1)) for hz in (3.5, 4, 5, 10, 20, 30)},
    "30 to 41 % at 10 Hz": square(10, grey(0.30), grey(0.42)),
    "79 to 95 % at 10 Hz": square(10, grey(0.78), grey(0.96)),
    "red and black": square(10, BLACK, RED),
    "dark red and black": square(10, BLACK, flat(0.25, 0, 0)),
    "red and grey of equal light": square(10, RED, grey(0.2126)),
    "red and cyan": square(6, RED, flat(0, 0.2, 0.2)),
    "a strip of 24 %": square(10, BLACK, strip(0.24, 1)),
    "24 % of the picture": square(10, patch(0.24, 0), patch(0.24, 1)),
    "3 % of the picture": square(10, patch(0.03, 0), patch(0.03, 1)),
    "labyrinth swap 4 Hz": square(4, labyrinth(), 1 - labyrinth()),
}

# what looks for a way round the guard
SLY: dict[str, Clip] = {
    "chirp 1 to 30 Hz": chirp(1, 30, 6),
    "saw 5 Hz": saw(5, 0, 1),
    "saw 2 Hz": saw(2, 0.1, 0.9),
    "wave 3.4 Hz": wave(3.4, 0, 1),
    "white first": square(8, grey(1), BLACK),
    "bars of 8 px": bars(8, 120),
    "bars of 40 px": bars(40, 300),
    "labyrinth drifting": lambda t: labyrinth(40 * t),
    "3 bands in turn": in_turn(3, 1.2, 0.5, (1, 1, 1)),
    "4 bands in turn": in_turn(4, 1.9, 0.1, (1, 1, 1)),
    "5 bands in turn": in_turn(5, 1.2, 0.5, (1, 1, 1)),
    "3 red bands in turn": in_turn(3, 2.0, 0.5, (1, 0, 0)),
    "bursts of 2": bursts(15, 2, 1.01, 0),
    "bursts of 8 between light": bursts(15, 8, 3.1, 1),
    "bursts of 6 as the gain is back": bursts(12, 6, 4.6, 0.4),
    "red by way of orange": turns(
        24, flat(0.5, 0.2, 0.14), flat(0.8, 0.3, 0.2), flat(0.9, 0.1, 0.05), flat(0.8, 0.3, 0.2)
    ),
    "red and orange": square(6, RED, flat(1, 0.3, 0.02)),
    "red and rose of equal excess": square(6, flat(0.3, 0, 0), flat(0.9, 0.4, 0.2)),
    "redness that creeps": turns(28, RED, flat(0.3, 0.17, 0.1), flat(0.25, 0.25, 0.1), flat(0.3, 0.17, 0.1)),
    "small and dim": square(7, patch(0.04, 0.5, 0.5), patch(0.04, 0.9, 0.5)),
}
