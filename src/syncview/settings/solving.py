"""Defaults of the joint solution, with their reasons; see `syncview.settings`."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["SolvingSettings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SolvingSettings:
    """Clocks, moments and places from all that is known together."""

    robust_sigmas: float = 2.0  # a residual beyond loses its weight: soft_l1 at this scale (research/events.md 4)
    path_share: float = 0.002  # 1 sigma of a way's time: wind and warmth that change with height bend and stretch it
    lead_s_per_root_kg: float = 0.009  # a shock's lead at 300 m: 8.0 to 10.3 ms from 20 to 160 m / kg^(1/3)
    lead_growth_s_per_root_kg: float = 0.00077  # and what each doubling of the distance adds to it
    lead_sigma_share: float = 0.35  # 1 sigma of the lead in its range; even is 0.29, and small and large charges occur
    strike_reach_m: float = 1500.0  # 1 sigma of a strike's distance from the cameras that heard it
    sound_reach_m: float = 400.0  # the same of voices, engines and sirens
    least_uncertainty_s: float = 0.0005  # no pick, frame or pin is better
    limit_sigma_share: float = 0.05  # how hard the ends of a lag's interval are, as a share of it
    starts: int = 16  # more found no further minimum in 200 simulated incidents
    start_steps: int = 12  # most starts show by then whether they lead anywhere
    followed: int = 12  # starts that are followed to their minima
    steps: int = 60
    minimum_cost: float = 3.0  # minima within this of the best fit as well (e^3 = 20 to 1)
    samples: int = 160  # of the posterior: its 95 % ends are then known to 7 % of themselves
    sample_steps: int = 40  # draws along a bent valley need most of them
    valleys: int = 3  # weakest directions that are walked to their ends
    suspect_pull: float = 9.0  # no statement pulls at more than 3 sigmas: nothing is looked for
    outlier_cost: float = 6.0  # what leaving a number out must gain: it was off by 4.5 sigmas
    outlier_cost_each: float = 1.0  # and for each further number that goes free with it
    rival_cost: float = 3.0  # e^3 = 20 to 1: beyond, one explanation is better than the other
    most_outliers: int = 6
    most_rivals: int = 4
    most_suspects: int = 24
    most_axis_m: float = 150.0  # a half-axis beyond tells nobody where to look
    most_residual_sigmas: float = 4.0  # 1 in 16 000 by chance
    most_radii: float = 2.0  # farther outside the cameras' circle a place rests on the last millisecond
    improved_share: float = 0.8  # a clock is taken when its half-width is below this share of the sound's
    carried_growth: float = 1.1  # what makes a clock this much wider when it is left out carries it
    drift_worth_s: float = 0.0005  # a rate's error that adds up to less is no unknown
