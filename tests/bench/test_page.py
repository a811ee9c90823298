"""The page and the README's table: what is written there is what was measured."""

import re
from pathlib import Path

import pytest

from bench.report import page
from bench.report.tables import alone_table, number, summary_table
from bench.results import Measured, Results
from bench.scenarios import FULL, RESTARTED, SCALE, SCENARIOS
from bench.stage import OURS, THEIRS

pytestmark = pytest.mark.unit


@pytest.fixture
def results() -> Results:
    """Two pairs of fan-out: in the second the machine was half as fast, for both."""
    measured = Measured("2026-01-01", "abc", pairs=2, seconds=5.0)
    for ours, theirs in ((60_000, 40_000), (30_000, 20_000)):
        measured.add(FULL, OURS, {"deliveries_per_second": ours, "lost": 0, "acked": 10, "deliveries": 1000})
        measured.add(FULL, THEIRS, {"deliveries_per_second": theirs, "lost": 0, "generator_limits": True})
    return Results({"processor": "one"}, {"fan-out": measured})


def test_the_ratio_is_taken_pair_by_pair(results: Results) -> None:
    assert results.scenarios["fan-out"].ratio(FULL, "deliveries_per_second") == 1.5
    assert "| Fan-out: deliveries | 45,000/s | ≥ 30,000/s | **1.50** |" in summary_table(results)


def test_what_was_lost_is_counted_and_said(results: Results) -> None:
    results.scenarios["fan-out"].runs(FULL)[0]["lost"] = 3
    assert results.broken_promises() == 3
    assert "3 were lost, 0 came twice" in page.page(results)


def test_a_server_measured_alone_has_no_ratio(results: Results) -> None:
    del results.scenarios["fan-out"].parts[FULL][THEIRS]
    assert "| Fan-out: deliveries | 45,000/s | - | - |" in summary_table(results)


def test_a_negative_figure_has_no_ratio(results: Results) -> None:
    results.scenarios["fan-out"].runs(FULL, THEIRS)[0]["deliveries_per_second"] = -1
    assert results.scenarios["fan-out"].ratio(FULL, "deliveries_per_second") is None


def test_what_ours_alone_was_measured_for_stands_apart(results: Results) -> None:
    results.scenarios["workers"] = Measured("2026-01-01", "abc", pairs=1, seconds=5.0)
    results.scenarios["workers"].add(SCALE, OURS, {"scale": 1.9})
    assert "against one" not in summary_table(results)
    assert "| Two processes on two whole cores, against one, by CPU a delivery | 1.90 times |" in alone_table(results)


def test_what_the_store_was_asked_is_told_without_names_of_this_run(results: Results) -> None:
    results.scenarios["resume"] = Measured("2026-01-01", "abc", pairs=1, seconds=5.0)
    results.scenarios["resume"].add(RESTARTED, OURS, {"operations": {"Query bench-1x1000-Messages": 2}})
    assert "* restart: the store was asked for 2 `Query Messages`." in page.page(results)


def test_figures_come_back_from_the_file_as_they_were_kept(results: Results, tmp_path: Path) -> None:
    results.save(tmp_path / "results.json")
    assert Results.load(tmp_path / "results.json") == results


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [(None, "ms", "-"), (1.234, "ms", "1.23 ms"), (12.34, "KB", "12.3 KB"), (12_345.6, "/s", "12,346/s"), (2, "", "2")],
)
def test_numbers_are_written_with_three_digits_or_so(value: float | None, unit: str, text: str) -> None:
    assert number(value, unit) == text


def test_the_page_and_the_readme_say_what_was_measured_last() -> None:
    kept = Results.load()
    assert page.PAGE.read_text() == page.page(kept)
    readme = page.README.read_text()
    assert "<!-- bench -->" in readme
    assert readme == page.with_table(readme, kept)


def test_every_plot_of_the_page_is_there() -> None:
    shown = re.findall(r"\(images/(bench-\w+\.svg)\)", page.PAGE.read_text())
    assert shown
    assert [name for name in shown if not (page.IMAGES / name).is_file()] == []


def test_scenarios_have_names_of_their_own() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names)
