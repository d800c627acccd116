"""Words can be read: drawn over a busy picture of 1280×720 and read back by tesseract, others' eye.

Tesseract is given what a reader's eye finds by itself: each row's place, three times enlarged, and what is
ink there, by one measure for the whole row or, as an eye does over a lit ground, by what is around a letter
(Sauvola's threshold). It is to say the words letter by letter: narration without any fault, others with one
wrong letter in eight at most, as it takes a mote or a twig between two letters for a stroke. What it takes
for a hyphen or an apostrophe between words does not count. Accents are told apart by `test_shaping`.
"""

from __future__ import annotations

import io
import math
import shutil
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

sys.path.insert(0, str(Path(__file__).parent))
from scenes import whole

from bioart.camera import Camera, looking
from bioart.develop import Develop
from bioart.forms import Curves, Forms, Points, Text
from bioart.gpu import typesetting
from bioart.gpu.screen import Screen
from bioart.gpu.upload import Scene
from bioart.gpu.view import View
from bioart.param import defaults_of
from bioart.registry import kind, names
from bioart.score import narration
from bioart.take import Moment

WIDE, HIGH = 1280, 720
LOOKS = tuple(name for name in names("look") if name != "plain")  # which says that it draws no text
CAMERA = looking((0.0, 1.0, 0.0), 0.4, 0.15, 6.4, 0.5, WIDE / HIGH)
FAULTS = 1 / 8  # of letters, for words that are not narration and stand over whatever there is


@pytest.fixture(scope="module")
def draw(ctx: Any) -> Iterator[Any]:
    """Forms as a picture of 8-bit sRGB, (720, 1280, 3), top row first."""
    scene, view, develop, screen = Scene(ctx), View(ctx, WIDE, HIGH), Develop(ctx), Screen(ctx)
    looks: dict[str, Any] = {}

    def light(forms: Forms, camera: Camera, look: str, **over: float) -> np.ndarray:
        if look not in looks:
            looks[look] = kind("look", look)(ctx, "draft")
        p = {**defaults_of(type(looks[look])), **over}
        scene.upload(forms)
        looks[look].prepare(scene, p, 1.0)
        looks[look].draw(scene, camera, view, p, 1.0)
        return np.frombuffer(view.radiance.read(), np.float16).reshape(HIGH, WIDE, 4).astype(np.float32)

    def picture(forms: Forms, camera: Camera, look: str, exposure: float = 1.0, **over: float) -> np.ndarray:
        light(forms, camera, look, **over)
        return screen.read(develop.view(view.radiance, defaults_of(Develop), exposure))

    picture.light = light  # type: ignore[attr-defined]
    yield picture
    for held in (*looks.values(), screen, develop, view, scene):
        held.close()


def narrated(say: str, view: Camera) -> Text:
    half = view.half_height
    at = tuple(c - u * half * narration.LOWEST for c, u in zip(view.target, view.up, strict=True))
    return Text(-1, say, at, half * narration.CAPITAL, narration.TINT, 1.0, beside=(0.0, 0.0))  # type: ignore[arg-type]


OTSU, SAUVOLA = 0, 2  # tesseract's names of its thresholds


def read(
    picture: np.ndarray, row: typesetting.Row, camera: Camera, language: str = "eng", threshold: int = OTSU
) -> str:
    """What tesseract reads in the rectangle that holds a row, its letters upright in it."""
    wide = 0.5 * typesetting.measured(row.words, row.base) * row.height + 0.5 * row.height
    corners = []
    for x, y in ((-wide, 1.25), (-wide, -1.15), (wide, -1.15), (wide, 1.25)):
        at = np.array(row.middle) + np.array(row.across) * x + np.array(row.above) * y * row.height
        clip = camera.projection() @ camera.view() @ np.array([*at, 1.0])
        corners.append(((clip[0] / clip[3] * 0.5 + 0.5) * WIDE, (0.5 - 0.5 * clip[1] / clip[3]) * HIGH))
    (x0, y0), (_, y1), (x2, _), _ = corners
    size = (round(3 * (x2 - x0)), round(3 * (y1 - y0)))
    quad = tuple(v for corner in corners for v in corner)
    cut = Image.fromarray(picture).transform(size, Image.Transform.QUAD, quad, Image.Resampling.BICUBIC)
    file = io.BytesIO()
    Image.eval(cut.convert("L"), lambda v: 255 - v).save(file, "png")
    call = ["tesseract", "stdin", "stdout", "--psm", "7", "--dpi", "200", "-l", language]
    call += ["-c", f"thresholding_method={threshold}"]
    said = subprocess.run(call, input=file.getvalue(), capture_output=True, check=True)
    return " ".join(said.stdout.decode().split()).replace("’", "'").replace("‘", "'")


