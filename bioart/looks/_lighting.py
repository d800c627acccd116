"""Light that all views of a frame share, worked out once on coarse grids: shadow, openness, spread of glow.

Everything is float32 in (x, y, z) order, metres, linear sRGB. A ray-marched picture reads these instead of
marching again at every pixel, and forty-eight views of a hologram cost one of each.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bioart.gpu.resample import halved as halved
from bioart.gpu.resample import halved_grid as halved_grid
from bioart.gpu.resample import pairs
from bioart.gpu.resample import resampled as resampled

F32 = NDArray[np.float32]


def most(values: F32, times: int = 1) -> F32:
    """The greatest of every 2×2×2 cells, `times` times over."""
    for _ in range(times):
        for axis in range(3):
            values = np.maximum(*pairs(values, axis))
    return values


def free_way(solid: F32, cell: float, threshold: float = 0.08) -> F32:
    """How far a ray may go from anywhere in a block without meeting the body, m.

    solid: at the body's cells; cell: their edge, m. Blocks of 2³ cells. From a block whose chessboard
    distance to a full one is c, a ray is free for c − 1 blocks, less half a cell that a linear read reaches.
    """
    full = most(solid) > threshold
    if not full.any():
        return np.full(full.shape, 1e3, np.float32)
    board = ndimage.distance_transform_cdt(~full, "chessboard").astype(np.float32)
    return np.asarray(np.maximum((board - 1) * np.float32(2 * cell) - np.float32(0.5 * cell), 0), np.float32)


def shell(solid: F32, threshold: float = 0.08) -> NDArray[np.int64]:
    """(n, 3) indices of the blocks of 4³ cells that hold some of the body and are not buried in it."""
    full = most(solid, 2) > threshold
    buried = ndimage.binary_erosion(full, border_value=0)
    return np.argwhere(full & ~buried)


def towards(turn: float, height: float) -> tuple[float, float, float]:
    """The unit vector to a light. turn: degrees about +y from +z towards +x; height: degrees upwards."""
    a, b = math.radians(turn), math.radians(height)
    return (math.sin(a) * math.cos(b), math.sin(b), math.cos(a) * math.cos(b))


def depth_towards(thick: F32, cell: float, light: tuple[float, float, float], soft: float = 0.12) -> F32:
    """∫ thick ds from each cell to the light, in metres of fully thick matter.

    One sweep of slices, each from the one before it, shifted along the light (bilinear) and spread by `soft`,
    which gives shadows the penumbra of a light that is not a point. A light may come from any side.
    """
    axis = int(np.argmax(np.abs(light)))
    matter = np.moveaxis(thick, axis, 0)
    if light[axis] > 0:
        matter = matter[::-1]
    across = [light[i] / abs(light[axis]) for i in range(3) if i != axis]
    length = np.float32(cell / abs(light[axis]))
    rows, columns = (_shift(n, by, soft) for n, by in zip(matter.shape[1:], across, strict=True))
    columns = columns.T
    out = np.empty(matter.shape, np.float32)
    before = np.zeros(matter.shape[1:], np.float32)
    last = np.zeros_like(before)
    for k in range(matter.shape[0]):
        before = rows @ (before + np.float32(0.5) * length * last) @ columns
        last = matter[k]
        before = before + np.float32(0.5) * length * last
        out[k] = before
    if light[axis] > 0:
        out = out[::-1]
    return np.ascontiguousarray(np.moveaxis(out, 0, axis))


def _shift(n: int, by: float, soft: float) -> F32:
    """(n, n): times a row of n it is the row read at +by (cells, any size), 0 from beyond its ends, spread by
    [soft, 1 − 2·soft, soft]."""
    whole = math.floor(by)
    part = by - whole
    kernel = (
        (1 - part) * soft,
        (1 - part) * (1 - 2 * soft) + part * soft,
        (1 - part) * soft + part * (1 - 2 * soft),
        part * soft,
    )
    return np.asarray(sum(w * np.eye(n, k=whole - 1 + i) for i, w in enumerate(kernel)), np.float32)


def openness(solid: F32) -> F32:
    """How open a place is to its surroundings, 0 (buried) to 1, from the solid around it at two sizes."""
    near = ndimage.gaussian_filter(solid, 1.6, mode="constant")
    far = ndimage.uniform_filter(near, 7, mode="constant")
    return np.asarray(np.clip(1.25 - 0.9 * near - 1.1 * far, 0, 1), np.float32)


def spread(light: F32, near: float, far: float, each: Callable[..., Iterable[Any]] = map) -> F32:
    """Light (x, y, z, 3) as flesh and surroundings spread it: a narrow and a wide blur, sizes in cells.
    each: how the colours are gone through, as `map` does."""
    out = np.empty_like(light)

    def one(i: int) -> None:
        tight = ndimage.gaussian_filter(light[..., i], near, mode="constant", truncate=2.5)
        wide = tight
        for _ in range(2):
            wide = ndimage.uniform_filter(wide, int(far) | 1, mode="constant")
        out[..., i] = 0.7 * tight + 0.8 * wide

    list(each(one, range(light.shape[-1])))
    return out


def kelvin(temperature: float) -> tuple[float, float, float]:
    """A black body's colour, linear sRGB of luminance 1. Chromaticity: Kang et al. 2002, 1667–25000 K."""
    x = 1e3 / min(max(temperature, 1667.0), 25000.0)
    if temperature <= 4000:
        cx = -0.2661239 * x**3 - 0.2343589 * x**2 + 0.8776956 * x + 0.179910
    else:
        cx = -3.0258469 * x**3 + 2.1070379 * x**2 + 0.2226347 * x + 0.240390
    if temperature <= 2222:
        cy = -1.1063814 * cx**3 - 1.34811020 * cx**2 + 2.18555832 * cx - 0.20219683
    elif temperature <= 4000:
        cy = -0.9549476 * cx**3 - 1.37418593 * cx**2 + 2.09137015 * cx - 0.16748867
    else:
        cy = 3.0817580 * cx**3 - 5.87338670 * cx**2 + 3.75112997 * cx - 0.37001483
    big_x, big_z = cx / cy, (1 - cx - cy) / cy
    rgb = (
        3.2404542 * big_x - 1.5371385 - 0.4985314 * big_z,
        -0.9692660 * big_x + 1.8760108 + 0.0415560 * big_z,
        0.0556434 * big_x - 0.2040259 + 1.0572252 * big_z,
    )
    return (max(rgb[0], 0.0), max(rgb[1], 0.0), max(rgb[2], 0.0))


