"""What `bin/prove search` runs beside engines of its own: `corpus` makes messages in twelve languages, `filling` writes
them into logs and hands them to the follower, `asking` searches and compares with a plain scan, `findable` measures
when changes are found; `process` is the one process that does this. `engines` has the CPU time of MongoDB.
"""
