"""Let pairs of growths live for 50,000 steps, every weather in its turn, and tell how they stand on the way.

    python benchmarks/long_life.py [STEPS] [GROWTH+GROWTH ...]

Without pairs: each growth that makes body, with the one after it in the alphabet. Prints a row each tenth of
the steps, and every fault that `tests/world/test_alive.py` would name. Exit 1 where there was one.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bioart import registry
from bioart.gpu import compute
from tests.world.living import KINDS, WEATHERS, Living

COLUMNS = ("biomass", "glow", "synchrony", "reserve", "pod_load", "delivered", "broken", "mended", "taken")


def pairs() -> list[tuple[str, ...]]:
    found = []
    for n, kind in enumerate(KINDS):
        if "solid" in registry.kind("growth", kind).writes:  # type: ignore[attr-defined]
            found.append(tuple(dict.fromkeys((kind, KINDS[(n + 1) % len(KINDS)]))))
    return found


def main() -> int:
    words = sys.argv[1:]
    steps = int(words.pop(0)) if words and words[0].isdigit() else 50_000
    wanted = [tuple(word.split("+")) for word in words] or pairs()
    compute.start("cpu", 2)
    faults = 0
    for kinds in wanted:
        print(f"\n{'+'.join(kinds)}, {steps} steps: {', '.join(WEATHERS)} in turn")
        print(f"{'step':>8}" + "".join(f"{name:>11}" for name in COLUMNS))
        life = Living(kinds, tuple(WEATHERS))
        for _ in range(10):
            row = life.run(steps // 10, look=max(steps // 100, 1)).rows[-1].row()
            print(f"{life.k:>8}" + "".join(f"{row[name]:>11.4g}" for name in COLUMNS), flush=True)
            life.found.rows.clear()
        for fault in life.found.faults:
            print("FAULT", fault)
        faults += len(life.found.faults)
        life.close()
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
