"""Spectra to colours: the published table, and a display's gamut."""

from __future__ import annotations

import pytest

from bioart import spectrum
from bioart.errors import BioartError

TABLE = [
    (474, 35, 0.1175, 0.0947),
    (490, 80, 0.1345, 0.2871),
    (545, 60, 0.3136, 0.6454),
    (508, 30, 0.0571, 0.6483),
    (465, 75, 0.1340, 0.1120),
    (562, 70, 0.4105, 0.5701),
    (530, 90, 0.2683, 0.5452),
    (473, 80, 0.1318, 0.1626),
]


@pytest.mark.parametrize(("peak", "width", "x", "y"), TABLE)
def test_chromaticities(peak: float, width: float, x: float, y: float) -> None:
    found = spectrum.chromaticity(spectrum.emitter_xyz(peak, width))
    assert found == pytest.approx((x, y), abs=0.002)


def test_the_observer_integrates_as_published() -> None:
    sums = [sum(spectrum.observer(w)[c] for w in range(380, 781)) for c in range(3)]
    assert sums == pytest.approx([106.77, 106.92, 106.83], abs=0.006)
    assert spectrum.observer(555)[1] == pytest.approx(0.998, abs=5e-4)


@pytest.mark.parametrize(("peak", "width"), [row[:2] for row in TABLE])
def test_paling_keeps_luminance_and_hue(peak: float, width: float) -> None:
    xyz = spectrum.emitter_xyz(peak, width)
    pure = spectrum.linear_srgb(xyz)
    assert min(pure) < 0  # every one of them lies outside sRGB
    shown = spectrum.within_gamut(pure)
    assert min(shown) == pytest.approx(0.0, abs=1e-12)
    luminance = sum(w * c for w, c in zip(spectrum.LUMINANCE, shown, strict=True))
    assert luminance == pytest.approx(xyz[1], rel=1e-4)
    towards = [(p - xyz[1]) / (s - xyz[1]) for p, s in zip(pure, shown, strict=True)]
    assert towards == pytest.approx([towards[0]] * 3, rel=1e-3)  # on the line to white: no hue is turned
    rgb = spectrum.emitter_rgb(peak, width)
    assert max(rgb) == 1.0
    assert min(rgb) == pytest.approx(0.0, abs=1e-12)


def test_what_a_display_can_show_is_left_alone() -> None:
    assert spectrum.within_gamut((0.2, 0.5, 0.1)) == (0.2, 0.5, 0.1)
    assert spectrum.within_gamut((0.0, 0.0, 0.0)) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("peak", "width"), [(200, 50), (900, 50), (500, 0), (500, float("nan"))])
def test_an_emitter_that_cannot_be_seen_is_an_error(peak: float, width: float) -> None:
    with pytest.raises(BioartError, match="allowed"):
        spectrum.emitter_rgb(peak, width)
