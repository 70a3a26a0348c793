"""What the tables of case.toml have in common: how names, times and places are written, and who says so.

pydantic reads the annotations of this module when it is imported, so it goes without ``from __future__ import
annotations``.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Moment", "Pixels", "Reference", "Seconds", "Strict", "Table", "Text"]

Text = Annotated[str, Field(min_length=1)]
Reference = Text  # unique file name, relative path or SHA-256 prefix
Seconds = Annotated[float, Field(ge=0.0)]
Pixels = Annotated[float, Field(ge=0.0)]


class Strict(BaseModel):
    """A table that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Table(Strict):
    """What every table may carry."""

    author: str | None = None
    note: str | None = None


class Moment(Strict):
    """A moment of one recording, in recording time."""

    file: Reference
    time_s: Seconds
