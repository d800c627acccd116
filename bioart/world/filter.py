"""How a bed of fine fibres keeps particles: single-fibre theory (Lee & Liu 1982; models 3.1)."""

from __future__ import annotations

import math

from bioart.errors import BioartError

_BOLTZMANN, _TEMPERATURE = 1.380649e-23, 293.15  # J/K, K
_THICKNESS, _PATH = 1.81e-5, 66e-9  # Pa·s of air, m between its molecules' hits
_DENSITY = 1500.0  # kg/m³, urban dust


def kuwabara(solidity: float) -> float:
    """Kuwabara's hydrodynamic factor of a bed whose fibres fill the share `solidity` (0–1)."""
    return -0.5 * math.log(solidity) - 0.75 + solidity - 0.25 * solidity * solidity


def single_fibre(solidity: float, fibre: float, particle: float, speed: float) -> float:
    """Share 0–1 of the particles in a fibre's path that it keeps: diffusion, interception, impaction.

    solidity: share of the bed that is fibre, 0–0.3; fibre, particle: diameters, m; speed: m/s.
    Raises BioartError outside the theory's range.
    """
    if not (0.0 < solidity <= 0.3 and fibre > 0.0 and 0.0 < particle < fibre and speed > 0.0):
        raise BioartError(
            f"filter: solidity {solidity:g}, fibre {fibre:g} m, particle {particle:g} m, speed {speed:g} "
            "m/s; allowed: solidity 0 to 0.3, particle thinner than fibre, all above 0"
        )
    ku, r = kuwabara(solidity), particle / fibre
    knudsen = 2.0 * _PATH / particle
    slip = 1.0 + knudsen * (1.257 + 0.4 * math.exp(-1.1 / knudsen))
    mobility = slip / (3.0 * math.pi * _THICKNESS * particle)
    peclet = speed * fibre / (_BOLTZMANN * _TEMPERATURE * mobility)
    stokes = _DENSITY * particle**2 * slip * speed / (18.0 * _THICKNESS * fibre)
    diffusion: float = 1.6 * ((1.0 - solidity) / ku) ** (1.0 / 3.0) * peclet ** (-2.0 / 3.0)
    interception = 0.6 * (1.0 - solidity) / ku * r * r / (1.0 + r)
    j = (29.6 - 28.0 * solidity**0.62) * r * r - 27.5 * r**2.8 if r < 0.4 else 2.0
    impaction = stokes * j / (2.0 * ku * ku)
    return min(1.0, diffusion + interception + impaction)


def depth_rate(solidity: float, fibre: float, particle: float = 1e-6, speed: float = 0.2) -> float:
    """λ_f, 1/m: what a bed keeps per metre, so that a slab of L metres lets e^(−λ_f·L) through.

    Rounded to six digits, so that no C library has a say in a world's bits.
    """
    kept = single_fibre(solidity, fibre, particle, speed)
    return float(f"{4.0 * solidity * kept / (math.pi * (1.0 - solidity) * fibre):.6g}")
