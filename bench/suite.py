"""What bin/bench runs: measures the scenarios, keeps the figures and writes the page.

With --against it compares our server with an older revision of it, and prints the ratios instead.

It needs engines (REDIS_URL, DYNAMODB_URL, MONGODB_URI) that may be filled with rubbish.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench import comparison, machine, options
from bench.measure import dispatch
from bench.report import page
from bench.report.comparison import comparison_table
from bench.report.tables import alone_table, summary_table
from bench.results import Results
from bench.revision import WORKING_TREE, Revision, checked_out, commit_of
from bench.stage import BASELINE, OURS, REFERENCE, THEIRS, Stage
from bin.local.console import run_command, say

_ENGINES = ("REDIS_URL", "DYNAMODB_URL", "MONGODB_URI")


def main(arguments: list[str]) -> int:
    given = options.parse(arguments)
    if given.render:
        page.write(Results.load())
        return 0
    results = _compare_revisions(given) if given.against else _measure(given)
    broken = results.broken_promises()
    say(f"✗ {broken:,} deliveries of ours were lost, doubled or out of order" if broken else "✓ every promise was kept")
    return 1 if broken else 0


def _measure(given: argparse.Namespace) -> Results:
    both = (REFERENCE / "node_modules" / ".installed").is_file()
    results = Results(machine.describe())
    with _stage({OURS: WORKING_TREE}) as stage:
        dispatch.measure(stage, given, (OURS, THEIRS) if both else (OURS,), results)
    say("\n\n".join(["", *filter(None, (summary_table(results), alone_table(results))), ""]))
    if not (given.no_write or given.quick):
        _keep(results)
    return results


def _compare_revisions(given: argparse.Namespace) -> Results:
    """Whoever ends it early gets to see what was measured by then."""
    commit = commit_of(given.against)
    say(f"The baseline is {commit}")
    results = Results(machine.describe())
    try:
        with checked_out(commit) as baseline, _stage({OURS: WORKING_TREE, BASELINE: baseline}) as stage:
            dispatch.measure(stage, given, (OURS, BASELINE), results)
    finally:
        say(f"\n{comparison_table(list(comparison.compare(results)))}\n")
        if given.json:
            comparison.save(given.json, results, {OURS: machine.revision(), BASELINE: commit})
    return results


@contextmanager
def _stage(revisions: Mapping[str, Revision]) -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="chatproject-bench-") as folder:
        yield Stage({name: os.environ[name] for name in _ENGINES}, Path(folder), revisions)


def _keep(results: Results) -> None:
    """Put what was measured in the place of what is kept of it; the rest stays."""
    kept = Results.load()
    kept.machine = results.machine
    kept.scenarios |= results.scenarios
    kept.save()
    # From the file, whose figures are rounded: the page is the same whenever it is written.
    page.write(Results.load())


if __name__ == "__main__":
    run_command(main)
