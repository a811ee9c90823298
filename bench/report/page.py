"""Writes docs/performance.md, the plots that it shows, and the table in the README, all from the kept figures."""

import re
from pathlib import Path
from string import Template

from bench.report.tables import alone_table, figures_table, promises, summary_table
from bench.results import Results
from bench.scenarios import SCENARIOS, Curve, Reading, Scenario, Throughput, Workers
from bench.stage import STORE_LATENCY_MS
from bin.local.checkout import ROOT

PAGE = ROOT / "docs" / "performance.md"
README = ROOT / "README.md"
IMAGES = ROOT / "docs" / "images"
_TEMPLATE = Path(__file__).with_suffix(".md")
_MARKED = re.compile(r"(<!-- bench -->\n).*?(<!-- /bench -->)", re.DOTALL)


def write(results: Results) -> None:
    # matplotlib is there for bin/bench alone, and the texts are also made where it is not.
    from bench.report.plots import draw

    draw(results, IMAGES)
    PAGE.write_text(page(results))
    README.write_text(with_table(README.read_text(), results))


def with_table(readme: str, results: Results) -> str:
    """Return the README with the present table between its two marks."""
    return _MARKED.sub(lambda marked: f"{marked[1]}{summary_table(results)}\n{marked[2]}", readme)


def page(results: Results) -> str:
    """Return the whole page."""
    measured = [scenario for scenario in SCENARIOS if scenario.name in results.scenarios]
    return Template(_TEMPLATE.read_text()).substitute(
        summary=summary_table(results),
        alone=alone_table(results),
        promises=promises(results),
        plots=_plots(measured),
        latency=STORE_LATENCY_MS,
        machine="\n".join(["| | |", "|---|---|", *(f"| {name} | {text} |" for name, text in results.machine.items())]),
        sections="\n\n".join(_section(results, scenario) for scenario in measured),
    )


def _plots(measured: list[Scenario]) -> str:
    shown = ["![Ours against the reference, pair by pair](images/bench-ratios.svg)"]
    for scenario in measured:
        if isinstance(scenario, Curve):
            shown.append(f"![{scenario.title}](images/bench-{scenario.name}.svg)")
    return "\n\n".join(shown)


def _section(results: Results, scenario: Scenario) -> str:
    measured = results.scenarios[scenario.name]
    at = f" at {measured.revision}" if measured.revision else ""
    runs = measured.most_runs()
    often = f"{runs} run{'s'[: runs > 1]} of each"
    timed = isinstance(scenario, Throughput | Curve | Workers | Reading)
    long = f", {measured.seconds:g} s long" if timed else ""
    made = f"`bin/bench {scenario.name}`, {measured.made}{at}; {often}{long}."
    return f"### {scenario.title}\n\n{made}\n\n{figures_table(measured)}"
