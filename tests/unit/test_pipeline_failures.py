"""Comparisons that fail: each is named in the result and costs no other its outcome."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest

from joint_example import NO_COPIES, SETTINGS, SOUND, knowledge_of, lag, matched_of, placed, recording
from syncview.case import parse_case
from syncview.errors import MediaError
from syncview.media.workers import Outcome
from syncview.model import MotionProposal, PairMatch, PictureMatch
from syncview.pipeline.failures import Failure, failure_findings, failures_in_words, failures_of_sounds
from syncview.pipeline.listen import ListenJob
from syncview.pipeline.look import Compared, LookJob
from syncview.pipeline.matching import match_all
from syncview.pipeline.pictures import compare_pictures, with_proposals
from syncview.pipeline.speeds import with_speeds
from syncview.sync.speeds import SpeedHypothesis

A, B, C, D = FILES = tuple(recording(name) for name in "abcd")
TOGETHER = {("r-a", "r-b"): lag(3.0)}
WHY = "its reader stopped unexpectedly (exit code 1)"
LOOKS = {
    r.id: LookJob(
        recording_id=r.id, path=Path(r.path), sha256=r.sha256, cache_root=Path("cache"), picture=SETTINGS.picture
    )
    for r in FILES
}
FIT = SpeedHypothesis(
    speed=Fraction(1, 4),
    pitch_kept=False,
    lag_s=8.0,
    lag_uncertainty_s=0.002,
    probability=0.999,
    supports=9,
    measured_ppm=None,
    measured_uncertainty_ppm=None,
)
SAME = PictureMatch(
    a_id="x", b_id="y", lag_s=1.0, uncertainty_s=0.04, mirrored=False, share=1.0, score=0.9, segments=(), evidence="x"
)


class Failing:
    """A pool in which some pairs fail and the others answer the same."""

    def __init__(self, value: object, *failing: tuple[str, str]) -> None:
        self._value, self._failing = value, failing

    def run(self, _function, items, **_limits):
        for item in items:
            fails = (item.a_id, item.b_id) in self._failing
            error = MediaError(WHY) if fails else None
            yield Outcome(item=item, value=None if fails else self._value, error=error)


def quiet(*_: object) -> None:
    """No progress."""


def test_a_picture_comparison_that_fails_is_named_and_costs_the_others_nothing() -> None:
    pool = Failing(Compared(match=SAME, proposals=()), ("r-a", "r-c"))
    found, failures = compare_pictures(pool, {name: LOOKS[name] for name in ("r-a", "r-b", "r-c")}, SETTINGS, quiet)
    assert sorted(found) == [("r-a", "r-b"), ("r-b", "r-c")]
    assert failures == (Failure(a_id="r-a", b_id="r-c", step="picture", why=WHY),)


def test_a_search_for_proposals_that_fails_is_named_and_costs_the_others_nothing() -> None:
    proposal = MotionProposal(a_id="x", b_id="y", lag_s=2.0, uncertainty_s=0.1, basis="light", z=9.0, score=0.5)
    heard = {r.id: SOUND for r in (A, B)}
    joint = placed(parse_case(""), A, B, C, lags=TOGETHER, heard=heard)
    pool = Failing(Compared(match=None, proposals=(proposal,)), ("r-a", "r-c"))
    looks = {name: LOOKS[name] for name in ("r-a", "r-b", "r-c")}
    told = with_proposals(joint, pool, looks, heard, SETTINGS, quiet)
    (left,) = told.unplaced
    assert [(p.other_id, p.lag_s) for p in left.proposals] == [("r-b", 2.0)]
    assert left.reasons[-1] == "it could not be compared by light and motion with 1 of the others (see findings)"
    assert told.failures == (Failure(a_id="r-a", b_id="r-c", step="motion", why=WHY),)


@pytest.mark.parametrize("alone", ["r-c", "r-d"])
def test_a_speed_that_cannot_be_tried_is_named_and_costs_the_others_nothing(alone: str) -> None:
    jobs = {
        r.id: ListenJob(
            recording_id=r.id,
            path=Path(r.path),
            sha256=r.sha256,
            cache_root=Path("cache"),
            audio=SETTINGS.audio,
            sync=SETTINGS.sync,
            detect=SETTINGS.detect,
        )
        for r in FILES
    }
    other = {"r-c": "r-d", "r-d": "r-c"}[alone]
    failing = [("r-a", alone), ("r-b", alone), ("r-c", "r-d")]
    joint = with_speeds(
        placed(parse_case(""), *FILES, lags=TOGETHER),
        Failing((FIT,), *failing, ("r-a", other)),
        jobs,
        {r.id: SOUND for r in FILES},
        recordings=FILES,
        matched=matched_of(TOGETHER),
        same_files=(),
        copies=NO_COPIES,
        knowledge=knowledge_of(*FILES),
        settings=SETTINGS,
        progress=quiet,
    )
    assert [tie.recording_id for tie in joint.speeds] == [other]
    (left,) = joint.unplaced
    assert left.recording_id == alone
    assert left.reasons[-1] == "it could not be tried at other speeds with 3 of the others (see findings)"
    assert {(f.a_id, f.b_id) for f in joint.failures} == {*failing, ("r-a", other)}
    assert {f.step for f in joint.failures} == {"speed"}


def test_failures_end_in_the_result_and_on_the_terminal() -> None:
    of_sounds = failures_of_sounds({("r-b", "r-c"): "took too long"})
    seen = Failure(a_id="r-a", b_id="r-b", step="picture", why=WHY)
    (finding,) = failure_findings((*of_sounds, seen))  # pairs say themselves that their sound was not compared
    assert (finding.kind, finding.recording_ids) == ("not_compared", ("r-a", "r-b"))
    assert finding.message == (
        f"could not be compared by their pictures ({WHY}): whether one copies the other, only their sound tells"
    )
    assert failures_in_words((*of_sounds, replace(seen, step="speed")), FILES) == [
        "b.mp4 and c.mp4 could not be compared: took too long",
        f"a.mp4 and b.mp4 could not be tried at other speeds: {WHY}",
    ]


def test_a_recording_that_could_not_be_searched_for_replays_is_named() -> None:
    failures = failures_of_sounds({("r-a", "r-b"): WHY, ("r-c", "r-c"): WHY})
    (finding,) = failure_findings(failures)
    assert (finding.kind, finding.recording_ids) == ("not_compared", ("r-c",))
    assert "a bang that it shows twice may stand as two" in finding.message
    assert failures_in_words(failures, FILES)[1] == (
        f"{C.name_display} could not be searched for passages that it shows again: {WHY}"
    )


def test_a_search_for_replays_that_fails_costs_nothing_else() -> None:
    jobs = {
        r.id: ListenJob(
            recording_id=r.id,
            path=Path(r.path),
            sha256=r.sha256,
            cache_root=Path("cache"),
            audio=SETTINGS.audio,
            sync=SETTINGS.sync,
            detect=SETTINGS.detect,
        )
        for r in (A, B)
    }

    class Pool:
        def run(self, _work, items, **_limits):
            for item in items:
                failed = isinstance(item, ListenJob) and item.recording_id == "r-a"
                value = () if isinstance(item, ListenJob) else PairMatch(hypotheses=lag(3.0))
                yield Outcome(item=item, value=None if failed else value, error=MediaError(WHY) if failed else None)

    matched, heard = match_all(
        Pool(),
        jobs,
        dict.fromkeys(jobs, SOUND),
        picture_cuts_s={},
        geometry=knowledge_of().geometry,
        settings=SETTINGS,
        progress=lambda *_: None,
    )
    assert matched.failed == {("r-a", "r-a"): WHY}
    assert matched.found["r-a", "r-b"].hypotheses == lag(3.0)
    assert heard["r-a"].replays == ()
