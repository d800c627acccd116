"""Where a step of the world goes, part by part and kernel by kernel; what a cell costs, and what it holds.

    python benchmarks/step.py [--rounds 30] [--air 48] [--agents 100000] [--implants 16] [--threads 2]
    python benchmarks/step.py --cells 48 96 128 [--worlds 24 48]      # cost per cell: air alone, the world

neo-lumen's grids with three pollutants, and of coral, network, pattern those growths that there are;
`--agents` agents, `--implants` implants, a digest and vitals every step. Parts and kernels are timed from
outside, each by a watch wrapped about it; a part's own time leaves out the parts that it calls. `cpu` is
the processor time of all threads by their number: less than ms where threads waited, for each other or for
other programmes. The least that a kernel must move is every field and array that it is given, once; its
share is of the STREAM triad that this process measures first. Where fields fit in the processor's cache a
share may pass 100 %. `above`: ms beyond what that least would take at the triad's rate: the greatest is the
next to gain. Appends a line to `benchmarks/history.jsonl`.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import math
import pkgutil
import re
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import history
import numpy as np

from bioart import gpu, registry, world
from bioart import preset as presets
from bioart.errors import BioartError
from bioart.forms import Grid
from bioart.gpu import compute
from bioart.gpu.compute import Memory
from bioart.show import Show
from bioart.steering import Placement
from bioart.world.air import Air

WISHED = ("coral", "network", "pattern")
WARM = 40  # steps before it is timed
LIMIT = 33.0  # ms: a step at 30 a second
PRESET = Path(__file__).parent.parent / "presets" / "neo-lumen.yaml"


class Watch:
    """Own time, processor time of all threads, calls and least bytes, by name."""

    def __init__(self) -> None:
        self.clear()
        self.stack: list[list[float]] = []
        self.sizes: dict[int, int] = {}  # fields live as long as the process
        self.on = False  # while it is off a call costs what it costs

    def clear(self) -> None:
        self.own: dict[str, float] = defaultdict(float)
        self.cpu: dict[str, float] = defaultdict(float)
        self.calls: dict[str, int] = defaultdict(int)
        self.bytes: dict[str, int] = defaultdict(int)

    def about(self, name: str, work: Callable[..., Any], count: bool) -> Callable[..., Any]:
        """The same call, timed; count: the bytes of what it is given too."""

        @functools.wraps(work)
        def timed(*given: Any, **named: Any) -> Any:
            if not self.on:
                return work(*given, **named)
            inner = [0.0, 0.0]
            self.stack.append(inner)
            spent, began = time.process_time(), time.perf_counter()
            try:
                return work(*given, **named)
            finally:
                took, spent = time.perf_counter() - began, time.process_time() - spent
                self.stack.pop()
                if self.stack:
                    self.stack[-1][0] += took
                    self.stack[-1][1] += spent
                self.own[name] += took - inner[0]
                self.cpu[name] += spent - inner[1]
                self.calls[name] += 1
                if count:
                    self.bytes[name] += sum(map(self.size, {id(a): a for a in given}.values()))

        return timed

    def size(self, a: Any) -> int:
        """Bytes of a field or an array, 0 for a number."""
        if isinstance(a, np.ndarray):
            return int(a.nbytes)
        if isinstance(a, (int, float, np.generic)):
            return 0
        if id(a) not in self.sizes:
            self.sizes[id(a)] = math.prod(a.shape) * width(str(a.dtype)) if hasattr(a, "dtype") else 0
        return self.sizes[id(a)]


def width(dtype: str) -> int:
    return int((re.findall(r"\d+", dtype) or ["32"])[-1]) // 8 or 1


def wrap_kernels(watch: Watch) -> int:
    """A watch about every kernel of bioart's modules, wherever it is named; how many there are."""
    modules = []
    for package in (world, gpu):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            modules.append(importlib.import_module(found.name))
    wrapped: dict[int, Any] = {}
    for module in modules:
        for name, thing in list(vars(module).items()):
            if getattr(thing, "_is_wrapped_kernel", False):
                if id(thing) not in wrapped:
                    label = f"{thing.__module__.removeprefix('bioart.')}.{name}"
                    wrapped[id(thing)] = (watch.about(label, thing, True), thing)
                setattr(module, name, wrapped[id(thing)][0])
    return len(wrapped)


