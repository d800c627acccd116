"""Age: the steps that a world lives before its show opens, cached by what decides them."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from platformdirs import user_cache_path

from bioart.gpu.fingerprint import fingerprint
from bioart.steering import Steering
from bioart.world.plan import WorldPlan
from bioart.world.world import World

KEPT = 6  # worlds in the cache; the oldest go


def live(
    world: World,
    plan: WorldPlan,
    values: Mapping[str, float],
    seed: int,
    lived: Callable[[float], None] = lambda share: None,
) -> None:
    """Steps −age … −1, with no events, under the given values; taken from the cache where it has them.

    lived: told before each step what share of its age, 0–1, the world has lived; it may raise to stop.
    """
    if plan.age <= 0:
        return
    place = _folder() / f"{_key(world, plan, values, seed)}.npz"
    try:
        with np.load(place) as kept:
            world.restore({name: kept[name] for name in kept.files})
        with contextlib.suppress(OSError):
            os.utime(place)
        return
    except (OSError, EOFError, KeyError, ValueError, BadZipFile):
        with contextlib.suppress(OSError):
            place.unlink(missing_ok=True)  # absent, or damaged: live it again
    steering = Steering(dict(values))
    for k in range(-plan.age, 0):
        lived(1.0 + k / plan.age)
        world.step(k, steering)
    _keep(place, world.state())


def _folder() -> Path:
    return user_cache_path("bioart") / "aged"


def _key(world: World, plan: WorldPlan, values: Mapping[str, float], seed: int) -> str:
    zones = [(z.name, z.at, z.people, z.next) for z in world.metabolism.zones]
    told = repr((plan, zones, sorted(values.items()), seed, fingerprint(), _source()))
    return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


@cache
def _source() -> str:
    """A digest of the world's own code: another version lives another life."""
    digest = hashlib.blake2b(digest_size=16)
    root = Path(__file__).resolve().parent
    for path in sorted([*root.rglob("*.py"), *root.parent.joinpath("gpu").glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _keep(place: Path, state: Mapping[str, np.ndarray]) -> None:
    """Write it if the disk lets us: a cache that cannot be written is no fault of the show."""
    part = place.with_suffix(f".{os.getpid()}.part")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            np.savez(file, **state)  # type: ignore[arg-type]
        os.replace(part, place)
        old = sorted(place.parent.glob("*.npz"), key=lambda p: p.stat().st_mtime)
        for stale in old[:-KEPT]:
            stale.unlink(missing_ok=True)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
