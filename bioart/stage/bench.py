"""How long a step and a frame take here: the median of many and the mean of the slowest hundredth."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from bioart import clock
from bioart.gpu import compute, context
from bioart.projector import Projector
from bioart.show import Show
from bioart.stage import opening

WARM = 4  # steps and frames before the first timed one


def run(
    order: opening.Order, at: Fraction, sizes: Sequence[tuple[int, int]], quality: str, rounds: int
) -> Iterator[str]:
    """Lines to print, each as soon as it is known. at: show time from which all is timed, s."""
    preset = opening.preset_of(order)
    seed = opening.seed_of(order)
    began = clock.now()
    show = Show(preset, seed, opening.inputs_of(order, preset, seed))
    show.run_to(max(WARM, math.floor(at * show.rate)))
    machine = compute.started()
    where = f"{machine['backend']}, {machine['threads']} threads"
    reached, took = show.steps / show.rate, clock.now() - began
    yield f"{order.piece}: at {float(reached):.1f} s, {took:.1f} s on {where}"
    yield "  median  slowest 1 %"
    yield _line("step", rounds, show.step)
    yield _line("digest", rounds, show.digest)
    yield _line("forms", rounds, lambda: show.world.forms(show.steps))
    ctx = context.headless()
    yield context.renderer(ctx)
    for width, height in sizes:
        projector = Projector(ctx, preset.look[0], preset.display, width, height, quality)

        def frame(projector: Projector = projector) -> None:
            t = Fraction(show.steps, show.rate)
            forms, moment = show.at(t)
            projector.draw(forms, moment.camera, moment.exposure, moment.values, float(t))
            ctx.finish()

        for _ in range(WARM):
            show.step()
            frame()
            projector.read()
        told = f"{projector.width}×{projector.height} {quality}"
        yield _line(f"frame {told}", rounds, frame, before=show.step)
        yield _line(f"read  {told}", rounds, projector.read)
        projector.close()
    show.close()


def _line(
    name: str, rounds: int, work: Callable[[], object], before: Callable[[], object] = lambda: None
) -> str:
    """Time some work; what comes before each is left out."""
    times = []
    for _ in range(rounds):
        before()
        began = clock.now()
        work()
        times.append(1e3 * (clock.now() - began))
    slowest = sorted(times)[-max(1, rounds // 100) :]
    return f"{statistics.median(times):8.1f}  {statistics.fmean(slowest):8.1f} ms  {name}"
