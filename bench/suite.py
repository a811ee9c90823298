"""The program behind bin/bench: measures the scenarios, stores the figures and writes the page.

With --against it compares our server with an older revision of it and prints the ratios instead. It fills the engines
(REDIS_URL, DYNAMODB_URL, MONGODB_URI) with generated data.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from bench import comparison, machine, options
from bench.launcher import BASELINE, OURS, REFERENCE, REFERENCE_DIR, Launcher
from bench.measure import dispatch
from bench.report import page
from bench.report.comparison import comparison_table
from bench.report.tables import ours_only_table, summary_table
from bench.results import Results
from bench.revision import WORKING_TREE, Revision, checked_out, commit_of
from bin.local.console import print_line, run_command

_ENGINES = ("REDIS_URL", "DYNAMODB_URL", "MONGODB_URI")


def main(arguments: list[str]) -> int:
    chosen = options.parse(arguments)
    if chosen.render:
        page.write(Results.load())
        return 0
    results = _compare_revisions(chosen) if chosen.against else _measure(chosen)
    errors = results.delivery_errors()
    print_line(
        f"✗ {errors:,} deliveries were lost, duplicated or out of order" if errors else "✓ every delivery was correct"
    )
    return 1 if errors else 0


def _measure(chosen: argparse.Namespace) -> Results:
    has_reference = (REFERENCE_DIR / "node_modules" / ".installed").is_file()
    results = Results(machine.describe())
    with _open_launcher({OURS: WORKING_TREE}) as launcher:
        dispatch.measure(launcher, chosen, (OURS, REFERENCE) if has_reference else (OURS,), results)
    print_line("\n\n".join(["", *filter(None, (summary_table(results), ours_only_table(results))), ""]))
    if not (chosen.no_write or chosen.quick):
        _store(results)
    return results


def _compare_revisions(chosen: argparse.Namespace) -> Results:
    """Print the comparison even when interrupted, of the pairs measured so far."""
    commit = commit_of(chosen.against)
    print_line(f"The baseline is {commit}")
    results = Results(machine.describe())
    try:
        with checked_out(commit) as baseline, _open_launcher({OURS: WORKING_TREE, BASELINE: baseline}) as launcher:
            dispatch.measure(launcher, chosen, (OURS, BASELINE), results)
    finally:
        print_line(f"\n{comparison_table(list(comparison.compare(results)))}\n")
        if chosen.json:
            comparison.save(chosen.json, results, {OURS: machine.revision(), BASELINE: commit})
    return results


@contextmanager
def _open_launcher(revisions: Mapping[str, Revision]) -> Iterator[Launcher]:
    with tempfile.TemporaryDirectory(prefix="chatproject-bench-") as folder:
        yield Launcher({name: os.environ[name] for name in _ENGINES}, Path(folder), revisions)


def _store(results: Results) -> None:
    """Replace the stored results of the measured scenarios; those of the others stay."""
    stored = Results.load()
    stored.machine = results.machine
    stored.scenarios |= results.scenarios
    stored.save()
    # Render from the file, whose figures are rounded, so that --render gives the same page later.
    page.write(Results.load())


if __name__ == "__main__":
    run_command(main)
