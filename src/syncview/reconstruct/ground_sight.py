"""Where a figure stands by the camera's place and heading: bearing by place, distance by size in the picture.

Nothing is known of the lens but that it is a camera's: what lies across the longer side of the picture is 55 to 75
degrees (main cameras of phones: 24 to 28 mm equivalent, 65 to 74 degrees; 60 and less where video is cropped for
stabilisation). Draws of all that is unknown give the place and its ellipse.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from syncview.reconstruct.ground_places import place_of_draws

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from syncview.model.movement import FigureKind
    from syncview.reconstruct.ground_places import CameraView, GroundPoint
    from syncview.reconstruct.local_plane import LocalPlane
    from syncview.settings import MovementSettings

__all__ = ["Sights"]

_SIGMAS_OF_95 = 1.96
_SIGMAS_OF_95_PLANE = 2.4477


class Sights:
    """What a camera of known place and heading may see: draws of its place, heading, lens and tilt.

    Parameters
    ----------
    view : CameraView
        As stated.
    size_px : tuple of int
        Width and height of the picture.
    plane : LocalPlane
        That metres are on.
    settings : MovementSettings
        How uncertain all is.
    """

    def __init__(
        self, view: CameraView, *, size_px: tuple[int, int], plane: LocalPlane, settings: MovementSettings
    ) -> None:
        rng = np.random.default_rng(7)
        count = settings.ground_draws
        east_m, north_m = plane.metres(view.position.lat, view.position.lon)
        sigma_m = view.position.uncertainty_m / _SIGMAS_OF_95_PLANE
        self.plane, self.size_px = plane, size_px
        self.places_m = np.array([east_m, north_m]) + sigma_m * rng.standard_normal((count, 2))
        off_deg = settings.heading_uncertainty_deg / _SIGMAS_OF_95 * rng.standard_normal(count)
        self.headings = np.radians(view.heading_deg + off_deg)
        wide = np.radians(rng.uniform(*settings.lens_deg, count))
        self.focals_px = 0.5 * max(size_px) / np.tan(wide / 2.0)
        self.rolls = np.radians(settings.roll_deg / _SIGMAS_OF_95 * rng.standard_normal(count))
        self.downs = np.radians(settings.down_deg / _SIGMAS_OF_95 * rng.standard_normal(count))
        self.heights_m = {
            "person": settings.person_m + settings.person_uncertainty_m / _SIGMAS_OF_95 * rng.standard_normal(count),
            "vehicle": rng.uniform(*settings.vehicle_m, count),
        }
        self.box_factors = 1.0 + settings.box_height_share / _SIGMAS_OF_95 * rng.standard_normal(count)
        self.noise = rng.standard_normal(count)

    def place(
        self, time_s: float, foot_px: NDArray[np.float64], tall_px: float, kind: FigureKind, shift_sigma_px: float
    ) -> GroundPoint:
        """Where a figure stands whose foot and height are given, in the frame that the heading is of.

        Parameters
        ----------
        time_s : float
            Recording time.
        foot_px : ndarray of float64, shape (2,)
            As it would stand in that frame.
        tall_px : float
            Height of its box.
        kind : str
            "person" or "vehicle".
        shift_sigma_px : float
            Standard deviation of the foot's place across, from the camera's motion and the box.

        Returns
        -------
        GroundPoint
        """
        across_px = foot_px[0] - 0.5 * self.size_px[0] + shift_sigma_px * self.noise
        below_px = foot_px[1] - 0.5 * self.size_px[1]
        across = (across_px + self.rolls * below_px) / self.focals_px
        bearings = self.headings + np.arctan(across)
        below = np.arctan((below_px - 0.5 * tall_px) / self.focals_px)
        seen_from_above = np.square(np.cos(self.downs + below) / np.cos(below))  # shows less of a height
        depths_m = self.heights_m[kind] * self.focals_px / (tall_px * self.box_factors) * seen_from_above
        away_m = depths_m * np.hypot(1.0, across)
        ways = np.stack([np.sin(bearings), np.cos(bearings)], axis=1)
        drawn = self.places_m + away_m[:, None] * ways
        return place_of_draws(time_s, drawn.mean(axis=0), drawn, self.plane)
