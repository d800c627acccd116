"""A window: GL 4.1 core on a screen, and what hands do to it as plain signals. Alone in knowing pyglet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import moderngl

from bioart.errors import WorkFailed
from bioart.gpu.context import REQUIRED


@dataclass(frozen=True)
class Signal:
    """One thing that a hand did.

    kind: `key` (name: its symbol, as `H`, `UP`, `F1`; value 1 pressed, 0 let go), `button` (name: LEFT,
    MIDDLE, RIGHT; value the same), `move`, `scroll` (value: notches up), `text` (name: what was typed),
    `resize`, `close`. at: the pointer, 0–1 of the window from its lower left corner. held: modifiers (SHIFT,
    CTRL, ALT).
    """

    kind: str
    name: str = ""
    value: float = 0.0
    at: tuple[float, float] = (0.0, 0.0)
    held: tuple[str, ...] = ()


class Window:
    """A window, its context (`ctx`) and its signals. Swapping waits for the screen's refresh."""

    def __init__(
        self, title: str, width: int, height: int, fullscreen: bool = False, hidden_pointer: bool = False
    ) -> None:
        """width, height: in px of the screen; a full screen has its own. WorkFailed where none can open."""
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
                vsync=True,
                config=config,
            )
            self._window.switch_to()
            self.ctx: Any = moderngl.create_context(require=REQUIRED)
        except Exception as fault:
            reason = " ".join(str(fault).split()) or type(fault).__name__
            raise WorkFailed(
                f"no window with OpenGL {REQUIRED // 100}.{REQUIRED // 10 % 10}: {reason}; "
                "needed: a screen (a desktop session, or DISPLAY) and its GL driver"
            ) from fault
        self.ctx.gc_mode = "auto"
        self._signals: list[Signal] = []
        self._window.push_handlers(self)
        if hidden_pointer:
            self._window.set_mouse_visible(False)

    @property
    def size(self) -> tuple[int, int]:
        """Of the framebuffer, px: on a fine screen more than the window's own units."""
        width, height = self._window.get_framebuffer_size()
        return max(1, int(width)), max(1, int(height))

    @property
    def framebuffer(self) -> Any:
        """The window's own. Draw into it and never read it back."""
        return self.ctx.screen

    def poll(self) -> list[Signal]:
        """What has happened since the last call, in order."""
        self._window.switch_to()
        self._window.dispatch_events()
        found, self._signals = self._signals, []
        return found

    def flip(self) -> None:
        """Show what was drawn."""
        self._window.flip()

    def fill(self, on: bool) -> None:
        """The whole screen, or a window again."""
        self._window.set_fullscreen(on)

    def keep(self) -> None:
        """Hold the keyboard: no key reaches the desktop, as far as the desktop allows it. Asked again, it
        takes back what was taken away."""
        window = self._window
        if not hasattr(window, "_x_display"):
            window.set_exclusive_keyboard(True)
            return
        # pyglet's own lets go and grabs as the focus comes and goes, and a grab itself moves the focus: on a
        # screen without a window manager it never comes to an end
        from pyglet.libs.x11 import xlib

        mode = xlib.GrabModeAsync
        xlib.XGrabKeyboard(window._x_display, window._window, True, mode, mode, xlib.CurrentTime)

    def close(self) -> None:
        """Give the context and the window back."""
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

    def _share(self, x: int, y: int) -> tuple[float, float]:
        return x / max(1, self._window.width), y / max(1, self._window.height)


def _held(modifiers: int) -> tuple[str, ...]:
    from pyglet.window import key

    names = ((key.MOD_SHIFT, "SHIFT"), (key.MOD_CTRL, "CTRL"), (key.MOD_ALT, "ALT"))
    return tuple(name for flag, name in names if modifiers & flag)
