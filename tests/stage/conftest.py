"""A screen for what opens windows: an X server of the tests' own, in memory."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session")
def screen() -> Iterator[str]:
    """The display's name, which DISPLAY says too. Skips where there is neither Xvfb nor a display."""
    server = shutil.which("Xvfb")
    before = os.environ.get("DISPLAY")
    if server is None:
        if not before:
            pytest.skip("no screen: neither Xvfb nor DISPLAY")
        yield before
        return
    told, tells = os.pipe()
    run = [server, "-displayfd", str(tells), "-screen", "0", "1280x800x24", "-nolisten", "tcp"]
    process = subprocess.Popen(run, pass_fds=(tells,), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.close(tells)
    with os.fdopen(told) as pipe:
        number = pipe.readline().strip()  # comes once the server listens; empty where it could not start
    try:
        if not number:
            pytest.skip("no screen: Xvfb did not start")
        os.environ["DISPLAY"] = f":{number}"
        yield f":{number}"
    finally:
        if before is None:
            os.environ.pop("DISPLAY", None)
        else:
            os.environ["DISPLAY"] = before
        process.terminate()
        process.wait(10)
