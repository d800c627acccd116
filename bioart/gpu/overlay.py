"""What lies over a finished picture: letters, shapes and sliders, laid out by Dear ImGui and drawn here.

Alone in knowing how imgui wants to be drawn and fed; it knows nothing of what is said there. imgui comes with
the extra `play`.
"""

from __future__ import annotations

import ctypes
from pathlib import Path
from typing import Any

import imgui_bundle
import numpy as np
from imgui_bundle import ImVec2, imgui
from numpy.typing import NDArray

from bioart.assets import folder
from bioart.gpu import glsl
from bioart.gpu.window import Signal

SLOWEST = 0.25  # s: a frame that took longer counts as this long, so that nothing leaps after a stall
FACES = ("Roboto/Roboto-Regular.ttf", "DroidSans.ttf")  # among imgui-bundle's own; Latin, Greek, Cyrillic

_BUTTONS = {"LEFT": 0, "RIGHT": 1, "MIDDLE": 2}
_HELD = {"SHIFT": "mod_shift", "CTRL": "mod_ctrl", "ALT": "mod_alt"}
_KEYS = {  # what a field of text needs; every other key is nobody's here
    "ENTER": "enter", "RETURN": "enter", "NUM_ENTER": "keypad_enter", "ESCAPE": "escape", "TAB": "tab",
    "BACKSPACE": "backspace", "DELETE": "delete", "HOME": "home", "END": "end", "LEFT": "left_arrow",
    "RIGHT": "right_arrow", "A": "a", "C": "c", "V": "v", "X": "x", "Z": "z", "Y": "y",
}  # fmt: skip


class Painter:
    """Draws imgui's lists of triangles into a framebuffer, and keeps the textures that imgui asks for."""

    def __init__(self, ctx: Any) -> None:
        self._ctx = ctx
        self._program = glsl.program(ctx, folder("shaders"), "overlay/overlay.frag", "overlay/overlay.vert")
        self._corners = ctx.buffer(reserve=1 << 16, dynamic=True)
        self._order = ctx.buffer(reserve=1 << 16, dynamic=True)
        told = [(self._corners, "2f 2f 4f1", "corner", "place", "tint")]
        self._shape = ctx.vertex_array(self._program, told, self._order, index_element_size=4)
        self._textures: dict[int, Any] = {}  # by the number that imgui knows it by
        self._number = 0

    def draw(self, data: Any, framebuffer: Any, size: tuple[int, int]) -> None:
        """imgui's draw data of this frame, which is laid out in px of the framebuffer. size: of that, px.

        Leaves no blending and no scissor behind; depth and culling stay as they were.
        """
        for asked in data.textures:
            self._keep(asked)
        corners, order, calls = _gathered(data)
        if not calls:
            return
        _fill(self._corners, corners)
        _fill(self._order, order)
        ctx = self._ctx
        framebuffer.use()
        framebuffer.viewport = (0, 0, *size)
        ctx.enable(ctx.BLEND)
        ctx.blend_func = ctx.SRC_ALPHA, ctx.ONE_MINUS_SRC_ALPHA, ctx.ONE, ctx.ONE_MINUS_SRC_ALPHA
        ctx.clear_samplers(0, 1)
        glsl.put(self._program, atlas=0, extent=(float(size[0]), float(size[1])))
        for first, count, number, clip in calls:
            box = _box(clip, size)
            texture = self._textures.get(number)
            if box is not None and texture is not None:
                texture.use(0)
                framebuffer.scissor = box
                self._shape.render(vertices=count, first=first)
        framebuffer.scissor = None
        ctx.disable(ctx.BLEND)

    def _keep(self, asked: Any) -> None:
        """Bring one of imgui's textures to what imgui wants it to be."""
        status = imgui.ImTextureStatus
        if asked.status == status.want_create:
            self._number += 1
            texture = self._ctx.texture((asked.width, asked.height), 4, _pixels(asked).tobytes())
            texture.repeat_x = texture.repeat_y = False
            texture.filter = (self._ctx.LINEAR, self._ctx.LINEAR)
            self._textures[self._number] = texture
            asked.set_tex_id(self._number)
            asked.set_status(status.ok)
        elif asked.status == status.want_updates:
            pixels, texture = _pixels(asked), self._textures[asked.tex_id]
            for part in asked.updates:
                x, y, wide, high = part.x, part.y, part.w, part.h
                cut = np.ascontiguousarray(pixels[y : y + high, x : x + wide])
                texture.write(cut.tobytes(), viewport=(x, y, wide, high), alignment=1)
            asked.set_status(status.ok)
        elif asked.status == status.want_destroy and asked.unused_frames > 0:
            self._drop(asked)

    def _drop(self, asked: Any) -> None:
        texture = self._textures.pop(asked.tex_id, None)
        if texture is not None:
            texture.release()
        asked.set_tex_id(0)
        asked.set_status(imgui.ImTextureStatus.destroyed)

    def close(self) -> None:
        """Give every GL object back. imgui's context must still be there and current."""
        for asked in imgui.get_platform_io().textures:
            if asked.tex_id in self._textures:
                self._drop(asked)
        for texture in self._textures.values():
            texture.release()
        self._textures.clear()
        for held in (self._shape, self._corners, self._order, self._program):
            held.release()


