"""Emission and absorption against closed forms, and a world that is turned against a camera that is."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parent))
import solids

from bioart import studio
from bioart.camera import Camera
from bioart.forms import Forms

SIZE = (320, 180)
VIEW = studio.camera(yaw=28.0, pitch=17.0, distance=4.6)
WITHIN = {"draft": 0.02, "live": 0.01, "final": 0.005}
EXACT = {"ball": solids.of_ball, "blob": solids.of_blob, "slab": solids.of_slab}
MADE = {"ball": solids.ball, "blob": solids.blob, "slab": solids.slab}


def seen(solid: solids.Solid, camera: Camera, quality: str, size: tuple[int, int] = SIZE) -> np.ndarray:
    """The radiance of a body that emits and absorbs at the wavelength at which densities are told."""
    forms = studio.volume(
        solid.cell, light0=solid.field, smog=solid.field, emitters={"light0": (550.0, 10.0)}
    )
    dense = solid.dense
    with studio.Studio("spectral", size, quality, glow=dense, smog=dense, order=0.0) as one:
        return one.radiance(forms, camera)[..., :3].max(-1).astype(float)


@pytest.mark.parametrize("quality", ["draft", "live", "final"])
@pytest.mark.parametrize("name", ["ball", "blob", "slab"])
def test_emission_and_absorption_as_in_closed_form(
    name: str, quality: str, tell: Callable[[str], None]
) -> None:
    """The mean square over the picture, in shares of the brightest; away from its edge every single pixel.

    A grid blurs an edge by half a cell, which no march can take back: a ball is asked for the finer bounds
    where it has 192 cells, and no pixel within three cells of an edge is asked by itself.
    """
    n = 96 if quality == "draft" or name != "ball" else 192
    solid = MADE[name](n)
    eye, d = solids.rays(VIEW, *SIZE)
    exact = EXACT[name](eye, d, solid.dense)
    error = (seen(solid, VIEW, quality) - exact) / exact.max()
    beside = np.abs(solids.passing(eye, d) - solids.BALL) > 3 * solid.cell if name == "ball" else _even(exact)
    square, most = float(np.sqrt((error**2).mean())), float(np.abs(error[beside]).max())
    total = float(error.sum() * exact.max() / exact.sum())
    tell(f"{name} {n}³, {quality}: mean square {square:.5f}, greatest {most:.5f}, all its light {total:+.5f}")
    assert square <= WITHIN[quality]
    assert most <= WITHIN[quality] * 1.5
    assert abs(total) <= WITHIN[quality]


def _even(exact: np.ndarray) -> np.ndarray:
    """Where no pixel within three is much brighter or darker than its neighbour: off the edges."""
    slope = np.maximum(*(np.abs(np.gradient(exact, axis=a)) for a in (0, 1)))
    return np.asarray(ndimage.maximum_filter(slope, 7) < 0.04 * exact.max())


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_camera_that_turns_sees_a_world_that_turns(turns: int) -> None:
    """Quarter turns about the vertical move cells onto cells: every pixel is the same but for rounding."""
    rng = np.random.default_rng(5)
    field = rng.random((24, 32, 24)).astype(np.float32)
    field[rng.random(field.shape) < 0.5] = 0.0

    def forms(f: np.ndarray) -> Forms:
        return studio.volume(0.08, light0=f, solid=f, smog=f)

    turned = np.rot90(field, turns, axes=(2, 0))  # from +z towards +x, as yaw runs
    with studio.Studio("spectral", (160, 160), "live", order=0.0) as one:
        still = one.radiance(forms(field), studio.camera(yaw=20.0, pitch=12.0))
        moved = one.radiance(forms(turned), studio.camera(yaw=20.0 + 90.0 * turns, pitch=12.0))
    assert still[..., :3].max() > 0.1
    assert np.abs(moved - still).max() <= 2e-3 * still.max()


def test_light_is_taken_wavelength_by_wavelength() -> None:
    """Behind the same flesh and smog blue is dimmed more than red, by the powers that the look states."""
    lamp = np.zeros((8, 8, 24), np.float32)
    lamp[:, :, :4] = 1.0
    screen = np.zeros_like(lamp)
    screen[:, :, 10:20] = 1.0
    view = studio.camera(pitch=0.0, distance=5.0, fov=8.0)
    for channel, falls in (("solid", 2.0), ("smog", 1.3)):
        for peak in (450.0, 550.0, 620.0):

            def forms(dense: np.ndarray, peak: float = peak, channel: str = channel) -> Any:
                return studio.volume(
                    0.1,
                    light0=lamp,
                    **{channel: dense},
                    emitters={"light0": (peak, 20.0)},  # type: ignore[arg-type]
                )

            with studio.Studio("spectral", (9, 9), "final", order=0.0, tissue=1.0, smog=1.0) as one:
                bare = one.radiance(forms(0 * screen), view)[4, 4, :3].sum()
                dimmed = one.radiance(forms(screen), view)[4, 4, :3].sum()
            assert -np.log(dimmed / bare) == pytest.approx((peak / 550.0) ** -falls, rel=0.01)


def test_the_first_order_holds_the_light_that_was_thrown() -> None:
    """All light of a small source: what goes straight and what is thrown aside add up, in luminance."""
    field = np.zeros((24, 24, 24), np.float32)
    field[10:14, 10:14, 10:14] = 1.0
    weights = np.array([0.2126729, 0.7151522, 0.0721750])
    for peak, width in ((474.0, 35.0), (508.0, 30.0), (562.0, 70.0)):
        forms = studio.volume(0.04, light0=field, emitters={"light0": (peak, width)})
        sums = []
        for order in (0.0, 0.5, 1.0):
            with studio.Studio("spectral", (480, 270), "final", order=order, smog=0.0, tissue=0.0) as one:
                sums.append(float((one.radiance(forms, VIEW)[..., :3] @ weights).sum()))
        assert sums[2] == pytest.approx(sums[0], rel=0.02)
        assert sums[1] == pytest.approx(0.5 * (sums[0] + sums[2]), rel=0.005)
