"""Compute: what it leaves on a disk, and what it finds there."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import taichi as ti

from bioart.gpu import compute

SMALL = """
from bioart.gpu import compute
compute.start("cpu", 1)
compute.Memory().field("a", "b", __import__("taichi").f32, (4,)).fill(1.0)
"""


def lock_of(folder: Path, age: float) -> Path:
    lock = folder / "ticache.lock"
    lock.touch()
    os.utime(lock, (time.time() - age,) * 2)
    return lock


def test_a_lock_that_nobody_holds_any_more_goes_and_one_that_is_held_stays(tmp_path: Path) -> None:
    for age, stays in (
        (0.0, True),
        (5.0, True),
        (3600.0, False),
        (-3600.0, False),
    ):  # a clock may be set back
        lock = lock_of(tmp_path, age)
        compute.unlock(tmp_path)
        assert lock.exists() == stays, age
    compute.unlock(tmp_path / "nowhere")


def test_after_a_death_at_the_wrong_moment_kernels_are_kept_again(tmp_path: Path) -> None:
    lock_of(tmp_path, 60.0)
    env = {**os.environ, "TI_OFFLINE_CACHE_FILE_PATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", SMALL], env=env, check=True, capture_output=True, timeout=120)
    assert list(tmp_path.glob("*.tic")), sorted(p.name for p in tmp_path.iterdir())


def test_who_comes_after_has_each_field_in_its_old_place() -> None:
    """Two fields that change places are new to every kernel that reads them, and compile it anew."""

    def taken(memory: compute.Memory) -> list[Any]:
        return [memory.field("trial", name, ti.f32, (3, 2)) for name in ("u", "u", "v", "u")]

    first, other, later = compute.Memory(), compute.Memory(), compute.Memory()
    here, beside = taken(first), taken(other)
    assert len({id(field) for field in here + beside}) == 8
    here[1].fill(7.0)
    first.close()
    again = taken(later)
    assert [id(field) for field in again] == [id(field) for field in here]
    assert not again[1].to_numpy().any()
    other.close()
    later.close()
    assert [id(field) for field in taken(first)] == [id(field) for field in here]
    first.close()
