"""Words in the grid: Arabic joined with and without FriBiDi, names that stay inside, and nothing too wide."""

import random
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from syncview.export import grid_lettering
from syncview.export.grid_lettering import draw_words, shortened, width_px
from syncview.export.grid_shaping import in_drawing_order, isolated

NAME = "بعد_الغارة_الثانية.webm"


@pytest.fixture(params=["as it is here", "without FriBiDi"])
def _way(request, monkeypatch):
    if request.param == "without FriBiDi":
        monkeypatch.setattr(grid_lettering, "pillow_shapes", lambda: False)
        grid_lettering._font.cache_clear()
    yield
    grid_lettering._font.cache_clear()


def drawn(words):
    image = Image.new("L", (600, 60), 0)
    draw_words(ImageDraw.Draw(image), (10, 40), words, 30, colour=255)
    return np.asarray(image) > 128


def strokes(picture):
    """Number of separate stretches of columns that carry ink."""
    columns = np.concatenate([[False], picture.any(axis=0), [False]])
    return int(np.diff(columns.astype(int)).clip(0).sum())


@pytest.mark.usefixtures("_way")
def test_arabic_letters_are_joined():
    joined, apart = drawn("سبب"), [drawn(letter) for letter in "سبب"]
    assert strokes(joined) == 1
    assert sum(strokes(each) for each in apart) == 3
    assert width_px("سبب", 30) < 0.8 * sum(width_px(letter, 30) for letter in "سبب")


@pytest.mark.usefixtures("_way")
def test_arabic_runs_from_right_to_left():
    picture = drawn("سس ا")  # the lone alif stands at the left
    inked = np.flatnonzero(picture.any(axis=0))
    gaps = [(a, b) for a, b in pairwise(inked) if b - a > 3]
    assert gaps
    assert gaps[0][0] - inked[0] < inked[-1] - gaps[-1][1]


@pytest.mark.usefixtures("_way")
def test_other_scripts_have_their_letters():
    for letters in ("é", "Ж", "ї", "±", "…"):
        assert not np.array_equal(drawn(letters), drawn("\U000e1234")), letters


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("cam1.mp4", "cam1.mp4"),
        ("1 2", "1 2"),
        ("אבג 12 (a).mp4", "mp4.(a) 12 גבא"),
        ("אבג (1).mp4", "mp4.(1) גבא"),
        ("VID (1) אבג.mp4", "VID (1) גבא.mp4"),
        ("אבג-2018-05-01.mp4", "mp4.2018-05-01-גבא"),
        (f"as heard at {isolated('אב 1.mp4')} now", "as heard at mp4.1 בא now"),
        ("لا", "\ufefb"),
        ("بَعد", "\ufeaa\ufecc\ufe91"),
    ],
)
def test_the_order_of_drawing(words, expected):
    assert in_drawing_order(words) == expected


def test_the_order_is_that_of_fribidi_where_it_is_there():
    ctypes = pytest.importorskip("ctypes")
    try:
        library = ctypes.CDLL("libfribidi.so.0")
    except OSError:
        pytest.skip("no FriBiDi here")
    rng = random.Random(1)
    for _ in range(2000):
        words = "".join(rng.choice("abאבגד12 _-.()[]") for _ in range(rng.randint(1, 14)))
        given = (ctypes.c_uint32 * len(words))(*map(ord, words))
        ordered = (ctypes.c_uint32 * (len(words) + 1))()
        base = ctypes.c_uint32(0x40)  # by the first strong letter
        library.fribidi_log2vis(given, len(words), ctypes.byref(base), ordered, None, None, None)
        assert in_drawing_order(words) == "".join(map(chr, ordered[: len(words)])), words


def test_names_are_shortened_in_the_middle_and_marks_stay_with_their_letters():
    name = "VID_20180501_121226_from_the_roof_of_the_bakery.mp4"
    for most_px in (60, 120, 200):
        short = shortened(name, most_px, 15)
        assert width_px(short, 15) <= most_px
        head, tail = short.split("…")
        assert name.startswith(head)
        assert name.endswith(tail)
    assert shortened(NAME, 500, 15) == NAME
    marked = "e\u0301" * 40
    assert not shortened(marked, 80, 15).split("…")[1].startswith("\u0301")
