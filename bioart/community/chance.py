"""Numbers without luck: a keyed hash of what is asked for, the same on every machine, run and thread."""

from __future__ import annotations

from hashlib import blake2b


def token(who: str | None, source: str, salt: bytes) -> str:
    """The pseudonym of a person for one show: 12 hexadecimal digits of a keyed BLAKE2b.

    Whoever comes without a `who` is their source's one person. Without the salt nobody finds the name again.
    """
    said = f"who:{who}" if who is not None else f"source:{source}"
    return blake2b(said.encode("utf-8", "surrogatepass"), digest_size=6, key=salt[:64]).hexdigest()


def is_token(who: str | None) -> bool:
    return who is not None and len(who) == 12 and all(c in "0123456789abcdef" for c in who)


def drawn(seed: int, stream: str, *counter: object) -> tuple[float, float, float, float]:
    """Four numbers in [0, 1), even and independent for every (seed, stream, counter)."""
    text = f"{seed}|{stream}|{'|'.join(map(str, counter))}".encode("utf-8", "surrogatepass")
    raw = blake2b(text, digest_size=16).digest()
    a, b, c, d = (int.from_bytes(raw[i : i + 4], "little") / 4294967296.0 for i in (0, 4, 8, 12))
    return (a, b, c, d)


def mark(*parts: object) -> int:
    """64 bits of the parts: what one entry adds to an order-free digest."""
    text = "\0".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")
