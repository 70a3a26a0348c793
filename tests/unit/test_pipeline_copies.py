"""Copies by sound and by picture: who is the witness, whose picture is in step, and whose sound is another's."""

from __future__ import annotations

import pytest

from joint_example import SETTINGS, lag, matched_of, recording
from syncview.model import CopyMatch, Generation, LagHypothesis, PairMatch, PictureMatch, PictureSegment
from syncview.pipeline.copies import Copies, find_copies

A, B, C = (recording(name) for name in "abc")
ORIGINAL = Generation(value="camera original", basis="x")
RE_UPLOAD = Generation(value="re-upload", basis="x")


def sound(lag_s: float, *, span_a_s: tuple[float, float] = (10.0, 30.0)) -> CopyMatch:
    return CopyMatch(
        lag_s=lag_s,
        uncertainty_s=0.001,
        span_a_s=span_a_s,
        span_b_s=(span_a_s[0] - lag_s, span_a_s[1] - lag_s),
        evidence="the quiet moments agree",
    )


def picture(a: str, b: str, lag_s: float) -> PictureMatch:
    segment = PictureSegment(lag_s=lag_s, uncertainty_s=0.04, b_start_s=5.0, b_end_s=25.0, structure=0.95, change=0.9)
    return PictureMatch(
        a_id=a,
        b_id=b,
        lag_s=lag_s,
        uncertainty_s=0.04,
        mirrored=False,
        share=0.5,
        score=0.9,
        segments=(segment,),
        evidence="the pictures move alike",
    )


def copies_of(
    *recordings,
    sounds: dict[tuple[str, str], CopyMatch] | None = None,
    pictures: dict[tuple[str, str], PictureMatch] | None = None,
    air: dict[tuple[str, str], tuple[LagHypothesis, ...]] | None = None,
) -> Copies:
    keys = {*(sounds or {}), *(pictures or {}), *(air or {})}
    pairs = {
        key: PairMatch(
            hypotheses=(air or {}).get(key, ()), copies=(sounds[key],) if sounds is not None and key in sounds else ()
        )
        for key in keys
    }
    return find_copies(matched_of(pairs=pairs), pictures or {}, recordings or (A, B, C), settings=SETTINGS)


AB = ("r-a", "r-b")


def test_sound_and_picture_in_step_verify_each_other() -> None:
    found = copies_of(sounds={AB: sound(3.0)}, pictures={AB: picture(*AB, 3.06)})
    assert found.verified == {"r-a", "r-b"}
    assert found.contradicted == found.muted == frozenset()
    assert found.findings == ()
    (pair,) = found.pairs
    assert (pair.lag_s, pair.uncertainty_s, pair.moment_s) == (3.0, 0.04, (20.0, 17.0))
    (same,) = found.duplicates
    assert (same.recording_ids, same.kind) == (AB, "same_recording")
    assert same.evidence == "the quiet moments agree; the pictures move alike"
    assert found.witness_of == {"r-a": "r-a", "r-b": "r-a"}


def test_sound_alone_says_nothing_of_the_picture() -> None:
    found = copies_of(sounds={AB: sound(-2.0)})
    assert found.verified == found.contradicted == frozenset()
    assert found.pairs[0].picture_lag_s is None
    assert found.pairs[0].lag_s == -2.0


@pytest.mark.parametrize("off_s", [1.5, -1.5])
def test_out_of_step_contradicts_both_when_no_one_knows_the_original(off_s: float) -> None:
    found = copies_of(sounds={AB: sound(3.0)}, pictures={AB: picture(*AB, 3.0 + off_s)})
    assert found.contradicted == {"r-a", "r-b"}
    assert found.verified == frozenset()
    (finding,) = found.findings
    assert (finding.kind, finding.value, finding.unit) == ("picture_clock", pytest.approx(off_s), "s")
    assert "1.50 s apart" in finding.message


def test_beside_the_original_the_other_is_contradicted() -> None:
    first, second = recording("a", generation=RE_UPLOAD), recording("b", generation=ORIGINAL)
    found = copies_of(first, second, sounds={AB: sound(3.0)}, pictures={AB: picture(*AB, 4.5)})
    assert found.contradicted == {"r-a"}
    (finding,) = found.findings
    assert finding.recording_ids == ("r-b", "r-a")
    assert finding.value == pytest.approx(-1.5)  # told from the original's side
    assert found.duplicates[0].recording_ids == ("r-b", "r-a")


def test_a_copy_under_other_sound_is_placed_by_its_picture_alone() -> None:
    found = copies_of(pictures={AB: picture(*AB, 3.0)})
    assert found.muted == {"r-b"}
    (pair,) = found.pairs
    assert (pair.sound_lag_s, pair.lag_s) == (None, 3.0)
    assert pair.moment_s == (18.0, 15.0)  # the middle of what the pictures share, 5 to 25 s of b


def test_sound_of_the_air_beside_a_copied_picture_decides_what_it_is() -> None:
    sure = lag(3.02, probability=0.95)
    same = copies_of(pictures={AB: picture(*AB, 3.0)}, air={AB: sure})
    assert same.muted == frozenset()
    assert same.pairs[0].sound_lag_s == 3.02
    assert same.verified == {"r-a", "r-b"}
    elsewhere = copies_of(pictures={AB: picture(*AB, 3.0)}, air={AB: lag(9.0, probability=0.95)})
    assert elsewhere.pairs == ()
    doubtful = copies_of(pictures={AB: picture(*AB, 3.0)}, air={AB: lag(9.0, probability=0.5)})
    assert doubtful.muted == {"r-b"}


def test_copies_of_copies_are_one_witness() -> None:
    longest = recording("c", duration_s=90)
    found = copies_of(A, B, longest, sounds={AB: sound(3.0), ("r-b", "r-c"): sound(-1.0)})
    (same,) = found.duplicates
    assert same.recording_ids == ("r-c", "r-a", "r-b")
    assert set(found.witness_of.values()) == {"r-c"}


def test_of_several_stretches_the_longest_gives_the_lag() -> None:
    short, long = sound(3.0, span_a_s=(0.0, 5.0)), sound(7.0, span_a_s=(20.0, 50.0))
    matched = matched_of(pairs={AB: PairMatch(copies=(short, long))})
    (pair,) = find_copies(matched, {}, (A, B), settings=SETTINGS).pairs
    assert (pair.lag_s, pair.moment_s) == (7.0, (35.0, 28.0))


def test_pairs_without_copies_say_nothing() -> None:
    found = copies_of(air={AB: lag(3.0)})
    assert found.pairs == found.duplicates == found.findings == ()
    assert found.witness_of == {}
