"""A 64-bit digest of fields that does not depend on the order of its sum, nor on the number of threads.

Each element's bits are mixed with its index and the field's own salt by a 64-bit finaliser (two rounds of
multiply and xor-shift), and the mixed words are added modulo 2^64: integers, so exact in any order.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import taichi as ti

from bioart.gpu import compute

MASK = (1 << 64) - 1


@ti.func
def _words(bits: ti.u32, index: ti.i32, salt: ti.u32):
    """The upper and the lower 32 bits of an element's mixed word."""
    a = (bits ^ salt) + ti.cast(index, ti.u32) * ti.u32(0x9E3779B1)
    a = (a ^ (a >> 16)) * ti.u32(0x7FEB352D)
    a = (a ^ (a >> 15)) * ti.u32(0x846CA68B)
    a = a ^ (a >> 16)
    b = (a ^ bits) * ti.u32(0x27D4EB2F)
    return a, b ^ (b >> 15)


@ti.func
def _bits(f: ti.template(), index: ti.template()) -> ti.u32:
    """The 32 bits of an element; a 64-bit one is folded."""
    out = ti.u32(0)
    if ti.static(f.dtype == ti.f32):
        out = ti.bit_cast(f[index], ti.u32)
    elif ti.static(f.dtype in (ti.i64, ti.u64)):
        whole = ti.cast(f[index], ti.u64)
        out = ti.cast(whole, ti.u32) ^ (ti.cast(whole >> 32, ti.u32) * ti.u32(0x9E3779B1))
    else:
        out = ti.cast(f[index], ti.u32)
    return out


@ti.func
def _joined(high: ti.u32, low: ti.u32, middle: ti.u32) -> ti.i64:
    """Sums of the words' upper halves, and of the lower halves' 16 low and 16 high bits, as one of words."""
    whole = (ti.cast(high, ti.u64) << 32) + (ti.cast(middle, ti.u64) << 16) + ti.cast(low, ti.u64)
    return ti.cast(whole, ti.i64)


@ti.func
def _row3(f: ti.template(), i: ti.i32, j: ti.i32, first: ti.i32, salt: ti.u32) -> ti.i64:
    """The sum over a row along z. first: the index of its first. Sums of 32 bits: only these make vectors."""
    high, low, middle = ti.u32(0), ti.u32(0), ti.u32(0)
    for k in range(f.shape[2]):
        a, b = _words(_bits(f, ti.Vector([i, j, k])), first + k, salt)
        high += a
        low += b & ti.u32(0xFFFF)
        middle += b >> 16
    return _joined(high, low, middle)


@ti.kernel
def _add3(f: ti.template(), total: ti.template(), salt: ti.u32):
    nx, ny, nz = ti.static(f.shape)
    if ti.static(compute.on_cpu()):
        for i in range(nx):
            plane = ti.i64(0)
            for j in range(ny):
                plane += _row3(f, i, j, (i * ny + j) * nz, salt)
            ti.atomic_add(total[None], plane)
    else:
        for i, j, k in f:
            a, b = _words(_bits(f, ti.Vector([i, j, k])), (i * ny + j) * nz + k, salt)
            ti.atomic_add(total[None], _joined(a, b & ti.u32(0xFFFF), b >> 16))


@ti.kernel
def _add2(f: ti.template(), total: ti.template(), salt: ti.u32):
    for block in range((f.shape[0] + 255) // 256):
        part = ti.i64(0)
        for i in range(block * 256, ti.min(block * 256 + 256, f.shape[0])):
            for j in range(f.shape[1]):
                a, b = _words(_bits(f, ti.Vector([i, j])), i * f.shape[1] + j, salt)
                part += _joined(a, b & ti.u32(0xFFFF), b >> 16)
        ti.atomic_add(total[None], part)


@ti.kernel
def _add1(f: ti.template(), total: ti.template(), salt: ti.u32):
    for block in range((f.shape[0] + 1023) // 1024):
        high, low, middle = ti.u32(0), ti.u32(0), ti.u32(0)
        for i in range(block * 1024, ti.min(block * 1024 + 1024, f.shape[0])):
            a, b = _words(_bits(f, ti.Vector([i])), i, salt)
            high += a
            low += b & ti.u32(0xFFFF)
            middle += b >> 16
        ti.atomic_add(total[None], _joined(high, low, middle))


@ti.kernel
def _zero(total: ti.template()):
    total[None] = 0


class Digest:
    """Sums up named fields and small arrays. memory: where its one accumulator lives."""

    def __init__(self, memory: compute.Memory) -> None:
        self._total = memory.field("digest", "total", ti.i64, ())

    def of(self, fields: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> int:
        """The digest of fields (1-D to 3-D by kernel) and of arrays (by BLAKE2b), 0 to 2^64 − 1."""
        _zero(self._total)
        rest = dict(arrays)
        for name in sorted(fields):
            field = fields[name]
            if len(field.shape) == 3:
                _add3(field, self._total, salt(name))
            elif len(field.shape) == 2:
                _add2(field, self._total, salt(name))
            elif len(field.shape) == 1:
                _add1(field, self._total, salt(name))
            else:
                rest[name] = field.to_numpy()
        total = int(self._total[None])
        for name in sorted(rest):
            total += of_bytes(name.encode() + np.ascontiguousarray(rest[name]).tobytes())
        return total & MASK


def salt(name: str) -> int:
    """A field's own 32 bits."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest(), "little")


def of_bytes(body: bytes) -> int:
    """64 bits of a byte string."""
    return int.from_bytes(hashlib.blake2b(body, digest_size=8).digest(), "little")
