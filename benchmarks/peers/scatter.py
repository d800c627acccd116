"""Light scattered once in smog, by Mitsuba 3's path tracer: the reference of tests/shaders/test_scatter.py.

    pip install mitsuba==3.9.1
    python benchmarks/peers/scatter.py tests/shaders/scatter.npz

Two scenes in one cloud of smog (see `cloud`): lit by a glowing ball that stands in it, sampled as 3000 point
lights, and by a distant lamp behind an opaque ball. Isotropic and Henyey–Greenstein scattering, one bounce
(`volpath`, max_depth 2), linear RGB. Prints the noise that is left (from two halves of the samples).
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from typing import Any

import mitsuba as mi
import numpy as np

WIDTH, HEIGHT = 96, 72
CELLS, CELL = 32, 0.125  # the air's grid: a cube of 4 m about the origin
SMOG = 0.8  # 1/m of green light where the cloud is full
MURK = np.array([0.72, 1.0, 1.5])
ALBEDO = np.array([0.95, 0.62, 0.32])
GLOW, BALL = 1.0, 0.35  # radiance to a metre of the glowing ball; its radius, m
STONE = 0.45  # radius of the opaque ball, m
LAMP = (math.radians(70.0), math.radians(35.0))  # turn from +z towards +x, height
KEY = 1.0  # radiance of a white wall that faces the lamp
LOBES = (0.35, 0.72, -0.1)
EYE, FOV = (1.2, 1.0, 6.2), 40.0  # m; °, vertical


def cloud() -> np.ndarray:
    """The smog, (x, y, z) in 0–1: a soft ball with a lopsided density."""
    at = (np.arange(CELLS) + 0.5) * CELL - 0.5 * CELLS * CELL
    x, y, z = np.meshgrid(at, at, at, indexing="ij")
    far = np.sqrt(x * x + y * y + z * z)
    soft = np.clip((1.7 - far) / 0.9, 0, 1)
    return (soft * soft * (3 - 2 * soft) * (0.7 + 0.3 * np.sin(1.5 * x + 0.7 * y))).astype(np.float32)


def points(n: int = 3000) -> np.ndarray:
    """Places evenly in the glowing ball: a golden spiral in each of equal shells."""
    i = np.arange(n) + 0.5
    r = BALL * (((i * 0.7548776662) % 1.0) ** (1 / 3))
    z = 1 - 2 * i / n
    turn = math.pi * (1 + 5**0.5) * i
    s = np.sqrt(1 - z * z)
    return np.stack([r * s * np.cos(turn), r * s * np.sin(turn), r * z], axis=1)


def medium() -> dict[str, Any]:
    density = cloud().transpose(2, 1, 0)[..., None] * (SMOG * MURK).astype(np.float32)
    half = 0.5 * CELLS * CELL
    place = mi.ScalarTransform4f().translate([-half] * 3).scale([2 * half] * 3)
    grid = mi.VolumeGrid(np.ascontiguousarray(density, np.float32))
    return {
        "type": "heterogeneous",
        "albedo": {"type": "constvolume", "value": {"type": "rgb", "value": ALBEDO.tolist()}},
        "sigma_t": {
            "type": "gridvolume", "grid": grid, "to_world": place, "raw": True, "filter_type": "trilinear",
        },
    }  # fmt: skip


def scene(lit_by: str) -> dict[str, Any]:
    half = 0.5 * CELLS * CELL
    inside = medium()
    if lit_by == "glow":
        inside["phase"] = {"type": "isotropic"}
    else:
        share, forward, rest = LOBES
        inside["phase"] = {
            "type": "blendphase",
            "weight": {"type": "constvolume", "value": share},
            "a": {"type": "hg", "g": rest},
            "b": {"type": "hg", "g": forward},
        }
    told: dict[str, Any] = {
        "type": "scene",
        "integrator": {"type": "volpathmis", "max_depth": 2, "rr_depth": 99, "hide_emitters": True},
        "sensor": {
            "type": "perspective", "fov": FOV, "fov_axis": "y",
            "to_world": mi.ScalarTransform4f().look_at(origin=EYE, target=[0, 0, 0], up=[0, 1, 0]),
            "film": {"type": "hdrfilm", "width": WIDTH, "height": HEIGHT, "rfilter": {"type": "box"}},
        },
        "cube": {
            "type": "cube", "bsdf": {"type": "null"}, "interior": inside,
            "to_world": mi.ScalarTransform4f().scale([half] * 3),
        },
    }  # fmt: skip
    if lit_by == "glow":
        places = points()
        power = GLOW * 4 / 3 * math.pi * BALL**3 / len(places)
        for i, place in enumerate(places):
            told[f"light{i}"] = {
                "type": "point", "position": place.tolist(),
                "intensity": {"type": "rgb", "value": [power] * 3},
            }  # fmt: skip
    else:
        turn, height = LAMP
        towards = [math.sin(turn) * math.cos(height), math.sin(height), math.cos(turn) * math.cos(height)]
        told["lamp"] = {
            "type": "directional", "direction": [-v for v in towards],
            "irradiance": {"type": "rgb", "value": [math.pi * KEY] * 3},
        }  # fmt: skip
        told["stone"] = {
            "type": "sphere", "radius": STONE,
            "bsdf": {"type": "diffuse", "reflectance": {"type": "rgb", "value": 0.0}},
        }  # fmt: skip
    return told


def main() -> None:
    mi.set_variant("scalar_rgb")
    samples = int(sys.argv[2]) if len(sys.argv) > 2 else 1024
    out: dict[str, np.ndarray] = {}
    for lit_by in ("glow", "lamp"):
        began = time.perf_counter()
        made = mi.load_dict(scene(lit_by))
        halves = [np.array(mi.render(made, spp=samples // 2, seed=s))[..., :3] for s in (1, 2)]
        picture = 0.5 * (halves[0] + halves[1])
        noise = np.sqrt((0.25 * (halves[0] - halves[1]) ** 2).mean()) / picture.max()
        took = time.perf_counter() - began
        told = f"{samples} samples, {took:.0f} s, brightest {picture.max():.4f}, noise {noise:.5f} of it"
        print(f"{lit_by}: {told}")
        out[lit_by] = picture.astype(np.float16)
    np.savez_compressed(Path(sys.argv[1]), **out)


if __name__ == "__main__":
    main()
