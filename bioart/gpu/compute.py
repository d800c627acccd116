"""Taichi, started once, and the one owner of its memory.

Strict floating point, constant random seed (never used), so that the same build gives the same bits for any
thread count. A field is keyed by (part, name, type, shape): a closing world gives its fields back and the
next world with the same keys gets the same ones, the oldest first and so each in its old place: no kernel
compiles twice and nothing leaks.

Taichi annotations must be real objects: no `from __future__ import annotations` here or in kernel files.
"""

import contextlib
import heapq
import io
import math
import os
import warnings
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

from bioart import clock
from bioart.errors import BioartError, WorkFailed
from bioart.gpu import launch

BACKENDS = ("cpu", "cuda", "vulkan", "metal")
ROOM = 1 << 29  # bytes of kernels on the disk; a piece has some 9 MB, and Taichi's own 100 MB hold eleven
STALE = 30.0  # s: who reads or writes the folder of kernels holds its lock for less than one

_started: dict[str, Any] = {}
_pool: dict[tuple[Any, ...], list[tuple[int, Any]]] = defaultdict(list)  # heaps of (age, field)
_spare: dict[tuple[str, tuple[int, ...]], list[Any]] = defaultdict(list)
_made = 0


def start(backend: str = "cpu", threads: int | None = None) -> None:
    """Start Taichi on a backend. Idempotent for equal arguments.

    Raises BioartError for an unknown backend or a second, different start; WorkFailed where the machine has
    no such backend (Taichi would fall back to the CPU in silence).
    """
    if backend not in BACKENDS:
        raise BioartError(f"--backend {backend!r}: unknown; allowed: {', '.join(BACKENDS)}")
    hands = threads or os.cpu_count() or 1
    wanted = {"backend": backend, "threads": hands}
    if _started:
        if _started != wanted and threads is not None:
            raise BioartError(f"compute runs already with {_started}; a process starts it once")
        return
    greeting = io.StringIO()  # Taichi greets on stdout, which carries results only
    with warnings.catch_warnings(), contextlib.redirect_stdout(greeting):
        warnings.simplefilter("ignore", DeprecationWarning)
        warnings.simplefilter("ignore", SyntaxWarning)
        import taichi as ti

        ti.init(
            arch=getattr(ti, backend),
            default_fp=ti.f32,
            default_ip=ti.i32,
            fast_math=False,
            random_seed=0,
            cpu_max_num_threads=hands,
            **{"offline_cache": True, "offline_cache_max_size_of_files": ROOM, **_cache()},
            log_level=ti.ERROR,
            verbose=False,
        )
    _brief_texts()
    launch.install(hands if backend == "cpu" else 0)
    got = ti.lang.impl.current_cfg().arch
    if got != getattr(ti, backend) and not (backend == "cpu" and got in (ti.x64, ti.arm64)):
        raise WorkFailed(
            f"--backend {backend}: not on this machine (compute fell back to {got}); allowed: cpu"
        )
    _started.update(wanted)


def _brief_texts() -> None:
    """Say of a place in a kernel only file, line and text. Taichi underlines every expression of every kernel
    as it lowers it, for errors that do not come: a quarter of the time that a start takes."""
    from taichi.lang import kernel_impl
    from taichi.lang.ast.ast_transformer_utils import ASTTransformerContext

    def place(self: Any, node: Any) -> str:
        line = node.lineno + self.lineno_offset
        return (
            f'File "{self.file}", line {line}, in {self.func.func.__name__}:\n{self.src[node.lineno - 1]}\n'
        )

    ASTTransformerContext.get_pos_info = place
    # a function's text is looked for anew wherever one is called: a tenth of a start
    kernel_impl.getsourcelines = cache(kernel_impl.getsourcelines)
    kernel_impl.getsourcefile = cache(kernel_impl.getsourcefile)


def started() -> dict[str, Any]:
    """What runs: {'backend', 'threads'}, empty before start()."""
    return dict(_started)


def on_cpu() -> bool:
    """Whether loops take their row form (parallel over two indices, serial over z)."""
    return bool(_started.get("backend", "cpu") == "cpu")


def _cache() -> dict[str, Any]:
    """Where compiled kernels are kept: what the environment says, else the user's cache."""
    told = os.environ.get("TI_OFFLINE_CACHE_FILE_PATH")
    if told:
        unlock(Path(told))
        return {}
    from platformdirs import user_cache_path

    place = user_cache_path("bioart")
    try:
        place.mkdir(parents=True, exist_ok=True)
        if not os.access(place, os.W_OK):
            raise PermissionError(place)
    except OSError:  # a home that cannot be written to: kernels are compiled anew at every start
        return {"offline_cache": False}
    unlock(place / "kernels")
    return {"offline_cache_file_path": str(place / "kernels")}


def unlock(kernels: Path) -> None:
    """Take away the lock of a folder of compiled kernels that nobody holds any more. Taichi makes a file, and
    asks nobody who is dead: killed at the wrong moment, a process leaves it, and from then on every start
    compiles every kernel anew, which takes four times as long."""
    lock = kernels / "ticache.lock"
    with contextlib.suppress(OSError):
        if abs(clock.date() - lock.stat().st_mtime) > STALE:
            lock.unlink()


def fields_made() -> int:
    """How many fields this process has ever allocated: flat in a soak."""
    return _made


def _new(dtype: Any, shape: tuple[int, ...]) -> Any:
    """A field that nobody has had. Made several at a time: Taichi breaks at its 512th tree of fields."""
    global _made
    import taichi as ti

    spare = _spare[str(dtype), shape]
    if not spare:
        builder = ti.FieldsBuilder()
        small = math.prod(shape) <= 1 << 16
        for _ in range(16 if small else 3):
            field = ti.field(dtype)
            _lay(builder, shape).place(field)
            spare.append(field)
        builder.finalize()
    _made += 1
    return spare.pop(0)


def _lay(builder: Any, shape: tuple[int, ...]) -> Any:
    """Where a field is placed. The last index is a level of its own, in the same order of cells: only then
    does LLVM see that f[i, j, k + 1] lies beside f[i, j, k], and eight cells of a row that are loaded, worked
    on and stored together become one vector (twice to ten times as fast, measured)."""
    import taichi as ti

    if len(shape) in (2, 3):
        last = len(shape) - 1
        return builder.dense(ti.axes(*range(last)), shape[:last]).dense(ti.axes(last), shape[last])
    return builder.dense(ti.axes(*range(len(shape))), shape) if shape else builder


class Memory:
    """A lease on fields. `field()` takes one from the pool or makes it, zeroed; `close()` gives all back."""

    def __init__(self) -> None:
        self._held: list[tuple[tuple[Any, ...], tuple[int, Any]]] = []

    def field(self, part: str, name: str, dtype: Any, shape: tuple[int, ...]) -> Any:
        """A dense scalar field, filled with 0."""
        if not _started:
            start()
        key = (part, name, str(dtype), tuple(shape))
        if _pool[key]:
            held = heapq.heappop(_pool[key])
            held[1].fill(0)
        else:  # nobody has written to it; filling it would compile one more kernel
            held = _made, _new(dtype, tuple(shape))
        self._held.append((key, held))
        return held[1]

    def close(self) -> None:
        for key, held in self._held:
            heapq.heappush(_pool[key], held)
        self._held.clear()
