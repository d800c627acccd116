"""Emission and absorption of one 96³ field: bioart's `spectral` look beside VTK's GPU volume mapper.

    python benchmarks/volume.py [--rounds 7] [--sizes 640x360 1280x720] [--vtk PYTHON]

The field is a Gaussian blob whose picture is known in closed form; both draw it from one camera, in turn, in
one run, upload left out, picture read back. Prints the median time of a frame and the root mean square error
to the closed form, in shares of the brightest. VTK is in the extra `bench`; --vtk names another Python that
has it.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "shaders"))
import solids

from bioart import studio

VIEW = studio.camera(yaw=28.0, pitch=17.0, distance=4.6)
QUALITIES = ("draft", "live", "final")
DISTANCES = (0.0, 1.0, 2.0, 4.0, 8.0)  # cells between VTK's samples; 0: its own choice


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rounds", type=int, default=7)
    ask.add_argument("--sizes", nargs="+", default=["640x360", "1280x720"])
    ask.add_argument("--vtk", default=sys.executable, help="a Python that has VTK")
    told = ask.parse_args()
    solid = solids.blob(96)
    forms = studio.volume(
        solid.cell, light0=solid.field, smog=solid.field, emitters={"light0": (550.0, 10.0)}
    )
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "field.npz"
        for size in told.sizes:
            width, height = (int(v) for v in size.split("x"))
            eye, d = solids.rays(VIEW, width, height)
            np.save(place.with_name(f"exact-{size}.npy"), solids.of_blob(eye, d, solid.dense))
        np.savez(place, field=solid.field, cell=solid.cell, dense=solid.dense, eye=VIEW.eye, fov=VIEW.fov)
        peer = subprocess.Popen(
            [told.vtk, str(Path(__file__).parent / "peers" / "vtk_volume.py"), str(place)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        for size in told.sizes:
            compare(size, forms, solid, peer, np.load(place.with_name(f"exact-{size}.npy")), told.rounds)
        assert peer.stdin is not None
        peer.stdin.close()
        peer.wait(20)


def compare(size: str, forms: Any, solid: Any, peer: Any, exact: np.ndarray, rounds: int) -> None:
    """Everybody in turn, `rounds` times."""
    width, height = (int(v) for v in size.split("x"))
    values = {"glow": solid.dense, "smog": solid.dense, "order": 0.0}
    ours = {q: studio.Studio("spectral", (width, height), q, **values) for q in QUALITIES}
    took: dict[str, list[float]] = {}
    error: dict[str, float] = {}
    for one in ours.values():
        one.radiance(forms, VIEW)
    for _ in range(rounds):
        for quality, one in ours.items():
            began = time.perf_counter()
            half = one.again(VIEW, np.float16)
            took.setdefault(f"bioart {quality}", []).append(time.perf_counter() - began)
            seen = half.astype(np.float64)
            error[f"bioart {quality}"] = math.sqrt(float(((seen[..., :3].max(-1) - exact) ** 2).mean()))
        for distance in DISTANCES:
            peer.stdin.write(f"{size} {distance} 1\n")
            peer.stdin.flush()
            answer = peer.stdout.readline()
            if not answer:
                break
            told = json.loads(answer)
            name = f"VTK {distance:g} cells" if distance else "VTK by itself"
            took.setdefault(name, []).extend(told["took"])
            error[name] = told["error"]
    print(f"\n{size}: ms a frame (median, least), error in shares of the brightest")
    for name, seconds in took.items():
        middle, least = 1e3 * statistics.median(seconds), 1e3 * min(seconds)
        print(f"{name:16} {middle:8.1f} {least:8.1f}   {error[name] / exact.max():.5f}")
    for one in ours.values():
        one.close()


if __name__ == "__main__":
    main()
