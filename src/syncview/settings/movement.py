"""Defaults of people and vehicles in pictures, with their reasons; see `syncview.settings`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["MovementMode", "MovementSettings"]

MovementMode = Literal["whole", "tiles", "off"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MovementSettings:
    """How figures are recognised, followed, and what of their tracks is told."""

    mode: MovementMode = "whole"  # tiles: smaller figures as well, for five times the time
    rate_hz: float = 5.0  # frames looked at: a runner moves by half his height between two
    span_s: float = 60.0  # looked at in pieces of this length, for the sake of progress, memory and many workers
    least_score: float = 0.25  # of the detector, for a figure that continues a track
    least_track_score: float = 0.40  # for one that begins it: by eye no false person in 6 frames of a campus
    smallest_px: float = 25.0  # height of a person below which the detector misses most
    # What is decoded, and what becomes of it.
    long_side_px: int = 1280  # a tile of half of that is what the network takes in; more only costs
    threshold: float = 0.5  # a movement is an event when it is likelier one than not; below, a candidate
    timeout_per_media_s: float = 20.0  # seconds allowed per second of media: tiles on one slow core take four

    # The network's looks at a picture (detect/nanodet.py, detect/tiles.py).
    seen_from_input_px: float = 18.0  # height in what the network takes (416 px) from which it misses few persons: of a
    # campus film made smaller 94 % are found, of 10 to 14 px 32 %; COCO calls less than 21 px of it small
    threads: int = 1  # files are looked at side by side, so that more for one of them wins nothing
    same_figure_iou: float = 0.6  # boxes of one look that overlap more are one figure: what NanoDet was evaluated with
    # Looks at parts, besides the whole: so many along the longer side, so many along the shorter. 2 x 2 show persons of
    # little more than half the height, for five times the cost.
    tiles: tuple[int, int] = (1, 1)
    tile_overlap: float = 0.2  # of a tile: figures of up to a ninth of the picture's side stand whole in one of them
    same_in_tiles_iou: float = 0.45  # boxes of two looks; at two scales they fit worse than in one look
    same_in_tiles_part: float = 0.6  # of a figure that a tile's border cut, within another: it is a part of that
    # Colours of clothing (detect/clothing.py); nothing is filtered by them.
    clothing_from_px: float = 60.0  # height of a person; of a smaller one the head is fewer than 12 px high, all edge
    head_rows: tuple[float, float] = (0.02, 0.15)  # of the box: a head is an eighth of the height, and boxes are loose
    body_rows: tuple[float, float] = (0.20, 0.55)  # of the box: shoulders to hips
    head_columns: float = 0.3  # of the box's width, in its middle: a head is 0.09 of the height wide, a box 0.3 to 0.4
    body_columns: float = 0.5  # shoulders are a quarter of the height wide; beside them arms swing

    # The camera's motion, at a small size (detect/camera_motion.py).
    motion_px: int = 320  # longer side: 0.5 px of error there is less than a detector's box wanders
    motion_off_px: float = 2.0  # at that size: what parallax and a rolling shutter may add to a still thing's way
    motion_points: int = 12  # fewer agree by chance
    motion_share: float = 0.4  # of the followed points: below it, the picture tells of several motions
    motion_cells: int = 6  # of 40: so that one bus is not taken for the surroundings

    # Tracks. Sizes are a person's height, of a vehicle the root of its box's area; physics, checked by simulation.
    track_person_speed_s: float = 1.5  # sizes a second, standard deviation: a walker 0.8, a sprinter 4
    track_vehicle_speed_s: float = 3.0  # a car at 50 km/h 5, most in such footage slower
    track_change_s2: float = 0.8  # sizes a second squared: into a walk within a second; sudden starts are caught apart
    track_box_off: float = 0.07  # sizes: how far a detector's box of a figure wanders
    track_box_off_px: float = 2.0
    track_keep_s: float = 2.0  # a figure that is not seen is waited for: behind another, a post, a car that passes
    track_least_s: float = 0.6  # a shorter track tells of no movement
    track_least_seen: int = 4  # boxes: false ones do not line up in four frames
    track_mean_score: float = 0.45  # of its boxes: what a thing that looks a little like a person never has for long

    # What a view lets one see.
    misses_most_input_px: float = 14.0  # height in the network's square below which it finds less than half of them
    view_px: int = 320  # longer side at which views are measured, near the detector's own
    view_dark: float = 25.0  # mean grey level of 255: darkened real pictures lose a fifth of their people there
    view_haze: float = 25.0  # grey levels: veiled real pictures lose a quarter of their people there
    view_blurred: float = 0.40  # of 0.7 to 0.8 when sharp: blurred real pictures lose two fifths of their people there
    view_strange: float = 0.002  # share of the picture: a car of 12 by 5 of 320 by 180

    # What tracks may mean. Speeds are in heights of the figure a second, the camera's motion taken out.
    border_share: float = 0.02  # of the picture's side: as far as a detector's box stays off the border that cuts it
    border_reach_s: float = 2.0  # recognised when half of it is in, or overlooked for a second or two
    border_least_speed: float = 0.2  # heights/s: 0.35 m/s, slower than anybody walks; a wavering box has less
    border_least_share: float = 0.3  # of what carries it over the border is its own motion; else the camera turned
    begins_after_s: float = 1.0  # what is there within a second of a beginning or a break was there before
    appears_for_s: float = 2.0  # recognised so long, for what begins or ends amid the picture; false boxes last less
    appears_taller: float = 1.5  # than the smallest recognised: else it came near enough to be recognised
    again_within_s: float = 3.0  # a track that begins where another ended so shortly before goes on with it
    again_within_heights: float = 1.0  # and so near; plus what a walk of 1.5 heights/s makes of the pause
    group_gap_s: float = 1.0  # people who enter within a second of each other
    group_span_s: float = 2.0  # and two seconds in all are one group
    group_apart_heights: float = 4.0  # and come by the same side, within 7 m of each other
    stands_speed: float = 0.1  # heights/s of a vehicle: 0.15 m/s; a box that wavers by 5 % moves by 0.05 over 2 s
    stands_for_s: float = 2.0  # longer than a stop to let somebody pass is none of the program's business
    drives_speed: float = 0.3  # heights/s: 0.45 m/s across, slower than anybody drives but when parking
    drives_heights: float = 0.75  # and by so much of its height in all: more than a box that grows as a door opens
    near_vehicle_widths: float = 1.5  # where people who get out stand
    near_vehicle_s: float = 20.0  # after it stops: doors, belts, stretchers
    fast_speed: float = 1.5  # heights/s: 2.6 m/s; people walk up to 2.0-2.2 m/s, then they run
    fast_for_s: float = 0.5  # longer than a box that jumps to a neighbour and back between two frames
    fast_window_s: float = 0.8  # over which a speed is told: 5 frames, two steps
    before_s: float = 5.0  # what somebody did before
    sudden_within_s: float = 3.0  # after a bang: people start within 0.3-1 s, others follow them
    sudden_speed_change: float = 0.8  # heights/s: from standing to a walk, or from a walk to a run
    sudden_turn_deg: float = 60.0  # more than anybody turns on a way, less than about
    sudden_drop_share: float = 0.75  # of the height before: somebody who crouches is half to two thirds as tall
    sudden_drop_for_s: float = 0.4  # for two frames at 5 Hz
    crowd_people: int = 3  # two are a couple
    crowd_apart_heights: float = 3.0  # 5 m across: who stands farther off does not belong
    crowd_for_s: float = 5.0  # longer than to walk past each other: who walks crosses 5 m in four seconds
    crowd_pause_s: float = 2.0  # fewer for shorter are still a crowd: somebody is hidden or overlooked
    crowd_like_height: float = 0.8  # of the taller in the picture: people of one distance differ so much by themselves
    crowd_hidden_s: float = (
        10.0  # so long somebody who stands is hidden by others, when one is found again where he was
    )
    crowd_hidden_heights: float = 1.0  # as far as people shift about where they stand
    crowd_walks_speed: float = 0.25  # heights/s, 0.4 m/s: people who all move on faster walk together
    crowd_least_off_s: float = (
        2.0  # 95 %, and what its score holds within: when a crowd has gathered has no sharp moment
    )
    least_movement_score: float = 0.15  # below it, five of six would be false
    less_seen_share: float = 0.5  # of its score is left to what shows plainly where people are not assessable

    # Tracks on the map.
    least_map_points: int = 4  # eight unknowns, two from each
    map_point_m: float = 3.0  # 95 % radius of a place read off a satellite image, where nobody says
    unchecked_widening: float = 2.0  # four points leave nothing over to tell a mistaken one by
    picture_point_px: float = 4.0  # 95 %: how well people click a kerb or a pole's foot
    foot_share: float = 0.08  # of its height, 95 %: how far the middle of a box's lower edge lies from between the feet
    most_left_out_m: float = 5.0  # worse, and a street's two sides are confused
    hull_reach: float = 1.3  # of the points' hull: farther out small errors of theirs grow fast
    carried_s: float = 2.0  # so long is a view carried by the camera's motion: errors add up
    carried_share: float = 0.2  # of the picture's width; a turn is no shift, and is off by a tenth of it at the edges
    carried_error_share: float = 0.16  # of the shift, 95 %
    fixed_share: float = 0.02  # of the width: a view that strays by less is fixed, and time does not matter
    ground_draws: int = 400  # of all that is uncertain: a 95 % radius then repeats to 4 %
    lens_deg: tuple[float, float] = (55.0, 75.0)  # across the longer side, see reconstruct/ground_sight.py
    heading_uncertainty_deg: float = 5.0  # 95 %: a heading read off a map by what stands in the middle of the picture
    roll_deg: float = 6.0  # 95 %: how level people hold a camera
    down_deg: float = 25.0  # 95 %: how far from level people point a camera
    person_m: float = 1.7  # adults: means from 1.6 to 1.78, standard deviation 0.07 within one sex
    person_uncertainty_m: float = 0.15
    vehicle_m: tuple[float, float] = (1.4, 2.9)  # cars to ambulances and vans
    box_height_share: float = 0.18  # 95 %: how well a box fits a height: a detector's 8 %, strides, bent knees, hats
    least_upright: float = 1.2  # height over width of a person's box: less is lying, crouching, or a tilted picture

    # What people say of it
    correction_reach_s: float = 2.0  # a person's moment and the program's: a second each for when "arrives" is
    correction_apart_s: float = 0.25  # nearer than the next by a frame looked at and a half, or it may mean either
    same_added_s: float = 1.0  # a movement that a person adds is the program's: within that of what is called right
    figure_reach_s: float = 0.5  # a person's frame and the nearest looked at, of a figure lost for a moment
    figure_reach_heights: float = 1.0  # of its box: where people click beside a small figure
