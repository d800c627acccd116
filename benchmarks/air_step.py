"""One step of air, bioart beside its peers, in one run on the same work.

    python benchmarks/air_step.py [--cells 64 96] [--rounds 10] [--steps 3] [--threads 2] [--peers NAME …]

The work is told in `peers/__init__.py`. Each peer is first held to the NumPy reference for one step; then,
round by round, each in turn loads the same state and is timed for a few steps, in a process of its own that
sleeps between. Prints medians and ratios: of bioart's time (above 1: bioart is faster), of Numba's and of
tuned Numba's, and appends one line to `benchmarks/history.jsonl`. Exit 1: a peer missed the divergence that
it must reach, or its velocity the reference. A peer that is not installed is told and left out: the packages
are in the extra `bench` (`pip install -e .[bench]`).
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import sys
from typing import Any

import history
import numpy as np
from peers import reference, work

CLOSE = (
    2e-6  # what a peer's mean difference from the reference may be, of the greatest value: round-off in f32
)
SLOW = 1.0  # s a step: a peer slower than this is timed for one step in few rounds


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--cells", type=int, nargs="+", default=[64, 96], help="cells along an edge")
    ask.add_argument("--rounds", type=int, default=10)
    ask.add_argument("--steps", type=int, default=3, help="steps a round")
    ask.add_argument("--threads", type=int, default=2)
    ask.add_argument("--peers", nargs="+", default=list(work.PEERS), choices=work.PEERS)
    ask.add_argument("--no-history", action="store_true", help="do not append to history.jsonl")
    told = ask.parse_args()
    line = history.head("air_step", told.threads)
    print(f"{line['cpu']}, {told.threads} threads, load {line['load']:.1f}, commit {line['commit']}")
    failed: list[str] = []
    line["cells"] = {}
    for n in told.cells:
        line["cells"][str(n)] = compare(n, told, failed)
    if not told.no_history:
        history.append(line)
    for trouble in failed:
        print(f"failed: {trouble}")
    return 1 if failed else 0


def compare(n: int, told: argparse.Namespace, failed: list[str]) -> dict[str, Any]:
    """All peers at n³ cells: the table on stdout, its numbers as a dict."""
    print(f"\n{n}³ cells, max|u|·dt/h {work.COURANT:g}")
    right = reference.step(*work.opening(n))
    spawn = multiprocessing.get_context("spawn")
    running: dict[str, tuple[Any, Any]] = {}
    rows: dict[str, dict[str, Any]] = {}
    try:
        for name in told.peers:
            pipe, theirs = spawn.Pipe()
            child = spawn.Process(target=work.serve, args=(theirs, name, n, told.threads), daemon=True)
            child.start()
            theirs.close()
            try:
                first = pipe.recv()
            except EOFError:
                failed.append(f"{name} at {n}³ ended before its first step")
                continue
            if "missing" in first:
                print(f"  {name}: left out, {first['missing']}")
                continue
            rows[name] = checked(name, n, first, right, failed)
            rows[name]["second"] = pipe.recv()
            running[name] = (pipe, child)
        times = timed(told, running, rows)
    finally:
        for pipe, _ in running.values():
            pipe.send(None)
        for _, child in running.values():
            child.join(10)
    table(times, rows)
    return {name: row | times[name] for name, row in rows.items()}


def checked(name: str, n: int, first: dict[str, Any], right: Any, failed: list[str]) -> dict[str, Any]:
    """The first step against the reference: mean and greatest difference, of the greatest value there is."""
    found = [np.asarray(a, np.float64) for a in first.pop("arrays")]
    top = max(float(np.abs(a).max()) for a in right[:3])
    off = [np.abs(a - b) / top for a, b in zip(found[:3], right[:3], strict=True)]
    core = (slice(n // 8, -(n // 8)),) * 3  # away from walls, which PhiFlow treats in its own way
    row = first | {
        "mean": max(float(a.mean()) for a in off),
        "most": max(float(a.max()) for a in off),
        "inside": max(float(a[core].mean()) for a in off),
        "scalar": float(np.abs(found[3] - right[3]).mean() / 100.0),
        "first_divergence": work.divergence(*found[:3]),
    }
    if row["first_divergence"] > work.LEAST:
        failed.append(f"{name} at {n}³: divergence {row['first_divergence']:.1e} after one step")
    if name != "phiflow" and name != "warp" and row["mean"] > CLOSE:
        failed.append(f"{name} at {n}³: velocity {row['mean']:.1e} from the reference")
    print(
        f"  {name}: first step {row['opened']:.1f} s with compilation; from the reference, velocity mean "
        f"{row['mean']:.1e} most {row['most']:.1e} (core mean {row['inside']:.1e}), scalar mean "
        f"{row['scalar']:.1e}; divergence {row['first_divergence']:.1e}\n"
        f"      {row['versions']}: {row['notes']}",
        flush=True,
    )
    return row


def timed(
    told: argparse.Namespace, running: dict[str, Any], rows: dict[str, Any]
) -> dict[str, dict[str, Any]]:
    """Rounds in turn; each begins with another peer."""
    names = list(running)
    wall: dict[str, list[float]] = {name: [] for name in names}
    cpu: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(told.rounds):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            slow = rows[name]["second"] > SLOW
            if slow and turn >= 3:
                continue
            pipe = running[name][0]
            pipe.send(1 if slow else told.steps)
            got = pipe.recv()
            wall[name].append(got["wall"])
            cpu[name].append(got["cpu"])
            rows[name]["divergence"] = max(rows[name].get("divergence", 0.0), got["divergence"])

    def ratio(name: str, to: str) -> float | None:
        """This peer's time for another's: the median over rounds, each pair a moment apart."""
        if to not in wall:
            return None
        return statistics.median(a / b for a, b in zip(wall[name], wall[to], strict=False))

    return {
        name: {
            "ms": 1e3 * statistics.median(wall[name]),
            "least_ms": 1e3 * min(wall[name]),
            "cpu_ms": 1e3 * min(cpu[name]),
            "of_bioart": ratio(name, "bioart"),
            "of_numba": ratio(name, "numba"),
            "of_tuned": ratio(name, "numba_tuned"),
            "rounds": len(wall[name]),
        }
        for name in names
    }


def table(times: dict[str, dict[str, Any]], rows: dict[str, dict[str, Any]]) -> None:
    print(
        "\n  ms a step: median, least; processor time of all threads, least; ratios are medians over rounds"
    )
    print(
        f"  {'peer':12} {'median':>9} {'least':>9} {'cpu':>9} {'of bioart':>10} {'of numba':>9} "
        f"{'of tuned':>9} {'divergence':>11}"
    )
    for name, t in times.items():
        of = [f"{t[k]:.2f}" if t[k] else "–" for k in ("of_bioart", "of_numba", "of_tuned")]
        print(
            f"  {name:12} {t['ms']:9.2f} {t['least_ms']:9.2f} {t['cpu_ms']:9.2f} {of[0]:>10} {of[1]:>9} "
            f"{of[2]:>9} {rows[name]['divergence']:11.1e}",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
