"""Measurements and long proofs. `suite.py` is `bin/bench`: it measures the `scenarios.py` and writes the page.

`measure/` has one module per kind of scenario, `launcher.py` starts the systems under test (our server, `reference/` or
another `revision.py` of ours), and `load/` generates the load. `results.py` stores the figures, `comparison.py`
compares two revisions, and `report/` renders tables, plots and the page. `proofs/` and `chaos/` are run by `bin/prove`;
`check_delivery.py` with `delivery/` checks the delivery guarantees of any running server. `storm.py` and
`store_calls.py` measure reconnects and single DynamoDB calls.
"""
