"""Long-running checks of `bin/prove`, other than chaos.

`soak.py` looks for leaks in a server whose clients come and go for many minutes, `large.py` for reads that grow with
the length of a log, `hostile.py` for what hostile clients cost the honest ones of `honest.py`. `environment.py` runs
the engines and servers for all, and `watched_server.py` is the server with a count of its tasks.
"""
