"""Quick launches: what Taichi finds out anew at each call of a kernel is remembered.

A plain call looks at every argument, finds the compiled instance and asks whether it is still the right one:
67 µs for twelve fields, where a small kernel's work takes 10 (measured, Taichi 1.7.4, one core). Fields live
as long as the process (`compute`), so their identity says which instance is meant. A step launches some 200.

What this does not know how to launch (arguments of other kinds, results) goes the plain way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_FIELD, _FLOAT, _INT, _UINT, _ARRAY = range(5)


def install() -> None:
    """From now on every kernel of this process is launched the quick way, where there is one. Idempotent."""
    from taichi.lang import kernel_impl

    kernel = kernel_impl.Kernel
    plain = kernel.__call__
    if getattr(plain, "quick", False):
        return
    known: dict[Any, _Instances | None] = {}

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self not in known:
            known[self] = _Instances.of(self)
        found = known[self]
        if found is None or kwargs or not found.launch(args):
            return plain(self, *args, **kwargs)
        return None

    call.quick = True  # type: ignore[attr-defined]
    kernel.__call__ = call


class _Instances:
    """The compiled instances of one kernel, by the fields and constants that they are of."""

    def __init__(self, kernel: Any, kinds: list[int]) -> None:
        from taichi.lang.field import Field

        self._kernel, self._kinds, self._field = kernel, kinds, Field
        self._made: dict[tuple[Any, ...], tuple[Any, Any, tuple[Any, ...]]] = {}
        setters: dict[int, Callable[[Any, int, Any], None]] = {
            _FLOAT: lambda context, slot, value: context.set_arg_float((slot,), float(value)),
            _INT: lambda context, slot, value: context.set_arg_int((slot,), int(value)),
            _UINT: lambda context, slot, value: context.set_arg_uint((slot,), int(value)),
            _ARRAY: lambda context, slot, value: context.set_arg_external_array_with_shape(
                (slot,), int(value.ctypes.data), value.nbytes, value.shape, 0
            ),
        }
        given = [(n, kind) for n, kind in enumerate(kinds) if kind != _FIELD]
        self._set = [(n, slot, setters[kind]) for slot, (n, kind) in enumerate(given)]

    @classmethod
    def of(cls, kernel: Any) -> _Instances | None:
        """None for a kernel that must be called the plain way."""
        from taichi.lang.enums import AutodiffMode
        from taichi.types import ndarray_type, primitive_types
        from taichi.types.annotations import template

        if kernel.return_type is not None or kernel.autodiff_mode != AutodiffMode.NONE:
            return None
        kinds = []
        for argument in kernel.arguments:
            needed = argument.annotation
            if isinstance(needed, template):
                kinds.append(_FIELD)
            elif isinstance(needed, ndarray_type.NdarrayType):
                kinds.append(_ARRAY)
            elif any(needed is t for t in primitive_types.real_types):
                kinds.append(_FLOAT)
            elif any(needed is t for t in primitive_types.integer_types):
                kinds.append(_UINT if str(needed)[:1] == "u" else _INT)
            else:
                return None
        return cls(kernel, kinds)

    def launch(self, args: tuple[Any, ...]) -> bool:
        """Launch; False where it cannot be done the quick way (nothing has happened then)."""
        from taichi.lang import impl

        if len(args) != len(self._kinds):
            return False
        key: list[Any] = []
        for value, kind in zip(args, self._kinds, strict=True):
            if kind == _FIELD:
                if isinstance(value, self._field):
                    key.append(id(value))
                elif isinstance(value, (bool, int, float)):  # 1 and True are compiled apart
                    key.append((type(value), value))
                else:
                    return False
            elif kind == _ARRAY:
                if type(value) is not np.ndarray or not value.flags.c_contiguous:
                    return False
                key.append((value.dtype.char, value.ndim))
        known = self._made.get(tuple(key))
        program = impl.get_runtime().prog
        if known is None:
            kernel = self._kernel
            compiled = kernel.compiled_kernels[kernel.ensure_compiled(*args)]
            if kernel.has_print:
                return False
            data = program.compile_kernel(program.config(), program.get_device_caps(), compiled)
            known = self._made[tuple(key)] = (compiled, data, _kept(args))
        compiled, data, _ = known
        context = compiled.make_launch_context()
        for n, slot, give in self._set:
            give(context, slot, args[n])
        program.launch_kernel(data, context)
        return True


def _kept(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """What must not go while its identity stands for it: everything but arrays and numbers."""
    return tuple(a for a in args if not isinstance(a, (np.ndarray, int, float, np.generic)))
