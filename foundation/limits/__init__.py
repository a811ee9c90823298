"""How much one caller may do (docs/limits.md).

`rates` reads the setting, `address` finds the client's address. `shared` counts requests in Redis, over all processes;
`bucket` counts events in the memory of this process; `connections` bounds connections that have not signed in yet.
"""
