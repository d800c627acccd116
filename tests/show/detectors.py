"""Two detectors of harmful flashing that share nothing with the guard: per-cell counting, and IRIS."""

from __future__ import annotations

import numpy as np

_CODES = np.arange(256) / 255
_LIGHT = np.where(_CODES <= 0.04045, _CODES / 12.92, ((_CODES + 0.055) / 1.055) ** 2.4).astype(np.float32)
ROWS, COLUMNS = 36, 64


def cells_of(frame: np.ndarray) -> np.ndarray:
    """Linear light averaged over cells. frame: (h, w, 3) sRGB bytes; h, w multiples of rows and columns."""
    h, w, _ = frame.shape
    return _LIGHT[frame].reshape(ROWS, h // ROWS, COLUMNS, w // COLUMNS, 3).mean((1, 3))


def per_cell_fails(frames: np.ndarray, fps: float) -> bool:
    """General and red flashes (the older rule and u′v′) counted per cell: fails where more than 6 transitions
    in any second meet on more than 25 % of the picture or of any window a third by a third."""
    n, width = len(frames), max(1, round(fps))
    cells = np.stack([cells_of(f) for f in frames])
    for moved in (_general(cells), _red(cells), _chroma(cells)):
        count = np.zeros((n + 1, ROWS, COLUMNS), np.int32)
        count[1:] = np.cumsum(moved, 0)
        for k in range(1, n + 1):
            hot = count[k] - count[max(0, k - width)] > 6
            if hot.any() and (hot.mean() > 0.25 or _window(hot) > 0.25):
                return True
    return False


def _window(hot: np.ndarray) -> float:
    """The greatest share of hot cells in any window a third by a third."""
    h, w = ROWS // 3, COLUMNS // 3
    sums = np.zeros((ROWS + 1, COLUMNS + 1))
    sums[1:, 1:] = hot.cumsum(0).cumsum(1)
    return float((sums[h:, w:] - sums[:-h, w:] - sums[h:, :-w] + sums[:-h, :-w]).max() / (h * w))


def _general(cells: np.ndarray) -> np.ndarray:
    luma = cells @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    return _turns(luma, lambda k, v, extreme, was: (abs(v - extreme) >= 0.1) & (np.minimum(v, extreme) < 0.8))


def _red(cells: np.ndarray) -> np.ndarray:
    signal = np.maximum(0, cells[..., 0] - cells[..., 1] - cells[..., 2]) * 320
    full = _saturated(cells)
    return _turns(signal, lambda k, v, extreme, was: (abs(v - extreme) > 20) & (full[k] | full[was, *_WHERE]))


def _saturated(cells: np.ndarray) -> np.ndarray:
    total = cells.sum(-1)
    return (cells[..., 0] >= 0.8 * total) & (total > 1e-4)


_WHERE = np.mgrid[0:ROWS, 0:COLUMNS]


def _turns(signal: np.ndarray, big) -> np.ndarray:  # type: ignore[no-untyped-def]
    """Where and when each cell's signal turned, having moved far enough from its extreme since the last turn.

    big(k, value, extreme, frame of the extreme): whether that is far.
    """
    extreme, was = signal[0].copy(), np.zeros(signal[0].shape, int)
    way = np.zeros(signal[0].shape, int)
    moved = np.zeros(signal.shape, bool)
    for k in range(1, len(signal)):
        sign = np.sign(signal[k] - extreme).astype(int)
        moved[k] = big(k, signal[k], extreme, was) & (sign != way)
        on = (sign == way) | moved[k]
        way = np.where(moved[k], sign, way)
        was = np.where(on, k, was)
        extreme = np.where(on, signal[k], extreme)
    return moved


def _chroma(cells: np.ndarray) -> np.ndarray:
    """Changes by more than 0.2 in u′v′ to or from saturated red, from the redder or less red extreme; colours
    that are too dark to have one (0.03 of full) change nothing."""
    x = cells @ np.array([0.4124, 0.3576, 0.1805], np.float32)
    y = cells @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    z = cells @ np.array([0.0193, 0.1192, 0.9505], np.float32)
    whole = np.maximum(x + 15 * y + 3 * z, 1e-6)
    uv = np.stack([4 * x / whole, 9 * y / whole], -1)
    redness = -np.hypot(uv[..., 0] - 0.4507, uv[..., 1] - 0.5229)
    full, seen = _saturated(cells), cells.max(-1) > 0.03
    last, was, know = uv[0].copy(), full[0].copy(), seen[0].copy()
    extreme = redness[0].copy()
    moved = np.zeros(full.shape, bool)
    for k in range(1, len(cells)):
        far = np.hypot(*np.moveaxis(uv[k] - last, -1, 0)) > 0.2
        moved[k] = far & (full[k] | was) & seen[k] & know
        on = moved[k] | (seen[k] & ~know)
        on |= seen[k] & (full[k] == was) & np.where(was, redness[k] > extreme, redness[k] < extreme)
        last = np.where(on[..., None], uv[k], last)
        extreme = np.where(on, redness[k], extreme)
        was = np.where(on, full[k], was)
        know |= seen[k]
    return moved


def iris_fails(frames: np.ndarray, fps: float) -> bool:
    """Whether IRIS fails a clip of sRGB bytes by its flash, red flash or extended rule."""
    from iris_pse_detection import Configuration
    from iris_pse_detection.flash_detection import FlashDetection

    height, width = frames.shape[1:3]
    detection = FlashDetection(fps=round(fps), frame_size=(height, width), config=Configuration())
    for index, frame in enumerate(frames):
        detection.set_current_frame(np.ascontiguousarray(frame[..., ::-1]))
        detection.analyse_frame(index)
    return bool(detection.flash_fail or detection.extended_failure)
