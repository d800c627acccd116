"""Quick launches: what Taichi finds out anew at each call is remembered, and few cells wake nobody.

A plain call looks at every argument, finds the compiled instance and asks whether it is still the right one:
67 µs for twelve fields, where a small kernel's work takes 10 (measured, Taichi 1.7.4, one core). Fields live
as long as the process (`compute`), so their identity says which instance is meant. A step launches some 200.

A loop that many threads share begins and ends with waking them: 20 µs where they are awake, 130 where the
processor has gone to sleep (measured, two virtual cores), once for each loop of a kernel. An instance whose
greatest field has few cells runs on one thread, which is done before the others would have come. Loops are
written so that their bits are the same for any number of threads, so nobody sees it.

What this does not know how to launch (arguments of other kinds, results) goes the plain way.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from typing import Any

import numpy as np

_FIELD, _FLOAT, _INT, _UINT, _ARRAY = range(5)
FEW = 100_000  # cells of some ns each: a thread's work while another wakes


def install(threads: int = 1) -> None:
    """From now on every kernel of this process is launched the quick way, where there is one. Idempotent.

    threads: that a processor works with, so that few cells are left to one; 0 for another device.
    """
    from taichi.lang import kernel_impl

    kernel = kernel_impl.Kernel
    plain = kernel.__call__
    if getattr(plain, "quick", False):
        return
    known: dict[Any, _Instances | None] = {}
    alone = _Alone(threads)

    def call(self: Any, *args: Any, **kwargs: Any) -> Any:
        if self not in known:
            known[self] = _Instances.of(self, alone)
        found = known[self]
        if found is not None and not kwargs and found.launch(args):
            return None
        alone.judge(args)
        return plain(self, *args, **kwargs)

    call.quick = True  # type: ignore[attr-defined]
    kernel.__call__ = call


class _Alone:
    """Says of each instance, before it is compiled, whether its loops run on one thread."""

    def __init__(self, threads: int) -> None:
        from taichi.lang.ast.ast_transformer import ASTTransformer

        self._now = False
        # one takes w, p of them w/p and the waking: one is sooner for w up to waking·p/(p − 1)
        self._few = FEW * threads // (threads - 1) if threads > 1 else sys.maxsize if threads else -1
        plain = ASTTransformer.build_For

        def build(context: Any, node: Any) -> Any:
            if self._now and context.is_kernel:
                context.ast_builder.strictly_serialize()
            return plain(context, node)

        ASTTransformer.build_For = staticmethod(build)

    def judge(self, args: tuple[Any, ...]) -> None:
        """By the cells of the greatest field or array among an instance's arguments."""
        self._now = max(map(_cells, args), default=0) <= self._few


def _cells(argument: Any) -> int:
    """How many cells a field or an array has; 0 for a number."""
    shape = getattr(argument, "shape", None)
    return math.prod(shape) if shape else 0


class _Instances:
    """The compiled instances of one kernel, by the fields and constants that they are of."""

    def __init__(self, kernel: Any, kinds: list[int], alone: _Alone) -> None:
        from taichi.lang.field import Field

        self._kernel, self._kinds, self._alone, self._field = kernel, kinds, alone, Field
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
    def of(cls, kernel: Any, alone: _Alone) -> _Instances | None:
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
        return cls(kernel, kinds, alone)

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
            self._alone.judge(args)
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
