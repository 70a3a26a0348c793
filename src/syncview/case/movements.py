"""What people say of the movements and figures that the program saw: tables of case.toml.

pydantic reads the annotations of this module when it is imported, so it goes without ``from __future__ import
annotations``.
"""

from typing import Self

from pydantic import model_validator

from syncview.case.base import Moment, Pixels, Seconds, Table, Text
from syncview.model import Action, Subject

__all__ = ["MovementFix", "Sighting", "Spot", "TrackNote"]

_SAME_S = 0.05  # a moment written twice, rounded differently


class Sighting(Moment):
    """A moment of one recording, and where in its picture where two things happen at once."""

    x_px: Pixels | None = None
    y_px: Pixels | None = None

    @model_validator(mode="after")
    def _whole_place(self) -> Self:
        if (self.x_px is None) != (self.y_px is None):
            message = "x_px and y_px go together"
            raise ValueError(message)
        return self


class Spot(Moment):
    """A place in the picture at a moment of one recording."""

    x_px: Pixels
    y_px: Pixels


class MovementFix(Table):
    """``[[movement]]``: a person corrects what the program saw move.

    `near` is the moment at which the program saw it, `was` its action where several are near. `time_s` and `end_s`
    are moments of the file of `near`.
    """

    near: Sighting
    was: Action | None = None
    reject: bool = False
    time_s: Seconds | None = None
    end_s: Seconds | None = None
    action: Action | None = None
    subject: Subject | None = None
    label: Text | None = None
    tags: tuple[Text, ...] = ()
    same_as: Sighting | None = None

    @property
    def said(self) -> dict[str, object]:
        """What it says of the movement, by key; without `reject`."""
        keys = ("time_s", "end_s", "action", "subject", "label", "tags", "same_as")
        return {key: value for key in keys if (value := getattr(self, key)) not in (None, ())}

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.reject and self.said:
            message = (
                f"reject = true says that nothing of the kind happened, so it goes without {', '.join(self.said)}; "
                "take out one or the other"
            )
            raise ValueError(message)
        if not self.reject and not self.said:
            message = (
                "says nothing of the movement; give reject = true, or what is right of it: time_s, end_s, action, "
                "subject, label, tags or same_as"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        begins_s = self.near.time_s if self.time_s is None else self.time_s
        if self.end_s is not None and self.end_s < begins_s:
            message = f"end_s = {self.end_s:g} lies before its beginning at {begins_s:g} s"
            raise ValueError(message)
        if self.same_as is not None and _same_place(self.near, self.same_as):
            message = "near and same_as are the same movement; same_as names the other one"
            raise ValueError(message)
        return self


class TrackNote(Table):
    """``[[track]]``: what a person says of a figure that the program followed.

    `near` is a place in the picture at which it is then. With `of`, its places on the ground are those of that team.
    """

    near: Spot
    label: Text | None = None
    tags: tuple[Text, ...] = ()
    of: Text | None = None
    same_as: Spot | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.label is None and not self.tags and self.of is None and self.same_as is None:
            message = "says nothing of the figure; give label, tags, of or same_as"
            raise ValueError(message)
        if self.same_as is not None and _same_place(self.near, self.same_as):
            message = "near and same_as are the same figure; same_as names where else it is seen"
            raise ValueError(message)
        return self


def _same_place(near: Sighting | Spot, other: Sighting | Spot) -> bool:
    return (
        near.file == other.file
        and abs(near.time_s - other.time_s) <= _SAME_S
        and (near.x_px, near.y_px) == (other.x_px, other.y_px)
    )