def wrap_parts(watch: Watch, show: Show) -> None:
    """A watch about each public method of the world's parts, and of the show's own."""
    w = show.world
    parts = {**w._parts(), "tissue": w.tissue, "skin": w.skin}
    for name, part in parts.items():
        for method in dir(type(part)):
            work = getattr(type(part), method)
            if method.startswith("_") or not callable(work) or isinstance(work, (type, property)):
                continue
            setattr(part, method, watch.about(name, getattr(part, method), False))
    poisson = w.air.poisson
    poisson.solve = watch.about("gpu.poisson.solve", poisson.solve, True)
    w._measure = watch.about("measure", w._measure, False)
    w.forms = watch.about("forms", w.forms, False)
    show.community.step = watch.about("community", show.community.step, False)
    show.score.settle = watch.about("score", show.score.settle, False)
    show.digest = watch.about("digest", show.digest, False)


def piece(air: int, age: int) -> tuple[Any, list[str]]:
    """neo-lumen with these air cells on the short side and this age, and the growths that there are."""
    kinds = [kind for kind in WISHED if kind in registry.names("growth")]
    text = PRESET.read_text(encoding="utf-8")
    text = re.sub(r"(?m)^(  air:) \d+", rf"\1 {air}", text)
    text = re.sub(r"(?m)^(  age:) \d+", rf"\1 {age}", text)
    have = re.findall(r"(?m)^      - \{kind: (\w+)", text)
    more = "".join(f"      - {{kind: {kind}}}\n" for kind in kinds if kind not in have)
    last = re.findall(r"(?m)^      - \{kind: .*\n", text)[-1]
    return presets.loads(text.replace(last, last + more), str(PRESET)), [*have, *more.split()[2::3]]


