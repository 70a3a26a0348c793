"""Recordings and what is known of them, as the stages of a run hand them on."""

from __future__ import annotations

from fractions import Fraction

from syncview.case import CaseFile, parse_case
from syncview.model import AudioStream, Duplicate, LagHypothesis, PairMatch, Recording
from syncview.pipeline.copies import Copies
from syncview.pipeline.joint import Joint, place_recordings
from syncview.pipeline.knowledge import Knowledge, gather_knowledge
from syncview.pipeline.listen import Heard
from syncview.pipeline.matching import Matched
from syncview.settings import ReconstructSettings, Settings

SETTINGS = Settings(reconstruct=ReconstructSettings(drift_uncertainty_ppm=0.0))
SOUND = Heard(start_s=0.0, duration_s=60.0, usable_s=60.0, intervals=(), warnings=(), detections=())
NO_COPIES = Copies(
    pairs=(),
    duplicates=(),
    witness_of={},
    muted=frozenset(),
    verified=frozenset(),
    contradicted=frozenset(),
    findings=(),
)


def recording(name: str, sha: str | None = None, **changes: object) -> Recording:
    """A minute of sound named `r-NAME`, from the file NAME.mp4."""
    known: dict[str, object] = {
        "id": f"r-{name}",
        "path": f"in/{name}.mp4",
        "name_display": f"{name}.mp4",
        "sha256": (sha or name) * 64,
        "size_bytes": 1,
        "kind": "video",
        "duration_s": Fraction(60),
        "container": None,
        "video": None,
        "audio": AudioStream(
            codec="aac", rate_hz=48_000, channels=1, time_base=Fraction(1, 48_000), start_s=None, priming_samples=0
        ),
    }
    return Recording(**known | changes)


def lag(lag_s: float, **changes: object) -> tuple[LagHypothesis, ...]:
    """One lag beyond doubt."""
    known: dict[str, object] = {"lag_spread_s": 0.01, "probability": 0.999, "supports": 5}
    return (LagHypothesis(lag_s=lag_s, **known | changes),)


def matched_of(lags=None, *, failed=None, **changes: object) -> Matched:
    """What sound says: hypotheses by the two ids."""
    known: dict[str, object] = {
        "pairs": {key: PairMatch(hypotheses=found) for key, found in (lags or {}).items()},
        "found": {key: PairMatch(hypotheses=found) for key, found in (lags or {}).items()},
        "pieces": {},
        "wholes": {},
        "cuts": (),
        "failed": failed or {},
    }
    return Matched(**known | changes)


def knowledge_of(*recordings: Recording, case: CaseFile | None = None, settings: Settings = SETTINGS) -> Knowledge:
    """What people state."""
    return gather_knowledge(case or parse_case(""), recordings, settings=settings.reconstruct)


def placed(
    case: CaseFile,
    *recordings: Recording,
    lags=None,
    failed=None,
    duplicates: tuple[Duplicate, ...] = (),
    copies: Copies = NO_COPIES,
    heard=None,
    settings: Settings = SETTINGS,
) -> Joint:
    """All on clocks by these lags and what people state."""
    return place_recordings(
        recordings,
        heard={r.id: SOUND for r in recordings} if heard is None else heard,
        matched=matched_of(lags, failed=failed),
        same_files=duplicates,
        copies=copies,
        knowledge=knowledge_of(*recordings, case=case, settings=settings),
        preferred=(),
        settings=settings,
    )
