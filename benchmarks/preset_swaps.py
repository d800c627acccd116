"""Swap among five pieces, hundreds of times, and count what a process holds after two rounds and at the end.

    python benchmarks/preset_swaps.py [SWAPS] [FRAMES]

Each swap opens the next piece as the stage does (its world takes the fields that the last one gave back, a
new look and display are made and swapped) and draws FRAMES frames of it. Every second piece is recorded.
Prints what differs: GL objects, fields, threads, descriptors, compiled kernels: 0 is wanted; and resident
memory, of which up to 8 MiB is. Needs no screen.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import moderngl

from bioart import preset as presets
from bioart.gpu import compute, context
from bioart.gpu.fingerprint import fingerprint
from bioart.inputs import Input, Setting
from bioart.inputs.rehearsal import Rehearsal
from bioart.preset import Preset
from bioart.recording import Recorder
from bioart.stage.drawing import Picked
from bioart.stage.live import Live
from bioart.stage.performer import KEPT

PIECE = """\
bioart: 1
title: piece {n}
world:
  extent: [2, 2.5, 2]
  air: {air}
  body: {{box: [1.5, 2, 1.5], finer: {finer}, growth: [{growth}]}}
  age: 2
look: {{kind: {look}}}
display: {{kind: flat}}
score:
  - {{act: one, for: 600 s}}
"""
PIECES = (
    {"air": 16, "finer": 2, "growth": "{kind: coral}, {kind: network}", "look": "specimen"},
    {"air": 8, "finer": 2, "growth": "{kind: coral}", "look": "plain"},
    {"air": 8, "finer": 3, "growth": "{kind: coral}, {kind: network}", "look": "specimen"},
    {"air": 24, "finer": 1, "growth": "{kind: network}, {kind: coral}", "look": "specimen"},
    {"air": 16, "finer": 1, "growth": "{kind: coral}", "look": "specimen"},
)
SIZE = (96, 54)
LONG = 400  # frames
GL = (
    moderngl.Texture, moderngl.Texture3D, moderngl.Buffer, moderngl.Framebuffer, moderngl.VertexArray,
    moderngl.Program, moderngl.Sampler, moderngl.Renderbuffer,
)  # fmt: skip


def held() -> dict[str, int]:
    """What the process holds now."""
    gc.collect()
    objects = gc.get_objects()
    alive = [o for o in objects if isinstance(o, GL) and not isinstance(o.mglo, moderngl.InvalidObject)]
    kernels = [o for o in objects if type(o).__name__ == "Kernel" and hasattr(o, "compiled_kernels")]
    memory = Path("/proc/self/statm").read_text().split()
    return {
        "GL objects": len(alive),
        "fields": compute.fields_made(),
        "threads": threading.active_count() + len(os.listdir("/proc/self/task")),
        "descriptors": len(os.listdir("/proc/self/fd")),
        "compiled kernels": sum(len(k.compiled_kernels) for k in kernels),
        "resident KiB": int(memory[1]) * os.sysconf("SC_PAGESIZE") // 1024,
    }


def inputs(preset: Preset, seed: int) -> list[Input]:
    return [Rehearsal("12", Setting.of(preset, seed))]


def main(swaps: int, frames: int) -> None:
    compute.start("cpu", None)
    ctx = context.headless()
    with tempfile.TemporaryDirectory() as folder:
        pieces = []
        for n, how in enumerate(PIECES):
            path = Path(folder) / f"piece-{n}.yaml"
            path.write_text(PIECE.format(n=n, **how))
            pieces.append(presets.load(path))
        live: Live | None = None
        first: dict[str, int] = {}
        now = 0.0

        def recorder(swap: int) -> Recorder | None:
            piece = pieces[swap % len(pieces)]
            if swap % 2:
                return None
            meta = {"preset": piece.text, "path": piece.path, "seed": "0", "fingerprint": fingerprint()}
            return Recorder(Path(folder) / "swap.bioart", meta)

        def done(old: Any) -> None:
            if old is not None:
                old.close()

        # an odd piece last, as when counting began: an open recording has a thread and three files
        for swap in range(2 * len(pieces) + 2 * (swaps // 2)):
            piece = pieces[swap % len(pieces)]
            picked = Picked(piece.look[0], "flat", *SIZE, "draft")
            kept = recorder(swap)
            if live is None:
                live = Live(ctx, piece, 0, inputs, picked, kept, kept=KEPT)
            else:
                done(live.open(piece, 0, kept))
                live.draw_with(picked)
            # in the first rounds long enough that a crowd has done everything once: what it did is compiled
            for _ in range(LONG if swap < 2 * len(pieces) else frames):
                live.frame(now)
                now += 1 / 30
            if swap == 2 * len(pieces) - 1:
                first = held()
            if swap % 50 == 49:
                print(f"{swap + 1:5d} {held()}", flush=True)
        last = held()
        assert live is not None
        done(live.open(pieces[0], 0, None))
        live.close()
    for name, was in first.items():
        print(f"{name:18s} {was:8d} → {last[name]:8d}   {last[name] - was:+d}")


if __name__ == "__main__":
    main(*(int(word) for word in (*sys.argv[1:], "500", "4")[:2]))
