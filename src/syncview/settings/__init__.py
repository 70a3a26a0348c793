"""Every default, with its reason. A run echoes all of them into its result.

Rooms take the part that is theirs (``Settings.sync`` and so on), so that an array-level test needs nothing else.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

from syncview.settings.common_sounds import CommonSoundSettings
from syncview.settings.detect import AircraftSettings, DetectSettings, FlashSettings, PlumeSettings
from syncview.settings.movement import MovementMode, MovementSettings
from syncview.settings.picture import PictureSettings
from syncview.settings.places import PlaceSettings
from syncview.settings.reconstruct import ReconstructSettings
from syncview.settings.solving import SolvingSettings
from syncview.settings.sync import SyncSettings
from syncview.settings.utc import UtcSettings

__all__ = [
    "AircraftSettings",
    "AudioSettings",
    "CommonSoundSettings",
    "DetectSettings",
    "FlashSettings",
    "MediaSettings",
    "MovementMode",
    "MovementSettings",
    "PictureSettings",
    "PlaceSettings",
    "PlumeSettings",
    "ReconstructSettings",
    "Settings",
    "SolvingSettings",
    "SyncSettings",
    "UtcSettings",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class AudioSettings:
    """How sound is brought onto one axis."""

    rate_hz: int = 16_000  # blasts and shots are told apart up to 7 kHz; more only costs
    silence_level: float = 1e-6  # -120 dB full scale: what decoders leave of coded zeros, below any microphone's noise
    listen_s: float = 60.0  # how far to listen for a first sound; a working microphone hisses at once
    digital_silence_s: float = 0.1  # shorter stretches of zeros occur inside real sound
    clip_level: float = 0.99  # peaks this near to full scale; encoders lower or overshoot a clipped top by 1 %
    clip_run_samples: int = 3  # one or two samples at the top are a peak, more are a flat top
    clip_join_s: float = 0.05  # flat tops of one loud sound are one interval
    max_gap_s: float = 600.0  # a longer jump of time stamps is a fault of the stamps, not a pause in the recording


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaSettings:
    """Limits of the processes that open files from strangers."""

    probe_timeout_s: float = 60.0  # a healthy header reads in milliseconds; a hostile one may loop
    decode_timeout_per_media_s: float = 1.0  # seconds allowed per second of media; sound decodes 400 x faster
    decode_timeout_floor_s: float = 120.0  # slow disks and short files
    look_timeout_per_media_s: float = 5.0  # 4K at 60 frames a second decodes at half its speed
    proxy_timeout_per_media_s: float = 10.0  # 4K at 60 frames a second is copied at a fifth of its speed
    match_timeout_s: float = 600.0  # two hours of sound against two hours take a minute
    memory_limit_mib: int = 4096  # a decoder that wants more is broken or attacked
    probe_timeout_per_gib_s: float = 120.0  # hashing at 10 MB a second, a slow USB stick


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a run."""

    audio: AudioSettings = field(default_factory=AudioSettings)
    media: MediaSettings = field(default_factory=MediaSettings)
    sync: SyncSettings = field(default_factory=SyncSettings)
    common_sounds: CommonSoundSettings = field(default_factory=CommonSoundSettings)
    detect: DetectSettings = field(default_factory=DetectSettings)
    aircraft: AircraftSettings = field(default_factory=AircraftSettings)
    reconstruct: ReconstructSettings = field(default_factory=ReconstructSettings)
    places: PlaceSettings = field(default_factory=PlaceSettings)
    solving: SolvingSettings = field(default_factory=SolvingSettings)
    picture: PictureSettings = field(default_factory=PictureSettings)
    flash: FlashSettings = field(default_factory=FlashSettings)
    movement: MovementSettings = field(default_factory=MovementSettings)
    utc: UtcSettings = field(default_factory=UtcSettings)
    plume: PlumeSettings = field(default_factory=PlumeSettings)
    strike_threshold: float = 0.5  # an event is called a strike when it is likelier one than not

    def as_dict(self) -> dict[str, object]:
        """All values by name, as the result echoes them.

        Examples
        --------
        >>> Settings().as_dict()["strike_threshold"]
        0.5
        """
        return asdict(self)
