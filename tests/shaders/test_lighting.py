"""The shared light against geometry: shadow depth, free way, resampling, spread, colour."""

from __future__ import annotations

import numpy as np
import pytest

from bioart.forms import Grid
from bioart.looks import _lighting as light


@pytest.mark.parametrize("towards", [(0, 1, 0), (0, -1, 0), (1, 0, 0), (0, 0, -1)])
def test_depth_through_a_full_box_is_the_way_to_its_side(towards: tuple[float, float, float]) -> None:
    """Straight light meets thickness = distance to the face, to the rounding, when nothing spreads it."""
    cell = 0.25
    depth = light.depth_towards(np.ones((6, 8, 10), np.float32), cell, towards, soft=0.0)
    axis = int(np.argmax(np.abs(towards)))
    n = depth.shape[axis]
    way = (np.arange(n) + 0.5) * cell
    expected = way[::-1] if towards[axis] > 0 else way
    assert np.allclose(np.moveaxis(depth, axis, 0), expected[:, None, None], atol=1e-5)


def test_slanted_light_goes_a_longer_way_and_comes_from_its_own_side() -> None:
    towards = light.towards(90.0, 60.0)  # from +x, 60° up
    thick = np.zeros((40, 30, 20), np.float32)
    thick[:, 20:24] = 1  # a slab 4 cells high
    below = light.depth_towards(thick, 0.1, towards)[15:20, 2, 5:15]
    assert np.allclose(below, 0.4 / np.sin(np.radians(60)), rtol=0.02)
    post = np.zeros((40, 30, 20), np.float32)
    post[20:23, 25:28, 9:12] = 1
    shadow = light.depth_towards(post, 0.1, towards)[:, 5, 10]
    assert abs(np.argmax(shadow) - (21 - 21 / np.tan(np.radians(60)))) <= 1.5  # thrown towards −x


def test_a_free_way_never_crosses_the_body() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    cell = 0.1
    for _ in range(5):
        solid = np.zeros((16, 20, 12), np.float32)
        solid[tuple(rng.integers(0, s, 6) for s in solid.shape)] = 1
        free = light.free_way(solid, cell)
        # what a linear read may find above nothing: within a cell of a full one's middle
        full = (np.argwhere(solid > 0) + 0.5) * cell
        blocks = np.argwhere(free > 0)
        for block in blocks[rng.integers(0, len(blocks), 40)]:
            inside = (block + rng.random((20, 3))) * 2 * cell
            box = np.abs(inside[:, None] - full[None]).max(-1)  # to the cube that a linear read reaches
            assert (box.min(1) - 0.5 * cell >= free[tuple(block)] - 1e-5).all()
    assert (light.free_way(np.zeros((8, 8, 8), np.float32), cell) > 100).all()


def test_whatever_is_not_in_the_shell_is_walled_in_by_full_blocks() -> None:
    """So a ray meets the shell before it meets the body."""
    at = np.indices((24, 24, 24)) + 0.5
    solid = np.clip(9 - np.sqrt(((at - 12) ** 2).sum(0)), 0, 1).astype(np.float32)
    full = solid.reshape(6, 4, 6, 4, 6, 4).max(axis=(1, 3, 5)) > 0.08
    shell = np.zeros_like(full)
    shell[tuple(light.shell(solid).T)] = True
    assert not (shell & ~full).any()
    buried = np.argwhere(full & ~shell)
    assert len(buried) >= 8
    for block in buried:
        for axis in range(3):
            for step in (-1, 1):
                assert full[tuple(block + step * np.eye(3, dtype=int)[axis])]


@pytest.mark.parametrize("shape", [(12, 9, 10), (7, 8, 5)])
def test_resampling_keeps_what_is_linear(shape: tuple[int, int, int]) -> None:
    fine = Grid(shape, (0.0, 0.0, 0.0), 0.1)
    coarse = Grid((2, 2, 2), (0.15, 0.12, 0.1), 0.14)
    axes = [g * 0.1 + 0.05 for g in map(np.arange, shape)]
    values = (axes[0][:, None, None] + 2 * axes[1][None, :, None] - axes[2][None, None, :]).astype(np.float32)
    got = light.resampled(values, fine, coarse)
    at = [coarse.origin[i] + (np.arange(2) + 0.5) * coarse.cell for i in range(3)]
    assert np.allclose(got, at[0][:, None, None] + 2 * at[1][None, :, None] - at[2][None, None, :], atol=1e-5)
    outside = light.resampled(values, fine, Grid((1, 1, 1), (5.0, 5.0, 5.0), 0.1))
    assert (outside == 0).all()


def test_buried_is_closed_and_far_is_open() -> None:
    solid = np.zeros((24, 24, 24), np.float32)
    solid[6:18, 6:18, 6:18] = 1
    openness = light.openness(solid)
    assert openness[12, 12, 12] < 0.05
    assert openness[0, 0, 0] == 1.0
    assert 0.2 < openness[12, 19, 12] < 1.0


def test_a_black_body_is_red_when_cool_white_at_6500_and_blue_when_hot() -> None:
    for kelvin in (1800, 3200, 6504, 12000):
        rgb = light.kelvin(kelvin)
        assert np.dot(rgb, (0.2126729, 0.7151522, 0.0721750)) == pytest.approx(1, abs=0.02)
    assert np.allclose(light.kelvin(6504), 1, atol=0.06)
    assert light.kelvin(2000)[0] > 2 * light.kelvin(2000)[2]
    assert light.kelvin(12000)[2] > light.kelvin(12000)[0]


def test_tissue_repeats_without_a_seam() -> None:
    tile, way = (v.astype(np.float32) for v in light.matter(32, 4))
    for v in (tile, way):
        assert np.isfinite(v).all()
    assert tile.min() >= 0
    assert tile.max() <= 1
    inside = np.abs(np.diff(tile, axis=0)).mean(axis=(1, 2))
    across = np.abs(tile[0] - tile[-1]).mean(axis=(0, 1))
    assert (across < 1.3 * inside.max(axis=0)).all()
    near = np.sqrt((way[..., :3] ** 2).sum(-1))
    assert np.allclose(tile[..., 0], np.clip(1 - near / 0.8, 0, 1), atol=2e-3)
