"""Stills: PNG, one or numbered, 8 or 16 bit, with or without alpha. Written here, as few libraries write
16-bit colour (ISO/IEC 15948)."""

from __future__ import annotations

import os
import re
import shutil
import struct
import zlib
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.errors import BioartError, WorkFailed, nearest, shown
from bioart.outputs import Output

_PROFILES = {"png": (8, False), "png16": (16, False), "png-alpha": (8, True), "png16-alpha": (16, True)}
_EFFORT = {"draft": 1, "live": 3, "final": 6}


class Stills(Output):
    """One frame is `name.png`; several are `name_00000.png` and on, the number before a quilt's `_qs`."""

    endings = (".png",)
    profiles = tuple(_PROFILES)

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
        profile = profile or "png"
        if profile not in _PROFILES:
            raise BioartError(f"--profile {shown(profile)[1:-1]}: not for .png{nearest(profile, _PROFILES)}")
        if quality not in _EFFORT:
            raise BioartError(f"--quality {shown(quality)[1:-1]}: unknown{nearest(quality, _EFFORT)}")
        if width < 1 or height < 1:
            raise BioartError(f"--size {width}x{height}: allowed: 1x1 and up")
        self.depth, self.alpha = _PROFILES[profile]
        self._effort = _EFFORT[quality]
        self._path, self._shape, self._count = path, (height, width), count
        self._room = path.with_name(f".{path.name}.{os.getpid()}.part")
        self._made: list[tuple[Path, Path]] = []
        try:
            self._room.mkdir()
        except OSError as fault:
            raise WorkFailed(f"{path}: cannot write there ({fault.strerror})") from fault

    def write(self, frame: NDArray[Any]) -> None:
        wanted = (*self._shape, 4 if self.alpha else 3)
        if frame.shape != wanted or frame.dtype.itemsize * 8 != self.depth:
            raise BioartError(
                f"{self._path}: a frame of {frame.shape} {frame.dtype}; allowed: {wanted} uint{self.depth}"
            )
        final = self._path if self._count == 1 else numbered(self._path, len(self._made), self._count)
        part = self._room / final.name
        try:
            part.write_bytes(png(frame, self._effort))
        except OSError as fault:
            raise WorkFailed(f"{final}: {fault.strerror}") from fault
        self._made.append((part, final))

    def finish(self) -> list[Path]:
        for part, final in self._made:
            try:
                os.replace(part, final)
            except OSError as fault:
                raise WorkFailed(f"{final}: {fault.strerror}") from fault
        self.abandon()
        return [final for _, final in self._made]

    def abandon(self) -> None:
        shutil.rmtree(self._room, ignore_errors=True)


def numbered(path: Path, index: int, count: int) -> Path:
    """`name_00012.png`, `name_00012_qs8x6a0.75.png`: at least five digits, all of a series equally many."""
    digits = max(5, len(str(count - 1)))
    found = re.fullmatch(r"(.*?)(_qs\d+x\d+a[\d.]+)?", path.stem)
    stem, suffix = (found[1], found[2] or "") if found else (path.stem, "")
    return path.with_name(f"{stem}_{index:0{digits}d}{suffix}{path.suffix}")


def png(frame: NDArray[Any], effort: int = 6) -> bytes:
    """(height, width, 3 or 4) of uint8 or uint16, sRGB, as a PNG file that says so. effort: zlib level."""
    height, width, channels = frame.shape
    size = frame.dtype.itemsize
    rows = np.ascontiguousarray(frame, frame.dtype.newbyteorder(">")).view(np.uint8).reshape(height, -1)
    # Each row keeps the filter with the least sum of differences: none, to the left, or upwards.
    filtered = np.empty((3, *rows.shape), np.uint8)
    filtered[0] = filtered[1] = filtered[2] = rows
    step = channels * size
    filtered[1, :, step:] -= rows[:, :-step]
    filtered[2, 1:] -= rows[:-1]
    cost = np.abs(filtered.view(np.int8).astype(np.int16)).sum(2, dtype=np.int64)
    best = cost.argmin(0)
    body = np.empty((height, 1 + rows.shape[1]), np.uint8)
    body[:, 0] = best
    body[:, 1:] = filtered[best, np.arange(height)]
    head = struct.pack(">IIBBBBB", width, height, 8 * size, 6 if channels == 4 else 2, 0, 0, 0)
    chunks = (
        (b"IHDR", head),
        (b"sRGB", b"\0"),
        (b"IDAT", zlib.compress(body.tobytes(), effort)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