def crowd(many: int) -> None:
    """Before a world is built: a network of so many agents, whatever the grid."""
    network = importlib.import_module("bioart.world.growth.network")

    class Set(network.Network):  # type: ignore[name-defined, misc]
        def active(self) -> int:
            return int(self.agents)

    def grown(self: Any, memory: Any, tissue: Any, seed: int) -> None:
        nx, ny, nz = tissue.grid.shape
        faces, whole = nx * ny + ny * nz + nz * nx, 96 * 144 + 144 * 96 + 96 * 96
        network.MANY = -(-many * whole // faces)
        plain(self, memory, tissue, seed)

    plain = network.Network.__init__
    network.Network.__init__ = grown
    network.Network.active = Set.active


def opened(told: argparse.Namespace, air: int) -> Show:
    """The show, grown, with implants set and something of each pollutant in the air."""
    preset, told.kinds = piece(air, told.age)
    show = Show(preset, 0)
    does = ("filter", "decompose", "steady")
    for n in range(told.implants):
        at = ((n * 0.618034) % 1.0, 0.15 + 0.7 * n / max(told.implants, 1), (n * 0.381966) % 1.0)
        gift = Placement("implant", at, 1.0, (1.0, 1.0, 1.0), f"{n:012x}", does=does[n % 3])  # type: ignore[arg-type]
        show.world.implants.place(show.steps, gift)
    for name in show.world.air.cargo:
        middle = [o + 0.5 * s for o, s in zip(show.world.grid.origin, show.world.grid.size, strict=True)]
        show.world.air.release(name, (middle[0], middle[1], middle[2]), 1.0, 500.0)
    return show


def rounds(show: Show, many: int) -> list[float]:
    times = []
    for _ in range(many):
        began = time.perf_counter()
        show.step()
        show.digest()
        times.append(1e3 * (time.perf_counter() - began))
    return times


def whole(told: argparse.Namespace, line: dict[str, Any], rate: float) -> None:
    """The table of one world's step."""
    watch = Watch()
    wrap_kernels(watch)  # before anything is built, so that every name means the wrapped one
    crowd(told.agents)
    show = opened(told, told.air)
    rounds(show, WARM)  # every kernel that a step may need is compiled by then
    plain = rounds(show, told.rounds)
    step = statistics.median(plain)
    wrap_parts(watch, show)
    watch.on = True
    rounds(show, 4)
    watch.clear()
    times = rounds(show, told.rounds)
    own = {name: 1e3 * t / told.rounds for name, t in watch.own.items()}
    cpu = {name: 1e3 * t / told.rounds / told.threads for name, t in watch.cpu.items()}
    total = statistics.fmean(times)
    w = show.world
    agents = [life.active() for kind, _, life in w.growths if kind == "network"]
    print(
        f"\n{told.air} air cells on the short side: air {w.grid.shape}, body {w.body.grid.shape}; growths "
        f"{', '.join(told.kinds)}; {sum(agents)} agents; {told.implants} implants; pollutants "
        f"{', '.join(w.air.cargo)}; digest and vitals every step"
    )
    print(
        f"step: median {step:.1f} ms, mean {statistics.fmean(plain):.1f}, least {min(plain):.1f}, greatest "
        f"{max(plain):.1f} of {told.rounds} ({statistics.median(times):.1f} ms under the watches); limit "
        f"{LIMIT:g} ms: "
        + ("kept" if step <= LIMIT else "over")
        + f"; processor time of all threads / {told.threads}: {sum(cpu.values()):.1f} ms"
    )
    kernels = {name: t for name, t in own.items() if watch.bytes[name] or name.startswith(("world.", "gpu."))}
    parts = {name: t for name, t in own.items() if name not in kernels}
    print(
        f"\n  {'kernel':34} {'calls':>6} {'ms':>8} {'cpu':>8} {'MB':>8} {'GB/s':>7} {'share':>6} "
        f"{'of step':>8} {'above':>7}"
    )
    rows = {}
    for name, ms in sorted(kernels.items(), key=lambda row: -row[1]):
        moved = watch.bytes[name] / told.rounds / 1e6
        reached = moved / ms if ms else 0.0
        rows[name] = {
            "ms": ms,
            "cpu_ms": cpu[name],
            "MB": moved,
            "GB/s": reached,
            "calls": watch.calls[name] / told.rounds,
        }
        if ms >= 0.002 * total:
            print(
                f"  {name:34} {watch.calls[name] / told.rounds:6.2f} {ms:8.3f} {cpu[name]:8.3f} "
                f"{moved:8.2f} {reached:7.1f} {reached / rate:6.0%} {ms / total:8.1%} "
                f"{ms - moved / rate:7.2f}"
            )
    print(f"\n  {'part, outside its kernels':34} {'ms':>15} {'cpu':>8} {'of step':>24}")
    for name, ms in sorted(parts.items(), key=lambda row: -row[1]):
        if ms >= 0.002 * total:
            print(f"  {name:34} {ms:15.3f} {cpu[name]:8.3f} {ms / total:24.1%}")
    rest = total - sum(own.values())
    print(f"  {'else':34} {rest:15.3f} {'':8} {rest / total:24.1%}")
    gain = max(kernels, key=lambda name: kernels[name] - watch.bytes[name] / told.rounds / 1e6 / rate)
    print(f"\n  next to gain: {gain}")
    line |= {
        "air": list(w.grid.shape), "body": list(w.body.grid.shape), "growths": told.kinds,
        "agents": sum(agents), "ms": step, "least_ms": min(plain), "watched_ms": statistics.median(times),
        "cpu_ms": sum(cpu.values()),
        "kernels": rows, "parts": parts, "bytes": held(w),
    }  # fmt: skip
    show.close()


def held(w: Any) -> dict[str, Any]:
    """All bytes of the world's fields: in all, by part, and for each cell of each grid."""
    air, body = math.prod(w.grid.shape), math.prod(w.body.grid.shape)
    by: dict[str, int] = defaultdict(int)
    near_air = near_body = other = 0
    for (part, _, dtype, shape), _ in w.memory._held:
        much = math.prod(shape) * width(dtype)
        by[part] += much
        if len(shape) == 3 and all(abs(a - b) <= 3 for a, b in zip(shape, w.grid.shape, strict=True)):
            near_air += much
        elif len(shape) == 3 and all(abs(a - b) <= 3 for a, b in zip(shape, w.body.grid.shape, strict=True)):
            near_body += much
        else:
            other += much
    total = near_air + near_body + other
    print(
        f"\n  held: {total / 1e6:.0f} MB; {near_air / air:.0f} bytes for each of {air} air cells, "
        f"{near_body / body:.0f} for each of {body} body cells, {other / 1e6:.1f} MB else; by part, MB: "
        + ", ".join(f"{p} {b / 1e6:.1f}" for p, b in sorted(by.items(), key=lambda row: -row[1]))
    )
    return {"total": total, "air_cell": near_air / air, "body_cell": near_body / body, "parts": dict(by)}


def sizes(told: argparse.Namespace, line: dict[str, Any]) -> None:
    """Cost per cell against size, all sizes in turn: air alone on cubes, then the whole world."""
    told.cells.sort()
    airs = {}
    for n in told.cells:
        h = 6.0 / n
        air = Air(Memory(), Grid((n, n, n), (0.0, 0.0, 0.0), h), 0.1, 1.2 * h / 0.1)
        x = np.arange(n)
        spin = np.sin(np.pi * (x[:, None] + 0.5) / n) * np.cos(np.pi * (x[None, :] + 0.5) / n)
        flow = (0.8 * h / 0.1 * spin).astype(np.float32)
        v = np.zeros((n, n + 1, n), np.float32)
        v[:, 1:-1, :] = flow[:, : n - 1, None]
        air.blow(0.0, v, 0.0)
        air.fill(50.0)
        for _ in range(3):
            air.step({"viscosity": 0.0015, "diffusion": 0.001, "confinement": 0.06})
        airs[n] = air
    took: dict[int, list[float]] = {n: [] for n in told.cells}
    for _ in range(told.rounds):
        for n, air in airs.items():
            began = time.perf_counter()
            air.step({"viscosity": 0.0015, "diffusion": 0.001, "confinement": 0.06})
            took[n].append(time.perf_counter() - began)
    line["air_ns_a_cell"] = ladder("air alone", took, {n: n**3 for n in told.cells})
    crowd(told.agents)
    shows: dict[int, Show] = {}
    for n in told.worlds:
        shows[n] = opened(told, n)
        rounds(shows[n], 4)
    spent: dict[int, list[float]] = {n: [] for n in told.worlds}
    for _ in range(told.rounds):
        for n, show in shows.items():
            spent[n] += [1e-3 * t for t in rounds(show, 1)]
    count = {n: math.prod(s.world.grid.shape) + math.prod(s.world.body.grid.shape) for n, s in shows.items()}
    line["world_ns_a_cell"] = ladder("world, by air cells on the short side", spent, count)


def ladder(title: str, took: dict[int, list[float]], count: dict[int, int]) -> dict[str, Any]:
    """ns a cell for each size, and against the least size: the median over rounds of each pair."""
    print(f"\n{title}")
    out = {}
    first = min(took) if took else 0
    for n, times in sorted(took.items()):
        ratio = statistics.median(
            (a / count[n]) / (b / count[first]) for a, b in zip(times, took[first], strict=True)
        )
        ns = 1e9 * statistics.median(times) / count[n]
        out[str(n)] = {"ms": 1e3 * statistics.median(times), "ns": ns, "of_least": ratio}
        print(
            f"  {n:4}: {1e3 * statistics.median(times):8.2f} ms, {ns:7.2f} ns a cell, least "
            f"{1e9 * min(times) / count[n]:7.2f}; {ratio:.2f} times that at {first}"
        )
    return out


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--rounds", type=int, default=30)
    ask.add_argument("--air", type=int, default=48, help="air cells on the short side")
    ask.add_argument("--age", type=int, default=60, help="steps lived before")
    ask.add_argument("--agents", type=int, default=100_000)
    ask.add_argument("--implants", type=int, default=16)
    ask.add_argument("--threads", type=int, default=2)
    ask.add_argument("--cells", type=int, nargs="+", help="instead: cost per cell of air at these edges")
    ask.add_argument("--worlds", type=int, nargs="*", default=[24, 48], help="with --cells: worlds too")
    ask.add_argument("--no-history", action="store_true", help="do not append to history.jsonl")
    told = ask.parse_args()
    compute.start("cpu", told.threads)
    line = history.head("cells" if told.cells else "step", told.threads)
    print(
        f"{line['cpu']}, {told.threads} threads, load {line['load']:.1f}, commit {line['commit']}", flush=True
    )
    try:
        if told.cells:
            sizes(told, line)
        else:
            import stream  # its kernel wants Taichi started

            found = stream.triad(told.threads)
            line["stream"] = found
            print(
                "STREAM, GB/s: " + ", ".join(f"{name} {rate:.1f}" for name, rate in found.items()), flush=True
            )
            whole(told, line, max(found.values()))
    except BioartError as error:
        print(error, file=sys.stderr)
        return 2
    if not told.no_history:
        history.append(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