def plain(words: str) -> str:
    """Letters and digits, without accents, in one spelling and case (an s is a small S)."""
    return "".join(c for c in unicodedata.normalize("NFKD", words).casefold() if c.isalnum())


def faults(said: str, wanted: str) -> float:
    """Letters to be changed, put in or taken out, as a share of those wanted (Levenshtein)."""
    last = list(range(len(said) + 1))
    for i, w in enumerate(wanted, 1):
        row = [i]
        for j, s in enumerate(said, 1):
            row.append(min(last[j] + 1, row[-1] + 1, last[j - 1] + (s != w)))
        last = row
    return last[-1] / max(len(wanted), 1)


def check(
    picture: np.ndarray, texts: tuple[Text, ...], camera: Camera, tell: Any, language: str = "eng"
) -> None:
    for row in typesetting.compose(texts, camera):
        read_as = {faults(plain(said), plain(row.words)): said for said in (
            read(picture, row, camera, language, threshold) for threshold in (SAUVOLA, OTSU)
        )}  # fmt: skip
        wrong, said = min(read_as.items())
        tell(f"{row.words!r} read as {said!r}: {100 * wrong:.0f} % wrong")
        told = row.height / camera.half_height == pytest.approx(narration.CAPITAL) and row.front
        assert wrong <= (0.0 if told else FAULTS), f"{row.words!r} was read as {said!r}"


needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="no tesseract here; `make test` brings it"
)


def busy() -> Forms:
    """A body, smog, threads about it and three hundred motes before, behind and between the words; the moment
    is one between two flashes of lightning."""
    rng = np.random.default_rng(5)
    forms, n, m = whole(), 300, 30
    calm = tuple(c for c in forms.volume.channels if c.name != "flash")
    forms = replace(forms, volume=replace(forms.volume, channels=calm))
    motes = Points(
        "spores",
        rng.uniform((-2.2, 0.0, -1.5), (2.2, 2.2, 1.5), (n, 3)).astype(np.float32),
        rng.uniform(0.003, 0.012, n).astype(np.float32),
        rng.uniform(0.3, 1.0, (n, 3)).astype(np.float32),
        rng.uniform(2.0, 12.0, n).astype(np.float32),
        np.arange(n),
    )
    along = np.linspace(-1, 1, 9)
    turn = rng.uniform(0, np.pi, (m, 1))
    paths = np.stack(
        [
            np.cos(turn) * along * 0.7,
            rng.uniform(0.4, 1.6, (m, 1)) + 0.3 * along**2,
            np.sin(turn) * along * 0.7,
        ],
        2,
    )
    threads = Curves(
        "threads",
        paths.reshape(-1, 3).astype(np.float32),
        np.arange(m + 1) * 9,
        np.full(9 * m, 0.004, np.float32),
        rng.uniform(0.2, 1.0, (m, 3)).astype(np.float32),
        np.full(9 * m, 0.6, np.float32),
        np.arange(m),
    )
    return replace(forms, points=(motes,), curves=(threads,))


def scene_words(camera: Camera, tall: float) -> tuple[Text, ...]:
    return (
        Text(2, "my grandmother's window", camera.target, tall, (1.0, 0.75, 0.3), 0.9, beside=(0.75, 0.3)),
        Text(4, "breathe, all of us", camera.target, tall, (0.35, 0.7, 1.0), 0.9, beside=(-0.75, -0.1)),
        narrated("Every window in the city is one of its lungs.", camera),
    )


