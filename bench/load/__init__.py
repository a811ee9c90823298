"""The load generator: lightweight Socket.IO clients, closed-loop and open-loop workloads, and a check of deliveries.

`client.py` is one connection and what sends through it, `client_pool.py` the members of a `fixture.py`'s groups.
`run.py` puts a workload on one server and `interleaved.py` on several in turn. `recorder.py` collects what was sent and
received, `usage.py` CPU and memory, `verdict.py` counts lost, duplicate and reordered deliveries.
"""
