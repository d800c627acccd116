"""The direct solver against modes whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from bioart.errors import BioartError
from bioart.gpu.poisson import Poisson

SHAPE, CELL = (12, 10, 8), 0.25


def mode(a: int, b: int, c: int) -> np.ndarray:
    x, y, z = (np.cos(np.pi * m * (np.arange(n) + 0.5) / n) for m, n in zip((a, b, c), SHAPE, strict=True))
    return (x[:, None, None] * y[:, None] * z).astype(np.float32)


def laplacian(f: np.ndarray) -> np.ndarray:
    wide = np.pad(f.astype(np.float64), 1, mode="edge")
    near = sum(np.roll(wide, s, axis) for axis in range(3) for s in (1, -1))
    return ((near - 6.0 * wide) / CELL**2)[1:-1, 1:-1, 1:-1]


def test_solve_inverts_the_seven_point_laplacian() -> None:
    solver = Poisson(SHAPE, CELL)
    rhs = np.random.default_rng(1).normal(size=SHAPE).astype(np.float32)
    kept = rhs.copy()
    phi = solver.solve(rhs)
    assert phi.dtype == np.float32
    assert np.array_equal(rhs, kept)
    assert abs(phi.mean()) < 1e-6
    assert np.abs(laplacian(phi) - (rhs - rhs.mean())).max() < 1e-5 * np.abs(rhs).max()


def test_one_mode_is_divided_by_its_eigenvalue() -> None:
    phi = Poisson(SHAPE, CELL).solve(mode(2, 0, 0))
    assert np.allclose(phi, mode(2, 0, 0) / ((2 * np.cos(np.pi * 2 / 12) - 2) / CELL**2), atol=1e-7)


ENDS = [
    ("closed", "closed"),
    ("open", "open"),
    ("closed", "open"),
    ("open", "closed"),
    ("periodic", "periodic"),
]


@pytest.mark.parametrize("z", ENDS)
@pytest.mark.parametrize("x", ENDS)
def test_every_pair_of_ends_inverts_its_laplacian(x: tuple[str, str], z: tuple[str, str]) -> None:
    """What lies beyond a closed end mirrors, beyond an open one mirrors with the other sign."""
    solver = Poisson((9, 6, 8), CELL, (x, ("closed", "closed"), z))  # type: ignore[arg-type]
    rhs = np.random.default_rng(4).normal(size=(9, 6, 8)).astype(np.float32)
    phi = solver.solve(rhs).astype(np.float64)
    wide = np.pad(phi, ((0, 0), (1, 1), (0, 0)), mode="edge")
    for axis, ends in ((0, x), (2, z)):
        wide = np.pad(wide, [(1, 1) if a == axis else (0, 0) for a in range(3)], mode="wrap")
        wide = np.moveaxis(wide, axis, 0)
        for end, ghost, inner in ((ends[0], 0, 1), (ends[1], -1, -2)):
            if end != "periodic":
                wide[ghost] = wide[inner] * (1.0 if end == "closed" else -1.0)
        wide = np.moveaxis(wide, 0, axis)
    near = sum(np.roll(wide, s, axis) for axis in range(3) for s in (1, -1))
    found = ((near - 6.0 * wide) / CELL**2)[1:-1, 1:-1, 1:-1]
    wanted = rhs - rhs.mean() if solver.singular else rhs
    assert solver.singular == ("open" not in (*x, *z))
    assert np.abs(found - wanted).max() < 2e-5 * np.abs(rhs).max()


def test_one_cell_of_a_periodic_axis_makes_it_flat() -> None:
    flat = Poisson((12, 10, 1), CELL, (("closed", "closed"), ("closed", "closed"), ("periodic", "periodic")))
    assert np.allclose(
        flat.solve(mode(3, 1, 0)[:, :, :1]), Poisson(SHAPE, CELL).solve(mode(3, 1, 0))[:, :, :1], atol=1e-7
    )


def test_half_a_periodic_pair_is_refused() -> None:
    with pytest.raises(BioartError, match=r"Poisson: ends .*periodic.* along x; allowed"):
        Poisson(SHAPE, CELL, (("periodic", "open"), ("closed", "closed"), ("closed", "closed")))


def test_screened_solves_its_equation() -> None:
    rhs = np.random.default_rng(2).uniform(size=SHAPE).astype(np.float32)
    phi = Poisson(SHAPE, CELL).screened(rhs, 0.3, 2.0)
    assert np.abs(2.0 * phi - 0.3 * laplacian(phi) - rhs).max() < 1e-5
    assert phi.min() > 0.0  # light stays light
    assert np.allclose(Poisson(SHAPE, CELL).screened(rhs, 0.0, 2.0), rhs / 2.0, atol=1e-6)


@pytest.mark.parametrize(("d", "a"), [(1.0, 0.0), (-1.0, 1.0), (float("nan"), 1.0)])
def test_screened_refuses_what_has_no_answer(d: float, a: float) -> None:
    with pytest.raises(BioartError, match="allowed"):
        Poisson(SHAPE, CELL).screened(mode(0, 0, 0), d, a)


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(BioartError, match="allowed"):
        Poisson((1, 4, 4), 0.1)
    with pytest.raises(BioartError, match="allowed"):
        Poisson(SHAPE, CELL).solve(np.zeros((3, 3, 3), np.float32))