@needs_tesseract
@pytest.mark.parametrize("turn", [0, 30])
@pytest.mark.parametrize("look", LOOKS)
def test_words_are_read_from_the_front_and_from_the_side(draw: Any, tell: Any, look: str, turn: int) -> None:
    """Narration and the community's words face whoever looks; a sign with a facing of its own is read from 30
    degrees beside it."""
    sign = Text(
        9, "A garden that breathes", (0.0, 1.95, 0.9), 0.11, (1.0, 0.95, 0.85), 1.0, facing=(0.0, 0.0, 1.0)
    )
    camera = looking(CAMERA.target, math.radians(turn), 0.05, CAMERA.distance, CAMERA.fov, CAMERA.aspect)
    texts = (*scene_words(camera, 0.055), sign)
    picture = draw(replace(busy(), texts=texts), camera, look)
    check(picture, texts, camera, tell)


@needs_tesseract
@pytest.mark.parametrize(
    ("language", "say"),
    [("ell", "Η πόλη αναπνέει μαζί μας"), ("ara", "المدينة تتنفس معنا")],
    ids=["Greek", "Arabic"],
)
def test_other_scripts_are_read_too(draw: Any, tell: Any, language: str, say: str) -> None:
    known = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True)
    if language not in known.stdout.split():
        pytest.skip(f"no tesseract-ocr-{language} here; `make test` brings it")
    texts = (narrated(say, CAMERA),)
    forms = replace(busy(), points=(), texts=texts)  # a mote above an Arabic letter is another letter
    check(draw(forms, CAMERA, "specimen"), texts, CAMERA, tell, language)


@needs_tesseract
@pytest.mark.parametrize("capital", [14, 10, 8])
def test_small_words_are_read(draw: Any, tell: Any, capital: int) -> None:
    """Capitals of so many px, as a far screen or a quilt's view has them."""
    pixel = 2 * CAMERA.half_height / HIGH
    at = (0.0, 1.0, 0.0)
    text = Text(1, "A garden that breathes with us", at, capital * pixel, (1.0, 0.95, 0.86), 1.0)
    picture = draw(Forms(texts=(text,)), CAMERA, "specimen")
    check(picture, (text,), CAMERA, tell)


@pytest.mark.parametrize("capital", [8, 20])
def test_a_letter_s_light_holds_as_it_drifts_and_as_it_shrinks(draw: Any, tell: Any, capital: int) -> None:
    """Over eight shifts within a pixel the light of all its pixels together changes by 2.5 % at most; and for
    its size a small letter has as much light as one of 60 px, or a fifth more, as thin strokes want it."""
    pixel = 2 * CAMERA.half_height / HIGH

    def light(word: str, tall: float, dx: float, dy: float) -> float:
        right, up = np.array(CAMERA.right), np.array(CAMERA.up)
        at = np.array(CAMERA.target) + pixel * (right * dx + up * dy)
        text = Text(1, word, tuple(at), tall * pixel, (1.0, 1.0, 1.0), 1.0)  # type: ignore[arg-type]
        seen = draw.light(Forms(texts=(text,)), CAMERA, "specimen", haze=0.0, reflection=0.0, smog=0.0)
        return float(seen[..., 1].sum()) / tall**2

    for word in "le":
        lights = [light(word, capital, k / 8, (3 * k % 8) / 8) for k in range(8)]
        spread = (max(lights) - min(lights)) / np.mean(lights)
        large = light(word, 60, 0.0, 0.0)
        weight = np.mean(lights) / large
        tell(f"{word!r} of {capital} px: {100 * spread:.1f} % over shifts, {weight:.3f} of a large one's")
        assert spread < 0.025
        assert 0.97 < weight < 1.25


