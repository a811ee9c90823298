"""Long-running checks of `bin/prove`, other than chaos.

`soak.py` looks for leaks in a server whose clients come and go for many minutes, `large.py` for reads that grow with
the length of a log. `environment.py` runs the engines and servers for both, and `watched_server.py` is the server with
a count of its tasks.
"""
