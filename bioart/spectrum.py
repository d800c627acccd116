"""From a spectrum to a colour: the CIE 1931 observer, and what of it a display can show.

The observer is the fit of C. Wyman, P.-P. Sloan and P. Shirley, "Simple Analytic Approximations to the CIE
XYZ Color Matching Functions", JCGT 2(2), 2013. All light here is linear; sRGB's white is D65.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

from bioart.errors import BioartError

RGB = tuple[float, float, float]
SHORTEST, LONGEST = 380, 780  # nm, summed by 1 nm

# What shines in the sea, in wood and in summer grass, and the lamps of cities: peak and width (FWHM), nm.
# Living light after E. A. Widder, Science 328 (2010), and S. H. D. Haddock, M. A. Moline and J. F. Case,
# Annu. Rev. Mar. Sci. 2 (2010); beetles after V. R. Viviani, Cell. Mol. Life Sci. 59 (2002). Rounded.
SPECTRA = {
    "ostracod": (465.0, 75.0),
    "krill": (468.0, 50.0),
    "dinoflagellate": (474.0, 35.0),
    "comb-jelly": (488.0, 75.0),
    "vibrio": (490.0, 80.0),
    "millipede": (496.0, 90.0),
    "crystal-jelly": (508.0, 30.0),
    "foxfire": (530.0, 90.0),
    "glow-worm": (546.0, 65.0),
    "firefly": (562.0, 70.0),
    "click-beetle": (585.0, 70.0),
    "railroad-worm": (623.0, 60.0),
    "mercury": (546.0, 8.0),
    "sodium": (589.0, 8.0),
    "neon": (640.0, 20.0),
}


@dataclass(frozen=True)
class Emitter:
    """A light: its channel's name, and its spectrum as a Gaussian. peak, width (FWHM): nm."""

    channel: str
    peak: float
    width: float


# One lobe: weight, mean, spread below the mean, spread above it (nm).
_X = ((1.056, 599.8, 37.9, 31.0), (0.362, 442.0, 16.0, 26.7), (-0.065, 501.1, 20.4, 26.2))
_Y = ((0.821, 568.8, 46.9, 40.5), (0.286, 530.9, 16.3, 31.1))
_Z = ((1.217, 437.0, 11.8, 36.0), (0.681, 459.0, 26.0, 13.8))

# IEC 61966-2-1: XYZ (D65) to linear sRGB, and the row that gives a colour's luminance.
_TO_SRGB = (
    (3.2404542, -1.5371385, -0.4985314),
    (-0.9692660, 1.8760108, 0.0415560),
    (0.0556434, -0.2040259, 1.0572252),
)
LUMINANCE = (0.2126729, 0.7151522, 0.0721750)


def observer(wavelength: float) -> tuple[float, float, float]:
    """x̄, ȳ, z̄ of the 1931 standard observer at a wavelength in nm."""
    return _lobes(_X, wavelength), _lobes(_Y, wavelength), _lobes(_Z, wavelength)


def _lobes(lobes: tuple[tuple[float, float, float, float], ...], wavelength: float) -> float:
    total = 0.0
    for weight, mean, below, above in lobes:
        t = (wavelength - mean) / (below if wavelength < mean else above)
        total += weight * math.exp(-0.5 * t * t)
    return total


@cache
def emitter_xyz(peak: float, width: float) -> tuple[float, float, float]:
    """X, Y, Z of a Gaussian spectrum of unit power. peak, width (FWHM): nm.

    Raises BioartError where peak is outside 380–780 nm or width is not positive.
    """
    if not SHORTEST <= peak <= LONGEST:
        raise BioartError(f"emitter: peak {peak!r} nm cannot be seen; allowed: {SHORTEST} to {LONGEST} nm")
    if not width > 0:
        raise BioartError(f"emitter: width {width!r} nm; allowed: more than 0 nm")
    spread = width / (2.0 * math.sqrt(2.0 * math.log(2.0)))
    x = y = z = power = 0.0
    for wavelength in range(SHORTEST, LONGEST + 1):
        t = (wavelength - peak) / spread
        e = math.exp(-0.5 * t * t)
        dx, dy, dz = observer(wavelength)
        x, y, z, power = x + e * dx, y + e * dy, z + e * dz, power + e
    return x / power, y / power, z / power


def chromaticity(xyz: tuple[float, float, float]) -> tuple[float, float]:
    """x, y of a colour."""
    total = sum(xyz)
    return xyz[0] / total, xyz[1] / total


def linear_srgb(xyz: tuple[float, float, float]) -> RGB:
    """Linear sRGB of a colour; components below 0 lie outside what the primaries can mix."""
    r, g, b = (row[0] * xyz[0] + row[1] * xyz[1] + row[2] * xyz[2] for row in _TO_SRGB)
    return r, g, b


def within_gamut(rgb: RGB) -> RGB:
    """The colour moved towards white at constant luminance, just as far as no component is below 0.

    Clipping would turn the hue (a dinoflagellate's blue towards violet); this only pales it. Black and
    colours of no luminance give black.
    """
    luminance = sum(w * c for w, c in zip(LUMINANCE, rgb, strict=True))
    least = min(rgb)
    if luminance <= 0.0:
        return (0.0, 0.0, 0.0)
    if least >= 0.0:
        return rgb
    keep = luminance / (luminance - least)
    r, g, b = (max(0.0, luminance + (c - luminance) * keep) for c in rgb)
    return r, g, b


@cache
def emitter_rgb(peak: float, width: float) -> RGB:
    """The colour of a Gaussian emitter in linear sRGB, its greatest component 1. peak, width (FWHM): nm.

    Raises BioartError as `emitter_xyz` does.
    """
    r, g, b = within_gamut(linear_srgb(emitter_xyz(peak, width)))
    most = max(r, g, b)
    return r / most, g / most, b / most
