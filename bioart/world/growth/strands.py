"""Strands: what people gave grows out of the body, branches, and streams with the wind.

Space colonization (Runions, Lane & Prusinkiewicz 2007): points of attraction are strewn ahead of a strand,
down the wind that blows there now; the nodes nearest to them grow towards them, and branch where they are
drawn two ways. A thread or a piece of matter begins a strand where it was given, of its giver's tint; wild
ones, pale, sprout from the skin so that it is never bare. All bend with the air about them. Strands thin as
they age, and the oldest give way: there are never more than `STRANDS`, each of at most `NODES` nodes.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from bioart.clock import RATE
from bioart.forms import Channel, Curves, Forms
from bioart.param import Param
from bioart.steering import Placement
from bioart.world.growth import Growth, Tissue

if TYPE_CHECKING:
    from bioart.gpu.compute import Memory

STRANDS, NODES, LURES = 128, 48, 54  # rows; of each: nodes, points of attraction
GIFTS, WILD = 84, 32  # that live; the rest of the rows is for those that leave
TOGETHER = 24  # strands that grow at one time; the rest wait for their turn
FIRST = 6  # wild ones that a new world has
EVERY = 24  # steps between two wild ones that sprout
APPEAR, FADE = 0.8, 4.0  # show seconds in which one comes up, and leaves
FINE = 0.4  # what is left of a strand's thickness and light when it is old
CATCH = 0.35  # show seconds after which a strand has followed the air
TOKEN = (1 << 48) - 1  # the bits of a curve's key that are its giver's token
WILD_TINTS = ((0.42, 0.80, 0.86), (0.70, 0.86, 0.72), (0.94, 0.72, 0.56), (0.62, 0.66, 0.96))


class Strands(Growth):
    """Branching strands of gifts, and wild ones between them."""

    reads = ("solid",)

    segment = Param(0.06, 0.02, 0.2, "m", "length of a segment: the grain of the branching")
    influence = Param(0.5, 0.15, 2.0, "m", "how far a point of attraction draws", "log")
    reach = Param(1.6, 0.3, 2.5, "m", "how far a strand strives")
    spread = Param(0.26, 0.05, 1.0, "m", "how wide it spreads: more makes it branch")
    stream = Param(0.8, 0.0, 1.0, "", "how strictly strands grow down the wind, not out of the skin")
    pace = Param(0.24, 0.05, 0.6, "m/s", "how fast a strand grows")
    sway = Param(0.8, 0.0, 3.0, "s/m", "how far moving air bends a strand")
    wild = Param(20.0, 0.0, float(WILD), "", "strands that nobody gave")
    life = Param(60.0, 10.0, 600.0, "s", "show time that a wild strand lives", "log")
    thinning = Param(
        90.0, 10.0, 3600.0, "s", "show time in which a strand loses most of its thickness", "log"
    )
    glow = Param(0.8, 0.0, 2.0, "", "how brightly strands glow")

    def __init__(self, memory: "Memory", tissue: Tissue, seed: int) -> None:
        import taichi as ti

        self.grid, self.seed = tissue.grid, (seed ^ 0x2C1B3C6D) & 0xFFFFFFFF
        self._solid = tissue.solid

        def field(name: str, shape: tuple[int, ...] = (), kind: Any = ti.f32) -> Any:
            return memory.field("strands", name, kind, (STRANDS, *shape))

        whole = {"stage": (), "number": (), "nth": (), "born": (), "ration": (), "count": (),
                 "parent": (NODES,), "made": (NODES,), "depth": (NODES,), "alive": (LURES,)}  # fmt: skip
        parts = {"shown": (), "thin": (), "spent": (), "tint": (3,), "out": (3,), "rest": (NODES, 3),
                 "drawn": (NODES, 3), "lean": (NODES, 3), "weight": (NODES,), "lure": (LURES, 3)}  # fmt: skip
        self._rows: dict[str, Any] = {name: field(name, shape, ti.i32) for name, shape in whole.items()}
        self._rows |= {name: field(name, shape) for name, shape in parts.items()}
        self._rows["token"] = field("token", (), ti.i64)
        # clock: steps, generation, strands made, changes. light: of the newest segments what share is drawn
        # out, and how bright all are.
        self._rows["clock"] = memory.field("strands", "clock", ti.i32, (4,))
        self._rows["light"] = memory.field("strands", "light", ti.f32, (2,))
        self._grows, self._near = field("grows", (), ti.i32), field("near", (LURES,), ti.i32)
        self._pull = field("pull", (NODES, 4))
        self._frame = memory.field("strands", "frame", ti.f32, (8,))
        ambient = tissue.ambient
        self._airy = int(ambient is not None)
        if ambient is not None:
            self._air = (ambient.x, ambient.y, ambient.z)
            rest = (ambient.finer * self.grid.cell, *(float(c) for c in ambient.corner))
        else:
            self._air = tuple(memory.field("strands", f"no air {a}", ti.f32, (2, 2, 2)) for a in "xyz")
            rest = (1.0, 0.0, 0.0, 0.0)
        for n, value in enumerate((*self.grid.origin, self.grid.cell, *rest)):
            self._frame[n] = value
        self._rows["light"][1] = self.glow.default
        self._trees: tuple[NDArray[np.int64], dict[str, Any]] | None = None

    def plant(self, tissue: Tissue) -> None:
        for _ in range(FIRST):
            self._sprout()

    def state(self) -> dict[str, Any]:
        return dict(self._rows)

    def place(self, k: int, thing: Placement) -> None:
        """A thread, or matter, of somebody: a strand begins where it was given, or on the nearest skin.

        At most 24 strands grow at one time, the others wait. Beyond 84 the oldest begins to leave; a burst
        beyond all rows pushes out what has faded most, then wild ones, then the oldest.
        """
        if thing.kind in ("thread", "matter"):
            at = (
                o + min(max(a, 0.0), 1.0) * s
                for a, o, s in zip(thing.at, self.grid.origin, self.grid.size, strict=True)
            )
            self._root(int(thing.token, 16) & TOKEN, tuple(at), thing.tint)

    def _sprout(self) -> None:
        """A wild strand, on the skin; where there is no body, on the floor."""
        self._root(-1, (0.0, 0.0, 0.0), WILD_TINTS[int(self._rows["clock"][2]) % len(WILD_TINTS)])

    def _root(self, token: int, at: tuple[float, ...], tint: tuple[float, ...]) -> None:
        from bioart.world.growth import _filaments

        r = self._rows
        _filaments.root(
            r["stage"], r["token"], r["number"], r["nth"], r["born"], r["ration"], r["count"], r["shown"],
            r["thin"], r["spent"], r["tint"], r["out"], r["rest"], r["drawn"], r["lean"], r["parent"],
            r["made"], r["depth"], r["alive"], r["clock"], self._solid, self._frame, self.seed, token,
            int(token < 0), *at, *tint,
        )  # fmt: skip

    def step(self, k: int, p: dict[str, float], tissue: Tissue) -> None:
        from bioart.world.growth import _filaments

        r = self._rows
        taken, wild = int(r["clock"][0]), round(p["wild"])
        if taken % EVERY == 0 and self._wild() < wild:
            self._sprout()
        grown = float(r["light"][0]) + p["pace"] / p["segment"] / RATE
        if grown >= 1.0:
            self._colonise(p)
            grown = min(grown - 1.0, 0.999)
        r["light"][0], r["light"][1] = grown, p["glow"]
        _filaments.tend(
            r["stage"], r["token"], r["number"], r["shown"], r["thin"], r["spent"], r["clock"], GIFTS, wild,
            p["life"] * RATE, p["thinning"] * RATE, FINE, APPEAR * RATE, FADE * RATE,
        )  # fmt: skip
        _filaments.sway(
            r["stage"], r["number"], r["count"], r["rest"], r["drawn"], r["lean"], r["weight"], r["parent"],
            r["made"], r["depth"], r["clock"], *self._air, self._frame, self.seed, self._airy, p["sway"],
            1.0 / (CATCH * RATE), float(r["light"][0]),
        )  # fmt: skip
        r["clock"][0] = taken + 1

    def _wild(self) -> int:
        stage, token = self._rows["stage"].to_numpy(), self._rows["token"].to_numpy()
        return int(((token < 0) & ((stage == 1) | (stage == 2))).sum())

    def _colonise(self, p: dict[str, float]) -> None:
        """One generation: points are strewn, draw, are reached; nodes grow a segment."""
        from bioart.world.growth import _filaments

        r = self._rows
        _filaments.strew(
            r["stage"], r["number"], r["ration"], r["out"], r["rest"], r["lure"], r["alive"], self._grows,
            *self._air, self._solid, self._frame, self.seed, self._airy, TOGETHER, p["reach"], p["spread"],
            p["stream"],
        )  # fmt: skip
        _filaments.draw(
            r["rest"], r["count"], r["lure"], r["alive"], self._grows, self._near, p["influence"],
            _filaments.KILL * p["segment"],
        )  # fmt: skip
        _filaments.extend(
            r["stage"], r["ration"], r["count"], r["rest"], r["drawn"], r["lean"], r["parent"], r["made"],
            r["depth"], r["lure"], r["alive"], self._grows, self._near, self._pull, r["clock"], *self._air,
            self._frame, self._airy, p["segment"], p["stream"],
        )  # fmt: skip
        _filaments.give_up(r["alive"], self._near, self._grows, self._pull)
        r["clock"][1] += 1

    def find(self, token: str) -> list[dict[str, Any]]:
        """The strands of a giver, oldest first: key (of its stem), born (step of its life), nodes, at (m, its
        root), tint, strength 0–1."""
        r = self._read()
        born, rest = (self._rows[name].to_numpy() for name in ("born", "rest"))
        mine = [int(s) for s in np.nonzero((r["token"] == (int(token, 16) & TOKEN)) & (r["stage"] > 0))[0]]
        return [
            {
                "key": int(r["token"][s]) + (int(r["nth"][s]) << 54),
                "born": int(born[s]),
                "nodes": int(r["count"][s]),
                "at": tuple(float(x) for x in rest[s, 0]),
                "tint": tuple(float(x) for x in r["tint"][s]),
                "strength": float(r["shown"][s] * r["thin"][s]),
            }
            for s in sorted(mine, key=lambda s: int(r["number"][s]))
        ]

    # -- what it shows -------------------------------------------------------------------------------------

    def _read(self) -> dict[str, Any]:
        from bioart.world.growth import _filaments

        whole, parts = np.zeros((STRANDS, 5), np.int64), np.zeros((STRANDS, 5), np.float32)
        at, loads = np.zeros((STRANDS, NODES, 3), np.float32), np.zeros((STRANDS, NODES), np.float32)
        parents, depths = (np.zeros((STRANDS, NODES), np.int32) for _ in range(2))
        names = ("stage", "token", "number", "nth", "count")
        fields = (*names, "shown", "thin", "tint", "drawn", "weight", "parent", "depth")
        _filaments.read(*(self._rows[n] for n in fields), whole, parts, at, loads, parents, depths)
        rows: dict[str, Any] = {name: whole[:, n] for n, name in enumerate(names)}
        rows |= {"shown": parts[:, 0], "thin": parts[:, 1], "tint": parts[:, 2:]}
        return rows | {"at": at, "weight": loads, "parent": parents, "depth": depths}

    def _threaded(self, r: dict[str, Any]) -> dict[str, Any]:
        """Each tree as stem and branches; worked out anew only where a tree has changed."""
        used = np.where(r["stage"] > 0, r["count"], 0)
        told = np.concatenate([used, r["parent"].ravel(), r["number"], r["nth"]])
        if self._trees is None or not np.array_equal(self._trees[0], told):
            rows: list[int] = []
            nodes: list[int] = []
            starts: list[int] = [0]
            first: list[tuple[int, int]] = []
            for s in np.nonzero(used > 1)[0].tolist():
                for branch in branches(r["parent"][s, : used[s]].tolist()):
                    first.append((s, branch[1] if len(first) and first[-1][0] == s else 0))
                    nodes += branch
                    rows += [s] * len(branch)
                    starts.append(len(nodes))
            of = np.array(first, np.int64).reshape(-1, 2)
            begins = np.zeros(len(nodes), bool)
            begins[np.array(starts[:-1], np.int64)] = True
            self._trees = told, {
                "row": np.array(rows, np.int64), "node": np.array(nodes, np.int64),
                "starts": np.array(starts, np.int64), "strand": of[:, 0], "branch": of[:, 1],
                "begins": begins,
            }  # fmt: skip
        return self._trees[1]

    def forms(self, k: int) -> Forms:
        """Curves `strands`: of each strand the stem and its branches.

        A stem's key is its giver's int(token, 16), as a thread's is; above the lowest 48 bits stand 6 of the
        branch (the node it begins with) and 9 of the giver's further strands. Wild ones have keys below 0.
        """
        r = self._read()
        t = self._threaded(r)
        row, node = t["row"], t["node"]
        load = r["weight"][row, node]
        # where a branch leaves a stem it is no thicker than itself
        load = np.where(t["begins"] & (node > 0), np.roll(load, -1), load)
        strength = (r["shown"] * r["thin"])[row]
        tall = self.grid.size[1] / 6.0
        radius = tall * (0.003 + 0.002 * np.sqrt(load)) * strength
        far = r["depth"][row, node]
        run = (0.012 * k - 0.028 * far + 0.618 * r["number"][row]) % 1.0
        pulse = np.clip(1.0 - np.abs(run - 0.5) / 0.12, 0.0, 1.0) ** 2
        new = np.clip(1.0 - load / 3.0, 0.0, 1.0) * (r["stage"] == 1)[row]
        glow = (
            float(self._rows["light"][1])
            * strength
            * (0.22 + 0.05 * np.minimum(far, 8) / 8 + 0.5 * pulse + new)
        )
        s, branch = t["strand"], t["branch"]
        token, number, nth = (r[name][s].astype(np.int64) for name in ("token", "number", "nth"))
        key = np.where(token < 0, -1 - (number * 64 + branch), token + (branch << 48) + (nth << 54))
        curves = Curves(
            "strands", r["at"][row, node], t["starts"], radius.astype(np.float32),
            r["tint"][s].astype(np.float32), glow.astype(np.float32), key,
        )  # fmt: skip
        return Forms(curves=(curves,))

    def channels(self, tissue: Tissue) -> tuple[Channel, ...]:
        """strands: 0–1, how strong a strand runs through a cell of the body's grid."""
        r = self._read()
        there = (np.arange(NODES) < r["count"][:, None]) & (r["stage"] > 0)[:, None]
        at = (r["at"][there] - np.array(self.grid.origin, np.float32)) / np.float32(self.grid.cell)
        i, j, k = (np.clip(at[:, d].astype(np.int64), 0, self.grid.shape[d] - 1) for d in range(3))
        share = (r["shown"] * r["thin"])[:, None] * np.minimum(0.4 + 0.1 * r["weight"], 1.0)
        values = np.zeros(self.grid.shape, np.float32)
        np.maximum.at(values, (i, j, k), share[there].astype(np.float32))
        return (Channel("strands", self.grid, values),)


def branches(parents: list[int]) -> list[list[int]]:
    """A tree as paths: the stem from node 0 first, then each branch from the node that it leaves, in the
    order in which they begin. A node's first child goes on its path. parents: of each node, lower than it."""
    heir: dict[int, int] = {}
    begin = []
    for n, parent in enumerate(parents[1:], 1):
        if parent in heir:
            begin.append((parent, n))
        else:
            heir[parent] = n
    paths = []
    for path in ([0], *([parent, n] for parent, n in begin)):
        while path[-1] in heir:
            path.append(heir[path[-1]])
        paths.append(path)
    return paths
