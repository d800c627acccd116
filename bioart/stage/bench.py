"""How long a step and a frame take here: medians of a few rounds, after warm-up."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator
from fractions import Fraction

from bioart import clock
from bioart import preset as presets
from bioart.gpu import compute, context
from bioart.projector import Projector
from bioart.show import Show

WARM = 4  # steps and frames before the first timed one


def run(piece: str, width: int | None, height: int | None, quality: str, rounds: int) -> Iterator[str]:
    """Lines to print, each as soon as it is known."""
    preset = presets.load(piece)
    began = clock.now()
    show = Show(preset, 0)
    machine = compute.started()
    where = f"{machine['backend']}, {machine['threads']} threads"
    yield f"{piece}: opened in {clock.now() - began:.1f} s on {where}"
    show.run_to(WARM)
    yield _line("step", rounds, lambda: show.step())
    yield _line("digest", rounds, lambda: show.digest())
    yield _line("forms", rounds, lambda: show.world.forms(show.steps))
    ctx = context.headless()
    projector = Projector(ctx, preset.look[0], preset.display, width, height, quality)

    def frame() -> None:
        t = Fraction(show.steps, show.rate)
        forms, moment = show.at(t)
        projector.draw(forms, moment.camera, moment.exposure, moment.values, float(t))
        projector.read()

    for _ in range(WARM):
        frame()
    told = f"frame {projector.width}×{projector.height} {quality}, {context.renderer(ctx)}"
    yield _line(told, rounds, frame)
    projector.close()
    show.close()


def _line(name: str, rounds: int, work: Callable[[], object]) -> str:
    times = []
    for _ in range(rounds):
        began = clock.now()
        work()
        times.append(1e3 * (clock.now() - began))
    return f"{statistics.median(times):8.1f} ms  {max(times):8.1f} worst  {name}"
