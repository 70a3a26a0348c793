"""The drawing is to scale."""

import pytest

from incident_example import edited_group, incident
from syncview.review.lanes import Band, Scale, bands_of, blind_bands, deaf_bands, scale_of, soft_edges, ticks_of
from syncview.timeline.build import build_timeline
from syncview.timeline.findings import CoverageEntry, SpanEntry

GROUP = build_timeline(incident()).groups[0]
CLOCKS = {clock.recording_id: clock for clock in GROUP.clocks}


def test_scale_holds_every_recording_with_a_margin():
    scale = scale_of(GROUP)
    assert (scale.start_s, scale.end_s) == pytest.approx((-3.5 - 0.02 * 69.25, 65.75 + 0.02 * 69.25))
    assert scale.x(-3.5) == pytest.approx(2 / 1.04, abs=0.001)
    assert (scale.x(-99.0), scale.x(99.0)) == (0.0, 100.0)


def test_bands_and_soft_edges_follow_the_clock():
    scale = Scale(0.0, 100.0)
    assert bands_of(CLOCKS["rec-2"], scale) == (Band(7.25, 41.001),)
    first, last = soft_edges(CLOCKS["rec-2"], scale)
    assert (first.x, first.width) == pytest.approx((6.94, 0.62))
    assert (last.x, last.width) == pytest.approx((48.251 - 0.31, 0.62), abs=0.001)
    assert soft_edges(CLOCKS["rec-1"], scale) == ()


def test_a_cut_leaves_a_hole_and_a_foreign_picture_is_marked():
    clock = build_timeline(incident(groups=(edited_group(),), unplaced=())).groups[0].clocks[0]
    scale = Scale(0.0, 100.0)
    assert bands_of(clock, scale) == (Band(0.0, 20.0), Band(30.0, 30.0), Band(60.0, 10.0))
    assert blind_bands(clock, scale) == (Band(60.0, 10.0),)


def _spans(*pairs):
    return tuple(SpanEntry(start_s=a, end_s=b) for a, b in pairs)


def test_deaf_stretches_are_filmed_time_without_usable_sound():
    coverage = CoverageEntry(
        recording_id="r",
        group_id="g",
        filmed=_spans((10, 30), (40, 50)),
        usable_sound=_spans((12, 20), (25, 30)),
        gaps=(),
    )
    found = deaf_bands(coverage, Scale(0.0, 100.0))
    assert [(band.x, band.width) for band in found] == [(10, 2), (20, 5), (40, 10)]


@pytest.mark.parametrize(
    ("start_s", "end_s", "texts"),
    [
        (-4.9, 67.1, ["0:00", "0:10", "0:20", "0:30", "0:40", "0:50", "1:00"]),
        (0.0, 0.95, ["0:00.0", "0:00.2", "0:00.4", "0:00.6", "0:00.8"]),
        (-20.0, 60.0, ["-0:20", "-0:10", "0:00", "0:10", "0:20", "0:30", "0:40", "0:50", "1:00"]),
    ],
)
def test_ruler_has_few_round_numbers(start_s, end_s, texts):
    ticks = ticks_of(Scale(start_s, end_s))
    assert [tick.text for tick in ticks] == texts
    assert len(ticks) <= 10
