"""What every object of the timeline document shares."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["Entry", "RateText", "Sha256Text", "UtcText"]

RateText = Annotated[str, Field(pattern=r"^[0-9]+/[1-9][0-9]*$")]
Sha256Text = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
UtcText = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?Z$")]


class Entry(BaseModel):
    """An object of the document: frozen, no unknown keys, no NaN or infinity."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        allow_inf_nan=False,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
    )
