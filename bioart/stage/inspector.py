"""What a picture or a movie is, measured from the file itself, and what is wrong with it.

Movies are decoded whole by ffmpeg: counts, steps and the seam are those of the frames that a player shows.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.clock import frame_rate
from bioart.errors import BioartError, WorkFailed, nearest
from bioart.stage.flashes import Flashes, Verdict

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff")
MOVIES = (".mp4", ".mov", ".webm", ".mkv")
NOTHING = Verdict()
_QUILT = re.compile(r"_qs(\d+)x(\d+)(?:a(\d+\.?\d*))?$")


@dataclass(frozen=True)
class Report:
    """facts: (name, value) in reading order. faults: what is wrong; none: the file is good."""

    path: Path
    facts: tuple[tuple[str, str], ...]
    faults: tuple[str, ...]

    def fact(self, name: str) -> str:
        return dict(self.facts).get(name, "")

    def lines(self) -> list[str]:
        """As `bioart check` prints it: the facts on one line, then a line for each fault."""
        told = "; ".join(f"{name} {value}" for name, value in self.facts)
        return [
            *([f"{self.path}: {told}"] if told else []),
            *(f"{self.path}: {fault}" for fault in self.faults),
        ]


def inspect(path: Path) -> Report:
    """A picture or a movie, by its ending. BioartError for another ending or a file that is not there."""
    ending = path.suffix.lower()
    if ending not in PICTURES + MOVIES:
        raise BioartError(f"{path}: neither a picture nor a movie{nearest(ending, PICTURES + MOVIES)}")
    if not path.is_file():
        raise BioartError(f"{path}: no such file")
    return picture(path) if ending in PICTURES else movie(path)


# -- pictures ------------------------------------------------------------------------------------------------


def picture(path: Path) -> Report:
    """Size, bits, channels, colour space, what is black; blank or broken pictures are faults."""
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path) as image:
                image.load()
                pixels = np.asarray(image.convert("RGBA" if "A" in image.mode else "RGB"))
                kind, size, info = image.format or "", image.size, dict(image.info)
    except (
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as f:
        return Report(path, (), (f"not a whole picture: {' '.join(str(f).split())}",))
    faults = _blank(pixels)
    space = "untagged"
    if "srgb" in info:
        space = "sRGB"
    elif info.get("icc_profile"):
        space = "ICC profile"
    facts = [
        ("picture", kind),
        ("size", f"{size[0]}x{size[1]}"),
        ("bits", str(_bits(path) if kind == "PNG" else 8)),
        ("alpha", "yes" if pixels.shape[2] == 4 else "no"),
        ("colour", space),
        ("black", f"{100 * float((pixels[..., :3].max(2) == 0).mean()):.1f} %"),
    ]
    quilt, wrong = _quilt(path, *size, even=False)
    return Report(path, tuple(facts + quilt), tuple(faults + wrong))


def _bits(path: Path) -> int:
    """Bits per channel of a PNG, from its header: Pillow hands out 8."""
    with path.open("rb") as file:
        return file.read(25)[24]


def _blank(pixels: NDArray[np.uint8]) -> list[str]:
    low, high = pixels[..., :3].min((0, 1)), pixels[..., :3].max((0, 1))
    if np.array_equal(low, high):
        return [f"blank: every pixel is {tuple(int(v) for v in low)}"]
    return []


def _quilt(path: Path, width: int, height: int, even: bool) -> tuple[list[tuple[str, str]], list[str]]:
    """What a quilt's name says, and whether the picture can be cut that way. even: tiles must be (4:2:0)."""
    found = _QUILT.search(path.stem)
    if not found:
        return [], []
    columns, rows = int(found[1]), int(found[2])
    if not columns or not rows:
        return [], [f"quilt {found[0]}: no tiles"]
    faults = []
    tile = (width / columns, height / rows)
    if width % columns or height % rows:
        faults.append(f"quilt of {columns}x{rows}: {width}x{height} is no whole number of tiles")
    elif even and (tile[0] % 2 or tile[1] % 2):
        faults.append(f"quilt of {columns}x{rows}: odd tiles of {tile[0]:g}x{tile[1]:g} bleed colour (4:2:0)")
    if found[3] is None:
        faults.append("quilt: its name has no aspect; players guess (write _qsCxRaASPECT)")
    told = f"{columns}x{rows} of {tile[0]:g}x{tile[1]:g}, {columns * rows} views, aspect {found[3] or '?'}"
    return [("quilt", told)], faults


