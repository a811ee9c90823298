"""The CPU time of the engine that has the index: of a `mongod` that whoever started this process has started too."""

import psutil


def engine_seconds() -> float:
    """Return the CPU time of it so far, in seconds; 0 where there is none."""
    parent = psutil.Process().parent()
    beside = parent.children(recursive=True) if parent else []
    times = [each.cpu_times() for each in beside if each.name().startswith("mongod")]
    return float(sum(each.user + each.system for each in times))
