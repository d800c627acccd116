"""The woven: what people left behind. Threads stay on the sculpture, banners of light speak and go.

Every offering is a thread, in its giver's colour, laid along the body's limbs as its giver's token will have
it (`drape`), or from its giver's neighbourhood inward and round the body (`braid`), and drawn as what it is
made of (`silk`). Where the body grows, threads that lie on it are lifted with its skin. The tapestry is
bounded: as newer threads come, the oldest thin out until they are gone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bioart.clock import RATE
from bioart.forms import Curves, Grid, Text
from bioart.param import Param
from bioart.steering import Placement
from bioart.world.braid import KNOT, WARP, braided, hand, over_and_under, strung
from bioart.world.drape import POINTS, chances, drape
from bioart.world.pods import MATERIALS
from bioart.world.silk import spin, weight
from bioart.world.skin import Skin

THREADS = 256  # that are kept
FULL = 176  # newest ones that are drawn at their full strength
BANNERS = 12  # that are kept: seen, or waiting for a place
DRAWN_IN = 2.0  # show seconds in which a thread is drawn
SOFT = 0.3  # of that, the share in which one point of it rises
THINNING = 2.0  # show seconds in which a thread changes from full strength to none
RISE, FALL, READ = 0.7, 0.9, 2.2  # show seconds: a banner comes, goes, and is left at least
TOUCH = 60  # steps between two times that the body lifts its threads
GRAPHEMES = 40
ROW = 22  # letters in a banner's row, if its words can be parted
CAPITAL = 0.0295  # of the box's height
# Where banners stand, beside the body: aside and above the box's middle, shares of its width and height.
PLACES = ((0.44, 0.15), (-0.44, 0.02), (0.44, -0.13), (-0.44, 0.28))
FINE = 0.5  # what is left of a thread's light once many newer ones are there
DIM = 0.3  # light of most of a thread, as a share of the pulse that runs along it
WARPS = 240  # at most, that the loom is strung with
TIPS = 1.2  # light of the end of a thread that goes round
WOVEN = 150  # points of a thread that goes over and under others
# What the loom's own threads are dyed with, a neighbourhood each: linen as it is, madder, weld, indigo,
# cochineal, walnut. Linear sRGB.
DYES = (
    (0.62, 0.42, 0.22), (0.60, 0.13, 0.08), (0.66, 0.48, 0.12), (0.08, 0.26, 0.55), (0.60, 0.12, 0.16),
    (0.42, 0.26, 0.15),
)  # fmt: skip
LIGHT = ("glow", "breath", "around", "turns", "warp", "nexus")  # params that stay until the next step
SWAY = 7.0  # show seconds in which they breathe
SWAYS = 0.010  # of the box's width, that threads about the nexus move as they breathe
TOKEN = (1 << 48) - 1  # the bits of a curve's key that are its giver's token


@dataclass
class _Given:
    token: int
    nth: int  # of this giver's threads
    born: int  # step
    material: int  # index in MATERIALS
    mass: float
    at: tuple[float, ...]  # [0, 1]³ of the body's box
    tint: tuple[float, ...]
    strength: float = 1.0  # 0–1, 0 once newer ones have taken its place
    round: int = 0  # ±1: it goes round the nexus, which way; 0: along limbs

    @property
    def key(self) -> int:
        return self.token + (self.nth << 48)


@dataclass
class _Banner:
    number: int
    born: int  # step
    ends: int  # step in which it begins to fade; −1: not yet
    token: int
    at: tuple[float, ...]
    tint: tuple[float, ...]
    words: str
    slot: int = -1  # its place beside the body, −1: it waits for one

    def shown(self, k: int) -> float:
        if self.slot < 0:
            return 0.0
        there = _ease((k - self.born) / (RISE * RATE))
        return there if self.ends < 0 else there * (1.0 - _ease((k - self.ends) / (FALL * RATE)))


def _ease(x: float) -> float:
    x = min(max(x, 0.0), 1.0)
    return x * x * (3.0 - 2.0 * x)


class Woven:
    """Threads and banners, in the order in which they came. Its part's name is `woven`."""

    glow = Param(0.8, 0.0, 2.0, "", "how brightly threads glow")
    breath = Param(14.0, 6.0, 120.0, "s", "show time in which a pulse of light runs along a thread", "log")
    around = Param(0.0, 0.0, 1.0, "", "share of new threads that go round the nexus, not along limbs")
    turns = Param(0.55, 0.1, 2.0, "", "how often those go round")
    warp = Param(0.0, 0.0, float(WARPS), "", "threads that nobody gave, strung round the nexus beforehand")
    nexus = Param(0.0, 0.0, 4.0, "", "light where all threads come together")
    stay = Param(4.0, 2.5, 30.0, "s", "show time for which a banner is read", "log")

    def __init__(
        self, box: Grid, skin: Skin | None = None, places: Sequence[tuple[float, float]] = ()
    ) -> None:
        """box: the body's grid, in metres. skin: the body's, on which threads lie; None: there is no body.
        places: the neighbourhoods', x and z, 0–1 of the box: the loom is strung from there."""
        self.box, self.skin, self.places = box, skin, tuple(places)
        self._paths = np.zeros((0, POINTS, 3), np.float32)
        self._threads: list[_Given] = []
        self._banners: list[_Banner] = []
        self._spoken = 0
        self._light = {name: getattr(Woven, name).default for name in LIGHT}
        self._loom: tuple[NDArray, dict[str, Any]] | None = None
        self._warps: tuple[tuple[int, float], tuple[NDArray, NDArray, NDArray]] | None = None
        self._laid: dict[str, Any] | None = None

    def place(self, k: int, placement: Placement) -> None:
        """Take a placement of kind thread or banner. A thread's words are a banner of their own."""
        token = int(placement.token, 16) & TOKEN
        at = tuple(min(max(float(v), 0.0), 1.0) for v in placement.at)
        if placement.kind == "thread":
            nth = 1 + max((t.nth for t in self._threads if t.token == token), default=-1)
            material = MATERIALS.index(placement.material or "textile")
            given = _Given(token, nth % (1 << 14), k, material, float(placement.amount), at, placement.tint)
            if chances(token, given.nth, 19)[18] < self._light["around"]:
                given.round = int(hand(token, given.nth))
                path = braided(self.box, token, given.nth, at, self._light["turns"]).astype(np.float32)
            else:
                path = drape(self.box, self.skin, token, given.nth, at).astype(np.float32)
            self._threads = [*self._threads, given][-THREADS:]
            self._paths = np.concatenate([self._paths, path[None]])[-THREADS:]
            self._laid = None
        if placement.words:
            if len(self._banners) >= BANNERS:  # the one that has waited longest gives way
                waiting = [i for i, b in enumerate(self._banners) if b.slot < 0]
                del self._banners[waiting[0]]
            words = placement.words[: 4 * GRAPHEMES]
            self._banners.append(_Banner(self._spoken, k, -1, token, at, placement.tint, words))
            self._spoken += 1

    def step(self, k: int, p: Mapping[str, float]) -> None:
        """Age all by one step: old threads thin out, read banners fade."""
        self._light = {name: p[name] for name in LIGHT}
        pace = 1.0 / (THINNING * RATE)
        count = len(self._threads)
        for i, t in enumerate(self._threads):
            newer = count - 1 - i
            wanted = 1.0 if newer < FULL else (THREADS - newer) / (THREADS - FULL)
            t.strength = min(max(wanted, t.strength - pace), t.strength + pace)
        if k % TOUCH == 0 and self.skin is not None and count:
            lies = np.array([t.round == 0 for t in self._threads])
            before = self._paths[lies]
            lifted = before.copy()
            self.skin.settle(lifted.reshape(-1, 3))
            if not np.array_equal(before, lifted):
                self._paths[lies] = lifted
                self._laid = None
        self._speak(k, p["stay"])

    def _speak(self, k: int, stay: float) -> None:
        """Read banners fade, those that wait take the places that are free."""
        self._banners = [b for b in self._banners if b.ends < 0 or k - b.ends < FALL * RATE]
        for b in self._banners:
            taken = {other.slot for other in self._banners}
            order = [(b.number + i) % len(PLACES) for i in range(len(PLACES))]
            free = [slot for slot in order if slot not in taken]
            if b.slot < 0 and free:
                b.slot, b.born = free[0], k
        # Three are read while a fourth fades, so that whoever speaks next, a second later, finds a place.
        reading = [b for b in self._banners if b.slot >= 0 and b.ends < 0]
        for i, b in enumerate(reading):
            long = stay if len(reading) - i < len(PLACES) else READ
            if k - b.born >= long * RATE:
                b.ends = k

    def find(self, token: str) -> list[dict[str, Any]]:
        """The threads of a giver, oldest first: key (of its curve), step, material, kg, tint, strength."""
        wanted = int(token, 16) & TOKEN
        return [
            {
                "key": t.key,
                "step": t.born,
                "material": MATERIALS[t.material],
                "kg": t.mass,
                "tint": t.tint,
                "strength": t.strength,
            }
            for t in self._threads
            if t.token == wanted
        ]

    def state(self) -> dict[str, NDArray]:
        """Threads (n, 5) int64 and (n, 8) float64; their paths; banners (m, 6) int64,
        (m, 6) float64 and their words."""
        words = [b.words.encode() for b in self._banners]
        threads = [[t.token, t.nth, t.born, t.material, t.round] for t in self._threads]
        numbers = [[t.mass, *t.at, *t.tint, t.strength] for t in self._threads]
        banners = [
            [b.number, b.born, b.ends, b.token, b.slot, len(w)]
            for b, w in zip(self._banners, words, strict=True)
        ]
        return {
            "threads": np.array(threads, np.int64).reshape(-1, 5),
            "given": np.array(numbers, np.float64).reshape(-1, 8),
            "paths": self._paths,
            "banners": np.array(banners, np.int64).reshape(-1, 6),
            "places": np.array([[*b.at, *b.tint] for b in self._banners], np.float64).reshape(-1, 6),
            "words": np.frombuffer(b"".join(words), np.uint8).copy(),
            "made": np.array([self._spoken], np.int64),
            "light": np.array(list(self._light.values()), np.float64),
        }

    def restore(self, state: Mapping[str, NDArray]) -> None:
        """Take over a state()."""
        self._threads = []
        for whole, parts in zip(state["threads"].tolist(), state["given"].tolist(), strict=True):
            token, nth, born, material, around = whole
            at, tint = tuple(parts[1:4]), tuple(parts[4:7])
            self._threads.append(_Given(token, nth, born, material, parts[0], at, tint, parts[7], around))
        self._paths = np.array(state["paths"], np.float32)
        self._laid = None
        told, said = 0, state["words"].tobytes()
        self._banners = []
        for whole, place in zip(state["banners"].tolist(), state["places"].tolist(), strict=True):
            number, born, ends, token, slot, length = whole
            words = said[told : told + length].decode()
            told += length
            self._banners.append(
                _Banner(number, born, ends, token, tuple(place[:3]), tuple(place[3:]), words, slot)
            )
        self._spoken = int(state["made"][0])
        self._light = dict(zip(LIGHT, state["light"].tolist(), strict=True))

    def forms(self, k: int) -> tuple[Curves, tuple[Text, ...]]:
        """Curves `threads` and the banners after step k.

        A curve's key is int(token, 16) for a giver's first thread, and carries the thread's number above its
        lowest 48 bits for later ones, so that every key is one thread and `key & TOKEN` its giver.
        """
        return self._curves(k), tuple(t for b in self._banners if b.slot >= 0 for t in self._texts(b, k))

    def about(self) -> NDArray[np.float32]:
        """(n, 3) m: places of the loom that stands about the body, all but where it lies on the ground."""
        paths = self._strung()[0].reshape(-1, 3)
        return paths[paths[:, 1] > 0.04 * self.box.size[1]].astype(np.float32)

    def _strung(self) -> tuple[NDArray, NDArray, NDArray]:
        wanted = round(self._light["warp"]), self._light["turns"]
        if self._warps is None or self._warps[0] != wanted:
            self._warps = wanted, strung(self.box, *wanted, self.places)
        return self._warps[1]

    def loom(self, k: int) -> Curves:
        """Curves `warp`: what the loom was strung with before anybody gave. Finer, and less bright."""
        paths, ways, whose = self._strung()
        count = len(paths)
        if self._loom is None or self._loom[0] is not paths:
            at = over_and_under(self.box, paths, ways, WOVEN) if count else np.zeros((0, WOVEN, 3))
            own = np.array([chances(WARP, i, 10)[8:] for i in range(count)], np.float64).reshape(-1, 2)
            spun = spin("glass", at, np.full(count, 0.55 * weight(0.1, self.box.size[1])), own[:, 1])
            m, n = spun.radius.shape
            self._loom = (
                paths,
                {
                    "at": spun.at.reshape(-1, 3).astype(np.float32),
                    "starts": np.arange(m + 1, dtype=np.int64) * n,
                    "which": np.repeat(np.arange(m), n),
                    "along": np.tile(spun.along, m),
                    "radius": np.repeat(np.median(spun.radius, axis=1), n)
                    * np.tile(_drawn_out(spun.along), m),
                    "own": own[:, 0],
                    "key": (np.arange(m, dtype=np.int64) << 48) + WARP,
                    "round": np.ones(m * n, bool),
                    "tint": np.array(DYES, np.float32)[whose % len(DYES)],
                },
            )
        laid = self._loom[1]
        along, which = laid["along"], laid["which"]
        glow = (
            self._light["glow"]
            * self._ends(along)
            * (0.35 * DIM + 0.4 * self._pulse(k, along, laid["own"][which]))
        )
        glow = glow + self._light["glow"] * (self._meeting(along) + 0.5 * TIPS * _tip(along))
        return Curves(
            "warp", self._swayed(k, laid), laid["starts"], laid["radius"].astype(np.float32),
            laid["tint"], glow.astype(np.float32), laid["key"],
        )  # fmt: skip

    def _pulse(self, k: int, along: NDArray, own: NDArray) -> NDArray:
        """The light that runs along threads, 0–1."""
        run = (along - k / RATE / self._light["breath"] - own) % 1.0
        pulse = np.clip(1.0 - np.abs(run - 0.5) / 0.07, 0.0, 1.0)
        out: NDArray = pulse * pulse * (3.0 - 2.0 * pulse)
        return out

    @staticmethod
    def _ends(along: NDArray) -> NDArray:
        """They melt into the air."""
        out: NDArray = 0.3 + 0.7 * np.clip(np.minimum(along, 1.0 - along) / 0.12, 0.0, 1.0)
        return out

    def _meeting(self, along: NDArray) -> NDArray:
        """Light about the knot, where all that go round come together."""
        near = np.clip(1.0 - np.abs(along - KNOT) / 0.24, 0.0, 1.0)
        out: NDArray = self._light["nexus"] * near * near * (0.4 + 0.6 * near)
        return out

    def _swayed(self, k: int, laid: Mapping[str, NDArray]) -> NDArray:
        """Where threads are now: those about the nexus breathe with it, slowly and not all at once."""
        if not laid["round"].any():
            return laid["at"]
        wide, at = self.box.size[0], laid["at"]
        middle = np.array(self.box.origin) + np.array(self.box.size) / 2
        flat = (at - middle) * np.array([1.0, 0.0, 1.0])
        along = laid["along"]
        free = laid["round"] * np.clip(along / 0.4, 0.0, 1.0)
        turn = k / RATE / SWAY - 0.7 * along + 0.16 * laid["own"][laid["which"]]
        swell = SWAYS * wide * free * np.sin(2 * np.pi * turn)
        swell = swell / np.maximum(np.linalg.norm(flat, axis=1), 0.1 * wide)
        out: NDArray = (at + swell[:, None] * flat).astype(np.float32)
        return out

    def _curves(self, k: int) -> Curves:
        laid = self._lay()
        newer = np.arange(len(self._threads))[::-1]
        fine = (FINE + (1.0 - FINE) / (1.0 + (newer / 70.0) ** 2))[laid["which"]]
        born, strength = laid["born"], np.array([t.strength for t in self._threads], np.float64)
        which, along = laid["which"], laid["along"]
        age = ((k - born) / (DRAWN_IN * RATE))[which] * (1.0 + SOFT) - along
        risen = np.clip(age / SOFT, 0.0, 1.0)
        risen = risen * risen * (3.0 - 2.0 * risen)
        tip = np.clip(1.0 - np.abs(age - SOFT) / SOFT, 0.0, 1.0) ** 2  # the bright end that draws it
        now = k / RATE
        beat = now * (0.15 + 0.15 * laid["phase"]) + laid["phase"] * 17.0
        spark = np.maximum(np.sin(2 * np.pi * beat), 0.0) ** 6
        pulse = self._pulse(k, along, laid["own"][which])
        light = laid["shine"] * (DIM + (1.0 - DIM) * pulse) + laid["twinkle"] * spark
        meeting = (self._meeting(along) + TIPS * _tip(along)) * laid["round"]
        faded = self._light["glow"] * risen * strength[which] * fine
        glow = faded * (self._ends(along) * (light + 0.8 * tip) + meeting)
        radius = laid["radius"] * (0.4 + 0.6 * strength[which]) * (0.5 + 0.5 * fine)
        return Curves(
            "threads",
            self._swayed(k, laid),
            laid["starts"],
            radius.astype(np.float32),
            laid["tint"],
            glow.astype(np.float32),
            laid["key"],
        )

    def _lay(self) -> dict[str, Any]:
        """All threads at rest, in a row: laid anew only when one comes, goes or is lifted."""
        if self._laid is not None:
            return self._laid
        threads = self._threads
        own = np.array([chances(t.token, t.nth, 10)[8:] for t in threads], np.float64).reshape(-1, 2)
        size = np.array([weight(t.mass, self.box.size[1]) for t in threads], np.float64)
        rows: list[tuple[NDArray, ...]] = [()] * len(threads)
        for number, material in enumerate(MATERIALS):
            for way in (False, True):
                mine = [i for i, t in enumerate(threads) if t.material == number and (t.round != 0) == way]
                if not mine:
                    continue
                paths = self._paths[mine].astype(np.float64)
                if way:
                    ways = np.array([threads[i].round for i in mine], np.float64)
                    paths = over_and_under(self.box, paths, ways, WOVEN)
                spun = spin(material, paths, size[mine], own[mine, 1])  # type: ignore[arg-type]
                for j, i in enumerate(mine):
                    rows[i] = (
                        spun.at[j],
                        spun.radius[j] * (_drawn_out(spun.along) if way else 1.0),
                        spun.shine[j],
                        spun.along,
                        spun.twinkle[j],
                        spun.phase[j],
                    )
        sizes = [len(row[1]) for row in rows]
        names = ("at", "radius", "shine", "along", "twinkle", "phase")
        laid: dict[str, Any] = {
            name: np.concatenate([np.zeros((0, 3) if name == "at" else 0), *(row[n] for row in rows)])
            for n, name in enumerate(names)
        }
        laid |= {
            "at": laid["at"].astype(np.float32),
            "starts": np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64),
            "which": np.repeat(np.arange(len(rows)), sizes),
            "round": np.repeat(np.array([t.round != 0 for t in threads], bool), sizes),
            "born": np.array([t.born for t in threads], np.float64),
            "own": own[:, 0],
            "tint": np.array([t.tint for t in threads], np.float32).reshape(-1, 3),
            "key": np.array([t.key for t in threads], np.int64),
        }
        self._laid = laid
        return laid

    def _texts(self, b: _Banner, k: int) -> list[Text]:
        """A banner stands in its place beside the body, in a row or two, and rises a little as it is read."""
        (ox, oy, oz), (sx, sy, sz) = self.box.origin, self.box.size
        side, high = PLACES[b.slot]
        tall = CAPITAL * sy
        middle = (ox + sx / 2, oy + sy / 2, oz + sz / 2)
        rise = 0.004 * sy * (k - b.born) / RATE
        rows = parted(b.words)
        return [
            Text(
                2 * b.number + n,
                words,
                middle,
                tall,
                b.tint,  # type: ignore[arg-type]
                0.9 * b.shown(k),
                beside=(side * max(sx, sz), high * sy + rise - 1.9 * tall * n),
            )
            for n, words in enumerate(rows)
        ]


def _drawn_out(along: NDArray) -> NDArray:
    """How thick a thread is that ends in a crown: ever finer beyond the knot."""
    end = np.clip((along - 0.965) / 0.035, 0.0, 1.0)
    bud = 4.0 * end * (1.0 - end)
    beyond = np.clip((along - KNOT) / (1.0 - KNOT), 0.0, 1.0)
    out: NDArray = np.clip(along / 0.1, 0.3, 1.0) * (1.0 - 0.8 * beyond + 0.6 * bud)
    return out


def _tip(along: NDArray) -> NDArray:
    """The last hand's breadth of a thread that ends in a crown: a bud of light."""
    out: NDArray = np.clip((along - 0.972) / 0.02, 0.0, 1.0) ** 2
    return out


def parted(words: str) -> tuple[str, ...]:
    """Words in one row, or in two of like length where they are long and have a space."""
    words = " ".join(words.split())
    spaces = [i for i, letter in enumerate(words) if letter == " "]
    if len(words) <= ROW or not spaces:
        return (words,)
    cut = min(spaces, key=lambda i: (abs(2 * i - len(words)), i))
    return (words[:cut], words[cut + 1 :])
