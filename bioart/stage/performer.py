"""The performer: `play`. A window, keys and mouse, and a show that never stops for a mistake.

What can be wrong while it runs, a shader or a preset just saved, a disk that is full, is said on screen; the
last good thing stays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from bioart import clock, registry
from bioart import preset as presets
from bioart.assets import folder
from bioart.displays import Display
from bioart.errors import BioartError, WorkFailed
from bioart.gpu.window import Signal, Window
from bioart.inputs import Input, Setting
from bioart.inputs.hands import Hands
from bioart.preset import Preset
from bioart.recording import Recorder
from bioart.stage import mapping, opening
from bioart.stage.drawing import Picked, following, sized
from bioart.stage.live import Live
from bioart.stage.mapping import NEVER, Mapping, Touch
from bioart.stage.opening import Order
from bioart.stage.watch import Watch

SAID = 6.0  # s that a message stays
REPEAT, AGAIN = 0.35, 0.05  # s before a held arrow repeats, and between repeats
TURN, COARSE, SMALL = 0.02, 0.1, 0.002  # shares of a param's range for a press; with Shift; with Ctrl
GROW = 0.1  # s between looks while a world grows
KEPT = 6  # states that a rewind may go back to
DRAG = 0.04  # of the window that the mouse must be drawn to be touched

HELP = (
    ("H", "this help"),
    ("Up / Down", "pick a param; Page Up / Page Down: the next group"),
    ("Left / Right", "turn it; with Shift faster, with Ctrl finer"),
    ("N / P", "next act, previous act"),
    ("F", "freeze the world, and let it go on"),
    ("B", "fade to black, and back"),
    ("L / D", "next look, next display"),
    ("S", "save as a new preset"),
    ("M", "map: touch a key or draw with the mouse, and it moves the picked param; Delete: nothing does"),
    ("U", "undo the last live act: a turn, a cue, a jump to an act"),
    ("R", "back at least ten seconds"),
    ("T", "timing"),
    ("Tab", "panel"),
    ("F11", "full screen"),
    ("Ctrl Q", "fade out and leave"),
)
ARROWS = ("UP", "DOWN", "LEFT", "RIGHT", "PAGEUP", "PAGEDOWN")
UNBINDS = ("DELETE", "BACKSPACE")
TAKEN = frozenset((*"HNPFBLDSMURT", *ARROWS, "TAB", "F11", "ESCAPE", "Q"))  # keys that cannot be mapped


@dataclass(frozen=True)
class Play:
    """A performance as it was asked for. None: the piece's or the machine's own."""

    order: Order
    display: str | None = None
    size: tuple[int | None, int | None] = (None, None)
    record: Path | None = None
    fullscreen: bool = False
    quality: str = "live"
    say: Callable[[str], None] = field(default=lambda line: None)


class Overlay(Protocol):
    """What there is for who performs, on the picture or beside it: panel, help, timing, messages."""

    def signals(self) -> list[Signal]:
        """What hands did since the last call, but for what the overlay keeps (a slider being drawn)."""
        ...

    def draw(self, performer: Performer) -> None: ...

    def grow(self, title: str, share: float) -> None:
        """Before the first picture: what share of its age, 0–1, the world has lived."""
        ...

    def close(self) -> None: ...


class Left(Exception):
    """Who performs has left before the first picture."""


class Performer:
    """The hands and the eyes of who performs, around a show that lives."""

    def __init__(self, job: Play, window: Window, overlay: Overlay | None = None) -> None:
        self._job, self._window, self.overlay = job, window, overlay
        preset = opening.preset_of(job.order)
        seed = opening.seed_of(job.order)
        self.hands = Hands("", Setting())
        display = job.display or preset.display
        kind: type[Display] = registry.kind("display", display.partition(":")[0], "--display")
        picked = Picked(preset.look[0], display, *sized(display, job.size, window.size), job.quality)
        self._recorder = _recorder(job.record, preset, seed)
        self.written: list[Path] = []
        self._begun, self._grown = False, -GROW
        try:
            self.live = Live(
                window.ctx, preset, seed, self._inputs, picked, self._recorder,
                lived=lambda share: self._grow(preset.title, share, kind.bears_words), kept=KEPT,
            )  # fmt: skip
        except BaseException:
            if self._recorder is not None:
                self._recorder.abandon()
            raise
        self._begun = True
        self.live.refresh = window.refresh
        self._own_display = display  # the one that nobody picked while it ran
        self._pending: Preset | None = None  # another text of the piece, behind the fade that is to come
        self._rewinds = False
        self.mapping = Mapping(mapping.place(), Path(preset.path).stem)
        self._watch = self._watching(preset)
        self._arrows: dict[str, float] = {}  # held → when it repeats next
        self._with: tuple[str, ...] = ()  # modifiers that were held with them
        self._drawn: tuple[float, float] | None = None  # where the mouse was pressed
        self._leaving = False
        self._full = job.fullscreen
        self._message, self._until = "", 0.0
        self.picked = self.names[0]
        self.mapping_waits = self.help = self.timing = False
        self.panel = False

    # -- one turn of the loop ------------------------------------------------------------------------------

    def turn(self, now: float) -> bool:
        """Signals, files, one frame. False once the show has faded out and wants to be closed."""
        for signal in self._signals():
            self._signal(signal, now)
        self._repeat(now)
        self._reload(now)
        try:
            self.live.frame(now)
        except WorkFailed as fault:
            if self._recorder is None:
                raise
            self._unrecorded(fault, now)
        for source, cue in self.live.show.called():
            if source != "hands":  # which have acted already
                self._called(cue, now)
        self.live.present(self._window.framebuffer, self._window.size)
        if self.overlay is not None:
            self.overlay.draw(self)
        self._window.flip()
        return not (self._leaving and self.live.fade.dark)

    def _signals(self) -> list[Signal]:
        return self._window.poll() if self.overlay is None else self.overlay.signals()

    def _grow(self, title: str, share: float, bears_words: bool) -> None:
        """A world that nobody has seen yet lives before its first picture: the window says so and hears only
        who wants to leave. Left where somebody does and there is no picture yet to fade."""
        now = clock.now()
        if now - self._grown < GROW:
            return
        self._grown = now
        for signal in self._signals():
            if signal.kind == "close" or (signal.name == "Q" and "CTRL" in signal.held):
                if not self._begun:
                    raise Left
                self._leave()
        if self._begun:
            self._let_go()  # who let a key go while it grew was not heard
        if self.overlay is not None and bears_words:
            self.overlay.grow(title, share)

    def _unrecorded(self, fault: WorkFailed, now: float) -> None:
        """The disk failed: the show goes on, and says that it is no longer kept."""
        self._recorder = None
        self.live.show.unrecorded()
        self.say(f"{fault}; the show goes on and is no longer recorded", now)

    # -- what there is to see ------------------------------------------------------------------------------

    @property
    def preset(self) -> Preset:
        return self.live.show.preset

    @property
    def names(self) -> tuple[str, ...]:
        """Full names of all params, grouped by part, as the preset's catalogue has them."""
        return tuple(self.preset.params)

    @property
    def values(self) -> dict[str, float]:
        """Every param as it was last settled."""
        return self.live.show.values

    def message(self, now: float) -> str:
        """What there is to say now; empty where nothing is."""
        return self._message if now < self._until else ""

    def say(self, line: str, now: float) -> None:
        """A line on screen, and for whoever reads stderr."""
        self._message, self._until = line, now + SAID
        self._job.say(line)

    # -- hands ---------------------------------------------------------------------------------------------

    def set(self, param: str, to: float) -> None:
        """Turn a param, as any slider or knob does: it becomes a `control` of the next step."""
        declared = self.preset.params[param]
        self.hands.turn(param, declared.clamp(to))

    def _signal(self, signal: Signal, now: float) -> None:
        if signal.kind == "close":
            self._leave()
        elif signal.kind == "resize":
            self._resize()
        elif signal.kind == "key":
            self._key(signal, now)
        elif signal.kind in ("button", "move"):
            self._mouse(signal, now)
        elif signal.kind == "blur":  # nobody will say that what is held was let go
            self._let_go()

    def _let_go(self) -> None:
        self._arrows.clear()
        self._drawn = None

    def _key(self, signal: Signal, now: float) -> None:
        name, down = signal.name, signal.value > 0
        if name in ARROWS:
            if down:
                self._arrow(name, signal.held)
                self._arrows[name] = now + REPEAT
                self._with = signal.held
            else:
                self._arrows.pop(name, None)
            return
        if not down or name in NEVER:
            return
        if name == "Q" and "CTRL" in signal.held:
            self._leave()
            return
        if self.mapping_waits and name not in ("M", "ESCAPE"):
            if name in UNBINDS:
                self._unbind(now)
            elif name in TAKEN:
                self.say(f"{name} has a meaning of its own; touch another", now)
            else:
                self._touched(Touch(f"key:{name}", 1.0), now)
            return
        act = self._acts().get(name)
        if act is not None:
            act(now)
        else:
            self._touched(Touch(f"key:{name}", 1.0), now)

    def _acts(self) -> dict[str, Callable[[float], None]]:
        return {
            "H": lambda now: self._flip("help"),
            "T": lambda now: self._flip("timing"),
            "TAB": lambda now: self._flip("panel"),
            "N": lambda now: self.hands.call("next"),
            "P": lambda now: self.hands.call("previous"),
            "U": self._undo,
            "F": self._freeze,
            "B": self._black,
            "L": lambda now: self._next_kind("look", now),
            "D": lambda now: self._next_kind("display", now),
            "S": self._save,
            "M": self._map,
            "R": self._rewind,
            "F11": lambda now: self._fill(not self._full),
            "ESCAPE": self._escape,
        }

    def _flip(self, what: str) -> None:
        setattr(self, what, not getattr(self, what))

    def _arrow(self, name: str, held: Sequence[str]) -> None:
        names = self.names
        place = names.index(self.picked) if self.picked in names else 0
        if name in ("UP", "DOWN"):
            self.picked = names[(place + (1 if name == "DOWN" else -1)) % len(names)]
        elif name in ("PAGEUP", "PAGEDOWN"):
            groups = list(dict.fromkeys(n.split(".")[0] for n in names))
            at = groups.index(self.picked.split(".")[0]) + (1 if name == "PAGEDOWN" else -1)
            group = groups[at % len(groups)]
            self.picked = next(n for n in names if n.split(".")[0] == group)
        else:
            param = self.preset.params[self.picked]
            size = COARSE if "SHIFT" in held else SMALL if "CTRL" in held else TURN
            share = param.share(self._asked(self.picked)) + (size if name == "RIGHT" else -size)
            self.set(self.picked, param.at(share))

    def _asked(self, name: str) -> float:
        """What the hands last asked of a param, for they may be ahead of the world's glide."""
        waiting = self.hands.waiting(name)
        if waiting is not None:
            return waiting
        held = self.live.show.score.held
        if name in held:
            return held[name]
        begins = self.preset.values.get(name, self.preset.params[name].default)
        return self.values.get(name, begins)

    def _repeat(self, now: float) -> None:
        for name, due in list(self._arrows.items()):
            if now >= due:
                self._arrow(name, self._with)
                self._arrows[name] = now + AGAIN

    def _mouse(self, signal: Signal, now: float) -> None:
        if signal.kind == "button":
            self._drawn = signal.at if signal.name == "LEFT" and signal.value > 0 else None
        elif signal.name == "LEFT" and self._drawn is not None:
            across, up = signal.at[0] - self._drawn[0], signal.at[1] - self._drawn[1]
            if not self.mapping_waits:
                for axis, place in zip("xy", signal.at, strict=True):
                    self._touched(Touch(f"mouse:{axis}", min(max(place, 0.0), 1.0)), now)
            elif max(abs(across), abs(up)) >= DRAG:
                axis = "x" if abs(across) >= abs(up) else "y"
                self._touched(Touch(f"mouse:{axis}", signal.at["xy".index(axis)]), now)

    def _touched(self, touch: Touch, now: float) -> None:
        """A control was touched: bind it where a mapping waits, else let it move what it is bound to."""
        if self.mapping_waits:
            self.mapping_waits = False
            line = f"{touch.control} moves {self.picked}"
            try:
                self.mapping.bind(touch.control, self.picked)
            except WorkFailed as fault:
                line = str(fault)
            self.say(line, now)
            return
        name = self.mapping.of(touch.control)
        if name is None or name not in self.preset.params:
            return
        moved = self.mapping.move(touch, self.preset.params, {name: self._asked(name)})
        if moved is not None:
            self.set(*moved)

    # -- acts ----------------------------------------------------------------------------------------------

    def _undo(self, now: float) -> None:
        if self.hands.undoable or self.live.show.score.undoable:
            self.hands.call("undo")
        else:
            self.say("there is nothing to undo", now)

    def _freeze(self, now: float) -> None:
        self._stand(not self.live.pace.frozen, now)
        self.hands.call("freeze" if self.live.pace.frozen else "go on")

    def _stand(self, frozen: bool, now: float) -> None:
        self.live.pace.frozen = frozen
        self.say("frozen" if frozen else "the world goes on", now)

    def _black(self, now: float) -> None:
        """Black at once on this stage, and in the show itself from the next step on."""
        if self._leaving:
            return
        waits = self.hands.called("black", "light")
        dark = waits == "black" if waits else not self.live.lit or self.live.show.score.black
        self.live.lit = dark
        if dark:
            self.live.bare()
        self.hands.call("light" if dark else "black")

    def _called(self, cue: str, now: float) -> None:
        """What another input asks of the stage. Its black and light are the score's alone."""
        what, _, kind = cue.partition(" ")
        if cue in ("freeze", "go on"):
            self._stand(cue == "freeze", now)
        elif what == "look" and kind != self.live.picked.look:
            self._draw_with(replace(self.live.picked, look=kind), cue, now)
        elif what == "display" and kind != self.live.picked.display.partition(":")[0]:
            self._behind(lambda: self._draw_with(self._on(kind), cue, clock.now()))

    def _map(self, now: float) -> None:
        self.mapping_waits = not self.mapping_waits
        if self.mapping_waits:
            self.say(
                f"touch a key, or draw with the mouse: it will move {self.picked}; Delete: nothing will", now
            )
        else:
            self.say("nothing was mapped", now)

    def _unbind(self, now: float) -> None:
        self.mapping_waits = False
        try:
            gone = self.mapping.unbind(self.picked)
        except WorkFailed as fault:
            self.say(str(fault), now)
            return
        told = f"no longer by {', '.join(gone)}" if gone else "by no key and no mouse before either"
        self.say(f"{self.picked} is moved {told}", now)

    def _escape(self, now: float) -> None:
        if self.mapping_waits:
            self._map(now)
        elif self.help:
            self.help = False
        elif self._full:
            self._fill(False)

    def _fill(self, on: bool) -> None:
        self._full = on
        self._window.fill(on)
        self.live.refresh = self._window.refresh  # another screen may be another rhythm

    def _rewind(self, now: float) -> None:
        if self._rewinds:
            return
        if self.live.lacks > 0.0:
            self.say(
                f"there is nothing ten seconds old to go back to; {self.live.lacks:.0f} s of show to go", now
            )
            return
        self._rewinds = True

        def back() -> None:
            self._rewinds = False
            black = self.live.show.score.black
            if not self.live.rewind():
                self.say("there is nothing ten seconds old to go back to", clock.now())
            self._as_black(black)

        self._behind(back)

    def _as_black(self, black: bool) -> None:
        """A show that was taken back, or is another now, is as black as the one before it was."""
        if self.live.show.score.black != black and self.hands.called("black", "light") is None:
            self.hands.call("black" if black else "light")

    def _behind(self, act: Callable[[], object]) -> None:
        """Do something behind a fade. What goes wrong with it is said, and the show goes on."""

        def safe() -> None:
            try:
                act()
            except BioartError as fault:
                if self._recorder is not None and self._recorder.lost:
                    raise  # the frame's own fault, told there
                self.say(str(fault), clock.now())

        self.live.behind_dark(safe)

    def _next_kind(self, family: str, now: float) -> None:
        """The one after that which is then drawn with: what is asked twice moves two on."""

        def go() -> None:
            picked = following(self.live.picked, family, self._job.size, self._window.size)
            kind = picked.look if family == "look" else picked.display
            if self._draw_with(picked, f"{family} {kind}", now if family == "look" else clock.now()):
                self.hands.call(f"{family} {kind}")

        if family == "look":
            go()
        else:
            self._behind(go)

    def _on(self, display: str) -> Picked:
        """What is drawn now, on another display at its size."""
        width, height = sized(display, self._job.size, self._window.size)
        return replace(self.live.picked, display=display, width=width, height=height)

    def _draw_with(self, picked: Picked, line: str, now: float) -> bool:
        """Whether it could be; where not, what there is stays and the reason is said."""
        try:
            self.live.draw_with(picked)
        except BioartError as fault:
            self.say(str(fault), now)
            return False
        self.say(line, now)
        return True

    def _resize(self) -> None:
        """A window of another size is drawn to its size, unless one was asked for."""
        picked = self.live.picked
        size = sized(picked.display, self._job.size, self._window.size)
        if size != (picked.width, picked.height):
            self._draw_with(
                replace(picked, width=size[0], height=size[1]), f"{size[0]}×{size[1]}", clock.now()
            )

    def _leave(self) -> None:
        self._leaving = True
        self.live.lit = False

    # -- keeping and reading anew --------------------------------------------------------------------------

    def _save(self, now: float) -> None:
        """What the hands hold now, as a preset of its own beside the piece, or here where that cannot be."""
        held = self.live.show.score.held | self.hands.turned()
        picked = self.live.picked
        display = self.preset.display if picked.display == self._own_display else picked.display
        source = Path(self.preset.path)
        place = source.parent if source.parent != folder("presets") else Path.cwd()
        path = _free(place, source.stem)
        try:
            turned = presets.with_values(self.preset, held)
            presets.save(presets.drawn_with(turned, picked.look, display), path)
            self.say(f"saved {path}, with {len(held)} params as you have turned them", now)
        except BioartError as fault:
            self.say(str(fault), now)

    def _watching(self, preset: Preset) -> Watch:
        return Watch([Path(preset.path)], [(folder("shaders"), (".frag", ".vert", ".glsl"))])

    def _reload(self, now: float) -> None:
        changed = self._watch.changed(now)
        if any(path.suffix in (".frag", ".vert", ".glsl") for path in changed):
            self._draw_with(self.live.picked, "shaders read anew", now)
        if any(path.suffix in (".yaml", ".yml") for path in changed):
            try:
                self._reread(presets.load(self.preset.path), now)
            except BioartError as fault:
                self.say(f"{fault}; the piece goes on as it was", now)

    def _reread(self, preset: Preset, now: float) -> None:
        """Another text of the piece: at once where its world is the same, behind a fade where it is not."""
        preset = presets.with_values(preset, self._job.order.settings)
        name = Path(preset.path).name
        waited, self._pending = self._pending, None  # the newest text is the only one
        if preset.text == self.preset.text:
            if waited is not None:
                self.say(f"{name} is as it was; the piece goes on", now)
            return
        if self._same_world(preset) and self._display_of(preset) is None:
            self._change(preset)
            return
        self._pending = preset
        what = "another display comes" if self._same_world(preset) else "another world grows"
        self.say(f"{name}: {what}; wait", now)

        def change() -> None:
            pending, self._pending = self._pending, None
            if pending is not None:
                self._change(pending)

        self._behind(change)

    def _same_world(self, preset: Preset) -> bool:
        now = self.preset
        return preset.world == now.world and preset.community.zones == now.community.zones

    def _display_of(self, preset: Preset) -> str | None:
        """The display that another text of the piece asks for where this one did not; None: as it is."""
        other = preset.display if self._job.display is None else self._own_display
        return None if other == self._own_display else other

    def _change(self, preset: Preset) -> None:
        """Go over to another text of the piece. BioartError where that cannot be: all is as it was."""
        drawn = before = self.live.picked
        if preset.look[0] != self.preset.look[0]:
            drawn = replace(drawn, look=preset.look[0])
        display = self._display_of(preset)
        if display is not None:
            drawn = replace(self._on(display), look=drawn.look)
        seed, black = self.live.show.seed, self.live.show.score.black
        made: list[Recorder | None] = []

        def recorder() -> Recorder | None:
            path = None if self._recorder is None else _next_of(self._recorder.path)
            made.append(_recorder(path, preset, seed))
            return made[0]

        if drawn != before:
            self.live.draw_with(drawn)
        try:
            if self._same_world(preset):
                done = self.live.adopt(preset, recorder)
            else:
                done = self.live.open(preset, seed, recorder)
        except BaseException:
            if drawn != before:
                self.live.draw_with(before)
            raise
        self._recorder = made[0]
        self._own_display = display or self._own_display
        self.hands.keep(Setting.of(preset, seed).vocabulary())
        self._as_black(black)
        if self.picked not in self.names:
            self.picked = self.names[0]
        self.say(f"{Path(preset.path).name} read anew", clock.now())
        if done is not None:
            try:
                done.close()
                self.written.append(done.path)
            except WorkFailed as fault:
                self.say(str(fault), clock.now())

    def _inputs(self, preset: Preset, seed: int) -> list[Input]:
        return [*opening.inputs_of(self._job.order, preset, seed), self.hands]

    def close(self) -> list[Path]:
        """End the show and its recording; what was written."""
        self.live.close()
        if self._recorder is not None:
            self._recorder.close()
            self.written.append(self._recorder.path)
        if self.overlay is not None:
            self.overlay.close()
        return self.written

    def abandon(self) -> None:
        """A fault ended it: what was recorded so far is kept and can be opened."""
        if self._recorder is not None:
            self._recorder.close()
            self._job.say(f"kept {self._recorder.path}")


