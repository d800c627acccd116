"""The wheel, installed without the checkout beside it, runs the main job."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.show import small

ROOT = Path(__file__).resolve().parents[2]


def pip(*words: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT))
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    pip("install", "--no-deps", "--no-index", "--target", str(target), str(wheel))
    return target


def away(installed: Path, cwd: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Python, elsewhere: the installed wheel, the dependencies, and nothing of the checkout.

    -I hears no environment and not the folder that it stands in; -S reads no .pth, where an editable
    install hides.
    """
    paths = [str(installed), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    before = (
        f"import sys; sys.path[:0] = {list(dict.fromkeys(paths))!r}; sys.argv[1:] = {list(words[1:])!r}; "
    )
    command = [sys.executable, "-I", "-S", "-c", before + words[0]]
    home = {**os.environ, "XDG_CACHE_HOME": str(cwd / "cache")}
    return subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=cwd, env=home, timeout=280
    )


CLI = "from bioart.cli.main import run; run()"


def test_the_wheel_carries_every_asset(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    for name in ("shaders", "presets"):
        for path in (ROOT / name).rglob("*"):
            if path.is_file():
                assert f"bioart/{path.relative_to(ROOT).as_posix()}" in inside
    assert any(name.startswith("bioart/presets/data/") and name.endswith(".csv") for name in inside)
    for path in (ROOT / "bioart").rglob("*.py"):
        assert path.relative_to(ROOT).as_posix() in inside
    assert not [name for name in inside if name.startswith(("tests/", "shaders/", "presets/", "setup/"))]


def test_it_is_the_installed_one_that_runs(installed: Path, tmp_path: Path) -> None:
    told = away(
        installed,
        tmp_path,
        "import bioart, bioart.assets as a; print(bioart.__file__); print(a.folder('shaders'))",
    )
    assert told.returncode == 0, told.stderr
    place, shaders = told.stdout.splitlines()
    assert Path(place) == installed / "bioart" / "__init__.py"
    assert Path(shaders) == installed / "bioart" / "shaders"


def test_it_lists_what_ships(installed: Path, tmp_path: Path) -> None:
    told = away(installed, tmp_path, CLI, "list")
    assert (told.returncode, told.stderr) == (0, "")
    for name in ("neo-lumen", "coral", "specimen", "flat", "quilt", "rehearsal", "movie"):
        assert f"  {name} " in told.stdout


def test_it_checks_the_piece_that_ships_with_its_data(installed: Path, tmp_path: Path) -> None:
    preset = installed / "bioart" / "presets" / "neo-lumen.yaml"
    air = installed / "bioart" / "presets" / "data" / "beijing-2013-01.csv"
    told = away(installed, tmp_path, CLI, "check", str(preset), str(air))
    assert (told.returncode, told.stderr) == (0, "")
    assert "readings for neo-lumen: pm25" in told.stdout


@pytest.mark.prove  # every kernel is compiled anew
def test_it_exports_a_picture(installed: Path, tmp_path: Path) -> None:
    piece = small.write(tmp_path)
    told = away(
        installed,
        tmp_path,
        CLI,
        "export",
        str(piece),
        "a.png",
        "--size",
        "160x90",
        "--from",
        "1",
        "--seconds",
        "0.03",
    )
    assert told.stderr == ""
    assert (told.returncode, told.stdout) == (0, "a.png\n")
    seen = away(installed, tmp_path, CLI, "check", "a.png")
    assert (seen.returncode, seen.stderr) == (0, "")
    assert "size 160x90" in seen.stdout
