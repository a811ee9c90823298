"""Runs `examples/echo.py` as `python -m realtime.echo`, the command of conformance suites."""

import runpy

if __name__ == "__main__":
    runpy.run_module("examples.echo", run_name="__main__", alter_sys=True)