def _tiles(path: Path, width: int, height: int) -> tuple[int, int]:
    """Columns and rows of a quilt whose name and size agree; else the picture is one view."""
    found = _QUILT.search(path.stem)
    columns, rows = (int(found[1]), int(found[2])) if found else (1, 1)
    whole = columns and rows and not width % columns and not height % rows
    return (columns, rows) if whole else (1, 1)


# -- movies --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stream:
    """What a container says of its picture. pixels: ffmpeg's name; tags: range, then matrix and the rest."""

    codec: str
    profile: str
    pixels: str
    tags: tuple[str, ...]
    width: int
    height: int
    fps: Fraction
    seconds: float
    alpha: bool


@dataclass(frozen=True)
class Steps:
    """What decoding showed. Differences: means over all channels and pixels, of 255; seam: last to first."""

    frames: int
    median: float
    largest: float
    seam: float
    seam_peak: int
    black: float
    flashes: Verdict = NOTHING
    faults: tuple[str, ...] = ()


def movie(path: Path) -> Report:
    """Codec, size, rate, frames, colour tags, alpha and the seam of the loop that the movie would make."""
    try:
        s = probe(path)
    except BioartError as fault:
        return Report(path, (), (str(fault).removeprefix(f"{path}: "),))
    steps = measure(path, s)
    facts = [
        ("movie", s.codec + (f" ({s.profile})" if s.profile else "")),
        ("size", f"{s.width}x{s.height}"),
        ("fps", str(s.fps)),
        ("frames", str(steps.frames)),
        ("seconds", f"{float(steps.frames / s.fps):.3f}"),
        ("pixels", s.pixels),
        ("colour", "/".join(s.tags)),
        ("alpha", "yes" if s.alpha else "no"),
        ("step", f"median {steps.median:.3f}, largest {steps.largest:.3f} of 255"),
        ("seam", _seam(steps)),
        ("flashes", str(steps.flashes)),
    ]
    faults = list(steps.faults)
    if steps.flashes.fails:
        faults.append(f"it flashes: {steps.flashes}; allowed: at most 25 % (WCAG 2.3.1)")
    if abs(s.seconds - steps.frames / s.fps) > max(1.5 / s.fps, 0.02):
        faults.append(f"{steps.frames} frames at {s.fps} fps, but the container says {s.seconds} s")
    if s.tags != ("tv", "bt709"):
        faults.append(
            f"colour tagged {'/'.join(s.tags) or 'not at all'}: players will guess; wanted tv/bt709"
        )
    if steps.frames > 1 and steps.largest == 0:
        faults.append("still: no frame differs from the first")
    if steps.black == 1.0:
        faults.append("blank: every frame is black")
    quilt, wrong = _quilt(path, s.width, s.height, even="420" in s.pixels)
    return Report(path, tuple(facts + quilt), tuple(faults + wrong))


def _seam(steps: Steps) -> str:
    told = f"{steps.seam:.3f} mean, {steps.seam_peak} most of 255"
    return f"{told}, {steps.seam / steps.median:.2f} times the median step" if steps.median > 0 else told


_STREAM = re.compile(
    r"Stream #\d+:\d+\S*: Video: (?P<codec>\w+)(?: \((?P<profile>[^)/]+)\))?.*?, "
    r"(?P<pixels>[a-z]\w*)(?:\((?P<tags>[^)]*)\))?, (?P<width>\d+)x(?P<height>\d+)"
)


