"""The delivery check (run by `bench/check_delivery.py`): do all members get every acknowledged message, once, in order?

`client.py` is a client with random faults of its own (it disconnects, retries, resumes and changes its transport) on
any of the `transports.py`; what it receives is in `listener.py`. `temporary_members.py` adds users to groups and
removes them again. Both record what they send and receive as `evidence.py`; `http_api.py` reads over HTTP what the
server stored. `invariants.py` compares them: what was sent with what is stored (`contents.py`, `operations.py`), and
that with what was received. What is certain about the order of concurrent requests is in `happened_before.py`; what is
found is a `violation.py`.
"""
