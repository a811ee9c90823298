"""The page and the table in the README show what was measured."""

import re
from pathlib import Path

import pytest

from bench.launcher import OURS, REFERENCE
from bench.report import page
from bench.report.tables import number, ours_only_table, summary_table
from bench.results import Results, ScenarioRecord
from bench.scenario_kinds import FULL, RESTARTED, SCALE
from bench.scenarios import SCENARIOS

pytestmark = pytest.mark.unit


@pytest.fixture
def results() -> Results:
    """Two pairs of fan-out; during the second pair the machine was half as fast."""
    record = ScenarioRecord("2026-01-01", "abc", pairs=2, seconds=5.0)
    for ours, reference in ((60_000, 40_000), (30_000, 20_000)):
        record.add(FULL, OURS, {"deliveries_per_second": ours, "lost": 0, "acked": 10, "deliveries": 1000})
        record.add(FULL, REFERENCE, {"deliveries_per_second": reference, "lost": 0, "generator_limits": True})
    return Results({"processor": "one"}, {"fan-out": record})


def test_the_ratio_is_taken_pair_by_pair(results: Results) -> None:
    assert results.scenarios["fan-out"].ratio(FULL, "deliveries_per_second") == 1.5
    assert "| Fan-out: deliveries | 45,000/s | ≥ 30,000/s | **1.50** |" in summary_table(results)


def test_lost_deliveries_are_counted_and_shown(results: Results) -> None:
    results.scenarios["fan-out"].runs(FULL)[0]["lost"] = 3
    assert results.delivery_errors() == 3
    assert "3 were lost, 0 were duplicates" in page.page(results)


def test_a_server_measured_alone_has_no_ratio(results: Results) -> None:
    del results.scenarios["fan-out"].parts[FULL][REFERENCE]
    assert "| Fan-out: deliveries | 45,000/s | - | - |" in summary_table(results)


def test_a_negative_figure_has_no_ratio(results: Results) -> None:
    results.scenarios["fan-out"].runs(FULL, REFERENCE)[0]["deliveries_per_second"] = -1
    assert results.scenarios["fan-out"].ratio(FULL, "deliveries_per_second") is None


def test_figures_of_our_server_only_have_their_own_table(results: Results) -> None:
    results.scenarios["workers"] = ScenarioRecord("2026-01-01", "abc", pairs=1, seconds=5.0)
    results.scenarios["workers"].add(SCALE, OURS, {"scale": 1.9})
    assert "two processes" not in summary_table(results)
    assert "| Throughput of two processes, relative to one (computed from CPU) | 1.90 times |" in ours_only_table(
        results
    )


def test_requests_to_dynamodb_are_shown_without_the_table_prefix_of_the_run(results: Results) -> None:
    results.scenarios["resume"] = ScenarioRecord("2026-01-01", "abc", pairs=1, seconds=5.0)
    results.scenarios["resume"].add(RESTARTED, OURS, {"operations": {"Query bench-1x1000-Messages": 2}})
    assert "* restart, requests to DynamoDB: 2 `Query Messages`." in page.page(results)


def test_saved_results_are_loaded_unchanged(results: Results, tmp_path: Path) -> None:
    results.save(tmp_path / "results.json")
    assert Results.load(tmp_path / "results.json") == results


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(None, "ms", "-"), (1.234, "ms", "1.23 ms"), (12.34, "KB", "12.3 KB"), (12_345.6, "/s", "12,346/s"), (2, "", "2")],
)
def test_numbers_have_about_three_significant_digits(value: float | None, unit: str, text: str) -> None:
    assert number(value, unit) == text


def test_the_page_and_the_readme_are_rendered_from_the_stored_results() -> None:
    stored = Results.load()
    assert page.PAGE.read_text() == page.page(stored)
    readme = page.README.read_text()
    assert "<!-- bench -->" in readme
    assert readme == page.with_table(readme, stored)


def test_every_plot_on_the_page_exists() -> None:
    shown = re.findall(r"\(images/(bench-\w+\.svg)\)", page.PAGE.read_text())
    assert shown
    assert [name for name in shown if not (page.IMAGES / name).is_file()] == []


def test_scenario_names_are_unique() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names)
