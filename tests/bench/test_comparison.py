"""bin/bench --against: what is compared, how the ratios are summed up, and what the options allow."""

import json
from pathlib import Path

import pytest

from bench import options
from bench.comparison import compare, interval, save
from bench.load.run import Timing
from bench.measure.bench import Bench
from bench.report.comparison import comparison_table
from bench.results import Measured, Results
from bench.scenarios import FULL, SCALE, SCENARIOS, STEADY
from bench.stage import BASELINE, OURS, THEIRS, Stage

CPU = "cpu_us_per_delivery"
RATE = "messages_per_second"


def measured(part: str, figure: str, pairs: list[tuple[float, float]]) -> Results:
    """Results of one scenario; each pair is (ours, baseline)."""
    runs = Measured("2026-01-01", "abc", pairs=len(pairs), seconds=5.0)
    for ours, baseline in pairs:
        runs.add(part, OURS, {figure: ours})
        runs.add(part, BASELINE, {figure: baseline})
    return Results({}, {"fan-out": runs})


def test_a_ratio_is_ours_over_the_baseline_pair_by_pair_and_their_median_counts() -> None:
    # The machine got slower from pair to pair; ours always took a tenth more.
    (cpu,) = compare(measured(FULL, CPU, [(1.1, 1.0), (2.2, 2.0), (4.4, 4.0)]))
    assert (cpu.ours, cpu.baseline, cpu.pairs) == (2.2, 2.0, 3)
    assert cpu.ratio == pytest.approx(1.1)
    assert [cpu.low, cpu.high] == pytest.approx([1.1, 1.1])


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # As tables of the sign test have them; of fewer than six values no two are far enough apart.
    [(1, 1, 1), (3, 1, 3), (5, 1, 5), (6, 1, 6), (8, 1, 8), (9, 2, 8), (11, 2, 10), (12, 3, 10), (20, 6, 15)],
)
def test_the_interval_is_that_of_the_sign_test(count: int, low: int, high: int) -> None:
    values = [float(number) for number in range(count, 0, -1)]
    assert interval(values) == (low, high)


@pytest.mark.parametrize(
    ("figure", "ours", "verdict"),
    [(CPU, 0.9, "better"), (CPU, 1.1, "worse"), (RATE, 0.9, "worse"), (RATE, 1.1, "better"), (CPU, 1.0, "")],
)
def test_it_says_better_or_worse_where_the_whole_interval_does(figure: str, ours: float, verdict: str) -> None:
    (found,) = compare(measured(FULL, figure, [(ours, 1.0)] * 6))
    assert found.verdict == verdict


def test_an_interval_with_1_in_it_says_nothing() -> None:
    (found,) = compare(measured(FULL, CPU, [(1.2, 1.0)] * 5 + [(0.9, 1.0)]))
    assert (found.low, found.high, found.verdict) == (0.9, 1.2, "")


def test_few_pairs_say_nothing() -> None:
    results = measured(FULL, CPU, [(1.2, 1.0)] * 5)
    (found,) = compare(results)
    assert found.verdict == ""
    assert "lowest - highest" in comparison_table([found])


def test_how_many_messages_were_sent_at_a_steady_rate_is_no_result() -> None:
    assert list(compare(measured(STEADY, RATE, [(100.0, 100.0)]))) == []


def test_what_one_of_them_lacks_is_not_compared() -> None:
    results = measured(SCALE, "scale", [(1.9, 1.8)])
    del results.scenarios["fan-out"].parts[SCALE][BASELINE]
    assert list(compare(results)) == []


def test_the_table_has_both_figures_the_ratio_and_the_interval() -> None:
    table = comparison_table(list(compare(measured(FULL, CPU, [(2.2, 2.0)] * 6))))
    cells = [cell.strip() for cell in table.splitlines()[-1].strip("|").split("|")]
    assert cells == ["fan-out, full: server CPU a delivery", "2.00 µs", "2.20 µs", "1.100", "1.100 - 1.100", "worse"]


def test_the_json_file_has_the_commits_the_comparison_and_every_run(tmp_path: Path) -> None:
    save(tmp_path / "found.json", measured(FULL, CPU, [(2.2, 2.0)]), {OURS: "this", BASELINE: "that"})
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["commits"] == {OURS: "this", BASELINE: "that"}
    assert found["compared"][0]["ratio"] == pytest.approx(1.1)
    assert found["scenarios"]["fan-out"]["parts"][FULL][BASELINE] == [{CPU: 2.0}]


def test_two_revisions_run_at_the_same_time_and_neither_always_starts_first(tmp_path: Path) -> None:
    runs = Measured("2026-01-01", "abc", pairs=8, seconds=5.0)
    bench = Bench(Stage({}, tmp_path, {}), runs, Timing(), contenders=(OURS, BASELINE))
    assert [bench.together(pair) for pair in range(3)] == [[(OURS, BASELINE)], [(BASELINE, OURS)], [(OURS, BASELINE)]]
    assert bench.few_pairs == 8


def test_the_reference_and_ours_run_one_after_the_other(tmp_path: Path) -> None:
    runs = Measured("2026-01-01", "abc", pairs=8, seconds=5.0)
    bench = Bench(Stage({}, tmp_path, {}), runs, Timing(), contenders=(OURS, THEIRS))
    assert bench.together(1) == [(OURS,), (THEIRS,)]


# --- options ---------------------------------------------------------------------------------------------------------
def test_without_a_name_all_scenarios_are_measured_and_against_a_revision_those_that_compare() -> None:
    assert options.parse([]).scenarios == [scenario.name for scenario in SCENARIOS]
    given = options.parse(["--against", "HEAD~3"])
    assert (given.against, given.scenarios) == ("HEAD~3", list(options.COMPARED))


def test_scenarios_pairs_and_seconds_are_those_of_a_usual_run() -> None:
    given = options.parse(["--against", "abc", "fan-out", "rooms", "--pairs", "8", "--seconds", "3"])
    assert (given.scenarios, given.pairs, given.seconds) == (["fan-out", "rooms"], 8, 3.0)


@pytest.mark.parametrize(
    "arguments",
    [["--json", "file"], ["--against", "abc", "reading"], ["--against", "abc", "fan-in"]],
    ids=["json without a revision", "what is not compared", "what does not exist"],
)
def test_options_that_mean_nothing_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        options.parse(arguments)
    assert refused.value.code == 2
