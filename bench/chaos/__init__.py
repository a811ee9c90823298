"""Fault injection: checks that clients lose nothing while servers, Redis, MongoDB and the way to DynamoDB fail.

`cluster.py` starts several servers behind a load balancer (`proxy.py`, a TCP proxy that can cut or stall its
connections), each a `managed_process.py` that ends with its parent (`die_with_parent.py`), and engines of its own
(`engine_process.py`). `store_proxy.py` fails as DynamoDB does. `faults.py` injects faults at random while the delivery
check (`bench/check_delivery.py`) runs; `run.py` combines the two, and `__main__.py` is `bin/prove chaos`.
"""
