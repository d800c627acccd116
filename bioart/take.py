"""A take: the forms themselves over time, quantised and compressed. It plays without a world.

Each channel is kept at its own rate in 8 bits of its `full`, delta-coded against the frame before it and
deflated; a key frame stands every KEY seconds so that playing can begin anywhere. Motes are kept in 16-bit
shares of the stage's box, strands and words as they are whenever they change. Channels that change fast are
kept on a grid half as fine. `Reader.at(t)` mixes linearly between stored frames, as the stage does.

Order of names in the table: `volume/<channel>`, `points/<name>`, `curves/<name>`, `texts`, `moment`.
"""

from __future__ import annotations

import json
import math
import struct
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from bioart.camera import Camera, Vector
from bioart.errors import MALFORMED, BioartError, real, shown, whole
from bioart.forms import Channel, Curves, Forms, Grid, Points, Text, Volume, mix
from bioart.spectrum import Emitter

KEY = 2.0  # s between key frames
FAST = 4.0  # 1/s: channels kept more often than this are kept half as fine
POINTS_RATE = 4.0  # 1/s
PLACES = 2048.0  # steps per metre of a mote's place
MOMENT_RATE = 15.0  # 1/s
LARGEST = 1 << 28  # bytes of one stored frame
Put = Callable[[int, str, bytes], None]


@dataclass(frozen=True)
class Moment:
    """What a stored step says besides its forms: the show's exposure (EV), its camera, and the values of the
    params of picture-making by full name (`look.detail`, `develop.bloom`, `camera.shutter`)."""

    exposure: float
    camera: Camera
    values: dict[str, float]


def between(a: Moment, b: Moment, share: float) -> Moment:
    """The moment between two: numbers linearly, directions kept unit and square."""

    def vector(p: Vector, q: Vector) -> np.ndarray:
        between: np.ndarray = np.array(p) + (np.array(q) - np.array(p)) * share
        return between

    forward = vector(a.camera.forward, b.camera.forward)
    forward /= np.linalg.norm(forward)
    up = vector(a.camera.up, b.camera.up)
    up -= forward * (up @ forward)
    up /= np.linalg.norm(up)
    camera = replace(
        b.camera,
        target=_triple(vector(a.camera.target, b.camera.target)),
        forward=_triple(forward),
        up=_triple(up),
        distance=a.camera.distance + (b.camera.distance - a.camera.distance) * share,
        fov=a.camera.fov + (b.camera.fov - a.camera.fov) * share,
        reach=a.camera.reach + (b.camera.reach - a.camera.reach) * share,
        farthest=a.camera.farthest + (b.camera.farthest - a.camera.farthest) * share,
    )
    values = {n: a.values.get(n, v) + (v - a.values.get(n, v)) * share for n, v in b.values.items()}
    return Moment(a.exposure + (b.exposure - a.exposure) * share, camera, values)


def _triple(v: np.ndarray) -> Vector:
    return (float(v[0]), float(v[1]), float(v[2]))


_RANGES = {  # of a camera's numbers: what a forged one may not leave
    "distance": (1e-3, 1e4), "fov": (0.01, 3.1), "aspect": (0.01, 100.0), "tangent": (-10.0, 10.0),
    "near": (1e-5, 1e4), "far": (1e-3, 1e6), "rise": (-10.0, 10.0), "reach": (0.0, 1e4),
    "farthest": (0.0, 1e4),
}  # fmt: skip


def _moment_in(told: dict[str, Any]) -> Moment:
    camera: dict[str, Any] = {
        name: real(value, *_RANGES[name]) if name in _RANGES else _place(value)
        for name, value in told["camera"].items()
    }
    values = {str(name): real(value, -1e9, 1e9) for name, value in told["values"].items()}
    return Moment(real(told["exposure"], 0.0, 1e6), Camera(**camera), values)


def _place(told: Any) -> Vector:
    x, y, z = (real(v, -1e6, 1e6) for v in told)
    return (x, y, z)


def _grid(head: dict[str, Any]) -> Grid:
    x, y, z = (whole(n, 1, 1024) for n in head["shape"])
    return Grid((x, y, z), _place(head["origin"]), real(head["cell"], 1e-4, 100.0))