@lru_cache(maxsize=1)  # a second to make: who changes the look on a stage does not wait for it
def matter(side: int = 64, cells: int = 8) -> tuple[NDArray[np.float16], NDArray[np.float16]]:
    """One tile of tissue, periodic, (side, side, side, 4) twice.

    The first in 0–1: nearness to a polyp's middle, seams between polyps, cloud, ridges. The second: the way
    to that middle in spacings (x, y, z), and the polyp's own number 0–1. Polyps and seams: Worley's cellular
    noise (1996) over a jittered lattice of cells³ points; cloud, ridges: Gaussian spectra falling as a power.
    """
    rng = np.random.Generator(np.random.PCG64(20211))
    jitter = rng.random((cells, cells, cells, 3)).astype(np.float32) * 0.8 + 0.1
    number = rng.random((cells, cells, cells)).astype(np.float32)
    axis = (np.arange(side, dtype=np.float32) + 0.5) * (cells / side)
    p = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)
    base = np.floor(p).astype(int)
    first = np.full((side,) * 3, 9.0, np.float32)
    second = first.copy()
    way = np.zeros((side, side, side, 4), np.float32)
    for o in np.ndindex(3, 3, 3):
        cell = base + np.array(o) - 1
        index = tuple(np.moveaxis(cell % cells, -1, 0))
        to = cell + jitter[index] - p
        far = np.sqrt((to**2).sum(-1)).astype(np.float32)
        nearer = far < first
        second = np.where(nearer, first, np.minimum(second, far))
        first = np.where(nearer, far, first)
        way[nearer] = np.concatenate([to, number[index][..., None]], axis=-1)[nearer]
    middle = np.clip(1 - first / 0.8, 0, 1)
    cloud = _spectral(rng, side, 2.4, 12)
    ridges = np.clip(1 - np.abs(2 * _spectral(rng, side, 2.0, 22) - 1) * 1.6, 0, 1)
    tile = np.stack([middle, np.clip((second - first) * 1.6, 0, 1), cloud, ridges], axis=-1)
    # the texture's first axis is x here, as a tile has no grid of ours
    return tuple(np.ascontiguousarray(np.swapaxes(v, 0, 2), np.float16) for v in (tile, way))  # type: ignore


@lru_cache(maxsize=1)
def layers() -> dict[str, F32]:
    """What is read often of `matter`'s tissue, each (side, side, side, 1).

    clouds: its cloud. bumps: how high the skin stands over the smooth body, domes with a mouth and ridges
    between, about 0; nap: what of that is finer, 0 to 0.26.
    """
    tile = matter()[0].astype(np.float32)
    near, ridges = tile[..., :1], tile[..., 3:]
    domes = 1.1 * _step(near, 0.05, 0.75) - 0.75 * _step(near, 0.66, 0.93)
    return {
        "clouds": np.ascontiguousarray(tile[..., 2:3]),
        "bumps": np.ascontiguousarray(domes - 0.55 + 0.5 * (ridges - 0.5), np.float32),
        "nap": np.ascontiguousarray(0.16 * ridges + 0.10 * _step(near, 0.1, 0.7), np.float32),
    }


def _step(x: F32, low: float, high: float) -> F32:
    """GLSL's smoothstep."""
    t = np.clip((x - low) / (high - low), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


def _spectral(rng: np.random.Generator, side: int, fall: float, top: float) -> F32:
    """Periodic noise whose amplitude falls as 1/f^(fall/2 + 1/2), without waves above `top` per tile, 0–1."""
    f = np.fft.fftfreq(side, 1 / side)
    radius = np.sqrt(f[:, None, None] ** 2 + f[None, :, None] ** 2 + f[None, None, : side // 2 + 1] ** 2)
    gain = np.where((radius > 0.5) & (radius <= top), np.maximum(radius, 1) ** (-(fall + 1) / 2), 0)
    wave = np.fft.irfftn(np.fft.rfftn(rng.standard_normal((side,) * 3)) * gain, s=(side,) * 3, axes=(0, 1, 2))
    return np.asarray(np.clip(0.5 + 0.2 * wave / wave.std(), 0, 1), np.float32)
