"""The measures of an onset, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from syncview.detect.pick import Pick

__all__ = ["reasons_in_words"]


class _Saying(NamedTuple):
    """Words for a measure, said when it lies within the limits."""

    measure: str
    least: float
    most: float
    words: str


_EVER = float("inf")
_SAYINGS = (
    _Saying("rise_low_db", -_EVER, _EVER, "25-120 Hz {:+.0f} dB over the 2 s before"),
    _Saying("rise_mid_db", -_EVER, _EVER, "120-500 Hz {:+.0f} dB over the 2 s before"),
    _Saying("over_peaks_low_db", 10.0, _EVER, "25-120 Hz {:.0f} dB over the peaks of the 8 s before"),
    _Saying("over_peaks_mid_db", -_EVER, 0.0, "120-500 Hz no louder than the peaks of the 8 s before"),
    _Saying("heard_before_s", 0.0, 1.5, "only {:.1f} s of sound before it: what is usual here is not known"),
    _Saying("swing_before_db", 20.0, _EVER, "the sound before it swings by {:.0f} dB, as voices and blows do"),
    _Saying("attack_s", 0.0, 0.06, "rises within 60 ms"),
    _Saying("attack_s", 0.2, _EVER, "swells for {:.1f} s: thunder and gusts do, blasts nearby do not"),
    _Saying("onset_centre_octaves", 2.3, _EVER, "begins {:.1f} octaves over 100 Hz: shots and cracks do"),
    _Saying("tail_s", 0.0, 0.35, "gone after {:.2f} s: no rumble follows"),
    _Saying("tail_s", 0.7, _EVER, "a rumble follows for {:.1f} s"),
    _Saying("clipped_s", 0.001, _EVER, "clipped for {:.3f} s"),
    _Saying("gain_drop_db", 6.0, _EVER, "the background sinks by {:.0f} dB afterwards: gain pumped down"),
    _Saying("tonality_db", 9.0, _EVER, "single tones stand out by {:.0f} dB: voice, horn or siren"),
    _Saying("pitch_share", 0.75, _EVER, "repeats itself at the pitch of a voice or an engine"),
    _Saying("whistle_before_db", 11.0, _EVER, "a whistle stands out by {:.0f} dB before it: fireworks do so"),
    _Saying("crackles_count", 6.0, _EVER, "{:.0f} sharp cracks follow within 2.5 s: stars of a firework, or shots"),
    _Saying("beat_share", 0.5, _EVER, "regular beats before and after: music or a machine"),
    _Saying("muffled_db", 6.0, _EVER, "the sound is muffled afterwards: the phone may lie on its face"),
    _Saying("repeats_count", 2.0, _EVER, "one of a series: {:.0f} more within 2.5 s"),
)


def reasons_in_words(measures: Mapping[str, float], pick: Pick, *, echo_of_s: float | None) -> tuple[str, ...]:
    """Say what speaks for and against an onset being a blast.

    Parameters
    ----------
    measures : mapping of str to float
        From `syncview.detect.measures.onset_measures`.
    pick : Pick
        The onset pick.
    echo_of_s : float, optional
        Recording time of the stronger onset of which this may be an echo.

    Returns
    -------
    tuple of str
    """
    said = [
        saying.words.format(measures[saying.measure])
        for saying in _SAYINGS
        if saying.measure in measures and saying.least <= measures[saying.measure] <= saying.most
    ]
    if pick.emergent:
        said.append(f"no sharp onset: ways to pick it lie up to {pick.apart_s * 1e3:.0f} ms apart")
    if echo_of_s is not None:
        said.append(f"possible echo of the stronger sound at {echo_of_s:.3f} s")
    return tuple(said)
