"""A quilt of 48 views: every view drawn, beside every sixth drawn and the rest carried (`gpu/between`).

    python benchmarks/quilt.py [PRESET --at 8 --input rehearsal:40] [--look KIND] [--set look.x=1 ...]

Views of 420×560, quality live. Without a preset: one 96³ cloud of light that takes some of its own, drawn by
`spectral`. Both ways in turn, in one run; the world, upload and what all views share are left out on both
sides. Prints processor and wall time of all views, their ratio, and the least and mean PSNR over the views
that are carried: of all pixels, of the twentieth with the steepest gradient, and, as a bound of what any
resampling can reach, of the exact view itself moved aside by half a pixel and back (linear).
"""

from __future__ import annotations

import argparse
import time
from fractions import Fraction
from typing import Any

import numpy as np

from bioart import studio
from bioart.camera import Camera
from bioart.displays.quilt import DEVICES
from bioart.forms import Forms
from bioart.gpu import compute, context
from bioart.projector import FULL, Instant, Projector
from bioart.show import Show
from bioart.stage import opening

TILE = (420, 560)
HOW = {"drawn": "portrait:exact", "carried": "portrait"}


def cloud() -> Forms:
    """Folds of light in a ball of 96³ cells."""
    x, y, z = np.mgrid[-6:6:96j, -6:6:96j, -6:6:96j]
    wall = np.sin(x) * np.cos(y) + np.sin(y) * np.cos(z) + np.sin(z) * np.cos(x)
    ball = 1 / (1 + np.exp(3 * (np.sqrt(x**2 + y**2 + z**2) - 5)))
    light = (np.exp(-6 * wall**2) * ball).astype(np.float32)
    return studio.volume(0.03, light0=light, smog=0.5 * light, emitters={"light0": (490.0, 80.0)})


def moment(told: argparse.Namespace) -> Instant:
    if told.preset is None:
        camera = studio.camera(yaw=28.0, pitch=17.0, distance=7.0)
        values = {"look.glow": 2.0, "look.order": 0.0} | told.set
        return Instant(cloud(), camera, 1.0, values, 0.0)
    compute.start()
    order = opening.Order(told.preset, inputs=told.input)
    preset = opening.preset_of(order)
    show = Show(preset, 0, opening.inputs_of(order, preset, 0))
    forms, seen = show.at(Fraction(told.at).limit_denominator(1000))
    values = dict(seen.values)
    if told.look not in (None, preset.look[0]):
        values = {name: value for name, value in values.items() if not name.startswith("look.")}
    told.look = told.look or preset.look[0]
    camera: Camera = seen.camera
    return Instant(forms, camera, seen.exposure, values | told.set, float(told.at))


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("preset", nargs="?")
    ask.add_argument("--at", type=float, default=8.0, help="show time, s")
    ask.add_argument("--input", action="append", default=[])
    ask.add_argument("--look")
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--set", nargs="*", default=[])
    told = ask.parse_args()
    told.set = {name: float(value) for name, value in (one.split("=") for one in told.set)}
    instant = moment(told)
    ctx = context.headless()
    size = (8 * TILE[0], 6 * TILE[1])
    made = {how: Projector(ctx, told.look or "spectral", f"quilt:{o}", *size) for how, o in HOW.items()}
    pictures = {how: drawn(one, instant) for how, one in made.items()}
    cpu: dict[str, list[float]] = {how: [] for how in made}
    wall: dict[str, list[float]] = {how: [] for how in made}
    for _ in range(told.rounds):
        for how, one in made.items():
            cpu_took, wall_took = timed(one, instant)
            cpu[how].append(cpu_took)
            wall[how].append(wall_took)
    for how in made:
        print(f"{how:8} {min(cpu[how]):6.2f} s of processor, {min(wall[how]):6.2f} s by the clock")
    ratios = [min(took["carried"]) / min(took["drawn"]) for took in (cpu, wall)]
    print(f"carried of drawn: {ratios[0]:.3f} of the processor, {ratios[1]:.3f} by the clock")
    report(pictures["drawn"], pictures["carried"])
    for one in made.values():
        one.close()


def drawn(projector: Projector, instant: Instant) -> np.ndarray:
    """(48, height, width, 3) codes."""
    projector.expose([instant])
    picture = projector.read().astype(float)
    w, h = TILE
    return np.stack(
        [picture[(5 - i // 8) * h : (6 - i // 8) * h, i % 8 * w : (i % 8 + 1) * w] for i in range(48)]
    )


def timed(projector: Any, instant: Instant) -> tuple[float, float]:
    """Processor and wall time of all views, what they share left out, s."""
    alone = _clocks()
    projector._prepared(instant, FULL)
    shared = _clocks() - alone
    began = _clocks()
    projector.expose([instant])
    projector._ctx.finish()
    took = _clocks() - began - shared
    return float(took[0]), float(took[1])


def _clocks() -> np.ndarray:
    return np.array([time.process_time(), time.perf_counter()])


def report(exact: np.ndarray, carried: np.ndarray) -> None:
    rows = []
    for i in range(47):
        if i % DEVICES["portrait"].every == 0:
            continue
        a, b = exact[i], carried[i]
        rise = np.hypot(*np.gradient(a @ [0.2126, 0.7152, 0.0722]))
        steep = rise >= np.quantile(rise, 0.95)
        moved = 0.5 * a + 0.25 * (np.roll(a, 1, 1) + np.roll(a, -1, 1))
        rows.append((_db(a, b), _db(a[steep], b[steep]), _db(a, moved), _db(a[steep], moved[steep])))
    least, mean = np.min(rows, axis=0), np.mean(rows, axis=0)
    print("dB, least (mean): all pixels, steepest twentieth")
    for n, name in ((0, "carried"), (2, "moved by half a pixel")):
        every, steep = (f"{least[k]:.1f} ({mean[k]:.1f})" for k in (n, n + 1))
        print(f"{name:22} {every}, {steep}")


def _db(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(float(((a - b) ** 2).mean()), 1e-9)))


if __name__ == "__main__":
    main()
