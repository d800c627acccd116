"""What a view of the look specimen costs: pass by pass, and feature by feature, at each quality.

    python benchmarks/specimen.py [--size 960x540] [--rounds 5] [--quality draft live final]

A coral of branches in smog, with strands, motes and words, is made here in a second. All times are processor
time of all threads together, ms for a megapixel of the view, the least of the rounds, which go in turn over
everything that is compared. Passes are timed alone, each finished before the next, so their sum is a little
more than a view. A feature's row is a whole view with it less one without it; what a frame works out once for
all of its views is told apart (`prepare`, ms), and so is what the second lamp adds to that.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from bioart import studio
from bioart.camera import Camera
from bioart.forms import Forms, Points, Text
from bioart.gpu import compute, context
from bioart.gpu.upload import Scene
from bioart.gpu.view import View
from bioart.looks import specimen
from bioart.param import defaults_of

CELL = 4.0 / 96  # m


def coral() -> Forms:
    """A body of branches, 96×144×96 cells of four lights; the air about it; strands, motes and words."""
    rng = np.random.Generator(np.random.PCG64(7))
    shape = (96, 144, 96)
    at = np.stack(np.meshgrid(*((np.arange(n) + 0.5) * CELL for n in shape), indexing="ij"), -1)
    at -= np.array([2.0, 0.0, 2.0])
    far = np.full(shape, 9.0, np.float32)
    threads = []
    for k in range(26):
        turn = 2.4 * k
        top = np.array([1.5 * np.cos(turn), 2.2 + 2.8 * rng.random(), 1.5 * np.sin(turn)])
        foot, bend = np.zeros(3), np.array([0.7 * top[0], 0.3 * top[1], 0.7 * top[2]])
        u = np.linspace(0, 1, 24)[:, None]
        line = (1 - u) ** 2 * foot + 2 * u * (1 - u) * bend + u * u * top
        threads.append(line * [1.15, 1.0, 1.15] + [0.0, 0.05, 0.0])
        for place, u_here in zip(line, u[:, 0], strict=True):
            low = np.clip(((place - 0.5 + [2, 0, 2]) / CELL).astype(int), 0, None)
            part = tuple(slice(a, a + int(1.0 / CELL)) for a in low)
            d = np.sqrt(((at[part] - place) ** 2).sum(-1)) - (0.24 - 0.1 * u_here)
            far[part] = np.minimum(far[part], d)
    solid = np.clip(0.5 - far / (2.5 * CELL), 0, 1).astype(np.float32)
    height = at[..., 1] / 6.0
    body = studio.volume(
        CELL, (-2.0, 0.0, -2.0), solid=solid, tip=solid * height, network=0.5 * solid,
        age=solid * (1 - height), light0=solid * height, light1=solid * (1 - height), light2=0.2 * solid,
        light3=solid * (np.sin(9 * at[..., 0]) > 0.6),
    )  # fmt: skip
    n = (48, 60, 48)
    x, y, z = np.meshgrid(*(np.linspace(-1, 1, k) for k in n), indexing="ij")
    air = studio.volume(
        0.125, (-3.0, 0.0, -3.0), smog=0.6 * np.exp(-(x * x + y * y + z * z)),
        spill=0.1 * np.exp(-6 * (x * x + z * z)), spores=0.2 * np.exp(-2 * y * y),
        flash=0.3 * np.exp(-4 * x * x),
    )  # fmt: skip
    many = 1200
    motes = Points(
        "motes", rng.uniform([-2.5, 0.2, -2.5], [2.5, 6.5, 2.5], (many, 3)).astype(np.float32),
        np.full(many, 0.01, np.float32), rng.random((many, 3)).astype(np.float32),
        np.full(many, 4.0, np.float32), np.arange(many),
    )  # fmt: skip
    strands = studio.curves(threads, 0.008, [[1.0, 0.5, 0.3]] * len(threads), 0.8)
    words = Text(1, "what the river keeps", (0.8, 3.6, 1.2), 0.3, (0.9, 0.9, 1.0), 1.0)
    return body + air + strands + Forms(points=(motes,), texts=(words,))


CAMERA = studio.camera(35.0, 9.0, 11.0, target=(0.0, 2.6, 0.0))


class Bench:
    """A look over one scene, and where its time goes."""

    def __init__(self, ctx: Any, quality: str, size: tuple[int, int], edges: bool = True) -> None:
        effort = specimen.EFFORT[quality]
        if not edges:
            specimen.EFFORT[quality] = replace(effort, rays=1)
        self.ctx, self.view, self.scene = ctx, View(ctx, *size), Scene(ctx)
        self.look = specimen.Specimen(ctx, quality)
        specimen.EFFORT[quality] = effort
        self.camera: Camera = CAMERA.shaped(size[0] / size[1])
        self.mega = size[0] * size[1] / 1e6
        self.p = defaults_of(specimen.Specimen)

    def timed(self, work: Callable[..., Any], *args: Any, **more: Any) -> float:
        self.ctx.finish()
        began = time.process_time()
        work(*args, **more)
        self.ctx.finish()
        return 1e3 * (time.process_time() - began)

    def frame(self, forms: Forms, over: dict[str, float]) -> tuple[float, float]:
        """ms of processor: what all views share; a view, to a megapixel."""
        p = {**self.p, **over}
        self.scene.upload(forms)
        shared = self.timed(self.look.prepare, self.scene, p, 1.0)
        view = self.timed(self.look.draw, self.scene, self.camera, self.view, p, 1.0)
        return shared, view / self.mega

    def passes(self, forms: Forms) -> dict[str, float]:
        """ms of a megapixel, by pass."""
        look = self.look
        found: dict[str, float] = {}
        names = {id(program): name for name, program in vars(look).items() if not isinstance(program, dict)}
        for name, made in (("body", look.bodies), ("edges", look.edges), ("air", look.air_passes)):
            names |= {id(program): name for program in made.values()}
        full, shapes = look._full, look.shapes

        def watched(name: str, work: Callable[..., Any]) -> Callable[..., Any]:
            def one(*args: Any, **more: Any) -> None:
                spent = self.timed(work, *args, **more) / self.mega
                found[name] = found.get(name, 0.0) + spent

            return one

        look._full = lambda prog, *a, **k: watched(names[id(prog)], full)(prog, *a, **k)  # type: ignore
        kept = {name: getattr(shapes, name) for name in ("curves", "points", "text")}
        for name, work in kept.items():
            setattr(shapes, name, watched(name, work))
        whole = self.frame(forms, {})[1]
        look._full = full  # type: ignore
        for name, work in kept.items():
            setattr(shapes, name, work)
        found["rest"] = whole - sum(found.values())
        return found

    def close(self) -> None:
        for thing in (self.view, self.look, self.scene):
            thing.close()


def features(forms: Forms) -> dict[str, tuple[Forms, dict[str, float]]]:
    """By name, the forms and params of a view without it; of the second lamp, with it."""
    return {
        "all": (forms, {}),
        "smog": (forms, {"smog": 0.0, "haze": 0.0}),
        "flashes": (forms, {"flashes": 0.0}),
        "strands": (replace(forms, curves=()), {}),
        "motes": (replace(forms, points=()), {}),
        "words": (replace(forms, texts=()), {}),
        "reflection": (forms, {"reflection": 0.0}),
        "second lamp": (forms, {"rim": 2.0}),
    }


def main() -> None:
    told = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    told.add_argument("--size", default="960x540")
    told.add_argument("--rounds", type=int, default=5)
    told.add_argument("--quality", nargs="+", default=["draft", "live", "final"], choices=specimen.EFFORT)
    asked = told.parse_args()
    width, height = map(int, asked.size.split("x"))
    compute.start()
    ctx, forms = context.headless(), coral()
    views, passes = {}, {}
    for quality in asked.quality:
        bench, plain = Bench(ctx, quality, (width, height)), Bench(ctx, quality, (width, height), edges=False)
        wanted = features(forms)
        for one in (bench, plain):
            one.frame(forms, {})
        rows: dict[str, list[tuple[float, float]]] = {name: [] for name in (*wanted, "edges")}
        found: list[dict[str, float]] = []
        for _ in range(asked.rounds):
            for name, (seen, over) in wanted.items():
                bench.frame(
                    seen, over
                )  # what was allocated for another scene is made anew before the clock runs
                rows[name].append(bench.frame(seen, over))
            rows["edges"].append(plain.frame(forms, {}))
            found.append(bench.passes(forms))
        views[quality] = {name: tuple(map(min, zip(*row, strict=True))) for name, row in rows.items()}
        passes[quality] = {name: min(f[name] for f in found) for name in found[0]}
        for one in (bench, plain):
            one.close()
    told_of = list(views)
    print(f"{width}×{height}, {ctx.info['GL_RENDERER']}; ms of processor to a megapixel")
    print(f"{'':12}" + "".join(f"{q:>10}" for q in told_of))
    for name in passes[told_of[0]] | passes[told_of[-1]]:
        print(f"{name:12}" + "".join(f"{passes[q].get(name, 0.0):10.0f}" for q in told_of))
    print(f"{'a view':12}" + "".join(f"{views[q]['all'][1]:10.0f}" for q in told_of))
    print(
        f"{'relative':12}"
        + "".join(f"{views[q]['all'][1] / views[told_of[0]]['all'][1]:10.2f}" for q in told_of)
    )
    print("of which, a view with it less one without:")
    for name in ("smog", "flashes", "strands", "motes", "words", "reflection", "edges"):
        print(f"{name:12}" + "".join(f"{views[q]['all'][1] - views[q][name][1]:10.0f}" for q in told_of))
    print("and beyond it:")
    more = [views[q]["second lamp"][1] - views[q]["all"][1] for q in told_of]
    print(f"{'second lamp':12}" + "".join(f"{m:10.0f}" for m in more))
    print("ms a frame, whatever the views:")
    print(f"{'prepare':12}" + "".join(f"{views[q]['all'][0]:10.0f}" for q in told_of))
    more = [views[q]["second lamp"][0] - views[q]["all"][0] for q in told_of]
    print(f"{'second lamp':12}" + "".join(f"{m:10.0f}" for m in more))


if __name__ == "__main__":
    main()
