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
def _mixed(bits: ti.u32, index: ti.i32, salt: ti.u32) -> ti.u64:
    a = (bits ^ salt) + ti.cast(index, ti.u32) * ti.u32(0x9E3779B1)
    a = (a ^ (a >> 16)) * ti.u32(0x7FEB352D)
    a = (a ^ (a >> 15)) * ti.u32(0x846CA68B)
    a = a ^ (a >> 16)
    b = (a ^ bits) * ti.u32(0x27D4EB2F)
    b = b ^ (b >> 15)
    return (ti.cast(a, ti.u64) << 32) | ti.cast(b, ti.u64)


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


@ti.kernel
def _add3(f: ti.template(), total: ti.template(), salt: ti.u32):
    nx, ny, nz = ti.static(f.shape)
    if ti.static(compute.on_cpu()):
        for i, j in ti.ndrange(nx, ny):
            row = ti.u64(0)
            for k in range(nz):
                row += _mixed(_bits(f, ti.Vector([i, j, k])), (i * ny + j) * nz + k, salt)
            ti.atomic_add(total[None], ti.cast(row, ti.i64))
    else:
        for i, j, k in f:
            ti.atomic_add(
                total[None],
                ti.cast(_mixed(_bits(f, ti.Vector([i, j, k])), (i * ny + j) * nz + k, salt), ti.i64),
            )


@ti.kernel
def _add1(f: ti.template(), total: ti.template(), salt: ti.u32):
    for block in range((f.shape[0] + 1023) // 1024):
        part = ti.u64(0)
        for i in range(block * 1024, ti.min(block * 1024 + 1024, f.shape[0])):
            part += _mixed(_bits(f, ti.Vector([i])), i, salt)
        ti.atomic_add(total[None], ti.cast(part, ti.i64))


@ti.kernel
def _zero(total: ti.template()):
    total[None] = 0


class Digest:
    """Sums up named fields and small arrays. memory: where its one accumulator lives."""

    def __init__(self, memory: compute.Memory) -> None:
        self._total = memory.field("digest", "total", ti.i64, ())

    def of(self, fields: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> int:
        """The digest of fields (1-D and 3-D by kernel) and of arrays (by BLAKE2b), 0 to 2^64 − 1."""
        _zero(self._total)
        rest = dict(arrays)
        for name in sorted(fields):
            field = fields[name]
            if len(field.shape) == 3:
                _add3(field, self._total, salt(name))
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
