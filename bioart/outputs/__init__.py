"""Outputs: one file, one way for finished frames to leave.

To add one, write `outputs/<name>.py` with one subclass of Output that names its file endings. The exporter
finds it by the ending of OUT. Nothing stands under the final name until `finish()`.
"""

from fractions import Fraction
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray


class Output:
    """Takes finished frames."""

    endings: ClassVar[tuple[str, ...]] = ()
    profiles: ClassVar[tuple[str, ...]] = ()  # names that `--profile` may give
    depth: int = 8  # bits per channel that it wants; an instance may differ by its profile
    alpha: bool = False  # whether it keeps a fourth channel; the same

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
        """Open a temporary file beside path.

        count: frames to come. profile: one of `profiles`, or "" for the ending's own. quality: draft, live or
        final. BioartError for a bad size, profile or quality, WorkFailed if unwritable.
        """
        raise NotImplementedError

    def write(self, frame: NDArray[np.uint8] | NDArray[np.uint16]) -> None:
        """One frame: (height, width, 3 or 4), top row first, sRGB encoded."""
        raise NotImplementedError

    def finish(self) -> list[Path]:
        """Close and move under the final name; the paths written. WorkFailed if encoder or disk failed."""
        raise NotImplementedError

    def abandon(self) -> None:
        """Close and leave nothing behind."""
        raise NotImplementedError


BASE = Output
