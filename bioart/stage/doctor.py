"""What this machine can do, tried and not guessed."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version

from bioart import __version__, assets
from bioart.errors import BioartError


@dataclass(frozen=True)
class Finding:
    """One thing tried: what, whether it works, and what was seen."""

    what: str
    well: bool
    told: str


def examine(backend: str, threads: int | None) -> list[Finding]:
    """Try everything that an export needs, then what else there is. Never raises for what it finds."""
    tries: list[tuple[str, Callable[[], str]]] = [
        ("bioart", lambda: f"{__version__}, Python {platform.python_version()}, {platform.platform()}"),
        ("assets", lambda: f"shaders in {assets.folder('shaders')}, presets in {assets.folder('presets')}"),
        ("compute", lambda: _compute(backend, threads)),
        ("picture", _picture),
        ("words", _words),
        ("movies", _movies),
        ("cache", _cache),
        ("window", _window),
    ]
    return [_tried(what, attempt) for what, attempt in tries]


def _tried(what: str, attempt: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, attempt())
    except (BioartError, OSError, RuntimeError, ImportError, ValueError, subprocess.SubprocessError) as fault:
        return Finding(what, False, " ".join(str(fault).split())[:300] or type(fault).__name__)


def _compute(backend: str, threads: int | None) -> str:
    from bioart.gpu import compute

    compute.start(backend, threads)
    got = compute.started()
    return f"Taichi {version('taichi')} on {got['backend']}, {got['threads']} threads"


def _picture() -> str:
    from bioart.gpu import context

    ctx = context.headless()
    try:
        most = ctx.info["GL_MAX_TEXTURE_SIZE"]
        name = context.renderer(ctx)
        kind = "software: no GPU draws, exports take longer" if "llvmpipe" in name else "hardware"
        return f"{name}; pictures up to {most} px; {kind}"
    finally:
        ctx.release()


def _words() -> str:
    from bioart.gpu import faces

    found = faces.scripts()
    lack = [name for name, there in found.items() if not there]
    if lack:
        raise OSError(
            f"no face for {', '.join(lack)}: such letters are shown as dots; on Debian and Ubuntu "
            "fonts-noto-core, fonts-noto-cjk and fonts-dejavu-core write them all"
        )
    return f"in {faces.of_system().first().name} and others: {', '.join(found)}"


def _movies() -> str:
    import imageio_ffmpeg

    tool = imageio_ffmpeg.get_ffmpeg_exe()
    call = [tool, "-hide_banner", "-encoders"]
    said = subprocess.run(call, capture_output=True, text=True, timeout=30, check=True)
    wanted = {"libx264": "H.264", "libx265": "HEVC", "libvpx-vp9": "VP9", "prores_ks": "ProRes 4444"}
    have = [name for codec, name in wanted.items() if codec in said.stdout]
    lack = [name for codec, name in wanted.items() if codec not in said.stdout]
    without = f"; without {', '.join(lack)}" if lack else ""
    return f"ffmpeg {imageio_ffmpeg.get_ffmpeg_version()}: {', '.join(have)}{without}"


def _cache() -> str:
    from platformdirs import user_cache_path

    place = user_cache_path("bioart", ensure_exists=True)
    if not os.access(place, os.W_OK):
        raise OSError(f"{place} cannot be written to: worlds are aged anew at every start")
    return f"{place}, {shutil.disk_usage(place).free / 2**30:.0f} GiB free"


def _window() -> str:
    names = ("DISPLAY", "WAYLAND_DISPLAY")
    if sys.platform.startswith("linux") and not any(os.environ.get(name) for name in names):
        raise OSError("no screen here (neither DISPLAY nor WAYLAND_DISPLAY is set); exports need none")
    return "a screen is there"
