"""Messaging: what people say.

`models` is a message as its group's log holds it. `services` holds every action, `proposals/` the rules of each that
depend on the log's end, `typing_throttle` how often typing is published; `selectors` reads for a caller.
`change_events` turns log entries into the changes that `events` and `event_serializers` describe. The entry points are
`views` (HTTP) and `consumers` (sockets), with the same input `serializers`. `connecting` connects a client, `joining`
adds a connection to the rooms of its user's groups, `session_expiry` closes it when its session is over; `shutdown`
tells all clients that this process is about to stop. `unread` finds and marks what is unread from a message on,
`reading` says what is left unread.
"""
