"""The exporter: a piece or a recording to a file, without a screen. A fault leaves nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from bioart import clock, registry
from bioart.clock import FrameTimes
from bioart.errors import BioartError, WorkFailed, nearest, shown
from bioart.forms import Forms
from bioart.gpu import context
from bioart.optics import Optics, instants
from bioart.outputs import Output
from bioart.preset import Preset
from bioart.projector import Instant, Projector
from bioart.recording import Recorder, Recording
from bioart.show import Show
from bioart.stage import opening
from bioart.stage.loop import Loop
from bioart.stage.opening import Order
from bioart.take import Moment, Reader

BEFORE = Fraction(3)  # s that the guard sees before the first frame
QUALITIES = ("draft", "live", "final")
SAMPLES = 16  # drawings of a final frame
MOST = 256  # of them


class Source(Protocol):
    """What frames are drawn from: a show, a loop of one, or a take."""

    def at(self, t: Fraction) -> tuple[Forms, Moment]: ...


@dataclass(frozen=True)
class Export:
    """An export as it was asked for. None: the piece's or the display's own. samples: drawings of a frame, at
    instants while the shutter is open and through places of the lens; None: SAMPLES in final quality, else 1.

    say: takes lines for who watches (the plan, the end); warn: what must be known even where nobody does;
    progress: frames done, of how many; lived: of a world that has to grow first, what share, 0–1.
    """

    order: Order
    out: Path
    display: str | None = None
    size: tuple[int | None, int | None] = (None, None)
    fps: Fraction = Fraction(30)
    seconds: Fraction | None = None
    loop: Fraction | None = None
    start: str | None = None
    quality: str = "live"
    profile: str = ""
    record: Path | None = None
    take: bool = False
    samples: int | None = None
    say: Callable[[str], None] = field(default=lambda line: None)
    warn: Callable[[str], None] = field(default=lambda line: None)
    progress: Callable[[int, int], None] = field(default=lambda done, of: None)
    lived: Callable[[float], None] = field(default=lambda share: None)


def output_for(path: Path) -> type[Output]:
    """The output whose endings hold path's. BioartError names all endings there are."""
    kinds: dict[str, type[Output]] = {
        name: registry.kind("output", name) for name in registry.names("output")
    }
    endings = {ending: kind for kind in kinds.values() for ending in kind.endings}
    found = endings.get(path.suffix.lower())
    if found is None:
        allowed = ", ".join(sorted(endings))
        raise BioartError(f"OUT {path}: no output has the ending {shown(path.suffix)}; allowed: {allowed}")
    return found


def export(job: Export) -> list[Path]:
    """Do it; the paths written.

    BioartError before any work for a wrong call; WorkFailed where the work failed.
    """
    if job.quality not in QUALITIES:
        raise BioartError(f"--quality {shown(job.quality)}{nearest(job.quality, QUALITIES)}")
    if job.samples is not None and not 1 <= job.samples <= MOST:
        raise BioartError(f"--samples {job.samples}: allowed: 1 to {MOST}")
    kind = output_for(job.out)
    if job.loop is not None and job.seconds is not None:
        raise BioartError("--seconds and --loop: one or the other; --loop says how long")
    if job.loop is not None and job.record is not None:
        raise BioartError("--loop and --record: one or the other; a held moment is no show")
    if opening.is_recording(job.order.piece):
        return _of_recording(job, kind)
    return _of_preset(job, kind)


def _of_preset(job: Export, kind: type[Output]) -> list[Path]:
    preset = opening.preset_of(job.order)
    seed = opening.seed_of(job.order)
    inputs = opening.inputs_of(job.order, preset, seed)
    start = starting(job.start, preset)
    projector = _projector(job, preset)
    try:
        path, frames = _planned(job, projector, preset.seconds, start)
        # Both files are opened before the world is: what cannot be written is told before the work.
        with _output(job, kind, projector, path, frames) as output, _recorder(job, preset, seed) as recorder:
            show = Show(preset, seed, inputs, recorder, job.take, lived=job.lived)
            if job.loop is not None:
                _draw(job, output, projector, Loop(show, start, job.loop), frames)
            else:
                _draw(job, output, projector, show, frames, lambda: show.ended)
            if recorder is not None:
                while not show.ended and show.steps < (frames.start + frames.seconds) * show.rate:
                    show.step()  # the last frame is not yet the end of the show that was asked for
                recorder.seal()  # before the output takes its name: where either fails, neither stands
            written = output.finish()
            if recorder is not None:
                recorder.close()
                written.append(recorder.path)
            show.close()
            return written
    finally:
        projector.close()


