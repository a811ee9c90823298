"""bin/bench --against: which figures are compared, how ratios are summarized, and which options are valid."""

import json
from pathlib import Path

import pytest

from bench import options
from bench.comparison import compare, interval, save
from bench.launcher import BASELINE, OURS, REFERENCE, Launcher
from bench.load.run import Timing
from bench.measure.runner import Runner
from bench.report.comparison import comparison_table
from bench.results import Results, ScenarioRecord
from bench.scenario_kinds import FULL, SCALE, STEADY
from bench.scenarios import SCENARIOS

CPU = "cpu_us_per_delivery"
RATE = "messages_per_second"


def measured(part: str, figure: str, pairs: list[tuple[float, float]]) -> Results:
    """Results of one scenario; each pair is (ours, baseline)."""
    runs = ScenarioRecord("2026-01-01", "abc", pairs=len(pairs), seconds=5.0)
    for ours, baseline in pairs:
        runs.add(part, OURS, {figure: ours})
        runs.add(part, BASELINE, {figure: baseline})
    return Results({}, {"fan-out": runs})


def test_the_ratio_is_the_median_of_ours_over_the_baseline_of_each_pair() -> None:
    # The machine got slower from pair to pair; ours always used a tenth more.
    (cpu,) = compare(measured(FULL, CPU, [(1.1, 1.0), (2.2, 2.0), (4.4, 4.0)]))
    assert (cpu.ours, cpu.baseline, cpu.pairs) == (2.2, 2.0, 3)
    assert cpu.ratio == pytest.approx(1.1)
    assert [cpu.low, cpu.high] == pytest.approx([1.1, 1.1])


@pytest.mark.parametrize(
    ("count", "low", "high"),
    # From tables of the sign test; below six values it is their whole range.
    [(1, 1, 1), (3, 1, 3), (5, 1, 5), (6, 1, 6), (8, 1, 8), (9, 2, 8), (11, 2, 10), (12, 3, 10), (20, 6, 15)],
)
def test_the_interval_is_that_of_the_sign_test(count: int, low: int, high: int) -> None:
    values = [float(number) for number in range(count, 0, -1)]
    assert interval(values) == (low, high)


@pytest.mark.parametrize(
    ("figure", "ours", "verdict"),
    [(CPU, 0.9, "better"), (CPU, 1.1, "worse"), (RATE, 0.9, "worse"), (RATE, 1.1, "better"), (CPU, 1.0, "")],
)
def test_the_verdict_follows_from_the_whole_interval(figure: str, ours: float, verdict: str) -> None:
    (comparison,) = compare(measured(FULL, figure, [(ours, 1.0)] * 6))
    assert comparison.verdict == verdict


def test_an_interval_that_contains_1_gives_no_verdict() -> None:
    (comparison,) = compare(measured(FULL, CPU, [(1.2, 1.0)] * 5 + [(0.9, 1.0)]))
    assert (comparison.low, comparison.high, comparison.verdict) == (0.9, 1.2, "")


def test_few_pairs_give_no_verdict() -> None:
    results = measured(FULL, CPU, [(1.2, 1.0)] * 5)
    (comparison,) = compare(results)
    assert comparison.verdict == ""
    assert "lowest - highest" in comparison_table([comparison])


def test_the_message_rate_of_a_steady_load_is_not_compared() -> None:
    assert list(compare(measured(STEADY, RATE, [(100.0, 100.0)]))) == []


def test_a_figure_that_one_revision_lacks_is_not_compared() -> None:
    results = measured(SCALE, "scale", [(1.9, 1.8)])
    del results.scenarios["fan-out"].parts[SCALE][BASELINE]
    assert list(compare(results)) == []


def test_the_table_has_both_figures_the_ratio_and_the_interval() -> None:
    table = comparison_table(list(compare(measured(FULL, CPU, [(2.2, 2.0)] * 6))))
    cells = [cell.strip() for cell in table.splitlines()[-1].strip("|").split("|")]
    assert cells == ["fan-out, full: server CPU per delivery", "2.00 µs", "2.20 µs", "1.100", "1.100 - 1.100", "worse"]


def test_the_json_file_has_the_commits_the_comparison_and_every_run(tmp_path: Path) -> None:
    save(tmp_path / "found.json", measured(FULL, CPU, [(2.2, 2.0)]), {OURS: "this", BASELINE: "that"})
    saved = json.loads((tmp_path / "found.json").read_text())
    assert saved["commits"] == {OURS: "this", BASELINE: "that"}
    assert saved["compared"][0]["ratio"] == pytest.approx(1.1)
    assert saved["scenarios"]["fan-out"]["parts"][FULL][BASELINE] == [{CPU: 2.0}]


def test_two_revisions_run_concurrently_and_alternate_which_starts_first(tmp_path: Path) -> None:
    runs = ScenarioRecord("2026-01-01", "abc", pairs=8, seconds=5.0)
    runner = Runner(Launcher({}, tmp_path, {}), runs, Timing(), systems=(OURS, BASELINE))
    assert [runner.concurrent_systems(pair) for pair in range(3)] == [
        [(OURS, BASELINE)],
        [(BASELINE, OURS)],
        [(OURS, BASELINE)],
    ]
    assert runner.few_pairs == 8


def test_the_reference_and_ours_run_one_after_the_other(tmp_path: Path) -> None:
    runs = ScenarioRecord("2026-01-01", "abc", pairs=8, seconds=5.0)
    runner = Runner(Launcher({}, tmp_path, {}), runs, Timing(), systems=(OURS, REFERENCE))
    assert runner.concurrent_systems(1) == [(OURS,), (REFERENCE,)]


# --- options ---------------------------------------------------------------------------------------------------------
def test_the_default_is_all_scenarios_and_against_a_revision_the_comparable_ones() -> None:
    assert options.parse([]).scenarios == [scenario.name for scenario in SCENARIOS]
    parsed = options.parse(["--against", "HEAD~3"])
    assert (parsed.against, parsed.scenarios) == ("HEAD~3", list(options.COMPARED))


def test_scenarios_pairs_and_seconds_can_be_chosen_against_a_revision() -> None:
    parsed = options.parse(["--against", "abc", "fan-out", "rooms", "--pairs", "8", "--seconds", "3"])
    assert (parsed.scenarios, parsed.pairs, parsed.seconds) == (["fan-out", "rooms"], 8, 3.0)


@pytest.mark.parametrize(
    "arguments",
    [["--json", "file"], ["--against", "abc", "reading"], ["--against", "abc", "fan-in"]],
    ids=["json without a revision", "scenario that is not compared", "unknown scenario"],
)
def test_invalid_options_are_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        options.parse(arguments)
    assert refused.value.code == 2
