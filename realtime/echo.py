"""`python -m realtime.echo`: the address that conformance suites know; the application is `examples/echo.py`."""

import runpy

if __name__ == "__main__":
    runpy.run_module("examples.echo", run_name="__main__", alter_sys=True)
