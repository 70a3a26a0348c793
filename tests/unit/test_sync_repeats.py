"""Sound that repeats: lags that are nearly equal stay hypotheses, and what does not repeat decides between them."""

from __future__ import annotations

import numpy as np
import pytest

from joint_example import lag
from music_example import music
from syncview.settings import SyncSettings
from syncview.sync.candidates import Agreement, LagCandidate
from syncview.sync.features import sound_features
from syncview.sync.groups import place
from syncview.sync.hypotheses import _in_order, match_pair
from syncview.sync.likelihood import PairEvidence, Piece, gather
from syncview.sync.repeats import levelled
from voices_example import RATE_HZ, clip, heard, voices

SETTINGS = SyncSettings()
LENGTHS_S = (36.0, 16.0)


def matched(seed: int, period_s: float, *, voice_db: float | None = None):
    """Hypotheses of b, which began at the lag that is returned beside, and all lags at which b lies on the loop."""
    lag_s = round(float(np.random.default_rng(seed).uniform(0.0, LENGTHS_S[0] - LENGTHS_S[1])), 2)
    loop = music(seed, LENGTHS_S[0] + 1, period_s=period_s, voice_db=voice_db)
    a, b = (
        sound_features(clip(name, heard(loop, at_s, length_s, seed=seed + k, snr_db=8.0)), settings=SETTINGS)
        for k, (name, at_s, length_s) in enumerate(zip("ab", (0.0, lag_s), LENGTHS_S, strict=True))
    )
    repeats = lag_s + period_s * np.arange(-20, 20)
    within = repeats[(repeats >= 0) & (repeats <= LENGTHS_S[0] - LENGTHS_S[1])]
    return match_pair(a, b, settings=SETTINGS).hypotheses, lag_s, within.tolist()


def groups_of(hypotheses) -> int:
    pieces = [Piece(name=n, recording_id=n, start_s=0.0, end_s=s) for n, s in zip("ab", LENGTHS_S, strict=True)]
    pair = PairEvidence(a_id="a", b_id="b", hypotheses=hypotheses, tolerance_s=1.5, range_s=sum(LENGTHS_S))
    return len(place(gather(pieces, [pair]), settings=SETTINGS).groups)


@pytest.mark.parametrize(("seed", "period_s", "voice_db"), [(1000, 4.8, None), (1002, 3.1, None), (5001, 3.0, -20.0)])
def test_every_repeat_is_listed_and_none_is_likely(seed: int, period_s: float, voice_db: float | None) -> None:
    hypotheses, _, repeats = matched(seed, period_s, voice_db=voice_db)
    assert len(repeats) >= 4
    for lag_s in repeats:
        assert any(abs(h.lag_s - lag_s) < 0.05 for h in hypotheses), lag_s
    assert hypotheses[0].probability < SETTINGS.settled_probability
    assert groups_of(hypotheses) == 2


@pytest.mark.parametrize(("seed", "period_s"), [(1001, 4.8), (1006, 3.1)])
def test_a_voice_that_does_not_repeat_decides(seed: int, period_s: float) -> None:
    hypotheses, lag_s, _ = matched(seed, period_s, voice_db=-2.0)
    assert hypotheses[0].lag_s == pytest.approx(lag_s, abs=0.002)
    assert hypotheses[0].probability > 0.99
    assert groups_of(hypotheses) == 1


def candidate(lag_s: float, tones_z: float, pattern_z: float, white_z: float, overlap_s: float = 25.0) -> LagCandidate:
    kinds = [Agreement(lag_s=lag_s, z=z, rest_z=z, course=np.zeros(8)) for z in (tones_z, pattern_z, white_z)]
    return LagCandidate(
        lag_s=lag_s,
        tones=kinds[0],
        pattern=kinds[1],
        white=kinds[2],
        first_s=0.0,
        step_s=overlap_s / 8,
        overlap_s=overlap_s,
    )


def test_levels_tell_repeats_apart_and_waveforms_do_not() -> None:
    best, alike, less = candidate(0, 9, 8, 40), candidate(5, 9, 8, 28), candidate(10, 8, 7, 39)
    assert levelled((best, alike, less), (30.0, 18.0, 28.0), settings=SETTINGS) == (30.0, 30.0, 28.0)
    half = candidate(-20, 9 / np.sqrt(2), 8 / np.sqrt(2), 20, overlap_s=12.5)  # as good, as far as it goes
    assert levelled((best, half), (30.0, 9.0), settings=SETTINGS) == pytest.approx((30.0, 30.0))
    nearly = candidate(5, 0.95 * 9, 0.95 * 8, 28)
    assert levelled((best, nearly), (30.0, 18.0), settings=SETTINGS) == pytest.approx((30.0, 28.0))


def test_where_levels_tell_nothing_waveforms_must_be_clearly_apart() -> None:
    best, alike, less = candidate(0, 2, 2, 20), candidate(5, 2, 2, 15), candidate(10, 2, 2, 11)
    assert levelled((best, alike, less), (15.0, 10.0, 6.0), settings=SETTINGS) == (15.0, 15.0, 6.0)


def test_what_may_be_chance_is_no_repeat() -> None:
    assert levelled((candidate(0, 9, 8, 40), candidate(5, 9, 8, 4)), (30.0, 1.0), settings=SETTINGS) == (30.0, 1.0)
    assert levelled((), (), settings=SETTINGS) == ()


def test_rivals_leave_each_other_their_place_in_the_list_until_one_is_settled() -> None:
    def listed(best: float) -> list[float]:
        rivals = (*lag(1.0, probability=best, log_odds=6.0), *lag(9.0, probability=0.001, log_odds=-3.0))
        chance = lag(5.0, probability=0.001, log_odds=-5.0)
        return [h.lag_s for h in _in_order((*rivals, *chance), SETTINGS)]

    assert listed(0.8) == [1.0, 9.0]
    assert listed(0.95) == [1.0]


def test_repeats_of_a_carried_sound_are_carried_too() -> None:
    """The song's best lag is known as carried; a shorter overlap of the same song, by itself, is not."""
    song = music(1003, 40, period_s=3.1)
    a, b = (voices(seed, 40) for seed in (71, 72))
    sounds = (
        clip("a", (a + 1.5 * song[: len(a)])[: 26 * RATE_HZ] * 0.1),
        clip("b", (b + 1.5 * song)[8 * RATE_HZ :] * 0.1),
    )
    found = match_pair(*(sound_features(each, settings=SETTINGS) for each in sounds), settings=SETTINGS).hypotheses
    assert found[0].sound == "carried"
    assert [h for h in found if h.sound == "acoustic" and h.probability > 0.5] == []
