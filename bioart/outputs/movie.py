"""Movies, by an ffmpeg of its own process: H.264 and HEVC (.mp4), VP9 (.webm), ProRes 4444 (.mov)."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.errors import BioartError, WorkFailed, nearest, shown
from bioart.outputs import Output

_RATE = {"draft": 0, "live": 1, "final": 2}


@dataclass(frozen=True)
class Profile:
    """One way to encode: pixel format, bits and alpha of what it is fed, options, and those by quality."""

    ending: str
    pixels: str
    depth: int
    alpha: bool
    options: tuple[str, ...]
    by_quality: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def _crf(draft: int, live: int, final: int, *speeds: str) -> tuple[tuple[str, ...], ...]:
    return tuple(("-crf", str(c), *s.split()) for c, s in zip((draft, live, final), speeds, strict=True))


PROFILES: dict[str, Profile] = {
    "h264": Profile(
        ".mp4",
        "yuv420p",
        8,
        False,
        # aq-mode 3 gives bits to dark gradients, which is most of what glows on black
        ("-c:v", "libx264", "-profile:v", "high", "-aq-mode", "3"),
        _crf(23, 18, 14, "-preset veryfast", "-preset fast", "-preset medium"),  # type: ignore[arg-type]
    ),
    "hevc": Profile(
        ".mp4",
        "yuv420p10le",
        16,
        False,
        # hvc1: QuickTime does not open the default hev1
        ("-c:v", "libx265", "-tag:v", "hvc1", "-x265-params", "log-level=error:aq-mode=3"),
        _crf(25, 20, 16, "-preset ultrafast", "-preset veryfast", "-preset fast"),  # type: ignore[arg-type]
    ),
    "vp9": Profile(
        ".webm",
        "yuv420p",
        8,
        False,
        ("-c:v", "libvpx-vp9", "-b:v", "0", "-row-mt", "1"),
        _crf(34, 26, 18, "-deadline realtime -cpu-used 7", "-cpu-used 5", "-cpu-used 2"),  # type: ignore[arg-type]
    ),
    "vp9-alpha": Profile(
        ".webm",
        "yuva420p",
        8,
        True,
        # alt-ref frames and an alpha plane exclude each other in libvpx
        ("-c:v", "libvpx-vp9", "-b:v", "0", "-row-mt", "1", "-auto-alt-ref", "0"),
        _crf(34, 26, 18, "-deadline realtime -cpu-used 7", "-cpu-used 5", "-cpu-used 2"),  # type: ignore[arg-type]
    ),
    "prores": Profile(
        ".mov",
        "yuv422p10le",
        16,
        False,
        ("-c:v", "prores_ks", "-vendor", "apl0"),
        (("-profile:v", "lt"), ("-profile:v", "standard"), ("-profile:v", "hq")),
    ),
    "prores-alpha": Profile(
        ".mov",
        "yuva444p10le",
        16,
        True,
        ("-c:v", "prores_ks", "-profile:v", "4444", "-vendor", "apl0", "-alpha_bits", "16"),
        (("-qscale:v", "12"), ("-qscale:v", "7"), ("-qscale:v", "4")),
    ),
}
_DEFAULTS = {".webm": "vp9-alpha", ".mov": "prores-alpha"}
_H264_SIDE = 4096  # beyond it players fail on H.264


class Movie(Output):
    """Frames piped to ffmpeg. The file is tagged bt709 throughout, in stream and container."""

    endings = (".mp4", ".webm", ".mov")
    profiles = tuple(PROFILES)

    def __init__(
        self,
        path: Path,
        width: int,
        height: int,
        fps: Fraction,
        count: int,
        profile: str = "",
        quality: str = "final",
    ) -> None:
        ending = path.suffix.lower()
        name = profile or _DEFAULTS.get(ending, "h264" if max(width, height) <= _H264_SIDE else "hevc")
        fitting = [n for n, p in PROFILES.items() if p.ending == ending]
        if name not in fitting:
            raise BioartError(f"--profile {shown(name)[1:-1]}: not for {ending}{nearest(name, fitting)}")
        if quality not in _RATE:
            raise BioartError(f"--quality {shown(quality)[1:-1]}: unknown{nearest(quality, _RATE)}")
        chosen = PROFILES[name]
        _check_size(path, width, height, chosen)
        self.depth, self.alpha = chosen.depth, chosen.alpha
        self._path, self._shape = path, (height, width, 4 if chosen.alpha else 3)
        self._part = _beside(path)
        try:
            self._part.open("wb").close()
        except OSError as fault:
            raise WorkFailed(f"{path}: cannot write there ({fault.strerror})") from fault
        try:
            self._said = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the encoder
            self._encoder = self._start(width, height, fps, chosen, quality)
        except BaseException:  # interrupted here, nobody else knows of the file yet
            self._part.unlink(missing_ok=True)
            raise

    def _start(
        self, width: int, height: int, fps: Fraction, p: Profile, quality: str
    ) -> subprocess.Popen[bytes]:
        fed = {(8, False): "rgb24", (8, True): "rgba", (16, False): "rgb48le", (16, True): "rgba64le"}
        tags = "range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
        # setparams, for ffmpeg from 7.1 on forgets -color_* of raw pipes and ProRes wants it on each frame.
        exact = "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int"
        steps = f"{exact},format={p.pixels},setparams={tags}"
        muxer = {".mp4": "mp4", ".webm": "webm", ".mov": "mov"}[p.ending]
        command = [
            *(_ffmpeg(), "-hide_banner", "-loglevel", "error", "-y"),
            *("-f", "rawvideo", "-pix_fmt", fed[p.depth, p.alpha], "-video_size", f"{width}x{height}"),
            *("-framerate", f"{fps.numerator}/{fps.denominator}", "-i", "pipe:0", "-an", "-vf", steps),
            *p.options,
            *p.by_quality[_RATE[quality]],
            *(
                "-color_range",
                "tv",
                "-colorspace",
                "bt709",
                "-color_primaries",
                "bt709",
                "-color_trc",
                "bt709",
            ),
            *(("-movflags", "+faststart+write_colr") if p.ending != ".webm" else ()),
            *("-map_metadata", "-1", "-fflags", "+bitexact", "-f", muxer, str(self._part)),
        ]
        # A group of its own: Ctrl-C in a terminal must reach us alone, or the encoder ends its file early.
        apart: dict[str, Any] = (
            {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
            if sys.platform == "win32"
            else {"start_new_session": True}
        )
        try:
            return subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._said, **apart
            )
        except OSError as fault:
            self._part.unlink(missing_ok=True)
            raise WorkFailed(f"ffmpeg does not start: {fault}") from fault

    def write(self, frame: NDArray[Any]) -> None:
        if frame.shape != self._shape or frame.dtype.itemsize * 8 != self.depth:
            allowed = f"{self._shape} uint{self.depth}"
            raise BioartError(f"{self._path}: a frame of {frame.shape} {frame.dtype}; allowed: {allowed}")
        assert self._encoder.stdin is not None
        try:
            self._encoder.stdin.write(np.ascontiguousarray(frame).data)
        except OSError as fault:
            raise self._failed() from fault

    def finish(self) -> list[Path]:
        assert self._encoder.stdin is not None
        try:
            self._encoder.stdin.close()
        except OSError as fault:
            raise self._failed() from fault
        if self._encoder.wait() != 0:
            raise self._failed()
        try:
            with self._part.open("rb+") as made:
                os.fsync(made.fileno())
            os.replace(self._part, self._path)
        except OSError as fault:
            self.abandon()
            raise WorkFailed(f"{self._path}: {fault.strerror}") from fault
        self._said.close()
        return [self._path]

    def abandon(self) -> None:
        self._encoder.kill()
        if self._encoder.stdin is not None:
            with contextlib.suppress(OSError):
                self._encoder.stdin.close()
        self._encoder.wait()
        self._part.unlink(missing_ok=True)
        self._said.close()

    def _failed(self) -> WorkFailed:
        """What the encoder said last, as a fault; nothing of the file stays."""
        try:
            self._encoder.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._encoder.kill()
        code = self._encoder.wait()
        self._said.seek(0)
        reason = _reason(self._said.read().decode("utf-8", "replace")) or _ending(code)
        self.abandon()
        return WorkFailed(f"{self._path}: the encoder failed: {reason}")


def _ending(code: int) -> str:
    told = signal.strsignal(-code) if code < 0 else None
    return f"it was ended: {told}" if told else f"it ended with {code}"


def _reason(said: str) -> str:
    """The line that names what the machine lacked, or the encoder's last words."""
    lines = [re.sub(r"\[[^\]]* @ 0x[0-9a-f]+\]\s*", "", line).strip() for line in said.splitlines()]
    lines = [line for line in lines if line]
    causes = [os.strerror(e) for e in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.ENOMEM)]
    return next((line for line in lines if any(c in line for c in causes)), lines[-1] if lines else "")


def _beside(path: Path) -> Path:
    """Where the file grows until it is whole: hidden, on the same disk."""
    return path.with_name(f".{path.name}.{os.getpid()}.part")


def _ffmpeg() -> str:
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as fault:
        raise WorkFailed(
            f"no ffmpeg: {' '.join(str(fault).split())}; needed: the package imageio-ffmpeg"
        ) from fault


def _check_size(path: Path, width: int, height: int, p: Profile) -> None:
    if width < 1 or height < 1:
        raise BioartError(f"--size {width}x{height}: allowed: 1x1 and up")
    columns, rows = (2 if "42" in p.pixels else 1), (2 if "420" in p.pixels else 1)
    if width % columns or height % rows:
        near = f"{max(width - width % columns, columns)}x{max(height - height % rows, rows)}"
        sides = "even width and height" if rows == 2 else "an even width"
        raise BioartError(
            f"{path.name}: {width}x{height} does not fit {p.pixels}; allowed: {sides}, as {near}"
        )