def _halved(values: np.ndarray) -> np.ndarray:
    nx, ny, nz = (n // 2 * 2 for n in values.shape)
    v = values[:nx, :ny, :nz].reshape(nx // 2, 2, ny // 2, 2, nz // 2, 2)
    halved: np.ndarray = v.mean(axis=(1, 3, 5), dtype=np.float32)
    return halved


class Writer:
    """Keeps the forms of steps. put: where (step, name, body) goes, a recorder's `take`."""

    def __init__(self, put: Put, rate: int) -> None:
        self._put, self._rate = put, rate
        self._last: dict[str, np.ndarray] = {}
        self._due: dict[str, int] = {}
        self._keyed: dict[str, int] = {}
        self._said: dict[str, bytes] = {}

    def add(self, step: int, forms: Forms, moment: Moment) -> None:
        """The stored state after `step` steps. Keeps only what is due."""
        for c in forms.volume.channels:
            if self._is_due(f"volume/{c.name}", step, c.rate):
                self._channel(step, c)
        emitters = json.dumps([asdict(e) for e in forms.volume.emitters]).encode()
        self._changed(step, "emitters", emitters)
        for p in forms.points:
            if self._is_due(f"points/{p.name}", step, POINTS_RATE):
                most, code = _points_code(p)
                self._coded(step, f"points/{p.name}", code, {"most": most})
        for s in forms.curves:
            if self._is_due(f"curves/{s.name}", step, POINTS_RATE):
                self._changed(step, f"curves/{s.name}", _curves_out(s))
                self._put(step, f"glow/{s.name}", _glow_out(s.glow))
        if self._is_due("texts", step, MOMENT_RATE):
            self._changed(
                step, "texts", zlib.compress(json.dumps([asdict(t) for t in forms.texts]).encode(), 6)
            )
        if self._is_due("moment", step, MOMENT_RATE):
            self._put(step, "moment", json.dumps(asdict(moment)).encode())

    def _is_due(self, name: str, step: int, rate: float) -> bool:
        if step < self._due.get(name, step):
            return False
        self._due[name] = step + max(1, round(self._rate / rate))
        return True

    def _changed(self, step: int, name: str, body: bytes) -> None:
        if self._said.get(name) != body:
            self._said[name] = body
            self._put(step, name, body)

    def _channel(self, step: int, c: Channel) -> None:
        coarse = c.rate > FAST
        values = _halved(c.values) if coarse else c.values
        coded = np.clip(values * np.float32(255 / c.full) + np.float32(0.5), 0, 255).astype(np.uint8)
        cell = c.grid.cell * (2 if coarse else 1)
        self._coded(step, f"volume/{c.name}", coded, {"origin": c.grid.origin, "cell": cell, "full": c.full})

    def _coded(self, step: int, name: str, code: np.ndarray, head: dict[str, Any]) -> None:
        """Bytes against those of the frame before (modulo 256), or whole where a key frame is due."""
        last = self._last.get(name)
        late = step - self._keyed.get(name, -(10**9)) >= KEY * self._rate
        keyed = late or last is None or last.shape != code.shape
        body = code if keyed or last is None else code - last
        self._last[name] = code
        if keyed:
            self._keyed[name] = step
        told = json.dumps({**head, "key": keyed, "shape": code.shape}).encode()
        self._put(step, name, struct.pack("<I", len(told)) + told + zlib.compress(body.tobytes(), 6))


def _points_code(p: Points) -> tuple[dict[str, float], np.ndarray]:
    """Motes as bytes, (19, n): place in half millimetres (within ±16 m), radius, glow, tint, key, each byte
    in a row of its own so that differences of neighbouring frames deflate well."""
    most = {"radius": float(p.radius.max(initial=0)), "glow": float(p.glow.max(initial=0))}
    place = np.clip(np.round(p.at * PLACES), -32768, 32767).astype(np.int16).view(np.uint8).reshape(-1, 6)
    radius = np.round(p.radius / max(most["radius"], 1e-9) * 255)
    glow = np.round(np.sqrt(np.clip(p.glow, 0, None) / max(most["glow"], 1e-9)) * 255)
    tint = np.round(np.sqrt(np.clip(p.tint, 0, 4) / 4) * 255)
    shades = np.column_stack([radius, glow, tint]).astype(np.uint8)
    key = np.ascontiguousarray(p.key, np.int64).view(np.uint8).reshape(-1, 8)
    return most, np.concatenate([place, shades, key], axis=1).T.copy()


def _points_of(name: str, most: dict[str, float], code: np.ndarray) -> Points:
    rows = np.ascontiguousarray(code.T)
    place: np.ndarray = np.ascontiguousarray(rows[:, :6]).view(np.int16).astype(np.float32) / np.float32(
        PLACES
    )
    shades: np.ndarray = rows[:, 6:11].astype(np.float32) / np.float32(255)
    return Points(
        name,
        place,
        shades[:, 0] * np.float32(most["radius"]),
        np.ascontiguousarray(shades[:, 2:5] ** 2 * 4),
        shades[:, 1] ** 2 * np.float32(most["glow"]),
        np.ascontiguousarray(rows[:, 11:19]).view(np.int64).reshape(-1),
    )


_CURVES = (("at", 3), ("starts", 0), ("radius", 1), ("tint", 3), ("key", 0))  # all that seldom changes


def _curves_out(c: Curves) -> bytes:
    arrays = [
        np.ascontiguousarray(getattr(c, name), np.float16 if wide else np.int64) for name, wide in _CURVES
    ]
    told = json.dumps({"shapes": [a.shape for a in arrays]}).encode()
    return struct.pack("<I", len(told)) + told + zlib.compress(b"".join(a.tobytes() for a in arrays), 6)


def _glow_out(glow: np.ndarray) -> bytes:
    """Shimmer changes always: 8 bits of the square root of its share of the brightest."""
    most = float(glow.max(initial=0.0))
    code = np.round(np.sqrt(np.clip(glow, 0, None) / max(most, 1e-9)) * 255).astype(np.uint8)
    told = json.dumps({"most": most}).encode()
    return struct.pack("<I", len(told)) + told + zlib.compress(code.tobytes(), 6)


def _glow_in(blob: bytes) -> np.ndarray:
    head, raw = _opened(blob)
    share = np.frombuffer(raw, np.uint8).astype(np.float32) / 255
    glow: np.ndarray = share * share * np.float32(head["most"])
    return glow


def _curves_in(name: str, blob: bytes) -> Curves:
    head, raw = _opened(blob)
    place = 0
    found: dict[str, Any] = {}
    for (field, wide), shape in zip(_CURVES, head["shapes"], strict=True):
        dtype = np.dtype(np.float16 if wide else np.int64)
        count = int(np.prod(shape))
        array = np.frombuffer(raw, dtype, count, place).reshape(shape)
        found[field] = array.astype(np.float32) if wide else array.copy()
        place += count * dtype.itemsize
    return Curves(name, glow=np.zeros(len(found["radius"]), np.float32), **found)


def _opened(blob: bytes) -> tuple[dict[str, Any], bytes]:
    (size,) = struct.unpack_from("<I", blob)
    return json.loads(blob[4 : 4 + size]), _inflated(blob[4 + size :])


def _inflated(blob: bytes) -> bytes:
    """A forged body shall not fill the memory."""
    opened = zlib.decompressobj()
    raw = opened.decompress(blob, LARGEST)
    if not opened.eof:
        raise ValueError("a body is cut short or too large")
    return raw


class _Track:
    """One name's stored frames, decoded on demand, the last two kept."""

    def __init__(self, rows: Iterable[tuple[int, bytes]], decode: Callable[[_Track, int], Any]) -> None:
        stored = list(rows)
        self.steps = [whole(step) for step, _ in stored]
        self.bodies = [body for _, body in stored]
        self._decode = decode
        self._kept: dict[int, Any] = {}

    def frame(self, index: int) -> Any:
        if index not in self._kept:
            decoded = self._decode(self, index)
            while len(self._kept) > 2:
                self._kept.pop(next(iter(self._kept)))
            self._kept[index] = decoded
        return self._kept[index]

    def around(self, step: float) -> tuple[Any, Any, float]:
        """The stored frames before and after a step, and the share between them."""
        i = max(0, bisect_right(self.steps, step) - 1)
        j = min(i + 1, len(self.steps) - 1)
        span = self.steps[j] - self.steps[i]
        share = min(max((step - self.steps[i]) / span, 0.0), 1.0) if span else 0.0
        return self.frame(i), self.frame(j), share


class Reader:
    """Plays a take: forms at any moment, from any side, without a world."""

    def __init__(
        self,
        names: Iterable[str],
        rows: Callable[[str], Iterable[tuple[int, bytes]]],
        rate: int,
        place: str = "take",
    ) -> None:
        """names, rows: a recording's `take_names()` and `take`; place: whose, for what is told of a fault.

        BioartError where there is no take.
        """
        self._rate, self._place = rate, place
        self._codes: dict[str, tuple[int, np.ndarray]] = {}
        self._tracks: dict[str, _Track] = {}
        decoders = {
            "volume": _volume,
            "points": _points,
            "curves": _named(_curves_in),
            "glow": _strands,
        }
        for name in names:
            family = name.split("/")[0]
            try:
                self._tracks[name] = _Track(rows(name), decoders.get(family, _told)(self, name))
            except ValueError as fault:
                raise BioartError(f"{place}: the take is damaged ({shown(fault)})") from fault
        if "moment" not in self._tracks or not any(name.startswith("volume/") for name in self._tracks):
            raise BioartError(f"{place}: no whole take in it; allowed: a recording made with --take")

    @property
    def steps(self) -> int:
        return self._tracks["moment"].steps[-1] + 1

    def at(self, t: float) -> tuple[Forms, Moment]:
        """What the show drew at show time t, s: its forms of one step before, as `Show.at` mixes them, under
        the camera of now. BioartError where what is stored there is damaged."""
        try:
            forms, moment = self._at(max(t * self._rate - 1.0, 0.0))
            a, b, share = self._tracks["moment"].around(t * self._rate)
            now = between(_moment_in(a), _moment_in(b), share)
            return forms, replace(moment, camera=now.camera)
        except (*MALFORMED, struct.error, zlib.error) as fault:
            raise BioartError(f"{self._place}: the take is damaged at {t:.2f} s ({shown(fault)})") from fault

    def _at(self, step: float) -> tuple[Forms, Moment]:
        channels, points, curves = [], [], []
        texts: tuple[Text, ...] = ()
        emitters: tuple[Emitter, ...] = ()
        moment: Moment | None = None
        for name, track in self._tracks.items():
            family = name.split("/")[0]
            if family == "curves":
                continue  # drawn with their glow
            a, b, share = track.around(step)
            if family == "volume":
                channels.append(mix(_only(a), _only(b), share).volume.channels[0])
            elif family == "points":
                points.append(mix(Forms(points=(a,)), Forms(points=(b,)), share).points[0])
            elif family == "glow":
                curves.append(mix(Forms(curves=(a,)), Forms(curves=(b,)), share).curves[0])
            elif family == "texts":
                texts = mix(Forms(texts=_texts(a)), Forms(texts=_texts(b)), share).texts
            elif family == "emitters":
                emitters = tuple(
                    Emitter(str(e["channel"]), real(e["peak"], 100, 3000), real(e["width"], 0.01, 3000))
                    for e in a
                )
            elif family == "moment":
                moment = between(_moment_in(a), _moment_in(b), share)
        assert moment is not None  # the constructor saw to it
        return Forms(Volume(tuple(channels), emitters), tuple(points), tuple(curves), texts), moment

    def track(self, name: str) -> _Track:
        return self._tracks[name]

    def code(self, track: _Track, name: str, index: int) -> tuple[dict[str, Any], np.ndarray]:
        """A channel's 8-bit frame: the key frame at or before it, and the differences since."""
        have = self._codes.get(name)
        first = index
        heads = [_opened(track.bodies[first])]
        if not (have and have[0] == index - 1) or heads[0][0]["key"]:
            while not heads[0][0]["key"] and first > 0:
                first -= 1
                heads.insert(0, _opened(track.bodies[first]))
            shape = [whole(n, 0, 1 << 20) for n in heads[0][0]["shape"]]
            whole(math.prod(shape), 0, LARGEST)
            code = np.zeros(shape, np.uint8)
        else:
            code = have[1]
        for _, raw in heads:
            code = code + np.frombuffer(raw, np.uint8).reshape(code.shape)
        self._codes[name] = (index, code)
        return heads[-1][0], code


def _only(channel: Channel) -> Forms:
    return Forms(Volume((channel,)))


def _texts(told: list[dict[str, Any]]) -> tuple[Text, ...]:
    """Words as JSON keeps them: its lists are tuples again."""
    found = []
    for t in told:
        said: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in t.items()}
        for name in ("at", "tint"):
            said[name] = _place(said[name])
        said["height"], said["glow"] = real(said["height"], 0.0, 1e3), real(said["glow"], 0.0, 1e6)
        found.append(Text(**said))
    return tuple(found)


def _volume(reader: Reader, name: str) -> Callable[[_Track, int], Channel]:
    def decode(track: _Track, index: int) -> Channel:
        head, code = reader.code(track, name, index)
        full = real(head["full"], 1e-9, 1e9)
        return Channel(name.split("/", 1)[1], _grid(head), code * np.float32(full / 255), full)

    return decode


def _points(reader: Reader, name: str) -> Callable[[_Track, int], Points]:
    def decode(track: _Track, index: int) -> Points:
        head, code = reader.code(track, name, index)
        most = {of: real(head["most"][of], 0.0, 1e9) for of in ("radius", "glow")}
        return _points_of(name.split("/", 1)[1], most, code)

    return decode


def _named(inverse: Callable[[str, bytes], Any]) -> Callable[[Reader, str], Callable[[_Track, int], Any]]:
    def family(reader: Reader, name: str) -> Callable[[_Track, int], Any]:
        return lambda track, index: inverse(name.split("/", 1)[1], track.bodies[index])

    return family


def _strands(reader: Reader, name: str) -> Callable[[_Track, int], Curves]:
    """Glow, on the strands that stood at its step."""

    def decode(track: _Track, index: int) -> Curves:
        still = reader.track("curves/" + name.split("/", 1)[1])
        strands: Curves = still.frame(max(0, bisect_right(still.steps, track.steps[index]) - 1))
        return replace(strands, glow=_glow_in(track.bodies[index]))

    return decode


def _told(reader: Reader, name: str) -> Callable[[_Track, int], Any]:
    def decode(track: _Track, index: int) -> Any:
        body = track.bodies[index]
        return json.loads(_inflated(body) if body[:1] == b"\x78" else body)

    return decode
