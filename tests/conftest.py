"""One compute runtime for the whole run."""

from __future__ import annotations

import pytest

from bioart.gpu import compute

compute.start(
    "cpu", 2
)  # before test modules import kernels: Taichi's own import warns, and a warning is an error


@pytest.fixture(scope="session", autouse=True)
def _compute() -> None:
    compute.start("cpu", 2)
