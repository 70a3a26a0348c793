"""What is known of aircraft sound in the worked incident: two suggestions, what a person says, and a masked stretch."""

from incident_example import heard, strike
from syncview.model import AircraftStretch
from syncview.reconstruct.aircraft import PlacedStretch


def placed(name, start_s, end_s, state, **changes):
    """A stretch whose recording time is its group time."""
    said = AircraftStretch(recording_id=name, start_s=start_s, end_s=end_s, state=state, **changes)
    return PlacedStretch(group_id="group-1", start_s=start_s, end_s=end_s, said=said)


def aircraft_parts(events):
    """Changes to the worked incident."""
    seen = [heard("rec-1", 5.0), heard("rec-3", 6.0)]
    flight = strike(
        "aircraft-1", "group-1", 5.0, seen, kind="aircraft", label="possible aircraft sound", end_s=17.0, confidence=0.7
    )
    return {
        "events": (*events, flight),
        "aircraft": (
            placed("rec-1", 5.0, 17.0, "possible", score=0.7),
            placed("rec-3", 6.0, 16.0, "possible", score=0.5),
            placed("rec-2", 10.0, 30.0, "heard none", by="A. B."),
            placed("rec-2", 30.0, 40.0, "masked", reasons=("wind in the microphone",)),
            placed("rec-5", 30.0, 45.0, "confirmed", by="C. D."),
        ),
    }
