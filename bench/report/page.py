"""Writes docs/performance.md, its plots and the table in the README from the stored results."""

import re
from pathlib import Path
from string import Template

from bench.launcher import STORE_LATENCY_MS
from bench.report.tables import delivery_summary, figures_table, ours_only_table, summary_table
from bench.results import Results
from bench.scenario_kinds import Curve, Http, Reading, Rendering, Scenario, Throughput, Workers
from bench.scenarios import SCENARIOS
from bin.local.checkout import ROOT

PAGE = ROOT / "docs" / "performance.md"
README = ROOT / "README.md"
IMAGES = ROOT / "docs" / "images"
_TEMPLATE = Path(__file__).with_suffix(".md")
_MARKED = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", re.DOTALL)


def write(results: Results) -> None:
    # Imported late: only bin/bench installs matplotlib, and tests render the texts without it.
    from bench.report.plots import draw

    draw(results, IMAGES)
    PAGE.write_text(page(results))
    README.write_text(with_table(README.read_text(), results))


def with_table(readme: str, results: Results) -> str:
    """Return the README with the current table between its two markers."""
    return _MARKED.sub(lambda marked: f"{marked[1]}{summary_table(results)}\n{marked[2]}", readme)


def page(results: Results) -> str:
    """Return the text of the page."""
    measured = [scenario for scenario in SCENARIOS if scenario.name in results.scenarios]
    return Template(_TEMPLATE.read_text()).substitute(
        summary=summary_table(results),
        ours_only=ours_only_table(results),
        deliveries=delivery_summary(results),
        plots=_plots(measured),
        latency=STORE_LATENCY_MS,
        machine="\n".join(["| | |", "|---|---|", *(f"| {name} | {text} |" for name, text in results.machine.items())]),
        sections="\n\n".join(_section(results, scenario) for scenario in measured),
    )


def _plots(measured: list[Scenario]) -> str:
    images = ["![Ratio of each pair, ours to the reference](images/bench-ratios.svg)"]
    for scenario in measured:
        if isinstance(scenario, Curve):
            images.append(f"![{scenario.title}](images/bench-{scenario.name}.svg)")
    return "\n\n".join(images)


def _section(results: Results, scenario: Scenario) -> str:
    record = results.scenarios[scenario.name]
    commit = f" at {record.revision}" if record.revision else ""
    runs = record.most_runs()
    count = f"{runs} run{'s'[: runs > 1]} of each"
    timed = isinstance(scenario, Throughput | Curve | Rendering | Workers | Reading | Http)
    duration = f", {record.seconds:g} s each" if timed else ""
    source = f"`bin/bench {scenario.name}`, {record.made}{commit}; {count}{duration}."
    return f"### {scenario.title}\n\n{source}\n\n{figures_table(record)}"
