"""Engine.IO 4: one session over polling, a websocket, or an upgrade from one to the other (docs/realtime.md).

`session` is a client's session; `server` keeps those of this process, and reaches those of others through `cluster` by
the `operations`. A client comes in through `polling` or `websocket_consumer`; `upgrade` is a websocket that is to
replace polling, `relayed_websocket` and `remote_socket` are the ends of one whose session lives in another process.
The cluster publishes and subscribes by a connection of its own (`reconnecting_redis`, `redis_connection`), for PUBLISH
says whether a process is there. `deduplicator` knows repeated requests, `heartbeat` pings, `packets` is the codec,
`contract` holds the types between.
"""
