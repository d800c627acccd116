"""A window: GL 4.1 core on a screen, and what hands do to it as plain signals. Alone in knowing pyglet."""

from __future__ import annotations

import ctypes
import sys
from dataclasses import dataclass
from typing import Any

import moderngl

from bioart import clock
from bioart.errors import WorkFailed
from bioart.gpu.context import REQUIRED

WAKE = 30.0  # s between reminders to the system that its screen is in use


@dataclass(frozen=True)
class Signal:
    """One thing that a hand did.

    kind: `key` (name: its symbol, as `H`, `UP`, `F1`; value 1 pressed, 0 let go), `button` (name: LEFT,
    MIDDLE, RIGHT; value the same), `move`, `scroll` (value: notches up), `text` (name: what was typed),
    `resize`, `close`, `blur` (the keyboard went elsewhere: nobody tells that a held key is let go). at: the
    pointer, 0–1 of the window from its lower left corner. held: modifiers (SHIFT, CTRL, ALT).
    """

    kind: str
    name: str = ""
    value: float = 0.0
    at: tuple[float, float] = (0.0, 0.0)
    held: tuple[str, ...] = ()


class Window:
    """A window, its context (`ctx`) and its signals. Swapping waits for the screen's refresh."""

    def __init__(
        self,
        title: str,
        width: int,
        height: int,
        fullscreen: bool = False,
        alone: bool = False,
        beside: Window | None = None,
    ) -> None:
        """width, height: in px of the screen; a full screen has its own. alone: there is nothing else for who
        stands before it: no pointer, and no window manager that could close, hide or cover it. beside: the
        window that this one serves: it opens on another screen where there is one, and its swaps wait for
        nothing.

        WorkFailed where none can open.
        """
        import pyglet

        pyglet.options["shadow_window"] = False
        pyglet.options["debug_gl"] = False  # its checks would ask at every call what moderngl asks itself
        try:
            config = pyglet.gl.Config(
                double_buffer=True,
                major_version=REQUIRED // 100,
                minor_version=REQUIRED // 10 % 10,
                forward_compatible=True,
                red_size=8,
                green_size=8,
                blue_size=8,
                depth_size=0,
            )
            self._window: Any = pyglet.window.Window(
                *(() if fullscreen else (width, height)),
                caption=title,
                resizable=not fullscreen,
                fullscreen=fullscreen,
                vsync=beside is None,
                config=config,
                visible=not alone,
            )
            if alone:
                self._isolate()
            self._window.switch_to()
            self.ctx: Any = moderngl.create_context(require=REQUIRED)
        except Exception as fault:
            reason = " ".join(str(fault).split()) or type(fault).__name__
            raise WorkFailed(
                f"no window with OpenGL {REQUIRED // 100}.{REQUIRED // 10 % 10}: {reason}; "
                "needed: a screen (a desktop session, or DISPLAY) and its GL driver"
            ) from fault
        # what Python lets go of is released in `use`, when this context and no other is current
        self.ctx.gc_mode = "context_gc"
        self._signals: list[Signal] = []
        self._woken = -WAKE
        self._screen = _screen_of(self._window)
        self._window.push_handlers(self)
        if beside is not None:
            self._place(beside)
        if alone:
            self._window.set_mouse_visible(False)

    @property
    def size(self) -> tuple[int, int]:
        """Of the framebuffer, px: on a fine screen more than the window's own units."""
        width, height = self._window.get_framebuffer_size()
        return max(1, int(width)), max(1, int(height))

    @property
    def refresh(self) -> float:
        """Of its screen, Hz; 0 where the system does not say."""
        try:
            return float(self._window.screen.get_mode().rate or 0.0)
        except Exception:  # a screen without modes, a driver without rates: whatever it is, nobody knows
            return 0.0

    @property
    def framebuffer(self) -> Any:
        """The window's own. Draw into it and never read it back."""
        return self.ctx.screen

    def use(self) -> None:
        """Make its context the current one: of two windows, one is drawn into."""
        self._window.switch_to()
        left = self.ctx.objects  # ctx.gc() would trip over those that have been released by hand
        while left:
            gone = left.popleft()
            if not isinstance(gone, moderngl.InvalidObject):
                gone.release()

    def poll(self) -> list[Signal]:
        """What has happened since the last call, in order."""
        self.use()
        self._wake()
        self._window.dispatch_events()
        found, self._signals = self._signals, []
        return found

    def flip(self) -> None:
        """Show what was drawn."""
        self._window.flip()

    def fill(self, on: bool) -> None:
        """The whole screen, or a window again."""
        self._window.set_fullscreen(on)
        self.take_keys()  # another window has come in its place

    def take_keys(self) -> None:
        """Be the window that the keyboard speaks to, where nobody who manages windows has given it."""
        self._window.activate()

    def keep(self) -> bool:
        """Hold screen, keyboard and pointer: nothing lies above it, no key reaches the desktop and the
        pointer stays inside, as far as the desktop allows it. Asked again, it takes back what was taken away.

        False where the screen is no longer as large as it was when the window came to fill it.
        """
        window = self._window
        if not hasattr(window, "_x_display"):
            window.set_exclusive_keyboard(True)
            return True
        # pyglet's own lets go and grabs as the focus comes and goes, and a grab itself moves the focus: on a
        # screen without a window manager it never comes to an end
        from pyglet.libs.x11 import xlib

        display, own, mode, now = window._x_display, window._window, xlib.GrabModeAsync, xlib.CurrentTime
        xlib.XMoveWindow(display, own, window.screen.x, window.screen.y)
        xlib.XMapRaised(display, own)
        xlib.XSetInputFocus(display, own, xlib.RevertToParent, now)
        xlib.XGrabKeyboard(display, own, True, mode, mode, now)
        xlib.XGrabPointer(display, own, True, 0, mode, mode, own, 0, now)
        return _screen_of(window) == self._screen

    def _isolate(self) -> None:
        """Show it, where there is a window manager without its knowing."""
        if hasattr(self._window, "_x_display"):
            from pyglet.libs.x11 import xlib

            told = xlib.XSetWindowAttributes(override_redirect=True)
            xlib.XChangeWindowAttributes(
                self._window._x_display, self._window._window, xlib.CWOverrideRedirect, ctypes.byref(told)
            )
        self._window.set_visible(True)

    def _wake(self) -> None:
        """Nobody has touched a key for an hour, and still the screen is looked at: it shall not go dark."""
        now = clock.now()
        if now - self._woken < WAKE:
            return
        self._woken = now
        if hasattr(self._window, "_x_display"):
            from pyglet.libs.x11 import xlib

            xlib.XForceScreenSaver(self._window._x_display, xlib.ScreenSaverReset)
        elif sys.platform == "win32":
            ctypes.windll.kernel32.SetThreadExecutionState(0x80000003)  # continuous, system, display

    def close(self) -> None:
        """Give the context and the window back."""
        self.use()
        self.ctx.release()
        self._window.close()

    # -- pyglet's handlers: True keeps its own from acting (Escape would close the window) -----------------

    def on_key_press(self, symbol: int, modifiers: int) -> bool:
        return self._key(symbol, modifiers, 1.0)

    def on_key_release(self, symbol: int, modifiers: int) -> bool:
        return self._key(symbol, modifiers, 0.0)

    def _key(self, symbol: int, modifiers: int, value: float) -> bool:
        from pyglet.window import key

        self._signals.append(Signal("key", key.symbol_string(symbol), value, held=_held(modifiers)))
        return True

    def on_deactivate(self) -> bool:
        held = getattr(self._window, "pressed_keys", None)
        if held is not None:  # or the first press of a key that was let go elsewhere would be swallowed
            held.clear()
        self._signals.append(Signal("blur"))
        return True

    def on_text(self, text: str) -> bool:
        self._signals.append(Signal("text", text))
        return True

    def on_mouse_motion(self, x: int, y: int, dx: int, dy: int) -> bool:
        self._signals.append(Signal("move", at=self._share(x, y)))
        return True

    def on_mouse_drag(self, x: int, y: int, dx: int, dy: int, buttons: int, modifiers: int) -> bool:
        from pyglet.window import mouse

        name = "LEFT" if buttons & mouse.LEFT else "RIGHT" if buttons & mouse.RIGHT else "MIDDLE"
        self._signals.append(Signal("move", name, 1.0, self._share(x, y), _held(modifiers)))
        return True

    def on_mouse_press(self, x: int, y: int, button: int, modifiers: int) -> bool:
        return self._button(x, y, button, modifiers, 1.0)

    def on_mouse_release(self, x: int, y: int, button: int, modifiers: int) -> bool:
        return self._button(x, y, button, modifiers, 0.0)

    def _button(self, x: int, y: int, button: int, modifiers: int, value: float) -> bool:
        from pyglet.window import mouse

        name = {mouse.LEFT: "LEFT", mouse.MIDDLE: "MIDDLE", mouse.RIGHT: "RIGHT"}.get(button, "OTHER")
        self._signals.append(Signal("button", name, value, self._share(x, y), _held(modifiers)))
        return True

    def on_mouse_scroll(self, x: int, y: int, across: float, up: float) -> bool:
        self._signals.append(Signal("scroll", value=float(up), at=self._share(x, y)))
        return True

    def on_resize(self, width: int, height: int) -> bool:
        self._signals.append(Signal("resize"))
        return True

    def on_close(self) -> bool:
        self._signals.append(Signal("close"))
        return True

    def _place(self, beside: Window) -> None:
        """On a screen that the other window does not stand on."""
        taken = beside._window.screen
        others = [s for s in self._window.display.get_screens() if (s.x, s.y) != (taken.x, taken.y)]
        if others:
            self._window.set_location(others[0].x + 48, others[0].y + 48)

    def _share(self, x: int, y: int) -> tuple[float, float]:
        return x / max(1, self._window.width), y / max(1, self._window.height)


def _screen_of(window: Any) -> tuple[int, int]:
    """The size of all that the X server shows, px; (0, 0) elsewhere."""
    if not hasattr(window, "_x_display"):
        return 0, 0
    from pyglet.libs.x11 import xlib

    found = xlib.XWindowAttributes()
    root = xlib.XDefaultRootWindow(window._x_display)
    xlib.XGetWindowAttributes(window._x_display, root, ctypes.byref(found))
    return int(found.width), int(found.height)


def _held(modifiers: int) -> tuple[str, ...]:
    from pyglet.window import key

    names = ((key.MOD_SHIFT, "SHIFT"), (key.MOD_CTRL, "CTRL"), (key.MOD_ALT, "ALT"))
    return tuple(name for flag, name in names if modifiers & flag)
