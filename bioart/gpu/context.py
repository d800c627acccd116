"""A moderngl context without a window: 4.1 core at least, EGL on Linux, the platform's own elsewhere."""

from __future__ import annotations

import sys
from typing import Any

import moderngl

from bioart.errors import WorkFailed

REQUIRED = 410  # macOS stops there


def headless() -> Any:
    """A standalone context. Raises WorkFailed, one line, where the machine has no OpenGL 4.1."""
    backend: dict[str, Any] = {"backend": "egl"} if sys.platform.startswith("linux") else {}
    try:
        ctx = moderngl.create_context(standalone=True, require=REQUIRED, **backend)
    except Exception as fault:
        reason = " ".join(str(fault).split())
        raise WorkFailed(
            f"no OpenGL 4.1 without a window: {reason}; needed: libEGL and a driver "
            "(Debian, Ubuntu: apt-get install libegl1 libgl1-mesa-dri)"
        ) from fault
    ctx.gc_mode = "auto"
    return ctx


def renderer(ctx: Any) -> str:
    """Who draws: 'llvmpipe (LLVM 15.0.6, 256 bits), Mesa 22.3.6 ...'."""
    return f"{ctx.info['GL_RENDERER']}, {ctx.info['GL_VERSION']}"
