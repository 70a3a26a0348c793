"""Defaults of what is seen, with their reasons; see `syncview.settings`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PictureSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureSettings:
    """Shots, copies and motion in the pictures of recordings."""

    width_px: int = 64  # 20 x 20 pixels of 720p are one: grain and coding noise are gone, people and cars are not
    height_px: int = 36
    cut_least_change: float = 0.08  # half the squared distance of normalised pictures; a hand's shake stays below
    cut_change_ratio: float = 1.5  # over the changes around it: a cut stands alone, a pan does not
    cut_around_frames: int = 4
    cut_blank_level: float = 4.0  # grey levels, 1 sigma: black, white and empty pictures belong to no shot
    cut_unlike: float = 0.3  # by chance, pictures of different places are alike up to this at some shift
    cut_alike: float = 0.38  # the same place after a frame, or behind the smoke of an explosion
    cut_steady: float = 0.9  # where both sides stand so still, less likeness than the above is another place already
    cut_reach_s: float = 2.0  # within it the place shows again after a flash or a hand before the lens
    cut_freeze_s: float = 1.0  # a picture that stands longer is a still, shorter a camera that dropped frames
    cut_insert_s: float = 0.4  # shorter inserts between two views of one place are taken for disturbances
    cut_flash_levels: float = 25.0  # a sudden rise of all the picture by so much that fades again is a flash
    thumb_width_px: int = 32  # of the kept pictures, without bars: what is known of a scene's arrangement
    thumb_height_px: int = 18
    thumb_rate_hz: float = 8.0  # means over an eighth of a second: 280 kB a minute, and little is lost between two
    region_columns: int = 4  # mean levels of 12 regions in every frame tell the moment; 43 kB a minute at 30 Hz
    region_rows: int = 3
    bar_level: int = 24  # coded black with noise; brighter borders belong to the picture
    bar_seen_s: float = 20.0  # a dark border that lasts so long is a bar
    copy_rate_hz: float = 25.0  # grid on which curves are compared before they are refined on the frames' own times
    copy_window_s: float = 5.0  # a hand's shake over so long does not come twice
    copy_hop_s: float = 2.5
    copy_windows_at_most: int = 240  # 10 minutes in full; sampled in longer recordings
    copy_slow_s: float = 2.0  # slower changes of a region are light and exposure
    copy_noise_levels: float = 0.7  # what codecs change in a region that stands still
    copy_least_ncc: float = 0.5  # of curves, to look closer; different footage reaches it rarely, cropped copies more
    copy_clusters_at_most: int = 12  # places to look closer at
    # With shake to compare, the hand decides: neighbours reach 0.2 of shake and 0.62 of change, copies 0.9 and more.
    copy_shake_px: float = 0.1  # of a thumb, median per frame: 4 pixels of 720p; people who pass look like less
    copy_least_shake: float = 0.75  # correlation of how the cameras sway
    copy_least_structure: float = 0.88  # of pictures laid over each other; logo, caption and crop cost up to 0.1
    copy_least_change: float = 0.6  # of what changed within 3/8 s
    copy_most_displaced_px: float = 0.3  # of a thumb: near and far things lie otherwise for a neighbour
    # Without it, a neighbour on a tripod sees nearly the same: mostly copies without crop are told from it.
    copy_still_structure: float = 0.985
    copy_still_change: float = 0.84
    copy_still_displaced_px: float = 0.055
    copy_change_lead: float = 0.25  # over the same footage laid over itself at wrong moments: fans, lamps, loops
    copy_change_levels: float = 1.2  # grey levels that a picture must change by to be compared at all
    copy_least_s: float = 2.5  # of such change, in all
    motion_rate_hz: float = 12.5
    motion_slow_s: float = 2.0
    motion_least_overlap_s: float = 8.0  # less has a match by chance
    motion_least_z: float = 5.5  # height over the scatter at other lags
    motion_lead: float = 1.35  # over the next best lag
    motion_guard_s: float = 1.0  # nearer lags are flanks of one
    same_cut_s: float = 0.4  # cuts of picture and of sound so near each other are one: sound finds its own to 0.3 s
    same_lag_s: float = 0.1  # picture and sound of a copy so near each other are in step
    flash_least_levels: float = 8.0  # grey levels from one frame to the next: clouds, cars and exposure are slower
    flash_least_sigmas: float = 10.0  # of the usual change between frames
    flash_least_share: float = 0.75  # of the picture's regions: what passes close by covers fewer
    flash_fade_s: float = 0.6  # by then half is gone; an exposure that has jumped, or a cut, stays
    flash_reach_s: float = 6.0  # between flash and bang: 2 km
    flash_travel_share: float = 0.8  # of the greatest distance: one pair of cameras in a hundred is so far in one line
    flash_slack_s: float = 0.2  # a frame, an onset, what cameras put between picture and sound
