"""One JSON line a run in `history.jsonl`: where, when, on which commit, and all numbers."""

from __future__ import annotations

import datetime
import json
import os
import platform
import subprocess
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FILE = HERE / "history.jsonl"


def head(benchmark: str, threads: int) -> dict[str, Any]:
    """What every line begins with."""
    return {
        "benchmark": benchmark,
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "commit": commit(),
        "cpu": cpu(),
        "processors": os.cpu_count(),
        "threads": threads,
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else -1.0,  # before: what else ran
        "python": platform.python_version(),
    }


def append(line: dict[str, Any]) -> None:
    def short(x: Any) -> Any:
        if isinstance(x, float):
            return float(f"{x:.4g}")
        if isinstance(x, dict):
            return {k: short(v) for k, v in x.items()}
        return [short(v) for v in x] if isinstance(x, list) else x

    with FILE.open("a", encoding="utf-8") as out:
        out.write(json.dumps(short(line), ensure_ascii=False) + "\n")


def commit() -> str:
    """The commit measured, with + where the tree has changes; – outside a checkout."""
    try:
        run = {"cwd": HERE, "capture_output": True, "text": True, "check": True}
        name = subprocess.run(["git", "rev-parse", "--short", "HEAD"], **run).stdout.strip()  # type: ignore[call-overload]
        changed = subprocess.run(["git", "status", "--porcelain", "-uno"], **run).stdout.strip()  # type: ignore[call-overload]
        return name + ("+" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return "–"


def cpu() -> str:
    """The processor's name, with its widest vectors."""
    info = Path("/proc/cpuinfo")
    if not info.exists():
        return platform.processor() or platform.machine()
    text = info.read_text(encoding="utf-8")
    rows = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    rows = {k.strip(): v.strip() for k, v in rows.items()}
    flags = rows.get("flags", "").split()
    wide = next((f for f in ("avx512f", "avx2", "avx") if f in flags), "")
    name = rows.get("model name", platform.machine())
    return f"{name} family {rows.get('cpu family', '?')} model {rows.get('model', '?')} {wide}".strip()
