"""The hub of a process: rooms whose connections receive the changes of a log, each once and in the log's order.

`hub` owns the rooms, `room` orders and delivers `change`s, `frame` encodes them, `connection` writes to a client's
`client_channel`. `link` carries changes between processes; what it loses is read from the `log_source`, as `head_check`
and `membership_check` find out. `missed_changes`, by `shared_reads`, serves clients that reconnect; `broadcast` sends
transient events to several rooms.
"""
