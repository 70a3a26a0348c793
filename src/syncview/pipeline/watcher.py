"""Frame after frame of one span: figures, their colours, the camera's motion, and how much can be seen at all."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from syncview.detect.camera_motion import MotionFinder
from syncview.detect.clothing import clothing_shares
from syncview.detect.nanodet import find_figures_in
from syncview.detect.view_conditions import ViewFinder
from syncview.model import Figures, Watched
from syncview.pipeline.detector import open_detector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.pipeline.detector import Detector
    from syncview.settings import MovementSettings

__all__ = ["Watcher"]


class Watcher:
    """Looks at the frames of a span, one after the other.

    Parameters
    ----------
    settings : MovementSettings
        The part `movement`.
    """

    def __init__(self, settings: MovementSettings) -> None:
        import cv2  # slow to import, and needed only where pictures are looked at

        cv2.setNumThreads(settings.threads)  # the pool is the parallelism
        self._settings, self._detector = settings, _detector(settings)
        self._motion_finder, self._view_finder = MotionFinder(settings), ViewFinder(settings)
        self._times_s: list[float] = []
        self._motion: list[NDArray[np.float64]] = []
        self._view: list[tuple[float, float, float, float]] = []
        self._figures: list[Figures] = []
        self._size_px = (0, 0)

    def look(self, time_s: float, picture: NDArray[np.uint8], *, counts: bool) -> None:
        """Take the next frame.

        Parameters
        ----------
        time_s : float
            Recording time in seconds.
        picture : ndarray of uint8, shape (height_px, width_px, 3)
            Blue, green, red.
        counts : bool
            Whether it belongs to the span; else it is the frame before, and only tells where the camera looked.
        """
        settings = self._settings
        boxes_px, scores, vehicle = find_figures_in(picture, self._detector.run, settings=settings)
        motion = self._motion_finder.step(picture, boxes_px)
        view = self._view_finder.step(picture, boxes_px, motion)
        if not counts:
            return
        if not self._times_s:
            self._size_px = picture.shape[1], picture.shape[0]
        light_head, vivid_head, vivid_body = clothing_shares(picture, boxes_px, vehicle, settings=settings)
        figures = Figures(
            frame=np.full(len(scores), len(self._times_s), np.int64),
            boxes_px=boxes_px,
            scores=scores,
            vehicle=vehicle,
            light_head=light_head,
            vivid_head=vivid_head,
            vivid_body=vivid_body,
        )
        self._times_s.append(time_s)
        self._motion.append(motion)
        self._view.append((view.brightness, view.contrast, view.sharpness, view.strange_motion))
        self._figures.append(figures)

    def finish(self, all_times_s: NDArray[np.float64]) -> Watched:
        """Put together what was seen.

        Parameters
        ----------
        all_times_s : ndarray of float64, shape (n,)
            Times of all frames of the file, for the numbers of those that were looked at.

        Returns
        -------
        Watched
            Without frames where the span has none.
        """
        times_s = np.array(self._times_s, np.float64)
        view = np.array(self._view, np.float32).reshape(-1, 4)
        return Watched(
            size_px=self._size_px,
            times_s=times_s,
            indices=_nearest(all_times_s, times_s),
            motion=np.array(self._motion, np.float64).reshape(-1, 2, 3),
            brightness=view[:, 0],
            contrast=view[:, 1],
            sharpness=view[:, 2],
            strange_motion=view[:, 3],
            figures=self._all_figures(),
        )

    def _all_figures(self) -> Figures:
        frame = [np.zeros(0, np.int64), *(each.frame for each in self._figures)]
        boxes_px = [np.zeros((0, 4), np.float32), *(each.boxes_px for each in self._figures)]
        none = np.zeros(0, np.float32)
        return Figures(
            frame=np.concatenate(frame),
            boxes_px=np.concatenate(boxes_px),
            scores=np.concatenate([none, *(each.scores for each in self._figures)]),
            vehicle=np.concatenate([np.zeros(0, np.bool_), *(each.vehicle for each in self._figures)]),
            light_head=np.concatenate([none, *(each.light_head for each in self._figures)]),
            vivid_head=np.concatenate([none, *(each.vivid_head for each in self._figures)]),
            vivid_body=np.concatenate([none, *(each.vivid_body for each in self._figures)]),
        )


@lru_cache(maxsize=1)
def _detector(settings: MovementSettings) -> Detector:
    """Opened once for each process."""
    return open_detector(settings)


def _nearest(all_times_s: NDArray[np.float64], times_s: NDArray[np.float64]) -> NDArray[np.int64]:
    """Number of the frame at each moment; counted from the moments themselves where the file tells no times."""
    if not len(all_times_s):
        return np.arange(len(times_s), dtype=np.int64)
    after = np.clip(np.searchsorted(all_times_s, times_s), 1, max(len(all_times_s) - 1, 1))
    before = after - 1
    after = np.minimum(after, len(all_times_s) - 1)
    earlier = times_s - all_times_s[before] <= all_times_s[after] - times_s
    return np.where(earlier, before, after).astype(np.int64)