def play(job: Play) -> list[Path]:
    """Perform until the window is left. The files written. BioartError and WorkFailed as they come."""
    preset = opening.preset_of(job.order)  # a wrong call is told before a window opens
    width, height = (job.size[0] or 1280, job.size[1] or 720)
    window = Window(preset.title, width, height, job.fullscreen)
    overlay = _overlay(window, job)
    try:
        try:
            performer = Performer(job, window, overlay)
        except Left:
            if overlay is not None:
                overlay.close()
            return []
        try:
            while performer.turn(clock.now()):
                pass
        except BaseException:
            performer.abandon()
            raise
        return performer.close()
    finally:
        window.close()


def _overlay(window: Window, job: Play) -> Overlay | None:
    try:
        from bioart.stage.desk import Desk
    except ImportError:
        job.say("no panel: `pip install bioart[play]` brings it; keys work without")
        return None
    return Desk(window)


def _recorder(path: Path | None, preset: Preset, seed: int) -> Recorder | None:
    if path is None:
        return None
    return Recorder(path, opening.meta_of(preset, seed), keep=True)


def _next_of(path: Path) -> Path:
    """The file after this one: `a.bioart`, `a-2.bioart`, `a-3.bioart`."""
    stem, _, number = path.stem.rpartition("-")
    if stem and number.isdigit():
        return _free(path.parent, stem, path.suffix, int(number) + 1)
    return _free(path.parent, path.stem, path.suffix)


def _free(place: Path, stem: str, ending: str = ".yaml", first: int = 2) -> Path:
    number = first
    while (place / f"{stem}-{number}{ending}").exists() or (place / f"{stem}-{number}{ending}.part").exists():
        number += 1
    return place / f"{stem}-{number}{ending}"