def _of_recording(job: Export, kind: type[Output]) -> list[Path]:
    order = job.order
    steered = order.settings or order.events or order.sensors or order.inputs or order.seed is not None
    if steered or job.record is not None:
        raise BioartError(
            f"{order.piece}: a recording plays as it was; allowed with it: --display, --size, --fps, "
            "--seconds, --loop, --from, --quality, --profile"
        )
    recording = Recording(Path(order.piece))
    try:
        preset = opening.recorded_preset(recording)
        first = Fraction(recording.first(), preset.world.rate)
        end = Fraction(recording.steps(), preset.world.rate)
        start = max(starting(job.start, preset, end), first)
        if start >= end:
            raise BioartError(
                f"--from {job.start or 0}: {order.piece} has been kept until {float(end):g} s; "
                f"allowed: {float(first):g} to below {float(end):g} s"
            )
        strange = opening.strange_build(recording)
        length = recording.steps() / preset.world.rate
        projector = _projector(job, preset)
        try:
            path, frames = _planned(job, projector, length, start)
            if strange:
                if job.loop is not None:
                    raise BioartError(
                        f"--loop: needs the world of {order.piece}, which this build cannot step "
                        f"({strange}); allowed: the recording as it is"
                    )
                reader = opening.take_of(recording, preset, strange)
                job.warn(f"{order.piece}: another build recorded it ({strange}): playing the take")
                with _output(job, kind, projector, path, frames) as output:
                    _draw(job, output, projector, _Played(reader), frames)
                    return output.finish()
            lead = max(Fraction(0), start - BEFORE - 1)  # the guard's seconds, and the state before the first
            state = opening.state_before(recording, (lead * preset.world.rate).__floor__())
            with _output(job, kind, projector, path, frames) as output:
                show = Show(preset, recording.seed, opening=state)
                show.queue(opening.timeline(recording, show.steps))
                source = Loop(show, start, job.loop) if job.loop is not None else show
                _draw(job, output, projector, source, frames)
                show.close()
                return output.finish()
        finally:
            projector.close()
    finally:
        recording.close()