def test_words_that_fade_leave_nothing_behind(draw: Any) -> None:
    """As their light goes so does the shade behind them: over a bright body none of it is seen at the end."""
    bare = draw.light(whole(), CAMERA, "specimen")
    last = np.inf
    for glow in (0.5, 0.1, 0.02, 0.002):
        text = Text(1, "breathe", (0.0, 0.9, 0.0), 0.2, (1.0, 0.95, 0.86), glow, beside=(0.0, 0.0))
        change = float(np.abs(draw.light(whole() + Forms(texts=(text,)), CAMERA, "specimen") - bare).mean())
        assert change < last
        last = change
    text = Text(1, "breathe", (0.0, 0.9, 0.0), 0.2, (1.0, 0.95, 0.86), 0.5, beside=(0.0, 0.0))
    first = float(np.abs(draw.light(whole() + Forms(texts=(text,)), CAMERA, "specimen") - bare).mean())
    assert last < 0.02 * first


def test_an_edge_is_a_pixel_wide(draw: Any, tell: Any) -> None:
    """A stem of narration goes from a tenth to nine tenths of its light, read between pixels, within the
    1.6 px that a perfect edge takes where it halves a pixel."""
    pixel, capital = 2 * CAMERA.half_height / HIGH, narration.CAPITAL * HIGH / 2
    widest = 0.0
    for k in range(4):
        at = np.array(CAMERA.target) + pixel * k / 4 * np.array(CAMERA.right)
        text = Text(1, "I", tuple(at), capital * pixel, (1.0, 1.0, 1.0), 1.0)  # type: ignore[arg-type]
        seen = draw.light(Forms(texts=(text,)), CAMERA, "specimen", haze=0.0, reflection=0.0, smog=0.0)
        stem = seen[HIGH // 2, WIDE // 2 - 12 : WIDE // 2 + 12, 1]
        middle = int(stem.argmax())
        outside = stem[: middle - 3].max()
        rising = np.maximum.accumulate(np.clip((stem[: middle + 1] - outside) / (stem.max() - outside), 0, 1))
        places = np.interp([0.1, 0.9], *np.unique(rising, return_index=True))
        widest = max(widest, float(places[1] - places[0]))
    tell(f"edge of a stem: {widest:.2f} px")
    assert widest < 1.62


@pytest.fixture(scope="module")
def grown() -> tuple[Forms, Moment]:
    """What is to be seen of `neo-lumen` after four seconds."""
    from bioart import preset as presets
    from bioart.show import Show

    show = Show(presets.load("neo-lumen"), 7)
    try:
        return show.at(Fraction(4))
    finally:
        show.close()


@pytest.mark.prove
@needs_tesseract
@pytest.mark.parametrize("look", LOOKS)
def test_words_are_read_in_the_piece_itself(
    draw: Any, tell: Any, look: str, grown: tuple[Forms, Moment]
) -> None:
    """`neo-lumen`, its body grown, its air full of motes: from its camera and from 30 degrees beside."""
    forms, moment = grown
    front = moment.camera.shaped(WIDE / HIGH)
    yaw = math.atan2(-front.forward[0], -front.forward[2])
    own = {n.removeprefix("look."): v for n, v in moment.values.items() if n.startswith("look.")}
    for turn in (0.0, math.radians(30)):
        pitch = math.asin(-front.forward[1])
        camera = looking(front.target, yaw + turn, pitch, front.distance, front.fov, front.aspect)
        out = np.array([math.sin(yaw), 0.0, math.cos(yaw)])
        place = np.array(front.target) + 2.0 * out + (0.0, -0.3 * front.half_height, 0.0)
        sign = Text(9, "A garden that breathes", tuple(place), 0.26, (1, 0.95, 0.85), 1.0, facing=tuple(out))  # type: ignore[arg-type]
        said = scene_words(camera, 0.0295 * 6.0)
        said = (*(replace(t, beside=(2.4 * t.beside[0], t.beside[1])) for t in said if t.beside), sign)  # type: ignore[misc]
        picture = draw(
            replace(forms, texts=said), camera, look, moment.exposure, **(own if look == "specimen" else {})
        )
        check(picture, said, camera, tell)
