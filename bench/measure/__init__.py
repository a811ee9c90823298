"""One module per kind of scenario, each with `measure(runner, scenario)`.

`dispatch.py` picks the module; `runner.py` has what they share: how many pairs of runs to make, the systems under test,
and where the figures go.
"""
