"""The air of a frame, worked out once for all its views: what lights it, and what is in it.

For `shaders/lib/air.glsl` and `shaders/lib/murk.glsl`. Light reaches the air from the body's glow, as the
mean radiance that it keeps up (`_scatter`), and from lamps, dimmed by flesh and smog on their way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from bioart.forms import Grid
from bioart.gpu import crew
from bioart.looks import _lighting
from bioart.looks._scatter import MeanRadiance
from bioart.spectrum import emitter_rgb

if TYPE_CHECKING:
    from bioart.gpu.upload import Scene

F32 = NDArray[np.float32]
Vector = tuple[float, float, float]
CHANNELS = ("smog", "spores", "spill", "flash")
FLASH = emitter_rgb(474.0, 35.0)  # of what flashes in the air: dinoflagellates
SHINES = 3.0  # radiance to a metre that a full light adds inside the skin, as the skin shows it outside
MURK = (0.72, 1.0, 1.5)  # `shaders/lib/murk.glsl`
CLEAN = (0.30, 0.55, 1.0)  # `shaders/lib/air.glsl`, BLUE
LOBES = (0.35, 0.72, -0.1)  # smog throws a third of what it scatters forwards, the rest about evenly


class Air:
    """Textures and uniforms by the names that the shaders have for them."""

    def __init__(self, ctx: Any) -> None:
        self._ctx = ctx
        self._mean: tuple[Any, MeanRadiance] | None = None
        self.flashing = False
        self.textures: dict[str, Any] = {}
        self.uniforms: dict[str, Any] = {}
        self.grid: Grid

    def worked(
        self,
        scene: Scene,
        grid: Grid,
        p: dict[str, float],
        lamps: Sequence[Vector],
        glow: tuple[F32, Grid],
        thin: tuple[F32, Grid],
    ) -> dict[str, F32]:
        """What `prepare` sends, (x, y, z, n) by texture, without a hand on OpenGL.

        grid: the air's. p: the look's params, `smog`, `haze`, `glow`, `flashes` among them. lamps: unit,
        towards each: the key light, and the second lamp where it shines. glow: what the body sends out, 0–1
        of each colour (x, y, z, 3), and thin: how much of a cell is flesh, each with its grid."""
        walls = fading(grid.shape)
        smog, spores, spill, flash = (scene.values(name, grid) * walls for name in CHANNELS)
        sources = _lighting.resampled(glow[0], glow[1], grid)
        takes = self._takes(sources, smog, p)
        matter = (_lighting.resampled(*thin, grid), smog)
        mean, *dark = crew.together(
            lambda: self._solver(grid).of(sources, takes),
            *(partial(_lighting.depth_towards, thick, grid.cell, lamp) for lamp in lamps for thick in matter),
        )
        flashing = p["flashes"] > 0.0 and bool(flash.any())
        return {
            "air": np.concatenate([mean * (SHINES * p["glow"]), smog[..., None]], axis=-1),
            "air_shade": np.stack([*dark[:2], spores, spill], axis=-1),
            **({"air_rim": np.stack(dark[2:], axis=-1)} if len(lamps) > 1 else {}),
            **({"flash": flash[..., None]} if flashing else {}),
        }

    def prepare(
        self,
        values: dict[str, F32],
        grid: Grid,
        p: dict[str, float],
        lamps: Sequence[Vector],
        t: float,
        send: Callable[..., Any],
    ) -> None:
        """Take what `worked` made. send: values (x, y, z, n) to a texture by name. t: for what drifts, s."""
        self.flashing = "flash" in values
        self.grid = grid
        self.textures = {name: send(name, value) for name, value in values.items()}
        self.uniforms = {
            "air_origin": grid.origin,
            "air_size": grid.size,
            **dict(zip(("key_from", "rim_from"), lamps, strict=False)),
            "murky": (0.0, 0.0, 0.0, p["smog"]),
            "flashes": 2.0 * p["flashes"],  # the channel's full is twice the common strength
            "flash_colour": FLASH,
            "forward_lobe": LOBES,
            "drift": (0.05 * t, -0.035 * t, 0.02 * t),
        }

    def _takes(self, sources: F32, smog: F32, p: dict[str, float]) -> tuple[float, float, float]:
        """1/m that the air takes of each colour where the glow goes: about the body."""
        weights = ndimage.uniform_filter(sources.sum(-1), 9, mode="constant")
        total = float(weights.sum())
        dense = p["smog"] * (float((weights * smog).sum()) / total if total > 0.0 else float(smog.mean()))
        r, g, b = (dense * m + p["haze"] * c for m, c in zip(MURK, CLEAN, strict=True))
        return r, g, b

    def _solver(self, grid: Grid) -> MeanRadiance:
        key = (grid.shape, grid.cell)
        if self._mean is None or self._mean[0] != key:
            self._mean = (key, MeanRadiance(grid.shape, grid.cell))
        return self._mean[1]


@lru_cache(maxsize=2)
def fading(shape: tuple[int, int, int]) -> F32:
    """1 well inside the air's box, 0 at its walls, torn between: where the grid ends never shows. It stands
    on the ground, which is its lower wall."""
    r = np.meshgrid(*((np.arange(n) + 0.5) / n * 2 - 1 for n in shape), indexing="ij")
    noise = np.random.Generator(np.random.PCG64(20211)).standard_normal(shape)
    torn = sum(w * _unit(ndimage.gaussian_filter(noise, s)) for w, s in ((0.15, 5.0), (0.07, 2.0)))
    far = np.sqrt(r[0] ** 2 + (0.85 * r[1]) ** 2 + r[2] ** 2) + torn
    walls = [_smooth((1.0 - np.abs(x)) / 0.28) for x in r]
    walls[1] = np.where(r[1] > 0, walls[1], 1.0)
    return np.asarray((1.0 - _smooth((far - 0.25) / 0.85)) * walls[0] * walls[1] * walls[2], np.float32)


def _unit(noise: Any) -> Any:
    return noise / max(float(noise.std()), 1e-9)


def _smooth(x: Any) -> Any:
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)
