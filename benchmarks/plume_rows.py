"""Small frames of simulated scenes with plumes, rendered once, and when a candidate is right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.flash_rows import kept_window
from benchmarks.plume_scenes import PlumeScene, PlumeTruth, make_plume_scene
from syncview.settings import PlumeSettings

if TYPE_CHECKING:
    from pathlib import Path

    from syncview.model import LightCandidate, LumaWindow

PLUMES = PlumeSettings()
LATE_S = 0.7
NEAR_PX = 40.0  # of 480: a camera shakes, and a plume drifts, between the first frame and the found one


def plume_window(seed: int, clips: tuple[tuple[str, float], ...], keep: Path | None) -> tuple[PlumeScene, LumaWindow]:
    """A scene and the frames that its bang allows, as the program reads them; from `keep` where they are there."""
    return kept_window(f"plume-{seed}", lambda folder: make_plume_scene(seed, folder, clips=clips), keep)


def _far_px(found: LightCandidate, truth: PlumeTruth) -> float:
    """How far a candidate's box is from the middle of what a plume first shows."""
    if truth.place_px is None:
        return float("inf")
    left, top, width, height = found.box_px
    across = max(left - truth.place_px[0], truth.place_px[0] - left - width)
    down = max(top - truth.place_px[1], truth.place_px[1] - top - height)
    return max(across, down, 0.0)


def is_plume(found: LightCandidate, scene: PlumeScene, *, early_s: float = 0.0) -> bool:
    """Whether a candidate is the plume: at its place, from the detonation to 0.7 s after the first frame with it.

    What is dated earlier than the detonation, by up to `early_s`, counts as well.
    """
    truth = scene.plume
    if truth is None or truth.seen_s is None:
        return False
    in_time = truth.burst_s - early_s - 1e-6 <= found.time_s <= truth.seen_s + LATE_S
    return in_time and _far_px(found, truth) <= NEAR_PX
