"""Every shader file compiles, and none is an orphan."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from bioart.assets import folder
from bioart.errors import BioartError
from bioart.gpu import glsl

ROOT = folder("shaders")
FRAGMENTS = sorted(p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*.frag"))
FILES = sorted(p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*") if p.is_file())


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_shader_compiles(ctx: Any, name: str) -> None:
    beside = Path(name).with_suffix(".vert").as_posix()
    made = glsl.program(ctx, ROOT, name, beside if (ROOT / beside).exists() else None)
    assert made.glo > 0
    assert ctx.error == "GL_NO_ERROR"
    made.release()


def test_every_file_is_one_of_the_kinds_we_know() -> None:
    assert {Path(f).suffix for f in FILES} <= {".frag", ".vert", ".glsl"}


def test_no_shader_is_an_orphan() -> None:
    """Fragment and vertex shaders are named in Python (what stands in braces may be any word);
    library files are included."""
    source = "\n".join(p.read_text(encoding="utf-8") for p in (ROOT.parent / "bioart").rglob("*.py"))
    quoted = set(re.findall(r"\"([\w\-/.{}]+\.(?:frag|vert|glsl))\"", source))
    named = re.compile("|".join(re.sub(r"\\{[^}]*\\}", r"[\\w-]+", re.escape(q)) for q in quoted))
    text = "\n".join((ROOT / f).read_text(encoding="utf-8") for f in FILES)
    included = set(re.findall(r'^\s*#include "([^"]+)"', text, re.MULTILINE))
    assert [f for f in FILES if f not in included and not named.fullmatch(f)] == []
    assert not included - set(FILES)


def test_a_fault_is_told_by_file_and_line(ctx: Any, tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/a.glsl").write_text("float one() {\n    return wrong;\n}\n")
    (tmp_path / "b.frag").write_text('#include "lib/a.glsl"\nout vec4 c;\nvoid main() { c = vec4(one()); }\n')
    with pytest.raises(BioartError, match=r"shaders/lib/a\.glsl:2: .*wrong"):
        glsl.program(ctx, tmp_path, "b.frag")
    (tmp_path / "c.frag").write_text('\n#include "lib/none.glsl"\n')
    with pytest.raises(BioartError, match=r"shaders/c\.frag:2: no shader file 'lib/none\.glsl'"):
        glsl.program(ctx, tmp_path, "c.frag")


def test_bytes_that_are_no_text_are_told_by_place(ctx: Any, tmp_path: Path) -> None:
    (tmp_path / "a.glsl").write_bytes(b"float one() {\n    return 1.0;  // 20 \xb0C\n}\n")
    (tmp_path / "b.frag").write_text('#include "a.glsl"\nout vec4 c;\nvoid main() { c = vec4(one()); }\n')
    with pytest.raises(BioartError, match=r"shaders/a\.glsl:2: byte 37 of the file is 0xb0; allowed: "):
        glsl.program(ctx, tmp_path, "b.frag")


@pytest.mark.parametrize(
    ("kind", "value"),
    [("vec2", 0.5), ("float", (1.0, 2.0)), ("vec3", (1.0, 2.0)), ("int", 0.5), ("mat4", 1.0)],
)
def test_a_uniform_of_another_type_is_told_by_name(ctx: Any, tmp_path: Path, kind: str, value: Any) -> None:
    (tmp_path / "a.frag").write_text(
        f"uniform {kind} glow;\nout vec4 c;\nvoid main() {{ c = vec4(glow == {kind}(0)); }}\n"
    )
    made = glsl.program(ctx, tmp_path, "a.frag")
    with pytest.raises(BioartError, match=r"^uniform 'glow': its type takes no "):
        glsl.put(made, glow=value)
    glsl.put(made, absent=value)
    made.release()
