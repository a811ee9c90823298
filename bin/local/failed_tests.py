"""Which tests have failed, from what pytest keeps of a run."""

import json
from pathlib import Path


def failed_tests(cache: Path) -> list[str]:
    """Return the names of the tests that failed in the run whose `cache_dir` this is."""
    try:
        return list(json.loads((cache / "v" / "cache" / "lastfailed").read_text()))
    except FileNotFoundError:
        return []