class _Played:
    """A take as a source."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def at(self, t: Fraction) -> tuple[Forms, Moment]:
        return self._reader.at(float(t))


def starting(told: str | None, preset: Preset, end: Fraction | None = None) -> Fraction:
    """`--from` as show time: seconds, or an act's name: its start if every act before has its length.

    end: of what there is, s; None: of the score.
    """
    if told is None:
        return Fraction(0)
    t = Fraction(0)
    for act in preset.score:
        if act.name == told:
            return t
        t += Fraction(str(act.lasts))
    plain = told.strip().removesuffix("s").strip()
    if not re.fullmatch(r"-?[0-9]{1,9}(\.[0-9]{1,9})?", plain, re.ASCII):
        names = [act.name for act in preset.score]
        raise BioartError(f"--from {shown(told)}: no such act{nearest(told, names)}; or seconds")
    seconds = Fraction(plain)
    what, last = ("score", t) if end is None else ("recording", end)
    if not 0 <= seconds < last:
        raise BioartError(
            f"--from {shown(told)}: outside the {what}; allowed: 0 to {float(last):g} s, or an act's name"
        )
    return seconds


def _projector(job: Export, preset: Preset) -> Projector:
    ctx = context.headless()
    lap = None if job.loop is None else float(job.loop)
    return Projector(
        ctx, preset.look[0], job.display or preset.display, *job.size, quality=job.quality, lap=lap
    )


def _planned(job: Export, projector: Projector, length: float, start: Fraction) -> tuple[Path, FrameTimes]:
    """The final path, with the suffix that the display wants, and the frames; says them before the work."""
    end = Fraction(str(length))
    seconds = job.loop or job.seconds or max(end - start, Fraction(1, 1000))
    if job.loop is None and start + seconds > end:
        if job.seconds is not None:
            job.warn(
                f"--seconds {float(job.seconds):g}: the score ends {float(end - start):g} s after the start"
            )
        seconds = end - start
    frames = FrameTimes(start, seconds, job.fps)
    suffix = projector.display.suffix
    path = job.out if suffix in job.out.stem else job.out.with_stem(job.out.stem + suffix)
    job.say(
        f"{path}: {frames.count} frames, {float(frames.seconds):g} s at {float(job.fps):g} fps, "
        f"{projector.width}×{projector.height}"
    )
    return path, frames


@contextmanager
def _output(
    job: Export, kind: type[Output], projector: Projector, path: Path, frames: FrameTimes
) -> Iterator[Output]:
    """The output, opened; on any fault nothing of it stays."""
    size = (projector.width, projector.height)
    output = kind(path, *size, job.fps, frames.count, job.profile, job.quality)
    try:
        yield output
    except BaseException:
        output.abandon()
        raise


@contextmanager
def _recorder(job: Export, preset: Preset, seed: int) -> Iterator[Recorder | None]:
    """The recorder that the job wants, or None; on any fault nothing of it stays."""
    if job.record is None:
        yield None
        return
    recorder = None
    try:
        recorder = Recorder(job.record, opening.meta_of(preset, seed))
        yield recorder
    except BaseException:
        if recorder is not None:
            recorder.abandon()
        raise


def _draw(
    job: Export,
    output: Output,
    projector: Projector,
    source: Source,
    frames: FrameTimes,
    ended: Callable[[], bool] = lambda: False,
) -> None:
    began = clock.now()
    if job.loop is None:
        _rehearse(projector, source, frames)
    for index in range(frames.count):
        t = frames.at(index)
        forms, moment = source.at(t)
        if ended():
            if index == 0:
                raise WorkFailed(f"--from {job.start}: the score ended before, its last act by the crowd")
            job.say(f"the score ended at {float(t):.2f} s, with its last act: {index} frames")
            break
        projector.expose(_open(job, source, t, forms, moment, projector.display.focuses))
        output.write(projector.read(output.depth, alpha=output.alpha))
        job.progress(index + 1, frames.count)
    job.say(f"drawn in {clock.now() - began:.0f} s")


def _open(
    job: Export, source: Source, t: Fraction, forms: Forms, moment: Moment, lens: bool
) -> Iterator[Instant]:
    """What the shutter lets in from t on, at which forms and moment are given; each instant when it is asked
    for, as time only goes on. lens: whether the display sees through one."""
    samples = job.samples or (SAMPLES if job.quality == "final" else 1)
    if samples == 1:
        yield Instant(forms, moment.camera, moment.exposure, moment.values, float(t))
        return
    aperture = moment.values.get("camera.aperture", Optics.aperture.default) if lens else 0.0
    shutter = moment.values.get("camera.shutter", Optics.shutter.default)
    planned = list(instants(samples, aperture, shutter))
    drawings = sum(len(places) for _, places in planned)
    for share, places in planned:
        now = t + Fraction(share).limit_denominator(1 << 20) / job.fps
        if share > 0.0:
            forms, moment = source.at(now)
        yield Instant(
            forms, moment.camera, moment.exposure, moment.values, float(now), len(places) / drawings, places
        )


def _rehearse(projector: Projector, source: Source, frames: FrameTimes) -> None:
    """A drawing that begins in the middle lets the guard see the seconds before, at cell size."""
    first = max(Fraction(0), frames.start - BEFORE)
    count = ((frames.start - first) * frames.fps).__ceil__()
    for back in range(count, 0, -1):
        t = frames.start - Fraction(back) / frames.fps
        if t >= 0:
            forms, moment = source.at(t)
            projector.rehearse(forms, moment.camera, moment.exposure, moment.values, float(t))
