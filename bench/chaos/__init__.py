"""Fault injection: checks that clients lose nothing while servers, Redis and the link to DynamoDB fail.

`cluster.py` starts several servers behind a load balancer (`proxy.py`, a TCP proxy that can cut or stall its
connections), each a `managed_process.py` that ends with its parent (`die_with_parent.py`). `faults.py` injects faults
at random while the delivery check (`bench/check_delivery.py`) runs; `run.py` combines the two, and `__main__.py` is
`bin/prove chaos`.
"""
