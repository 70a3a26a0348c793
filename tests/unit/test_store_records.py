"""Records of workers in the cache: what goes in comes out, and what is no record is refused."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from syncview.errors import DocumentError
from syncview.model import Detection, Jump, LagHypothesis, PairMatch, Replay
from syncview.store.records import from_json, to_json
from syncview.sync.speeds import SpeedHypothesis

PAIR = PairMatch(
    hypotheses=(
        LagHypothesis(lag_s=1.5, lag_spread_s=0.0, probability=0.9, supports=4, middle_s=(3.0, 1.5), agreement=(1.0,)),
        LagHypothesis(lag_s=2.0, lag_spread_s=0.1, probability=0.1, supports=0, sound="carried", reasons=("é",)),
    ),
    jumps=(Jump(before_s=0.0, after_s=1.0, end_s=(4.0, 5.0), start_s=(6.0, 7.0)),),
)
BLAST = Detection(
    recording_id="r1",
    kind="blast",
    time_s=3.0,
    uncertainty_s=0.01,
    score=1.0,
    label="explosion",
    measures=(("rise_db", 20.0),),
    reasons=(),
)


def through_text(record: object) -> object:
    return json.loads(json.dumps(to_json(record)))


def test_what_goes_in_comes_out():
    assert from_json(PairMatch, through_text(PAIR)) == PAIR
    assert from_json(Detection, through_text(BLAST)) == BLAST
    shown = (Replay(start_s=5.0, end_s=7.0, original_start_s=1.0, speed=0.5, score=0.8, uncertainty_s=0.25),)
    assert from_json(tuple[Replay, ...], through_text(shown)) == shown


def test_fractions_stay_exact():
    film = SpeedHypothesis(
        speed=Fraction(24, 25),
        pitch_kept=None,
        lag_s=1.0,
        lag_uncertainty_s=0.1,
        probability=0.9,
        supports=3,
        measured_ppm=None,
        measured_uncertainty_ppm=None,
    )
    document = through_text(film)
    assert document["speed"] == "24/25"
    assert from_json(SpeedHypothesis, document) == film
    for wrong in ("24/0", "0.96", 0.96, None):
        with pytest.raises(DocumentError):
            from_json(SpeedHypothesis, document | {"speed": wrong})


def test_a_whole_number_is_a_length_too():
    document = through_text(BLAST) | {"time_s": 3}
    made = from_json(Detection, document)
    assert made == BLAST
    assert type(made.time_s) is float


@pytest.mark.parametrize(
    "change",
    [
        {"time_s": "3"},
        {"time_s": True},
        {"time_s": None},
        {"kind": "bell"},
        {"label": 3},
        {"measures": [["rise_db"]]},
        {"measures": {"rise_db": 20.0}},
        {"replay_of_s": []},
        {"colour": "red"},
    ],
)
def test_what_does_not_fit_is_refused(change):
    with pytest.raises(DocumentError):
        from_json(Detection, through_text(BLAST) | change)


def test_what_is_missing_is_refused():
    document = through_text(BLAST)
    del document["score"]
    for wrong in (document, [], None, "blast"):
        with pytest.raises(DocumentError):
            from_json(Detection, wrong)
