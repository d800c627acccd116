"""Mapping: which touch moves which param. A touch is anything with a name and a value: a key, the mouse, and,
as they arrive, knobs and faders. Kept per piece in the user's configuration folder."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping as Named
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from bioart.errors import WorkFailed, why
from bioart.param import Param

SIDES = [f"{side}{key}" for side in "LR" for key in
         ("SHIFT", "CTRL", "ALT", "META", "WINDOWS", "COMMAND", "OPTION")]  # fmt: skip
LOCKS = ("CAPSLOCK", "NUMLOCK", "SCROLLLOCK", "MODESWITCH", "MENU")
NEVER = frozenset((*SIDES, *LOCKS))  # keys that are held or locked for others' sake: no touch


@dataclass(frozen=True)
class Touch:
    """control: its name, `key:Q`, `mouse:x`. value: 0–1; a key's is 1 as it goes down."""

    control: str
    value: float

    @property
    def switches(self) -> bool:
        """Whether it has two states only and therefore toggles."""
        return self.control.startswith("key:")


class Mapping:
    """Controls bound to params, by full name. One control moves one param; a param may have several."""

    def __init__(self, path: Path | None = None, piece: str = "") -> None:
        """path: where it is kept (None: nowhere); piece: whose."""
        self._path, self._piece = path, piece
        self._bound: dict[str, str] = {}
        self._before: dict[str, tuple[float, float]] = {}  # switch → what its param was, what it was set to
        if path is not None:
            self._bound = _read(path).get(piece, {})

    def bind(self, control: str, param: str) -> None:
        """From now on the control moves the param. WorkFailed where that cannot be written down; it holds."""
        self._bound[control] = param
        self._before.pop(control, None)
        self._keep()

    def unbind(self, param: str) -> tuple[str, ...]:
        """From now on nothing moves the param; what did, sorted. WorkFailed as for `bind`."""
        gone = tuple(sorted(control for control, name in self._bound.items() if name == param))
        for control in gone:
            del self._bound[control]
            self._before.pop(control, None)
        if gone:
            self._keep()
        return gone

    def _keep(self) -> None:
        if self._path is not None:
            _write(self._path, _read(self._path) | {self._piece: self._bound})

    def of(self, control: str) -> str | None:
        """The param that a control moves, or None."""
        return self._bound.get(control)

    def bound(self) -> dict[str, str]:
        """control → param, sorted."""
        return dict(sorted(self._bound.items()))

    def move(
        self, touch: Touch, params: Named[str, Param], asked: Named[str, float]
    ) -> tuple[str, float] | None:
        """(param, value) that a touch asks for, or None.

        A switch goes to the param's far end and, touched again, back to what it was, unless something else
        has moved the param since. asked: what params were last asked to be.
        """
        name = self._bound.get(touch.control)
        if name is None or name not in params:
            return None
        param = params[name]
        if not touch.switches:
            return name, param.at(touch.value)
        now = asked.get(name, param.default)
        was, switched = self._before.pop(touch.control, (now, None))
        if switched == now:
            return name, was
        far = param.low if now > 0.5 * (param.low + param.high) else param.high
        self._before[touch.control] = (now, far)
        return name, far


def place() -> Path:
    """Where a performer's mappings lie."""
    return Path(platformdirs.user_config_dir("bioart")) / "controls.json"


def _read(path: Path) -> dict[str, dict[str, str]]:
    """What is there; nothing where there is no file, or one that is none of ours."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(told, dict):
        return {}
    return {
        str(piece): {str(c): str(p) for c, p in bound.items()}
        for piece, bound in told.items()
        if isinstance(bound, dict)
    }


def _write(path: Path, told: dict[str, dict[str, str]]) -> None:
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(told, indent=2, sort_keys=True), encoding="utf-8")
        part.replace(path)
    except OSError as fault:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise WorkFailed(
            f"{path}: cannot be written ({why(fault)}); the mapping holds until you leave"
        ) from fault
