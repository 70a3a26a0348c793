"""Decisions of reviewers on the worked incident."""

import hashlib

from syncview.store.decisions import DecidedOn, Decision

FIRST_STRIKE_S = 18.2  # heard by rec-1, in its recording time


def decision(reviewer, verdict, *, recording="rec-1", same_as=None, **changes):
    """What a reviewer decides on the first strike, unless told otherwise."""
    known = {
        "reviewer": reviewer,
        "decided_utc": "2018-05-03T10:00:00Z",
        "event_id": "strike-1",
        "sha256": hashlib.sha256(recording.encode()).hexdigest(),
        "recording_time_s": FIRST_STRIKE_S,
        "kind": "strike",
        "verdict": verdict,
    }
    if same_as is not None:
        known["same_as"] = DecidedOn(**{key: getattr(same_as, key) for key in DecidedOn.model_fields})
    return Decision(**known | changes)
