"""Which recordings are copies of one: by their sound, by their picture, and whether the two agree."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from syncview.model import Duplicate, Finding, PairMatch
from syncview.timebase import round_s

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from syncview.model import PictureMatch, Recording
    from syncview.pipeline.matching import Matched
    from syncview.settings import Settings

__all__ = ["Copies", "SameRecording", "find_copies"]

_GENERATIONS = ("camera original", "unknown", "messenger copy", "re-upload", "screen recording", "edited")


@dataclass(frozen=True, slots=True, kw_only=True)
class SameRecording:
    """Two files from one recording. `sound_lag_s` and `picture_lag_s` are ``r_a - r_b``, None where it is not shown.

    `moment_s` are the recording times of the middle of what they share.
    """

    a_id: str
    b_id: str
    sound_lag_s: float | None
    picture_lag_s: float | None
    uncertainty_s: float
    moment_s: tuple[float, float]
    evidence: str

    @property
    def lag_s(self) -> float:
        """The lag of the sound where both have it, else of the picture."""
        return self.sound_lag_s if self.sound_lag_s is not None else float(self.picture_lag_s or 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copies:
    """All that copies say: pairs, the witnesses that they are, and what their pictures say of each other's clocks.

    `muted` are copies whose sound is another's: only the picture places them.
    """

    pairs: tuple[SameRecording, ...]
    duplicates: tuple[Duplicate, ...]
    witness_of: Mapping[str, str]
    muted: frozenset[str]
    verified: frozenset[str]
    contradicted: frozenset[str]
    findings: tuple[Finding, ...]

    def with_twins(self, like: Mapping[str, str]) -> Copies:
        """The same, what is said of the pictures of files also said of their twins, byte by byte."""

        def and_twins(names: frozenset[str]) -> frozenset[str]:
            return names | {twin for twin, first in like.items() if first in names}

        return replace(self, verified=and_twins(self.verified), contradicted=and_twins(self.contradicted))


def find_copies(
    matched: Matched,
    pictures: Mapping[tuple[str, str], PictureMatch],
    recordings: Sequence[Recording],
    *,
    settings: Settings,
) -> Copies:
    """Collect what sound and picture show of copies.

    Parameters
    ----------
    matched : Matched
        The sound of all pairs.
    pictures : mapping
        Pairs whose pictures show the same footage.
    recordings : sequence of Recording
        All of them.
    settings : Settings
        How near the lags of sound and picture are in step.

    Returns
    -------
    Copies
        Each duplicate names its witness first: what is nearest to the camera, the longest, the first by id.
    """
    known = {recording.id: recording for recording in recordings}
    pairs = _pairs(matched, pictures, settings)
    duplicates = _duplicates(pairs, known)
    witness_of = {name: same.recording_ids[0] for same in duplicates for name in same.recording_ids}
    verified, contradicted, muted, findings = set(), set(), set(), []
    for pair in pairs:
        first, second = sorted((pair.a_id, pair.b_id), key=lambda name: _rank(known[name]))
        if pair.sound_lag_s is None:
            muted.add(second)
        elif pair.picture_lag_s is not None:
            off_s = pair.picture_lag_s - pair.sound_lag_s
            if abs(off_s) <= settings.picture.same_lag_s + pair.uncertainty_s:
                verified |= {first, second}
            else:
                findings.append(_out_of_step(pair, first, second, off_s, known))
                contradicted |= {second} if _told_apart(known[first], known[second]) else {first, second}
    return Copies(
        pairs=pairs,
        duplicates=duplicates,
        witness_of=witness_of,
        muted=frozenset(muted),
        verified=frozenset(verified - contradicted),
        contradicted=frozenset(contradicted),
        findings=tuple(findings),
    )


def _pairs(
    matched: Matched, pictures: Mapping[tuple[str, str], PictureMatch], settings: Settings
) -> tuple[SameRecording, ...]:
    found = []
    for a, b in sorted({*(key for key, pair in matched.pairs.items() if pair.copies), *pictures}):
        pair, picture = matched.pairs.get((a, b), PairMatch()), pictures.get((a, b))
        sound = max(pair.copies, key=lambda copy: copy.span_a_s[1] - copy.span_a_s[0], default=None)
        sound_lag_s = None if sound is None else sound.lag_s
        if sound is None and picture is not None:
            air = next((h for h in pair.hypotheses if h.sound == "acoustic"), None)
            if air is not None and air.probability >= settings.sync.settled_probability:
                # Music may hide that the sound is a copy; sound of another moment shows that the picture is none.
                if abs(air.lag_s - picture.lag_s) > settings.picture.same_lag_s + picture.uncertainty_s:
                    continue
                sound_lag_s = air.lag_s
        span_a_s = _longest(picture) if sound is None else sound.span_a_s
        shown = [each for each in (sound, picture) if each is not None]
        lag_s = sound_lag_s if sound_lag_s is not None else picture.lag_s if picture is not None else 0.0
        found.append(
            SameRecording(
                a_id=a,
                b_id=b,
                sound_lag_s=sound_lag_s,
                picture_lag_s=None if picture is None else picture.lag_s,
                uncertainty_s=max(each.uncertainty_s for each in shown),
                moment_s=_middle(span_a_s, lag_s),
                evidence="; ".join(each.evidence for each in shown),
            )
        )
    return tuple(found)


def _middle(span_a_s: tuple[float, float], lag_s: float) -> tuple[float, float]:
    middle_s = 0.5 * (span_a_s[0] + span_a_s[1])
    return middle_s, middle_s - lag_s


def _longest(picture: PictureMatch | None) -> tuple[float, float]:
    if picture is None or not picture.segments:
        return 0.0, 0.0
    longest = max(picture.segments, key=lambda segment: segment.length_s)
    return longest.b_start_s + longest.lag_s, longest.b_end_s + longest.lag_s


def _duplicates(pairs: Sequence[SameRecording], known: Mapping[str, Recording]) -> tuple[Duplicate, ...]:
    """Files that are one witness, joined through any copy."""
    sets: list[set[str]] = []
    for pair in pairs:
        touched = [s for s in sets if s & {pair.a_id, pair.b_id}]
        sets = [s for s in sets if s not in touched] + [set().union({pair.a_id, pair.b_id}, *touched)]
    return tuple(
        Duplicate(
            recording_ids=tuple(sorted(names, key=lambda name: _rank(known[name]))),
            kind="same_recording",
            evidence=" | ".join(dict.fromkeys(p.evidence for p in pairs if p.a_id in names)),
        )
        for names in sorted(sets, key=min)
    )


def _rank(recording: Recording) -> tuple[int, float, str]:
    """What is nearest to the camera first, then the longest."""
    return _GENERATIONS.index(recording.generation.value), -float(recording.duration_s or 0), recording.id


def _told_apart(first: Recording, second: Recording) -> bool:
    """Whether it is known which of two is the original."""
    return first.generation.value == "camera original" != second.generation.value


def _out_of_step(pair: SameRecording, first: str, second: str, off_s: float, known: Mapping[str, Recording]) -> Finding:
    names = (known[first].name_display, known[second].name_display)
    return Finding(
        kind="picture_clock",
        recording_ids=(first, second),
        group_id=None,
        time_s=None,
        value=round_s(off_s if pair.a_id == first else -off_s),
        unit="s",
        message=f"{names[0]} and {names[1]} show the same recording, but picture and sound agree at lags "
        f"{abs(off_s):.2f} s apart: in one of them the sound was moved against the picture",
    )
