"""The lights of a body by name, and the colours that their spectra have."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from bioart.spectrum import Emitter, emitter_rgb

LIGHTS = ("light0", "light1", "light2", "light3")


def colours(
    emitters: Iterable[Emitter], names: Sequence[str] = LIGHTS, white: float = 0.0
) -> NDArray[np.float32]:
    """(4, 3): the linear sRGB of each of up to four lights, black where no emitter names it. white: the share
    of white in each, 0–1."""
    out = np.zeros((4, 3), np.float32)
    for e in emitters:
        if e.channel in names:
            pure = np.array(emitter_rgb(e.peak, e.width), np.float32)
            out[names.index(e.channel)] = (1 - white) * pure + white * pure.max()
    return out
