"""Screens for what opens windows: X servers of the tests' own, in memory."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest


@contextmanager
def server(size: str) -> Iterator[str]:
    """An X server with a screen of WIDTHxHEIGHT px; its display's name. Skips where there is no Xvfb."""
    program = shutil.which("Xvfb")
    if program is None or os.name != "posix":
        pytest.skip("no screen: no Xvfb here")
    told, tells = os.pipe()
    run = [program, "-displayfd", str(tells), "-screen", "0", f"{size}x24", "-nolisten", "tcp"]
    process = subprocess.Popen(run, pass_fds=(tells,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(tells)
    try:
        with os.fdopen(told) as pipe:  # the whole line: it writes the number and its end one by one
            number = pipe.readline().strip()
        if not number:
            pytest.skip("no screen: Xvfb did not start")
        yield f":{number}"
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """The display's name, which DISPLAY says too."""
    with server("1280x800") as name, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", name)
        yield name
