"""Make this machine ready: system packages, a virtual environment, the locked wheels. Standard library only.

Installs what is missing where it may (root, or sudo without a password, on an apt system); otherwise names
the packages and exits 2. Idempotent; a stamp keeps the second call under a second.
"""

from __future__ import annotations

import argparse
import ctypes
import glob
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "ready"
# packages that are asked for by --also → what they bring: a program, or a file
EXTRAS = {
    "xvfb": "Xvfb",
    "xdotool": "xdotool",
    "openbox": "openbox",
    "x11-utils": "xwininfo",
    "tesseract-ocr": "tesseract",
    "tesseract-ocr-ell": "/usr/share/tesseract-ocr/*/tessdata/ell.traineddata",
    "tesseract-ocr-ara": "/usr/share/tesseract-ocr/*/tessdata/ara.traineddata",
}
# Faces for words in any script, 25 MB to fetch: nearly all the world's in one hand, Korean, Chinese and
# Japanese (fonts-noto-cjk has those in that hand too, in 57 MB, and is taken where it is there), emoji.
# A machine that may not have them writes what its own faces can.
FONTS = {
    "fonts-noto-core": "/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf",
    "fonts-nanum": "/usr/share/fonts/truetype/nanum/NanumGothic.ttf",
    "fonts-droid-fallback": "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "fonts-dejavu-core": "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf",
}
DRI = tuple(f"/usr/{place}" for place in ("lib/*/dri/*swrast*", "lib*/dri/*swrast*", "lib*/*/libgallium*"))


def missing() -> list[str]:
    """The Debian and Ubuntu packages that this machine lacks."""
    lacks = []
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        lacks.append("python3-venv")
    if sys.platform.startswith("linux"):
        if not _loads("libEGL.so.1"):
            lacks.append("libegl1")
        if not any(glob.glob(pattern) for pattern in DRI):
            lacks.append("libgl1-mesa-dri")
        if not _loads("libGL.so.1"):
            lacks.append("libgl1")
        if not _loads("libgthread-2.0.so.0"):  # for the second flash detector that the tests ask
            lacks.append("libglib2.0-0")
        if not Path("/etc/ssl/certs/ca-certificates.crt").exists() and not os.environ.get("SSL_CERT_FILE"):
            lacks.append("ca-certificates")
    return lacks


def _there(what: str) -> bool:
    """Whether a program, or a file by its pattern, is on this machine."""
    return bool(glob.glob(what)) if what.startswith("/") else shutil.which(what) is not None


def faces() -> None:
    """The fonts that this machine lacks, where they may be installed; else a line that says so."""
    lacks = [package for package, path in FONTS.items() if not _there(path)]
    if not lacks or not sys.platform.startswith("linux"):
        return
    try:
        bring(lacks)
    except SystemExit:  # it has said why
        print(
            "ready: going on without: `bioart doctor` says which scripts cannot be written", file=sys.stderr
        )


def _root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def bring(packages: list[str]) -> None:
    """apt-get install them, or say which are missing and exit 2."""
    line = f"apt-get install --no-install-recommends {' '.join(packages)}"
    apt = shutil.which("apt-get")
    root = _root()
    sudo = [] if root else ["sudo", "-n"]
    if apt is None or not (root or _may_sudo()):
        named = " ".join(packages)
        sys.exit(_told(f"missing system packages: {named}; install them first, e.g. `sudo {line}`"))
    print(f"ready: {line}", file=sys.stderr)
    environment = ["env", "DEBIAN_FRONTEND=noninteractive"]
    install = [apt, "install", "-y", "-qq", "--no-install-recommends", *packages]
    for command in ([apt, "update", "-qq"], install):
        done = subprocess.run([*sudo, *environment, *command], check=False, capture_output=True, text=True)
    if done.returncode:
        last = [line for line in done.stderr.splitlines() if line.strip()][-1:]
        why = f" ({last[0].strip()})" if last else ""
        sys.exit(_told(f"apt-get could not install {' '.join(packages)}{why}; install them first"))


def _may_sudo() -> bool:
    if shutil.which("sudo") is None:
        return False
    return subprocess.run(["sudo", "-n", "true"], check=False, capture_output=True).returncode == 0


def _told(message: str) -> int:
    print(f"ready: {message}", file=sys.stderr)
    return 2


def wanted() -> str:
    """What the environment is made from, as a digest: interpreter, lock, this project's declaration."""
    parts = [sys.version.encode(), (ROOT / "requirements.lock").read_bytes()]
    parts.append((ROOT / "pyproject.toml").read_bytes())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def build() -> None:
    """The virtual environment with exactly the locked wheels, and bioart itself, editable."""
    python = BIN / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)
    if not (BIN / "pip").exists():
        call = [str(python), "-m", "ensurepip", "--default-pip"]
        subprocess.run(call, check=True, stdout=subprocess.DEVNULL)
    pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "--no-input", "install"]
    lock = ["--require-hashes", "--requirement", str(ROOT / "requirements.lock")]
    itself = ["--no-deps", "--no-build-isolation", "--editable", str(ROOT)]
    print("ready: installing the locked packages into .venv", file=sys.stderr)
    for arguments in (lock, itself):
        if subprocess.run([*pip, *arguments], check=False).returncode:
            sys.exit(_told("pip could not install the locked packages; see its words above"))
    STAMP.write_text(wanted())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--also", nargs="*", default=[], choices=EXTRAS, help="further system packages, as tests want them"
    )
    chosen = parser.parse_args()
    if sys.version_info < (3, 11) or sys.version_info >= (3, 14):
        found = ".".join(map(str, sys.version_info[:3]))
        sys.exit(_told(f"Python {found} at {sys.executable}; allowed: 3.11 to 3.13 (make PYTHON=...)"))
    lacks = missing() + [p for p in chosen.also if not _there(EXTRAS[p])]
    if lacks:
        bring(lacks)
        if "python3-venv" in lacks:  # this interpreter has looked already: look again in a fresh one
            os.execv(sys.executable, [sys.executable, *sys.argv])
    if not (STAMP.exists() and STAMP.read_text() == wanted()):
        faces()
        build()


if __name__ == "__main__":
    main()
