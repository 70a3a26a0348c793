"""Drawing the grid: pictures in their tiles, words under them, the margins with times and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

from syncview.export.grid import State
from syncview.export.grid_layout import Rect
from syncview.export.grid_lettering import draw_words, shortened, width_px
from syncview.export.grid_marks import (
    BACK,
    DIM,
    LIT_S,
    ORANGE,
    PAD_PX,
    SURROUND,
    WORDS,
    draw_event,
    draw_lamps,
    hatch,
    is_lit,
    lit_spans_s,
    mark_colour,
)
from syncview.export.grid_words import STATE_WORDS, event_words, lit_words, place_words, utc_words, when_words
from syncview.media.grid_pictures import ShownPicture
from syncview.timeline.words import clock_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from syncview.export.grid import GridPlan, TilePlan
    from syncview.export.grid_layout import Layout, TileRects

__all__ = ["GridPainter", "painter"]

_NOW_PX = 190  # 100:00:00.000 fits
_EXACT_S = 0.0005  # group time itself has no error bar; it is written to the millisecond


def painter(plan: GridPlan, layout: Layout) -> GridPainter:
    """Make a painter, in the process that paints."""
    return GridPainter(plan, layout)


class GridPainter:
    """Draws one output frame after the other; what has not changed is not drawn again.

    Parameters
    ----------
    plan : GridPlan
        What is shown when.
    layout : Layout
        And where, with one tile for each of the plan's.
    """

    def __init__(self, plan: GridPlan, layout: Layout) -> None:
        self._plan, self._layout = plan, layout
        self._canvas = np.full((layout.height_px, layout.width_px, 3), BACK, dtype=np.uint8)
        self._drawn: dict[object, object] = {}
        self._lamps = [
            {kind: lit_spans_s([(m.at_s, m.at_s) for m in tile.marks if m.kind == kind]) for kind in ("hears", "sees")}
            for tile in plan.tiles
        ]
        self._event_lamp = lit_spans_s([(event.time_s, event.end_s) for event in plan.events])
        if plan.message is not None:
            self._say_message(plan.message)

    def paint(self, number: int, shown: Sequence[ShownPicture | None]) -> NDArray[np.uint8]:
        """Draw output frame `number`.

        Parameters
        ----------
        number : int
            From 0.
        shown : sequence of ShownPicture or None
            What each tile's file gave.

        Returns
        -------
        ndarray of uint8, shape (height, width, 3)
            Drawn over at the next call.
        """
        time_s = self._plan.time_s(number)
        self._draw_top(time_s)
        for place, (tile, rects) in enumerate(zip(self._plan.tiles, self._layout.tiles, strict=True)):
            self._draw_picture(place, tile, rects.picture, number, shown[place])
            self._draw_caption(place, tile, rects, number, shown[place])
        self._draw_bottom(time_s)
        return self._canvas

    def _cell(self, key: object, rect: Rect, content: object, draw: Callable[[ImageDraw.ImageDraw], None]) -> None:
        """Draw a rectangle, unless its content is what it was."""
        if key in self._drawn and self._drawn[key] == content:
            return
        self._drawn[key] = content
        image = Image.new("RGB", (rect.width, rect.height), BACK)
        draw(ImageDraw.Draw(image))
        self._canvas[rect.top : rect.top + rect.height, rect.left : rect.left + rect.width] = np.asarray(image)

    def _say_message(self, message: str) -> None:
        rect = self._layout.top
        image = Image.fromarray(self._canvas)
        middle = (self._layout.width_px / 2, (rect.height + self._layout.bottom.top) / 2)
        draw_words(ImageDraw.Draw(image), middle, message, 18, colour=WORDS, anchor="mm")
        self._canvas[:] = np.asarray(image)

    def _draw_top(self, time_s: float) -> None:
        plan, rect = self._plan, self._layout.top
        if plan.message is not None:
            return
        now = clock_text(time_s, _EXACT_S)
        utc = utc_words(plan, time_s)
        before = [event for event in plan.events if event.time_s <= time_s]
        after = [event for event in plan.events if event.time_s > time_s]
        near = [event_words("last", before[-1], time_s)] if before else []
        near += [event_words("next", after[0], time_s)] if after else []
        near = near or [("no event was found here; that does not show that there was none",)]

        def draw_now(drawing: ImageDraw.ImageDraw) -> None:
            draw_words(drawing, (PAD_PX, 28), now, 26, colour=WORDS, bold=True, running=True)

        def draw_title(drawing: ImageDraw.ImageDraw) -> None:
            right = rect.width - _NOW_PX - PAD_PX - self._draw_stamp(drawing, rect.width - _NOW_PX - PAD_PX)
            title = shortened(f"group time, {plan.title}" if plan.title else "group time", right - 12, 13)
            draw_words(drawing, (0, 28), title, 13, colour=DIM)

        def draw_utc(drawing: ImageDraw.ImageDraw) -> None:
            draw_words(drawing, (PAD_PX, 13), utc, 14, colour=WORDS, running=True)

        def draw_near(drawing: ImageDraw.ImageDraw) -> None:
            room = rect.width / len(near) - 2 * PAD_PX
            for place, variants in enumerate(near):
                left = PAD_PX + place * rect.width / 2
                draw_words(drawing, (left, 14), _fitting(variants, room, 13), 13, colour=DIM)

        self._cell("now", _part(rect, 0, 0, _NOW_PX, 36), now, draw_now)
        self._cell("title", _part(rect, _NOW_PX, 0, rect.width - _NOW_PX, 36), None, draw_title)
        self._cell("utc", _part(rect, 0, 36, rect.width, 20), utc, draw_utc)
        self._cell("near", _part(rect, 0, 56, rect.width, 20), near, draw_near)

    def _draw_stamp(self, drawing: ImageDraw.ImageDraw, right: float) -> float:
        """Draw what nobody may overlook; gives its width."""
        if not self._plan.unreviewed:
            return 0.0
        words = "UNREVIEWED"
        wide = width_px(words, 14, bold=True) + 16
        drawing.rectangle((right - wide, 10, right, 32), outline=ORANGE, width=2)
        draw_words(drawing, (right - wide / 2, 26), words, 14, colour=ORANGE, bold=True, anchor="ms")
        return wide

    def _draw_picture(self, place: int, tile: TilePlan, rect: Rect, number: int, shown: ShownPicture | None) -> None:
        state = State(int(tile.state[number]))
        if state is State.PICTURE and shown is not None:
            self._put_picture(place, rect, shown)
            return
        words = STATE_WORDS[state]
        more = when_words(tile, state, self._plan.time_s(number))

        def draw(drawing: ImageDraw.ImageDraw) -> None:
            hatch(drawing, rect)
            size = 20 if rect.width >= 480 else 14 if rect.width >= 300 else 11
            middle = rect.width / 2
            for line, text in enumerate(part for part in (words, more) if part):
                small = size - 4 * (line > 0)
                fitting = shortened(text, rect.width - 2 * PAD_PX, small, bold=line == 0)
                at = (middle, rect.height / 2 + line * (size + 6))
                draw_words(drawing, at, fitting, small, colour=DIM if line else WORDS, bold=line == 0, anchor="ms")

        self._cell(("picture", place), rect, (words, more), draw)

    def _put_picture(self, place: int, rect: Rect, shown: ShownPicture) -> None:
        before = self._drawn.get(("picture", place))
        if before is shown:
            return
        self._drawn["picture", place] = shown
        box = self._canvas[rect.top : rect.top + rect.height, rect.left : rect.left + rect.width]
        high, wide = shown.pixels.shape[:2]
        if (high, wide) != box.shape[:2] and not _has_shape(before, shown.pixels.shape):
            box[:] = SURROUND
        top, left = (rect.height - high) // 2, (rect.width - wide) // 2
        box[top : top + high, left : left + wide] = shown.pixels

    def _draw_caption(
        self, place: int, tile: TilePlan, rects: TileRects, number: int, shown: ShownPicture | None
    ) -> None:
        time_s, rect, size = self._plan.time_s(number), rects.caption, self._layout.font_px
        marks = [mark for mark in tile.marks if mark.at_s <= time_s < mark.at_s + LIT_S]
        lamps = {kind: is_lit(spans, time_s) for kind, spans in self._lamps[place].items()}
        where = place_words(tile, number, shown)
        half = rect.height // 2

        def draw_name(drawing: ImageDraw.ImageDraw) -> None:
            lamp_px, line = size - 3, size + 2
            draw_lamps(drawing, line - lamp_px + 1, lamp_px, lamps)
            left = PAD_PX + 2 * (lamp_px + 5)
            right = "; ".join(f"{mark.kind} {mark.what}" for mark in marks) or tile.generation or ""
            right = shortened(right, rect.width / 2 - PAD_PX, size - 1)
            colour = mark_colour(marks) if marks else DIM
            draw_words(drawing, (rect.width - PAD_PX, line), right, size - 1, colour=colour, anchor="rs")
            room = rect.width - PAD_PX - left - (width_px(right, size - 1) + 10 if right else 0)
            name = shortened(tile.name, room, size, bold=True)
            draw_words(drawing, (left, line), name, size, colour=WORDS, bold=True)
            used = width_px(name, size, bold=True) + 8
            if used + width_px(tile.recording_id, size - 2) <= room:
                draw_words(drawing, (left + used, line), tile.recording_id, size - 2, colour=DIM)

        def draw_where(drawing: ImageDraw.ImageDraw) -> None:
            line = size + 1
            draw_words(drawing, (PAD_PX, line), where, size - 1, colour=WORDS, running=True)
            room = rect.width - 2 * PAD_PX - width_px(where, size - 1, running=True) - 10
            clock = tile.clock if width_px(tile.clock, size - 1) <= room else tile.clock.partition(" by ")[0]
            draw_words(drawing, (rect.width - PAD_PX, line), clock, size - 1, colour=DIM, anchor="rs")

        name_rect, where_rect = _part(rect, 0, 0, rect.width, half), _part(rect, 0, half, rect.width, half)
        self._cell(("name", place), name_rect, (marks, lamps), draw_name)
        self._cell(("where", place), where_rect, where, draw_where)

    def _draw_bottom(self, time_s: float) -> None:
        plan, rect = self._plan, self._layout.bottom
        if plan.message is not None:
            return
        start_s, end_s = float(plan.start_s), plan.time_s(plan.frame_count)
        ends = clock_text(start_s, 1.0), clock_text(end_s, 1.0)
        left, right = (PAD_PX + 10 + width_px(ends[0], 12), rect.width - PAD_PX - 10 - width_px(ends[1], 12))

        def x_of(moment_s: float) -> float:
            return left + (right - left) * (moment_s - start_s) / (end_s - start_s)

        lit = [event for event in plan.events if event.time_s <= time_s < max(event.end_s, event.time_s + LIT_S)]
        lamp = is_lit(self._event_lamp, time_s)
        at = round(x_of(time_s))

        def draw(drawing: ImageDraw.ImageDraw) -> None:
            draw_words(drawing, (PAD_PX, 22), ends[0], 12, colour=DIM)
            draw_words(drawing, (rect.width - PAD_PX, 22), ends[1], 12, colour=DIM, anchor="rs")
            drawing.line((left, 18, right, 18), fill=DIM, width=1)
            for event in plan.events:
                if start_s <= event.end_s and event.time_s <= end_s:
                    draw_event(drawing, event, x_of, lit=event in lit)
            drawing.line((at, 3, at, 33), fill=WORDS, width=2)
            sound_words = f"sound: {plan.sound}"
            sound = shortened(sound_words, rect.width * 0.45, 13)
            draw_words(drawing, (rect.width - PAD_PX, 51), sound, 13, colour=DIM, anchor="rs")
            box = (PAD_PX, 40, PAD_PX + 12, 52)
            drawing.rectangle(box, fill=ORANGE if lamp else None, outline=ORANGE if lamp else DIM)
            words = "   ".join(lit_words(event) for event in lit)
            room = rect.width - 3 * PAD_PX - 20 - width_px(sound, 13)
            draw_words(drawing, (PAD_PX + 20, 51), shortened(words, room, 13, bold=True), 13, colour=ORANGE, bold=True)

        self._cell("bottom", rect, (at, lamp, tuple(event.id for event in lit)), draw)


def _part(rect: Rect, left: int, top: int, width: int, height: int) -> Rect:
    """Rectangle in a rectangle."""
    return Rect(left=rect.left + left, top=rect.top + top, width=width, height=height)


def _has_shape(drawn: object, shape: tuple[int, ...]) -> bool:
    return isinstance(drawn, ShownPicture) and drawn.pixels.shape == shape


def _fitting(variants: Sequence[str], most_px: float, size_px: int) -> str:
    """The fullest words that fit."""
    fitting = (words for words in variants if width_px(words, size_px) <= most_px)
    return next(fitting, shortened(variants[-1], most_px, size_px))
