"""The hub of a process: rooms whose connections receive the changes of a log, each once and in the log's order.

`hub` owns the rooms, `room` orders and delivers `change`s, `event_batch` encodes them once for all connections,
`connection` writes to a client's `client_channel`. `link` carries changes between processes, for `topics`, over a
channel `layer` that takes `batches`; `head_check` and `membership_check` find what it lost and read it from the
`log_source`. `missed_changes`, by `shared_reads`, serves clients that reconnect; `broadcast` sends transient events to
several rooms, `user_connections` events to one user. `commands` runs what management commands do.
"""