class Gui:
    """An imgui of its own: context, typeface, what hands do, and its painter."""

    def __init__(self, ctx: Any) -> None:
        self._context = imgui.create_context()
        self.use()
        io = imgui.get_io()
        io.set_ini_filename("")  # nothing of the show is remembered in a file of imgui's
        io.set_log_filename("")
        io.backend_flags |= imgui.BackendFlags_.renderer_has_textures
        limit = int(ctx.info["GL_MAX_TEXTURE_SIZE"])
        platform = imgui.get_platform_io()
        platform.renderer_texture_max_width = platform.renderer_texture_max_height = limit
        face = next((path for path in map(_face, FACES) if path.is_file()), None)
        if face is None:
            io.fonts.add_font_default_vector()
        else:
            io.fonts.add_font_from_file_ttf(str(face), 16.0)
        self._painter = Painter(ctx)
        self._was: float | None = None
        self._fed = False

    def feed(self, signal: Signal, size: tuple[int, int]) -> None:
        """Something that a hand did, for the next frame. size: of the framebuffer, px."""
        self.use()
        io = imgui.get_io()
        self._fed = True
        if signal.kind in ("move", "button", "scroll"):
            io.add_mouse_pos_event(signal.at[0] * size[0], (1.0 - signal.at[1]) * size[1])
        if signal.kind in ("button", "key"):
            for name, key in _HELD.items():
                io.add_key_event(getattr(imgui.Key, key), name in signal.held)
        if signal.kind == "button" and signal.name in _BUTTONS:
            io.add_mouse_button_event(_BUTTONS[signal.name], signal.value > 0)
        elif signal.kind == "scroll":
            io.add_mouse_wheel_event(0.0, signal.value)
        elif signal.kind == "text":
            io.add_input_characters_utf8(signal.name)
        elif signal.kind == "key" and signal.name in _KEYS:
            io.add_key_event(getattr(imgui.Key, _KEYS[signal.name]), signal.value > 0)

    @property
    def typing(self) -> bool:
        """Whether a field of text has the keyboard."""
        self.use()
        return bool(imgui.get_io().want_text_input)

    def forget(self) -> None:
        """Let go of every key and button: what is no longer shown hears nothing of their end."""
        if not self._fed:
            return
        self._fed = False
        self.use()
        io = imgui.get_io()
        io.clear_events_queue()
        io.clear_input_keys()
        io.clear_input_mouse()

    def use(self) -> None:
        """Be the imgui that is spoken to: before its style is set, between two frames."""
        imgui.set_current_context(self._context)

    def begin(self, size: tuple[int, int], now: float) -> None:
        """A new frame, laid out in px of the framebuffer. now: wall time, s, never falling."""
        self.use()
        io = imgui.get_io()
        io.display_size = ImVec2(float(size[0]), float(size[1]))
        io.delta_time = min(max(now - self._was if self._was is not None else 0.0, 1e-4), SLOWEST)
        self._was = now
        imgui.new_frame()

    def end(self, framebuffer: Any, size: tuple[int, int]) -> None:
        """Draw what was laid out since begin() over what is in the framebuffer."""
        imgui.render()
        self._painter.draw(imgui.get_draw_data(), framebuffer, size)

    def close(self) -> None:
        self.use()
        self._painter.close()
        imgui.destroy_context(self._context)


def _face(name: str) -> Path:
    return Path(imgui_bundle.__file__).parent / "assets" / "fonts" / name


def _pixels(asked: Any) -> NDArray[np.uint8]:
    """A texture of imgui's as (height, width, 4) bytes."""
    return np.asarray(asked.get_pixels_array(), np.uint8).reshape(asked.height, asked.width, 4)


def _gathered(data: Any) -> tuple[bytes, bytes, list[tuple[int, int, int, Any]]]:
    """All lists as one: corners, 32-bit indices, and calls (first index, count, texture, clip rectangle)."""
    corners: list[bytes] = []
    order: list[NDArray[np.uint32]] = []
    calls = []
    corner = index = 0
    kind: Any = np.uint32 if imgui.INDEX_SIZE == 4 else np.uint16
    for part in data.cmd_lists:
        many, count = len(part.vtx_buffer), len(part.idx_buffer)
        if not many or not count:
            continue
        corners.append(ctypes.string_at(part.vtx_buffer.data_address(), many * imgui.VERTEX_SIZE))
        raw = ctypes.string_at(part.idx_buffer.data_address(), count * imgui.INDEX_SIZE)
        own = np.frombuffer(raw, kind).astype(np.uint32) + np.uint32(corner)
        for call in part.cmd_buffer:
            if call.elem_count:
                span = slice(call.idx_offset, call.idx_offset + call.elem_count)
                own[span] += np.uint32(call.vtx_offset)
                calls.append((index + call.idx_offset, call.elem_count, call.get_tex_id(), call.clip_rect))
        order.append(own)
        corner, index = corner + many, index + count
    return b"".join(corners), b"".join(part.tobytes() for part in order), calls


def _fill(buffer: Any, content: bytes) -> None:
    """The content at the buffer's beginning; its old store is given up, so that nobody waits for it."""
    size = buffer.size
    while size < len(content):
        size *= 2
    buffer.orphan(size)
    buffer.write(content)


def _box(clip: Any, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """A clip rectangle (left, top, right, bottom) as GL's scissor box, or None where nothing is left."""
    left, top = max(0, int(clip[0])), max(0, int(clip[1]))
    right, bottom = min(size[0], int(clip[2])), min(size[1], int(clip[3]))
    if right <= left or bottom <= top:
        return None
    return left, size[1] - bottom, right - left, bottom - top
