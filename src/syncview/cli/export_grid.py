"""``syncview export --format grid``: its options, and the film made of a plan in another process."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import click

from syncview.cli.output import result, result_json, say
from syncview.cli.progress import showing_progress
from syncview.cli.shell import DONE, UNREADABLE
from syncview.settings import Settings
from syncview.store.files import replacing

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from syncview.store import CaseFolder
    from syncview.timeline.schema import TimelineDocument

__all__ = ["GridOptions", "export_grid", "grid_options", "refuse_foreign_options"]

Decorated = TypeVar("Decorated", bound="Callable[..., Any]")

_SIXTY = 60
_BROADCAST = {"23.976": 24, "29.97": 30, "59.94": 60, "119.88": 120}  # people's names for so many times 1000 / 1001
_LEAST_RATE, _MOST_RATE = 1, 120
_RATE = Fraction(30)
_TILE_HEIGHT_PX = 360


class GridOptions(TypedDict):
    """What the command line says of the grid alone."""

    start_s: float | None
    end_s: float | None
    rate: Fraction | None
    sound: str | None
    tile_height: int | None
    public: bool


def grid_options() -> Callable[[Decorated], Decorated]:
    """Options that only the grid has."""
    options = (
        click.option("--start", "start_s", metavar="TIME", callback=_moment, help="grid: group time of its start."),
        click.option("--end", "end_s", metavar="TIME", callback=_moment, help="grid: group time of its end."),
        click.option("--rate", metavar="N", callback=_rate, help="grid: frames a second; 30 by default."),
        click.option("--sound", metavar="R", help="grid: recording to hear, mix or none; by default the reference's."),
        click.option("--tile-height", type=int, metavar="PX", help="grid: height of each picture; 360 by default."),
        click.option("--public", is_flag=True, help="grid: refused, since faces cannot be blurred yet."),
    )

    def all_of_them(function: Decorated) -> Decorated:
        for option in reversed(options):
            function = option(function)
        return function

    return all_of_them


def refuse_foreign_options(form: str, options: GridOptions) -> None:
    """Stop where options of the grid are given with another format."""
    if form != "grid" and any(value not in (None, False) for value in options.values()):
        message = "--start, --end, --rate, --sound, --tile-height and --public go with --format grid"
        raise click.UsageError(message)
    if options["public"]:
        message = "--public is refused: faces cannot be blurred yet, so nothing was written (blur a copy by hand)"
        raise click.UsageError(message)


def _moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> float | None:
    """Seconds of ``12.34``, ``1:02.5``, ``1:00:02.5``; group time may be negative."""
    if value is None:
        return None
    message = f"{value!r} is no time; write seconds or minutes:seconds, such as 62.5 or 1:02.5"
    total = Fraction(0)
    for part in value.removeprefix("-").split(":"):
        if not part.replace(".", "", 1).isdecimal() or (":" in value and "." in part and part != value.split(":")[-1]):
            raise click.BadParameter(message)
        total = total * _SIXTY + Fraction(part)
    return float(-total if value.startswith("-") else total)


def _rate(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Fraction | None:
    """Frames a second, exactly: 25, 29.97 (meant as 30000/1001), 30000/1001."""
    if value is None:
        return None
    try:
        rate = Fraction(_BROADCAST[value] * 1000, 1001) if value in _BROADCAST else Fraction(value)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not _LEAST_RATE <= rate <= _MOST_RATE:
        message = (
            f"{value!r} is no rate between {_LEAST_RATE} and {_MOST_RATE} frames a second, such as 25 or 30000/1001"
        )
        raise click.BadParameter(message)
    return rate


def export_grid(
    folder: CaseFolder,
    document: TimelineDocument,
    output: Path,
    *,
    group_id: str | None,
    include_unreviewed: bool,
    as_json: bool,
    options: GridOptions,
) -> int:
    """Write a group's cameras side by side.

    Parameters
    ----------
    folder : CaseFolder
        The case.
    document : TimelineDocument
        Its timeline.
    output : Path
        Where to; may be written.
    group_id : str or None
        The group; None is the largest.
    include_unreviewed, as_json : bool
        From the command line.
    options : GridOptions
        From the command line.

    Returns
    -------
    int
        The exit code. A timeline without groups gives a short film that says so.
    """
    # What draws and encodes costs every other export more to import than it is worth.
    from syncview.export.grid_film import FilmRequest, prepare_film, write_film

    settings = Settings().media
    request = FilmRequest(
        group_id=group_id,
        start_s=options["start_s"],
        end_s=options["end_s"],
        rate=options["rate"] or _RATE,
        sound=options["sound"],
        tile_height_px=options["tile_height"] or _TILE_HEIGHT_PX,
        include_unreviewed=include_unreviewed,
    )
    film = prepare_film(folder, document, request, settings=settings)
    say(f"syncview: {film.words()}")
    with replacing(output) as part, showing_progress(quiet=False) as progress:
        made = write_film(film, part, settings=settings, progress=partial(progress, "grid"))
    troubles = (*film.troubles, *made.troubles)
    for trouble in troubles:
        say(f"syncview: {trouble}")
    if as_json:
        frames = film.plan.frame_count
        result_json({"file": str(output), "format": "grid", "frames": frames, "video_codec": made.video_codec})
    else:
        result(f"written: {output}")
    return UNREADABLE if troubles else DONE
