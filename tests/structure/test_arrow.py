"""The one arrow: a module imports only from lines above its own. Read from the imports themselves."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "bioart"
FILES = sorted(p for p in ROOT.rglob("*.py"))

LEAVES = (
    "param",
    "clock",
    "camera",
    "events",
    "steering",
    "health",
    "forms",
    "registry",
    "assets",
)
# Lines of the house, top first. A module may import from lines above its own, and from its own package.
LINES: tuple[tuple[str, ...], ...] = (
    ("errors",),
    ("spectrum",),
    LEAVES,
    ("gpu",),
    ("world",),
    ("community",),
    ("inputs", "looks", "displays", "outputs"),
    ("develop", "guard", "optics"),
    ("preset",),
    ("score", "recording", "take"),
    ("show", "projector", "studio", "testcard"),
    ("stage",),
    ("cli",),
)
RANK = {name: rank for rank, line in enumerate(LINES) for name in line}
NEVER = {  # finer than the ranks: what a room must not know although it stands above
    "community": {"gpu", "world"},
    "inputs": {"gpu", "world", "looks", "displays", "outputs"},
    "looks": {"world", "community", "inputs", "displays", "outputs"},
    "displays": {"world", "community", "inputs", "looks", "outputs"},
    "outputs": {"world", "community", "inputs", "looks", "displays", "gpu"},
    "guard": {"world", "community", "inputs", "outputs"},
}
FAMILIES = ("inputs", "looks", "displays", "outputs", "world/growth")


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0]


def imported(path: Path) -> set[str]:
    """Every `bioart.x.y` that a file imports, wherever in the file."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {a.name for a in node.names if a.name.split(".")[0] == "bioart"}
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "bioart":
            found |= {f"{node.module}.{a.name}" for a in node.names}
    return found


def rooms(path: Path) -> set[str]:
    return {name.split(".")[1] for name in imported(path) if "." in name} & set(RANK)


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_only_from_above(path: Path) -> None:
    mine = room(path)
    if mine == "__init__":
        assert not rooms(path)
        return
    assert mine in RANK, f"{path.name} stands in no line of the house"
    for other in rooms(path) - {mine}:
        assert RANK[other] < RANK[mine], f"bioart/{mine} imports {other}, which stands below it"
        assert other not in NEVER.get(mine, set()), f"bioart/{mine} must not know {other}"
        assert RANK[mine] != 1 or other == "errors", f"leaf {mine} imports {other}; leaves import only errors"


@pytest.mark.parametrize("family", FAMILIES)
def test_siblings_of_a_family_never_import_each_other(family: str) -> None:
    folder = ROOT / family
    package = "bioart." + family.replace("/", ".")
    kinds = {p.stem for p in folder.glob("*.py") if not p.stem.startswith("_")}
    for path in folder.glob("*.py"):
        siblings = {
            n.removeprefix(package + ".").split(".")[0] for n in imported(path) if n.startswith(package + ".")
        }
        assert not (siblings & kinds - {path.stem}), f"{path.name} imports its sibling {siblings & kinds}"


def test_the_compute_runtime_starts_in_one_file() -> None:
    starts = [p for p in FILES if "ti.init(" in p.read_text(encoding="utf-8")]
    assert [p.relative_to(ROOT).as_posix() for p in starts] == ["gpu/compute.py"]


def test_only_the_clock_reads_the_wall_clock() -> None:
    for path in FILES:
        if path.relative_to(ROOT).as_posix() == "clock.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not {"time", "datetime"} & set(names), (
                f"{path.relative_to(ROOT)}:{node.lineno} reads the clock"
            )


def test_kernel_files_keep_their_annotations() -> None:
    """A postponed annotation breaks every kernel with typed arguments."""
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        if "@ti.kernel" in text or "@ti.func" in text:
            assert "from __future__ import annotations" not in text, path.relative_to(ROOT)


def test_the_world_draws_no_luck() -> None:
    """No ti.random, no NumPy or Python randomness, no hash() in what must replay."""
    for path in FILES:
        if room(path) not in ("world", "community"):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = ast.unparse(node.func)
                assert called != "ti.random", f"{path.relative_to(ROOT)}:{node.lineno}"
                assert not called.startswith(("np.random", "random.")), (
                    f"{path.relative_to(ROOT)}:{node.lineno}"
                )
                assert called != "hash", f"{path.relative_to(ROOT)}:{node.lineno}"
