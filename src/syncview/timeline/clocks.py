"""Groups, clocks, pairs and what could not be placed, as timeline.json holds them."""

from typing import Literal

from pydantic import Field

from syncview.model import Basis
from syncview.timeline.base import Entry, UtcText

__all__ = [
    "ClockEntry",
    "GroupEntry",
    "HypothesisEntry",
    "LinkedEntry",
    "LoopEntry",
    "PairEntry",
    "ProposalEntry",
    "SegmentEntry",
    "UnplacedEntry",
    "UtcEntry",
]


class UtcEntry(Entry):
    """UTC of a group's zero."""

    offset: UtcText = Field(description="Group time 0 in UTC, ISO 8601.")
    uncertainty_s: float = Field(description="95 % half-width, in seconds.")
    basis: str = Field(description="What it rests on.")


class SegmentEntry(Entry):
    """One affine clock: group time = offset_s + recording time * (1 + drift_ppm * 1e-6)."""

    start_s: float = Field(description="Start of the segment, recording time in seconds.")
    end_s: float = Field(description="End of the segment, recording time in seconds.")
    offset_s: float = Field(description="Group time of recording time 0, in seconds; positive = started later.")
    drift_ppm: float = Field(
        description="How much faster group time runs than recording time, in parts per million; -750000 where the "
        "file is slowed to a quarter."
    )
    drift_uncertainty_ppm: float = Field(description="95 % half-width of the drift, in parts per million.")
    applies_to: Literal["audio", "video", "both"] = Field(
        description='The streams that the segment holds for. Where only "audio" is known, the picture is of another or '
        "an unknown moment: no frame, flash or light is quoted from it."
    )
    picture_check: Literal["verified", "unverified", "contradicted"] = Field(
        description="Whether the picture was checked against the clock, and how it came out."
    )


class ClockEntry(Entry):
    """A recording's place on its group's clock."""

    recording_id: str = Field(description="The recording.")
    segments: tuple[SegmentEntry, ...] = Field(
        description="Its clock, sorted by start; a cut inside the file starts a new segment. Those of one stream do "
        "not overlap; of what lies in none of them it is not known when it was recorded."
    )
    uncertainty_s: float = Field(
        description="95 % half-width of the true clock against the reference's, at every moment, in seconds."
    )
    sound_uncertainty_s: float = Field(description="95 % half-width of how well the sound itself lines up, in seconds.")
    basis: tuple[Basis, ...] = Field(description="What the clock rests on.")
    assumptions: tuple[str, ...] = Field(description="What must hold for the uncertainty to hold.")


class LinkedEntry(Entry):
    """A recording of the same day that no evidence places, with what its own clock says."""

    recording_id: str = Field(description="The recording.")
    offset_s: float = Field(description="Group time of recording time 0 as the basis has it, in seconds.")
    uncertainty_s: float = Field(description="95 % half-width, in seconds.")
    basis: Literal["device_clock", "metadata"] = Field(description="What says so.")


class LoopEntry(Entry):
    """Three recordings whose lags should add up to zero."""

    recording_ids: tuple[str, str, str] = Field(description="The recordings a, b and c.")
    closure_s: float = Field(description="lag(a, b) + lag(b, c) - lag(a, c), in seconds.")


class GroupEntry(Entry):
    """Recordings on one clock."""

    id: str = Field(description="Id within this document.")
    reference_id: str = Field(description="The recording with drift 0 and uncertainty 0.")
    utc: UtcEntry | None = Field(description="UTC of group time 0; null when nobody knows it.")
    clocks: tuple[ClockEntry, ...] = Field(description="One clock per recording.")
    linked: tuple[LinkedEntry, ...] = Field(description="Recordings that only their own clocks tie to the group.")
    loops: tuple[LoopEntry, ...] = Field(description="Triangles of accepted pairs and how well they close.")


class ProposalEntry(Entry):
    """A place for an unplaced recording that a person may look at: a proposal, not a placement."""

    other_id: str = Field(description="The recording that it might belong with.")
    offset_s: float = Field(
        description="Time of recording time 0 on the clock of other_id's group if it is right, in seconds."
    )
    basis: str = Field(description='What proposes it, e.g. "motion".')
    score: float = Field(description="Strength of the proposal; larger is stronger, not a probability.")


class UnplacedEntry(Entry):
    """A recording that no evidence ties to another."""

    recording_id: str = Field(description="The recording.")
    reasons: tuple[str, ...] = Field(description="Why, in words.")
    proposals: tuple[ProposalEntry, ...] = Field(description="Places that a person may look at.")


class HypothesisEntry(Entry):
    """One lag that a pair's sound supports."""

    lag_s: float = Field(description="Lag, in seconds (see pairs).")
    lag_spread_s: float = Field(description="Width of the cluster of window lags, in seconds.")
    probability: float = Field(ge=0, le=1, description="Share of the belief that this lag has.")
    supports: int = Field(description="Windows that agree and do not overlap each other.")
    sound_class: Literal["acoustic", "carried"] = Field(
        validation_alias="class",
        serialization_alias="class",
        description='"carried": music, broadcast or radio, which does not show one place.',
    )


class PairEntry(Entry):
    """What the sound of two recordings says of their lag.

    lag_s = (recording time in a) - (recording time in b) at which one sound is heard; positive = b started later.
    """

    a_id: str = Field(description="First recording.")
    b_id: str = Field(description="Second recording.")
    hypotheses: tuple[HypothesisEntry, ...] = Field(description="Lags that the sound supports, likeliest first.")
    lag_s: float | None = Field(description="The lag that was chosen, in seconds; null when none was.")
    lag_spread_s: float | None = Field(description="Its spread over sources on different sides, in seconds.")
    probability: float | None = Field(ge=0, le=1, description="Its probability.")
    accepted: bool = Field(description="Whether it carries a clock.")
    overlap_s: float | None = Field(description="How long both film at once at that lag, in seconds.")
    reasons: tuple[str, ...] = Field(description="Why it was accepted or refused, in words.")