def probe(path: Path) -> Stream:
    """A movie's first picture stream as its container tells it. Raises BioartError where there is none."""
    command = [_ffmpeg(), "-hide_banner", "-i", str(path)]
    said = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL)
    text = said.stderr.decode("utf-8", "replace")
    found = _STREAM.search(text)
    rate = re.search(r", ([\d.]+)(k?) fps", text)
    length = re.search(r"Duration: (\d+):(\d+):(\d+\.\d+)", text)
    if not found or not rate or not length:
        last = [line.strip() for line in text.splitlines() if line.strip()]
        raise BioartError(f"{path}: not a movie that can be read: {last[-1] if last else 'nothing in it'}")
    fps = frame_rate(rate[1]) * (1000 if rate[2] else 1)
    parts = [t.strip() for t in (found["tags"] or "").split(",")]
    tags: list[str] = []
    for part in parts:
        # "bt709" stands for matrix/primaries/transfer where all three agree
        if part and part not in ("progressive", "unknown") and "frames" not in part and "first" not in part:
            tags.append(part)
    return Stream(
        found["codec"],
        found["profile"] or "",
        found["pixels"],
        tuple(tags),
        int(found["width"]),
        int(found["height"]),
        fps,
        int(length[1]) * 3600 + int(length[2]) * 60 + float(length[3]),
        found["pixels"].startswith(("yuva", "rgba", "gbrap"))
        or bool(re.search(r"alpha_mode\s*: 1", text, re.I)),
    )


def frames(path: Path, s: Stream) -> Iterator[NDArray[np.uint8]]:
    """Every frame as a player decodes it: (height, width, 3 or 4). WorkFailed where decoding breaks off."""
    channels = 4 if s.alpha else 3
    decoder = ["-c:v", "libvpx-vp9"] if s.codec == "vp9" and s.alpha else []  # the only one that sees alpha
    command = [
        *(_ffmpeg(), "-hide_banner", "-loglevel", "error", *decoder, "-i", str(path)),
        *("-map", "0:v:0", "-fps_mode", "passthrough", "-f", "rawvideo"),
        *("-pix_fmt", "rgba" if s.alpha else "rgb24", "pipe:1"),
    ]
    size = s.width * s.height * channels
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said) as player,
    ):
        assert player.stdout is not None
        try:
            while len(data := player.stdout.read(size)) == size:
                yield np.frombuffer(data, np.uint8).reshape(s.height, s.width, channels)
        except GeneratorExit:
            player.kill()
            raise
        code = player.wait()
        said.seek(0)
        told = [line for line in said.read().decode("utf-8", "replace").splitlines() if line.strip()]
        if code or told:
            raise WorkFailed(f"{path}: decoding broke: {told[-1].strip() if told else f'ended with {code}'}")


def measure(path: Path, s: Stream) -> Steps:
    """Decode all frames, compare each with the one before and the last with the first, and look for flashes.

    A quilt, by its name, is looked at view by view.
    """
    first: NDArray[Any] | None = None
    last: NDArray[Any] | None = None
    steps: list[float] = []
    count, black, faults = 0, 0, []
    flashes = Flashes(s.fps, s.width, s.height, *_tiles(path, s.width, s.height))
    try:
        for frame in frames(path, s):
            flashes.see(frame)
            if last is None:
                first = frame
            else:
                steps.append(_difference(last, frame)[0])
            black += int(not frame[..., :3].any())
            last, count = frame, count + 1
    except WorkFailed as fault:
        faults.append(str(fault).removeprefix(f"{path}: "))
    if first is None or last is None:
        return Steps(0, 0.0, 0.0, 0.0, 0, 0.0, NOTHING, (*faults, "no frame in it"))
    seam, peak = _difference(last, first)
    median, largest = (float(np.median(steps)), max(steps)) if steps else (0.0, 0.0)
    return Steps(count, median, largest, seam, peak, black / count, flashes.verdict(), tuple(faults))


def _difference(a: NDArray[np.uint8], b: NDArray[np.uint8]) -> tuple[float, int]:
    """Mean and greatest |a − b|."""
    d = np.where(a > b, a - b, b - a)
    return float(d.mean(dtype=np.float64)), int(d.max())


def _ffmpeg() -> str:
    import imageio_ffmpeg

    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as fault:
        raise WorkFailed(f"no ffmpeg: {' '.join(str(fault).split())}; needed: imageio-ffmpeg") from fault
