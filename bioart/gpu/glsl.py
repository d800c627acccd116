"""GLSL from files: includes, compiling, and faults told as `shaders/lib/hash.glsl:3: ...`.

`#include "lib/hash.glsl"` stands alone on its line, is read from the root of `shaders/`, and each file enters
a program once, so cycles and diamonds are harmless. No `#line`: a table of (file, line) rewrites the log, as
half of Mesa's messages forget the file.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bioart.errors import MALFORMED, BioartError, shown

_INCLUDE = re.compile(r'^\s*#include\s+"([^"]+)"\s*$')
_LOG = re.compile(r"(?:ERROR: )?\d+[:(](\d+)\)?(?:\(\d+\))?\s*:?\s*")
_HEAD = "#version 410 core\n"

FULL_SCREEN = """
out vec2 at;
void main() {
    at = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
    gl_Position = vec4(at * 2.0 - 1.0, 0.0, 1.0);
}
"""


class Source:
    """A shader's text with every include in place, and where each line came from."""

    def __init__(self, root: Path, name: str, defined: Sequence[str] = ()) -> None:
        """defined: what stands after `#define` before all else."""
        self.head = _HEAD + "".join(f"#define {name}\n" for name in defined)
        self.lines: list[str] = []
        self.origin: list[tuple[str, int]] = []
        self._seen: set[str] = set()
        self._take(root, name, "")

    def _take(self, root: Path, name: str, asked: str) -> None:
        if name in self._seen:
            return
        self._seen.add(name)
        try:
            raw = (root / name).read_bytes()
        except OSError as fault:
            raise BioartError(f"{asked or 'shaders'}: no shader file {name!r} ({fault.strerror})") from fault
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError as fault:
            row = raw.count(b"\n", 0, fault.start) + 1
            raise BioartError(
                f"shaders/{name}:{row}: byte {fault.start} of the file is 0x{raw[fault.start]:02x}; "
                "allowed: text in UTF-8"
            ) from fault
        for number, line in enumerate(text.splitlines(), 1):
            found = _INCLUDE.match(line)
            if found:
                self._take(root, found.group(1), f"shaders/{name}:{number}")
            else:
                self.lines.append(line)
                self.origin.append((f"shaders/{name}", number))

    @property
    def text(self) -> str:
        return self.head + "\n".join(self.lines) + "\n"

    def told(self, log: str) -> str:
        """A compiler's log with our files and lines: Mesa `0:3(5):`, NVIDIA `0(3) :`, ANGLE `ERROR: 0:3:`."""
        for line in log.splitlines():
            found = _LOG.match(line.strip())
            if found:
                index = int(found.group(1)) - 1 - self.head.count("\n")
                if 0 <= index < len(self.origin):
                    file, number = self.origin[index]
                    return f"{file}:{number}: {line.strip()[found.end() :]}"
        return " ".join(log.split())[:300]


def program(
    ctx: Any, root: Path, fragment: str, vertex: str | None = None, defined: Sequence[str] = ()
) -> Any:
    """A linked program of a fragment shader file and a vertex shader file (None: one full-screen triangle,
    `at` in 0–1, v up). defined: names (`AIR`, `LIGHTS 2`) that both find defined: where lanes run in step, as
    on a processor, a branch on a uniform saves nothing, and what is not compiled does.

    Raises BioartError with file, line and the compiler's words.
    """
    import moderngl

    frag = Source(root, fragment, defined)
    vert = Source(root, vertex, defined) if vertex else None
    try:
        return ctx.program(
            vertex_shader=vert.text if vert else _HEAD + FULL_SCREEN, fragment_shader=frag.text
        )
    except moderngl.Error as fault:
        log = str(fault)
        source = vert if vert is not None and "vertex_shader" in log else frag
        raise BioartError(source.told(_body(log))) from fault


def feed(ctx: Any, root: Path, vertex: str, varyings: tuple[str, ...]) -> Any:
    """A linked program of a vertex shader file alone, whose outputs go into a buffer in this order (transform
    feedback). Raises BioartError with file, line and the compiler's words."""
    import moderngl

    source = Source(root, vertex)
    try:
        return ctx.program(vertex_shader=source.text, varyings=varyings)
    except moderngl.Error as fault:
        raise BioartError(source.told(_body(str(fault)))) from fault


def _body(log: str) -> str:
    """The compiler's lines without moderngl's banner."""
    return "\n".join(line for line in log.splitlines() if _LOG.match(line.strip())) or log


def full_screen(ctx: Any, prog: Any) -> Any:
    """A vertex array that draws one triangle over everything: `.render(vertices=3)`."""
    return ctx.vertex_array(prog, [])


def put(prog: Any, **values: Any) -> None:
    """Set the uniforms that are active; a test, not the frame, says which are missing.

    BioartError where a shader has one of another type.
    """
    for name, value in values.items():
        if name in prog:
            try:
                prog[name].value = value
            except (struct.error, *MALFORMED) as fault:
                raise BioartError(f"uniform {name!r}: its type takes no {shown(value)} ({fault})") from fault


def bind(prog: Any, textures: Mapping[str, Any]) -> None:
    """Textures to the samplers of their names, where the program has one; None: there is none to bind."""
    for unit, (name, texture) in enumerate(textures.items()):
        if texture is not None and name in prog:
            texture.use(unit)
            prog[name].value = unit
