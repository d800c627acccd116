"""Staff at a kiosk: who may end it, by a chord and a PIN that no visitor hits upon."""

from __future__ import annotations

import hmac

from bioart.gpu.window import Signal
from bioart.stage.machine import MODIFIERS, Machine

HELD = 1.5  # s that the chord is held
PATIENCE = 10.0  # s for the PIN
WRONG, REST = 5, 600.0  # wrong PINs in a row, and the s after them in which none is heard


class Staff:
    """Who may leave: the chord held for HELD s, then the PIN and Return within PATIENCE s."""

    def __init__(self, machine: Machine) -> None:
        self._pin, self._chord = machine.pin, set(machine.chord)
        self._down: set[str] = set()
        self._since: float | None = None  # the chord is held
        self._until = -1.0  # the PIN is listened to
        self._typed = ""
        self._wrong, self._deaf = 0, -1.0

    def feed(self, signal: Signal, now: float) -> bool:
        """A signal at wall time now; True where it was the last of chord and PIN."""
        if signal.kind == "text" and now < self._until and signal.name.isdigit() and signal.name.isascii():
            self._typed = (self._typed + signal.name)[-9:]
        if signal.kind != "key":
            return False
        name = _plain(signal.name)
        if signal.value <= 0:
            self.tick(now)
            self._down.discard(name)
            self._since = None
            return False
        self._down.add(name)
        self._down |= {m for m in signal.held if m in self._chord}
        if self._down >= self._chord and self._since is None:
            self._since = now
        if name not in ("RETURN", "ENTER", "NUM_ENTER") or now >= self._until:
            return False
        right = hmac.compare_digest(self._typed.encode(), self._pin.encode())
        self._until, self._typed = -1.0, ""
        self._wrong = 0 if right else self._wrong + 1
        if self._wrong >= WRONG:
            self._wrong, self._deaf = 0, now + REST
        return right

    def tick(self, now: float) -> None:
        """Once a frame: a chord that is held long enough opens the ear for a PIN."""
        if self._since is not None and now - self._since >= HELD and self._pin and now >= self._deaf:
            self._until, self._typed, self._since = now + PATIENCE, "", None
            self._down.clear()


def _plain(name: str) -> str:
    """`LCTRL` and `RCTRL` are CTRL, `_4` is 4."""
    if name[:1] in "LR" and name[1:] in MODIFIERS:
        return name[1:]
    return name.removeprefix("_")
