"""What every other package may use, and what imports none of them.

`errors` is the tree of errors that a caller can receive, `error_serializers` their shape on the wire. `limits/` is how
much one caller may do. `validation` and `fields` check input for HTTP, sockets and pages alike, `cursors` make and read
those of lists; `api` has the defaults of the HTTP views. `ids` makes and parses ids. `tasks` and `per_loop` help with
asyncio, `log_throttle`, `backoff`, `finishing` and `redis_retry` with engines that are down or busy, `created_files`
with processes that start together.
"""
