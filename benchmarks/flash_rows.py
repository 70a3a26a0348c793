"""Small frames of simulated scenes, rendered once, and what the search for flashes measures in them."""

from __future__ import annotations

import pickle
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar

import cv2

from benchmarks.flash_scenes import LEAST_DELAY_S, MOST_DELAY_S, FlashScene, make_scene
from syncview.media.luma import luma_windows
from syncview.model import LightCandidate, LumaWindow
from syncview.settings import FlashSettings

if TYPE_CHECKING:
    from collections.abc import Callable

SETTINGS = FlashSettings()


class BangScene(Protocol):
    """A file, and when its bang is heard."""

    @property
    def path(self) -> Path:
        """The file."""

    @property
    def bang_s(self) -> float:
        """Recording time of the bang."""


Scene = TypeVar("Scene", bound=BangScene)


def scene_window(seed: int, clips: tuple[tuple[str, float], ...], keep: Path | None) -> tuple[FlashScene, LumaWindow]:
    """A scene and the frames that its bang allows, as the program reads them; from `keep` where they are there."""
    return kept_window(f"scene-{seed}", lambda folder: make_scene(seed, folder, clips=clips), keep)


def kept_window(name: str, make: Callable[[Path], Scene], keep: Path | None) -> tuple[Scene, LumaWindow]:
    """The same for any kind of scene."""
    kept = None if keep is None else keep / f"{name}.pkl"
    if kept is not None and kept.exists():
        scene, parts = pickle.loads(kept.read_bytes())
        return scene, LumaWindow(**parts)
    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        scene = make(Path(folder))
        stretch_s = (scene.bang_s - MOST_DELAY_S, scene.bang_s - LEAST_DELAY_S)
        window = next(
            luma_windows(
                scene.path,
                [stretch_s],
                long_side_px=SETTINGS.long_side_px,
                before_s=SETTINGS.before_s,
                after_s=SETTINGS.after_s,
            )
        )
    if kept is not None:
        kept.parent.mkdir(parents=True, exist_ok=True)
        parts = {name: getattr(window, name) for name in LumaWindow.__dataclass_fields__}
        kept.with_suffix(".part").write_bytes(pickle.dumps((scene, parts)))
        kept.with_suffix(".part").rename(kept)
    return scene, window


def is_right(found: LightCandidate, scene: FlashScene) -> bool:
    """Whether a candidate is the flash: at most one frame off."""
    if scene.flash is None or scene.flash.frame_s is None or found.kind != "flash":
        return False
    return abs(found.time_s - scene.flash.frame_s) <= 1.02 * (found.time_s - found.before_s)
