"""What `bin/prove followers` runs: followers whose results show whether an entry was skipped or out of order.

`ledgers` has the followers, `process` the child processes that write, follow, delete and verify; `plan` says what for.
"""
