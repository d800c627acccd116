"""A kiosk left alone with a crowd: memory, frame times, what the guard did, and whether its shows verify.

    xvfb-run -a -s "-screen 0 640x360x24" python benchmarks/kiosk_soak.py neo-lumen --minutes 30

A real supervisor and real frame processes on the screen that DISPLAY names. Memory's slope is the least
squares line through a sample a second after `--warm` minutes, with its standard error; frame times are those
between pictures that were new. Prints a line a minute and the result; exit 0: no restart, and every recording
that was closed verifies.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

from bioart.stage import verifier
from bioart.stage.kiosk import Job
from bioart.stage.machine import Machine
from bioart.stage.supervisor import Supervisor, Watched

MIB = 1 << 20


class Counting(Supervisor):
    """Keeps when each picture came and what was told of it."""

    def __init__(self, watched: Watched) -> None:
        super().__init__(watched)
        self.pictures: list[tuple[float, dict[str, Any]]] = []

    def _picture(self, told: dict[str, Any], now: float) -> None:
        super()._picture(told, now)
        self.pictures.append((now, told))


def slope(times: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """Of the least squares line, and its standard error. times, values: (n,), n of at least 3."""
    t = times - times.mean()
    found = float((t * values).sum() / (t * t).sum())
    rest = values - values.mean() - found * t
    return found, math.sqrt(float((rest * rest).sum()) / (len(t) - 2) / float((t * t).sum()))


def report(pictures: list[tuple[float, dict[str, Any]]], warm: float) -> None:
    """Print what the pictures tell. warm: s that do not count."""
    began = pictures[0][0]
    t = np.array([p[0] - began for p in pictures])
    rss = np.array([p[1]["rss"] for p in pictures], float)
    seconds = np.unique(t.astype(int), return_index=True)[1]  # one sample a second
    seconds = seconds[t[seconds] >= warm]
    if len(seconds) >= 3:
        found, error = slope(t[seconds], rss[seconds])
        print(
            f"memory: {rss[seconds].min() / MIB:.0f} to {rss[seconds].max() / MIB:.0f} MiB, "
            f"slope {found * 3600 / MIB:+.2f} ± {error * 3600 / MIB:.2f} MiB/h over {len(seconds)} samples"
        )
    times = np.diff(t[t >= warm])
    if len(times):
        print(
            f"frames: {len(times)} new pictures, median {1e3 * np.median(times):.0f} ms, "
            f"1 % low {1 / np.quantile(times, 0.99):.2f} fps, longest {times.max():.2f} s"
        )
    gain = np.array([p[1]["gain"] for p in pictures])
    held = gain < 0.995
    print(
        f"guard: holding in {100 * held.mean():.2f} % of pictures, least gain {gain.min():.3f}, "
        f"{int((np.diff(held.astype(int)) > 0).sum())} times"
    )
    names = [p[1]["recording"] for p in pictures]
    print(f"shows: {len(set(names))}, {pictures[-1][1]['show']:.1f} s into the last")


def script() -> int:
    told = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    told.add_argument("programme", nargs="+", help="presets")
    told.add_argument("--minutes", type=float, default=30.0)
    told.add_argument("--warm", type=float, default=5.0, help="minutes that do not count")
    told.add_argument("--crowd", type=int, default=40)
    told.add_argument("--each", type=float, help="s of show that each piece runs; else its score")
    told.add_argument("--size", type=int, nargs=2, default=(640, 360))
    told.add_argument("--keep", type=Path, help="folder for recordings and log; else a temporary one")
    asked = told.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (asked.keep or Path(temporary)).resolve()
        machine = Machine(each=asked.each)
        job = Job(
            tuple(asked.programme), folder / "shows", machine, (f"rehearsal:{asked.crowd}",),
            size=tuple(asked.size),
        )  # fmt: skip
        call = [sys.executable, "-m", "bioart.stage.kiosk"]
        one = Counting(
            Watched(call, job.told(), len(asked.programme), machine.memory, log=folder / "log", spare=True)
        )
        thread = threading.Thread(target=one.run)
        thread.start()
        while not one.pictures and thread.is_alive():
            time.sleep(0.1)
        for minute in range(math.ceil(asked.minutes)):
            time.sleep(60.0 * min(1.0, asked.minutes - minute))
            health = one.health()
            print(
                f"{minute + 1:3d} min: {health['fps']} fps, show {health['show_seconds']} s, "
                f"{health['rss'] / MIB:.0f} MiB, {health['restarts']} restarts",
                flush=True,
            )
        restarts = one.health()["restarts"]
        one.end()
        thread.join(60)
        report(one.pictures, 60.0 * asked.warm)
        print(f"restarts: {restarts}")
        from bioart.gpu import compute

        compute.start("cpu", 2)
        same = True
        for path in sorted((folder / "shows").glob("*.bioart")):
            verdict = verifier.verify(path)
            same &= verdict.differs is None
            print(
                f"{path.name}: {'identical' if verdict.differs is None else verdict.told}, "
                f"{verdict.steps} steps, {verdict.events} events, {verdict.runs} runs",
                flush=True,
            )
        return 0 if same and not restarts else 1


if __name__ == "__main__":
    _code = script()
    sys.stdout.flush()
    os._exit(_code)
