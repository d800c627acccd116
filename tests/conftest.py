"""One compute runtime for the whole run, one GL context for each file that draws, one place for numbers."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bioart.gpu import compute

compute.start(
    "cpu", 2
)  # before test modules import kernels: Taichi's own import warns, and a warning is an error


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--bless", action="store_true", help="take what is drawn now for tests/pictures/golden")


@pytest.fixture(scope="session", autouse=True)
def _compute() -> None:
    compute.start("cpu", 2)


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Say what was measured: it stands at the end of the run, whichever process it came from."""
    return lambda line: record_property("measured", line)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reports = [r for kind in ("passed", "failed") for r in terminalreporter.stats.get(kind, ())]
    told = [
        (r.nodeid.rpartition("/")[2], line)
        for r in reports
        if r.when == "call"
        for name, line in r.user_properties
        if name == "measured"
    ]
    if told:
        terminalreporter.section("measured")
    for test, line in sorted(told):
        terminalreporter.write_line(f"{test}: {line}")


@pytest.fixture(scope="module")
def ctx() -> Iterator[Any]:
    """A GL context without a window. `extra.use()` before what is bound is closed: GL would miss it."""
    from bioart.gpu.context import headless

    gc.collect()  # GL knows names and no owners: what another context left would go from this one later
    made = headless()
    made.extra = made.simple_framebuffer((1, 1))
    yield made
    gc.collect()
    made.gc_mode = None
    made.release()


@pytest.fixture(scope="module")
def alive(ctx: Any) -> Callable[[], int]:
    """How many GL objects of the context are held and not released, whenever it is called."""
    import moderngl

    kinds = (
        moderngl.Texture, moderngl.Texture3D, moderngl.Buffer, moderngl.Framebuffer, moderngl.VertexArray,
        moderngl.Program, moderngl.Sampler,
    )  # fmt: skip

    def count() -> int:
        gc.collect()
        held = [o for o in gc.get_objects() if isinstance(o, kinds) and o.ctx is ctx]
        return sum(not isinstance(o.mglo, moderngl.InvalidObject) for o in held)

    return count
