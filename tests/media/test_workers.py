"""Worker processes survive what files from strangers do to them."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING

import pytest

from media.tasks import misbehave, process_id, slow_square
from syncview.errors import MediaError, SettingError
from syncview.media.workers import WorkerPool

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("how", "text"),
    [
        ("exit", r"stopped unexpectedly \(exit code 7\)"),
        ("crash", r"stopped unexpectedly \(Segmentation fault\)"),
        ("bug", r"stopped unexpectedly \(exit code 1: ValueError: a mistake of ours\)"),
        ("media error", r"^cam\.mp4: no sound \(try another\)$"),
        ("hang", r"took too long and was stopped"),
    ],
)
def test_a_failing_task_costs_only_its_own_result(how: str, text: str) -> None:
    with WorkerPool(workers=2) as pool:
        outcomes = list(pool.run(misbehave, ["one", how, "two", "three"], timeout_s=3.0))
    assert [outcome.item for outcome in outcomes] == ["one", how, "two", "three"]
    assert [outcome.value for outcome in outcomes] == ["done: one", None, "done: two", "done: three"]
    with pytest.raises(MediaError, match=text):
        raise outcomes[1].error


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux limits the address space")
def test_a_task_that_wants_too_much_memory_is_refused_it() -> None:
    with WorkerPool(workers=1, memory_limit_mib=1024) as pool:
        greedy, after = pool.run(misbehave, ["memory", "after"], timeout_s=60.0)
    assert "wants more memory than the 1024 MiB" in str(greedy.error)
    assert after.value == "done: after"


def test_results_come_in_the_order_of_the_items_whatever_the_number_of_workers() -> None:
    tasks = [(number, 0.05 * (number % 3 == 0), None) for number in range(10)]
    told: list[int] = []
    for workers in (1, 3):
        with WorkerPool(workers=workers) as pool:
            outcomes = pool.run(
                slow_square, tasks, timeout_s=60.0, progress=lambda outcome: told.append(outcome.item[0])
            )
            assert [outcome.value for outcome in outcomes] == [number**2 for number in range(10)]
    assert sorted(told) == sorted([*range(10), *range(10)])


def test_work_is_done_outside_the_calling_process_and_workers_are_kept() -> None:
    with WorkerPool(workers=2) as pool:
        first = {outcome.value for outcome in pool.run(process_id, range(8), timeout_s=60.0)}
        second = {outcome.value for outcome in pool.run(process_id, range(8), timeout_s=60.0)}
    assert len(first) == 2
    assert second == first
    assert os.getpid() not in first


def test_time_allowed_may_depend_on_the_item() -> None:
    tasks = [(1, 0.0, None), (2, 30.0, None), (3, 0.0, None)]
    with WorkerPool(workers=1) as pool:
        outcomes = list(pool.run(slow_square, tasks, timeout_s=lambda task: 0.3 if task[0] == 2 else 60.0))
    assert [outcome.value for outcome in outcomes] == [1, None, 9]
    assert "too long" in str(outcomes[1].error)


def test_cancelling_ends_what_is_under_way_and_begins_nothing_more(tmp_path: Path) -> None:
    tasks = [(0, 0.0, None), (1, 30.0, tmp_path / "1"), (2, 0.0, tmp_path / "2")]
    seen: list[int] = []
    began_s = time.monotonic()
    with WorkerPool(workers=1) as pool:
        outcomes = list(
            pool.run(
                slow_square,
                tasks,
                timeout_s=60.0,
                progress=lambda outcome: seen.append(outcome.item[0]),
                cancelled=lambda: bool(seen),
            )
        )
        assert time.monotonic() - began_s < 20.0
        assert next(iter(pool.run(slow_square, [(5, 0.0, None)], timeout_s=60.0))).value == 25
    assert outcomes[0].value == 0
    assert [str(outcome.error) for outcome in outcomes[1:]] == ["cancelled before it was done"] * 2
    assert list(tmp_path.iterdir()) == []


def test_leaving_early_leaves_no_process_behind() -> None:
    with WorkerPool(workers=2) as pool:
        results = pool.run(slow_square, [(1, 0.0, None), (2, 60.0, None), (3, 60.0, None)], timeout_s=120.0)
        assert next(results).value == 1
        results.close()
        assert [outcome.value for outcome in pool.run(slow_square, [(4, 0.0, None)], timeout_s=60.0)] == [16]


def test_what_libraries_print_goes_nowhere(capfd: pytest.CaptureFixture[str]) -> None:
    with WorkerPool(workers=1) as pool:
        assert [outcome.value for outcome in pool.run(misbehave, ["noise"], timeout_s=60.0)] == ["done: noise"]
    assert capfd.readouterr() == ("", "")


def test_no_workers_is_a_mistake() -> None:
    with pytest.raises(SettingError, match="workers must be 1 or more, got 0"):
        WorkerPool(workers=0)


def test_workers_that_share_their_imports_survive_each_other() -> None:
    with WorkerPool(workers=2, preload=("media.tasks",)) as pool:
        outcomes = list(pool.run(misbehave, ["one", "crash", "two"], timeout_s=10.0))
        again = list(pool.run(misbehave, ["three"], timeout_s=10.0))
    assert [outcome.value for outcome in (*outcomes, *again)] == ["done: one", None, "done: two", "done: three"]
    assert "Segmentation fault" in str(outcomes[1].error)
