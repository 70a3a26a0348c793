"""Every default, with its reason. A run echoes all of them into its result.

Rooms take the part that is theirs (``Settings.sync`` and so on), so that an array-level test needs nothing else.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

__all__ = ["AudioSettings", "DetectSettings", "MediaSettings", "ReconstructSettings", "Settings", "SyncSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioSettings:
    """How sound is brought onto one axis."""

    rate_hz: int = 16_000  # blasts and shots are told apart up to 7 kHz; more only costs


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSettings:
    """Limits of the processes that open files from strangers."""

    probe_timeout_s: float = 60.0  # a healthy header reads in milliseconds; a hostile one may loop
    decode_timeout_per_media_s: float = 1.0  # seconds allowed per second of media; sound decodes 400 x faster
    decode_timeout_floor_s: float = 120.0  # slow disks and short files
    memory_limit_mib: int = 4096  # a decoder that wants more is broken or attacked


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """Lag hypotheses of pairs and their joint choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectSettings:
    """Blast onsets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReconstructSettings:
    """Clocks and strikes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a run."""

    audio: AudioSettings = field(default_factory=AudioSettings)
    media: MediaSettings = field(default_factory=MediaSettings)
    sync: SyncSettings = field(default_factory=SyncSettings)
    detect: DetectSettings = field(default_factory=DetectSettings)
    reconstruct: ReconstructSettings = field(default_factory=ReconstructSettings)
    strike_threshold: float = 0.5  # an event is called a strike when it is likelier one than not

    def as_dict(self) -> dict[str, object]:
        """All values by name, as the result echoes them.

        Examples
        --------
        >>> Settings().as_dict()["strike_threshold"]
        0.5
        """
        return asdict(self)
