"""Where shaders, presets and recordings are: beside the package in a wheel, at the root of a checkout."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `shaders`, `presets` or `recordings`.

    A wheel carries them inside the package; an editable install finds them at the checkout's root.
    Raises FileNotFoundError where neither has it.
    """
    for base in (_PACKAGE, _PACKAGE.parent):
        if (base / name).is_dir():
            return base / name
    raise FileNotFoundError(f"bioart's folder {name!r} is neither in {_PACKAGE} nor in {_PACKAGE.parent}")
