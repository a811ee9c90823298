"""The delivery check (run by `bench/check_delivery.py`): do all members get every acknowledged message, once, in order?

`client.py` is a client with random faults of its own (it disconnects, retries, resumes and changes its transport) on
any of the `transports.py`. `temporary_members.py` adds users to groups and removes them again. Both record what they
receive as `evidence.py`; `http_api.py` reads over HTTP what the server stored. `invariants.py` compares the two.
"""
